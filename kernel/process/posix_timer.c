/*
 * posix_timer.c - timers of a process on clocks: timer_create(2).
 *
 * A timer counts by a kernel timer, on the clock it was made for, or by a CPU
 * timer; all it needs is made with it, so that expiring needs no memory.  A
 * periodic timer goes on when its signal is taken; periods that passed
 * meanwhile are its overrun.  One that signals nobody (SIGEV_NONE) does not
 * run: what it would show is computed.
 *
 * Locks: siglock of the process that made it for the list and the state.  Both
 * kinds of timer call back without it and take it then, so they are cancelled
 * by trying.  The list's reference is dropped when it is deleted; who works on
 * a timer without siglock has one more.
 *
 * Entry points: see posix_timer.h.
 */
#include <kernel/process/posix_timer.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/barrier.h>
#include <kernel/base/errptr.h>
#include <kernel/base/refcount.h>
#include <kernel/lib/string.h>
#include <kernel/process/cpu_timer.h>
#include <kernel/process/internal.h>
#include <kernel/process/posix_clock.h>
#include <kernel/time/clock.h>
#include <kernel/time/tick.h>
#include <kernel/time/timer.h>

/* Locks:  I fixed at creation   S siglock   A atomic */
struct posix_timer {
	struct list_head link;	     /* [S] signal->posix_timers */
	refcount_t refs;	     /* [A] */
	timer_t id;		     /* [I] */
	clockid_t clock;	     /* [I] as the program named it */
	int notify;		     /* [I] SIGEV_* */
	enum pid_type type;	     /* [I] to a process or one thread */
	struct pid *target;	     /* [I] referenced */
	struct sigqueue *q;	     /* [I] */
	bool on_cpu_time;	     /* [I] by @cpu, else by @timer */
	enum timer_clock clock_base; /* [I] of @clock */
	enum timer_clock base;	     /* [S] what @timer counts by now */
	struct timer timer;
	struct cpu_timer cpu;
	u64 expires_ns;	  /* [S] last set; of its clock */
	u64 interval_ns;  /* [S] */
	bool armed;	  /* [S] goes on when its signal is taken */
	bool deleted;	  /* [S] */
	s64 overrun;	  /* [S] since the signal was sent */
	s64 overrun_last; /* [S] of the last signal taken */
};

#define DELAYTIMER_MAX INT32_MAX

/* --- both kinds of timer --- */

/* The time on its clock; without siglock.  -ESRCH: whose CPU time it was is
 * gone. */
static int timer_now(const struct posix_timer *t, u64 *now)
{
	if (t->on_cpu_time)
		return cpu_timer_now(&t->cpu, now);
	*now = ktime_get_clock_ns(t->base);
	return 0;
}

static void timer_run_until(struct posix_timer *t, u64 expires_ns)
{
	t->expires_ns = expires_ns;
	if (t->on_cpu_time)
		cpu_timer_start(&t->cpu, expires_ns);
	else if (t->notify != SIGEV_NONE)
		timer_start_clock(&t->timer, t->base, expires_ns);
}

/* As timer_try_cancel(). */
static int timer_try_stop(struct posix_timer *t)
{
	return t->on_cpu_time ? cpu_timer_try_cancel(&t->cpu)
			      : timer_try_cancel(&t->timer);
}

static bool timer_runs(const struct posix_timer *t)
{
	return t->on_cpu_time ? READ_ONCE(t->cpu.queued)
			      : timer_pending(&t->timer);
}

/* Move to the first period (of @interval) after @now; returns how many were
 * passed. */
static u64 posix_timer_forward(struct posix_timer *t, u64 now, u64 interval)
{
	u64 next = min(t->expires_ns + interval, MAX_TIMEOUT_NS);
	u64 passed = 0;

	if (next <= now) {
		passed = (now - next) / interval + 1;
		next += passed * interval;
	}
	timer_run_until(t, next);
	return passed;
}

/* It has run out; in hard irq, no lock held. */
static void posix_timer_expired(struct posix_timer *t)
{
	u64 interval = READ_ONCE(t->interval_ns);
	int ret = 1;
	u64 now;

	if (t->notify == SIGEV_NONE)
		return;
	t->overrun = 0;
	ret = send_sigqueue(t->q, t->target, t->type);
	/* Ignored: the period goes on by itself. */
	if (ret != 1 || !interval || timer_now(t, &now))
		return;
	/* But not more often than ticks come. */
	if (interval < TICK_NSEC)
		now += TICK_NSEC;
	(void)posix_timer_forward(t, now, interval);
}

