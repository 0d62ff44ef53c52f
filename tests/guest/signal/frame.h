/*
 * The frame of a signal handler, as Linux lays it on the stack of an x86-64
 * program: struct ucontext behind the return address, struct siginfo behind
 * that, the floating-point state above both.
 *
 * Entry points: frame_fpstate, has_xsave, cpu_xfeatures, cpu_xstate_size,
 * has_avx, ymm_offset, get_mxcsr, set_mxcsr, get_fcw, set_fcw, catch_with.
 */
#pragma once

#include "tap.h"
#include <cpuid.h>
#include <setjmp.h>
#include <stdint.h>
#include <ucontext.h>

#define UC_FP_XSTATE	     1
#define UC_SIGCONTEXT_SS     2
#define UC_STRICT_RESTORE_SS 4
#define UCONTEXT_SIZE	     304 /* the kernel's; the C library's is longer */
#define MAGIC1		     0x46505853U
#define MAGIC2		     0x46505845U

/* The first 512 bytes of the floating-point state. */
struct fpstate {
	uint16_t cwd, swd, twd, fop;
	uint64_t rip, rdp;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t st[8][16];
	uint8_t xmm[16][16];
	uint32_t reserved[12];
	uint32_t magic1, extended_size;
	uint64_t xfeatures;
	uint32_t xstate_size, padding[7];
	/* With magic1: XSAVE's header follows. */
	uint64_t xstate_bv, xcomp_bv, header[6];
};

static inline struct fpstate *frame_fpstate(void *context)
{
	return (struct fpstate *)((ucontext_t *)context)->uc_mcontext.fpregs;
}

static inline int has_xsave(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_OSXSAVE);
}

/* cpu_xfeatures - XCR0: the state components that are switched on. */
static inline uint64_t cpu_xfeatures(void)
{
	uint32_t lo, hi;

	__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
	return lo | (uint64_t)hi << 32;
}

static inline uint32_t cpu_xstate_size(void)
{
	unsigned int a, b, c, d;

	__cpuid_count(13, 0, a, b, c, d);
	return b;
}

/* has_avx, ymm_offset - and where the upper halves lie in the state. */
static inline int has_avx(void)
{
	return has_xsave() && (cpu_xfeatures() & 4);
}

static inline uint32_t ymm_offset(void)
{
	unsigned int a, b, c, d;

	__cpuid_count(13, 2, a, b, c, d);
	return b;
}

static inline uint32_t get_mxcsr(void)
{
	uint32_t value;

	__asm__ volatile("stmxcsr %0" : "=m"(value));
	return value;
}

static inline void set_mxcsr(uint32_t value)
{
	__asm__ volatile("ldmxcsr %0" : : "m"(value));
}

static inline uint16_t get_fcw(void)
{
	uint16_t value;

	__asm__ volatile("fnstcw %0" : "=m"(value));
	return value;
}

static inline void set_fcw(uint16_t value)
{
	__asm__ volatile("fldcw %0" : : "m"(value));
}

/* catch_with - HANDLER takes SIG, with siginfo. */
static inline void catch_with(int sig,
			      void (*handler)(int, siginfo_t *, void *),
			      int flags)
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = flags | SA_SIGINFO};

	if (sigaction(sig, &action, NULL))
		bail("sigaction");
}
