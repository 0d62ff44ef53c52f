/*
 * signalfd(2): signals read as records.
 */
#include "tap.h"
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

static sigset_t set_of(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	sigaddset(&set, b);
	return set;
}

static int readable(int fd)
{
	struct pollfd pollfd = {fd, POLLIN, 0};

	return poll(&pollfd, 1, 0) == 1 && pollfd.revents == POLLIN;
}

static void records(void)
{
	sigset_t set = set_of(SIGUSR1, SIGRTMIN);
	struct signalfd_siginfo info[4];
	union sigval value = {.sival_int = 77};
	int fd = signalfd(-1, &set, SFD_NONBLOCK);

	ok(sizeof(info[0]) == 128, "a record has 128 bytes");
	ok_errno(read(fd, info, sizeof(info)), EAGAIN, "no signal, no record");
	ok_errno(read(fd, info, 127), EINVAL, "too little room");
	ok(!readable(fd), "nothing to poll");
	kill(getpid(), SIGUSR1);
	ok(readable(fd), "a pending signal can be read");
	ok(read(fd, info, sizeof(info)) == 128 &&
		   info[0].ssi_signo == SIGUSR1 &&
		   info[0].ssi_code == SI_USER &&
		   info[0].ssi_pid == (uint32_t)getpid() &&
		   info[0].ssi_uid == getuid(),
	   "kill(2): who sent it");
	ok(!readable(fd), "then it is gone");
	kill(getpid(), SIGUSR1);
	sigqueue(getpid(), SIGRTMIN, value);
	sigqueue(getpid(), SIGRTMIN, value);
	ok(read(fd, info, sizeof(info)) == 3 * 128 &&
		   info[0].ssi_signo == SIGUSR1 &&
		   info[1].ssi_signo == (uint32_t)SIGRTMIN &&
		   info[2].ssi_signo == (uint32_t)SIGRTMIN,
	   "several at once, in the order of delivery");
	ok(info[2].ssi_code == SI_QUEUE && info[2].ssi_int == 77,
	   "with the value of sigqueue");
	kill(getpid(), SIGUSR1);
	ok_errno(read(fd, nowhere, 128), EFAULT, "a bad pointer");
	ok(!readable(fd), "the signal is gone all the same");
	close(fd);
}

static int leave_with_7(void)
{
	return 7;
}

static void causes(void)
{
	sigset_t set = set_of(SIGCHLD, SIGALRM);
	struct signalfd_siginfo info;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGALRM,
				 .sigev_value.sival_int = 5};
	struct itimerspec soon = {{0, 0}, {0, 1000000}};
	int fd = signalfd(-1, &set, 0);
	timer_t timer;
	pid_t pid = start_child(leave_with_7);

	ok(read(fd, &info, sizeof(info)) == 128 && info.ssi_signo == SIGCHLD &&
		   info.ssi_code == CLD_EXITED && info.ssi_status == 7 &&
		   info.ssi_pid == (uint32_t)pid,
	   "a child: its id and status");
	exit_code(pid);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &soon, NULL);
	ok(read(fd, &info, sizeof(info)) == 128 && info.ssi_signo == SIGALRM &&
		   info.ssi_code == SI_TIMER && info.ssi_int == 5 &&
		   info.ssi_overrun == 0,
	   "a timer: its value");
	timer_delete(timer);
	syscall(SYS_tgkill, getpid(), getpid(), SIGALRM);
	ok(read(fd, &info, sizeof(info)) == 128 && info.ssi_code == SI_TKILL &&
		   info.ssi_pid == (uint32_t)getpid(),
	   "tgkill(2): who sent it");
	close(fd);
}

