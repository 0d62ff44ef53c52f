/*
 * wait.c - waiting for children to die, stop or go on: wait4(2), waitid(2).
 *
 * do_wait() looks at each child under tasklist_lock; the wait_task_x functions
 * report one and then return with the lock dropped and the child's pid.  A
 * dead child is claimed by setting EXIT_DEAD under the lock, so that one
 * waiter only reaps it.
 *
 * Locks: tasklist_lock; a child's siglock for its stop state.
 *
 * Entry points: do_wait, kernel_wait4, kernel_waitid, kernel_waitid_pid,
 * __wake_up_parent.
 */
#include <kernel/process/wait.h>

#include <abi/errno.h>
#include <kernel/process/exit.h>
#include <kernel/process/internal.h>
#include <kernel/process/rusage.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

/* __wake_up_parent - see wait.h. */
void __wake_up_parent(struct task_struct *child, struct task_struct *parent)
{
	(void)child;
	wake_up_all_sync(&parent->signal->wait_chldexit);
}

static bool eligible_child(const struct wait_opts *wo,
			   const struct task_struct *task)
{
	if (wo->wo_type != PIDTYPE_MAX && task->pids[wo->wo_type] != wo->wo_pid)
		return false;
	if (wo->wo_flags & __WALL)
		return true;
	/* __WCLONE: only children that send another signal than SIGCHLD. */
	return (task->exit_signal != SIGCHLD) == !!(wo->wo_flags & __WCLONE);
}

/* A dead leader cannot be reaped before its last thread. */
static bool delay_group_leader(struct task_struct *task)
{
	return thread_group_leader(task) && !thread_group_empty(task);
}

/* What waitid(2) says about status word @status of a dead child. */
static void waitid_fill_dead(struct waitid_info *info, int status)
{
	if ((status & 0x7f) == 0) {
		info->cause = CLD_EXITED;
		info->status = (status >> 8) & 0xff;
	} else {
		info->cause = status & WAIT_CORE_FLAG ? CLD_DUMPED : CLD_KILLED;
		info->status = status & 0x7f;
	}
}

static int exit_status(const struct task_struct *task)
{
	return task->signal->flags & SIGNAL_GROUP_EXIT
		       ? task->signal->group_exit_code
		       : task->exit_code;
}

/* wait_task_zombie - report a dead child and reap it (unless WNOWAIT). */
static __landmark int wait_task_zombie(struct wait_opts *wo,
				       struct task_struct *task)
{
	pid_t pid = task->pid;
	uid_t uid = task->real_cred->uid;
	bool reap = !(wo->wo_flags & WNOWAIT);
	int status;

	if (!(wo->wo_flags & WEXITED))
		return 0;
	status = exit_status(task);
	get_task_struct(task);
	if (reap)
		task->exit_state = EXIT_DEAD;
	spin_unlock_irq(&tasklist_lock);
	/* do_wait has announced a sleep; what follows may really sleep. */
	__set_current_state(TASK_RUNNING);

	if (wo->wo_rusage)
		getrusage(task, RUSAGE_BOTH, wo->wo_rusage);
	if (reap) {
		wait_account_child(task);
		release_task(task);
	}
	put_task_struct(task);
	wo->wo_stat = status;
	if (wo->wo_info) {
		wo->wo_info->pid = pid;
		wo->wo_info->uid = uid;
		waitid_fill_dead(wo->wo_info, status);
	}
	return pid;
}

/* Report a living child: the lock goes, @task stays ours for a moment. */
static int wait_report(struct wait_opts *wo, struct task_struct *task,
		       int cause, int status)
{
	pid_t pid = task->pid;

	get_task_struct(task);
	spin_unlock_irq(&tasklist_lock);
	__set_current_state(TASK_RUNNING);
	if (wo->wo_rusage)
		getrusage(task, RUSAGE_BOTH, wo->wo_rusage);
	if (wo->wo_info) {
		wo->wo_info->pid = pid;
		wo->wo_info->uid = task_uid(task);
		wo->wo_info->cause = cause;
		wo->wo_info->status = status;
	}
	put_task_struct(task);
	return pid;
}

/* wait_task_stopped - report a stop, once. */
static __landmark int wait_task_stopped(struct wait_opts *wo,
					struct task_struct *task)
{
	struct signal_struct *sig = task->signal;
	int code = 0;

	if (!(wo->wo_flags & WUNTRACED))
		return 0;
	spin_lock(&task->sighand->siglock);
	if (sig->flags & SIGNAL_STOP_STOPPED) {
		code = sig->group_exit_code;
		if (!(wo->wo_flags & WNOWAIT))
			sig->group_exit_code = 0;
	}
	spin_unlock(&task->sighand->siglock);
	if (!code)
		return 0;
	wo->wo_stat = WAIT_STOPPED(code);
	return wait_report(wo, task, CLD_STOPPED, code);
}

/* wait_task_continued - report that it goes on, once. */
static __landmark int wait_task_continued(struct wait_opts *wo,
					  struct task_struct *task)
{
	struct signal_struct *sig = task->signal;
	bool continued;

	if (!(wo->wo_flags & WCONTINUED))
		return 0;
	spin_lock(&task->sighand->siglock);
	continued = sig->flags & SIGNAL_STOP_CONTINUED;
	if (continued && !(wo->wo_flags & WNOWAIT))
		sig->flags &= ~SIGNAL_STOP_CONTINUED;
	spin_unlock(&task->sighand->siglock);
	if (!continued)
		return 0;
	wo->wo_stat = WAIT_CONTINUED;
	return wait_report(wo, task, CLD_CONTINUED, SIGCONT);
}

