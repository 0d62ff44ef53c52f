/*
 * mutex.c - sleeping locks with one owner.
 *
 * The owner word is taken with one compare-and-exchange when the mutex is
 * free and nobody waits.  Otherwise waiters queue in order of arrival, and
 * unlock makes the first one the owner before waking it, so a woken waiter
 * never has to try again.
 *
 * Locks: wait_lock guards the list and every change of owner that is not
 * NULL -> task.  While waiters exist owner is never NULL.
 *
 * Entry points: mutex_lock and kin, mutex_unlock.
 */
#include <kernel/sched/mutex.h>

#include <abi/errno.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/sleep_order.h>
#include <kernel/sched/wait.h>

struct mutex_waiter {
	struct list_head link;
	struct task_struct *task;
};

/* mutex_init - unlocked. */
void mutex_init(struct mutex *lock, enum lock_rank rank)
{
	lock->owner = NULL;
	spin_lock_init(&lock->wait_lock, LOCK_MUTEX_WAIT);
	lock->rank = (u8)rank;
	INIT_LIST_HEAD(&lock->waiters);
}

static bool take_if_free(struct mutex *lock)
{
	struct task_struct *none = NULL;

	return try_cmpxchg(&lock->owner, &none, current);
}

/* Queue behind @lock; false if it could be taken after all. */
static bool enqueue_waiter(struct mutex *lock, struct mutex_waiter *waiter)
{
	bool queued = false;

	spin_lock(&lock->wait_lock);
	if (!take_if_free(lock)) {
		waiter->task = current;
		list_add_tail(&waiter->link, &lock->waiters);
		queued = true;
	}
	spin_unlock(&lock->wait_lock);
	return queued;
}

/* A signal ended the wait: leave the list, unless the lock came just now. */
static bool give_up(struct mutex *lock, struct mutex_waiter *waiter)
{
	bool gave_up;

	spin_lock(&lock->wait_lock);
	gave_up = lock->owner != current;
	if (gave_up)
		list_del(&waiter->link);
	spin_unlock(&lock->wait_lock);
	return gave_up;
}

static int lock_slow(struct mutex *lock, unsigned int state)
{
	struct mutex_waiter waiter;

	assert(lock->owner != current);
	if (!enqueue_waiter(lock, &waiter))
		return 0;
	for (;;) {
		set_current_state(state);
		if (READ_ONCE(lock->owner) == current)
			break;
		if (signal_pending_state(state, current) &&
		    give_up(lock, &waiter)) {
			__set_current_state(TASK_RUNNING);
			return -EINTR;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	/* Whoever handed it over is through with it when this is free. */
	spin_lock(&lock->wait_lock);
	spin_unlock(&lock->wait_lock);
	return 0;
}

static int lock_common(struct mutex *lock, unsigned int state, bool nested)
{
	int err;

	assert_can_sleep();
	sleep_order_acquire(lock, lock->rank, nested);
	if (likely(take_if_free(lock)))
		return 0;
	err = lock_slow(lock, state);
	if (err)
		sleep_order_release(lock);
	return err;
}

/* mutex_lock - sleeps until it is ours. */
void mutex_lock(struct mutex *lock)
{
	(void)lock_common(lock, TASK_UNINTERRUPTIBLE, false);
}

/* mutex_lock_nested - a second one of its rank. */
void mutex_lock_nested(struct mutex *lock, unsigned int subclass)
{
	(void)subclass;
	(void)lock_common(lock, TASK_UNINTERRUPTIBLE, true);
}

/* mutex_lock_interruptible - 0, or -EINTR. */
int mutex_lock_interruptible(struct mutex *lock)
{
	return lock_common(lock, TASK_INTERRUPTIBLE, false);
}

/* mutex_lock_killable - 0, or -EINTR when dying. */
int mutex_lock_killable(struct mutex *lock)
{
	return lock_common(lock, TASK_KILLABLE, false);
}

/* mutex_trylock - true if it is ours. */
bool mutex_trylock(struct mutex *lock)
{
	if (!take_if_free(lock))
		return false;
	sleep_order_acquire(lock, lock->rank, true);
	return true;
}

/* mutex_unlock - to the first waiter, or free. */
void mutex_unlock(struct mutex *lock)
{
	struct mutex_waiter *first;
	struct task_struct *next = NULL;

	assert(lock->owner == current);
	sleep_order_release(lock);
	spin_lock(&lock->wait_lock);
	first = list_first_entry_or_null(&lock->waiters, struct mutex_waiter,
					 link);
	if (first) {
		next = first->task;
		list_del(&first->link);
		/* From here @next may return: its waiter is gone. */
	}
	__atomic_store_n(&lock->owner, next, __ATOMIC_RELEASE);
	if (next)
		wake_up_state(next, TASK_NORMAL);
	spin_unlock(&lock->wait_lock);
}

/* assert_mutex_held - current owns it. */
void assert_mutex_held(const struct mutex *lock)
{
	assert(lock->owner == current);
}
