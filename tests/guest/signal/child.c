/*
 * SIGCHLD: what it tells of a child, SA_NOCLDSTOP, SA_NOCLDWAIT, and what
 * ignoring it means.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/syscall.h>

static siginfo_t seen;
static volatile int calls;

static void notes(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	seen = *info;
	calls++;
}

static void install(int flags)
{
	struct sigaction action = {.sa_sigaction = notes,
				   .sa_flags = SA_SIGINFO | SA_RESTART | flags};

	sigaction(SIGCHLD, &action, NULL);
	calls = 0;
}

/* LINE stands in PID's status. */
static int shows(pid_t pid, const char *line)
{
	char path[40];
	char text[4096];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return strstr(file_text(path, text, sizeof(text)), line) != NULL;
}

static int ends(void)
{
	return 6;
}

static int waits_for_ever(void)
{
	sleep_forever();
}

static int aborts(void)
{
	abort();
}

/* told - SIGCHLD came for PID with this code and status. */
static int told(pid_t pid, int code, int status)
{
	int tries;

	for (tries = 0; tries < 500 && calls == 0; tries++)
		usleep(2000);
	calls = 0;
	return seen.si_signo == SIGCHLD && seen.si_pid == pid &&
	       seen.si_code == code && seen.si_status == status &&
	       seen.si_uid == getuid();
}

static void codes(void)
{
	struct rlimit none = {0, 0};
	pid_t pid;

	setrlimit(RLIMIT_CORE, &none);
	install(0);
	pid = start_child(ends);
	ok(told(pid, CLD_EXITED, 6), "CLD_EXITED and the status");
	exit_code(pid);
	pid = start_child(waits_for_ever);
	kill(pid, SIGSTOP);
	ok(told(pid, CLD_STOPPED, SIGSTOP), "CLD_STOPPED and the signal");
	kill(pid, SIGCONT);
	ok(told(pid, CLD_CONTINUED, SIGCONT), "CLD_CONTINUED");
	kill(pid, SIGTERM);
	ok(told(pid, CLD_KILLED, SIGTERM), "CLD_KILLED and the signal");
	exit_code(pid);
	pid = start_child(aborts);
	ok(told(pid, CLD_KILLED, SIGABRT),
	   "CLD_KILLED too when no core is written");
	exit_code(pid);
}

static void no_stops(void)
{
	pid_t pid;
	int status;

	install(SA_NOCLDSTOP);
	pid = start_child(waits_for_ever);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGCONT);
	waitpid(pid, &status, WCONTINUED);
	ok(calls == 0, "SA_NOCLDSTOP: silent on stops");
	kill(pid, SIGKILL);
	ok(told(pid, CLD_KILLED, SIGKILL), "not on the end");
	exit_code(pid);
}

static int sleeps_a_bit(void)
{
	sleep_ms(40);
	return 0;
}

static void no_wait(void)
{
	long before;
	pid_t pid;

	install(SA_NOCLDWAIT);
	pid = start_child(ends);
	ok(told(pid, CLD_EXITED, 6), "SA_NOCLDWAIT: the signal comes");
	ok_errno(waitpid(pid, NULL, 0), ECHILD, "but there is no zombie");
	signal(SIGCHLD, SIG_IGN);
	start_child(sleeps_a_bit);
	before = now_ms();
	ok(fails(wait(NULL), ECHILD) && now_ms() - before >= 30,
	   "SIG_IGN: wait waits for the last child, then ECHILD");
	signal(SIGCHLD, SIG_DFL);
	pid = start_child(ends);
	ok(wait_for_state(pid, 'Z') && exit_code(pid) == 6,
	   "SIG_DFL: the zombie stays until it is waited for");
	pid = start_child(ends);
	ok(wait_for_state(pid, 'Z') && kill(pid, SIGUSR1) == 0 &&
		   syscall(SYS_tkill, pid, SIGRTMIN) == 0 &&
		   shows(pid, "SigPnd:\t0000000000000000") &&
		   shows(pid, "ShdPnd:\t0000000000000000"),
	   "signals to a zombie are dropped");
	exit_code(pid);
}

static void coalesced(void)
{
	sigset_t set;
	int i;
	int reaped = 0;

	install(0);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (i = 0; i < 5; i++)
		wait_for_state(start_child(ends), 'Z');
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		reaped++;
	ok(calls == 1 && reaped == 5, "five ends while blocked: one signal");
}

int main(void)
{
	codes();
	no_stops();
	no_wait();
	coalesced();
	return done_testing();
}
