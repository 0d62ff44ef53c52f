/*
 * signal_send.c - from kill(2), a fault or a timer to a queued signal.
 *
 * All ways lead to __send_signal_locked(): prepare_signal() decides whether
 * the signal counts at all (and lets SIGCONT and the stop signals cancel each
 * other), the queue takes it, complete_signal() picks a thread to wake - or,
 * for a signal that will kill, marks the process as dying at once.
 *
 * Locks: siglock of the target.  Works from interrupts.
 *
 * Entry points: send_signal_locked, do_send_sig_info, send_sig, send_sigqueue,
 * lock_task_sighand, flush_sigqueue, sighand_alloc.
 */
#include <kernel/process/signal.h>

#include <abi/errno.h>
#include <abi/poll.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/irqflags.h>
#include <kernel/base/refcount.h>
#include <kernel/lib/string.h>
#include <kernel/process/internal.h>
#include <kernel/process/pid.h>
#include <kernel/process/wait.h>
#include <kernel/sched/core.h>
#include <kernel/sched/rlimit.h>
#include <kernel/sched/stats.h>
#include <kernel/sched/wait.h>

static struct kmem_cache *sigqueue_cache __read_mostly;
static struct kmem_cache *sighand_cache __read_mostly;

/* signals_init - the object caches; once, at boot. */
void __init signals_init(void)
{
	sigqueue_cache =
		kmem_cache_create("sigqueue", sizeof(struct sigqueue), 0, NULL);
	sighand_cache = kmem_cache_create(
		"sighand_cache", sizeof(struct sighand_struct), 0, NULL);
	assert(sigqueue_cache && sighand_cache);
}

/* sighand_alloc - empty (all SIG_DFL), one reference; NULL: no memory. */
struct sighand_struct *sighand_alloc(void)
{
	struct sighand_struct *sighand = kmem_cache_zalloc(sighand_cache);

	if (!sighand)
		return NULL;
	refcount_set(&sighand->count, 1);
	spin_lock_init(&sighand->siglock, LOCK_SIGHAND);
	init_waitqueue_head(&sighand->signalfd_wq);
	return sighand;
}

DEFINE_SPINLOCK(pollfree_lock, LOCK_LEAF_IRQ);

/* __cleanup_sighand - drop a reference; the last one frees, after all epolls
 * have left the queue. */
void __cleanup_sighand(struct sighand_struct *sighand)
{
	unsigned long flags;

	if (!refcount_dec_and_test(&sighand->count))
		return;
	if (sighand->signalfd_polled) {
		spin_lock_irqsave(&pollfree_lock, flags);
		wake_up_all_poll(&sighand->signalfd_wq, POLLHUP | POLLFREE);
		spin_unlock_irqrestore(&pollfree_lock, flags);
	}
	kmem_cache_free(sighand_cache, sighand);
}

/*
 * lock_task_sighand - see signal.h.  The pointer may be replaced by exec while
 * we look; the old object outlives every CPU that had interrupts off then.
 */
struct sighand_struct *lock_task_sighand(struct task_struct *task,
					 unsigned long *flags)
{
	struct sighand_struct *sighand;

	for (;;) {
		local_irq_save(*flags);
		sighand = READ_ONCE(task->sighand);
		spin_lock(&sighand->siglock);
		if (sighand == READ_ONCE(task->sighand))
			break;
		spin_unlock_irqrestore(&sighand->siglock, *flags);
	}
	if (pid_alive(task))
		return sighand;
	spin_unlock_irqrestore(&sighand->siglock, *flags);
	return NULL;
}

/* unlock_task_sighand - undo lock_task_sighand. */
void unlock_task_sighand(struct task_struct *task, unsigned long *flags)
{
	spin_unlock_irqrestore(&task->sighand->siglock, *flags);
}

/* sig_task_ignored - would @task drop @sig if it did not block it? */
bool sig_task_ignored(struct task_struct *task, int sig, bool force)
{
	__sighandler_t handler = task->sighand->action[sig - 1].sa_handler;

	/* Init gets neither SIGKILL nor SIGSTOP. */
	if (is_global_init(task) && sig_in(sig, SIG_KERNEL_ONLY_MASK))
		return true;
	if ((task->signal->flags & SIGNAL_UNKILLABLE) && handler == SIG_DFL &&
	    !(force && sig_in(sig, SIG_KERNEL_ONLY_MASK)))
		return true;
	return sig_handler_ignored(handler, sig);
}

