/*
 * Signals: sending, taking, dispositions, masks, stops.
 *
 * A signal is sent to a thread (task->pending) or a process
 * (signal->shared_pending) and taken by get_signal() on the way to user mode.
 * Signals 1..31 are pending at most once; 32..64 queue, up to
 * RLIMIT_SIGPENDING per user.  Stops are of whole processes (signal_stop.c).
 *
 * Locks: sighand->siglock guards all queues, masks and dispositions of one
 * process; tasklist_lock (outer) keeps processes and their groups in place.
 * Both with interrupts off, so signals may be sent from interrupts.
 *
 * Entry points: see the sections below.
 */
#pragma once

#include <abi/signal.h>
#include <kernel/process/task.h>
#include <kernel/types/signal.h>
#include <kernel/types/task.h>

struct pid;
struct pt_regs;

/* Instead of an info: sent by a program (pid, uid of current); by the kernel.
 */
#define SEND_SIG_NOINFO ((kernel_siginfo_t *)0)
#define SEND_SIG_PRIV	((kernel_siginfo_t *)1)

/* ---- sets ---- */
#define sigaddset(set, sig)   (*(set) |= sigmask(sig))
#define sigdelset(set, sig)   (*(set) &= ~sigmask(sig))
#define sigismember(set, sig) ((*(set)&sigmask(sig)) != 0)

#define SIG_KERNEL_ONLY_MASK (sigmask(SIGKILL) | sigmask(SIGSTOP))
#define SIG_KERNEL_STOP_MASK                                                   \
	(sigmask(SIGSTOP) | sigmask(SIGTSTP) | sigmask(SIGTTIN) |              \
	 sigmask(SIGTTOU))
#define SIG_KERNEL_IGNORE_MASK                                                 \
	(sigmask(SIGCONT) | sigmask(SIGCHLD) | sigmask(SIGWINCH) |             \
	 sigmask(SIGURG))
#define SIG_KERNEL_COREDUMP_MASK                                               \
	(sigmask(SIGQUIT) | sigmask(SIGILL) | sigmask(SIGTRAP) |               \
	 sigmask(SIGABRT) | sigmask(SIGFPE) | sigmask(SIGSEGV) |               \
	 sigmask(SIGBUS) | sigmask(SIGSYS) | sigmask(SIGXCPU) |                \
	 sigmask(SIGXFSZ))
#define SYNCHRONOUS_MASK                                                       \
	(sigmask(SIGSEGV) | sigmask(SIGBUS) | sigmask(SIGILL) |                \
	 sigmask(SIGTRAP) | sigmask(SIGFPE) | sigmask(SIGSYS))

#define valid_signal(sig) ((unsigned long)(sig) <= _NSIG)

static inline bool sig_in(int sig, sigset_t set)
{
	return set & sigmask(sig);
}

/* task->jobctl, under siglock.  The low 16 bits: the stop signal. */
#define JOBCTL_STOP_SIGMASK  0xffffUL
#define JOBCTL_STOP_DEQUEUED (1UL << 16) /* a stop signal was taken */
#define JOBCTL_STOP_PENDING  (1UL << 17) /* stop on the way to user mode */
#define JOBCTL_STOP_CONSUME  (1UL << 18) /* counts in group_stop_count */
#define JOBCTL_TRAP_STOP     (1UL << 19)
#define JOBCTL_TRAP_NOTIFY   (1UL << 20)
#define JOBCTL_TRAPPING	     (1UL << 21)
#define JOBCTL_LISTENING     (1UL << 22)
#define JOBCTL_PENDING_MASK                                                    \
	(JOBCTL_STOP_PENDING | JOBCTL_TRAP_STOP | JOBCTL_TRAP_NOTIFY)

/*
 * lock_task_sighand - take @task's siglock, interrupts off.  NULL: the task has
 * been reaped and takes no signals.  Any context; the caller has a reference.
 */
struct sighand_struct *lock_task_sighand(struct task_struct *task,
					 unsigned long *flags);
void unlock_task_sighand(struct task_struct *task, unsigned long *flags);

/* ---- siginfo ---- */

/* Which members of a siginfo mean something. */
enum siginfo_layout {
	SIL_KILL, /* si_pid, si_uid */
	SIL_TIMER,
	SIL_POLL,
	SIL_FAULT,
	SIL_FAULT_MCEERR, /* and si_addr_lsb */
	SIL_CHLD,
	SIL_RT, /* si_pid, si_uid, si_value */
	SIL_SYS,
};

