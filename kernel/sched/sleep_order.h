/*
 * sleep_order.h - the order of sleeping locks, checked in debug builds.
 *
 * Each task remembers the sleeping locks it holds; taking one whose rank is
 * not above theirs panics.  In other builds only the number is kept, so that
 * the return to user mode can assert that it is zero.
 */
#pragma once

#include <kernel/arch/context.h>
#include <kernel/types/task.h>

#ifdef TINE_DEBUG

/* sleep_order_acquire - about to take @lock. */
void sleep_order_acquire(void *lock, int rank, bool nested);

/* sleep_order_tried - a trylock took @lock: whoever does not wait may take it
 * in any order. */
void sleep_order_tried(void *lock, int rank);

/* sleep_order_release - no longer held. */
void sleep_order_release(void *lock);

#else

static inline void sleep_order_acquire(void *lock, int rank, bool nested)
{
	(void)lock;
	(void)rank;
	(void)nested;
	current->nr_locks_held++;
}

static inline void sleep_order_tried(void *lock, int rank)
{
	sleep_order_acquire(lock, rank, true);
}

static inline void sleep_order_release(void *lock)
{
	(void)lock;
	current->nr_locks_held--;
}

#endif
