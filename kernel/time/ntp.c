/*
 * ntp.c - steering the clock: adjtimex(2), and the discipline behind it.
 *
 * The clock runs faster than was measured by the sum of: a frequency (ADJ_TICK,
 * ADJ_FREQUENCY); a share of the phase offset that ADJ_OFFSET gave, which
 * shrinks geometrically (the phase-locked loop of RFC 5905, which learns
 * a frequency from the offsets too); and what is left of adjtime(3)'s offset,
 * 500 us a second at most.  The last two are shared out anew at the start of
 * each second of CLOCK_REALTIME, and so leap seconds happen: by a timer on that
 * clock, which runs only while there is something to share out or a leap to
 * wait for.  What merely grows with time (maxerror) is computed when asked.
 *
 * Locks: all state is the clock's (clock_write_lock).
 * Entry points: do_adjtimex, ntp_init, ntp_clear_locked.
 */
#include <kernel/time/ntp.h>

#include <abi/errno.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/time/clock.h>
#include <kernel/time/internal.h>
#include <kernel/time/timer.h>

#define SECONDS_PER_DAY 86400
#define NO_LEAP		INT64_MAX

/* A frequency of adjtimex(2), ppm << 16, in the clock's ns a second << 32. */
#define FREQ_SCALE	(1000L << (RATE_SHIFT - 16))
#define MAX_FREQ_SCALED (NTP_MAX_FREQ * FREQ_SCALE)

#define MAX_PHASE_NS	500000000L /* of ADJ_OFFSET */
#define MAX_TIMECONST	10
#define MAX_ERROR_US	16000000L /* 16 s: nothing is known */
#define ERROR_US_PER_S	500	  /* as far as the frequency may be off */
#define MAX_ADJTIME_US	500	  /* adjtime(3), in a second */
#define MIN_FLL_SECONDS 256	  /* between offsets: not sooner ... */
#define MAX_PLL_SECONDS 2048	  /* ... and from here on, always FLL */
#define PLL_SHIFT	2
#define FLL_SHIFT	2
#define TICKS_PER_S	100 /* what ADJ_TICK counts by */
#define NOMINAL_TICK_US (1000000 / TICKS_PER_S)
#define MAX_TAI_OFFSET	100000

/* Locks:  C the clock's */
static struct {
	int status;	     /* [C] STA_* */
	int state;	     /* [C] TIME_OK, _INS, _DEL, _OOP, _WAIT */
	long tick_us;	     /* [C] */
	s64 freq;	     /* [C] ns a second << 32 */
	s64 offset;	     /* [C] phase still to be made up, ns << 32 */
	long constant;	     /* [C] time constant of the loop */
	long adjust_us;	     /* [C] of adjtime(3) still to be made up */
	s64 reference;	     /* [C] when ADJ_OFFSET last came, seconds */
	long maxerror_us;    /* [C] at maxerror_time ... */
	u64 maxerror_time;   /* [C] ... of the monotonic clock, seconds */
	long esterror_us;    /* [C] */
	s64 next_leap;	     /* [C] the second that is inserted or left out */
	bool second_running; /* [C] the timer is needed */
} ntp = {
	.status = STA_UNSYNC,
	.state = TIME_OK,
	.tick_us = NOMINAL_TICK_US,
	.constant = 2,
	.maxerror_us = MAX_ERROR_US,
	.esterror_us = MAX_ERROR_US,
	.next_leap = NO_LEAP,
};

static struct timer second_timer;

/* @value / 2^@bits, towards zero. */
static s64 shift_down(s64 value, long bits)
{
	return value < 0 ? -(-value >> bits) : value >> bits;
}

static s64 real_seconds_locked(void)
{
	return (s64)(clock_now_locked(TIMER_REAL) / NSEC_PER_SEC);
}

/* The rate without what is shared out by the second. */
static s64 base_rate(void)
{
	s64 tick = (ntp.tick_us - NOMINAL_TICK_US) * TICKS_PER_S;

	return ntp.freq + tick * (s64)NSEC_PER_USEC * (1LL << RATE_SHIFT);
}

