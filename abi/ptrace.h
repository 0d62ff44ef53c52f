/*
 * ptrace.h - registers as a debugger sees them, and ptrace(2)'s requests.
 */
#pragma once

#include <abi/types.h>

struct user_regs_struct {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bp;
	unsigned long bx;
	unsigned long r11;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
	unsigned long cs;
	unsigned long flags;
	unsigned long sp;
	unsigned long ss;
	unsigned long fs_base;
	unsigned long gs_base;
	unsigned long ds;
	unsigned long es;
	unsigned long fs;
	unsigned long gs;
};

#define PTRACE_TRACEME		      0
#define PTRACE_PEEKTEXT		      1
#define PTRACE_PEEKDATA		      2
#define PTRACE_PEEKUSR		      3
#define PTRACE_POKETEXT		      4
#define PTRACE_POKEDATA		      5
#define PTRACE_POKEUSR		      6
#define PTRACE_CONT		      7
#define PTRACE_KILL		      8
#define PTRACE_SINGLESTEP	      9
#define PTRACE_ATTACH		      16
#define PTRACE_DETACH		      17
#define PTRACE_SYSCALL		      24
#define PTRACE_SETOPTIONS	      0x4200
#define PTRACE_GETEVENTMSG	      0x4201
#define PTRACE_GETSIGINFO	      0x4202
#define PTRACE_SETSIGINFO	      0x4203
#define PTRACE_GETREGSET	      0x4204
#define PTRACE_SETREGSET	      0x4205
#define PTRACE_SEIZE		      0x4206
#define PTRACE_INTERRUPT	      0x4207
#define PTRACE_LISTEN		      0x4208
#define PTRACE_PEEKSIGINFO	      0x4209
#define PTRACE_GETSIGMASK	      0x420a
#define PTRACE_SETSIGMASK	      0x420b
#define PTRACE_GET_SYSCALL_INFO	      0x420e
#define PTRACE_SYSCALL_INFO_NONE      0
#define PTRACE_SYSCALL_INFO_ENTRY     1
#define PTRACE_SYSCALL_INFO_EXIT      2
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f
#define PTRACE_EVENTMSG_SYSCALL_ENTRY 1
#define PTRACE_EVENTMSG_SYSCALL_EXIT  2
#define PTRACE_PEEKSIGINFO_SHARED     (1 << 0)
#define PTRACE_EVENT_FORK	      1
#define PTRACE_EVENT_VFORK	      2
#define PTRACE_EVENT_CLONE	      3
#define PTRACE_EVENT_EXEC	      4
#define PTRACE_EVENT_VFORK_DONE	      5
#define PTRACE_EVENT_EXIT	      6
#define PTRACE_EVENT_STOP	      128
#define PTRACE_O_TRACESYSGOOD	      1
#define PTRACE_O_TRACEFORK	      (1 << PTRACE_EVENT_FORK)
#define PTRACE_O_TRACEVFORK	      (1 << PTRACE_EVENT_VFORK)
#define PTRACE_O_TRACECLONE	      (1 << PTRACE_EVENT_CLONE)
#define PTRACE_O_TRACEEXEC	      (1 << PTRACE_EVENT_EXEC)
#define PTRACE_O_TRACEVFORKDONE	      (1 << PTRACE_EVENT_VFORK_DONE)
#define PTRACE_O_TRACEEXIT	      (1 << PTRACE_EVENT_EXIT)
#define PTRACE_O_EXITKILL	      (1 << 20)
#define PTRACE_GETREGS		      12
#define PTRACE_SETREGS		      13
#define PTRACE_GETFPREGS	      14
#define PTRACE_SETFPREGS	      15
#define PTRACE_GETFPXREGS	      18
#define PTRACE_SETFPXREGS	      19
#define PTRACE_GET_THREAD_AREA	      25
#define PTRACE_SET_THREAD_AREA	      26
#define PTRACE_ARCH_PRCTL	      30
#define PTRACE_SYSEMU		      31
#define PTRACE_SYSEMU_SINGLESTEP      32
#define PTRACE_SINGLEBLOCK	      33
