/*
 * posix_clock.c - the clocks that programs name by number.
 *
 * The numbers 0 and up are the system's clocks; below zero they are CPU
 * clocks of a process or thread, made of its id and a kind.  A relative sleep
 * is always on the monotonic clock, so that a change of the date does not
 * touch it; a sleep until a date looks at the date at least once a second.
 *
 * Locks: none here; kernel/time has its own.
 *
 * Entry points: posix_clock_get, posix_clock_getres, posix_clock_set,
 * posix_clock_nanosleep, do_settimeofday.
 */
#include <kernel/process/posix_clock.h>

#include <abi/errno.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/macros.h>
#include <kernel/process/pid.h>
#include <kernel/process/rusage.h>
#include <kernel/sched/core.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/stats.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

/* What Linux with HZ=250 tells of its coarse clocks. */
#define COARSE_RESOLUTION_NS (NSEC_PER_SEC / 250)

/* A sleep until a date wakes so often to see whether the date was changed. */
#define DATE_CHECK_NS NSEC_PER_SEC

struct timezone sys_tz;

/*
 * The task that a CPU clock belongs to, with a reference, or NULL.  A thread's
 * clock may be read by its own process only.
 */
static struct task_struct *cpu_clock_task(clockid_t clock)
{
	pid_t pid = ~(clock >> 3);
	bool thread = clock & CPUCLOCK_PERTHREAD_MASK;
	struct task_struct *task;

	if (!pid)
		return get_task_struct(current);
	task = find_get_task_by_vpid(pid);
	if (!task)
		return NULL;
	if (thread ? same_thread_group(task, current)
		   : thread_group_leader(task) || task == current)
		return task;
	put_task_struct(task);
	return NULL;
}

/* One reading of kind @which of a thread, or of its whole process. */
static u64 cpu_clock_read(struct task_struct *task, bool thread, int which)
{
	u64 utime;
	u64 stime;

	if (which == CPUCLOCK_SCHED)
		return thread ? task_sched_runtime(task)
			      : thread_group_sched_runtime_ns(task);
	if (thread)
		task_cputime(task, &utime, &stime);
	else
		thread_group_cputime(task, &utime, &stime);
	return which == CPUCLOCK_VIRT ? utime : utime + stime;
}

static int cpu_clock_get(clockid_t clock, u64 *ns)
{
	int which = clock & CPUCLOCK_CLOCK_MASK;
	struct task_struct *task;

	if (which == CLOCKFD)
		return -EINVAL;
	task = cpu_clock_task(clock);
	if (!task)
		return -EINVAL;
	*ns = cpu_clock_read(task, clock & CPUCLOCK_PERTHREAD_MASK, which);
	put_task_struct(task);
	return 0;
}

int posix_clock_get(clockid_t clock, u64 *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
		*ns = ktime_get_real_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
		*ns = ktime_get_ns();
		return 0;
	case CLOCK_BOOTTIME:
		*ns = ktime_get_boottime_ns();
		return 0;
	case CLOCK_REALTIME_COARSE:
		*ns = ktime_get_coarse_real_ns();
		return 0;
	case CLOCK_MONOTONIC_COARSE:
		*ns = ktime_get_coarse_ns();
		return 0;
	case CLOCK_TAI:
		*ns = ktime_get_real_ns() +
		      (s64)clock_tai_offset() * (s64)NSEC_PER_SEC;
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ns = cpu_clock_read(current, false, CPUCLOCK_SCHED);
		return 0;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = cpu_clock_read(current, true, CPUCLOCK_SCHED);
		return 0;
	default:
		return clock < 0 ? cpu_clock_get(clock, ns) : -EINVAL;
	}
}

int posix_clock_getres(clockid_t clock, u64 *ns)
{
	u64 now;
	int err = posix_clock_get(clock, &now);

	if (err)
		return err;
	*ns = CLOCK_RESOLUTION_NS;
	if (clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE)
		*ns = COARSE_RESOLUTION_NS;
	else if (clock < 0 && (clock & CPUCLOCK_CLOCK_MASK) != CPUCLOCK_SCHED)
		*ns = COARSE_RESOLUTION_NS; /* sampled by the tick */
	return 0;
}

int posix_clock_settable(clockid_t clock)
{
	u64 now;
	int err;

	if (clock == CLOCK_REALTIME)
		return 0;
	if (clock >= 0)
		return -EINVAL;
	/* clock_settime(2): nobody may set a CPU clock that exists */
	err = posix_clock_get(clock, &now);
	return err ? err : -EPERM;
}

int do_settimeofday(const struct timespec *ts, const struct timezone *tz)
{
	u64 ns = 0;

	if (ts) {
		if (ts->tv_sec < 0 || ts->tv_nsec < 0 ||
		    ts->tv_nsec >= (long)NSEC_PER_SEC ||
		    (u64)ts->tv_sec >= MAX_TIMEOUT_NS / NSEC_PER_SEC)
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
	/* The system was not started before 1970. */
	if (ns < ktime_get_ns())
		return -EINVAL;
	clock_set_real_ns(ns);
	return 0;
}

int posix_clock_set(clockid_t clock, const struct timespec *ts)
{
	int err = posix_clock_settable(clock);

	return err ? err : do_settimeofday(ts, NULL);
}

/* Sleep until @deadline_ns (monotonic): true; false for a signal. */
static bool sleep_until(u64 deadline_ns)
{
	u64 now;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		now = ktime_get_ns();
		if (now >= deadline_ns || signal_pending(current))
			break;
		(void)schedule_timeout_ns((s64)(deadline_ns - now));
	}
	__set_current_state(TASK_RUNNING);
	return now >= deadline_ns;
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

	if (sleep_until(deadline_ns))
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
	if (sleep_until(deadline_ns))
		return 0;
	block->fn = nanosleep_restart;
	block->expires_ns = deadline_ns;
	block->rmtp = rmtp;
	return put_remaining(deadline_ns, rmtp);
}

/* Until @ns of a clock that can be set. */
static long sleep_until_date(clockid_t clock, u64 ns)
{
	u64 now;
	u64 left;

	for (;;) {
		(void)posix_clock_get(clock, &now);
		if (now >= ns)
			return 0;
		left = min(ns - now, (u64)DATE_CHECK_NS);
		if (!sleep_until(ktime_get_ns() + left))
			return -ERESTARTNOHAND;
	}
}

int posix_clock_can_sleep(clockid_t clock)
{
	u64 now;
	int err;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return 0;
	default:
		err = posix_clock_get(clock, &now);
		return err ? err : -EOPNOTSUPP;
	}
}

long posix_clock_nanosleep(clockid_t clock, int flags, u64 ns,
			   struct timespec __user *rmtp)
{
	int err = posix_clock_can_sleep(clock);

	if (err)
		return err;
	if (!(flags & TIMER_ABSTIME))
		return sleep_relative(ns, rmtp);
	if (clock == CLOCK_REALTIME || clock == CLOCK_TAI)
		return sleep_until_date(clock, ns);
	/* Boot time is monotonic time here: the machine never sleeps. */
	return sleep_until(ns) ? 0 : -ERESTARTNOHAND;
}
