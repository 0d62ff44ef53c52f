/*
 * open(2): creation, exclusion, truncation, and the errors of bad paths.
 */
#include "tap.h"
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

static void creates(void)
{
	struct stat st;
	int fd;

	umask(022);
	fd = open("new", O_CREAT | O_RDWR, 0666);
	ok(fd >= 0, "O_CREAT makes a file");
	ok(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0644,
	   "the mode is masked by the umask");
	ok(write(fd, "12345", 5) == 5, "it can be written");
	close(fd);
	ok_errno(open("new", O_CREAT | O_EXCL | O_RDWR, 0666), EEXIST,
		 "O_EXCL refuses a file that exists");
	fd = open("new", O_WRONLY | O_TRUNC);
	ok(fd >= 0 && fstat(fd, &st) == 0 && st.st_size == 0,
	   "O_TRUNC empties it");
	ok_errno(read(fd, &st, 1), EBADF, "a write-only file is not read");
	close(fd);
}

static void appends(void)
{
	char text[8] = "";
	int fd;

	fd = open("log", O_CREAT | O_RDWR | O_APPEND, 0600);
	ok(write(fd, "ab", 2) == 2 && lseek(fd, 0, SEEK_SET) == 0 &&
		   write(fd, "cd", 2) == 2,
	   "O_APPEND writes at the end");
	ok(pread(fd, text, 8, 0) == 4 && !strcmp(text, "abcd"),
	   "both writes are there, in order");
	close(fd);
}

static void refuses(void)
{
	char name[NAME_MAX + 2];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	ok_errno(open(name, O_RDONLY), ENAMETOOLONG, "a name of 256 bytes");
	ok_errno(open("none", O_RDONLY), ENOENT, "a file that is not there");
	ok_errno(open("", O_RDONLY), ENOENT, "an empty path");
	ok_errno(open("new/x", O_RDONLY), ENOTDIR, "a file used as a folder");
	ok_errno(open(".", O_RDWR), EISDIR, "a folder opened for writing");
	ok_errno(open("new", O_RDONLY | O_DIRECTORY), ENOTDIR, "O_DIRECTORY");
	symlink("loop", "loop");
	ok_errno(open("loop", O_RDONLY), ELOOP, "a link to itself");
	ok_errno(open("loop", O_RDONLY | O_NOFOLLOW), ELOOP, "O_NOFOLLOW");
	ok_errno(open((char *)8, O_RDONLY), EFAULT, "a bad pointer");
}

static void numbers(void)
{
	int first;
	int second;

	first = open("new", O_RDONLY);
	second = open("new", O_RDONLY | O_CLOEXEC);
	ok(second == first + 1, "the lowest free descriptor is used");
	ok(fcntl(second, F_GETFD) == FD_CLOEXEC, "O_CLOEXEC is set");
	close(first);
	ok(dup(second) == first, "and so does dup");
	ok(fcntl(first, F_GETFD) == 0, "a duplicate has no O_CLOEXEC");
	close(first);
	close(second);
	ok_errno(close(second), EBADF, "closed is closed");
}

int main(void)
{
	tap_folder("open");
	creates();
	appends();
	refuses();
	numbers();
	return done_testing();
}
