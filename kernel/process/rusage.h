/*
 * What processes used: getrusage(2), times(2), and wait4's report.
 *
 * Entry points: getrusage, do_sys_times, thread_group_cputime,
 * account_group_exit, wait_account_child.
 */
#pragma once

#include <abi/resource.h>
#include <abi/time.h>
#include <kernel/types/task.h>

/* getrusage - @who: RUSAGE_SELF, _CHILDREN, _BOTH or _THREAD (of @task). */
void getrusage(struct task_struct *task, int who, struct rusage *ru);

/* times(2): fills *@tms; returns ticks of USER_HZ since boot. */
clock_t do_sys_times(struct tms *tms);

/* thread_group_cputime - of all threads of @task's process, dead ones too. */
void thread_group_cputime(struct task_struct *task, u64 *utime, u64 *stime);

/* thread_group_sched_runtime_ns - precise time on a CPU of all threads; one
 * thread's is task_sched_runtime of <kernel/sched/stats.h>. */
u64 thread_group_sched_runtime_ns(struct task_struct *task);

/* A dying thread's totals go to its process; siglock held. */
void account_group_exit(struct task_struct *task);

/* A reaped child's totals go to current's; takes current's siglock. */
void wait_account_child(struct task_struct *child);
