/*
 * posix_clock.c - the clocks that programs name by number.
 *
 * The numbers 0 and up are the system's clocks; below zero they are CPU
 * clocks of a process or thread (cpu_timer.c).  A relative sleep is always on
 * the monotonic clock, so that a change of the date does not touch it; a sleep
 * until a date follows its clock when that is set.
 *
 * Locks: none here; kernel/time has its own.
 *
 * Entry points: posix_clock_get, posix_clock_getres, posix_clock_set,
 * posix_clock_nanosleep, posix_clock_timer, do_settimeofday.
 */
#include <kernel/process/posix_clock.h>

#include <abi/errno.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/macros.h>
#include <kernel/process/cpu_timer.h>
#include <kernel/sched/core.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

/* The last second a clock may be set to: 30 years of running are left. */
#define LAST_SECOND ((long)(INT64_MAX / NSEC_PER_SEC) - 30L * 365 * 24 * 3600)

struct timezone sys_tz;

/* What can be done with a clock but read it. */
#define CAN_SET	  1
#define CAN_SLEEP 2
#define CAN_TIME  4 /* timer_create(2) */
#define IS_ALARM  8 /* would wake a suspended machine */

static const struct {
	u64 resolution_ns; /* 0: no such clock */
	enum timer_clock timer;
	u8 flags;
} clocks[] = {
	[CLOCK_REALTIME] = {1, TIMER_REAL, CAN_SET | CAN_SLEEP | CAN_TIME},
	[CLOCK_MONOTONIC] = {1, TIMER_MONO, CAN_SLEEP | CAN_TIME},
	[CLOCK_PROCESS_CPUTIME_ID] = {1, 0, CAN_SLEEP | CAN_TIME},
	[CLOCK_THREAD_CPUTIME_ID] = {1, 0, CAN_TIME},
	[CLOCK_MONOTONIC_RAW] = {1},
	[CLOCK_REALTIME_COARSE] = {COARSE_STEP_NS},
	[CLOCK_MONOTONIC_COARSE] = {COARSE_STEP_NS},
	[CLOCK_BOOTTIME] = {1, TIMER_MONO, CAN_SLEEP | CAN_TIME},
	[CLOCK_REALTIME_ALARM] = {1, TIMER_REAL,
				  CAN_SLEEP | CAN_TIME | IS_ALARM},
	[CLOCK_BOOTTIME_ALARM] = {1, TIMER_MONO,
				  CAN_SLEEP | CAN_TIME | IS_ALARM},
	[CLOCK_TAI] = {1, TIMER_TAI, CAN_SLEEP | CAN_TIME},
};

/* posix_clock_alarms - see posix_clock.h. */
bool posix_clock_alarms = false;

/* A clock behind a descriptor?  There are no such devices. */
static bool is_dynamic(clockid_t clock)
{
	return (clock & (CPUCLOCK_PERTHREAD_MASK | CPUCLOCK_CLOCK_MASK)) ==
	       CLOCKFD;
}

/* Is @clock one of the system's clocks? */
static bool clock_exists(clockid_t clock)
{
	return clock >= 0 && (size_t)clock < ARRAY_SIZE(clocks) &&
	       clocks[clock].resolution_ns;
}

/* posix_clock_exists - see posix_clock.h. */
bool posix_clock_exists(clockid_t clock)
{
	return clock < 0 ? !is_dynamic(clock) : clock_exists(clock);
}

static bool is_alarm(clockid_t clock)
{
	return clock_exists(clock) && (clocks[clock].flags & IS_ALARM);
}

int posix_clock_get(clockid_t clock, u64 *ns)
{
	if (clock < 0)
		return cpu_clock_get(clock, ns);
	if (!clock_exists(clock) || (is_alarm(clock) && !posix_clock_alarms))
		return -EINVAL;
	switch (clock) {
	case CLOCK_MONOTONIC_RAW:
		*ns = ktime_get_raw_ns();
		return 0;
	case CLOCK_REALTIME_COARSE:
		*ns = ktime_get_coarse_real_ns();
		return 0;
	case CLOCK_MONOTONIC_COARSE:
		*ns = ktime_get_coarse_ns();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		return cpu_clock_get(PROCESS_CPU_CLOCK, ns);
	case CLOCK_THREAD_CPUTIME_ID:
		return cpu_clock_get(THREAD_CPU_CLOCK, ns);
	}
	*ns = ktime_get_clock_ns(clocks[clock].timer);
	return 0;
}

int posix_clock_getres(clockid_t clock, u64 *ns)
{
	u64 now;
	int err = posix_clock_get(clock, &now);

	if (err)
		return err;
	if (clock >= 0)
		*ns = clocks[clock].resolution_ns;
	else if ((clock & CPUCLOCK_CLOCK_MASK) == CPUCLOCK_SCHED)
		*ns = CLOCK_RESOLUTION_NS;
	else
		*ns = COARSE_STEP_NS; /* sampled by the tick */
	return 0;
}

int posix_clock_settable(clockid_t clock)
{
	if (clock < 0)
		return 0;
	return clock_exists(clock) && (clocks[clock].flags & CAN_SET) ? 0
								      : -EINVAL;
}

