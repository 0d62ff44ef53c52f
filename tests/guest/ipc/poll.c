/*
 * poll(2), ppoll(2), select(2), pselect(2): what is ready, what is wrong, and
 * how long they wait.
 */
#include "tap.h"
#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>

static int pipes[2];

static int ask(int fd, int events)
{
	struct pollfd pollfd = {fd, events, 0x55};

	if (poll(&pollfd, 1, 0) < 0)
		return -1;
	return pollfd.revents;
}

static void states(void)
{
	int ends[2];
	int fd;

	if (pipe(ends))
		bail("pipe");
	ok(ask(ends[0], POLLIN) == 0, "an empty pipe: nothing");
	ok(ask(ends[1], POLLOUT) == POLLOUT, "room to write: POLLOUT");
	ok(ask(ends[1], POLLIN) == 0, "only what was asked for");
	if (write(ends[1], "x", 1) != 1)
		bail("write");
	ok(ask(ends[0], POLLIN | POLLRDNORM) == (POLLIN | POLLRDNORM),
	   "something to read: POLLIN");
	close(ends[1]);
	ok(ask(ends[0], POLLIN) == (POLLIN | POLLHUP),
	   "no writer, something left: POLLIN and POLLHUP");
	ok(read(ends[0], &fd, 1) == 1 && ask(ends[0], 0) == POLLHUP,
	   "nothing left: POLLHUP, asked for or not");
	close(ends[0]);
	ok(ask(ends[0], POLLIN) == POLLNVAL, "a closed descriptor: POLLNVAL");
	ok(ask(-1, POLLIN) == 0, "a negative one is passed over");
	put_file("file", "");
	fd = open("file", O_RDWR);
	ok(ask(fd, POLLIN | POLLOUT) == (POLLIN | POLLOUT),
	   "a file is always ready");
	close(fd);
	fd = open("/dev/null", O_RDWR);
	ok(ask(fd, POLLIN | POLLOUT) == (POLLIN | POLLOUT), "/dev/null too");
	close(fd);
}

static void many(void)
{
	struct pollfd list[4] = {{pipes[0], POLLIN, 0},
				 {pipes[1], POLLOUT, 0},
				 {-1, POLLIN, 0},
				 {999, POLLIN, 0}};

	ok(poll(list, 4, -1) == 2 && list[0].revents == 0 &&
		   list[1].revents == POLLOUT && list[2].revents == 0 &&
		   list[3].revents == POLLNVAL,
	   "the value counts those with something to tell");
	ok_errno(poll(nowhere, 1, 0), EFAULT, "a bad pointer");
	ok_errno(poll(list, 1 << 20, 0), EINVAL,
		 "more than RLIMIT_NOFILE: EINVAL");
}

static void waiting(void)
{
	struct timespec time = {0, 30000000};
	struct pollfd pollfd = {pipes[0], POLLIN, 0};
	long before = now_ms();
	pid_t pid;
	char byte;

	ok(poll(&pollfd, 1, 30) == 0 && now_ms() - before >= 30,
	   "poll waits that long");
	before = now_ms();
	ok(poll(NULL, 0, 30) == 0 && now_ms() - before >= 30,
	   "even for nobody");
	before = now_ms();
	ok(ppoll(&pollfd, 1, &time, NULL) == 0 && now_ms() - before >= 29,
	   "ppoll too");
	time.tv_nsec = 1000000000;
	ok_errno(syscall(SYS_ppoll, &pollfd, 1, &time, NULL, 8), EINVAL,
		 "ppoll: no such time");
	pid = fork();
	if (pid == 0) {
		sleep_ms(30);
		_exit(write(pipes[1], "x", 1) != 1);
	}
	before = now_ms();
	ok(poll(&pollfd, 1, 5000) == 1 && now_ms() - before < 2000,
	   "a write wakes it");
	exit_code(pid);
	if (read(pipes[0], &byte, 1) != 1)
		bail("read");
}

static volatile int calls;

static void notes(int sig)
{
	(void)sig;
	calls++;
}

static void masked(void)
{
	struct timespec time = {1, 0};
	sigset_t blocked;
	sigset_t none;

	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	signal(SIGUSR1, notes);
	raise(SIGUSR1);
	ok(fails(ppoll(NULL, 0, &time, &none), EINTR) && calls == 1,
	   "ppoll with a mask lets a pending signal in");
	raise(SIGUSR1);
	ok(fails(pselect(0, NULL, NULL, NULL, &time, &none), EINTR) &&
		   calls == 2,
	   "pselect too");
	raise(SIGUSR1);
	time.tv_sec = 0;
	ok(ppoll(NULL, 0, &time, NULL) == 0 && calls == 2,
	   "without a mask it stays out");
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
}

static void selects(void)
{
	struct timeval time = {0, 0};
	fd_set in;
	fd_set out;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(pipes[0], &in);
	FD_SET(pipes[1], &out);
	ok(select(pipes[1] + 1, &in, &out, NULL, NULL) == 1 &&
		   !FD_ISSET(pipes[0], &in) && FD_ISSET(pipes[1], &out),
	   "select leaves what is ready");
	if (write(pipes[1], "x", 1) != 1)
		bail("write");
	FD_SET(pipes[0], &in);
	ok(select(pipes[1] + 1, &in, &out, NULL, &time) == 2, "both are ready");
	if (read(pipes[0], &time, 1) != 1)
		bail("read");
	FD_ZERO(&in);
	FD_SET(50, &in);
	time.tv_sec = 0;
	time.tv_usec = 0;
	ok_errno(select(51, &in, NULL, NULL, &time), EBADF,
		 "a closed descriptor: EBADF");
	ok_errno(select(-1, &in, NULL, NULL, &time), EINVAL,
		 "a negative count");
	time.tv_usec = -1;
	ok_errno(syscall(SYS_select, 0, NULL, NULL, NULL, &time), EINVAL,
		 "no such time");
}

static void time_left(void)
{
	struct timeval time = {2, 0};
	fd_set out;

	FD_ZERO(&out);
	FD_SET(pipes[1], &out);
	ok(select(pipes[1] + 1, NULL, &out, NULL, &time) == 1 &&
		   (time.tv_sec == 1 || (time.tv_sec == 2 && !time.tv_usec)),
	   "select stores the time that was left");
	time.tv_sec = 0;
	time.tv_usec = 30000;
	ok(syscall(SYS_select, 0, NULL, NULL, NULL, &time) == 0 &&
		   time.tv_sec == 0 && time.tv_usec == 0,
	   "none, when it waited");
}

int main(void)
{
	tap_folder("poll");
	if (pipe(pipes))
		bail("pipe");
	states();
	many();
	waiting();
	masked();
	selects();
	time_left();
	return done_testing();
}
