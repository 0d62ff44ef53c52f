/*
 * wait(2), wait4(2), waitpid(2), waitid(2).
 */
#include "tst.h"
#include <limits.h>

static pid_t child_exits(int code)
{
	pid_t pid = tst_fork();

	if (pid == 0)
		_exit(code);
	return pid;
}

static pid_t child_waits(void)
{
	pid_t pid = tst_fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

/* A child in a process group of its own, or in @group. */
static pid_t child_in_group(pid_t group, int code)
{
	pid_t pid = tst_fork();

	if (pid == 0) {
		tst_wait(0);
		_exit(code);
	}
	SAFE(setpgid(pid, group ? group : pid));
	return pid;
}

TST(wait01, "without children: ECHILD")
{
	EXPECT_ERR(wait(NULL), ECHILD);
	EXPECT_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
}

TST(wait02, "wait gives a child's pid and its status")
{
	int status;
	pid_t pid = child_exits(11);

	EXPECT(wait(&status) == pid, "the pid");
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 11, "the status");
	pid = child_exits(0);
	EXPECT(wait(NULL) == pid, "no status is asked for");
}

TST(wait401, "wait4 gives the usage as well")
{
	struct rusage usage;
	int status;
	pid_t pid;

	memset(&usage, 0xff, sizeof(usage));
	pid = child_exits(3);
	EXPECT(syscall(SYS_wait4, pid, &status, 0, &usage) == pid, "the pid");
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 3, "the status");
	EXPECT(usage.ru_utime.tv_sec == 0 && usage.ru_maxrss > 0,
	       "usage: %ld KiB", usage.ru_maxrss);
}

TST(wait402, "wait4 for what is no child: ECHILD")
{
	struct rusage usage;

	EXPECT_ERR(syscall(SYS_wait4, 1, NULL, 0, &usage), ECHILD);
	EXPECT_ERR(syscall(SYS_wait4, getpid(), NULL, 0, &usage), ECHILD);
	EXPECT_ERR(syscall(SYS_wait4, 1 << 21, NULL, 0, &usage), ECHILD);
}

TST(wait403, "wait4 for INT_MIN: ESRCH; unknown options: EINVAL")
{
	EXPECT_ERR(syscall(SYS_wait4, INT_MIN, NULL, 0, NULL), ESRCH);
	EXPECT_ERR(syscall(SYS_wait4, -1, NULL, -1, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_wait4, -1, NULL, WNOWAIT, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_wait4, -1, NULL, WEXITED, NULL), EINVAL);
}

static const int deadly[] = {SIGHUP,	SIGINT,	 SIGQUIT, SIGILL,    SIGTRAP,
			     SIGABRT,	SIGBUS,	 SIGFPE,  SIGKILL,   SIGUSR1,
			     SIGSEGV,	SIGUSR2, SIGPIPE, SIGALRM,   SIGTERM,
			     SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF,
			     SIGIO,	SIGPWR,	 SIGSYS,  34,	     64};
#define DEADLY (int)(sizeof(deadly) / sizeof(deadly[0]))

TST(waitpid01, "each signal that kills is told by WTERMSIG")
{
	struct rlimit none = {0, 0};
	int status;
	pid_t pid;
	int i;

	SAFE(setrlimit(RLIMIT_CORE, &none));
	for (i = 0; i < DEADLY; i++) {
		pid = tst_fork();
		if (pid == 0) {
			kill(getpid(), deadly[i]);
			_exit(1);
		}
		EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
			       WTERMSIG(status) == deadly[i] &&
			       !WCOREDUMP(status),
		       "signal %d: status %#x", deadly[i], status);
	}
}

TST(waitpid02, "a fault's signal is told like one that was sent")
{
	volatile int zero = 0;
	struct rlimit none = {0, 0};
	int status;
	pid_t pid;

	SAFE(setrlimit(RLIMIT_CORE, &none));
	pid = tst_fork();
	if (pid == 0)
		_exit(5 / zero);
	EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		       WTERMSIG(status) == SIGFPE,
	       "a division by zero");
	pid = tst_fork();
	if (pid == 0) {
		*(volatile int *)8 = 1;
		_exit(0);
	}
	EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		       WTERMSIG(status) == SIGSEGV,
	       "a bad address");
}

