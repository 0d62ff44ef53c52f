/*
 * The making and ending of processes: clone and clone3 with all flags, waits
 * with all options, pidfds, exit signals, subreapers, who gets SIGCHLD.
 *
 * Namespaces and CLONE_INTO_CGROUP are left out: docs/missing.md.
 */
#include "steps.h"
#include <linux/sched.h>
#include <poll.h>

#define WORDS 8

/* Where clone(2) writes tids: seen by all, so what is cleared is seen too. */
#define words ((int *)crew->shared)
static int words_shown[WORDS];

static const struct differ_name clone_flags[] = {
	N(CLONE_VM),	   N(CLONE_FS),
	N(CLONE_FILES),	   N(CLONE_SIGHAND),
	N(CLONE_PIDFD),	   N(CLONE_PTRACE),
	N(CLONE_VFORK),	   N(CLONE_PARENT),
	N(CLONE_THREAD),   N(CLONE_SYSVSEM),
	N(CLONE_SETTLS),   N(CLONE_PARENT_SETTID),
	N(CLONE_UNTRACED), N(CLONE_CHILD_CLEARTID),
	N(CLONE_DETACHED), N(CLONE_CHILD_SETTID),
	N(CLONE_IO),	   N(CLONE_CLEAR_SIGHAND),
};

static const struct differ_name wait_flags[] = {
	N(WNOHANG), N(WUNTRACED),   N(WEXITED), N(WCONTINUED),
	N(WNOWAIT), N(__WNOTHREAD), N(__WALL),	N(__WCLONE),
};

static const int kill_signals[] = {
	0,	 SIGCHLD, SIGSTOP, SIGCONT, SIGTERM, SIGKILL,
	SIGUSR1, SIGSTOP, SIGCONT, SIGTSTP, 65,	     34,
};

/* some_pid - of a member, living or dead, or of nobody. */
static int some_pid(void)
{
	static const int odd[] = {0, 0, -1, 0x7ffffff0, INT_MIN, -2};
	struct seat *seat = &crew->seats[pick(CREW_SEATS)];

	if (seat->pid && !chance(15))
		return seat->pid;
	return one_of(odd);
}

static const char *word_name(const void *at)
{
	char *text = differ_text();

	sprintf(text, "word%d", (int)((const int *)at - words));
	return at ? text : "NULL";
}

static void say_words(void)
{
	int i;

	for (i = 0; i < WORDS; i++) {
		if (words[i] == words_shown[i])
			continue;
		words_shown[i] = words[i];
		say("    word%d: %s", i,
		    words[i] < 20 ? text_result(words[i]) : pid_name(words[i]));
		say_end();
	}
}

/* some_clone_flags - what is usual, with a few flags turned round. */
static unsigned long some_clone_flags(void)
{
	static const unsigned long usual[] = {
		0,
		0,
		CLONE_VM | CLONE_VFORK,
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			CLONE_THREAD | CLONE_SYSVSEM,
		CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
		CLONE_VM,
		CLONE_PARENT,
		CLONE_PIDFD,
	};

	return one_of(usual) ^ (chance(50) ? 0 : some_of(clone_flags, 3));
}

static unsigned some_exit_signal(void)
{
	static const unsigned odd[] = {0, 0, SIGUSR1, 34, 64, 65, 255, SIGSTOP};

	return chance(60) ? SIGCHLD : one_of(odd);
}

/* A vfork's parent may go on before the child's end is told, or after. */
static unsigned exit_signal_for(unsigned long flags)
{
	return flags & CLONE_VFORK ? SIGCHLD : some_exit_signal();
}

static void old_clone(struct seat *seat, struct seat *child)
{
	unsigned long flags = some_clone_flags();
	unsigned sig = exit_signal_for(flags);
	int *ptid = &words[pick(WORDS)];
	int *ctid = &words[pick(WORDS)];
	long arg[5] = {(flags & ~0xffUL) | sig, 0, (long)ptid, (long)ctid,
		       (long)seat->data};
	char text[300];

	/* clone(2) takes 32 bits of flags; above them is nothing. */
	snprintf(text, sizeof(text), "clone(%s, sig %u, %s, %s)",
		 text_bits(clone_flags, flags & ~0xffUL), sig, word_name(ptid),
		 word_name(ctid));
	crew_clone(seat, child, text, SYS_clone, arg);
}

