/*
 * sigaction.c - dispositions, masks, the alternate stack, and waiting for
 * signals: the calls of signal(7) that do not send.
 *
 * Locks: siglock.
 *
 * Entry points: do_sigaction, sigprocmask, set_current_blocked,
 * set_user_sigmask, do_sigaltstack, do_sigpending, do_sigtimedwait, sigsuspend,
 * flush_signal_handlers, ignore_signals.
 */
#include <kernel/process/signal.h>

#include <abi/errno.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/string.h>
#include <kernel/process/internal.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

#define UAPI_SA_FLAGS                                                          \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART |  \
	 SA_NODEFER | SA_RESETHAND | SA_EXPOSE_TAGBITS | SA_RESTORER)

/* POSIX: ignoring a signal discards it, blocked or not.  siglock held. */
static __noinline void discard_pending(int sig)
{
	struct task_struct *thread;
	sigset_t mask = sigmask(sig);

	flush_sigqueue_mask(&mask, &current->signal->shared_pending);
	for_each_thread (current, thread)
		flush_sigqueue_mask(&mask, &thread->pending);
	recalc_sigpending();
}

/* do_sigaction - see signal.h. */
int do_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct sighand_struct *sighand = current->sighand;
	struct sigaction *action;

	if (sig < 1 || sig > _NSIG ||
	    (act && sig_in(sig, SIG_KERNEL_ONLY_MASK)))
		return -EINVAL;
	action = &sighand->action[sig - 1];
	spin_lock_irq(&sighand->siglock);
	if (old)
		*old = *action;
	if (act) {
		*action = *act;
		/* Cleared unknown bits tell programs what is supported. */
		action->sa_flags &= UAPI_SA_FLAGS;
		action->sa_mask &= ~SIG_KERNEL_ONLY_MASK;
		if (sig_handler_ignored(action->sa_handler, sig))
			discard_pending(sig);
	}
	spin_unlock_irq(&sighand->siglock);
	return 0;
}

/* The new mask; signals that become blocked may go to other threads. */
static void set_blocked_locked(sigset_t set)
{
	if (signal_pending(current) && !thread_group_empty(current))
		retarget_shared_pending(current, set & ~current->blocked);
	current->blocked = set;
	recalc_sigpending();
}

/* __set_current_blocked - *@set as it is, even with SIGKILL in it. */
void __set_current_blocked(const sigset_t *set)
{
	/* Nobody else writes our mask. */
	if (current->blocked == *set)
		return;
	spin_lock_irq(&current->sighand->siglock);
	set_blocked_locked(*set);
	spin_unlock_irq(&current->sighand->siglock);
}

/* set_current_blocked - see signal.h. */
void set_current_blocked(sigset_t *set)
{
	*set &= ~SIG_KERNEL_ONLY_MASK;
	__set_current_blocked(set);
}

/* sigprocmask - see signal.h. */
int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	sigset_t new;

	if (old)
		*old = current->blocked;
	if (!set)
		return 0;
	switch (how) {
	case SIG_BLOCK:
		new = current->blocked | *set;
		break;
	case SIG_UNBLOCK:
		new = current->blocked & ~*set;
		break;
	case SIG_SETMASK:
		new = *set;
		break;
	default:
		return -EINVAL;
	}
	set_current_blocked(&new);
	return 0;
}

/* set_user_sigmask - see signal.h. */
void set_user_sigmask(const sigset_t *set)
{
	sigset_t new = *set;

	set_thread_flag(TIF_RESTORE_SIGMASK);
	current->saved_sigmask = current->blocked;
	set_current_blocked(&new);
}

/* restore_saved_sigmask - back to the mask before the call, if there is one. */
void restore_saved_sigmask(void)
{
	if (test_and_clear_thread_flag(TIF_RESTORE_SIGMASK))
		__set_current_blocked(&current->saved_sigmask);
}

/* restore_saved_sigmask_unless - now, or (@interrupted) after the handler. */
void restore_saved_sigmask_unless(bool interrupted)
{
	if (!interrupted)
		restore_saved_sigmask();
}

/* sigmask_to_save - see signal.h. */
const sigset_t *sigmask_to_save(void)
{
	return test_thread_flag(TIF_RESTORE_SIGMASK) ? &current->saved_sigmask
						     : &current->blocked;
}

/* on_sig_stack - see signal.h. */
bool on_sig_stack(unsigned long sp)
{
	/* Such a stack is disarmed while it is in use. */
	if (current->sas_ss_flags & SS_AUTODISARM)
		return false;
	return sp > current->sas_ss_sp &&
	       sp - current->sas_ss_sp <= current->sas_ss_size;
}

/* sas_ss_flags - see signal.h. */
int sas_ss_flags(unsigned long sp)
{
	if (!current->sas_ss_size)
		return SS_DISABLE;
	return on_sig_stack(sp) ? SS_ONSTACK : 0;
}

/* sigsp - see signal.h. */
unsigned long sigsp(unsigned long sp, struct ksignal *ksig)
{
	if ((ksig->sa.sa_flags & SA_ONSTACK) && !sas_ss_flags(sp))
		return current->sas_ss_sp + current->sas_ss_size;
	return sp;
}