/* siginfo_layout - for any pair, even one that no kernel sends. */
enum siginfo_layout siginfo_layout(int sig, int si_code);

/*
 * copy_siginfo_to_user, copy_siginfo_from_user - a whole siginfo_t there, what
 * the kernel keeps of it here, @sig its signal (SIGNO_OF_INFO: as it says
 * itself).  0 or -EFAULT; -E2BIG for one that says more than the kernel would
 * keep.  May sleep.
 */
int copy_siginfo_to_user(siginfo_t __user *to, const kernel_siginfo_t *from);
int copy_siginfo_from_user(kernel_siginfo_t *to, const siginfo_t __user *from,
			   int sig);
#define SIGNO_OF_INFO -1

/* ---- sending.  All return 0 or -errno; any context but where noted ---- */

/* send_signal_locked - queue for @type (PID: the thread); siglock held. */
int send_signal_locked(int sig, kernel_siginfo_t *info,
		       struct task_struct *task, enum pid_type type);

/* To one thread / to the process; no permission check. */
int send_sig_info(int sig, kernel_siginfo_t *info, struct task_struct *task);
int send_sig(int sig, struct task_struct *task, int priv);
int do_send_sig_info(int sig, kernel_siginfo_t *info, struct task_struct *task,
		     enum pid_type type);

/* With kill(2)'s permission check of current for user-sent signals. */
int group_send_sig_info(int sig, kernel_siginfo_t *info,
			struct task_struct *task, enum pid_type type);
int kill_pid_info(int sig, kernel_siginfo_t *info, struct pid *pid);

/* kill_pid, kill_pgrp - from the kernel (@priv: as such, else as current). */
int kill_pid(struct pid *pid, int sig, int priv);
int kill_pgrp(struct pid *pgrp, int sig, int priv);

/* __kill_pgrp_info - the same; tasklist_lock held. */
int __kill_pgrp_info(int sig, kernel_siginfo_t *info, struct pid *pgrp);

/*
 * kill_pid_as_ids - SIGIO and kin: as the @uid, @euid that asked for it.
 * @type PIDTYPE_PID, _TGID or _PGID.
 */
int kill_pid_as_ids(int sig, kernel_siginfo_t *info, struct pid *pid,
		    enum pid_type type, uid_t uid, uid_t euid);

/* kill(2), tkill(2) and tgkill(2) (@tgid 0: any), rt_sigqueueinfo(2). */
long ksys_kill(pid_t pid, int sig);
long do_tkill(pid_t tgid, pid_t pid, int sig);
long do_rt_sigqueueinfo(pid_t pid, int sig, kernel_siginfo_t *info);
long do_rt_tgsigqueueinfo(pid_t tgid, pid_t pid, int sig,
			  kernel_siginfo_t *info);

/*
 * force_sig - current gets @sig even if it blocks or ignores it: then it dies.
 * force_sig_fault adds si_code and si_addr; force_fatal_sig cannot be caught.
 */
void force_sig(int sig);
void force_fatal_sig(int sig);
void force_sigsegv(int sig);
int force_sig_info(kernel_siginfo_t *info);
int force_sig_fault(int sig, int code, void __user *addr);
int send_sig_fault(int sig, int code, void __user *addr,
		   struct task_struct *task);

/* A timer's own entry: queued again only when taken. */
struct sigqueue *sigqueue_alloc(void);
void sigqueue_free(struct sigqueue *q);
int send_sigqueue(struct sigqueue *q, struct pid *pid, enum pid_type type);

/* ---- waking ---- */
void signal_wake_up_state(struct task_struct *task, unsigned int state);

/* signal_wake_up - @task looks at its signals; @fatal also out of stops. */
static inline void signal_wake_up(struct task_struct *task, bool fatal)
{
	signal_wake_up_state(task, fatal ? TASK_WAKEKILL : 0);
}

/* recalc_sigpending - set current's TIF_SIGPENDING as its queues say. */
void recalc_sigpending(void);
bool recalc_sigpending_tsk(struct task_struct *task);
void calculate_sigpending(void);

/* ---- taking ---- */

/*
 * get_signal - the way to user mode: take signals, do their default actions
 * (which may not return), stop as told.  True with *@ksig when a handler is to
 * run.  Process context.
 */
bool get_signal(struct ksignal *ksig);

/* signal_setup_done - after setup_rt_frame: @failed forces SIGSEGV, else the
 * handler's mask takes effect. */
void signal_setup_done(int failed, struct ksignal *ksig, int stepping);

