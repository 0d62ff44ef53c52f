/*
 * Dispositions, masks, queues and stacks of signals.
 */
#include "tst.h"

/* The kernel's struct: the C library's is another. */
struct k_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

static volatile int seen;
static volatile int count;
static siginfo_t last;
static volatile int nested;

static void notes(int sig)
{
	seen = sig;
	count++;
}

static void notes_info(int sig, siginfo_t *info, void *context)
{
	(void)context;
	seen = sig;
	count++;
	last = *info;
}

static void set(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = flags | SA_SIGINFO};

	SAFE(sigaction(sig, &action, NULL));
}

static sigset_t only(int sig)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, sig);
	return mask;
}

TST(signal01, "signal gives the disposition there was")
{
	EXPECT(signal(SIGUSR1, notes) == SIG_DFL, "the default");
	EXPECT(signal(SIGUSR1, SIG_IGN) == notes, "a handler");
	EXPECT(signal(SIGUSR1, SIG_DFL) == SIG_IGN, "ignored");
	EXPECT(signal(SIGKILL, SIG_IGN) == SIG_ERR && errno == EINVAL,
	       "SIGKILL");
	EXPECT(signal(SIGSTOP, SIG_DFL) == SIG_ERR && errno == EINVAL,
	       "SIGSTOP");
	EXPECT(signal(65, SIG_IGN) == SIG_ERR && errno == EINVAL, "65");
}

TST(rt_sigaction01, "every signal but two can have a handler")
{
	int good = 0;
	int sig;

	for (sig = 1; sig <= 64; sig++) {
		struct k_sigaction action = {.handler = notes};

		if (sig == SIGKILL || sig == SIGSTOP)
			continue;
		good += !syscall(SYS_rt_sigaction, sig, &action, NULL, 8);
	}
	EXPECT(good == 62, "%d of 62 are set", good);
	EXPECT_ERR(syscall(SYS_rt_sigaction, SIGKILL,
			   &(struct k_sigaction){.handler = notes}, NULL, 8),
		   EINVAL);
	EXPECT(syscall(SYS_rt_sigaction, SIGKILL, NULL,
		       &(struct k_sigaction){0}, 8) == 0,
	       "to read SIGKILL's is allowed");
}

TST(rt_sigaction02, "bad addresses: EFAULT")
{
	struct k_sigaction action = {.handler = notes};

	EXPECT_ERR(syscall(SYS_rt_sigaction, SIGUSR1, 8, NULL, 8), EFAULT);
	EXPECT_ERR(syscall(SYS_rt_sigaction, SIGUSR1, &action, 8, 8), EFAULT);
	EXPECT_ERR(syscall(SYS_rt_sigaction, 0, &action, NULL, 8), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigaction, 65, &action, NULL, 8), EINVAL);
}

TST(rt_sigaction03, "a set of another size: EINVAL")
{
	struct k_sigaction action = {.handler = notes};

	EXPECT_ERR(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 0),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 4),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 128),
		   EINVAL);
}

static void nests(int sig, siginfo_t *info, void *context)
{
	(void)context;
	(void)info;
	count++;
	nested++;
	if (count < 3)
		raise(sig);
	if (count == 1)
		seen = nested;
	nested--;
}

TST(sigaction01, "SA_SIGINFO, SA_RESETHAND, SA_NODEFER, the mask")
{
	struct sigaction action;

	set(SIGUSR1, notes_info, SA_RESETHAND);
	raise(SIGUSR1);
	EXPECT(seen == SIGUSR1 && last.si_signo == SIGUSR1 &&
		       last.si_pid == getpid(),
	       "the handler's siginfo");
	sigaction(SIGUSR1, NULL, &action);
	EXPECT(action.sa_handler == SIG_DFL, "SA_RESETHAND: once");
	count = 0;
	set(SIGUSR1, nests, SA_NODEFER);
	raise(SIGUSR1);
	EXPECT(count == 3, "SA_NODEFER: nested");
	count = 0;
	seen = 0;
	set(SIGUSR1, nests, 0);
	raise(SIGUSR1);
	EXPECT(count == 3 && seen == 1, "without it one behind the other");
	set(SIGUSR1, notes_info, SA_RESTART | SA_ONSTACK);
	sigaction(SIGUSR1, NULL, &action);
	EXPECT((action.sa_flags & (SA_RESTART | SA_ONSTACK | SA_SIGINFO)) ==
		       (SA_RESTART | SA_ONSTACK | SA_SIGINFO),
	       "flags are given back");
}

