/*
 * Zombies, orphans, subreapers, and the signal of a parent's death.
 */
#include "tap.h"
#include <sys/prctl.h>

static int pipes[2];

static int ends(void)
{
	return 4;
}

static void zombies(void)
{
	pid_t pid = start_child(ends);
	char path[40];
	char text[2000];

	ok(wait_for_state(pid, 'Z'), "a child that ended is a zombie");
	ok(kill(pid, 0) == 0 && kill(pid, SIGKILL) == 0,
	   "it can be sent signals, to no effect");
	ok(getpgid(pid) == getpgrp(), "it has its group");
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	ok(!*file_text(path, text, sizeof(text)), "its cmdline is empty");
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	ok(strstr(file_text(path, text, sizeof(text)), "State:\tZ (zombie)"),
	   "its status says zombie");
	ok(exit_code(pid) == 4, "its status waits for the parent");
	ok_errno(kill(pid, 0), ESRCH, "then it is gone");
	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	ok_errno(access(path, F_OK), ENOENT, "from /proc too");
}

/* ends_soon - PID is a zombie or gone within seconds (init may be slow). */
static int ends_soon(pid_t pid)
{
	int tries;

	for (tries = 0; tries < 1500; tries++) {
		if (state_of(pid) == 0 || state_of(pid) == 'Z')
			return 1;
		sleep_ms(2);
	}
	return 0;
}

static pid_t read_pid(void)
{
	pid_t pid = 0;

	if (read(pipes[0], &pid, sizeof(pid)) != sizeof(pid))
		return -1;
	return pid;
}

static void write_pid(pid_t pid)
{
	need(write(pipes[1], &pid, sizeof(pid)) == sizeof(pid));
}

/* leave_orphan - a child's child that writes who its next parent is. */
static int leave_orphan(void)
{
	pid_t parent = getpid();

	if (fork() == 0) {
		while (getppid() == parent)
			sleep_ms(1);
		write_pid(getppid());
		_exit(0);
	}
	return 0;
}

static void orphans(void)
{
	in_child(leave_orphan);
	ok(read_pid() == 1, "an orphan's parent is init");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	in_child(leave_orphan);
	ok(read_pid() == getpid(), "or the nearest subreaper");
	ok(wait(NULL) > 0, "which waits for it");
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static int leaves_zombie(void)
{
	pid_t pid = start_child(ends);

	need(wait_for_state(pid, 'Z'));
	write_pid(pid);
	return 0;
}

static void orphaned_zombie(void)
{
	pid_t pid;
	int tries;

	in_child(leaves_zombie);
	pid = read_pid();
	for (tries = 0; tries < 2000 && kill(pid, 0) == 0; tries++)
		sleep_ms(2);
	ok(fails(kill(pid, 0), ESRCH), "init reaps an orphaned zombie");
}

static int dies_with_parent(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		write_pid(getpid());
		sleep_forever();
	}
	need(read_pid() == pid);
	write_pid(pid);
	return 0;
}

static void parent_death(void)
{
	pid_t pid;
	int sig = 0;
	int tries;

	in_child(dies_with_parent);
	pid = read_pid();
	for (tries = 0; tries < 500 && kill(pid, 0) == 0; tries++)
		sleep_ms(2);
	ok(fails(kill(pid, 0), ESRCH),
	   "PR_SET_PDEATHSIG kills with the parent");
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	ok(prctl(PR_GET_PDEATHSIG, &sig) == 0 && sig == SIGUSR1,
	   "PR_GET_PDEATHSIG tells");
	ok_errno(prctl(PR_SET_PDEATHSIG, 100), EINVAL, "no such signal");
	prctl(PR_SET_PDEATHSIG, 0);
}

/* A stopped group that nobody is left to continue: SIGHUP and SIGCONT. */
static int leaves_stopped(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGHUP, SIG_DFL);
		write_pid(getpid());
		raise(SIGSTOP);
		sleep_forever();
	}
	need(read_pid() == pid);
	need(wait_for_state(pid, 'T'));
	write_pid(pid);
	return 0;
}

static void orphaned_group(void)
{
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	setsid();
	in_child(leaves_stopped);
	pid = read_pid();
	sleep_ms(50);
	ok(state_of(pid) == 'T',
	   "a new parent in the session: it stays stopped");
	end_child(pid);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	in_child(leaves_stopped);
	ok(ends_soon(read_pid()),
	   "a stopped group that is orphaned is hung up");
}

int main(void)
{
	if (pipe(pipes))
		bail("pipe");
	zombies();
	orphans();
	orphaned_zombie();
	parent_death();
	orphaned_group();
	return done_testing();
}
