/*
 * tty_jobctl.c - a terminal's session and foreground group: who may read,
 * write and change it, setsid(2), tcsetpgrp(3), tty_ioctl(4).
 *
 * Locks: tty->ctrl_lock for tty->session and tty->pgrp; signal->tty of a
 * process under its siglock; tasklist_lock to walk a session.
 *
 * Entry points: tty_check_change, tty_check_read, tty_jobctl_ioctl,
 * tty_open_proc_set_tty, get_current_tty, disassociate_ctty.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/ioctl.h>
#include <abi/signal.h>
#include <kernel/arch/context.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/refcount.h>
#include <kernel/base/spinlock.h>
#include <kernel/drivers/tty/internal.h>
#include <kernel/lib/macros.h>
#include <kernel/process/pid.h>
#include <kernel/process/session.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <kernel/sched/cred.h>

/* Does current ignore or block @sig? */
static bool is_ignored(int sig)
{
	bool blocked = sig_in(sig, current->blocked);

	return blocked ||
	       current->sighand->action[sig - 1].sa_handler == SIG_IGN;
}

/* Linux's rule for a background process that touches its terminal. */
static int check_background(struct tty_struct *tty, int sig)
{
	struct pid *pgrp;
	struct pid *own;
	int err = 0;

	if (READ_ONCE(current->signal->tty) != tty)
		return 0;
	/* setpgid(2) of our parent may move us meanwhile. */
	own = get_task_pid(current, PIDTYPE_PGID);
	spin_lock_irq(&tty->ctrl_lock);
	pgrp = get_pid(tty->pgrp);
	spin_unlock_irq(&tty->ctrl_lock);
	if (!pgrp || own == pgrp)
		goto put;
	if (is_ignored(sig)) {
		err = sig == SIGTTIN ? -EIO : 0;
	} else if (is_current_pgrp_orphaned()) {
		err = -EIO;
	} else {
		(void)kill_pgrp(own, sig, 1);
		set_thread_flag(TIF_SIGPENDING);
		err = -ERESTARTSYS;
	}
put:
	put_pid(pgrp);
	put_pid(own);
	return err;
}

/*
 * tty_check_change - see internal.h.
 */
int tty_check_change(struct tty_struct *tty)
{
	return check_background(tty, SIGTTOU);
}

/*
 * tty_check_read - see internal.h.
 */
int tty_check_read(struct tty_struct *tty)
{
	return check_background(tty, SIGTTIN);
}

/*
 * get_current_tty - current's controlling terminal, referenced, or NULL.
 */
struct tty_struct *get_current_tty(void)
{
	struct tty_struct *tty;

	spin_lock_irq(&current->sighand->siglock);
	tty = tty_kref_get(current->signal->tty);
	spin_unlock_irq(&current->sighand->siglock);
	return tty;
}

/* Make @tty the controlling terminal of current, a session leader without one;
 * false: it is not, or another session was faster. */
static bool set_controlling_tty(struct tty_struct *tty)
{
	struct signal_struct *sig = current->signal;
	struct pid *old_pgrp = NULL;
	bool done;

	spin_lock_irq(&current->sighand->siglock);
	spin_lock(&tty->ctrl_lock);
	done = sig->leader && !sig->tty && !tty->session;
	if (done) {
		/* A leader's group and session do not change. */
		tty->pgrp = get_pid(task_pgrp(current));
		tty->session = get_pid(task_session(current));
		sig->tty = tty_kref_get(tty);
		swap(sig->tty_old_pgrp, old_pgrp);
	}
	spin_unlock(&tty->ctrl_lock);
	spin_unlock_irq(&current->sighand->siglock);
	put_pid(old_pgrp);
	return done;
}

/*
 * tty_open_proc_set_tty - a session leader without terminal that opens one
 * gets it, tty_ioctl(4); only an open for reading counts.
 */
void tty_open_proc_set_tty(struct file *file, struct tty_struct *tty)
{
	if (file->f_mode & FMODE_READ)
		(void)set_controlling_tty(tty);
}

/*
 * The line is hung up under @task, of its session: a leader gets SIGHUP and
 * SIGCONT, and remembers whom to tell when it ends.  siglock held.
 */
static void hang_up_member(struct task_struct *task, struct pid *pgrp)
{
	struct pid *old = task->signal->tty_old_pgrp;

	if (!task->signal->leader)
		return;
	(void)send_signal_locked(SIGHUP, SEND_SIG_PRIV, task, PIDTYPE_TGID);
	(void)send_signal_locked(SIGCONT, SEND_SIG_PRIV, task, PIDTYPE_TGID);
	task->signal->tty_old_pgrp = get_pid(pgrp);
	put_pid(old);
}