/* do_sigaltstack - see signal.h. */
int do_sigaltstack(const stack_t *ss, stack_t *old, unsigned long sp,
		   size_t min_size)
{
	unsigned int mode;

	if (old) {
		memset(old, 0, sizeof(*old));
		old->ss_sp = (void __user *)current->sas_ss_sp;
		old->ss_size = current->sas_ss_size;
		old->ss_flags = sas_ss_flags(sp) |
				(int)(current->sas_ss_flags & SS_FLAG_BITS);
	}
	if (!ss)
		return 0;
	if (on_sig_stack(sp))
		return -EPERM;
	mode = (unsigned int)ss->ss_flags & ~SS_FLAG_BITS;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		current->sas_ss_sp = 0;
		current->sas_ss_size = 0;
	} else {
		if (ss->ss_size < min_size)
			return -ENOMEM;
		current->sas_ss_sp = (unsigned long)ss->ss_sp;
		current->sas_ss_size = ss->ss_size;
	}
	current->sas_ss_flags = (unsigned int)ss->ss_flags;
	return 0;
}

/* restore_altstack - see signal.h. */
void restore_altstack(const stack_t *ss)
{
	/* Mostly nothing has changed. */
	if ((unsigned long)ss->ss_sp == current->sas_ss_sp &&
	    ss->ss_size == current->sas_ss_size &&
	    (unsigned int)ss->ss_flags == current->sas_ss_flags)
		return;
	(void)do_sigaltstack(ss, NULL, current_pt_regs()->sp, MINSIGSTKSZ);
}

/* do_sigpending - blocked signals that wait, sigpending(2). */
void do_sigpending(sigset_t *set)
{
	spin_lock_irq(&current->sighand->siglock);
	*set = (current->pending.signal |
		current->signal->shared_pending.signal) &
	       current->blocked;
	spin_unlock_irq(&current->sighand->siglock);
}

/* Sleep until one of ~@mask comes or @deadline_ns is over; then look again. */
static int sigtimedwait_sleep(sigset_t mask, kernel_siginfo_t *info,
			      u64 deadline_ns, bool *timed_out)
{
	int sig;

	/* None of them takes effect meanwhile: real_blocked says so. */
	current->real_blocked = current->blocked;
	current->blocked &= mask;
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);

	set_current_state(TASK_INTERRUPTIBLE);
	*timed_out = schedule_until_ns(TIMER_MONO, deadline_ns,
				       current->timer_slack_ns);

	spin_lock_irq(&current->sighand->siglock);
	set_blocked_locked(current->real_blocked);
	current->real_blocked = 0;
	sig = dequeue_signal(current, &mask, info);
	return sig;
}

/* do_sigtimedwait - see signal.h. */
int do_sigtimedwait(const sigset_t *set, kernel_siginfo_t *info,
		    const u64 *timeout_ns)
{
	sigset_t mask = ~(*set & ~SIG_KERNEL_ONLY_MASK);
	u64 deadline_ns = MAX_TIMEOUT_NS;
	bool timed_out = true;
	int sig;

	if (timeout_ns && *timeout_ns < MAX_TIMEOUT_NS / 2)
		deadline_ns = ktime_get_ns() + *timeout_ns;
	spin_lock_irq(&current->sighand->siglock);
	sig = dequeue_signal(current, &mask, info);
	if (!sig && !(timeout_ns && !*timeout_ns))
		sig = sigtimedwait_sleep(mask, info, deadline_ns, &timed_out);
	spin_unlock_irq(&current->sighand->siglock);
	if (sig)
		return sig;
	return timed_out ? -EAGAIN : -EINTR;
}

/* ksys_pause - see signal.h. */
int ksys_pause(void)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (signal_pending(current))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return -ERESTARTNOHAND;
}

/* sigsuspend - see signal.h. */
int sigsuspend(sigset_t *set)
{
	current->saved_sigmask = current->blocked;
	set_current_blocked(set);
	(void)ksys_pause();
	set_thread_flag(TIF_RESTORE_SIGMASK);
	return -ERESTARTNOHAND;
}

/* flush_signals - drop what is pending for @task and its process. */
void flush_signals(struct task_struct *task)
{
	unsigned long flags;

	if (!lock_task_sighand(task, &flags))
		return;
	clear_tsk_thread_flag(task, TIF_SIGPENDING);
	flush_sigqueue(&task->pending);
	flush_sigqueue(&task->signal->shared_pending);
	unlock_task_sighand(task, &flags);
}

/* flush_signal_handlers - exec: handlers to SIG_DFL; @force_default: SIG_IGN
 * as well. */
void flush_signal_handlers(struct task_struct *task, bool force_default)
{
	struct sigaction *action = task->sighand->action;
	int i;

	for (i = 0; i < _NSIG; i++, action++) {
		if (force_default || action->sa_handler != SIG_IGN)
			action->sa_handler = SIG_DFL;
		action->sa_flags = 0;
		action->sa_restorer = NULL;
		action->sa_mask = 0;
	}
}

/* ignore_signals - a kernel thread takes none. */
void ignore_signals(struct task_struct *task)
{
	int i;

	for (i = 0; i < _NSIG; i++)
		task->sighand->action[i].sa_handler = SIG_IGN;
	flush_signals(task);
}
