/*
 * Sessions and terminals: who takes one, what its master may ask, the errors
 * of tcsetpgrp, signals that a pty's owner and its window send, background
 * processes that ignore or block.
 */
#include "jobs.h"

static struct pty pty;

/* --- taking one ----------------------------------------------------------- */

static int steals(void)
{
	need(setsid() > 0);
	need(fails(ioctl(pty.slave, TIOCSCTTY, 0), EPERM));
	need(fails(ioctl(pty.slave, TIOCSCTTY, 2), EPERM));
	need(!ioctl(pty.slave, TIOCSCTTY, 1));
	need(tcgetpgrp(pty.slave) == getpid());
	return 0;
}

static int is_robbed(void)
{
	pty_session(&pty);
	need(in_child(steals) == 0);
	need(fails(tcgetpgrp(pty.slave), ENOTTY));
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	need(!ioctl(pty.slave, TIOCSCTTY, 0));
	return 0;
}

static int has_one_already(void)
{
	struct pty other;

	pty_session(&pty);
	pty_open(&other);
	need(fails(ioctl(other.slave, TIOCSCTTY, 1), EPERM));
	need(open(other.name, O_RDWR) >= 0);
	need(tcgetpgrp(pty.slave) == getpid());
	return 0;
}

static int write_only(void)
{
	int fd;

	become(STUDENT);
	need(setsid() > 0);
	fd = open(pty.name, O_WRONLY);
	need(fd >= 0);
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	need(fails(ioctl(fd, TIOCSCTTY, 0), EPERM));
	fd = open(pty.name, O_RDONLY);
	need(fd >= 0 && open("/dev/tty", O_RDWR) >= 0);
	return 0;
}

static int through_the_master(void)
{
	need(setsid() > 0);
	need(!ioctl(pty.master, TIOCSCTTY, 0));
	need(tcgetpgrp(pty.slave) == getpid());
	return 0;
}

static int through_peer(void)
{
	need(setsid() > 0);
	need(ioctl(pty.master, TIOCGPTPEER, O_RDWR | O_NOCTTY) >= 0);
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	need(ioctl(pty.master, TIOCGPTPEER, O_RDWR) >= 0);
	need(open("/dev/tty", O_RDWR) >= 0);
	return 0;
}

static int closes_all(void)
{
	int fd;

	pty_session(&pty);
	close(pty.slave);
	report('c');
	need(job_came());
	fd = open("/dev/tty", O_RDWR);
	need(fd >= 0 && tcgetpgrp(fd) == getpid());
	need(write(fd, "still", 5) == 5);
	report('w');
	need(job_came());
	return 0;
}

static void taking(void)
{
	pid_t pid;
	int seen;

	ok(in_child(is_robbed) == 0,
	   "TIOCSCTTY 1 of root takes it from others");
	ok(in_child(has_one_already) == 0, "nobody has two");
	chmod(pty.name, 0666);
	ok(in_child(write_only) == 0, "one that cannot be read is not taken");
	ok(in_child(through_the_master) == 0, "TIOCSCTTY at the master");
	ok(in_child(through_peer) == 0, "TIOCGPTPEER takes it as open does");
	pid = start_child(closes_all);
	if (reported() != 'c')
		bail("closes_all");
	close(pty.slave);
	job_is_ready();
	seen = reported() == 'w' &&
	       strstr(pty_read_some(pty.master, 5), "still");
	job_is_ready();
	ok(exit_code(pid) == 0 && seen,
	   "a pty without open files stays the session's");
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
}

/* --- asking --------------------------------------------------------------- */

static int waits(void)
{
	pty_session(&pty);
	report('r');
	sleep_forever();
}

static void asking(void)
{
	pid_t nr = 0;
	pid_t pid;

	ok(!ioctl(pty.master, TIOCGPGRP, &nr) && nr == 0,
	   "no session: the master sees group 0");
	ok_errno(ioctl(pty.master, TIOCGSID, &nr), ENOTTY, "and no session");
	pid = start_child(waits);
	if (reported() != 'r')
		bail("waits");
	ok(!ioctl(pty.master, TIOCGPGRP, &nr) && nr == pid,
	   "TIOCGPGRP of the master: the slave's");
	ok(!ioctl(pty.master, TIOCGSID, &nr) && nr == pid, "TIOCGSID too");
	ok_errno(ioctl(pty.slave, TIOCGPGRP, &nr), ENOTTY,
		 "at the slave only its session");
	ok_errno(ioctl(pty.slave, TIOCGSID, &nr), ENOTTY, "for both");
	ok_errno(ioctl(pty.master, TIOCSPGRP, &pid), ENOTTY,
		 "the master does not set it");
	ok_errno(ioctl(pty.slave, TIOCSPGRP, nowhere), EFAULT,
		 "TIOCSPGRP: first the argument");
	nr = -5;
	ok_errno(ioctl(pty.slave, TIOCSPGRP, &nr), EINVAL, "then its sign");
	end_child(pid);
}

static int sets_group(void)
{
	pid_t zero = 0;
	pid_t none = 1 << 21;
	pid_t init = 1;
	pid_t nr;

	pty_session(&pty);
	need(fails(ioctl(pty.slave, TIOCSPGRP, &zero), ESRCH));
	need(fails(ioctl(pty.slave, TIOCSPGRP, &none), ESRCH));
	need(fails(ioctl(pty.slave, TIOCSPGRP, &init), EPERM));
	need(fails(ioctl(pty.slave, TIOCGPGRP, nowhere), EFAULT));
	need(fails(ioctl(pty.slave, TIOCGSID, nowhere), EFAULT));
	nr = getpid();
	need(!ioctl(pty.master, TIOCSPGRP, &nr));
	return 0;
}

