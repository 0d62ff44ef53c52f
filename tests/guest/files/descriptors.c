/*
 * Descriptors: dup and kin, their flags, and the limits RLIMIT_NOFILE and
 * RLIMIT_FSIZE.
 */
#include "tap.h"
#include <dirent.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

static int duplicates(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	need(dup2(fd, 40) == 40 && fcntl(40, F_GETFD) == 0);
	need(dup2(fd, fd) == fd && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	need(fails(dup2(99, 99), EBADF));
	need(fails(dup2(fd, -1), EBADF));
	need(fails(dup2(fd, 1 << 30), EBADF));
	need(dup3(fd, 41, O_CLOEXEC) == 41 && fcntl(41, F_GETFD) == 1);
	need(fails(dup3(fd, fd, 0), EINVAL));
	need(fails(syscall(SYS_dup3, fd, 42, O_APPEND), EINVAL));
	need(fcntl(fd, F_DUPFD, 50) == 50 && fcntl(50, F_GETFD) == 0);
	need(fcntl(fd, F_DUPFD, 50) == 51);
	need(fcntl(fd, F_DUPFD_CLOEXEC, 50) == 52);
	need(fcntl(52, F_GETFD) == FD_CLOEXEC);
	need(fails(fcntl(fd, F_DUPFD, -1), EINVAL));
	need(fails(fcntl(fd, F_DUPFD, 1 << 30), EINVAL));
	need(fails(dup(99), EBADF));
	return 0;
}

static int flags(void)
{
	int fd = open("file", O_RDWR);

	need(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_GETFD) == 1);
	need(fcntl(fd, F_SETFD, 0) == 0 && fcntl(fd, F_GETFD) == 0);
	need(fails(fcntl(99, F_GETFD), EBADF));
	need(fails(fcntl(fd, 9999, 0), EINVAL));
	return 0;
}

static int ranges(void)
{
	int i;

	for (i = 60; i < 70; i++)
		need(dup2(1, i) == i);
	need(syscall(SYS_close_range, 62, 65, 0) == 0);
	need(fcntl(61, F_GETFD) == 0 && fails(fcntl(62, F_GETFD), EBADF));
	need(fails(fcntl(65, F_GETFD), EBADF) && fcntl(66, F_GETFD) == 0);
	need(syscall(SYS_close_range, 66, ~0u, CLOSE_RANGE_CLOEXEC) == 0);
	need(fcntl(66, F_GETFD) == FD_CLOEXEC);
	need(fails(syscall(SYS_close_range, 5, 4, 0), EINVAL));
	return 0;
}

static int limited(void)
{
	struct rlimit limit = {30, 30};
	int highest = 0;
	int ends[2];
	int fd;

	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	while ((fd = open("file", O_RDONLY)) >= 0)
		highest = fd;
	need(errno == EMFILE && highest == 29);
	need(fails(dup(1), EMFILE));
	need(fails(pipe(ends), EMFILE));
	need(fails(dup2(1, 30), EBADF));
	need(fails(fcntl(1, F_DUPFD, 30), EINVAL));
	close(10);
	need(fails(pipe(ends), EMFILE));
	need(open("file", O_RDONLY) == 10);
	return 0;
}

static int many(void)
{
	struct rlimit limit = {5000, 5000};
	int count = 0;
	int i;

	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	while (dup(1) >= 0)
		count++;
	need(errno == EMFILE && count > 4900 && fcntl(4999, F_GETFD) == 0);
	for (i = 3; i < 5000; i++)
		close(i);
	need(dup(1) == 3);
	return 0;
}

static volatile int signals;

static void notes(int sig)
{
	signals += sig == SIGXFSZ;
}

static int file_size(void)
{
	struct rlimit limit = {1000, 2000};
	static char block[900];
	int fd = open("small", O_RDWR | O_CREAT | O_TRUNC, 0600);

	signal(SIGXFSZ, notes);
	need(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	need(write(fd, block, 900) == 900);
	need(write(fd, block, 900) == 100 && signals == 0);
	need(fails(write(fd, block, 1), EFBIG) && signals == 1);
	need(fails(ftruncate(fd, 1001), EFBIG) && signals == 2);
	need(ftruncate(fd, 1000) == 0);
	need(fails(pwrite(fd, block, 1, 5000), EFBIG) && signals == 3);
	signal(SIGXFSZ, SIG_IGN);
	need(fails(write(fd, block, 1), EFBIG));
	return 0;
}

static int file_size_kills(void)
{
	struct rlimit none = {0, 0};
	struct rlimit limit = {10, 10};
	int fd = open("small", O_RDWR | O_CREAT | O_TRUNC, 0600);

	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &limit);
	need(write(fd, "0123456789", 10) == 10);
	return write(fd, "x", 1) == 1;
}

static int in_proc(void)
{
	char path[64];
	char target[64] = "";
	char text[200];
	DIR *folder;
	int fd = open("file", O_RDWR | O_APPEND);
	int count = 0;

	dup2(fd, 45);
	lseek(45, 7, SEEK_SET);
	need(readlink("/proc/self/fd/45", target, 63) > 5);
	need(strstr(target, "/file") != NULL);
	file_text("/proc/self/fdinfo/45", text, sizeof(text));
	need(strstr(text, "pos:\t7\n") && strstr(text, "flags:\t0102002"));
	folder = opendir("/proc/self/fd");
	while (readdir(folder))
		count++;
	closedir(folder);
	need(count >= 2 + 5);
	unlink("file");
	memset(target, 0, sizeof(target));
	snprintf(path, sizeof(path), "/proc/%d/fd/45", (int)getpid());
	need(readlink(path, target, 63) > 5 && strstr(target, " (deleted)"));
	need(fails(readlink("/proc/self/fd/99", target, 63), ENOENT));
	return 0;
}

int main(void)
{
	tap_folder("descriptors");
	ok(in_child(duplicates) == 0, "dup, dup2, dup3, F_DUPFD, their errors");
	ok(in_child(flags) == 0, "FD_CLOEXEC");
	ok(in_child(ranges) == 0, "close_range");
	ok(in_child(limited) == 0, "RLIMIT_NOFILE: EMFILE");
	ok(in_child(many) == 0, "five thousand descriptors");
	ok(in_child(file_size) == 0, "RLIMIT_FSIZE: EFBIG and SIGXFSZ");
	ok(in_child(file_size_kills) == 128 + SIGXFSZ, "SIGXFSZ kills");
	ok(in_child(in_proc) == 0, "/proc/self/fd and fdinfo");
	return done_testing();
}
