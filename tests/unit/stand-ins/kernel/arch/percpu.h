/*
 * Stand-in for <kernel/arch/percpu.h>: one CPU, whose copy is the variable.
 */
#pragma once

#include <abi/types.h>

#define NR_CPUS 16

#define DEFINE_PER_CPU(type, name)	   __typeof__(type) name
#define DEFINE_PER_CPU_ALIGNED(type, name) DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU(type, name)	   extern __typeof__(type) name

#define this_cpu_ptr(ptr)	  (ptr)
#define per_cpu_ptr(ptr, cpu)	  ((void)(cpu), (ptr))
#define per_cpu(var, cpu)	  (*per_cpu_ptr(&(var), cpu))
#define per_cpu_sum(var)	  (var)
#define this_cpu_read(var)	  (var)
#define this_cpu_read_stable(var) (var)
#define this_cpu_write(var, v)	  ((var) = (v))
#define this_cpu_add(var, v)	  ((var) += (v))
#define this_cpu_inc(var)	  ((var)++)
#define this_cpu_dec(var)	  ((var)--)
#define this_cpu_or(var, v)	  ((var) |= (v))

#define smp_processor_id()	   0
#define nr_cpu_ids		   1U
#define for_each_cpu(cpu)	   for ((cpu) = 0; (cpu) < 1; (cpu)++)
#define for_each_online_cpu(cpu)   for_each_cpu (cpu)
#define for_each_possible_cpu(cpu) for_each_cpu (cpu)
