/*
 * timer_create(2) and kin beyond the usual: whom they signal, how many there
 * may be, overruns, ignored signals, /proc/PID/timers; and timer slack.
 */
#include "tap.h"
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id __sev_fields.sigev_notify_thread_id
#endif

static volatile pid_t taken_by;
static volatile int code;

static void notes(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	taken_by = syscall(SYS_gettid);
	code = info->si_code;
}

static int create(int clock, struct sigevent *event)
{
	int id = -1;

	return syscall(SYS_timer_create, clock, event, &id) ? -1 : id;
}

static struct itimerspec after(long value_ns, long interval_ns)
{
	return (struct itimerspec){{0, interval_ns}, {0, value_ns}};
}

static int settime(int id, int flags, struct itimerspec spec)
{
	return syscall(SYS_timer_settime, id, flags, &spec, NULL);
}

static int overrun(int id)
{
	return syscall(SYS_timer_getoverrun, id);
}

static void thread_id(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID,
				 .sigev_signo = SIGUSR1};
	struct sigaction action = {.sa_sigaction = notes,
				   .sa_flags = SA_SIGINFO};
	int id;

	sigaction(SIGUSR1, &action, NULL);
	event.sigev_notify_thread_id = syscall(SYS_gettid);
	id = create(CLOCK_MONOTONIC, &event);
	ok(id >= 0 && settime(id, 0, after(1000000, 0)) == 0,
	   "SIGEV_THREAD_ID");
	while (!taken_by)
		usleep(1000);
	ok(taken_by == syscall(SYS_gettid) && code == SI_TIMER,
	   "the thread gets it");
	syscall(SYS_timer_delete, id);
	event.sigev_notify_thread_id = 1;
	ok_errno(create(CLOCK_MONOTONIC, &event), EINVAL,
		 "not a thread of others");
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = 65;
	ok_errno(create(CLOCK_MONOTONIC, &event), EINVAL, "no signal 65");
	event.sigev_signo = 0;
	ok_errno(create(CLOCK_MONOTONIC, &event), EINVAL, "no signal 0");
	event.sigev_signo = SIGUSR1;
	event.sigev_notify = 77;
	ok_errno(create(CLOCK_MONOTONIC, &event), EINVAL, "no such notice");
	ok_errno(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, nowhere),
		 EFAULT, "nowhere to put the id");
	ok_errno(create(CLOCK_MONOTONIC, (void *)nowhere), EFAULT,
		 "no event there");
}

static void overruns(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR2};
	int id = create(CLOCK_MONOTONIC, &event);
	struct timespec none = {0, 0};
	struct timespec second = {1, 0};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ok(overrun(id) == 0, "a new timer has no overrun");
	settime(id, 0, after(1000000, 1000000));
	sleep_ms(50);
	ok(sigtimedwait(&set, &info, &none) == SIGUSR2 &&
		   info.si_overrun >= 40 && overrun(id) == info.si_overrun,
	   "timer_getoverrun tells what the signal told");
	settime(id, 0, after(0, 0));
	while (sigtimedwait(&set, &info, &none) > 0)
		;
	settime(id, 0, after(1000, 1));
	ok(sigtimedwait(&set, &info, &second) == SIGUSR2 &&
		   sigtimedwait(&set, &info, &second) == SIGUSR2 &&
		   info.si_overrun > 0,
	   "every nanosecond");
	signal(SIGUSR2, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sleep_ms(30);
	ok(1, "nobody listens: the machine lives on");
	syscall(SYS_timer_delete, id);
	ok_errno(overrun(id), EINVAL, "no timer: EINVAL");
	ok_errno(settime(id, 0, after(1, 0)), EINVAL, "settime: EINVAL");
	signal(SIGUSR2, SIG_DFL);
}

