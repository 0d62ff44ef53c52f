/*
 * Work after an interrupt: short, soon, with interrupts on.
 *
 * A handler marks a softirq or queues a struct deferred_work on its CPU; they
 * run when the outermost interrupt ends, before the interrupted code goes
 * on, and cannot sleep.  Softirqs never nest on a CPU and are not preempted
 * by another softirq.  The idle loop calls do_softirq() when something pends.
 */
#pragma once

#include <kernel/lib/list.h>

enum softirq_nr {
	SOFTIRQ_TIMER,
	SOFTIRQ_BLOCK,
	SOFTIRQ_NET,
	SOFTIRQ_WORK, /* struct deferred_work */
	SOFTIRQ_SCHED,
	SOFTIRQ_LOG, /* readers of the log */
	NR_SOFTIRQS,
};

/* A function to be called once, soon, on the CPU that queued it. */
struct deferred_work {
	struct list_head link; /* in the CPU's queue */
	void (*func)(struct deferred_work *work);
	bool queued; /* [A] set until just before func runs */
};

#define DEFERRED_WORK_INIT(name, fn)                                           \
	{                                                                      \
		LIST_HEAD_INIT((name).link), fn, false                         \
	}

/* softirq_init - before the first interrupt. */
void softirq_init(void);

/* open_softirq - @action runs for softirq @nr; at boot. */
void open_softirq(enum softirq_nr nr, void (*action)(void));

/* raise_softirq - run @nr soon on this CPU; any context. */
void raise_softirq(enum softirq_nr nr);

/* deferred_work_init - @func will be called with @work. */
void deferred_work_init(struct deferred_work *work,
			void (*func)(struct deferred_work *work));

/* deferred_work_queue - run @work soon; false if it already waits. */
bool deferred_work_queue(struct deferred_work *work);

/* irq_enter, irq_exit - arch: around each interrupt, interrupts off. */
void irq_enter(void);
void irq_exit(void);

/* do_softirq - run what pends, if not in an interrupt; interrupts on or off. */
void do_softirq(void);

/* softirq_pending - does anything wait on this CPU? */
bool softirq_pending(void);

/* in_interrupt - in a hard interrupt or a softirq?  in_hardirq - the first? */
bool in_interrupt(void);
bool in_hardirq(void);

/* softirq_count - how often @nr ran on @cpu, for /proc/softirqs and stat. */
u64 softirq_count(enum softirq_nr nr, int cpu);
