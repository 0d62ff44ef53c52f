/*
 * show_task.c - tasks in the log: what they are, and where they sleep.
 *
 * Entry points: show_state_filter.
 */
#include <kernel/process/show_task.h>

#include <kernel/arch/context.h>
#include <kernel/arch/stacktrace.h>
#include <kernel/base/backtrace.h>
#include <kernel/base/printk.h>
#include <kernel/process/internal.h>
#include <kernel/process/pid.h>
#include <kernel/sched/core.h>
#include <kernel/sched/stats.h>

static void show_task(struct task_struct *task)
{
	unsigned long addrs[BACKTRACE_MAX];

	pr_info("task:%-15.15s state:%c pid:%-5d ppid:%-6d flags:0x%08lx\n",
		task->comm, task_state_char(task), task->pid,
		task_ppid_nr(task), (unsigned long)task->flags);
	if (task != current && READ_ONCE(task->on_cpu))
		return; /* its stack is in use */
	backtrace_print(addrs,
			stack_trace_save_tsk(addrs, BACKTRACE_MAX, task));
}

/* show_state_filter - see show_task.h. */
void show_state_filter(char state)
{
	struct task_struct *task;
	pid_t nr;

	for (nr = 1; (task = next_tid(nr)); nr++) {
		nr = task->pid;
		if (!state || task_state_char(task) == state)
			show_task(task);
		put_task_struct(task);
		(void)cond_resched();
	}
}
