/*
 * signal(7)'s table of calls: after a handler with SA_RESTART some go on, some
 * never do; and some end with EINTR even if the process was only stopped and
 * went on.
 */
#include "pty.h"
#include "signal/alarm.h"
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

static int ends[2];
static int fd;
static int word;
static void (*later)(void);

static void *does_later(void *unused)
{
	sigset_t set;

	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	sleep_ms(60);
	later();
	return unused;
}

/*
 * goes_on - CALL, which waits for what SATISFIES does: EINTR without
 * SA_RESTART, WANT with it.
 */
static void goes_on(long (*call)(void), void (*satisfies)(void), long want,
		    const char *name)
{
	char rule[120];
	pthread_t thread;
	long got;

	install(0);
	alarm_in(20);
	snprintf(rule, sizeof(rule), "%s: EINTR", name);
	ok(fails(call(), EINTR) && calls == 1, rule);
	install(SA_RESTART);
	later = satisfies;
	pthread_create(&thread, NULL, does_later, NULL);
	alarm_in(20);
	got = call();
	pthread_join(thread, NULL);
	snprintf(rule, sizeof(rule), "%s: SA_RESTART goes on", name);
	if (!ok(got == want && calls == 1, rule))
		tap_line("# %ld, %d calls\n", got, calls);
}

/* never - CALL, which nothing satisfies: EINTR, whatever the flags. */
static void never(long (*call)(void), const char *name)
{
	char rule[120];

	install(SA_RESTART);
	alarm_in(20);
	snprintf(rule, sizeof(rule), "%s: EINTR in spite of SA_RESTART", name);
	ok(fails(call(), EINTR) && calls == 1, rule);
}

/* --- those that go on ----------------------------------------------------- */

static char bytes[65536];

static void feeds(void)
{
	if (write(ends[1], "abc", 3) != 3)
		bail("write");
}

static long calls_read(void)
{
	return read(ends[0], bytes, 10);
}

static long calls_readv(void)
{
	struct iovec parts[2] = {{bytes, 1}, {bytes + 1, 9}};

	return readv(ends[0], parts, 2);
}

static long calls_splice(void)
{
	return splice(ends[0], NULL, fd, NULL, 10, 0);
}

static void drains(void)
{
	if (read(ends[0], bytes, sizeof(bytes)) <= 0)
		bail("read");
}

static long calls_writev(void)
{
	struct iovec parts[2] = {{bytes, 2}, {bytes, 4}};

	return writev(ends[1], parts, 2);
}

static void pipes(void)
{
	int other[2];

	if (pipe(ends) || pipe(other))
		bail("pipe");
	goes_on(calls_read, feeds, 3, "read of a pipe");
	goes_on(calls_readv, feeds, 3, "readv");
	fd = other[1];
	goes_on(calls_splice, feeds, 3, "splice");
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], bytes, 4096) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
	goes_on(calls_writev, drains, 6, "writev to a full pipe");
	while (poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, 0) == 1)
		drains();
	close(other[0]);
	close(other[1]);
}

static long reads_fd(void)
{
	return read(fd, bytes, 128);
}

static void adds(void)
{
	eventfd_write(fd, 3);
}

static void expires(void)
{
	struct itimerspec soon = {{0, 0}, {0, 1000}};

	timerfd_settime(fd, 0, &soon, NULL);
}

static void signals_self(void)
{
	kill(getpid(), SIGUSR2);
}

static long writes_event(void)
{
	return eventfd_write(fd, 100);
}

static void takes(void)
{
	eventfd_t value;

	eventfd_read(fd, &value);
}

static void descriptors(void)
{
	sigset_t set;

	fd = eventfd(0, 0);
	goes_on(reads_fd, adds, 8, "read of an eventfd");
	eventfd_write(fd, 0xfffffffffffffff0);
	goes_on(writes_event, takes, 0, "write to a full eventfd");
	close(fd);
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	goes_on(reads_fd, expires, 8, "read of a timerfd");
	close(fd);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, 0);
	goes_on(reads_fd, signals_self, 128, "read of a signalfd");
	close(fd);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static struct pty pty;

