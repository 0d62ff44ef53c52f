/*
 * Signals between processes and threads: dispositions, masks, queues and their
 * order, siginfo, waiting for signals, signalfd, other stacks, limits.
 */
#include "steps.h"
#include <sys/resource.h>
#include <sys/signalfd.h>

static const int signals[] = {
	SIGHUP,	 SIGUSR1, SIGUSR2, SIGCONT, SIGTSTP, SIGCHLD, SIGURG,
	SIGTERM, SIGSEGV, 34,	   35,	    63,	     64,      SIGALRM,
};

static const struct differ_name action_flags[] = {
	N(SA_NOCLDSTOP),  N(SA_NOCLDWAIT),  N(SA_NODEFER),
	N(SA_RESTART),	  N(SA_RESETHAND),  N(SA_ONSTACK),
	{0x400, "0x400"}, {0x800, "0x800"}, {0x80000, "0x80000"},
};

/* show_signals - what is pending, blocked, ignored and caught. */
static void show_signals(struct seat *seat, char *text, int size)
{
	static const char *const lines[] = {
		"\nSigQ:",   "\nSigPnd:", "\nShdPnd:",
		"\nSigBlk:", "\nSigIgn:", "\nSigCgt:"};
	char status[4096];
	unsigned i;
	char *at;

	if (read_text(fmt("/proc/%d/task/%d/status", seat->pid, seat->pid),
		      status, sizeof(status)) <= 0)
		return;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		at = strstr(status, lines[i]);
		if (at)
			snprintf(text + strlen(text), size - strlen(text),
				 " %.*s", (int)strcspn(at + 1, "\n/"), at + 1);
	}
	for (at = text; *at; at++)
		if (*at == '\t')
			*at = ' ';
}

static int some_signal(void)
{
	static const int odd[] = {0, SIGKILL, SIGSTOP, 65, -1, 32, 33, 1000};

	return chance(93) ? one_of(signals) : one_of(odd);
}

static struct seat *some_seat(void)
{
	struct seat *seat;

	do
		seat = &crew->seats[pick(CREW_SEATS)];
	while (!seat->pid);
	return seat;
}

/* some_pid - mostly of one of them; never of all processes there are. */
static int some_pid(void)
{
	static const int odd[] = {0, 0x7ffffff0, -2, INT_MIN};

	return chance(90) ? some_seat()->pid : one_of(odd);
}

static uint64_t some_set(void)
{
	uint64_t set = chance(10) ? ~0ULL : 0;
	int count = pick(5);

	while (count-- > 0)
		set ^= 1ULL << (one_of(signals) - 1);
	return set;
}

static long some_size(void)
{
	return chance(97) ? 8 : chance(50) ? 4 : 16;
}

static void step_action(struct seat *seat)
{
	static const char *const whats[] = {"SIG_DFL", "SIG_IGN", "handler"};
	struct raw_sigaction *action = crew_data(seat, sizeof(*action));
	struct raw_sigaction *old = crew_data(seat, sizeof(*old));
	unsigned long flags = some_of(action_flags, 2);
	int what = chance(55) ? 2 : pick(2);
	int sig = some_signal();
	long size = some_size();

	action->handler =
		what == 2 ? (unsigned long)crew_handler : (unsigned long)what;
	action->flags = flags | SA_SIGINFO | RAW_SA_RESTORER;
	action->restorer = (unsigned long)raw_restorer;
	action->mask = some_set();
	crew_call(seat,
		  fmt("sigaction(%s, %s, %s, %#lx, size %ld)", text_signal(sig),
		      whats[what], text_bits(action_flags, flags),
		      (long)action->mask, size),
		  SYS_rt_sigaction, (long)sig, chance(90) ? (long)action : 0L,
		  chance(60) ? (long)old : 0L, size);
}