/* The maximum error grows while nobody says what it is. */
static void age_maxerror(void)
{
	u64 now = clock_now_locked(TIMER_MONO) / NSEC_PER_SEC;
	u64 passed = min(now - ntp.maxerror_time,
			 (u64)(MAX_ERROR_US / ERROR_US_PER_S + 1));

	ntp.maxerror_time = now;
	ntp.maxerror_us += (long)passed * ERROR_US_PER_S;
	if (ntp.maxerror_us > MAX_ERROR_US) {
		ntp.maxerror_us = MAX_ERROR_US;
		ntp.status |= STA_UNSYNC;
	}
}

static void set_maxerror(long us)
{
	ntp.maxerror_us = clamp(us, 0L, MAX_ERROR_US);
	ntp.maxerror_time = clock_now_locked(TIMER_MONO) / NSEC_PER_SEC;
}

/* ntp_clear_locked - see internal.h. */
void ntp_clear_locked(void)
{
	ntp.adjust_us = 0;
	ntp.offset = 0;
	ntp.status |= STA_UNSYNC;
	set_maxerror(MAX_ERROR_US);
	ntp.esterror_us = MAX_ERROR_US;
	ntp.next_leap = NO_LEAP;
	clock_set_rate_locked(base_rate());
}

/* --- the second --- */

/* A leap second was announced: it comes at the end of the day. */
static void announce_leap(s64 second)
{
	s64 midnight = second - second % SECONDS_PER_DAY + SECONDS_PER_DAY;

	if (ntp.status & STA_INS) {
		ntp.state = TIME_INS;
		ntp.next_leap = midnight;
	} else if (ntp.status & STA_DEL) {
		ntp.state = TIME_DEL;
		/* 23:59:59 is left out. */
		ntp.next_leap = midnight - 1;
	}
}

/* The leap that @second begins with: -1 it comes again, 1 it is left out. */
static int leap_of_second(s64 second)
{
	int leap = 0;

	switch (ntp.state) {
	case TIME_OK:
		announce_leap(second);
		break;
	case TIME_INS:
		if (!(ntp.status & STA_INS)) {
			ntp.next_leap = NO_LEAP;
			ntp.state = TIME_OK;
		} else if (second == ntp.next_leap) {
			leap = -1;
			ntp.state = TIME_OOP;
		}
		break;
	case TIME_DEL:
		if (!(ntp.status & STA_DEL)) {
			ntp.next_leap = NO_LEAP;
			ntp.state = TIME_OK;
		} else if (second == ntp.next_leap) {
			leap = 1;
			ntp.next_leap = NO_LEAP;
			ntp.state = TIME_WAIT;
		}
		break;
	case TIME_OOP:
		ntp.next_leap = NO_LEAP;
		ntp.state = TIME_WAIT;
		break;
	case TIME_WAIT:
		if (!(ntp.status & (STA_INS | STA_DEL)))
			ntp.state = TIME_OK;
		break;
	}
	return leap;
}

/* The part of the phase offset that a second makes up. */
static s64 offset_share(void)
{
	return shift_down(ntp.offset, PLL_SHIFT + ntp.constant);
}

/* Share out, for the second that begins. */
static void share_out(void)
{
	long us = clamp(ntp.adjust_us, -(long)MAX_ADJTIME_US,
			(long)MAX_ADJTIME_US);
	s64 phase = offset_share();

	ntp.offset -= phase;
	ntp.adjust_us -= us;
	clock_set_rate_locked(base_rate() + phase +
			      us * (s64)NSEC_PER_USEC * (1LL << RATE_SHIFT));
}

/* Will the next second have something to do, or this one to undo? */
static bool second_is_needed(bool sharing)
{
	return sharing || ntp.adjust_us || offset_share() ||
	       ntp.state != TIME_OK || (ntp.status & (STA_INS | STA_DEL));
}

/* A second of CLOCK_REALTIME begins; in hard irq. */
static void second_begins(struct timer *timer, void *cookie)
{
	unsigned long flags = clock_write_lock();
	s64 second = real_seconds_locked();
	bool sharing;
	int leap;

	(void)cookie;
	age_maxerror();
	leap = leap_of_second(second);
	if (leap) {
		clock_step_locked(leap * (s64)NSEC_PER_SEC);
		clock_set_tai_locked(clock_tai_locked() - leap);
		second += leap;
	}
	sharing = ntp.adjust_us || offset_share();
	share_out();
	ntp.second_running = second_is_needed(sharing);
	if (ntp.second_running)
		second++;
	else
		second = 0;
	clock_write_unlock(flags);

	if (second)
		timer_start_clock(timer, TIMER_REAL,
				  (u64)second * NSEC_PER_SEC);
	if (leap)
		pr_notice("Clock: %s leap second 23:59:%s UTC\n",
			  leap < 0 ? "inserting" : "deleting",
			  leap < 0 ? "60" : "59");
	if (leap)
		clock_was_set_delayed();
}

