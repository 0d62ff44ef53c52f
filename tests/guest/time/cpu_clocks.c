/*
 * Clocks of CPU time: whose they are, sleeping by them, timers on them.  Time
 * is measured by these clocks themselves, so that a slow machine does not
 * matter.
 */
#include "tap.h"
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>

#define PERTHREAD 4
#define SCHED	  2

static volatile int calls;
static volatile int stop;
static volatile pid_t helper_tid;
static clockid_t helper_clock;

static clockid_t clock_of(pid_t pid, int kind)
{
	return (clockid_t)(~(unsigned int)pid << 3) | kind;
}

static long ns(clockid_t clock)
{
	struct timespec now;

	if (syscall(SYS_clock_gettime, clock, &now))
		return -1;
	return now.tv_sec * 1000000000l + now.tv_nsec;
}

static void notes(int sig)
{
	(void)sig;
	calls++;
}

/* Compute until a signal has come, for ten seconds at most. */
static int burn_until(int count)
{
	long until = now_ms() + 10000;
	volatile int i;

	while (calls < count && now_ms() < until)
		for (i = 0; i < 20000; i++)
			;
	return calls;
}

static void *burns(void *unused)
{
	volatile int i;

	(void)unused;
	helper_clock = clock_of(0, PERTHREAD | SCHED);
	helper_tid = syscall(SYS_gettid);
	while (!stop)
		for (i = 0; i < 20000; i++)
			;
	return NULL;
}

static pthread_t start_helper(void)
{
	pthread_t thread;

	stop = 0;
	helper_tid = 0;
	if (pthread_create(&thread, NULL, burns, NULL))
		bail("pthread_create");
	while (!helper_tid)
		sched_yield();
	return thread;
}

static void end_helper(pthread_t thread)
{
	stop = 1;
	pthread_join(thread, NULL);
}

static int burn_for_ever(void)
{
	stop = 0;
	burns(NULL);
	return 0;
}

static void whose(void)
{
	struct timespec ts;
	clockid_t clock;
	pid_t child;
	long first;

	ok(clock_getcpuclockid(getpid(), &clock) == 0 && ns(clock) > 0 &&
		   ns(clock) <= ns(CLOCK_PROCESS_CPUTIME_ID),
	   "a process's clock by its id");
	ok(ns(clock_of(0, SCHED)) > 0 && ns(clock_of(0, PERTHREAD | SCHED)) > 0,
	   "id 0: one's own");
	ok(ns(clock_of(getpid(), 0)) >= 0 && ns(clock_of(getpid(), 1)) >= 0,
	   "PROF and VIRT");
	ok_errno(ns(clock_of(getpid(), 3)), EINVAL, "there is no fourth kind");
	ok_errno(ns(clock_of(1, PERTHREAD | SCHED)), EINVAL,
		 "a thread of another process");
	ok_errno(ns(clock_of(4000000, SCHED)), EINVAL, "nobody");
	ok(ns(clock_of(1, SCHED)) >= 0, "another process");
	ok_errno(syscall(SYS_clock_settime, clock, &(struct timespec){0, 0}),
		 EPERM, "cannot be set");
	ok_errno(syscall(SYS_clock_settime, clock_of(4000000, SCHED),
			 &(struct timespec){0, 0}),
		 EINVAL, "nor can nobody's");
	ok(syscall(SYS_clock_getres, clock_of(0, SCHED), &ts) == 0 &&
		   ts.tv_nsec == 1,
	   "getres: 1 ns");
	ok(syscall(SYS_clock_getres, clock_of(0, 0), &ts) == 0 &&
		   ts.tv_nsec == 4000000,
	   "PROF: a tick");
	child = start_child(burn_for_ever);
	first = ns(clock_of(child, SCHED));
	while (ns(clock_of(child, SCHED)) < first + 20000000)
		sleep_ms(5);
	ok(1, "a child's clock runs while it computes");
	end_child(child);
	ok_errno(ns(clock_of(child, SCHED)), EINVAL, "it goes with the child");
}