static long reads_terminal(void)
{
	return read(pty.slave, bytes, 10);
}

static void types(void)
{
	if (write(pty.master, "x\n", 2) != 2)
		bail("write");
}

static void types_more(void)
{
	if (write(pty.slave, "y", 1) != 1)
		bail("write");
}

static long reads_master(void)
{
	return read(pty.master, bytes, 10);
}

static long writes_terminal(void)
{
	return write(pty.slave, "z", 1);
}

static void restarts_output(void)
{
	tcflow(pty.slave, TCOON);
}

static void terminals(void)
{
	pty_open(&pty);
	goes_on(reads_terminal, types, 2, "read of a terminal");
	pty_shown(&pty);
	goes_on(reads_master, types_more, 1, "read of a pty's other end");
	tcflow(pty.slave, TCOOFF);
	goes_on(writes_terminal, restarts_output, 1,
		"write to a stopped terminal");
	pty_close(&pty);
}

static pid_t child;

static void ends_child(void)
{
	kill(child, SIGKILL);
}

static int waits_for_ever(void)
{
	sleep_forever();
}

static long calls_waitid(void)
{
	siginfo_t info;

	return waitid(P_PID, child, &info, WEXITED);
}

static long calls_wait4(void)
{
	return wait4(child, NULL, 0, NULL) == child ? 0 : -1;
}

static void waits(void)
{
	child = start_child(waits_for_ever);
	goes_on(calls_waitid, ends_child, 0, "waitid");
	child = start_child(waits_for_ever);
	goes_on(calls_wait4, ends_child, 0, "wait4");
}

static long futex(int operation, int value, const void *timeout)
{
	return syscall(SYS_futex, &word, operation, value, timeout, NULL, -1);
}

static void wakes(void)
{
	while (futex(FUTEX_WAKE, 1, NULL) == 0)
		sleep_ms(1);
}

static long waits_futex(void)
{
	return futex(FUTEX_WAIT, word, NULL);
}

static long waits_bits(void)
{
	return futex(FUTEX_WAIT_BITSET, word, NULL);
}

static long waits_until(void)
{
	struct timespec time = {5, 0};

	return futex(FUTEX_WAIT, word, &time);
}

static long waits_vector(void)
{
	struct {
		unsigned long val, uaddr;
		unsigned int flags, reserved;
	} wait = {(unsigned int)word, (unsigned long)&word, 2, 0};

	return syscall(449, &wait, 1, 0, NULL, CLOCK_MONOTONIC);
}

static volatile int ready;

static void *holds_lock(void *unused)
{
	sigset_t set;

	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	futex(FUTEX_LOCK_PI, 0, NULL);
	ready = 1;
	sleep_ms(60);
	futex(FUTEX_UNLOCK_PI, 0, NULL);
	return unused;
}

static void futexes(void)
{
	pthread_t thread;

	goes_on(waits_futex, wakes, 0, "FUTEX_WAIT");
	goes_on(waits_bits, wakes, 0, "FUTEX_WAIT_BITSET");
	goes_on(waits_vector, wakes, 0, "futex_waitv");
	never(waits_until, "FUTEX_WAIT with a time");
	pthread_create(&thread, NULL, holds_lock, NULL);
	while (!ready)
		sched_yield();
	install(0);
	alarm_in(20);
	ok(futex(FUTEX_LOCK_PI, 0, NULL) == 0 && calls == 1,
	   "FUTEX_LOCK_PI goes on even without SA_RESTART");
	futex(FUTEX_UNLOCK_PI, 0, NULL);
	pthread_join(thread, NULL);
}

/* --- those that never do -------------------------------------------------- */

static int epoll;

static long calls_epoll_wait(void)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, -1);
}

static long calls_epoll_pwait(void)
{
	struct epoll_event event;
	sigset_t none;

	sigemptyset(&none);
	return epoll_pwait(epoll, &event, 1, 5000, &none);
}

static long calls_epoll_pwait2(void)
{
	struct epoll_event event;
	struct timespec time = {5, 0};

	return syscall(441, epoll, &event, 1, &time, NULL, 8);
}

static long calls_poll(void)
{
	struct pollfd pollfd = {ends[0], POLLIN, 0};

	return poll(&pollfd, 1, -1);
}

