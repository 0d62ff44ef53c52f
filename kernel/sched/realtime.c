/*
 * realtime.c - SCHED_FIFO and SCHED_RR: the highest priority runs, always.
 *
 * A list per priority and a bitmap of lists that are not empty.  The running
 * task stays at the head of its list; a FIFO task until it sleeps or yields, an
 * RR task until its slice is used up.  A task preempted by a higher one
 * keeps its place.
 *
 * Locks: rq->lock.
 * Entry points: rt_sched_class, rt_overloaded, rt_waiting_task.
 */
#include <kernel/lib/list.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/priority.h>

static unsigned int overloaded; /* [A] CPUs with more than one such task */

/* rt_overloaded - does a realtime task wait anywhere? */
bool rt_overloaded(void)
{
	return READ_ONCE(overloaded) != 0;
}

static void update_curr_rt(struct rq *rq)
{
	(void)charge_runtime(rq, rq->curr);
}

static void enqueue_rt(struct rq *rq, struct task_struct *p, int flags)
{
	(void)flags;
	list_add_tail(&p->se.run_list, &rq->rt.queue[p->prio]);
	rq->rt.bitmap[p->prio / 64] |= 1UL << (p->prio % 64);
	if (++rq->rt.nr == 2)
		__atomic_fetch_add(&overloaded, 1, __ATOMIC_SEQ_CST);
}

static void dequeue_rt(struct rq *rq, struct task_struct *p, int flags)
{
	(void)flags;
	list_del_init(&p->se.run_list);
	if (list_empty(&rq->rt.queue[p->prio]))
		rq->rt.bitmap[p->prio / 64] &= ~(1UL << (p->prio % 64));
	if (--rq->rt.nr == 1)
		__atomic_fetch_sub(&overloaded, 1, __ATOMIC_SEQ_CST);
}

static struct task_struct *pick_next_rt(struct rq *rq)
{
	int prio;

	if (rq->rt.bitmap[0])
		prio = __builtin_ctzl(rq->rt.bitmap[0]);
	else
		prio = 64 + __builtin_ctzl(rq->rt.bitmap[1]);
	return list_first_entry(&rq->rt.queue[prio], struct task_struct,
				se.run_list);
}

/* rt_waiting_task - the best task of @rq that does not run and may run on CPU
 * @for_cpu, or NULL. */
struct task_struct *rt_waiting_task(struct rq *rq, unsigned int for_cpu)
{
	struct task_struct *p;
	int prio;

	for (prio = 0; prio < MAX_RT_PRIO; prio++) {
		if (!(rq->rt.bitmap[prio / 64] >> (prio % 64) & 1))
			continue;
		list_for_each_entry (p, &rq->rt.queue[prio], se.run_list) {
			if (p != rq->curr && !p->on_cpu &&
			    cpu_allowed(p, for_cpu))
				return p;
		}
	}
	return NULL;
}

static void put_prev_rt(struct rq *rq, struct task_struct *p)
{
	(void)rq;
	(void)p;
}

static void set_next_rt(struct rq *rq, struct task_struct *p)
{
	p->se.exec_start_ns = rq->clock_ns;
}

static bool wakeup_preempt_rt(struct rq *rq, struct task_struct *p)
{
	return p->prio < rq->curr->prio;
}

static void requeue_rt(struct rq *rq, struct task_struct *p)
{
	list_move_tail(&p->se.run_list, &rq->rt.queue[p->prio]);
}

static void tick_rt(struct rq *rq, struct task_struct *p)
{
	u64 before = p->se.sum_exec_runtime_ns;
	u64 ran;

	update_curr_rt(rq);
	ran = p->se.sum_exec_runtime_ns - before;
	if (p->policy != SCHED_RR)
		return;
	if (p->se.time_slice_ns > ran) {
		p->se.time_slice_ns -= ran;
		return;
	}
	p->se.time_slice_ns = RR_TIMESLICE_NS;
	if (!list_is_singular(&rq->rt.queue[p->prio])) {
		requeue_rt(rq, p);
		resched_curr(rq);
	}
}

static void yield_rt(struct rq *rq)
{
	requeue_rt(rq, rq->curr);
}

/* rt_rq_init - no realtime tasks. */
void rt_rq_init(struct rt_rq *rt)
{
	int i;

	for (i = 0; i < MAX_RT_PRIO; i++)
		INIT_LIST_HEAD(&rt->queue[i]);
	rt->bitmap[0] = 0;
	rt->bitmap[1] = 0;
	rt->nr = 0;
}

const struct sched_class rt_sched_class = {
	.enqueue_task = enqueue_rt,
	.dequeue_task = dequeue_rt,
	.pick_next = pick_next_rt,
	.put_prev = put_prev_rt,
	.set_next = set_next_rt,
	.wakeup_preempt = wakeup_preempt_rt,
	.tick = tick_rt,
	.yield = yield_rt,
	.update_curr = update_curr_rt,
};
