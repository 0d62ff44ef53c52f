/*
 * kill(2), tkill(2), tgkill(2).
 */
#include "tst.h"

static char stack[16384] __attribute__((aligned(16)));

static void count_in(int sig, siginfo_t *info, void *context)
{
	(void)context;
	tst_counts->words[0]++;
	tst_counts->words[1] = sig;
	tst_counts->words[2] = info->si_pid;
	tst_counts->words[3] = info->si_code;
	tst_counts->words[4] = (int)info->si_uid;
	tst_counts->words[5] = (int)syscall(SYS_gettid);
}

static void catch_signal(int sig)
{
	struct sigaction action = {.sa_sigaction = count_in,
				   .sa_flags = SA_SIGINFO};

	SAFE(sigaction(sig, &action, NULL));
}

static pid_t child_waits(void)
{
	pid_t pid = tst_fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	tst_code(pid);
}

static pid_t gone(void)
{
	pid_t pid = tst_fork();

	if (pid == 0)
		_exit(0);
	tst_code(pid);
	return pid;
}

TST(kill02, "pid 0: all of the caller's group and nobody else")
{
	pid_t same;
	pid_t other;

	signal(SIGUSR1, SIG_IGN);
	same = tst_fork();
	if (same == 0) {
		signal(SIGUSR1, SIG_DFL);
		tst_wake(0);
		for (;;)
			pause();
	}
	other = tst_fork();
	if (other == 0) {
		setpgid(0, 0);
		signal(SIGUSR1, SIG_DFL);
		tst_wake(0);
		for (;;)
			pause();
	}
	tst_wait(0);
	tst_wait(0);
	EXPECT(kill(0, SIGUSR1) == 0, "kill(0)");
	EXPECT(tst_code(same) == 128 + SIGUSR1, "the same group");
	EXPECT(waitpid(other, NULL, WNOHANG) == 0, "another group");
	end(other);
}

TST(kill03, "numbers that are no signals: EINVAL")
{
	EXPECT_ERR(kill(getpid(), -1), EINVAL);
	EXPECT_ERR(kill(getpid(), 65), EINVAL);
	EXPECT_ERR(kill(getpid(), 2000), EINVAL);
	EXPECT(kill(getpid(), 0) == 0, "0 asks only");
}

TST(kill04, "a process that is gone: ESRCH")
{
	EXPECT_ERR(kill(gone(), SIGKILL), ESRCH);
	EXPECT_ERR(kill(gone(), 0), ESRCH);
	EXPECT_ERR(kill(-(1 << 21), SIGKILL), ESRCH);
	EXPECT_ERR(kill(-2147483647 - 1, SIGKILL), ESRCH);
}

TST(kill05, "another user's process: EPERM")
{
	pid_t pid = child_waits();

	if (tst_fork() == 0) {
		tst_become();
		EXPECT_ERR(kill(pid, SIGKILL), EPERM);
		EXPECT_ERR(kill(pid, 0), EPERM);
		EXPECT_ERR(kill(1, SIGTERM), EPERM);
		EXPECT(kill(getpid(), 0) == 0, "its own");
		_exit(0);
	}
	SAFE(wait(NULL));
	EXPECT(kill(pid, 0) == 0, "it lives");
	end(pid);
}

TST(kill06, "a negative pid: that process group")
{
	pid_t pids[3];
	int good = 0;
	int i;

	for (i = 0; i < 3; i++) {
		pids[i] = child_waits();
		SAFE(setpgid(pids[i], pids[0]));
	}
	EXPECT(kill(-pids[0], SIGTERM) == 0, "kill(-group)");
	for (i = 0; i < 3; i++)
		good += tst_code(pids[i]) == 128 + SIGTERM;
	EXPECT(good == 3, "%d of 3 ended", good);
	EXPECT_ERR(kill(-pids[0], SIGTERM), ESRCH);
}

