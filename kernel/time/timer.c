/*
 * Timers: see timer.h.
 *
 * A queue per CPU: a tree by expiry whose first entry the CPU's one-shot event
 * is set for.  timer->cpu names the queue a timer is in, or was in last, and
 * is changed only under that queue's lock; so whoever wants a timer's queue
 * locks the one named and looks again.  A timer whose callback is running
 * stays with that CPU, so that `running` always tells the truth about it.
 *
 * Locks: queue->lock (LOCK_TIMER), interrupts off; not held over callbacks.
 * Entry points: timer_init, timer_start, timer_cancel, timer_interrupt.
 */
#include <kernel/time/timer.h>

#include <kernel/arch/barrier.h>
#include <kernel/arch/clock.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/time/clock.h>

#define NEVER ~0ULL

/* Locks:  Q lock */
struct timer_queue {
	struct spinlock lock;
	struct rb_root_cached tree; /* [Q] */
	struct timer *running;	    /* [Q] whose callback is being called */
	u64 armed_ns;		    /* [Q] what the event is set for */
	bool in_interrupt;	    /* [Q] it will be set at the end */
};

static DEFINE_PER_CPU(struct timer_queue, timer_queues);

/* timer_subsystem_init - queues for all CPUs. */
void timer_subsystem_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
	{
		struct timer_queue *q = per_cpu_ptr(&timer_queues, cpu);

		spin_lock_init(&q->lock, LOCK_TIMER);
		q->tree = RB_ROOT_CACHED;
		q->armed_ns = NEVER;
	}
	clock_start_wrap_timer();
}

/* timer_init - @func(timer, @cookie) will be called; not yet started. */
void timer_init(struct timer *timer,
		void (*func)(struct timer *timer, void *cookie), void *cookie)
{
	RB_CLEAR_NODE(&timer->node);
	timer->expires_ns = 0;
	timer->func = func;
	timer->cookie = cookie;
	timer->cpu = (int)smp_processor_id();
	timer->queued = false;
}

/* The queue @timer belongs to, locked.  Interrupts are off. */
static struct timer_queue *lock_queue_of(const struct timer *timer)
{
	struct timer_queue *q;
	int cpu;

	for (;;) {
		cpu = READ_ONCE(timer->cpu);
		q = per_cpu_ptr(&timer_queues, cpu);
		spin_lock(&q->lock);
		if (likely(READ_ONCE(timer->cpu) == cpu))
			return q;
		spin_unlock(&q->lock);
	}
}

static struct timer *first_locked(const struct timer_queue *q)
{
	struct rb_node *n = rb_first_cached(&q->tree);

	return n ? rb_entry(n, struct timer, node) : NULL;
}

