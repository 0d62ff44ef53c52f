/*
 * pidfds: pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2), CLONE_PIDFD,
 * waitid(2) with P_PIDFD.
 */
#include "tap.h"
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define P_PIDFD_ 3

static int pidfd_open_(int pid, unsigned int flags)
{
	return syscall(SYS_pidfd_open, pid, flags);
}

static int pidfd_kill(int fd, int sig, siginfo_t *info, unsigned int flags)
{
	return syscall(SYS_pidfd_send_signal, fd, sig, info, flags);
}

static int pidfd_getfd_(int pidfd, int fd, unsigned int flags)
{
	return syscall(SYS_pidfd_getfd, pidfd, fd, flags);
}

static int wait_fd(int fd, siginfo_t *info, int options)
{
	return waitid(P_PIDFD_, fd, info, options);
}

static int ready(int fd, int timeout)
{
	struct pollfd pollfd = {fd, POLLIN, 0};

	return poll(&pollfd, 1, timeout) == 1 ? pollfd.revents : 0;
}

static int sleeps(void)
{
	sleep_forever();
}

static int leaves_5(void)
{
	return 5;
}

static void *thread_sleeps(void *arg)
{
	*(int *)arg = syscall(SYS_gettid);
	sleep_forever();
}

static void opening(void)
{
	static volatile int tid;
	pthread_t thread;
	char path[40];
	char text[400] = "";
	char want[60];
	int fd = pidfd_open_(getpid(), 0);

	ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC &&
		   fcntl(fd, F_GETFL) == O_RDWR,
	   "pidfd_open: closed on exec");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok(readlink(path, text, sizeof(text) - 1) > 0 &&
		   !strcmp(text, "anon_inode:[pidfd]"),
	   "its name in /proc");
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	snprintf(want, sizeof(want), "Pid:\t%d\nNSpid:\t%d\n", getpid(),
		 getpid());
	ok(strstr(file_text(path, text, sizeof(text)), want),
	   "fdinfo shows the process");
	ok_errno(read(fd, text, 1), EINVAL, "it cannot be read");
	ok_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "it has no position");
	close(fd);
	fd = pidfd_open_(getpid(), O_NONBLOCK);
	ok(fd >= 0 && fcntl(fd, F_GETFL) == (O_RDWR | O_NONBLOCK),
	   "PIDFD_NONBLOCK");
	close(fd);
	ok_errno(pidfd_open_(getpid(), 1), EINVAL, "a bad flag");
	ok_errno(pidfd_open_(0, 0), EINVAL, "no process 0");
	ok_errno(pidfd_open_(-1, 0), EINVAL, "nor -1");
	ok_errno(pidfd_open_(4000000, 0), ESRCH, "one that is not there");
	if (pthread_create(&thread, NULL, thread_sleeps, (void *)&tid))
		bail("pthread_create");
	while (!tid)
		sleep_ms(1);
	ok_errno(pidfd_open_(tid, 0), EINVAL, "a thread that leads no process");
}

