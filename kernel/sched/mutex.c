/*
 * mutex.c - sleeping locks with one owner.
 *
 * The owner word holds the task and two flags.  A mutex that nobody waits for
 * is taken and freed with one compare-and-exchange.  Who finds it taken looks
 * on while the owner runs (lock_spin.h), then queues in order of arrival.
 *
 * Unlock frees a mutex that is waited for and wakes the first waiter, which
 * tries again: meanwhile a task that runs may take it, so that a lock held
 * often and shortly costs no switch each time.  A first waiter that has waited
 * LOCK_STARVED_NS sets MUTEX_HANDOFF, and from then on only it may take the
 * mutex.
 *
 * Locks: wait_lock guards the list and the flags; with waiters the owner lets
 * go under it, so while it is held, owner changes at most from NULL to a task.
 * The object that holds a mutex may be freed by whoever unlocked it last.
 *
 * Entry points: mutex_lock and kin, mutex_unlock.
 */
#include <kernel/sched/mutex.h>

#include <abi/errno.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/lock_spin.h>
#include <kernel/sched/sleep_order.h>
#include <kernel/sched/wait.h>

struct mutex_waiter {
	struct list_head link;
	struct task_struct *task;
	u64 since_ns;
	bool woken; /* [wait_lock] it will look again: no need to wake it */
};

/* mutex_init - unlocked. */
void mutex_init(struct mutex *lock, enum lock_rank rank)
{
	lock->owner = 0;
	spin_lock_init(&lock->wait_lock, LOCK_MUTEX_WAIT);
	lock->rank = (u8)rank;
	INIT_LIST_HEAD(&lock->waiters);
}

static struct task_struct *owner_of(unsigned long word)
{
	return (struct task_struct *)(word & ~MUTEX_FLAGS);
}

/* Take it if it is free and, unless we are the @first waiter, if nobody
 * starves. */
static bool try_take(struct mutex *lock, bool first)
{
	unsigned long word = READ_ONCE(lock->owner);
	unsigned long mine;

	while (!owner_of(word) && (first || !(word & MUTEX_HANDOFF))) {
		mine = (word & MUTEX_WAITERS) | (unsigned long)current;
		if (try_cmpxchg(&lock->owner, &word, mine))
			return true;
	}
	return false;
}

/* Look on while the owner runs; true if we got it. */
static bool spin_for(struct mutex *lock, bool first)
{
	struct lock_spin spin;
	unsigned long word;

	if (!lock_spin_begin(&spin))
		return false;
	do {
		if (try_take(lock, first))
			return true;
		word = READ_ONCE(lock->owner);
	} while (lock_spin_goes_on(&spin, owner_of(word), LOCK_SPIN_NS));
	return false;
}

static bool is_first(struct mutex *lock, struct mutex_waiter *waiter)
{
	return lock->waiters.next == &waiter->link;
}

/* The first waiter shall look at the lock.  While it does, or is about to, it
 * needs no other call.  Under wait_lock, so that it cannot leave meanwhile. */
static void wake_first(struct mutex *lock)
{
	struct mutex_waiter *first;

	first = list_first_entry_or_null(&lock->waiters, struct mutex_waiter,
					 link);
	if (!first || first->woken)
		return;
	first->woken = true;
	wake_up_state(first->task, TASK_NORMAL);
}

static void leave_queue(struct mutex *lock, struct mutex_waiter *waiter)
{
	if (is_first(lock, waiter))
		__atomic_fetch_and(&lock->owner, ~MUTEX_HANDOFF,
				   __ATOMIC_RELAXED);
	list_del(&waiter->link);
	if (list_empty(&lock->waiters))
		__atomic_fetch_and(&lock->owner, ~MUTEX_FLAGS,
				   __ATOMIC_RELAXED);
}

/* In the queue: sleep until the lock may be free, then try to be quick.  True
 * if we own it now.  wait_lock is held at both ends. */