TST(waitpid03, "many children, each waited for by its pid, last first")
{
	pid_t pids[25];
	int good = 0;
	int status;
	int i;

	for (i = 0; i < 25; i++)
		pids[i] = child_exits(i);
	for (i = 24; i >= 0; i--)
		good += waitpid(pids[i], &status, 0) == pids[i] &&
			WEXITSTATUS(status) == i;
	EXPECT(good == 25, "%d of 25", good);
	EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
}

TST(waitpid04, "waitpid's errors")
{
	pid_t pid;

	EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
	EXPECT_ERR(waitpid(getpid(), NULL, 0), ECHILD);
	EXPECT_ERR(waitpid(1 << 21, NULL, 0), ECHILD);
	EXPECT_ERR(waitpid(-getpgrp(), NULL, 0), ECHILD);
	EXPECT_ERR(waitpid(-1, NULL, 0x00800000), EINVAL);
	EXPECT_ERR(waitpid(INT_MIN, NULL, 0), ESRCH);
	pid = child_exits(0);
	tst_state_wait(pid, 'Z');
	EXPECT_ERR(waitpid(pid, (int *)8, 0), EFAULT);
	EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
}

TST(waitpid05, "a child that is killed by its parent")
{
	int status;
	pid_t pid;
	int i;

	for (i = 0; i < DEADLY; i += 4) {
		pid = child_waits();
		SAFE(kill(pid, deadly[i]));
		EXPECT(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
			       WTERMSIG(status) == deadly[i],
		       "signal %d", deadly[i]);
	}
}

TST(waitpid06, "any child: each is told once")
{
	unsigned int seen = 0;
	int status;
	int i;

	for (i = 0; i < 20; i++)
		child_exits(i);
	for (i = 0; i < 20; i++) {
		SAFE(waitpid(-1, &status, 0));
		seen |= 1U << WEXITSTATUS(status);
	}
	EXPECT(seen == (1U << 20) - 1, "twenty statuses: %#x", seen);
	EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
}

TST(waitpid07, "WNOHANG: 0 while the child runs")
{
	int status = 77;
	pid_t pid = child_waits();

	EXPECT(waitpid(pid, &status, WNOHANG) == 0 && status == 77,
	       "nothing to tell, nothing stored");
	kill(pid, SIGKILL);
	tst_state_wait(pid, 'Z');
	EXPECT(waitpid(pid, &status, WNOHANG) == pid, "then the child");
}

TST(waitpid08, "WUNTRACED: a stopped child is told once")
{
	int status;
	pid_t pid = child_waits();

	kill(pid, SIGSTOP);
	EXPECT(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) &&
		       WSTOPSIG(status) == SIGSTOP,
	       "it is told");
	EXPECT(waitpid(pid, &status, WUNTRACED | WNOHANG) == 0, "only once");
	kill(pid, SIGKILL);
	EXPECT(waitpid(pid, &status, WUNTRACED) == pid && WIFSIGNALED(status),
	       "killed though stopped");
}

TST(waitpid09, "WNOHANG without children: ECHILD")
{
	pid_t pid = child_exits(4);
	int status;

	tst_state_wait(pid, 'Z');
	EXPECT(waitpid(-1, &status, WNOHANG) == pid, "a zombie");
	EXPECT_ERR(waitpid(-1, &status, WNOHANG), ECHILD);
	EXPECT_ERR(waitpid(pid, &status, WNOHANG), ECHILD);
}

TST(waitpid10, "children that wait for children")
{
	pid_t pid = tst_fork();
	int i;
	int sum = 0;

	if (pid == 0) {
		for (i = 0; i < 5; i++)
			sum += tst_code(child_exits(i));
		_exit(sum);
	}
	EXPECT(tst_code(pid) == 10, "grandchildren are their parent's");
	EXPECT_ERR(wait(NULL), ECHILD);
}