/* Begin with the next second, unless that is so already. */
static void start_seconds(void)
{
	unsigned long flags = clock_write_lock();
	bool start = !ntp.second_running && second_is_needed(false);
	u64 second = (u64)real_seconds_locked() + 1;

	ntp.second_running |= start;
	clock_write_unlock(flags);
	if (start)
		timer_start_clock(&second_timer, TIMER_REAL,
				  second * NSEC_PER_SEC);
}

/* --- adjtimex(2) --- */

static void set_status(int status)
{
	/* Leaving the loop leaves all that it knew. */
	if ((ntp.status & STA_PLL) && !(status & STA_PLL)) {
		ntp.state = TIME_OK;
		ntp.status = STA_UNSYNC;
		ntp.next_leap = NO_LEAP;
	}
	if (!(ntp.status & STA_PLL) && (status & STA_PLL))
		ntp.reference = real_seconds_locked();
	ntp.status = (ntp.status & STA_RONLY) | (status & ~STA_RONLY);
}

/* The frequency that offsets @ns, @seconds apart, speak of: FLL's part. */
static s64 fll_frequency(s64 ns, s64 seconds)
{
	ntp.status &= ~STA_MODE;
	if (seconds < MIN_FLL_SECONDS)
		return 0;
	if (!(ntp.status & STA_FLL) && seconds <= MAX_PLL_SECONDS)
		return 0;
	ntp.status |= STA_MODE;
	return ns * (1LL << (RATE_SHIFT - FLL_SHIFT)) / seconds;
}

/* ADJ_OFFSET: the clock is behind by so much. */
static void set_offset(long offset)
{
	s64 now = real_seconds_locked();
	s64 seconds = now - ntp.reference;
	s64 ns = offset;
	s64 freq;

	if (!(ntp.status & STA_PLL))
		return;
	if (!(ntp.status & STA_NANO))
		ns = clamp(ns, -(s64)USEC_PER_SEC, (s64)USEC_PER_SEC) *
		     (s64)NSEC_PER_USEC;
	ns = clamp(ns, -(s64)MAX_PHASE_NS, (s64)MAX_PHASE_NS);
	if (ntp.status & STA_FREQHOLD)
		seconds = 0;
	ntp.reference = now;
	freq = fll_frequency(ns, seconds);
	/* A long silence must not make the loop unstable. */
	seconds = min(seconds, (s64)1 << (PLL_SHIFT + 1 + ntp.constant));
	freq += ns * seconds *
		(1LL << (RATE_SHIFT - 2 * (PLL_SHIFT + 2 + ntp.constant)));
	ntp.freq = clamp(ntp.freq + freq, -(s64)MAX_FREQ_SCALED,
			 (s64)MAX_FREQ_SCALED);
	ntp.offset = ns * (1LL << RATE_SHIFT);
}

/* In the order in which the modes see one another. */
static void set_modes(const struct timex *txc)
{
	if (txc->modes & ADJ_STATUS)
		set_status(txc->status);
	if (txc->modes & ADJ_NANO)
		ntp.status |= STA_NANO;
	if (txc->modes & ADJ_MICRO)
		ntp.status &= ~STA_NANO;
	if (txc->modes & ADJ_FREQUENCY)
		ntp.freq = clamp(txc->freq, -NTP_MAX_FREQ, NTP_MAX_FREQ) *
			   FREQ_SCALE;
	if (txc->modes & ADJ_MAXERROR)
		set_maxerror(txc->maxerror);
	if (txc->modes & ADJ_ESTERROR)
		ntp.esterror_us = clamp(txc->esterror, 0L, MAX_ERROR_US);
	if (txc->modes & ADJ_TIMECONST) {
		ntp.constant = clamp(txc->constant, 0L, (long)MAX_TIMECONST);
		if (!(ntp.status & STA_NANO))
			ntp.constant += 4;
		ntp.constant = min(ntp.constant, (long)MAX_TIMECONST);
	}
	if ((txc->modes & ADJ_TAI) && txc->constant >= 0 &&
	    txc->constant <= MAX_TAI_OFFSET)
		clock_set_tai_locked((int)txc->constant);
	if (txc->modes & ADJ_OFFSET)
		set_offset(txc->offset);
	if (txc->modes & ADJ_TICK)
		ntp.tick_us = txc->tick;
	if (txc->modes & (ADJ_TICK | ADJ_FREQUENCY | ADJ_OFFSET))
		clock_set_rate_locked(base_rate());
}

