/*
 * Spinning locks.  A free lock is taken by whoever comes first, also while
 * others wait: on a virtual machine the one whose turn it were may not be
 * running, and with tickets all would wait for it.  A CPU that has waited for
 * long is counted in the lock's state as starving, and the others then stand
 * back for a moment before they take it: none waits for ever (spinlock.c).
 *
 * A lock that an interrupt handler also takes must be taken with interrupts
 * off (_irq, _irqsave).  The kernel itself is not preempted, so nothing else
 * is needed.  Ranks (enum lock_rank) give the order; debug builds check it.
 *
 * Entry points: spin_lock, spin_unlock, spin_trylock and their _irq and
 * _irqsave forms; seqlock's write_seqlock, read_seqbegin, read_seqretry.
 */
#pragma once

#include <kernel/arch/irqflags.h>
#include <kernel/base/lock_order.h>
#include <kernel/lib/macros.h>
#include <kernel/types/lock.h>

#define __SPIN_LOCK_INIT(r)                                                    \
	{                                                                      \
		.state = 0, .rank = (r), .cpu = 0                              \
	}
#define DEFINE_SPINLOCK(name, r) struct spinlock name = __SPIN_LOCK_INIT(r)

/* spin_lock_init - a free lock of rank @rank. */
static inline void spin_lock_init(struct spinlock *lock, enum lock_rank rank)
{
	lock->state = 0;
	lock->rank = (u8)rank;
	lock->cpu = 0;
}

/* What spinlock.state is made of. */
#define SPIN_HELD     0x01
#define SPIN_STARVING 0x100

/* spin_lock_wait - slow path: wait until the lock can be had, and take it. */
void spin_lock_wait(struct spinlock *lock);

/* spin_is_locked - does anybody hold @lock? */
static inline bool spin_is_locked(const struct spinlock *lock)
{
	return READ_ONCE(lock->state) & SPIN_HELD;
}

/* @lock, if it is free and nobody starves for it; true if taken. */
static __always_inline bool __spin_try(struct spinlock *lock)
{
	u16 unused = 0;

	return __atomic_compare_exchange_n(&lock->state, &unused, SPIN_HELD,
					   false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static __always_inline void __spin_acquire(struct spinlock *lock)
{
	if (unlikely(!__spin_try(lock)))
		spin_lock_wait(lock);
}

static __always_inline void __spin_release(struct spinlock *lock)
{
	/* Only the holder writes the low byte: no locked instruction. */
	__atomic_store_n((u8 *)&lock->state, 0, __ATOMIC_RELEASE);
}

#ifdef TINE_DEBUG

/* Out of line, with the checks of lock_order.c. */
void spin_lock(struct spinlock *lock);
void spin_lock_nested(struct spinlock *lock, int subclass);
bool spin_trylock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);

/* assert_held - panic unless this CPU holds @lock. */
void assert_held(const struct spinlock *lock);

#else

/* spin_lock - wait for @lock and take it. */
static __always_inline void spin_lock(struct spinlock *lock)
{
	__spin_acquire(lock);
}

/* spin_lock_nested - take a second lock of the same rank; the caller knows
 * the order within the rank. */
static __always_inline void spin_lock_nested(struct spinlock *lock,
					     int subclass)
{
	(void)subclass;
	__spin_acquire(lock);
}

/* spin_trylock - take @lock if it is free; true if taken. */
static inline bool spin_trylock(struct spinlock *lock)
{
	return __spin_try(lock);
}

/* spin_unlock - let go of @lock, which we hold. */
static __always_inline void spin_unlock(struct spinlock *lock)
{
	__spin_release(lock);
}

/* assert_held - panic unless @lock is held (debug builds: by this CPU). */
static inline void assert_held(const struct spinlock *lock)
{
	(void)lock;
}

#endif

/* spin_lock_irq, spin_unlock_irq - for callers that run with interrupts on. */
static __always_inline void spin_lock_irq(struct spinlock *lock)
{
	local_irq_disable();
	spin_lock(lock);
}

static __always_inline void spin_unlock_irq(struct spinlock *lock)
{
	spin_unlock(lock);
	local_irq_enable();
}

/* spin_lock_irqsave - for callers that may have interrupts off already. */
#define spin_lock_irqsave(lock, flags)                                         \
	do {                                                                   \
		local_irq_save(flags);                                         \
		spin_lock(lock);                                               \
	} while (0)

#define spin_unlock_irqrestore(lock, flags)                                    \
	do {                                                                   \
		spin_unlock(lock);                                             \
		local_irq_restore(flags);                                      \
	} while (0)

#define spin_trylock_irqsave(lock, flags)                                      \
	({                                                                     \
		bool __taken;                                                  \
		local_irq_save(flags);                                         \
		__taken = spin_trylock(lock);                                  \
		if (!__taken)                                                  \
			local_irq_restore(flags);                              \
		__taken;                                                       \
	})

/* seqlock_init - no writer inside. */
static inline void seqlock_init(struct seqlock *sl, enum lock_rank rank)
{
	sl->sequence = 0;
	spin_lock_init(&sl->lock, rank);
}

#define DEFINE_SEQLOCK(name, r)                                                \
	struct seqlock name = {.sequence = 0, .lock = __SPIN_LOCK_INIT(r)}

/* read_seqbegin - start reading; waits while a writer is inside. */
static inline u32 read_seqbegin(const struct seqlock *sl)
{
	u32 seq;

	while ((seq = __atomic_load_n(&sl->sequence, __ATOMIC_ACQUIRE)) & 1)
		__builtin_ia32_pause();
	return seq;
}

/* read_seqretry - was there a writer since read_seqbegin gave @seq? */
static inline bool read_seqretry(const struct seqlock *sl, u32 seq)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return unlikely(__atomic_load_n(&sl->sequence, __ATOMIC_RELAXED) !=
			seq);
}

static inline void __seq_enter(struct seqlock *sl)
{
	__atomic_store_n(&sl->sequence, sl->sequence + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void __seq_leave(struct seqlock *sl)
{
	__atomic_store_n(&sl->sequence, sl->sequence + 1, __ATOMIC_RELEASE);
}

/* write_seqlock_irqsave - become the one writer; interrupts are off. */
#define write_seqlock_irqsave(sl, flags)                                       \
	do {                                                                   \
		spin_lock_irqsave(&(sl)->lock, flags);                         \
		__seq_enter(sl);                                               \
	} while (0)

#define write_sequnlock_irqrestore(sl, flags)                                  \
	do {                                                                   \
		__seq_leave(sl);                                               \
		spin_unlock_irqrestore(&(sl)->lock, flags);                    \
	} while (0)

/* write_seqlock, write_sequnlock - where no interrupt reads under it. */
static inline void write_seqlock(struct seqlock *sl)
{
	spin_lock(&sl->lock);
	__seq_enter(sl);
}

static inline void write_sequnlock(struct seqlock *sl)
{
	__seq_leave(sl);
	spin_unlock(&sl->lock);
}
