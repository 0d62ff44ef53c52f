/*
 * Per-CPU areas, and the set of CPUs.
 *
 * CPU 0 lives in the linked section.  Before it changes anything there a clean
 * copy is kept (in .init memory), from which the other CPUs' areas are made.
 *
 * Entry points: percpu_init_early, percpu_init_areas.
 */
#include <kernel/arch/percpu.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/context.h>
#include <kernel/arch/setup.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/types/task.h>

extern char __per_cpu_template[];

unsigned long __per_cpu_offset[NR_CPUS];
unsigned int nr_cpu_ids = 1;
unsigned long cpu_online_bits = 1;

DEFINE_PER_CPU(unsigned int, cpu_number);
DEFINE_PER_CPU(unsigned long, this_cpu_off);
DEFINE_PER_CPU(struct task_struct *, current_task) = &init_task;
DEFINE_PER_CPU(unsigned long,
	       cpu_current_top_of_stack) = (unsigned long)init_stack
					   + THREAD_SIZE;

/* percpu_init_early - before anything writes to a per-CPU variable. */
void __init percpu_init_early(void)
{
	memcpy(__per_cpu_template, __per_cpu_start,
	       __per_cpu_end - __per_cpu_start);
}

static int __init alloc_area(unsigned int cpu)
{
	size_t size = __per_cpu_end - __per_cpu_start;
	char *area = alloc_pages_exact(size);

	if (!area)
		return -ENOMEM;
	memcpy(area, __per_cpu_template, size);
	__per_cpu_offset[cpu] =
		(unsigned long)area - (unsigned long)__per_cpu_start;
	per_cpu(cpu_number, cpu) = cpu;
	per_cpu(this_cpu_off, cpu) = __per_cpu_offset[cpu];
	return 0;
}

/*
 * percpu_init_areas - decide how many CPUs there may be, and give each its
 * area.  "nosmp" and maxcpus=0: only this one.
 */
void __init percpu_init_areas(void)
{
	unsigned int wanted = min(acpi.nr_cpus, (unsigned int)NR_CPUS);
	unsigned int cpu;

	if (cmdline_has("nosmp") || cmdline_get_int("maxcpus", NR_CPUS) == 0)
		wanted = 1;
	for (cpu = 1; cpu < wanted; cpu++) {
		if (alloc_area(cpu)) {
			pr_warn("smp: no memory for CPUs %u to %u\n", cpu,
				wanted - 1);
			break;
		}
	}
	nr_cpu_ids = cpu;
}
