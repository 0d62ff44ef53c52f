/*
 * balance.c - which CPU a task runs on.
 *
 * A task that wakes or execs goes to an idle CPU it may use, its last one
 * first; else it stays where it was unless that CPU has clearly more to do.  A
 * child of fork begins beside its parent, whose memory it shares and which most
 * often waits for it; if both go on running, an idle CPU gets one of them
 * within a tick.  A realtime task goes where what runs is least urgent.
 *
 * A CPU that would go idle pulls a waiting task from the longest queue, and one
 * without realtime tasks pulls a realtime task that waits elsewhere.  While a
 * CPU is busy its tick looks now and then: tasks that wait here are offered to
 * an idle CPU, or one is taken from a CPU with more weight.
 *
 * Locks: both queues' locks to move a task, the lower CPU's first.  Who holds
 * its own lock in the middle of a switch must not let it go, and only tries the
 * other.
 *
 * Entry points: select_task_rq, select_fork_rq, select_wake_rq, pull_tasks,
 * balance_tick, migrate_queued.
 */
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/priority.h>

#define BALANCE_TICKS 4 /* between two looks at other CPUs' weights */
#define PULL_TRIES    3

/* cpu_allowed - may @p run on @cpu, which is up? */
bool cpu_allowed(const struct task_struct *p, unsigned int cpu)
{
	return cpu_online(cpu) && (READ_ONCE(p->cpus_mask) >> cpu & 1);
}

static bool cpu_is_idle(unsigned int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->nr_running) == 0;
}

/* For a realtime task: where the least urgent task runs, @p's CPU first. */
static unsigned int least_urgent_cpu(struct task_struct *p)
{
	unsigned int best = (unsigned int)p->cpu;
	int lowest = -1;
	unsigned int cpu;

	if (cpu_allowed(p, best))
		lowest = READ_ONCE(READ_ONCE(cpu_rq(best)->curr)->prio);
	if (lowest > p->prio)
		return best;
	for_each_online_cpu(cpu)
	{
		int prio = READ_ONCE(READ_ONCE(cpu_rq(cpu)->curr)->prio);

		if (cpu_allowed(p, cpu) && prio > lowest) {
			lowest = prio;
			best = cpu;
		}
	}
	return best;
}

/* For a fair task: an idle CPU, or one with clearly less to do. */
static unsigned int least_busy_cpu(struct task_struct *p)
{
	unsigned int best = (unsigned int)p->cpu;
	unsigned int cpu;

	if (cpu_allowed(p, best) && cpu_is_idle(best))
		return best;
	for_each_online_cpu(cpu)
	{
		if (!cpu_allowed(p, cpu))
			continue;
		if (cpu_is_idle(cpu))
			return cpu;
		if (!cpu_allowed(p, best) ||
		    READ_ONCE(cpu_rq(cpu)->nr_running) + 1 <
			    READ_ONCE(cpu_rq(best)->nr_running))
			best = cpu;
	}
	return best;
}

/* select_task_rq - where @p, which is about to be queued, should run. */
int select_task_rq(struct task_struct *p)
{
	if (READ_ONCE(cpu_online_bits) == 1)
		return 0;
	if (p->sched_class == &rt_sched_class)
		return (int)least_urgent_cpu(p);
	return (int)least_busy_cpu(p);
}

/* Is it best for a fair @p to run here, when what runs here now is done? */
static bool fits_here(struct task_struct *p)
{
	return p->sched_class == &fair_sched_class &&
	       cpu_allowed(p, smp_processor_id()) &&
	       READ_ONCE(this_rq()->nr_running) < 2;
}

/* select_fork_rq - where current's child @p should begin. */
int select_fork_rq(struct task_struct *p)
{
	if (fits_here(p))
		return (int)smp_processor_id();
	return select_task_rq(p);
}

/* select_wake_rq - where @p, which wakes, should run.  WF_SYNC: the waker is
 * about to sleep, so here is as good as idle, and needs no interrupt. */
int select_wake_rq(struct task_struct *p, int flags)
{
	if ((flags & WF_SYNC) && fits_here(p))
		return (int)smp_processor_id();
	return select_task_rq(p);
}

/* migrate_queued - @p, which waits on @from, to @to.  Both are locked. */
void migrate_queued(struct rq *from, struct rq *to, struct task_struct *p)
{
	update_rq_clock(from);
	update_rq_clock(to);
	deactivate_task(from, p, 0);
	fair_task_migrate(from, to, p);
	WRITE_ONCE(p->cpu, to->cpu);
	activate_task(to, p, 0);
}

