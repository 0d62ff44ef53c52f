/*
 * Devices: null, zero, full, random, tty; mknod(2), and a disk as a file.
 */
#include "tap.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <termios.h>

static char block[8192];
static struct stat st;

static int is_device(const char *path, int kind, int high, int low)
{
	return stat(path, &st) == 0 && (st.st_mode & S_IFMT) == (mode_t)kind &&
	       (int)major(st.st_rdev) == high && (int)minor(st.st_rdev) == low;
}

static int zeros(const char *data, int length)
{
	while (length > 0)
		if (data[--length])
			return 0;
	return 1;
}

static void numbers(void)
{
	ok(is_device("/dev/null", S_IFCHR, 1, 3) &&
		   is_device("/dev/zero", S_IFCHR, 1, 5) &&
		   is_device("/dev/full", S_IFCHR, 1, 7) &&
		   is_device("/dev/random", S_IFCHR, 1, 8) &&
		   is_device("/dev/urandom", S_IFCHR, 1, 9),
	   "memory devices: 1, 3 to 9");
	ok(is_device("/dev/tty", S_IFCHR, 5, 0) &&
		   is_device("/dev/console", S_IFCHR, 5, 1) &&
		   is_device("/dev/ptmx", S_IFCHR, 5, 2) &&
		   is_device("/dev/ttyS0", S_IFCHR, 4, 64),
	   "terminals: 5 and 4");
	ok(stat("/dev/null", &st) == 0 && (st.st_mode & 07777) == 0666 &&
		   stat("/dev/vda", &st) == 0 && S_ISBLK(st.st_mode),
	   "/dev/null is for all; /dev/vda is a block device");
}

static void null_and_zero(void)
{
	int null = open("/dev/null", O_RDWR);
	int zero = open("/dev/zero", O_RDWR);
	int full = open("/dev/full", O_RDWR);
	struct iovec part = {block, 100};
	char *memory;

	ok(syscall(SYS_preadv2, zero, &part, 1, -1L, 0, RWF_NOWAIT) == 100 &&
		   syscall(SYS_pwritev2, null, &part, 1, -1L, 0, RWF_NOWAIT) ==
			   100 &&
		   fails(syscall(SYS_preadv2, full, &part, 1, -1L, 0,
				 RWF_NOWAIT),
			 EOPNOTSUPP),
	   "null and zero never wait, of full it is not known");
	ok(fails(sendfile(null, zero, NULL, 100), EINVAL),
	   "nothing is sent from zero");
	ok(read(null, block, 100) == 0 && write(null, block, 5000) == 5000,
	   "null: nothing to read, takes all");
	ok(lseek(null, 100, SEEK_SET) == 0, "its offset is 0");
	memset(block, 1, sizeof(block));
	ok(read(zero, block, 8192) == 8192 && zeros(block, 8192) &&
		   write(zero, block, 10) == 10,
	   "zero: zeros");
	memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
	ok(memory != MAP_FAILED && zeros(memory, 8192) && (memory[5000] = 1),
	   "zero can be mapped");
	munmap(memory, 8192);
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, zero, 0);
	if (fork() == 0) {
		memory[0] = 7;
		_exit(0);
	}
	wait(NULL);
	ok(memory[0] == 7, "shared too: anonymous shared memory");
	munmap(memory, 4096);
	ok_errno(write(full, "x", 1), ENOSPC, "full: ENOSPC");
	ok(read(full, block, 10) == 10 && zeros(block, 10), "and zeros");
	ok_errno(open("/dev/null/x", O_RDONLY), ENOTDIR, "null is no folder");
	ok_errno(ioctl(null, TCGETS, block), ENOTTY, "and no terminal");
	close(null);
	close(zero);
	close(full);
}

static void random_bytes(void)
{
	int fd = open("/dev/urandom", O_RDWR);
	char other[4096];
	int counts[256] = {0};
	int good = 1;
	int i;

	ok(read(fd, block, 8192) == 8192 && read(fd, other, 4096) == 4096 &&
		   memcmp(block, other, 4096),
	   "urandom differs each time");
	for (i = 0; i < 8192; i++)
		counts[(unsigned char)block[i]]++;
	for (i = 0; i < 256; i++)
		if (counts[i] < 8 || counts[i] > 70)
			good = 0;
	ok(good, "every byte about as often");
	ok(write(fd, "seed", 4) == 4, "one may write to it");
	close(fd);
	fd = open("/dev/random", O_RDONLY);
	ok(read(fd, block, 100) == 100,
	   "random does not wait once it is seeded");
	close(fd);
}

static int student_mknod(void)
{
	need(fails(mknod("mine", S_IFCHR | 0600, makedev(1, 3)), EPERM));
	need(mknod("fifo", S_IFIFO | 0600, 0) == 0);
	need(mknod("file", S_IFREG | 0600, 0) == 0);
	return 0;
}

static void nodes(void)
{
	int fd;

	umask(0);
	chmod(".", 0777);
	ok(mknod("zero", S_IFCHR | 0640, makedev(1, 5)) == 0 &&
		   is_device("zero", S_IFCHR, 1, 5) &&
		   (st.st_mode & 0777) == 0640,
	   "mknod of a character device");
	fd = open("zero", O_RDONLY);
	ok(fd >= 0 && read(fd, block, 10) == 10, "it is the device");
	close(fd);
	ok(mknod("disk", S_IFBLK | 0600, makedev(254, 300)) == 0 &&
		   is_device("disk", S_IFBLK, 254, 300),
	   "of a block device, large minor");
	ok_errno(open("disk", O_RDONLY), ENXIO, "no such disk: ENXIO");
	ok(mknod("nodev", S_IFCHR | 0600, makedev(199, 9)) == 0, "any number");
	ok_errno(open("nodev", O_RDONLY), ENXIO, "no such device: ENXIO");
	ok_errno(mknod("zero", S_IFCHR | 0600, 0), EEXIST, "the name is taken");
	ok_errno(mknod("x", S_IFDIR | 0700, 0), EPERM, "not a folder");
	ok_errno(mknod("x", S_IFLNK | 0700, 0), EINVAL, "not a symlink");
	ok(in_child_as(STUDENT, student_mknod) == 0,
	   "users make FIFOs and files, no devices");
}

static void disk(void)
{
	int fd = open("/dev/vda", O_RDONLY);
	unsigned long bytes = 0;
	int size = 0;

	ok(ioctl(fd, 0x80081272, &bytes) == 0 && bytes == 512ul << 20,
	   "BLKGETSIZE64");
	ok(ioctl(fd, 0x1268, &size) == 0 && size == 512, "BLKSSZGET");
	ok(lseek(fd, 0, SEEK_END) == (long)bytes, "SEEK_END is its size");
	ok(pread(fd, block, 2, 1024 + 56) == 2 && block[0] == 0x53 &&
		   (unsigned char)block[1] == 0xef,
	   "ext2's magic number is on it");
	ok(pread(fd, block, 8192, bytes - 4096) == 4096 &&
		   pread(fd, block, 10, bytes) == 0,
	   "it ends");
	close(fd);
}

int main(void)
{
	numbers();
	null_and_zero();
	random_bytes();
	tap_folder_in("/home", "devices");
	nodes();
	disk();
	if (chdir("/"))
		return 1;
	return done_testing();
}