static void masks(void)
{
	sigset_t one = set_of(SIGUSR1, SIGUSR1);
	sigset_t two = set_of(SIGUSR2, SIGKILL);
	struct signalfd_siginfo info;
	char path[40];
	char text[300];
	int fd = signalfd(-1, &one, SFD_NONBLOCK | SFD_CLOEXEC);

	kill(getpid(), SIGUSR2);
	ok(!readable(fd), "a signal not in the mask");
	ok(signalfd(fd, &two, 0) == fd && readable(fd), "a new mask counts");
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	ok(strstr(file_text(path, text, sizeof(text)),
		  "sigmask:\t0000000000000800\n"),
	   "fdinfo shows it, without SIGKILL");
	ok(read(fd, &info, 128) == 128 && info.ssi_signo == SIGUSR2,
	   "and is read by");
	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC &&
		   fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK),
	   "SFD_CLOEXEC and SFD_NONBLOCK");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	memset(text, 0, sizeof(text));
	ok(readlink(path, text, sizeof(text)) > 0 &&
		   !strcmp(text, "anon_inode:[signalfd]"),
	   "its name in /proc");
	ok_errno(signalfd(0, &one, 0), EINVAL, "a descriptor of another kind");
	ok_errno(signalfd(999, &one, 0), EBADF, "or none");
	ok_errno(syscall(SYS_signalfd4, -1, &one, 8, 1), EINVAL, "a bad flag");
	ok_errno(syscall(SYS_signalfd4, -1, &one, 4, 0), EINVAL, "a bad size");
	ok_errno(syscall(SYS_signalfd4, -1, nowhere, 8, 0), EFAULT,
		 "a bad pointer");
	close(fd);
}

static int shared_fd;

static int child_reads(void)
{
	struct signalfd_siginfo info;

	need(!readable(shared_fd));
	kill(getpid(), SIGUSR1);
	need(read(shared_fd, &info, 128) == 128);
	return info.ssi_pid == (uint32_t)getpid() ? 0 : 1;
}

static int waits_for_one(void)
{
	struct signalfd_siginfo info;

	return read(shared_fd, &info, 128) == 128 && info.ssi_signo == SIGUSR1
		       ? 0
		       : 1;
}

static void *thread_takes(void *arg)
{
	struct signalfd_siginfo info;

	(void)arg;
	return (void *)(long)(read(shared_fd, &info, 128) == 128);
}

static void readers(void)
{
	sigset_t set = set_of(SIGUSR1, SIGUSR1);
	pthread_t thread;
	void *result;
	pid_t pid;

	shared_fd = signalfd(-1, &set, 0);
	kill(getpid(), SIGUSR1);
	ok(in_child(child_reads) == 0, "whoever reads gets signals of its own");
	ok(readable(shared_fd), "and leaves ours");
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
	pthread_create(&thread, NULL, thread_takes, NULL);
	pthread_join(thread, &result);
	ok(result == (void *)1 && !readable(shared_fd) == 0,
	   "a thread takes the process's, not another thread's");
	(void)thread_takes(NULL);
	pid = start_child(waits_for_one);
	ok(wait_for_state(pid, 'S') && kill(pid, SIGUSR1) == 0 &&
		   exit_code(pid) == 0,
	   "a reader waits");
	close(shared_fd);
}

static int watch_and_die(void)
{
	sigset_t set = set_of(SIGUSR1, SIGUSR1);
	struct epoll_event event = {.events = EPOLLIN};
	int fd = signalfd(-1, &set, 0);

	need(epoll_ctl(shared_fd, EPOLL_CTL_ADD, fd, &event) == 0);
	need(dup2(fd, 50) == 50);
	kill(getpid(), SIGUSR1);
	need(epoll_wait(shared_fd, &event, 1, 0) == 1);
	return 0;
}

static void watched(void)
{
	struct epoll_event event;

	shared_fd = epoll_create1(0);
	ok(in_child(watch_and_die) == 0, "epoll watches it");
	ok(epoll_wait(shared_fd, &event, 1, 0) == 0,
	   "and outlives the process whose signals it told");
	close(shared_fd);
}

int main(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	records();
	causes();
	masks();
	readers();
	watched();
	return done_testing();
}
