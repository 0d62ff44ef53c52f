/*
 * The ids of threads, processes, groups and sessions; leaving namespaces.
 */
#include "tst.h"

static char stack[16384] __attribute__((aligned(16)));

/* A child that lives until it is killed. */
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

TST(gettid01, "the first thread's tid is the pid")
{
	EXPECT(syscall(SYS_gettid) == getpid(), "here");
	if (tst_fork() == 0) {
		EXPECT(syscall(SYS_gettid) == syscall(SYS_getpid),
		       "and in a child");
		_exit(0);
	}
	tst_reap();
}

static int thread_tells(void *arg)
{
	(void)arg;
	tst_counts->words[0] = (int)syscall(SYS_gettid);
	tst_counts->words[1] = (int)syscall(SYS_getpid);
	tst_wake(0);
	syscall(SYS_exit, 0);
	return 0;
}

TST(gettid02, "another thread has another tid and the same pid")
{
	int tid =
		(int)SAFE(clone(thread_tells, stack + sizeof(stack),
				CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, NULL));

	tst_wait(0);
	EXPECT(tst_counts->words[0] == tid, "its gettid is clone's value");
	EXPECT(tid != getpid() && tst_counts->words[1] == getpid(), "one pid");
}

TST(getpid01, "pids of a hundred children: positive, below pid_max")
{
	char text[32] = "";
	int fd = SAFE(open("/proc/sys/kernel/pid_max", O_RDONLY));
	int good = 0;
	int i;

	SAFE(read(fd, text, sizeof(text) - 1));
	for (i = 0; i < 100; i++) {
		pid_t pid = tst_fork();

		if (pid == 0)
			_exit(getpid() <= 1);
		good += pid > 1 && pid < atoi(text) && tst_code(pid) == 0;
	}
	EXPECT(good == 100, "%d of them", good);
}

TST(getpid02, "fork's value is the child's getpid, its getppid the caller's")
{
	pid_t self = getpid();
	pid_t pid = tst_fork();

	if (pid == 0) {
		EXPECT(getppid() == self, "getppid");
		tst_counts->words[0] = getpid();
		_exit(0);
	}
	tst_reap();
	EXPECT(tst_counts->words[0] == pid, "getpid");
}

TST(getppid01, "a parent has a pid, and it is in /proc")
{
	EXPECT(getppid() > 1, "the test program's");
	EXPECT(tst_stat(getpid(), 4) == getppid(), "/proc says the same");
}

TST(getppid02, "the child's getppid is the parent's getpid")
{
	pid_t self = getpid();

	if (tst_fork() == 0) {
		EXPECT(getppid() == self, "as it should");
		_exit(0);
	}
	tst_reap();
}

TST(getpgid01, "groups of the caller, a child, init")
{
	pid_t pid = child_waits();

	EXPECT(getpgid(0) == getpgrp(), "0 is the caller");
	EXPECT(getpgid(getpid()) == getpgrp(), "its pid too");
	EXPECT(getpgid(pid) == getpgrp(), "a child is of the same");
	EXPECT(getpgid(1) == 1 || getpgid(1) == 0, "init's");
	SAFE(setpgid(pid, pid));
	EXPECT(getpgid(pid) == pid, "or of another");
	end(pid);
}

TST(getpgid02, "no such process: ESRCH")
{
	EXPECT_ERR(getpgid(-99), ESRCH);
	EXPECT_ERR(getpgid(gone()), ESRCH);
}

TST(getpgrp01, "getpgrp is getpgid of oneself")
{
	EXPECT(getpgrp() == getpgid(0), "in the parent");
	if (tst_fork() == 0) {
		EXPECT(getpgrp() == getpgid(getppid()), "in a child");
		SAFE(setpgid(0, 0));
		EXPECT(getpgrp() == getpid(), "in a group of its own");
		_exit(0);
	}
	tst_reap();
}

TST(getsid01, "a child is of the parent's session, until it leads one")
{
	pid_t session = getsid(0);

	EXPECT(session > 0 && tst_stat(getpid(), 6) == session, "/proc");
	if (tst_fork() == 0) {
		EXPECT(getsid(0) == session, "inherited");
		EXPECT(setsid() == getpid() && getsid(0) == getpid(), "own");
		EXPECT(getsid(getppid()) == session, "the parent's stays");
		_exit(0);
	}
	tst_reap();
}

TST(getsid02, "no such process: ESRCH")
{
	EXPECT_ERR(getsid(-99), ESRCH);
	EXPECT_ERR(getsid(gone()), ESRCH);
}

TST(setpgid01, "to the own group, and back to the parent's")
{
	pid_t group = getpgrp();

	EXPECT(setpgid(0, 0) == 0, "a leader is where it is");
	EXPECT(setpgid(getpid(), group) == 0, "once more by number");
	if (tst_fork() == 0) {
		EXPECT(setpgid(0, 0) == 0 && getpgrp() == getpid(),
		       "a new one");
		EXPECT(setpgid(0, group) == 0 && getpgrp() == group, "back");
		_exit(0);
	}
	tst_reap();
}