static void posix_timer_fn(struct timer *timer, void *cookie)
{
	(void)timer;
	posix_timer_expired(cookie);
}

static void posix_cpu_timer_fn(struct cpu_timer *timer)
{
	posix_timer_expired(container_of(timer, struct posix_timer, cpu));
}

static void posix_timer_put(struct posix_timer *t)
{
	if (!refcount_dec_and_test(&t->refs))
		return;
	if (t->on_cpu_time)
		cpu_timer_release(&t->cpu);
	put_pid(t->target);
	kfree(t);
}

/* posix_timer_get - see posix_timer.h. */
struct posix_timer *posix_timer_get(struct posix_timer *timer)
{
	refcount_inc(&timer->refs);
	return timer;
}

/* posixtimer_rearm - see posix_timer.h. */
void posixtimer_rearm(struct posix_timer *t, kernel_siginfo_t *info)
{
	u64 now = 0;
	bool gone = timer_now(t, &now);

	spin_lock_irq(&current->sighand->siglock);
	if (t->armed && t->interval_ns && !timer_runs(t) && !gone)
		t->overrun += (s64)posix_timer_forward(t, now, t->interval_ns);
	t->overrun_last = min_t(s64, t->overrun, DELAYTIMER_MAX);
	info->si_overrun = (int)min_t(s64, t->overrun_last + info->si_overrun,
				      DELAYTIMER_MAX);
	spin_unlock_irq(&current->sighand->siglock);
	posix_timer_put(t);
}

/* --- timer_create(2) --- */

/* Whom the timer signals; a reference in t->target. */
static int posix_timer_set_target(struct posix_timer *t,
				  const struct sigevent *event)
{
	struct task_struct *task;
	int err = 0;

	t->type = PIDTYPE_TGID;
	if (!(event->sigev_notify & SIGEV_THREAD_ID)) {
		t->target = get_pid(task_tgid(current));
		return 0;
	}
	task = find_get_task_by_vpid(event->sigev_notify_thread_id);
	if (!task)
		return -EINVAL;
	t->type = PIDTYPE_PID;
	if (same_thread_group(task, current))
		t->target = get_task_pid(task, PIDTYPE_PID);
	if (!t->target)
		err = -EINVAL;
	put_task_struct(task);
	return err;
}

static int check_sigevent(const struct sigevent *event)
{
	switch (event->sigev_notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
	case SIGEV_SIGNAL | SIGEV_THREAD_ID:
		if (event->sigev_signo < 1 || event->sigev_signo > _NSIG)
			return -EINVAL;
		return 0;
	}
	return -EINVAL;
}

/* Make it count by the clock it is for. */
static int posix_timer_set_clock(struct posix_timer *t)
{
	clockid_t clock = t->clock;
	int err = posix_clock_timer(clock, &t->clock_base);

	if (err)
		return err;
	t->base = t->clock_base;
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		clock = PROCESS_CPU_CLOCK;
	if (clock == CLOCK_THREAD_CPUTIME_ID)
		clock = THREAD_CPU_CLOCK;
	if (clock < 0) {
		err = cpu_timer_init(&t->cpu, clock, posix_cpu_timer_fn);
		t->on_cpu_time = !err;
	}
	return err;
}

static struct posix_timer *find_timer_locked(timer_t id)
{
	struct posix_timer *t;

	list_for_each_entry (t, &current->signal->posix_timers, link) {
		if (t->id == id)
			return t;
	}
	return NULL;
}

/* find_timer_locked with a reference, or NULL. */
static struct posix_timer *find_get_timer(timer_t id)
{
	struct posix_timer *t;

	spin_lock_irq(&current->sighand->siglock);
	t = find_timer_locked(id);
	if (t)
		posix_timer_get(t);
	spin_unlock_irq(&current->sighand->siglock);
	return t;
}

/* The next id that is free; nobody else gets it for a long time. */
static timer_t take_timer_id(void)
{
	struct signal_struct *sig = current->signal;
	timer_t id;

	spin_lock_irq(&current->sighand->siglock);
	do {
		id = sig->posix_timer_id;
		sig->posix_timer_id = id == INT32_MAX ? 0 : id + 1;
	} while (find_timer_locked(id));
	spin_unlock_irq(&current->sighand->siglock);
	return id;
}

