/*
 * Work after an interrupt: see softirq.h.
 *
 * A word of pending bits per CPU.  irq_exit() of the outermost interrupt runs
 * what pends, with interrupts on, unless softirqs run on this CPU already.
 * Work that keeps coming is left to the next interrupt or the idle loop after
 * MAX_ROUNDS, so that the interrupted task gets on.
 *
 * Locks: none; all data is the CPU's own, changed with interrupts off.
 * Entry points: open_softirq, raise_softirq, deferred_work_queue, irq_enter,
 * irq_exit, do_softirq, in_interrupt.
 */
#include <kernel/irq/softirq.h>

#include <kernel/arch/irqflags.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/assert.h>
#include <kernel/base/lock_order.h>

#define MAX_ROUNDS 10

static void (*actions[NR_SOFTIRQS])(void); /* [I] after boot */

static DEFINE_PER_CPU(unsigned int, hardirq_depth);
static DEFINE_PER_CPU(unsigned int, softirq_running);
static DEFINE_PER_CPU(u32, pending);
static DEFINE_PER_CPU(u64, counts[NR_SOFTIRQS]);
static DEFINE_PER_CPU(struct list_head, works); /* all zeros until used */

/* open_softirq - @action runs for softirq @nr. */
void open_softirq(enum softirq_nr nr, void (*action)(void))
{
	assert(nr < NR_SOFTIRQS);
	actions[nr] = action;
}

/* raise_softirq - run @nr soon on this CPU. */
void raise_softirq(enum softirq_nr nr)
{
	this_cpu_or(pending, 1U << nr);
}

/* softirq_pending - does anything wait on this CPU? */
bool softirq_pending(void)
{
	return this_cpu_read(pending) != 0;
}

/* in_hardirq - in an interrupt handler? */
bool in_hardirq(void)
{
	return this_cpu_read(hardirq_depth) != 0;
}

/* in_interrupt - in a hard interrupt or a softirq? */
bool in_interrupt(void)
{
	return in_hardirq() || this_cpu_read(softirq_running) != 0;
}

/* deferred_work_init - @func will be called with @work. */
void deferred_work_init(struct deferred_work *work,
			void (*func)(struct deferred_work *work))
{
	INIT_LIST_HEAD(&work->link);
	work->func = func;
	work->queued = false;
}

static struct list_head *this_cpu_works(void)
{
	struct list_head *list = this_cpu_ptr(&works);

	if (!list->next)
		INIT_LIST_HEAD(list);
	return list;
}

/* deferred_work_queue - run @work soon; false if it already waits. */
bool deferred_work_queue(struct deferred_work *work)
{
	unsigned long flags;

	if (__atomic_exchange_n(&work->queued, true, __ATOMIC_ACQUIRE))
		return false;
	local_irq_save(flags);
	list_add_tail(&work->link, this_cpu_works());
	raise_softirq(SOFTIRQ_WORK);
	local_irq_restore(flags);
	return true;
}

/* SOFTIRQ_WORK: run the queue as it is now. */
static void run_works(void)
{
	struct deferred_work *work;
	LIST_HEAD(now);

	local_irq_disable();
	list_splice_init(this_cpu_works(), &now);
	local_irq_enable();
	while (!list_empty(&now)) {
		work = list_first_entry(&now, struct deferred_work, link);
		list_del_init(&work->link);
		/* From here it may be queued again, or freed by func. */
		__atomic_store_n(&work->queued, false, __ATOMIC_RELEASE);
		work->func(work);
	}
}

/* Run what pends.  Interrupts are off, also at return. */
static void run_softirqs(void)
{
	unsigned int round, nr;
	u32 raised;

	this_cpu_write(softirq_running, 1U);
	lock_order_interrupt(1);
	for (round = 0; round < MAX_ROUNDS; round++) {
		raised = this_cpu_read(pending);
		if (!raised)
			break;
		this_cpu_write(pending, 0U);
		local_irq_enable();
		for (; raised; raised &= raised - 1) {
			nr = (unsigned int)__builtin_ctz(raised);
			(*this_cpu_ptr(&counts))[nr]++;
			if (actions[nr])
				actions[nr]();
		}
		local_irq_disable();
	}
	lock_order_interrupt(-1);
	this_cpu_write(softirq_running, 0U);
}

/* do_softirq - run what pends, if not in an interrupt. */
void do_softirq(void)
{
	unsigned long flags;

	if (in_interrupt())
		return;
	local_irq_save(flags);
	if (softirq_pending())
		run_softirqs();
	local_irq_restore(flags);
}

/* irq_enter - arch: an interrupt begins; interrupts are off. */
void irq_enter(void)
{
	this_cpu_inc(hardirq_depth);
	lock_order_interrupt(1);
}

/* irq_exit - arch: it ends; softirqs run behind the outermost one. */
void irq_exit(void)
{
	lock_order_interrupt(-1);
	this_cpu_dec(hardirq_depth);
	if (softirq_pending() && !in_interrupt())
		run_softirqs();
}

/* softirq_count - how often @nr ran on @cpu. */
u64 softirq_count(enum softirq_nr nr, int cpu)
{
	return READ_ONCE((*per_cpu_ptr(&counts, cpu))[nr]);
}

/* softirq_init - before the first interrupt. */
void softirq_init(void)
{
	open_softirq(SOFTIRQ_WORK, run_works);
}
