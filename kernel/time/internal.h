/*
 * internal.h - the clock's state, for those who change it (clock.c, ntp.c).
 */
#pragma once

#include <kernel/types/time.h>

/* A rate is in ns a second, with so many bits behind the point. */
#define RATE_SHIFT 32

/*
 * clock_write_lock - keep all others from the clock; interrupts are off.
 * Returns what clock_write_unlock wants, which also shows programs the change.
 */
unsigned long clock_write_lock(void);
void clock_write_unlock(unsigned long flags);

/* The rest under that lock. */

/* clock_now_locked - the time on @clock, ns. */
u64 clock_now_locked(enum timer_clock clock);

/* clock_step_locked - CLOCK_REALTIME jumps by @delta_ns. */
void clock_step_locked(s64 delta_ns);

/* clock_tai_locked, clock_set_tai_locked - seconds TAI is ahead of UTC. */
int clock_tai_locked(void);
void clock_set_tai_locked(int seconds);

/* clock_set_rate_locked - run faster by @rate ns a second << RATE_SHIFT from
 * now on; at most an eighth. */
void clock_set_rate_locked(s64 rate);

/* clock_was_set_delayed - clock_was_set() for interrupts: soon, by a task. */
void clock_was_set_delayed(void);

/* ntp_init - the timer that ntp.c may need; boot. */
void ntp_init(void);

/* ntp_clear_locked - the clock was set: nothing of the old adjustment holds. */
void ntp_clear_locked(void);
