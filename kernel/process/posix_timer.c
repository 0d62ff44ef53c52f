/*
 * posix_timer.c - timers of a process on the system's clocks: timer_create(2).
 *
 * Each timer has its own queue entry, made with it, so that expiring needs no
 * memory.  A periodic timer goes on when its signal is taken; periods that
 * passed meanwhile are its overrun.  Clocks that count CPU time are not there:
 * -EINVAL.
 *
 * Locks: siglock for the list and for @armed.  The kernel timer is always
 * cancelled without it, because its callback takes it.
 *
 * Entry points: see posix_timer.h.
 */
#include <kernel/process/posix_timer.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/lib/string.h>
#include <kernel/process/internal.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

/* Locks:  I fixed at creation   S siglock */
struct posix_timer {
	struct list_head link; /* [S] signal->posix_timers */
	timer_t id;	       /* [I] */
	clockid_t clock;       /* [I] */
	int notify;	       /* [I] SIGEV_* */
	enum pid_type type;    /* [I] to a process or one thread */
	struct pid *target;    /* [I] referenced */
	struct sigqueue *q;    /* [I] */
	struct timer timer;
	u64 interval_ns;  /* [S] */
	bool armed;	  /* [S] goes on when its signal is taken */
	s64 overrun;	  /* [S] since the signal was sent */
	s64 overrun_last; /* [S] of the last signal taken */
};

#define DELAYTIMER_MAX INT32_MAX

/* Move to the first period after now; returns how many were passed. */
static u64 posix_timer_forward(struct posix_timer *t)
{
	u64 now = ktime_get_ns();
	u64 next = t->timer.expires_ns + t->interval_ns;
	u64 passed = 0;

	if (next <= now) {
		passed = (now - next) / t->interval_ns + 1;
		next += passed * t->interval_ns;
	}
	timer_start(&t->timer, next);
	return passed;
}

/* In hard irq: it has run out. */
static void posix_timer_fn(struct timer *timer, void *cookie)
{
	struct posix_timer *t = cookie;
	int ret = 1;

	(void)timer;
	if (t->notify != SIGEV_NONE) {
		t->overrun = 0;
		ret = send_sigqueue(t->q, t->target, t->type);
	}
	/* Ignored, or nobody to tell: the period goes on by itself. */
	if (ret == 1 && READ_ONCE(t->interval_ns))
		(void)posix_timer_forward(t);
}

/* posixtimer_rearm - see posix_timer.h. */
void posixtimer_rearm(struct posix_timer *timer, siginfo_t *info)
{
	s64 overrun = timer->overrun;

	if (timer->armed && timer->interval_ns && !timer_pending(&timer->timer))
		overrun += (s64)posix_timer_forward(timer);
	timer->overrun_last = min_t(s64, overrun, DELAYTIMER_MAX);
	info->si_overrun = (int)timer->overrun_last;
}

static bool clock_supported(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC ||
	       clock == CLOCK_BOOTTIME || clock == CLOCK_TAI;
}

static u64 clock_now(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
		return ktime_get_real_ns();
	case CLOCK_BOOTTIME:
		return ktime_get_boottime_ns();
	case CLOCK_TAI:
		return ktime_get_real_ns() +
		       (u64)((s64)clock_tai_offset() * (s64)NSEC_PER_SEC);
	}
	return ktime_get_ns();
}

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

static struct posix_timer *find_timer_locked(timer_t id)
{
	struct posix_timer *t;

	list_for_each_entry (t, &current->signal->posix_timers, link) {
		if (t->id == id)
			return t;
	}
	return NULL;
}

/* The next id that is free; siglock held. */
static timer_t new_timer_id(void)
{
	struct signal_struct *sig = current->signal;
	timer_t id;

	do {
		id = sig->posix_timer_id;
		sig->posix_timer_id = id == INT32_MAX ? 0 : id + 1;
	} while (find_timer_locked(id));
	return id;
}

static void posix_timer_free(struct posix_timer *t)
{
	(void)timer_cancel(&t->timer);
	if (t->q)
		sigqueue_free(t->q);
	put_pid(t->target);
	kfree(t);
}

