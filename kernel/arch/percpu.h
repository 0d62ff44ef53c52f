/*
 * Per-CPU variables and the set of CPUs.
 *
 * A variable defined with DEFINE_PER_CPU lies in section .data..percpu.  CPU 0
 * uses that section itself; each further CPU has a copy, and GS base is the
 * distance from the section to the copy (0 for CPU 0).  So `%gs:name` is this
 * CPU's copy in one instruction, from the first line of C on.
 *
 * The kernel is not preempted, so this_cpu_ptr() stays valid until the task
 * sleeps.  this_cpu_inc and kin are one instruction: safe against interrupts.
 *
 * Entry points: DEFINE_PER_CPU, this_cpu_*, per_cpu_ptr, per_cpu, per_cpu_sum,
 * smp_processor_id, for_each_cpu, for_each_possible_cpu, cpu_online.
 */
#pragma once

#include <abi/types.h>

#define NR_CPUS 16

#define PER_CPU_SECTION		    __attribute__((section(".data..percpu")))
#define DEFINE_PER_CPU(type, name)  PER_CPU_SECTION __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern PER_CPU_SECTION __typeof__(type) name
#define DEFINE_PER_CPU_ALIGNED(type, name)                                     \
	PER_CPU_SECTION __typeof__(type) name __attribute__((aligned(64)))

extern char __per_cpu_start[];
extern char __per_cpu_end[];
extern unsigned long __per_cpu_offset[NR_CPUS]; /* [I] once the CPU is up */

DECLARE_PER_CPU(unsigned int, cpu_number);
DECLARE_PER_CPU(unsigned long, this_cpu_off);

/* Only a lvalue of 1, 2, 4 or 8 bytes; @var is the variable, not a pointer. */
#define this_cpu_read(var)                                                     \
	({                                                                     \
		__typeof__(var) pcp_ret__;                                     \
		__asm__ volatile("mov %%gs:%1, %0"                             \
				 : "=q"(pcp_ret__)                             \
				 : "m"(var));                                  \
		pcp_ret__;                                                     \
	})

/* For what never changes while a task runs on a CPU: may be cached. */
#define this_cpu_read_stable(var)                                              \
	({                                                                     \
		__typeof__(var) pcp_ret__;                                     \
		__asm__("mov %%gs:%1, %0" : "=r"(pcp_ret__) : "m"(var));       \
		pcp_ret__;                                                     \
	})

#define this_cpu_write(var, value)                                             \
	do {                                                                   \
		__typeof__(var) pcp_val__ = (value);                           \
		__asm__ volatile("mov %1, %%gs:%0"                             \
				 : "=m"(var)                                   \
				 : "q"(pcp_val__)                              \
				 : "memory");                                  \
	} while (0)

#define this_cpu_op__(op, var, value)                                          \
	do {                                                                   \
		__typeof__(var) pcp_val__ = (__typeof__(var))(value);          \
		__asm__ volatile(op " %1, %%gs:%0"                             \
				 : "+m"(var)                                   \
				 : "q"(pcp_val__)                              \
				 : "cc", "memory");                            \
	} while (0)

#define this_cpu_add(var, value) this_cpu_op__("add", var, value)
#define this_cpu_sub(var, value) this_cpu_op__("sub", var, value)
#define this_cpu_or(var, value)	 this_cpu_op__("or", var, value)
#define this_cpu_and(var, value) this_cpu_op__("and", var, value)
#define this_cpu_inc(var)	 this_cpu_add(var, 1)
#define this_cpu_dec(var)	 this_cpu_sub(var, 1)

/* Swaps @value, 8 bytes, for what was there; atomic between CPUs too. */
#define this_cpu_xchg(var, value)                                              \
	({                                                                     \
		__typeof__(var) pcp_new__ = (value);                           \
		__asm__ volatile("xchg %0, %%gs:%1"                            \
				 : "+r"(pcp_new__), "+m"(var)                  \
				 :                                             \
				 : "memory");                                  \
		pcp_new__;                                                     \
	})

/* Adds and returns the new value; one instruction, not atomic between CPUs. */
#define this_cpu_add_return(var, value)                                        \
	({                                                                     \
		__typeof__(var) pcp_add__ = (__typeof__(var))(value);          \
		__typeof__(var) pcp_old__ = pcp_add__;                         \
		__asm__ volatile("xadd %0, %%gs:%1"                            \
				 : "+q"(pcp_old__), "+m"(var)                  \
				 :                                             \
				 : "cc", "memory");                            \
		pcp_old__ + pcp_add__;                                         \
	})
#define this_cpu_inc_return(var) this_cpu_add_return(var, 1)
#define this_cpu_dec_return(var) this_cpu_add_return(var, -1)

/* Address of this CPU's / CPU @cpu's copy of *@ptr (a per-CPU variable). */
#define this_cpu_ptr(ptr)                                                      \
	((__typeof__(ptr))((unsigned long)(ptr) +                              \
			   this_cpu_read_stable(this_cpu_off)))
#define per_cpu_ptr(ptr, cpu)                                                  \
	((__typeof__(ptr))((unsigned long)(ptr) + __per_cpu_offset[cpu]))
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))

/*
 * The sum of all CPUs' @var, a signed counter that each CPU changes by
 * this_cpu_add() so that none waits for another's cache line; at least 0, since
 * what one CPU counted up another may count down while we look.
 */
#define per_cpu_sum(var)                                                       \
	({                                                                     \
		__typeof__(var) pcp_sum__ = 0;                                 \
		unsigned int pcp_cpu__;                                        \
		for (pcp_cpu__ = 0; pcp_cpu__ < nr_cpu_ids; pcp_cpu__++)       \
			pcp_sum__ += *(const volatile __typeof__(var) *)       \
					     per_cpu_ptr(&(var), pcp_cpu__);   \
		pcp_sum__ < 0 ? 0 : pcp_sum__;                                 \
	})

#define smp_processor_id() this_cpu_read(cpu_number)

/* CPUs 0..nr_cpu_ids-1 may come up; bit n of cpu_online_bits: CPU n runs. */
extern unsigned int nr_cpu_ids;	      /* [I] after setup_arch_late */
extern unsigned long cpu_online_bits; /* [A] */

static inline bool cpu_online(unsigned int cpu)
{
	return __atomic_load_n(&cpu_online_bits, __ATOMIC_RELAXED) >> cpu & 1;
}

static inline unsigned int num_online_cpus(void)
{
	unsigned long bits =
		__atomic_load_n(&cpu_online_bits, __ATOMIC_RELAXED);
	unsigned int n;

	for (n = 0; bits; n++)
		bits &= bits - 1;
	return n;
}

/* for_each_cpu - every CPU that runs now; @cpu is an unsigned int. */
#define for_each_cpu(cpu)                                                      \
	for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)                           \
		if (!cpu_online(cpu)) {                                        \
		} else
#define for_each_online_cpu(cpu)   for_each_cpu (cpu)
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)
