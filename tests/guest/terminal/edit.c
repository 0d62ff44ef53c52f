/*
 * Editing and echo in detail: what erasing shows with each mode, letters of
 * Latin-1, newlines in raw input, output that rests.
 */
#include "pty.h"

static struct pty pty;

/* TYPED, in modes of which these flags are set or cleared, shows WANT. */
static int shows(int set_local, int clear_local, int set_input, int set_output,
		 const char *typed, const char *want)
{
	char *shown;

	pty_modes(&pty, set_local, clear_local, set_input, set_output);
	tcflush(pty.slave, TCIFLUSH);
	pty_shown(&pty);
	pty_type(&pty, typed);
	shown = pty_read_some(pty.master, strlen(want));
	if (!strcmp(shown, want))
		return 1;
	tap_line("# shows \"%s\"\n", shown);
	return 0;
}

static void erasing(void)
{
	ok(shows(0, ECHOE, 0, 0, "ab\177", "ab^?"),
	   "without ECHOE: the erase character");
	ok(shows(0, ECHOE, 0, 0, "a b\027", "a b\b \b"),
	   "but a word goes from the screen");
	ok(shows(0, 0, 0, 0, "\025a\027\177\025", "a\b \b"),
	   "nothing of an empty line is erased or killed");
	ok(shows(0, 0, 0, 0, "\xc3\xa9 \027", "\xc3\xa9 \b \b\b \b\b \b"),
	   "a letter of Latin-1 is part of a word");
	ok(shows(0, 0, 0, 0, "\na\tb\027\177", "\r\na\tb\b \b\b\b\b\b\b\b\b"),
	   "a tab goes back to what is before it");
	ok(shows(0, 0, IUTF8, 0, "a\xc3\xa9\177b", "a\xc3\xa9\b \bb"),
	   "a character of two bytes is one");
	ok(shows(0, 0, IUTF8, 0, "\xa9\177b",
		 "\xa9"
		 "b"),
	   "but not half of one");
}

static void printed(void)
{
	ok(shows(ECHOPRT, 0, 0, 0, "abc\177\177x", "abc\\cb/x"),
	   "ECHOPRT: what is erased, between \\ and /");
	ok(shows(ECHOPRT, 0, 0, 0, "a\177b", "a\\a/b"),
	   "which an empty line ends");
	ok(shows(ECHOPRT, 0, 0, 0, "ab\177\nx", "ab\\b\r\n/x"),
	   "but a newline does not");
	ok(shows(ECHOPRT, 0, IUTF8, 0, "\xc3\xa9x\177\177",
		 "\xc3\xa9x\\x"
		 "\xc3\xa9/"),
	   "all bytes of a character");
}

static void newlines(void)
{
	ok(shows(0, ICANON | ISIG, 0, 0, "a\rb", "a\r\nb"),
	   "raw: a carriage return that becomes a newline");
	pty_modes(&pty, 0, ICANON | ISIG, 0, 0);
	ok(shows(0, ICANON | ISIG, 0, 0, "\n", "^J"),
	   "but a newline is a control character");
	ok(shows(0, ICANON, INLCR, 0, "a\nb", "a^Mb"), "INLCR");
	ok(shows(0, ICANON | ECHOCTL, 0, OLCUC, "a\xff", "A\xff"),
	   "the echo of 255 is as it is");
}

static void cases(void)
{
	char line[40];

	ok(shows(0, 0, IUCLC, 0, "AB\xc3\xd7\n", "ab\xe3\xd7\r\n") &&
		   !strcmp(pty_line(&pty), "ab\xe3\xd7\n"),
	   "IUCLC: letters of Latin-1, too");
	pty_modes(&pty, 0, 0, 0, OLCUC);
	if (write(pty.slave, "ab\xe3\xf7\xff", 5) != 5)
		bail("write");
	snprintf(line, sizeof(line), "%s", pty_read_some(pty.master, 5));
	ok(!strcmp(line, "AB\xc3\xf7\xdf"), "OLCUC");
	ok(shows(0, 0, ISTRIP, 0, "\xe1\x83", "^C"),
	   "ISTRIP comes before signals");
}

static void resting(void)
{
	pty_modes(&pty, 0, 0, 0, 0);
	pty_type(&pty, "\023ab");
	ok(!*pty_shown(&pty), "^S: echoes wait");
	tcflow(pty.slave, TCOON);
	ok(!*pty_shown(&pty), "TCOON does not start what ^S has stopped");
	tcflush(pty.slave, TCOFLUSH);
	pty_type(&pty, "\021");
	ok(!strcmp(pty_read_some(pty.master, 2), "ab"),
	   "^Q does, and no flush has taken them");
	pty_type(&pty, "\023c");
	pty_modes(&pty, 0, 0, 0, 0);
	ok(!*pty_shown(&pty), "settings that keep IXON do not");
	{
		struct termios modes = pty_sane;

		modes.c_iflag &= ~IXON;
		tcsetattr(pty.slave, TCSANOW, &modes);
	}
	ok(!strcmp(pty_read_some(pty.master, 1), "c"), "without IXON it goes");
	pty_modes(&pty, 0, 0, 0, 0);
	pty_type(&pty, "\026");
	tcflush(pty.slave, TCIFLUSH);
	pty_shown(&pty);
	pty_type(&pty, "\003\n");
	ok(!strcmp(pty_line(&pty), "\003\n"),
	   "a flush of input does not end the literal next");
}

int main(void)
{
	signal(SIGTTOU, SIG_IGN);
	pty_open(&pty);
	erasing();
	printed();
	newlines();
	cases();
	resting();
	pty_close(&pty);
	return done_testing();
}
