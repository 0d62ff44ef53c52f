/*
 * Work done later by a kernel thread, in process context.
 *
 * One queue, system_wq, served by [kworker] threads; schedule_work() may be
 * called from interrupts.
 *
 * Entry points: INIT_WORK, schedule_work, schedule_delayed_work, flush_work,
 * cancel_work_sync, disable_work_sync, workqueue_init.
 */
#pragma once

#include <kernel/lib/list.h>
#include <kernel/types/time.h>

struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

/* Locks:  W the queue's lock */
struct work_struct {
	struct list_head entry; /* [W] */
	work_func_t func;
	bool pending;  /* [W] queued, not yet begun */
	bool disabled; /* [W] never queued again */
};

struct delayed_work {
	struct work_struct work;
	struct timer timer;
};

#define INIT_WORK(w, f)                                                        \
	do {                                                                   \
		INIT_LIST_HEAD(&(w)->entry);                                   \
		(w)->func = (f);                                               \
		(w)->pending = false;                                          \
		(w)->disabled = false;                                         \
	} while (0)
#define DECLARE_WORK(name, f)                                                  \
	struct work_struct name = {                                            \
		.entry = {&(name).entry, &(name).entry},                       \
		.func = (f),                                                   \
	}

void init_delayed_work(struct delayed_work *work, work_func_t func);

/* schedule_work - run it soon; false: it was waiting already.  Any context. */
bool schedule_work(struct work_struct *work);
bool schedule_delayed_work(struct delayed_work *work, u64 delay_ns);

/* flush_work - wait until @work is neither queued nor running.  Sleeps. */
void flush_work(struct work_struct *work);

/* cancel_work_sync - the same, but do not run it if it has not begun. */
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work_sync(struct delayed_work *work);

/* disable_work_sync - cancel_work_sync, and schedule_work does nothing from now
 * on: for what is about to be freed while others may still ask for it. */
void disable_work_sync(struct work_struct *work);

/* workqueue_init - start the threads; once, after kthreadd. */
void workqueue_init(void);