/* Nobody finds it any more: stop it and drop the list's reference. */
static void posix_timer_free(struct posix_timer *t)
{
	while (timer_try_stop(t) < 0)
		cpu_relax();
	if (t->q)
		sigqueue_free(t->q);
	posix_timer_put(t);
}

static void posix_timer_fill_info(struct posix_timer *t,
				  const struct sigevent *event)
{
	kernel_siginfo_t *info = &t->q->info;

	memset(info, 0, sizeof(*info));
	info->si_signo = event->sigev_signo;
	info->si_code = SI_TIMER;
	info->si_tid = t->id;
	info->si_value = event->sigev_value;
	t->q->timer = t;
}

/* A timer with all it needs, that nobody finds yet; ERR_PTR. */
static struct posix_timer *posix_timer_alloc(clockid_t clock,
					     const struct sigevent *event,
					     timer_t *id)
{
	struct posix_timer *t = kzalloc(sizeof(*t));
	int err = -EAGAIN;

	if (!t)
		return ERR_PTR(-EAGAIN);
	refcount_set(&t->refs, 1);
	t->clock = clock;
	t->notify = event->sigev_notify;
	timer_init(&t->timer, posix_timer_fn, t);
	t->q = sigqueue_alloc();
	if (t->q) {
		/* On Linux a call that fails from here on takes an id too. */
		t->id = take_timer_id();
		err = check_sigevent(event);
	}
	if (!err)
		err = posix_timer_set_target(t, event);
	if (!err) {
		*id = t->id;
		err = posix_timer_set_clock(t);
	}
	if (!err)
		return t;
	posix_timer_free(t);
	return ERR_PTR(err);
}

/* ksys_timer_create - see posix_timer.h. */
int ksys_timer_create(clockid_t clock, const struct sigevent *event,
		      timer_t *id)
{
	struct sigevent standard = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGALRM,
	};
	const struct sigevent *ev = event ? event : &standard;
	struct posix_timer *t;
	int err;

	*id = -1;
	err = posix_clock_has_timers(clock);
	if (err)
		return err;
	t = posix_timer_alloc(clock, ev, id);
	if (IS_ERR(t))
		return PTR_ERR(t);

	/* timer_create(2): without an event the value is the id. */
	if (!event)
		standard.sigev_value.sival_int = t->id;
	posix_timer_fill_info(t, ev);
	spin_lock_irq(&current->sighand->siglock);
	list_add_tail(&t->link, &current->signal->posix_timers);
	spin_unlock_irq(&current->sighand->siglock);
	return 0;
}

/* --- setting and reading --- */

static bool timespec_valid(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && ts->tv_nsec >= 0 &&
	       ts->tv_nsec < (long)NSEC_PER_SEC;
}

/* What is left at @now, and the period; siglock held. */
static void get_timer_locked(struct posix_timer *t, u64 now,
			     struct itimerspec *value)
{
	u64 expires = t->expires_ns;
	u64 left = 0;

	/* What it counts by may have changed since. */
	if (!t->on_cpu_time)
		now = ktime_get_clock_ns(t->base);
	if (t->armed && expires > now)
		left = expires - now;
	else if (t->armed && t->interval_ns && !timer_runs(t))
		/* Its signal waits to be taken: as if the period went on. */
		left = t->interval_ns - (now - expires) % t->interval_ns;
	else if (timer_runs(t))
		left = 1; /* any moment now */
	value->it_value = ns_to_timespec(left);
	value->it_interval = ns_to_timespec(t->interval_ns);
}

/*
 * Set a timer that is stopped; siglock held.  @now: on its clock.  True: it
 * counts CPU time and is due, so that no tick will find it if nobody runs.
 */
static bool set_timer_locked(struct posix_timer *t, u64 now, int flags,
			     const struct itimerspec *value)
{
	u64 ns = timespec_to_ns(&value->it_value);

	t->interval_ns = timespec_to_ns(&value->it_interval);
	t->armed = ns != 0;
	t->overrun = 0;
	t->overrun_last = 0;
	t->expires_ns = 0;
	if (!ns) {
		/* As on Linux only CPU time's keeps a period while it stands.
		 */
		if (!t->on_cpu_time)
			t->interval_ns = 0;
		return false;
	}
	t->base = t->clock_base;
	if (!(flags & TIMER_ABSTIME)) {
		/* Setting the time of day leaves intervals as they are. */
		if (t->clock == CLOCK_REALTIME) {
			t->base = TIMER_MONO;
			now = ktime_get_ns();
		}
		ns = min(now + ns, MAX_TIMEOUT_NS);
	}
	if (t->on_cpu_time && ns <= now) {
		t->expires_ns = ns;
		return true;
	}
	timer_run_until(t, ns);
	return false;
}