static void posix_timer_fill_info(struct posix_timer *t,
				  const struct sigevent *event)
{
	siginfo_t *info = &t->q->info;

	memset(info, 0, sizeof(*info));
	info->si_signo = event->sigev_signo;
	info->si_code = SI_TIMER;
	info->si_tid = t->id;
	info->si_value = event->sigev_value;
	t->q->timer = t;
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

	if (!clock_supported(clock))
		return -EINVAL;
	err = check_sigevent(ev);
	if (err)
		return err;
	t = kzalloc(sizeof(*t));
	if (!t)
		return -EAGAIN;
	t->clock = clock;
	t->notify = ev->sigev_notify;
	timer_init(&t->timer, posix_timer_fn, t);
	t->q = sigqueue_alloc();
	err = t->q ? posix_timer_set_target(t, ev) : -EAGAIN;
	if (err) {
		posix_timer_free(t);
		return err;
	}

	spin_lock_irq(&current->sighand->siglock);
	t->id = new_timer_id();
	/* timer_create(2): without an event the value is the id. */
	if (!event)
		standard.sigev_value.sival_int = t->id;
	posix_timer_fill_info(t, ev);
	list_add_tail(&t->link, &current->signal->posix_timers);
	spin_unlock_irq(&current->sighand->siglock);
	*id = t->id;
	return 0;
}

static struct timespec ns_to_timespec(u64 ns)
{
	struct timespec ts = {
		.tv_sec = (long)(ns / NSEC_PER_SEC),
		.tv_nsec = (long)(ns % NSEC_PER_SEC),
	};

	return ts;
}

static u64 timespec_to_ns(const struct timespec *ts)
{
	if (ts->tv_sec >= (long)(INT64_MAX / NSEC_PER_SEC))
		return INT64_MAX;
	return (u64)ts->tv_sec * NSEC_PER_SEC + (u64)ts->tv_nsec;
}

static bool timespec_valid(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && ts->tv_nsec >= 0 &&
	       ts->tv_nsec < (long)NSEC_PER_SEC;
}

/* What is left and the period; siglock held. */
static void get_timer_locked(struct posix_timer *t, struct itimerspec *value)
{
	u64 now = ktime_get_ns();
	u64 expires = t->timer.expires_ns;
	u64 left = 0;

	if (timer_pending(&t->timer)) {
		left = expires > now ? expires - now : 1;
	} else if (t->armed && t->interval_ns) {
		/* Its signal waits to be taken: as if the period went on. */
		left = t->interval_ns - (now - expires) % t->interval_ns;
	}
	value->it_value = ns_to_timespec(left);
	value->it_interval = ns_to_timespec(t->interval_ns);
}

/* Absolute times of other clocks become monotonic ones. */
static u64 timer_expiry(const struct posix_timer *t, u64 value_ns, int flags)
{
	u64 mono = ktime_get_ns();
	u64 now;

	if (!(flags & TIMER_ABSTIME))
		return mono + value_ns;
	if (t->clock == CLOCK_MONOTONIC)
		return value_ns;
	now = clock_now(t->clock);
	return value_ns > now ? mono + (value_ns - now) : mono;
}

/* ksys_timer_settime - see posix_timer.h. */
int ksys_timer_settime(timer_t id, int flags, const struct itimerspec *value,
		       struct itimerspec *old)
{
	struct posix_timer *t;
	u64 ns;

	if (!timespec_valid(&value->it_value) ||
	    !timespec_valid(&value->it_interval))
		return -EINVAL;
	ns = timespec_to_ns(&value->it_value);
	for (;;) {
		spin_lock_irq(&current->sighand->siglock);
		t = find_timer_locked(id);
		if (!t) {
			spin_unlock_irq(&current->sighand->siglock);
			return -EINVAL;
		}
		if (old)
			get_timer_locked(t, old);
		if (timer_try_cancel(&t->timer) >= 0)
			break;
		spin_unlock_irq(&current->sighand->siglock);
		__builtin_ia32_pause();
	}
	t->interval_ns = timespec_to_ns(&value->it_interval);
	t->armed = ns != 0;
	t->overrun = 0;
	t->overrun_last = 0;
	if (ns)
		timer_start(&t->timer, timer_expiry(t, ns, flags));
	spin_unlock_irq(&current->sighand->siglock);
	return 0;
}

/* ksys_timer_gettime - see posix_timer.h. */
int ksys_timer_gettime(timer_t id, struct itimerspec *value)
{
	struct posix_timer *t;

	spin_lock_irq(&current->sighand->siglock);
	t = find_timer_locked(id);
	if (t)
		get_timer_locked(t, value);
	spin_unlock_irq(&current->sighand->siglock);
	return t ? 0 : -EINVAL;
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

/* ksys_timer_delete - see posix_timer.h. */
int ksys_timer_delete(timer_t id)
{
	struct posix_timer *t;

	spin_lock_irq(&current->sighand->siglock);
	t = find_timer_locked(id);
	if (t) {
		list_del(&t->link);
		t->armed = false;
	}
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
		list_del(&t->link);
		t->armed = false;
		spin_unlock_irq(&current->sighand->siglock);
		posix_timer_free(t);
	}
}