static void insert_locked(struct timer_queue *q, struct timer *timer)
{
	struct rb_node **link = &q->tree.rb_root.rb_node;
	struct rb_node *parent = NULL;
	bool leftmost = true;

	assert_held(&q->lock);
	while (*link) {
		parent = *link;
		if (timer->expires_ns <
		    rb_entry(parent, struct timer, node)->expires_ns) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(&timer->node, parent, link);
	rb_insert_color_cached(&timer->node, &q->tree, leftmost);
	WRITE_ONCE(timer->queued, true);
}

static void remove_locked(struct timer_queue *q, struct timer *timer)
{
	assert_held(&q->lock);
	rb_erase_cached(&timer->node, &q->tree);
	RB_CLEAR_NODE(&timer->node);
	WRITE_ONCE(timer->queued, false);
}

/* Set this CPU's event for the first timer of @q, its queue. */
static void program_locked(struct timer_queue *q)
{
	const struct timer *first = first_locked(q);
	u64 now;

	assert_held(&q->lock);
	if (!first) {
		/* An event that is set already comes in vain, once. */
		return;
	}
	if (first->expires_ns == q->armed_ns)
		return;
	now = ktime_get_ns();
	q->armed_ns = first->expires_ns;
	arch_timer_set(first->expires_ns > now ? first->expires_ns - now : 0);
}

/* timer_start - expire at @expires_ns of the monotonic clock, on this CPU. */
void timer_start(struct timer *timer, u64 expires_ns)
{
	struct timer_queue *mine, *q;
	unsigned long flags;

	assert(timer->func);
	local_irq_save(flags);
	mine = this_cpu_ptr(&timer_queues);
	for (;;) {
		q = lock_queue_of(timer);
		if (timer->queued)
			remove_locked(q, timer);
		if (q == mine || q->running == timer)
			break;
		WRITE_ONCE(timer->cpu, (int)smp_processor_id());
		spin_unlock(&q->lock);
	}
	timer->expires_ns = expires_ns;
	insert_locked(q, timer);
	/* A queue that runs callbacks is programmed after them. */
	if (q == mine && !q->in_interrupt && first_locked(q) == timer)
		program_locked(q);
	spin_unlock(&q->lock);
	local_irq_restore(flags);
}

/* timer_start_after - timer_start, @delay_ns from now. */
void timer_start_after(struct timer *timer, u64 delay_ns)
{
	u64 now = ktime_get_ns();

	timer_start(timer, now + min(delay_ns, MAX_TIMEOUT_NS - now));
}

/* timer_try_cancel - 1: was pending; 0: idle; -1: running elsewhere. */
int timer_try_cancel(struct timer *timer)
{
	struct timer_queue *q;
	unsigned long flags;
	int ret = 0;

	local_irq_save(flags);
	q = lock_queue_of(timer);
	if (timer->queued) {
		remove_locked(q, timer);
		ret = 1;
	}
	if (q->running == timer && q != this_cpu_ptr(&timer_queues))
		ret = -1;
	spin_unlock(&q->lock);
	local_irq_restore(flags);
	return ret;
}

/* timer_cancel - it will not run: true if it was pending. */
bool timer_cancel(struct timer *timer)
{
	int ret;

	while ((ret = timer_try_cancel(timer)) < 0)
		cpu_relax();
	return ret > 0;
}

/* timer_remaining_ns - time until it expires; 0 if it is not pending. */
u64 timer_remaining_ns(const struct timer *timer)
{
	struct timer_queue *q;
	unsigned long flags;
	u64 expires = 0, now;

	local_irq_save(flags);
	q = lock_queue_of(timer);
	if (timer->queued)
		expires = timer->expires_ns;
	spin_unlock(&q->lock);
	local_irq_restore(flags);
	now = ktime_get_ns();
	return expires > now ? expires - now : 0;
}

/* timer_interrupt - arch: the event programmed for this CPU has come. */
void timer_interrupt(void)
{
	struct timer_queue *q = this_cpu_ptr(&timer_queues);
	struct timer *timer;
	u64 now = ktime_get_ns();

	spin_lock(&q->lock);
	q->in_interrupt = true;
	while ((timer = first_locked(q)) && timer->expires_ns <= now) {
		remove_locked(q, timer);
		q->running = timer;
		spin_unlock(&q->lock);
		timer->func(timer, timer->cookie);
		spin_lock(&q->lock);
		/* It may be gone by now: only its address counts. */
		q->running = NULL;
	}
	q->in_interrupt = false;
	q->armed_ns = NEVER;
	program_locked(q);
	spin_unlock(&q->lock);
}

/* timer_next_ns - when this CPU's first timer expires; ~0: none. */
u64 timer_next_ns(void)
{
	struct timer_queue *q;
	const struct timer *first;
	unsigned long flags;
	u64 expires;

	local_irq_save(flags);
	q = this_cpu_ptr(&timer_queues);
	spin_lock(&q->lock);
	first = first_locked(q);
	expires = first ? first->expires_ns : NEVER;
	spin_unlock(&q->lock);
	local_irq_restore(flags);
	return expires;
}

/* timer_reprogram - arm this CPU's event for its first timer. */
void timer_reprogram(void)
{
	struct timer_queue *q;
	unsigned long flags;

	local_irq_save(flags);
	q = this_cpu_ptr(&timer_queues);
	spin_lock(&q->lock);
	q->armed_ns = NEVER;
	program_locked(q);
	spin_unlock(&q->lock);
	local_irq_restore(flags);
}