int do_settimeofday(const struct timespec *ts, const struct timezone *tz)
{
	u64 ns = 0;

	if (ts) {
		if (ts->tv_sec < 0 || ts->tv_nsec < 0 ||
		    ts->tv_nsec >= (long)NSEC_PER_SEC ||
		    ts->tv_sec >= LAST_SECOND)
			return -EINVAL;
		ns = (u64)ts->tv_sec * NSEC_PER_SEC + (u64)ts->tv_nsec;
	}
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (tz) {
		if (tz->tz_minuteswest > 15 * 60 ||
		    tz->tz_minuteswest < -15 * 60)
			return -EINVAL;
		sys_tz = *tz;
	}
	if (!ts)
		return 0;
	return clock_set_real_ns(ns);
}

int posix_clock_set(clockid_t clock, const struct timespec *ts)
{
	u64 now;
	int err = posix_clock_settable(clock);

	if (err)
		return err;
	if (clock >= 0)
		return do_settimeofday(ts, NULL);
	/* clock_settime(2): nobody may set a CPU clock that exists */
	err = posix_clock_get(clock, &now);
	return err ? err : -EPERM;
}

/* Sleep until @deadline_ns of @clock: true; false for a signal. */
static bool sleep_until(enum timer_clock clock, u64 deadline_ns)
{
	bool over;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		over = ktime_get_clock_ns(clock) >= deadline_ns;
		if (over || signal_pending(current))
			break;
		(void)schedule_until_ns(clock, deadline_ns,
					current->timer_slack_ns);
	}
	__set_current_state(TASK_RUNNING);
	return over;
}

/* The program learns how much of a relative sleep is left. */
static long put_remaining(u64 deadline_ns, struct timespec __user *rmtp)
{
	u64 now = ktime_get_ns();
	u64 left = deadline_ns > now ? deadline_ns - now : 0;
	struct timespec ts = {
		.tv_sec = (long)(left / NSEC_PER_SEC),
		.tv_nsec = (long)(left % NSEC_PER_SEC),
	};

	if (rmtp && copy_to_user(rmtp, &ts, sizeof(ts)))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

/* restart_syscall(2) after a stop or a signal without a handler. */
static long nanosleep_restart(struct restart_block *block)
{
	u64 deadline_ns = block->expires_ns;

	if (sleep_until(TIMER_MONO, deadline_ns))
		return 0;
	return put_remaining(deadline_ns, block->rmtp);
}

static long sleep_relative(u64 ns, struct timespec __user *rmtp)
{
	struct restart_block *block = &current->restart_block;
	u64 now = ktime_get_ns();
	u64 deadline_ns = MAX_TIMEOUT_NS;

	if (ns < MAX_TIMEOUT_NS - now)
		deadline_ns = now + ns;
	if (sleep_until(TIMER_MONO, deadline_ns))
		return 0;
	block->fn = nanosleep_restart;
	block->expires_ns = deadline_ns;
	block->rmtp = rmtp;
	return put_remaining(deadline_ns, rmtp);
}

int posix_clock_can_sleep(clockid_t clock)
{
	if (clock < 0)
		return is_dynamic(clock) ? -EOPNOTSUPP : 0;
	if (!clock_exists(clock))
		return -EINVAL;
	return clocks[clock].flags & CAN_SLEEP ? 0 : -EOPNOTSUPP;
}

/* posix_clock_may_alarm - see posix_clock.h. */
int posix_clock_may_alarm(clockid_t clock)
{
	if (!is_alarm(clock))
		return 0;
	if (!posix_clock_alarms)
		return -EOPNOTSUPP;
	return capable(CAP_WAKE_ALARM) ? 0 : -EPERM;
}

/* posix_clock_has_timers - see posix_clock.h. */
int posix_clock_has_timers(clockid_t clock)
{
	if (clock < 0)
		return is_dynamic(clock) ? -EOPNOTSUPP : 0;
	if (!clock_exists(clock))
		return -EINVAL;
	return clocks[clock].flags & CAN_TIME ? 0 : -EOPNOTSUPP;
}

/* posix_clock_timer - see posix_clock.h. */
int posix_clock_timer(clockid_t clock, enum timer_clock *timer)
{
	int err = posix_clock_has_timers(clock);

	if (err || clock < 0)
		return err;
	*timer = clocks[clock].timer;
	return posix_clock_may_alarm(clock);
}

long posix_clock_nanosleep(clockid_t clock, int flags, u64 ns,
			   struct timespec __user *rmtp)
{
	int err = posix_clock_can_sleep(clock);

	if (err)
		return err;
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		clock = PROCESS_CPU_CLOCK;
	if (clock < 0)
		return cpu_clock_nanosleep(clock, flags, ns, rmtp);
	if (is_alarm(clock) && posix_clock_alarms && (flags & ~TIMER_ABSTIME))
		return -EINVAL;
	err = posix_clock_may_alarm(clock);
	if (err)
		return err;
	if (!(flags & TIMER_ABSTIME))
		return sleep_relative(ns, rmtp);
	return sleep_until(clocks[clock].timer, ns) ? 0 : -ERESTARTNOHAND;
}

/* ns_to_timespec - see posix_clock.h. */
struct timespec ns_to_timespec(u64 ns)
{
	struct timespec ts = {
		.tv_sec = (long)(ns / NSEC_PER_SEC),
		.tv_nsec = (long)(ns % NSEC_PER_SEC),
	};

	return ts;
}

/* timespec_to_ns - see posix_clock.h. */
u64 timespec_to_ns(const struct timespec *ts)
{
	if (ts->tv_sec >= (long)(INT64_MAX / NSEC_PER_SEC))
		return INT64_MAX;
	return (u64)ts->tv_sec * NSEC_PER_SEC + (u64)ts->tv_nsec;
}