/* A fair task of @rq that waits, may run on @for_cpu and has less weight than
 * @max_weight.  The last in line loses least. */
static struct task_struct *waiting_task(struct rq *rq, unsigned int for_cpu,
					unsigned long max_weight)
{
	struct rb_node *node = rb_last(&rq->cfs.tasks.rb_root);

	for (; node; node = rb_prev(node)) {
		struct task_struct *p =
			rb_entry(node, struct task_struct, se.run_node);

		if (p != rq->curr && !p->on_cpu && cpu_allowed(p, for_cpu) &&
		    p->se.weight < max_weight)
			return p;
	}
	return NULL;
}

/* The CPU but @self with the most tasks, of those with more than one. */
static struct rq *longest_rq(struct rq *self, u64 but)
{
	struct rq *best = NULL;
	unsigned int most = 1;
	unsigned int cpu;

	for_each_online_cpu(cpu)
	{
		struct rq *rq = cpu_rq(cpu);
		unsigned int nr = READ_ONCE(rq->nr_running);

		if (rq != self && nr > most && !(but >> cpu & 1)) {
			most = nr;
			best = rq;
		}
	}
	return best;
}

static bool pull_fair(struct rq *rq, struct rq *other)
{
	struct task_struct *p;

	if (!spin_trylock(&other->lock))
		return false;
	p = waiting_task(other, (unsigned int)rq->cpu, ~0UL);
	if (p)
		migrate_queued(other, rq, p);
	spin_unlock(&other->lock);
	return p != NULL;
}

static void pull_realtime(struct rq *rq)
{
	struct task_struct *p;
	unsigned int cpu;

	for_each_online_cpu(cpu)
	{
		struct rq *other = cpu_rq(cpu);

		if (other == rq || READ_ONCE(other->rt.nr) < 2 ||
		    !spin_trylock(&other->lock))
			continue;
		p = rt_waiting_task(other, (unsigned int)rq->cpu);
		if (p)
			migrate_queued(other, rq, p);
		spin_unlock(&other->lock);
		if (p)
			return;
	}
}

/*
 * pull_tasks - this CPU, whose queue @rq is locked, is about to run nothing, or
 * nothing urgent: take work from others.
 */
void pull_tasks(struct rq *rq)
{
	struct rq *other;
	u64 tried = 0;
	int i;

	if (READ_ONCE(cpu_online_bits) == 1)
		return;
	if (rt_overloaded() && !rq->rt.nr)
		pull_realtime(rq);
	for (i = 0; i < PULL_TRIES && !rq->nr_running; i++) {
		other = longest_rq(rq, tried);
		if (!other || pull_fair(rq, other))
			return;
		tried |= 1ULL << other->cpu;
	}
}

static void double_lock(struct rq *a, struct rq *b)
{
	if (a->cpu > b->cpu)
		swap(a, b);
	spin_lock(&a->lock);
	spin_lock_nested(&b->lock, 1);
}

/* Take a task from the CPU with the most weight, if that evens things out. */
static void even_out(struct rq *rq)
{
	struct task_struct *p = NULL;
	struct rq *other = longest_rq(rq, 0);
	unsigned long mine, theirs;

	if (!other || READ_ONCE(other->cfs.load) <= READ_ONCE(rq->cfs.load))
		return;
	double_lock(rq, other);
	mine = rq->cfs.load;
	theirs = other->cfs.load;
	if (theirs > mine)
		p = waiting_task(other, (unsigned int)rq->cpu, theirs - mine);
	if (p) {
		migrate_queued(other, rq, p);
		check_preempt_curr(rq, p);
	}
	spin_unlock(&other->lock);
	spin_unlock(&rq->lock);
}

/* balance_tick - in the tick of a busy CPU; no lock held, interrupts off. */
void balance_tick(struct rq *rq)
{
	unsigned int cpu;

	if (READ_ONCE(cpu_online_bits) == 1)
		return;
	if (++rq->balance_tick % BALANCE_TICKS == 0)
		even_out(rq);
	if (rq->nr_running < 2)
		return;
	/* An idle CPU that is made to look pulls. */
	for_each_online_cpu(cpu)
	{
		if (cpu_is_idle(cpu)) {
			resched_cpu((int)cpu);
			return;
		}
	}
}
