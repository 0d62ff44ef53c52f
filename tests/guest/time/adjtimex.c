/*
 * adjtimex(2), clock_adjtime(2): the clock's speed, what is made up slowly,
 * status, TAI, who may.  Everything is put back.
 */
#include "tap.h"
#include <limits.h>
#include <sys/syscall.h>
#include <sys/timex.h>

static int adjust(struct timex *tx)
{
	return syscall(SYS_adjtimex, tx);
}

static int with(unsigned int modes, struct timex tx)
{
	tx.modes = modes;
	return adjust(&tx);
}

static struct timex look(void)
{
	struct timex tx = {0};

	adjust(&tx);
	return tx;
}

static long long ns(int clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static int as_student(void)
{
	need(with(0, (struct timex){0}) >= 0);
	need(with(ADJ_OFFSET_SS_READ, (struct timex){0}) >= 0);
	need(fails(with(ADJ_FREQUENCY, (struct timex){0}), EPERM));
	need(fails(with(ADJ_OFFSET_SINGLESHOT, (struct timex){0}), EPERM));
	need(fails(with(ADJ_STATUS, (struct timex){0}), EPERM));
	need(fails(with(ADJ_SETOFFSET, (struct timex){0}), EPERM));
	need(fails(with(ADJ_TICK, (struct timex){.tick = 1}), EPERM));
	return 0;
}

static void errors(void)
{
	struct timex tx = {0};

	ok(in_child_as(STUDENT, as_student) == 0, "users may only look: EPERM");
	ok_errno(adjust((void *)nowhere), EFAULT, "EFAULT");
	ok_errno(with(ADJ_TICK, (struct timex){.tick = 8999}), EINVAL,
		 "a tick too short");
	ok_errno(with(ADJ_TICK, (struct timex){.tick = 11001}), EINVAL,
		 "a tick too long");
	ok_errno(with(0x8000, tx), EINVAL, "adjtime's bit alone");
	ok_errno(with(ADJ_SETOFFSET, (struct timex){.time = {0, 1000000}}),
		 EINVAL, "SETOFFSET: a million microseconds");
	ok_errno(with(ADJ_SETOFFSET, (struct timex){.time = {0, -1}}), EINVAL,
		 "SETOFFSET: negative microseconds");
	ok_errno(with(ADJ_SETOFFSET, (struct timex){.time = {-4000000000, 0}}),
		 EINVAL, "SETOFFSET: before the machine was started");
	ok_errno(with(ADJ_FREQUENCY, (struct timex){.freq = LONG_MAX}), EINVAL,
		 "a frequency out of range");
	ok_errno(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, &tx), EOPNOTSUPP,
		 "CLOCK_MONOTONIC: EOPNOTSUPP");
	ok_errno(syscall(SYS_clock_adjtime, CLOCK_TAI, &tx), EOPNOTSUPP,
		 "CLOCK_TAI: EOPNOTSUPP");
	ok_errno(syscall(SYS_clock_adjtime, 77, &tx), EINVAL,
		 "no clock: EINVAL");
	ok(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &tx) >= 0,
	   "CLOCK_REALTIME");
}

static void told(void)
{
	struct timex tx;
	long long before = ns(CLOCK_REALTIME) / 1000;
	long long us;

	with(ADJ_MICRO, (struct timex){0});
	tx = look();
	us = tx.time.tv_sec * 1000000ll + tx.time.tv_usec;
	ok(us >= before && us <= ns(CLOCK_REALTIME) / 1000, "the time");
	ok(tx.tick == 10000 && tx.precision == 1 && tx.tolerance == 32768000,
	   "tick, precision, tolerance");
	ok(tx.ppsfreq == 0 && tx.jitter == 0 && tx.shift == 0 && tx.calcnt == 0,
	   "no pulses");
	ok(with(ADJ_NANO, (struct timex){0}) >= 0 && (look().status & STA_NANO),
	   "ADJ_NANO");
	tx = look();
	ok(llabs(tx.time.tv_sec * 1000000000ll + tx.time.tv_usec -
		 ns(CLOCK_REALTIME)) < 1000000000,
	   "then the time has nanoseconds");
	ok(with(ADJ_MICRO, (struct timex){0}) >= 0 &&
		   !(look().status & STA_NANO),
	   "ADJ_MICRO");
}

