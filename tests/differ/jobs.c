/*
 * Groups, sessions and controlling terminals: who may change what, who is told
 * by which signal, what becomes of orphans, on two pseudo-terminals.
 */
#include "steps.h"
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>

#define TTYS 2

/* The slaves, at the same descriptors in all members; the driver's masters. */
static const int slave_fd[TTYS] = {50, 51};
static int master_fd[TTYS];
static char slave_name[TTYS][32];

static const int signals[] = {
	0,	 SIGHUP,  SIGINT,  SIGTERM, SIGTSTP, SIGSTOP, SIGCONT,
	SIGCONT, SIGTTIN, SIGTTOU, SIGUSR1, SIGQUIT, SIGKILL, SIGWINCH,
};

/* some_pid - of a member, dead or alive, mostly. */
static int some_pid(void)
{
	static const int odd[] = {0, 0, 0, -1, 0x7ffffff0, 1};
	struct seat *seat = &crew->seats[pick(CREW_SEATS)];

	if (seat->pid && chance(75))
		return seat->pid;
	return one_of(odd);
}

static void step_fork(struct seat *seat)
{
	struct seat *child = crew_free();
	long arg[5] = {SIGCHLD};

	if (child)
		crew_clone(seat, child, "fork()", SYS_clone, arg);
}

static void step_setpgid(struct seat *seat)
{
	int pid = some_pid();
	int group = some_pid();
	char text[100];

	if (chance(40))
		pid = 0;
	if (chance(40))
		group = 0;
	sprintf(text, "setpgid(%s, %s)", pid_name(pid), pid_name(group));
	crew_call(seat, text, SYS_setpgid, (long)pid, (long)group);
}

static void step_setsid(struct seat *seat)
{
	crew_call(seat, "setsid()", SYS_setsid);
}

static void step_get(struct seat *seat)
{
	int pid = some_pid();
	int sid = chance(50);
	char text[100];

	sprintf(text, "%s(%s)", sid ? "getsid" : "getpgid", pid_name(pid));
	crew_call(seat, text, sid ? SYS_getsid : SYS_getpgid, (long)pid);
}

static void step_kill(struct seat *seat)
{
	int sig = one_of(signals);
	int pid = some_pid();
	char text[100];

	if (pid == -1 || pid == 1 || (sig == SIGKILL && chance(70)))
		return;
	if (chance(40))
		pid = -pid;
	sprintf(text, "kill(%s, %s)", pid_name(pid), text_signal(sig));
	crew_call(seat, text, SYS_kill, (long)pid, (long)sig);
}

/* step_outside - the driver, which is in no group of theirs, sends. */
static void step_outside(struct seat *seat)
{
	int sig = one_of(signals);
	int pid = some_pid();

	(void)seat;
	if (pid <= 1 || pid == 0x7ffffff0)
		return;
	if (chance(30))
		pid = -pid;
	crew->steps++;
	say("%5d driver kill(%s, %s)", crew->steps, pid_name(pid),
	    text_signal(sig));
	say(" = %s", text_result(kill(pid, sig) ? -errno : 0));
	say_end();
	crew_settle();
}

static void step_exit(struct seat *seat)
{
	crew_call(seat, "exit_group(3)", SYS_exit_group, 3L);
}

static void step_exec(struct seat *seat)
{
	crew_exec(seat, "/proc/self/exe");
}

static void step_wait(struct seat *seat)
{
	static const struct differ_name flags[] = {
		N(WNOHANG),
		N(WUNTRACED),
		N(WCONTINUED),
	};
	int options = WNOHANG | some_of(flags, 2);
	int pid = chance(60) ? -1 : some_pid();
	char text[100];

	if (chance(20))
		options &= ~WNOHANG;
	if (pid > 1 && chance(50))
		pid = -pid;
	sprintf(text, "wait4(%s, %s)", pid_name(pid),
		text_bits(flags, options));
	crew_call(seat, text, SYS_wait4, (long)pid, (long)crew_data(seat, 4),
		  (long)options);
}

