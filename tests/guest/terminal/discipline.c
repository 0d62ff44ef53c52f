/*
 * Line disciplines: N_TTY and N_NULL, TIOCSETD and TIOCGETD; locked settings.
 */
#include "pty.h"

#define NULL_LINE 27 /* N_NULL */

static struct pty pty;

static int set(int fd, int nr)
{
	return ioctl(fd, TIOCSETD, &nr);
}

static int get(int fd)
{
	int nr = -1;

	return ioctl(fd, TIOCGETD, &nr) ? -1 : nr;
}

static void numbers(void)
{
	int good = 1;
	int nr;

	ok(get(pty.slave) == 0 && get(pty.master) == 0, "both ends have N_TTY");
	for (nr = -1; nr < 40; nr++)
		if (nr != 0 && nr != NULL_LINE)
			good = good && fails(set(pty.slave, nr), EINVAL);
	ok(good && fails(set(pty.slave, 0x10000), EINVAL),
	   "unknown numbers, and those without a driver: EINVAL");
	ok_errno(ioctl(pty.slave, TIOCSETD, nowhere), EFAULT, "EFAULT");
	ok(set(pty.slave, 0) == 0, "the one it has");
}

static int without_modules(void)
{
	return fails(set(pty.slave, 3), EPERM) &&
			       fails(set(pty.slave, 31), EINVAL) &&
			       !set(pty.slave, NULL_LINE) && !set(pty.slave, 0)
		       ? 0
		       : 1;
}

static void autoload(void)
{
	static const char path[] = "/proc/sys/dev/tty/ldisc_autoload";
	char text[8];

	ok(!strcmp(file_text(path, text, sizeof(text)), "1\n"),
	   "ldisc_autoload is 1");
	put_file(path, "0");
	ok(in_child_as(STUDENT, without_modules) == 0 &&
		   fails(set(pty.slave, 3), EINVAL),
	   "with 0: EPERM for what a module might bring, but not for root");
	put_file(path, "1");
}

/* What N_NULL says of everything. */
static void silence(void)
{
	struct winsize size = {.ws_row = 5};
	struct pollfd pollfd = {pty.slave, -1, 0};
	struct termios modes;
	char text[10];
	int n;

	ok(set(pty.slave, NULL_LINE) == 0 && get(pty.slave) == NULL_LINE &&
		   get(pty.master) == 0,
	   "N_NULL, at one end");
	ok(fails(read(pty.slave, text, 10), EOPNOTSUPP) &&
		   fails(write(pty.slave, "x", 1), EOPNOTSUPP),
	   "read and write: EOPNOTSUPP");
	ok(poll(&pollfd, 1, 0) == 0, "poll: nothing");
	ok(fails(tcgetattr(pty.slave, &modes), EINVAL) &&
		   fails(tcsetattr(pty.slave, TCSANOW, &pty_sane), EINVAL) &&
		   fails(ioctl(pty.slave, FIONREAD, &n), EINVAL) &&
		   fails(ioctl(pty.slave, TIOCOUTQ, &n), EINVAL) &&
		   fails(tcflush(pty.slave, TCIOFLUSH), EINVAL) &&
		   fails(tcflow(pty.slave, TCOOFF), EINVAL) &&
		   fails(ioctl(pty.slave, 0x1234), EINVAL),
	   "settings, flushes, counts and unknown requests: EINVAL");
	ok(!ioctl(pty.slave, TIOCSWINSZ, &size) &&
		   !ioctl(pty.slave, TIOCGWINSZ, &size) && size.ws_row == 5 &&
		   !ioctl(pty.slave, TIOCSTI, "x"),
	   "what is not the discipline's works");
	ok(tcgetattr(pty.master, &modes) == 0 && modes.c_line == NULL_LINE,
	   "the master shows the settings, c_line too");
}

