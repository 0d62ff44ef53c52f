/*
 * SIGIO of terminals: whom O_ASYNC makes the owner, what is told of input, of
 * room for output, and nothing after a hang-up; and which files have no SIGIO.
 */
#include "pty.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

static sigset_t set;
static siginfo_t seen;
static struct pty pty;

/* next - the signal that comes within MS, 0: none. */
static int next_within(int ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};
	int sig;

	memset(&seen, 0, sizeof(seen));
	sig = sigtimedwait(&set, &seen, &time);
	return sig < 0 ? 0 : sig;
}

static int comes(int sig, int code, int fd)
{
	return next_within(2000) == sig && seen.si_code == code &&
	       seen.si_fd == fd;
}

static int nothing(void)
{
	return next_within(40) == 0;
}

static int async(int fd, int on)
{
	int flags = fcntl(fd, F_GETFL);

	return fcntl(fd, F_SETFL, on ? flags | O_ASYNC : flags & ~O_ASYNC);
}

static int is_async(int fd)
{
	return !!(fcntl(fd, F_GETFL) & O_ASYNC);
}

static void type(const char *text)
{
	if (write(pty.master, text, strlen(text)) < 0)
		bail("type");
}

static int owned(int fd, int kind, pid_t pid)
{
	struct f_owner_ex owner;

	return !fcntl(fd, F_GETOWN_EX, &owner) && owner.type == kind &&
	       owner.pid == pid;
}

/* --- owners --------------------------------------------------------------- */

static void owners(void)
{
	pty_open(&pty);
	ok(owned(pty.slave, F_OWNER_TID, 0), "at first nobody owns it");
	ok(async(pty.slave, 1) == 0 && is_async(pty.slave) &&
		   owned(pty.slave, F_OWNER_PID, getpid()),
	   "O_ASYNC without a foreground group: who sets it");
	ok(async(pty.slave, 0) == 0 && !is_async(pty.slave) &&
		   owned(pty.slave, F_OWNER_PID, getpid()),
	   "and he stays the owner without it");
	pty_close(&pty);
	pty_open(&pty);
	ok(!fcntl(pty.slave, F_SETOWN, 1) && async(pty.slave, 1) == 0 &&
		   owned(pty.slave, F_OWNER_PID, 1),
	   "an owner that was chosen stays");
	pty_close(&pty);
	pty_open(&pty);
	ok(!fcntl(pty.slave, F_SETOWN, 0) && async(pty.slave, 1) == 0 &&
		   owned(pty.slave, F_OWNER_PID, getpid()),
	   "F_SETOWN 0 is no owner");
	pty_close(&pty);
}

static int in_session(void)
{
	pid_t group;
	int other;

	pty_open(&pty);
	pty_session(&pty);
	signal(SIGTTOU, SIG_IGN);
	need(async(pty.slave, 1) == 0);
	need(owned(pty.slave, F_OWNER_PGRP, getpgrp()));
	group = fork();
	if (group == 0)
		sleep_forever();
	setpgid(group, group);
	other = open(pty.name, O_RDWR | O_NOCTTY);
	need(!ioctl(pty.slave, TIOCSPGRP, &group));
	need(async(other, 1) == 0 && owned(other, F_OWNER_PGRP, group));
	need(owned(pty.slave, F_OWNER_PGRP, getpgrp()));
	need(async(pty.master, 1) == 0);
	need(owned(pty.master, F_OWNER_PID, getpid()));
	end_child(group);
	return 0;
}

/* --- what is told --------------------------------------------------------- */

static void lines(void)
{
	int sig = SIGRTMIN + 1;
	char text[100];

	pty_open(&pty);
	if (async(pty.slave, 1) || fcntl(pty.slave, F_SETSIG, sig))
		bail("async");
	type("ab");
	ok(nothing(), "a line that has not ended tells nobody");
	type("\n");
	ok(comes(sig, POLL_IN, pty.slave) &&
		   seen.si_band == (POLLIN | POLLRDNORM),
	   "its end does: POLL_IN");
	type("x\ny\n");
	ok(comes(sig, POLL_IN, pty.slave) && comes(sig, POLL_IN, pty.slave) &&
		   nothing(),
	   "each line does");
	type("\004");
	ok(comes(sig, POLL_IN, pty.slave), "the end of file does");
	ok(write(pty.slave, "hello", 5) == 5 && nothing() &&
		   read(pty.master, text, sizeof(text)) > 0 && nothing(),
	   "output that has room: nothing, and nothing when it is read");
	ok(ioctl(pty.slave, TIOCSTI, "\n") == 0 &&
		   comes(sig, POLL_IN, pty.slave),
	   "TIOCSTI is input");
	ok(fcntl(pty.slave, F_SETSIG, 0) == 0 && (type("z\n"), 1) &&
		   next_within(2000) == SIGIO && seen.si_code == SI_KERNEL,
	   "without F_SETSIG: SIGIO that says no more");
	pty_close(&pty);
}