TST(kill07, "SIGKILL can be neither caught nor blocked nor ignored")
{
	sigset_t all;
	pid_t pid;

	EXPECT_ERR(sigaction(SIGKILL,
			     &(struct sigaction){.sa_handler = SIG_IGN}, NULL),
		   EINVAL);
	EXPECT_ERR(sigaction(SIGSTOP,
			     &(struct sigaction){.sa_handler = SIG_IGN}, NULL),
		   EINVAL);
	pid = tst_fork();
	if (pid == 0) {
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		tst_wake(0);
		for (;;)
			pause();
	}
	tst_wait(0);
	kill(pid, SIGKILL);
	EXPECT(tst_code(pid) == 128 + SIGKILL, "all blocked: it is killed");
}

TST(kill08, "a group's signal is the sender's too")
{
	pid_t pid = tst_fork();

	if (pid == 0) {
		setpgid(0, 0);
		catch_signal(SIGUSR1);
		kill(0, SIGUSR1);
		_exit(tst_counts->words[0]);
	}
	EXPECT(tst_code(pid) == 1, "once, before kill returned");
	EXPECT(tst_counts->words[2] == pid && tst_counts->words[3] == SI_USER,
	       "from itself, SI_USER");
}

TST(kill09, "kill gives 0 and the child is gone")
{
	pid_t pid = child_waits();

	EXPECT(kill(pid, SIGKILL) == 0, "kill");
	EXPECT(tst_code(pid) == 128 + SIGKILL, "killed");
	EXPECT_ERR(kill(pid, 0), ESRCH);
	pid = tst_fork();
	if (pid == 0)
		_exit(0);
	tst_state_wait(pid, 'Z');
	EXPECT(kill(pid, SIGKILL) == 0, "a zombie is a process still");
	EXPECT(tst_code(pid) == 0, "and ended as it did");
}

TST(kill10, "fifty children are signalled, fifty handlers run")
{
	int good = 0;
	pid_t pids[50];
	int i;

	for (i = 0; i < 50; i++) {
		pids[i] = tst_fork();
		if (pids[i] == 0) {
			sigset_t set;

			sigemptyset(&set);
			sigaddset(&set, SIGUSR2);
			sigprocmask(SIG_BLOCK, &set, NULL);
			tst_wake(0);
			_exit(sigwaitinfo(&set, NULL) != SIGUSR2);
		}
	}
	for (i = 0; i < 50; i++)
		tst_wait(0);
	for (i = 0; i < 50; i++)
		SAFE(kill(pids[i], SIGUSR2));
	for (i = 0; i < 50; i++)
		good += tst_code(pids[i]) == 0;
	EXPECT(good == 50, "%d", good);
}

TST(kill11, "the signal a child dies of, and whether it dumps")
{
	static const int quiet[] = {SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGALRM};
	struct rlimit none = {0, 0};
	int status;
	pid_t pid;
	int i;

	SAFE(setrlimit(RLIMIT_CORE, &none));
	for (i = 0; i < 5; i++) {
		pid = child_waits();
		kill(pid, quiet[i]);
		SAFE(waitpid(pid, &status, 0));
		EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == quiet[i] &&
			       !WCOREDUMP(status),
		       "signal %d: %#x", quiet[i], status);
	}
	pid = child_waits();
	kill(pid, SIGCHLD);
	kill(pid, SIGWINCH);
	kill(pid, SIGURG);
	tst_sleep_ms(20);
	EXPECT(waitpid(pid, &status, WNOHANG) == 0, "three that do nothing");
	end(pid);
}

TST(kill12, "an ignored signal, then not ignored")
{
	pid_t pid = tst_fork();

	if (pid == 0) {
		signal(SIGTERM, SIG_IGN);
		tst_wake(0);
		tst_wait(1);
		signal(SIGTERM, SIG_DFL);
		tst_wake(0);
		for (;;)
			pause();
	}
	tst_wait(0);
	kill(pid, SIGTERM);
	tst_wake(1);
	tst_wait(0);
	EXPECT(waitpid(pid, NULL, WNOHANG) == 0, "it is not kept for later");
	kill(pid, SIGTERM);
	EXPECT(tst_code(pid) == 128 + SIGTERM, "a later one ends it");
}

