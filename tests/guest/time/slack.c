/*
 * PR_SET_TIMERSLACK, prctl(2): what sleeps with an end may sleep so much
 * longer, and does where nothing else wakes the CPU; timers that send or count
 * are in time.
 */
#include "tap.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#define SLEEP_MS 20
#define SLACK_MS 15
#define LATE_MS	 31 /* later than any sleep without slack, on a calm host */
#define TRIES	 25

static const struct timespec time_out = {0, SLEEP_MS * 1000000};

static void by_nanosleep(void)
{
	nanosleep(&time_out, NULL);
}

static void by_absolute_nanosleep(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += time_out.tv_nsec;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
}

static void by_poll(void)
{
	poll(NULL, 0, SLEEP_MS);
}

static void by_select(void)
{
	struct timeval time = {0, SLEEP_MS * 1000};

	select(0, NULL, NULL, NULL, &time);
}

static void by_epoll(void)
{
	static int fd = -1;
	struct epoll_event event;

	if (fd < 0)
		fd = epoll_create1(0);
	epoll_wait(fd, &event, 1, SLEEP_MS);
}

static void by_futex(void)
{
	static int word;

	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &time_out, NULL, 0);
}

static void by_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigtimedwait(&set, NULL, &time_out);
}

static void nothing(int sig)
{
	(void)sig;
}

static void by_itimer(void)
{
	struct itimerval value = {.it_value = {0, SLEEP_MS * 1000}};
	sigset_t block;
	sigset_t old;

	signal(SIGALRM, nothing);
	sigemptyset(&block);
	sigaddset(&block, SIGALRM);
	sigprocmask(SIG_BLOCK, &block, &old);
	setitimer(ITIMER_REAL, &value, NULL);
	sigsuspend(&old);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void by_timerfd(void)
{
	static int fd = -1;
	struct itimerspec value = {.it_value = time_out};
	unsigned long count;

	if (fd < 0)
		fd = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(fd, 0, &value, NULL);
	(void)!read(fd, &count, sizeof(count));
}

static long took_ms(void (*sleeps)(void))
{
	struct timespec begin;
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	sleeps();
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (end.tv_sec - begin.tv_sec) * 1000 +
	       (end.tv_nsec - begin.tv_nsec) / 1000000;
}

/* happens - one of some sleeps is late (or not), and none too short. */
static int happens(void (*sleeps)(void), long slack_ms, int late)
{
	long took = 0;
	int i;

	need(prctl(PR_SET_TIMERSLACK, slack_ms ? slack_ms * 1000000 : 1) == 0);
	for (i = 0; i < TRIES; i++) {
		took = took_ms(sleeps);
		need(took >= SLEEP_MS - 1);
		if (late ? took >= LATE_MS : took < LATE_MS)
			break;
	}
	if (i == TRIES)
		tap_line("# slack %ld ms: %ld ms at last\n", slack_ms, took);
	need(prctl(PR_SET_TIMERSLACK, 1) == 0);
	return i < TRIES;
}

static int is_loose(void (*sleeps)(void))
{
	return happens(sleeps, SLACK_MS, 1) && happens(sleeps, 0, 0);
}

static int is_strict(void (*sleeps)(void))
{
	return happens(sleeps, SLACK_MS, 0);
}

int main(void)
{
	ok(is_loose(by_nanosleep), "nanosleep may take longer");
	ok(is_loose(by_absolute_nanosleep), "until a time too");
	ok(is_loose(by_poll), "poll");
	ok(is_loose(by_select), "select");
	ok(is_loose(by_epoll), "epoll_wait");
	ok(is_loose(by_futex), "futex");
	ok(is_loose(by_signal), "sigtimedwait");
	ok(is_strict(by_itimer), "setitimer is in time");
	ok(is_strict(by_timerfd), "timerfd too");
	return done_testing();
}
