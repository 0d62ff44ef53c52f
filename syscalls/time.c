/*
 * time.c - doors: clocks, sleeping, interval timers.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <kernel/arch/uaccess.h>
#include <kernel/process/adjtimex.h>
#include <kernel/process/itimer.h>
#include <kernel/process/posix_clock.h>
#include <kernel/process/posix_timer.h>
#include <kernel/process/rusage.h>
#include <kernel/time/clock.h>
#include <syscalls/args.h>

long sys_clock_gettime(clockid_t which_clock, struct timespec __user *tp)
{
	u64 ns;
	int err = posix_clock_get(which_clock, &ns);

	return err ? err : put_timespec(ns, tp);
}

long sys_clock_getres(clockid_t which_clock, struct timespec __user *tp)
{
	u64 ns;
	int err = posix_clock_getres(which_clock, &ns);

	if (err || !tp)
		return err;
	return put_timespec(ns, tp);
}

long sys_clock_settime(clockid_t which_clock, const struct timespec __user *tp)
{
	struct timespec ts;
	int err = posix_clock_settable(which_clock);

	if (err)
		return err;
	if (copy_from_user(&ts, tp, sizeof(ts)))
		return -EFAULT;
	return posix_clock_set(which_clock, &ts);
}

long sys_clock_adjtime(clockid_t which_clock, struct timex __user *utx)
{
	struct timex txc;
	int ret;

	if (copy_from_user(&txc, utx, sizeof(txc)))
		return -EFAULT;
	ret = ksys_clock_adjtime(which_clock, &txc);
	if (ret >= 0 && copy_to_user(utx, &txc, sizeof(txc)))
		return -EFAULT;
	return ret;
}

long sys_adjtimex(struct timex __user *txc_p)
{
	return sys_clock_adjtime(CLOCK_REALTIME, txc_p);
}

long sys_clock_nanosleep(clockid_t which_clock, int flags,
			 const struct timespec __user *rqtp,
			 struct timespec __user *rmtp)
{
	struct timespec ts;
	int err = posix_clock_can_sleep(which_clock);

	if (err)
		return err;
	err = get_timespec(&ts, rqtp);
	if (err)
		return err;
	return posix_clock_nanosleep(which_clock, flags, args_timespec_ns(&ts),
				     flags & TIMER_ABSTIME ? NULL : rmtp);
}

long sys_nanosleep(struct timespec __user *rqtp, struct timespec __user *rmtp)
{
	struct timespec ts;
	int err = get_timespec(&ts, rqtp);

	if (err)
		return err;
	return posix_clock_nanosleep(CLOCK_MONOTONIC, 0, args_timespec_ns(&ts),
				     rmtp);
}

long sys_gettimeofday(struct timeval __user *tv, struct timezone __user *tz)
{
	u64 ns = ktime_get_real_ns();
	struct timeval now = {
		.tv_sec = (long)(ns / NSEC_PER_SEC),
		.tv_usec = (long)(ns % NSEC_PER_SEC / NSEC_PER_USEC),
	};

	if (tv && copy_to_user(tv, &now, sizeof(now)))
		return -EFAULT;
	if (tz && copy_to_user(tz, &sys_tz, sizeof(sys_tz)))
		return -EFAULT;
	return 0;
}

long sys_settimeofday(struct timeval __user *tv, struct timezone __user *tz)
{
	struct timespec ts;
	struct timeval new;
	struct timezone zone;

	if (tv) {
		if (copy_from_user(&new, tv, sizeof(new)))
			return -EFAULT;
		if (new.tv_usec < 0 || new.tv_usec >= (long)USEC_PER_SEC)
			return -EINVAL;
		ts.tv_sec = new.tv_sec;
		ts.tv_nsec = new.tv_usec *(long)NSEC_PER_USEC;
	}
	if (tz && copy_from_user(&zone, tz, sizeof(zone)))
		return -EFAULT;
	return do_settimeofday(tv ? &ts : NULL, tz ? &zone : NULL);
}

long sys_time(long __user *tloc)
{
	long now = ktime_get_real_seconds();

	if (tloc && put_user(now, tloc))
		return -EFAULT;
	return now;
}

long sys_times(struct tms __user *tbuf)
{
	struct tms tms;
	clock_t ticks = do_sys_times(&tms);

	if (tbuf && copy_to_user(tbuf, &tms, sizeof(tms)))
		return -EFAULT;
	return ticks;
}

long sys_getitimer(int which, struct itimerval __user *value)
{
	struct itimerval now;
	int err = do_getitimer(which, &now);

	if (err)
		return err;
	return copy_to_user(value, &now, sizeof(now)) ? -EFAULT : 0;
}

/* setitimer(2): Linux takes NULL for a timer that is to stop */
long sys_setitimer(int which, struct itimerval __user *value,
		   struct itimerval __user *ovalue)
{
	struct itimerval new = {{0, 0}, {0, 0}};
	struct itimerval old;
	int err;

	if (value && copy_from_user(&new, value, sizeof(new)))
		return -EFAULT;
	err = do_setitimer(which, &new, ovalue ? &old : NULL);
	if (err || !ovalue)
		return err;
	return copy_to_user(ovalue, &old, sizeof(old)) ? -EFAULT : 0;
}

long sys_alarm(unsigned int seconds)
{
	return alarm_setitimer(seconds);
}

long sys_timer_create(clockid_t which_clock,
		      struct sigevent __user *timer_event_spec,
		      timer_t __user *created_timer_id)
{
	struct sigevent event;
	timer_t id;
	int err;

	if (timer_event_spec &&
	    copy_from_user(&event, timer_event_spec, sizeof(event)))
		return -EFAULT;
	err = ksys_timer_create(which_clock, timer_event_spec ? &event : NULL,
				&id);
	/* As on Linux the id is told before a clock of CPU time is looked at.
	 */
	if (id < 0 || !put_user(id, created_timer_id))
		return err;
	if (!err)
		(void)ksys_timer_delete(id);
	return -EFAULT;
}

long sys_timer_settime(timer_t timer_id, int flags,
		       const struct itimerspec __user *new_setting,
		       struct itimerspec __user *old_setting)
{
	struct itimerspec new;
	struct itimerspec old;
	int err;

	if (!new_setting)
		return -EINVAL;
	if (copy_from_user(&new, new_setting, sizeof(new)))
		return -EFAULT;
	if (!timespec_valid(&new.it_value) || !timespec_valid(&new.it_interval))
		return -EINVAL;
	err = ksys_timer_settime(timer_id, flags, &new,
				 old_setting ? &old : NULL);
	if (err || !old_setting)
		return err;
	return copy_to_user(old_setting, &old, sizeof(old)) ? -EFAULT : 0;
}

long sys_timer_gettime(timer_t timer_id, struct itimerspec __user *setting)
{
	struct itimerspec now;
	int err = ksys_timer_gettime(timer_id, &now);

	if (err)
		return err;
	return copy_to_user(setting, &now, sizeof(now)) ? -EFAULT : 0;
}

long sys_timer_getoverrun(timer_t timer_id)
{
	return ksys_timer_getoverrun(timer_id);
}

long sys_timer_delete(timer_t timer_id)
{
	return ksys_timer_delete(timer_id);
}