static void status(void)
{
	struct timex tx;

	ok(with(ADJ_STATUS, (struct timex){.status = STA_UNSYNC}) == TIME_ERROR,
	   "STA_UNSYNC: TIME_ERROR");
	ok(with(ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR,
		(struct timex){.status = STA_PLL,
			       .maxerror = 1000,
			       .esterror = 500}) == TIME_OK,
	   "in the loop: TIME_OK");
	tx = look();
	ok(tx.status == STA_PLL && tx.esterror == 500 && tx.maxerror >= 1000 &&
		   tx.maxerror < 4000,
	   "status, maxerror, esterror");
	ok(with(ADJ_STATUS, (struct timex){.status = STA_PLL | STA_RONLY}) ==
			   TIME_OK &&
		   !(look().status & STA_RONLY),
	   "what is only read is not set");
	with(ADJ_STATUS | ADJ_TIMECONST,
	     (struct timex){.status = STA_PLL, .constant = 3});
	ok(look().constant == 7, "a time constant, plus 4 for microseconds");
	with(ADJ_TIMECONST, (struct timex){.constant = 99});
	ok(look().constant == 10, "10 at most");
}

/* The speed of CLOCK against the raw clock, in ppm. */
static double speed(int clock)
{
	long long c0, c1, r0, r1, gap, best;
	int i;

	for (best = i = 0; i < 20; i++) {
		r0 = ns(CLOCK_MONOTONIC_RAW);
		c0 = ns(clock);
		gap = ns(CLOCK_MONOTONIC_RAW) - r0;
		if (i == 0 || gap < best)
			best = gap;
		if (gap < 5000)
			break;
	}
	r0 += gap / 2;
	sleep_ms(400);
	for (i = 0; i < 20; i++) {
		r1 = ns(CLOCK_MONOTONIC_RAW);
		c1 = ns(clock);
		gap = ns(CLOCK_MONOTONIC_RAW) - r1;
		if (gap < 5000)
			break;
	}
	r1 += gap / 2;
	return ((double)(c1 - c0) / (r1 - r0) - 1) * 1e6;
}

static int near(double value, double wanted, double error)
{
	if (value > wanted - error && value < wanted + error)
		return 1;
	tap_line("# %ld ppm, not %ld\n", (long)value, (long)wanted);
	return 0;
}

static void frequency(void)
{
	struct timex old = look();

	with(ADJ_FREQUENCY, (struct timex){.freq = 400 << 16});
	ok(look().freq == 400 << 16, "a frequency is kept");
	ok(near(speed(CLOCK_MONOTONIC), 400, 100),
	   "the monotonic clock runs 400 ppm faster than the raw one");
	ok(near(speed(CLOCK_REALTIME), 400, 100), "so does the real one");
	with(ADJ_FREQUENCY, (struct timex){.freq = 600 << 16});
	ok(look().freq == 500 << 16, "500 ppm at most");
	with(ADJ_FREQUENCY, (struct timex){.freq = -(600 << 16)});
	ok(look().freq == -(500 << 16), "in both directions");
	with(ADJ_FREQUENCY, (struct timex){.freq = old.freq});
	with(ADJ_TICK, (struct timex){.tick = 10500});
	ok(look().tick == 10500, "a tick is kept");
	ok(near(speed(CLOCK_MONOTONIC), 50000, 5000), "5 per cent faster");
	ok(near(speed(CLOCK_BOOTTIME), 50000, 5000), "boot time too");
	with(ADJ_TICK, (struct timex){.tick = 10000});
	ok(near(speed(CLOCK_MONOTONIC), 0, 100), "and back");
}

static void singleshot(void)
{
	struct timex tx = {.modes = ADJ_OFFSET_SINGLESHOT, .offset = 100000};
	long left;

	ok(adjust(&tx) >= 0 && tx.offset == 0, "adjtime: nothing was left");
	tx = (struct timex){.modes = ADJ_OFFSET_SS_READ};
	ok(adjust(&tx) >= 0 && tx.offset <= 100000 && tx.offset > 99000,
	   "ADJ_OFFSET_SS_READ tells the rest");
	sleep_ms(1100);
	ok(near(speed(CLOCK_MONOTONIC), 500, 100), "500 us a second");
	tx = (struct timex){.modes = ADJ_OFFSET_SS_READ};
	adjust(&tx);
	left = tx.offset;
	ok(left < 100000 && left % 500 == 0 && left > 95000,
	   "the rest shrinks by 500 us a second");
	tx = (struct timex){.modes = ADJ_OFFSET_SINGLESHOT, .offset = 0};
	ok(adjust(&tx) >= 0 && tx.offset > 95000 && tx.offset <= left,
	   "a new one tells what was left of the old");
}

