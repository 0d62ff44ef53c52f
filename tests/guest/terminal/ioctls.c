/*
 * tty_ioctl(4) and ioctl_tty(2): the commands that have no subject of their
 * own, at both ends of a pty.
 */
#include "pty.h"

#include <sys/ioctl.h>
#include <sys/sysmacros.h>

static struct pty pty;
static char text[100];

static int number(int fd, unsigned long command)
{
	int value = -4711;

	return ioctl(fd, command, &value) ? -errno : value;
}

static void locks(void)
{
	int on = 1;
	int off = 0;

	ok(number(pty.master, TIOCGPTLCK) == 0, "TIOCGPTLCK: open");
	ok(!ioctl(pty.master, TIOCSPTLCK, &on) &&
		   number(pty.master, TIOCGPTLCK) == 1 &&
		   fails(open(pty.name, O_RDWR | O_NOCTTY), EIO),
	   "TIOCSPTLCK locks");
	ok_errno(ioctl(pty.master, TIOCGPTPEER, O_RDWR | O_NOCTTY), EIO,
		 "for TIOCGPTPEER too");
	ioctl(pty.master, TIOCSPTLCK, &off);
	ok_errno(ioctl(pty.master, TIOCSPTLCK, nowhere), EFAULT, "EFAULT");
	ok(number(pty.slave, TIOCGPTLCK) == -ENOTTY &&
		   number(pty.slave, TIOCSPTLCK) == -ENOTTY &&
		   number(pty.slave, TIOCGPTN) == -ENOTTY &&
		   fails(ioctl(pty.slave, TIOCGPTPEER, O_RDWR), EIO) &&
		   fails(ioctl(pty.slave, TIOCSIG, SIGINT), ENOTTY),
	   "a slave has none of these");
}