/* Every process of @session forgets its terminal.  tasklist_lock held. */
static struct tty_struct *forget_tty(struct pid *session, struct pid *pgrp,
				     bool hang_up)
{
	struct tty_struct *tty, *last = NULL;
	struct task_struct *task;

	do_each_pid_task (session, PIDTYPE_SID, task) {
		spin_lock(&task->sighand->siglock);
		tty = task->signal->tty;
		task->signal->tty = NULL;
		if (hang_up)
			hang_up_member(task, pgrp);
		spin_unlock(&task->sighand->siglock);
		/* The line outlives these: somebody above holds one more. */
		if (tty && last)
			(void)refcount_dec_and_test(&tty->kref);
		else if (tty)
			last = tty;
	}
	return last;
}

/* The terminal has no session any more, and the session no terminal.  Returns
 * what was the foreground group, referenced, or NULL. */
static struct pid *end_session(struct tty_struct *tty, bool hang_up)
{
	struct pid *session, *pgrp;
	struct tty_struct *ref = NULL;

	spin_lock_irq(&tty->ctrl_lock);
	session = tty->session;
	pgrp = tty->pgrp;
	tty->session = tty->pgrp = NULL;
	spin_unlock_irq(&tty->ctrl_lock);
	if (session) {
		spin_lock_irq(&tasklist_lock);
		ref = forget_tty(session, pgrp, hang_up);
		spin_unlock_irq(&tasklist_lock);
	}
	tty_kref_put(ref);
	put_pid(session);
	return pgrp;
}

/*
 * tty_clear_session - the terminal leaves its session, silently.
 */
void tty_clear_session(struct tty_struct *tty)
{
	put_pid(end_session(tty, false));
}

/*
 * tty_hangup_session - the line is gone: SIGHUP and SIGCONT to the session
 * leader, who has no terminal any more; the foreground group gets SIGHUP now if
 * the leader is ending, else when it does.
 */
void tty_hangup_session(struct tty_struct *tty, bool leader_ends)
{
	struct pid *pgrp = end_session(tty, true);

	if (pgrp && leader_ends)
		(void)kill_pgrp(pgrp, SIGHUP, 1);
	put_pid(pgrp);
}

/* @sig to the foreground group, from the kernel (@priv) or from current. */
static void signal_foreground(struct tty_struct *tty, int sig, bool priv)
{
	struct pid *pgrp;

	spin_lock_irq(&tty->ctrl_lock);
	pgrp = get_pid(tty->pgrp);
	spin_unlock_irq(&tty->ctrl_lock);
	if (pgrp)
		(void)kill_pgrp(pgrp, sig, priv);
	put_pid(pgrp);
}

/*
 * tty_signal_pgrp - @sig to the foreground group.  May be called under
 * ld.lock, a mutex.
 */
void tty_signal_pgrp(struct tty_struct *tty, int sig)
{
	signal_foreground(tty, sig, true);
}

/* The group that was in front when a hang-up took the leader's terminal,
 * referenced; NULL: there was none, or it has been taken. */
static struct pid *take_old_pgrp(void)
{
	struct pid *pgrp;

	spin_lock_irq(&current->sighand->siglock);
	pgrp = current->signal->tty_old_pgrp;
	current->signal->tty_old_pgrp = NULL;
	spin_unlock_irq(&current->sighand->siglock);
	return pgrp;
}

static void signal_old_pgrp(void)
{
	struct pid *pgrp = take_old_pgrp();

	if (!pgrp)
		return;
	(void)kill_pgrp(pgrp, SIGHUP, 1);
	(void)kill_pgrp(pgrp, SIGCONT, 1);
	put_pid(pgrp);
}

/*
 * disassociate_ctty - setsid(2): the leader of a session exits, or leaves its
 * terminal with TIOCNOTTY: SIGHUP to the foreground group, also SIGCONT if the
 * leader lives on.  A real line is hung up when its leader exits.
 */
static void disassociate_ctty(bool on_exit)
{
	struct tty_struct *tty;

	if (!current->signal->leader)
		return;
	tty = get_current_tty();
	if (!tty) {
		if (on_exit)
			signal_old_pgrp();
		return;
	}
	if (on_exit && !tty->link) {
		tty_hangup(tty, true);
		put_pid(take_old_pgrp()); /* it has been told */
	} else {
		/* A leader that lives on is who sent them: SI_USER. */
		signal_foreground(tty, SIGHUP, on_exit);
		if (!on_exit)
			signal_foreground(tty, SIGCONT, false);
		tty_clear_session(tty);
		/* A hang-up may have been faster. */
		if (on_exit)
			signal_old_pgrp();
	}
	tty_kref_put(tty);
}

/* TIOCNOTTY of somebody who is not the leader: only he loses it. */
static void drop_own_tty(void)
{
	struct tty_struct *tty;

	spin_lock_irq(&current->sighand->siglock);
	tty = current->signal->tty;
	current->signal->tty = NULL;
	spin_unlock_irq(&current->sighand->siglock);
	tty_kref_put(tty);
}

