/*
 * Pseudo-terminals: names, locks, hang-up of either end, buffers, packets.
 */
#include "pty.h"

static struct pty pty;
static char text[8192];

static void names(void)
{
	struct stat st;
	int number;
	int fd;

	fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ok(fd >= 0 && ioctl(fd, TIOCGPTN, &number) == 0 && number >= 0,
	   "each open of /dev/ptmx is a new terminal");
	snprintf(text, sizeof(text), "/dev/pts/%d", number);
	ok(stat(text, &st) == 0 && S_ISCHR(st.st_mode) &&
		   st.st_rdev >> 8 == 136 && st.st_uid == getuid() &&
		   st.st_gid == 5 && (st.st_mode & 0777) == 0620,
	   "its other end appears in /dev/pts");
	ok_errno(open(text, O_RDWR | O_NOCTTY), EIO, "locked: EIO");
	ok(unlockpt(fd) == 0 && !strcmp(ptsname(fd), text),
	   "unlockpt and ptsname");
	close(fd);
	ok_errno(stat(text, &st), ENOENT, "closed, its name is gone");
}

static void both_ways(void)
{
	pty_open(&pty);
	pty_raw(&pty, 1, 0);
	ok(write(pty.slave, "out", 3) == 3 && pty_arrives(pty.master, 50) &&
		   read(pty.master, text, 10) == 3 && !memcmp(text, "out", 3),
	   "what the program writes is read at the other end");
	ok(write(pty.master, "in", 2) == 2 && pty_arrives(pty.slave, 50) &&
		   read(pty.slave, text, 10) == 2 && !memcmp(text, "in", 2),
	   "and the other way");
	ok_errno(lseek(pty.slave, 0, SEEK_SET), ESPIPE, "it has no place");
}

static void full(void)
{
	long out = 0;
	long in = 0;
	int got;

	fcntl(pty.slave, F_SETFL, O_RDWR | O_NONBLOCK);
	fcntl(pty.master, F_SETFL, O_RDWR | O_NONBLOCK);
	memset(text, 'x', sizeof(text));
	while ((got = write(pty.slave, text, 1000)) > 0 && out < 1000000)
		out += got;
	ok(errno == EAGAIN && out >= 4096, "a full terminal: EAGAIN");
	for (;;) {
		got = pty_arrives(pty.master, 20)
			      ? read(pty.master, text, sizeof(text))
			      : 0;
		if (got <= 0)
			break;
		in += got;
	}
	ok(in == out, "all that was written is read");
	ok_errno(read(pty.master, text, 1), EAGAIN, "then EAGAIN");
	fcntl(pty.slave, F_SETFL, O_RDWR);
	fcntl(pty.master, F_SETFL, O_RDWR);
}

static void program_leaves(void)
{
	struct pollfd pollfd = {pty.master, POLLIN, 0};

	if (write(pty.slave, "last", 4) != 4)
		bail("write");
	close(pty.slave);
	ok(poll(&pollfd, 1, 50) == 1 && (pollfd.revents & POLLIN) &&
		   (pollfd.revents & POLLHUP),
	   "the program's end is closed: POLLHUP");
	ok(read(pty.master, text, 10) == 4 && !memcmp(text, "last", 4),
	   "what it wrote is still there");
	ok_errno(read(pty.master, text, 10), EIO, "then EIO");
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	ok(pty.slave >= 0 && write(pty.slave, "new", 3) == 3 &&
		   pty_arrives(pty.master, 50) &&
		   read(pty.master, text, 10) == 3,
	   "another program opens it, and it works again");
}

/* Between programs the terminal stays what it is. */
static void nobody_there(void)
{
	struct termios modes;

	pty_modes(&pty, 0, ECHO, 0, 0);
	close(pty.slave);
	ok(write(pty.master, "kept\n", 5) == 5, "typed with nobody there");
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	ok(!strcmp(pty_line(&pty), "kept\n"), "the next one reads it");
	ok(!tcgetattr(pty.slave, &modes) && !(modes.c_lflag & ECHO),
	   "and finds the settings");
	fcntl(pty.master, F_SETFL, O_RDWR | O_NONBLOCK);
	ioctl(pty.slave, TIOCVHANGUP);
	ok_errno(read(pty.master, text, 1), EAGAIN,
		 "hung up, but still open: the person may wait");
	close(pty.slave);
	ok_errno(read(pty.master, text, 1), EIO, "until it is closed");
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	ok(!tcgetattr(pty.slave, &modes) && (modes.c_lflag & ECHO),
	   "a hang-up brings back the first settings");
	ok_errno(read(pty.master, text, 1), EAGAIN, "opened: wait again");
	fcntl(pty.master, F_SETFL, O_RDWR);
}

static void person_leaves(void)
{
	struct pollfd pollfd = {pty.slave, POLLIN | POLLOUT, 0};
	struct termios modes;

	close(pty.master);
	ok(poll(&pollfd, 1, 50) == 1 && (pollfd.revents & POLLHUP),
	   "the person's end is closed: POLLHUP");
	ok(read(pty.slave, text, 10) == 0, "read: end of file");
	ok_errno(write(pty.slave, "x", 1), EIO, "write: EIO");
	ok_errno(tcgetattr(pty.slave, &modes), EIO, "tcgetattr: EIO");
	ok_errno(open(pty.name, O_RDWR | O_NOCTTY), ENOENT, "its name is gone");
	close(pty.slave);
}

static void hang_up_signal(void)
{
	int pipes[2];
	char byte = 0;
	pid_t pid;

	if (pipe(pipes))
		bail("pipe");
	pty_open(&pty);
	pid = fork();
	if (pid == 0) {
		close(pty.master);
		pty_session(&pty);
		if (write(pipes[1], "r", 1) != 1)
			_exit(1);
		sleep_forever();
	}
	if (read(pipes[0], &byte, 1) != 1)
		bail("read");
	close(pty.master);
	ok(exit_code(pid) == 128 + SIGHUP,
	   "the session's leader gets SIGHUP when the person leaves");
	close(pty.slave);
	close(pipes[0]);
	close(pipes[1]);
}

static void packets(void)
{
	int on = 1;

	pty_open(&pty);
	pty_raw(&pty, 1, 0);
	ok(ioctl(pty.master, TIOCPKT, &on) == 0, "TIOCPKT");
	if (write(pty.slave, "ab", 2) != 2)
		bail("write");
	ok(pty_arrives(pty.master, 50) && read(pty.master, text, 10) == 3 &&
		   text[0] == TIOCPKT_DATA && text[1] == 'a',
	   "data with a zero before it");
	tcflush(pty.slave, TCIFLUSH);
	ok(read(pty.master, text, 10) == 1 && text[0] & TIOCPKT_FLUSHREAD,
	   "a flush as a byte of its own");
	pty_close(&pty);
}

static void many(void)
{
	static struct pty all[20];
	int good = 0;
	int i;

	for (i = 0; i < 20; i++)
		pty_open(&all[i]);
	for (i = 0; i < 20; i++) {
		pty_raw(&all[i], 1, 0);
		text[0] = i;
		if (write(all[i].slave, text, 1) == 1 &&
		    pty_arrives(all[i].master, 50) &&
		    read(all[i].master, text, 10) == 1 && text[0] == i)
			good++;
		pty_close(&all[i]);
	}
	ok(good == 20, "twenty at once");
}

int main(void)
{
	names();
	both_ways();
	full();
	program_leaves();
	nobody_there();
	person_leaves();
	hang_up_signal();
	packets();
	many();
	return done_testing();
}
