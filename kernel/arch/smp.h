/*
 * Other CPUs: starting them, calling them.
 *
 * Entry points: smp_boot_cpus, smp_send_reschedule, smp_call_function,
 * smp_call_function_many, smp_call_function_single, smp_stop_other_cpus,
 * cpu_nap.
 */
#pragma once

#include <abi/types.h>
#include <kernel/arch/percpu.h>

/* smp_boot_cpus - start every CPU there is, as far as maxcpus= allows.  From
 * PID 1, before it needs them; says in the log which did not come. */
void smp_boot_cpus(void);

/* cpu_apic_id - what the hardware calls CPU @cpu. */
unsigned int cpu_apic_id(unsigned int cpu);

/* Kick @cpu so that it looks at TIF_NEED_RESCHED.  Any context. */
void smp_send_reschedule(unsigned int cpu);

/*
 * smp_call_function - run @fn(@arg) in interrupt context on every other CPU
 * that is online; with @wait, return when all have.  Interrupts on.
 */
void smp_call_function(void (*fn)(void *), void *arg, bool wait);

/* The same on those of @cpus (bit n: CPU n) that are online and not this one:
 * all are asked before the first is waited for. */
void smp_call_function_many(u64 cpus, void (*fn)(void *), void *arg, bool wait);

/* The same on one CPU (which may be this one).  0 or -ENXIO: not online. */
int smp_call_function_single(unsigned int cpu, void (*fn)(void *), void *arg,
			     bool wait);

/* cpu_nap - halt until an interrupt, for 50 us at most: for who waits for
 * another CPU that seems not to run.  Interrupts on. */
void cpu_nap(void);

/* smp_stop_other_cpus - for panic and power off: they halt for good. */
void smp_stop_other_cpus(void);
