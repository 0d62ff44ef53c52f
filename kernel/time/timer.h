/*
 * Timers: call a function at a time, to the nanosecond.
 *
 * Each CPU has a tree of its timers by expiry for each clock, and programs its
 * one-shot event source for the first one.  A timer on CLOCK_REALTIME or
 * CLOCK_TAI follows its clock when that is set, at once and in both directions.
 * A timer runs on the CPU that started it, in hard irq with interrupts off; it
 * may start itself again. Locks: the queue's (LOCK_TIMER).
 *
 * Entry points: timer_init, timer_start, timer_start_clock,
 * timer_start_range, timer_cancel, timer_pending, timer_interrupt,
 * timers_clock_was_set.
 */
#pragma once

#include <kernel/types/time.h>

/* timer_subsystem_init - queues for all CPUs; once, before any timer. */
void timer_subsystem_init(void);

/* timer_init - @func(timer, @cookie) will be called; not yet started. */
void timer_init(struct timer *timer,
		void (*func)(struct timer *timer, void *cookie), void *cookie);

/*
 * timer_start - expire at @expires_ns of the monotonic clock, on this CPU.
 *
 * A pending timer is moved.  A time in the past expires at once (in the
 * next interrupt).  Any context.
 */
void timer_start(struct timer *timer, u64 expires_ns);

/* timer_start_clock - the same at @expires_ns of @clock. */
void timer_start_clock(struct timer *timer, enum timer_clock clock,
		       u64 expires_ns);

/*
 * timer_start_range - the same at @soft_ns or up to @slack_ns later: as late as
 * that, unless an event of another timer on this CPU comes between.
 */
void timer_start_range(struct timer *timer, enum timer_clock clock, u64 soft_ns,
		       u64 slack_ns);

/* timer_start_after - timer_start, @delay_ns from now. */
void timer_start_after(struct timer *timer, u64 delay_ns);

/*
 * timer_cancel - it will not run: true if it was pending.
 *
 * Waits for a callback that runs on another CPU, so the caller must hold no
 * lock that the callback takes.  Called from its own callback it does not
 * wait.
 */
bool timer_cancel(struct timer *timer);

/* timer_try_cancel - as timer_cancel, but 1 pending, 0 idle, -1 running. */
int timer_try_cancel(struct timer *timer);

/* timer_pending - is it in a queue? */
static inline bool timer_pending(const struct timer *timer)
{
	return *(const volatile bool *)&timer->queued;
}

/* timer_remaining_ns - time until it expires; 0 if it is not pending. */
u64 timer_remaining_ns(const struct timer *timer);

/* timer_interrupt - arch: the event programmed for this CPU has come. */
void timer_interrupt(void);

/* timer_reprogram - arm this CPU's event for its first timer (CPU start). */
void timer_reprogram(void);

/*
 * timers_clock_was_set - a clock was set or runs at another speed: every CPU
 * looks at its timers again before this returns.  Interrupts on, no lock held.
 */
void timers_clock_was_set(void);
