/*
 * rseq.c - restartable sequences: short pieces of a program that either run to
 * their end on one CPU, undisturbed, or go on at an abort address.
 *
 * A thread registers a struct rseq of its own.  It says there in which critical
 * section it is; the kernel writes there on which CPU it runs.  Whoever takes
 * the CPU from a registered thread marks it (rseq_event, TIF_RSEQ), and only a
 * thread so marked looks at its area on the way back: calls and interrupts of
 * others cost the one test of thread_flags.
 *
 * Flags in either structure, and a section without the signature before its
 * abort address, kill: an attacker who can write to the area gains no jump.
 *
 * Locks: none; everything is current's own.
 *
 * Entry points: ksys_rseq, rseq_resume, rseq_signal_deliver, rseq_fork,
 * rseq_execve.
 */
#include <kernel/process/rseq.h>

#include <abi/errno.h>
#include <abi/rseq.h>
#include <abi/sched.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/ptrace_regs.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>
#include <kernel/process/signal.h>

/* A section's addresses must make sense before one of them is jumped to. */
static int check_section(const struct rseq_cs *cs)
{
	u64 end = cs->start_ip + cs->post_commit_offset;
	u32 sig;

	if (cs->start_ip >= TASK_SIZE_MAX || end >= TASK_SIZE_MAX ||
	    cs->abort_ip >= TASK_SIZE_MAX || cs->version != 0)
		return -EINVAL;
	if (end < cs->start_ip)
		return -EINVAL;
	if (cs->abort_ip - cs->start_ip < cs->post_commit_offset)
		return -EINVAL;
	if (get_user(sig, (const u32 __user *)(cs->abort_ip - sizeof(sig))))
		return -EFAULT;
	if (sig == current->rseq_sig)
		return 0;
	if (printk_ratelimit())
		pr_warn("rseq: signature 0x%x before the abort address, not "
			"0x%x (%s[%d])\n",
			sig, current->rseq_sig, current->comm, current->pid);
	return -EINVAL;
}

/* *@cs becomes the section the area points to, all zero if to none. */
static int read_section(struct rseq_cs *cs)
{
	u64 address;

	*cs = (struct rseq_cs){0};
	if (get_user(address, &current->rseq->rseq_cs))
		return -EFAULT;
	if (!address)
		return 0;
	if (address >= TASK_SIZE_MAX)
		return -EINVAL;
	if (copy_from_user(cs, (const void __user *)address, sizeof(*cs)))
		return -EFAULT;
	return check_section(cs);
}

static int leave_section(void)
{
	return put_user(0, &current->rseq->rseq_cs);
}

/* In a section that was disturbed: to its abort address. */
static int fix_ip(struct pt_regs *regs)
{
	struct rseq_cs cs;
	u32 flags;
	int err;

	err = read_section(&cs);
	if (err)
		return err;
	if (regs->ip - cs.start_ip >= cs.post_commit_offset)
		return leave_section();
	if (get_user(flags, &current->rseq->flags))
		return -EFAULT;
	if (flags || cs.flags)
		return -EINVAL;
	if (!current->rseq_event)
		return 0;
	current->rseq_event = false;
	err = leave_section();
	if (!err)
		regs->ip = cs.abort_ip;
	return err;
}

static int write_cpu(u32 start, u32 id)
{
	if (put_user(start, &current->rseq->cpu_id_start) ||
	    put_user(id, &current->rseq->cpu_id))
		return -EFAULT;
	return 0;
}

/* @sig: the signal that is being delivered, 0: none. */
static void handle(int sig, struct pt_regs *regs)
{
	u32 cpu;

	if (!current->rseq || (current->flags & PF_EXITING))
		return;
	if (!fix_ip(regs)) {
		/* Moved from here on, we are marked and come again. */
		cpu = smp_processor_id();
		if (!write_cpu(cpu, cpu))
			return;
	}
	force_sigsegv(sig);
}

/* rseq_resume - see rseq.h. */
void rseq_resume(struct pt_regs *regs)
{
	clear_thread_flag(TIF_RSEQ);
	handle(0, regs);
}

/* rseq_signal_deliver - see rseq.h. */
void rseq_signal_deliver(int sig, struct pt_regs *regs)
{
	if (likely(!current->rseq))
		return;
	current->rseq_event = true;
	handle(sig, regs);
}

static int unregister(struct rseq __user *area, u32 size, int flags, u32 sig)
{
	if (flags != RSEQ_FLAG_UNREGISTER || !current->rseq ||
	    current->rseq != area || size != sizeof(*area))
		return -EINVAL;
	if (current->rseq_sig != sig)
		return -EPERM;
	if (write_cpu(0, (u32)RSEQ_CPU_ID_UNINITIALIZED))
		return -EFAULT;
	rseq_execve();
	return 0;
}

/* ksys_rseq - see rseq.h. */
int ksys_rseq(struct rseq __user *area, u32 size, int flags, u32 sig)
{
	if (flags & RSEQ_FLAG_UNREGISTER)
		return unregister(area, size, flags, sig);
	if (flags)
		return -EINVAL;
	if (current->rseq) {
		if (current->rseq != area || size != sizeof(*area))
			return -EINVAL;
		return current->rseq_sig == sig ? -EBUSY : -EPERM;
	}
	if ((unsigned long)area % _Alignof(struct rseq) ||
	    size != sizeof(*area))
		return -EINVAL;
	if (!access_ok(area, size))
		return -EFAULT;
	current->rseq = area;
	current->rseq_sig = sig;
	/* The way back writes the CPU. */
	set_thread_flag(TIF_RSEQ);
	return 0;
}

/* rseq_fork - see rseq.h.  Everything else was copied with the task. */
void rseq_fork(struct task_struct *child, u64 clone_flags)
{
	if (clone_flags & CLONE_VM) {
		child->rseq = NULL;
		child->rseq_sig = 0;
		child->rseq_event = false;
	} else if (child->rseq) {
		/* Its CPU may be another one. */
		child->rseq_event = true;
		set_tsk_thread_flag(child, TIF_RSEQ);
	}
}

/* rseq_execve - see rseq.h. */
void rseq_execve(void)
{
	current->rseq = NULL;
	current->rseq_sig = 0;
	current->rseq_event = false;
}
