/*
 * cpu_timer.h - the CPU time of threads and processes: clocks and timers.
 *
 * A CPU clock's id (clockid_t below zero) is made of a pid, a kind and a flag
 * for threads; clock_getcpuclockid(3), pthread_getcpuclockid(3).
 *
 * Entry points: cpu_clock_get, cpu_clock_nanosleep; cpu_timer_init,
 * cpu_timer_start, cpu_timer_try_cancel; run_posix_cpu_timers.
 */
#pragma once

#include <abi/time.h>
#include <kernel/types/signal.h>
#include <kernel/types/task.h>

/*
 * One timer.  Locks:  I fixed by cpu_timer_init   C cpu_timers_lock
 */
struct cpu_timer {
	struct rb_node node;   /* [C] */
	struct list_head link; /* [C] while it fires */
	u64 expires_ns;	       /* [C] of its clock */
	struct pid *pid;       /* [I] whose time; referenced */
	bool thread;	       /* [I] a thread's, else a process's */
	enum cpu_time kind;    /* [I] */
	bool queued;	       /* [C] */
	bool firing;	       /* [C] @fire is being called, or is about to */
	/* Called in hard irq, no lock held; may start the timer again. */
	void (*fire)(struct cpu_timer *timer);
	struct cpu_timer_queue *queue; /* [C] while queued */
};

/* The ids of current's own CPU clocks: for CLOCK_PROCESS_CPUTIME_ID, and for
 * CLOCK_THREAD_CPUTIME_ID. */
#define PROCESS_CPU_CLOCK ((clockid_t)(~0U << 3 | CPUCLOCK_SCHED))
#define THREAD_CPU_CLOCK  (PROCESS_CPU_CLOCK | CPUCLOCK_PERTHREAD_MASK)

/* cpu_clock_get - the time on CPU clock @clock (< 0).  0 or -EINVAL. */
int cpu_clock_get(clockid_t clock, u64 *ns);

/*
 * cpu_clock_nanosleep - posix_clock_nanosleep on a CPU clock; also -EINVAL for
 * current's own thread, which would wait for itself.  Sleeps.
 */
long cpu_clock_nanosleep(clockid_t clock, int flags, u64 ns,
			 struct timespec __user *rmtp);

/*
 * cpu_timer_init - a timer on @clock, which calls @fire.  0, or -EINVAL: no
 * such clock, or the thread is not current's.  cpu_timer_release undoes it; the
 * timer must neither be queued nor fire then.
 */
int cpu_timer_init(struct cpu_timer *timer, clockid_t clock,
		   void (*fire)(struct cpu_timer *timer));
void cpu_timer_release(struct cpu_timer *timer);

/* cpu_timer_now - the time on its clock: 0, or -ESRCH: its owner is gone.
 * Takes the owner's siglock; any context. */
int cpu_timer_now(const struct cpu_timer *timer, u64 *ns);

/*
 * cpu_timer_start - expire at @expires_ns of its clock.  It is idle, or this
 * is its own fire().  The first tick of the owner that finds the time come
 * calls fire; if the owner is gone, nobody does.  Any context.
 */
void cpu_timer_start(struct cpu_timer *timer, u64 expires_ns);

/* cpu_timer_fire - an idle one that is due already: call fire() now, from a
 * task; nothing, if another has started it meanwhile. */
void cpu_timer_fire(struct cpu_timer *timer);

/* cpu_timer_try_cancel - 1: was pending; 0: idle; -1: it fires just now. */
int cpu_timer_try_cancel(struct cpu_timer *timer);

/* cpu_timer_cancel - the same, waits for fire(): hold no lock it takes. */
void cpu_timer_cancel(struct cpu_timer *timer);

/* cpu_timers_exit - the owner of @queue is gone; its timers never expire. */
void cpu_timers_exit(struct cpu_timer_queue *queue);

/* cpu_timers_recheck - the next tick of @sig's process looks at everything:
 * a limit or an interval timer has changed. */
void cpu_timers_recheck(struct signal_struct *sig);

/* run_posix_cpu_timers - at each tick, for the running @task; irqs off. */
void run_posix_cpu_timers(struct task_struct *task);