TST(rt_sigprocmask01, "a blocked signal waits until it is unblocked")
{
	sigset_t usr1 = only(SIGUSR1);
	sigset_t old;
	sigset_t pending;

	signal(SIGUSR1, notes);
	SAFE(sigprocmask(SIG_BLOCK, &usr1, NULL));
	raise(SIGUSR1);
	raise(SIGUSR1);
	EXPECT(count == 0, "not yet");
	EXPECT(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1),
	       "pending");
	SAFE(sigprocmask(SIG_UNBLOCK, &usr1, &old));
	EXPECT(count == 1, "once, though sent twice");
	EXPECT(sigismember(&old, SIGUSR1), "the old mask");
	sigfillset(&old);
	SAFE(sigprocmask(SIG_SETMASK, &old, NULL));
	SAFE(sigprocmask(SIG_SETMASK, NULL, &old));
	EXPECT(!sigismember(&old, SIGKILL) && !sigismember(&old, SIGSTOP),
	       "SIGKILL and SIGSTOP are never blocked");
}

TST(rt_sigprocmask02, "what rt_sigprocmask refuses")
{
	unsigned long mask = 0;

	EXPECT_ERR(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &mask, NULL, 16),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigprocmask, 17, &mask, NULL, 8), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, NULL, 8), EFAULT);
	EXPECT_ERR(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, 8, 8), EFAULT);
	EXPECT(syscall(SYS_rt_sigprocmask, 17, NULL, &mask, 8) == 0,
	       "without a set the request is not looked at");
}

TST(rt_sigqueueinfo01, "a signal with a value, of the sender's making")
{
	siginfo_t info = {.si_code = SI_QUEUE};

	info.si_pid = 4711;
	info.si_uid = 12;
	info.si_value.sival_int = 77;
	set(SIGUSR1, notes_info, 0);
	EXPECT(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info) == 0,
	       "rt_sigqueueinfo");
	EXPECT(seen == SIGUSR1 && last.si_code == SI_QUEUE &&
		       last.si_value.sival_int == 77,
	       "the value");
	EXPECT(last.si_pid == 4711 && last.si_uid == 12,
	       "to oneself the fields are not looked at");
	EXPECT(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 5}) ==
			       0 &&
		       last.si_value.sival_int == 5 && last.si_pid == getpid(),
	       "sigqueue(3)");
}

TST(rt_sigqueueinfo02, "to others no codes of the kernel's")
{
	siginfo_t info = {.si_code = SI_USER};

	EXPECT_ERR(syscall(SYS_rt_sigqueueinfo, getppid(), 0, &info), EPERM);
	info.si_code = SI_TKILL;
	EXPECT_ERR(syscall(SYS_rt_sigqueueinfo, getppid(), 0, &info), EPERM);
	info.si_code = SI_KERNEL;
	EXPECT_ERR(syscall(SYS_rt_sigqueueinfo, getppid(), 0, &info), EPERM);
	info.si_code = SI_QUEUE;
	EXPECT(syscall(SYS_rt_sigqueueinfo, getppid(), 0, &info) == 0,
	       "SI_QUEUE may");
	EXPECT_ERR(syscall(SYS_rt_sigqueueinfo, getpid(), 65, &info), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigqueueinfo, 1 << 21, 0, &info), ESRCH);
	EXPECT_ERR(syscall(SYS_rt_sigqueueinfo, getpid(), 0, 8), EFAULT);
}

/* A child that sends @sig to the test when it sleeps. */
static void send_when_asleep(int sig)
{
	pid_t parent = getpid();

	if (tst_fork() == 0) {
		tst_state_wait(parent, 'S');
		kill(parent, sig);
		_exit(0);
	}
}

TST(rt_sigsuspend01, "another mask for as long as it waits")
{
	sigset_t usr1 = only(SIGUSR1);
	unsigned long none = 0;
	unsigned long mask = 0;

	signal(SIGUSR1, notes);
	SAFE(sigprocmask(SIG_BLOCK, &usr1, NULL));
	send_when_asleep(SIGUSR1);
	EXPECT_ERR(syscall(SYS_rt_sigsuspend, &none, 8), EINTR);
	EXPECT(count == 1, "the handler ran");
	SAFE(syscall(SYS_rt_sigprocmask, 0, NULL, &mask, 8));
	EXPECT(mask == 1UL << (SIGUSR1 - 1), "the mask is as before");
	EXPECT_ERR(syscall(SYS_rt_sigsuspend, &none, 4), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigsuspend, 8, 8), EFAULT);
	tst_reap();
}

