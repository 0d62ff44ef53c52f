/*
 * The clocks: they run, at one speed, and never backward; who may set them.
 */
#include "tap.h"
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>

static long ns(int clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now))
		return -1;
	return now.tv_sec * 1000000000l + now.tv_nsec;
}

static void running(void)
{
	static const int clocks[] = {
		CLOCK_REALTIME,	       CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
		CLOCK_REALTIME_COARSE, CLOCK_BOOTTIME,	CLOCK_MONOTONIC_COARSE};
	long before[6];
	long passed;
	int good = 0;
	int i;

	for (i = 0; i < 6; i++)
		before[i] = ns(clocks[i]);
	sleep_ms(50);
	for (i = 0; i < 6; i++) {
		passed = ns(clocks[i]) - before[i];
		if (before[i] > 0 && passed > 35000000 && passed < 500000000)
			good++;
		else
			tap_line("# clock %d: %ld\n", clocks[i], passed);
	}
	ok(good == 6, "six clocks run");
}

static void forward(void)
{
	long last = ns(CLOCK_MONOTONIC);
	int back = 0;
	int same = 0;
	long now;
	int i;

	for (i = 0; i < 20000; i++) {
		now = ns(CLOCK_MONOTONIC);
		back += now < last;
		same += now == last;
		last = now;
	}
	ok(!back, "the monotonic clock never goes back");
	ok(same < 10000, "it has a resolution of its own");
}

static void real(void)
{
	struct timeval tv;
	struct timespec ts;
	time_t now;

	clock_gettime(CLOCK_REALTIME, &ts);
	gettimeofday(&tv, NULL);
	now = time(NULL);
	ok(tv.tv_sec - ts.tv_sec <= 1 && tv.tv_sec >= ts.tv_sec &&
		   now - ts.tv_sec <= 1 && tv.tv_usec < 1000000,
	   "gettimeofday and time tell the same");
	ok(ts.tv_sec > 1700000000 && ts.tv_sec < 4000000000,
	   "it is after the year 2023");
}

/* No more than the time that passed - much of it, if the host was busy. */
static int burns(void)
{
	long before = ns(CLOCK_MONOTONIC);
	long own = ns(CLOCK_PROCESS_CPUTIME_ID);
	long thread = ns(CLOCK_THREAD_CPUTIME_ID);
	long until = now_ms() + 100;
	struct tms ticks;
	long own_used;
	long thread_used;
	long passed;

	while (now_ms() < until)
		;
	own_used = ns(CLOCK_PROCESS_CPUTIME_ID) - own;
	thread_used = ns(CLOCK_THREAD_CPUTIME_ID) - thread;
	passed = ns(CLOCK_MONOTONIC) - before + 4000000;
	need(own_used > 30000000 && own_used < passed);
	need(thread_used > 30000000 && thread_used < passed);
	need(clock() > 30000);
	need(times(&ticks) > 0 && ticks.tms_utime + ticks.tms_stime >= 3);
	return 0;
}

static int sleeps(void)
{
	long own = ns(CLOCK_PROCESS_CPUTIME_ID);

	sleep_ms(100);
	need(ns(CLOCK_PROCESS_CPUTIME_ID) - own < 40000000);
	return 0;
}

static int sets_as_student(void)
{
	struct timespec now;
	struct timeval tv;

	clock_gettime(CLOCK_REALTIME, &now);
	need(fails(clock_settime(CLOCK_REALTIME, &now), EPERM));
	gettimeofday(&tv, NULL);
	need(fails(settimeofday(&tv, NULL), EPERM));
	return 0;
}

static void setting(void)
{
	struct timespec now;
	struct timespec wrong = {1, 1000000000};
	long monotonic;
	long real_ns;

	monotonic = ns(CLOCK_MONOTONIC);
	clock_gettime(CLOCK_REALTIME, &now);
	real_ns = now.tv_sec * 1000000000l + now.tv_nsec;
	now.tv_sec += 1000;
	ok(clock_settime(CLOCK_REALTIME, &now) == 0 &&
		   ns(CLOCK_REALTIME) - real_ns > 999000000000l,
	   "clock_settime sets the real clock");
	ok(ns(CLOCK_MONOTONIC) - monotonic < 5000000000l,
	   "the monotonic clock does not notice");
	now.tv_sec -= 1000;
	clock_settime(CLOCK_REALTIME, &now);
	ok(ns(CLOCK_REALTIME) - real_ns < 5000000000l, "and back");
	ok_errno(clock_settime(CLOCK_REALTIME, &wrong), EINVAL, "no such time");
	ok_errno(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &now), EINVAL,
		 "the monotonic clock is not set");
	ok(in_child_as(STUDENT, sets_as_student) == 0, "nor by users: EPERM");
}

static void errors(void)
{
	struct timespec resolution;

	ok(clock_getres(CLOCK_MONOTONIC, &resolution) == 0 &&
		   resolution.tv_sec == 0 && resolution.tv_nsec == 1,
	   "clock_getres: a nanosecond");
	ok(clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) == 0 &&
		   resolution.tv_nsec >= 1000000 &&
		   resolution.tv_nsec <= 10000000,
	   "coarse clocks: a tick");
	ok_errno(syscall(SYS_clock_gettime, 77, &resolution), EINVAL,
		 "an unknown clock");
	ok_errno(syscall(SYS_clock_gettime, CLOCK_REALTIME, nowhere), EFAULT,
		 "a bad pointer");
	ok(clock_getres(CLOCK_REALTIME, NULL) == 0, "getres to nowhere");
}

int main(void)
{
	running();
	forward();
	real();
	ok(in_child(burns) == 0, "processor time counts while it runs");
	ok(in_child(sleeps) == 0, "and not while it sleeps");
	setting();
	errors();
	return done_testing();
}
