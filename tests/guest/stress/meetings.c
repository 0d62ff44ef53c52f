/*
 * Who waits is woken, however late the other side looks and whatever comes
 * between: both ends of a FIFO opened at the same moment, a byte that is sent
 * to one of several readers just when a signal reaches it, the last words of
 * a terminal that is closed.
 */
#include "pty.h"
#include <sys/time.h>

#define ROUNDS 300

/* A round that takes so long is one that never ends. */
#define STUCK_S 40

static int orders[2][2];
static int done[2];

static void answer(void)
{
	need(write(done[1], "d", 1) == 1);
}

/* Open and close the FIFO, one step for each byte of the parent's. */
static int open_when_told(int from, int mode)
{
	char byte;
	int fd;

	alarm(STUCK_S);
	while (read(from, &byte, 1) == 1) {
		fd = open("fifo", mode);
		need(fd >= 0);
		answer();
		/* Who closes before both have met makes the other wait. */
		need(read(from, &byte, 1) == 1);
		close(fd);
		answer();
	}
	return 0;
}

/* Both take a step; false if one does not come back from it. */
static int both_step(void)
{
	char byte;
	int i;

	for (i = 0; i < 2; i++)
		if (write(orders[i][1], "s", 1) != 1)
			return 0;
	for (i = 0; i < 2; i++)
		if (!pty_arrives(done[0], STUCK_S * 1000) ||
		    read(done[0], &byte, 1) != 1)
			return 0;
	return 1;
}

static void fifo_opens(void)
{
	static const int modes[] = {O_RDONLY, O_WRONLY};
	pid_t pids[2];
	int good = 1;
	int i;

	if (mkfifo("fifo", 0600) || pipe(orders[0]) || pipe(orders[1]) ||
	    pipe(done))
		bail("pipes");
	for (i = 0; i < 2; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			close(orders[0][1]);
			close(orders[1][1]);
			_exit(open_when_told(orders[i][0], modes[i]));
		}
	}
	for (i = 0; i < 2 * ROUNDS && good; i++)
		good = both_step();
	ok(good, "both ends of a FIFO opened at once");
	for (i = 0; i < 2; i++) {
		close(orders[i][0]);
		close(orders[i][1]);
	}
	good = exit_code(pids[0]) == 0;
	good &= exit_code(pids[1]) == 0;
	ok(good, "each open came back");
	close(done[0]);
	close(done[1]);
	unlink("fifo");
}

/* --- one of several readers ----------------------------------------------- */

#define READERS 4

static int data[2];
static int answers[2];

static void on_alarm(int sig)
{
	(void)sig;
}

/* Read byte by byte, with a signal every fraction of a millisecond. */
static int read_interrupted(int microseconds)
{
	struct itimerval every = {{0, microseconds}, {0, microseconds}};
	struct sigaction action = {.sa_handler = on_alarm};
	char byte;
	int got;

	close(data[1]);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	for (;;) {
		got = read(data[0], &byte, 1);
		if (got == 0)
			return 0;
		if (got < 0)
			need(errno == EINTR);
		else
			while (write(answers[1], &byte, 1) != 1)
				need(errno == EINTR);
	}
}

static void interrupted_readers(void)
{
	pid_t pids[READERS];
	int good = 1;
	char byte;
	int i;

	if (pipe(data) || pipe(answers))
		bail("pipe");
	for (i = 0; i < READERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(read_interrupted(500 + 37 * i));
	}
	for (i = 0; i < ROUNDS && good; i++)
		good = write(data[1], "x", 1) == 1 &&
		       pty_arrives(answers[0], STUCK_S * 1000) &&
		       read(answers[0], &byte, 1) == 1;
	ok(good, "a byte finds a reader, whoever is interrupted");
	close(data[1]);
	good = 1;
	for (i = 0; i < READERS; i++)
		good &= exit_code(pids[i]) == 0;
	ok(good, "and all of them hear of the end");
	close(data[0]);
	close(answers[0]);
	close(answers[1]);
}

/* --- last words ----------------------------------------------------------- */

static struct pty pty;

static int says_and_goes(void)
{
	close(pty.master);
	need(write(pty.slave, "last words", 10) == 10);
	return 0;
}

/* All that was written before the last close is read, then EIO. */
static int hear_the_end(void)
{
	char text[32];
	int length = 0;
	int ended;
	int got;
	pid_t pid;

	pty_open(&pty);
	pid = start_child(says_and_goes);
	close(pty.slave);
	while ((got = read(pty.master, text + length, 32 - length)) > 0)
		length += got;
	ended = got < 0 && errno == EIO;
	close(pty.master);
	return exit_code(pid) == 0 && ended && length == 10 &&
	       !memcmp(text, "last words", 10);
}

static void last_words(void)
{
	int good = 1;
	int i;

	for (i = 0; i < ROUNDS && good; i++)
		good = hear_the_end();
	ok(good, "a terminal's last words are heard");
}

int main(void)
{
	tap_folder("meetings");
	fifo_opens();
	interrupted_readers();
	last_words();
	if (chdir("/"))
		bail("/");
	return done_testing();
}
