/*
 * Per-CPU areas, and the set of CPUs.
 *
 * CPU 0 lives in the linked section.  Before it changes anything there a clean
 * copy is kept (in .init memory), from which the other CPUs' areas are made.
 *
 * Entry points: percpu_init_early, percpu_alloc_area.
 */
#include <kernel/arch/percpu.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/context.h>
#include <kernel/arch/setup.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
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

/* percpu_alloc_area - memory for CPU @cpu (not 0).  0 or -ENOMEM. */
int __init percpu_alloc_area(unsigned int cpu)
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