TST(sigsuspend01, "sigsuspend takes a signal that waits already")
{
	sigset_t usr1 = only(SIGUSR1);
	sigset_t none;

	sigemptyset(&none);
	signal(SIGUSR1, notes);
	SAFE(sigprocmask(SIG_BLOCK, &usr1, NULL));
	raise(SIGUSR1);
	EXPECT(count == 0, "it waits");
	EXPECT_ERR(sigsuspend(&none), EINTR);
	EXPECT(count == 1, "and is taken");
}

TST(rt_sigtimedwait01, "signals taken in order, a limit of time, EINTR")
{
	struct timespec soon = {0, 30 * 1000000};
	struct timespec bad = {0, 2000000000};
	sigset_t usr1 = only(SIGUSR1);
	siginfo_t info;
	long before;

	sigaddset(&usr1, SIGRTMIN);
	SAFE(sigprocmask(SIG_BLOCK, &usr1, NULL));
	before = tst_now_ms();
	EXPECT_ERR(sigtimedwait(&usr1, &info, &soon), EAGAIN);
	EXPECT(tst_now_ms() - before >= 29, "after 30 ms");
	EXPECT_ERR(sigtimedwait(&usr1, &info, &bad), EINVAL);
	sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1});
	sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 2});
	kill(getpid(), SIGUSR1);
	EXPECT(sigtimedwait(&usr1, &info, &soon) == SIGUSR1 &&
		       info.si_code == SI_USER,
	       "the lower number first");
	EXPECT(sigtimedwait(&usr1, &info, &soon) == SIGRTMIN &&
		       info.si_value.sival_int == 1,
	       "then the queue, in order");
	EXPECT(sigtimedwait(&usr1, &info, &soon) == SIGRTMIN &&
		       info.si_value.sival_int == 2,
	       "of one signal");
	signal(SIGUSR2, notes);
	send_when_asleep(SIGUSR2);
	EXPECT_ERR(syscall(SYS_rt_sigtimedwait, &usr1, NULL, NULL, 8), EINTR);
	EXPECT_ERR(syscall(SYS_rt_sigtimedwait, &usr1, NULL, NULL, 4), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigtimedwait, 8, NULL, NULL, 8), EFAULT);
	tst_reap();
}

static char other[65536];
static volatile char *where;
static stack_t inside;

static void notes_stack(int sig, siginfo_t *info, void *context)
{
	char here;

	(void)sig;
	(void)info;
	(void)context;
	where = &here;
	sigaltstack(NULL, &inside);
}

TST(sigaltstack01, "a handler on the other stack")
{
	stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)};

	EXPECT(sigaltstack(&stack, NULL) == 0, "sigaltstack");
	set(SIGUSR1, notes_stack, SA_ONSTACK);
	raise(SIGUSR1);
	EXPECT(where >= other && where < other + sizeof(other), "SA_ONSTACK");
	EXPECT(inside.ss_flags == SS_ONSTACK && inside.ss_sp == other &&
		       inside.ss_size == sizeof(other),
	       "SS_ONSTACK is told");
	set(SIGUSR1, notes_stack, 0);
	raise(SIGUSR1);
	EXPECT(where < other || where >= other + sizeof(other),
	       "without it the usual stack");
	SAFE(sigaltstack(NULL, &stack));
	EXPECT(stack.ss_flags == 0, "behind the handler it is free");
	stack.ss_flags = SS_DISABLE;
	EXPECT(sigaltstack(&stack, NULL) == 0 &&
		       sigaltstack(NULL, &stack) == 0 &&
		       stack.ss_flags == SS_DISABLE,
	       "SS_DISABLE");
}

static void changes_stack(int sig, siginfo_t *info, void *context)
{
	stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)};

	(void)sig;
	(void)info;
	(void)context;
	EXPECT_ERR(sigaltstack(&stack, NULL), EPERM);
}

TST(sigaltstack02, "what sigaltstack refuses")
{
	stack_t stack = {.ss_sp = other, .ss_size = 100};

	EXPECT_ERR(syscall(SYS_sigaltstack, &stack, NULL), ENOMEM);
	stack.ss_size = sizeof(other);
	stack.ss_flags = 8;
	EXPECT_ERR(syscall(SYS_sigaltstack, &stack, NULL), EINVAL);
	stack.ss_flags = 0;
	EXPECT_ERR(syscall(SYS_sigaltstack, 8, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_sigaltstack, NULL, 8), EFAULT);
	SAFE(sigaltstack(&stack, NULL));
	set(SIGUSR1, changes_stack, SA_ONSTACK);
	raise(SIGUSR1);
}
