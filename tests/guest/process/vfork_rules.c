/*
 * vfork(2): the parent stands still, in state D, until the child has memory of
 * its own or none; signals to it wait, SIGKILL does not.
 */
#include "tap.h"
#include <sys/mman.h>

static int *shared;
static volatile int handled;

static void handler(int sig)
{
	handled = sig;
}

static void held_signals(void)
{
	volatile int seen = -1;
	volatile int state = 0;
	pid_t pid;

	signal(SIGUSR1, handler);
	handled = 0;
	pid = vfork();
	if (pid == 0) {
		kill(getppid(), SIGUSR1);
		sleep_ms(30);
		state = state_of(getppid());
		seen = handled;
		_exit(3);
	}
	ok(state == 'D', "the parent is in state D");
	ok(seen == 0, "its handler did not run while the child was there");
	ok(handled == SIGUSR1, "but then");
	ok(exit_code(pid) == 3, "the child's status is there");
}

static void stops_late(void)
{
	pid_t outer = fork();
	int status;

	if (outer == 0) {
		pid_t pid = vfork();

		if (pid == 0) {
			kill(getppid(), SIGSTOP);
			sleep_ms(40);
			*shared = state_of(getppid());
			_exit(0);
		}
		_exit(exit_code(pid));
	}
	ok(waitpid(outer, &status, WUNTRACED) == outer && WIFSTOPPED(status) &&
		   *shared == 'D',
	   "SIGSTOP stops it when the child is done");
	kill(outer, SIGCONT);
	ok(exit_code(outer) == 0, "and it goes on");
}

static void killed(void)
{
	pid_t outer = fork();

	*shared = 0;
	if (outer == 0) {
		if (vfork() == 0) {
			kill(getppid(), SIGKILL);
			sleep_ms(40);
			*shared = getppid();
			_exit(0);
		}
		_exit(0);
	}
	ok(exit_code(outer) == 128 + SIGKILL, "SIGKILL does not wait");
	while (!*(volatile int *)shared)
		sleep_ms(2);
	ok(*shared == 1, "the child lives on, an orphan");
}

static void failed_exec(void)
{
	volatile int after = 0;
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/none", "none", NULL);
		after = errno;
		_exit(4);
	}
	ok(after == ENOENT && exit_code(pid) == 4,
	   "an exec that fails leaves the parent waiting");
	pid = vfork();
	if (pid == 0) {
		signal(SIGUSR2, SIG_IGN);
		close(0);
		_exit(0);
	}
	exit_code(pid);
	ok(signal(SIGUSR2, SIG_DFL) == SIG_DFL && fcntl(0, F_GETFD) >= 0,
	   "dispositions and descriptors are the child's own");
}

int main(void)
{
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	held_signals();
	stops_late();
	killed();
	failed_exec();
	return done_testing();
}