TST(waitpid11, "0 and -GROUP choose by process group")
{
	pid_t other = child_in_group(0, 1);
	pid_t second = child_in_group(other, 2);
	pid_t own = child_exits(3);
	int codes = 0;

	tst_wake(0);
	tst_wake(0);
	EXPECT(waitpid(0, NULL, 0) == own, "0: the caller's own group");
	EXPECT_ERR(waitpid(0, NULL, 0), ECHILD);
	while (waitpid(-other, NULL, 0) > 0)
		codes++;
	EXPECT(errno == ECHILD && codes == 2, "-GROUP: %d and %d", (int)other,
	       (int)second);
}

TST(waitpid12, "a stopped child is not told without WUNTRACED")
{
	pid_t pid = child_waits();
	int status;

	kill(pid, SIGSTOP);
	tst_state_wait(pid, 'T');
	EXPECT(waitpid(pid, &status, WNOHANG) == 0, "silent");
	EXPECT(waitpid(pid, &status, WNOHANG | WCONTINUED) == 0, "still");
	EXPECT(waitpid(pid, &status, WNOHANG | WUNTRACED) == pid, "then told");
	kill(pid, SIGKILL);
	tst_code(pid);
}

TST(waitpid13, "WCONTINUED: a child that goes on is told once")
{
	pid_t pid = child_waits();
	int status;

	kill(pid, SIGSTOP);
	SAFE(waitpid(pid, &status, WUNTRACED));
	kill(pid, SIGCONT);
	EXPECT(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status),
	       "it goes on");
	EXPECT(waitpid(pid, &status, WCONTINUED | WNOHANG) == 0, "once");
	kill(pid, SIGKILL);
	tst_code(pid);
}

/* --- waitid -------------------------------------------------------------- */

static int tells(const siginfo_t *info, pid_t pid, int code, int status)
{
	return info->si_signo == SIGCHLD && info->si_pid == pid &&
	       info->si_code == code && info->si_status == status &&
	       info->si_uid == getuid();
}

TST(waitid01, "WEXITED: CLD_EXITED and the code")
{
	siginfo_t info = {0};
	pid_t pid = child_exits(123);

	EXPECT(waitid(P_ALL, 0, &info, WEXITED) == 0, "waitid gives 0");
	EXPECT(tells(&info, pid, CLD_EXITED, 123), "and fills siginfo");
}

TST(waitid02, "no option of what to wait for: EINVAL")
{
	siginfo_t info;

	EXPECT_ERR(waitid(P_ALL, 0, &info, 0), EINVAL);
	EXPECT_ERR(waitid(P_ALL, 0, &info, WNOHANG), EINVAL);
	EXPECT_ERR(waitid(P_ALL, 0, &info, WEXITED | 0x1000), EINVAL);
	EXPECT_ERR(waitid(77, 0, &info, WEXITED), EINVAL);
	EXPECT_ERR(waitid(P_PID, 0, &info, WEXITED), EINVAL);
	EXPECT_ERR(waitid(P_PID, -1, &info, WEXITED), EINVAL);
	EXPECT_ERR(waitid(P_PGID, -1, &info, WEXITED), EINVAL);
}