static int tiocnotty(struct tty_struct *tty)
{
	if (READ_ONCE(current->signal->tty) != tty)
		return -ENOTTY;
	if (current->signal->leader)
		disassociate_ctty(false);
	else
		drop_own_tty();
	return 0;
}

/* tty_ioctl(4), TIOCSCTTY: @arg 1 with CAP_SYS_ADMIN steals it. */
static int tiocsctty(struct tty_struct *tty, struct file *file,
		     unsigned long arg)
{
	struct pid *session;

	spin_lock_irq(&tty->ctrl_lock);
	session = tty->session;
	spin_unlock_irq(&tty->ctrl_lock);
	if (current->signal->leader && task_session(current) == session)
		return 0;
	if (!current->signal->leader || current->signal->tty)
		return -EPERM;
	if (session) {
		if (arg != 1 || !capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_clear_session(tty);
	}
	if (!(file->f_mode & FMODE_READ) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	return set_controlling_tty(tty) ? 0 : -EPERM;
}

/* ioctl_tty(2): whoever has a master may ask about its slave. */
static bool may_ask(struct tty_struct *tty, struct tty_struct *real)
{
	return tty != real || READ_ONCE(current->signal->tty) == real;
}

static int tiocgpgrp(struct tty_struct *tty, struct tty_struct *real,
		     int __user *arg)
{
	pid_t nr;

	if (!may_ask(tty, real))
		return -ENOTTY;
	spin_lock_irq(&real->ctrl_lock);
	nr = pid_vnr(real->pgrp);
	spin_unlock_irq(&real->ctrl_lock);
	return put_user(nr, arg);
}

/* The group @nr of current's session to the front; tasklist_lock held. */
static int set_foreground(struct tty_struct *tty, pid_t nr, struct pid **old)
{
	struct pid *session = task_session(current);
	struct pid *pgrp;
	int err = 0;

	spin_lock(&tty->ctrl_lock);
	/* No group without a session: a hang-up may have ended it. */
	if (current->signal->tty != tty || tty->session != session) {
		err = -ENOTTY;
		goto unlock;
	}
	pgrp = find_vpid(nr);
	if (!pgrp) {
		err = -ESRCH;
		goto unlock;
	}
	if (session_of_pgrp(pgrp) != session) {
		err = -EPERM;
		goto unlock;
	}
	*old = tty->pgrp;
	tty->pgrp = get_pid(pgrp);
unlock:
	spin_unlock(&tty->ctrl_lock);
	return err;
}

/* tcsetpgrp(3): the group must be one of this session. */
static int tiocspgrp(struct tty_struct *tty, int __user *arg)
{
	struct pid *old = NULL;
	pid_t nr;
	int err = tty_check_change(tty);

	if (err)
		return err == -EIO ? -ENOTTY : err;
	if (get_user(nr, arg))
		return -EFAULT;
	if (nr < 0)
		return -EINVAL;
	spin_lock_irq(&tasklist_lock);
	err = set_foreground(tty, nr, &old);
	spin_unlock_irq(&tasklist_lock);
	put_pid(old);
	return err;
}

static int tiocgsid(struct tty_struct *tty, struct tty_struct *real,
		    int __user *arg)
{
	pid_t nr;

	if (!may_ask(tty, real))
		return -ENOTTY;
	spin_lock_irq(&real->ctrl_lock);
	nr = pid_vnr(real->session);
	spin_unlock_irq(&real->ctrl_lock);
	return nr ? put_user(nr, arg) : -ENOTTY;
}

/*
 * tty_jobctl_ioctl - the ioctls of sessions and groups; -ENOIOCTLCMD for
 * others.  @real is @tty, or the slave of a pty's master.
 */
long tty_jobctl_ioctl(struct tty_struct *tty, struct tty_struct *real,
		      struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TIOCNOTTY:
		return tiocnotty(tty);
	case TIOCSCTTY:
		return tiocsctty(real, file, arg);
	case TIOCGPGRP:
		return tiocgpgrp(tty, real, (int __user *)arg);
	case TIOCSPGRP:
		return tiocspgrp(real, (int __user *)arg);
	case TIOCGSID:
		return tiocgsid(tty, real, (int __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/* What /proc/PID/stat tells of @tty; under siglock, interrupts off. */
static void tty_info(struct tty_struct *tty, dev_t *dev, pid_t *pgrp)
{
	*dev = tty_devnum(tty);
	spin_lock(&tty->ctrl_lock);
	*pgrp = tty->pgrp ? pid_nr(tty->pgrp) : -1;
	spin_unlock(&tty->ctrl_lock);
}

/*
 * jobctl_init - what kernel/process asks of terminals.
 */
void jobctl_init(void)
{
	session_leader_exit_hook = disassociate_ctty;
	tty_kref_get_hook = tty_kref_get;
	tty_kref_put_hook = tty_kref_put;
	tty_info_hook = tty_info;
}
