/*
 * session.c - process groups and sessions, setpgid(2), setsid(2).
 *
 * Entry points: see session.h.
 */
#include <kernel/process/session.h>

#include <abi/errno.h>
#include <kernel/process/internal.h>
#include <kernel/process/signal.h>

void (*session_leader_exit_hook)(bool on_exit) __read_mostly;
struct tty_struct *(*tty_kref_get_hook)(struct tty_struct *tty)__read_mostly;
void (*tty_kref_put_hook)(struct tty_struct *tty) __read_mostly;
void (*tty_info_hook)(struct tty_struct *tty, dev_t *dev,
		      pid_t *pgrp) __read_mostly;

/* set_special_pids - see session.h.  tasklist_lock held. */
void set_special_pids(struct pid *pid)
{
	struct task_struct *leader = current->group_leader;

	if (task_session(leader) != pid)
		change_pid(leader, PIDTYPE_SID, pid);
	if (task_pgrp(leader) != pid)
		change_pid(leader, PIDTYPE_PGID, pid);
}

/* Become a session leader: *@tty is the terminal that was left. */
static int setsid_locked(struct tty_struct **tty)
{
	struct task_struct *leader = current->group_leader;
	struct pid *sid = task_pid(leader);

	/* A session leader, or a group of that number exists. */
	if (leader->signal->leader || pid_task(sid, PIDTYPE_PGID))
		return -EPERM;
	leader->signal->leader = true;
	set_special_pids(sid);
	spin_lock(&leader->sighand->siglock);
	*tty = leader->signal->tty;
	leader->signal->tty = NULL;
	spin_unlock(&leader->sighand->siglock);
	return pid_nr(sid);
}

/* ksys_setsid - see session.h. */
pid_t ksys_setsid(void)
{
	struct tty_struct *tty = NULL;
	pid_t ret;

	spin_lock_irq(&tasklist_lock);
	ret = setsid_locked(&tty);
	spin_unlock_irq(&tasklist_lock);
	if (tty && tty_kref_put_hook)
		tty_kref_put_hook(tty);
	return ret;
}

/* setpgid_target_locked - may current move @task?  0 or -errno. */
static int setpgid_target_locked(struct task_struct *task)
{
	struct task_struct *leader = current->group_leader;

	if (!thread_group_leader(task))
		return -EINVAL;
	if (same_thread_group(task->real_parent, leader)) {
		if (task_session(task) != task_session(leader))
			return -EPERM;
		if (!(task->flags & PF_FORKNOEXEC))
			return -EACCES;
	} else if (task != leader) {
		return -ESRCH;
	}
	return task->signal->leader ? -EPERM : 0;
}

static int setpgid_locked(pid_t pid, pid_t pgid)
{
	struct task_struct *task = find_task_by_vpid(pid);
	struct task_struct *member;
	struct pid *pgrp;
	int err;

	if (!task)
		return -ESRCH;
	err = setpgid_target_locked(task);
	if (err)
		return err;
	pgrp = task_pid(task);
	if (pgid != pid) {
		/* The group must exist, in the same session. */
		pgrp = find_vpid(pgid);
		member = pid_task(pgrp, PIDTYPE_PGID);
		if (!member ||
		    task_session(member) != task_session(current->group_leader))
			return -EPERM;
	}
	if (task_pgrp(task) != pgrp)
		change_pid(task, PIDTYPE_PGID, pgrp);
	return 0;
}

/* ksys_setpgid - see session.h. */
int ksys_setpgid(pid_t pid, pid_t pgid)
{
	int err;

	if (!pid)
		pid = current->tgid;
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	spin_lock_irq(&tasklist_lock);
	err = setpgid_locked(pid, pgid);
	spin_unlock_irq(&tasklist_lock);
	return err;
}

static pid_t ksys_get_id(pid_t pid, enum pid_type type)
{
	struct task_struct *task;
	pid_t ret = -ESRCH;

	spin_lock_irq(&tasklist_lock);
	task = pid ? find_task_by_vpid(pid) : current;
	if (task)
		ret = pid_nr(task->pids[type]);
	spin_unlock_irq(&tasklist_lock);
	return ret;
}

/* ksys_getpgid - see session.h. */
pid_t ksys_getpgid(pid_t pid)
{
	return ksys_get_id(pid, PIDTYPE_PGID);
}

/* ksys_getsid - see session.h. */
pid_t ksys_getsid(pid_t pid)
{
	return ksys_get_id(pid, PIDTYPE_SID);
}

/* will_become_orphaned_pgrp - see session.h. */
bool will_become_orphaned_pgrp(struct pid *pgrp, struct task_struct *ignored)
{
	struct task_struct *task;

	assert_held(&tasklist_lock);
	do_each_pid_task (pgrp, PIDTYPE_PGID, task) {
		if (task == ignored ||
		    (task->exit_state && thread_group_empty(task)) ||
		    is_global_init(task->real_parent))
			continue;
		if (task_pgrp(task->real_parent) != pgrp &&
		    task_session(task->real_parent) == task_session(task))
			return false;
	}
	return true;
}

/* is_current_pgrp_orphaned - see session.h.  Takes tasklist_lock. */
bool is_current_pgrp_orphaned(void)
{
	unsigned long flags;
	bool orphaned;

	spin_lock_irqsave(&tasklist_lock, flags);
	orphaned = will_become_orphaned_pgrp(task_pgrp(current), NULL);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return orphaned;
}

/* has_stopped_jobs - see session.h. */
bool has_stopped_jobs(struct pid *pgrp)
{
	struct task_struct *task;

	assert_held(&tasklist_lock);
	do_each_pid_task (pgrp, PIDTYPE_PGID, task) {
		if (task->signal->flags & SIGNAL_STOP_STOPPED)
			return true;
	}
	return false;
}

/* kill_orphaned_pgrp - see session.h. */
void kill_orphaned_pgrp(struct task_struct *task, struct task_struct *parent)
{
	struct pid *pgrp = task_pgrp(task);
	struct task_struct *ignored = task;

	if (!parent)
		/* Exit: the group loses @task, so its parent matters. */
		parent = task->real_parent;
	else
		/* Reparent: @task stays in the group. */
		ignored = NULL;

	if (task_pgrp(parent) != pgrp &&
	    task_session(parent) == task_session(task) &&
	    will_become_orphaned_pgrp(pgrp, ignored) &&
	    has_stopped_jobs(pgrp)) {
		(void)__kill_pgrp_info(SIGHUP, SEND_SIG_PRIV, pgrp);
		(void)__kill_pgrp_info(SIGCONT, SEND_SIG_PRIV, pgrp);
	}
}

/* session_of_pgrp - see session.h. */
struct pid *session_of_pgrp(struct pid *pgrp)
{
	struct task_struct *task = pid_task(pgrp, PIDTYPE_PGID);

	if (!task)
		task = pid_task(pgrp, PIDTYPE_PID);
	return task ? task_session(task) : NULL;
}
