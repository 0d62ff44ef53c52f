/*
 * rseq.h - restartable sequences, rseq(2).
 *
 * The scheduler (kernel/sched/core.c) sets TIF_RSEQ and rseq_event of a
 * registered task that leaves its CPU; the rest is here.
 *
 * Entry points: ksys_rseq, rseq_resume, rseq_signal_deliver, rseq_interrupt,
 * rseq_fork, rseq_execve.
 */
#pragma once

#include <kernel/types/task.h>

struct pt_regs;
struct rseq;

/*
 * ksys_rseq - the call: registers @area of @size bytes with signature @sig for
 * current, or (@flags RSEQ_FLAG_UNREGISTER) takes it away.  0, -EINVAL, -EPERM
 * (another signature), -EBUSY (registered already), -EFAULT.
 */
int ksys_rseq(struct rseq __user *area, u32 size, int flags, u32 sig);

/*
 * rseq_resume - on the way to user mode with TIF_RSEQ: a critical section that
 * was disturbed goes on at its abort address, and the area tells the CPU.  What
 * cannot be read or is wrong forces SIGSEGV.  May sleep.
 */
void rseq_resume(struct pt_regs *regs);

/* rseq_signal_deliver - a handler of @sig is about to get its frame. */
void rseq_signal_deliver(int sig, struct pt_regs *regs);

/* rseq_interrupt - abort the critical section current may be in (membarrier).
 * Any context. */
static inline void rseq_interrupt(void)
{
	if (!current->rseq)
		return;
	current->rseq_event = true;
	set_thread_flag(TIF_RSEQ);
}

/* rseq_fork - @child's copy of current's registration; none if memory is
 * shared.  rseq_execve - a new program has none. */
void rseq_fork(struct task_struct *child, u64 clone_flags);
void rseq_execve(void);
