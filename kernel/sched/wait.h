/*
 * wait.h - wait queues: sleep until a condition holds.
 *
 * Sleeper:	err = wait_event_interruptible(queue, ring_count(&ring) > 0);
 * Waker:	make the condition true, then wake_up(&queue).
 * The condition is tested without a lock, before and after each wake-up; it
 * may take one itself.  Wake-ups may come from any context.  The queue is
 * given as a pointer.
 *
 * Entry points: wait_event and kin, wake_up and kin, prepare_to_wait,
 * finish_wait, add_wait_queue, signal_pending.
 */
#pragma once

#include <abi/errno.h>
#include <kernel/arch/context.h>
#include <kernel/base/lock_order.h>
#include <kernel/sched/core.h>
#include <kernel/types/lock.h>
#include <kernel/types/task.h>

/* signal_pending - has @task a signal to look at? */
static inline bool signal_pending(const struct task_struct *task)
{
	return test_tsk_thread_flag(task, TIF_SIGPENDING);
}

/* fatal_signal_pending - is @task dying?  (SIGKILL is queued for it.) */
static inline bool fatal_signal_pending(const struct task_struct *task)
{
	return signal_pending(task) &&
	       (READ_ONCE(task->pending.signal) & sigmask(SIGKILL));
}

/* signal_pending_state - would a signal end a sleep in @state? */
static inline bool signal_pending_state(unsigned int state,
					const struct task_struct *task)
{
	if (!(state & (TASK_INTERRUPTIBLE | TASK_WAKEKILL)))
		return false;
	if (!signal_pending(task))
		return false;
	return (state & TASK_INTERRUPTIBLE) || fatal_signal_pending(task);
}

/* init_waitqueue_head - an empty queue. */
void init_waitqueue_head(struct wait_queue *wq);

/* As init_waitqueue_head, for the queues of poll tables: they are woken
 * while another queue's lock is held. */
void init_poll_waitqueue_head(struct wait_queue *wq);

#define WAIT_QUEUE_INIT(name)                                                  \
	{                                                                      \
		.lock = {.rank = LOCK_WAIT},                                   \
		.head = LIST_HEAD_INIT((name).head)                            \
	}
#define DECLARE_WAIT_QUEUE_HEAD(name)                                          \
	struct wait_queue name = WAIT_QUEUE_INIT(name)

/* default_wake_function - wakes entry->task; 1 if it slept. */
int default_wake_function(struct wait_entry *entry, unsigned long key);

/* autoremove_wake_function - the same, and takes the entry off the queue. */
int autoremove_wake_function(struct wait_entry *entry, unsigned long key);

/* init_wait_entry - for current, removed when it is woken. */
void init_wait_entry(struct wait_entry *entry, unsigned int flags);

/* init_waitqueue_func_entry - calls @func on each wake-up; stays queued. */
void init_waitqueue_func_entry(struct wait_entry *entry, wait_func_t func);

#define DEFINE_WAIT_FUNC(name, function)                                       \
	struct wait_entry name = {                                             \
		.link = LIST_HEAD_INIT((name).link),                           \
		.task = current,                                               \
		.func = function,                                              \
	}
#define DEFINE_WAIT(name) DEFINE_WAIT_FUNC(name, autoremove_wake_function)
#define DECLARE_WAITQUEUE(name, tsk)                                           \
	struct wait_entry name = {                                             \
		.link = LIST_HEAD_INIT((name).link),                           \
		.task = (tsk),                                                 \
		.func = default_wake_function,                                 \
	}

/* add_wait_queue - wake-ups reach @entry from now on. */
void add_wait_queue(struct wait_queue *wq, struct wait_entry *entry);
void add_wait_queue_exclusive(struct wait_queue *wq, struct wait_entry *entry);

/* remove_wait_queue - no wake-up reaches @entry any more, none is running. */
void remove_wait_queue(struct wait_queue *wq, struct wait_entry *entry);

/* waitqueue_active - is anybody queued?  Needs a barrier of the caller's. */
static inline bool waitqueue_active(const struct wait_queue *wq)
{
	return !list_empty(&wq->head);
}

/* prepare_to_wait - queue @entry (if it is not) and set current's state. */
void prepare_to_wait(struct wait_queue *wq, struct wait_entry *entry,
		     unsigned int state);
void prepare_to_wait_exclusive(struct wait_queue *wq, struct wait_entry *entry,
			       unsigned int state);

/* finish_wait - running again, entry off the queue. */
void finish_wait(struct wait_queue *wq, struct wait_entry *entry);

/*
 * __wake_up - call the entries' functions with @key until @nr_exclusive
 * exclusive ones woke somebody (0: all of them).
 */
void __wake_up(struct wait_queue *wq, int nr_exclusive, unsigned long key);

/* __wake_up_sync - the same by one who is about to sleep itself: what it wakes
 * may as well run here. */
void __wake_up_sync(struct wait_queue *wq, int nr_exclusive, unsigned long key);

/* __wake_up_locked - the same, the caller holds wq->lock. */
void __wake_up_locked(struct wait_queue *wq, int nr_exclusive,
		      unsigned long key);

