/*
 * POSIX clocks as programs name them: clock_gettime(2), clock_settime(2),
 * clock_getres(2), clock_nanosleep(2), settimeofday(2).
 *
 * Entry points: posix_clock_get, posix_clock_getres, posix_clock_set,
 * posix_clock_nanosleep, do_settimeofday.
 */
#pragma once

#include <abi/time.h>
#include <kernel/types/time.h>

/* The time zone that settimeofday(2) has stored; the kernel makes no use. */
extern struct timezone sys_tz;

/* posix_clock_exists - is it a number of a clock at all, or of the CPU clock
 * of somebody who may not exist? */
bool posix_clock_exists(clockid_t clock);

/* posix_clock_get - the time on @clock in ns; 0 or -EINVAL. */
int posix_clock_get(clockid_t clock, u64 *ns);

/* posix_clock_getres - its resolution in ns; 0 or -EINVAL. */
int posix_clock_getres(clockid_t clock, u64 *ns);

/*
 * posix_clock_set - 0, -EINVAL (no such clock, cannot be set, no such time),
 * -EPERM without CAP_SYS_TIME.
 */
int posix_clock_set(clockid_t clock, const struct timespec *ts);

/* posix_clock_settable - might @clock be set at all?  0 or -EINVAL. */
int posix_clock_settable(clockid_t clock);

/* do_settimeofday - either may be NULL; 0, -EINVAL, -EPERM. */
int do_settimeofday(const struct timespec *ts, const struct timezone *tz);

/* posix_clock_can_sleep - 0; -EINVAL: no such clock; -EOPNOTSUPP. */
int posix_clock_can_sleep(clockid_t clock);

/* posix_clock_has_timers - 0; -EINVAL: no such clock; -EOPNOTSUPP. */
int posix_clock_has_timers(clockid_t clock);

/*
 * posix_clock_timer - what timers on @clock count by.  0 (@timer is left alone
 * for CPU clocks), or what posix_clock_has_timers or posix_clock_may_alarm say.
 */
int posix_clock_timer(clockid_t clock, enum timer_clock *timer);

/*
 * posix_clock_may_alarm - may current use @clock, if it is one of the _ALARM
 * clocks?  0, -EOPNOTSUPP: no alarms, -EPERM without CAP_WAKE_ALARM.
 */
int posix_clock_may_alarm(clockid_t clock);

/* posix_clock_alarms - are there _ALARM clocks?  There are with a real-time
 * clock that can wake the machine; the driver says so. */
extern bool posix_clock_alarms;

/*
 * posix_clock_nanosleep - sleep for @ns, or with TIMER_ABSTIME until @ns.
 *
 * Returns 0; for a signal -ERESTARTNOHAND (absolute), or else
 * -ERESTART_RESTARTBLOCK with what is left written to @rmtp (may be NULL);
 * -EFAULT, or what posix_clock_can_sleep says.
 */
long posix_clock_nanosleep(clockid_t clock, int flags, u64 ns,
			   struct timespec __user *rmtp);

/* ns_to_timespec, timespec_to_ns - a time as it is told and counted; what is
 * too large becomes MAX_TIMEOUT_NS.  @ts is valid. */
struct timespec ns_to_timespec(u64 ns);
u64 timespec_to_ns(const struct timespec *ts);