static bool sleep_once(struct mutex *lock, struct mutex_waiter *waiter,
		       unsigned int state)
{
	bool taken = false;

	if (is_first(lock, waiter) &&
	    ktime_get_ns() - waiter->since_ns > LOCK_STARVED_NS)
		__atomic_fetch_or(&lock->owner, MUTEX_HANDOFF,
				  __ATOMIC_RELAXED);
	waiter->woken = false;
	set_current_state(state);
	spin_unlock(&lock->wait_lock);
	schedule();
	__set_current_state(TASK_RUNNING);
	/* The list's head changes under wait_lock only, but who is the first
	 * stays the first. */
	if (READ_ONCE(lock->waiters.next) == &waiter->link)
		taken = spin_for(lock, true);
	spin_lock(&lock->wait_lock);
	return taken;
}

static int lock_slow(struct mutex *lock, unsigned int state)
{
	struct mutex_waiter waiter = {.task = current, .woken = true};
	int err = 0;

	assert(owner_of(READ_ONCE(lock->owner)) != current);
	if (spin_for(lock, false))
		return 0;
	waiter.since_ns = ktime_get_ns();
	spin_lock(&lock->wait_lock);
	list_add_tail(&waiter.link, &lock->waiters);
	__atomic_fetch_or(&lock->owner, MUTEX_WAITERS, __ATOMIC_RELAXED);
	while (!(is_first(lock, &waiter) && try_take(lock, true))) {
		if (signal_pending_state(state, current)) {
			err = -EINTR;
			break;
		}
		if (sleep_once(lock, &waiter, state))
			break;
	}
	leave_queue(lock, &waiter);
	/* Perhaps it was we who had been told that it is free. */
	if (err && !owner_of(READ_ONCE(lock->owner)))
		wake_first(lock);
	spin_unlock(&lock->wait_lock);
	return err;
}

static bool take_unwanted(struct mutex *lock)
{
	unsigned long none = 0;

	return try_cmpxchg(&lock->owner, &none, (unsigned long)current);
}

static int lock_common(struct mutex *lock, unsigned int state, bool nested)
{
	int err;

	assert_can_sleep();
	sleep_order_acquire(lock, lock->rank, nested);
	if (likely(take_unwanted(lock)))
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
	if (!try_take(lock, false))
		return false;
	sleep_order_tried(lock, lock->rank);
	return true;
}

/* Free it while somebody waits; false if nobody does.  What waits, or takes
 * the mutex meanwhile, passes through wait_lock before it is done with it. */
static bool free_and_wake(struct mutex *lock)
{
	bool wanted;

	spin_lock(&lock->wait_lock);
	wanted = !list_empty(&lock->waiters);
	if (wanted) {
		__atomic_fetch_and(&lock->owner, MUTEX_FLAGS, __ATOMIC_RELEASE);
		wake_first(lock);
	}
	spin_unlock(&lock->wait_lock);
	return wanted;
}

/* Somebody waits, so that mutex_unlock() alone saves no registers for this. */
static __noinline void mutex_unlock_slow(struct mutex *lock)
{
	unsigned long word;

	do {
		if (free_and_wake(lock))
			return;
		word = (unsigned long)current;
	} while (unlikely(!try_cmpxchg(&lock->owner, &word, 0)));
}

/* mutex_unlock - free; the first waiter is told. */
void mutex_unlock(struct mutex *lock)
{
	unsigned long word = (unsigned long)current;

	assert(owner_of(READ_ONCE(lock->owner)) == current);
	sleep_order_release(lock);
	if (unlikely(!try_cmpxchg(&lock->owner, &word, 0)))
		mutex_unlock_slow(lock);
}

/* assert_mutex_held - current owns it. */
void assert_mutex_held(const struct mutex *lock)
{
	assert(owner_of(READ_ONCE(lock->owner)) == current);
}
