/*
 * What a terminal shows: the echo of keys in all its forms, and the
 * processing of output.
 */
#include "pty.h"

static struct pty pty;

/* shows - after typing TEXT the terminal shows WANT. */
static int shows(const char *text, const char *want)
{
	char *got;

	pty_type(&pty, text);
	got = pty_read_some(pty.master, strlen(want));
	if (!strcmp(got, want))
		return 1;
	tap_line("# shown \"%s\"\n", got);
	return 0;
}

/* prints - after the program wrote TEXT the terminal shows WANT. */
static int prints(const char *text, const char *want)
{
	int length = strlen(text);
	char *got;

	if (write(pty.slave, text, length) != length)
		bail("write");
	got = pty_read_some(pty.master, strlen(want));
	if (!strcmp(got, want))
		return 1;
	tap_line("# shown \"%s\"\n", got);
	return 0;
}

static void plain(void)
{
	ok(shows("abc", "abc"), "ECHO shows what is typed");
	ok(shows("\n", "\r\n"), "a line's end as the output's");
	ok(shows("\1", "^A"), "ECHOCTL: ^A as two characters");
	ok(shows("\t", "\t"), "a tab as it is");
	ok(shows("\n", "\r\n"), "the line ends");
	ok(shows("x\4", "x"), "^D is not shown");
	pty_modes(&pty, 0, ECHOCTL, 0, 0);
	ok(shows("\1\n", "\1\r\n"), "without ECHOCTL: as it is");
	pty_modes(&pty, 0, ECHO, 0, 0);
	ok(shows("abc\n", ""), "without ECHO: nothing");
	pty_modes(&pty, ECHONL, ECHO, 0, 0);
	ok(shows("abc\n", "\r\n"), "ECHONL: the line's end alone");
	pty_modes(&pty, 0, 0, 0, 0);
	tcflush(pty.slave, TCIFLUSH);
}

static void erasing(void)
{
	ok(shows("ab\177", "ab\b \b"), "ECHOE: backspace, blank, backspace");
	ok(shows("\177\177", "\b \b"), "no more than there is");
	ok(shows("\1\177", "^A\b \b\b \b"), "two for a ^A");
	ok(shows("ab\25", "ab\b \b\b \b"), "ECHOKE: ^U erases the line");
	ok(shows("one two\27", "one two\b \b\b \b\b \b"), "^W erases the word");
	ok(shows("\25", "\b \b\b \b\b \b\b \b"), "the rest is there");
	ok(shows("\t\177", "\t\b\b\b\b\b\b\b\b"), "a tab is erased whole");
	ok(shows("a\22", "a^R\r\na"), "^R shows the line again");
	ok(shows("\25\26", "\b \b^\b"), "^V shows a hat to write over");
	ok(shows("\3", "^C"), "then the key");
	ok(shows("\25", "\b \b\b \b"), "both are erased");
}

static void other_erasing(void)
{
	pty_modes(&pty, 0, ECHOKE, 0, 0);
	ok(shows("ab\25", "ab^U\r\n"), "ECHOK: ^U shows a new line");
	pty_modes(&pty, 0, ECHOE, 0, 0);
	ok(shows("ab\177", "ab^?"), "without ECHOE: the key itself");
	pty_modes(&pty, ECHOPRT, 0, 0, 0);
	tcflush(pty.slave, TCIFLUSH);
	pty_modes(&pty, ECHOPRT, 0, 0, 0);
	ok(shows("\nabc\177\177x", "\r\nabc\\cb/x"),
	   "ECHOPRT: what is erased between \\ and /");
	pty_modes(&pty, 0, 0, 0, 0);
	shows("\n", "");
	tcflush(pty.slave, TCIFLUSH);
}

static void signals(void)
{
	ok(shows("ab", "ab") && shows("\3", "^C"), "^C is shown");
	ok(!*pty_line(&pty) && shows("c\n", "c\r\n") &&
		   !strcmp(pty_line(&pty), "c\n"),
	   "and what was typed before it is dropped");
	pty_modes(&pty, NOFLSH, 0, 0, 0);
	ok(shows("ab", "ab") && shows("\3", "^C") && shows("c\n", "c\r\n") &&
		   !strcmp(pty_line(&pty), "abc\n"),
	   "NOFLSH: it is kept");
	pty_modes(&pty, 0, 0, 0, 0);
}

static void output(void)
{
	ok(prints("a\nb", "a\r\nb"), "ONLCR: return and line feed");
	pty_modes(&pty, 0, 0, 0, OCRNL);
	ok(prints("a\rb", "a\nb"), "OCRNL: return becomes a line feed");
	pty_modes(&pty, 0, 0, 0, ONOCR);
	ok(prints("\n\ra\rb", "\r\na\rb"), "ONOCR: no return in column 0");
	pty_modes(&pty, 0, 0, 0, OLCUC);
	ok(prints("\naBc", "\r\nABC"), "OLCUC: capitals");
	pty_modes(&pty, 0, 0, 0, XTABS);
	ok(prints("\na\tb", "\r\na       b"), "XTABS: a tab as blanks");
	ok(prints("\n12345678\tb", "\r\n12345678        b"),
	   "to the next eighth column");
	pty_modes(&pty, 0, 0, 0, 0);
	ok(prints("\na\tb", "\r\na\tb"), "without it: a tab");
	pty_raw(&pty, 1, 0);
	ok(prints("a\nb\r\tc", "a\nb\r\tc"), "without OPOST all is as written");
	ok(shows("a\nb", ""), "in raw mode nothing is echoed");
	pty_modes(&pty, 0, 0, 0, 0);
	tcflush(pty.slave, TCIFLUSH);
}

int main(void)
{
	pty_open(&pty);
	plain();
	erasing();
	other_erasing();
	signals();
	output();
	return done_testing();
}
