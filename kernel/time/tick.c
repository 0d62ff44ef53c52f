/*
 * The scheduler's tick: see tick.h.
 *
 * A timer per CPU that starts itself again while `active` is set.  Missed
 * ticks (the CPU had interrupts off for long) are not made up for.
 *
 * Locks: none; a CPU's tick is changed only by that CPU, interrupts off.
 * Entry points: tick_set_handler, tick_start, tick_stop, tick_is_running.
 */
#include <kernel/time/tick.h>

#include <kernel/arch/irqflags.h>
#include <kernel/arch/percpu.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

struct tick {
	struct timer timer; /* func NULL until first used */
	bool active;
	u64 count;
};

static DEFINE_PER_CPU(struct tick, ticks);
static void (*handler)(void); /* [I] after boot */

/* tick_set_handler - @fn is called for each tick. */
void tick_set_handler(void (*fn)(void))
{
	handler = fn;
}

static void on_tick(struct timer *timer, void *cookie)
{
	struct tick *t = this_cpu_ptr(&ticks);
	u64 next = timer->expires_ns + TICK_NSEC;
	u64 now;

	t->count++;
	if (handler)
		handler();
	if (!t->active || timer_pending(timer))
		return;
	now = ktime_get_ns();
	timer_start(timer, next > now ? next : now + TICK_NSEC);
}

/* tick_start - this CPU has work: tick. */
void tick_start(void)
{
	unsigned long flags;
	struct tick *t;

	local_irq_save(flags);
	t = this_cpu_ptr(&ticks);
	if (!t->timer.func)
		timer_init(&t->timer, on_tick, NULL);
	if (!t->active) {
		t->active = true;
		timer_start_after(&t->timer, TICK_NSEC);
	}
	local_irq_restore(flags);
}

/* tick_stop - this CPU needs no tick. */
void tick_stop(void)
{
	unsigned long flags;
	struct tick *t;

	local_irq_save(flags);
	t = this_cpu_ptr(&ticks);
	if (t->active) {
		t->active = false;
		(void)timer_cancel(&t->timer);
	}
	local_irq_restore(flags);
}

/* tick_is_running - does this CPU tick? */
bool tick_is_running(void)
{
	return this_cpu_ptr(&ticks)->active;
}

/* tick_count - ticks on all CPUs since boot. */
u64 tick_count(void)
{
	unsigned int cpu;
	u64 n = 0;

	for_each_possible_cpu (cpu)
		n += READ_ONCE(per_cpu(ticks, cpu).count);
	return n;
}