TST(waitid03, "what is no child: ECHILD")
{
	siginfo_t info;

	EXPECT_ERR(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
	EXPECT_ERR(waitid(P_PID, getpid(), &info, WEXITED), ECHILD);
	EXPECT_ERR(waitid(P_PGID, getpgrp(), &info, WEXITED), ECHILD);
}

TST(waitid04, "WNOHANG: all zero while the child runs")
{
	siginfo_t info;
	pid_t pid = child_waits();

	memset(&info, 0xff, sizeof(info));
	EXPECT(waitid(P_PID, pid, &info, WNOHANG | WEXITED) == 0, "gives 0");
	EXPECT(info.si_pid == 0 && info.si_signo == 0 && info.si_status == 0,
	       "and nothing");
	kill(pid, SIGKILL);
	tst_code(pid);
}

TST(waitid05, "P_PGID: a child of that group")
{
	siginfo_t info = {0};
	pid_t pid = child_in_group(0, 9);

	child_exits(1);
	tst_wake(0);
	EXPECT(waitid(P_PGID, pid, &info, WEXITED) == 0 &&
		       tells(&info, pid, CLD_EXITED, 9),
	       "the other group's");
	EXPECT(waitid(P_PGID, 0, &info, WEXITED) == 0 && info.si_status == 1,
	       "0: the own group's");
	EXPECT_ERR(waitid(P_PGID, pid, &info, WEXITED), ECHILD);
}

TST(waitid06, "P_PID: that child and no other")
{
	siginfo_t info = {0};
	pid_t first = child_exits(1);
	pid_t second = child_exits(2);

	EXPECT(waitid(P_PID, second, &info, WEXITED) == 0 &&
		       tells(&info, second, CLD_EXITED, 2),
	       "the second");
	EXPECT(waitid(P_PID, first, &info, WEXITED) == 0 &&
		       tells(&info, first, CLD_EXITED, 1),
	       "the first");
}

TST(waitid07, "WSTOPPED: CLD_STOPPED and the signal")
{
	siginfo_t info = {0};
	pid_t pid = child_waits();

	kill(pid, SIGTSTP);
	EXPECT(waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT) == 0 &&
		       tells(&info, pid, CLD_STOPPED, SIGTSTP),
	       "WNOWAIT leaves it");
	EXPECT(waitid(P_PID, pid, &info, WSTOPPED) == 0 &&
		       tells(&info, pid, CLD_STOPPED, SIGTSTP),
	       "it is told again");
	EXPECT(waitid(P_PID, pid, &info, WSTOPPED | WNOHANG) == 0 &&
		       info.si_pid == 0,
	       "and then no more");
	kill(pid, SIGKILL);
	tst_code(pid);
}

TST(waitid08, "WCONTINUED: CLD_CONTINUED and SIGCONT")
{
	siginfo_t info = {0};
	pid_t pid = child_waits();

	kill(pid, SIGSTOP);
	SAFE(waitid(P_PID, pid, &info, WSTOPPED));
	kill(pid, SIGCONT);
	EXPECT(waitid(P_PID, pid, &info, WCONTINUED) == 0 &&
		       tells(&info, pid, CLD_CONTINUED, SIGCONT),
	       "it goes on");
	kill(pid, SIGKILL);
	EXPECT(waitid(P_PID, pid, &info, WEXITED) == 0 &&
		       tells(&info, pid, CLD_KILLED, SIGKILL),
	       "and is killed");
}

TST(waitid09, "WNOWAIT leaves a zombie; no siginfo need be given")
{
	pid_t pid = child_exits(6);

	EXPECT(waitid(P_PID, pid, NULL, WEXITED | WNOWAIT) == 0, "it stays");
	EXPECT(tst_stat(pid, 3) == 'Z', "as a zombie");
	EXPECT(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, NULL) == 0,
	       "taken");
	EXPECT_ERR(waitid(P_PID, pid, NULL, WEXITED), ECHILD);
}

TST(waitid10, "a fault without a core file: CLD_KILLED")
{
	struct rlimit none = {0, 0};
	siginfo_t info = {0};
	pid_t pid;

	SAFE(setrlimit(RLIMIT_CORE, &none));
	pid = tst_fork();
	if (pid == 0) {
		*(volatile int *)8 = 1;
		_exit(0);
	}
	EXPECT(waitid(P_PID, pid, &info, WEXITED) == 0 &&
		       tells(&info, pid, CLD_KILLED, SIGSEGV),
	       "the signal is the status");
}

TST(waitid11, "a killed child: CLD_KILLED and the signal")
{
	siginfo_t info = {0};
	struct rusage usage;
	pid_t pid = child_waits();

	memset(&usage, 0xff, sizeof(usage));
	kill(pid, SIGTERM);
	EXPECT(syscall(SYS_waitid, P_PID, pid, &info, WEXITED, &usage) == 0 &&
		       tells(&info, pid, CLD_KILLED, SIGTERM),
	       "the signal is the status");
	EXPECT(usage.ru_maxrss > 0 && usage.ru_utime.tv_sec == 0,
	       "the call itself gives the usage");
}
