/*
 * Canonical input: lines, and the keys that edit them before they are read.
 */
#include "pty.h"

static struct pty pty;

/* typed - after typing TEXT, a read gives LINE. */
static int typed(const char *text, const char *line)
{
	char *got;

	pty_type(&pty, text);
	got = pty_line(&pty);
	if (!strcmp(got, line))
		return 1;
	tap_line("# got \"%s\"\n", got);
	return 0;
}

static void lines(void)
{
	char byte;

	ok(typed("one\n", "one\n"), "a line is read");
	ok(typed("half", ""), "half a line is not");
	ok(typed(" and half\r", "half and half\n"), "^M ends it as ^J (ICRNL)");
	pty_type(&pty, "first\nsecond\n");
	ok(!strcmp(pty_line(&pty), "first\n"), "a read gives one line");
	ok(!strcmp(pty_line(&pty), "second\n"), "the next gives the next");
	pty_type(&pty, "ab\n");
	ok(read(pty.slave, &byte, 1) == 1 && byte == 'a' &&
		   !strcmp(pty_line(&pty), "b\n"),
	   "a short read leaves the rest of the line");
}

static void editing(void)
{
	ok(typed("abc\177\177x\n", "ax\n"), "^? erases a character");
	ok(typed("\177\177a\n", "a\n"), "but none before the line");
	ok(typed("abc\25x\n", "x\n"), "^U kills the line");
	ok(typed("one two \27x\n", "one x\n"), "^W erases a word");
	ok(typed("one two\27\27x\n", "x\n"), "twice, two");
	ok(typed("a\26\177b\n", "a\177b\n"), "^V: the next key is a character");
	ok(typed("a\26\3b\n", "a\3b\n"), "even ^C");
	ok(typed("a\22b\n", "ab\n"), "^R is not read");
	pty_modes(&pty, 0, IEXTEN, 0, 0);
	ok(typed("a\26b\27\n", "a\26b\27\n"),
	   "without IEXTEN ^V and ^W are characters");
	pty_modes(&pty, 0, 0, 0, 0);
}

static void wide(void)
{
	pty_modes(&pty, 0, 0, IUTF8, 0);
	ok(typed("a\303\251\177b\n", "ab\n"), "IUTF8: ^? erases both bytes");
	pty_modes(&pty, 0, 0, 0, 0);
	ok(typed("a\303\251\177b\n", "a\303b\n"), "without it, one");
}

static void ends(void)
{
	char text[16];

	pty_type(&pty, "\4");
	ok(pty_arrives(pty.slave, 30) && read(pty.slave, text, 16) == 0,
	   "^D alone: end of file");
	ok(typed("part\4", "part"),
	   "^D after text: the text, without a line's end");
	pty_type(&pty, "a\4\4");
	ok(!strcmp(pty_line(&pty), "a") && pty_arrives(pty.slave, 30) &&
		   read(pty.slave, text, 16) == 0,
	   "^D twice: the text, then end of file");
	ok(typed("again\n", "again\n"), "and reading goes on");
}

static void other_ends(void)
{
	struct termios modes = pty_sane;

	modes.c_cc[VEOL] = '!';
	modes.c_cc[VEOL2] = '?';
	tcsetattr(pty.slave, TCSANOW, &modes);
	pty_type(&pty, "one!two?three\n");
	ok(!strcmp(pty_line(&pty), "one!"), "VEOL ends a line, and is in it");
	ok(!strcmp(pty_line(&pty), "two?"), "VEOL2 too");
	ok(!strcmp(pty_line(&pty), "three\n"), "as well as the usual end");
	modes = pty_sane;
	modes.c_cc[VERASE] = '#';
	modes.c_cc[VKILL] = '@';
	modes.c_cc[VWERASE] = 0;
	tcsetattr(pty.slave, TCSANOW, &modes);
	ok(typed("abc#d@xy#z\n", "xz\n"), "keys can be chosen");
	ok(typed("a\27b\n", "a\27b\n"), "and switched off");
	pty_modes(&pty, 0, 0, 0, 0);
}

static void input_modes(void)
{
	struct termios modes = pty_sane;

	modes.c_iflag = INLCR | IGNCR;
	tcsetattr(pty.slave, TCSANOW, &modes);
	ok(typed("a\rb\4", "ab"), "IGNCR drops ^M");
	modes.c_iflag = ISTRIP | ICRNL;
	tcsetattr(pty.slave, TCSANOW, &modes);
	ok(typed("\341\342\n", "ab\n"), "ISTRIP drops the eighth bit");
	modes.c_iflag = IUCLC | ICRNL;
	tcsetattr(pty.slave, TCSANOW, &modes);
	ok(typed("AbC\n", "abc\n"), "IUCLC makes small letters");
	modes.c_iflag = 0;
	tcsetattr(pty.slave, TCSANOW, &modes);
	ok(typed("a\rb\n", "a\rb\n"), "without ICRNL ^M is a character");
	modes.c_iflag = INLCR;
	tcsetattr(pty.slave, TCSANOW, &modes);
	ok(typed("a\nb\4", "a\rb"), "INLCR makes ^J a ^M");
	pty_modes(&pty, 0, 0, 0, 0);
}

/* A line holds 4095 characters and its end; what is more is dropped. */
static void long_line(void)
{
	char text[5001];
	int got;
	int i;

	pty_modes(&pty, 0, ECHO, 0, 0);
	memset(text, 'x', 5000);
	for (i = 0; i < 10; i++)
		if (write(pty.master, text, 500) != 500)
			bail("write");
	pty_type(&pty, "\n");
	got = strlen(pty_line(&pty));
	ok(got == 4096, "a line has 4096 characters at most");
	ok(typed("next\n", "next\n"), "the next line is a line of its own");
	pty_modes(&pty, 0, 0, 0, 0);
	pty_shown(&pty);
}

static void flushing(void)
{
	pty_modes(&pty, 0, ECHO, 0, 0);
	pty_type(&pty, "lost\n");
	ok(tcflush(pty.slave, TCIFLUSH) == 0 && !*pty_line(&pty),
	   "TCIFLUSH drops what was typed");
	pty_type(&pty, "lost too\n");
	ok(tcsetattr(pty.slave, TCSAFLUSH, &pty_sane) == 0 && !*pty_line(&pty),
	   "TCSAFLUSH too");
	pty_type(&pty, "kept\n");
	tcsetattr(pty.slave, TCSADRAIN, &pty_sane);
	ok(!strcmp(pty_line(&pty), "kept\n"), "TCSADRAIN does not");
	ok_errno(tcflush(pty.slave, 77), EINVAL, "an unknown queue");
}

int main(void)
{
	pty_open(&pty);
	lines();
	editing();
	wide();
	ends();
	other_ends();
	input_modes();
	long_line();
	flushing();
	return done_testing();
}
