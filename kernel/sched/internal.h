/*
 * internal.h - run queues and scheduling classes; only for kernel/sched.
 */
#pragma once

#include <kernel/arch/percpu.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/core.h>
#include <kernel/sched/stats.h>
#include <kernel/time/clock.h>
#include <kernel/types/task.h>
#include <kernel/types/time.h>

/* A task being moved between queues by its waker: nobody else wakes it. */
#define TASK_WAKING 0x0200

/* Why a task is put on or taken off a queue. */
#define ENQUEUE_WAKEUP 0x01
#define ENQUEUE_NEW    0x02
#define ENQUEUE_HEAD   0x04 /* realtime: before its equals */
#define DEQUEUE_SLEEP  0x01

/* On one CPU; with more, see fair_scale(). */
#define SCHED_LATENCY_NS   6000000ULL /* everybody runs once in this time */
#define SCHED_MIN_GRAN_NS  750000ULL  /* but nobody for less than this */
#define SCHED_WAKE_GRAN_NS 1000000ULL /* lead a woken task needs to preempt */
#define SCHED_NR_LATENCY   8

#define NICE_0_WEIGHT	1024
#define WEIGHT_IDLEPRIO 3

/* Runnable fair tasks but the running one.  Locks:  R rq->lock */
struct cfs_rq {
	struct rb_root_cached tasks;	/* [R] by vruntime */
	u64 min_vruntime;		/* [R] never goes back */
	u64 newest;			/* [R] where the last child began */
	unsigned long load;		/* [R] weights, running task included */
	unsigned int nr;		/* [R] running task included */
	const struct task_struct *skip; /* [R] who yielded; only compared */
};

struct rt_rq {
	unsigned long bitmap[2];	     /* [R] non-empty lists */
	struct list_head queue[MAX_RT_PRIO]; /* [R] by priority, 0 highest */
	unsigned int nr;		     /* [R] */
	bool throttled;	  /* [R] they have had their part of this period */
	u64 period_ns;	  /* [R] when the period began */
	u64 used_ns;	  /* [R] what they ran in it */
	struct timer end; /* of the period, while throttled */
};

/*
 * A CPU's run queue.  Locks:  R lock   A atomic   C this CPU only
 */
struct rq {
	struct spinlock lock;	       /* rank LOCK_RQ, interrupts off */
	int cpu;		       /* fixed */
	unsigned int nr_running;       /* [R] */
	struct task_struct *curr;      /* [R] */
	struct task_struct *idle;      /* fixed once up */
	struct mm_struct *prev_mm;     /* [R] dropped after the switch */
	struct task_struct *leaving;   /* [R] moved after the switch */
	struct task_struct *push_task; /* [R] the next switch moves it ... */
	int push_cpu;		       /* [R] ... to this CPU */
	unsigned int balance_tick;     /* [C] counts up to the next look */
	bool evict;		       /* [R] tell when curr has left */
	u64 turn_ns;		       /* [R] when tasks last took turns */
	u64 clock_ns;		       /* [R] time of the last look */
	struct cfs_rq cfs;
	struct rt_rq rt;
	u64 nr_switches;	     /* [R] */
	long nr_uninterruptible;     /* [R] may be negative; the sum counts */
	atomic_t nr_iowait;	     /* [A] tasks that sleep for a disk */
	struct cpu_usage usage;	     /* [C] */
	struct sched_cpu_stat stats; /* [R] */
	u64 idle_start_ns;	     /* [R] when the idle task was picked */
};

DECLARE_PER_CPU(struct rq, runqueues);

#define cpu_rq(cpu) per_cpu_ptr(&runqueues, cpu)
#define this_rq()   this_cpu_ptr(&runqueues)
#define task_rq(t)  cpu_rq(READ_ONCE((t)->cpu))

/* What follows is in each switch, hence inline; all under rq->lock. */

/* update_rq_clock - rq->clock_ns is now; under rq->lock. */
static inline void update_rq_clock(struct rq *rq)
{
	u64 now = ktime_get_ns();

	if (now > rq->clock_ns)
		rq->clock_ns = now;
}

/* charge_runtime - add to @p, which runs, the time since its last charge. */
static inline u64 charge_runtime(struct rq *rq, struct task_struct *p)
{
	u64 delta = rq->clock_ns - p->se.exec_start_ns;

	if ((s64)delta <= 0)
		return 0;
	p->se.exec_start_ns = rq->clock_ns;
	p->se.sum_exec_runtime_ns += delta;
	rq->stats.run_ns += delta;
	return delta;
}

