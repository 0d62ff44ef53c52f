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
	bool done;

	spin_lock_irq(&current->sighand->siglock);
	spin_lock(&tty->ctrl_lock);
	done = sig->leader && !sig->tty && !tty->session;
	if (done) {
		/* A leader's group and session do not change. */
		tty->pgrp = get_pid(task_pgrp(current));
		tty->session = get_pid(task_session(current));
		sig->tty = tty_kref_get(tty);
		sig->tty_old_pgrp = 0;
	}
	spin_unlock(&tty->ctrl_lock);
	spin_unlock_irq(&current->sighand->siglock);
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

/* Every process of @session forgets its terminal.  tasklist_lock held. */
static struct tty_struct *forget_tty(struct pid *session)
{
	struct tty_struct *tty, *last = NULL;
	struct task_struct *task;

	do_each_pid_task(session, PIDTYPE_SID, task)
	{
		spin_lock(&task->sighand->siglock);
		tty = task->signal->tty;
		task->signal->tty = NULL;
		spin_unlock(&task->sighand->siglock);
		/* The line outlives these: somebody above holds one more. */
		if (tty && last)
			(void)refcount_dec_and_test(&tty->kref);
		else if (tty)
			last = tty;
	}
	return last;
}

/*
 * tty_clear_session - the terminal has no session any more, and the session
 * no terminal.
 */
void tty_clear_session(struct tty_struct *tty)
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
		ref = forget_tty(session);
		spin_unlock_irq(&tasklist_lock);
	}
	tty_kref_put(ref);
	put_pid(session);
	put_pid(pgrp);
}

/*
 * tty_signal_pgrp - @sig to the foreground group.  May be called under
 * ld.lock, a mutex.
 */
void tty_signal_pgrp(struct tty_struct *tty, int sig)
{
	struct pid *pgrp;

	spin_lock_irq(&tty->ctrl_lock);
	pgrp = get_pid(tty->pgrp);
	spin_unlock_irq(&tty->ctrl_lock);
	if (pgrp)
		(void)kill_pgrp(pgrp, sig, 1);
	put_pid(pgrp);
}

static void signal_leader(struct pid *session)
{
	struct task_struct *leader = get_pid_task(session, PIDTYPE_SID);

	if (leader && leader->signal->leader) {
		(void)do_send_sig_info(SIGHUP, SEND_SIG_PRIV, leader,
				       PIDTYPE_TGID);
		(void)do_send_sig_info(SIGCONT, SEND_SIG_PRIV, leader,
				       PIDTYPE_TGID);
	}
	if (leader)
		put_task_struct(leader);
}

/*
 * tty_signal_session_hup - the line is gone: SIGHUP and SIGCONT to the
 * session leader and to the foreground group.
 */
void tty_signal_session_hup(struct tty_struct *tty)
{
	struct pid *session, *pgrp;

	spin_lock_irq(&tty->ctrl_lock);
	session = get_pid(tty->session);
	pgrp = get_pid(tty->pgrp);
	spin_unlock_irq(&tty->ctrl_lock);
	if (session)
		signal_leader(session);
	if (pgrp) {
		(void)kill_pgrp(pgrp, SIGHUP, 1);
		(void)kill_pgrp(pgrp, SIGCONT, 1);
	}
	put_pid(session);
	put_pid(pgrp);
}

/*
 * disassociate_ctty - setsid(2): when the leader of a session exits, its
 * foreground group gets SIGHUP and SIGCONT and the session loses the
 * terminal; TIOCNOTTY does the same while it lives.
 */
static void disassociate_ctty(bool on_exit)
{
	struct tty_struct *tty = get_current_tty();

	if (!tty || !current->signal->leader) {
		tty_kref_put(tty);
		return;
	}
	tty_signal_pgrp(tty, SIGHUP);
	tty_signal_pgrp(tty, SIGCONT);
	tty_clear_session(tty);
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

static int tiocgpgrp(struct tty_struct *tty, int __user *arg)
{
	pid_t nr;

	if (READ_ONCE(current->signal->tty) != tty)
		return -ENOTTY;
	spin_lock_irq(&tty->ctrl_lock);
	nr = pid_vnr(tty->pgrp);
	spin_unlock_irq(&tty->ctrl_lock);
	return put_user(nr, arg);
}

/* tcsetpgrp(3): the group must be one of this session. */
static int tiocspgrp(struct tty_struct *tty, int __user *arg)
{
	struct pid *pgrp = NULL;
	pid_t nr;
	int err = tty_check_change(tty);

	if (err == -EIO)
		return -ENOTTY;
	if (err)
		return err;
	if (READ_ONCE(current->signal->tty) != tty)
		return -ENOTTY;
	if (get_user(nr, arg))
		return -EFAULT;
	if (nr < 0)
		return -EINVAL;
	spin_lock_irq(&tasklist_lock);
	pgrp = get_pid(find_vpid(nr));
	if (!pgrp)
		err = -ESRCH;
	else if (session_of_pgrp(pgrp) != task_session(current))
		err = -EPERM;
	if (!err) {
		spin_lock(&tty->ctrl_lock);
		/* No group without a session: a hang-up may have ended it. */
		if (tty->session == task_session(current))
			swap(tty->pgrp, pgrp);
		else
			err = -ENOTTY;
		spin_unlock(&tty->ctrl_lock);
	}
	spin_unlock_irq(&tasklist_lock);
	put_pid(pgrp);
	return err;
}

static int tiocgsid(struct tty_struct *tty, int __user *arg)
{
	pid_t nr = 0;

	if (READ_ONCE(current->signal->tty) != tty)
		return -ENOTTY;
	spin_lock_irq(&tty->ctrl_lock);
	nr = pid_vnr(tty->session);
	spin_unlock_irq(&tty->ctrl_lock);
	return nr ? put_user(nr, arg) : -ENOTTY;
}

/*
 * tty_jobctl_ioctl - the ioctls of sessions and groups; -ENOIOCTLCMD for
 * others.  On a pty's master they speak of the slave, as Linux's do.
 */
long tty_jobctl_ioctl(struct tty_struct *tty, struct file *file,
		      unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TIOCNOTTY:
		return tiocnotty(tty);
	case TIOCSCTTY:
		return tiocsctty(tty, file, arg);
	case TIOCGPGRP:
		return tiocgpgrp(tty, (int __user *)arg);
	case TIOCSPGRP:
		return tiocspgrp(tty, (int __user *)arg);
	case TIOCGSID:
		return tiocgsid(tty, (int __user *)arg);
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