/* dequeue_signal - take one not in @mask; 0: none.  siglock held, with
 * spin_lock_irq; it is let go for a moment if a timer sent the signal. */
int dequeue_signal(struct task_struct *task, const sigset_t *mask,
		   kernel_siginfo_t *info);

/*
 * pollfree_lock - a signalfd_wq dies with its sighand_struct, which those who
 * stand in it (epoll) do not hold.  It wakes them with POLLFREE under this
 * lock: they leave at once.  Whoever leaves by itself takes the lock and looks
 * whether the queue is still there.
 */
extern struct spinlock pollfree_lock;

/* signalfd's wait queue of current. */
static inline struct wait_queue *signalfd_queue(struct task_struct *task)
{
	return &task->sighand->signalfd_wq;
}

/* fatal_signal_pending is in <kernel/sched/wait.h> with signal_pending. */
static inline bool __fatal_signal_pending(struct task_struct *task)
{
	return sig_in(SIGKILL, task->pending.signal);
}

/* ---- masks ---- */

/* sigprocmask - change current's mask as rt_sigprocmask(2); *@old optional. */
int sigprocmask(int how, const sigset_t *set, sigset_t *old);

/* set_current_blocked - the new mask; SIGKILL and SIGSTOP are taken out. */
void set_current_blocked(sigset_t *set);
void __set_current_blocked(const sigset_t *set);

/*
 * set_user_sigmask - ppoll(2) and kin: @set until the call ends; then
 * restore_saved_sigmask_unless(interrupted).
 */
void set_user_sigmask(const sigset_t *set);
void restore_saved_sigmask(void);
void restore_saved_sigmask_unless(bool interrupted);

/* sigmask_to_save - the mask a handler's frame must keep. */
const sigset_t *sigmask_to_save(void);

/* ---- calls ---- */

/* sigaction(2), kernel pointers, each may be NULL.  0 or -EINVAL. */
int do_sigaction(int sig, const struct sigaction *act, struct sigaction *old);

/*
 * do_sigaltstack - @sp: user stack pointer now; @min_size: MINSIGSTKSZ (frame
 * checked).  0, -EINVAL, -EPERM, -ENOMEM.
 */
int do_sigaltstack(const stack_t *ss, stack_t *old, unsigned long sp,
		   size_t min_size);

/* restore_altstack - rt_sigreturn: as the frame says, if it can be; Linux does
 * not mind if not. */
void restore_altstack(const stack_t *ss);

static inline void sas_ss_reset(struct task_struct *task)
{
	task->sas_ss_sp = 0;
	task->sas_ss_size = 0;
	task->sas_ss_flags = SS_DISABLE;
}

/* on_sig_stack - is @sp inside current's alternate stack? */
bool on_sig_stack(unsigned long sp);

/* sas_ss_flags - 0, SS_ONSTACK or SS_DISABLE. */
int sas_ss_flags(unsigned long sp);

/* sigsp - where @ksig's frame may start, given stack pointer @sp. */
unsigned long sigsp(unsigned long sp, struct ksignal *ksig);

void do_sigpending(sigset_t *set);

/*
 * do_sigtimedwait - take one of @set; @timeout_ns NULL: for ever.  Returns the
 * signal, -EAGAIN or -EINTR.
 */
int do_sigtimedwait(const sigset_t *set, kernel_siginfo_t *info,
		    const u64 *timeout_ns);

/* sigsuspend - wait with mask *@set until a handler runs: -ERESTARTNOHAND. */
int sigsuspend(sigset_t *set);

/* ksys_pause - pause(2): -ERESTARTNOHAND. */
int ksys_pause(void);

/* ---- used by fork, exec and exit ---- */
void flush_signals(struct task_struct *task);
void flush_sigqueue(struct sigpending *queue);
void flush_sigqueue_mask(const sigset_t *mask, struct sigpending *queue);
void flush_signal_handlers(struct task_struct *task, bool force_default);
void ignore_signals(struct task_struct *task);
void exit_signals(struct task_struct *task);
bool unhandled_signal(struct task_struct *task, int sig);
extern int print_fatal_signals;	   /* kernel.print-fatal-signals: log those */
extern int show_unhandled_signals; /* debug.exception-trace: log them */
bool do_notify_parent(struct task_struct *task, int sig);
int zap_other_threads(struct task_struct *task);
struct sighand_struct *sighand_alloc(void);
void __cleanup_sighand(struct sighand_struct *sighand);
void signals_init(void);

static inline void init_sigpending(struct sigpending *pending)
{
	pending->signal = 0;
	INIT_LIST_HEAD(&pending->list);
}