static void step_action(struct seat *seat)
{
	struct raw_sigaction *action = crew_data(seat, sizeof(*action));
	int sig = signals[1 + pick(ARRAY_SIZE(signals) - 1)];
	int what = pick(3);
	char text[100];

	action->handler =
		what == 2 ? (unsigned long)crew_handler : (unsigned long)what;
	action->flags =
		SA_SIGINFO | RAW_SA_RESTORER | (chance(50) ? SA_RESTART : 0);
	action->restorer = (unsigned long)raw_restorer;
	sprintf(text, "sigaction(%s, %s%s)", text_signal(sig),
		what == 2 ? "handler"
		: what	  ? "SIG_IGN"
			  : "SIG_DFL",
		action->flags & SA_RESTART ? ", SA_RESTART" : "");
	crew_call(seat, text, SYS_rt_sigaction, (long)sig, (long)action, 0L,
		  8L);
}

static void step_mask(struct seat *seat)
{
	int sig = signals[1 + pick(ARRAY_SIZE(signals) - 1)];
	uint64_t *set = crew_data(seat, 8);
	int how = pick(2);
	char text[100];

	*set = 1ULL << (sig - 1);
	sprintf(text, "%s(%s)", how ? "unblock" : "block", text_signal(sig));
	crew_call(seat, text, SYS_rt_sigprocmask, (long)how, (long)set, 0L, 8L);
}

static void step_tty_group(struct seat *seat)
{
	int *group = crew_data(seat, sizeof(int));
	int tty = pick(TTYS);
	char text[100];

	if (chance(70)) {
		*group = some_pid();
		sprintf(text, "tcsetpgrp(tty%d, %s)", tty, pid_name(*group));
		crew_call(seat, text, SYS_ioctl, (long)slave_fd[tty],
			  (long)TIOCSPGRP, (long)group);
	} else if (chance(50)) {
		sprintf(text, "tcgetpgrp(tty%d)", tty);
		crew_call(seat, text, SYS_ioctl, (long)slave_fd[tty],
			  (long)TIOCGPGRP, (long)group);
	} else {
		sprintf(text, "tcgetsid(tty%d)", tty);
		crew_call(seat, text, SYS_ioctl, (long)slave_fd[tty],
			  (long)TIOCGSID, (long)group);
	}
}

static void step_tty_session(struct seat *seat)
{
	int tty = pick(TTYS);
	long force = chance(30);
	char text[100];

	if (chance(65)) {
		sprintf(text, "TIOCSCTTY(tty%d, %ld)", tty, force);
		crew_call(seat, text, SYS_ioctl, (long)slave_fd[tty],
			  (long)TIOCSCTTY, force);
	} else if (chance(85)) {
		sprintf(text, "TIOCNOTTY(tty%d)", tty);
		crew_call(seat, text, SYS_ioctl, (long)slave_fd[tty],
			  (long)TIOCNOTTY);
	} else {
		crew_call(seat, "vhangup()", SYS_vhangup);
	}
}

/* step_open - a terminal by name, kept or closed again at once. */
static void step_open(struct seat *seat)
{
	int tty = pick(TTYS + 1);
	long flags = O_RDWR | O_NONBLOCK | (chance(30) ? O_NOCTTY : 0);
	char *name = crew_data(seat, 40);
	char text[100];

	strcpy(name, tty == TTYS ? "/dev/tty" : slave_name[tty]);
	sprintf(text, "open(%s%d%s)", tty == TTYS ? "/dev/tty" : "tty", tty,
		flags & O_NOCTTY ? ", O_NOCTTY" : "");
	crew_call(seat, text, SYS_open, (long)name, flags);
	if (crew_idle(seat) && seat->ret >= 0)
		crew_ask(seat, SYS_close, seat->ret);
}

static void step_tty_data(struct seat *seat)
{
	struct termios *modes = crew_data(seat, sizeof(*modes));
	int tty = pick(TTYS);
	char text[100];

	switch (pick(3)) {
	case 0:
		sprintf(text, "read(tty%d)", tty);
		crew_call(seat, text, SYS_read, (long)slave_fd[tty],
			  (long)crew_data(seat, 100), 100L);
		break;
	case 1:
		sprintf(text, "write(tty%d)", tty);
		crew_call(seat, text, SYS_write, (long)slave_fd[tty], (long)"x",
			  1L);
		break;
	default:
		if (ioctl(master_fd[tty], TCGETS, modes))
			differ_broken("TCGETS");
		modes->c_lflag ^= TOSTOP;
		sprintf(text, "TCSETS(tty%d, %sTOSTOP)", tty,
			modes->c_lflag & TOSTOP ? "" : "-");
		crew_call(seat, text, SYS_ioctl, (long)slave_fd[tty],
			  (long)TCSETS, (long)modes);
	}
}