static void step_mask(struct seat *seat)
{
	static const char *const hows[] = {"block", "unblock", "set", "3", "4"};
	uint64_t *set = crew_data(seat, 8);
	uint64_t *old = crew_data(seat, 8);
	int how = chance(97) ? pick(3) : 3 + pick(2);
	long size = some_size();

	*set = how == 2 && chance(50) ? 0 : some_set();
	crew_call(seat,
		  fmt("sigprocmask(%s, %#lx, size %ld)", hows[how], (long)*set,
		      size),
		  SYS_rt_sigprocmask, (long)how, chance(95) ? (long)set : 0L,
		  (long)old, size);
}

static void step_kill(struct seat *seat)
{
	int sig = some_signal();
	int tgid = some_pid();
	int pid = some_pid();

	if (sig == SIGKILL && chance(60))
		sig = 0;
	switch (pick(3)) {
	case 0:
		crew_call(seat,
			  fmt("kill(%s, %s)", pid_name(pid), text_signal(sig)),
			  SYS_kill, (long)pid, (long)sig);
		break;
	case 1:
		crew_call(seat,
			  fmt("tkill(%s, %s)", pid_name(pid), text_signal(sig)),
			  SYS_tkill, (long)pid, (long)sig);
		break;
	default:
		if (chance(50))
			tgid = pid;
		crew_call(seat,
			  fmt("tgkill(%s, %s, %s)", pid_name(tgid),
			      pid_name(pid), text_signal(sig)),
			  SYS_tgkill, (long)tgid, (long)pid, (long)sig);
	}
}

static void step_queue(struct seat *seat)
{
	static const int codes[] = {SI_QUEUE,	SI_QUEUE, SI_TIMER, SI_MESGQ,
				    SI_ASYNCIO, SI_USER,  SI_TKILL, 1,
				    128,	-100};
	siginfo_t *info = crew_data(seat, sizeof(*info));
	int sig = some_signal();
	int tgid = some_pid();
	int pid = chance(40) ? seat->pid : some_pid();

	if (sig == SIGKILL)
		sig = 0;
	info->si_signo = chance(80) ? sig : one_of(signals);
	info->si_code = one_of(codes);
	info->si_pid = 0;
	info->si_uid = 77;
	info->si_value.sival_int = pick(100);
	if (chance(60)) {
		crew_call(seat,
			  fmt("rt_sigqueueinfo(%s, %s, code %d, %d)",
			      pid_name(pid), text_signal(sig), info->si_code,
			      info->si_value.sival_int),
			  SYS_rt_sigqueueinfo, (long)pid, (long)sig,
			  (long)info);
		return;
	}
	if (chance(60))
		tgid = pid;
	crew_call(seat,
		  fmt("rt_tgsigqueueinfo(%s, %s, %s, code %d, %d)",
		      pid_name(tgid), pid_name(pid), text_signal(sig),
		      info->si_code, info->si_value.sival_int),
		  SYS_rt_tgsigqueueinfo, (long)tgid, (long)pid, (long)sig,
		  (long)info);
}

static void step_timedwait(struct seat *seat)
{
	static const struct timespec odd[] = {
		{0, 1000000000}, {-1, 0}, {0, -1}};
	struct timespec *time = crew_data(seat, sizeof(*time));
	siginfo_t *info = crew_data(seat, sizeof(*info));
	uint64_t *set = crew_data(seat, 8);
	int endless = chance(25);
	long size = some_size();

	*set = some_set();
	if (chance(5))
		*time = one_of(odd);
	crew_call(seat,
		  fmt("rt_sigtimedwait(%#lx, %s, size %ld)", (long)*set,
		      endless ? "NULL"
			      : fmt("%ld %ld", time->tv_sec, time->tv_nsec),
		      size),
		  SYS_rt_sigtimedwait, (long)set, (long)info,
		  endless ? 0L : (long)time, size);
}

