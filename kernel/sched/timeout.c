/*
 * timeout.c - sleeping for a time, and for a disk.
 *
 * A sleep with an end has a timer on the sleeper's stack that wakes it.
 *
 * Locks: none.
 *
 * Entry points: schedule_timeout_ns, schedule_until_ns, io_schedule.
 */
#include <kernel/sched/core.h>
#include <kernel/sched/internal.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

struct sleeper {
	struct timer timer;
	struct task_struct *task;
};

static void sleeper_timeout(struct timer *timer, void *cookie)
{
	struct sleeper *sleeper = cookie;

	(void)timer;
	wake_up_process(sleeper->task);
}

/* schedule_timeout_ns - sleep in the state set, at most so long. */
s64 schedule_timeout_ns(s64 timeout_ns)
{
	struct sleeper sleeper = {.task = current};
	u64 expires;
	u64 now;

	if (timeout_ns == MAX_SCHEDULE_TIMEOUT_NS) {
		schedule();
		return timeout_ns;
	}
	if (timeout_ns <= 0) {
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	now = ktime_get_ns();
	expires = now + (u64)timeout_ns;
	timer_init(&sleeper.timer, sleeper_timeout, &sleeper);
	timer_start(&sleeper.timer, expires);
	schedule();
	(void)timer_cancel(&sleeper.timer);
	now = ktime_get_ns();
	return now >= expires ? 0 : (s64)(expires - now);
}

/* schedule_until_ns - sleep in the state set, at most until @expires_ns. */
bool schedule_until_ns(enum timer_clock clock, u64 expires_ns, u64 slack_ns)
{
	struct sleeper sleeper = {.task = current};

	if (expires_ns == MAX_TIMEOUT_NS) {
		schedule();
		return false;
	}
	timer_init(&sleeper.timer, sleeper_timeout, &sleeper);
	timer_start_range(&sleeper.timer, clock, expires_ns, slack_ns);
	schedule();
	(void)timer_cancel(&sleeper.timer);
	return ktime_get_clock_ns(clock) >= expires_ns;
}

/* schedule_timeout_ns, setting the state first. */
s64 schedule_timeout_interruptible_ns(s64 timeout_ns)
{
	set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout_ns(timeout_ns);
}

s64 schedule_timeout_uninterruptible_ns(s64 timeout_ns)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout_ns(timeout_ns);
}

/* io_schedule_timeout_ns - sleep for a disk. */
s64 io_schedule_timeout_ns(s64 timeout_ns)
{
	struct rq *rq = this_rq();
	s64 left;

	atomic_inc(&rq->nr_iowait);
	left = schedule_timeout_ns(timeout_ns);
	atomic_dec(&rq->nr_iowait);
	return left;
}

/* io_schedule - the same without an end. */
void io_schedule(void)
{
	(void)io_schedule_timeout_ns(MAX_SCHEDULE_TIMEOUT_NS);
}