static bool sig_ignored(struct task_struct *task, int sig, bool force)
{
	/* A blocked signal stays: the handler may change before it is taken. */
	if (sigismember(&task->blocked, sig) ||
	    sigismember(&task->real_blocked, sig))
		return false;
	if (task->ptrace && sig != SIGKILL)
		return false;
	return sig_task_ignored(task, sig, force);
}

/* sigqueue_release - a queue entry is done with; a timer keeps its own. */
void sigqueue_release(struct sigqueue *q)
{
	if (q->timer)
		return;
	atomic_dec(&q->user->sigpending);
	free_uid(q->user);
	kmem_cache_free(sigqueue_cache, q);
}

/*
 * sigqueue_new - an entry counted for @task's user, NULL beyond
 * RLIMIT_SIGPENDING (unless @override) or without memory.  @task's siglock is
 * held, so its real_cred stays.
 */
static struct sigqueue *sigqueue_new(struct task_struct *task, bool override)
{
	struct user_struct *user = task->real_cred->user;
	struct sigqueue *q = NULL;

	if (atomic_inc_return(&user->sigpending) <=
		    (s64)min_t(u64, task_rlimit(task, RLIMIT_SIGPENDING),
			       INT32_MAX) ||
	    override)
		q = kmem_cache_alloc(sigqueue_cache);
	if (!q) {
		atomic_dec(&user->sigpending);
		return NULL;
	}
	INIT_LIST_HEAD(&q->list);
	q->user = get_uid(user);
	q->timer = NULL;
	return q;
}

/* sigqueue_alloc - an entry for a timer of current's; NULL: limit, memory. */
struct sigqueue *sigqueue_alloc(void)
{
	struct sigqueue *q;

	spin_lock_irq(&current->sighand->siglock);
	q = sigqueue_new(current, false);
	spin_unlock_irq(&current->sighand->siglock);
	return q;
}

/*
 * sigqueue_free - a timer is gone.  If its signal is still queued, whoever
 * takes it frees the entry.  Current's siglock is taken.
 */
void sigqueue_free(struct sigqueue *q)
{
	spin_lock_irq(&current->sighand->siglock);
	q->timer = NULL;
	if (list_empty(&q->list))
		sigqueue_release(q);
	spin_unlock_irq(&current->sighand->siglock);
}

/* flush_sigqueue_mask - drop what is in @mask.  siglock held. */
void flush_sigqueue_mask(const sigset_t *mask, struct sigpending *pending)
{
	struct sigqueue *q;
	struct sigqueue *next;

	if ((pending->signal & *mask) == 0)
		return;
	pending->signal &= ~*mask;
	list_for_each_entry_safe (q, next, &pending->list, list) {
		if (sigismember(mask, q->info.si_signo)) {
			list_del_init(&q->list);
			sigqueue_release(q);
		}
	}
}

/* flush_sigqueue - drop everything; nobody else looks at it. */
void flush_sigqueue(struct sigpending *pending)
{
	const sigset_t all = ~0ULL;

	flush_sigqueue_mask(&all, pending);
	/* An entry without its bit cannot be, but must not leak. */
	assert(list_empty(&pending->list));
}

static void flush_group_signals(struct task_struct *task, sigset_t mask)
{
	struct task_struct *thread;

	flush_sigqueue_mask(&mask, &task->signal->shared_pending);
	for_each_thread (task, thread)
		flush_sigqueue_mask(&mask, &thread->pending);
}

/*
 * prepare_signal - what a signal does just by being sent: stops and SIGCONT
 * cancel each other, SIGCONT wakes a stopped process.  False: drop it.
 */