/* A person types; a line discipline may work a moment later on Linux. */
static void type(int tty, const char *text, int length)
{
	struct timespec moment = {0, 20000000};
	char shown[200];

	if (write(master_fd[tty], text, length) != length)
		differ_broken("write to a pty");
	nanosleep(&moment, NULL);
	while (read(master_fd[tty], shown, sizeof(shown)) > 0)
		;
}

static void step_type(struct seat *seat)
{
	static const char keys[] = {3, 26, 28, '\n'};
	struct winsize size = {25 + pick(2), 80, 0, 0};
	int tty = pick(TTYS);
	char key = one_of(keys);

	(void)seat;
	crew->steps++;
	if (chance(15)) {
		ioctl(master_fd[tty], TIOCSWINSZ, &size);
		say("%5d driver sets %d rows of tty%d", crew->steps,
		    size.ws_row, tty);
	} else {
		type(tty, &key, 1);
		say("%5d driver types %d at tty%d", crew->steps, key, tty);
	}
	say_end();
	crew_settle();
}

/* open_tty - a new pair; 0 if it could be had. */
static void open_tty(int tty)
{
	int unlock = 0;
	int number;
	int fd;

	master_fd[tty] =
		open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (master_fd[tty] < 0 || ioctl(master_fd[tty], TIOCSPTLCK, &unlock) ||
	    ioctl(master_fd[tty], TIOCGPTN, &number))
		differ_broken("ptmx");
	sprintf(slave_name[tty], "/dev/pts/%d", number);
	fd = open(slave_name[tty], O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || dup2(fd, slave_fd[tty]) < 0)
		differ_broken(slave_name[tty]);
	close(fd);
	crew_ttys[tty] = makedev(136, number);
}

/* close_tty - the line hangs up for good; the master is the driver's alone. */
static void close_tty(int tty)
{
	struct timespec moment = {0, 20000000};

	if (master_fd[tty] < 0)
		return;
	crew->steps++;
	close(master_fd[tty]);
	nanosleep(&moment, NULL);
	say("%5d driver hangs up tty%d", crew->steps, tty);
	say_end();
	crew_settle();
}

static const struct crew_step steps[] = {
	{13, step_fork},       {14, step_setpgid}, {5, step_setsid},
	{3, step_get},	       {10, step_kill},	   {5, step_outside},
	{6, step_exit},	       {2, step_exec},	   {8, step_wait},
	{6, step_action},      {4, step_mask},	   {12, step_tty_group},
	{9, step_tty_session}, {4, step_open},	   {8, step_tty_data},
	{6, step_type},
};

/* recruit - a member that leads a session, and lives through some signals. */
static void recruit(void)
{
	struct seat *seat = crew_fork();
	unsigned i;

	crew_ask(seat, SYS_close, (long)master_fd[0]);
	crew_ask(seat, SYS_close, (long)master_fd[1]);
	for (i = 1; i < ARRAY_SIZE(signals); i++) {
		struct raw_sigaction action = {(unsigned long)crew_handler,
					       SA_SIGINFO | RAW_SA_RESTORER,
					       (unsigned long)raw_restorer, 0};

		if (chance(30))
			continue;
		seat->used = 0;
		crew_ask(seat, SYS_rt_sigaction, (long)signals[i],
			 (long)memcpy(crew_data(seat, sizeof(action)), &action,
				      sizeof(action)),
			 0L, 8L);
		say("    P%d handles %s", seat->serial,
		    text_signal(signals[i]));
		say_end();
	}
}

static void one_step(void)
{
	(void)crew_step(steps, sizeof(steps) / sizeof(*steps), 50, recruit);
}

static void said(struct seat *seat)
{
	int *number = (int *)seat->arg[2];

	if (seat->nr == SYS_wait4 && seat->ret > 0)
		say(" status=%#x", *(int *)seat->arg[1]);
	if (seat->nr == SYS_ioctl && !seat->ret &&
	    (seat->arg[1] == TIOCGPGRP || seat->arg[1] == TIOCGSID))
		say(" %s", pid_name(*number));
}

int main(int argc, char **argv)
{
	int count;
	int tty;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	crew_said = said;
	for (tty = 0; tty < TTYS; tty++)
		open_tty(tty);
	crew_start(0);
	recruit();
	recruit();
	while (count-- > 0)
		one_step();
	for (tty = 0; tty < TTYS; tty++)
		close_tty(tty);
	crew_end();
	return 0;
}
