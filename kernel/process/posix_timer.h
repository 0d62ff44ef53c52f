/*
 * POSIX timers, timer_create(2) and kin.
 *
 * Entry points: ksys_timer_create, ksys_timer_settime, ksys_timer_gettime,
 * ksys_timer_getoverrun, ksys_timer_delete, posixtimer_rearm, posix_timer_next.
 */
#pragma once

#include <abi/signal.h>
#include <abi/time.h>
#include <kernel/types/task.h>

struct posix_timer;

/* @event NULL: SIGALRM to the process.  *@id gets the timer's id, also if only
 * the clock was wrong; else -1. */
int ksys_timer_create(clockid_t clock, const struct sigevent *event,
		      timer_t *id);
int ksys_timer_settime(timer_t id, int flags, const struct itimerspec *value,
		       struct itimerspec *old);
int ksys_timer_gettime(timer_t id, struct itimerspec *value);
int ksys_timer_getoverrun(timer_t id);
int ksys_timer_delete(timer_t id);

/* posix_timer_get - a reference, under siglock. */
struct posix_timer *posix_timer_get(struct posix_timer *timer);

/* posixtimer_rearm - its signal was taken: count overruns, go on; drops the
 * reference.  Takes siglock. */
void posixtimer_rearm(struct posix_timer *timer, kernel_siginfo_t *info);

/* exit_posix_timers - delete all of the current process; no locks held. */
void exit_posix_timers(struct signal_struct *sig);

/* A line of /proc/PID/timers. */
struct posix_timer_info {
	clockid_t clock;
	int signo;
	union sigval value;
	int notify;   /* SIGEV_* */
	pid_t target; /* process or thread */
};

/*
 * posix_timer_next - the timer of @task's process with the next id after *@id
 * (-1: the first); false: there is none.  Takes @task's siglock.
 */
bool posix_timer_next(struct task_struct *task, timer_t *id,
		      struct posix_timer_info *info);