TST(setpgid02, "what setpgid refuses")
{
	EXPECT_ERR(setpgid(getpid(), -1), EINVAL);
	EXPECT_ERR(setpgid(-1, getpgrp()), ESRCH);
	EXPECT_ERR(setpgid(gone(), getpgrp()), ESRCH);
	EXPECT_ERR(setpgid(getppid(), getpgrp()), ESRCH);
	EXPECT_ERR(setpgid(0, 1 << 21), EPERM);
	EXPECT_ERR(setpgid(0, 1), EPERM);
}

TST(setpgid03, "a session's leader, another session, a child after exec")
{
	pid_t pid = tst_fork();

	if (pid == 0) {
		SAFE(setsid());
		EXPECT_ERR(setpgid(0, 0), EPERM);
		tst_wake(0);
		for (;;)
			pause();
	}
	tst_wait(0);
	EXPECT_ERR(setpgid(pid, getpgrp()), EPERM);
	end(pid);
	pid = tst_fork();
	if (pid == 0) {
		execl("/bin/sleep", "sleep", "20", NULL);
		_exit(1);
	}
	while (tst_stat(pid, 3) != 'S')
		tst_sleep_ms(1);
	tst_sleep_ms(5);
	EXPECT_ERR(setpgid(pid, pid), EACCES);
	end(pid);
}

TST(setsid01, "setsid: a new session, a new group, no terminal")
{
	if (tst_fork() == 0) {
		EXPECT(setsid() == getpid(), "its number is the pid");
		EXPECT(getsid(0) == getpid() && getpgrp() == getpid(), "both");
		EXPECT_ERR(open("/dev/tty", O_RDONLY), ENXIO);
		EXPECT(tst_stat(getpid(), 7) == 0, "/proc: no terminal");
		EXPECT_ERR(setsid(), EPERM);
		_exit(0);
	}
	tst_reap();
	EXPECT_ERR(setsid(), EPERM);
}

TST(set_tid_address01, "set_tid_address gives the tid and says what to clear")
{
	static int *asked;

	EXPECT(syscall(SYS_set_tid_address, &tst_counts->words[0]) == getpid(),
	       "the tid");
	EXPECT(prctl(PR_GET_TID_ADDRESS, &asked) == 0 &&
		       asked == &tst_counts->words[0],
	       "PR_GET_TID_ADDRESS");
	if (clone(thread_tells, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		  NULL) > 0)
		tst_reap();
	if (tst_fork() == 0) {
		EXPECT(prctl(PR_GET_TID_ADDRESS, &asked) == 0 && !asked,
		       "a child has none");
		_exit(0);
	}
	tst_reap();
}

TST(unshare01, "unshare of files, folder and nothing")
{
	char cwd[64];
	pid_t pid;

	EXPECT(unshare(0) == 0, "nothing");
	EXPECT(unshare(CLONE_FILES) == 0, "CLONE_FILES");
	EXPECT(unshare(CLONE_FS) == 0, "CLONE_FS");
	EXPECT(unshare(CLONE_SYSVSEM) == 0, "CLONE_SYSVSEM");
	EXPECT(unshare(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD) == 0,
	       "one thread has its own memory and handlers");
	EXPECT_ERR(unshare(SIGCHLD), EINVAL);
	EXPECT_ERR(unshare(CLONE_VFORK), EINVAL);
	SAFE(chdir("/"));
	pid = (pid_t)syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		SAFE(unshare(CLONE_FS));
		_exit(chdir("/proc"));
	}
	tst_reap();
	EXPECT(getcwd(cwd, sizeof(cwd)) && !strcmp(cwd, "/"),
	       "a child that left the shared folder");
}

TST(unshare02, "unshare of namespaces")
{
	char name[65] = "";
	pid_t pid = tst_fork();

	if (pid == 0) {
		if (unshare(CLONE_NEWUTS))
			_exit(errno);
		EXPECT(sethostname("elsewhere", 9) == 0, "a name there");
		_exit(0);
	}
	if (tst_code(pid) == EINVAL)
		tst_brk(TCONF, "no namespaces in this kernel");
	EXPECT(gethostname(name, 64) == 0 && strcmp(name, "elsewhere"),
	       "the name here stays: %s", name);
}

TST(setns01, "setns: what is no namespace")
{
	EXPECT_ERR(syscall(SYS_setns, -1, 0), EBADF);
	EXPECT_ERR(syscall(SYS_setns, TST_FD, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_setns, SAFE(open("/", O_RDONLY)), CLONE_NEWNS),
		   EINVAL);
}
