/*
 * epoll(7): what is told and how often, what may be watched, epolls that
 * watch epolls, files that are closed meanwhile.
 */
#include "tap.h"
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

static int ctl(int ep, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = {.events = events, .data.u64 = data};

	return epoll_ctl(ep, op, fd, &event);
}

static int add(int ep, int fd, uint32_t events)
{
	return ctl(ep, EPOLL_CTL_ADD, fd, events, fd);
}

/* The events of the one file that is ready; 0 for none, -1 for an error. */
static int one(int ep)
{
	struct epoll_event event[2];
	int n = epoll_wait(ep, event, 2, 0);

	return n == 1 ? (int)event[0].events : n;
}

static void bump(int fd)
{
	if (eventfd_write(fd, 1))
		bail("eventfd_write");
}

static void drain(int fd)
{
	eventfd_t value;

	if (eventfd_read(fd, &value))
		bail("eventfd_read");
}

static void errors(void)
{
	int ep = epoll_create1(0);
	int fd = eventfd(0, 0);
	struct epoll_event event;
	int file;

	put_file("file", "");
	file = open("file", O_RDWR);
	ok_errno(epoll_create1(1), EINVAL, "epoll_create1: a bad flag");
	ok_errno(syscall(SYS_epoll_create, 0), EINVAL, "epoll_create: size 0");
	ok_errno(syscall(SYS_epoll_create, -1), EINVAL, "a negative size");
	ok_errno(add(ep, 999, EPOLLIN), EBADF, "watching nothing");
	ok_errno(add(999, fd, EPOLLIN), EBADF, "with nothing");
	ok_errno(add(fd, ep, EPOLLIN), EINVAL, "with what is no epoll");
	ok_errno(add(ep, ep, EPOLLIN), EINVAL, "itself");
	ok_errno(add(ep, file, EPOLLIN), EPERM, "a regular file");
	ok_errno(add(fd, file, EPOLLIN), EPERM, "EPERM comes before EINVAL");
	ok_errno(ctl(ep, 7, fd, EPOLLIN, 0), EINVAL, "an unknown operation");
	ok_errno(ctl(ep, EPOLL_CTL_MOD, fd, EPOLLIN, 0), ENOENT,
		 "changing what is not watched");
	ok_errno(ctl(ep, EPOLL_CTL_DEL, fd, 0, 0), ENOENT, "or removing it");
	ok_errno(epoll_ctl(ep, EPOLL_CTL_ADD, fd, nowhere), EFAULT,
		 "a bad pointer");
	ok(add(ep, fd, EPOLLIN) == 0, "watched");
	ok_errno(add(ep, fd, EPOLLOUT), EEXIST, "but not twice");
	ok_errno(epoll_wait(ep, &event, 0, 0), EINVAL, "room for no event");
	ok_errno(epoll_wait(ep, &event, -1, 0), EINVAL, "for less");
	ok_errno(epoll_wait(fd, &event, 1, 0), EINVAL, "on what is no epoll");
	ok_errno(epoll_wait(999, &event, 1, 0), EBADF, "on nothing");
	ok_errno(epoll_wait(ep, (void *)-4096L, 1, 0), EFAULT,
		 "a kernel address");
	bump(fd);
	ok_errno(epoll_wait(ep, nowhere, 1, 0), EFAULT, "to a bad pointer");
	ok(one(ep) == EPOLLIN, "the event is not lost then");
	ok(epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL) == 0 && one(ep) == 0,
	   "EPOLL_CTL_DEL needs no event");
	close(fd);
	close(ep);
	close(file);
}

