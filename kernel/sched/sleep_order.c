/*
 * sleep_order.c - ranks of sleeping locks; see sleep_order.h.
 *
 * current->held_locks has a word per lock held: its address in the low 48 bits
 * and its rank in the 16 above, which a kernel pointer can spare.
 *
 * Entry points: sleep_order_acquire, sleep_order_tried, sleep_order_release.
 */
#include <kernel/sched/sleep_order.h>

#ifdef TINE_DEBUG

#include <kernel/base/assert.h>
#include <kernel/base/panic.h>
#include <kernel/lib/macros.h>

#define RANK_SHIFT 48

static unsigned long pack(void *lock, int rank)
{
	return ((unsigned long)lock & ((1UL << RANK_SHIFT) - 1)) |
	       (unsigned long)rank << RANK_SHIFT;
}

/* sleep_order_acquire - panic if @rank is not above what current holds. */
void sleep_order_acquire(void *lock, int rank, bool nested)
{
	struct task_struct *p = current;
	int i;

	for (i = 0; i < p->nr_locks_held && rank != LOCK_NONE; i++) {
		int held = (int)((unsigned long)p->held_locks[i] >> RANK_SHIFT);

		if (held > rank)
			panic("lock order: %s[%d] takes rank %d, holds %d",
			      p->comm, p->pid, rank, held);
		if (held == rank && held != LOCK_NONE && !nested)
			panic("lock order: %s[%d] takes rank %d twice", p->comm,
			      p->pid, rank);
	}
	sleep_order_tried(lock, rank);
}

/* sleep_order_tried - see sleep_order.h. */
void sleep_order_tried(void *lock, int rank)
{
	struct task_struct *p = current;

	assert(p->nr_locks_held < (int)ARRAY_SIZE(p->held_locks));
	p->held_locks[p->nr_locks_held++] = (void *)pack(lock, rank);
}

/* sleep_order_release - forget the last taken with this address. */
void sleep_order_release(void *lock)
{
	struct task_struct *p = current;
	unsigned long want = pack(lock, 0);
	int i;

	for (i = p->nr_locks_held - 1; i >= 0; i--) {
		unsigned long have = (unsigned long)p->held_locks[i];

		if ((have & ((1UL << RANK_SHIFT) - 1)) == want)
			break;
	}
	assert(i >= 0);
	for (p->nr_locks_held--; i < p->nr_locks_held; i++)
		p->held_locks[i] = p->held_locks[i + 1];
}

#endif
