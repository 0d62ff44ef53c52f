/*
 * futex_waitv.c - futex_waitv(2): waiting on many words at once.
 *
 * Each word gets an entry in its bucket; the first to be woken ends the wait,
 * and the others are taken out again.
 *
 * Locks: one bucket at a time.
 *
 * Entry points: do_futex_waitv.
 */
#include <kernel/process/futex_internal.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

#define FUTEXV_WAITER_MASK (FUTEX_32 | FUTEX_PRIVATE_FLAG)

/* Out of all queues: the last that was woken, or -1. */
static int unqueue_all(struct futex_q *qs, unsigned int nr)
{
	int woken = -1;
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (futex_unqueue(&qs[i]))
			woken = (int)i;
	return woken;
}

/* Into all queues: 0, or the value of the call. */
static int queue_all(const struct futex_waitv *waiters, struct futex_q *qs,
		     unsigned int nr, bool *queued)
{
	unsigned int flags;
	unsigned int i;
	int woken;
	int err;

	*queued = false;
	for (i = 0; i < nr; i++) {
		flags = waiters[i].flags & FUTEX_PRIVATE_FLAG ? 0
							      : FLAGS_SHARED;
		/* As on Linux, the upper half of the value does not count. */
		err = futex_wait_setup((u32 __user *)waiters[i].uaddr, flags,
				       (u32)waiters[i].val, &qs[i]);
		__set_current_state(TASK_RUNNING);
		if (!err)
			continue;
		woken = unqueue_all(qs, i);
		return woken >= 0 ? woken : err;
	}
	*queued = true;
	return 0;
}

static bool any_woken(struct futex_q *qs, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!__atomic_load_n(&qs[i].bucket, __ATOMIC_ACQUIRE))
			return true;
	return false;
}

static int wait_for_any(const struct futex_waitv *waiters, struct futex_q *qs,
			unsigned int nr, unsigned int clock, const u64 *abs_ns)
{
	bool queued;
	int ret;

	for (;;) {
		ret = queue_all(waiters, qs, nr, &queued);
		if (!queued)
			return ret;
		set_current_state(TASK_INTERRUPTIBLE);
		if (!signal_pending(current) && !any_woken(qs, nr))
			futex_sleep(abs_ns, clock, current->timer_slack_ns);
		__set_current_state(TASK_RUNNING);
		ret = unqueue_all(qs, nr);
		if (ret >= 0)
			return ret;
		if (futex_timed_out(abs_ns, clock))
			return -ETIMEDOUT;
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
}

/* do_futex_waitv - see futex.h. */
int do_futex_waitv(const struct futex_waitv *waiters, unsigned int nr,
		   unsigned int clock, const u64 *abs_ns)
{
	struct futex_q *qs;
	struct futex_key key;
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++)
		if ((waiters[i].flags & ~(u32)FUTEXV_WAITER_MASK) ||
		    !(waiters[i].flags & FUTEX_32) || waiters[i].__reserved)
			return -EINVAL;
	/* A bad address is seen before a word that does not fit. */
	for (i = 0; i < nr; i++) {
		err = get_futex_key((u32 __user *)waiters[i].uaddr,
				    waiters[i].flags & FUTEX_PRIVATE_FLAG
					    ? 0
					    : FLAGS_SHARED,
				    &key);
		if (err)
			return err;
	}
	qs = kcalloc(nr, sizeof(*qs));
	if (!qs)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		qs[i].task = current;
		qs[i].bitset = FUTEX_BITSET_MATCH_ANY;
	}
	err = wait_for_any(waiters, qs, nr, clock, abs_ns);
	kfree(qs);
	return err;
}
