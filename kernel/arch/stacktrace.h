/*
 * Walking the kernel's stack by frame pointers.
 *
 * The walk reads only inside the stack it began on and stops where a frame
 * pointer makes no sense, so it may run in any context.
 *
 * Entry points: stack_trace_save, stack_trace_save_regs, stack_trace_save_tsk.
 */
#pragma once

#include <abi/types.h>

struct pt_regs;
struct task_struct;

/* Up to @max return addresses, the caller's caller first; returns how many. */
unsigned int stack_trace_save(unsigned long *addrs, unsigned int max);

/* The same for an interrupted context: its ip first (0 for user registers). */
unsigned int stack_trace_save_regs(unsigned long *addrs, unsigned int max,
				   const struct pt_regs *regs);

/* The same for a task that does not run (or for current). */
unsigned int stack_trace_save_tsk(unsigned long *addrs, unsigned int max,
				  struct task_struct *task);
