/*
 * The workers of mixed.c that send signals.  A real-time signal is queued:
 * each that was sent arrives once, each sender's in order.  A sender that
 * finds the queue full (EAGAIN) tries again.
 */
#pragma once

#include "mixed.h"
#include <sys/syscall.h>
#include <sys/time.h>

#define SENDERS 3
#define SENT	80
#define RT	(SIGRTMIN + 3)

static void send_queued(pid_t to, int value)
{
	union sigval sent = {.sival_int = value};

	while (sigqueue(to, RT, sent)) {
		need(errno == EAGAIN);
		sched_yield();
	}
}

static void start_senders(void)
{
	pid_t receiver = getpid();
	int sender;
	int i;

	for (sender = 0; sender < SENDERS; sender++) {
		pid_t pid = fork();

		need(pid >= 0);
		if (pid == 0) {
			for (i = 0; i < SENT; i++)
				send_queued(receiver, sender << 16 | i);
			_exit(0);
		}
	}
}

static int next_value[SENDERS];
static volatile int arrived;
static volatile int wrong;

static void take_value(int value)
{
	if (value >> 16 >= SENDERS ||
	    (value & 0xffff) != next_value[value >> 16]++)
		wrong++;
	arrived++;
}

static void on_queued(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	take_value(info->si_value.sival_int);
}

static volatile int ticks;

static void on_tick(int sig)
{
	(void)sig;
	ticks++;
}

static void begin_counting(void)
{
	memset(next_value, 0, sizeof(next_value));
	arrived = 0;
	wrong = 0;
}

/* Taken with sigwaitinfo, one by one. */
static void signals_waited_for(void)
{
	struct timespec limit = {60, 0};
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, RT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	begin_counting();
	start_senders();
	while (arrived < SENDERS * SENT) {
		int got = sigtimedwait(&set, &info, &limit);

		need(got == RT || (got < 0 && errno == EINTR));
		if (got == RT)
			take_value(info.si_value.sival_int);
	}
	need(!wrong && reap_all(0) == SENDERS);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Taken by a handler that interrupts, with a timer that interrupts as well. */
static void signals_handled(void)
{
	struct sigaction action = {.sa_sigaction = on_queued,
				   .sa_flags = SA_SIGINFO | SA_RESTART};
	struct itimerval every = {{0, 700}, {0, 700}};
	struct itimerval never = {{0, 0}, {0, 0}};
	sigset_t set;
	sigset_t old;

	sigaction(RT, &action, NULL);
	signal(SIGALRM, on_tick);
	sigemptyset(&set);
	sigaddset(&set, RT);
	begin_counting();
	setitimer(ITIMER_REAL, &every, NULL);
	start_senders();
	sigprocmask(SIG_BLOCK, &set, &old);
	while (arrived < SENDERS * SENT)
		sigsuspend(&old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	setitimer(ITIMER_REAL, &never, NULL);
	need(reap_all(0) == SENDERS);
	need(!wrong && arrived == SENDERS * SENT);
}

/* --- threads -------------------------------------------------------------- */

#define TAKERS 3

static volatile int taken[TAKERS];
static __thread int taker_number;
static volatile int takers_ready;
static volatile int takers_stop;

static void on_taken(int sig)
{
	if (sig == RT)
		__atomic_fetch_add(&taken[taker_number], 1, __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
}

static void *take_signals(void *number)
{
	taker_number = (int)(long)number;
	__atomic_fetch_add(&takers_ready, 1, __ATOMIC_SEQ_CST);
	while (!takers_stop)
		usleep(500);
	return number;
}

/* Each thread gets what was sent to it; any of them what the process was. */
static void signals_to_threads(void)
{
	struct sigaction action = {.sa_handler = on_taken,
				   .sa_flags = SA_RESTART};
	pthread_t thread[TAKERS];
	long i;
	int j;

	begin_counting();
	takers_ready = 0;
	takers_stop = 0;
	sigaction(RT, &action, NULL);
	sigaction(RT + 1, &action, NULL);
	for (i = 0; i < TAKERS; i++) {
		taken[i] = 0;
		need(!pthread_create(&thread[i], NULL, take_signals,
				     (void *)i));
	}
	need(comes_to(&takers_ready, TAKERS));
	for (j = 0; j < SENT; j++) {
		for (i = 0; i < TAKERS; i++)
			need(pthread_kill(thread[i], RT) == 0);
		need(kill(getpid(), RT + 1) == 0);
	}
	for (i = 0; i < TAKERS; i++)
		need(comes_to(&taken[i], SENT));
	need(comes_to(&arrived, SENT));
	takers_stop = 1;
	for (i = 0; i < TAKERS; i++)
		need(!pthread_join(thread[i], NULL));
}

/* --- stopping ------------------------------------------------------------- */

static int count_until_ended(void)
{
	struct sigaction action = {.sa_handler = on_taken,
				   .sa_flags = SA_RESTART};

	taker_number = 0;
	taken[0] = 0;
	sigaction(RT, &action, NULL);
	kill(getppid(), RT);
	return !comes_to(&taken[0], SENT);
}

/* A process that is stopped and goes on loses nothing that was sent to it. */
static void signals_while_stopped(void)
{
	struct timespec limit = {60, 0};
	sigset_t set;
	int status;
	pid_t pid;
	int i;

	sigemptyset(&set);
	sigaddset(&set, RT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		_exit(count_until_ended());
	}
	need(sigtimedwait(&set, NULL, &limit) == RT);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	for (i = 0; i < SENT; i++) {
		if (i % 16 == 0) {
			need(kill(pid, SIGSTOP) == 0);
			need(waitpid(pid, &status, WUNTRACED) == pid);
			need(WIFSTOPPED(status));
		}
		send_queued(pid, i);
		if (i % 16 == 12) {
			need(kill(pid, SIGCONT) == 0);
			need(waitpid(pid, &status, WCONTINUED) == pid);
			need(WIFCONTINUED(status));
		}
	}
	need(exit_code(pid) == 0);
}

static void round_signals(void)
{
	switch (chance(4)) {
	case 0:
		signals_waited_for();
		break;
	case 1:
		signals_handled();
		break;
	case 2:
		signals_to_threads();
		break;
	default:
		signals_while_stopped();
	}
}