static void modes(void)
{
	int ep = epoll_create1(EPOLL_CLOEXEC);
	int fd = eventfd(0, 0);

	ok(fcntl(ep, F_GETFD) == FD_CLOEXEC && fcntl(ep, F_GETFL) == O_RDWR,
	   "EPOLL_CLOEXEC");
	add(ep, fd, EPOLLIN);
	ok(one(ep) == 0, "level: nothing yet");
	bump(fd);
	ok(one(ep) == EPOLLIN && one(ep) == EPOLLIN, "level: told each time");
	drain(fd);
	ok(one(ep) == 0, "level: until it is no longer so");
	ctl(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLET, 0);
	bump(fd);
	ok(one(ep) == EPOLLIN && one(ep) == 0, "edge: told once");
	bump(fd);
	ok(one(ep) == EPOLLIN && one(ep) == 0, "edge: and for each new event");
	ctl(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLET, 0);
	ok(one(ep) == EPOLLIN, "edge: EPOLL_CTL_MOD looks anew");
	ctl(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT, 0);
	ok(one(ep) == EPOLLIN && one(ep) == 0, "one shot: told once");
	bump(fd);
	ok(one(ep) == 0, "one shot: whatever comes");
	ctl(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT, 0);
	ok(one(ep) == EPOLLIN, "one shot: until it is armed again");
	ctl(ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT, 0);
	ok(one(ep) == (EPOLLIN | EPOLLOUT), "several events");
	ctl(ep, EPOLL_CTL_MOD, fd, 0, 0);
	ok(one(ep) == 0, "none wanted, none told");
	close(fd);
	close(ep);
}

static void hangups(void)
{
	int ep = epoll_create1(0);
	int ends[2];
	char byte;

	if (pipe(ends))
		bail("pipe");
	add(ep, ends[0], 0);
	add(ep, ends[1], 0);
	ok(one(ep) == 0, "a pipe, nothing wanted");
	close(ends[1]);
	ok(one(ep) == EPOLLHUP, "EPOLLHUP is told unasked");
	close(ends[0]);
	if (pipe(ends))
		bail("pipe");
	ctl(ep, EPOLL_CTL_ADD, ends[1], EPOLLOUT, 0);
	ok(one(ep) == EPOLLOUT, "room in a pipe");
	close(ends[0]);
	ok(one(ep) == (EPOLLOUT | EPOLLERR), "no reader: EPOLLERR");
	close(ends[1]);
	ok(one(ep) == 0, "a closed file is no longer watched");
	if (pipe(ends))
		bail("pipe");
	add(ep, ends[0], EPOLLIN);
	ok(write(ends[1], "ab", 2) == 2 && one(ep) == EPOLLIN, "bytes");
	ok(read(ends[0], &byte, 1) == 1 && one(ep) == EPOLLIN, "one is left");
	ok(read(ends[0], &byte, 1) == 1 && one(ep) == 0, "none is");
	close(ends[0]);
	close(ends[1]);
	close(ep);
}

static void order(void)
{
	struct epoll_event event[4];
	int ep = epoll_create1(0);
	int fds[4];
	int seen = 0;
	int i;

	for (i = 0; i < 4; i++) {
		fds[i] = eventfd(0, 0);
		ctl(ep, EPOLL_CTL_ADD, fds[i], EPOLLIN, 0x1122334455667700 + i);
	}
	for (i = 3; i >= 0; i--)
		bump(fds[i]);
	ok(epoll_wait(ep, event, 4, 0) == 4 &&
		   event[0].data.u64 == 0x1122334455667703 &&
		   event[3].data.u64 == 0x1122334455667700,
	   "all that is ready, first come first");
	ok(epoll_wait(ep, event, 2, 0) == 2, "no more than there is room for");
	seen |= 1 << (event[0].data.u64 & 3) | 1 << (event[1].data.u64 & 3);
	ok(epoll_wait(ep, event, 2, 0) == 2, "then the next");
	seen |= 1 << (event[0].data.u64 & 3) | 1 << (event[1].data.u64 & 3);
	ok(seen == 15, "so that each gets its turn");
	for (i = 0; i < 4; i++)
		close(fds[i]);
	close(ep);
}

