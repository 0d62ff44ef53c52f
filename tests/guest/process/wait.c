/*
 * wait4(2) and waitid(2): whom they wait for, what they tell, and when they
 * leave a child to be waited for again.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/syscall.h>

static int returns_7(void)
{
	return 7;
}

static int waits_for_ever(void)
{
	sleep_forever();
}

static int raw_waitid(int type, int id, siginfo_t *info, int options,
		      struct rusage *usage)
{
	return syscall(SYS_waitid, type, id, info, options, usage);
}

static void statuses(void)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(0x1ff);
	ok(waitpid(pid, &status, 0) == pid && status == 0xff00,
	   "a status is eight bits");
	pid = start_child(waits_for_ever);
	kill(pid, SIGKILL);
	ok(waitpid(pid, &status, 0) == pid && status == SIGKILL,
	   "killed: the signal's number");
	pid = start_child(returns_7);
	ok(waitpid(pid, NULL, 0) == pid, "the status need not be taken");
	pid = start_child(returns_7);
	ok(fails(waitpid(pid, nowhere, 0), EFAULT) &&
		   fails(waitpid(pid, NULL, 0), ECHILD),
	   "a bad place for it: EFAULT, and the child is gone");
}

static void stops(void)
{
	siginfo_t info;
	int status;
	pid_t pid = start_child(waits_for_ever);

	kill(pid, SIGTSTP);
	ok(waitpid(pid, &status, WUNTRACED) == pid &&
		   status == (SIGTSTP << 8 | 0x7f),
	   "WUNTRACED: stopped, and by what");
	ok(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0, "told once");
	kill(pid, SIGCONT);
	ok(waitpid(pid, &status, WCONTINUED) == pid && status == 0xffff,
	   "WCONTINUED");
	ok(waitpid(pid, &status, WCONTINUED | WNOHANG) == 0, "told once");
	kill(pid, SIGSTOP);
	memset(&info, 0, sizeof(info));
	ok(waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT) == 0 &&
		   info.si_code == CLD_STOPPED && info.si_status == SIGSTOP &&
		   info.si_signo == SIGCHLD,
	   "waitid: WSTOPPED");
	ok(waitid(P_PID, pid, &info, WSTOPPED) == 0, "WNOWAIT left it");
	kill(pid, SIGCONT);
	ok(waitid(P_PID, pid, &info, WCONTINUED) == 0 &&
		   info.si_code == CLD_CONTINUED && info.si_status == SIGCONT,
	   "waitid: WCONTINUED");
	kill(pid, SIGSTOP);
	kill(pid, SIGKILL);
	ok(waitpid(pid, &status, 0) == pid && status == SIGKILL,
	   "a stopped child can be killed");
}

static void whom(void)
{
	siginfo_t info;
	pid_t first = start_child(returns_7);
	pid_t second = start_child(returns_7);
	pid_t group;

	ok(waitpid(second, NULL, 0) == second, "a certain child");
	ok(waitpid(-1, NULL, 0) == first, "any child");
	group = start_child(waits_for_ever);
	setpgid(group, group);
	first = start_child(returns_7);
	ok(waitpid(0, NULL, 0) == first, "0: any child of the own group");
	ok(fails(waitpid(0, NULL, WNOHANG), ECHILD), "the other is of another");
	ok(waitpid(-group, NULL, WNOHANG) == 0, "-N: group N, still running");
	kill(group, SIGTERM);
	ok(waitid(P_PGID, group, &info, WEXITED) == 0 && info.si_pid == group &&
		   info.si_code == CLD_KILLED && info.si_status == SIGTERM,
	   "P_PGID");
	ok_errno(waitpid(-group, NULL, 0), ECHILD, "that group has no child");
	ok_errno(waitpid(1, NULL, 0), ECHILD, "init is no child");
}

static void info_fields(void)
{
	struct rusage usage;
	siginfo_t info;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		become(STUDENT);
		_exit(9);
	}
	memset(&info, 0x55, sizeof(info));
	ok(raw_waitid(P_ALL, 0, &info, WEXITED, &usage) == 0 &&
		   info.si_signo == SIGCHLD && info.si_errno == 0 &&
		   info.si_code == CLD_EXITED && info.si_pid == pid &&
		   info.si_uid == STUDENT && info.si_status == 9,
	   "P_ALL: every field of the info");
	pid = start_child(waits_for_ever);
	memset(&info, 0x55, sizeof(info));
	ok(waitid(P_PID, pid, &info, WEXITED | WNOHANG) == 0 &&
		   info.si_pid == 0 && info.si_signo == 0,
	   "WNOHANG and nothing: 0, si_pid 0");
	kill(pid, SIGKILL);
	ok(raw_waitid(P_PID, pid, NULL, WEXITED, NULL) == 0,
	   "the info need not be taken");
}

static void errors(void)
{
	siginfo_t info;
	pid_t pid = start_child(returns_7);

	ok_errno(waitid(P_PID, pid, &info, 0), EINVAL,
		 "waitid: nothing to wait for");
	ok_errno(waitid(P_PID, pid, &info, WEXITED | 0x100), EINVAL,
		 "waitid: unknown options");
	ok_errno(waitid(77, pid, &info, WEXITED), EINVAL,
		 "waitid: an unknown type");
	ok_errno(waitid(P_PID, 0, &info, WEXITED), EINVAL, "waitid: pid 0");
	ok_errno(waitpid(pid, NULL, 0x100), EINVAL, "wait4: unknown options");
	ok_errno(waitpid(-2147483647 - 1, NULL, 0), ESRCH,
		 "wait4: the least number");
	exit_code(pid);
	ok_errno(wait(NULL), ECHILD, "no child");
	ok_errno(waitid(P_ALL, 0, &info, WEXITED | WNOHANG), ECHILD,
		 "no child, WNOHANG");
}

static int burns(void)
{
	volatile long count;
	long until = now_ms() + 120;

	while (now_ms() < until)
		for (count = 0; count < 1000; count++)
			;
	return 0;
}

static int burns_twice(void)
{
	return in_child(burns);
}

static void usage(void)
{
	struct rusage own;
	struct rusage all;
	long passed = now_ms();
	int status;
	pid_t pid;
	long used;

	pid = start_child(burns);
	ok(wait4(pid, &status, 0, &own) == pid, "wait4 tells the usage");
	used = (own.ru_utime.tv_sec + own.ru_stime.tv_sec) * 1000 +
	       (own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1000;
	/* On a busy host 120 ms may become many, but no more than passed. */
	passed = now_ms() - passed;
	ok(used >= 40 && used <= passed + 8, "the child's processor time");
	ok(own.ru_maxrss > 0, "and its memory");
	in_child(burns_twice);
	getrusage(RUSAGE_CHILDREN, &all);
	used = (all.ru_utime.tv_sec + all.ru_stime.tv_sec) * 1000 +
	       (all.ru_utime.tv_usec + all.ru_stime.tv_usec) / 1000;
	ok(used >= 100, "RUSAGE_CHILDREN: children's and grandchildren's");
}

static int ends_later(void)
{
	sleep_ms(50);
	return 3;
}

static void blocks(void)
{
	long before = now_ms();

	ok(in_child(ends_later) == 3 && now_ms() - before >= 45,
	   "wait sleeps until the child ends");
}

int main(void)
{
	statuses();
	stops();
	whom();
	info_fields();
	errors();
	usage();
	blocks();
	return done_testing();
}
