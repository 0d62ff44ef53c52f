/*
 * FIFOs: who waits for whom at open(2), and what O_NONBLOCK changes.
 */
#include "tap.h"
#include <poll.h>

static int opens_writing(void)
{
	int fd = open("fifo", O_WRONLY);

	need(fd >= 0);
	need(write(fd, "from child", 10) == 10);
	return 0;
}

static int opens_reading(void)
{
	char byte;
	int fd = open("fifo", O_RDONLY);

	need(fd >= 0);
	need(read(fd, &byte, 1) == 1);
	return byte;
}

static int opens_both(void)
{
	char text[4];
	int fd = open("fifo", O_RDWR);

	need(fd >= 0 && write(fd, "ab", 2) == 2 && read(fd, text, 4) == 2);
	return 0;
}

static void opening(void)
{
	char text[20] = "";
	pid_t pid;
	int fd;

	pid = start_child(opens_writing);
	ok(wait_for_state(pid, 'S'), "a writer waits for a reader");
	fd = open("fifo", O_RDONLY);
	ok(fd >= 0 && read(fd, text, 20) == 10 && !strcmp(text, "from child"),
	   "they meet");
	ok(exit_code(pid) == 0 && read(fd, text, 20) == 0,
	   "the writer gone: end of file");
	close(fd);
	pid = start_child(opens_reading);
	ok(wait_for_state(pid, 'S'), "a reader waits for a writer");
	fd = open("fifo", O_WRONLY);
	ok(fd >= 0 && write(fd, "r", 1) == 1 && exit_code(pid) == 'r',
	   "they meet");
	close(fd);
	ok(in_child(opens_both) == 0, "O_RDWR waits for nobody");
}

static void non_blocking(void)
{
	char byte;
	int in;
	int out;

	ok_errno(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO,
		 "O_NONBLOCK writing without a reader: ENXIO");
	in = open("fifo", O_RDONLY | O_NONBLOCK);
	ok(in >= 0, "O_NONBLOCK reading never waits");
	ok(read(in, &byte, 1) == 0, "no writer yet: end of file");
	out = open("fifo", O_WRONLY | O_NONBLOCK);
	ok(out >= 0, "now a writer may come");
	ok_errno(read(in, &byte, 1), EAGAIN,
		 "a writer, nothing written: EAGAIN");
	ok(write(out, "x", 1) == 1 && read(in, &byte, 1) == 1, "it works");
	close(in);
	signal(SIGPIPE, SIG_IGN);
	ok_errno(write(out, "x", 1), EPIPE, "the reader gone: EPIPE");
	signal(SIGPIPE, SIG_DFL);
	close(out);
}

static void hang_up(void)
{
	struct pollfd pollfd;
	int in = open("fifo", O_RDONLY | O_NONBLOCK);
	int out;

	pollfd.fd = in;
	pollfd.events = POLLIN;
	ok(poll(&pollfd, 1, 0) == 0, "poll before the first writer: nothing");
	out = open("fifo", O_WRONLY);
	close(out);
	ok(poll(&pollfd, 1, 0) == 1 && pollfd.revents == POLLHUP,
	   "after the last: POLLHUP");
	close(in);
}

static void contents(void)
{
	char text[8];
	int fd = open("fifo", O_RDWR);
	struct stat st;

	ok(write(fd, "lost", 4) == 4 && fstat(fd, &st) == 0 && st.st_size == 0,
	   "its size is 0");
	close(fd);
	fd = open("fifo", O_RDONLY | O_NONBLOCK);
	ok(read(fd, text, 8) == 0, "all closed, what was in it is gone");
	close(fd);
	ok(mkfifo("fifo", 0600) == -1 && errno == EEXIST, "mkfifo: EEXIST");
	fd = open("fifo", O_RDWR);
	ok(unlink("fifo") == 0 && write(fd, "x", 1) == 1 &&
		   read(fd, text, 8) == 1,
	   "unlinked, it works on");
	close(fd);
}

static void everything(void)
{
	struct stat st;

	umask(022);
	ok(mkfifo("fifo", 0666) == 0 && lstat("fifo", &st) == 0 &&
		   S_ISFIFO(st.st_mode) && (st.st_mode & 0777) == 0644,
	   "mkfifo");
	opening();
	non_blocking();
	hang_up();
	contents();
}

int main(void)
{
	each_folder(everything);
	return done_testing();
}
