/*
 * Timers: see timer.h.
 *
 * A queue per CPU: for each clock a tree by expiry; the CPU's one-shot event is
 * set for the first entry of all.  A clock that is set changes no tree, only
 * what its times mean: all CPUs look again (timers_clock_was_set).  timer->cpu
 * names the queue a timer is in, or was in last, and is changed only under that
 * queue's lock; so whoever wants a timer's queue locks the one named and looks
 * again.  A timer whose callback is running stays with that CPU, so that
 * `running` always tells the truth about it.
 *
 * Locks: queue->lock (LOCK_TIMER), interrupts off; not held over callbacks.
 * Entry points: timer_init, timer_start, timer_start_clock, timer_cancel,
 * timer_interrupt, timers_clock_was_set.
 */
#include <kernel/time/timer.h>

#include <kernel/arch/barrier.h>
#include <kernel/arch/clock.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/smp.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/time/clock.h>

#define NEVER ~0ULL

/* Locks:  Q lock */
struct timer_queue {
	struct spinlock lock;
	struct rb_root_cached tree[NR_TIMER_CLOCKS]; /* [Q] */
	unsigned int clocks;   /* [Q] bit n: tree n is not empty */
	struct timer *running; /* [Q] whose callback is being called */
	u64 armed_ns;	       /* [Q] what the event is set for */
	bool in_interrupt;     /* [Q] it will be set at the end */
};

static DEFINE_PER_CPU(struct timer_queue, timer_queues);

/* timer_subsystem_init - queues for all CPUs. */
void timer_subsystem_init(void)
{
	unsigned int cpu;
	int clock;

	for_each_possible_cpu (cpu) {
		struct timer_queue *q = per_cpu_ptr(&timer_queues, cpu);

		spin_lock_init(&q->lock, LOCK_TIMER);
		for (clock = 0; clock < NR_TIMER_CLOCKS; clock++)
			q->tree[clock] = RB_ROOT_CACHED;
		q->armed_ns = NEVER;
	}
	clock_start_timers();
}

/* timer_init - @func(timer, @cookie) will be called; not yet started. */
void timer_init(struct timer *timer,
		void (*func)(struct timer *timer, void *cookie), void *cookie)
{
	RB_CLEAR_NODE(&timer->node);
	timer->expires_ns = 0;
	timer->slack_ns = 0;
	timer->func = func;
	timer->cookie = cookie;
	timer->cpu = (int)smp_processor_id();
	timer->queued = false;
	timer->clock = TIMER_MONO;
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

static struct timer *first_locked(const struct timer_queue *q, int clock)
{
	struct rb_node *n = rb_first_cached(&q->tree[clock]);

	return n ? rb_entry(n, struct timer, node) : NULL;
}

static void insert_locked(struct timer_queue *q, struct timer *timer)
{
	struct rb_root_cached *tree = &q->tree[timer->clock];
	struct rb_node **link = &tree->rb_root.rb_node;
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
	rb_insert_color_cached(&timer->node, tree, leftmost);
	q->clocks |= 1U << timer->clock;
	WRITE_ONCE(timer->queued, true);
}

static void remove_locked(struct timer_queue *q, struct timer *timer)
{
	assert_held(&q->lock);
	rb_erase_cached(&timer->node, &q->tree[timer->clock]);
	if (!rb_first_cached(&q->tree[timer->clock]))
		q->clocks &= ~(1U << timer->clock);
	RB_CLEAR_NODE(&timer->node);
	WRITE_ONCE(timer->queued, false);
}

/* Monotonic time of the first timer of all, as the clocks stand; NEVER. */
static u64 next_expiry_locked(const struct timer_queue *q)
{
	const struct timer *first;
	u64 expires, offset;
	u64 next = NEVER;
	int clock;

	assert_held(&q->lock);
	first = first_locked(q, TIMER_MONO);
	if (first)
		next = first->expires_ns;
	for (clock = TIMER_REAL; q->clocks >> clock; clock++) {
		first = first_locked(q, clock);
		if (!first)
			continue;
		offset = clock_offset_ns(clock);
		expires = first->expires_ns;
		next = min(next, expires > offset ? expires - offset : 0);
	}
	return next;
}

/* Set this CPU's event for the first timer of @q, its queue. */
static void program_locked(struct timer_queue *q)
{
	u64 next = next_expiry_locked(q);
	u64 now;

	/* An event that is set already comes in vain, once. */
	if (next == NEVER || next == q->armed_ns)
		return;
	now = ktime_get_ns();
	q->armed_ns = next;
	arch_timer_set(next > now ? clock_event_delta_ns(next - now) : 0);
}

/* timer_start_range - expire between @soft_ns and @slack_ns later. */
void timer_start_range(struct timer *timer, enum timer_clock clock, u64 soft_ns,
		       u64 slack_ns)
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
	timer->slack_ns = min(slack_ns, NEVER - soft_ns);
	timer->expires_ns = soft_ns + timer->slack_ns;
	timer->clock = (u8)clock;
	insert_locked(q, timer);
	/* A queue that runs callbacks is programmed after them. */
	if (q == mine && !q->in_interrupt && first_locked(q, clock) == timer)
		program_locked(q);
	spin_unlock(&q->lock);
	local_irq_restore(flags);
}

/* timer_start_clock - expire at @expires_ns of @clock, on this CPU. */
void timer_start_clock(struct timer *timer, enum timer_clock clock,
		       u64 expires_ns)
{
	timer_start_range(timer, clock, expires_ns, 0);
}

/* timer_start - expire at @expires_ns of the monotonic clock, on this CPU. */
void timer_start(struct timer *timer, u64 expires_ns)
{
	timer_start_clock(timer, TIMER_MONO, expires_ns);
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
	enum timer_clock clock = TIMER_MONO;
	struct timer_queue *q;
	unsigned long flags;
	u64 expires = 0, now;

	local_irq_save(flags);
	q = lock_queue_of(timer);
	if (timer->queued) {
		expires = timer->expires_ns;
		clock = timer->clock;
	}
	spin_unlock(&q->lock);
	local_irq_restore(flags);
	now = ktime_get_clock_ns(clock);
	return expires > now ? expires - now : 0;
}

/* A timer that is due at monotonic time @mono, or may be, by its clock, which a
 * callback may have set. */
static struct timer *due_locked(const struct timer_queue *q, u64 mono)
{
	struct timer *timer;
	int clock;

	for (clock = 0; q->clocks >> clock; clock++) {
		timer = first_locked(q, clock);
		if (timer && timer->expires_ns - timer->slack_ns <=
				     mono + clock_offset_ns(clock))
			return timer;
	}
	return NULL;
}

/* timer_interrupt - arch: the event programmed for this CPU has come. */
void timer_interrupt(void)
{
	struct timer_queue *q = this_cpu_ptr(&timer_queues);
	struct timer *timer;
	u64 now = ktime_get_ns();
	bool in_vain;

	spin_lock(&q->lock);
	q->in_interrupt = true;
	/* Its timer was cancelled: those that may wait do so. */
	in_vain = next_expiry_locked(q) > now;
	while (!in_vain && (timer = due_locked(q, now))) {
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

static void reprogram(void *unused)
{
	(void)unused;
	timer_reprogram();
}

/* timers_clock_was_set - a clock was set or runs at another speed. */
void timers_clock_was_set(void)
{
	timer_reprogram();
	smp_call_function(reprogram, NULL, true);
}