static long calls_ppoll(void)
{
	struct pollfd pollfd = {ends[0], POLLIN, 0};
	struct timespec time = {5, 0};
	sigset_t none;

	sigemptyset(&none);
	return ppoll(&pollfd, 1, &time, &none);
}

static long calls_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return select(ends[0] + 1, &set, NULL, NULL, NULL);
}

static long calls_pselect(void)
{
	struct timespec time = {5, 0};
	fd_set set;
	sigset_t none;

	sigemptyset(&none);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return pselect(ends[0] + 1, &set, NULL, NULL, &time, &none);
}

static long calls_clock_nanosleep(void)
{
	struct timespec time;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += 5;
	err = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
	errno = err;
	return err ? -1 : 0;
}

static long calls_nanosleep(void)
{
	struct timespec time = {5, 0};

	return nanosleep(&time, NULL);
}

static long calls_pause(void)
{
	return pause();
}

static long calls_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return sigsuspend(&none);
}

static long calls_sigtimedwait(void)
{
	struct timespec time = {5, 0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return syscall(SYS_rt_sigtimedwait, &set, NULL, &time, 8);
}

static long calls_sigwaitinfo(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
}

static void nevers(void)
{
	struct epoll_event event = {.events = EPOLLIN};

	epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
	never(calls_epoll_wait, "epoll_wait");
	never(calls_epoll_pwait, "epoll_pwait");
	never(calls_epoll_pwait2, "epoll_pwait2");
	never(calls_poll, "poll");
	never(calls_ppoll, "ppoll");
	never(calls_select, "select");
	never(calls_pselect, "pselect");
	never(calls_nanosleep, "nanosleep");
	never(calls_clock_nanosleep, "clock_nanosleep until a time");
	never(calls_pause, "pause");
	never(calls_sigsuspend, "sigsuspend");
	never(calls_sigtimedwait, "sigtimedwait");
	never(calls_sigwaitinfo, "sigwaitinfo");
}

/* --- stops, without any handler ------------------------------------------- */

static long (*stopped_call)(void);

/* A child in STOPPED_CALL that is stopped and goes on: 1 EINTR, 2 it waits. */
static int in_call(void)
{
	signal(SIGALRM, SIG_DFL);
	return fails(stopped_call(), EINTR) ? 1 : 3;
}

static int after_stop(long (*call)(void))
{
	int asleep = 0;
	pid_t pid;
	int status;

	stopped_call = call;
	pid = start_child(in_call);
	wait_for_state(pid, 'S');
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGCONT);
	waitpid(pid, &status, WCONTINUED);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	/* Asleep at every look for a while: it waits again. */
	while (asleep < 20) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WEXITSTATUS(status);
		asleep = state_of(pid) == 'S' ? asleep + 1 : 0;
		sleep_ms(2);
	}
	end_child(pid);
	return 2;
}

static void stops(void)
{
	ok(after_stop(calls_epoll_wait) == 1, "a stop: epoll_wait: EINTR");
	ok(after_stop(calls_sigtimedwait) == 1, "sigtimedwait: EINTR");
	ok(after_stop(calls_sigwaitinfo) == 1, "sigwaitinfo: EINTR");
	ok(after_stop(calls_poll) == 2, "poll goes on");
	ok(after_stop(calls_ppoll) == 2, "ppoll goes on");
	ok(after_stop(calls_select) == 2, "select goes on");
	ok(after_stop(calls_pause) == 2, "pause goes on");
	ok(after_stop(calls_sigsuspend) == 2, "sigsuspend goes on");
	ok(after_stop(calls_read) == 2, "read goes on");
	ok(after_stop(calls_nanosleep) == 2, "nanosleep goes on");
	ok(after_stop(calls_clock_nanosleep) == 2, "clock_nanosleep goes on");
	ok(after_stop(waits_futex) == 2, "FUTEX_WAIT goes on");
	ok(after_stop(waits_until) == 2, "with a time too");
}

int main(void)
{
	pipes();
	descriptors();
	terminals();
	waits();
	futexes();
	nevers();
	stops();
	return done_testing();
}