/* Anything to say about @task?  Its pid, and tasklist_lock is dropped; or 0. */
static int wait_consider_child(struct wait_opts *wo, struct task_struct *task)
{
	int ret;

	if (task->exit_state == EXIT_DEAD || !eligible_child(wo, task))
		return 0;
	if (task->exit_state == EXIT_ZOMBIE) {
		if (!delay_group_leader(task)) {
			ret = wait_task_zombie(wo, task);
			if (ret)
				return ret;
			/* Not asked for; it will not stop any more. */
			return 0;
		}
		/* Threads live on: they may stop, and end, later. */
	}
	wo->notask_error = 0;
	ret = wait_task_stopped(wo, task);
	return ret ? ret : wait_task_continued(wo, task);
}

/* The one child that P_PID names: no need to walk the list. */
static int wait_for_pid(struct wait_opts *wo)
{
	struct task_struct *child = pid_task(wo->wo_pid, PIDTYPE_TGID);

	if (!child)
		return 0;
	if (child->real_parent != current &&
	    ((wo->wo_flags & __WNOTHREAD) ||
	     !same_thread_group(child->real_parent, current)))
		return 0;
	return wait_consider_child(wo, child);
}

static int wait_for_children_of(struct wait_opts *wo, struct task_struct *task)
{
	struct task_struct *child;
	int ret;

	list_for_each_entry (child, &task->children, sibling) {
		ret = wait_consider_child(wo, child);
		if (ret)
			return ret;
	}
	return 0;
}

/* One look at all children; a result means tasklist_lock is dropped. */
static int wait_look(struct wait_opts *wo)
{
	struct task_struct *thread;
	int ret;

	if (wo->wo_type == PIDTYPE_PID)
		return wait_for_pid(wo);
	if (wo->wo_flags & __WNOTHREAD)
		return wait_for_children_of(wo, current);
	/* One's own children come first, then those of the threads in turn. */
	thread = current;
	do {
		ret = wait_for_children_of(wo, thread);
		if (ret)
			return ret;
		thread = next_thread(thread);
	} while (thread != current);
	return 0;
}

/* do_wait - see wait.h. */
__landmark long do_wait(struct wait_opts *wo)
{
	struct wait_queue *wq = &current->signal->wait_chldexit;
	struct wait_entry entry;
	long ret;

	init_wait_entry(&entry, 0);
	for (;;) {
		prepare_to_wait(wq, &entry, TASK_INTERRUPTIBLE);
		wo->notask_error = -ECHILD;
		ret = 0;
		if (wo->wo_type == PIDTYPE_MAX || wo->wo_pid) {
			spin_lock_irq(&tasklist_lock);
			ret = wait_look(wo);
			if (!ret)
				spin_unlock_irq(&tasklist_lock);
		}
		if (ret)
			break;
		ret = wo->notask_error;
		if (ret || (wo->wo_flags & WNOHANG))
			break;
		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		schedule();
	}
	finish_wait(wq, &entry);
	return ret;
}

/* kernel_wait4 - see wait.h. */
long kernel_wait4(pid_t upid, int *status, int options, struct rusage *ru)
{
	const unsigned int known = WNOHANG | WUNTRACED | WCONTINUED |
				   __WNOTHREAD | __WCLONE | __WALL;
	struct wait_opts wo = {
		.wo_type = PIDTYPE_MAX,
		.wo_flags = (unsigned int)options | WEXITED,
		.wo_rusage = ru,
	};
	long ret;

	if ((unsigned int)options & ~known)
		return -EINVAL;
	if (upid == INT32_MIN)
		return -ESRCH;
	if (upid < -1) {
		wo.wo_type = PIDTYPE_PGID;
		wo.wo_pid = find_get_pid(-upid);
	} else if (upid == 0) {
		wo.wo_type = PIDTYPE_PGID;
		wo.wo_pid = get_task_pid(current, PIDTYPE_PGID);
	} else if (upid > 0) {
		wo.wo_type = PIDTYPE_PID;
		wo.wo_pid = find_get_pid(upid);
	}
	ret = do_wait(&wo);
	put_pid(wo.wo_pid);
	if (ret > 0 && status)
		*status = wo.wo_stat;
	return ret;
}

/* waitid_check_options - see wait.h. */
int waitid_check_options(int options)
{
	const unsigned int known = WNOHANG | WNOWAIT | WEXITED | WSTOPPED |
				   WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;

	if ((unsigned int)options & ~known)
		return -EINVAL;
	return options & (WEXITED | WSTOPPED | WCONTINUED) ? 0 : -EINVAL;
}

/* kernel_waitid_pid - see wait.h. */
long kernel_waitid_pid(enum pid_type type, struct pid *pid,
		       struct waitid_info *info, int options, struct rusage *ru)
{
	struct wait_opts wo = {
		.wo_type = type,
		.wo_pid = pid,
		.wo_flags = (unsigned int)options,
		.wo_info = info,
		.wo_rusage = ru,
	};
	int err = waitid_check_options(options);

	return err ? err : do_wait(&wo);
}

/* kernel_waitid - see wait.h. */
long kernel_waitid(int which, pid_t upid, struct waitid_info *info, int options,
		   struct rusage *ru)
{
	enum pid_type type;
	struct pid *pid = NULL;
	long ret;

	switch (which) {
	case P_ALL:
		type = PIDTYPE_MAX;
		break;
	case P_PID:
		if (upid <= 0)
			return -EINVAL;
		type = PIDTYPE_PID;
		pid = find_get_pid(upid);
		break;
	case P_PGID:
		if (upid < 0)
			return -EINVAL;
		type = PIDTYPE_PGID;
		pid = upid ? find_get_pid(upid)
			   : get_task_pid(current, PIDTYPE_PGID);
		break;
	default:
		return -EINVAL;
	}
	ret = kernel_waitid_pid(type, pid, info, options, ru);
	put_pid(pid);
	return ret;
}
