/*
 * execve(2) and execveat(2).  The programs that the tests become are this one
 * under the name of a helper.
 */
#include "tst.h"

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

static char *const no_words[] = {NULL};

static int run_at(int dfd, const char *path, char *const argv[], int flags)
{
	return (int)syscall(SYS_execveat, dfd, path, argv, environ, flags);
}

HELPER(exec_reports)
{
	char text[512] = "";
	char *value = getenv("TST_WORD");
	int length;
	int fd = open("/proc/self/cmdline", O_RDONLY);

	tst_reinit();
	length = (int)read(fd, text, sizeof(text));
	EXPECT(length == 21 && !memcmp(text, "exec_reports\0one\0two", 21),
	       "the arguments: %d bytes", length);
	EXPECT(value && !strcmp(value, "kept"), "the environment");
	EXPECT(getpid() == tst_counts->words[0], "the pid stays");
	_exit(0);
}

HELPER(exec_ends)
{
	_exit(7);
}

HELPER(exec_sleeps)
{
	tst_reinit();
	tst_wake(0);
	pause();
}

TST(execve01, "a new program gets arguments and environment, the pid stays")
{
	char *const words[] = {"exec_reports", "one", "two", NULL};
	char *const environment[] = {"TST_WORD=kept", NULL};
	pid_t pid = tst_fork();

	if (pid == 0) {
		tst_counts->words[0] = getpid();
		execve(tst_self(), words, environment);
		tst_brk(TBROK, "execve: %s", strerror(errno));
	}
	EXPECT(tst_code(pid) == 0, "it ran");
}

TST(execve02, "a file that its mode bits forbid: EACCES")
{
	pid_t pid;

	tst_folder();
	SAFE(close(open("own", O_WRONLY | O_CREAT, 0700)));
	SAFE(close(open("none", O_WRONLY | O_CREAT, 0666)));
	pid = tst_fork();
	if (pid == 0) {
		EXPECT_ERR(execve("none", no_words, no_words), EACCES);
		tst_become();
		EXPECT_ERR(execve("own", no_words, no_words), EACCES);
		EXPECT_ERR(execve("none", no_words, no_words), EACCES);
		_exit(0);
	}
	tst_reap();
}

TST(execve03, "paths that lead to no program")
{
	char name[300];

	tst_folder();
	memset(name, 'n', sizeof(name));
	name[299] = 0;
	SAFE(close(open("text", O_WRONLY | O_CREAT, 0777)));
	EXPECT_ERR(execve(name, no_words, no_words), ENAMETOOLONG);
	EXPECT_ERR(execve("nothing", no_words, no_words), ENOENT);
	EXPECT_ERR(execve("text/below", no_words, no_words), ENOTDIR);
	EXPECT_ERR(execve(nowhere, no_words, no_words), EFAULT);
	EXPECT_ERR(execve(".", no_words, no_words), EACCES);
	EXPECT_ERR(execve("text", no_words, no_words), ENOEXEC);
	SAFE(symlink("loop", "loop"));
	EXPECT_ERR(execve("loop", no_words, no_words), ELOOP);
	EXPECT_ERR(execve("/bin/true", nowhere, no_words), EFAULT);
}

static void copy_self(const char *to)
{
	char text[4096];
	int from = SAFE(open(tst_self(), O_RDONLY));
	int fd = SAFE(open(to, O_WRONLY | O_CREAT, 0755));
	ssize_t got;

	while ((got = SAFE(read(from, text, sizeof(text)))) > 0)
		SAFE(write(fd, text, (size_t)got));
	close(from);
	close(fd);
}

TST(execve04, "a program that is open for writing: ETXTBSY")
{
	char *const words[] = {"exec_ends", NULL};
	pid_t pid;
	int fd;

	tst_folder();
	copy_self("copy");
	fd = SAFE(open("copy", O_WRONLY));
	EXPECT_ERR(execve("copy", words, no_words), ETXTBSY);
	close(fd);
	pid = tst_fork();
	if (pid == 0) {
		execve("copy", words, no_words);
		_exit(1);
	}
	EXPECT(tst_code(pid) == 7, "closed, it runs");
}

