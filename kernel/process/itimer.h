/*
 * Interval timers: setitimer(2), getitimer(2), alarm(2); and the CPU limits
 * and timers checked at the tick.
 *
 * Entry points: do_setitimer, do_getitimer, alarm_setitimer, exit_itimers,
 * run_posix_cpu_timers.
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

/* run_posix_cpu_timers - at each tick, for the running @task; irqs off. */
void run_posix_cpu_timers(struct task_struct *task);
