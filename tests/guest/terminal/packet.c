/*
 * Packet mode: what a pty's master is told of its other end, TIOCPKT; and
 * EXTPROC, which leaves the work on lines to whoever holds the master.
 */
#include "pty.h"

static struct pty pty;
static char text[8192];

static int packet(int on)
{
	return ioctl(pty.master, TIOCPKT, &on);
}

/* What one read at the master gives: its status byte, -1 if it would wait. */
static int status(int wait_ms)
{
	text[1] = 0;
	if (!pty_arrives(pty.master, wait_ms))
		return -1;
	if (read(pty.master, text, sizeof(text)) < 1)
		return -2;
	return (unsigned char)text[0];
}

static int poll_events(void)
{
	struct pollfd pollfd = {pty.master, POLLIN | POLLPRI, 0};

	poll(&pollfd, 1, 50);
	return pollfd.revents;
}

static void on_and_off(void)
{
	int value = 7;

	ok_errno(ioctl(pty.slave, TIOCPKT, &value), ENOTTY,
		 "TIOCPKT is the master's");
	ok_errno(ioctl(pty.slave, TIOCGPKT, &value), ENOTTY, "TIOCGPKT too");
	ok_errno(ioctl(pty.master, TIOCPKT, nowhere), EFAULT, "its argument");
	ok(!ioctl(pty.master, TIOCGPKT, &value) && value == 0, "off at first");
	ok(!packet(5) && !ioctl(pty.master, TIOCGPKT, &value) && value == 1,
	   "any number puts it on");
	ok(status(20) == -1, "nothing to tell yet");
}

static void data(void)
{
	char two[2];

	if (write(pty.slave, "abc", 3) != 3)
		bail("write");
	ok(pty_arrives(pty.master, 50) && poll_events() == POLLIN &&
		   read(pty.master, two, 2) == 2 && two[0] == TIOCPKT_DATA &&
		   two[1] == 'a',
	   "DATA before each piece");
	ok(status(50) == TIOCPKT_DATA && !memcmp(text + 1, "bc", 2),
	   "and before the rest");
	if (write(pty.slave, "x", 1) != 1)
		bail("write");
	ok(pty_arrives(pty.master, 50) && read(pty.master, two, 1) == 1 &&
		   two[0] == TIOCPKT_DATA && status(50) == TIOCPKT_DATA &&
		   text[1] == 'x',
	   "room for the byte alone takes nothing else");
}

static void flushes(void)
{
	ok(!tcflush(pty.slave, TCIFLUSH) && poll_events() == (POLLIN | POLLPRI),
	   "something to tell: POLLPRI");
	ok(status(50) == TIOCPKT_FLUSHREAD, "FLUSHREAD");
	ok(!tcflush(pty.slave, TCOFLUSH) && status(50) == TIOCPKT_FLUSHWRITE,
	   "FLUSHWRITE");
	ok(!tcflush(pty.slave, TCIOFLUSH) &&
		   status(50) == (TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE),
	   "both in one");
	ok(status(20) == -1, "told once");
	if (write(pty.slave, "old", 3) != 3)
		bail("write");
	tcflush(pty.slave, TCIFLUSH);
	ok(status(50) == TIOCPKT_FLUSHREAD && status(50) == TIOCPKT_DATA &&
		   !memcmp(text + 1, "old", 3),
	   "before data that was there");
}

static void stops(void)
{
	ok(!tcflow(pty.slave, TCOOFF) && status(50) == TIOCPKT_STOP, "STOP");
	ok(!tcflow(pty.slave, TCOON) && status(50) == TIOCPKT_START, "START");
	tcflow(pty.slave, TCOOFF);
	tcflow(pty.slave, TCOON);
	ok(status(50) == TIOCPKT_START, "the later of the two is told");
	pty_type(&pty, "\23");
	ok(status(50) == TIOCPKT_STOP, "^S");
	pty_type(&pty, "\21");
	ok(status(50) == TIOCPKT_START, "^Q");
}

static void who_stops(void)
{
	struct termios modes = pty_sane;

	modes.c_iflag &= ~IXON;
	tcsetattr(pty.slave, TCSANOW, &modes);
	ok(status(50) == TIOCPKT_NOSTOP, "IXON off: NOSTOP");
	tcsetattr(pty.slave, TCSANOW, &pty_sane);
	ok(status(50) == TIOCPKT_DOSTOP, "IXON with ^S and ^Q: DOSTOP");
	modes = pty_sane;
	modes.c_cc[VSTOP] = 'x';
	tcsetattr(pty.slave, TCSANOW, &modes);
	ok(status(50) == TIOCPKT_NOSTOP, "another VSTOP: NOSTOP");
	modes.c_lflag &= ~ECHO;
	tcsetattr(pty.slave, TCSANOW, &modes);
	ok(status(20) == -1, "other settings are not told");
	tcsetattr(pty.slave, TCSANOW, &pty_sane);
	status(50);
}

static void forgets(void)
{
	tcflush(pty.slave, TCIFLUSH);
	ok(!packet(0) && status(20) == -1, "off: nothing is told");
	ok(!packet(1) && status(20) == -1, "on again: what was is forgotten");
	tcflush(pty.slave, TCIFLUSH);
	ok(!packet(1) && status(50) == TIOCPKT_FLUSHREAD,
	   "on while on: it is not");
}

static void external(void)
{
	struct termios modes = pty_sane;

	modes.c_lflag |= EXTPROC;
	ok(!tcsetattr(pty.slave, TCSANOW, &modes) &&
		   status(50) == TIOCPKT_IOCTL,
	   "EXTPROC comes: IOCTL");
	modes.c_lflag &= ~ECHO;
	ok(!tcsetattr(pty.slave, TCSANOW, &modes) &&
		   status(50) == TIOCPKT_IOCTL,
	   "each change while it is set: IOCTL");
	pty_type(&pty, "raw\3");
	ok(pty_arrives(pty.slave, 50) && read(pty.slave, text, 20) == 4 &&
		   !memcmp(text, "raw\3", 4),
	   "EXTPROC: a line without end is read, keys are characters");
	modes.c_lflag |= ECHO;
	tcsetattr(pty.slave, TCSANOW, &modes);
	status(50);
	pty_type(&pty, "e");
	ok(read(pty.slave, text, 20) == 1 && status(20) == -1, "no echo");
	tcsetattr(pty.slave, TCSANOW, &pty_sane);
	ok(status(50) == TIOCPKT_IOCTL, "EXTPROC goes: IOCTL");
}

static void ends(void)
{
	close(pty.slave);
	ok_errno(read(pty.master, text, 10), EIO, "the slave is closed: EIO");
	close(pty.master);
}

int main(void)
{
	pty_open(&pty);
	on_and_off();
	pty_modes(&pty, 0, ECHO, 0, 0);
	while (status(20) >= 0)
		;
	data();
	flushes();
	stops();
	who_stops();
	forgets();
	external();
	ends();
	return done_testing();
}
