/*
 * affinity.h - which CPUs a task may run on, sched_setaffinity(2).
 */
#pragma once

#include <kernel/types/task.h>

/*
 * sched_setaffinity - let @task run only on the CPUs of @mask.
 *
 * CPUs that do not exist are ignored; -EINVAL if none is left.  When this
 * returns the task runs on no CPU that is not in the set.  May sleep.
 */
int sched_setaffinity(struct task_struct *task, u64 mask);

/* sched_getaffinity - the allowed CPUs that are online. */
u64 sched_getaffinity(struct task_struct *task);

/* cpu_possible_bits - every CPU that may come up. */
u64 cpu_possible_bits(void);
