/*
 * fork(2) and vfork(2).
 */
#include "tst.h"

TST(fork01, "fork gives the child's pid to the parent and 0 to the child")
{
	pid_t parent = getpid();
	pid_t pid = tst_fork();

	if (pid == 0) {
		tst_counts->words[0] = getpid();
		EXPECT(getppid() == parent, "the child's parent is the caller");
		_exit(0);
	}
	EXPECT(tst_code(pid) == 0, "the child exited");
	EXPECT(tst_counts->words[0] == pid, "its getpid is fork's value");
}

TST(fork03, "the child computes by itself, in a memory of its own")
{
	static volatile double sum;
	volatile int local = 1;
	pid_t pid;
	int i;

	sum = 1;
	pid = tst_fork();
	if (pid == 0) {
		for (i = 1; i < 100000; i++)
			sum += 0.5;
		local = 2;
		_exit(sum > 50000 && local == 2 ? 0 : 1);
	}
	EXPECT(tst_code(pid) == 0, "the child computed");
	EXPECT(sum == 1 && local == 1, "the parent's variables stay");
}

TST(fork04, "the environment is inherited, and the child's changes stay there")
{
	pid_t pid;

	SAFE(setenv("TST_KEPT", "one", 1));
	unsetenv("TST_NEW");
	pid = tst_fork();
	if (pid == 0) {
		EXPECT(!strcmp(getenv("TST_KEPT"), "one"), "it is inherited");
		setenv("TST_KEPT", "two", 1);
		setenv("TST_NEW", "three", 1);
		_exit(0);
	}
	tst_reap();
	EXPECT(!strcmp(getenv("TST_KEPT"), "one"), "a changed variable");
	EXPECT(!getenv("TST_NEW"), "a new variable");
}

static __thread int thread_word = 4;

TST(fork05, "the thread pointer and segments are the parent's")
{
	unsigned long base;
	unsigned long child_base = 0;
	unsigned short segments[3];
	unsigned short child_segments[3];
	pid_t pid;

	SAFE(syscall(SYS_arch_prctl, 0x1003, &base));
	__asm__("mov %%cs, %0; mov %%ss, %1; mov %%ds, %2"
		: "=r"(segments[0]), "=r"(segments[1]), "=r"(segments[2]));
	thread_word = 9;
	pid = tst_fork();
	if (pid == 0) {
		SAFE(syscall(SYS_arch_prctl, 0x1003, &child_base));
		EXPECT(base == child_base, "the FS base");
		EXPECT(thread_word == 9, "a thread's variable");
		__asm__("mov %%cs, %0; mov %%ss, %1; mov %%ds, %2"
			: "=r"(child_segments[0]), "=r"(child_segments[1]),
			  "=r"(child_segments[2]));
		EXPECT(!memcmp(segments, child_segments, sizeof(segments)),
		       "cs, ss, ds");
		_exit(0);
	}
	tst_reap();
}

TST(fork07, "children read on where others of the file stopped")
{
	char byte;
	int fd;
	int i;

	tst_folder();
	fd = SAFE(open("letters", O_RDWR | O_CREAT, 0600));
	SAFE(write(fd, "abcdefghij", 10));
	SAFE(lseek(fd, 0, SEEK_SET));
	for (i = 0; i < 10; i++) {
		pid_t pid = tst_fork();

		if (pid == 0)
			_exit(read(fd, &byte, 1) != 1 || byte != 'a' + i);
		EXPECT(tst_code(pid) == 0, "child %d read %c", i, 'a' + i);
	}
	EXPECT(read(fd, &byte, 1) == 0, "and all is read");
}

TST(fork08, "a child's close leaves the parent's descriptor open")
{
	char byte = 0;
	pid_t pid;
	int fd;

	tst_folder();
	fd = SAFE(open("file", O_RDWR | O_CREAT, 0600));
	SAFE(write(fd, "xyz", 3));
	SAFE(lseek(fd, 0, SEEK_SET));
	pid = tst_fork();
	if (pid == 0)
		_exit(close(fd));
	EXPECT(tst_code(pid) == 0, "the child closed it");
	EXPECT(read(fd, &byte, 1) == 1 && byte == 'x', "the parent reads");
	pid = tst_fork();
	if (pid == 0) {
		EXPECT(read(fd, &byte, 1) == 1 && byte == 'y',
		       "a second child reads on");
		_exit(0);
	}
	tst_reap();
}

