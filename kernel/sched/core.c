/*
 * core.c - switching tasks and going to sleep.
 *
 * Each CPU has a run queue (struct rq) with a lock of its own.  A task
 * belongs to the queue of task->cpu; its state, class and place are changed
 * under that queue's lock.  schedule() picks the best task: the realtime
 * class first, then the fair one, else the idle task.
 *
 * The lock is taken by the task that leaves and released by the one that
 * arrives (finish_task_switch), so nobody sees a task that is off its queue
 * but still on its stack: a waker takes the same lock and waits.
 *
 * A running task cannot be moved under its feet.  When it leaves its CPU and
 * may not stay there (affinity), or wants to go (push_task), __schedule takes
 * it off the queue and finish_task_switch, on the next task's stack, puts it on
 * another; `migrating` tells wakers that it is on its way.
 *
 * A dying task cannot free its own stack; finish_task_switch drops the
 * reference for it, and the borrowed address space of a kernel thread.
 *
 * Locks: rq->lock (LOCK_RQ), with interrupts off; two of them in order of
 * CPU number.
 *
 * Entry points: schedule, schedule_preempt, yield, cond_resched, sched_exec,
 * do_task_dead, scheduler_tick.  Waking is in wakeup.c, the queues' upkeep in
 * queue.c.
 */
#include <kernel/sched/core.h>

#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/smp.h>
#include <kernel/base/assert.h>
#include <kernel/base/panic.h>
#include <kernel/irq/softirq.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/priority.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>
#include <kernel/time/tick.h>
#include <kernel/types/mm.h>

DEFINE_PER_CPU_ALIGNED(struct rq, runqueues);

/* Filled by upper layers; see the setters. */
static void (*put_task_hook)(struct task_struct *task) __read_mostly;
static void (*mm_drop_hook)(struct mm_struct *mm) __read_mostly;
static void (*tick_hook)(struct task_struct *task,
			 bool user_mode) __read_mostly;

/* sched_set_put_task - who drops a dead task's last running reference. */
void sched_set_put_task(void (*put)(struct task_struct *task))
{
	put_task_hook = put;
}

/* sched_set_mm_drop - who frees an mm_struct that nobody runs on any more. */
void sched_set_mm_drop(void (*drop)(struct mm_struct *mm))
{
	mm_drop_hook = drop;
}

/* sched_set_tick_hook - CPU-time limits and timers of the running task. */
void sched_set_tick_hook(void (*fn)(struct task_struct *task, bool user_mode))
{
	tick_hook = fn;
}

/* task_rq_lock - lock the queue @p stands on. */
struct rq *task_rq_lock(struct task_struct *p, unsigned long *flags)
{
	struct rq *rq;

	local_irq_save(*flags);
	for (;;) {
		rq = task_rq(p);
		spin_lock(&rq->lock);
		if (likely(rq == task_rq(p)))
			return rq;
		spin_unlock(&rq->lock);
	}
}

/* task_rq_unlock - undo task_rq_lock. */
void task_rq_unlock(struct rq *rq, unsigned long flags)
{
	spin_unlock_irqrestore(&rq->lock, flags);
}

/* resched_curr - what runs on @rq shall call schedule soon. */
void resched_curr(struct rq *rq)
{
	struct task_struct *curr = rq->curr;

	if (test_tsk_need_resched(curr))
		return;
	set_tsk_need_resched(curr);
	if (rq->cpu != (int)smp_processor_id())
		smp_send_reschedule(rq->cpu);
}

/* resched_cpu - the same from outside, by CPU number. */
void resched_cpu(int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	resched_curr(rq);
	spin_unlock_irqrestore(&rq->lock, flags);
}

/* scheduler_ipi - the flag is set already; the return from interrupt sees it.
 */
void scheduler_ipi(void)
{
}

/* Puts @p, which left @rq's CPU for good, where it may run.  @rq is locked;
 * the queue that is locked afterwards is returned. */
static struct rq *finish_leaving(struct rq *rq, struct task_struct *p)
{
	int cpu = p == rq->push_task ? rq->push_cpu : select_task_rq(p);

	rq->leaving = NULL;
	rq->push_task = NULL;
	return place_task(rq, p, cpu, 0);
}

/*
 * finish_task_switch - the arriving task's half of a switch.
 *
 * @prev is the task that left.  Releases the queue, then what @prev left
 * behind: a borrowed address space, and itself if it is dead.
 */
