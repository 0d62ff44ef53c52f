/*
 * queue.c - on and off the run queues, and from one to another.
 *
 * A task in transit is on no queue: TASK_WAKING, TASK_NEW or se.migrating says
 * so, and whoever put it there ends its journey.  task->cpu names the queue it
 * goes to, whose lock guards it by then; as its set of CPUs may change on the
 * way, place_task() looks at the set again when it has that lock.
 *
 * Locks: rq->lock (LOCK_RQ), with interrupts off.
 *
 * Entry points: activate_task, deactivate_task, check_preempt_curr,
 * place_task.
 */
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>

/* activate_task - make @p runnable on @rq. */
void activate_task(struct rq *rq, struct task_struct *p, int flags)
{
	p->sched_class->enqueue_task(rq, p, flags);
	p->se.on_rq = true;
	p->se.migrating = false;
	p->se.wait_start_ns = rq->clock_ns;
	rq->nr_running++;
}

/* deactivate_task - @p is not runnable on @rq any more. */
void deactivate_task(struct rq *rq, struct task_struct *p, int flags)
{
	if (p != rq->curr)
		account_wait(rq, p);
	p->se.on_rq = false;
	p->sched_class->dequeue_task(rq, p, flags);
	rq->nr_running--;
}

static int class_rank(const struct sched_class *class)
{
	if (class == &rt_sched_class)
		return 2;
	return class == &fair_sched_class ? 1 : 0;
}

/* check_preempt_curr - @p has become runnable: is it better than curr? */
void check_preempt_curr(struct rq *rq, struct task_struct *p)
{
	struct task_struct *curr = rq->curr;

	if (p->sched_class == &rt_sched_class && !rt_may_run(rq))
		return;
	if (p->sched_class == curr->sched_class) {
		if (p->sched_class->wakeup_preempt(rq, p))
			resched_curr(rq);
	} else if (class_rank(p->sched_class) > class_rank(curr->sched_class)) {
		resched_curr(rq);
	}
}

/* set_task_rq - @p changes queues; it keeps its lead or lag. */
void set_task_rq(struct rq *from, struct rq *to, struct task_struct *p)
{
	fair_task_migrate(from, to, p);
	p->se.arrived_ns = from->clock_ns;
	p->se.nr_migrations++;
	WRITE_ONCE(p->cpu, to->cpu);
}

/* place_task - see internal.h. */
struct rq *place_task(struct rq *rq, struct task_struct *p, int cpu, int flags)
{
	struct rq *to;

	while (cpu != rq->cpu || unlikely(!cpu_allowed(p, (unsigned int)cpu))) {
		if (!cpu_allowed(p, (unsigned int)cpu))
			cpu = select_task_rq(p);
		to = cpu_rq(cpu);
		if (to == rq)
			break;
		set_task_rq(rq, to, p);
		spin_unlock(&rq->lock);
		spin_lock(&to->lock);
		rq = to;
		update_rq_clock(rq);
	}
	activate_task(rq, p, flags);
	check_preempt_curr(rq, p);
	return rq;
}
