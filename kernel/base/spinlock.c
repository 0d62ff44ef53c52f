/*
 * Spinning locks: waiting, and the checked versions of debug builds.
 *
 * See spinlock.h.  A CPU takes a ticket and waits until it is served; only
 * the holder writes `owner`, so waiters read a shared line.
 * Entry points: spin_lock_wait; debug builds: spin_lock, spin_unlock,
 * spin_trylock, assert_held.
 */
#include <kernel/base/spinlock.h>

#include <kernel/arch/barrier.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/panic.h>

/* spin_lock_wait - slow path: wait until @ticket is served. */
void spin_lock_wait(struct spinlock *lock, u16 ticket)
{
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
}

#ifdef TINE_DEBUG

#define CALLER ((unsigned long)__builtin_return_address(0))

/* spin_lock - wait for @lock and take it. */
void spin_lock(struct spinlock *lock)
{
	lock_order_acquire(lock, false, CALLER);
	__spin_acquire(lock);
	lock->cpu = (s8)(smp_processor_id() + 1);
	lock_order_acquired(lock, CALLER);
}

/* spin_lock_nested - take a second lock of the same rank. */
void spin_lock_nested(struct spinlock *lock, int subclass)
{
	(void)subclass;
	lock_order_acquire(lock, true, CALLER);
	__spin_acquire(lock);
	lock->cpu = (s8)(smp_processor_id() + 1);
	lock_order_acquired(lock, CALLER);
}

/* spin_trylock - take @lock if it is free; true if taken. */
bool spin_trylock(struct spinlock *lock)
{
	u16 owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);

	if (!__atomic_compare_exchange_n(&lock->next, &owner, (u16)(owner + 1),
					 false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	lock->cpu = (s8)(smp_processor_id() + 1);
	lock_order_acquired(lock, CALLER);
	return true;
}

/* spin_unlock - give @lock, which we hold, to the next. */
void spin_unlock(struct spinlock *lock)
{
	assert_held(lock);
	lock_order_release(lock);
	lock->cpu = 0;
	__spin_release(lock);
}

/* assert_held - panic unless this CPU holds @lock. */
void assert_held(const struct spinlock *lock)
{
	if (panic_in_progress())
		return;
	if (lock->cpu != (s8)(smp_processor_id() + 1))
		panic("lock of rank %u is not held by this CPU (called by %pS)",
		      lock->rank, (void *)CALLER);
}

#endif
