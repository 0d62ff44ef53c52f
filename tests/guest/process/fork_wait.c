/*
 * fork(2) and wait(2): what a child shares, how it ends, who hears of it.
 */
#include "tap.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static int global = 1;

static void exit_status(void)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(getppid() > 0 ? 42 : 1);
	ok(waitpid(pid, &status, 0) == pid, "wait returns the child's pid");
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 42, "and its status");
	ok_errno(waitpid(pid, &status, 0), ECHILD, "only once");
	ok_errno(waitpid(-1, &status, 0), ECHILD, "no child is left");
}

static void memory(void)
{
	int *shared;
	int status;
	pid_t pid;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid = fork();
	if (pid == 0) {
		global = 2;
		*shared = 3;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ok(global == 1, "a child's store is its own");
	ok(*shared == 3, "but not in shared memory");
	munmap(shared, 4096);
}

static void offsets(void)
{
	char two[2];
	int pipes[2];
	pid_t pid;

	if (pipe(pipes))
		bail("pipe");
	pid = fork();
	if (pid == 0) {
		close(pipes[0]);
		_exit(write(pipes[1], "hi", 2) != 2);
	}
	close(pipes[1]);
	ok(read(pipes[0], two, 2) == 2 && two[0] == 'h', "a pipe is inherited");
	ok(read(pipes[0], two, 2) == 0, "and ends with its last writer");
	close(pipes[0]);
	waitpid(pid, NULL, 0);
}

static void signals(void)
{
	siginfo_t info;
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	ok(waitpid(pid, &status, WNOHANG) == 0, "WNOHANG does not wait");
	kill(pid, SIGSTOP);
	ok(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) &&
		   WSTOPSIG(status) == SIGSTOP,
	   "a stop is reported");
	kill(pid, SIGCONT);
	ok(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status),
	   "and its end");
	kill(pid, SIGTERM);
	memset(&info, 0, sizeof(info));
	ok(waitid(P_PID, pid, &info, WEXITED | WNOWAIT) == 0 &&
		   info.si_pid == pid && info.si_code == CLD_KILLED &&
		   info.si_status == SIGTERM,
	   "waitid tells the signal");
	ok(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		   WTERMSIG(status) == SIGTERM,
	   "WNOWAIT left the child to wait for");
}

static void orphans(void)
{
	int pipes[2];
	pid_t parent;
	pid_t pid;

	if (pipe(pipes))
		bail("pipe");
	pid = fork();
	if (pid == 0) {
		if (fork())
			_exit(0);
		while (getppid() != 1)
			usleep(1000);
		parent = getppid();
		_exit(write(pipes[1], &parent, sizeof(parent)) < 0);
	}
	close(pipes[1]);
	waitpid(pid, NULL, 0);
	ok(read(pipes[0], &parent, sizeof(parent)) == sizeof(parent) &&
		   parent == 1,
	   "an orphan goes to init");
	close(pipes[0]);
}

static void many(void)
{
	int reaped;
	int i;

	for (i = 0; i < 50; i++)
		if (fork() == 0)
			_exit(i);
	for (reaped = 0; wait(NULL) > 0; reaped++)
		;
	ok(reaped == 50, "fifty children are all reaped");
}

int main(void)
{
	exit_status();
	memory();
	offsets();
	signals();
	orphans();
	many();
	return done_testing();
}
