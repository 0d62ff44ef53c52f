/*
 * signal_force.c - signals a thread cannot refuse, and what a parent is told.
 *
 * A fault's signal goes to the thread that caused it: if that blocks or
 * ignores it, the default action is put back and the process dies.
 *
 * Entry points: force_sig, force_sig_info, force_sig_fault, force_sigsegv,
 * force_fatal_sig, send_sig_fault, do_notify_parent, zap_other_threads.
 */
#include <kernel/process/signal.h>

#include <abi/errno.h>
#include <kernel/lib/string.h>
#include <kernel/process/internal.h>
#include <kernel/process/wait.h>
#include <kernel/sched/stats.h>
#include <kernel/sched/wait.h>

/* Send @info to current; @fatal: no handler may take it. */
static int force_sig_info_to_current(kernel_siginfo_t *info, bool fatal)
{
	struct task_struct *task = current;
	struct sigaction *action;
	int sig = info->si_signo;
	unsigned long flags;
	bool blocked;
	int err;

	spin_lock_irqsave(&task->sighand->siglock, flags);
	action = &task->sighand->action[sig - 1];
	blocked = sigismember(&task->blocked, sig);
	if (blocked || fatal || action->sa_handler == SIG_IGN) {
		action->sa_handler = SIG_DFL;
		sigdelset(&task->blocked, sig);
	}
	/* Even init dies of its own faults. */
	if (action->sa_handler == SIG_DFL)
		task->signal->flags &= ~SIGNAL_UNKILLABLE;
	err = send_signal_locked(sig, info, task, PIDTYPE_PID);
	if (!signal_pending(task))
		signal_wake_up(task, false);
	spin_unlock_irqrestore(&task->sighand->siglock, flags);
	return err;
}

/* force_sig_info - see signal.h. */
int force_sig_info(kernel_siginfo_t *info)
{
	return force_sig_info_to_current(info, false);
}

static void siginfo_kernel(kernel_siginfo_t *info, int sig)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = SI_KERNEL;
}

/* force_sig - see signal.h. */
void force_sig(int sig)
{
	kernel_siginfo_t info;

	siginfo_kernel(&info, sig);
	(void)force_sig_info_to_current(&info, false);
}

/* force_fatal_sig - see signal.h. */
void force_fatal_sig(int sig)
{
	kernel_siginfo_t info;

	siginfo_kernel(&info, sig);
	(void)force_sig_info_to_current(&info, true);
}

/* force_sigsegv - a frame for @sig could not be made. */
void force_sigsegv(int sig)
{
	if (sig == SIGSEGV)
		force_fatal_sig(SIGSEGV);
	else
		force_sig(SIGSEGV);
}

static void siginfo_fault(kernel_siginfo_t *info, int sig, int code,
			  void __user *addr)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = code;
	info->si_addr = addr;
}

/* force_sig_fault - see signal.h. */
__landmark int force_sig_fault(int sig, int code, void __user *addr)
{
	kernel_siginfo_t info;

	siginfo_fault(&info, sig, code, addr);
	return force_sig_info_to_current(&info, false);
}

/* send_sig_fault - the same for any thread, refusable. */
int send_sig_fault(int sig, int code, void __user *addr,
		   struct task_struct *task)
{
	kernel_siginfo_t info;

	siginfo_fault(&info, sig, code, addr);
	return send_sig_info(sig, &info, task);
}

/* The siginfo of SIGCHLD, without code and status. */
static void siginfo_child(kernel_siginfo_t *info, int sig,
			  struct task_struct *task)
{
	u64 utime;
	u64 stime;

	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_pid = task->pid;
	info->si_uid = task_uid(task);
	task_cputime(task, &utime, &stime);
	info->si_utime = (clock_t)((utime + task->signal->utime) /
				   (NSEC_PER_SEC / USER_HZ));
	info->si_stime = (clock_t)((stime + task->signal->stime) /
				   (NSEC_PER_SEC / USER_HZ));
}

/*
 * do_notify_parent - @task, last of its group, has died: signal and wake its
 * parent.  True: the parent does not want to wait, reap it now.
 * tasklist_lock held.
 */
bool do_notify_parent(struct task_struct *task, int sig)
{
	struct sighand_struct *psig = task->parent->sighand;
	struct sigaction *action = &psig->action[SIGCHLD - 1];
	bool autoreap = false;
	kernel_siginfo_t info;

	assert_held(&tasklist_lock);
	wake_up_all(&task->pids[PIDTYPE_PID]->wait_pidfd);

	/* A parent that has become another program gets SIGCHLD only. */
	if (sig != SIGCHLD &&
	    task->parent_exec_id != READ_ONCE(task->parent->self_exec_id))
		sig = SIGCHLD;
	siginfo_child(&info, sig, task);
	info.si_status = task->exit_code & 0x7f;
	if (task->exit_code & WAIT_CORE_FLAG) {
		info.si_code = CLD_DUMPED;
	} else if (task->exit_code & 0x7f) {
		info.si_code = CLD_KILLED;
	} else {
		info.si_code = CLD_EXITED;
		info.si_status = task->exit_code >> 8;
	}

	spin_lock(&psig->siglock);
	if (!task->ptrace && sig == SIGCHLD &&
	    (action->sa_handler == SIG_IGN ||
	     (action->sa_flags & SA_NOCLDWAIT))) {
		/* wait(2): such children leave no zombie. */
		autoreap = true;
		if (action->sa_handler == SIG_IGN)
			sig = 0;
	}
	if (sig && valid_signal(sig))
		(void)send_signal_locked(sig, &info, task->parent,
					 PIDTYPE_TGID);
	__wake_up_parent(task, task->parent);
	spin_unlock(&psig->siglock);
	return autoreap;
}

/*
 * do_notify_parent_cldstop - @task's group has stopped or goes on (@why is
 * CLD_*).  tasklist_lock held.
 */
void do_notify_parent_cldstop(struct task_struct *task, bool for_ptracer,
			      int why)
{
	struct sighand_struct *psig;
	struct sigaction *action;
	struct task_struct *parent;
	kernel_siginfo_t info;

	assert_held(&tasklist_lock);
	if (for_ptracer) {
		parent = task->parent;
	} else {
		task = task->group_leader;
		parent = task->real_parent;
	}
	siginfo_child(&info, SIGCHLD, task);
	info.si_code = why;
	if (why == CLD_CONTINUED)
		info.si_status = SIGCONT;
	else if (why == CLD_STOPPED)
		info.si_status = task->signal->group_exit_code & 0x7f;
	else
		info.si_status = task->exit_code & 0x7f;

	psig = parent->sighand;
	spin_lock(&psig->siglock);
	action = &psig->action[SIGCHLD - 1];
	if (action->sa_handler != SIG_IGN && !(action->sa_flags & SA_NOCLDSTOP))
		(void)send_signal_locked(SIGCHLD, &info, parent, PIDTYPE_TGID);
	/* Even without the signal it may be waiting. */
	__wake_up_parent(task, parent);
	spin_unlock(&psig->siglock);
}

/*
 * zap_other_threads - SIGKILL for every other thread of @task's process;
 * returns how many there are.  siglock held.
 */
int zap_other_threads(struct task_struct *task)
{
	struct task_struct *thread;
	int count = 0;

	task->signal->group_stop_count = 0;
	for_each_thread (task, thread) {
		if (thread == task)
			continue;
		task_clear_jobctl_pending(thread, JOBCTL_PENDING_MASK);
		count++;
		if (thread->exit_state)
			continue;
		sigaddset(&thread->pending.signal, SIGKILL);
		signal_wake_up(thread, true);
	}
	return count;
}