#define wake_up(wq)			     __wake_up(wq, 1, 0)
#define wake_up_nr(wq, nr)		     __wake_up(wq, nr, 0)
#define wake_up_all(wq)			     __wake_up(wq, 0, 0)
#define wake_up_interruptible(wq)	     __wake_up(wq, 1, 0)
#define wake_up_interruptible_all(wq)	     __wake_up(wq, 0, 0)
#define wake_up_poll(wq, mask)		     __wake_up(wq, 1, (mask))
#define wake_up_all_poll(wq, mask)	     __wake_up(wq, 0, (mask))
#define wake_up_interruptible_poll(wq, mask) __wake_up(wq, 1, (mask))
#define wake_up_sync_poll(wq, mask)	     __wake_up_sync(wq, 1, (mask))
#define wake_up_all_sync(wq)		     __wake_up_sync(wq, 0, 0)

/*
 * The loop of all wait_event forms: sleep in @state until @condition, a
 * signal that ends that state (the value is then -ERESTARTSYS), with @sleep
 * as the step that gives the CPU away.
 */
#define ___wait_event(wq, condition, state, exclusive, sleep)                  \
	({                                                                     \
		struct wait_entry __entry;                                     \
		long __err = 0;                                                \
                                                                               \
		assert_can_sleep();                                            \
		init_wait_entry(&__entry, (exclusive) ? WQ_EXCLUSIVE : 0);     \
		for (;;) {                                                     \
			if (exclusive)                                         \
				prepare_to_wait_exclusive((wq), &__entry,      \
							  (state));            \
			else                                                   \
				prepare_to_wait((wq), &__entry, (state));      \
			if (condition)                                         \
				break;                                         \
			if (signal_pending_state((state), current)) {          \
				__err = -ERESTARTSYS;                          \
				break;                                         \
			}                                                      \
			sleep;                                                 \
		}                                                              \
		finish_wait((wq), &__entry);                                   \
		/* The wake-up may have been for us: somebody else's then. */  \
		if (__err && (exclusive))                                      \
			__wake_up((wq), 1, 0);                                 \
		__err;                                                         \
	})

/* wait_event - sleep until @condition; no signal ends it. */
#define wait_event(wq, condition)                                              \
	do {                                                                   \
		if (!(condition))                                              \
			(void)___wait_event(wq, condition,                     \
					    TASK_UNINTERRUPTIBLE, 0,           \
					    schedule());                       \
	} while (0)

#define io_wait_event(wq, condition)                                           \
	do {                                                                   \
		if (!(condition))                                              \
			(void)___wait_event(wq, condition,                     \
					    TASK_UNINTERRUPTIBLE, 0,           \
					    io_schedule());                    \
	} while (0)

/* wait_event_interruptible - 0, or -ERESTARTSYS for a signal. */
#define wait_event_interruptible(wq, condition)                                \
	({                                                                     \
		int __ret = 0;                                                 \
		if (!(condition))                                              \
			__ret = ___wait_event(wq, condition,                   \
					      TASK_INTERRUPTIBLE, 0,           \
					      schedule());                     \
		__ret;                                                         \
	})

/* The same; a wake_up wakes only one of those who wait so. */
#define wait_event_interruptible_exclusive(wq, condition)                      \
	({                                                                     \
		int __ret = 0;                                                 \
		if (!(condition))                                              \
			__ret = ___wait_event(wq, condition,                   \
					      TASK_INTERRUPTIBLE, 1,           \
					      schedule());                     \
		__ret;                                                         \
	})

/* wait_event_killable - 0, or -ERESTARTSYS when the task is dying. */
#define wait_event_killable(wq, condition)                                     \
	({                                                                     \
		int __ret = 0;                                                 \
		if (!(condition))                                              \
			__ret = ___wait_event(wq, condition, TASK_KILLABLE, 0, \
					      schedule());                     \
		__ret;                                                         \
	})

#define ___wait_event_timeout(wq, condition, timeout_ns, state)                \
	({                                                                     \
		s64 __left = (timeout_ns);                                     \
		long __werr = 0;                                               \
                                                                               \
		if (!(condition)) {                                            \
			__werr = ___wait_event(                                \
				wq, ((condition) || __left <= 0), state, 0,    \
				__left = schedule_timeout_ns(__left));         \
			if (__werr == 0 && __left <= 0)                        \
				__left = (condition) ? 1 : 0;                  \
		} else if (__left <= 0) {                                      \
			__left = 1;                                            \
		}                                                              \
		__werr ? (s64)__werr : __left;                                 \
	})

/* wait_event_timeout_ns - the time left (1 or more), or 0: it ran out. */
#define wait_event_timeout_ns(wq, condition, timeout_ns)                       \
	___wait_event_timeout(wq, condition, timeout_ns, TASK_UNINTERRUPTIBLE)

/* wait_event_interruptible_timeout_ns - as above, or -ERESTARTSYS. */
#define wait_event_interruptible_timeout_ns(wq, condition, timeout_ns)         \
	___wait_event_timeout(wq, condition, timeout_ns, TASK_INTERRUPTIBLE)
