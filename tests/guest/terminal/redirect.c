/*
 * TIOCCONS: what is written to /dev/console goes to a terminal that asked for
 * it; and what a serial line tells of itself.  Nothing may be printed while the
 * console is redirected.
 */
#include "pty.h"
#include <linux/serial.h>

static struct pty pty;
static int console;

static int take(int fd)
{
	return ioctl(fd, TIOCCONS);
}

static int student_takes(void)
{
	return fails(take(pty.slave), EPERM) ? 0 : 1;
}

static void refusals(void)
{
	int reader = open(pty.name, O_RDONLY | O_NOCTTY);

	ok(in_child_as(STUDENT, student_takes) == 0,
	   "TIOCCONS needs CAP_SYS_ADMIN");
	ok_errno(take(reader), EBADF, "a file that cannot be written: EBADF");
	ok_errno(take(pty.master), EINVAL, "a master: EINVAL");
	ok(take(console) == 0, "of the console: as it is");
	close(reader);
}

static int console_writes(const char *text)
{
	return write(console, text, strlen(text)) == (int)strlen(text);
}

static void window(void)
{
	int taken = take(pty.slave);
	int again = fails(take(pty.slave), EBUSY);
	int wrote = console_writes("hello\n");
	int bad = fails(write(console, nowhere, 3), EFAULT);
	char shown[100];

	snprintf(shown, sizeof(shown), "%s", pty_read_some(pty.master, 7));
	take(console);
	ok(taken == 0 && again, "one terminal has it, another is EBUSY");
	ok(wrote && bad && !strcmp(shown, "hello\r\n"),
	   "what is written to the console is seen there, with its settings");
	ok(console_writes("# on the console\n") && !*pty_shown(&pty),
	   "the console itself takes it back");
}

static void gone(void)
{
	int taken = take(pty.slave);
	int kept, wrote;
	char shown[100];

	close(pty.slave);
	kept = console_writes("kept\n");
	snprintf(shown, sizeof(shown), "%s", pty_read_some(pty.master, 6));
	close(pty.master);
	wrote = console_writes("# here\n");
	take(console);
	ok(taken == 0 && kept && !strcmp(shown, "kept\r\n"),
	   "it keeps the terminal open");
	ok(wrote, "a hang-up ends it");
}

static void serial(void)
{
	int line = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_NONBLOCK);
	struct serial_icounter_struct count = {0};
	struct serial_struct info;
	struct termios before, modes;
	int n;

	memset(&info, 0xee, sizeof(info));
	ok(ioctl(line, TIOCGSERIAL, &info) == 0 && info.type == PORT_16550A &&
		   info.line == 0 && info.port == 0x3f8 && info.irq == 4 &&
		   info.xmit_fifo_size == 16 && info.baud_base == 115200 &&
		   info.close_delay == 50 && info.closing_wait == 3000 &&
		   info.custom_divisor == 0,
	   "TIOCGSERIAL");
	ok(ioctl(line, TIOCGICOUNT, &count) == 0 && count.tx > 100 &&
		   count.rx > 0,
	   "TIOCGICOUNT");
	tcdrain(line);
	ok(ioctl(line, TIOCSERGETLSR, &n) == 0 && (n & ~1) == 0,
	   "TIOCSERGETLSR");
	tcgetattr(line, &before);
	modes = before;
	modes.c_cflag |= 0x60000000; /* CMSPAR, ADDRB */
	ok(tcsetattr(line, TCSANOW, &modes) == 0 &&
		   tcgetattr(line, &modes) == 0 &&
		   modes.c_cflag == (before.c_cflag | 0x40000000),
	   "parity may be a constant bit, addresses are not known");
	tcsetattr(line, TCSANOW, &before);
	ok(fails(ioctl(pty.slave, TIOCGSERIAL, &info), ENOTTY) &&
		   fails(ioctl(pty.slave, TIOCGICOUNT, &count), ENOTTY) &&
		   fails(ioctl(pty.slave, TIOCMIWAIT, 0), ENOTTY),
	   "a pty has none of it");
	close(line);
}

int main(void)
{
	console = open("/dev/console", O_RDWR | O_NOCTTY);
	pty_open(&pty);
	refusals();
	serial();
	window();
	gone();
	return done_testing();
}
