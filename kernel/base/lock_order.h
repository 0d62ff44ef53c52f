/*
 * Lock ranks, checked in debug builds (-DTINE_DEBUG).
 *
 * Each CPU has a stack of the spinning locks it holds.  Taking a lock whose
 * rank is not above all held ones panics and names both places; so does taking
 * one of a rank that interrupts take with interrupts on, and any other in an
 * interrupt.  assert_can_sleep() is for functions that may sleep.
 */
#pragma once

#include <kernel/types/lock.h>

#ifdef TINE_DEBUG

/* lock_order_acquire - about to wait for @lock; @nested: same rank is fine. */
void lock_order_acquire(struct spinlock *lock, bool nested, unsigned long ip);

/* lock_order_acquired - @lock is ours now (also after a trylock). */
void lock_order_acquired(struct spinlock *lock, unsigned long ip);

/* lock_order_release - @lock is about to be free. */
void lock_order_release(struct spinlock *lock);

/* lock_order_interrupt - an interrupt or softirq begins (1) or ends (-1). */
void lock_order_interrupt(int change);

/* assert_can_sleep - panic in an interrupt, or if a spinning lock is held or
 * interrupts are off (but for the boot task). */
void assert_can_sleep(void);

/*
 * assert_can_call_cpus - panic under a lock that another CPU may wait for with
 * interrupts off: it would never answer.  Page-table locks are waited for with
 * interrupts on.
 */
void assert_can_call_cpus(void);

/* lock_order_in_interrupt - is this CPU in an interrupt or a softirq? */
bool lock_order_in_interrupt(void);

/* lock_order_depth - spinning locks this CPU holds. */
unsigned int lock_order_depth(void);

/* lock_order_dump - print the locks this CPU holds (panic). */
void lock_order_dump(void);

#else

static inline void lock_order_interrupt(int change)
{
	(void)change;
}
static inline void assert_can_sleep(void)
{
}
static inline void assert_can_call_cpus(void)
{
}
static inline unsigned int lock_order_depth(void)
{
	return 0;
}
static inline void lock_order_dump(void)
{
}

#endif