/* adjtime(3): set what is to be made up, tell what was. */
static void set_adjustment(struct timex *txc)
{
	long left = ntp.adjust_us;

	if (!(txc->modes & ADJ_READONLY))
		ntp.adjust_us = txc->offset;
	txc->offset = left;
}

/* The phase offset in the unit of the moment. */
static long offset_left(void)
{
	s64 ns = shift_down(ntp.offset, RATE_SHIFT);

	return ntp.status & STA_NANO ? ns : ns / (s64)NSEC_PER_USEC;
}

static void fill_timex(struct timex *txc, u64 now)
{
	age_maxerror();
	txc->freq = shift_down(ntp.freq, 0) / FREQ_SCALE;
	txc->maxerror = ntp.maxerror_us;
	txc->esterror = ntp.esterror_us;
	txc->status = ntp.status;
	txc->constant = ntp.constant;
	txc->precision = 1;
	txc->tolerance = NTP_MAX_FREQ;
	txc->tick = ntp.tick_us;
	txc->tai = clock_tai_locked();
	/* No pulse per second is taken. */
	txc->ppsfreq = 0;
	txc->jitter = 0;
	txc->shift = 0;
	txc->stabil = 0;
	txc->jitcnt = 0;
	txc->calcnt = 0;
	txc->errcnt = 0;
	txc->stbcnt = 0;
	txc->time.tv_sec = (long)(now / NSEC_PER_SEC);
	txc->time.tv_usec = (long)(now % NSEC_PER_SEC);
	if (!(ntp.status & STA_NANO))
		txc->time.tv_usec /= (long)NSEC_PER_USEC;
}

/* ADJ_SETOFFSET: a step.  -EINVAL if it leads before the machine's start. */
static int step(const struct timex *txc)
{
	u64 mono = clock_now_locked(TIMER_MONO);
	s64 now = (s64)clock_now_locked(TIMER_REAL);
	s64 ns = txc->time.tv_usec;
	s64 delta;

	if (!(txc->modes & ADJ_NANO))
		ns *= (s64)NSEC_PER_USEC;
	if (__builtin_mul_overflow(txc->time.tv_sec, (s64)NSEC_PER_SEC,
				   &delta) ||
	    __builtin_add_overflow(delta, ns, &delta) ||
	    __builtin_add_overflow(now, delta, &now) || now < (s64)mono)
		return -EINVAL;
	clock_step_locked(delta);
	ntp_clear_locked();
	return 0;
}

/* do_adjtimex - see ntp.h. */
int do_adjtimex(struct timex *txc)
{
	bool rate = txc->modes & (ADJ_TICK | ADJ_FREQUENCY);
	bool single = txc->modes & ADJ_ADJTIME;
	unsigned long flags = clock_write_lock();
	int tai = clock_tai_locked();
	bool jumped = false;
	int ret;

	if (txc->modes & ADJ_SETOFFSET) {
		ret = step(txc);
		if (ret) {
			clock_write_unlock(flags);
			return ret;
		}
		jumped = true;
	}
	if (single) {
		set_adjustment(txc);
	} else {
		set_modes(txc);
		txc->offset = offset_left();
	}
	fill_timex(txc, clock_now_locked(TIMER_REAL));
	ret = ntp.status & (STA_UNSYNC | STA_CLOCKERR) ? TIME_ERROR : ntp.state;
	jumped |= tai != clock_tai_locked();
	clock_write_unlock(flags);

	start_seconds();
	if (jumped)
		clock_was_set();
	else if (rate)
		timers_clock_was_set();
	return ret;
}

/* ntp_init - see internal.h. */
void ntp_init(void)
{
	timer_init(&second_timer, second_begins, NULL);
}