static void none(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	int id = create(CLOCK_MONOTONIC, &event);
	struct itimerspec now;

	settime(id, 0, after(20000000, 0));
	syscall(SYS_timer_gettime, id, &now);
	ok(now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 20000000,
	   "SIGEV_NONE: it runs");
	sleep_ms(25);
	syscall(SYS_timer_gettime, id, &now);
	ok(now.it_value.tv_sec == 0 && now.it_value.tv_nsec == 0,
	   "and runs out");
	settime(id, 0, after(10000000, 10000000));
	sleep_ms(25);
	syscall(SYS_timer_gettime, id, &now);
	ok(now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 10000000 &&
		   now.it_interval.tv_nsec == 10000000,
	   "again and again");
	syscall(SYS_timer_delete, id);
}

static int creates_too_many(void)
{
	struct rlimit limit = {3, 3};
	int i;

	need(setrlimit(RLIMIT_SIGPENDING, &limit) == 0);
	for (i = 0; i < 3; i++)
		need(create(CLOCK_MONOTONIC, NULL) == i);
	need(fails(create(CLOCK_MONOTONIC, NULL), EAGAIN));
	need(syscall(SYS_timer_delete, 1) == 0);
	need(create(CLOCK_MONOTONIC, NULL) == 3);
	return 0;
}

static int has_no_timers(void)
{
	return !fails(syscall(SYS_timer_delete, 0), EINVAL);
}

/* Ids are numbers in turn, and a call that fails takes one as well. */
static void ids(void)
{
	struct sigevent wrong = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = 65};
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	int first = create(CLOCK_MONOTONIC, &event);
	int id;

	syscall(SYS_timer_delete, first);
	id = create(CLOCK_MONOTONIC, &event);
	ok(id == first + 1, "an id is not used again at once");
	ok(create(12, &event) < 0 && create(CLOCK_MONOTONIC, &wrong) < 0 &&
		   create(CLOCK_MONOTONIC, &event) == id + 2,
	   "a wrong event takes an id, a wrong clock none");
	syscall(SYS_timer_delete, id);
	syscall(SYS_timer_delete, id + 2);
}

/* A timer that is switched off has no period; one of CPU time keeps it. */
static void periods(void)
{
	struct itimerspec off = {.it_interval = {3, 0}};
	struct sigevent event = {.sigev_notify = SIGEV_NONE};
	int id = create(CLOCK_MONOTONIC, &event);
	int cpu = create(CLOCK_PROCESS_CPUTIME_ID, &event);
	struct itimerspec now;

	settime(id, 0, off);
	syscall(SYS_timer_gettime, id, &now);
	ok(now.it_interval.tv_sec == 0, "a timer set to nothing has no period");
	settime(cpu, 0, off);
	syscall(SYS_timer_gettime, cpu, &now);
	ok(now.it_interval.tv_sec == 3, "one of CPU time has");
	syscall(SYS_timer_delete, id);
	syscall(SYS_timer_delete, cpu);
}

static void limits(void)
{
	int id;

	ok(in_child_as(STUDENT, creates_too_many) == 0,
	   "RLIMIT_SIGPENDING: EAGAIN");
	id = create(CLOCK_MONOTONIC, NULL);
	ok(in_child(has_no_timers) == 0, "a child does not inherit them");
	syscall(SYS_timer_delete, id);
}

static void shown(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1,
				 .sigev_value = {.sival_ptr = (void *)0x1234}};
	struct sigevent quiet = {.sigev_notify = SIGEV_NONE};
	int first = create(CLOCK_REALTIME, &event);
	int second = create(CLOCK_THREAD_CPUTIME_ID, &quiet);
	char text[600];
	char want[100];

	file_text("/proc/self/timers", text, sizeof(text));
	snprintf(want, sizeof(want),
		 "ID: %d\nsignal: 10/0000000000001234\nnotify: "
		 "signal/pid.%d\nClockID: 0\n",
		 first, (int)getpid());
	ok(strstr(text, want) != NULL, "/proc/PID/timers");
	snprintf(want, sizeof(want), "ID: %d\n", second);
	ok(strstr(text, want) && strstr(text, "notify: none/pid."),
	   "one that is quiet");
	syscall(SYS_timer_delete, first);
	syscall(SYS_timer_delete, second);
	file_text("/proc/self/timers", text, sizeof(text));
	ok(!strstr(text, "ClockID: 0\n"), "then they are gone");
}