bool prepare_signal(int sig, struct task_struct *task, bool force)
{
	if (task->signal->flags & SIGNAL_GROUP_EXIT)
		return false;
	if (sig_in(sig, SIG_KERNEL_STOP_MASK)) {
		flush_group_signals(task, sigmask(SIGCONT));
	} else if (sig == SIGCONT) {
		flush_group_signals(task, SIG_KERNEL_STOP_MASK);
		signal_continue(task);
	}
	return !sig_ignored(task, sig, force);
}

/* signal_wake_up_state - see signal.h.  siglock held. */
void signal_wake_up_state(struct task_struct *task, unsigned int state)
{
	set_tsk_thread_flag(task, TIF_SIGPENDING);
	if (task == current && READ_ONCE(task->__state) == TASK_RUNNING)
		return;
	if (!wake_up_state(task, state | TASK_INTERRUPTIBLE))
		kick_process(task);
}

/* Can @task take @sig soon? */
static bool wants_signal(int sig, struct task_struct *task)
{
	if (sigismember(&task->blocked, sig) || (task->flags & PF_EXITING))
		return false;
	if (sig == SIGKILL)
		return true;
	if (READ_ONCE(task->__state) & (__TASK_STOPPED | __TASK_TRACED))
		return false;
	return !signal_pending(task) || task_curr(task);
}

/* The thread of @task's process to take @sig: @task itself, or in turn. */
static struct task_struct *signal_choose_thread(int sig,
						struct task_struct *task,
						enum pid_type type)
{
	struct signal_struct *sig_struct = task->signal;
	struct task_struct *thread;
	int left;

	if (wants_signal(sig, task))
		return task;
	if (type == PIDTYPE_PID || thread_group_empty(task))
		return NULL;
	thread = sig_struct->curr_target ? sig_struct->curr_target : task;
	for (left = sig_struct->nr_threads; left > 0; left--) {
		if (list_is_last(&thread->thread_node,
				 &sig_struct->thread_head))
			thread = list_first_entry(&sig_struct->thread_head,
						  struct task_struct,
						  thread_node);
		else
			thread = list_next_entry(thread, thread_node);
		if (wants_signal(sig, thread)) {
			sig_struct->curr_target = thread;
			return thread;
		}
	}
	return NULL;
}

/* Will taking @sig end @task's process, with no core to write first? */
static bool signal_kills(struct task_struct *task, struct task_struct *thread,
			 int sig)
{
	if (task->sighand->action[sig - 1].sa_handler != SIG_DFL ||
	    sig_in(sig, SIG_KERNEL_IGNORE_MASK | SIG_KERNEL_STOP_MASK))
		return false;
	if (task->signal->flags & SIGNAL_GROUP_EXIT)
		return false;
	if ((task->signal->flags & SIGNAL_UNKILLABLE) &&
	    !sig_in(sig, SIG_KERNEL_ONLY_MASK))
		return false;
	if (sigismember(&thread->real_blocked, sig))
		return false;
	if (sig != SIGKILL && task->ptrace)
		return false;
	return !sig_in(sig, SIG_KERNEL_COREDUMP_MASK);
}

/* complete_signal - somebody takes the signal just queued.  siglock held. */
static __landmark void complete_signal(int sig, struct task_struct *task,
				       enum pid_type type)
{
	struct task_struct *thread = signal_choose_thread(sig, task, type);
	struct task_struct *t;

	if (!thread)
		return;
	if (!signal_kills(task, thread, sig)) {
		signal_wake_up(thread, sig == SIGKILL);
		return;
	}
	task->signal->flags = SIGNAL_GROUP_EXIT;
	task->signal->group_exit_code = sig;
	task->signal->group_stop_count = 0;
	for_each_thread (task, t) {
		task_clear_jobctl_pending(t, JOBCTL_PENDING_MASK);
		sigaddset(&t->pending.signal, SIGKILL);
		signal_wake_up(t, true);
	}
}

/* Fill @q's info for a signal sent without one. */
static void sigqueue_fill(struct sigqueue *q, int sig,
			  const kernel_siginfo_t *info)
{
	if (info != SEND_SIG_NOINFO && info != SEND_SIG_PRIV) {
		q->info = *info;
		return;
	}
	memset(&q->info, 0, sizeof(q->info));
	q->info.si_signo = sig;
	if (info == SEND_SIG_PRIV) {
		q->info.si_code = SI_KERNEL;
		return;
	}
	q->info.si_code = SI_USER;
	q->info.si_pid = current->tgid;
	q->info.si_uid = current_uid();
}

