/*
 * stats.c - run times, load averages and the numbers of /proc/stat.
 *
 * A tick that interrupts a program counts as user time, one that interrupts
 * the kernel as system time; the exact run time (charged at each switch) is
 * then split in that ratio.  Idle time is exact.  Load averages are brought
 * up to date by the tick and by whoever reads them, so that nothing needs to
 * run while the machine idles.
 *
 * Locks: rq->lock for a CPU's numbers, load_lock for the averages.
 *
 * Entry points: task_cputime, cpu_usage_read, get_avenrun, task_state_char.
 */
#include <kernel/sched/stats.h>

#include <kernel/arch/ptrace_regs.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/priority.h>
#include <kernel/time/clock.h>
#include <kernel/time/tick.h>

/* The frame of the interrupt being served; the interrupt entry sets it. */
DEFINE_PER_CPU(struct pt_regs *, irq_regs);

#define LOAD_PERIOD_NS (5 * NSEC_PER_SEC)

/* FIXED_1 / exp(5 s / 1, 5, 15 min) */
static const unsigned long load_decay[3] = {1884, 2014, 2037};

static DEFINE_SPINLOCK(load_lock, LOCK_CLOCK);
static unsigned long avenrun[3]; /* [load_lock] */
static u64 load_last_ns;	 /* [load_lock] end of the last period */

/* cputime_adjust - split @rtime_ns as @utime_ns : @stime_ns. */
void cputime_adjust(u64 rtime_ns, u64 utime_ns, u64 stime_ns, u64 *ut, u64 *st)
{
	if (stime_ns == 0) {
		*ut = rtime_ns;
		*st = 0;
		return;
	}
	if (utime_ns == 0) {
		*ut = 0;
		*st = rtime_ns;
		return;
	}
	*st = (u64)((unsigned __int128)rtime_ns * stime_ns /
		    (utime_ns + stime_ns));
	*ut = rtime_ns - *st;
}

static u64 runtime_locked(struct rq *rq, struct task_struct *p)
{
	if (rq->curr == p) {
		update_rq_clock(rq);
		p->sched_class->update_curr(rq);
	}
	return p->se.sum_exec_runtime_ns;
}

/* task_sched_runtime - CPU time so far, this moment included. */
u64 task_sched_runtime(struct task_struct *p)
{
	unsigned long flags;
	struct rq *rq;
	u64 runtime;

	rq = task_rq_lock(p, &flags);
	runtime = runtime_locked(rq, p);
	task_rq_unlock(rq, flags);
	return runtime;
}

/* Neither part may go back, whatever the samples say by now. */
static void keep_monotonic(struct task_struct *p, u64 runtime, u64 *ut, u64 *st)
{
	if (*st < p->prev_stime) {
		*st = p->prev_stime;
		*ut = runtime - *st;
	}
	if (*ut < p->prev_utime) {
		*ut = p->prev_utime;
		*st = runtime - *ut;
	}
	p->prev_utime = *ut;
	p->prev_stime = *st;
}

/* task_cputime - user and system time that add up to the run time. */
void task_cputime(struct task_struct *p, u64 *utime_ns, u64 *stime_ns)
{
	unsigned long flags;
	struct rq *rq;
	u64 runtime;

	rq = task_rq_lock(p, &flags);
	runtime = runtime_locked(rq, p);
	cputime_adjust(runtime, p->utime, p->stime, utime_ns, stime_ns);
	keep_monotonic(p, runtime, utime_ns, stime_ns);
	task_rq_unlock(rq, flags);
}

/* account_tick - charge one tick to @p's class of time; under rq->lock. */
void account_tick(struct rq *rq, struct task_struct *p, bool user_mode)
{
	if (p == rq->idle)
		return;
	if (user_mode) {
		p->utime += TICK_NSEC;
		if (task_nice(p) > 0)
			rq->usage.nice_ns += TICK_NSEC;
		else
			rq->usage.user_ns += TICK_NSEC;
	} else {
		p->stime += TICK_NSEC;
		rq->usage.system_ns += TICK_NSEC;
	}
}

/* account_idle - the idle task leaves the CPU; under rq->lock. */
void account_idle(struct rq *rq, u64 now_ns)
{
	u64 delta = now_ns - rq->idle_start_ns;

	if (atomic_read(&rq->nr_iowait) > 0)
		rq->usage.iowait_ns += delta;
	else
		rq->usage.idle_ns += delta;
	rq->idle_start_ns = now_ns;
}

/* account_irq_time - called with interrupts off, at the end of one. */
void account_irq_time(u64 ns, bool soft)
{
	struct rq *rq = this_rq();

	if (soft)
		rq->usage.softirq_ns += ns;
	else
		rq->usage.irq_ns += ns;
}

