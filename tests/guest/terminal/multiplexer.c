/*
 * What tmux and screen do: a server without a terminal keeps windows, each a
 * shell on a pty of its own, and shows one of them on the terminal of whoever
 * attaches.  The terminal goes away, the windows stay.
 */
#include "pty.h"

#include <poll.h>

#define WINDOWS 3

static struct pty outer;
static int orders[2];  /* test to server: attach a path, show window N */
static int answers[2]; /* server to test: a byte when it is done */

/* --- the server ----------------------------------------------------------- */

static int window[WINDOWS]; /* masters */
static int shown;
static int screen = -1; /* the attached terminal */

static void start_window(int nr)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	struct pty pty;
	char name[8];

	pty_open(&pty);
	ioctl(pty.master, TIOCSWINSZ, &size);
	if (fork() == 0) {
		pty_session(&pty);
		dup2(pty.slave, 0);
		dup2(pty.slave, 1);
		dup2(pty.slave, 2);
		snprintf(name, sizeof(name), "w%d> ", nr);
		setenv("PS1", name, 1);
		unsetenv("ENV");
		execl("/bin/sh", "sh", "-i", NULL);
		_exit(127);
	}
	close(pty.slave);
	window[nr] = pty.master;
}

/* Move what can be read from one to the other; 0 when FROM has ended. */
static int relay(int from, int to)
{
	char text[512];
	int got = read(from, text, sizeof(text));

	if (got <= 0)
		return 0;
	if (to >= 0 && write(to, text, got) != got)
		return 0;
	return 1;
}

static void attach(const char *path)
{
	struct winsize size;
	struct termios modes;
	int i;

	screen = open(path, O_RDWR | O_NOCTTY);
	need(screen >= 0 && !tcgetattr(screen, &modes));
	cfmakeraw(&modes);
	need(!tcsetattr(screen, TCSANOW, &modes));
	need(!ioctl(screen, TIOCGWINSZ, &size));
	for (i = 0; i < WINDOWS; i++)
		need(!ioctl(window[i], TIOCSWINSZ, &size));
}

static void obey(void)
{
	char order[64] = "";

	if (read(orders[0], order, sizeof(order)) <= 0)
		_exit(0);
	if (order[0] == '/')
		attach(order);
	else
		shown = order[0] - '0';
	need(write(answers[1], "", 1) == 1);
}

static int serve(void)
{
	struct pollfd fds[WINDOWS + 2];
	int i;

	close(orders[1]);
	need(setsid() > 0);
	for (i = 0; i < WINDOWS; i++)
		start_window(i);
	for (;;) {
		for (i = 0; i < WINDOWS; i++)
			fds[i] = (struct pollfd){window[i], POLLIN, 0};
		fds[i] = (struct pollfd){orders[0], POLLIN, 0};
		fds[i + 1] = (struct pollfd){screen, POLLIN, 0};
		need(poll(fds, WINDOWS + 2, -1) > 0);
		for (i = 0; i < WINDOWS; i++) {
			if (fds[i].revents && i == shown && screen >= 0)
				relay(window[i], screen);
		}
		if (fds[WINDOWS].revents)
			obey();
		else if (fds[WINDOWS + 1].revents &&
			 !relay(screen, window[shown])) {
			close(screen);
			screen = -1;
			need(write(answers[1], "", 1) == 1);
		}
	}
}

/* --- the person ----------------------------------------------------------- */

static int order(const char *text)
{
	char byte;

	return write(orders[1], text, strlen(text) + 1) > 0 &&
	       pty_arrives(answers[0], 3000) && read(answers[0], &byte, 1) == 1;
}

/* Type TEXT and wait until the screen shows WANT. */
static int sees(const char *text, const char *want)
{
	static char all[8192];
	long until = now_ms() + 5000;

	all[0] = 0;
	pty_type(&outer, text);
	while (!strstr(all, want) && now_ms() < until)
		strncat(all, pty_read_some(outer.master, 1),
			sizeof(all) - 1 - strlen(all));
	if (!strstr(all, want))
		tap_line("# the screen: %s\n", all);
	return strstr(all, want) != NULL;
}

static int pause_ms(int ms)
{
	sleep_ms(ms);
	return 1;
}

static void resize(int rows, int columns)
{
	struct winsize size = {.ws_row = rows, .ws_col = columns};

	ioctl(outer.master, TIOCSWINSZ, &size);
}

int main(void)
{
	char byte;
	pid_t pid;

	if (pipe(orders) || pipe(answers))
		bail("pipe");
	pid = start_child(serve);
	close(orders[0]);
	pty_open(&outer);
	resize(30, 100);
	ok(order(outer.name), "attached to a first terminal");
	ok(sees("stty size\n", "30 100"), "the window has its size");
	ok(sees("x=zero; echo $x-$x\n", "zero-zero"), "window 0 works");
	ok(order("1") && sees("x=one; echo $x-$x\n", "one-one"),
	   "window 1 beside it");
	ok(sees("echo be''gin; sleep 1000\n", "begin") && pause_ms(300) &&
		   sees("\3", "w1> ") && sees("echo s=$?\n", "s=130"),
	   "^C reaches the program in the window");
	ok(sees("(sleep 1; echo la''te) &\n", "w1> "), "a job in window 1");
	ok(order("2") && sees("sh -c 'trap \"echo re''sized\" WINCH; echo "
			      "o''k; while :; do sleep 0.1; done'\n",
			      "ok"),
	   "window 2");
	pty_close(&outer);
	ok(pty_arrives(answers[0], 3000) && read(answers[0], &byte, 1) == 1,
	   "the terminal is closed: the server notices");
	sleep_ms(1200);
	pty_open(&outer);
	resize(44, 144);
	ok(order(outer.name) && sees("\n", "resized"),
	   "attached to another: SIGWINCH in the windows");
	ok(sees("\3", "w2> ") && sees("stty size\n", "44 144"), "its size");
	ok(order("1") && sees("\n", "late"),
	   "what happened meanwhile is there to be read");
	ok(order("0") && sees("echo $x=$x\n", "zero=zero"),
	   "the shells are the same");
	close(orders[1]);
	ok(exit_code(pid) == 0, "the server ends");
	return done_testing();
}
