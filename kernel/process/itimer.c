/*
 * itimer.c - interval timers: setitimer(2), alarm(2); RLIMIT_CPU,
 * RLIMIT_RTTIME.
 *
 * ITIMER_REAL is a kernel timer per process that sends SIGALRM; its next period
 * begins when the signal is taken, so a process that is not running gathers no
 * flood.  ITIMER_VIRTUAL and ITIMER_PROF, and RLIMIT_CPU, are compared with the
 * process's CPU time by the same ticks that look at its CPU timers
 * (cpu_timer.c).  They survive exec.
 *
 * Locks: siglock.
 *
 * Entry points: see itimer.h.
 */
#include <kernel/process/itimer.h>

#include <abi/errno.h>
#include <abi/signal.h>
#include <kernel/lib/string.h>
#include <kernel/process/cpu_timer.h>
#include <kernel/process/internal.h>
#include <kernel/process/posix_timer.h>
#include <kernel/process/rusage.h>
#include <kernel/process/signal.h>
#include <kernel/sched/priority.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

#define CPU_IT_VIRTUAL 0
#define CPU_IT_PROF    1

/* it_real_fn - see itimer.h. */
void it_real_fn(struct timer *timer, void *cookie)
{
	struct signal_struct *sig = cookie;

	(void)timer;
	(void)kill_pid_info(SIGALRM, SEND_SIG_PRIV, sig->tgid_pid);
}

/* itimer_real_rearm - see itimer.h. */
void itimer_real_rearm(struct signal_struct *sig)
{
	u64 next = sig->real_timer.expires_ns;
	u64 now = ktime_get_ns();

	if (!sig->it_real_incr_ns || timer_pending(&sig->real_timer))
		return;
	next += sig->it_real_incr_ns;
	if (next <= now)
		/* Periods that are over are not made up for. */
		next += ((now - next) / sig->it_real_incr_ns + 1) *
			sig->it_real_incr_ns;
	timer_start(&sig->real_timer, next);
}

static u64 timeval_to_ns(const struct timeval *tv)
{
	/* Beyond 292 years is for ever. */
	if (tv->tv_sec >= (long)(INT64_MAX / NSEC_PER_SEC))
		return INT64_MAX;
	return (u64)tv->tv_sec * NSEC_PER_SEC +
	       (u64)tv->tv_usec * NSEC_PER_USEC;
}

/* What is left never shows as zero. */
static struct timeval ns_to_timeval(u64 ns)
{
	u64 us = ns && ns < NSEC_PER_USEC ? 1 : ns / NSEC_PER_USEC;
	struct timeval tv;

	tv.tv_sec = (long)(us / USEC_PER_SEC);
	tv.tv_usec = (long)(us % USEC_PER_SEC);
	return tv;
}

static bool timeval_valid(const struct timeval *tv)
{
	return tv->tv_sec >= 0 && tv->tv_usec >= 0 &&
	       tv->tv_usec < (long)USEC_PER_SEC;
}

/* CPU time that timer @which counts. */
static u64 cpu_itimer_now(int which)
{
	u64 utime;
	u64 stime;

	thread_group_cputime(current, &utime, &stime);
	return which == CPU_IT_VIRTUAL ? utime : utime + stime;
}

/* What is left of ITIMER_REAL, and its period; siglock held. */
static void get_real(struct itimerval *value)
{
	struct signal_struct *sig = current->signal;
	u64 left = 0;

	if (timer_pending(&sig->real_timer))
		left = max_t(u64, timer_remaining_ns(&sig->real_timer), 1);
	value->it_value = ns_to_timeval(left);
	value->it_interval = ns_to_timeval(sig->it_real_incr_ns);
}

/* The same of a CPU timer, at CPU time @now; siglock held. */
static void get_cpu(int which, u64 now, struct itimerval *value)
{
	const struct cpu_itimer *it = &current->signal->it[which];
	u64 left = 0;

	if (it->expires_ns)
		/* Due already: the next tick will see it. */
		left = it->expires_ns > now ? it->expires_ns - now : 1;
	value->it_value = ns_to_timeval(left);
	value->it_interval = ns_to_timeval(it->interval_ns);
}

