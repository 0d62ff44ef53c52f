/*
 * signal_stop.c - stopping and continuing whole processes.
 *
 * The thread that takes a stop signal sets JOBCTL_STOP_PENDING in all threads
 * and counts them in group_stop_count.  Each stops on its way to user mode and
 * counts down; the last one marks the group SIGNAL_STOP_STOPPED and tells the
 * parent.  SIGCONT wakes them at the moment it is sent (prepare_signal), and
 * the first thread that runs tells the parent (get_signal).
 *
 * Locks: siglock for all of it.
 *
 * Entry points: do_signal_stop, signal_continue, task_join_group_stop,
 * task_set_jobctl_pending, task_clear_jobctl_pending.
 */
#include <kernel/process/signal.h>

#include <kernel/process/internal.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

#define SIGNAL_CLD_MASK (SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED)
#define SIGNAL_STOP_MASK                                                       \
	(SIGNAL_CLD_MASK | SIGNAL_STOP_STOPPED | SIGNAL_STOP_CONTINUED)

static void signal_set_stop_flags(struct signal_struct *sig, unsigned int flags)
{
	sig->flags = (sig->flags & ~SIGNAL_STOP_MASK) | flags;
}

/* task_clear_jobctl_pending - @mask of JOBCTL_PENDING_MASK is off. */
void task_clear_jobctl_pending(struct task_struct *task, unsigned long mask)
{
	if (mask & JOBCTL_STOP_PENDING)
		mask |= JOBCTL_STOP_CONSUME | JOBCTL_STOP_DEQUEUED;
	task->jobctl &= ~mask;
}

/* task_set_jobctl_pending - ask @task to stop; false if it is dying. */
bool task_set_jobctl_pending(struct task_struct *task, unsigned long mask)
{
	if (fatal_signal_pending(task) || (task->flags & PF_EXITING))
		return false;
	if (mask & JOBCTL_STOP_SIGMASK)
		task->jobctl &= ~JOBCTL_STOP_SIGMASK;
	task->jobctl |= mask;
	return true;
}

/*
 * task_participate_group_stop - @task stops (or dies) as asked; true if it was
 * the last one, so the parent is to be told.
 */
bool task_participate_group_stop(struct task_struct *task)
{
	struct signal_struct *sig = task->signal;
	bool consume = task->jobctl & JOBCTL_STOP_CONSUME;

	task_clear_jobctl_pending(task, JOBCTL_STOP_PENDING);
	if (!consume)
		return false;
	if (sig->group_stop_count > 0)
		sig->group_stop_count--;
	if (sig->group_stop_count == 0 && !(sig->flags & SIGNAL_STOP_STOPPED)) {
		signal_set_stop_flags(sig, SIGNAL_STOP_STOPPED);
		return true;
	}
	return false;
}

/* task_join_group_stop - a new thread of a stopping process stops as well. */
void task_join_group_stop(struct task_struct *task)
{
	unsigned long mask = current->jobctl & JOBCTL_STOP_SIGMASK;
	struct signal_struct *sig = current->signal;

	if (sig->group_stop_count) {
		sig->group_stop_count++;
		mask |= JOBCTL_STOP_CONSUME;
	} else if (!(sig->flags & SIGNAL_STOP_STOPPED)) {
		return;
	}
	(void)task_set_jobctl_pending(task, mask | JOBCTL_STOP_PENDING);
}

/* Begin a stop of the whole process by @signr; false if it may not. */
static bool signal_stop_begin(int signr)
{
	const unsigned long gstop = JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME;
	struct signal_struct *sig = current->signal;
	struct task_struct *thread;

	/* A SIGCONT came after the stop was taken, or we are dying. */
	if (!(current->jobctl & JOBCTL_STOP_DEQUEUED) ||
	    (sig->flags & SIGNAL_GROUP_EXIT) || sig->group_exec_task)
		return false;
	if (!(sig->flags & SIGNAL_STOP_STOPPED))
		sig->group_exit_code = signr;
	sig->group_stop_count = 0;
	for_each_thread (current, thread) {
		if (thread != current &&
		    (READ_ONCE(thread->__state) & __TASK_STOPPED))
			continue;
		if (!task_set_jobctl_pending(thread, signr | gstop))
			continue;
		sig->group_stop_count++;
		if (thread != current)
			signal_wake_up(thread, false);
	}
	return current->jobctl & JOBCTL_STOP_PENDING;
}

/*
 * do_signal_stop - stop here: for @signr, or (0) because another thread took
 * the signal.
 *
 * siglock held; true: stopped and continued, and siglock has been released.
 */
bool do_signal_stop(int signr)
{
	bool notify;

	if (!(current->jobctl & JOBCTL_STOP_PENDING) &&
	    !signal_stop_begin(signr))
		return false;
	notify = task_participate_group_stop(current);
	set_current_state(TASK_STOPPED);
	spin_unlock_irq(&current->sighand->siglock);
	if (notify) {
		spin_lock_irq(&tasklist_lock);
		do_notify_parent_cldstop(current, false, CLD_STOPPED);
		spin_unlock_irq(&tasklist_lock);
	}
	schedule();
	return true;
}

/* signal_continue - SIGCONT is being sent: wake all.  siglock held. */
void signal_continue(struct task_struct *task)
{
	struct signal_struct *sig = task->signal;
	struct task_struct *thread;
	unsigned int why = 0;

	for_each_thread (task, thread) {
		task_clear_jobctl_pending(thread, JOBCTL_STOP_PENDING);
		(void)wake_up_state(thread, __TASK_STOPPED);
	}
	/* The first thread that runs tells the parent. */
	if (sig->flags & SIGNAL_STOP_STOPPED)
		why = SIGNAL_CLD_CONTINUED;
	else if (sig->group_stop_count)
		why = SIGNAL_CLD_STOPPED;
	if (why) {
		signal_set_stop_flags(sig, why | SIGNAL_STOP_CONTINUED);
		sig->group_stop_count = 0;
		sig->group_exit_code = 0;
	}
}
