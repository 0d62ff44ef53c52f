/*
 * Rules of detail: which SA_* flags are known; what is taken first of a
 * thread's and its process's signals; what rt_sigqueueinfo may claim; to whom
 * kill(-1) and SIGCONT go; SA_RESETHAND with SA_NODEFER.
 */
#include "tap.h"
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#ifndef SA_UNSUPPORTED
#define SA_UNSUPPORTED 0x400
#endif
#ifndef SA_EXPOSE_TAGBITS
#define SA_EXPOSE_TAGBITS 0x800
#endif
#define SA_RESTORER_BIT 0x04000000UL

/* The kernel's own struct. */
struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

static int order[16], values[16];
static volatile int calls;

static void notes(int sig, siginfo_t *info, void *context)
{
	(void)context;
	order[calls & 15] = sig;
	values[calls & 15] = info->si_value.sival_int;
	calls++;
}

/* flags_after - what sigaction tells when FLAGS were given. */
static unsigned long flags_after(unsigned long flags)
{
	struct kernel_action action = {SIG_IGN, flags, NULL, 0};
	struct kernel_action old = {0};

	if (syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8) ||
	    syscall(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8))
		return ~0UL;
	return old.flags;
}

static void flags(void)
{
	const unsigned long known = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO |
				    SA_ONSTACK | SA_RESTART | SA_NODEFER |
				    0x80000000UL | SA_EXPOSE_TAGBITS |
				    SA_RESTORER_BIT;
	struct kernel_action action = {SIG_IGN, 0, NULL, ~0UL};

	ok(flags_after(known) == known, "the flags there are");
	ok(flags_after(SA_UNSUPPORTED | SA_EXPOSE_TAGBITS) == SA_EXPOSE_TAGBITS,
	   "SA_UNSUPPORTED is cleared: so unknown flags can be found out");
	ok(flags_after(~0UL) == known, "as are all that are not known");
	syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 8);
	syscall(SYS_rt_sigaction, SIGUSR1, NULL, &action, 8);
	ok(action.mask == ~(1UL << (SIGKILL - 1) | 1UL << (SIGSTOP - 1)),
	   "sa_mask never has SIGKILL and SIGSTOP");
}

static int depth, deepest;

static void nests(int sig)
{
	struct sigaction now;

	sigaction(sig, NULL, &now);
	if (now.sa_handler == SIG_DFL)
		values[0]++;
	if (++depth > deepest)
		deepest = depth;
	if (depth == 1) {
		signal(sig, SIG_IGN);
		raise(sig);
	}
	depth--;
}

static void reset(void)
{
	struct sigaction action = {.sa_handler = nests,
				   .sa_flags =
					   (int)(SA_RESETHAND | SA_NODEFER)};

	values[0] = 0;
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR2);
	ok(values[0] == 1 && deepest == 1,
	   "SA_RESETHAND: the default is back before the handler runs");
}

/* --- order ---------------------------------------------------------------- */

static void send_to_process(int sig, int value)
{
	sigqueue(getpid(), sig, (union sigval){.sival_int = value});
}

static void send_to_thread(int sig, int value)
{
	siginfo_t info = {.si_code = SI_QUEUE};

	info.si_value.sival_int = value;
	info.si_pid = getpid();
	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), sig, &info))
		bail("rt_tgsigqueueinfo");
}

static void ordered(void)
{
	struct sigaction action = {.sa_sigaction = notes,
				   .sa_flags = SA_SIGINFO};
	int low = SIGRTMIN + 1;
	int high = SIGRTMIN + 2;
	sigset_t set;
	int good = 1;
	int i;

	sigfillset(&action.sa_mask);
	sigaction(low, &action, NULL);
	sigaction(high, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, low);
	sigaddset(&set, high);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	send_to_process(low, 1);
	send_to_process(SIGTERM, 2);
	send_to_thread(high, 3);
	send_to_thread(low, 4);
	send_to_thread(low, 5);
	send_to_process(low, 6);
	calls = 0;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	for (i = 0; i < 6; i++)
		good &= values[i] == ((const int[]){4, 5, 3, 2, 1, 6})[i];
	ok(calls == 6 && good,
	   "the thread's come before the process's, each by number and age");
	ok(order[0] == low && order[2] == high && order[3] == SIGTERM,
	   "the numbers agree");
}