static void phase(void)
{
	struct timex tx;

	with(ADJ_OFFSET, (struct timex){.offset = 1000});
	with(ADJ_STATUS, (struct timex){.status = STA_PLL | STA_FREQHOLD});
	with(ADJ_TIMECONST | ADJ_NANO, (struct timex){.constant = 0});
	with(ADJ_OFFSET, (struct timex){.offset = 800000});
	tx = look();
	ok(tx.offset <= 800000 && tx.offset >= 790000 && tx.freq == 0,
	   "ADJ_OFFSET: 800 us to be made up, no frequency learnt");
	sleep_ms(1100);
	tx = look();
	ok(tx.offset < 620000 && tx.offset > 300000,
	   "a quarter of it each second");
	ok(near(speed(CLOCK_MONOTONIC), 170, 130), "by running faster");
	with(ADJ_OFFSET, (struct timex){.offset = 0});
	ok(look().offset == 0, "no more");
	with(ADJ_STATUS | ADJ_MICRO, (struct timex){.status = STA_UNSYNC});
	with(ADJ_OFFSET, (struct timex){.offset = 1000});
	ok(look().offset == 0, "outside the loop an offset counts nothing");
}

static void tai(void)
{
	long long real;

	ok(with(ADJ_TAI, (struct timex){.constant = 37}) >= 0 &&
		   look().tai == 37,
	   "ADJ_TAI");
	real = ns(CLOCK_REALTIME);
	ok(ns(CLOCK_TAI) - real >= 37000000000ll &&
		   ns(CLOCK_TAI) - real < 38000000000ll,
	   "CLOCK_TAI is so far ahead");
	with(ADJ_TAI, (struct timex){.constant = 0});
	ok(look().tai == 0, "and back");
}

static void setoffset(void)
{
	long long before;
	long long mono;

	with(ADJ_STATUS | ADJ_MAXERROR,
	     (struct timex){.status = STA_PLL, .maxerror = 5});
	mono = ns(CLOCK_MONOTONIC);
	before = ns(CLOCK_REALTIME);
	ok(with(ADJ_SETOFFSET, (struct timex){.time = {1000, 500000}}) ==
		   TIME_ERROR,
	   "ADJ_SETOFFSET: nobody vouches for the clock any more");
	before = ns(CLOCK_REALTIME) - before;
	mono = ns(CLOCK_MONOTONIC) - mono;
	ok(before - mono >= 1000490000000ll && before - mono <= 1000510000000ll,
	   "a step of 1000.5 s");
	ok((look().status & STA_UNSYNC) && look().maxerror == 16000000,
	   "STA_UNSYNC, and the error is at its most");
	with(ADJ_SETOFFSET | ADJ_NANO,
	     (struct timex){.time = {-1001, 500000000}});
	before = ns(CLOCK_REALTIME) - before;
	ok(1, "back, with nanoseconds");
	with(ADJ_MICRO | ADJ_STATUS, (struct timex){.status = STA_UNSYNC});
}

/* A leap second at the end of the day 2026-12-31. */
static void leap(void)
{
	struct timespec date = {1798761598, 0}; /* 23:59:58 */
	long long start;
	struct timespec now;
	long long offset = ns(CLOCK_REALTIME) - ns(CLOCK_MONOTONIC);
	int state[5] = {0};
	int i;

	with(ADJ_STATUS, (struct timex){.status = STA_PLL | STA_INS});
	clock_settime(CLOCK_REALTIME, &date);
	with(ADJ_STATUS | ADJ_MAXERROR,
	     (struct timex){.status = STA_PLL | STA_INS});
	start = ns(CLOCK_MONOTONIC);
	for (i = 0; i < 4500; i++) {
		state[with(0, (struct timex){0}) % 5]++;
		if (ns(CLOCK_MONOTONIC) - start > 3500000000ll)
			break;
		sleep_ms(10);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	if (!ok(state[TIME_INS] && state[TIME_OOP] && state[TIME_WAIT],
		"TIME_INS, TIME_OOP, TIME_WAIT"))
		tap_line("# %d %d %d %d %d\n", state[0], state[1], state[2],
			 state[3], state[4]);
	ok(ns(CLOCK_MONOTONIC) - start -
			   (ns(CLOCK_REALTIME) - date.tv_sec * 1000000000ll) >
		   900000000,
	   "the second was counted twice");
	ok(look().tai == 1, "and TAI is one more ahead");
	with(ADJ_STATUS, (struct timex){.status = STA_UNSYNC});
	with(ADJ_TAI, (struct timex){.constant = 0});
	offset += ns(CLOCK_MONOTONIC);
	now.tv_sec = offset / 1000000000;
	now.tv_nsec = offset % 1000000000;
	clock_settime(CLOCK_REALTIME, &now);
}

int main(void)
{
	errors();
	told();
	status();
	frequency();
	singleshot();
	phase();
	tai();
	setoffset();
	leap();
	/* Linux may have set the battery's clock by ours meanwhile. */
	(void)!system("hwclock -w");
	return done_testing();
}