static void raw(void)
{
	int sig = SIGRTMIN + 1;

	pty_open(&pty);
	pty_raw(&pty, 10, 0);
	if (async(pty.slave, 1) || fcntl(pty.slave, F_SETSIG, sig))
		bail("async");
	type("q");
	ok(comes(sig, POLL_IN, pty.slave),
	   "raw input tells of each piece, whatever VMIN says");
	type("rstuvw");
	ok(comes(sig, POLL_IN, pty.slave), "and of the next");
	while (next_within(40))
		;
	ok(fcntl(pty.master, F_SETSIG, sig + 1) == 0 &&
		   async(pty.master, 1) == 0 &&
		   write(pty.slave, "hi", 2) == 2 &&
		   comes(sig + 1, POLL_IN, pty.master),
	   "the master is told of what its slave writes");
	pty_close(&pty);
}

static void room(void)
{
	int sig = SIGRTMIN + 1;
	static char text[8192];
	int told = 0;
	int tries;

	pty_open(&pty);
	pty_raw(&pty, 1, 0);
	if (async(pty.slave, 1) || fcntl(pty.slave, F_SETSIG, sig) ||
	    fcntl(pty.slave, F_SETFL, fcntl(pty.slave, F_GETFL) | O_NONBLOCK) ||
	    fcntl(pty.master, F_SETFL, O_RDWR | O_NONBLOCK))
		bail("async");
	/* A worker may make room once more. */
	for (tries = 0; tries < 20; tries++) {
		while (write(pty.slave, text, sizeof(text)) > 0)
			;
		sleep_ms(5);
	}
	while (next_within(40))
		;
	ok_errno(write(pty.slave, text, 1), EAGAIN, "it is full");
	for (tries = 0; tries < 20 && !told; tries++) {
		while (read(pty.master, text, sizeof(text)) > 0)
			;
		told = comes(sig, POLL_OUT, pty.slave);
	}
	ok(told && seen.si_band == (POLLOUT | POLLWRNORM | POLLWRBAND),
	   "after it was read: POLL_OUT");
	ok(write(pty.slave, text, 1) == 1, "and there is room");
	pty_close(&pty);
}

static void hung_up(void)
{
	int on = 1;

	pty_open(&pty);
	if (async(pty.slave, 1) || fcntl(pty.slave, F_SETSIG, SIGRTMIN))
		bail("async");
	close(pty.master);
	ok(nothing(), "a hang-up tells nothing");
	ok(!is_async(pty.slave) && owned(pty.slave, F_OWNER_PID, getpid()),
	   "and ends O_ASYNC");
	ok_errno(async(pty.slave, 1), ENOTTY, "which is not to be had again");
	ok_errno(ioctl(pty.slave, FIOASYNC, &on), ENOTTY, "nor by FIOASYNC");
	ok(async(pty.slave, 0) == 0, "but is off");
	close(pty.slave);
}

/* --- others --------------------------------------------------------------- */

/* FD takes no O_ASYNC: F_SETFL leaves it, FIOASYNC says so. */
static int has_none(int fd)
{
	int on = 1;
	int good;

	good = fd >= 0 && !async(fd, 1) && !is_async(fd) &&
	       fails(ioctl(fd, FIOASYNC, &on), ENOTTY);
	close(fd);
	return good;
}

static int has_it(int fd)
{
	int on = 1;
	int good;

	good = fd >= 0 && !async(fd, 1) && is_async(fd) &&
	       !ioctl(fd, FIOASYNC, &on) && owned(fd, F_OWNER_TID, 0);
	close(fd);
	return good;
}

static void others(void)
{
	ok(has_none(eventfd(0, 0)) && has_none(signalfd(-1, &set, 0)) &&
		   has_none(timerfd_create(CLOCK_MONOTONIC, 0)) &&
		   has_none(epoll_create1(0)) &&
		   has_none(syscall(SYS_pidfd_open, getpid(), 0)) &&
		   has_none(memfd_create("x", 0)),
	   "eventfd, signalfd, timerfd, epoll, pidfd, memfd have no SIGIO");
	ok(has_none(open("/dev/null", O_RDWR)) &&
		   has_none(open("/dev/zero", O_RDWR)) &&
		   has_none(open("/dev/kmsg", O_RDWR)) &&
		   has_none(open("/dev/vda", O_RDONLY)) &&
		   has_none(open("/proc/self/stat", O_RDONLY)) &&
		   has_none(open("/tmp", O_RDONLY)) &&
		   has_none(open("/bin/busybox", O_RDONLY)),
	   "nor have files, folders, memory, the log, disks");
	ok(has_it(open("/dev/random", O_RDWR)) &&
		   has_it(open("/dev/urandom", O_RDWR)),
	   "random and urandom have it, and no owner");
	ok_errno(async(open("/tmp", O_PATH), 1), EBADF, "O_PATH: EBADF");
}

int main(void)
{
	sigfillset(&set);
	sigdelset(&set, SIGALRM);
	sigdelset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	owners();
	ok(in_child(in_session) == 0,
	   "with a foreground group it is that, but the master's is its user");
	lines();
	raw();
	room();
	hung_up();
	others();
	return done_testing();
}
