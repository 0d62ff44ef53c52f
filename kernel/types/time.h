/*
 * time.h - kernel timers' struct.  Times are u64 nanoseconds of
 * CLOCK_MONOTONIC.  Functions: <kernel/time/timer.h>.
 */
#pragma once

#include <abi/types.h>
#include <kernel/lib/rbtree.h>

#define NSEC_PER_SEC   1000000000ULL
#define NSEC_PER_MSEC  1000000ULL
#define NSEC_PER_USEC  1000ULL
#define USEC_PER_SEC   1000000ULL
#define MAX_TIMEOUT_NS ((u64)INT64_MAX)

/* USER_HZ: what times(2), /proc/stat and /proc/PID/stat count in. */
#define USER_HZ 100

/* Locks:  Q the timer queue of the timer's CPU */
struct timer {
	struct rb_node node;				 /* [Q] */
	u64 expires_ns;					 /* [Q] */
	void (*func)(struct timer *timer, void *cookie); /* in hard irq */
	void *cookie;
	int cpu;     /* [Q] whose queue it is in */
	bool queued; /* [Q] */
};