static void closing(void)
{
	int ep = epoll_create1(0);
	int fd = eventfd(1, 0);
	int copy = dup(fd);

	add(ep, fd, EPOLLIN);
	ok(add(ep, copy, EPOLLIN) == 0, "a copy is watched by itself");
	ctl(ep, EPOLL_CTL_DEL, copy, 0, 0);
	close(fd);
	ok(one(ep) == EPOLLIN, "closed, but the copy keeps the file open");
	ok_errno(ctl(ep, EPOLL_CTL_DEL, fd, 0, 0), EBADF,
		 "and it cannot be removed by its number");
	dup2(copy, fd);
	ok(ctl(ep, EPOLL_CTL_DEL, fd, 0, 0) == 0,
	   "unless the number is the same file again");
	add(ep, fd, EPOLLIN);
	close(fd);
	close(copy);
	ok(one(ep) == 0, "the last copy is closed: watched no more");
	fd = eventfd(1, 0);
	ok(add(ep, fd, EPOLLIN) == 0 && one(ep) == EPOLLIN,
	   "the number can be used again");
	close(ep);
	close(fd);
}

static int shared_ep;
static int shared_fd;

static int child_adds(void)
{
	int fd = eventfd(1, 0);

	need(one(shared_ep) == EPOLLIN);
	need(ctl(shared_ep, EPOLL_CTL_DEL, shared_fd, 0, 0) == 0);
	need(add(shared_ep, fd, EPOLLIN) == 0);
	need(one(shared_ep) == EPOLLIN);
	return 0;
}

static void forked(void)
{
	shared_ep = epoll_create1(0);
	shared_fd = eventfd(1, 0);
	add(shared_ep, shared_fd, EPOLLIN);
	ok(in_child(child_adds) == 0, "a child has the same epoll");
	ok(one(shared_ep) == 0, "what it removed and closed is gone");
	close(shared_ep);
	close(shared_fd);
}

static int bump_later(void)
{
	sleep_ms(50);
	bump(shared_fd);
	return 0;
}

static void on_signal(int sig)
{
	(void)sig;
}

static int signal_later(void)
{
	wait_for_state(getppid(), 'S');
	kill(getppid(), SIGUSR1);
	return 0;
}

static void waiting(void)
{
	struct sigaction action = {.sa_handler = on_signal,
				   .sa_flags = SA_RESTART};
	struct timespec time = {0, 30000000};
	struct timespec bad = {0, 1000000000};
	struct epoll_event event;
	sigset_t none;
	long before = now_ms();
	pid_t pid;

	shared_ep = epoll_create1(0);
	shared_fd = eventfd(0, 0);
	add(shared_ep, shared_fd, EPOLLIN);
	ok(epoll_wait(shared_ep, &event, 1, 30) == 0 && now_ms() - before >= 30,
	   "epoll_wait waits that long");
	before = now_ms();
	ok(syscall(SYS_epoll_pwait2, shared_ep, &event, 1, &time, NULL, 8) ==
			   0 &&
		   now_ms() - before >= 30,
	   "epoll_pwait2 too");
	ok_errno(syscall(SYS_epoll_pwait2, shared_ep, &event, 1, &bad, NULL, 8),
		 EINVAL, "epoll_pwait2: not a time");
	ok_errno(syscall(SYS_epoll_pwait, shared_ep, &event, 1, 0, &none, 4),
		 EINVAL, "epoll_pwait: a bad mask size");
	pid = start_child(bump_later);
	ok(epoll_wait(shared_ep, &event, 1, -1) == 1 && event.events == EPOLLIN,
	   "an event ends the wait");
	exit_code(pid);
	drain(shared_fd);
	sigaction(SIGUSR1, &action, NULL);
	pid = start_child(signal_later);
	ok_errno(epoll_wait(shared_ep, &event, 1, -1), EINTR,
		 "so does a signal, SA_RESTART or not");
	exit_code(pid);
	sigemptyset(&none);
	sigaddset(&none, SIGUSR1);
	sigprocmask(SIG_BLOCK, &none, NULL);
	raise(SIGUSR1);
	ok(epoll_wait(shared_ep, &event, 1, 10) == 0, "not a blocked one");
	sigemptyset(&none);
	ok_errno(epoll_pwait(shared_ep, &event, 1, -1, &none), EINTR,
		 "epoll_pwait lets it through");
	sigprocmask(SIG_BLOCK, NULL, &none);
	ok(sigismember(&none, SIGUSR1), "and puts the mask back");
	close(shared_ep);
	close(shared_fd);
}