static void step_suspend(struct seat *seat)
{
	uint64_t *set = crew_data(seat, 8);
	long size = some_size();

	*set = some_set();
	if (chance(50))
		crew_call(seat, "pause()", SYS_pause);
	else
		crew_call(
			seat,
			fmt("rt_sigsuspend(%#lx, size %ld)", (long)*set, size),
			SYS_rt_sigsuspend, (long)set, size);
}

static void step_pending(struct seat *seat)
{
	static const long sizes[] = {8, 8, 8, 4, 0, 16};
	long size = one_of(sizes);

	crew_call(seat, fmt("rt_sigpending(size %ld)", size), SYS_rt_sigpending,
		  (long)crew_data(seat, 8), size);
}

static void step_signalfd(struct seat *seat)
{
	static const struct differ_name flags[] = {
		N(SFD_CLOEXEC), N(SFD_NONBLOCK), {1, "1"}};
	uint64_t *set = crew_data(seat, 8);
	long flag = SFD_NONBLOCK ^ (chance(80) ? 0 : some_of(flags, 1));
	int fd = chance(60) ? -1 : (int)pick(6);
	long size = chance(95) ? 8 : 4;
	long bytes = chance(80) ? 3 * 128 : pick(130);

	if (chance(40)) {
		*set = some_set();
		crew_call(seat,
			  fmt("signalfd4(%d, %#lx, size %ld, %s)", fd,
			      (long)*set, size, text_bits(flags, flag)),
			  SYS_signalfd4, (long)fd, (long)set, size, flag);
		return;
	}
	fd = 3 + pick(4);
	crew_call(seat, fmt("read(%d, %ld)", fd, bytes), SYS_read, (long)fd,
		  (long)crew_data(seat, 400), bytes);
}

static void step_stack(struct seat *seat)
{
	static const long sizes[] = {2048, 2047, 0, 8192, 1 << 20, -1};
	static const int flags[] = {0,
				    0,
				    SS_DISABLE,
				    SS_ONSTACK,
				    4,
				    (int)(1U << 31),
				    (int)(1U << 31) | 2,
				    3};
	stack_t *stack = crew_data(seat, sizeof(*stack));
	stack_t *old = crew_data(seat, sizeof(*old));

	/* Nothing runs there: the crew's handlers want memory of their own. */
	stack->ss_sp = seat->stack;
	stack->ss_size = one_of(sizes);
	stack->ss_flags = one_of(flags);
	crew_call(seat,
		  fmt("sigaltstack(%#x, %ld)", (unsigned)stack->ss_flags,
		      (long)stack->ss_size),
		  SYS_sigaltstack, chance(85) ? (long)stack : 0L, (long)old);
	if (!crew_idle(seat))
		return;
	memset(stack, 0, sizeof(*stack));
	stack->ss_flags = SS_DISABLE;
	crew_ask(seat, SYS_sigaltstack, (long)stack, 0L);
}

static void step_limit(struct seat *seat)
{
	struct rlimit *limit = crew_data(seat, sizeof(*limit));

	limit->rlim_cur = pick(8);
	limit->rlim_max = 100;
	crew_call(seat,
		  fmt("setrlimit(SIGPENDING, %ld)", (long)limit->rlim_cur),
		  SYS_setrlimit, (long)RLIMIT_SIGPENDING, (long)limit);
}

static void step_child(struct seat *seat)
{
	static const unsigned long flags[] = {
		SIGCHLD,
		SIGUSR1,
		CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
		CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
		CLONE_VM | CLONE_SIGHAND | SIGCHLD,
	};
	struct seat *child = crew_free();
	unsigned long flag = one_of(flags);
	long arg[5] = {(long)flag};

	if (child)
		crew_clone(seat, child, fmt("clone(%#lx)", flag), SYS_clone,
			   arg);
}

static void step_exit(struct seat *seat)
{
	long group = chance(50);

	crew_call(seat, group ? "exit_group(0)" : "exit(0)",
		  group ? SYS_exit_group : SYS_exit, 0L);
}

