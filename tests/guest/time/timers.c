/*
 * alarm(2), setitimer(2), and POSIX timers: once and again, told and stopped.
 */
#include "tap.h"
#include <sys/syscall.h>
#include <sys/time.h>

static volatile int calls;
static siginfo_t seen;

static void notes(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	seen = *info;
	calls++;
}

static void install(int sig)
{
	struct sigaction action = {.sa_sigaction = notes,
				   .sa_flags = SA_SIGINFO};

	sigaction(sig, &action, NULL);
	calls = 0;
}

/* wait_calls - until that many signals came, for half a second at most. */
static int wait_calls(int count)
{
	long until = now_ms() + 500;

	while (calls < count && now_ms() < until)
		usleep(1000);
	return calls;
}

static void once(void)
{
	struct itimerval timer = {{0, 0}, {0, 30000}};
	struct itimerval later = {{0, 0}, {100, 0}};
	struct itimerval old;
	long before;

	install(SIGALRM);
	ok(setitimer(ITIMER_REAL, &timer, &old) == 0 &&
		   old.it_value.tv_sec == 0,
	   "a timer is set; there was none");
	ok(setitimer(ITIMER_REAL, &later, NULL) == 0 &&
		   getitimer(ITIMER_REAL, &old) == 0 &&
		   old.it_value.tv_sec >= 90 && old.it_value.tv_sec <= 100,
	   "getitimer tells the rest");
	/* A slow machine may have let the first one run out. */
	calls = 0;
	before = now_ms();
	setitimer(ITIMER_REAL, &timer, NULL);
	ok(wait_calls(1) == 1 && now_ms() - before >= 29 &&
		   now_ms() - before < 300,
	   "SIGALRM comes in time");
	ok(seen.si_signo == SIGALRM && seen.si_code == SI_KERNEL,
	   "from the kernel");
	sleep_ms(60);
	ok(calls == 1, "once");
	ok(getitimer(ITIMER_REAL, &old) == 0 && old.it_value.tv_usec == 0,
	   "then it is off");
}

static void again(void)
{
	struct itimerval timer = {{0, 10000}, {0, 10000}};
	struct itimerval off = {{0, 0}, {0, 0}};
	struct itimerval old;

	install(SIGALRM);
	setitimer(ITIMER_REAL, &timer, NULL);
	ok(wait_calls(5) >= 5, "an interval: again and again");
	ok(setitimer(ITIMER_REAL, &off, &old) == 0 &&
		   old.it_interval.tv_usec == 10000,
	   "switched off; the interval is told");
	calls = 0;
	sleep_ms(30);
	ok(calls == 0, "then it is silent");
}

static void alarms(void)
{
	ok(alarm(100) == 0 && alarm(50) >= 99 && alarm(0) >= 49 &&
		   alarm(0) == 0,
	   "alarm tells what was left of the last one");
}

/* Computes, and seldom looks at the clock: that may be a call's time. */
static void spin(int count)
{
	long until = now_ms() + 2000;
	volatile int i;

	while (calls < count && now_ms() < until)
		for (i = 0; i < 100000; i++)
			;
}

static void processor_time(void)
{
	struct itimerval timer = {{0, 0}, {0, 20000}};

	install(SIGVTALRM);
	setitimer(ITIMER_VIRTUAL, &timer, NULL);
	sleep_ms(60);
	ok(calls == 0, "ITIMER_VIRTUAL does not run while it sleeps");
	spin(1);
	ok(calls == 1, "but while it computes");
	install(SIGPROF);
	setitimer(ITIMER_PROF, &timer, NULL);
	spin(1);
	ok(calls == 1, "ITIMER_PROF too");
}

static int child_has_none(void)
{
	struct itimerval timer;

	getitimer(ITIMER_REAL, &timer);
	return timer.it_value.tv_sec != 0;
}

static void errors(void)
{
	struct itimerval wrong = {{0, 0}, {0, 1000000}};
	struct itimerval timer = {{0, 0}, {100, 0}};

	ok_errno(syscall(SYS_setitimer, ITIMER_REAL, &wrong, NULL), EINVAL,
		 "a million microseconds");
	ok_errno(setitimer(77, &timer, NULL), EINVAL, "an unknown timer");
	setitimer(ITIMER_REAL, &timer, NULL);
	ok(in_child(child_has_none) == 0, "a child does not inherit timers");
	alarm(0);
}

static void posix(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1,
				 .sigev_value = {.sival_int = 99}};
	struct itimerspec spec = {{0, 10000000}, {0, 20000000}};
	struct timespec none = {0, 0};
	struct itimerspec now;
	siginfo_t info;
	sigset_t set;
	timer_t timer;

	install(SIGUSR1);
	ok(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
	ok(timer_settime(timer, 0, &spec, NULL) == 0 && wait_calls(1) >= 1 &&
		   seen.si_code == SI_TIMER && seen.si_value.sival_int == 99,
	   "it sends its signal and value");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sleep_ms(65);
	ok(sigtimedwait(&set, &info, &none) == SIGUSR1 && info.si_overrun >= 3,
	   "runs over are counted");
	ok(timer_gettime(timer, &now) == 0 &&
		   now.it_interval.tv_nsec == 10000000 &&
		   now.it_value.tv_nsec <= 10000000,
	   "timer_gettime");
	ok(timer_delete(timer) == 0, "timer_delete");
	sigtimedwait(&set, &info, &none); /* one that was still queued */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	calls = 0;
	sleep_ms(30);
	ok(calls == 0, "then it is silent");
	ok_errno(syscall(SYS_timer_delete, timer), EINVAL, "once");
	ok_errno(timer_create(77, &event, &timer), EINVAL, "an unknown clock");
}

int main(void)
{
	once();
	again();
	alarms();
	processor_time();
	errors();
	posix();
	return done_testing();
}
