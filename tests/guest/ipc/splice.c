/*
 * splice(2), tee(2), vmsplice(2), sendfile(2) and copy_file_range(2): bytes
 * moved inside the kernel.
 */
#include "tap.h"
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static int first[2];
static int second[2];
static char text[20000];

static void setup(void)
{
	if (pipe(first) || pipe(second))
		bail("pipe");
}

static void cleanup(void)
{
	close(first[0]);
	close(first[1]);
	close(second[0]);
	close(second[1]);
}

static void splices(void)
{
	off_t offset = 4;
	int fd;

	setup();
	put_file("file", "0123456789");
	fd = open("file", O_RDWR);
	ok(splice(fd, &offset, first[1], NULL, 3, 0) == 3 && offset == 7 &&
		   lseek(fd, 0, SEEK_CUR) == 0,
	   "file to pipe, at an offset of its own");
	ok(read(first[0], text, 100) == 3 && !memcmp(text, "456", 3),
	   "the bytes arrive");
	ok(splice(fd, NULL, first[1], NULL, 100, 0) == 10 &&
		   lseek(fd, 0, SEEK_CUR) == 10,
	   "file to pipe, at the file's offset");
	ok(splice(first[0], NULL, second[1], NULL, 4, 0) == 4 &&
		   read(second[0], text, 100) == 4 && !memcmp(text, "0123", 4),
	   "pipe to pipe");
	offset = 20;
	ok(splice(first[0], NULL, fd, &offset, 100, 0) == 6 && offset == 26 &&
		   pread(fd, text, 10, 20) == 6 && !memcmp(text, "456789", 6),
	   "pipe to file");
	ok_errno(splice(first[0], NULL, second[1], NULL, 4, SPLICE_F_NONBLOCK),
		 EAGAIN, "an empty pipe, SPLICE_F_NONBLOCK: EAGAIN");
	ok_errno(splice(fd, NULL, fd, NULL, 4, 0), EINVAL, "no pipe at all");
	ok_errno(splice(first[0], &offset, second[1], NULL, 4, 0), ESPIPE,
		 "a pipe has no offset");
	close(first[1]);
	ok(splice(first[0], NULL, second[1], NULL, 4, 0) == 0,
	   "no writer: end of file");
	close(fd);
	cleanup();
}

static void tees(void)
{
	setup();
	if (write(first[1], "abcdef", 6) != 6)
		bail("write");
	ok(tee(first[0], second[1], 4, 0) == 4 &&
		   read(second[0], text, 100) == 4 && !memcmp(text, "abcd", 4),
	   "tee copies");
	ok(read(first[0], text, 100) == 6 && !memcmp(text, "abcdef", 6),
	   "and takes nothing away");
	ok_errno(tee(first[0], first[1], 4, 0), EINVAL, "not to itself");
	cleanup();
}

static void memory(void)
{
	struct iovec parts[2] = {{"one", 3}, {"two", 3}};

	setup();
	ok(vmsplice(first[1], parts, 2, 0) == 6 &&
		   read(first[0], text, 100) == 6 && !memcmp(text, "onetwo", 6),
	   "vmsplice: memory to pipe");
	ok_errno(vmsplice(first[0], parts, 2, SPLICE_F_NONBLOCK), EAGAIN,
		 "vmsplice from an empty pipe, without waiting");
	fcntl(first[1], F_SETPIPE_SZ, 4096);
	ok(write(first[1], text, 4096) == 4096 &&
		   fails(vmsplice(first[1], parts, 2, SPLICE_F_NONBLOCK),
			 EAGAIN),
	   "to a full one");
	cleanup();
}

