/*
 * balance.c - which CPU a task runs on.
 *
 * A task that wakes goes to an idle CPU it may use, its last one first; else
 * it stays.  A CPU that would go idle pulls a waiting fair task from the
 * longest queue.
 *
 * Locks: both queues' locks to move a task, the lower CPU's first.
 *
 * Entry points: select_task_rq, pull_task.
 */
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>

static bool cpu_allowed(const struct task_struct *p, unsigned int cpu)
{
	return cpu_online(cpu) && (p->cpus_mask >> cpu & 1);
}

static bool cpu_is_idle(unsigned int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->nr_running) == 0;
}

/* select_task_rq - where @p, which is about to be queued, should run. */
int select_task_rq(struct task_struct *p)
{
	unsigned int best = (unsigned int)p->cpu;
	unsigned int cpu;

	if (likely(num_online_cpus() == 1))
		return (int)smp_processor_id();
	if (cpu_allowed(p, best) && cpu_is_idle(best))
		return (int)best;
	for_each_online_cpu(cpu)
	{
		if (!cpu_allowed(p, cpu))
			continue;
		if (cpu_is_idle(cpu))
			return (int)cpu;
		if (!cpu_allowed(p, best) ||
		    READ_ONCE(cpu_rq(cpu)->nr_running) + 1 <
			    READ_ONCE(cpu_rq(best)->nr_running))
			best = cpu;
	}
	return (int)best;
}

static struct rq *busiest_rq(struct rq *self)
{
	struct rq *best = NULL;
	unsigned int most = 1;
	unsigned int cpu;

	for_each_online_cpu(cpu)
	{
		struct rq *rq = cpu_rq(cpu);
		unsigned int nr = READ_ONCE(rq->nr_running);

		if (rq != self && nr > most) {
			most = nr;
			best = rq;
		}
	}
	return best;
}

/* Take both locks in order; @self is locked already and may be let go. */
static void double_lock(struct rq *self, struct rq *other)
{
	if (other->cpu > self->cpu) {
		spin_lock_nested(&other->lock, 1);
		return;
	}
	spin_unlock(&self->lock);
	spin_lock(&other->lock);
	spin_lock_nested(&self->lock, 1);
}

static struct task_struct *waiting_task(struct rq *rq, unsigned int for_cpu)
{
	struct rb_node *node = rb_last(&rq->cfs.tasks.rb_root);

	for (; node; node = rb_prev(node)) {
		struct task_struct *p =
			rb_entry(node, struct task_struct, se.run_node);

		if (p != rq->curr && !p->on_cpu && cpu_allowed(p, for_cpu))
			return p;
	}
	return NULL;
}

/*
 * pull_task - @rq, this CPU's and locked, is empty: take work from another.
 *
 * May release and retake rq->lock.  True if a task came.
 */
bool pull_task(struct rq *rq)
{
	struct rq *other = busiest_rq(rq);
	struct task_struct *p;

	if (!other)
		return false;
	double_lock(rq, other);
	p = rq->nr_running ? NULL : waiting_task(other, (unsigned int)rq->cpu);
	if (p) {
		deactivate_task(other, p, 0);
		fair_task_migrate(other, rq, p);
		WRITE_ONCE(p->cpu, rq->cpu);
		activate_task(rq, p, 0);
	}
	spin_unlock(&other->lock);
	return p != NULL;
}
