/*
 * The CPU's clock and its timer.
 *
 * The clock counts up steadily from an unknown start; kernel/time makes
 * nanoseconds of it: ns = cycles * mult >> shift (128-bit product for long
 * spans).  The timer is one per CPU, one-shot: it calls timer_interrupt() of
 * kernel/time in hard interrupt context.
 *
 * Entry points: arch_clock, arch_clock_read, arch_timer_set, arch_timer_stop,
 * arch_read_rtc, arch_write_rtc, udelay.
 */
#pragma once

#include <abi/types.h>

struct arch_clock {
	const char *name; /* "tsc", "hpet": as in Linux's clocksource */
	u64 (*read)(void);
	u32 mult;
	u32 shift;
	u64 freq_hz;
	u64 mask; /* bits that count */
};

/* [I] chosen by setup_arch_late; freq_hz is 0 before. */
extern struct arch_clock arch_clock;

static inline u64 arch_clock_read(void)
{
	return arch_clock.read();
}

/*
 * arch_timer_set - interrupt this CPU @delta_ns from now (0: at once); a new
 * setting replaces the old.  May come early for a far date, never late by
 * more than the hardware's.  Interrupts off.
 */
void arch_timer_set(u64 delta_ns);

/* arch_timer_stop - no interrupt until the next setting. */
void arch_timer_stop(void);

/* arch_read_rtc - seconds since 1970 by the battery clock (UTC); 0: none. */
s64 arch_read_rtc(void);

/* arch_write_rtc - set the battery clock.  0 or -ENODEV. */
int arch_write_rtc(s64 seconds);

/* udelay - spin; works from setup_arch_early on (roughly until calibrated). */
void udelay(unsigned long us);
