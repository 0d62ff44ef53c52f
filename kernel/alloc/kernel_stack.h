/*
 * Kernel stacks: THREAD_SIZE bytes, aligned to that, with as much unmapped
 * below, so that an overflow faults instead of corrupting a neighbour; some
 * freed stacks are kept for the next.
 */
#pragma once

#include <kernel/lib/macros.h>

/* kernel_stack_init - after slab_init. */
void kernel_stack_init(void);

/* alloc_kernel_stack - lowest address of a new stack, or NULL. */
void *alloc_kernel_stack(void) __must_check;

/* free_kernel_stack - @stack as alloc_kernel_stack gave it; not in use.  Any
 * context. */
void free_kernel_stack(void *stack);

/* trim_kernel_stacks - unmap freed stacks, but keep a few.  Interrupts on;
 * called by the thread that wake_reclaim() wakes. */
void trim_kernel_stacks(void);

/* is_kernel_stack_guard - did an access to @addr run off a stack? */
bool is_kernel_stack_guard(unsigned long addr);

/* nr_kernel_stacks - those in use, for /proc/meminfo. */
unsigned long nr_kernel_stacks(void);

/* report_kernel_stacks - debug builds log how deep any stack ever was; as a bug
 * if that is more than three quarters. */
void report_kernel_stacks(void);
