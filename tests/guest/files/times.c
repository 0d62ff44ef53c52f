/*
 * The three times of a file: which call changes which, and utimensat(2).
 */
#include "tap.h"
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <utime.h>

#define BASIC_STATS 0x7ff

/* What statx(2) stores; this C library has no name for it. */
struct extended_stat {
	unsigned int mask;
	unsigned int block_size;
	unsigned long attributes;
	unsigned int nlink;
	unsigned int uid;
	unsigned int gid;
	unsigned short mode;
	unsigned long inode;
	unsigned long size;
	unsigned long blocks;
	unsigned long attributes_mask;
	struct {
		long seconds;
		unsigned int nanoseconds;
	} access, birth, change, modification;
	unsigned int rdev[2];
	unsigned int dev[2];
	unsigned long spare[14];
};

static struct stat st;

/* age - a file's access and modification time in the year 1970. */
static void age(const char *path)
{
	struct timespec old[2] = {{1000, 0}, {2000, 0}};

	if (utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW))
		bail(path);
}

/* changed - which times are no longer aged: a, m; and c since BEFORE. */
static int changed(const char *path)
{
	if (lstat(path, &st))
		return -1;
	return (st.st_atime != 1000) | (st.st_mtime != 2000) << 1;
}

static int recent(time_t when)
{
	time_t now = time(NULL);

	return when >= now - 5 && when <= now;
}