/* do_getitimer - see itimer.h. */
int do_getitimer(int which, struct itimerval *value)
{
	u64 now = 0;

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	if (which != ITIMER_REAL)
		now = cpu_itimer_now(which - ITIMER_VIRTUAL);
	spin_lock_irq(&current->sighand->siglock);
	if (which == ITIMER_REAL)
		get_real(value);
	else
		get_cpu(which - ITIMER_VIRTUAL, now, value);
	spin_unlock_irq(&current->sighand->siglock);
	return 0;
}

static void set_real(u64 value, u64 interval, struct itimerval *old)
{
	struct signal_struct *sig = current->signal;

	for (;;) {
		spin_lock_irq(&current->sighand->siglock);
		if (old)
			get_real(old);
		/* -1: it runs out just now on another CPU, which wants our
		 * siglock. */
		if (timer_try_cancel(&sig->real_timer) >= 0)
			break;
		spin_unlock_irq(&current->sighand->siglock);
		__builtin_ia32_pause();
	}
	sig->it_real_incr_ns = value ? interval : 0;
	if (value)
		timer_start(&sig->real_timer, ktime_get_ns() + value);
	spin_unlock_irq(&current->sighand->siglock);
}

static void set_cpu(int which, u64 value, u64 interval, struct itimerval *old)
{
	struct cpu_itimer *it = &current->signal->it[which];
	u64 now = cpu_itimer_now(which);

	spin_lock_irq(&current->sighand->siglock);
	if (old)
		get_cpu(which, now, old);
	it->expires_ns = value ? now + value : 0;
	it->interval_ns = interval;
	spin_unlock_irq(&current->sighand->siglock);
	cpu_timers_recheck(current->signal);
}

/* do_setitimer - see itimer.h. */
int do_setitimer(int which, const struct itimerval *value,
		 struct itimerval *old)
{
	u64 ns;
	u64 interval;

	if (!timeval_valid(&value->it_value) ||
	    !timeval_valid(&value->it_interval))
		return -EINVAL;
	ns = timeval_to_ns(&value->it_value);
	interval = timeval_to_ns(&value->it_interval);
	switch (which) {
	case ITIMER_REAL:
		set_real(ns, interval, old);
		return 0;
	case ITIMER_VIRTUAL:
	case ITIMER_PROF:
		set_cpu(which - ITIMER_VIRTUAL, ns, interval, old);
		return 0;
	}
	return -EINVAL;
}

/* alarm_setitimer - see itimer.h. */
unsigned int alarm_setitimer(unsigned int seconds)
{
	struct itimerval value = {.it_value.tv_sec = seconds};
	struct itimerval old;

	memset(&old, 0, sizeof(old));
	(void)do_setitimer(ITIMER_REAL, &value, &old);
	/* alarm(2) rounds to the nearest, but never to nothing. */
	if ((!old.it_value.tv_sec && old.it_value.tv_usec) ||
	    old.it_value.tv_usec >= 500000)
		old.it_value.tv_sec++;
	return (unsigned int)old.it_value.tv_sec;
}

/* exit_itimers - see itimer.h. */
void exit_itimers(struct task_struct *task)
{
	exit_posix_timers(task->signal);
}

static void check_cpu_itimer(struct task_struct *task, int which, u64 now,
			     int signo)
{
	struct cpu_itimer *it = &task->signal->it[which];

	if (!it->expires_ns || now < it->expires_ns)
		return;
	if (it->interval_ns)
		it->expires_ns +=
			it->interval_ns *
			((now - it->expires_ns) / it->interval_ns + 1);
	else
		it->expires_ns = 0;
	(void)send_signal_locked(signo, SEND_SIG_PRIV, task, PIDTYPE_TGID);
}

