/*
 * priority.c - nice levels and policies.
 *
 * task->prio orders all tasks: 0..98 realtime (99 - rt_priority), 100..139
 * fair (120 + nice).  A change takes the task off its queue, changes it, and
 * puts it back, all under the queue's lock.
 *
 * Entry points: set_user_nice, sched_setscheduler, sched_setattr.
 */
#include <kernel/sched/priority.h>

#include <abi/errno.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>
#include <kernel/time/tick.h>

/* task_set_class - prio, class and weight from policy and nice; @p is on no
 * queue. */
void task_set_class(struct task_struct *p)
{
	if (rt_policy(p->policy))
		p->normal_prio = MAX_RT_PRIO - 1 - (int)p->rt_priority;
	else
		p->normal_prio = p->static_prio;
	/* futex(2): whoever waits for it lends it the better priority. */
	p->prio = min(p->normal_prio, p->pi_prio);
	p->sched_class =
		p->prio < MAX_RT_PRIO ? &rt_sched_class : &fair_sched_class;
	p->se.weight = fair_weight(p);
}

/* What a change of @p needs to put back afterwards. */
struct change {
	struct rq *rq;
	unsigned long flags;
	bool queued, running;
	int prio;
	const struct sched_class *class;
};

static void change_begin(struct change *c, struct task_struct *p)
{
	c->rq = task_rq_lock(p, &c->flags);
	update_rq_clock(c->rq);
	c->queued = p->se.on_rq;
	c->running = c->rq->curr == p;
	c->prio = p->prio;
	c->class = p->sched_class;
	if (c->running)
		p->sched_class->update_curr(c->rq);
	if (c->queued)
		deactivate_task(c->rq, p, 0);
}

/* The first time in a class. */
static void class_changed(struct change *c, struct task_struct *p)
{
	if (p->sched_class == &fair_sched_class) {
		fair_task_switched(c->rq, p);
	} else {
		p->se.slice_end_ns =
			p->se.sum_exec_runtime_ns + sched_rr_slice_ns();
		p->se.rt_woken_ns = p->se.sum_exec_runtime_ns;
	}
}

/* sched(7): a realtime task whose priority is lowered goes before those that
 * have the lower one; else it goes behind its equals. */
static void change_end(struct change *c, struct task_struct *p)
{
	if (c->class != p->sched_class)
		class_changed(c, p);
	if (c->queued) {
		activate_task(c->rq, p, p->prio > c->prio ? ENQUEUE_HEAD : 0);
		if (!c->running)
			check_preempt_curr(c->rq, p);
		else if (p->sched_class != &rt_sched_class ||
			 rt_best_prio(c->rq) < p->prio)
			resched_curr(c->rq);
	}
	if (c->running)
		p->se.exec_start_ns = c->rq->clock_ns;
	task_rq_unlock(c->rq, c->flags);
}

/* set_user_nice - change the nice level. */
void set_user_nice(struct task_struct *p, long nice)
{
	struct change c;

	nice = clamp(nice, (long)MIN_NICE, (long)MAX_NICE);
	change_begin(&c, p);
	p->static_prio = NICE_TO_PRIO((int)nice);
	if (!rt_policy(p->policy))
		task_set_class(p);
	change_end(&c, p);
}

/* sched_set_pi_prio - see priority.h. */
void sched_set_pi_prio(struct task_struct *p, int prio)
{
	struct change c;

	if (p->pi_prio == prio)
		return;
	change_begin(&c, p);
	p->pi_prio = prio;
	task_set_class(p);
	change_end(&c, p);
}

/* prctl(2), PR_SET_TIMERSLACK: a realtime task is woken on time; for others 0
 * is the default.  With the lock of @p's queue. */
static void set_slack(struct task_struct *p, u64 ns)
{
	if (rt_policy(p->policy))
		p->timer_slack_ns = 0;
	else
		p->timer_slack_ns = ns ? ns : p->default_timer_slack_ns;
}

/* set_timer_slack - see priority.h. */
void set_timer_slack(struct task_struct *p, u64 ns)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);

	set_slack(p, ns);
	task_rq_unlock(rq, flags);
}

/* Nothing but the reset flag is new, or it is not to be (@keep): then @p keeps
 * its place.  As Linux. */
