/*
 * Resource limits as the rest of the kernel reads them, getrlimit(2).
 *
 * Each limit is read by itself, without a lock; prlimit(2) that changes them
 * is <kernel/process/rlimit.h>.
 *
 * Entry points: rlimit, rlimit_max, task_rlimit.
 */
#pragma once

#include <abi/resource.h>
#include <kernel/types/signal.h>
#include <kernel/types/task.h>

/* task_rlimit - soft limit @limit of @task's process. */
static inline unsigned long task_rlimit(const struct task_struct *task,
					unsigned int limit)
{
	return READ_ONCE(task->signal->rlim[limit].rlim_cur);
}

static inline unsigned long task_rlimit_max(const struct task_struct *task,
					    unsigned int limit)
{
	return READ_ONCE(task->signal->rlim[limit].rlim_max);
}

/* rlimit - soft limit @limit of the current process. */
#define rlimit(limit)	  task_rlimit(current, limit)
#define rlimit_max(limit) task_rlimit_max(current, limit)
