/*
 * Lock ranks, checked in debug builds (-DTINE_DEBUG).
 *
 * Each CPU has a stack of the spinning locks it holds.  Taking a lock whose
 * rank is not above all held ones panics and names both places.
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

/* lock_order_depth - spinning locks this CPU holds. */
unsigned int lock_order_depth(void);

/* lock_order_dump - print the locks this CPU holds (panic). */
void lock_order_dump(void);

#else

static inline unsigned int lock_order_depth(void)
{
	return 0;
}
static inline void lock_order_dump(void)
{
}

#endif