__landmark void finish_task_switch(struct task_struct *prev)
{
	struct rq *rq = this_rq();
	struct mm_struct *mm = rq->prev_mm;
	bool dead = READ_ONCE(prev->__state) == TASK_DEAD;
	bool evict = rq->evict;

	rq->prev_mm = NULL;
	rq->evict = false;
	__atomic_store_n(&prev->on_cpu, false, __ATOMIC_RELEASE);
	if (unlikely(rq->leaving))
		rq = finish_leaving(rq, prev);
	spin_unlock(&rq->lock);

	if (unlikely(evict))
		tell_evicted();
	if (unlikely(mm && atomic_dec_and_test(&mm->mm_count)))
		mm_drop_hook(mm);
	if (unlikely(dead)) {
		assert(put_task_hook);
		put_task_hook(prev);
	}
}

/*
 * context_switch - from @prev to @next; returns in @prev's next life.
 *
 * A kernel thread has no mm: it runs on the tables it finds, and holds a
 * reference so that they stay.
 */
__landmark void context_switch(struct rq *rq, struct task_struct *prev,
			       struct task_struct *next)
{
	if (!next->mm) {
		next->active_mm = prev->active_mm;
		if (prev->mm && next->active_mm)
			atomic_inc(&next->active_mm->mm_count);
		else
			prev->active_mm = NULL; /* handed on with its count */
	} else {
		switch_mm(prev->active_mm, next->mm);
		next->active_mm = next->mm;
		if (!prev->mm) {
			rq->prev_mm = prev->active_mm;
			prev->active_mm = NULL;
		}
	}
	switch_to(prev, next, prev);
	finish_task_switch(prev);
}

/* rseq(2): @prev must look whether a critical section was cut. */
static void rseq_preempt(struct task_struct *prev)
{
	if (likely(!prev->rseq))
		return;
	prev->rseq_event = true;
	set_tsk_thread_flag(prev, TIF_RSEQ);
}

static struct task_struct *pick_next_task(struct rq *rq)
{
	if (!rq->cfs.nr || rt_overloaded())
		pull_tasks(rq);
	if (rt_may_run(rq))
		return rt_sched_class.pick_next(rq);
	if (rq->cfs.nr)
		return fair_sched_class.pick_next(rq);
	return rq->idle;
}

/* Must @prev, which stays runnable, go on elsewhere? */
static bool must_leave(struct rq *rq, struct task_struct *prev)
{
	if (prev == rq->idle)
		return false;
	return unlikely(prev == rq->push_task) ||
	       unlikely(!(READ_ONCE(prev->cpus_mask) >> rq->cpu & 1));
}

/* The task that leaves gives up its place, unless it only steps aside. */
static void put_prev_task(struct rq *rq, struct task_struct *prev, bool preempt)
{
	unsigned int state = READ_ONCE(prev->__state);

	prev->sched_class->update_curr(rq);
	if (!preempt && state != TASK_RUNNING) {
		if (signal_pending_state(state, prev)) {
			WRITE_ONCE(prev->__state, TASK_RUNNING);
		} else {
			if (contributes_to_load(state))
				rq->nr_uninterruptible++;
			deactivate_task(rq, prev, DEQUEUE_SLEEP);
		}
	}
	if (prev->se.on_rq && must_leave(rq, prev)) {
		deactivate_task(rq, prev, 0);
		prev->se.migrating = true;
		rq->leaving = prev;
	}
	prev->sched_class->put_prev(rq, prev);
}

/*
 * __schedule - the heart: choose and switch.
 *
 * @preempt: the task did not ask to sleep; whatever its state says it stays
 * runnable.  Interrupts come back as they were.
 */
__landmark void __schedule(bool preempt)
{
	struct task_struct *prev = current;
	struct task_struct *next;
	unsigned long flags;
	struct rq *rq;

	local_irq_save(flags);
	rq = this_rq();
	spin_lock(&rq->lock);
	update_rq_clock(rq);
	put_prev_task(rq, prev, preempt);
	rq->stats.schedules++;
	next = pick_next_task(rq);
	clear_tsk_need_resched(prev);
	next->sched_class->set_next(rq, next);
	if (likely(next != prev)) {
		if (preempt || prev->se.on_rq || prev->se.migrating)
			prev->nivcsw++;
		else
			prev->nvcsw++;
		if (prev->se.on_rq)
			prev->se.wait_start_ns = rq->clock_ns;
		if (next != rq->idle) {
			account_wait(rq, next);
			rq->stats.slices++;
		} else {
			rq->stats.went_idle++;
		}
		next->se.nr_switches_in++;
		rq->nr_switches++;
		rq->curr = next;
		next->on_cpu = true;
		rseq_preempt(prev);
		context_switch(rq, prev, next);
	} else {
		spin_unlock(&rq->lock);
	}
	local_irq_restore(flags);
}

