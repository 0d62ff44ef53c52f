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
 * that runs nothing more urgent pulls a realtime task that waits elsewhere.
 * While a CPU is busy its tick looks now and then: tasks that wait here are
 * offered to an idle CPU, or one is taken from a CPU with more weight.
 *
 * Three equal tasks cannot be divided by two CPUs.  So tasks take turns: now
 * and then a CPU with less weight takes a task although it will have more
 * weight afterwards.  As it takes the one that has been longest on its CPU, and
 * the CPU that has waited longest for its turn takes it, each is as often
 * among many and as often among few as the others.
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
#include <kernel/time/tick.h>

#define BALANCE_TICKS 4 /* between two looks at other CPUs' weights */
#define PULL_TRIES    3
#define TURN_NS	      (8 * TICK_NSEC) /* after which tasks take turns */

/* What a realtime task weighs for the fair ones beside it. */
#define RT_WEIGHT (64 * NICE_0_WEIGHT)

/* cpu_allowed - may @p run on @cpu, which is up? */
bool cpu_allowed(const struct task_struct *p, unsigned int cpu)
{
	return cpu_online(cpu) && (READ_ONCE(p->cpus_mask) >> cpu & 1);
}

static bool cpu_is_idle(unsigned int cpu)
{
	return READ_ONCE(cpu_rq(cpu)->nr_running) == 0;
}

/* The priority of what runs on @cpu; all fair tasks are as urgent, the idle
 * task less.  The task may end meanwhile: then the answer is a wrong guess. */
static int running_prio(unsigned int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	int prio = READ_ONCE(READ_ONCE(rq->curr)->prio);

	if (cpu_is_idle(cpu))
		return MAX_PRIO;
	return min(prio, MAX_RT_PRIO);
}

/* For a realtime task: where the least urgent task runs, @p's CPU first, unless
 * it would push a realtime task aside. */
static unsigned int least_urgent_cpu(struct task_struct *p)
{
	unsigned int best = (unsigned int)p->cpu;
	int lowest = -1;
	unsigned int cpu;

	if (cpu_allowed(p, best))
		lowest = running_prio(best);
	if (lowest >= MAX_RT_PRIO)
		return best;
	for_each_online_cpu(cpu)
	{
		int prio = running_prio(cpu);

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
	set_task_rq(from, to, p);
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
		if (p && rq->rt.nr && p->prio >= rt_best_prio(rq))
			p = NULL;
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
	if (rt_overloaded() && !rq->rt.throttled)
		pull_realtime(rq);
	if (rt_may_run(rq))
		return;
	for (i = 0; i < PULL_TRIES && !rq->cfs.nr; i++) {
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

/* What a fair task on @rq has to share its CPU with. */
static unsigned long weight_on(struct rq *rq)
{
	return READ_ONCE(rq->cfs.load) + READ_ONCE(rq->rt.nr) * RT_WEIGHT;
}

/* The CPU but @self with the most weight, of those where tasks wait. */
static struct rq *heaviest_rq(struct rq *self)
{
	unsigned long most = weight_on(self);
	struct rq *best = NULL;
	unsigned int cpu;

	for_each_online_cpu(cpu)
	{
		struct rq *rq = cpu_rq(cpu);

		if (rq == self || READ_ONCE(rq->nr_running) < 2 ||
		    weight_on(rq) <= most)
			continue;
		most = weight_on(rq);
		best = rq;
	}
	return best;
}

/* Does another CPU, which could take from @other too, wait for longer?  Then
 * it goes first, if it will within two ticks. */
static bool goes_first(struct rq *rq, struct rq *other, u64 now_ns)
{
	unsigned int cpu;

	if (now_ns >=
	    max(rq->turn_ns, other->turn_ns) + TURN_NS + 2 * TICK_NSEC)
		return false;
	for_each_online_cpu(cpu)
	{
		struct rq *third = cpu_rq(cpu);

		if (READ_ONCE(third->turn_ns) < rq->turn_ns &&
		    weight_on(third) < weight_on(other))
			return true;
	}
	return false;
}

/* Of @rq's fair tasks that may run on @for_cpu and weigh less than @max_weight,
 * the one that came first; NULL if that one runs just now. */
static struct task_struct *oldest_task(struct rq *rq, unsigned int for_cpu,
				       unsigned long max_weight)
{
	struct rb_node *node = rb_first_cached(&rq->cfs.tasks);
	struct task_struct *oldest = NULL;
	struct task_struct *curr = rq->curr;

	for (; node; node = rb_next(node)) {
		struct task_struct *p =
			rb_entry(node, struct task_struct, se.run_node);

		if (!p->on_cpu && cpu_allowed(p, for_cpu) &&
		    p->se.weight < max_weight &&
		    (!oldest || p->se.arrived_ns < oldest->se.arrived_ns))
			oldest = p;
	}
	if (oldest && curr->sched_class == &fair_sched_class &&
	    cpu_allowed(curr, for_cpu) && curr->se.weight < max_weight &&
	    curr->se.arrived_ns < oldest->se.arrived_ns)
		return NULL;
	return oldest;
}

/* What @rq should take from @other, both locked; NULL: nothing. */
static struct task_struct *task_to_take(struct rq *rq, struct rq *other)
{
	unsigned int cpu = (unsigned int)rq->cpu;
	unsigned long mine = weight_on(rq);
	unsigned long theirs = weight_on(other);
	struct task_struct *p;
	u64 now = rq->clock_ns;

	if (theirs <= mine)
		return NULL;
	p = waiting_task(other, cpu, theirs - mine);
	if (p || now - rq->turn_ns < TURN_NS ||
	    (s64)(now - other->turn_ns) < (s64)TURN_NS ||
	    goes_first(rq, other, now))
		return p;
	p = oldest_task(other, cpu, 2 * (theirs - mine));
	if (p) {
		rq->turn_ns = now;
		other->turn_ns = now;
	}
	return p;
}

/* Take a task from the CPU with the most weight, if that evens things out or
 * if it is time to take turns. */
static void even_out(struct rq *rq)
{
	struct rq *other = heaviest_rq(rq);
	struct task_struct *p;

	if (!other)
		return;
	double_lock(rq, other);
	p = task_to_take(rq, other);
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
	if (++rq->balance_tick % BALANCE_TICKS == 0 ||
	    rq->clock_ns - rq->turn_ns >= TURN_NS)
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
