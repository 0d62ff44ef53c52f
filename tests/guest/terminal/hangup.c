/*
 * Hang-up: vhangup(2), TIOCVHANGUP, what the open files of a terminal give
 * afterwards, whom it signals; TIOCSTI and who may use it.
 */
#include "jobs.h"

#include <sys/syscall.h>

#define CAP_SYS_ADMIN	   21
#define CAP_SYS_TTY_CONFIG 26

static struct pty pty;
static char text[100];

static void quiet(int sig)
{
	(void)sig;
}

/* drop_cap - in a child: without capability NR from here on. */
static void drop_cap(int nr)
{
	struct {
		unsigned int version;
		int pid;
	} head = {0x20080522, 0};
	struct {
		unsigned int effective, permitted, inheritable;
	} data[2];

	need(!syscall(SYS_capget, &head, data));
	data[nr / 32].effective &= ~(1u << nr % 32);
	need(!syscall(SYS_capset, &head, data));
}

/* --- who may -------------------------------------------------------------- */

static int not_allowed(void)
{
	need(fails(vhangup(), EPERM));
	need(fails(ioctl(pty.slave, TIOCVHANGUP), EPERM));
	return 0;
}

static int by_capability(void)
{
	drop_cap(CAP_SYS_TTY_CONFIG);
	need(fails(vhangup(), EPERM));
	return 0;
}

static int without_admin(void)
{
	drop_cap(CAP_SYS_ADMIN);
	need(fails(ioctl(pty.slave, TIOCVHANGUP), EPERM));
	return 0;
}

static int without_terminal(void)
{
	need(setsid() > 0);
	need(!vhangup());
	return 0;
}

static void permission(void)
{
	ok(in_child_as(STUDENT, not_allowed) == 0, "root alone hangs up");
	ok(in_child(by_capability) == 0, "vhangup: CAP_SYS_TTY_CONFIG");
	ok(in_child(without_admin) == 0, "TIOCVHANGUP: CAP_SYS_ADMIN");
	ok(in_child(without_terminal) == 0,
	   "vhangup without a terminal does nothing");
}

/* --- what is left --------------------------------------------------------- */

static int hung_up(int fd)
{
	struct pollfd pollfd = {fd, POLLIN | POLLOUT, 0};
	struct termios modes;
	pid_t group = getpid();

	need(read(fd, text, 1) == 0);
	need(fails(write(fd, "x", 1), EIO));
	need(fails(tcgetattr(fd, &modes), EIO));
	need(fails(ioctl(fd, FIONREAD, &group), EIO));
	need(fails(ioctl(fd, TIOCSPGRP, &group), ENOTTY));
	need(fails(ioctl(fd, TIOCGPGRP, &group), EIO));
	need(poll(&pollfd, 1, 0) == 1);
	need(pollfd.revents == (POLLIN | POLLOUT | POLLERR | POLLHUP));
	return 1;
}

static int leader_hangs_up(void)
{
	int other;

	signal(SIGHUP, quiet);
	pty_session(&pty);
	other = open(pty.name, O_RDWR);
	need(other >= 0);
	need(!vhangup());
	need(hung_up(pty.slave) && hung_up(other));
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	other = open(pty.name, O_RDWR);
	need(other >= 0 && tcgetpgrp(other) == getpid());
	need(open("/dev/tty", O_RDWR) >= 0);
	report('r');
	need(read(other, text, 5) == 5 && write(other, "back", 4) == 4);
	need(tcdrain(other) == 0);
	sleep_ms(100);
	return 0;
}

static void afterwards(void)
{
	pid_t pid = start_child(leader_hangs_up);

	ok(reported() == 'r', "hung up: reads end, writes and ioctls EIO");
	ok(hung_up(pty.slave), "for whoever has it open");
	pty_type(&pty, "word\n");
	ok(strstr(pty_read_some(pty.master, 10), "back") != NULL,
	   "opened again, it is the leader's terminal and works");
	ok(exit_code(pid) == 0, "for the leader, too");
	close(pty.slave);
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
}

static int waits_for_line(void)
{
	signal(SIGHUP, SIG_IGN);
	pty_session(&pty);
	report('r');
	need(read(pty.slave, text, 1) == 0);
	return 3;
}

static void wakes_readers(void)
{
	pid_t pid = start_child(waits_for_line);

	ok(reported() == 'r' && wait_for_state(pid, 'S') &&
		   !ioctl(pty.slave, TIOCVHANGUP) && exit_code(pid) == 3,
	   "TIOCVHANGUP ends a read that waits");
	close(pty.slave);
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
}

/* --- whom it signals ------------------------------------------------------ */

static _Noreturn int front_job(void)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	setpgid(0, 0);
	job_is_ready();
	for (;;) {
		sigwait(&set, &sig);
		report(sig == SIGHUP ? 'H' : 'C');
	}
}