/* cpu_usage_read - totals of @cpu, the idle stretch under way included. */
void cpu_usage_read(int cpu, struct cpu_usage *usage)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	update_rq_clock(rq);
	if (rq->curr == rq->idle)
		account_idle(rq, rq->clock_ns);
	*usage = rq->usage;
	spin_unlock_irqrestore(&rq->lock, flags);
}

/* sched_cpu_stat - see stats.h. */
void sched_cpu_stat(unsigned int cpu, struct sched_cpu_stat *stat)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	*stat = rq->stats;
	spin_unlock_irqrestore(&rq->lock, flags);
}

/* nr_running - runnable tasks on all CPUs. */
unsigned long nr_running(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu) sum += READ_ONCE(cpu_rq(cpu)->nr_running);
	return sum;
}

/* nr_iowait - tasks that sleep for a disk. */
unsigned long nr_iowait(void)
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu) sum +=
		(unsigned long)atomic_read(&cpu_rq(cpu)->nr_iowait);
	return sum;
}

/* nr_context_switches - since boot. */
u64 nr_context_switches(void)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu) sum += READ_ONCE(cpu_rq(cpu)->nr_switches);
	return sum;
}

/* Tasks that sleep so; a CPU alone may have woken more than went to sleep. */
static unsigned long nr_uninterruptible(void)
{
	long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu) sum +=
		READ_ONCE(cpu_rq(cpu)->nr_uninterruptible);
	return sum > 0 ? (unsigned long)sum : 0;
}

static unsigned long decay(unsigned long load, unsigned long exp,
			   unsigned long active)
{
	unsigned long next = load * exp + active * (FIXED_1 - exp);

	if (active >= load)
		next += FIXED_1 - 1;
	return next / FIXED_1;
}

static void load_period(unsigned long active)
{
	int i;

	for (i = 0; i < 3; i++)
		avenrun[i] = decay(avenrun[i], load_decay[i], active * FIXED_1);
}

/* Bring the averages up to @now_ns; @running: tasks that ran when the last
 * period ended.  In those before, which nobody looked at, none ran: a busy CPU
 * ticks. */
static void load_until(u64 now_ns, unsigned long running)
{
	unsigned long asleep = nr_uninterruptible();
	u64 missed;

	spin_lock(&load_lock);
	missed = (now_ns - load_last_ns) / LOAD_PERIOD_NS;
	if ((s64)(now_ns - load_last_ns) > 0 && missed > 0) {
		load_last_ns += missed * LOAD_PERIOD_NS;
		/* After an hour nothing is left to decay. */
		missed = min(missed, 720ULL);
		while (--missed > 0)
			load_period(asleep);
		load_period(running + asleep);
	}
	spin_unlock(&load_lock);
}

/* calc_load - bring the averages up to @now_ns, from the tick or before a task
 * that counts as load wakes.  Interrupts off. */
void calc_load(u64 now_ns)
{
	if (now_ns - READ_ONCE(load_last_ns) >= LOAD_PERIOD_NS)
		load_until(now_ns, nr_running());
}

/* get_avenrun - the averages, plus @offset, shifted left by @shift.  The
 * reader itself is no load if it is the first to run for long. */
void get_avenrun(unsigned long loads[3], unsigned long offset, int shift)
{
	unsigned long flags;
	u64 now;
	int i;

	local_irq_save(flags);
	now = ktime_get_ns();
	if (now - READ_ONCE(load_last_ns) >= LOAD_PERIOD_NS)
		load_until(now, nr_running() - 1);
	local_irq_restore(flags);
	for (i = 0; i < 3; i++)
		loads[i] = (READ_ONCE(avenrun[i]) + offset) << shift;
}

static const char *const state_names[] = {
	"R (running)",	    "S (sleeping)", "D (disk sleep)", "T (stopped)",
	"t (tracing stop)", "X (dead)",	    "Z (zombie)",     "I (idle)",
};

/* task_state_name - the State line of /proc/PID/status. */
const char *task_state_name(const struct task_struct *p)
{
	unsigned int state = READ_ONCE(p->__state);
	int exit_state = READ_ONCE(p->exit_state);

	if (exit_state & EXIT_ZOMBIE)
		return state_names[6];
	if ((exit_state & EXIT_DEAD) || (state & TASK_DEAD))
		return state_names[5];
	if (state & __TASK_TRACED)
		return state_names[4];
	if (state & __TASK_STOPPED)
		return state_names[3];
	if ((state & TASK_IDLE) == TASK_IDLE)
		return state_names[7];
	if (state & TASK_UNINTERRUPTIBLE)
		return state_names[2];
	if (state & TASK_INTERRUPTIBLE)
		return state_names[1];
	return state_names[0];
}

/* task_state_char - its first letter, /proc/PID/stat. */
char task_state_char(const struct task_struct *p)
{
	return task_state_name(p)[0];
}