static void reading_and_writing(void)
{
	volatile char *map;
	char byte;
	int fd;

	put_file("f", "text");
	stat("f", &st);
	ok(recent(st.st_atime) && recent(st.st_mtime) && recent(st.st_ctime),
	   "a new file has the time of now");
	age("f");
	ok(changed("f") == 0 && recent(st.st_ctime),
	   "utimensat sets two, ctime is now");
	fd = open("f", O_RDWR);
	ok(changed("f") == 0, "open changes none");
	ok(read(fd, &byte, 1) == 1 && changed("f") == 1, "read: atime");
	age("f");
	ok(write(fd, "x", 1) == 1 && changed("f") == 2 && recent(st.st_mtime),
	   "write: mtime");
	age("f");
	ok(write(fd, "x", 0) == 0 && changed("f") == 0, "of nothing: none");
	ok(ftruncate(fd, 2) == 0 && changed("f") == 2, "ftruncate: mtime");
	map = mmap(NULL, 2, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	age("f");
	map[0] = 'm';
	ok((changed("f") & 2) && recent(st.st_mtime),
	   "the first write to a shared mapping: mtime");
	munmap((void *)map, 2);
	age("f");
	ok(fchmod(fd, 0600) == 0 && changed("f") == 0, "chmod: ctime alone");
	close(fd);
	age("f");
	close(open("f", O_WRONLY | O_TRUNC));
	ok(changed("f") == 2, "O_TRUNC: mtime");
	fd = open("f", O_RDWR | O_NOATIME);
	ok(write(fd, "x", 1) == 1 && pread(fd, &byte, 1, 0) == 1, "O_NOATIME");
	age("f");
	ok(pread(fd, &byte, 1, 0) == 1 && changed("f") == 0,
	   "reads leave atime");
	close(fd);
}

static void relative(void)
{
	struct timespec new[2] = {{0, 0}, {2000, 0}};
	char byte;
	int fd;

	new[0].tv_sec = time(NULL) - 100;
	put_file("r", "text");
	utimensat(AT_FDCWD, "r", new, 0);
	fd = open("r", O_RDONLY);
	if (read(fd, &byte, 1) != 1)
		bail("read");
	stat("r", &st);
	/* ctime is newer than atime here, so relatime lets it through once. */
	ok(recent(st.st_atime) && st.st_atime >= new[0].tv_sec + 90,
	   "relatime: atime older than ctime is set");
	close(fd);
}

static void folders(void)
{
	mkdir("d", 0755);
	age("d");
	put_file("d/a", "x");
	ok(changed("d") == 2 && recent(st.st_ctime), "a new name: mtime");
	age("d");
	put_file("d/a", "longer");
	ok(changed("d") == 0, "a write in a file: none");
	if (link("d/a", "d/b"))
		bail("link");
	ok(changed("d") == 2, "link: mtime");
	age("d");
	unlink("d/b");
	ok(changed("d") == 2, "unlink: mtime");
	age("d");
	mkdir("d/sub", 0755);
	ok(changed("d") == 2, "mkdir: mtime");
	age("d");
	rmdir("d/sub");
	ok(changed("d") == 2, "rmdir: mtime");
	age("d/a");
	stat("d/a", &st);
	ok(link("d/a", "d/c") == 0 && changed("d/a") == 0 &&
		   recent(st.st_ctime),
	   "link: the file's ctime alone");
}

static void links(void)
{
	if (symlink("d", "s"))
		bail("symlink");
	age("s");
	ok(changed("s") == 0 && stat("d", &st) == 0 && st.st_mtime != 2000,
	   "AT_SYMLINK_NOFOLLOW: the link's own times");
}

static void setting(void)
{
	struct timespec omit[2] = {{0, UTIME_OMIT}, {77, 0}};
	struct timespec now[2] = {{5, 0}, {0, UTIME_NOW}};
	struct timespec wrong[2] = {{0, 1000000000}, {0, 0}};
	struct timespec both[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
	struct timespec far[2] = {{2000000000, 0}, {2000000001, 0}};
	struct utimbuf old = {33, 44};
	int fd = open("f", O_RDONLY);

	age("f");
	ok(utimensat(AT_FDCWD, "f", omit, 0) == 0 && stat("f", &st) == 0 &&
		   st.st_atime == 1000 && st.st_mtime == 77,
	   "UTIME_OMIT leaves one");
	ok(futimens(fd, now) == 0 && fstat(fd, &st) == 0 && st.st_atime == 5 &&
		   recent(st.st_mtime),
	   "UTIME_NOW, and futimens");
	ok_errno(utimensat(AT_FDCWD, "f", wrong, 0), EINVAL,
		 "a billion nanoseconds");
	ok(utimensat(AT_FDCWD, "none", both, 0) == 0 || errno == ENOENT,
	   "nothing to set");
	ok_errno(utimensat(AT_FDCWD, "none", now, 0), ENOENT, "no file");
	ok(utime("f", &old) == 0 && stat("f", &st) == 0 && st.st_atime == 33 &&
		   st.st_mtime == 44,
	   "utime");
	ok(utimensat(AT_FDCWD, "f", far, 0) == 0 && stat("f", &st) == 0 &&
		   st.st_atime == 2000000000 && st.st_mtime == 2000000001,
	   "the year 2033");
	ok(utimensat(AT_FDCWD, "f", NULL, 0) == 0 && stat("f", &st) == 0 &&
		   recent(st.st_atime) && recent(st.st_mtime),
	   "no times: now");
	close(fd);
}

static void extended(void)
{
	struct extended_stat x;

	put_file("x", "12345");
	stat("x", &st);
	memset(&x, 0, sizeof(x));
	ok(sizeof(x) == 256 &&
		   syscall(SYS_statx, AT_FDCWD, "x", 0, BASIC_STATS, &x) == 0 &&
		   (x.mask & BASIC_STATS) == BASIC_STATS && x.size == 5 &&
		   x.inode == st.st_ino && x.mode == st.st_mode &&
		   x.nlink == 1 && x.modification.seconds == st.st_mtime &&
		   x.dev[0] == major(st.st_dev) && x.dev[1] == minor(st.st_dev),
	   "statx tells what stat tells");
	ok_errno(syscall(SYS_statx, AT_FDCWD, "x", 0, 0x80000000, &x), EINVAL,
		 "statx: a reserved mask");
	ok_errno(syscall(SYS_statx, AT_FDCWD, "x", 0x6000, 0, &x), EINVAL,
		 "statx: both ways to sync");
	ok(st.st_size == 5 && st.st_blksize >= 1024 && st.st_nlink == 1 &&
		   S_ISREG(st.st_mode),
	   "stat's other fields");
}

static void everything(void)
{
	reading_and_writing();
	relative();
	folders();
	links();
	setting();
	extended();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
