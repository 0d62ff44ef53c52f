/*
 * The controlling terminal: who gets one, who is in its foreground, and whom
 * its keys signal.
 */
#include "jobs.h"

static struct pty pty;

/* --- getting and leaving one ---------------------------------------------- */

static int takes_terminal(void)
{
	pid_t group = 0;
	int fd;

	need(fails(ioctl(pty.slave, TIOCSCTTY, 0), EPERM));
	need(setsid() == getpid());
	need(fails(tcgetpgrp(pty.slave), ENOTTY));
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	need(ioctl(pty.slave, TIOCSCTTY, 0) == 0);
	need(tcgetpgrp(pty.slave) == getpid());
	need(tcgetsid(pty.slave) == getpid());
	fd = open("/dev/tty", O_RDWR);
	need(fd >= 0 && tcgetpgrp(fd) == getpid());
	need(ioctl(pty.slave, TIOCSCTTY, 0) == 0);
	need(ioctl(pty.master, TIOCGPGRP, &group) == 0 && group == getpid());
	return 0;
}

static int opens_terminal(void)
{
	int fd;

	need(setsid() == getpid());
	fd = open(pty.name, O_RDWR | O_NOCTTY);
	need(fd >= 0 && fails(open("/dev/tty", O_RDWR), ENXIO));
	need(open(pty.name, O_RDWR) >= 0);
	need(open("/dev/tty", O_RDWR) >= 0);
	return 0;
}

static int tries_to_steal(void)
{
	need(setsid() == getpid());
	need(fails(ioctl(pty.slave, TIOCSCTTY, 0), EPERM));
	need(open(pty.name, O_RDWR) >= 0);
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	return 0;
}

static int steals_as_student(void)
{
	need(setsid() == getpid());
	become(STUDENT);
	need(fails(ioctl(pty.slave, TIOCSCTTY, 1), EPERM));
	return 0;
}

static int two_sessions(void)
{
	pty_session(&pty);
	need(in_child(tries_to_steal) == 0);
	need(in_child(steals_as_student) == 0);
	need(tcgetpgrp(pty.slave) == getpid());
	return 0;
}

static int gives_up(void)
{
	signal(SIGHUP, SIG_IGN);
	pty_session(&pty);
	need(ioctl(pty.slave, TIOCNOTTY) == 0);
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	need(fails(ioctl(pty.slave, TIOCNOTTY), ENOTTY));
	return 0;
}

static void terminals(void)
{
	ok(in_child(takes_terminal) == 0, "TIOCSCTTY: a session's leader");
	ok(in_child(opens_terminal) == 0, "open does it too, but for O_NOCTTY");
	ok(in_child(two_sessions) == 0,
	   "a terminal controls one session; others may not take it");
	ok(in_child(gives_up) == 0, "TIOCNOTTY");
	ok(fails(tcgetpgrp(pipes[0]), ENOTTY), "a pipe is none");
}

/* --- the foreground ------------------------------------------------------- */

static int waits_for_ever(void)
{
	sleep_forever();
}

static int changes_foreground(void)
{
	pid_t pid;

	pty_session(&pty);
	pid = start_child(waits_for_ever);
	setpgid(pid, pid);
	need(tcsetpgrp(pty.slave, pid) == 0 && tcgetpgrp(pty.slave) == pid);
	signal(SIGTTOU, SIG_IGN);
	need(tcsetpgrp(pty.slave, getpid()) == 0);
	need(fails(tcsetpgrp(pty.slave, getpgid(getppid())), EPERM));
	need(fails(tcsetpgrp(pty.slave, 1 << 21), ESRCH));
	need(fails(tcsetpgrp(pty.slave, -1), EINVAL));
	end_child(pid);
	/* A process of the session will do, if it leads no group. */
	pid = start_child(waits_for_ever);
	need(tcsetpgrp(pty.slave, pid) == 0 && tcgetpgrp(pty.slave) == pid);
	end_child(pid);
	return 0;
}

static void foreground(void)
{
	ok(in_child(changes_foreground) == 0, "tcsetpgrp, and its errors");
}

/* --- the keys ------------------------------------------------------------- */

static volatile int signals_seen;

static void reports_signal(int sig)
{
	signals_seen++;
	report('A' + sig);
}

/* A session with a job in front, that reports signals, and a job behind. */
static int two_jobs(void)
{
	pid_t front;
	pid_t back;

	pty_session(&pty);
	signal(SIGINT, reports_signal);
	signal(SIGQUIT, reports_signal);
	signal(SIGTSTP, reports_signal);
	signal(SIGWINCH, reports_signal);
	front = start_child(waits_for_ever);
	setpgid(front, front);
	back = start_child(waits_for_ever);
	setpgid(back, back);
	need(tcsetpgrp(pty.slave, front) == 0);
	report('r');
	sleep_forever();
}

