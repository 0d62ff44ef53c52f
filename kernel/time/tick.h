/*
 * The scheduler's tick: a timer that runs while a CPU has work.
 *
 * The scheduler gives a function (tick_set_handler); the tick calls it HZ
 * times a second in hard irq.  An idle CPU stops its tick, so nothing wakes
 * it but interrupts and timers.
 */
#pragma once

#include <kernel/types/time.h>

#define HZ	  250
#define TICK_NSEC (NSEC_PER_SEC / HZ)

/* tick_set_handler - @fn is called for each tick, on its CPU, irqs off. */
void tick_set_handler(void (*fn)(void));

/* tick_start - this CPU has work: tick; no effect if it ticks already. */
void tick_start(void);

/* tick_stop - this CPU idles, or runs one task that needs no slices. */
void tick_stop(void);

/* tick_is_running - does this CPU tick? */
bool tick_is_running(void);

/* tick_count - ticks on all CPUs since boot. */
u64 tick_count(void);