static const uint64_t odd_stacks[][2] = {
	{0, 0},		 {0, 0},
	{0, 0},		 {0, 4096},
	{0x30000000, 0}, {0x30000000, 4096},
	{~0ULL, 4096},	 {0x30000000, ~0ULL},
};

static void fill_clone_args(struct seat *seat, struct clone_args *args)
{
	const uint64_t *stack = one_of(odd_stacks);
	uint32_t *set_tid = crew_data(seat, 40 * 4);

	args->flags = some_clone_flags();
	args->exit_signal = exit_signal_for(args->flags);
	if (chance(80) && (args->flags & (CLONE_THREAD | CLONE_PARENT)))
		args->exit_signal = 0;
	args->pidfd = (uint64_t)(words + pick(WORDS));
	args->child_tid = (uint64_t)(words + pick(WORDS));
	args->parent_tid = (uint64_t)(words + pick(WORDS));
	args->tls = (uint64_t)seat->data;
	if (chance(20)) {
		args->stack = stack[0];
		args->stack_size = stack[1];
	}
	if (chance(15)) {
		static const unsigned sizes[] = {0, 1, 1, 1, 2, 33};
		static const unsigned tids[] = {0, 1, 31000, 0x7fffffff, ~0U};

		set_tid[0] =
			chance(60) ? 31001U + crew->steps % 900 : one_of(tids);
		args->set_tid = chance(90) ? (uint64_t)set_tid : 0;
		args->set_tid_size = one_of(sizes);
	}
}

static void new_clone(struct seat *seat, struct seat *child)
{
	struct clone_args *args = crew_data(seat, sizeof(*args) + 8);
	long arg[5] = {(long)args, sizeof(*args)};
	char text[400];

	fill_clone_args(seat, args);
	if (chance(10)) {
		static const long sizes[] = {0, 63, 64, 72, 80, 96, 5000};

		arg[1] = one_of(sizes);
	}
	snprintf(text, sizeof(text),
		 "clone3(%s, sig %d, pidfd %s, ctid %s, ptid %s, stack %#lx "
		 "%#lx, set_tid %ld of %lu, size %ld)",
		 text_bits(clone_flags, args->flags), (int)args->exit_signal,
		 word_name((void *)args->pidfd),
		 word_name((void *)args->child_tid),
		 word_name((void *)args->parent_tid), (long)args->stack,
		 (long)args->stack_size,
		 args->set_tid ? (long)*(int *)args->set_tid : -1L,
		 (long)args->set_tid_size, arg[1]);
	crew_clone(seat, child, text, SYS_clone3, arg);
}

static void step_clone(struct seat *seat)
{
	struct seat *child = crew_free();

	if (!child)
		return;
	if (chance(50))
		old_clone(seat, child);
	else
		new_clone(seat, child);
}

static void step_wait4(struct seat *seat)
{
	int pid = some_pid();
	int options = (chance(70) ? WNOHANG : 0) | some_of(wait_flags, 2);
	char text[200];

	if (chance(40))
		pid = -1;
	if (chance(90))
		options &= ~(WEXITED | WNOWAIT);
	if (chance(3))
		options |= 0x10;
	snprintf(text, sizeof(text), "wait4(%s, %s)", pid_name(pid),
		 text_bits(wait_flags, (unsigned)options));
	crew_call(seat, text, SYS_wait4, (long)pid,
		  (long)crew_data(seat, sizeof(int)), (long)options);
}

static const struct differ_name id_types[] = {
	N(P_ALL), N(P_PID), N(P_PGID), N(P_PIDFD), {4, "4"},
};

