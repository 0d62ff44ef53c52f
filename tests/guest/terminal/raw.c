/*
 * Non-canonical input: VMIN and VTIME in their four cases, O_NONBLOCK, the
 * counts of what waits, and switching between modes.
 */
#include "pty.h"

static struct pty pty;
static char text[64];

/* When types_later was called last; 0: its time has been taken. */
static long typing_since;

/* types_later - a child that types, a byte each 30 ms. */
static pid_t types_later(const char *bytes)
{
	pid_t pid;

	typing_since = now_ms();
	pid = fork();
	if (pid == 0) {
		for (; *bytes; bytes++) {
			sleep_ms(30);
			need(write(pty.master, bytes, 1) == 1);
		}
		_exit(0);
	}
	return pid;
}

/* timed_read - what a read gives, and how long it takes: from the typing's
 * beginning, which the reader may be late for. */
static int timed_read(int size, long *ms)
{
	long before = typing_since ? typing_since : now_ms();
	int got = read(pty.slave, text, size);

	*ms = now_ms() - before;
	typing_since = 0;
	return got;
}

static void cases(void)
{
	pid_t pid;
	long ms;

	pty_raw(&pty, 1, 0);
	pid = types_later("ab");
	ok(timed_read(64, &ms) == 1 && *text == 'a' && ms >= 20,
	   "VMIN 1, VTIME 0: waits for one");
	exit_code(pid);
	ok(read(pty.slave, text, 64) == 1, "the rest later");
	pty_raw(&pty, 3, 0);
	pid = types_later("abcd");
	ok(timed_read(64, &ms) >= 3 && ms >= 80, "VMIN 3: waits for three");
	exit_code(pid);
	tcflush(pty.slave, TCIFLUSH);
	pty_raw(&pty, 0, 0);
	ok(timed_read(64, &ms) == 0 && ms < 500,
	   "VMIN 0, VTIME 0: never waits, 0");
	pty_raw(&pty, 0, 1);
	ok(timed_read(64, &ms) == 0 && ms >= 90 && ms < 2000,
	   "VMIN 0, VTIME 1: 0 after a tenth of a second");
	pid = types_later("a");
	ok(timed_read(64, &ms) == 1 && ms < 1000, "or a byte when it comes");
	exit_code(pid);
	pty_raw(&pty, 5, 1);
	pid = types_later("ab");
	ok(timed_read(64, &ms) == 2 && ms >= 140,
	   "VMIN 5, VTIME 1: what came when the keys rest");
	exit_code(pid);
	pty_raw(&pty, 5, 20);
	pid = types_later("a");
	ok(timed_read(1, &ms) == 1 && ms < 1900,
	   "a read of less than VMIN is done when it is full");
	exit_code(pid);
}

static void non_blocking(void)
{
	int flags = fcntl(pty.slave, F_GETFL);

	pty_raw(&pty, 1, 0);
	fcntl(pty.slave, F_SETFL, flags | O_NONBLOCK);
	ok_errno(read(pty.slave, text, 64), EAGAIN, "O_NONBLOCK: EAGAIN");
	pty_raw(&pty, 0, 0);
	ok(read(pty.slave, text, 64) == 0 || errno == EAGAIN,
	   "with VMIN 0: nothing");
	pty_modes(&pty, 0, ECHO, 0, 0);
	pty_type(&pty, "half");
	ok_errno(read(pty.slave, text, 64), EAGAIN,
		 "half a line: EAGAIN in canonical mode");
	pty_type(&pty, "\n");
	ok(read(pty.slave, text, 64) == 5, "a whole line is read");
	fcntl(pty.slave, F_SETFL, flags);
}

static int waiting(int request)
{
	int count = -1;

	ioctl(pty.slave, request, &count);
	return count;
}

static void counts(void)
{
	pty_raw(&pty, 1, 0);
	ok(waiting(FIONREAD) == 0, "FIONREAD: nothing");
	pty_type(&pty, "four");
	pty_arrives(pty.slave, 100);
	ok(waiting(FIONREAD) == 4 && waiting(TIOCINQ) == 4,
	   "FIONREAD: what was typed");
	tcflush(pty.slave, TCIFLUSH);
	ok(waiting(FIONREAD) == 0, "nothing again after TCIFLUSH");
	pty_modes(&pty, 0, ECHO, 0, 0);
	pty_type(&pty, "line\nhalf");
	pty_arrives(pty.slave, 100);
	ok(waiting(FIONREAD) == 5, "in canonical mode: whole lines only");
	tcflush(pty.slave, TCIFLUSH);
	ok(waiting(TIOCOUTQ) == 0, "TIOCOUTQ: all is written");
}

static int readable(void)
{
	return pty_arrives(pty.slave, 20);
}

static void polling(void)
{
	struct pollfd pollfd = {pty.slave, POLLIN | POLLOUT, 0};

	pty_raw(&pty, 1, 0);
	ok(poll(&pollfd, 1, 0) == 1 && pollfd.revents == POLLOUT,
	   "poll: it can be written");
	pty_type(&pty, "x");
	ok(readable(), "and read when a byte came");
	tcflush(pty.slave, TCIFLUSH);
	pty_modes(&pty, 0, ECHO, 0, 0);
	pty_type(&pty, "x");
	ok(!readable(), "canonical: not for half a line");
	pty_type(&pty, "\n");
	ok(readable(), "but for a line");
	tcflush(pty.slave, TCIFLUSH);
}

static void switching(void)
{
	pty_modes(&pty, 0, ECHO, 0, 0);
	pty_type(&pty, "typed");
	ok(!readable(), "typed in canonical mode");
	pty_raw(&pty, 1, 0);
	ok(readable() && read(pty.slave, text, 64) == 5,
	   "can be read when the mode is raw");
	pty_modes(&pty, 0, ECHO, 0, 0);
}

static void attributes(void)
{
	struct termios modes;
	struct winsize size;
	int fd = open("/dev/null", O_RDWR);

	pty_modes(&pty, NOFLSH, 0, 0, 0);
	ok(tcgetattr(pty.slave, &modes) == 0 && modes.c_lflag & NOFLSH &&
		   modes.c_cc[VINTR] == 3 && modes.c_cc[VLNEXT] == 22,
	   "tcgetattr tells what was set");
	ok(cfgetospeed(&modes) == B38400, "the speed too");
	cfsetspeed(&modes, B9600);
	tcsetattr(pty.slave, TCSANOW, &modes);
	tcgetattr(pty.slave, &modes);
	ok(cfgetispeed(&modes) == B9600 && cfgetospeed(&modes) == B9600,
	   "it can be set");
	ok_errno(tcgetattr(fd, &modes), ENOTTY, "/dev/null is no terminal");
	ok_errno(ioctl(fd, TIOCGWINSZ, &size), ENOTTY, "it has no window");
	ok_errno(ioctl(pty.slave, 0x54ff, 0), ENOTTY, "an unknown request");
	ok_errno(ioctl(pty.slave, TCGETS, nowhere), EFAULT, "a bad pointer");
	ok(isatty(pty.slave) && isatty(pty.master), "both ends are terminals");
	close(fd);
}

int main(void)
{
	pty_open(&pty);
	cases();
	non_blocking();
	counts();
	polling();
	switching();
	attributes();
	return done_testing();
}