static void sends(void)
{
	off_t offset = 0;
	int from;
	int to;
	int event;
	int i;

	for (i = 0; i < (int)sizeof(text); i++)
		text[i] = i % 253;
	from = open("big", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (write(from, text, sizeof(text)) != sizeof(text))
		bail("write");
	to = open("copy", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ok(sendfile(to, from, &offset, 100000) == sizeof(text) &&
		   offset == sizeof(text),
	   "sendfile: file to file, to the end");
	memset(text, 0, sizeof(text));
	if (pread(to, text, sizeof(text), 0) != sizeof(text))
		bail("read");
	for (i = 0; i < (int)sizeof(text) && text[i] == (char)(i % 253); i++)
		;
	ok(i == sizeof(text), "every byte");
	ok(sendfile(to, from, &offset, 10) == 0, "at the end: 0");
	lseek(from, 10, SEEK_SET);
	setup();
	ok(sendfile(first[1], from, NULL, 5) == 5 &&
		   lseek(from, 0, SEEK_CUR) == 15 &&
		   read(first[0], text, 100) == 5 && text[0] == 10,
	   "sendfile: file to pipe, at the file's offset");
	ok_errno(sendfile(to, first[0], NULL, 5), EINVAL, "not from a pipe");
	event = eventfd(0, 0);
	ok_errno(sendfile(to, event, NULL, 8), EINVAL, "nor from an eventfd");
	close(event);
	cleanup();
	close(from);
	close(to);
}

static void ranges(void)
{
	off_t in = 2;
	off_t out = 5;
	int from;
	int to;

	put_file("from", "0123456789");
	put_file("to", "");
	from = open("from", O_RDONLY);
	to = open("to", O_RDWR);
	ok(copy_file_range(from, &in, to, &out, 4, 0) == 4 && in == 6 &&
		   out == 9,
	   "copy_file_range");
	ok(pread(to, text, 20, 0) == 9 && text[0] == 0 &&
		   !memcmp(text + 5, "2345", 4),
	   "the bytes are there, a hole before them");
	ok(lseek(from, 6, SEEK_SET) == 6 && lseek(to, 1, SEEK_SET) == 1 &&
		   copy_file_range(from, NULL, to, NULL, 100, 0) == 4 &&
		   lseek(from, 0, SEEK_CUR) == 10 &&
		   lseek(to, 0, SEEK_CUR) == 5 && pread(to, text, 4, 1) == 4 &&
		   !memcmp(text, "6789", 4),
	   "without positions: at the files', which move");
	ok(copy_file_range(from, NULL, to, NULL, 100, 0) == 0, "at the end: 0");
	in = -1;
	ok_errno(copy_file_range(from, &in, to, NULL, 0, 0), EINVAL,
		 "no position before the beginning");
	ok_errno(copy_file_range(from, &in, to, NULL, 4, 0), EOVERFLOW,
		 "least of all if bytes are asked for");
	in = 2;
	ok_errno(copy_file_range(from, &in, to, &in, -1, 0), EOVERFLOW,
		 "nor an end behind the last");
	out = 3;
	ok_errno(copy_file_range(to, &in, to, &out, 2, 0), EINVAL,
		 "ranges of one file do not overlap");
	ok_errno(copy_file_range(99, nowhere, to, NULL, 4, 1), EBADF,
		 "files are looked at first");
	ok_errno(copy_file_range(from, nowhere, to, NULL, 4, 1), EFAULT,
		 "then positions");
	ok_errno(copy_file_range(from, NULL, from, NULL, 4, 0), EBADF,
		 "not to a file open for reading");
	ok_errno(copy_file_range(from, NULL, to, NULL, 4, 1), EINVAL,
		 "unknown flags");
	close(to);
	to = memfd_create("elsewhere", 0);
	ok_errno(copy_file_range(from, NULL, to, NULL, 4, 0), EXDEV,
		 "not to another file system");
	close(from);
	close(to);
}

/* What is looked at first where several things are wrong. */
static void orders(void)
{
	loff_t offset = 0;

	setup();
	ok(splice(99, NULL, 99, NULL, 0, -1U) == 0, "splice: nothing is 0");
	ok_errno(splice(99, NULL, 99, NULL, 1, -1U), EINVAL, "then flags");
	ok_errno(splice(99, nowhere, 99, NULL, 1, 0), EBADF, "then files");
	ok_errno(splice(first[0], nowhere, second[1], NULL, 1, 0), ESPIPE,
		 "a pipe has no position");
	ok_errno(splice(second[0], NULL, first[1], &offset, 1, 0), ESPIPE,
		 "nor has the other");
	ok_errno(tee(99, 99, 0, -1U), EINVAL, "tee: flags first");
	cleanup();
}

static void everything(void)
{
	splices();
	tees();
	orders();
	memory();
	sends();
	ranges();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
