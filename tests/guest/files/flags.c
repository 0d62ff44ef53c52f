/*
 * open(2)'s flags: what each one changes, what it refuses, on both file
 * systems.
 */
#include "tap.h"
#include <sys/syscall.h>

static char text[64];

static void making(void)
{
	struct stat st;
	int fd;

	umask(022);
	put_file("file", "12345");
	if (symlink("nowhere", "dangling") || symlink("file", "link") ||
	    mkdir("folder", 0755) || symlink("folder", "flink"))
		bail("symlink");
	ok_errno(open("dangling", O_RDONLY), ENOENT, "a dangling link");
	ok_errno(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600), EEXIST,
		 "O_EXCL does not follow it");
	ok_errno(open("link", O_CREAT | O_EXCL | O_WRONLY, 0600), EEXIST,
		 "nor one that leads somewhere");
	fd = open("dangling", O_CREAT | O_WRONLY, 0600);
	ok(fd >= 0 && stat("nowhere", &st) == 0, "O_CREAT makes its target");
	close(fd);
	fd = open("readonly", O_CREAT | O_WRONLY, 0400);
	ok(fd >= 0 && write(fd, "x", 1) == 1,
	   "a new file is open as asked, whatever its mode");
	close(fd);
	ok_errno(open("folder", O_CREAT | O_RDONLY, 0600), EISDIR,
		 "O_CREAT of a folder");
	ok_errno(open("new/", O_CREAT | O_WRONLY, 0600), EISDIR,
		 "O_CREAT of a name with a slash at its end");
	ok_errno(open("none/new", O_CREAT | O_WRONLY, 0600), ENOENT,
		 "O_CREAT in a folder that is not there");
	ok_errno(open("file/new", O_CREAT | O_WRONLY, 0600), ENOTDIR,
		 "O_CREAT in a file");
}

static void following(void)
{
	struct stat st;
	int fd;

	ok_errno(open("link", O_RDONLY | O_NOFOLLOW), ELOOP,
		 "O_NOFOLLOW: ELOOP for a link");
	fd = open("flink/.", O_RDONLY | O_NOFOLLOW);
	ok(fd >= 0, "only for the last part of the path");
	close(fd);
	ok_errno(open("flink", O_RDONLY | O_NOFOLLOW | O_DIRECTORY), ENOTDIR,
		 "with O_DIRECTORY: ENOTDIR");
	ok_errno(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR, "O_DIRECTORY");
	ok_errno(open("file", O_RDONLY | O_DIRECTORY | O_CREAT, 0600), EINVAL,
		 "not with O_CREAT");
	fd = open("flink", O_RDONLY | O_DIRECTORY);
	ok(fd >= 0, "O_DIRECTORY follows links");
	close(fd);
	ok_errno(open("folder", O_WRONLY), EISDIR, "a folder for writing");
	fd = open("link", O_PATH | O_NOFOLLOW);
	ok(fd >= 0 && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode) &&
		   readlinkat(fd, "", text, 64) == 4,
	   "O_PATH with O_NOFOLLOW: the link itself");
	close(fd);
}

static void paths(void)
{
	struct stat st;
	int folder = open("folder", O_PATH);
	int fd = open("file", O_PATH);

	ok(fd >= 0 && fstat(fd, &st) == 0 && st.st_size == 5,
	   "O_PATH: fstat works");
	ok_errno(read(fd, text, 1), EBADF, "read does not");
	ok_errno(write(fd, text, 1), EBADF, "nor write");
	ok_errno(syscall(SYS_fchmod, fd, 0600), EBADF, "nor fchmod");
	ok_errno(fsync(fd), EBADF, "nor fsync");
	ok_errno(lseek(fd, 0, SEEK_SET), EBADF, "nor lseek");
	ok((fcntl(fd, F_GETFL) & O_PATH) && dup(fd) >= 0, "F_GETFL and dup do");
	close(openat(folder, "in", O_CREAT | O_WRONLY, 0600));
	ok(fstatat(folder, "in", &st, 0) == 0 && fchdir(folder) == 0 &&
		   stat("in", &st) == 0 && chdir("..") == 0,
	   "an O_PATH folder is good for *at calls and fchdir");
	snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	close(fd);
	fd = open("file", O_PATH);
	snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	fd = open(text, O_RDONLY);
	ok(fd >= 0 && read(fd, text, 10) == 5,
	   "/proc/self/fd makes a real one of it");
	close(fd);
	close(folder);
}