static void sleeps(void)
{
	struct timespec time = {0, 30000000};
	struct timespec left = {9, 9};
	pthread_t thread;
	clockid_t clock;
	long before;
	int ret;

	thread = start_helper();
	before = ns(CLOCK_PROCESS_CPUTIME_ID);
	ret = clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &time, NULL);
	ok(ret == 0 && ns(CLOCK_PROCESS_CPUTIME_ID) - before >= 30000000,
	   "a sleep by the process's time");
	pthread_getcpuclockid(thread, &clock);
	before = ns(clock);
	ret = clock_nanosleep(clock, 0, &time, NULL);
	ok(ret == 0 && ns(clock) - before >= 30000000,
	   "by another thread's time");
	before = ns(clock);
	time.tv_sec = (before + 30000000) / 1000000000;
	time.tv_nsec = (before + 30000000) % 1000000000;
	ret = clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL);
	ok(ret == 0 && ns(clock) - before >= 30000000, "until a time");
	ret = clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL);
	ok(ret == 0, "until a time that has passed");
	end_helper(thread);

	time.tv_sec = 100;
	calls = 0;
	signal(SIGALRM, notes);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 20000}, {0, 20000}},
		  NULL);
	ret = clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &time, &left);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
	ok(ret == EINTR && calls && left.tv_sec >= 95 && left.tv_sec <= 100,
	   "EINTR, and what is left");
}

static void sleep_errors(void)
{
	struct timespec none = {0, 0};

	ok_errno(syscall(SYS_clock_nanosleep, clock_of(0, PERTHREAD | SCHED), 0,
			 &none, NULL),
		 EINVAL, "not by one's own thread");
	ok_errno(syscall(SYS_clock_nanosleep,
			 clock_of(syscall(SYS_gettid), PERTHREAD | SCHED), 0,
			 &none, NULL),
		 EINVAL, "by its number neither");
	ok_errno(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &none,
			 NULL),
		 EOPNOTSUPP, "CLOCK_THREAD_CPUTIME_ID: EOPNOTSUPP");
	ok_errno(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_RAW, 0, &none,
			 NULL),
		 EOPNOTSUPP, "the raw clock: EOPNOTSUPP");
	ok_errno(syscall(SYS_clock_nanosleep, CLOCK_REALTIME_COARSE, 0, &none,
			 NULL),
		 EOPNOTSUPP, "a coarse clock: EOPNOTSUPP");
	ok_errno(syscall(SYS_clock_nanosleep, 10, 0, &none, NULL), EINVAL,
		 "number 10: EINVAL");
	ok_errno(syscall(SYS_clock_nanosleep, clock_of(4000000, SCHED), 0,
			 &none, NULL),
		 EINVAL, "nobody's: EINVAL");
	ok_errno(syscall(SYS_clock_nanosleep, clock_of(0, 3), 0, &none, NULL),
		 EOPNOTSUPP, "a descriptor's: EOPNOTSUPP");
}

/* A stop and SIGCONT do not lengthen a sleep: restart_syscall(2). */
static int sleeps_on(void)
{
	struct timespec time = {0, 200000000};
	long before = now_ms();

	if (nanosleep(&time, NULL))
		return 1;
	return now_ms() - before < 195;
}

static void restarted(void)
{
	pid_t child = start_child(sleeps_on);

	sleep_ms(30);
	kill(child, SIGSTOP);
	wait_for_state(child, 'T');
	kill(child, SIGCONT);
	ok(exit_code(child) == 0, "a stopped sleep goes on: no EINTR");
}

static timer_t timer_on(clockid_t clock, int notify)
{
	struct sigevent event = {.sigev_notify = notify,
				 .sigev_signo = SIGUSR1};
	int timer;

	signal(SIGUSR1, notes);
	calls = 0;
	if (syscall(SYS_timer_create, clock, &event, &timer))
		return (timer_t)-1;
	return (timer_t)(long)timer;
}

static int settime(timer_t timer, int flags, long value, long interval)
{
	struct itimerspec spec = {
		{interval / 1000000000, interval % 1000000000},
		{value / 1000000000, value % 1000000000}};

	return syscall(SYS_timer_settime, (int)(long)timer, flags, &spec, NULL);
}

static long gettime(timer_t timer)
{
	struct itimerspec spec;

	if (syscall(SYS_timer_gettime, (int)(long)timer, &spec))
		return -1;
	return spec.it_value.tv_sec * 1000000000l + spec.it_value.tv_nsec;
}

static void delete_timer(timer_t timer)
{
	syscall(SYS_timer_delete, (int)(long)timer);
}

