/*
 * Spinning locks: waiting, and the checked versions of debug builds.
 *
 * See spinlock.h.  A waiter only reads the state until the lock seems free.
 * After PATIENCE looks it starves, and says so in the state; who comes then
 * looks STAND_BACK times before it takes the lock - time enough for one that
 * runs, and no more than that for one that does not.  If that did not help,
 * the holder is not running: the waiter halts for a moment, if interrupts can
 * wake it, and leaves the host's CPU to others.
 * Entry points: spin_lock_wait; debug builds: spin_lock, spin_unlock,
 * spin_trylock, assert_held.
 */
#include <kernel/base/spinlock.h>

#include <kernel/arch/atomic.h>
#include <kernel/arch/barrier.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/smp.h>
#include <kernel/base/panic.h>

#define PATIENCE   1024
#define STAND_BACK 64

static bool starving(u16 state)
{
	return state >= SPIN_STARVING;
}

/* spin_lock_wait - slow path: wait until the lock can be had, and take it. */
void spin_lock_wait(struct spinlock *lock)
{
	unsigned int looks = 0;
	u16 mine = 0;
	u16 state;

	for (;;) {
		state = __atomic_load_n(&lock->state, __ATOMIC_RELAXED);
		if (!(state & SPIN_HELD) &&
		    (mine || !starving(state) || looks >= STAND_BACK) &&
		    try_cmpxchg(&lock->state, &state,
				(u16)((state | SPIN_HELD) - mine)))
			return;
		cpu_relax();
		looks++;
		if (looks == PATIENCE) {
			mine = SPIN_STARVING;
			(void)__atomic_fetch_add(&lock->state, mine,
						 __ATOMIC_RELAXED);
		} else if (looks >= PATIENCE + 2 * STAND_BACK &&
			   !irqs_disabled()) {
			(void)__atomic_fetch_sub(&lock->state, mine,
						 __ATOMIC_RELAXED);
			mine = 0;
			cpu_nap();
			looks = PATIENCE - 1;
		}
	}
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
	if (!__spin_try(lock))
		return false;
	lock->cpu = (s8)(smp_processor_id() + 1);
	lock_order_acquired(lock, CALLER);
	return true;
}

/* spin_unlock - let go of @lock, which we hold. */
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
