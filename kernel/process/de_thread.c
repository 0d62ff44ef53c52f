/*
 * de_thread.c - exec by one of many threads: the others die, and the caller
 * becomes the leader with the process's id.
 *
 * Locks: siglock to stop the others; tasklist_lock to take the leader's place.
 *
 * Entry points: de_thread, unshare_sighand.
 */
#include <kernel/process/exec.h>

#include <abi/errno.h>
#include <kernel/arch/smp.h>
#include <kernel/base/refcount.h>
#include <kernel/lib/string.h>
#include <kernel/process/exit.h>
#include <kernel/process/internal.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

/* Kill the others; -EAGAIN if somebody ends the process first. */
static int exec_begin_zap(struct task_struct *task)
{
	struct signal_struct *sig = task->signal;
	int err = -EAGAIN;

	spin_lock_irq(&task->sighand->siglock);
	if (!(sig->flags & SIGNAL_GROUP_EXIT) && !sig->group_exec_task) {
		sig->group_exec_task = task;
		sig->notify_count = zap_other_threads(task);
		/* A leader stays as a zombie: it is waited for below. */
		if (!thread_group_leader(task))
			sig->notify_count--;
		err = 0;
	}
	spin_unlock_irq(&task->sighand->siglock);
	return err;
}

/* Wait until all threads but the leader are released. */
static int exec_wait_threads(struct task_struct *task)
{
	struct signal_struct *sig = task->signal;
	int left;

	for (;;) {
		spin_lock_irq(&task->sighand->siglock);
		left = sig->notify_count;
		set_current_state(TASK_KILLABLE);
		spin_unlock_irq(&task->sighand->siglock);
		if (left == 0)
			break;
		schedule();
		if (__fatal_signal_pending(task))
			return -EAGAIN;
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* Wait until the leader is a zombie; tasklist_lock is held on success. */
static int exec_wait_leader(struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;

	for (;;) {
		spin_lock_irq(&tasklist_lock);
		/* exit_notify wakes us. */
		task->signal->notify_count = -1;
		if (leader->exit_state)
			return 0;
		set_current_state(TASK_KILLABLE);
		spin_unlock_irq(&tasklist_lock);
		schedule();
		if (__fatal_signal_pending(task))
			return -EAGAIN;
	}
}

/* @task takes the dead leader's ids and family; tasklist_lock held. */
static void exec_become_leader(struct task_struct *task,
			       struct task_struct *leader)
{
	task->start_time_ns = leader->start_time_ns;
	task->start_boottime_ns = leader->start_boottime_ns;

	exchange_tids(task, leader);
	transfer_pid(leader, task, PIDTYPE_TGID);
	transfer_pid(leader, task, PIDTYPE_PGID);
	transfer_pid(leader, task, PIDTYPE_SID);
	list_replace_init(&leader->tasks, &task->tasks);
	list_replace_init(&leader->sibling, &task->sibling);

	task->group_leader = task;
	leader->group_leader = task;
	task->exit_signal = SIGCHLD;
	leader->exit_signal = -1;
	/* The parent may not reap it under us. */
	leader->exit_state = EXIT_DEAD;
}

static void exec_zap_done(struct task_struct *task)
{
	spin_lock_irq(&tasklist_lock);
	task->signal->group_exec_task = NULL;
	task->signal->notify_count = 0;
	spin_unlock_irq(&tasklist_lock);
}

/* de_thread - see exec.h. */
int de_thread(struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	int err;

	if (thread_group_empty(task)) {
		task->exit_signal = SIGCHLD;
		return 0;
	}
	err = exec_begin_zap(task);
	if (err)
		return err;
	err = exec_wait_threads(task);
	if (err)
		goto zap_done;
	if (leader != task) {
		err = exec_wait_leader(task);
		if (err)
			goto zap_done;
		exec_become_leader(task, leader);
		spin_unlock_irq(&tasklist_lock);
		release_task(leader);
	}
	task->exit_signal = SIGCHLD;
zap_done:
	exec_zap_done(task);
	return err;
}

static void nothing(void *unused)
{
	(void)unused;
}

/* unshare_sighand - see exec.h. */
int unshare_sighand(struct task_struct *task)
{
	struct sighand_struct *old = task->sighand;
	struct sighand_struct *new;

	if (refcount_read(&old->count) == 1)
		return 0;
	new = sighand_alloc();
	if (!new)
		return -ENOMEM;
	spin_lock_irq(&tasklist_lock);
	spin_lock(&old->siglock);
	memcpy(new->action, old->action, sizeof(new->action));
	WRITE_ONCE(task->sighand, new);
	spin_unlock(&old->siglock);
	spin_unlock_irq(&tasklist_lock);
	/* lock_task_sighand on another CPU may still look at the old one, with
	 * interrupts off: when all CPUs have answered, none does. */
	smp_call_function(nothing, NULL, true);
	__cleanup_sighand(old);
	return 0;
}
