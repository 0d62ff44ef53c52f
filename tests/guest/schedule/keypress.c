/*
 * A shell on a terminal beside 50 programs that use the CPUs for ever: it
 * answers soon.  An argument is the limit in milliseconds; the usual one leaves
 * room for a busy host.
 */
#include "hogs.h"
#include "pty.h"
#include <poll.h>

/* Milliseconds until TEXT comes from FD; -1 after five seconds. */
static double wait_for_text(int fd, const char *text)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	struct timespec begin;
	struct timespec end;
	char seen[4096] = "";
	int length = 0;
	int got;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (!strstr(seen, text) && length < (int)sizeof(seen) - 1) {
		if (poll(&poller, 1, 5000) != 1)
			return -1;
		got = read(fd, seen + length, sizeof(seen) - 1 - length);
		if (got <= 0)
			return -1;
		length += got;
		seen[length] = 0;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (end.tv_sec - begin.tv_sec) * 1e3 +
	       (end.tv_nsec - begin.tv_nsec) / 1e6;
}

static pid_t start_shell(struct pty *pty)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	dup2(pty->slave, 0);
	dup2(pty->slave, 1);
	dup2(pty->slave, 2);
	setenv("PS1", "> ", 1);
	execl("/bin/busybox", "sh", "-i", NULL);
	_exit(1);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	long limit_ms = argc > 1 ? atol(argv[1]) : steady() ? 50 : 500;
	struct pty pty;
	double ms[15];
	pid_t shell;
	int i;

	pty_open(&pty);
	shell = start_shell(&pty);
	ok(wait_for_text(pty.master, "> ") >= 0, "a shell shows its prompt");
	for (i = 0; i < 50; i++)
		start_hog(-1, 0);
	sleep_ms(300);
	for (i = 0; i < 15; i++) {
		sleep_ms(100);
		if (write(pty.master, "x", 1) != 1)
			bail("write");
		ms[i] = wait_for_text(pty.master, "x");
		if (ms[i] < 0)
			ms[i] = 1e9;
		tap_line("# %.2f ms\n", ms[i]);
	}
	qsort(ms, 15, sizeof(*ms), by_size);
	tap_line("# answers: median %.2f ms, worst %.2f ms\n", ms[7], ms[14]);
	ok(ms[7] < limit_ms, "it answers in time beside 50 hogs");
	end_hogs();
	end_child(shell);
	pty_close(&pty);
	return done_testing();
}
