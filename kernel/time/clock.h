/*
 * What time it is.
 *
 * The monotonic clock is the CPU's cycle counter, scaled; realtime is that
 * plus an offset, boottime is the same as monotonic here, because the
 * machine never sleeps.  adjtimex(2) may change the scale (ntp.h); the raw
 * clock does not follow that.  Reading takes no lock; a change is seen whole,
 * through a sequence lock (LOCK_CLOCK).
 *
 * Entry points: ktime_get_ns, ktime_get_real_ns, ktime_get_boottime_ns,
 * ktime_get_raw_ns, ktime_get_clock_ns, ktime_get_real_seconds,
 * clock_set_real_ns.
 */
#pragma once

#include <kernel/arch/vdso.h>
#include <kernel/types/time.h>

/* clock_init - start at zero; realtime from the machine's clock. */
void clock_init(void);

/* clock_start_timers - what of the clocks needs timers: the wrap of a narrow
 * counter, adjtimex(2).  timer_subsystem_init calls it. */
void clock_start_timers(void);

/* ktime_get_ns - CLOCK_MONOTONIC, ns since boot; any context. */
u64 ktime_get_ns(void);

/* ktime_get_boottime_ns - CLOCK_BOOTTIME; any context. */
u64 ktime_get_boottime_ns(void);

/* ktime_get_raw_ns - CLOCK_MONOTONIC_RAW; any context. */
u64 ktime_get_raw_ns(void);

/* ktime_get_real_ns - CLOCK_REALTIME, ns since 1970 UTC; any context. */
u64 ktime_get_real_ns(void);

/* ktime_get_clock_ns - the time on @clock; any context. */
u64 ktime_get_clock_ns(enum timer_clock clock);

/* ktime_get_real_seconds - seconds since 1970 UTC. */
s64 ktime_get_real_seconds(void);

/*
 * ktime_get_coarse_ns, ktime_get_coarse_real_ns - in steps of COARSE_STEP_NS,
 * as on a Linux that ticks 250 times a second: what is stamped with it (the
 * times of files) then changes that often at most.
 */
u64 ktime_get_coarse_ns(void);
u64 ktime_get_coarse_real_ns(void);

/* clock_offset_ns - @clock minus monotonic, now; any context. */
u64 clock_offset_ns(enum timer_clock clock);

/*
 * clock_event_delta_ns - for how long to set the CPU's timer, which knows
 * nothing of adjtimex(2), for an event @delta_ns of monotonic time ahead.  May
 * be too short, but hardly too long.  Any context.
 */
u64 clock_event_delta_ns(u64 delta_ns);

/*
 * clock_set_real_ns - CLOCK_REALTIME is @ns from now on.
 *
 * Timers on it follow; then the listener is told (clock_set_listener), but not
 * the RTC.  adjtimex's state is reset, settimeofday(2).  The caller has
 * checked the right to do so.  0, or -EINVAL: the machine would have been
 * started before 1970.  Interrupts on, no lock held.
 */
int clock_set_real_ns(u64 ns);

/*
 * clock_set_listener - @fn runs after each jump of the realtime clock, in task
 * context; no lock is held.  Once, at boot.
 */
void clock_set_listener(void (*fn)(void));

/*
 * clock_was_set - the realtime clock has jumped, or runs at another speed:
 * timers look again, the listener is told.  Interrupts on, no lock held.
 */
void clock_was_set(void);

/*
 * clock_set_defer - @fn, called in hard irq when the clock jumps there (a leap
 * second), will see that a task calls clock_was_set().  Once, at boot.
 */
void clock_set_defer(void (*fn)(void));

/* cycles_to_ns - a length in cycles of the clock source, in ns. */
u64 cycles_to_ns(u64 cycles);

/* clock_resolution_ns - what clock_getres(2) tells for the exact clocks. */
#define CLOCK_RESOLUTION_NS 1
