/*
 * Pending signals: standard ones are kept once, real-time ones are queued and
 * come in order; sigtimedwait, sigsuspend, and the limit of the queue.
 */
#include "tap.h"
#include <sys/resource.h>
#include <sys/syscall.h>

#define RT(n) (SIGRTMIN + (n))

static int order[64];
static int values[64];
static volatile int calls;

static void notes(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (calls < 64) {
		order[calls] = sig;
		values[calls] = info->si_value.sival_int;
	}
	calls++;
}

static void install(int sig)
{
	struct sigaction action = {.sa_sigaction = notes,
				   .sa_flags = SA_SIGINFO};

	sigfillset(&action.sa_mask);
	sigaction(sig, &action, NULL);
}

static void send(int sig, int value)
{
	union sigval data = {.sival_int = value};

	if (sigqueue(getpid(), sig, data))
		bail("sigqueue");
}

static sigset_t block(int a, int b, int c)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	sigaddset(&set, b);
	sigaddset(&set, c);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

static void standard(void)
{
	sigset_t set = block(SIGUSR1, SIGUSR2, SIGHUP);
	sigset_t pending;

	install(SIGUSR1);
	install(SIGUSR2);
	install(SIGHUP);
	send(SIGUSR1, 1);
	send(SIGUSR1, 2);
	send(SIGUSR2, 3);
	send(SIGHUP, 4);
	sigpending(&pending);
	ok(sigismember(&pending, SIGUSR1) && sigismember(&pending, SIGHUP) &&
		   !sigismember(&pending, SIGTERM),
	   "sigpending tells what waits");
	calls = 0;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ok(calls == 3, "a standard signal is pending once");
	sigpending(&pending);
	ok(!sigismember(&pending, SIGUSR1), "then nothing is pending");
}

static void real_time(void)
{
	sigset_t set = block(RT(1), RT(2), SIGUSR1);
	int i;

	install(RT(1));
	install(RT(2));
	install(SIGUSR1);
	calls = 0;
	send(RT(2), 20);
	send(RT(1), 10);
	send(RT(2), 21);
	send(RT(1), 11);
	send(SIGUSR1, 5);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ok(calls == 5, "each real-time signal comes");
	for (i = 0; i < 5 && i < calls; i++)
		if (order[i] != (i < 1 ? SIGUSR1 : i < 3 ? RT(1) : RT(2)))
			break;
	ok(i == 5, "the lower number first when handlers mask each other");
	ok(values[1] == 10 && values[2] == 11 && values[3] == 20 &&
		   values[4] == 21,
	   "of one number: in the order they were sent");
}

static void waited_for(void)
{
	sigset_t set = block(RT(1), RT(2), SIGUSR1);
	struct timespec none = {0, 0};
	struct timespec some = {0, 30000000};
	siginfo_t info;
	long before;

	send(RT(2), 2);
	send(RT(1), 1);
	ok(sigwaitinfo(&set, &info) == RT(1) && info.si_value.sival_int == 1 &&
		   info.si_code == SI_QUEUE && info.si_pid == getpid(),
	   "sigwaitinfo takes the lowest, with its info");
	ok(sigtimedwait(&set, &info, &none) == RT(2), "then the next");
	before = now_ms();
	ok_errno(sigtimedwait(&set, &info, &some), EAGAIN,
		 "sigtimedwait: nothing comes");
	ok(now_ms() - before >= 29, "it waits that long");
	some.tv_nsec = -1;
	ok_errno(sigtimedwait(&set, &info, &some), EINVAL, "no such time");
	calls = 0;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ok(calls == 0, "what was taken is not handled");
}

static int signals_parent(void)
{
	sleep_ms(30);
	kill(getppid(), SIGUSR1);
	return 0;
}

static int interrupts_parent(void)
{
	sleep_ms(30);
	kill(getppid(), SIGUSR2);
	return 0;
}

static void sleeping(void)
{
	sigset_t set = block(SIGUSR1, RT(1), RT(2));
	siginfo_t info;
	pid_t pid = start_child(signals_parent);

	ok(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_pid == pid,
	   "sigwaitinfo sleeps until one comes");
	exit_code(pid);
	pid = start_child(interrupts_parent);
	calls = 0;
	ok(fails(syscall(SYS_rt_sigtimedwait, &set, &info, NULL, 8), EINTR) &&
		   calls == 1,
	   "another signal's handler: EINTR");
	exit_code(pid);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void suspended(void)
{
	sigset_t blocked = block(SIGUSR1, SIGUSR1, SIGUSR1);
	sigset_t now;
	sigset_t none;

	sigemptyset(&none);
	calls = 0;
	send(SIGUSR1, 1);
	ok(calls == 0, "a blocked signal waits");
	ok(fails(sigsuspend(&none), EINTR) && calls == 1,
	   "sigsuspend lets it in, and returns EINTR");
	sigprocmask(SIG_BLOCK, NULL, &now);
	ok(sigismember(&now, SIGUSR1), "then the mask is as before");
	sigprocmask(SIG_UNBLOCK, &blocked, NULL);
}

static void discarded(void)
{
	sigset_t set = block(SIGUSR1, SIGCHLD, SIGCHLD);
	sigset_t pending;

	send(SIGUSR1, 1);
	signal(SIGUSR1, SIG_IGN);
	sigpending(&pending);
	ok(!sigismember(&pending, SIGUSR1),
	   "to ignore a signal is to drop what is pending of it");
	raise(SIGUSR1);
	sigpending(&pending);
	ok(sigismember(&pending, SIGUSR1),
	   "sent while blocked it is pending, though ignored");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int fills_queue(void)
{
	struct rlimit limit = {10, 10};
	union sigval data = {.sival_int = 1};
	int sent = 0;

	block(RT(1), RT(1), SIGUSR1);
	setrlimit(RLIMIT_SIGPENDING, &limit);
	while (sent < 100 && sigqueue(getpid(), RT(1), data) == 0)
		sent++;
	need(errno == EAGAIN);
	need(kill(getpid(), SIGUSR1) == 0);
	need(kill(getpid(), RT(1)) == 0);
	return sent;
}

static int fork_drops_pending(void)
{
	sigset_t set;
	pid_t pid;

	block(SIGUSR1, SIGUSR1, SIGUSR1);
	raise(SIGUSR1);
	pid = fork();
	if (pid == 0) {
		sigpending(&set);
		_exit(sigismember(&set, SIGUSR1));
	}
	return exit_code(pid);
}

int main(void)
{
	standard();
	real_time();
	waited_for();
	sleeping();
	suspended();
	discarded();
	ok(in_child_as(4322, fills_queue) == 10,
	   "RLIMIT_SIGPENDING: sigqueue gives EAGAIN, kill does not");
	ok(in_child(fork_drops_pending) == 0,
	   "a child begins with nothing pending");
	return done_testing();
}