TST(kill13, "-1: all that the caller may signal, but itself and init")
{
	pid_t pid = tst_fork();
	pid_t other;

	if (pid == 0) {
		tst_become();
		other = child_waits();
		catch_signal(SIGTERM);
		EXPECT(kill(-1, SIGTERM) == 0, "kill(-1)");
		EXPECT(tst_code(other) == 128 + SIGTERM, "its child");
		EXPECT(tst_counts->words[0] == 0, "not itself");
		EXPECT(kill(-1, SIGTERM) == 0,
		       "0 though it may signal nobody: others there are");
		_exit(0);
	}
	EXPECT(tst_code(pid) == 0, "and not its parent, root's");
}

static volatile int thread_tid;

static int thread_waits(void *arg)
{
	(void)arg;
	thread_tid = (int)syscall(SYS_gettid);
	tst_wake(0);
	for (;;)
		pause();
	return 0;
}

/* A second thread that pauses; its tid. */
static int start_thread(void)
{
	int tid = (int)SAFE(clone(thread_waits, stack + sizeof(stack),
				  CLONE_VM | CLONE_SIGHAND | CLONE_THREAD |
					  CLONE_FILES | CLONE_FS,
				  NULL));

	tst_wait(0);
	return tid;
}

TST(tkill01, "tkill: to that thread, SI_TKILL")
{
	int tid = start_thread();
	int i;

	catch_signal(SIGUSR1);
	EXPECT(syscall(SYS_tkill, tid, SIGUSR1) == 0, "tkill");
	for (i = 0; i < 5000 && !tst_counts->words[5]; i++)
		tst_sleep_ms(1);
	EXPECT(tst_counts->words[5] == tid, "in the thread %d", tid);
	EXPECT(tst_counts->words[3] == SI_TKILL &&
		       tst_counts->words[2] == getpid(),
	       "SI_TKILL, the sender's pid");
}

TST(tkill02, "tkill: bad threads and signals")
{
	EXPECT_ERR(syscall(SYS_tkill, -1, SIGTERM), EINVAL);
	EXPECT_ERR(syscall(SYS_tkill, 0, SIGTERM), EINVAL);
	EXPECT_ERR(syscall(SYS_tkill, gone(), SIGTERM), ESRCH);
	EXPECT_ERR(syscall(SYS_tkill, getpid(), 65), EINVAL);
}

TST(tgkill01, "tgkill: one thread of one process")
{
	int tid = start_thread();
	int i;

	catch_signal(SIGUSR1);
	EXPECT(syscall(SYS_tgkill, getpid(), tid, SIGUSR1) == 0, "tgkill");
	for (i = 0; i < 5000 && !tst_counts->words[5]; i++)
		tst_sleep_ms(1);
	EXPECT(tst_counts->words[5] == tid, "in the thread");
	EXPECT(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1) == 0 &&
		       tst_counts->words[5] == getpid(),
	       "in the caller, before it returns");
}

TST(tgkill02, "tgkill by the thread's id alone does not do")
{
	int tid = start_thread();

	EXPECT_ERR(syscall(SYS_tgkill, tid, tid, 0), ESRCH);
	EXPECT_ERR(syscall(SYS_tgkill, getppid(), tid, 0), ESRCH);
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), getppid(), 0), ESRCH);
}

TST(tgkill03, "tgkill: bad ids and signals")
{
	EXPECT_ERR(syscall(SYS_tgkill, -1, getpid(), 0), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), -1, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, 0, getpid(), 0), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), 0, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), getpid(), -1), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), getpid(), 65), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), gone(), 0), ESRCH);
	EXPECT(syscall(SYS_tgkill, getpid(), getpid(), 0) == 0, "0 asks only");
}
