/*
 * timerfd_create(2) and kin: counting, reading, polling, errors, what /proc
 * tells; and the date being set, which sleeps and timers follow at once.
 */
#include "tap.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

static struct itimerspec every(long value_ms, long interval_ms)
{
	struct itimerspec spec = {
		{interval_ms / 1000, interval_ms % 1000 * 1000000},
		{value_ms / 1000, value_ms % 1000 * 1000000}};

	return spec;
}

static long long take(int fd)
{
	unsigned long long ticks = 0;

	if (read(fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		return -1;
	return ticks;
}

static int ready(int fd, int ms)
{
	struct pollfd entry = {.fd = fd, .events = POLLIN};

	return poll(&entry, 1, ms) == 1 && entry.revents == POLLIN;
}

static void once(int clock, const char *name)
{
	int fd = timerfd_create(clock, TFD_NONBLOCK);
	struct itimerspec spec = every(30, 0);
	long before = now_ms();

	tap_round = name;
	ok(!ready(fd, 0) && fails(take(fd), EAGAIN), "not set: EAGAIN");
	timerfd_settime(fd, 0, &spec, NULL);
	ok(!ready(fd, 0) && fails(take(fd), EAGAIN), "not yet: EAGAIN");
	ok(ready(fd, 5000) && now_ms() - before >= 30, "poll waits for it");
	ok(take(fd) == 1 && fails(take(fd), EAGAIN), "read: 1, once");
	ok(timerfd_gettime(fd, &spec) == 0 && spec.it_value.tv_sec == 0 &&
		   spec.it_value.tv_nsec == 0,
	   "then it is off");
	close(fd);
	tap_round = "";
}

static void again(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec spec = every(10, 10);
	struct itimerspec old;
	char small[7];

	timerfd_settime(fd, 0, &spec, NULL);
	sleep_ms(55);
	ok(take(fd) >= 5, "periods that passed are counted");
	ok(take(fd) >= 1, "a read waits for the next");
	ok(timerfd_gettime(fd, &old) == 0 &&
		   old.it_interval.tv_nsec == 10000000 &&
		   old.it_value.tv_nsec <= 10000000,
	   "timerfd_gettime");
	ok_errno(read(fd, small, sizeof(small)), EINVAL, "7 bytes: EINVAL");
	ok_errno(read(fd, nowhere, 8), EFAULT, "nowhere: EFAULT");
	ok_errno(write(fd, &spec, 8), EINVAL, "it is not written");
	spec = every(0, 0);
	ok(timerfd_settime(fd, 0, &spec, &old) == 0 &&
		   old.it_interval.tv_nsec == 10000000,
	   "off; the old setting is told");
	ok(!ready(fd, 30), "then it is silent");
	close(fd);
}

static void told(void)
{
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	struct itimerspec spec = every(100000, 7);
	char path[64];
	char text[500];
	unsigned long long ticks = 5;
	long sec = 0;

	timerfd_settime(fd, 0, &spec, NULL);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file_text(path, text, sizeof(text));
	ok(strstr(text, "\nclockid: 7\nticks: 0\nsettime flags: 00\n") &&
		   strstr(text, "\nit_interval: (0, 7000000)\n"),
	   "fdinfo");
	ok(strstr(text, "it_value: (") &&
		   sscanf(strstr(text, "it_value: ("), "it_value: (%ld",
			  &sec) == 1 &&
		   sec >= 90 && sec < 100,
	   "the rest in fdinfo");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	memset(text, 0, sizeof(text));
	ok(readlink(path, text, sizeof(text) - 1) > 0 &&
		   !strcmp(text, "anon_inode:[timerfd]"),
	   "its name in /proc/self/fd");
	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_GETFL) == O_RDWR,
	   "TFD_CLOEXEC");
	ok(ioctl(fd, _IOW('T', 0, unsigned long long), &ticks) == 0 &&
		   take(fd) == 5,
	   "TFD_IOC_SET_TICKS");
	ticks = 0;
	ok_errno(ioctl(fd, _IOW('T', 0, unsigned long long), &ticks), EINVAL,
		 "not to 0");
	ok_errno(ioctl(fd, TIOCGPGRP, &ticks), ENOTTY, "no other ioctl");
	close(fd);
}

static int as_student(void)
{
	need(fails(timerfd_create(CLOCK_REALTIME_ALARM, 0), EPERM));
	need(fails(timerfd_create(CLOCK_BOOTTIME_ALARM, 0), EPERM));
	return 0;
}

static void errors(void)
{
	struct itimerspec spec = every(1, 0);
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	int zero = open("/dev/zero", O_RDONLY);

	ok_errno(timerfd_create(CLOCK_TAI, 0), EINVAL, "not CLOCK_TAI");
	ok_errno(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL,
		 "nor CPU time");
	ok_errno(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL, "a wrong flag");
	ok_errno(timerfd_settime(fd, 4, &spec, NULL), EINVAL,
		 "a wrong flag for settime");
	ok_errno(timerfd_settime(99, 0, &spec, NULL), EBADF, "EBADF");
	ok_errno(timerfd_settime(zero, 0, &spec, NULL), EINVAL, "no timer");
	ok_errno(timerfd_gettime(zero, &spec), EINVAL, "gettime neither");
	ok_errno(syscall(SYS_timerfd_settime, fd, 0, nowhere, NULL), EFAULT,
		 "EFAULT");
	spec.it_value.tv_nsec = 1000000000;
	ok_errno(timerfd_settime(fd, 0, &spec, NULL), EINVAL, "no time");
	ok(in_child_as(STUDENT, as_student) == 0,
	   "alarm clocks want CAP_WAKE_ALARM");
	close(zero);
	close(fd);
}

