/*
 * The registers of a program, as they lie at the top of its kernel stack.
 *
 * The layout is Linux's struct pt_regs, which is also how a stack trace, gdb
 * and ptrace's user_regs_struct see them.
 *
 * Entry points: struct pt_regs, user_mode, regs_return_value.
 */
#pragma once

#include <abi/ptrace.h> /* struct user_regs_struct */
#include <abi/types.h>
#include <kernel/arch/percpu.h>

struct pt_regs {
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
	unsigned long orig_ax; /* call number; -1: not in a system call */
	unsigned long ip;
	unsigned long cs;
	unsigned long flags;
	unsigned long sp;
	unsigned long ss;
};

struct task_struct;

#define X86_EFLAGS_CF	 0x00000001UL
#define X86_EFLAGS_FIXED 0x00000002UL
#define X86_EFLAGS_PF	 0x00000004UL
#define X86_EFLAGS_AF	 0x00000010UL
#define X86_EFLAGS_ZF	 0x00000040UL
#define X86_EFLAGS_SF	 0x00000080UL
#define X86_EFLAGS_TF	 0x00000100UL
#define X86_EFLAGS_IF	 0x00000200UL
#define X86_EFLAGS_DF	 0x00000400UL
#define X86_EFLAGS_OF	 0x00000800UL
#define X86_EFLAGS_IOPL	 0x00003000UL
#define X86_EFLAGS_NT	 0x00004000UL
#define X86_EFLAGS_RF	 0x00010000UL
#define X86_EFLAGS_AC	 0x00040000UL
#define X86_EFLAGS_ID	 0x00200000UL

/* Did these registers interrupt a program, not the kernel? */
static inline bool user_mode(const struct pt_regs *regs)
{
	return regs->cs & 3;
}

static inline unsigned long instruction_pointer(const struct pt_regs *regs)
{
	return regs->ip;
}

static inline unsigned long user_stack_pointer(const struct pt_regs *regs)
{
	return regs->sp;
}

static inline long regs_return_value(const struct pt_regs *regs)
{
	return (long)regs->ax;
}

static inline void regs_set_return_value(struct pt_regs *regs, long value)
{
	regs->ax = (unsigned long)value;
}

/* A task that is stopped or current, as ptrace and core files show it. */
void task_get_user_regs(struct task_struct *task, struct user_regs_struct *out);

/*
 * task_set_user_regs - the reverse, for a stopped task.  Flags and selectors
 * that a program may not choose keep their value; -EIO for a base address
 * outside the user half, nothing is changed then.
 */
int task_set_user_regs(struct task_struct *task,
		       const struct user_regs_struct *in);

/* The frame of the interrupt being served on this CPU, NULL outside; set by
 * the interrupt entry, so that the tick can tell user from system time. */
DECLARE_PER_CPU(struct pt_regs *, irq_regs);