static void and_back(void)
{
	pty_type(&pty, "meanwhile\n");
	ok(set(pty.slave, 0) == 0 && !strcmp(pty_line(&pty), "meanwhile\n"),
	   "what came meanwhile is read with N_TTY");
	pty_raw(&pty, 1, 0);
	pty_type(&pty, "keep");
	ok(set(pty.slave, NULL_LINE) == 0 && set(pty.slave, 0) == 0 &&
		   !pty_arrives(pty.slave, 30),
	   "what N_TTY had taken is gone");
	ok(set(pty.slave, NULL_LINE) == 0, "N_NULL again");
	close(pty.slave);
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	ok(get(pty.slave) == NULL_LINE, "a slave stays what it is");
	ok(set(pty.slave, 0) == 0 && set(pty.master, NULL_LINE) == 0 &&
		   fails(write(pty.master, "x", 1), EOPNOTSUPP) &&
		   get(pty.slave) == 0 && set(pty.master, 0) == 0,
	   "the master has one of its own");
}

static int reads(void)
{
	char byte;

	return fails(read(pty.slave, &byte, 1), EAGAIN) ? 0 : 1;
}

static int writes(void)
{
	static char text[100000];

	/* Linux: what was written before is the result. */
	return write(pty.slave, text, sizeof(text)) < (int)sizeof(text) ? 0 : 1;
}

static void sleepers(void)
{
	pid_t reader;
	pid_t writer;

	pty_modes(&pty, 0, 0, 0, 0);
	reader = start_child(reads);
	writer = start_child(writes);
	wait_for_state(reader, 'S');
	wait_for_state(writer, 'S');
	sleep_ms(50);
	ok(set(pty.slave, NULL_LINE) == 0 && exit_code(reader) == 0,
	   "who sleeps in a read goes on with EAGAIN");
	ok(exit_code(writer) == 0, "who sleeps in a write with what was done");
	close(pty.master);
	ok(fails(ioctl(pty.slave, TIOCSETD, &(int){0}), EIO) &&
		   fails(ioctl(pty.slave, TIOCGETD, &(int){0}), EIO),
	   "after a hang-up: EIO");
	close(pty.slave);
}

/* --- TIOCSLCKTRMIOS ------------------------------------------------------- */

static int student_locks(void)
{
	struct termios lock;

	memset(&lock, 0, sizeof(lock));
	return !ioctl(pty.slave, TIOCGLCKTRMIOS, &lock) &&
			       fails(ioctl(pty.slave, TIOCSLCKTRMIOS, &lock),
				     EPERM)
		       ? 0
		       : 1;
}

static void locked(void)
{
	struct termios lock;
	struct termios modes = pty_sane;
	struct termios got;

	pty_open(&pty);
	memset(&lock, 0, sizeof(lock));
	ok(in_child_as(STUDENT, student_locks) == 0,
	   "TIOCSLCKTRMIOS needs CAP_SYS_ADMIN");
	lock.c_lflag = ECHO;
	lock.c_cc[VINTR] = 1;
	ok(ioctl(pty.slave, TIOCSLCKTRMIOS, &lock) == 0, "lock two settings");
	memset(&got, 0, sizeof(got));
	ok(ioctl(pty.slave, TIOCGLCKTRMIOS, &got) == 0 && got.c_lflag == ECHO &&
		   got.c_cc[VINTR] == 1 && got.c_iflag == 0,
	   "TIOCGLCKTRMIOS shows which");
	modes.c_lflag &= ~(ECHO | ICANON);
	modes.c_cc[VINTR] = 7;
	modes.c_cc[VQUIT] = 8;
	ok(tcsetattr(pty.slave, TCSANOW, &modes) == 0 &&
		   tcgetattr(pty.slave, &got) == 0 && (got.c_lflag & ECHO) &&
		   !(got.c_lflag & ICANON) && got.c_cc[VINTR] == 3 &&
		   got.c_cc[VQUIT] == 8,
	   "they stay, the others change");
	memset(&lock, 0, sizeof(lock));
	ok(ioctl(pty.slave, TIOCSLCKTRMIOS, &lock) == 0 &&
		   tcsetattr(pty.slave, TCSANOW, &modes) == 0 &&
		   tcgetattr(pty.slave, &got) == 0 && !(got.c_lflag & ECHO) &&
		   got.c_cc[VINTR] == 7,
	   "unlocked, they change");
	pty_close(&pty);
}

int main(void)
{
	pty_open(&pty);
	numbers();
	autoload();
	silence();
	and_back();
	sleepers();
	locked();
	return done_testing();
}
