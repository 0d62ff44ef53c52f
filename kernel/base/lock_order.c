/*
 * Lock ranks: debug builds keep a stack of held spinning locks per CPU.
 *
 * The rule: a lock may be taken only if its rank is above that of every
 * lock held on this CPU.  Interrupts push on the same stack: a handler's
 * locks must rank above those of what it interrupted, or have been taken
 * with interrupts off there - which is just the deadlock to be found.
 * Ranks from LOCK_FIRST_IRQ on are for locks that interrupts take: those are
 * taken with interrupts off, and no other is taken in an interrupt.
 * A run queue's lock is taken by one task and released by the next one on
 * the same CPU, which a stack per CPU allows.
 *
 * Locks: none; interrupts are off while the stack changes.
 * Entry points: lock_order_acquire, lock_order_acquired, lock_order_release,
 * lock_order_interrupt, assert_can_sleep, assert_can_call_cpus,
 * lock_order_depth, lock_order_dump.
 */
#include <kernel/base/lock_order.h>

#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/types/task.h>

#ifdef TINE_DEBUG

#define HELD_MAX 24

struct held {
	struct spinlock *lock;
	unsigned long ip;
};

struct held_locks {
	unsigned int n;
	int interrupts; /* that this CPU is in */
	struct held entry[HELD_MAX];
};

static DEFINE_PER_CPU(struct held_locks, held_locks);

/* The second rule; interrupts were on before our caller, or off. */
static void check_interrupts(const struct spinlock *lock, bool irqs_on,
			     int interrupts, unsigned long ip)
{
	if (lock->rank == LOCK_NONE)
		return;
	if (lock->rank >= LOCK_FIRST_IRQ && irqs_on)
		panic("lock of rank %u taken with interrupts on, at %pS",
		      lock->rank, (void *)ip);
	if (lock->rank < LOCK_FIRST_IRQ && interrupts)
		panic("lock of rank %u taken in an interrupt, at %pS",
		      lock->rank, (void *)ip);
}

/* lock_order_acquire - about to wait for @lock; @nested: same rank is fine. */
void lock_order_acquire(struct spinlock *lock, bool nested, unsigned long ip)
{
	const struct held_locks *held;
	const struct held *h;
	unsigned long flags;
	unsigned int i;

	if (panic_in_progress())
		return;
	local_irq_save(flags);
	held = this_cpu_ptr(&held_locks);
	check_interrupts(lock, !irqs_disabled_flags(flags), held->interrupts,
			 ip);
	for (i = 0; i < held->n; i++) {
		h = &held->entry[i];
		if (h->lock == lock)
			panic("lock of rank %u taken twice, at %pS and %pS",
			      lock->rank, (void *)h->ip, (void *)ip);
		if (lock->rank == LOCK_NONE || h->lock->rank == LOCK_NONE)
			continue;
		if (h->lock->rank > lock->rank ||
		    (h->lock->rank == lock->rank && !nested))
			panic("lock of rank %u, taken at %pS, under one of "
			      "rank %u, taken at %pS",
			      lock->rank, (void *)ip, h->lock->rank,
			      (void *)h->ip);
	}
	local_irq_restore(flags);
}

/* lock_order_acquired - @lock is ours now (also after a trylock). */
void lock_order_acquired(struct spinlock *lock, unsigned long ip)
{
	struct held_locks *held;
	unsigned long flags;

	local_irq_save(flags);
	held = this_cpu_ptr(&held_locks);
	if (held->n == HELD_MAX)
		panic("more than %d locks held", HELD_MAX);
	held->entry[held->n].lock = lock;
	held->entry[held->n].ip = ip;
	held->n++;
	local_irq_restore(flags);
}

/* lock_order_release - @lock is about to be free. */
void lock_order_release(struct spinlock *lock)
{
	struct held_locks *held;
	unsigned long flags;
	unsigned int i;

	local_irq_save(flags);
	held = this_cpu_ptr(&held_locks);
	for (i = held->n; i-- > 0;) {
		if (held->entry[i].lock != lock)
			continue;
		held->n--;
		for (; i < held->n; i++)
			held->entry[i] = held->entry[i + 1];
		local_irq_restore(flags);
		return;
	}
	local_irq_restore(flags);
	if (!panic_in_progress())
		panic("lock of rank %u released but not held", lock->rank);
}

/* lock_order_interrupt - an interrupt or softirq begins (1) or ends (-1). */
void lock_order_interrupt(int change)
{
	unsigned long flags;

	local_irq_save(flags);
	this_cpu_ptr(&held_locks)->interrupts += change;
	local_irq_restore(flags);
}

/* assert_can_sleep - nothing is held that may not be held asleep. */
void assert_can_sleep(void)
{
	const struct held_locks *held = this_cpu_ptr(&held_locks);
	void *caller = __builtin_return_address(0);

	if (panic_in_progress())
		return;
	if (held->n)
		panic("may sleep at %pS, under a lock of rank %u, taken at %pS",
		      caller, held->entry[0].lock->rank,
		      (void *)held->entry[0].ip);
	if (held->interrupts)
		panic("may sleep at %pS, in an interrupt", caller);
	if (current->pid && irqs_disabled())
		panic("may sleep at %pS, with interrupts off", caller);
}

/* assert_can_call_cpus - see lock_order.h. */
void assert_can_call_cpus(void)
{
	const struct held_locks *held = this_cpu_ptr(&held_locks);
	unsigned int i;

	if (panic_in_progress())
		return;
	for (i = 0; i < held->n; i++) {
		const struct spinlock *lock = held->entry[i].lock;

		if (lock->rank != LOCK_NONE && lock->rank != LOCK_PAGE_TABLE)
			panic("calls other CPUs under a lock of rank %u, taken "
			      "at %pS",
			      lock->rank, (void *)held->entry[i].ip);
	}
}

/* lock_order_in_interrupt - see lock_order.h. */
bool lock_order_in_interrupt(void)
{
	return this_cpu_ptr(&held_locks)->interrupts != 0;
}

/* lock_order_depth - spinning locks this CPU holds. */
unsigned int lock_order_depth(void)
{
	return this_cpu_ptr(&held_locks)->n;
}

/* lock_order_dump - print the locks this CPU holds (panic). */
void lock_order_dump(void)
{
	const struct held_locks *held = this_cpu_ptr(&held_locks);
	unsigned int i;

	for (i = 0; i < held->n; i++)
		printk(KERN_EMERG "held: rank %u, taken at %pS\n",
		       held->entry[i].lock->rank, (void *)held->entry[i].ip);
}

#endif