static void unnamed(void)
{
	struct stat st;
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);

	ok(fd >= 0 && fstat(fd, &st) == 0 && st.st_nlink == 0 &&
		   S_ISREG(st.st_mode),
	   "O_TMPFILE: a file without a name");
	ok(write(fd, "data", 4) == 4, "it can be written");
	snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	ok(linkat(AT_FDCWD, text, AT_FDCWD, "named", AT_SYMLINK_FOLLOW) == 0 &&
		   stat("named", &st) == 0 && st.st_nlink == 1 &&
		   st.st_size == 4,
	   "and given a name");
	close(fd);
	fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
	snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	ok_errno(linkat(AT_FDCWD, text, AT_FDCWD, "other", AT_SYMLINK_FOLLOW),
		 ENOENT, "with O_EXCL: never");
	close(fd);
	ok_errno(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL,
		 "O_TMPFILE is for writing");
	ok_errno(open("file", O_TMPFILE | O_RDWR, 0600), ENOTDIR,
		 "O_TMPFILE is made in a folder");
}

static void appending(void)
{
	int fd = open("log", O_CREAT | O_RDWR | O_APPEND, 0600);
	int other = open("log", O_WRONLY);

	ok(write(fd, "one", 3) == 3 && write(other, "ONE!", 4) == 4 &&
		   write(fd, "two", 3) == 3 && lseek(fd, 0, SEEK_CUR) == 7,
	   "O_APPEND: at the end, wherever another left it");
	ok(pwrite(fd, "pw", 2, 0) == 2 && pread(fd, text, 20, 0) == 9 &&
		   !memcmp(text, "ONE!twopw", 9),
	   "even pwrite");
	ok(fcntl(fd, F_SETFL, 0) == 0 && pwrite(fd, "X", 1, 0) == 1 &&
		   lseek(fd, 0, SEEK_END) == 9,
	   "F_SETFL takes it away");
	ok(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_EXCL | O_WRONLY) == 0 &&
		   fcntl(fd, F_GETFL) ==
			   (O_RDWR | O_APPEND | O_NONBLOCK | O_LARGEFILE),
	   "F_SETFL changes what can be changed, no more");
	close(fd);
	close(other);
}

static void truncating(void)
{
	struct stat st;
	int fd;

	put_file("long", "1234567890");
	fd = open("long", O_RDWR | O_TRUNC);
	ok(fd >= 0 && fstat(fd, &st) == 0 && st.st_size == 0,
	   "O_TRUNC empties");
	close(fd);
	put_file("fresh", "x");
	fd = open("fresh", O_RDWR | O_TRUNC | O_CREAT | O_EXCL, 0600);
	ok(fd < 0 && errno == EEXIST && stat("fresh", &st) == 0 &&
		   st.st_size == 1,
	   "a failed open empties nothing");
	ok_errno(open("folder", O_RDONLY | O_TRUNC), EISDIR,
		 "a folder has nothing to empty");
}

static void modes(void)
{
	int fd = open("file", 3);

	ok(fd >= 0 && fails(read(fd, text, 1), EBADF) &&
		   fails(write(fd, text, 1), EBADF),
	   "access mode 3: neither read nor write");
	close(fd);
	fd = open("file", O_RDONLY | 0x10000000);
	ok(fd >= 0, "unknown flags are passed over");
	close(fd);
	fd = creat("created", 0640);
	ok(fd >= 0 && fcntl(fd, F_GETFL) == (O_WRONLY | O_LARGEFILE),
	   "creat: write-only");
	close(fd);
	ok_errno(openat(99, "x", O_RDONLY), EBADF, "openat: no such folder");
	fd = open("file", O_RDONLY);
	ok_errno(openat(fd, "x", O_RDONLY), ENOTDIR, "openat: a file");
	close(fd);
	fd = openat(99, "/", O_RDONLY);
	ok(fd >= 0, "openat: with an absolute path it does not matter");
	close(fd);
}

static void everything(void)
{
	making();
	following();
	paths();
	unnamed();
	appending();
	truncating();
	modes();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
