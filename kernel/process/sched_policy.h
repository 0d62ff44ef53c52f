/*
 * Nice levels, policies and affinity as calls see them: by pid, with
 * permission checks.  The work is <kernel/sched/priority.h>'s.
 *
 * Entry points: ksys_setpriority, ksys_getpriority, ksys_sched_*.
 */
#pragma once

#include <abi/sched.h>
#include <kernel/types/task.h>

/* setpriority(2): 0, -EINVAL, -ESRCH, -EPERM, -EACCES. */
int ksys_setpriority(int which, int who, int nice);

/* getpriority(2): 20 - nice of the best, 1..40; -EINVAL, -ESRCH. */
int ksys_getpriority(int which, int who);

/* Keep the policy that the task has (sched_setparam). */
#define SETPARAM_POLICY (-1)

/* sched_setscheduler(2): 0, -EINVAL, -ESRCH, -EPERM. */
int ksys_sched_setscheduler(pid_t pid, int policy,
			    const struct sched_param *param);

/* sched_getscheduler(2): policy, with SCHED_RESET_ON_FORK; or -errno. */
int ksys_sched_getscheduler(pid_t pid);
int ksys_sched_getparam(pid_t pid, struct sched_param *param);

/* sched_setattr(2), sched_getattr(2). */
int ksys_sched_setattr(pid_t pid, struct sched_attr *attr);
int ksys_sched_getattr(pid_t pid, struct sched_attr *attr);

/* sched_rr_get_interval(2): 0 and the slice in ns. */
int ksys_sched_rr_get_interval(pid_t pid, u64 *ns);

/* sched_setaffinity(2), sched_getaffinity(2): a bit per CPU. */
int ksys_sched_setaffinity(pid_t pid, u64 mask);
int ksys_sched_getaffinity(pid_t pid, u64 *mask);