static bool same_policy(struct task_struct *p, unsigned int policy,
			unsigned int rt_priority, const int *nice, bool reset,
			bool keep)
{
	unsigned long flags;
	struct rq *rq;
	bool same;

	rq = task_rq_lock(p, &flags);
	same = keep || (p->policy == policy && p->rt_priority == rt_priority &&
			(!nice || task_nice(p) == *nice));
	if (same)
		p->sched_reset_on_fork = reset;
	task_rq_unlock(rq, flags);
	return same;
}

/*
 * What sched_setscheduler(2) and sched_setattr(2) both come to.  @keep: all is
 * checked, but only the reset flag is set; on Linux the policy is a parameter.
 */
static int set_policy(struct task_struct *p, unsigned int policy,
		      unsigned int rt_priority, const int *nice, bool reset,
		      bool keep)
{
	struct change c;

	if (!rt_policy(policy) && !fair_policy(policy))
		return -EINVAL;
	if (rt_priority > MAX_RT_PRIO - 1 ||
	    rt_policy(policy) != (rt_priority != 0))
		return -EINVAL;

	if (same_policy(p, policy, rt_priority, nice, reset, keep))
		return 0;
	change_begin(&c, p);
	if (policy == SCHED_RR && p->policy != SCHED_RR)
		p->se.slice_end_ns =
			p->se.sum_exec_runtime_ns + sched_rr_slice_ns();
	p->policy = policy;
	p->rt_priority = rt_priority;
	p->sched_reset_on_fork = reset;
	set_slack(p, p->timer_slack_ns);
	if (nice)
		p->static_prio = NICE_TO_PRIO(*nice);
	task_set_class(p);
	change_end(&c, p);
	return 0;
}

/* sched_setscheduler - policy and realtime priority. */
int sched_setscheduler(struct task_struct *p, int policy,
		       const struct sched_param *param)
{
	bool reset = false;

	if (policy < 0)
		return -EINVAL;
	if (policy & SCHED_RESET_ON_FORK) {
		reset = true;
		policy &= ~SCHED_RESET_ON_FORK;
	}
	if (param->sched_priority < 0)
		return -EINVAL;
	return set_policy(p, (unsigned int)policy,
			  (unsigned int)param->sched_priority, NULL, reset,
			  false);
}

/* sched_setattr - the same from a struct sched_attr. */
int sched_setattr(struct task_struct *p, const struct sched_attr *attr)
{
	unsigned int policy = attr->sched_policy;
	int nice = clamp(attr->sched_nice, MIN_NICE, MAX_NICE);

	return set_policy(p, policy, attr->sched_priority,
			  nice_policy(policy) ? &nice : NULL,
			  attr->sched_flags & SCHED_FLAG_RESET_ON_FORK,
			  attr->sched_flags & SCHED_FLAG_KEEP_PARAMS);
}

/* sched_getattr - what sched_getattr(2) shows. */
void sched_getattr(struct task_struct *p, struct sched_attr *attr)
{
	*attr = (struct sched_attr){.size = sizeof(*attr)};
	attr->sched_policy = p->policy;
	if (p->sched_reset_on_fork)
		attr->sched_flags |= SCHED_FLAG_RESET_ON_FORK;
	if (rt_policy(p->policy))
		attr->sched_priority = p->rt_priority;
	else
		attr->sched_nice = task_nice(p);
	attr->sched_util_max = 1024;
}

/* sched_get_priority_max - highest priority of @policy, or -EINVAL. */
int sched_get_priority_max(int policy)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return MAX_RT_PRIO - 1;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	default:
		return -EINVAL;
	}
}

/* sched_get_priority_min - lowest priority of @policy, or -EINVAL. */
int sched_get_priority_min(int policy)
{
	int high = sched_get_priority_max(policy);

	return high > 0 ? 1 : high;
}

/* sched_rr_get_interval_ns - the slice: RR's, a fair task's now, FIFO 0. */
u64 sched_rr_get_interval_ns(struct task_struct *p)
{
	unsigned long flags;
	struct rq *rq;
	u64 slice = 0;

	rq = task_rq_lock(p, &flags);
	if (p->policy == SCHED_RR)
		slice = sched_rr_slice_ns();
	else if (p->policy != SCHED_FIFO && rq->cfs.load)
		slice = fair_slice_ns(rq, p);
	/* What a tick can tell apart. */
	slice -= slice % TICK_NSEC;
	task_rq_unlock(rq, flags);
	return slice;
}