static void step_wait(struct seat *seat)
{
	crew_call(seat, "wait4(-1, WNOHANG|__WALL)", SYS_wait4, -1L, 0L,
		  (long)(WNOHANG | __WALL));
}

static void step_exec(struct seat *seat)
{
	crew_exec(seat, "/proc/self/exe");
}

static const struct crew_step steps[] = {
	{18, step_action}, {14, step_mask},	 {18, step_kill},
	{16, step_queue},  {10, step_timedwait}, {4, step_suspend},
	{2, step_pending}, {10, step_signalfd},	 {4, step_stack},
	{2, step_limit},   {7, step_child},	 {3, step_exit},
	{3, step_wait},	   {1, step_exec},
};

/* recruit - a member that the signals do not kill, at first. */
static void recruit(void)
{
	struct seat *seat = crew_fork();
	unsigned i;

	/* A user of their own: nobody else's signals are in SigQ. */
	crew_ask(seat, SYS_setuid, 2000L);
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		struct raw_sigaction *action;

		if (chance(15))
			continue;
		seat->used = 0;
		action = crew_data(seat, sizeof(*action));
		action->handler = (unsigned long)crew_handler;
		action->flags = SA_SIGINFO | RAW_SA_RESTORER;
		action->restorer = (unsigned long)raw_restorer;
		crew_ask(seat, SYS_rt_sigaction, (long)signals[i], (long)action,
			 0L, 8L);
	}
	crew_settle();
}

static void one_step(void)
{
	(void)crew_step(steps, sizeof(steps) / sizeof(*steps), 60, recruit);
}

static void say_info(const siginfo_t *info)
{
	say(" signo=%d errno=%d code=%d", info->si_signo, info->si_errno,
	    info->si_code);
	if (info->si_code <= 0 || info->si_signo == SIGCHLD)
		say(" pid=%s uid=%d", pid_name(info->si_pid), info->si_uid);
	if (info->si_code < 0 && info->si_code != SI_TKILL)
		say(" value=%d", info->si_value.sival_int);
	if (info->si_code > 0 && info->si_signo == SIGCHLD)
		say(" status=%d", info->si_status);
}

static void say_read(const struct seat *seat)
{
	const struct signalfd_siginfo *info = (void *)seat->arg[1];
	int left = seat->ret / (int)sizeof(*info);

	for (; left > 0; left--, info++)
		say(" [%d code=%d pid=%s uid=%d status=%d int=%d ptr=%#lx]",
		    info->ssi_signo, info->ssi_code, pid_name(info->ssi_pid),
		    info->ssi_uid, info->ssi_status, info->ssi_int,
		    (long)info->ssi_ptr);
}

static void said(struct seat *seat)
{
	const struct raw_sigaction *old = (void *)seat->arg[2];
	const stack_t *stack = (void *)seat->arg[1];
	const uint64_t *set = (void *)seat->arg[0];

	if (seat->nr == SYS_rt_sigtimedwait && seat->ret > 0)
		say_info((siginfo_t *)seat->arg[1]);
	if (seat->nr == SYS_read && seat->ret > 0)
		say_read(seat);
	if (seat->ret)
		return;
	if (seat->nr == SYS_rt_sigpending)
		say(" %#lx", (long)*set);
	if (seat->nr == SYS_rt_sigprocmask)
		say(" was %#lx", *(long *)seat->arg[2]);
	if (seat->nr == SYS_sigaltstack)
		say(" was %d %ld", stack->ss_flags, (long)stack->ss_size);
	if (seat->nr == SYS_rt_sigaction && old)
		say(" was %s %#lx %#lx",
		    old->handler > 1 ? "handler" : text_result(old->handler),
		    old->flags, (long)old->mask);
}

int main(int argc, char **argv)
{
	int count;

	crew_member(argc, argv);
	count = differ_start(argc, argv);
	crew_said = said;
	crew_show_more = show_signals;
	crew_start(0);
	recruit();
	recruit();
	while (count-- > 0)
		one_step();
	crew_end();
	return 0;
}