/* schedule - give the CPU away; see core.h. */
__landmark void schedule(void)
{
	assert(lock_order_depth() == 0);
	do {
		__schedule(false);
	} while (need_resched());
}

/* schedule_preempt - on the way to user mode: an involuntary switch. */
void schedule_preempt(void)
{
	do {
		__schedule(true);
	} while (need_resched());
}

/* sched_exec - see core.h. */
void sched_exec(void)
{
	unsigned long flags;
	struct rq *rq;
	int cpu;

	if (READ_ONCE(this_rq()->nr_running) < 2)
		return;
	rq = task_rq_lock(current, &flags);
	cpu = select_task_rq(current);
	if (cpu != rq->cpu) {
		rq->push_task = current;
		rq->push_cpu = cpu;
	}
	spin_unlock(&rq->lock);
	/* Interrupts are off: nothing comes between. */
	if (cpu != rq->cpu)
		__schedule(true);
	local_irq_restore(flags);
}

/* schedule_tail - a new task's first step: finish the switch to it. */
void schedule_tail(struct task_struct *prev)
{
	finish_task_switch(prev);
	local_irq_enable();
}

/* sched_exit - charge the dying task to the last nanosecond. */
void sched_exit(struct task_struct *p)
{
	unsigned long flags;
	struct rq *rq;

	rq = task_rq_lock(p, &flags);
	if (rq->curr == p) {
		update_rq_clock(rq);
		p->sched_class->update_curr(rq);
	}
	task_rq_unlock(rq, flags);
}

/* do_task_dead - the last switch. */
void do_task_dead(void)
{
	local_irq_disable();
	WRITE_ONCE(current->__state, TASK_DEAD);
	__schedule(false);
	panic("a dead task runs");
}

/* yield - the running task goes behind its equals. */
void yield(void)
{
	struct task_struct *p = current;
	unsigned long flags;
	struct rq *rq;
	bool alone;

	rq = task_rq_lock(p, &flags);
	rq->stats.yields++;
	alone = rq->nr_running <= 1;
	if (!alone)
		p->sched_class->yield(rq);
	task_rq_unlock(rq, flags);
	if (!alone)
		schedule_preempt();
}

/* cond_resched - let others run if they have waited long enough. */
bool cond_resched(void)
{
	assert_can_sleep();
	if (likely(!need_resched()))
		return false;
	schedule_preempt();
	return true;
}

/* scheduler_tick - charge, slice, balance. */
void scheduler_tick(void)
{
	struct pt_regs *regs = this_cpu_read(irq_regs);
	bool user = regs && user_mode(regs);
	struct rq *rq = this_rq();
	struct task_struct *curr;

	spin_lock(&rq->lock);
	update_rq_clock(rq);
	curr = rq->curr;
	account_tick(rq, curr, user);
	curr->sched_class->tick(rq, curr);
	if (must_leave(rq, curr))
		resched_curr(rq);
	spin_unlock(&rq->lock);
	balance_tick(rq);
	calc_load(rq->clock_ns);
	if (tick_hook && curr != rq->idle)
		tick_hook(curr, user);
}

static void rq_init(struct rq *rq, int cpu)
{
	spin_lock_init(&rq->lock, LOCK_RQ);
	rq->cpu = cpu;
	fair_rq_init(&rq->cfs);
	rt_rq_init(&rq->rt, cpu);
}

/* init_idle - @task is what @cpu runs when nothing else wants to. */
void init_idle(struct task_struct *task, int cpu)
{
	struct rq *rq = cpu_rq(cpu);

	if (!rq->idle)
		rq_init(rq, cpu);
	task->cpu = cpu;
	task->flags |= PF_IDLE | PF_KTHREAD;
	task->__state = TASK_RUNNING;
	task->policy = SCHED_NORMAL;
	task->static_prio = DEFAULT_PRIO;
	task->normal_prio = DEFAULT_PRIO;
	task->prio = MAX_PRIO - 1;
	task->cpus_mask = 1UL << cpu;
	task->sched_class = &idle_sched_class;
	task->se.weight = NICE_0_WEIGHT;
	task->on_cpu = true;
	rq->idle = task;
	rq->curr = task;
	rq->clock_ns = ktime_get_ns();
	rq->idle_start_ns = rq->clock_ns;
}

/* idle_task - the idle task of @cpu. */
struct task_struct *idle_task(int cpu)
{
	return cpu_rq(cpu)->idle;
}

/* sched_init - what runs now becomes CPU 0's idle task.  Its children, the
 * first threads, may run anywhere. */
void sched_init(void)
{
	init_idle(current, 0);
	current->cpus_mask = ~0ULL;
	tick_set_handler(scheduler_tick);
}