static void ending(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	pid_t pid = start_child(sleeps);
	int fd = pidfd_open_(pid, 0);
	int ep = epoll_create1(0);
	siginfo_t info = {0};
	char path[40];
	char text[400];

	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
	ok(ready(fd, 0) == 0, "it lives: nothing to poll");
	ok(wait_fd(fd, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0,
	   "waitid: nothing yet");
	ok_errno(wait_fd(fd, &info, WNOHANG), EINVAL, "waitid: for nothing");
	ok(pidfd_kill(fd, 0, NULL, 0) == 0, "signal 0: it is there");
	ok(pidfd_kill(fd, SIGTERM, NULL, 0) == 0, "pidfd_send_signal");
	ok(ready(fd, 5000) == POLLIN, "it ended: readable");
	ok(epoll_wait(ep, &event, 1, 5000) == 1 && event.events == EPOLLIN,
	   "for epoll too");
	ok(pidfd_kill(fd, 0, NULL, 0) == 0, "a zombie can be signalled");
	ok(wait_fd(fd, &info, WEXITED | WNOWAIT) == 0 && info.si_pid == pid,
	   "waitid: WNOWAIT");
	ok(wait_fd(fd, &info, WEXITED) == 0 && info.si_pid == pid &&
		   info.si_code == CLD_KILLED && info.si_status == SIGTERM,
	   "waitid: how it ended");
	ok_errno(wait_fd(fd, &info, WEXITED), ECHILD, "waitid: no longer");
	ok_errno(pidfd_kill(fd, 0, NULL, 0), ESRCH, "reaped: gone");
	ok(ready(fd, 0) == POLLIN, "still readable");
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	ok(strstr(file_text(path, text, sizeof(text)),
		  "Pid:\t-1\nNSpid:\t-1\n"),
	   "fdinfo: no number any more");
	ok_errno(pidfd_getfd_(fd, 0, 0), ESRCH, "and no files");
	close(fd);
	close(ep);
}

static void waiting(void)
{
	pid_t pid = start_child(sleeps);
	int fd = pidfd_open_(pid, O_NONBLOCK);
	siginfo_t info = {0};

	ok_errno(wait_fd(fd, &info, WEXITED), EAGAIN,
		 "PIDFD_NONBLOCK: waitid does not wait");
	ok(wait_fd(fd, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0,
	   "with WNOHANG as ever");
	kill(pid, SIGKILL);
	ready(fd, 5000);
	ok(wait_fd(fd, &info, WEXITED) == 0 && info.si_pid == pid,
	   "PIDFD_NONBLOCK: then it answers");
	close(fd);
	ok_errno(wait_fd(0, &info, WEXITED), EBADF, "waitid on no pidfd");
	ok_errno(wait_fd(999, &info, WEXITED), EBADF, "on nothing");
	ok_errno(wait_fd(-1, &info, WEXITED), EINVAL, "on -1");
	ok_errno(wait_fd(999, &info, 0), EINVAL, "EINVAL comes before EBADF");
	fd = pidfd_open_(getppid(), 0);
	ok_errno(wait_fd(fd, &info, WEXITED), ECHILD, "on no child");
	close(fd);
}

static int exits_with_threads(void)
{
	static volatile int tid;
	pthread_t thread;

	need(!pthread_create(&thread, NULL, thread_sleeps, (void *)&tid));
	while (!tid)
		sleep_ms(1);
	syscall(SYS_exit, 0);
	return 1;
}

static void leader(void)
{
	pid_t pid = start_child(exits_with_threads);
	int fd = pidfd_open_(pid, 0);

	ok(wait_for_state(pid, 'Z') && ready(fd, 0) == 0,
	   "the leader ended, a thread lives: not readable");
	kill(pid, SIGKILL);
	ok(ready(fd, 5000) == POLLIN, "the thread ended: readable");
	exit_code(pid);
	close(fd);
}

static volatile int got_value;

static void on_value(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	got_value = info->si_value.sival_int;
}

static int kill_parent(void)
{
	int fd = pidfd_open_(getppid(), 0);

	need(fd >= 0);
	need(fails(pidfd_kill(fd, 0, NULL, 0), EPERM));
	need(fails(pidfd_getfd_(fd, 0, 0), EPERM));
	return 0;
}

static void signals(void)
{
	struct sigaction action = {.sa_sigaction = on_value,
				   .sa_flags = SA_SIGINFO};
	siginfo_t info = {0};
	pid_t pid = start_child(sleeps);
	int self = pidfd_open_(getpid(), 0);
	int fd = pidfd_open_(pid, 0);
	char path[30];
	int dir;

	sigaction(SIGRTMIN, &action, NULL);
	info.si_signo = SIGRTMIN;
	info.si_code = SI_QUEUE;
	info.si_value.sival_int = 9;
	ok(pidfd_kill(self, SIGRTMIN, &info, 0) == 0 && got_value == 9,
	   "with an info of one's own");
	ok_errno(pidfd_kill(self, SIGUSR1, &info, 0), EINVAL,
		 "whose number must be the same");
	info.si_code = SI_USER;
	ok_errno(pidfd_kill(fd, SIGRTMIN, &info, 0), EPERM,
		 "and not look like the kernel's");
	ok_errno(pidfd_kill(fd, 0, NULL, 1), EINVAL, "a bad flag");
	ok_errno(pidfd_kill(fd, 99, NULL, 0), EINVAL, "no such signal");
	ok_errno(pidfd_kill(0, 0, NULL, 0), EBADF, "no pidfd");
	ok_errno(pidfd_kill(999, 0, NULL, 0), EBADF, "nothing");
	ok_errno(pidfd_kill(fd, 0, nowhere, 0), EFAULT, "a bad pointer");
	ok(in_child_as(STUDENT, kill_parent) == 0, "kill(2)'s permissions");
	snprintf(path, sizeof(path), "/proc/%d", pid);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	ok(pidfd_kill(dir, SIGKILL, NULL, 0) == 0 && exit_code(pid) == 137,
	   "a directory /proc/PID will do");
	ok_errno(pidfd_kill(dir, 0, NULL, 0), ESRCH, "and stays that process");
	close(dir);
	close(fd);
	close(self);
}

static void getfd(void)
{
	int ends[2];
	int fd;
	int copy;
	char byte = 0;
	struct rlimit limit;
	struct rlimit low;
	pid_t pid;

	if (pipe(ends))
		bail("pipe");
	pid = start_child(sleeps);
	close(ends[0]);
	fd = pidfd_open_(pid, 0);
	copy = pidfd_getfd_(fd, ends[0], 0);
	ok(copy >= 0 && fcntl(copy, F_GETFD) == FD_CLOEXEC &&
		   write(ends[1], "z", 1) == 1 && read(copy, &byte, 1) == 1 &&
		   byte == 'z',
	   "pidfd_getfd: the same open file");
	ok_errno(pidfd_getfd_(fd, 999, 0), EBADF, "one that is not open there");
	ok_errno(pidfd_getfd_(fd, 0, 1), EINVAL, "a bad flag");
	ok_errno(pidfd_getfd_(0, 0, 0), EBADF, "of no pidfd");
	getrlimit(RLIMIT_NOFILE, &limit);
	low = limit;
	low.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &low);
	ok_errno(pidfd_getfd_(fd, 0, 0), EMFILE, "no number free");
	setrlimit(RLIMIT_NOFILE, &limit);
	end_child(pid);
	close(copy);
	close(fd);
	close(ends[1]);
}

struct clone_args_ {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		stack_size, tls, set_tid, set_tid_size, cgroup;
};

static void cloned(void)
{
	struct clone_args_ args = {.flags = CLONE_PIDFD,
				   .exit_signal = SIGCHLD};
	siginfo_t info = {0};
	int fd = -1;
	int last = dup(0);
	long pid;

	close(last);
	args.pidfd = (uint64_t)&fd;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		_exit(leaves_5());
	ok(pid > 0 && fd == last && fcntl(fd, F_GETFD) == FD_CLOEXEC,
	   "clone3 with CLONE_PIDFD");
	ok(wait_fd(fd, &info, WEXITED) == 0 && info.si_pid == pid &&
		   info.si_status == 5,
	   "it is the child's");
	close(fd);
	fd = -1;
	pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &fd, 0, 0);
	if (pid == 0)
		_exit(leaves_5());
	ok(pid > 0 && fd == last && wait_fd(fd, &info, WEXITED) == 0,
	   "clone with CLONE_PIDFD");
	close(fd);
	ok_errno(syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD,
			 0, &fd, 0, 0),
		 EINVAL, "not with CLONE_PARENT_SETTID in clone");
	args.flags = CLONE_PIDFD | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;
	args.exit_signal = 0;
	ok_errno(syscall(SYS_clone3, &args, sizeof(args)), EINVAL,
		 "not for a thread");
	args.flags = CLONE_PIDFD;
	args.exit_signal = SIGCHLD;
	args.pidfd = 8;
	ok_errno(syscall(SYS_clone3, &args, sizeof(args)), EFAULT,
		 "a bad pointer");
	fd = dup(0);
	ok(fd == last, "no descriptor is left then");
	close(fd);
	ok_errno(waitpid(-1, NULL, WNOHANG), ECHILD, "and no child");
}

int main(void)
{
	ending();
	waiting();
	leader();
	signals();
	getfd();
	cloned();
	opening();
	return done_testing();
}
