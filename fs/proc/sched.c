/*
 * sched.c - the scheduler's numbers and settings: /proc/schedstat,
 * /proc/PID/sched and schedstat, /proc/sys/kernel/sched_*, proc(5).
 *
 * Entry points: proc_sched_init, proc_sched_show, proc_schedstat_show.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <fs/proc/internal.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/sysctl.h>
#include <kernel/arch/percpu.h>
#include <kernel/process/pid.h>
#include <kernel/process/task.h>
#include <kernel/sched/priority.h>
#include <kernel/sched/stats.h>
#include <kernel/time/clock.h>
#include <kernel/time/tick.h>

#define LOAD_SHIFT 10 /* Linux shows weights with so many bits below 1 */

/* --- of one task --- */

static void show_number(struct seq_file *m, const char *name, u64 value)
{
	seq_printf(m, "%-45s:%21lld\n", name, (long long)value);
}

static void show_ms(struct seq_file *m, const char *name, u64 ns)
{
	seq_printf(m, "%-45s:%14lld.%06lld\n", name,
		   (long long)(ns / NSEC_PER_MSEC),
		   (long long)(ns % NSEC_PER_MSEC));
}

/* proc_sched_show - how the scheduler sees a task. */
int proc_sched_show(struct seq_file *m, struct task_struct *task)
{
	char comm[TASK_COMM_LEN];
	u64 runtime = task_sched_runtime(task);
	u64 began;

	get_task_comm(comm, task);
	seq_printf(m, "%s (%d, #threads: %d)\n", comm, task->pid,
		   get_nr_threads(task));
	seq_puts(m, "---------------------------------------------------------"
		    "----------\n");
	show_ms(m, "se.exec_start", READ_ONCE(task->se.exec_start_ns));
	show_ms(m, "se.vruntime", READ_ONCE(task->se.vruntime));
	show_ms(m, "se.sum_exec_runtime", runtime);
	show_number(m, "se.nr_migrations", READ_ONCE(task->se.nr_migrations));
	show_number(m, "nr_switches",
		    READ_ONCE(task->nvcsw) + READ_ONCE(task->nivcsw));
	show_number(m, "nr_voluntary_switches", READ_ONCE(task->nvcsw));
	show_number(m, "nr_involuntary_switches", READ_ONCE(task->nivcsw));
	show_number(m, "se.load.weight",
		    (u64)READ_ONCE(task->se.weight) << LOAD_SHIFT);
	show_number(m, "policy", READ_ONCE(task->policy));
	show_number(m, "prio", (u64)READ_ONCE(task->prio));
	began = ktime_get_ns();
	show_number(m, "clock-delta", ktime_get_ns() - began);
	return 0;
}

/* proc_schedstat_show - ns on a CPU, ns waiting for one, times picked. */
int proc_schedstat_show(struct seq_file *m, struct task_struct *task)
{
	seq_printf(m, "%llu %llu %llu\n", task_sched_runtime(task),
		   READ_ONCE(task->se.run_delay_ns),
		   READ_ONCE(task->se.nr_switches_in));
	return 0;
}

/* --- of the CPUs --- */

/* Version 15 of the format, without domains: all CPUs are one. */
static int schedstat_show(struct seq_file *m, void *data)
{
	struct sched_cpu_stat stat;
	unsigned int cpu;

	(void)data;
	seq_printf(m, "version 15\ntimestamp %llu\n",
		   ktime_get_ns() / TICK_NSEC);
	for_each_online_cpu(cpu)
	{
		sched_cpu_stat(cpu, &stat);
		seq_printf(m, "cpu%u %llu 0 %llu %llu %llu %llu %llu %llu %llu",
			   cpu, stat.yields, stat.schedules, stat.went_idle,
			   stat.wakeups, stat.local_wakeups, stat.run_ns,
			   stat.wait_ns, stat.slices);
		seq_putc(m, '\n');
	}
	return 0;
}

/* --- settings --- */

/* Which of two numbers a file is. */
#define RT_PERIOD  ((void *)0)
#define RT_RUNTIME ((void *)1)

static int rt_limit_show(struct seq_file *m, void *data)
{
	long period;
	long runtime;

	sched_rt_limits(&period, &runtime);
	seq_printf(m, "%ld\n", data == RT_PERIOD ? period : runtime);
	return 0;
}

static ssize_t rt_limit_store(void *data, const char *text, size_t len)
{
	long period;
	long runtime;
	long value;
	int err = sysctl_parse_long(text, INT_MIN, INT_MAX, &value);

	if (err)
		return err;
	sched_rt_limits(&period, &runtime);
	if (data == RT_PERIOD)
		period = value;
	else
		runtime = value;
	err = sched_set_rt_limits(period, runtime);
	return err ? err : (ssize_t)len;
}

static int rr_slice_show(struct seq_file *m, void *data)
{
	(void)data;
	seq_printf(m, "%llu\n", sched_rr_slice_ns() / NSEC_PER_MSEC);
	return 0;
}

static ssize_t rr_slice_store(void *data, const char *text, size_t len)
{
	long value;
	int err = sysctl_parse_long(text, INT_MIN, INT_MAX, &value);

	(void)data;
	if (err)
		return err;
	sched_set_rr_slice(value);
	return (ssize_t)len;
}

/* proc_sched_init - make the nodes. */
void __init proc_sched_init(void)
{
	(void)pseudo_create(NULL, "schedstat", 0444, schedstat_show, NULL,
			    NULL);
	sysctl_register("kernel/sched_rt_period_us", 0644, rt_limit_show,
			rt_limit_store, RT_PERIOD);
	sysctl_register("kernel/sched_rt_runtime_us", 0644, rt_limit_show,
			rt_limit_store, RT_RUNTIME);
	sysctl_register("kernel/sched_rr_timeslice_ms", 0644, rr_slice_show,
			rr_slice_store, NULL);
}