static void timers_of(clockid_t clock, const char *what)
{
	timer_t timer = timer_on(clock, SIGEV_SIGNAL);
	long before = ns(clock);

	tap_round = what;
	settime(timer, 0, 30000000, 0);
	ok(gettime(timer) > 0 && gettime(timer) <= 30000000,
	   "timer_gettime tells the rest");
	sleep_ms(60);
	/* A host that halts us in the middle makes it CPU time. */
	ok(calls == 0 || ns(clock) - before >= 30000000,
	   "sleeping does not count");
	ok(burn_until(1) == 1 && ns(clock) - before >= 30000000,
	   "it signals after so much CPU time");
	ok(gettime(timer) == 0, "then it is off");
	calls = 0;
	before = ns(clock);
	settime(timer, 0, 10000000, 10000000);
	ok(burn_until(4) >= 4 && ns(clock) - before >= 40000000,
	   "again and again");
	settime(timer, 0, 0, 0);
	calls = 0;
	before = ns(clock);
	settime(timer, TIMER_ABSTIME, before + 20000000, 0);
	ok(burn_until(1) == 1 && ns(clock) - before >= 20000000,
	   "TIMER_ABSTIME: at a time");
	calls = 0;
	settime(timer, TIMER_ABSTIME, 1, 0);
	sleep_ms(1);
	ok(calls == 1, "a time that has passed: at once");
	delete_timer(timer);
	tap_round = "";
}

static void another_process(void)
{
	pid_t child = start_child(burn_for_ever);
	clockid_t clock = clock_of(child, SCHED);
	timer_t timer = timer_on(clock, SIGEV_SIGNAL);
	long start = ns(clock);
	long until = now_ms() + 10000;

	settime(timer, 0, 30000000, 0);
	while (!calls && now_ms() < until)
		usleep(2000);
	ok(calls == 1 && ns(clock) - start >= 30000000,
	   "a timer on a child's time");
	settime(timer, 0, 1000000000000, 0);
	end_child(child);
	ok(gettime(timer) <= 0, "the child is gone: nothing is left");
	ok_errno(settime(timer, 0, 1000000, 0), ESRCH,
		 "and it cannot be set: ESRCH");
	delete_timer(timer);
	ok_errno((long)timer_on(clock, SIGEV_SIGNAL), EINVAL,
		 "nor made: EINVAL");
}

static void another_thread(void)
{
	pthread_t thread = start_helper();
	clockid_t clock;
	timer_t timer;
	long until = now_ms() + 10000;
	long start;

	pthread_getcpuclockid(thread, &clock);
	timer = timer_on(clock, SIGEV_SIGNAL);
	start = ns(clock);
	settime(timer, 0, 30000000, 0);
	while (!calls && now_ms() < until)
		usleep(2000);
	ok(calls == 1 && ns(clock) - start >= 30000000,
	   "a timer on another thread's time");
	settime(timer, 0, 1000000000000, 0);
	end_helper(thread);
	sleep_ms(10);
	ok_errno(settime(timer, 0, 1000000, 0), ESRCH,
		 "the thread is gone: ESRCH");
	delete_timer(timer);
}

static void no_timers(void)
{
	ok_errno((long)timer_on(CLOCK_MONOTONIC_RAW, SIGEV_SIGNAL), EOPNOTSUPP,
		 "no timers on the raw clock");
	ok_errno((long)timer_on(CLOCK_MONOTONIC_COARSE, SIGEV_SIGNAL),
		 EOPNOTSUPP, "nor on a coarse one");
	ok_errno((long)timer_on(10, SIGEV_SIGNAL), EINVAL,
		 "nor on one that is not there: EINVAL");
	ok_errno((long)timer_on(clock_of(1, PERTHREAD | SCHED), SIGEV_SIGNAL),
		 EINVAL, "nor on a stranger's thread: EINVAL");
}

/* Intervals of setitimer count the whole process. */
static void interval(void)
{
	struct itimerval timer = {{0, 10000}, {0, 10000}};
	struct itimerval old;
	long before = ns(CLOCK_PROCESS_CPUTIME_ID);

	signal(SIGPROF, notes);
	calls = 0;
	setitimer(ITIMER_PROF, &timer, NULL);
	ok(burn_until(4) >= 4 &&
		   ns(CLOCK_PROCESS_CPUTIME_ID) - before >= 40000000,
	   "ITIMER_PROF: again and again");
	timer.it_value.tv_usec = 0;
	ok(setitimer(ITIMER_PROF, &timer, &old) == 0 &&
		   old.it_interval.tv_usec == 10000,
	   "off");
}

int main(void)
{
	whose();
	sleeps();
	sleep_errors();
	restarted();
	timers_of(CLOCK_PROCESS_CPUTIME_ID, "process: ");
	timers_of(CLOCK_THREAD_CPUTIME_ID, "thread: ");
	another_process();
	another_thread();
	no_timers();
	interval();
	return done_testing();
}
