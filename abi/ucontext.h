/*
 * ucontext.h - the frame a signal handler finds on its stack.
 */
#pragma once

#include <abi/signal.h>
#include <abi/types.h>

struct _fpx_sw_bytes {
	u32 magic1;
	u32 extended_size;
	u64 xfeatures;
	u32 xstate_size;
	u32 padding[7];
};

struct _fpreg {
	u16 significand[4];
	u16 exponent;
};

struct _fpxreg {
	u16 significand[4];
	u16 exponent;
	u16 padding[3];
};

struct _xmmreg {
	u32 element[4];
};

/* The FXSAVE image; what follows it when magic1 is there is XSAVE's. */
struct _fpstate_64 {
	u16 cwd;
	u16 swd;
	u16 twd;
	u16 fop;
	u64 rip;
	u64 rdp;
	u32 mxcsr;
	u32 mxcsr_mask;
	u32 st_space[32];
	u32 xmm_space[64];
	u32 reserved2[12];
	union {
		u32 reserved3[12];
		struct _fpx_sw_bytes sw_reserved;
	};
};

#define FP_XSTATE_MAGIC1      0x46505853U
#define FP_XSTATE_MAGIC2      0x46505845U
#define FP_XSTATE_MAGIC2_SIZE sizeof(FP_XSTATE_MAGIC2)

/* The registers; also called struct sigcontext_64. */
struct sigcontext {
	u64 r8;
	u64 r9;
	u64 r10;
	u64 r11;
	u64 r12;
	u64 r13;
	u64 r14;
	u64 r15;
	u64 di;
	u64 si;
	u64 bp;
	u64 bx;
	u64 dx;
	u64 ax;
	u64 cx;
	u64 sp;
	u64 ip;
	u64 flags;
	u16 cs;
	u16 gs;
	u16 fs;
	u16 ss;
	u64 err;
	u64 trapno;
	u64 oldmask;
	u64 cr2;
	u64 fpstate; /* address of a struct _fpstate_64, or 0 */
	u64 reserved1[8];
};

/* uc_flags */
#define UC_FP_XSTATE	     0x1
#define UC_SIGCONTEXT_SS     0x2
#define UC_STRICT_RESTORE_SS 0x4

struct ucontext {
	unsigned long uc_flags;
	struct ucontext __user *uc_link;
	stack_t uc_stack;
	struct sigcontext uc_mcontext;
	sigset_t uc_sigmask;
};

/* What lies at the stack pointer when a handler begins. */
struct rt_sigframe {
	u64 pretcode; /* SA_RESTORER's address: the handler returns there */
	struct ucontext uc;
	siginfo_t info;
};
