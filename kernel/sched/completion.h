/*
 * completion.h - wait until somebody says "done".
 *
 * Each complete() lets one waiter pass, complete_all() all of them for ever.
 */
#pragma once

#include <kernel/sched/wait.h>
#include <kernel/types/lock.h>

#define COMPLETION_INIT(name)                                                  \
	{                                                                      \
		0, WAIT_QUEUE_INIT((name).wait)                                \
	}
#define DECLARE_COMPLETION(name) struct completion name = COMPLETION_INIT(name)

void init_completion(struct completion *done);

/* reinit_completion - nobody has said "done"; no waiter may be left. */
void reinit_completion(struct completion *done);

/* complete, complete_all - any context. */
void complete(struct completion *done);
void complete_all(struct completion *done);

void wait_for_completion(struct completion *done);
void wait_for_completion_io(struct completion *done);

/* 0, or -ERESTARTSYS. */
int __must_check wait_for_completion_interruptible(struct completion *done);
int __must_check wait_for_completion_killable(struct completion *done);

/* The time left (1 or more), or 0: it ran out. */
s64 wait_for_completion_timeout_ns(struct completion *done, s64 timeout_ns);

/* completion_done, try_wait_for_completion - never sleep. */
bool completion_done(struct completion *done);
bool try_wait_for_completion(struct completion *done);
