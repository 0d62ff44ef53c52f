/*
 * stats.h - scheduler numbers for /proc, getrusage and times.
 *
 * The run time of a task is exact (charged at each switch); how it splits
 * into user and system time is sampled by the tick, as Linux does without
 * VIRT_CPU_ACCOUNTING.  The pair reported always adds up to the run time and
 * neither part ever goes back.
 */
#pragma once

#include <kernel/types/task.h>

/* One CPU's totals in ns, /proc/stat's columns. */
struct cpu_usage {
	u64 user_ns, nice_ns, system_ns, idle_ns, iowait_ns, irq_ns, softirq_ns;
};

/* What happened on one CPU since boot, /proc/schedstat. */
struct sched_cpu_stat {
	u64 yields;	   /* calls of sched_yield */
	u64 schedules;	   /* calls of schedule() */
	u64 went_idle;	   /* of those, left for the idle task */
	u64 wakeups;	   /* tasks woken to run here */
	u64 local_wakeups; /* by one that ran here */
	u64 run_ns;	   /* time that tasks ran */
	u64 wait_ns;	   /* time that tasks, now running, had waited */
	u64 slices;	   /* times that a task was picked */
};

/* sched_cpu_stat - of @cpu. */
void sched_cpu_stat(unsigned int cpu, struct sched_cpu_stat *stat);

/* task_cputime - the task's user and system time in ns. */
void task_cputime(struct task_struct *task, u64 *utime_ns, u64 *stime_ns);

/* task_sched_runtime - CPU time so far, ns, the running stretch included. */
u64 task_sched_runtime(struct task_struct *task);

/* cputime_adjust - split @rtime_ns in the ratio of the sampled times. */
void cputime_adjust(u64 rtime_ns, u64 utime_ns, u64 stime_ns, u64 *ut, u64 *st);

/* account_irq_time - the interrupt that just ended took @ns; soft: in a
 * softirq.  Interrupts off. */
void account_irq_time(u64 ns, bool soft);

/* cpu_usage_read - totals of @cpu. */
void cpu_usage_read(int cpu, struct cpu_usage *usage);

/* nr_running - runnable tasks, running ones included. */
unsigned long nr_running(void);

/* nr_iowait - tasks in io_schedule(). */
unsigned long nr_iowait(void);

/* nr_context_switches - since boot, all CPUs. */
u64 nr_context_switches(void);

/* get_avenrun - load averages of 1, 5, 15 minutes; fixed point, FSHIFT
 * fraction bits, as sysinfo(2) and /proc/loadavg want them. */
#define FSHIFT	11
#define FIXED_1 (1UL << FSHIFT)
void get_avenrun(unsigned long loads[3], unsigned long offset, int shift);

/* task_state_char - R S D T t X Z P I as in /proc/PID/stat. */
char task_state_char(const struct task_struct *task);

/* task_state_name - "R (running)" and kin, /proc/PID/status. */
const char *task_state_name(const struct task_struct *task);

/* total_forks is kernel/process'. */