static void peer(void)
{
	struct stat a;
	struct stat b;
	int fd = ioctl(pty.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

	ok(fd >= 0 && !fstat(fd, &a) && !fstat(pty.slave, &b) &&
		   a.st_ino == b.st_ino && a.st_dev == b.st_dev &&
		   a.st_rdev == b.st_rdev,
	   "TIOCGPTPEER opens the slave");
	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC &&
		   (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR,
	   "with the flags asked for");
	close(fd);
	fd = ioctl(pty.master, TIOCGPTPEER, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	ok(fd >= 0 && fails(write(fd, "x", 1), EBADF) &&
		   fails(read(fd, text, 1), EAGAIN),
	   "O_RDONLY, O_NONBLOCK");
	close(fd);
}

static void device(void)
{
	struct stat st;
	int master = number(pty.master, TIOCGDEV);

	fstat(pty.slave, &st);
	ok(number(pty.slave, TIOCGDEV) == (int)st.st_rdev, "TIOCGDEV");
	ok(master == (int)st.st_rdev, "at the master: its slave's");
	ok(number(pty.slave, TIOCGETD) == 0 &&
		   number(pty.master, TIOCGETD) == 0,
	   "TIOCGETD: N_TTY");
}

static int set_line(int discipline)
{
	return ioctl(pty.slave, TIOCSETD, &discipline);
}

static void disciplines(void)
{
	ok(!set_line(0), "TIOCSETD: N_TTY");
	ok_errno(set_line(-1), EINVAL, "none");
	ok_errno(set_line(30), EINVAL, "beyond the last");
	ok_errno(set_line(1), EINVAL, "one that is not there");
	ok_errno(ioctl(pty.slave, TIOCSETD, nowhere), EFAULT, "EFAULT");
}

static int opens(void)
{
	int fd = open(pty.name, O_RDWR | O_NOCTTY);

	return fd < 0 ? errno : 0;
}

static void exclusive(void)
{
	chmod(pty.name, 0666);
	ok(number(pty.slave, TIOCGEXCL) == 0, "TIOCGEXCL: not at first");
	ok(!ioctl(pty.slave, TIOCEXCL) && number(pty.slave, TIOCGEXCL) == 1,
	   "TIOCEXCL");
	ok(number(pty.master, TIOCGEXCL) == 0, "the other end is another line");
	ok(in_child_as(STUDENT, opens) == EBUSY, "another open: EBUSY");
	ok(in_child(opens) == 0, "but CAP_SYS_ADMIN");
	close(pty.slave);
	ok(in_child_as(STUDENT, opens) == EBUSY,
	   "a pty's slave stays exclusive when nobody has it open");
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	ok(!ioctl(pty.slave, TIOCNXCL) && number(pty.slave, TIOCGEXCL) == 0 &&
		   in_child_as(STUDENT, opens) == 0,
	   "TIOCNXCL");
}

static void queues(void)
{
	pty_raw(&pty, 1, 0);
	pty_type(&pty, "four");
	ok(number(pty.slave, FIONREAD) == 4, "FIONREAD");
	ok(number(pty.slave, TIOCOUTQ) == 0, "TIOCOUTQ: a pty has no queue");
	ok(!tcflush(pty.slave, TCIFLUSH) && number(pty.slave, FIONREAD) == 0,
	   "TCFLSH empties it");
	pty_modes(&pty, 0, ECHO, 0, 0);
	pty_type(&pty, "a line\nand");
	ok(number(pty.slave, FIONREAD) == 7, "in lines: whole ones");
	tcflush(pty.slave, TCIFLUSH);
	ok_errno(tcflush(pty.slave, 5), EINVAL, "TCFLSH of nothing");
	ok_errno(tcflow(pty.slave, 5), EINVAL, "TCXONC of nothing");
}

static void sizes(void)
{
	struct winsize size = {1, 2, 3, 4};
	struct winsize seen = {0};

	ok(!ioctl(pty.slave, TIOCSWINSZ, &size) &&
		   !ioctl(pty.master, TIOCGWINSZ, &seen) &&
		   !memcmp(&size, &seen, sizeof(size)),
	   "TIOCSWINSZ at the slave, TIOCGWINSZ at the master");
	size.ws_row = 9;
	ok(!ioctl(pty.master, TIOCSWINSZ, &size) &&
		   !ioctl(pty.slave, TIOCGWINSZ, &seen) && seen.ws_row == 9,
	   "and the other way round");
	ok_errno(ioctl(pty.slave, TIOCSWINSZ, nowhere), EFAULT, "EFAULT");
	ok_errno(ioctl(pty.slave, TIOCGWINSZ, nowhere), EFAULT, "both");
}

static void modes(void)
{
	struct termios a;
	struct termios b;

	pty_modes(&pty, 0, ECHO, 0, 0);
	ok(!tcgetattr(pty.slave, &a) && !tcgetattr(pty.master, &b) &&
		   a.c_lflag == b.c_lflag && !(a.c_lflag & ECHO),
	   "the master's settings are its slave's");
	b.c_lflag |= ECHO;
	ok(!tcsetattr(pty.master, TCSANOW, &b) && !tcgetattr(pty.slave, &a) &&
		   (a.c_lflag & ECHO),
	   "set there, too");
	a.c_cflag = (a.c_cflag & ~CSIZE) | CS5 | PARENB;
	ok(!tcsetattr(pty.slave, TCSANOW, &a) && !tcgetattr(pty.slave, &a) &&
		   (a.c_cflag & (CSIZE | PARENB)) == CS8,
	   "a pty has 8 bits and no parity");
	ok_errno(ioctl(pty.slave, TCSETS, nowhere), EFAULT, "EFAULT");
	ok_errno(ioctl(pty.slave, TCGETS, nowhere), EFAULT, "both ways");
	ok(number(pty.slave, TIOCMGET) == -ENOTTY, "it has no modem lines");
	ok(!tcsendbreak(pty.slave, 0), "a break does nothing");
}

static void others(void)
{
	ok_errno(ioctl(pty.slave, 0x54ff, 0), ENOTTY, "no such command");
	ok_errno(ioctl(pty.master, 0x54ff, 0), ENOTTY, "at neither end");
}

int main(void)
{
	pty_open(&pty);
	locks();
	peer();
	device();
	disciplines();
	exclusive();
	queues();
	sizes();
	modes();
	others();
	return done_testing();
}