/* The one place where a signal gets into a queue.  siglock held. */
static int __send_signal_locked(int sig, kernel_siginfo_t *info,
				struct task_struct *task, enum pid_type type,
				bool force)
{
	struct sigpending *pending = &task->pending;
	struct sigqueue *q;

	assert_held(&task->sighand->siglock);
	if (!prepare_signal(sig, task, force))
		return 0;
	if (type != PIDTYPE_PID)
		pending = &task->signal->shared_pending;
	if (sig < SIGRTMIN && sigismember(&pending->signal, sig))
		return 0;

	/* SIGKILL needs no info, and must not fail. */
	if (sig != SIGKILL && !(task->flags & PF_KTHREAD)) {
		q = sigqueue_new(task, sig < SIGRTMIN && (is_si_special(info) ||
							  info->si_code >= 0));
		if (q) {
			sigqueue_fill(q, sig, info);
			list_add_tail(&q->list, &pending->list);
		} else if (!is_si_special(info) && sig >= SIGRTMIN &&
			   info->si_code != SI_USER) {
			/* sigqueue(3): EAGAIN rather than a lost value. */
			return -EAGAIN;
		}
	}
	if (waitqueue_active(&task->sighand->signalfd_wq))
		wake_up_all(&task->sighand->signalfd_wq);
	sigaddset(&pending->signal, sig);
	complete_signal(sig, task, type);
	return 0;
}

/* send_signal_locked - see signal.h. */
__landmark int send_signal_locked(int sig, kernel_siginfo_t *info,
				  struct task_struct *task, enum pid_type type)
{
	return __send_signal_locked(sig, info, task, type,
				    info == SEND_SIG_PRIV);
}

/* do_send_sig_info - lock and send; no permission check.  -ESRCH: reaped. */
int do_send_sig_info(int sig, kernel_siginfo_t *info, struct task_struct *task,
		     enum pid_type type)
{
	unsigned long flags;
	int err;

	if (!lock_task_sighand(task, &flags))
		return -ESRCH;
	err = send_signal_locked(sig, info, task, type);
	unlock_task_sighand(task, &flags);
	return err;
}

/* send_sig_info - to one thread, without a permission check. */
int send_sig_info(int sig, kernel_siginfo_t *info, struct task_struct *task)
{
	if (!valid_signal(sig))
		return -EINVAL;
	return do_send_sig_info(sig, info, task, PIDTYPE_PID);
}

/* send_sig - the same with no info of its own. */
int send_sig(int sig, struct task_struct *task, int priv)
{
	return send_sig_info(sig, priv ? SEND_SIG_PRIV : SEND_SIG_NOINFO, task);
}

/* send_sigqueue - queue a timer's entry: 0 sent or still there, 1 dropped. */
int send_sigqueue(struct sigqueue *q, struct pid *pid, enum pid_type type)
{
	struct task_struct *task = get_pid_task(pid, type);
	struct sigpending *pending;
	unsigned long flags;
	int ret = -ESRCH;
	int sig = q->info.si_signo;

	if (!task)
		return -ESRCH;
	if (!lock_task_sighand(task, &flags))
		goto put_task;
	ret = 1;
	if (!prepare_signal(sig, task, false))
		goto unlock;
	ret = 0;
	if (!list_empty(&q->list)) {
		q->info.si_overrun++;
		goto unlock;
	}
	q->info.si_overrun = 0;
	if (waitqueue_active(&task->sighand->signalfd_wq))
		wake_up_all(&task->sighand->signalfd_wq);
	pending = type != PIDTYPE_PID ? &task->signal->shared_pending
				      : &task->pending;
	list_add_tail(&q->list, &pending->list);
	sigaddset(&pending->signal, sig);
	complete_signal(sig, task, type);
unlock:
	unlock_task_sighand(task, &flags);
put_task:
	put_task_struct(task);
	return ret;
}