static int inherits(void)
{
	need(prctl(PR_GET_TIMERSLACK) == 12345);
	need(prctl(PR_SET_TIMERSLACK, 7) == 0);
	need(prctl(PR_SET_TIMERSLACK, 0) == 0);
	need(prctl(PR_GET_TIMERSLACK) == 12345);
	return 0;
}

static int reads_others(void)
{
	char text[30];
	int fd = open("/proc/1/timerslack_ns", O_RDONLY);

	need(fd >= 0 && fails(read(fd, text, sizeof(text)), EPERM));
	return 0;
}

static int becomes_realtime(void)
{
	struct sched_param param = {.sched_priority = 1};

	need(syscall(SYS_sched_setscheduler, 0, SCHED_RR, &param) == 0);
	need(prctl(PR_GET_TIMERSLACK) == 0);
	need(prctl(PR_SET_TIMERSLACK, 5) == 0 && prctl(PR_GET_TIMERSLACK) == 0);
	param.sched_priority = 0;
	need(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param) == 0);
	need(prctl(PR_GET_TIMERSLACK) == 50000);
	return 0;
}

static void slack(void)
{
	char text[30];
	int fd;

	ok(prctl(PR_GET_TIMERSLACK) == 50000, "50 us of timer slack");
	ok(in_child(becomes_realtime) == 0, "none while realtime");
	ok(prctl(PR_SET_TIMERSLACK, 12345) == 0 &&
		   !strcmp(file_text("/proc/self/timerslack_ns", text,
				     sizeof(text)),
			   "12345\n"),
	   "PR_SET_TIMERSLACK, /proc/self/timerslack_ns");
	ok(in_child(inherits) == 0, "a child's default is its parent's");
	fd = open("/proc/self/timerslack_ns", O_WRONLY);
	ok(write(fd, "777\n", 4) == 4 && prctl(PR_GET_TIMERSLACK) == 777,
	   "written");
	ok(write(fd, "0\n", 2) == 2 && prctl(PR_GET_TIMERSLACK) == 50000,
	   "0: the default");
	ok_errno(write(fd, "x", 1), EINVAL, "no number");
	close(fd);
	ok(in_child_as(STUDENT, reads_others) == 0, "others': EPERM");
}

/* The _ALARM clocks: with a battery clock that can wake the machine. */
static int alarm_as_student(void)
{
	struct timespec none = {0, 0};

	need(fails(create(CLOCK_BOOTTIME_ALARM, NULL), EPERM));
	need(fails(syscall(SYS_clock_nanosleep, CLOCK_REALTIME_ALARM, 0, &none,
			   NULL),
		   EPERM));
	return 0;
}

static void alarm_clocks(void)
{
	struct timespec ts;
	int id;

	if (clock_gettime(CLOCK_BOOTTIME_ALARM, &ts)) {
		ok_errno(create(CLOCK_BOOTTIME_ALARM, NULL), EOPNOTSUPP,
			 "no alarm clocks: EOPNOTSUPP");
		return;
	}
	ok(clock_getres(CLOCK_REALTIME_ALARM, &ts) == 0 && ts.tv_nsec == 1,
	   "alarm clocks: 1 ns");
	id = create(CLOCK_REALTIME_ALARM, NULL);
	ok(id >= 0, "a timer on one");
	syscall(SYS_timer_delete, id);
	ts.tv_sec = 0;
	ts.tv_nsec = 1000000;
	ok(syscall(SYS_clock_nanosleep, CLOCK_BOOTTIME_ALARM, 0, &ts, NULL) ==
		   0,
	   "sleeping by one");
	ok(in_child_as(STUDENT, alarm_as_student) == 0,
	   "both want CAP_WAKE_ALARM: EPERM");
}

int main(void)
{
	thread_id();
	overruns();
	none();
	ids();
	periods();
	limits();
	shown();
	slack();
	alarm_clocks();
	return done_testing();
}