/* Stop @t, look and set.  0, -EINVAL, -ESRCH. */
static int settime(struct posix_timer *t, int flags,
		   const struct itimerspec *value, struct itimerspec *old)
{
	bool due;
	u64 now;
	int err;

	for (;;) {
		err = timer_now(t, &now);
		if (err)
			return err;
		spin_lock_irq(&current->sighand->siglock);
		if (t->deleted) {
			spin_unlock_irq(&current->sighand->siglock);
			return -EINVAL;
		}
		if (old)
			get_timer_locked(t, now, old);
		/* -1: it runs out just now, and wants siglock. */
		if (timer_try_stop(t) >= 0)
			break;
		spin_unlock_irq(&current->sighand->siglock);
		cpu_relax();
	}
	due = set_timer_locked(t, now, flags, value);
	spin_unlock_irq(&current->sighand->siglock);
	if (due)
		cpu_timer_fire(&t->cpu);
	return 0;
}

/* ksys_timer_settime - see posix_timer.h. */
int ksys_timer_settime(timer_t id, int flags, const struct itimerspec *value,
		       struct itimerspec *old)
{
	struct posix_timer *t;
	int err;

	if (!timespec_valid(&value->it_value) ||
	    !timespec_valid(&value->it_interval))
		return -EINVAL;
	t = find_get_timer(id);
	if (!t)
		return -EINVAL;
	err = settime(t, flags, value, old);
	posix_timer_put(t);
	return err;
}

/* ksys_timer_gettime - see posix_timer.h. */
int ksys_timer_gettime(timer_t id, struct itimerspec *value)
{
	struct posix_timer *t = find_get_timer(id);
	u64 now = 0;

	if (!t)
		return -EINVAL;
	memset(value, 0, sizeof(*value));
	if (!timer_now(t, &now)) {
		spin_lock_irq(&current->sighand->siglock);
		get_timer_locked(t, now, value);
		spin_unlock_irq(&current->sighand->siglock);
	}
	posix_timer_put(t);
	return 0;
}

/* ksys_timer_getoverrun - see posix_timer.h. */
int ksys_timer_getoverrun(timer_t id)
{
	struct posix_timer *t;
	int ret = -EINVAL;

	spin_lock_irq(&current->sighand->siglock);
	t = find_timer_locked(id);
	if (t)
		ret = (int)t->overrun_last;
	spin_unlock_irq(&current->sighand->siglock);
	return ret;
}

/* Take @t off the list: it does not go on. */
static void unlink_timer_locked(struct posix_timer *t)
{
	list_del(&t->link);
	t->armed = false;
	t->deleted = true;
	WRITE_ONCE(t->interval_ns, 0);
}

/* ksys_timer_delete - see posix_timer.h. */
int ksys_timer_delete(timer_t id)
{
	struct posix_timer *t;

	spin_lock_irq(&current->sighand->siglock);
	t = find_timer_locked(id);
	if (t)
		unlink_timer_locked(t);
	spin_unlock_irq(&current->sighand->siglock);
	if (!t)
		return -EINVAL;
	posix_timer_free(t);
	return 0;
}

/* exit_posix_timers - see posix_timer.h. */
void exit_posix_timers(struct signal_struct *sig)
{
	struct posix_timer *t;

	while (!list_empty(&sig->posix_timers)) {
		spin_lock_irq(&current->sighand->siglock);
		t = list_first_entry(&sig->posix_timers, struct posix_timer,
				     link);
		unlink_timer_locked(t);
		spin_unlock_irq(&current->sighand->siglock);
		posix_timer_free(t);
	}
}

/* posix_timer_next - see posix_timer.h. */
bool posix_timer_next(struct task_struct *task, timer_t *id,
		      struct posix_timer_info *info)
{
	struct posix_timer *best = NULL;
	struct posix_timer *t;
	unsigned long flags;

	if (!lock_task_sighand(task, &flags))
		return false;
	list_for_each_entry (t, &task->signal->posix_timers, link) {
		if (t->id > *id && (!best || t->id < best->id))
			best = t;
	}
	if (best) {
		*id = best->id;
		info->clock = best->clock;
		info->signo = best->q->info.si_signo;
		info->value = best->q->info.si_value;
		info->notify = best->notify;
		info->target = best->target->nr;
	}
	unlock_task_sighand(task, &flags);
	return best;
}
