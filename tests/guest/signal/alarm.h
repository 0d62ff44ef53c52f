/*
 * An alarm whose handler counts, to interrupt a call.
 *
 * Entry points: install, alarm_in.
 */
#pragma once

#include "tap.h"
#include <sys/time.h>

static volatile int calls;

static inline void notes(int sig)
{
	(void)sig;
	calls++;
}

/* install - SIGALRM's handler, with the flags of sigaction. */
static inline void install(int flags)
{
	struct sigaction action = {.sa_handler = notes, .sa_flags = flags};

	sigaction(SIGALRM, &action, NULL);
}

/* alarm_in - one SIGALRM MS from now; none was counted yet. */
static inline void alarm_in(int ms)
{
	struct itimerval timer = {{0, 0}, {0, ms * 1000}};

	calls = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
}
