/*
 * prctl(2).
 */
#include "tst.h"

TST(prctl01, "PR_SET_PDEATHSIG and PR_GET_PDEATHSIG")
{
	int sig = -1;
	pid_t pid;

	EXPECT(prctl(PR_SET_PDEATHSIG, SIGUSR2) == 0, "it is set");
	EXPECT(prctl(PR_GET_PDEATHSIG, &sig) == 0 && sig == SIGUSR2,
	       "and read");
	pid = tst_fork();
	if (pid == 0) {
		EXPECT(prctl(PR_GET_PDEATHSIG, &sig) == 0 && sig == 0,
		       "a child has none");
		_exit(0);
	}
	tst_reap();
	EXPECT(prctl(PR_SET_PDEATHSIG, 0) == 0, "0 takes it away");
}

TST(prctl02, "what prctl refuses")
{
	EXPECT_ERR(prctl(99999, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_PDEATHSIG, 65), EINVAL);
	EXPECT_ERR(prctl(PR_GET_PDEATHSIG, 8), EFAULT);
	EXPECT_ERR(prctl(PR_SET_DUMPABLE, 2), EINVAL);
	EXPECT_ERR(prctl(PR_SET_NAME, 8), EFAULT);
	EXPECT_ERR(prctl(PR_SET_TIMING, 1), EINVAL);
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_CAPBSET_READ, 64), EINVAL);
	EXPECT_ERR(prctl(PR_CAPBSET_DROP, 64), EINVAL);
	EXPECT_ERR(prctl(PR_SET_KEEPCAPS, 2), EINVAL);
	EXPECT_ERR(prctl(PR_SET_SECUREBITS, 1 << 20), EPERM);
}

/* A child whose child outlives it; the orphan's parent goes to word 0. */
static pid_t leave_orphan(void)
{
	pid_t pid = tst_fork();

	if (pid == 0) {
		pid_t parent = getpid();

		if (tst_fork() == 0) {
			while (getppid() == parent)
				tst_sleep_ms(1);
			tst_counts->words[0] = getppid();
			tst_counts->words[1] = getpid();
			_exit(3);
		}
		_exit(0);
	}
	return pid;
}

TST(prctl03, "PR_SET_CHILD_SUBREAPER: orphans come to the nearest subreaper")
{
	int on = -1;
	int status;
	pid_t pid;

	EXPECT(prctl(PR_GET_CHILD_SUBREAPER, &on) == 0 && on == 0, "not yet");
	EXPECT(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "it is set");
	EXPECT(prctl(PR_GET_CHILD_SUBREAPER, &on) == 0 && on == 1, "and read");
	pid = tst_fork();
	if (pid == 0) {
		EXPECT(prctl(PR_GET_CHILD_SUBREAPER, &on) == 0 && on == 0,
		       "a child is none");
		_exit(0);
	}
	tst_reap();
	pid = leave_orphan();
	SAFE(waitpid(pid, NULL, 0));
	pid = wait(&status);
	EXPECT(pid == tst_counts->words[1] && tst_counts->words[0] == getpid(),
	       "the orphan's parent is the subreaper");
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 3,
	       "which waits for it");
	EXPECT_ERR(prctl(PR_GET_CHILD_SUBREAPER, 8), EFAULT);
	EXPECT(prctl(PR_SET_CHILD_SUBREAPER, 0) == 0 &&
		       prctl(PR_GET_CHILD_SUBREAPER, &on) == 0 && on == 0,
	       "it is taken away");
	pid = leave_orphan();
	SAFE(waitpid(pid, NULL, 0));
	EXPECT_ERR(wait(&status), ECHILD);
	while (!tst_counts->words[0] || tst_counts->words[0] == getpid())
		tst_sleep_ms(1);
	EXPECT(tst_counts->words[0] == 1, "then orphans are init's");
}

