/*
 * What the parts of futexes.c share: the words and counts in memory of all the
 * processes, the bare call, and a watch that nobody else is inside.
 */
#pragma once

#include "stress.h"
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/time.h>

#define WORKERS 6
#define TURNS	60

static volatile struct shared {
	uint32_t mutex; /* 0 free, 1 taken, 2 taken and waited for */
	uint32_t sequence;
	uint32_t pi;
	uint32_t pi_second;
	uint32_t ping;
	uint32_t pong;
	int inside;
	int started;
	long sum;
	long tokens; /* made by producers, taken by consumers */
	long made;
	long taken;
	int left; /* producers that go on */
	/* for the report */
	long waits, moved, timeouts, deaths, boosts;
} * shared;

static long futex(volatile uint32_t *where, int operation, long value,
		  const void *timeout, volatile uint32_t *other, long third)
{
	return syscall(SYS_futex, where, operation, value, timeout, other,
		       third);
}

static void add(volatile long *what, long number)
{
	__atomic_fetch_add(what, number, __ATOMIC_RELAXED);
}

static uint32_t swap_if(volatile uint32_t *where, uint32_t old, uint32_t value)
{
	__atomic_compare_exchange_n(where, &old, value, 0, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	return old;
}

/* When MICROSECONDS are over, by CLOCK. */
static struct timespec later(clockid_t clock, long microseconds)
{
	struct timespec when;

	clock_gettime(clock, &when);
	when.tv_nsec += microseconds * 1000;
	when.tv_sec += when.tv_nsec / 1000000000;
	when.tv_nsec %= 1000000000;
	return when;
}

/* Nobody else is between enter and leave. */
static void enter(void)
{
	need(__atomic_add_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST) == 1);
}

static void leave(void)
{
	need(__atomic_sub_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST) == 0);
}

static uint32_t tid(void)
{
	return syscall(SYS_gettid);
}
