/*
 * stat.c - numbers of the whole system: /proc/stat, uptime, loadavg,
 * interrupts, softirqs, proc(5).
 *
 * Entry points: proc_stat_init.
 */
#include <fs/proc/internal.h>
#include <fs/vfs/pseudo.h>
#include <kernel/arch/percpu.h>
#include <kernel/irq/irq.h>
#include <kernel/irq/softirq.h>
#include <kernel/process/pid.h>
#include <kernel/process/task.h>
#include <kernel/sched/stats.h>
#include <kernel/time/clock.h>

/* --- stat --- */

static void add_usage(struct cpu_usage *sum, const struct cpu_usage *usage)
{
	sum->user_ns += usage->user_ns;
	sum->nice_ns += usage->nice_ns;
	sum->system_ns += usage->system_ns;
	sum->idle_ns += usage->idle_ns;
	sum->iowait_ns += usage->iowait_ns;
	sum->irq_ns += usage->irq_ns;
	sum->softirq_ns += usage->softirq_ns;
}

/* No time is stolen that we know of, and there are no guests: zeros. */
static void show_usage(struct seq_file *m, const struct cpu_usage *usage)
{
	seq_printf(m, " %llu %llu %llu %llu %llu %llu %llu 0 0 0\n",
		   nsec_to_clock_t(usage->user_ns),
		   nsec_to_clock_t(usage->nice_ns),
		   nsec_to_clock_t(usage->system_ns),
		   nsec_to_clock_t(usage->idle_ns),
		   nsec_to_clock_t(usage->iowait_ns),
		   nsec_to_clock_t(usage->irq_ns),
		   nsec_to_clock_t(usage->softirq_ns));
}

static void show_cpus(struct seq_file *m)
{
	struct cpu_usage usage, sum = {0};
	unsigned int cpu;

	for_each_online_cpu(cpu)
	{
		cpu_usage_read((int)cpu, &usage);
		add_usage(&sum, &usage);
	}
	seq_puts(m, "cpu ");
	show_usage(m, &sum);
	for_each_online_cpu(cpu)
	{
		cpu_usage_read((int)cpu, &usage);
		seq_printf(m, "cpu%u", cpu);
		show_usage(m, &usage);
	}
}

static u64 irq_sum(unsigned int irq)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu (cpu)
		sum += irq_count(irq, (int)cpu);
	return sum;
}

/* The ten kinds that Linux has, and which of ours are each; -1: none. */
static const struct {
	const char *name;
	int ours[2];
} softirq_kinds[] = {
	{"HI", {-1, -1}},
	{"TIMER", {SOFTIRQ_TIMER, -1}},
	{"NET_TX", {-1, -1}},
	{"NET_RX", {SOFTIRQ_NET, -1}},
	{"BLOCK", {SOFTIRQ_BLOCK, -1}},
	{"IRQ_POLL", {-1, -1}},
	{"TASKLET", {SOFTIRQ_WORK, SOFTIRQ_LOG}},
	{"SCHED", {SOFTIRQ_SCHED, -1}},
	{"HRTIMER", {-1, -1}},
	{"RCU", {-1, -1}},
};

static u64 softirq_kind_count(unsigned int kind, unsigned int cpu)
{
	const int *ours = softirq_kinds[kind].ours;
	u64 sum = 0;
	int i;

	for (i = 0; i < 2 && ours[i] >= 0; i++)
		sum += softirq_count((enum softirq_nr)ours[i], (int)cpu);
	return sum;
}

static u64 softirq_kind_sum(unsigned int kind)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu (cpu)
		sum += softirq_kind_count(kind, cpu);
	return sum;
}

static void show_interrupts(struct seq_file *m)
{
	unsigned int i;

	seq_printf(m, "intr %llu", irq_total());
	for (i = 0; i < NR_IRQS; i++)
		seq_printf(m, " %llu", irq_sum(i));
	seq_putc(m, '\n');
}

static void show_softirqs(struct seq_file *m)
{
	unsigned int i;
	u64 total = 0;

	for (i = 0; i < ARRAY_SIZE(softirq_kinds); i++)
		total += softirq_kind_sum(i);
	seq_printf(m, "softirq %llu", total);
	for (i = 0; i < ARRAY_SIZE(softirq_kinds); i++)
		seq_printf(m, " %llu", softirq_kind_sum(i));
	seq_putc(m, '\n');
}