static int pollable(int fd)
{
	struct pollfd pollfd = {fd, POLLIN, 0};

	return poll(&pollfd, 1, 0) == 1 && pollfd.revents == POLLIN;
}

static void nested(void)
{
	int fd = eventfd(0, 0);
	int inner = epoll_create1(0);
	int outer = epoll_create1(0);
	int chain[8];
	int i;

	add(inner, fd, EPOLLIN);
	ok(add(outer, inner, EPOLLIN) == 0, "an epoll watches an epoll");
	ok(one(outer) == 0 && !pollable(inner), "nothing is ready");
	bump(fd);
	ok(pollable(inner) && pollable(outer) && one(outer) == EPOLLIN,
	   "what is ready inside makes it readable");
	drain(fd);
	ok(!pollable(inner) && one(outer) == 0, "until it no longer is");
	ok_errno(add(inner, outer, EPOLLIN), ELOOP, "no rings");
	ok_errno(add(outer, inner, EPOLLIN | EPOLLEXCLUSIVE), EINVAL,
		 "no EPOLLEXCLUSIVE for an epoll");
	close(inner);
	ok(one(outer) == 0, "closed inside");
	close(outer);
	for (i = 0; i < 8; i++)
		chain[i] = epoll_create1(0);
	for (i = 0; i < 7; i++)
		if (add(chain[i], chain[i + 1], EPOLLIN))
			break;
	ok(i == 4 && errno == ELOOP, "five in a row, from the top");
	ok(add(chain[4], fd, EPOLLIN) == 0, "and a file at the end");
	bump(fd);
	ok(one(chain[0]) == EPOLLIN, "its event goes all the way");
	for (i = 0; i < 8; i++) {
		close(chain[i]);
		chain[i] = epoll_create1(0);
	}
	for (i = 0; i < 7; i++)
		if (add(chain[i + 1], chain[i], EPOLLIN))
			break;
	ok(i == 4 && errno == ELOOP, "or from the bottom");
	add(chain[7], chain[6], EPOLLIN);
	add(chain[6], chain[5], EPOLLIN);
	ok_errno(add(chain[5], chain[2], EPOLLIN), ELOOP,
		 "nor by joining two chains");
	ok(add(chain[7], chain[2], EPOLLIN) == 0, "a short one may branch");
	for (i = 0; i < 8; i++)
		close(chain[i]);
	close(fd);
}

static void *wait_one(void *arg)
{
	struct epoll_event event;

	return (void *)(long)epoll_wait((int)(long)arg, &event, 1, 2000);
}

static void exclusive(void)
{
	int fd = eventfd(0, 0);
	int ep[2] = {epoll_create1(0), epoll_create1(0)};
	pthread_t threads[2];
	void *result[2];
	int i;

	ok_errno(add(ep[0], fd, EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT),
		 EINVAL, "EPOLLEXCLUSIVE with EPOLLONESHOT");
	ok_errno(add(ep[0], fd, EPOLLIN | EPOLLRDHUP | EPOLLEXCLUSIVE), EINVAL,
		 "or with other events");
	ok(add(ep[0], fd, EPOLLIN | EPOLLEXCLUSIVE | EPOLLET) == 0 &&
		   add(ep[1], fd, EPOLLIN | EPOLLEXCLUSIVE | EPOLLET) == 0,
	   "EPOLLEXCLUSIVE with EPOLLET");
	ok_errno(ctl(ep[0], EPOLL_CTL_MOD, fd, EPOLLIN, 0), EINVAL,
		 "it cannot be changed");
	ok_errno(ctl(ep[0], EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLEXCLUSIVE, 0),
		 EINVAL, "nor asked for in a change");
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, wait_one,
			       (void *)(long)ep[i]);
	sleep_ms(200);
	bump(fd);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], &result[i]);
	ok((long)result[0] + (long)result[1] == 1, "only one of two is woken");
	close(ep[0]);
	close(ep[1]);
	close(fd);
}

