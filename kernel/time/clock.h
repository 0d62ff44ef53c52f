/*
 * What time it is.
 *
 * The monotonic clock is the CPU's cycle counter, scaled; realtime is that
 * plus an offset, boottime is the same as monotonic here, because the
 * machine never sleeps.  Reading takes no lock; a change of the offset is
 * seen whole, through a sequence lock (LOCK_CLOCK).
 *
 * Entry points: ktime_get_ns, ktime_get_real_ns, ktime_get_boottime_ns,
 * ktime_get_real_seconds, clock_set_real_ns, clock_gettime_ns.
 */
#pragma once

#include <kernel/arch/vdso.h>
#include <kernel/types/time.h>

/* clock_init - start at zero; realtime from the machine's clock. */
void clock_init(void);

/* clock_start_wrap_timer - timer_subsystem_init calls it. */
void clock_start_wrap_timer(void);

/* ktime_get_ns - CLOCK_MONOTONIC, ns since boot; any context. */
u64 ktime_get_ns(void);

/* ktime_get_boottime_ns - CLOCK_BOOTTIME; any context. */
u64 ktime_get_boottime_ns(void);

/* ktime_get_real_ns - CLOCK_REALTIME, ns since 1970 UTC; any context. */
u64 ktime_get_real_ns(void);

/* ktime_get_real_seconds - seconds since 1970 UTC. */
s64 ktime_get_real_seconds(void);

/*
 * ktime_get_coarse_ns, ktime_get_coarse_real_ns - in steps of COARSE_STEP_NS,
 * as on a Linux that ticks 250 times a second: what is stamped with it (the
 * times of files) then changes that often at most.
 */
u64 ktime_get_coarse_ns(void);
u64 ktime_get_coarse_real_ns(void);

/* clock_real_offset_ns - realtime minus monotonic, now. */
s64 clock_real_offset_ns(void);

/* clock_mono_to_real_ns - the realtime of a monotonic time, by now's offset. */
u64 clock_mono_to_real_ns(u64 mono_ns);

/*
 * clock_set_real_ns - CLOCK_REALTIME is @ns from now on.
 *
 * Tells the listener (clock_set_listener), but not the RTC.
 * The caller has checked the right to do so and the range.
 */
void clock_set_real_ns(u64 ns);

/* clock_adjust_real_ns - add @delta_ns to CLOCK_REALTIME. */
void clock_adjust_real_ns(s64 delta_ns);

/*
 * clock_set_listener - @fn runs after each jump of the realtime clock, in
 * the context of who set it: timers on CLOCK_REALTIME are started again.
 */
void clock_set_listener(void (*fn)(void));

/* clock_tai_offset - seconds that CLOCK_TAI is ahead; adjtimex sets it. */
int clock_tai_offset(void);
void clock_set_tai_offset(int seconds);

/* clock_set_frequency - run @scaled_ppm (ppm * 65536) faster: adjtimex. */
void clock_set_frequency(long scaled_ppm);

/* cycles_to_ns - a length in cycles of the clock source, in ns. */
u64 cycles_to_ns(u64 cycles);

/* clock_resolution_ns - what clock_getres(2) tells for the exact clocks. */
#define CLOCK_RESOLUTION_NS 1
