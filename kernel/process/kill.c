/*
 * kill.c - whom a signal goes to, and who may send it: kill(2), tkill(2),
 * rt_sigqueueinfo(2), and the kernel's kill_pgrp and kin.
 *
 * Locks: tasklist_lock while a group is signalled, so that it cannot lose or
 * gain members meanwhile.  kill_pid_info() and kill_pid() take only siglock and
 * work from interrupts.
 *
 * Entry points: group_send_sig_info, kill_pid, kill_pgrp, kill_pid_info,
 * __kill_pgrp_info, kill_pid_as_ids, ksys_kill, do_tkill, do_rt_sigqueueinfo.
 */
#include <kernel/process/signal.h>

#include <abi/errno.h>
#include <kernel/lib/string.h>
#include <kernel/process/internal.h>
#include <kernel/process/pid.h>

/* Do @task's ids let @uid, @euid signal it, kill(2)?  0, -EPERM, or -ESRCH if
 * it has been reaped. */
static int check_kill_ids(struct task_struct *task, uid_t uid, uid_t euid)
{
	const struct cred *tcred;
	unsigned long flags;
	bool ok;

	if (!lock_task_sighand(task, &flags))
		return -ESRCH;
	tcred = task->real_cred;
	ok = euid == tcred->suid || euid == tcred->uid || uid == tcred->suid ||
	     uid == tcred->uid;
	unlock_task_sighand(task, &flags);
	return ok ? 0 : -EPERM;
}

static bool si_fromuser(const kernel_siginfo_t *info)
{
	return info == SEND_SIG_NOINFO ||
	       (!is_si_special(info) && SI_FROMUSER(info));
}

/* May current send @sig to @task?  0, -EINVAL, -EPERM or -ESRCH. */
static int check_kill_permission(int sig, kernel_siginfo_t *info,
				 struct task_struct *task)
{
	int err;

	if (!valid_signal(sig))
		return -EINVAL;
	if (!si_fromuser(info) || same_thread_group(current, task))
		return 0;
	err = check_kill_ids(task, current_uid(), current_euid());
	if (err != -EPERM)
		return err;
	/* kill(2): SIGCONT may be sent within the session. */
	if (sig == SIGCONT && task_session(task) == task_session(current))
		return 0;
	return capable(CAP_KILL) ? 0 : -EPERM;
}

/* group_send_sig_info - see signal.h; @sig 0 only checks. */
int group_send_sig_info(int sig, kernel_siginfo_t *info,
			struct task_struct *task, enum pid_type type)
{
	int err = check_kill_permission(sig, info, task);

	if (err || !sig)
		return err;
	return do_send_sig_info(sig, info, task, type);
}

/* __kill_pgrp_info - 0 if one member at least was reached. */
int __kill_pgrp_info(int sig, kernel_siginfo_t *info, struct pid *pgrp)
{
	struct task_struct *task;
	bool reached = false;
	int ret = -ESRCH;
	int err;

	assert_held(&tasklist_lock);
	if (!pgrp)
		return -ESRCH;
	do_each_pid_task (pgrp, PIDTYPE_PGID, task) {
		err = group_send_sig_info(sig, info, task, PIDTYPE_PGID);
		if (!err)
			reached = true;
		ret = err;
	}
	return reached ? 0 : ret;
}

/* kill_pgrp - see signal.h.  Takes tasklist_lock. */
int kill_pgrp(struct pid *pgrp, int sig, int priv)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&tasklist_lock, flags);
	err = __kill_pgrp_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO,
			       pgrp);
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return err;
}

/* To the process of id @pid, or, without one, of number @nr. */
static int kill_process(int sig, kernel_siginfo_t *info, struct pid *pid,
			pid_t nr)
{
	struct task_struct *task;
	int err;

	do {
		/* Any thread's id will do; the signal goes to its process. */
		task = pid ? get_pid_task(pid, PIDTYPE_PID)
			   : find_get_task_by_vpid(nr);
		if (!task)
			return -ESRCH;
		err = group_send_sig_info(sig, info, task, PIDTYPE_TGID);
		put_task_struct(task);
		/* Reaped meanwhile: exec may have given the id to another. */
	} while (err == -ESRCH);
	return err;
}