static void threads_share(void)
{
	int fd = eventfd(0, 0);
	int ep = epoll_create1(0);
	pthread_t threads[2];
	void *result[2];
	int i;

	add(ep, fd, EPOLLIN | EPOLLET);
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, wait_one, (void *)(long)ep);
	sleep_ms(200);
	bump(fd);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], &result[i]);
	ok((long)result[0] + (long)result[1] == 1,
	   "edge: one of two who wait gets it");
	close(ep);
	close(fd);
}

static void shown(void)
{
	int ep = epoll_create1(0);
	int fd = eventfd(0, 0);
	char want[80];
	char path[40];
	char text[400];

	ctl(ep, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET, 0xabc);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ep);
	memset(text, 0, sizeof(text));
	ok(readlink(path, text, sizeof(text)) > 0 &&
		   !strcmp(text, "anon_inode:[eventpoll]"),
	   "its name in /proc");
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ep);
	snprintf(want, sizeof(want),
		 "tfd: %8d events: 80000019 data:              abc  pos:0 ino:",
		 fd);
	ok(strstr(file_text(path, text, sizeof(text)), want),
	   "fdinfo shows what is watched");
	ok(lseek(ep, 1, SEEK_SET) == 0, "lseek does nothing");
	ok_errno(read(ep, text, 1), EINVAL, "it cannot be read");
	close(ep);
	close(fd);
}

static void limits(void)
{
	int ep = epoll_create1(0);
	int a = eventfd(0, 0);
	int b = eventfd(0, 0);
	char was[40];

	file_text("/proc/sys/fs/epoll/max_user_watches", was, sizeof(was));
	ok(atol(was) > 1000, "max_user_watches has a value");
	put_file("/proc/sys/fs/epoll/max_user_watches", "1");
	ok(add(ep, a, EPOLLIN) == 0, "as many as a user may watch");
	ok_errno(add(ep, b, EPOLLIN), ENOSPC, "and no more");
	ctl(ep, EPOLL_CTL_DEL, a, 0, 0);
	ok(add(ep, b, EPOLLIN) == 0, "what is removed does not count");
	put_file("/proc/sys/fs/epoll/max_user_watches", was);
	close(ep);
	close(a);
	close(b);
}

/* --- closing while events come ------------------------------------------- */

static volatile int stop;

static void *bump_all(void *arg)
{
	int fd;

	(void)arg;
	while (!stop)
		for (fd = 20; fd < 30; fd++)
			eventfd_write(fd, 1);
	return NULL;
}

static void *watch_all(void *arg)
{
	struct epoll_event events[4];
	long told = 0;
	int n;

	(void)arg;
	while (!stop) {
		n = epoll_wait(shared_ep, events, 4, 1);
		told += n > 0 ? n : 0;
	}
	return (void *)told;
}

static void storm(void)
{
	pthread_t threads[3];
	void *told;
	long until = now_ms() + 700;
	int fd;
	int i;

	shared_ep = epoll_create1(0);
	pthread_create(&threads[0], NULL, bump_all, NULL);
	pthread_create(&threads[1], NULL, watch_all, NULL);
	pthread_create(&threads[2], NULL, watch_all, NULL);
	for (i = 0; now_ms() < until; i++) {
		fd = eventfd(0, EFD_NONBLOCK);
		dup2(fd, 20 + i % 10);
		close(fd);
		add(shared_ep, 20 + i % 10,
		    i % 3 ? EPOLLIN | EPOLLET : EPOLLIN);
		if (i % 7 == 0)
			ctl(shared_ep, EPOLL_CTL_DEL, 20 + i % 10, 0, 0);
	}
	stop = 1;
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], i == 1 ? &told : NULL);
	for (fd = 20; fd < 30; fd++)
		close(fd);
	ok(one(shared_ep) == 0, "files closed while they wake: nothing stays");
	ok((long)told > 0, "and events were told");
	close(shared_ep);
}

int main(void)
{
	tap_folder("epoll");
	errors();
	modes();
	hangups();
	order();
	closing();
	forked();
	waiting();
	nested();
	exclusive();
	threads_share();
	shown();
	limits();
	storm();
	return done_testing();
}