static void keys(void)
{
	struct winsize size = {.ws_row = 30, .ws_col = 90};
	pid_t pid = start_child(two_jobs);

	if (reported() != 'r')
		bail("jobs");
	pty_type(&pty, "\3");
	ok(reported() == 'A' + SIGINT, "^C: SIGINT to the foreground");
	pty_type(&pty, "\34");
	ok(reported() == 'A' + SIGQUIT, "^\\: SIGQUIT");
	pty_type(&pty, "\32");
	ok(reported() == 'A' + SIGTSTP, "^Z: SIGTSTP");
	ioctl(pty.master, TIOCSWINSZ, &size);
	ok(reported() == 'A' + SIGWINCH, "a new window size: SIGWINCH");
	memset(&size, 0, sizeof(size));
	ok(ioctl(pty.slave, TIOCGWINSZ, &size) == 0 && size.ws_row == 30 &&
		   size.ws_col == 90,
	   "and both ends know it");
	pty_modes(&pty, 0, ISIG, 0, 0);
	pty_type(&pty, "\3\n");
	ok(!pty_arrives(pipes[0], 30) && !strcmp(pty_line(&pty), "\3\n"),
	   "without ISIG ^C is a character");
	pty_modes(&pty, 0, 0, 0, 0);
	end_child(pid);
	pty_shown(&pty);
}

/* --- the background ------------------------------------------------------- */

static int background_reads(void)
{
	char byte;

	setpgid(0, 0);
	return read(pty.slave, &byte, 1) == 1;
}

static int background_reads_ignoring(void)
{
	char byte;

	signal(SIGTTIN, SIG_IGN);
	setpgid(0, 0);
	return fails(read(pty.slave, &byte, 1), EIO) ? 4 : 5;
}

static int background_writes(void)
{
	setpgid(0, 0);
	return write(pty.slave, "w", 1) == 1 ? 4 : 5;
}

static int background_writes_ignoring(void)
{
	signal(SIGTTOU, SIG_IGN);
	return background_writes();
}

static int background_sets(void)
{
	setpgid(0, 0);
	return tcsetattr(pty.slave, TCSANOW, &pty_sane) == 0 ? 4 : 5;
}

static int background(void)
{
	pty_session(&pty);
	need(stopped_by(background_reads) == SIGTTIN);
	need(stopped_by(background_reads_ignoring) == -4);
	need(stopped_by(background_writes) == -4);
	need(stopped_by(background_sets) == SIGTTOU);
	pty_modes(&pty, TOSTOP, 0, 0, 0);
	need(stopped_by(background_writes) == SIGTTOU);
	need(stopped_by(background_writes_ignoring) == -4);
	pty_modes(&pty, 0, 0, 0, 0);
	return 0;
}

static int orphan_reads(void)
{
	char byte;

	setpgid(0, 0);
	while (getppid() != 1)
		sleep_ms(1);
	report(fails(read(pty.slave, &byte, 1), EIO) ? 'e' : 'n');
	return 0;
}

static int leaves_orphan(void)
{
	start_child(orphan_reads);
	return 0;
}

static int keeps_session(void)
{
	pty_session(&pty);
	need(in_child(leaves_orphan) == 0);
	need(reported() == 'e');
	return 0;
}

static void behind(void)
{
	ok(in_child(background) == 0, "SIGTTIN, and SIGTTOU with TOSTOP or for "
				      "modes; ignored: EIO or done");
	ok(in_child(keeps_session) == 0, "an orphaned group's read gives EIO");
}

/* --- the end -------------------------------------------------------------- */

static int loses_terminal(void)
{
	setpgid(0, 0);
	signal(SIGHUP, reports_signal);
	report('r');
	while (!signals_seen)
		sleep_ms(2);
	report(fails(open("/dev/tty", O_RDWR), ENXIO) ? 'n' : 'y');
	return 0;
}

static int leader_with_jobs(void)
{
	pid_t front;

	pty_session(&pty);
	front = start_child(loses_terminal);
	need(reported() == 'r');
	need(tcsetpgrp(pty.slave, front) == 0);
	return 0;
}

static void endings(void)
{
	ok(in_child(leader_with_jobs) == 0 && reported() == 'A' + SIGHUP,
	   "the leader ends: SIGHUP to the foreground");
	ok(reported() == 'n', "which has no terminal any more");
	ok(in_child(takes_terminal) == 0, "another session can have it");
}

int main(void)
{
	jobs_init();
	pty_open(&pty);
	terminals();
	pty_close(&pty);
	pty_open(&pty);
	foreground();
	pty_close(&pty);
	pty_open(&pty);
	keys();
	pty_close(&pty);
	pty_open(&pty);
	behind();
	pty_close(&pty);
	pty_open(&pty);
	endings();
	return done_testing();
}