static int sets_from_behind(void)
{
	setpgid(0, 0);
	tcsetpgrp(pty.slave, getpid());
	return 5;
}

static int sets_blocked(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, NULL);
	setpgid(0, 0);
	need(tcsetattr(pty.slave, TCSANOW, &pty_sane) == 0);
	need(tcflush(pty.slave, TCIFLUSH) == 0);
	need(tcsendbreak(pty.slave, 0) == 0);
	need(tcsetpgrp(pty.slave, getpid()) == 0);
	need(tcsetpgrp(pty.slave, getppid()) == 0);
	return 4;
}

static int reads_blocked(void)
{
	sigset_t set;
	char byte;

	sigemptyset(&set);
	sigaddset(&set, SIGTTIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	setpgid(0, 0);
	need(fails(read(pty.slave, &byte, 1), EIO));
	return 4;
}

static int flushes_behind(void)
{
	setpgid(0, 0);
	tcflush(pty.slave, TCIFLUSH);
	return 5;
}

static int drains_behind(void)
{
	setpgid(0, 0);
	tcdrain(pty.slave);
	return 5;
}

static int flows_behind(void)
{
	setpgid(0, 0);
	tcflow(pty.slave, TCOON);
	return 5;
}

static int sizes_behind(void)
{
	struct winsize size = {7, 7, 7, 7};

	setpgid(0, 0);
	need(ioctl(pty.slave, TIOCSWINSZ, &size) == 0);
	return 4;
}

static int behind(void)
{
	pty_session(&pty);
	need(stopped_by(sets_from_behind) == SIGTTOU);
	need(stopped_by(flushes_behind) == SIGTTOU);
	need(stopped_by(drains_behind) == SIGTTOU);
	need(stopped_by(flows_behind) == SIGTTOU);
	need(stopped_by(sizes_behind) == -4);
	need(stopped_by(sets_blocked) == -4);
	need(stopped_by(reads_blocked) == -4);
	return 0;
}

static int orphan(void)
{
	struct termios modes = pty_sane;

	setpgid(0, 0);
	while (getppid() != 1)
		sleep_ms(1);
	need(fails(tcsetattr(pty.slave, TCSANOW, &modes), EIO));
	need(fails(tcflush(pty.slave, TCIFLUSH), EIO));
	need(fails(tcsetpgrp(pty.slave, getpid()), ENOTTY));
	need(fails(write(pty.slave, "x", 1), EIO));
	report('o');
	return 0;
}

static int leaves_orphan(void)
{
	start_child(orphan);
	return 0;
}

static int orphaned(void)
{
	pty_session(&pty);
	pty_modes(&pty, TOSTOP, 0, 0, 0);
	need(in_child(leaves_orphan) == 0);
	need(reported() == 'o');
	return 0;
}

static void groups(void)
{
	ok(in_child(sets_group) == 0, "tcsetpgrp: ESRCH, EPERM, EFAULT");
	ok(in_child(behind) == 0, "SIGTTOU for every change but the size; "
				  "blocked it is done, reads EIO");
	ok(in_child(orphaned) == 0, "an orphan's changes: EIO");
	pty_modes(&pty, 0, 0, 0, 0);
}

/* --- signals -------------------------------------------------------------- */

static void tells(int sig)
{
	report('A' + sig);
}

static int job(void)
{
	setpgid(0, 0);
	signal(SIGINT, tells);
	signal(SIGQUIT, tells);
	signal(SIGTSTP, tells);
	signal(SIGWINCH, tells);
	job_is_ready();
	sleep_forever();
}

static int with_job(void)
{
	pty_session(&pty);
	signal(SIGWINCH, tells);
	start_front(&pty, job);
	report('r');
	sleep_forever();
}

static void signals(void)
{
	struct winsize size = {11, 12, 13, 14};
	pid_t pid = start_child(with_job);

	if (reported() != 'r')
		bail("job");
	ok(!ioctl(pty.master, TIOCSIG, SIGINT) && reported() == 'A' + SIGINT,
	   "TIOCSIG: SIGINT to the foreground");
	ok(!ioctl(pty.master, TIOCSIG, SIGQUIT) &&
		   reported() == 'A' + SIGQUIT &&
		   !ioctl(pty.master, TIOCSIG, SIGTSTP) &&
		   reported() == 'A' + SIGTSTP,
	   "SIGQUIT and SIGTSTP");
	ok(fails(ioctl(pty.master, TIOCSIG, SIGKILL), EINVAL) &&
		   fails(ioctl(pty.master, TIOCSIG, SIGWINCH), EINVAL) &&
		   fails(ioctl(pty.master, TIOCSIG, 0), EINVAL),
	   "no other");
	ok(!ioctl(pty.slave, TIOCSWINSZ, &size) && reported() == 'A' + SIGWINCH,
	   "TIOCSWINSZ at the slave: SIGWINCH to the foreground");
	ok(!pty_arrives(pipes[0], 30), "to it alone, once");
	ok(!ioctl(pty.slave, TIOCSWINSZ, &size) &&
		   !ioctl(pty.master, TIOCSWINSZ, &size) &&
		   !pty_arrives(pipes[0], 30),
	   "the same size again: no signal");
	size.ws_xpixel++;
	ok(!ioctl(pty.master, TIOCSWINSZ, &size) &&
		   reported() == 'A' + SIGWINCH,
	   "at the master: too");
	end_child(pid);
}

int main(void)
{
	jobs_init();
	pty_open(&pty);
	taking();
	asking();
	groups();
	signals();
	return done_testing();
}
