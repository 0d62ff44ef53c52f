/*
 * signal_deliver.c - taking signals: from the queues to a handler or a
 * default action.
 *
 * Runs on the way to user mode whenever TIF_SIGPENDING is set.  get_signal()
 * returns with a handler to run, or with nothing left to do; what kills does
 * not return.
 *
 * Locks: siglock.
 *
 * Entry points: get_signal, dequeue_signal, signal_setup_done,
 * recalc_sigpending, exit_signals.
 */
#include <kernel/process/signal.h>

#include <kernel/base/printk.h>
#include <kernel/lib/string.h>
#include <kernel/process/exit.h>
#include <kernel/process/internal.h>
#include <kernel/process/itimer.h>
#include <kernel/process/posix_timer.h>
#include <kernel/process/session.h>
#include <kernel/sched/task_work.h>
#include <kernel/sched/wait.h>

/* recalc_sigpending_tsk - must @task look at its signals?  Sets the flag but
 * never clears it: only current may do that for itself.  siglock held. */
bool recalc_sigpending_tsk(struct task_struct *task)
{
	sigset_t pending =
		task->pending.signal | task->signal->shared_pending.signal;

	if ((task->jobctl & JOBCTL_PENDING_MASK) ||
	    (pending & ~task->blocked) != 0) {
		set_tsk_thread_flag(task, TIF_SIGPENDING);
		return true;
	}
	return false;
}

/* recalc_sigpending - see signal.h.  siglock held. */
void recalc_sigpending(void)
{
	if (!recalc_sigpending_tsk(current))
		clear_thread_flag(TIF_SIGPENDING);
}

/* calculate_sigpending - a new task looks at what fork left for it. */
void calculate_sigpending(void)
{
	spin_lock_irq(&current->sighand->siglock);
	set_thread_flag(TIF_SIGPENDING);
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
}

/* The signal to take next: those of faults first, then by number. */
static int next_signal(const struct sigpending *pending, sigset_t blocked)
{
	sigset_t ready = pending->signal & ~blocked;

	if (!ready)
		return 0;
	if (ready & SYNCHRONOUS_MASK)
		ready &= SYNCHRONOUS_MASK;
	return __builtin_ctzll(ready) + 1;
}

/*
 * Take the first entry of @sig out of @pending; *@timer is set, referenced, if
 * a timer sent it and wants to be told.
 */
static void collect_signal(int sig, struct sigpending *pending,
			   kernel_siginfo_t *info, struct posix_timer **timer)
{
	struct sigqueue *first = NULL;
	struct sigqueue *q;
	bool more = false;

	list_for_each_entry (q, &pending->list, list) {
		if (q->info.si_signo != sig)
			continue;
		if (first) {
			more = true;
			break;
		}
		first = q;
	}
	if (!more)
		sigdelset(&pending->signal, sig);
	if (first) {
		list_del_init(&first->list);
		*info = first->info;
		*timer = first->timer ? posix_timer_get(first->timer) : NULL;
		sigqueue_release(first);
		return;
	}
	/* It found no room in the queue: all we know is that it came. */
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = SI_USER;
}

/* dequeue_signal - see signal.h.  @task is current. */
int dequeue_signal(struct task_struct *task, const sigset_t *mask,
		   kernel_siginfo_t *info)
{
	struct sigpending *pending = &task->pending;
	struct posix_timer *timer = NULL;
	int sig;

	assert_held(&task->sighand->siglock);
	sig = next_signal(pending, *mask);
	if (!sig) {
		pending = &task->signal->shared_pending;
		sig = next_signal(pending, *mask);
		/* ITIMER_REAL goes on only when its signal is taken. */
		if (sig == SIGALRM)
			itimer_real_rearm(task->signal);
	}
	if (sig)
		collect_signal(sig, pending, info, &timer);
	recalc_sigpending();
	if (!sig)
		return 0;
	/* Until it has stopped, a SIGCONT may still cancel the stop. */
	if (sig_in(sig, SIG_KERNEL_STOP_MASK))
		task->jobctl |= JOBCTL_STOP_DEQUEUED;
	if (timer) {
		/* It may have to add up the times of another process. */
		spin_unlock_irq(&task->sighand->siglock);
		posixtimer_rearm(timer, info);
		spin_lock_irq(&task->sighand->siglock);
	}
	return sig;
}

