/*
 * Changing resource limits, prlimit(2).  Reading: <kernel/sched/rlimit.h>.
 *
 * Entry points: do_prlimit, ksys_prlimit64.
 */
#pragma once

#include <kernel/sched/rlimit.h>

/*
 * do_prlimit - get (*@old) and set (*@new) a limit of @task's process; either
 * may be NULL.  0, -EINVAL, -EPERM.
 */
int do_prlimit(struct task_struct *task, unsigned int resource,
	       const struct rlimit64 *new, struct rlimit64 *old);

/* ksys_prlimit64 - the same by pid (0: current), with prlimit(2)'s checks. */
int ksys_prlimit64(pid_t pid, unsigned int resource, const struct rlimit64 *new,
		   struct rlimit64 *old);
