/*
 * pid_run.c - where a task is and how it runs: wchan, stack, syscall,
 * personality, proc(5).
 *
 * A task may go on at any moment; what is told was true when it was looked at.
 *
 * Entry points: those of internal.h.
 */
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <kernel/arch/context.h>
#include <kernel/arch/stacktrace.h>
#include <kernel/base/kallsyms.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/task.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/stats.h>

#define STACK_FRAMES 32

/* proc_wchan_show - the kernel function the task sleeps in, or 0. */
int proc_wchan_show(struct seq_file *m, struct task_struct *task)
{
	char name[KSYM_NAME_LEN];
	unsigned long addr = 0;

	if (ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		addr = task_wchan(task);
	if (addr && kallsyms_lookup(addr, name, NULL, NULL))
		seq_puts(m, name);
	else
		seq_putc(m, '0');
	return 0;
}

/* How many of @addrs are the scheduler's own, from the innermost on. */
static unsigned int scheduler_frames(struct task_struct *task,
				     const unsigned long *addrs, unsigned int n)
{
	unsigned long wchan = task_wchan(task);
	unsigned int i;

	for (i = 0; wchan && i < n; i++) {
		if (addrs[i] == wchan)
			return i;
	}
	return 0;
}

/* proc_stack_show - its way there, for CAP_SYS_ADMIN. */
int proc_stack_show(struct seq_file *m, struct task_struct *task)
{
	unsigned long addrs[STACK_FRAMES];
	unsigned int i, n;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH_FSCREDS))
		return -EPERM;
	if (task != current && READ_ONCE(task->on_cpu))
		return 0;
	n = stack_trace_save_tsk(addrs, STACK_FRAMES, task);
	for (i = scheduler_frames(task, addrs, n); i < n; i++)
		seq_printf(m, "[<0>] %pS\n", (void *)addrs[i]);
	return 0;
}

/*
 * proc_syscall_show - the call it waits in: number, arguments, stack pointer
 * and instruction; "-1" and the last two where it waits for something else.
 */
int proc_syscall_show(struct seq_file *m, struct task_struct *task)
{
	const struct pt_regs *regs = task_pt_regs(task);
	long nr;

	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH_FSCREDS))
		return -EPERM;
	if (task->flags & PF_KTHREAD) {
		seq_puts(m, "0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n");
		return 0;
	}
	if (task != current && (READ_ONCE(task->on_cpu) ||
				READ_ONCE(task->__state) == TASK_RUNNING)) {
		seq_puts(m, "running\n");
		return 0;
	}
	nr = (int)regs->orig_ax;
	if (nr < 0) {
		seq_printf(m, "%ld 0x%lx 0x%lx\n", nr, regs->sp, regs->ip);
		return 0;
	}
	seq_printf(m, "%ld 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx 0x%lx\n",
		   nr, regs->di, regs->si, regs->dx, regs->r10, regs->r8,
		   regs->r9, regs->sp, regs->ip);
	return 0;
}

/* proc_personality_show - personality(2). */
int proc_personality_show(struct seq_file *m, struct task_struct *task)
{
	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH_FSCREDS))
		return -EPERM;
	seq_printf(m, "%08x\n", task->personality);
	return 0;
}