/* setrlimit(2): SIGXCPU each second from the soft limit on, then SIGKILL. */
static void check_cpu_limit(struct task_struct *task, u64 now)
{
	struct rlimit64 *rlim = &task->signal->rlim[RLIMIT_CPU];
	u64 seconds = now / NSEC_PER_SEC;

	if (rlim->rlim_cur == RLIM64_INFINITY)
		return;
	if (rlim->rlim_max != RLIM64_INFINITY && seconds >= rlim->rlim_max) {
		(void)send_signal_locked(SIGKILL, SEND_SIG_PRIV, task,
					 PIDTYPE_TGID);
		return;
	}
	if (seconds >= rlim->rlim_cur) {
		rlim->rlim_cur++;
		(void)send_signal_locked(SIGXCPU, SEND_SIG_PRIV, task,
					 PIDTYPE_TGID);
	}
}

/* sched(7): CPU time of a realtime task since it last slept, in microseconds;
 * SIGXCPU each second from the soft limit on, then SIGKILL. */
static void check_rt_limit_locked(struct task_struct *task)
{
	struct rlimit64 *rlim = &task->signal->rlim[RLIMIT_RTTIME];
	u64 ran = task->se.sum_exec_runtime_ns - task->se.rt_woken_ns;
	u64 us = ran / NSEC_PER_USEC;

	if (rlim->rlim_cur == RLIM64_INFINITY)
		return;
	if (rlim->rlim_max != RLIM64_INFINITY && us >= rlim->rlim_max) {
		(void)send_signal_locked(SIGKILL, SEND_SIG_PRIV, task,
					 PIDTYPE_TGID);
		return;
	}
	if (us >= rlim->rlim_cur) {
		rlim->rlim_cur += USEC_PER_SEC;
		(void)send_signal_locked(SIGXCPU, SEND_SIG_PRIV, task,
					 PIDTYPE_TGID);
	}
}

/* itimer_has_rt_limit - see itimer.h. */
bool itimer_has_rt_limit(const struct task_struct *task)
{
	const struct rlimit64 *rlim = &task->signal->rlim[RLIMIT_RTTIME];

	return rt_policy(task->policy) &&
	       READ_ONCE(rlim->rlim_cur) != RLIM64_INFINITY;
}

/* itimer_check_rt_limit - see itimer.h. */
void itimer_check_rt_limit(struct task_struct *task)
{
	unsigned long flags;

	if (!lock_task_sighand(task, &flags))
		return;
	check_rt_limit_locked(task);
	unlock_task_sighand(task, &flags);
}

/* itimer_counts_cpu - see itimer.h. */
bool itimer_counts_cpu(const struct signal_struct *sig)
{
	return READ_ONCE(sig->it[CPU_IT_VIRTUAL].expires_ns) ||
	       READ_ONCE(sig->it[CPU_IT_PROF].expires_ns) ||
	       READ_ONCE(sig->rlim[RLIMIT_CPU].rlim_cur) != RLIM64_INFINITY;
}

/* itimer_next_cpu_ns - see itimer.h. */
u64 itimer_next_cpu_ns(const struct signal_struct *sig)
{
	u64 prof = READ_ONCE(sig->it[CPU_IT_PROF].expires_ns);
	u64 limit = READ_ONCE(sig->rlim[RLIMIT_CPU].rlim_cur);
	u64 next = MAX_TIMEOUT_NS;

	/* User time is an estimate that may jump. */
	if (READ_ONCE(sig->it[CPU_IT_VIRTUAL].expires_ns))
		return 0;
	if (prof)
		next = min(next, prof);
	if (limit < MAX_TIMEOUT_NS / NSEC_PER_SEC)
		next = min(next, limit * NSEC_PER_SEC);
	return next;
}

/* itimer_check_cpu - see itimer.h. */
void itimer_check_cpu(struct task_struct *task, u64 utime_ns, u64 total_ns)
{
	unsigned long flags;

	if (!itimer_counts_cpu(task->signal) ||
	    !lock_task_sighand(task, &flags))
		return;
	check_cpu_itimer(task, CPU_IT_VIRTUAL, utime_ns, SIGVTALRM);
	check_cpu_itimer(task, CPU_IT_PROF, total_ns, SIGPROF);
	check_cpu_limit(task, total_ns);
	unlock_task_sighand(task, &flags);
}