TST(prctl04, "PR_SET_SECCOMP: strict mode")
{
	pid_t pid;

	if (prctl(PR_GET_SECCOMP) < 0 && errno == EINVAL)
		tst_brk(TCONF, "no seccomp in this kernel");
	EXPECT(prctl(PR_GET_SECCOMP) == 0, "off");
	pid = tst_fork();
	if (pid == 0) {
		SAFE(prctl(PR_SET_SECCOMP, 1));
		syscall(SYS_exit, write(1, "", 0));
	}
	EXPECT(tst_code(pid) == 0, "write and exit are allowed");
	pid = tst_fork();
	if (pid == 0) {
		SAFE(prctl(PR_SET_SECCOMP, 1));
		syscall(SYS_getpid);
		syscall(SYS_exit, 0);
	}
	EXPECT(tst_code(pid) == 128 + SIGKILL, "another call kills");
}

TST(prctl05, "PR_SET_NAME and PR_GET_NAME: 15 bytes")
{
	char name[32];
	char text[32] = "";
	int fd;

	EXPECT(prctl(PR_SET_NAME, "short") == 0, "a short name");
	EXPECT(prctl(PR_GET_NAME, name) == 0 && !strcmp(name, "short"), "read");
	EXPECT(prctl(PR_SET_NAME, "a name of twenty-one b") == 0, "a long one");
	EXPECT(prctl(PR_GET_NAME, name) == 0 &&
		       !strcmp(name, "a name of twent"),
	       "is cut: %s", name);
	fd = SAFE(open("/proc/self/comm", O_RDONLY));
	EXPECT(read(fd, text, sizeof(text)) == 16 &&
		       !strcmp(text, "a name of twent\n"),
	       "/proc/self/comm");
	close(fd);
}

TST(prctl06, "PR_SET_NO_NEW_PRIVS: set for good, and inherited")
{
	pid_t pid = tst_fork();

	if (pid == 0) {
		EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0, "not yet");
		EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "set");
		EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "read");
		if (tst_fork() == 0) {
			EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
			       "a child has it");
			/* BusyBox is set-user-ID in the root image. */
			tst_become();
			execl("/bin/busybox", "su", "-c", "true", NULL);
			_exit(9);
		}
		SAFE(wait(NULL));
		_exit(0);
	}
	EXPECT(tst_code(pid) == 0, "the caller");
	EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0,
	       "its parent has it not");
}

TST(prctl07, "the bounding and ambient sets of capabilities")
{
	pid_t pid = tst_fork();

	if (pid == 0) {
		EXPECT(prctl(PR_CAPBSET_READ, 0) == 1, "CAP_CHOWN is bounded");
		EXPECT(prctl(PR_CAPBSET_DROP, 0) == 0, "until it is dropped");
		EXPECT(prctl(PR_CAPBSET_READ, 0) == 0, "for good");
		EXPECT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1, 0, 0) ==
			       0,
		       "nothing is ambient");
		EXPECT_ERR(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 1, 0, 0),
			   EPERM);
		EXPECT_ERR(prctl(PR_CAP_AMBIENT, 9, 1, 0, 0), EINVAL);
		EXPECT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0,
			     0) == 0,
		       "CLEAR_ALL");
		tst_become();
		EXPECT_ERR(prctl(PR_CAPBSET_DROP, 1), EPERM);
		_exit(0);
	}
	tst_reap();
}

TST(prctl08, "PR_SET_TIMERSLACK and PR_GET_TIMERSLACK")
{
	int slack = prctl(PR_GET_TIMERSLACK);
	pid_t pid;

	EXPECT(slack == 50000, "50 microseconds: %d", slack);
	EXPECT(prctl(PR_SET_TIMERSLACK, 123456) == 0, "set");
	EXPECT(prctl(PR_GET_TIMERSLACK) == 123456, "read");
	pid = tst_fork();
	if (pid == 0) {
		EXPECT(prctl(PR_GET_TIMERSLACK) == 123456, "inherited");
		prctl(PR_SET_TIMERSLACK, 1);
		prctl(PR_SET_TIMERSLACK, 0);
		EXPECT(prctl(PR_GET_TIMERSLACK) == 123456,
		       "0: the default, which is what the parent had");
		_exit(0);
	}
	tst_reap();
	EXPECT(prctl(PR_SET_TIMERSLACK, 0) == 0 &&
		       prctl(PR_GET_TIMERSLACK) == slack,
	       "0: back to the default");
}
