/*
 * wait.c - wait queues.
 *
 * A queue is a list of entries; each has a function that a wake-up calls.
 * Non-exclusive entries stand first, exclusive ones last: a wake-up reaches all
 * of the former and as many of the latter as it was told.
 *
 * Locks: wait_queue.lock, with interrupts off; the run queue's lock is taken
 * under it.
 *
 * Entry points: prepare_to_wait, finish_wait, __wake_up, add_wait_queue.
 */
#include <kernel/sched/wait.h>

#include <kernel/base/spinlock.h>

/* init_waitqueue_head - an empty queue. */
void init_waitqueue_head(struct wait_queue *wq)
{
	spin_lock_init(&wq->lock, LOCK_WAIT);
	INIT_LIST_HEAD(&wq->head);
}

/* init_poll_waitqueue_head - one that is woken under another's lock. */
void init_poll_waitqueue_head(struct wait_queue *wq)
{
	spin_lock_init(&wq->lock, LOCK_POLL_WAIT);
	INIT_LIST_HEAD(&wq->head);
}

/* default_wake_function - wake the entry's task. */
int default_wake_function(struct wait_entry *entry, unsigned long key)
{
	(void)key;
	return try_to_wake_up(entry->task, TASK_NORMAL, 0);
}

/* autoremove_wake_function - the same; woken once is enough. */
int autoremove_wake_function(struct wait_entry *entry, unsigned long key)
{
	int woken = default_wake_function(entry, key);

	if (woken)
		list_del_init(&entry->link);
	return woken;
}

/* init_wait_entry - for current. */
void init_wait_entry(struct wait_entry *entry, unsigned int flags)
{
	INIT_LIST_HEAD(&entry->link);
	entry->task = current;
	entry->func = autoremove_wake_function;
	entry->flags = flags;
}

/* init_waitqueue_func_entry - an entry with a function of its own. */
void init_waitqueue_func_entry(struct wait_entry *entry, wait_func_t func)
{
	INIT_LIST_HEAD(&entry->link);
	entry->task = NULL;
	entry->func = func;
	entry->flags = 0;
}

static void queue_entry(struct wait_queue *wq, struct wait_entry *entry)
{
	if (entry->flags & WQ_EXCLUSIVE)
		list_add_tail(&entry->link, &wq->head);
	else
		list_add(&entry->link, &wq->head);
}

/* add_wait_queue - wake-ups reach @entry from now on. */
void add_wait_queue(struct wait_queue *wq, struct wait_entry *entry)
{
	unsigned long flags;

	entry->flags &= ~WQ_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	queue_entry(wq, entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* add_wait_queue_exclusive - the same, one of those woken one by one. */
void add_wait_queue_exclusive(struct wait_queue *wq, struct wait_entry *entry)
{
	unsigned long flags;

	entry->flags |= WQ_EXCLUSIVE;
	spin_lock_irqsave(&wq->lock, flags);
	queue_entry(wq, entry);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* remove_wait_queue - no wake-up reaches @entry any more. */
void remove_wait_queue(struct wait_queue *wq, struct wait_entry *entry)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&entry->link);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* prepare_to_wait - queued, and in @state: test the condition now. */
void prepare_to_wait(struct wait_queue *wq, struct wait_entry *entry,
		     unsigned int state)
{
	unsigned long flags;

	spin_lock_irqsave(&wq->lock, flags);
	if (list_empty(&entry->link))
		queue_entry(wq, entry);
	set_current_state(state);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* prepare_to_wait_exclusive - one of those woken one by one. */
void prepare_to_wait_exclusive(struct wait_queue *wq, struct wait_entry *entry,
			       unsigned int state)
{
	entry->flags |= WQ_EXCLUSIVE;
	prepare_to_wait(wq, entry, state);
}

/* finish_wait - running, and off the queue. */
void finish_wait(struct wait_queue *wq, struct wait_entry *entry)
{
	unsigned long flags;

	__set_current_state(TASK_RUNNING);
	spin_lock_irqsave(&wq->lock, flags);
	list_del_init(&entry->link);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* __wake_up_locked - the caller holds wq->lock. */
void __wake_up_locked(struct wait_queue *wq, int nr_exclusive,
		      unsigned long key)
{
	struct wait_entry *entry;
	struct wait_entry *next;

	list_for_each_entry_safe (entry, next, &wq->head, link) {
		bool exclusive = entry->flags & WQ_EXCLUSIVE;

		if (entry->func(entry, key) && exclusive && --nr_exclusive == 0)
			return;
	}
}

/* __wake_up - any context. */
void __wake_up(struct wait_queue *wq, int nr_exclusive, unsigned long key)
{
	unsigned long flags;

	/* Orders the caller's change of the condition with this look. */
	smp_mb();
	if (!waitqueue_active(wq))
		return;
	spin_lock_irqsave(&wq->lock, flags);
	__wake_up_locked(wq, nr_exclusive, key);
	spin_unlock_irqrestore(&wq->lock, flags);
}

/* __wake_up_sync - by a task that is about to sleep; see wait.h. */
void __wake_up_sync(struct wait_queue *wq, int nr_exclusive, unsigned long key)
{
	current->wakes_sync = true;
	__wake_up(wq, nr_exclusive, key);
	current->wakes_sync = false;
}