static void step_waitid(struct seat *seat)
{
	int options = (chance(70) ? WNOHANG : 0) | some_of(wait_flags, 3);
	int type = id_types[pick(chance(90) ? 4 : 5)].value;
	int id = type == P_PIDFD ? (int)pick(8) : some_pid();
	siginfo_t *info = crew_data(seat, sizeof(*info));
	char text[200];

	if (chance(80))
		options |= WEXITED;
	snprintf(text, sizeof(text), "waitid(%s, %s, %s)",
		 text_named(id_types, type),
		 type == P_PIDFD ? text_result(id) : pid_name(id),
		 text_bits(wait_flags, (unsigned)options));
	crew_call(seat, text, SYS_waitid, (long)type, (long)id, (long)info,
		  (long)options);
}

static void step_kill(struct seat *seat)
{
	int sig = one_of(kill_signals);
	int pid = some_pid();
	int tgid = some_pid();
	char text[100];

	if (pid == -1 || (sig == SIGKILL && chance(70)))
		return;
	switch (pick(4)) {
	case 0:
		sprintf(text, "tgkill(%s, %s, %s)", pid_name(tgid),
			pid_name(pid), text_signal(sig));
		crew_call(seat, text, SYS_tgkill, (long)tgid, (long)pid,
			  (long)sig);
		break;
	case 1:
		sprintf(text, "tkill(%s, %s)", pid_name(pid), text_signal(sig));
		crew_call(seat, text, SYS_tkill, (long)pid, (long)sig);
		break;
	default:
		if (pid > 0 && chance(20))
			pid = -pid;
		sprintf(text, "kill(%s, %s)", pid_name(pid), text_signal(sig));
		crew_call(seat, text, SYS_kill, (long)pid, (long)sig);
	}
}

static void step_exit(struct seat *seat)
{
	int group = chance(50);
	long status = pick(2) ? pick(300) : 0;
	char text[60];

	sprintf(text, "%s(%ld)", group ? "exit_group" : "exit", status);
	crew_call(seat, text, group ? SYS_exit_group : SYS_exit, status);
}

static const struct differ_name action_flags[] = {
	N(SA_NOCLDSTOP), N(SA_NOCLDWAIT), N(SA_NODEFER),
	N(SA_RESTART),	 N(SA_RESETHAND),
};

static void step_sigaction(struct seat *seat)
{
	static const int signals[] = {SIGCHLD, SIGCHLD, SIGCHLD, SIGCONT,
				      SIGUSR1, 34,	SIGKILL, SIGTSTP};
	struct raw_sigaction *action = crew_data(seat, sizeof(*action));
	int sig = one_of(signals);
	int what = pick(3);
	char text[200];

	action->handler =
		what == 2 ? (unsigned long)crew_handler : (unsigned long)what;
	action->flags = some_of(action_flags, 2);
	snprintf(text, sizeof(text), "sigaction(%s, %s, %s)", text_signal(sig),
		 what == 2 ? "handler"
		 : what	   ? "SIG_IGN"
			   : "SIG_DFL",
		 text_bits(action_flags, action->flags));
	action->flags |= SA_SIGINFO | RAW_SA_RESTORER;
	action->restorer = (unsigned long)raw_restorer;
	crew_call(seat, text, SYS_rt_sigaction, (long)sig, (long)action, 0L,
		  8L);
}

static void step_mask(struct seat *seat)
{
	static const int signals[] = {SIGCHLD, SIGCONT, SIGUSR1, SIGTERM, 34};
	uint64_t *set = crew_data(seat, 8);
	int sig = one_of(signals);
	int how = pick(2);
	char text[100];

	*set = 1ULL << (sig - 1);
	sprintf(text, "%s(%s)", how ? "unblock" : "block", text_signal(sig));
	crew_call(seat, text, SYS_rt_sigprocmask, (long)how, (long)set, 0L, 8L);
}

