/*
 * affinity.c - the CPUs a task may run on.
 *
 * A task that sleeps is placed when it wakes; one that waits in a queue is
 * moved; one that runs is made to reschedule and moved when it leaves its CPU
 * (core.c).
 *
 * Entry points: sched_setaffinity, sched_getaffinity.
 */
#include <kernel/sched/affinity.h>

#include <abi/errno.h>
#include <kernel/sched/internal.h>

/* cpu_possible_bits - every CPU that may come up. */
u64 cpu_possible_bits(void)
{
	return nr_cpu_ids >= 64 ? ~0ULL : (1ULL << nr_cpu_ids) - 1;
}

/* Take a queued task that does not run off @rq, to where it may be. */
static struct rq *move_queued(struct rq *rq, struct task_struct *p)
{
	struct rq *to = cpu_rq(select_task_rq(p));

	update_rq_clock(rq);
	deactivate_task(rq, p, 0);
	p->se.migrating = true;
	fair_task_migrate(rq, to, p);
	WRITE_ONCE(p->cpu, to->cpu);
	spin_unlock(&rq->lock);
	spin_lock(&to->lock);
	update_rq_clock(to);
	activate_task(to, p, 0);
	check_preempt_curr(to, p);
	return to;
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
	if (!(mask >> p->cpu & 1)) {
		if (rq->curr == p)
			resched_curr(rq);
		else if (p->se.on_rq)
			rq = move_queued(rq, p);
	}
	task_rq_unlock(rq, flags);
	while (p == current && !(p->cpus_mask >> smp_processor_id() & 1))
		schedule_preempt();
	return 0;
}

/* sched_getaffinity - the allowed CPUs that are online. */
u64 sched_getaffinity(struct task_struct *p)
{
	return READ_ONCE(p->cpus_mask) & cpu_online_bits;
}
