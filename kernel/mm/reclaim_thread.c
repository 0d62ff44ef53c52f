/*
 * reclaim_thread.c - free memory before it is missed, and wait for more.
 *
 * The allocator wakes the thread (reclaim_ops.wake) when few pages are free,
 * and the owner of kernel stacks when many lie about.  The thread frees until
 * page_alloc_is_low() is content, so that those who allocate seldom have to.
 *
 * Whoever finds only dirty pages (reclaim_ops.wait), the thread or a program,
 * has the flusher write and sleeps until pages have come back from the disk.
 * That may take long, but it ends: each write does, and what the flusher
 * itself needs comes from the reserve.
 *
 * Locks: none; bits and counters are atomic.
 *
 * Entry points: reclaim_thread, reclaim_page_written, reclaim_thread_init.
 */
#include <kernel/alloc/kernel_stack.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/shrinker.h>
#include <kernel/arch/atomic.h>
#include <kernel/irq/softirq.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>
#include <kernel/types/task.h>

#define FREE_AT_ONCE   64
#define ROUNDS_MAX     1024		     /* of that, per wake-up */
#define WRITE_LIMIT_NS (5 * NSEC_PER_SEC)    /* for one page to be written */
#define PAUSE_NS       (100 * NSEC_PER_MSEC) /* when nothing can be had */

static unsigned long thread_work; /* [A] bit 0: woken */
static DECLARE_WAIT_QUEUE_HEAD(thread_wait);
static atomic64_t pages_written;
static DECLARE_WAIT_QUEUE_HEAD(written_wait);

static void wake_thread(struct deferred_work *work)
{
	wake_up(&thread_wait);
}

static struct deferred_work wake_work =
	DEFERRED_WORK_INIT(wake_work, wake_thread);

/* reclaim_ops.wake: the caller may hold any lock, so not from here. */
static void reclaim_wake(void)
{
	if (!test_bit(0, &thread_work) && !test_and_set_bit(0, &thread_work))
		(void)deferred_work_queue(&wake_work);
}

/* reclaim_page_written - a page has come back from the disk; any context. */
void reclaim_page_written(void)
{
	atomic64_inc(&pages_written);
	smp_mb();
	if (waitqueue_active(&written_wait))
		wake_up_all(&written_wait);
}

/* Sleep until a page has been written.  False: none was for long. */
static bool wait_written(void)
{
	s64 before = atomic64_read(&pages_written);

	wakeup_flusher_threads();
	(void)___wait_event_timeout(&written_wait,
				    atomic64_read(&pages_written) != before ||
					    fatal_signal_pending(current),
				    WRITE_LIMIT_NS, TASK_KILLABLE);
	return atomic64_read(&pages_written) != before;
}

/* reclaim_ops.wait: see page_alloc.h. */
static bool reclaim_wait(void)
{
	/* Who holds what the flusher needs, or is it, must not. */
	if (current->flags &
	    (PF_MEMALLOC | PF_MEMALLOC_NOFS | PF_MEMALLOC_NOIO | PF_IDLE))
		return false;
	if (!(nr_dirty_pages() + nr_writeback_pages()) ||
	    fatal_signal_pending(current))
		return false;
	return wait_written();
}

/* Free until there is enough; false: there is nothing more to be had. */
static bool free_enough(void)
{
	int round;

	for (round = 0; page_alloc_is_low(); round++) {
		if (round == ROUNDS_MAX)
			return false;
		if (!shrink_all(FREE_AT_ONCE) && !reclaim_wait())
			return false;
		drain_local_pages();
		(void)cond_resched();
	}
	return true;
}

/* reclaim_thread - the thread's function; never returns. */
int reclaim_thread(void *unused)
{
	(void)unused;
	for (;;) {
		(void)___wait_event(&thread_wait, test_bit(0, &thread_work),
				    TASK_IDLE, 0, schedule());
		trim_kernel_stacks();
		if (!free_enough()) {
			set_current_state(TASK_IDLE);
			(void)schedule_timeout_ns(PAUSE_NS);
		}
		clear_bit(0, &thread_work);
	}
	return 0;
}

/* reclaim_thread_init - the allocator may ask from now on. */
void reclaim_thread_init(void)
{
	static const struct reclaim_ops ops = {
		.wake = reclaim_wake,
		.wait = reclaim_wait,
	};

	page_alloc_set_reclaim_ops(&ops);
}