static void step_pidfd(struct seat *seat)
{
	struct pollfd *poll = crew_data(seat, sizeof(*poll));
	int pid = some_pid();
	int sig = one_of(kill_signals);
	int fd = pick(8);
	int flags;
	char text[100];

	switch (pick(3)) {
	case 0:
		flags = chance(90) ? 0 : chance(50) ? O_NONBLOCK : 1;
		sprintf(text, "pidfd_open(%s, %#x)", pid_name(pid), flags);
		crew_call(seat, text, SYS_pidfd_open, (long)pid, (long)flags);
		break;
	case 1:
		flags = chance(95) ? 0 : 1;
		if (sig == SIGKILL)
			return;
		sprintf(text, "pidfd_send_signal(%d, %s, NULL, %d)", fd,
			text_signal(sig), flags);
		crew_call(seat, text, SYS_pidfd_send_signal, (long)fd,
			  (long)sig, 0L, (long)flags);
		break;
	default:
		/* Those below are the program's own, and no pidfds. */
		poll->fd = 3 + pick(5);
		poll->events = POLLIN | POLLOUT | POLLHUP;
		sprintf(text, "poll(%d)", poll->fd);
		crew_call(seat, text, SYS_poll, (long)poll, 1L, 0L);
	}
}

static void step_prctl(struct seat *seat)
{
	static const int signals[] = {0, SIGUSR1, SIGCONT, SIGTERM, 65, -1};
	int sig = one_of(signals);
	char text[100];

	if (chance(50)) {
		sprintf(text, "prctl(PR_SET_PDEATHSIG, %s)", text_signal(sig));
		crew_call(seat, text, SYS_prctl, (long)PR_SET_PDEATHSIG,
			  (long)sig);
	} else {
		sig = pick(3);
		sprintf(text, "prctl(PR_SET_CHILD_SUBREAPER, %d)", sig);
		crew_call(seat, text, SYS_prctl, (long)PR_SET_CHILD_SUBREAPER,
			  (long)sig);
	}
}

static void step_group(struct seat *seat)
{
	int pid = chance(50) ? 0 : some_pid();
	int group = chance(50) ? 0 : some_pid();
	char text[100];

	sprintf(text, "setpgid(%s, %s)", pid_name(pid), pid_name(group));
	crew_call(seat, text, SYS_setpgid, (long)pid, (long)group);
}

static void step_tid_address(struct seat *seat)
{
	int *word = chance(80) ? words + pick(WORDS) : NULL;
	char text[60];

	sprintf(text, "set_tid_address(%s)", word_name(word));
	crew_call(seat, text, SYS_set_tid_address, (long)word);
}

static void step_exec(struct seat *seat)
{
	crew_exec(seat, "/proc/self/exe");
}

static const struct crew_step steps[] = {
	{28, step_clone}, {16, step_wait4},	 {16, step_waitid},
	{14, step_kill},  {7, step_exit},	 {6, step_sigaction},
	{3, step_mask},	  {6, step_pidfd},	 {3, step_prctl},
	{4, step_group},  {1, step_tid_address}, {2, step_exec},
};

static void fork_one(void)
{
	(void)crew_fork();
}

static void one_step(void)
{
	if (crew_step(steps, sizeof(steps) / sizeof(*steps), 50, fork_one))
		say_words();
}

/* What a wait tells beside its result. */
static void said(struct seat *seat)
{
	siginfo_t *info = (siginfo_t *)seat->arg[2];
	struct pollfd *poll = (struct pollfd *)seat->arg[0];

	if (seat->nr == SYS_wait4 && seat->ret > 0)
		say(" status=%#x", *(int *)seat->arg[1]);
	if (seat->nr == SYS_waitid && seat->ret == 0)
		say(" signo=%d code=%d pid=%s uid=%d status=%d", info->si_signo,
		    info->si_code, pid_name(info->si_pid), info->si_uid,
		    info->si_status);
	if (seat->nr == SYS_poll && seat->ret > 0)
		say(" revents=%#x", poll->revents);
}

int main(int argc, char **argv)
{
	int count;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	crew_said = said;
	crew_start(1);
	while (count-- > 0)
		one_step();
	crew_end();
	return 0;
}