/* kill_pid_info - to the process of id @pid.  Any context. */
int kill_pid_info(int sig, kernel_siginfo_t *info, struct pid *pid)
{
	return kill_process(sig, info, pid, 0);
}

/* kill_pid - see signal.h. */
int kill_pid(struct pid *pid, int sig, int priv)
{
	return kill_pid_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, pid);
}

/* kill_pid_as_ids - see signal.h.  Takes tasklist_lock. */
int kill_pid_as_ids(int sig, kernel_siginfo_t *info, struct pid *pid,
		    enum pid_type type, uid_t uid, uid_t euid)
{
	struct task_struct *task;
	unsigned long flags;
	int ret = -ESRCH;

	spin_lock_irqsave(&tasklist_lock, flags);
	do_each_pid_task (pid, type, task) {
		ret = euid ? check_kill_ids(task, uid, euid) : 0;
		if (!ret)
			ret = do_send_sig_info(sig, info, task, type);
	}
	spin_unlock_irqrestore(&tasklist_lock, flags);
	return ret;
}

static void siginfo_from_current(kernel_siginfo_t *info, int sig, int code)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = code;
	info->si_pid = current->tgid;
	info->si_uid = current_uid();
}

/* kill(-1): everybody but init and the caller's process. */
static int kill_all_locked(int sig, kernel_siginfo_t *info)
{
	struct task_struct *task;
	int count = 0;
	int ret = 0;
	int err;

	for_each_process (task) {
		if (task->pid <= 1 || same_thread_group(task, current))
			continue;
		err = group_send_sig_info(sig, info, task, PIDTYPE_MAX);
		count++;
		if (err != -EPERM)
			ret = err;
	}
	return count ? ret : -ESRCH;
}

/* ksys_kill - kill(2). */
long ksys_kill(pid_t pid, int sig)
{
	kernel_siginfo_t info;
	int err;

	siginfo_from_current(&info, sig, SI_USER);
	if (pid > 0)
		return kill_process(sig, &info, NULL, pid);
	if (pid == INT32_MIN)
		return -ESRCH;
	spin_lock_irq(&tasklist_lock);
	if (pid == -1)
		err = kill_all_locked(sig, &info);
	else
		err = __kill_pgrp_info(
			sig, &info, pid ? find_vpid(-pid) : task_pgrp(current));
	spin_unlock_irq(&tasklist_lock);
	return err;
}

/* Send to thread @pid, which must be of process @tgid unless that is <= 0. */
static int do_send_specific(pid_t tgid, pid_t pid, int sig,
			    kernel_siginfo_t *info)
{
	struct task_struct *task;
	int err = -ESRCH;

	spin_lock_irq(&tasklist_lock);
	task = find_task_by_vpid(pid);
	if (task && (tgid <= 0 || task->tgid == tgid)) {
		err = check_kill_permission(sig, info, task);
		if (!err && sig) {
			err = do_send_sig_info(sig, info, task, PIDTYPE_PID);
			/* It died in between: as if just before. */
			if (err == -ESRCH)
				err = 0;
		}
	}
	spin_unlock_irq(&tasklist_lock);
	return err;
}

/* do_tkill - tgkill(2); @tgid 0: tkill(2). */
long do_tkill(pid_t tgid, pid_t pid, int sig)
{
	kernel_siginfo_t info;

	siginfo_from_current(&info, sig, SI_TKILL);
	return do_send_specific(tgid, pid, sig, &info);
}

/* do_rt_sigqueueinfo - rt_sigqueueinfo(2); only to oneself as the kernel. */
long do_rt_sigqueueinfo(pid_t pid, int sig, kernel_siginfo_t *info)
{
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
	    current->pid != pid)
		return -EPERM;
	info->si_signo = sig;
	return kill_process(sig, info, NULL, pid);
}

/* do_rt_tgsigqueueinfo - rt_tgsigqueueinfo(2). */
long do_rt_tgsigqueueinfo(pid_t tgid, pid_t pid, int sig,
			  kernel_siginfo_t *info)
{
	if (pid <= 0 || tgid <= 0)
		return -EINVAL;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
	    current->pid != pid)
		return -EPERM;
	info->si_signo = sig;
	return do_send_specific(tgid, pid, sig, info);
}
