/*
 * priority.h - nice levels and scheduling policies, sched(7).
 *
 * Permission (CAP_SYS_NICE, RLIMIT_NICE, RLIMIT_RTPRIO) is checked above, in
 * syscalls/schedule.c through kernel/process.
 */
#pragma once

#include <abi/sched.h>
#include <kernel/types/task.h>

#define MIN_NICE (-20)
#define MAX_NICE 19

/* task_nice - -20 to 19. */
static inline int task_nice(const struct task_struct *task)
{
	return PRIO_TO_NICE(task->static_prio);
}

/* task_prio - field 18 of /proc/PID/stat: -2..-100 realtime, 0..39 else. */
static inline int task_prio(const struct task_struct *task)
{
	return task->prio - MAX_RT_PRIO;
}

static inline bool rt_policy(unsigned int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static inline bool fair_policy(unsigned int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH ||
	       policy == SCHED_IDLE;
}

/* Does a policy's task set its nice level with it?  SCHED_IDLE leaves it. */
static inline bool nice_policy(unsigned int policy)
{
	return policy == SCHED_NORMAL || policy == SCHED_BATCH;
}

/* set_user_nice - change the nice level; clamped to -20..19. */
void set_user_nice(struct task_struct *task, long nice);

/* sched_set_pi_prio - the best priority of those who wait for a lock @task has;
 * MAX_PRIO: none.  Its callers are serialized (pi_lock). */
void sched_set_pi_prio(struct task_struct *task, int prio);

/*
 * sched_setscheduler - set policy and priority.
 *
 * @policy may hold SCHED_RESET_ON_FORK.  Returns 0 or -EINVAL for an unknown
 * policy or a priority that does not fit it.
 */
int sched_setscheduler(struct task_struct *task, int policy,
		       const struct sched_param *param);

/* set_timer_slack - how late @task's sleeps may end, in ns; 0: the default.  A
 * realtime task has none.  Takes the lock of its queue. */
void set_timer_slack(struct task_struct *task, u64 ns);

/* sched_setattr - the same from a struct sched_attr whose flags have been
 * looked at: what is to be kept stands in it, and KEEP_PARAMS sets the reset
 * flag only. */
int sched_setattr(struct task_struct *task, const struct sched_attr *attr);

/* sched_getattr - fill @attr (size set to the kernel's). */
void sched_getattr(struct task_struct *task, struct sched_attr *attr);

/* sched_get_priority_max, _min - 0, 1, 99 or -EINVAL. */
int sched_get_priority_max(int policy);
int sched_get_priority_min(int policy);

/* sched_rr_get_interval_ns - the slice; 0 for FIFO. */
u64 sched_rr_get_interval_ns(struct task_struct *task);

/* After fork a child on its parent's CPU runs before it. */
extern int sysctl_sched_child_runs_first;

/* sched_rt_limits - the period and the part of it that realtime tasks may
 * have of each CPU, in microseconds; -1: all of it. */
void sched_rt_limits(long *period_us, long *runtime_us);

/* sched_set_rt_limits - -EINVAL if the part is longer than the period. */
int sched_set_rt_limits(long period_us, long runtime_us);

/* sched_rr_slice_ns - the slice of SCHED_RR; sched_set_rr_slice - change it,
 * 0 or less: to what it was at boot. */
u64 sched_rr_slice_ns(void);
void sched_set_rr_slice(long ms);
