/*
 * core.h - the scheduler: who runs, sleeping and waking.
 *
 * The kernel is not preempted: a task leaves the CPU in schedule(), which it
 * calls itself (to sleep, in cond_resched, or on the way back to user mode
 * when TIF_NEED_RESCHED is set).
 *
 * To sleep without losing a wake-up:
 *	set_current_state(TASK_INTERRUPTIBLE);
 *	if (!condition)
 *		schedule();
 *	set_current_state(TASK_RUNNING);
 * The waker makes the condition true first, then calls wake_up_process().
 *
 * Entry points: schedule, wake_up_process, wake_up_new_task, sched_fork,
 * scheduler_tick, cpu_startup_entry.
 */
#pragma once

#include <abi/types.h>
#include <kernel/arch/barrier.h>
#include <kernel/arch/context.h>
#include <kernel/arch/percpu.h>
#include <kernel/lib/macros.h>
#include <kernel/types/task.h>

/* schedule_timeout_ns: sleep until woken. */
#define MAX_SCHEDULE_TIMEOUT_NS ((s64)INT64_MAX)

/* set_current_state - announce the sleep; a full barrier comes after it. */
#define set_current_state(state)                                               \
	((void)__atomic_exchange_n(&current->__state, (state),                 \
				   __ATOMIC_SEQ_CST))

/* __set_current_state - the same without the barrier (for TASK_RUNNING). */
#define __set_current_state(state) WRITE_ONCE(current->__state, (state))

/* need_resched - should the running task call schedule()? */
#ifndef need_resched
#define need_resched() test_tsk_thread_flag(current, TIF_NEED_RESCHED)
#endif

/*
 * schedule - give the CPU away; returns when this task is picked again.
 *
 * With __state other than TASK_RUNNING the task sleeps until woken (not at
 * all if a signal that ends that kind of sleep is pending).  Holds no spin
 * lock, interrupts on or off (restored as they were).
 */
void schedule(void);

/* schedule_preempt - schedule() from the return to user mode, for
 * TIF_NEED_RESCHED: an involuntary switch, whatever the state says. */
void schedule_preempt(void);

/*
 * schedule_timeout_ns - sleep in the state already set, at most @timeout_ns.
 *
 * Returns the time left, 0 if it ran out.  MAX_SCHEDULE_TIMEOUT_NS: forever
 * (and returns it).  The task is TASK_RUNNING afterwards.
 */
s64 schedule_timeout_ns(s64 timeout_ns);

/*
 * schedule_until_ns - the same until @expires_ns of @clock, also when that
 * clock is set meanwhile, or up to @slack_ns later (prctl(2),
 * PR_SET_TIMERSLACK).  MAX_TIMEOUT_NS: forever.  Has the time come?
 */
bool schedule_until_ns(enum timer_clock clock, u64 expires_ns, u64 slack_ns);

/* schedule_timeout_ns, setting the state first. */
s64 schedule_timeout_interruptible_ns(s64 timeout_ns);
s64 schedule_timeout_uninterruptible_ns(s64 timeout_ns);

/* io_schedule - schedule(), counted as waiting for a disk. */
void io_schedule(void);
s64 io_schedule_timeout_ns(s64 timeout_ns);

/* yield - let others of the same priority run first; sched_yield(2). */
void yield(void);

/* cond_resched - in long loops: schedule() if somebody waits.  Returns
 * whether it did.  May sleep. */
bool cond_resched(void);

/*
 * try_to_wake_up - make @task runnable if its state is one of @state's bits.
 *
 * Returns 1 if it was asleep.  Any context.  @flags: WF_*.
 */
#define WF_SYNC 0x01 /* the waker is about to sleep itself */
int try_to_wake_up(struct task_struct *task, unsigned int state, int flags);

/* wake_up_process - try_to_wake_up from any normal sleep. */
int wake_up_process(struct task_struct *task);

/* wake_up_state - from the given states only. */
int wake_up_state(struct task_struct *task, unsigned int state);

/* kick_process - make @task, if it runs in user mode on another CPU, enter
 * the kernel to look at its thread flags. */
void kick_process(struct task_struct *task);

/*
 * sched_fork - the scheduler's part of a new task, copied from current.
 *
 * Sets it TASK_NEW, off the run queue, policy and nice inherited (or reset,
 * SCHED_RESET_ON_FORK).  Returns 0.
 */
int sched_fork(struct task_struct *task);

/* wake_up_new_task - first run of a task made by copy_process. */
void wake_up_new_task(struct task_struct *task);

/* sched_exec - exec is about to forget what the caches hold: move to an idle
 * CPU if this one has others to run.  May sleep. */
void sched_exec(void);

/* sched_exit - the dying task's last words to the scheduler, from do_exit. */
void sched_exit(struct task_struct *task);

/*
 * do_task_dead - leave the CPU for good; the last call of do_exit.  The
 * reference that the running task holds on itself is dropped by whoever
 * runs next, through the hook of sched_set_put_task().
 */
void do_task_dead(void) __attribute__((noreturn));

/* sched_set_put_task - kernel/process says how a reference to a task_struct
 * is dropped (put_task_struct).  Once, at boot, before the first exit. */
void sched_set_put_task(void (*put)(struct task_struct *task));

/* sched_set_mm_drop - kernel/mm says how an mm_struct is freed (__mmdrop). */
void sched_set_mm_drop(void (*drop)(struct mm_struct *mm));

/* schedule_tail - first thing that a new task runs, from ret_from_fork:
 * finishes the switch that brought us here. */
void schedule_tail(struct task_struct *prev);

/* sched_init - run queues; init_task becomes CPU 0's idle task.  Boot. */
void sched_init(void);

/* init_idle - make @task the idle task of @cpu (its first, before it runs). */
void init_idle(struct task_struct *task, int cpu);

/* cpu_startup_entry - the idle loop of this CPU; PID 0 ends here. */
void cpu_startup_entry(void) __attribute__((noreturn));

/* idle_task - the idle task of @cpu. */
struct task_struct *idle_task(int cpu);

/* scheduler_tick - periodic work of this CPU; sched_init gives it to the
 * tick (tick_set_handler).  Interrupts off. */
void scheduler_tick(void);

/* scheduler_ipi - the reschedule IPI came: the flag does the rest. */
void scheduler_ipi(void);

/* sched_set_tick_hook - @fn runs on each tick for the running task
 * (RLIMIT_CPU, ITIMER_PROF and kin), interrupts off. */
void sched_set_tick_hook(void (*fn)(struct task_struct *task, bool user_mode));

/* resched_cpu - set TIF_NEED_RESCHED for what runs on @cpu and tell it. */
void resched_cpu(int cpu);

/* wait_task_inactive - wait until @task is off its CPU; ptrace and exec. */
void wait_task_inactive(struct task_struct *task);

/* task_curr - is @task running right now? */
bool task_curr(const struct task_struct *task);

/* CPU sets are in affinity.h; nice and policies in priority.h; counts for
 * /proc in stats.h. */
