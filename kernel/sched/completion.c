/*
 * completion.c - wait for "done".
 *
 * A counter under its wait queue's lock: complete() adds one, a waiter takes
 * one; complete_all() sets it to COMPLETE_ALL, which is never used up.
 *
 * Entry points: complete, complete_all, wait_for_completion and kin.
 */
#include <kernel/sched/completion.h>

#include <kernel/base/spinlock.h>

#define COMPLETE_ALL 0xffffffffU

/* init_completion - nobody has said "done". */
void init_completion(struct completion *done)
{
	done->done = 0;
	init_waitqueue_head(&done->wait);
}

/* reinit_completion - use it again. */
void reinit_completion(struct completion *done)
{
	done->done = 0;
}

/* complete - one waiter passes. */
void complete(struct completion *done)
{
	unsigned long flags;

	spin_lock_irqsave(&done->wait.lock, flags);
	if (done->done != COMPLETE_ALL)
		done->done++;
	__wake_up_locked(&done->wait, 1, 0);
	spin_unlock_irqrestore(&done->wait.lock, flags);
}

/* complete_all - everybody passes, now and later. */
void complete_all(struct completion *done)
{
	unsigned long flags;

	spin_lock_irqsave(&done->wait.lock, flags);
	done->done = COMPLETE_ALL;
	__wake_up_locked(&done->wait, 0, 0);
	spin_unlock_irqrestore(&done->wait.lock, flags);
}

/* try_wait_for_completion - take one if there is one.  The lock makes sure
 * that complete() has let go of the object when we return. */
bool try_wait_for_completion(struct completion *done)
{
	unsigned long flags;
	bool taken;

	spin_lock_irqsave(&done->wait.lock, flags);
	taken = done->done > 0;
	if (taken && done->done != COMPLETE_ALL)
		done->done--;
	spin_unlock_irqrestore(&done->wait.lock, flags);
	return taken;
}

/* completion_done - would a waiter pass? */
bool completion_done(struct completion *done)
{
	unsigned long flags;
	bool is_done;

	spin_lock_irqsave(&done->wait.lock, flags);
	is_done = done->done > 0;
	spin_unlock_irqrestore(&done->wait.lock, flags);
	return is_done;
}

/* wait_for_completion - no signal ends it. */
void wait_for_completion(struct completion *done)
{
	if (!try_wait_for_completion(done))
		(void)___wait_event(&done->wait, try_wait_for_completion(done),
				    TASK_UNINTERRUPTIBLE, 1, schedule());
}

/* wait_for_completion_io - the same, counted as waiting for a disk. */
void wait_for_completion_io(struct completion *done)
{
	if (!try_wait_for_completion(done))
		(void)___wait_event(&done->wait, try_wait_for_completion(done),
				    TASK_UNINTERRUPTIBLE, 1, io_schedule());
}

/* 0, or -ERESTARTSYS for a signal. */
int wait_for_completion_interruptible(struct completion *done)
{
	if (try_wait_for_completion(done))
		return 0;
	return (int)___wait_event(&done->wait, try_wait_for_completion(done),
				  TASK_INTERRUPTIBLE, 1, schedule());
}

/* 0, or -ERESTARTSYS when the task is dying. */
int wait_for_completion_killable(struct completion *done)
{
	if (try_wait_for_completion(done))
		return 0;
	return (int)___wait_event(&done->wait, try_wait_for_completion(done),
				  TASK_KILLABLE, 1, schedule());
}

/* The time left (1 or more), or 0: it ran out. */
s64 wait_for_completion_timeout_ns(struct completion *done, s64 timeout_ns)
{
	s64 left = timeout_ns;
	bool taken = false;

	if (try_wait_for_completion(done))
		return max(left, 1LL);
	(void)___wait_event(
		&done->wait,
		((taken = try_wait_for_completion(done)) || left <= 0),
		TASK_UNINTERRUPTIBLE, 1, left = schedule_timeout_ns(left));
	return taken ? max(left, 1LL) : 0;
}
