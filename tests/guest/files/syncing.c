/*
 * fsync and kin, fallocate, statfs of the root, and what O_SYNC writes.
 */
#include "tap.h"
#include <sys/statfs.h>
#include <sys/syscall.h>

static char block[65536];

static void calls(void)
{
	int pipes[2];
	int fd = open("file", O_RDWR | O_CREAT | O_SYNC, 0600);

	ok(write(fd, block, 65536) == 65536, "a file with O_SYNC");
	ok(fsync(fd) == 0 && fdatasync(fd) == 0 && syncfs(fd) == 0,
	   "fsync, fdatasync, syncfs");
	ok(sync_file_range(fd, 0, 100, SYNC_FILE_RANGE_WRITE) == 0,
	   "sync_file_range");
	close(fd);
	fd = open(".", O_RDONLY);
	ok(fsync(fd) == 0, "fsync of a folder");
	close(fd);
	if (pipe(pipes))
		bail("pipe");
	ok_errno(fsync(pipes[0]), EINVAL, "fsync of a pipe: EINVAL");
	ok_errno(fsync(999), EBADF, "fsync of nothing: EBADF");
	close(pipes[0]);
	close(pipes[1]);
	sync();
}

static void accounting(void)
{
	struct statfs before;
	struct statfs after;
	int fd = open("space", O_RDWR | O_CREAT, 0600);
	int i;

	statfs(".", &before);
	for (i = 0; i < 32; i++)
		if (write(fd, block, 65536) != 65536)
			bail("write");
	fsync(fd);
	statfs(".", &after);
	i = (before.f_bfree - after.f_bfree) * before.f_bsize >> 10;
	ok(i >= 2048 && i < 2200, "statfs: two megabytes fewer are free");
	ok(after.f_blocks >= after.f_bfree && after.f_bfree >= after.f_bavail &&
		   after.f_namelen == 255,
	   "its other fields");
	close(fd);
	unlink("space");
	sync();
	statfs(".", &after);
	i = (before.f_bfree - after.f_bfree) * before.f_bsize >> 10;
	ok(i > -100 && i < 100, "unlinked, they are free again");
	ok_errno(statfs("none", &after), ENOENT, "statfs: nothing there");
}

static void inodes(void)
{
	struct statfs before;
	struct statfs after;
	struct stat one;
	struct stat two;

	statfs(".", &before);
	put_file("a", "");
	put_file("b", "");
	statfs(".", &after);
	ok(before.f_ffree == 0 || before.f_ffree - after.f_ffree == 2,
	   "two inodes fewer are free");
	stat("a", &one);
	stat("b", &two);
	ok(one.st_ino != two.st_ino && one.st_dev == two.st_dev &&
		   one.st_ino > 0,
	   "each file has a number of its own");
	unlink("a");
	unlink("b");
}

static void everything(void)
{
	calls();
	accounting();
	inodes();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
