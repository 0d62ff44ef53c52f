/*
 * A pseudo-terminal for tests: the program holds both ends, types at one and
 * reads at the other.
 *
 * Entry points: pty_open, pty_close, pty_type, pty_shown, pty_line, pty_modes,
 * pty_raw, pty_session.
 */
#pragma once

#include "tap.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

struct pty {
	int master;
	int slave;
	char name[32];
};

/* The modes that a test begins with: what `stty sane` would set. */
static const struct termios pty_sane = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE |
		   IEXTEN,
	.c_cc = {[VINTR] = 3,
		 [VQUIT] = 28,
		 [VERASE] = 127,
		 [VKILL] = 21,
		 [VEOF] = 4,
		 [VMIN] = 1,
		 [VSTART] = 17,
		 [VSTOP] = 19,
		 [VSUSP] = 26,
		 [VREPRINT] = 18,
		 [VWERASE] = 23,
		 [VLNEXT] = 22},
};

/* pty_open - a new pair, sane; no controlling terminal. */
static inline void pty_open(struct pty *pty)
{
	int unlock = 0;
	int number;

	pty->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty->master < 0)
		bail("/dev/ptmx");
	if (ioctl(pty->master, TIOCSPTLCK, &unlock) ||
	    ioctl(pty->master, TIOCGPTN, &number))
		bail("unlock a pty");
	snprintf(pty->name, sizeof(pty->name), "/dev/pts/%d", number);
	pty->slave = open(pty->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pty->slave < 0 || tcsetattr(pty->slave, TCSANOW, &pty_sane))
		bail(pty->name);
}

static inline void pty_close(struct pty *pty)
{
	close(pty->slave);
	close(pty->master);
}

/*
 * pty_type - what a person at the terminal types.  Linux hands it to the line
 * discipline in a worker, so it takes effect a moment later.
 */
static inline void pty_type(struct pty *pty, const char *text)
{
	int length = strlen(text);

	if (write(pty->master, text, length) != length)
		bail("write to a pty");
	sleep_ms(10);
}

/* pty_arrives - FD is readable within MS. */
static inline int pty_arrives(int fd, int ms)
{
	struct pollfd pollfd = {fd, POLLIN, 0};

	return poll(&pollfd, 1, ms) == 1 && (pollfd.revents & POLLIN);
}

/* pty_read_some - all that FD gives until it is silent for 30 ms, as a string;
 * up to LEAST bytes it may be silent for two seconds. */
static inline char *pty_read_some(int fd, int least)
{
	static char text[8192];
	int length = 0;
	int got;

	while (length < (int)sizeof(text) - 1 &&
	       pty_arrives(fd, length < least ? 2000 : 30)) {
		got = read(fd, text + length, sizeof(text) - 1 - length);
		if (got <= 0)
			break;
		length += got;
	}
	text[length] = 0;
	return text;
}

/* pty_read - all that FD gives until it is silent for 30 ms, as a string. */
static inline char *pty_read(int fd)
{
	return pty_read_some(fd, 0);
}

/* pty_shown - what the terminal shows since it was last asked. */
static inline char *pty_shown(struct pty *pty)
{
	return pty_read(pty->master);
}

/* pty_line - what one read(2) at the program's end gives; "" if it waits. */
static inline char *pty_line(struct pty *pty)
{
	static char text[8192];
	int got;

	text[0] = 0;
	if (!pty_arrives(pty->slave, 30))
		return text;
	got = read(pty->slave, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = 0;
	return text;
}

/* pty_modes - sane modes, but with these flags set or cleared. */
static inline void pty_modes(struct pty *pty, int set_local, int clear_local,
			     int set_input, int set_output)
{
	struct termios modes = pty_sane;

	modes.c_lflag |= set_local;
	modes.c_lflag &= ~clear_local;
	modes.c_iflag |= set_input;
	modes.c_oflag |= set_output;
	if (tcsetattr(pty->slave, TCSANOW, &modes))
		bail("tcsetattr");
}

/* pty_raw - neither lines nor echo nor signals; VMIN and VTIME. */
static inline void pty_raw(struct pty *pty, int min, int time)
{
	struct termios modes = pty_sane;

	modes.c_iflag = 0;
	modes.c_oflag = 0;
	modes.c_lflag = 0;
	modes.c_cc[VMIN] = min;
	modes.c_cc[VTIME] = time;
	if (tcsetattr(pty->slave, TCSANOW, &modes))
		bail("tcsetattr");
}

/* pty_session - in a child: lead a session whose terminal this is. */
static inline void pty_session(struct pty *pty)
{
	if (setsid() < 0 || ioctl(pty->slave, TIOCSCTTY, 0))
		bail("pty_session");
}
