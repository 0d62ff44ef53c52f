/*
 * hooks.c - what lower layers ask of processes: the functions they call
 * through tables, as they may not include this folder.
 *
 * Entry points: process_hooks_init.
 */
#include <abi/signal.h>
#include <fs/vfs/fasync.h>
#include <kernel/mm/oom.h>
#include <kernel/process/cpu_timer.h>
#include <kernel/process/internal.h>
#include <kernel/process/workqueue.h>
#include <kernel/sched/core.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/send_sig.h>
#include <kernel/time/clock.h>

static void process_tick(struct task_struct *task, bool user_mode)
{
	(void)user_mode;
	run_posix_cpu_timers(task);
}

static void clock_work_fn(struct work_struct *work)
{
	(void)work;
	clock_was_set();
}

/* The clock jumped in an interrupt: a leap second. */
static void defer_clock_was_set(void)
{
	static DECLARE_WORK(clock_work, clock_work_fn);

	(void)schedule_work(&clock_work);
}

/* The process to die when memory is out, with a reference. */
static struct task_struct *oom_select_task(
	long (*badness)(struct task_struct *), long *points)
{
	struct task_struct *chosen = NULL;
	struct task_struct *task;
	long worst = INT64_MIN;
	long score;

	spin_lock_irq(&tasklist_lock);
	for_each_process (task) {
		if ((task->flags & PF_KTHREAD) || is_global_init(task))
			continue;
		score = badness(task);
		if (score == INT64_MIN || (chosen && score <= worst))
			continue;
		worst = score;
		chosen = task;
	}
	if (chosen)
		get_task_struct(chosen);
	spin_unlock_irq(&tasklist_lock);
	*points = worst;
	return chosen;
}

static void oom_kill_task(struct task_struct *victim)
{
	(void)do_send_sig_info(SIGKILL, SEND_SIG_PRIV, victim, PIDTYPE_TGID);
	put_task_struct(victim);
}

static bool oom_task_is_dying(struct task_struct *task)
{
	return (READ_ONCE(task->signal->flags) & SIGNAL_GROUP_EXIT) ||
	       (task->flags & PF_EXITING);
}

/* Lines are logged in it, so without tasklist_lock. */
static void oom_for_each_task(void (*fn)(struct task_struct *task))
{
	struct task_struct *task;
	pid_t nr = 1;

	while ((task = next_tgid(nr))) {
		nr = task->tgid + 1;
		if (!(task->flags & PF_KTHREAD) && !is_global_init(task))
			fn(task);
		put_task_struct(task);
	}
}

static const struct oom_ops process_oom_ops = {
	.select = oom_select_task,
	.kill = oom_kill_task,
	.uid = task_uid,
	.is_dying = oom_task_is_dying,
	.for_each = oom_for_each_task,
};

/* process_hooks_init - fill them all; once, at boot. */
void process_hooks_init(void)
{
	sched_set_tick_hook(process_tick);
	clock_set_defer(defer_clock_was_set);
	send_sig_hook = send_sig;
	oom_set_ops(&process_oom_ops);
	set_fasync_ops(&sigio_ops);
}