/* A fault's own signal before any other, in the order they were caused. */
static int dequeue_synchronous_signal(kernel_siginfo_t *info)
{
	struct sigpending *pending = &current->pending;
	struct posix_timer *timer = NULL;
	struct sigqueue *q;
	int sig;

	if (!((pending->signal & ~current->blocked) & SYNCHRONOUS_MASK))
		return 0;
	list_for_each_entry (q, &pending->list, list) {
		sig = q->info.si_signo;
		if (q->info.si_code > SI_USER &&
		    (sigmask(sig) & SYNCHRONOUS_MASK & ~current->blocked)) {
			collect_signal(sig, pending, info, &timer);
			recalc_sigpending();
			return sig;
		}
	}
	return 0;
}

/* Tell the parent that the group was stopped or goes on.  siglock dropped. */
static void signal_tell_parent(void)
{
	struct signal_struct *sig = current->signal;
	int why =
		sig->flags & SIGNAL_CLD_CONTINUED ? CLD_CONTINUED : CLD_STOPPED;

	sig->flags &= ~(SIGNAL_CLD_CONTINUED | SIGNAL_CLD_STOPPED);
	spin_unlock_irq(&current->sighand->siglock);
	spin_lock_irq(&tasklist_lock);
	do_notify_parent_cldstop(current, false, why);
	spin_unlock_irq(&tasklist_lock);
}

/* What one look at the queues came to. */
enum signal_step {
	SIGNAL_NONE,   /* nothing (more) to take */
	SIGNAL_HANDLE, /* a handler is to run */
	SIGNAL_AGAIN,  /* siglock held: look again */
	SIGNAL_RELOCK, /* siglock was dropped: take it, look again */
	SIGNAL_FATAL,  /* siglock held: the process dies of ksig->sig */
};

/* The default action of ksig->sig. */
static enum signal_step signal_default(struct ksignal *ksig)
{
	int sig = ksig->sig;

	if (sig_in(sig, SIG_KERNEL_IGNORE_MASK))
		return SIGNAL_AGAIN;
	/* Init dies and stops of nothing it has no handler for. */
	if ((current->signal->flags & SIGNAL_UNKILLABLE) &&
	    !sig_in(sig, SIG_KERNEL_ONLY_MASK))
		return SIGNAL_AGAIN;
	if (!sig_in(sig, SIG_KERNEL_STOP_MASK))
		return SIGNAL_FATAL;
	if (sig != SIGSTOP) {
		bool orphaned;

		/* Nobody could wake an orphaned group: ^Z does nothing. */
		spin_unlock_irq(&current->sighand->siglock);
		orphaned = is_current_pgrp_orphaned();
		if (orphaned)
			return SIGNAL_RELOCK;
		spin_lock_irq(&current->sighand->siglock);
	}
	return do_signal_stop(sig) ? SIGNAL_RELOCK : SIGNAL_AGAIN;
}

/* Take one signal, or stop, or die; siglock held. */
static enum signal_step signal_take(struct ksignal *ksig)
{
	struct signal_struct *sig = current->signal;
	struct sigaction *action;

	if (sig->flags & (SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED)) {
		signal_tell_parent();
		return SIGNAL_RELOCK;
	}
	if ((sig->flags & SIGNAL_GROUP_EXIT) || sig->group_exec_task) {
		ksig->sig = SIGKILL;
		ksig->info.si_signo = SIGKILL;
		sigdelset(&current->pending.signal, SIGKILL);
		recalc_sigpending();
		return SIGNAL_FATAL;
	}
	if ((current->jobctl & JOBCTL_STOP_PENDING) && do_signal_stop(0))
		return SIGNAL_RELOCK;

	ksig->sig = dequeue_synchronous_signal(&ksig->info);
	if (!ksig->sig)
		ksig->sig =
			dequeue_signal(current, &current->blocked, &ksig->info);
	if (!ksig->sig)
		return SIGNAL_NONE;