/* account_wait - the time that @p waited in @rq's queue. */
static inline void account_wait(struct rq *rq, struct task_struct *p)
{
	u64 waited = rq->clock_ns - p->se.wait_start_ns;

	p->se.run_delay_ns += waited;
	rq->stats.wait_ns += waited;
	p->se.wait_start_ns = rq->clock_ns;
}

/* contributes_to_load - is that a sleep that counts as load? */
static inline bool contributes_to_load(unsigned int state)
{
	return (state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD);
}

/*
 * One way to choose among tasks; all functions run under rq->lock.  The
 * running task is in no tree or list of its class between set_next and
 * put_prev (fair) or stays in its list (realtime).
 */
struct sched_class {
	void (*enqueue_task)(struct rq *rq, struct task_struct *p, int flags);
	void (*dequeue_task)(struct rq *rq, struct task_struct *p, int flags);
	struct task_struct *(*pick_next)(struct rq *rq);
	void (*put_prev)(struct rq *rq, struct task_struct *p);
	void (*set_next)(struct rq *rq, struct task_struct *p);
	/* @p became runnable in the class of rq->curr: should it preempt? */
	bool (*wakeup_preempt)(struct rq *rq, struct task_struct *p);
	void (*tick)(struct rq *rq, struct task_struct *p);
	void (*yield)(struct rq *rq);
	void (*update_curr)(struct rq *rq);
};

extern const struct sched_class fair_sched_class;
extern const struct sched_class rt_sched_class;
extern const struct sched_class idle_sched_class;

/* core.c */
void finish_task_switch(struct task_struct *prev);
void context_switch(struct rq *rq, struct task_struct *prev,
		    struct task_struct *next);
void __schedule(bool preempt);
void resched_curr(struct rq *rq);

/* task_rq_lock - the queue @p stands on, locked; interrupts off. */
struct rq *task_rq_lock(struct task_struct *p, unsigned long *flags);
void task_rq_unlock(struct rq *rq, unsigned long flags);

/* queue.c */

/* activate_task, deactivate_task - @p is runnable on @rq, or no longer.  The
 * queue's clock is up to date. */
void activate_task(struct rq *rq, struct task_struct *p, int flags);
void deactivate_task(struct rq *rq, struct task_struct *p, int flags);

/* check_preempt_curr - @p has become runnable: is it better than curr? */
void check_preempt_curr(struct rq *rq, struct task_struct *p);

/* set_task_rq - @p, on no queue, belongs to @to from now; @from is locked. */
void set_task_rq(struct rq *from, struct rq *to, struct task_struct *p);

/*
 * place_task - make @p runnable on @cpu, or where else it may run.
 *
 * @rq is locked and @p on no queue, in a state (TASK_WAKING, TASK_NEW,
 * migrating) in which nobody else moves it.  Returns the queue it stands on,
 * locked instead of @rq.
 */
struct rq *place_task(struct rq *rq, struct task_struct *p, int cpu, int flags);

/* fair.c */
void fair_rq_init(struct cfs_rq *cfs);
void fair_task_fork(struct rq *rq, struct task_struct *p);
void fair_task_migrate(struct rq *from, struct rq *to, struct task_struct *p);
void fair_task_switched(struct rq *rq, struct task_struct *p);
u64 fair_slice_ns(struct rq *rq, struct task_struct *p);
u32 fair_weight(const struct task_struct *p);

/* realtime.c */
void rt_rq_init(struct rt_rq *rt, int cpu);
bool rt_overloaded(void);
bool rt_may_run(const struct rq *rq);
int rt_best_prio(const struct rq *rq);
struct task_struct *rt_waiting_task(struct rq *rq, unsigned int for_cpu);

/* priority.c */
void task_set_class(struct task_struct *p);

/* affinity.c */
void tell_evicted(void);

/* balance.c */
bool cpu_allowed(const struct task_struct *p, unsigned int cpu);
int select_task_rq(struct task_struct *p);
int select_fork_rq(struct task_struct *p);
int select_wake_rq(struct task_struct *p, int flags);
void pull_tasks(struct rq *rq);
void balance_tick(struct rq *rq);
void migrate_queued(struct rq *from, struct rq *to, struct task_struct *p);

/* stats.c */
void account_tick(struct rq *rq, struct task_struct *p, bool user_mode);
void account_idle(struct rq *rq, u64 now_ns);
void calc_load(u64 now_ns);
