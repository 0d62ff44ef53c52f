/*
 * workqueue.c - one queue of work, and the threads that do it.
 *
 * A few workers, so that one item that sleeps does not hold up the rest.  An
 * item never runs on two of them at once.
 *
 * Locks: wq_lock, interrupts off.
 *
 * Entry points: see workqueue.h.
 */
#include <kernel/process/workqueue.h>

#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/process/kthread.h>
#include <kernel/sched/wait.h>
#include <kernel/time/timer.h>

#define NR_WORKERS 4

struct worker {
	struct task_struct *task;
	struct work_struct *current_work; /* [wq_lock] */
};

static DEFINE_SPINLOCK(wq_lock, LOCK_LEAF_IRQ);
static LIST_HEAD(wq_list); /* [wq_lock] */
static struct worker workers[NR_WORKERS];
static DECLARE_WAIT_QUEUE_HEAD(wq_more); /* work has come */
static DECLARE_WAIT_QUEUE_HEAD(wq_done); /* some work is done */

static bool work_is_running_locked(const struct work_struct *work)
{
	int i;

	for (i = 0; i < NR_WORKERS; i++) {
		if (workers[i].current_work == work)
			return true;
	}
	return false;
}

/* Take the first item that nobody runs; NULL: none. */
static struct work_struct *worker_take(struct worker *self)
{
	struct work_struct *work;

	spin_lock_irq(&wq_lock);
	list_for_each_entry (work, &wq_list, entry) {
		if (work_is_running_locked(work))
			continue;
		list_del_init(&work->entry);
		work->pending = false;
		self->current_work = work;
		spin_unlock_irq(&wq_lock);
		return work;
	}
	spin_unlock_irq(&wq_lock);
	return NULL;
}

static int worker_main(void *arg)
{
	struct worker *self = arg;
	struct work_struct *work;
	struct wait_entry entry;

	current->flags |= PF_WQ_WORKER;
	for (;;) {
		init_wait_entry(&entry, WQ_EXCLUSIVE);
		prepare_to_wait_exclusive(&wq_more, &entry, TASK_IDLE);
		work = worker_take(self);
		if (!work)
			schedule();
		finish_wait(&wq_more, &entry);
		while (work) {
			/* @work may be freed by its function. */
			work->func(work);
			spin_lock_irq(&wq_lock);
			self->current_work = NULL;
			spin_unlock_irq(&wq_lock);
			wake_up_all(&wq_done);
			work = worker_take(self);
		}
	}
	return 0;
}

/* schedule_work - see workqueue.h. */
bool schedule_work(struct work_struct *work)
{
	unsigned long flags;
	bool queued = false;

	spin_lock_irqsave(&wq_lock, flags);
	if (!work->pending && !work->disabled) {
		work->pending = true;
		list_add_tail(&work->entry, &wq_list);
		queued = true;
	}
	spin_unlock_irqrestore(&wq_lock, flags);
	if (queued)
		wake_up(&wq_more);
	return queued;
}

static void delayed_work_timer(struct timer *timer, void *cookie)
{
	(void)timer;
	(void)schedule_work(cookie);
}

/* init_delayed_work - @func will run some time after it is scheduled. */
void init_delayed_work(struct delayed_work *work, work_func_t func)
{
	INIT_WORK(&work->work, func);
	timer_init(&work->timer, delayed_work_timer, &work->work);
}

/* schedule_delayed_work - false: it is waiting already. */
bool schedule_delayed_work(struct delayed_work *work, u64 delay_ns)
{
	if (timer_pending(&work->timer) || READ_ONCE(work->work.pending))
		return false;
	timer_start_after(&work->timer, delay_ns);
	return true;
}

static bool work_is_idle(struct work_struct *work)
{
	bool idle;

	spin_lock_irq(&wq_lock);
	idle = !work->pending && !work_is_running_locked(work);
	spin_unlock_irq(&wq_lock);
	return idle;
}

/* flush_work - see workqueue.h. */
void flush_work(struct work_struct *work)
{
	wait_event(&wq_done, work_is_idle(work));
}

/* cancel_work_sync - true: it had not begun. */
bool cancel_work_sync(struct work_struct *work)
{
	bool cancelled;

	spin_lock_irq(&wq_lock);
	cancelled = work->pending;
	if (cancelled) {
		list_del_init(&work->entry);
		work->pending = false;
	}
	spin_unlock_irq(&wq_lock);
	flush_work(work);
	return cancelled;
}

/* disable_work_sync - see workqueue.h. */
void disable_work_sync(struct work_struct *work)
{
	spin_lock_irq(&wq_lock);
	work->disabled = true;
	spin_unlock_irq(&wq_lock);
	(void)cancel_work_sync(work);
}

/* cancel_delayed_work_sync - the same with its timer. */
bool cancel_delayed_work_sync(struct delayed_work *work)
{
	bool timed = timer_cancel(&work->timer);

	return cancel_work_sync(&work->work) || timed;
}

/* workqueue_init - see workqueue.h.  May sleep. */
void workqueue_init(void)
{
	int i;

	for (i = 0; i < NR_WORKERS; i++) {
		workers[i].task = kthread_run(worker_main, &workers[i],
					      "kworker/u:%d", i);
		assert(!IS_ERR(workers[i].task));
	}
}