	action = &current->sighand->action[ksig->sig - 1];
	if (action->sa_handler == SIG_IGN)
		return SIGNAL_AGAIN;
	if (action->sa_handler == SIG_DFL)
		return signal_default(ksig);
	ksig->sa = *action;
	if (action->sa_flags & SA_ONESHOT)
		action->sa_handler = SIG_DFL;
	return SIGNAL_HANDLE;
}

int print_fatal_signals;

/* kernel.print-fatal-signals: what ends current, and where it was. */
static void report_fatal_signal(int sig)
{
	pr_info("potentially unexpected fatal signal %d.\n", sig);
	show_regs(task_pt_regs(current));
}

/* get_signal - see signal.h. */
__landmark bool get_signal(struct ksignal *ksig)
{
	enum signal_step step;

	if (READ_ONCE(current->task_works))
		task_work_run();
	ksig->sig = 0;
	if (!signal_pending(current))
		return false;
	do {
		spin_lock_irq(&current->sighand->siglock);
		do {
			step = signal_take(ksig);
		} while (step == SIGNAL_AGAIN);
	} while (step == SIGNAL_RELOCK);
	spin_unlock_irq(&current->sighand->siglock);

	if (step == SIGNAL_FATAL) {
		current->flags |= PF_SIGNALED;
		if (print_fatal_signals &&
		    sig_in(ksig->sig, SIG_KERNEL_COREDUMP_MASK))
			report_fatal_signal(ksig->sig);
		/* Core files are not written: the status bit stays clear. */
		do_group_exit(ksig->sig);
	}
	if (step == SIGNAL_NONE)
		ksig->sig = 0;
	return step == SIGNAL_HANDLE;
}

/* signal_setup_done - see signal.h. */
void signal_setup_done(int failed, struct ksignal *ksig, int stepping)
{
	sigset_t blocked;

	(void)stepping;
	if (failed) {
		force_sigsegv(ksig->sig);
		return;
	}
	/* The frame has the mask to go back to. */
	clear_thread_flag(TIF_RESTORE_SIGMASK);
	blocked = current->blocked | ksig->sa.sa_mask;
	if (!(ksig->sa.sa_flags & SA_NODEFER))
		sigaddset(&blocked, ksig->sig);
	set_current_blocked(&blocked);
	if (current->sas_ss_flags & SS_AUTODISARM)
		sas_ss_reset(current);
}

/*
 * retarget_shared_pending - @task will not take @which of its process's
 * pending signals: wake others for them.  siglock held.
 */
void retarget_shared_pending(struct task_struct *task, sigset_t which)
{
	sigset_t retarget = task->signal->shared_pending.signal & which;
	struct task_struct *thread;

	if (!retarget)
		return;
	for_each_thread (task, thread) {
		if (thread == task || (thread->flags & PF_EXITING))
			continue;
		if (!(retarget & ~thread->blocked))
			continue;
		/* It takes some of them; the rest needs another. */
		retarget &= thread->blocked;
		if (!signal_pending(thread))
			signal_wake_up(thread, false);
		if (!retarget)
			break;
	}
}

/* exit_signals - @task (current) is dying and takes no more signals. */
void exit_signals(struct task_struct *task)
{
	bool group_stop = false;

	spin_lock_irq(&task->sighand->siglock);
	task->flags |= PF_EXITING;
	if (!thread_group_empty(task) &&
	    !(task->signal->flags & SIGNAL_GROUP_EXIT) &&
	    signal_pending(task)) {
		retarget_shared_pending(task, ~task->blocked);
		/* A stop waits for us: we count as stopped. */
		if (task->jobctl & JOBCTL_STOP_PENDING)
			group_stop = task_participate_group_stop(task);
	}
	spin_unlock_irq(&task->sighand->siglock);
	if (group_stop) {
		spin_lock_irq(&tasklist_lock);
		do_notify_parent_cldstop(task, false, CLD_STOPPED);
		spin_unlock_irq(&tasklist_lock);
	}
}

int show_unhandled_signals = 1;

/* unhandled_signal - would @sig, caused by a fault now, kill @task?  For the
 * log line. */
bool unhandled_signal(struct task_struct *task, int sig)
{
	__sighandler_t handler = task->sighand->action[sig - 1].sa_handler;

	if (is_global_init(task))
		return true;
	return handler == SIG_DFL || handler == SIG_IGN;
}