/* --- the date is set --- */

static void move_date(long seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += seconds;
	if (clock_settime(CLOCK_REALTIME, &now))
		bail("clock_settime");
}

static struct timespec date_in(int clock, long ms)
{
	struct timespec now;

	clock_gettime(clock, &now);
	now.tv_nsec += ms % 1000 * 1000000;
	now.tv_sec += ms / 1000 + now.tv_nsec / 1000000000;
	now.tv_nsec %= 1000000000;
	return now;
}

static int sleep_clock;

static int sleeps_a_day(void)
{
	struct timespec day = date_in(sleep_clock, 86400000);

	return clock_nanosleep(sleep_clock, TIMER_ABSTIME, &day, NULL);
}

static int sleeps_a_second(void)
{
	struct timespec second = date_in(CLOCK_REALTIME, 1000);
	long before = now_ms();

	if (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &second, NULL))
		return 1;
	return now_ms() - before < 2400;
}

/* An exit code within half a second, or the child is ended. */
static int ends_soon(pid_t child)
{
	int status;
	int i;

	for (i = 0; i < 250; i++) {
		if (waitpid(child, &status, WNOHANG) == child)
			return WIFEXITED(status) && !WEXITSTATUS(status);
		sleep_ms(2);
	}
	end_child(child);
	return 0;
}

static void sleepers(int clock, const char *rule)
{
	pid_t child;

	sleep_clock = clock;
	child = start_child(sleeps_a_day);
	wait_for_state(child, 'S');
	move_date(86401);
	ok(ends_soon(child), rule);
	move_date(-86401);
}

static void sleeper_back(void)
{
	pid_t child = start_child(sleeps_a_second);

	wait_for_state(child, 'S');
	move_date(-2);
	ok(exit_code(child) == 0, "set back: they sleep the longer");
	move_date(2);
}

static void timers_follow(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	int relative = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	int monotonic = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGUSR1};
	struct itimerspec spec = {.it_value = date_in(CLOCK_REALTIME, 3600000)};
	struct itimerspec later = every(3600000, 0);
	struct timespec wait = {2, 0};
	sigset_t set;
	timer_t timer;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	timer_create(CLOCK_REALTIME, &event, &timer);
	timer_settime(timer, TIMER_ABSTIME, &spec, NULL);
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL);
	timerfd_settime(relative, 0, &later, NULL);
	timerfd_settime(monotonic, 0, &later, NULL);
	move_date(3601);
	ok(ready(fd, 1000) && take(fd) == 1, "a timerfd's date comes");
	ok(sigtimedwait(&set, NULL, &wait) == SIGUSR1,
	   "a POSIX timer's date comes");
	ok(!ready(monotonic, 0), "the monotonic clock's do not");
	timerfd_gettime(relative, &spec);
	ok(!ready(relative, 0) && spec.it_value.tv_sec > 3500 &&
		   spec.it_value.tv_sec <= 3600,
	   "nor do intervals of the realtime clock");
	timer_settime(timer, 0, &later, NULL);
	move_date(1800);
	timer_gettime(timer, &spec);
	ok(spec.it_value.tv_sec > 3500 && spec.it_value.tv_sec <= 3600,
	   "a POSIX timer's neither");
	move_date(-1800);
	timerfd_gettime(monotonic, &spec);
	ok(spec.it_value.tv_sec > 3500 && spec.it_value.tv_sec < 3600,
	   "nor does what is left of them change");
	move_date(-3601);
	timer_delete(timer);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	close(fd);
	close(relative);
	close(monotonic);
}

static void canceled(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	struct itimerspec spec = {.it_value = date_in(CLOCK_REALTIME, 3600000)};
	int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

	timerfd_settime(fd, flags, &spec, NULL);
	ok(!ready(fd, 0), "CANCEL_ON_SET: nothing yet");
	move_date(-10);
	ok(ready(fd, 1000) && fails(take(fd), ECANCELED),
	   "the date is set: ECANCELED");
	ok(fails(take(fd), EAGAIN), "told once");
	ok(timerfd_gettime(fd, &spec) == 0 && spec.it_value.tv_sec > 3600,
	   "the timer goes on, by the new date");
	move_date(10);
	spec.it_value = date_in(CLOCK_REALTIME, 3600000);
	ok_errno(timerfd_settime(fd, flags, &spec, NULL), ECANCELED,
		 "settime tells it too");
	ok(fails(take(fd), EAGAIN) &&
		   timerfd_settime(fd, flags, &spec, NULL) == 0,
	   "once");
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL);
	move_date(-10);
	ok(fails(take(fd), EAGAIN), "without the flag nothing is told");
	move_date(10);
	close(fd);
}

int main(void)
{
	once(CLOCK_MONOTONIC, "monotonic: ");
	once(CLOCK_REALTIME, "realtime: ");
	once(CLOCK_BOOTTIME, "boottime: ");
	again();
	told();
	errors();
	sleepers(CLOCK_REALTIME, "sleepers on CLOCK_REALTIME follow the date");
	sleepers(CLOCK_TAI, "on CLOCK_TAI too");
	sleeper_back();
	timers_follow();
	canceled();
	return done_testing();
}
