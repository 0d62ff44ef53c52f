/*
 * Flow control by keys and by calls, breaks, exclusive use, and TIOCSTI.
 */
#include "pty.h"

static struct pty pty;

static int can_write(void)
{
	struct pollfd pollfd = {pty.slave, POLLOUT, 0};

	return poll(&pollfd, 1, 0) == 1 && (pollfd.revents & POLLOUT);
}

/* A key takes effect when the line discipline gets to it: another CPU may. */
static int becomes_writable(int wanted)
{
	int tries;

	for (tries = 0; tries < 100 && can_write() != wanted; tries++)
		usleep(1000);
	return can_write() == wanted;
}

static int shown_after(const char *text)
{
	int flags = fcntl(pty.slave, F_GETFL);

	fcntl(pty.slave, F_SETFL, flags | O_NONBLOCK);
	if (write(pty.slave, text, strlen(text)) < 0 && errno != EAGAIN)
		bail("write");
	fcntl(pty.slave, F_SETFL, flags);
	return !strcmp(pty_shown(&pty), text);
}

static void by_keys(void)
{
	ok(shown_after("one"), "output is shown");
	pty_type(&pty, "\23");
	ok(becomes_writable(0) && !shown_after("two"), "^S stops it");
	pty_type(&pty, "\21");
	ok(becomes_writable(1) && shown_after("three"), "^Q lets it go on");
	pty_type(&pty, "\23\21x\n");
	ok(!strcmp(pty_line(&pty), "x\n"), "neither is read");
	pty_shown(&pty);
	pty_modes(&pty, 0, 0, IXANY, 0);
	pty_type(&pty, "\23");
	ok(becomes_writable(0), "IXANY: ^S stops it");
	pty_type(&pty, "y");
	ok(becomes_writable(1), "IXANY: any key lets it go on");
	pty_type(&pty, "\n");
	pty_line(&pty);
	pty_shown(&pty);
}

static void without(void)
{
	struct termios modes = pty_sane;

	modes.c_iflag &= ~IXON;
	modes.c_lflag &= ~ECHO;
	tcsetattr(pty.slave, TCSANOW, &modes);
	pty_type(&pty, "\23\n");
	ok(can_write() && !strcmp(pty_line(&pty), "\23\n"),
	   "without IXON ^S is a character");
	pty_modes(&pty, 0, 0, 0, 0);
	pty_shown(&pty);
}

static void by_calls(void)
{
	ok(tcflow(pty.slave, TCOOFF) == 0 && !can_write(), "TCOOFF stops it");
	ok(tcflow(pty.slave, TCOON) == 0 && can_write() && shown_after("four"),
	   "TCOON lets it go on");
	ok(tcflow(pty.slave, TCIOFF) == 0 && !strcmp(pty_shown(&pty), "\23"),
	   "TCIOFF sends ^S");
	ok(tcflow(pty.slave, TCION) == 0 && !strcmp(pty_shown(&pty), "\21"),
	   "TCION sends ^Q");
	ok_errno(tcflow(pty.slave, 77), EINVAL, "an unknown action");
	ok(tcdrain(pty.slave) == 0, "tcdrain");
	ok(tcsendbreak(pty.slave, 0) == 0, "a break does nothing here");
}

static int writes_blocked(void)
{
	return write(pty.slave, "late", 4) != 4;
}

static void blocked_writer(void)
{
	pid_t pid;

	pty_type(&pty, "\23");
	pid = start_child(writes_blocked);
	ok(wait_for_state(pid, 'S') && !*pty_shown(&pty),
	   "a writer sleeps while output is stopped");
	pty_type(&pty, "\21");
	ok(exit_code(pid) == 0 && !strcmp(pty_shown(&pty), "late"),
	   "and is woken by ^Q");
}

static int opens_as_student(void)
{
	need(fails(open(pty.name, O_RDWR | O_NOCTTY), EBUSY));
	return 0;
}

static void exclusive(void)
{
	int fd;

	chmod(pty.name, 0666);
	ok(ioctl(pty.slave, TIOCEXCL) == 0, "TIOCEXCL");
	fd = in_child_as(STUDENT, opens_as_student);
	ok(fd == 0, "a user's open gives EBUSY");
	fd = open(pty.name, O_RDWR | O_NOCTTY);
	ok(fd >= 0, "root's does not");
	close(fd);
	ok(ioctl(pty.slave, TIOCNXCL) == 0, "TIOCNXCL");
	ok(in_child_as(STUDENT, opens_as_student) == 97, "now it opens");
}

static int stuffs_own(void)
{
	pty_session(&pty);
	need(ioctl(pty.slave, TIOCSTI, "s") == 0);
	need(ioctl(pty.slave, TIOCSTI, "\n") == 0);
	need(!strcmp(pty_line(&pty), "s\n"));
	return 0;
}

static int stuffs_as_student(void)
{
	return !fails(ioctl(pty.slave, TIOCSTI, "s"), EPERM);
}

static void stuffing(void)
{
	ok(in_child_as(STUDENT, stuffs_as_student) == 0,
	   "TIOCSTI: not to another's terminal");
	ok(in_child(stuffs_own) == 0, "TIOCSTI: typed by a program");
}

int main(void)
{
	pty_open(&pty);
	by_keys();
	without();
	by_calls();
	blocked_writer();
	exclusive();
	stuffing();
	return done_testing();
}