TST(execve05, "eight children become programs at once")
{
	char *const words[] = {"exec_ends", NULL};
	int good = 0;
	int status;
	int i;

	for (i = 0; i < 8; i++) {
		if (tst_fork() == 0) {
			tst_wait(0);
			execve(tst_self(), words, no_words);
			_exit(1);
		}
	}
	for (i = 0; i < 8; i++)
		tst_wake(0);
	while (wait(&status) > 0)
		good += WIFEXITED(status) && WEXITSTATUS(status) == 7;
	EXPECT(good == 8, "%d of them", good);
}

TST(execve06, "no arguments at all: the program has an empty one")
{
	pid_t pid;
	int i;

	tst_folder();
	for (i = 0; i < 2; i++) {
		pid = tst_fork();
		if (pid == 0) {
			SAFE(dup2(SAFE(open("out", O_WRONLY | O_CREAT, 0600)),
				  2));
			execve(tst_self(), i ? NULL : no_words, no_words);
			_exit(99);
		}
		EXPECT(tst_code(pid) == TBROK, "%s: it runs, nameless",
		       i ? "argv NULL" : "argv empty");
	}
}

static int code_of(int dfd, const char *path, int flags)
{
	char *const words[] = {"exec_ends", NULL};
	pid_t pid = tst_fork();

	if (pid == 0) {
		run_at(dfd, path, words, flags);
		_exit(100 + errno % 100);
	}
	return tst_code(pid);
}

TST(execveat01, "a program below a descriptor, or the descriptor itself")
{
	int folder;
	int fd;

	tst_folder();
	copy_self("copy");
	SAFE(symlink("copy", "link"));
	folder = SAFE(open(".", O_RDONLY | O_DIRECTORY));
	fd = SAFE(open("copy", O_RDONLY));
	SAFE(chdir("/"));
	EXPECT(code_of(folder, "copy", 0) == 7, "below a folder");
	EXPECT(code_of(fd, "", AT_EMPTY_PATH) == 7, "AT_EMPTY_PATH");
	EXPECT(code_of(folder, "link", 0) == 7, "a link is followed");
	EXPECT(code_of(AT_FDCWD, tst_self(), 0) == 7, "AT_FDCWD");
	EXPECT(code_of(-5, tst_self(), 0) == 7, "an absolute path");
	close(fd);
	fd = SAFE(openat(folder, "copy", O_PATH));
	EXPECT(code_of(fd, "", AT_EMPTY_PATH) == 7, "O_PATH suffices");
}

TST(execveat02, "what execveat refuses")
{
	int fd;

	tst_folder();
	copy_self("copy");
	SAFE(symlink("copy", "link"));
	fd = SAFE(open("copy", O_RDONLY));
	EXPECT_ERR(run_at(-5, "copy", no_words, 0), EBADF);
	EXPECT_ERR(run_at(fd, "", no_words, 0), ENOENT);
	EXPECT_ERR(run_at(fd, "copy", no_words, 0), ENOTDIR);
	EXPECT_ERR(run_at(AT_FDCWD, "link", no_words, AT_SYMLINK_NOFOLLOW),
		   ELOOP);
	EXPECT_ERR(run_at(AT_FDCWD, "copy", no_words, -1), EINVAL);
	EXPECT_ERR(run_at(AT_FDCWD, "", no_words, AT_EMPTY_PATH), EACCES);
}

TST(execveat03, "a file that has no name any more")
{
	char *const words[] = {"exec_sleeps", NULL};
	char link[64];
	char text[256] = "";
	pid_t pid;
	int fd;

	tst_folder();
	copy_self("copy");
	fd = SAFE(open("copy", O_RDONLY));
	SAFE(unlink("copy"));
	EXPECT(code_of(fd, "", AT_EMPTY_PATH) == 7, "it runs");
	pid = tst_fork();
	if (pid == 0) {
		run_at(fd, "", words, AT_EMPTY_PATH);
		_exit(1);
	}
	tst_wait(0);
	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	EXPECT(readlink(link, text, sizeof(text) - 1) > 0 &&
		       strstr(text, "/copy (deleted)"),
	       "/proc tells: %s", text);
	kill(pid, SIGKILL);
	EXPECT(tst_code(pid) == 128 + SIGKILL, "and it is ended");
}
