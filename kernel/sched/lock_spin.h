/*
 * lock_spin.h - how long a sleeping lock is waited for awake.
 *
 * Locks are held for moments.  While the owner runs on another CPU it will let
 * go sooner than a switch to another task and back would take, so who wants
 * the lock looks at it for a while.  Not if the owner sleeps, if somebody else
 * wants this CPU, or if there is only one.
 *
 * Entry points: lock_spin_begin, lock_spin_goes_on.
 */
#pragma once

#include <kernel/arch/barrier.h>
#include <kernel/arch/percpu.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/core.h>
#include <kernel/time/clock.h>
#include <kernel/types/task.h>

#define LOCK_SPIN_NS	    200000ULL  /* for an owner that runs */
#define LOCK_SPIN_READER_NS 20000ULL   /* for readers: nobody knows which */
#define LOCK_STARVED_NS	    4000000ULL /* then nobody may come before us */
#define LOCK_SPIN_BURST	    32	       /* looks between two at the clock */

struct lock_spin {
	u64 began_ns; /* 0: the clock has not been read yet */
	unsigned int looks;
};

/* lock_spin_begin - is it of any use to look again without sleeping? */
static inline bool lock_spin_begin(struct lock_spin *spin)
{
	*spin = (struct lock_spin){0};
	return READ_ONCE(cpu_online_bits) != 1 && !need_resched();
}

/*
 * lock_spin_goes_on - once around the loop: shall we look again?
 *
 * @owner, or NULL if it is not known, may be gone already: then what is read
 * of it is wrong but harmless, as the caller looks at the lock again before it
 * relies on it.  At most @limit_ns from the first time.
 */
static inline bool lock_spin_goes_on(struct lock_spin *spin,
				     const struct task_struct *owner,
				     u64 limit_ns)
{
	u64 now;

	if ((owner && !READ_ONCE(owner->on_cpu)) || need_resched())
		return false;
	cpu_relax();
	if (spin->looks++ % LOCK_SPIN_BURST)
		return true;
	now = ktime_get_ns();
	if (!spin->began_ns)
		spin->began_ns = now;
	return now - spin->began_ns < limit_ns;
}
