/*
 * What a file holds: reads and writes at offsets, holes, truncation, large
 * offsets, vectors, lseek.
 */
#include "tap.h"
#include <sys/syscall.h>
#include <sys/uio.h>

#define GIGABYTE (1l << 30)

static char block[70000];
static struct stat st;

static int filled(const char *data, int length, char byte)
{
	while (length > 0)
		if (data[--length] != byte)
			return 0;
	return 1;
}

static int open_new(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		bail(name);
	return fd;
}

static void offsets(void)
{
	int fd = open_new("offsets");

	ok(write(fd, "abcdef", 6) == 6 && lseek(fd, 0, SEEK_CUR) == 6,
	   "write moves the offset");
	ok(pwrite(fd, "XY", 2, 1) == 2 && lseek(fd, 0, SEEK_CUR) == 6,
	   "pwrite does not");
	ok(pread(fd, block, 100, 0) == 6 && !memcmp(block, "aXYdef", 6) &&
		   lseek(fd, 0, SEEK_CUR) == 6,
	   "nor pread");
	ok(read(fd, block, 10) == 0, "at the end: 0");
	ok(lseek(fd, -2, SEEK_END) == 4 && read(fd, block, 10) == 2,
	   "SEEK_END");
	ok(lseek(fd, -3, SEEK_CUR) == 3 && lseek(fd, 100, SEEK_SET) == 100,
	   "SEEK_CUR; behind the end too");
	ok(read(fd, block, 10) == 0, "where nothing is read");
	ok_errno(lseek(fd, -1, SEEK_SET), EINVAL, "before the beginning");
	ok_errno(lseek(fd, 0, 9), EINVAL, "an unknown origin");
	ok_errno(pread(fd, block, 1, -1), EINVAL, "pread: a negative offset");
	ok_errno(pread(fd, nowhere, 4, 0), EFAULT, "a read needs some");
	ok_errno(write(fd, nowhere, 4), EFAULT, "a write too");
	close(fd);
}

static void holes(void)
{
	int fd = open_new("holes");

	ok(pwrite(fd, "end", 3, 1000000) == 3 && fstat(fd, &st) == 0 &&
		   st.st_size == 1000003,
	   "a write far behind the end");
	ok(st.st_blocks < 200, "makes a hole");
	ok(pread(fd, block, 70000, 5000) == 70000 && filled(block, 70000, 0),
	   "which reads as zeros");
	ok(pwrite(fd, "mid", 3, 500000) == 3 &&
		   pread(fd, block, 100, 499950) == 100 &&
		   filled(block, 50, 0) && !memcmp(block + 50, "mid", 3) &&
		   filled(block + 53, 47, 0),
	   "and can be written");
	ok(lseek(fd, 0, SEEK_DATA) >= 0 && lseek(fd, 0, SEEK_DATA) <= 500000 &&
		   lseek(fd, 1000000, SEEK_HOLE) == 1000003,
	   "SEEK_DATA and SEEK_HOLE");
	ok_errno(lseek(fd, 1000003, SEEK_DATA), ENXIO,
		 "SEEK_DATA behind the end");
	close(fd);
}

static void truncation(void)
{
	int fd = open_new("truncate");

	memset(block, 'x', 10000);
	if (write(fd, block, 10000) != 10000)
		bail("write");
	ok(ftruncate(fd, 5000) == 0 && fstat(fd, &st) == 0 &&
		   st.st_size == 5000,
	   "it gets shorter");
	ok(ftruncate(fd, 9000) == 0 && pread(fd, block, 9000, 0) == 9000 &&
		   filled(block, 5000, 'x') && filled(block + 5000, 4000, 0),
	   "and longer, with zeros");
	ok(truncate("truncate", 0) == 0 && fstat(fd, &st) == 0 &&
		   st.st_size == 0 && st.st_blocks == 0,
	   "and empty: no blocks");
	ok(write(fd, "x", 1) == 1 && fstat(fd, &st) == 0 && st.st_size == 10001,
	   "the offset is where it was");
	ok_errno(ftruncate(fd, -1), EINVAL, "a negative length");
	close(fd);
	fd = open("truncate", O_RDONLY);
	ok_errno(ftruncate(fd, 0), EINVAL, "a file open for reading");
	close(fd);
	ok_errno(truncate(".", 0), EISDIR, "a folder");
	ok_errno(truncate("none", 0), ENOENT, "nothing there");
}

