/*
 * Interval timers: setitimer(2), getitimer(2), alarm(2); and RLIMIT_CPU.
 *
 * Entry points: do_setitimer, do_getitimer, alarm_setitimer, exit_itimers.
 */
#pragma once

#include <abi/time.h>
#include <kernel/types/task.h>

/* 0 or -EINVAL.  @old may be NULL. */
int do_getitimer(int which, struct itimerval *value);
int do_setitimer(int which, const struct itimerval *value,
		 struct itimerval *old);

/* alarm(2): returns the seconds that were left. */
unsigned int alarm_setitimer(unsigned int seconds);

/* it_real_fn - ITIMER_REAL has run out; in hard irq. */
void it_real_fn(struct timer *timer, void *cookie);

/* itimer_real_rearm - SIGALRM is being taken: the next period.  siglock. */
void itimer_real_rearm(struct signal_struct *sig);

/* exit_itimers - the process ends or execs: its POSIX timers go. */
void exit_itimers(struct task_struct *task);

/* ---- for cpu_timer.c ---- */

/* itimer_counts_cpu - has @sig's process a timer or a limit of CPU time? */
bool itimer_counts_cpu(const struct signal_struct *sig);

/* itimer_next_cpu_ns - its CPU time when the first of them is due; 0: that
 * cannot be told. */
u64 itimer_next_cpu_ns(const struct signal_struct *sig);

/* itimer_check_cpu - send what is due now that @task's process has used so
 * much.  Takes siglock; any context. */
void itimer_check_cpu(struct task_struct *task, u64 utime_ns, u64 total_ns);

/* itimer_has_rt_limit - is @task a realtime task under RLIMIT_RTTIME? */
bool itimer_has_rt_limit(const struct task_struct *task);

/* itimer_check_rt_limit - send what RLIMIT_RTTIME asks for (getrlimit(2)).
 * Takes siglock; any context. */
void itimer_check_rt_limit(struct task_struct *task);