/* --- rt_sigqueueinfo ------------------------------------------------------ */

static int waits(void)
{
	sleep_forever();
}

static long queue(pid_t pid, int code)
{
	siginfo_t info = {.si_code = code};

	return syscall(SYS_rt_sigqueueinfo, pid, SIGCHLD, &info);
}

static void claims(void)
{
	pid_t child = start_child(waits);
	siginfo_t info = {.si_code = SI_USER};

	ok_errno(queue(child, SI_USER), EPERM, "nobody claims kill's code");
	ok_errno(queue(child, SI_KERNEL), EPERM, "nor the kernel's");
	ok_errno(queue(child, SI_TKILL), EPERM, "nor tkill's");
	ok(queue(child, SI_QUEUE) == 0 && queue(child, -77) == 0,
	   "SI_QUEUE and other negative codes are free");
	ok(queue(getpid(), SI_USER) == 0 && queue(getpid(), SI_KERNEL) == 0,
	   "to oneself all are");
	ok_errno(syscall(SYS_rt_tgsigqueueinfo, child, child, SIGCHLD, &info),
		 EPERM, "rt_tgsigqueueinfo: the same");
	ok_errno(queue(0x3fffff, SI_QUEUE), ESRCH, "nobody of that id");
	ok_errno(syscall(SYS_rt_sigqueueinfo, getpid(), SIGCHLD, nowhere),
		 EFAULT, "no siginfo there");
	ok_errno(syscall(SYS_rt_sigqueueinfo, getpid(), 65, &info), EINVAL,
		 "no such signal");
	end_child(child);
}

/* --- to whom -------------------------------------------------------------- */

static pid_t target;

static int kills_all(void)
{
	return fails(kill(-1, 0), EPERM) ? 1 : kill(-1, 0) == 0 ? 2 : 3;
}

static int continues(void)
{
	return kill(target, SIGCONT) == 0 ? 1 : errno == EPERM ? 2 : 3;
}

static int in_own_session(void)
{
	setsid();
	sleep_forever();
}

static void targets(void)
{
	ok(in_child_as(4324, kills_all) == 2,
	   "kill(-1) finds processes, and tells of none it may not signal");
	target = start_child(in_own_session);
	while (getsid(target) != target)
		sleep_ms(1);
	ok(in_child_as(STUDENT, continues) == 2,
	   "SIGCONT to another session: EPERM as for any signal");
	end_child(target);
	target = start_child(waits);
	ok(in_child_as(STUDENT, continues) == 1,
	   "within the session it may be sent to anybody");
	end_child(target);
}

/* --- RLIMIT_SIGPENDING ---------------------------------------------------- */

static int counts_of_user(void)
{
	struct rlimit limit = {4, 4};
	union sigval value = {.sival_int = 0};
	sigset_t set;
	pid_t child;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	setrlimit(RLIMIT_SIGPENDING, &limit);
	child = start_child(waits);
	need(sigqueue(child, SIGRTMIN + 1, value) == 0);
	need(sigqueue(child, SIGRTMIN + 1, value) == 0);
	need(sigqueue(getpid(), SIGRTMIN + 1, value) == 0);
	need(sigqueue(getpid(), SIGRTMIN + 1, value) == 0);
	need(fails(sigqueue(getpid(), SIGRTMIN + 1, value), EAGAIN));
	/* What waits for one of the user's processes is over with it. */
	end_child(child);
	need(sigqueue(getpid(), SIGRTMIN + 1, value) == 0);
	need(sigwaitinfo(&set, NULL) == SIGRTMIN + 1);
	need(sigqueue(getpid(), SIGRTMIN + 1, value) == 0);
	need(sigqueue(getpid(), SIGRTMIN + 1, value) == 0);
	need(fails(sigqueue(getpid(), SIGRTMIN + 1, value), EAGAIN));
	return 5;
}

int main(void)
{
	flags();
	reset();
	ordered();
	claims();
	targets();
	ok(in_child_as(4325, counts_of_user) == 5,
	   "RLIMIT_SIGPENDING counts what waits for all of a user's processes");
	return done_testing();
}
