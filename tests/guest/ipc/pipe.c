/*
 * pipe(2): order, capacity, atomic writes, ends of file, and what it says
 * when nobody is at the other end.
 */
#include "tap.h"
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static int pipes[2];
static char block[200000];

static void new_pipe(void)
{
	if (pipe(pipes))
		bail("pipe");
}

static void close_both(void)
{
	close(pipes[0]);
	close(pipes[1]);
}

static void basics(void)
{
	struct stat st;
	int count = 0;

	new_pipe();
	ok(write(pipes[1], "hello", 5) == 5 && write(pipes[1], "!", 1) == 1 &&
		   read(pipes[0], block, 100) == 6 &&
		   !memcmp(block, "hello!", 6),
	   "bytes come in order");
	ok(write(pipes[1], "abc", 3) == 3 &&
		   ioctl(pipes[0], FIONREAD, &count) == 0 && count == 3,
	   "FIONREAD");
	ok(read(pipes[0], block, 0) == 0 && read(pipes[0], block, 2) == 2 &&
		   read(pipes[0], block, 2) == 1,
	   "a read takes what it asks for, or what there is");
	ok(fstat(pipes[0], &st) == 0 && S_ISFIFO(st.st_mode), "it is a FIFO");
	ok_errno(lseek(pipes[0], 0, SEEK_SET), ESPIPE, "no lseek");
	ok_errno(pread(pipes[0], block, 1, 0), ESPIPE, "no pread");
	ok_errno(ftruncate(pipes[1], 0), EINVAL, "no truncate");
	ok_errno(write(pipes[0], "x", 1), EBADF, "no write to the reading end");
	ok_errno(read(pipes[1], block, 1), EBADF, "no read from the other");
	ok_errno(write(pipes[1], nowhere, 1), EFAULT, "a bad pointer");
	close(pipes[1]);
	ok(read(pipes[0], block, 1) == 0, "all writers gone: end of file");
	close(pipes[0]);
}

static void flags(void)
{
	ok(pipe2(pipes, O_CLOEXEC | O_NONBLOCK) == 0 &&
		   fcntl(pipes[0], F_GETFD) == FD_CLOEXEC &&
		   fcntl(pipes[1], F_GETFL) == (O_WRONLY | O_NONBLOCK) &&
		   fcntl(pipes[0], F_GETFL) == (O_RDONLY | O_NONBLOCK),
	   "pipe2 sets flags");
	ok_errno(read(pipes[0], block, 1), EAGAIN,
		 "O_NONBLOCK: nothing, EAGAIN");
	close_both();
	ok_errno(pipe2(pipes, O_CREAT), EINVAL, "unknown flags");
	ok_errno(pipe(nowhere), EFAULT, "a bad pointer");
}

static int fill(void)
{
	int total = 0;
	int got;

	while ((got = write(pipes[1], block, 4096)) > 0)
		total += got;
	return total;
}

static void capacity(void)
{
	new_pipe();
	fcntl(pipes[1], F_SETFL, O_NONBLOCK);
	ok(fcntl(pipes[0], F_GETPIPE_SZ) == 65536, "64 KiB");
	ok(fill() == 65536 && errno == EAGAIN, "then EAGAIN");
	ok_errno(write(pipes[1], "x", 1), EAGAIN, "even for a byte");
	ok(read(pipes[0], block, 4095) == 4095, "some are read");
	ok_errno(write(pipes[1], block, 4096), EAGAIN,
		 "PIPE_BUF bytes are written whole or not at all");
	ok(read(pipes[0], block, 1) == 1 &&
		   write(pipes[1], block, 8192) == 4096,
	   "more than PIPE_BUF may be written in part");
	ok_errno(fcntl(pipes[1], F_SETPIPE_SZ, 4096), EBUSY,
		 "F_SETPIPE_SZ: smaller than what is in it");
	ok(fcntl(pipes[1], F_SETPIPE_SZ, 100000) == 131072 &&
		   fcntl(pipes[0], F_GETPIPE_SZ) == 131072,
	   "F_SETPIPE_SZ rounds up to a power of two");
	ok(fill() == 65536, "then it holds more");
	close_both();
}

