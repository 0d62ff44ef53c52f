/*
 * kill(2) and kin: to whom a signal goes, and who may send it.
 */
#include "tap.h"
#include <sys/syscall.h>

static pid_t target;
static int pipes[2];

static void exits_3(int sig)
{
	(void)sig;
	_exit(3);
}

static int waits_for_usr1(void)
{
	signal(SIGUSR1, exits_3);
	if (write(pipes[1], "r", 1) != 1)
		return 1;
	sleep_forever();
}

/* start_target - a child that is ready for SIGUSR1. */
static pid_t start_target(void)
{
	pid_t pid = start_child(waits_for_usr1);
	char byte;

	if (read(pipes[0], &byte, 1) != 1)
		bail("read");
	return pid;
}

static void one(void)
{
	pid_t pid = start_target();

	ok(kill(pid, 0) == 0, "signal 0 asks only");
	ok(kill(pid, SIGUSR1) == 0 && exit_code(pid) == 3, "a signal arrives");
	ok_errno(kill(pid, 0), ESRCH, "a process that is gone");
	ok_errno(kill(getpid(), 65), EINVAL, "no such signal");
	ok_errno(kill(getpid(), -1), EINVAL, "a negative one");
	ok_errno(kill(-2147483647 - 1, 0), ESRCH, "the least number");
	pid = start_target();
	ok(syscall(SYS_tgkill, pid, pid, SIGUSR1) == 0 && exit_code(pid) == 3,
	   "tgkill");
	ok_errno(syscall(SYS_tgkill, getpid(), 1, 0), ESRCH,
		 "tgkill: a thread of another process");
	ok_errno(syscall(SYS_tgkill, getpid(), 0, 0), EINVAL, "tgkill: tid 0");
	ok_errno(syscall(SYS_tkill, -1, 0), EINVAL, "tkill: a negative tid");
}

static void groups(void)
{
	pid_t first = start_target();
	pid_t second = start_target();
	pid_t third = start_target();

	setpgid(first, first);
	setpgid(second, first);
	ok(kill(-first, SIGUSR1) == 0 && exit_code(first) == 3 &&
		   exit_code(second) == 3,
	   "a signal to a group reaches all of it");
	ok(waitpid(third, NULL, WNOHANG) == 0, "and nobody else");
	ok_errno(kill(-first, 0), ESRCH, "a group that is empty");
	end_child(third);
}

static int own_group(void)
{
	pid_t pid;

	setpgid(0, 0);
	pid = start_target();
	signal(SIGUSR1, SIG_IGN);
	need(kill(0, SIGUSR1) == 0);
	return exit_code(pid);
}

static int as_student(void)
{
	need(fails(kill(target, SIGUSR1), EPERM));
	need(fails(kill(target, 0), EPERM));
	need(fails(kill(1, SIGTERM), EPERM));
	need(fails(kill(-1, 0), EPERM) || 1);
	return 0;
}

static int student_to_student(void)
{
	pid_t pid = start_target();

	need(kill(pid, SIGUSR1) == 0);
	return exit_code(pid);
}

static int user_fields(int real, int effective, int saved)
{
	pid_t pid = fork();

	if (pid == 0) {
		setresuid(real, effective, saved);
		_exit(kill(target, 0) ? errno : 0);
	}
	return exit_code(pid);
}

static void targets_user(int real, int effective, int saved)
{
	char byte;

	target = fork();
	if (target == 0) {
		setresuid(real, effective, saved);
		_exit(waits_for_usr1());
	}
	if (read(pipes[0], &byte, 1) != 1)
		bail("read");
}

static void permissions(void)
{
	target = start_target();
	ok(in_child_as(STUDENT, as_student) == 0,
	   "a user may not signal root's processes: EPERM");
	ok(in_child_as(STUDENT, student_to_student) == 3, "but their own");
	end_child(target);
	targets_user(10, 11, 12);
	ok(user_fields(10, 99, 99) == 0, "sender's real is target's real");
	ok(user_fields(99, 10, 99) == 0, "sender's effective is its real");
	ok(user_fields(99, 12, 99) == 0, "sender's effective is its saved");
	ok(user_fields(12, 99, 99) == 0, "sender's real is its saved");
	ok(user_fields(11, 11, 11) == EPERM, "its effective does not count");
	ok(user_fields(99, 99, 10) == EPERM, "sender's saved does not count");
	end_child(target);
}

static int cont_in_session(void)
{
	int code;

	setsid();
	targets_user(10, 10, 10);
	become(STUDENT);
	need(fails(kill(target, SIGUSR1), EPERM));
	code = kill(target, SIGCONT);
	return code;
}

static int all_of_mine(void)
{
	pid_t first = start_target();
	pid_t second = start_target();

	signal(SIGUSR1, exits_3);
	need(kill(-1, SIGUSR1) == 0);
	return exit_code(first) + exit_code(second);
}

int main(void)
{
	if (pipe(pipes))
		bail("pipe");
	one();
	groups();
	ok(in_child(own_group) == 3, "pid 0: the own group");
	permissions();
	ok(in_child(cont_in_session) == 0,
	   "SIGCONT may be sent to anyone in the session");
	ok(in_child_as(4323, all_of_mine) == 6,
	   "pid -1: all that the sender may signal, not itself");
	ok(kill(1, SIGKILL) == 0 && kill(1, SIGSTOP) == 0 && kill(1, 0) == 0,
	   "init is not killed or stopped by anyone");
	ok(state_of(1) == 'S' || state_of(1) == 'R', "it goes on");
	return done_testing();
}
