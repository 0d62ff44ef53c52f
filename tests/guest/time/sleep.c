/*
 * nanosleep and clock_nanosleep: as long as was asked, until a time, the rest
 * of it when interrupted.
 */
#include "tap.h"
#include <sys/syscall.h>
#include <sys/time.h>

static volatile int calls;

static void notes(int sig)
{
	(void)sig;
	calls++;
}

static long now_us(int clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void alarm_in(int ms)
{
	struct itimerval timer = {{0, 0}, {0, ms * 1000}};

	calls = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void lengths(void)
{
	static const int lengths_us[] = {100, 1000, 5000, 20000, 70000};
	struct timespec time = {0, 0};
	int early = 0;
	int late = 0;
	long took;
	int i;

	for (i = 0; i < 5; i++) {
		time.tv_nsec = lengths_us[i] * 1000l;
		took = now_us(CLOCK_MONOTONIC);
		nanosleep(&time, NULL);
		took = now_us(CLOCK_MONOTONIC) - took;
		early += took < lengths_us[i];
		late += took > lengths_us[i] + 50000;
	}
	ok(!early, "never shorter than asked");
	ok(!late, "nor much longer");
	took = now_us(CLOCK_MONOTONIC);
	time.tv_nsec = 0;
	ok(nanosleep(&time, NULL) == 0 &&
		   now_us(CLOCK_MONOTONIC) - took < 20000,
	   "no time at all");
}

static void many_short(void)
{
	struct timespec time = {0, 1000000};
	long took = now_us(CLOCK_MONOTONIC);
	int i;

	for (i = 0; i < 50; i++)
		nanosleep(&time, NULL);
	took = now_us(CLOCK_MONOTONIC) - took;
	ok(took >= 50000 && took < 400000, "fifty times a millisecond");
}

static void interrupted(void)
{
	struct timespec time = {1, 0};
	struct timespec left = {0, 0};

	signal(SIGALRM, notes);
	alarm_in(30);
	ok(fails(nanosleep(&time, &left), EINTR) && calls == 1, "EINTR");
	ok(left.tv_sec == 0 && left.tv_nsec > 500000000 &&
		   left.tv_nsec <= 971000000,
	   "and the time left");
	alarm_in(30);
	ok(clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &left) == EINTR &&
		   left.tv_nsec > 500000000,
	   "clock_nanosleep too");
}

static void until(void)
{
	struct timespec when;
	struct timespec left = {7, 7};
	long before = now_us(CLOCK_MONOTONIC);

	clock_gettime(CLOCK_MONOTONIC, &when);
	when.tv_nsec += 30000000;
	if (when.tv_nsec >= 1000000000) {
		when.tv_nsec -= 1000000000;
		when.tv_sec++;
	}
	ok(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == 0 &&
		   now_us(CLOCK_MONOTONIC) - before >= 30000 &&
		   now_us(CLOCK_MONOTONIC) - before < 200000,
	   "TIMER_ABSTIME: until a time");
	ok(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == 0 &&
		   now_us(CLOCK_MONOTONIC) - before < 200000,
	   "a time that has passed: at once");
	clock_gettime(CLOCK_REALTIME, &when);
	before = now_us(CLOCK_REALTIME);
	when.tv_sec++;
	alarm_in(30);
	ok(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &when, &left) ==
			   EINTR &&
		   left.tv_sec == 7 && now_us(CLOCK_REALTIME) - before < 900000,
	   "interrupted: EINTR, and nothing is told of the rest");
}

static void errors(void)
{
	struct timespec wrong = {0, 1000000000};
	struct timespec negative = {-1, 0};
	struct timespec none = {0, 0};

	ok_errno(nanosleep(&wrong, NULL), EINVAL, "a billion nanoseconds");
	ok_errno(nanosleep(&negative, NULL), EINVAL, "a negative time");
	ok_errno(syscall(SYS_nanosleep, nowhere, NULL), EFAULT,
		 "a bad pointer");
	ok(clock_nanosleep(77, 0, &none, NULL) == EINVAL, "an unknown clock");
	ok(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &none, NULL) == EINVAL,
	   "not by a thread's processor time");
}

/* Sleepers until different times wake in the order of these. */
static void ordered(void)
{
	struct timespec start;
	struct timespec when;
	cpu_set_t one;
	int pipes[2];
	char text[8] = "";
	int got = 0;
	int i;

	if (pipe(pipes))
		bail("pipe");
	/* One CPU: no other can be faster. */
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	clock_gettime(CLOCK_MONOTONIC, &start);
	start.tv_sec++;
	for (i = 0; i < 4; i++) {
		when = start;
		when.tv_nsec += 40000000l * (3 - i);
		if (when.tv_nsec >= 1000000000) {
			when.tv_nsec -= 1000000000;
			when.tv_sec++;
		}
		if (fork() == 0) {
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when,
					NULL);
			_exit(write(pipes[1], &"dcba"[i], 1) != 1);
		}
	}
	while (got < 4)
		got += read(pipes[0], text + got, 4 - got);
	while (wait(NULL) > 0)
		;
	ok(!strcmp(text, "abcd"), "sleepers wake in order");
}

int main(void)
{
	lengths();
	many_short();
	interrupted();
	until();
	errors();
	ordered();
	return done_testing();
}
