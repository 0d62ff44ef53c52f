/*
 * affinity.c - the CPUs a task may run on.
 *
 * A task that sleeps is placed when it wakes; one that waits in a queue is
 * moved; one that runs is made to reschedule and moved when it leaves its CPU
 * (core.c), and the caller waits for that.
 *
 * Entry points: sched_setaffinity, sched_getaffinity.
 */
#include <kernel/sched/affinity.h>

#include <abi/errno.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/wait.h>

/* cpu_possible_bits - every CPU that may come up. */
u64 cpu_possible_bits(void)
{
	return nr_cpu_ids >= 64 ? ~0ULL : (1ULL << nr_cpu_ids) - 1;
}

/* Who waits until a task has left a CPU that it must not use any more. */
static DECLARE_WAIT_QUEUE_HEAD(eviction_queue);

/* tell_evicted - a task that had to leave its CPU has left it. */
void tell_evicted(void)
{
	wake_up_all(&eviction_queue);
}

/* Does @p run where it must not?  Then its CPU will tell when it has left. */
static bool runs_elsewhere(struct task_struct *p)
{
	unsigned long flags;
	struct rq *rq;
	bool wrong;

	rq = task_rq_lock(p, &flags);
	wrong = rq->curr == p && !(p->cpus_mask >> rq->cpu & 1);
	if (wrong) {
		rq->evict = true;
		resched_curr(rq);
	}
	task_rq_unlock(rq, flags);
	return wrong;
}

/* Take a queued task that does not run off @rq, to where it may be. */
static struct rq *move_queued(struct rq *rq, struct task_struct *p)
{
	update_rq_clock(rq);
	deactivate_task(rq, p, 0);
	p->se.migrating = true;
	return place_task(rq, p, select_task_rq(p), 0);
}

/* sched_setaffinity - see affinity.h. */
int sched_setaffinity(struct task_struct *p, u64 mask)
{
	unsigned long flags;
	struct rq *rq;

	mask &= cpu_possible_bits();
	if (!(mask & cpu_online_bits))
		return -EINVAL;
	rq = task_rq_lock(p, &flags);
	p->cpus_mask = mask;
	if (rq->curr != p && p->se.on_rq && !(mask >> p->cpu & 1))
		rq = move_queued(rq, p);
	task_rq_unlock(rq, flags);
	while (p == current && !(p->cpus_mask >> smp_processor_id() & 1))
		schedule_preempt();
	if (p != current) {
		wait_event(&eviction_queue, !runs_elsewhere(p));
		/* Another who waits for @p may have been allowed its CPU. */
		tell_evicted();
	}
	return 0;
}

/* sched_getaffinity - the allowed CPUs that are online. */
u64 sched_getaffinity(struct task_struct *p)
{
	return READ_ONCE(p->cpus_mask) & cpu_online_bits;
}
