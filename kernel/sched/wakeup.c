/*
 * wakeup.c - tasks become runnable: woken ones and new ones.
 *
 * A task belongs to the queue of task->cpu while it sleeps too; who wakes it
 * takes that queue's lock, so a task that is just going to sleep is through
 * with it.  Then it is put on the queue where it shall run (place_task).
 *
 * Locks: rq->lock (LOCK_RQ), with interrupts off.
 *
 * Entry points: try_to_wake_up, wake_up_process, wake_up_state, kick_process,
 * task_curr, wait_task_inactive, sched_fork, wake_up_new_task.
 */
#include <kernel/arch/irqflags.h>
#include <kernel/arch/smp.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/priority.h>
#include <kernel/time/tick.h>

/*
 * try_to_wake_up - make @p runnable if it sleeps in one of @state's ways.
 *
 * The lock of the queue it slept on orders us with its going to sleep.  Its
 * state is TASK_WAKING while it stands on no queue, so that a second waker
 * leaves it alone.
 */
__landmark int try_to_wake_up(struct task_struct *p, unsigned int state,
			      int flags)
{
	unsigned long irqflags;
	struct rq *rq;
	int woken = 0;

	rq = task_rq_lock(p, &irqflags);
	if (!(READ_ONCE(p->__state) & state))
		goto unlock;
	woken = 1;
	if (p->se.on_rq || p->se.migrating) {
		/* It has not left yet: it will find itself running. */
		WRITE_ONCE(p->__state, TASK_RUNNING);
		goto unlock;
	}
	update_rq_clock(rq);
	if (contributes_to_load(p->__state)) {
		/* While the CPUs idled, nobody counted that it slept so. */
		calc_load(rq->clock_ns);
		rq->nr_uninterruptible--;
	}
	WRITE_ONCE(p->__state, TASK_WAKING);
	if (current->wakes_sync)
		flags |= WF_SYNC;
	rq = place_task(rq, p, select_wake_rq(p, flags), ENQUEUE_WAKEUP);
	WRITE_ONCE(p->__state, TASK_RUNNING);
	rq->stats.wakeups++;
	if (rq == this_rq())
		rq->stats.local_wakeups++;
unlock:
	task_rq_unlock(rq, irqflags);
	return woken;
}

/* wake_up_process - from any normal sleep. */
int wake_up_process(struct task_struct *task)
{
	return try_to_wake_up(task, TASK_NORMAL, 0);
}

/* wake_up_state - from the given states only. */
int wake_up_state(struct task_struct *task, unsigned int state)
{
	return try_to_wake_up(task, state, 0);
}

/* kick_process - if it runs elsewhere, an interrupt makes it look. */
void kick_process(struct task_struct *task)
{
	int cpu = READ_ONCE(task->cpu);

	if (cpu != (int)smp_processor_id() && task_curr(task))
		smp_send_reschedule(cpu);
}

/* task_curr - does @task run right now? */
bool task_curr(const struct task_struct *task)
{
	return READ_ONCE(cpu_rq(READ_ONCE(task->cpu))->curr) == task;
}

/* wait_task_inactive - until @task is off its CPU. */
void wait_task_inactive(struct task_struct *task)
{
	while (__atomic_load_n(&task->on_cpu, __ATOMIC_ACQUIRE)) {
		if (task_curr(task))
			schedule_timeout_uninterruptible_ns(NSEC_PER_MSEC);
		else
			cpu_relax();
	}
}

/* A child does not inherit a policy that SCHED_RESET_ON_FORK guards. */
static void reset_policy(struct task_struct *p)
{
	if (rt_policy(p->policy)) {
		p->policy = SCHED_NORMAL;
		p->rt_priority = 0;
		p->static_prio = DEFAULT_PRIO;
	} else if (task_nice(p) < 0) {
		p->static_prio = DEFAULT_PRIO;
	}
	p->sched_reset_on_fork = false;
}

/* sched_fork - scheduling part of a new task; see core.h. */
int sched_fork(struct task_struct *p)
{
	struct sched_entity *se = &p->se;

	p->__state = TASK_NEW;
	p->flags &= ~PF_IDLE;
	p->on_cpu = false;
	p->preempt_count = 0;
	p->nr_locks_held = 0;
	p->wakes_sync = false;
	p->nvcsw = 0;
	p->nivcsw = 0;
	p->utime = 0;
	p->stime = 0;
	p->prev_utime = 0;
	p->prev_stime = 0;
	*se = (struct sched_entity){.weight = NICE_0_WEIGHT};
	RB_CLEAR_NODE(&se->run_node);
	INIT_LIST_HEAD(&se->run_list);
	if (p->sched_reset_on_fork)
		reset_policy(p);
	task_set_class(p);
	clear_tsk_need_resched(p);
	return 0;
}

/* wake_up_new_task - put a task that never ran on a queue. */
__landmark void wake_up_new_task(struct task_struct *p)
{
	unsigned long flags;
	struct rq *rq;

	rq = task_rq_lock(p, &flags);
	update_rq_clock(rq);
	if (p->sched_class == &fair_sched_class)
		fair_task_fork(rq, p);
	rq = place_task(rq, p, select_fork_rq(p), ENQUEUE_NEW);
	WRITE_ONCE(p->__state, TASK_RUNNING);
	task_rq_unlock(rq, flags);
}