static int stat_show(struct seq_file *m, void *data)
{
	show_cpus(m);
	show_interrupts(m);
	seq_printf(m,
		   "ctxt %llu\nbtime %llu\nprocesses %lu\n"
		   "procs_running %lu\nprocs_blocked %lu\n",
		   nr_context_switches(),
		   (ktime_get_real_ns() - ktime_get_boottime_ns()) /
			   NSEC_PER_SEC,
		   total_forks, nr_running(), nr_iowait());
	show_softirqs(m);
	return 0;
}

/* --- uptime, loadavg --- */

static int uptime_show(struct seq_file *m, void *data)
{
	u64 up = ktime_get_boottime_ns() / (NSEC_PER_SEC / 100);
	struct cpu_usage usage;
	unsigned int cpu;
	u64 idle = 0;

	for_each_online_cpu(cpu)
	{
		cpu_usage_read((int)cpu, &usage);
		idle += usage.idle_ns;
	}
	idle /= NSEC_PER_SEC / 100;
	seq_printf(m, "%llu.%02llu %llu.%02llu\n", up / 100, up % 100,
		   idle / 100, idle % 100);
	return 0;
}

static int loadavg_show(struct seq_file *m, void *data)
{
	unsigned long loads[3];
	int i;

	/* Rounded to the hundredth that is shown. */
	get_avenrun(loads, FIXED_1 / 200, 0);
	for (i = 0; i < 3; i++)
		seq_printf(m, "%lu.%02lu ", loads[i] >> FSHIFT,
			   ((loads[i] & (FIXED_1 - 1)) * 100) >> FSHIFT);
	seq_printf(m, "%lu/%d %d\n", nr_running(), nr_threads,
		   READ_ONCE(last_pid));
	return 0;
}

/* --- interrupts, softirqs --- */

static void show_cpu_header(struct seq_file *m, int indent)
{
	unsigned int cpu;

	seq_printf(m, "%*s", indent, "");
	for_each_online_cpu(cpu) seq_printf(m, "CPU%-8u", cpu);
	seq_putc(m, '\n');
}

/* Those that are no line, under Linux's names. */
static const struct {
	const char *name;
	const char *what;
} other_irqs[NR_IRQ_OTHER] = {
	[IRQ_OTHER_LOC] = {"LOC", "Local timer interrupts"},
	[IRQ_OTHER_RES] = {"RES", "Rescheduling interrupts"},
	[IRQ_OTHER_CAL] = {"CAL", "Function call interrupts"},
	[IRQ_OTHER_TLB] = {"TLB", "TLB shootdowns"},
};

static void show_other_irqs(struct seq_file *m)
{
	unsigned int kind, cpu;

	for (kind = 0; kind < NR_IRQ_OTHER; kind++) {
		seq_printf(m, "%3s: ", other_irqs[kind].name);
		for_each_online_cpu(cpu) seq_printf(
			m, "%10llu ", irq_other_count(kind, (int)cpu));
		seq_printf(m, "  %s\n", other_irqs[kind].what);
	}
}

static int interrupts_show(struct seq_file *m, void *data)
{
	struct irq_info info;
	unsigned int irq, cpu;

	show_cpu_header(m, 11);
	for (irq = 0; irq < NR_IRQS; irq++) {
		if (!irq_get_info(irq, &info))
			continue;
		seq_printf(m, "%3u: ", irq);
		for_each_online_cpu(cpu)
			seq_printf(m, "%10llu ", irq_count(irq, (int)cpu));
		seq_printf(m, " %8s  %s\n", info.chip, info.actions);
	}
	show_other_irqs(m);
	return 0;
}

static int softirqs_show(struct seq_file *m, void *data)
{
	unsigned int i, cpu;

	show_cpu_header(m, 20);
	for (i = 0; i < ARRAY_SIZE(softirq_kinds); i++) {
		seq_printf(m, "%12s:", softirq_kinds[i].name);
		for_each_online_cpu(cpu)
			seq_printf(m, " %10llu", softirq_kind_count(i, cpu));
		seq_putc(m, '\n');
	}
	return 0;
}

/* proc_stat_init - make the nodes. */
void __init proc_stat_init(void)
{
	(void)pseudo_create(NULL, "stat", 0444, stat_show, NULL, NULL);
	(void)pseudo_create(NULL, "uptime", 0444, uptime_show, NULL, NULL);
	(void)pseudo_create(NULL, "loadavg", 0444, loadavg_show, NULL, NULL);
	(void)pseudo_create(NULL, "interrupts", 0444, interrupts_show, NULL,
			    NULL);
	(void)pseudo_create(NULL, "softirqs", 0444, softirqs_show, NULL, NULL);
}
