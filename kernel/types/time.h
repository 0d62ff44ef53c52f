/*
 * time.h - kernel timers' struct.  Times are u64 nanoseconds, of
 * CLOCK_MONOTONIC where nothing else is said.  Functions:
 * <kernel/time/timer.h>.
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

/* The clocks that timers count by.  Boot time is monotonic time here. */
enum timer_clock {
	TIMER_MONO,
	TIMER_REAL,
	TIMER_TAI,
	NR_TIMER_CLOCKS,
};

/* Locks:  Q the timer queue of the timer's CPU */
struct timer {
	struct rb_node node; /* [Q] */
	u64 expires_ns;	     /* [Q] on @clock */
	u64 slack_ns; /* [Q] so much earlier will do, if that costs nothing */
	void (*func)(struct timer *timer, void *cookie); /* in hard irq */
	void *cookie;
	int cpu;     /* [Q] whose queue it is in */
	bool queued; /* [Q] */
	u8 clock;    /* [Q] enum timer_clock */
};

/* Kinds of CPU time, in the order of the numbers in a clock's id. */
enum cpu_time { CPU_TIME_PROF, CPU_TIME_VIRT, CPU_TIME_SCHED, NR_CPU_TIMES };

/*
 * Timers on the CPU time of a thread or process (kernel/process/cpu_timer.h).
 * All zero: none.  Locks:  C cpu_timers_lock
 */
struct cpu_timer_queue {
	struct rb_root_cached tree[NR_CPU_TIMES]; /* [C] by expiry */
	unsigned int nr; /* [C, ticks look without] in all trees */
	bool dead;	 /* [C] the task is gone, nothing can be added */
};