/* A leader that reports his signals as h and c and ends when told. */
static int leader_waits(void)
{
	struct timespec zero = {0, 0};
	sigset_t set;
	int sig;

	pty_session(&pty);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCONT);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	start_front(&pty, front_job);
	report('r');
	sigwait(&set, &sig);
	report(sig == SIGHUP ? 'h' : '?');
	if (sigtimedwait(&set, NULL, &zero) == SIGCONT)
		report('c');
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	need(sigwaitinfo(&set, NULL) == SIGUSR1);
	return 0;
}

static void signals(void)
{
	pid_t pid = start_child(leader_waits);

	if (reported() != 'r')
		bail("leader");
	ioctl(pty.slave, TIOCVHANGUP);
	ok(reported() == 'h' && reported() == 'c',
	   "the leader gets SIGHUP and SIGCONT");
	ok(!pty_arrives(pipes[0], 50), "the foreground nothing yet");
	kill(pid, SIGUSR1);
	ok(exit_code(pid) == 0 && reported() == 'H' && reported() == 'C',
	   "but when the leader ends, as it was the foreground");
	close(pty.slave);
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
}

static int gives_up_with_job(void)
{
	pid_t pid;

	pty_session(&pty);
	pid = start_front(&pty, front_job);
	need(!ioctl(pty.slave, TIOCNOTTY));
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	need(reported() == 'H' && reported() == 'C');
	end_child(pid);
	return 0;
}

/* Two signals as sent by kill(2): the leader's own doing. */
static int gives_up_alone(void)
{
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pty_session(&pty);
	need(!ioctl(pty.slave, TIOCNOTTY));
	need(sigwaitinfo(&set, &info) == SIGHUP && info.si_code == SI_USER &&
	     info.si_pid == getpid());
	need(sigwaitinfo(&set, &info) == SIGCONT && info.si_code == SI_USER &&
	     info.si_pid == getpid());
	return 0;
}

static int member_leaves(void)
{
	setpgid(0, 0);
	need(!ioctl(pty.slave, TIOCNOTTY));
	need(fails(open("/dev/tty", O_RDWR), ENXIO));
	need(fails(ioctl(pty.slave, TIOCNOTTY), ENOTTY));
	need(fails(ioctl(pty.slave, TIOCSCTTY, 0), EPERM));
	return 0;
}

static int keeps_its_own(void)
{
	pty_session(&pty);
	need(in_child(member_leaves) == 0);
	need(tcgetpgrp(pty.slave) == getpid());
	need(open("/dev/tty", O_RDWR) >= 0);
	return 0;
}

static void notty(void)
{
	ok(in_child(gives_up_with_job) == 0,
	   "TIOCNOTTY of a leader: SIGHUP and SIGCONT to the foreground");
	ok(in_child(gives_up_alone) == 0, "which come from the leader");
	ok(in_child(keeps_its_own) == 0, "of another: he alone has none");
}

static int leader_ends(void)
{
	pty_session(&pty);
	start_front(&pty, front_job);
	return 0;
}

static void leader_dies(void)
{
	ok(in_child(leader_ends) == 0 && reported() == 'H' &&
		   !pty_arrives(pipes[0], 50),
	   "a leader ends: SIGHUP alone to the foreground");
	ok(write(pty.slave, "x", 1) == 1, "a pty is not hung up by that");
}

/* --- TIOCSTI -------------------------------------------------------------- */

static int types_for_himself(void)
{
	char line[] = "typed\n";
	char *at;

	become(STUDENT);
	need(fails(ioctl(pty.slave, TIOCSTI, "x"), EPERM));
	pty_session(&pty);
	for (at = line; *at; at++)
		need(!ioctl(pty.slave, TIOCSTI, at));
	need(read(pty.slave, text, 20) == 6 && !memcmp(text, "typed\n", 6));
	need(fails(ioctl(pty.slave, TIOCSTI, nowhere), EFAULT));
	return 0;
}

static int types_for_others(void)
{
	need(!ioctl(pty.slave, TIOCSTI, "r"));
	need(!ioctl(pty.slave, TIOCSTI, "\n"));
	need(read(pty.slave, text, 20) == 2 && !memcmp(text, "r\n", 2));
	need(!ioctl(pty.master, TIOCSTI, "m"));
	need(read(pty.master, text, 20) >= 1);
	return 0;
}

static void injects(void)
{
	pty_modes(&pty, 0, ECHO, 0, 0);
	pty_shown(&pty);
	ok(in_child(types_for_himself) == 0,
	   "TIOCSTI: at one's own terminal, whoever one is");
	close(pty.slave);
	pty.slave = open(pty.name, O_RDWR | O_NOCTTY);
	pty_modes(&pty, 0, ECHO, 0, 0);
	ok(in_child(types_for_others) == 0, "at others with CAP_SYS_ADMIN");
}

static int types_a_key(void)
{
	pty_session(&pty);
	need(!ioctl(pty.slave, TIOCSTI, "\3"));
	sleep_ms(1000);
	return 0;
}

int main(void)
{
	jobs_init();
	pty_open(&pty);
	permission();
	afterwards();
	wakes_readers();
	signals();
	notty();
	leader_dies();
	injects();
	ok(in_child(types_a_key) == 128 + SIGINT, "^C typed so is SIGINT");
	return done_testing();
}