static int writes_much(void)
{
	close(pipes[0]);
	need(write(pipes[1], block, sizeof(block)) == sizeof(block));
	return 0;
}

static void blocking(void)
{
	int total = 0;
	pid_t pid;
	int got;
	int i;

	for (i = 0; i < (int)sizeof(block); i++)
		block[i] = i % 251;
	new_pipe();
	pid = start_child(writes_much);
	close(pipes[1]);
	memset(block, 0, sizeof(block));
	while ((got = read(pipes[0], block + total, 7777)) > 0)
		total += got;
	for (i = 0; i < total && block[i] == (char)(i % 251); i++)
		;
	ok(total == sizeof(block) && i == total && exit_code(pid) == 0,
	   "a writer of 200,000 bytes waits for its reader");
	close(pipes[0]);
}

static int writes_lines(void)
{
	char line[1000];
	int i;

	memset(line, 'a' + getpid() % 26, sizeof(line));
	for (i = 0; i < 50; i++)
		need(write(pipes[1], line, sizeof(line)) == sizeof(line));
	return 0;
}

static void atomic(void)
{
	pid_t pids[4];
	int mixed = 0;
	int lines = 0;
	int got;
	int i;

	new_pipe();
	for (i = 0; i < 4; i++)
		pids[i] = start_child(writes_lines);
	close(pipes[1]);
	while ((got = read(pipes[0], block, 1000)) > 0) {
		while (got < 1000)
			got += read(pipes[0], block + got, 1000 - got);
		for (i = 1; i < 1000; i++)
			mixed += block[i] != block[0];
		lines++;
	}
	for (i = 0; i < 4; i++)
		exit_code(pids[i]);
	ok(lines == 200 && !mixed, "writes of up to PIPE_BUF do not mix");
	close(pipes[0]);
}

static void broken(void)
{
	struct pollfd pollfd;

	new_pipe();
	close(pipes[0]);
	signal(SIGPIPE, SIG_IGN);
	ok_errno(write(pipes[1], "x", 1), EPIPE, "no reader: EPIPE");
	pollfd.fd = pipes[1];
	pollfd.events = POLLOUT;
	ok(poll(&pollfd, 1, 0) == 1 && pollfd.revents == (POLLOUT | POLLERR),
	   "poll: POLLERR");
	signal(SIGPIPE, SIG_DFL);
	close(pipes[1]);
}

static void vectors(void)
{
	struct iovec out[3] = {{"one", 3}, {"", 0}, {"three", 5}};
	char a[4];
	char b[10];
	struct iovec in[2] = {{a, 4}, {b, 10}};

	new_pipe();
	ok(writev(pipes[1], out, 3) == 8 && readv(pipes[0], in, 2) == 8 &&
		   !memcmp(a, "onet", 4) && !memcmp(b, "hree", 4),
	   "writev gathers, readv scatters");
	close_both();
}

static void packets(void)
{
	if (pipe2(pipes, O_DIRECT))
		bail("O_DIRECT");
	ok(write(pipes[1], "first", 5) == 5 && write(pipes[1], "2nd", 3) == 3 &&
		   read(pipes[0], block, 100) == 5 &&
		   read(pipes[0], block, 2) == 2 && write(pipes[1], "x", 1) &&
		   read(pipes[0], block, 100) == 1,
	   "O_DIRECT: a read gives one write, and drops its rest");
	close_both();
}

static int reopened(void)
{
	char path[40];
	int fd;

	new_pipe();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", pipes[0]);
	fd = open(path, O_WRONLY | O_NONBLOCK);
	need(fd >= 0);
	close(pipes[1]);
	need(write(fd, "again", 5) == 5);
	need(read(pipes[0], block, 10) == 5);
	return 0;
}

int main(void)
{
	basics();
	flags();
	capacity();
	blocking();
	atomic();
	broken();
	vectors();
	packets();
	ok(in_child(reopened) == 0, "/proc/self/fd opens it again");
	return done_testing();
}