static void large(void)
{
	static const long places[] = {GIGABYTE / 64, GIGABYTE / 2, 3 * GIGABYTE,
				      5 * GIGABYTE};
	int fd = open_new("large");
	int good = 0;
	int i;

	for (i = 0; i < 4; i++)
		good += pwrite(fd, &places[i], 8, places[i]) == 8;
	ok(good == 4 && fstat(fd, &st) == 0 && st.st_size == 5 * GIGABYTE + 8,
	   "offsets of more than 4 GB");
	for (i = 0; i < 4; i++)
		good -= pread(fd, block, 8, places[i]) == 8 &&
			!memcmp(block, &places[i], 8);
	ok(good == 0, "each place holds what was written there");
	ok(lseek(fd, 5 * GIGABYTE, SEEK_SET) == 5 * GIGABYTE &&
		   read(fd, block, 100) == 8,
	   "lseek goes there");
	ok(ftruncate(fd, GIGABYTE) == 0 &&
		   pread(fd, block, 8, GIGABYTE / 2) == 8 &&
		   !memcmp(block, &places[1], 8) &&
		   pread(fd, block, 8, GIGABYTE) == 0,
	   "truncated, what is left stays");
	ok(ftruncate(fd, 6 * GIGABYTE) == 0 &&
		   pread(fd, block, 8, 3 * GIGABYTE) == 8 &&
		   filled(block, 8, 0),
	   "what was cut off does not come back");
	ok(ftruncate(fd, 0) == 0 && fstat(fd, &st) == 0 && st.st_blocks == 0,
	   "all blocks are given back");
	close(fd);
}

static void vectors(void)
{
	struct iovec out[3] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
	struct iovec in[2] = {{block, 6}, {block + 100, 100}};
	static struct iovec many[1025];
	int fd = open_new("vectors");

	ok(writev(fd, out, 3) == 13 && lseek(fd, 0, SEEK_SET) == 0 &&
		   readv(fd, in, 2) == 13 && !memcmp(block, "one tw", 6) &&
		   !memcmp(block + 100, "o three", 7),
	   "writev and readv");
	ok(pwritev(fd, out, 1, 4) == 4 && preadv(fd, in, 1, 4) == 6 &&
		   !memcmp(block, "one th", 6),
	   "pwritev and preadv");
	ok(writev(fd, out, 0) == 0, "no vector: 0");
	ok_errno(writev(fd, many, 1025), EINVAL, "more than IOV_MAX");
	ok_errno(syscall(SYS_writev, fd, out, -1), EINVAL, "a negative count");
	out[1].iov_len = -1;
	ok_errno(writev(fd, out, 3), EINVAL, "a negative length");
	ok_errno(writev(fd, nowhere, 1), EFAULT, "a bad pointer");
	close(fd);
}

static void sizes(void)
{
	static const int lengths[] = {1,    511,  512,	 1023,	1024, 4095,
				      4096, 4097, 12288, 12289, 65536};
	int good = 0;
	int fd;
	int i;

	for (i = 0; i < 11; i++) {
		fd = open_new("size");
		memset(block, 'a' + i, lengths[i]);
		good += write(fd, block, lengths[i]) == lengths[i] &&
			lseek(fd, 0, SEEK_SET) == 0 &&
			read(fd, block, 70000) == lengths[i] &&
			filled(block, lengths[i], 'a' + i);
		close(fd);
	}
	ok(good == 11, "sizes about a sector, a block, a page");
	fd = open_new("bytes");
	for (i = 0; i < 5000; i++)
		if (write(fd, "z", 1) != 1)
			break;
	ok(i == 5000 && pread(fd, block, 6000, 0) == 5000 &&
		   filled(block, 5000, 'z'),
	   "byte by byte over a page's end");
	close(fd);
}

static void shared_offset(void)
{
	int fd = open_new("shared");
	int twin = dup(fd);
	pid_t pid;

	if (write(fd, "abc", 3) != 3)
		bail("write");
	ok(lseek(twin, 0, SEEK_CUR) == 3, "a duplicate shares the offset");
	pid = fork();
	if (pid == 0)
		_exit(write(fd, "def", 3) != 3);
	exit_code(pid);
	ok(lseek(fd, 0, SEEK_CUR) == 6, "and so does a child");
	close(twin);
	twin = open("shared", O_RDONLY);
	ok(lseek(twin, 0, SEEK_CUR) == 0, "another open has its own");
	close(twin);
	close(fd);
}

static void everything(void)
{
	offsets();
	holes();
	truncation();
	large();
	vectors();
	sizes();
	shared_offset();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