TST(fork09, "a child inherits as many open files as there can be")
{
	struct rlimit limit = {128, 128};
	pid_t pid;
	int last = -1;
	int fd;

	SAFE(setrlimit(RLIMIT_NOFILE, &limit));
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		last = fd;
	EXPECT(errno == EMFILE && last == 127, "all are open, to %d", last);
	pid = tst_fork();
	if (pid == 0) {
		for (fd = 0, last = 0; fd < 128; fd++)
			last += fcntl(fd, F_GETFD) >= 0;
		EXPECT(last == 128, "the child has %d", last);
		EXPECT_ERR(open("/dev/null", O_RDONLY), EMFILE);
		_exit(close(100));
	}
	tst_reap();
	EXPECT(fcntl(100, F_GETFD) >= 0, "the parent's stay");
}

TST(fork10, "the file position is one for parent and child")
{
	pid_t pid;
	int fd;

	tst_folder();
	fd = SAFE(open("file", O_RDWR | O_CREAT, 0600));
	SAFE(write(fd, "0123456789", 10));
	SAFE(lseek(fd, 3, SEEK_SET));
	pid = tst_fork();
	if (pid == 0) {
		EXPECT(lseek(fd, 0, SEEK_CUR) == 3, "the child begins at 3");
		SAFE(lseek(fd, 7, SEEK_SET));
		_exit(0);
	}
	tst_reap();
	EXPECT(lseek(fd, 0, SEEK_CUR) == 7, "the parent goes on at 7");
}

TST(fork11, "a hundred forks in a row")
{
	int good = 0;
	int i;

	for (i = 0; i < 100; i++) {
		pid_t pid = tst_fork();

		if (pid == 0)
			_exit(i & 63);
		good += tst_code(pid) == (i & 63);
	}
	EXPECT(good == 100, "%d children ended well", good);
	EXPECT_ERR(wait(NULL), ECHILD);
}

TST(fork13, "pids go up, and none is used again at once")
{
	pid_t last = 0;
	int steps = 0;
	int i;

	for (i = 0; i < 200; i++) {
		pid_t pid = tst_fork();

		if (pid == 0)
			_exit(0);
		steps += pid > last || last - pid > 1000;
		if (pid == last)
			tst_res(TFAIL, "%d twice in a row", (int)pid);
		last = pid;
		tst_code(pid);
	}
	EXPECT(steps == 200, "%d of 200 pids are greater than the last", steps);
}

TST(fork14, "much address space is no hindrance")
{
	const size_t size = 1UL << 30;
	int count = 0;
	pid_t pid;
	char *at;

	while (count < 64) {
		at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (at == MAP_FAILED)
			break;
		at[size / 2] = (char)++count;
		pid = count % 16 ? -1 : tst_fork();
		if (pid == 0)
			_exit(at[size / 2] != (char)count);
		if (pid > 0)
			EXPECT(tst_code(pid) == 0, "fork with %d GiB", count);
	}
	EXPECT(count == 64, "%d mappings of a GiB", count);
}

TST(vfork01, "a vfork child has the parent's attributes")
{
	struct stat here;
	struct stat there;
	pid_t pids[4] = {getpid(), getpgrp(), getsid(0), 0};
	mode_t mask = umask(027);
	pid_t pid;

	SAFE(stat(".", &here));
	pid = vfork();
	if (pid == 0) {
		pids[3] = getppid();
		EXPECT(pids[3] == pids[0], "the parent");
		EXPECT(getpgrp() == pids[1] && getsid(0) == pids[2],
		       "group and session");
		EXPECT(getuid() == 0 && geteuid() == 0 && getgid() == 0,
		       "user and group IDs");
		EXPECT(!stat(".", &there) && here.st_ino == there.st_ino &&
			       here.st_dev == there.st_dev,
		       "the working directory");
		EXPECT(umask(0) == 027, "the mask of modes");
		_exit(0);
	}
	EXPECT(umask(mask) == 027, "a mask that the child set is its own");
	tst_reap();
}

static volatile int handled;

static void handler(int sig)
{
	handled = sig;
}

TST(vfork02, "a signal pending for the parent is not the child's")
{
	sigset_t usr1;
	sigset_t pending;
	pid_t pid;

	signal(SIGUSR1, handler);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	raise(SIGUSR1);
	pid = vfork();
	if (pid == 0) {
		sigpending(&pending);
		EXPECT(!sigismember(&pending, SIGUSR1), "none in the child");
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	sigpending(&pending);
	EXPECT(sigismember(&pending, SIGUSR1) && !handled,
	       "it is still pending in the parent");
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	EXPECT(handled == SIGUSR1, "and comes when it may");
	tst_reap();
}
