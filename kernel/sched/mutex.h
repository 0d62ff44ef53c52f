/*
 * mutex.h - a sleeping lock with one owner.
 *
 * Who finds it taken looks for a moment, while the owner runs on another CPU,
 * then queues and sleeps.  A task that runs may take a free mutex before those
 * that wait, but not before one that has waited for long, so nobody starves.
 * Only the owner unlocks.  Never in interrupt context.
 */
#pragma once

#include <kernel/lib/macros.h>
#include <kernel/types/lock.h>

/* mutex.owner: flags below the pointer, changed under wait_lock. */
#define MUTEX_WAITERS 1UL /* the list is not empty */
#define MUTEX_HANDOFF 2UL /* only the first waiter may take it */
#define MUTEX_FLAGS   (MUTEX_WAITERS | MUTEX_HANDOFF)

#define MUTEX_INIT(name, lock_rank)                                            \
	{                                                                      \
		.wait_lock = {.rank = LOCK_MUTEX_WAIT}, .rank = (lock_rank),   \
		.waiters = LIST_HEAD_INIT((name).waiters)                      \
	}
#define DEFINE_MUTEX(name, lock_rank)                                          \
	struct mutex name = MUTEX_INIT(name, lock_rank)

/* mutex_init - an unlocked mutex of rank @rank. */
void mutex_init(struct mutex *lock, enum lock_rank rank);

/* mutex_lock - sleeps until it is ours. */
void mutex_lock(struct mutex *lock);

/* mutex_lock_nested - a second one of the same rank; the caller orders. */
void mutex_lock_nested(struct mutex *lock, unsigned int subclass);

/* mutex_lock_interruptible - 0, or -EINTR for a signal (not locked then). */
int __must_check mutex_lock_interruptible(struct mutex *lock);

/* mutex_lock_killable - 0, or -EINTR when the task is dying. */
int __must_check mutex_lock_killable(struct mutex *lock);

/* mutex_trylock - true if it is ours now; never sleeps. */
bool mutex_trylock(struct mutex *lock);

/* mutex_unlock - free it, and wake the first waiter. */
void mutex_unlock(struct mutex *lock);

static inline bool mutex_is_locked(const struct mutex *lock)
{
	return (READ_ONCE(lock->owner) & ~MUTEX_FLAGS) != 0;
}

/* assert_mutex_held - current owns it. */
void assert_mutex_held(const struct mutex *lock);
