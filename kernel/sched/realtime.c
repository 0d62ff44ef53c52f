/*
 * realtime.c - SCHED_FIFO and SCHED_RR: the highest priority runs, always.
 *
 * A list per priority and a bitmap of lists that are not empty.  The running
 * task stays at the head of its list; a FIFO task until it sleeps or yields, an
 * RR task until its slice is used up.  A task preempted by a higher one
 * keeps its place.
 *
 * Of each period (a second) realtime tasks have a part on each CPU (950 ms);
 * then the others get a turn, so that an endless loop does not take the
 * machine away.  A timer ends that turn.
 *
 * Locks: rq->lock.  The settings are read without one.
 * Entry points: rt_sched_class, rt_overloaded, rt_waiting_task, rt_may_run,
 * sched_set_rt_limits.
 */
#include <abi/errno.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/list.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/priority.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

#define RR_TIMESLICE_MS 100

static unsigned int overloaded; /* [A] CPUs with more than one such task */

/* sysctls, kernel/sched_rt_*_us and kernel/sched_rr_timeslice_ms */
static u64 rt_period_ns = NSEC_PER_SEC;
static u64 rt_runtime_ns = 950 * NSEC_PER_MSEC; /* ~0: no limit */
static u64 rr_slice_ns = RR_TIMESLICE_MS * NSEC_PER_MSEC;

/* sched_rt_limits - the period and the part of it for realtime tasks, in
 * microseconds; -1: all of it. */
void sched_rt_limits(long *period_us, long *runtime_us)
{
	u64 runtime = READ_ONCE(rt_runtime_ns);

	*period_us = (long)(READ_ONCE(rt_period_ns) / NSEC_PER_USEC);
	*runtime_us = runtime == ~0ULL ? -1 : (long)(runtime / NSEC_PER_USEC);
}

/* sched_set_rt_limits - see priority.h. */
int sched_set_rt_limits(long period_us, long runtime_us)
{
	if (period_us <= 0 || runtime_us < -1 || runtime_us > period_us)
		return -EINVAL;
	WRITE_ONCE(rt_period_ns, (u64)period_us * NSEC_PER_USEC);
	WRITE_ONCE(rt_runtime_ns,
		   runtime_us < 0 ? ~0ULL : (u64)runtime_us * NSEC_PER_USEC);
	return 0;
}

/* sched_rr_slice_ns, sched_set_rr_slice - the slice of SCHED_RR. */
u64 sched_rr_slice_ns(void)
{
	return READ_ONCE(rr_slice_ns);
}

void sched_set_rr_slice(long ms)
{
	if (ms <= 0)
		ms = RR_TIMESLICE_MS;
	WRITE_ONCE(rr_slice_ns, (u64)ms * NSEC_PER_MSEC);
}

/* rt_overloaded - does a realtime task wait anywhere? */
bool rt_overloaded(void)
{
	return READ_ONCE(overloaded) != 0;
}

/* rt_may_run - is there a realtime task, and is it its class's time? */
bool rt_may_run(const struct rq *rq)
{
	return rq->rt.nr && !rq->rt.throttled;
}

static void update_curr_rt(struct rq *rq)
{
	rq->rt.used_ns += charge_runtime(rq, rq->curr);
}

static void enqueue_rt(struct rq *rq, struct task_struct *p, int flags)
{
	struct rt_rq *rt = &rq->rt;

	if (flags & ENQUEUE_HEAD)
		list_add(&p->se.run_list, &rt->queue[p->prio]);
	else
		list_add_tail(&p->se.run_list, &rt->queue[p->prio]);
	rt->bitmap[p->prio / 64] |= 1UL << (p->prio % 64);
	if (flags & ENQUEUE_WAKEUP)
		p->se.rt_woken_ns = p->se.sum_exec_runtime_ns;
	rt->nr++;
	if (rt->nr == 2)
		__atomic_fetch_add(&overloaded, 1, __ATOMIC_SEQ_CST);
	if (rt->nr == 1 && !rt->throttled &&
	    rq->clock_ns - rt->period_ns >= READ_ONCE(rt_period_ns)) {
		rt->period_ns = rq->clock_ns;
		rt->used_ns = 0;
	}
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

/* rt_best_prio - of the tasks in @rq; there is one. */
int rt_best_prio(const struct rq *rq)
{
	if (rq->rt.bitmap[0])
		return __builtin_ctzl(rq->rt.bitmap[0]);
	return 64 + __builtin_ctzl(rq->rt.bitmap[1]);
}

static struct task_struct *pick_next_rt(struct rq *rq)
{
	return list_first_entry(&rq->rt.queue[rt_best_prio(rq)],
				struct task_struct, se.run_list);
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

/* The part of the others is over. */
static void end_of_period(struct timer *timer, void *cookie)
{
	struct rq *rq = cookie;

	(void)timer;
	spin_lock(&rq->lock);
	update_rq_clock(rq);
	rq->rt.throttled = false;
	rq->rt.period_ns = rq->clock_ns;
	rq->rt.used_ns = 0;
	if (rq->rt.nr)
		resched_curr(rq);
	spin_unlock(&rq->lock);
}

/* In the tick of a realtime task: has the class had its part? */
static void check_limit(struct rq *rq)
{
	u64 period = READ_ONCE(rt_period_ns);
	u64 runtime = READ_ONCE(rt_runtime_ns);
	struct rt_rq *rt = &rq->rt;
	static bool told;

	if (rq->clock_ns - rt->period_ns >= period) {
		rt->used_ns -= min(rt->used_ns, runtime);
		rt->period_ns = rq->clock_ns;
	}
	if (runtime >= period || rt->used_ns <= runtime)
		return;
	rt->throttled = true;
	timer_start(&rt->end, rt->period_ns + period);
	resched_curr(rq);
	if (!__atomic_exchange_n(&told, true, __ATOMIC_RELAXED))
		pr_info("sched: RT throttling activated\n");
}

static void tick_rt(struct rq *rq, struct task_struct *p)
{
	update_curr_rt(rq);
	check_limit(rq);
	if (p->policy != SCHED_RR ||
	    p->se.sum_exec_runtime_ns < p->se.slice_end_ns)
		return;
	p->se.slice_end_ns = p->se.sum_exec_runtime_ns + sched_rr_slice_ns();
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
void rt_rq_init(struct rt_rq *rt, int cpu)
{
	int i;

	timer_init(&rt->end, end_of_period, cpu_rq(cpu));

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
