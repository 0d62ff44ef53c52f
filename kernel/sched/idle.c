/*
 * idle.c - what a CPU does when nobody wants it.
 *
 * The idle task of each CPU is in no queue; it halts until an interrupt, with
 * the tick stopped, and calls schedule when that interrupt woke somebody.
 *
 * Entry points: idle_sched_class, cpu_startup_entry.
 */
#include <kernel/arch/irqflags.h>
#include <kernel/base/panic.h>
#include <kernel/irq/softirq.h>
#include <kernel/sched/core.h>
#include <kernel/sched/internal.h>
#include <kernel/time/tick.h>

static void enqueue_idle(struct rq *rq, struct task_struct *p, int flags)
{
	(void)rq;
	(void)p;
	(void)flags;
	panic("the idle task is put on a queue");
}

static void dequeue_idle(struct rq *rq, struct task_struct *p, int flags)
{
	(void)rq;
	(void)p;
	(void)flags;
	panic("the idle task goes to sleep");
}

static struct task_struct *pick_next_idle(struct rq *rq)
{
	return rq->idle;
}

static void put_prev_idle(struct rq *rq, struct task_struct *p)
{
	(void)p;
	account_idle(rq, rq->clock_ns);
}

static void set_next_idle(struct rq *rq, struct task_struct *p)
{
	p->se.exec_start_ns = rq->clock_ns;
	rq->idle_start_ns = rq->clock_ns;
}

static bool wakeup_preempt_idle(struct rq *rq, struct task_struct *p)
{
	(void)rq;
	(void)p;
	return false;
}

static void tick_idle(struct rq *rq, struct task_struct *p)
{
	(void)rq;
	(void)p;
}

static void rq_nothing_idle(struct rq *rq)
{
	(void)rq;
}

const struct sched_class idle_sched_class = {
	.enqueue_task = enqueue_idle,
	.dequeue_task = dequeue_idle,
	.pick_next = pick_next_idle,
	.put_prev = put_prev_idle,
	.set_next = set_next_idle,
	.wakeup_preempt = wakeup_preempt_idle,
	.tick = tick_idle,
	.yield = rq_nothing_idle,
	.update_curr = rq_nothing_idle,
};

/* Halt until there is something to do; interrupts on at both ends. */
static void do_idle(void)
{
	bool ticking = true;

	while (!need_resched()) {
		if (softirq_pending()) {
			do_softirq();
			continue;
		}
		if (ticking) {
			tick_stop();
			ticking = false;
		}
		local_irq_disable();
		if (need_resched() || softirq_pending())
			local_irq_enable();
		else
			cpu_wait_for_irq();
	}
	if (!ticking)
		tick_start();
}

/* cpu_startup_entry - the idle loop; this CPU's boot code ends here. */
void cpu_startup_entry(void)
{
	local_irq_enable();
	tick_start();
	for (;;) {
		do_idle();
		schedule_preempt();
	}
}
