/*
 * getrlimit(2), setrlimit(2), prlimit(2).
 */
#include "tst.h"

#define KINDS RLIM_NLIMITS

TST(getrlimit01, "each limit can be read, and the soft is below the hard")
{
	struct rlimit limit;
	int kind;

	for (kind = 0; kind < KINDS; kind++)
		EXPECT(getrlimit(kind, &limit) == 0 &&
			       limit.rlim_cur <= limit.rlim_max,
		       "limit %d", kind);
}

TST(getrlimit02, "a bad address and bad limits")
{
	struct rlimit limit;

	EXPECT_ERR(syscall(SYS_getrlimit, RLIMIT_NOFILE, 8), EFAULT);
	EXPECT_ERR(syscall(SYS_getrlimit, KINDS, &limit), EINVAL);
	EXPECT_ERR(syscall(SYS_getrlimit, -1, &limit), EINVAL);
}

TST(getrlimit03, "getrlimit and prlimit64 say the same")
{
	unsigned long one[2];
	unsigned long two[2];
	int kind;

	for (kind = 0; kind < KINDS; kind++) {
		SAFE(syscall(SYS_getrlimit, kind, one));
		SAFE(syscall(SYS_prlimit64, 0, kind, NULL, two));
		EXPECT(!memcmp(one, two, sizeof(one)), "limit %d: %lu %lu",
		       kind, one[0], one[1]);
	}
}

/* In children: what they write results to must not be bounded. */
static int write_bounded(void (*handler)(int))
{
	struct rlimit size = {10, 10};
	int fd = SAFE(open("file", O_WRONLY | O_CREAT | O_TRUNC, 0666));
	pid_t pid = tst_fork();

	if (pid == 0) {
		SAFE(setrlimit(RLIMIT_FSIZE, &size));
		signal(SIGXFSZ, handler);
		if (write(fd, "twenty bytes of text", 20) != 10)
			_exit(1);
		_exit(write(fd, "x", 1) == -1 && errno == EFBIG ? 2 : 3);
	}
	close(fd);
	return tst_code(pid);
}

TST(setrlimit01, "limits of files, file size and processes do bound")
{
	struct rlimit files = {50, 50};
	struct rlimit tasks = {1, 1};
	pid_t pid;
	int fd;

	tst_folder();
	EXPECT(write_bounded(SIG_IGN) == 2, "ten bytes fit, then EFBIG");
	EXPECT(write_bounded(SIG_DFL) == 128 + SIGXFSZ, "or SIGXFSZ kills");
	EXPECT(setrlimit(RLIMIT_NOFILE, &files) == 0, "fifty files");
	while ((fd = open("/dev/null", O_RDONLY)) >= 0 && fd < 50)
		;
	EXPECT(fd == -1 && errno == EMFILE, "no fifty-first");
	pid = tst_fork();
	if (pid == 0) {
		tst_become();
		SAFE(setrlimit(RLIMIT_NPROC, &tasks));
		EXPECT_ERR(fork(), EAGAIN);
		_exit(0);
	}
	tst_reap();
}

TST(setrlimit02, "without privilege a hard limit goes down only")
{
	struct rlimit limit;
	pid_t pid = tst_fork();

	if (pid == 0) {
		tst_become();
		SAFE(getrlimit(RLIMIT_NOFILE, &limit));
		limit.rlim_max++;
		EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
		limit.rlim_max -= 2;
		limit.rlim_cur = limit.rlim_max;
		EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0, "down");
		limit.rlim_max++;
		EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
		limit.rlim_max--;
		limit.rlim_cur = 20;
		EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0, "the soft down");
		limit.rlim_cur = limit.rlim_max;
		EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0, "and up");
		_exit(0);
	}
	tst_reap();
}

TST(setrlimit03, "no more files than fs.nr_open; no soft above the hard")
{
	struct rlimit limit = {0, 0};
	char text[32] = "";
	int fd = SAFE(open("/proc/sys/fs/nr_open", O_RDONLY));

	SAFE(read(fd, text, sizeof(text) - 1));
	close(fd);
	SAFE(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_max = strtoul(text, NULL, 10) + 1;
	EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
	limit.rlim_max--;
	EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0, "as many as nr_open");
	limit.rlim_cur = limit.rlim_max + 1;
	EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
	EXPECT_ERR(setrlimit(KINDS, &limit), EINVAL);
}

TST(setrlimit04, "a program starts under any limit of its stack that holds it")
{
	struct rlimit limit = {512 * 1024, RLIM_INFINITY};
	pid_t pid = tst_fork();

	if (pid == 0) {
		SAFE(setrlimit(RLIMIT_STACK, &limit));
		execl("/bin/true", "true", NULL);
		_exit(9);
	}
	EXPECT(tst_code(pid) == 0, "half a MiB");
	limit.rlim_cur = RLIM_INFINITY;
	pid = tst_fork();
	if (pid == 0) {
		SAFE(setrlimit(RLIMIT_STACK, &limit));
		execl("/bin/true", "true", NULL);
		_exit(9);
	}
	EXPECT(tst_code(pid) == 0, "without bound");
}

TST(setrlimit05, "a bad address")
{
	EXPECT_ERR(syscall(SYS_setrlimit, RLIMIT_NOFILE, 8), EFAULT);
	EXPECT_ERR(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, 8, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, 8), EFAULT);
}

static void count_xcpu(int sig)
{
	(void)sig;
	tst_counts->words[0]++;
}

TST(setrlimit06, "RLIMIT_CPU: SIGXCPU at the soft limit, SIGKILL at the hard")
{
	struct rlimit limit = {1, 2};
	struct rusage usage;
	long used_ms;
	int status;
	pid_t pid = tst_fork();

	if (pid == 0) {
		signal(SIGXCPU, count_xcpu);
		SAFE(setrlimit(RLIMIT_CPU, &limit));
		for (;;)
			;
	}
	SAFE(wait4(pid, &status, 0, &usage));
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	       "killed: %#x", status);
	EXPECT(tst_counts->words[0] == 1, "after one SIGXCPU: %d",
	       tst_counts->words[0]);
	used_ms = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
		  (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
	EXPECT(used_ms >= 1900, "not before two seconds: %ld ms", used_ms);
}

TST(prlimit01, "prlimit64 of another process, and who may")
{
	struct rlimit limit = {33, 44};
	struct rlimit old = {0, 0};
	pid_t pid = tst_fork();

	if (pid == 0) {
		tst_wait(0);
		SAFE(getrlimit(RLIMIT_NOFILE, &old));
		_exit(old.rlim_cur == 33 && old.rlim_max == 44 ? 0 : 1);
	}
	EXPECT(syscall(SYS_prlimit64, pid, RLIMIT_NOFILE, &limit, &old) == 0 &&
		       old.rlim_max >= 44,
	       "a child's limit is set, the old one given");
	tst_wake(0);
	EXPECT(tst_code(pid) == 0, "the child has it");
	EXPECT_ERR(syscall(SYS_prlimit64, pid, RLIMIT_NOFILE, NULL, &old),
		   ESRCH);
	EXPECT_ERR(syscall(SYS_prlimit64, 0, KINDS, NULL, &old), EINVAL);
	pid = tst_fork();
	if (pid == 0) {
		tst_become();
		EXPECT_ERR(syscall(SYS_prlimit64, 1, RLIMIT_NOFILE, NULL, &old),
			   EPERM);
		_exit(0);
	}
	tst_reap();
}
