/*
 * adjtimex.c - who may steer the clock, and with what: adjtimex(2).
 *
 * Entry points: ksys_clock_adjtime.
 */
#include <kernel/process/adjtimex.h>

#include <abi/errno.h>
#include <kernel/process/posix_clock.h>
#include <kernel/sched/cred.h>
#include <kernel/time/ntp.h>

/* ADJ_TICK: at most a tenth off */
#define MIN_TICK_US (900000 / USER_HZ)
#define MAX_TICK_US (1100000 / USER_HZ)

/* Beyond, a frequency does not fit the clock's own unit. */
#define FREQ_LIMIT (INT64_MAX / 65536000)

static int check_offset(const struct timex *txc)
{
	long limit =
		txc->modes & ADJ_NANO ? (long)NSEC_PER_SEC : (long)USEC_PER_SEC;

	if (txc->time.tv_usec < 0 || txc->time.tv_usec >= limit)
		return -EINVAL;
	return 0;
}

static int check_timex(const struct timex *txc)
{
	int err = 0;

	if (txc->modes & ADJ_ADJTIME) {
		/* adjtime(3): to look needs no right */
		if (!(txc->modes & ADJ_OFFSET))
			return -EINVAL;
		if (!(txc->modes & ADJ_READONLY) && !capable(CAP_SYS_TIME))
			return -EPERM;
	} else {
		if (txc->modes && !capable(CAP_SYS_TIME))
			return -EPERM;
		if ((txc->modes & ADJ_TICK) &&
		    (txc->tick < MIN_TICK_US || txc->tick > MAX_TICK_US))
			return -EINVAL;
	}
	if (txc->modes & ADJ_SETOFFSET) {
		if (!capable(CAP_SYS_TIME))
			return -EPERM;
		err = check_offset(txc);
	}
	if (!err && (txc->modes & ADJ_FREQUENCY) &&
	    (txc->freq > FREQ_LIMIT || txc->freq < -FREQ_LIMIT))
		err = -EINVAL;
	return err;
}

/* ksys_clock_adjtime - see adjtimex.h. */
int ksys_clock_adjtime(clockid_t clock, struct timex *txc)
{
	int err;

	if (!posix_clock_exists(clock))
		return -EINVAL;
	/* No other clock can be steered. */
	if (clock != CLOCK_REALTIME)
		return -EOPNOTSUPP;
	err = check_timex(txc);
	return err ? err : do_adjtimex(txc);
}
