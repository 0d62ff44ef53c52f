/*
 * Memory that is contiguous only in addresses, and kernel stacks.
 *
 * Ranges between VMALLOC_START and VMALLOC_END are kept in a tree by
 * address; each has an unmapped guard page behind it.  A kernel stack is
 * 16 KiB with an unmapped page below it, so that an overflow faults
 * instead of corrupting a neighbour; some freed stacks are kept for the next.
 */
#pragma once

#include <kernel/arch/paging.h>
#include <kernel/lib/macros.h>

#define KERNEL_STACK_SIZE THREAD_SIZE

/* vmalloc_init - after slab_init. */
void vmalloc_init(void);

/* vmalloc, vzalloc - @size bytes (zeroed), page aligned; NULL: no memory. */
void *vmalloc(size_t size) __must_check;
void *vzalloc(size_t size) __must_check;

/* vfree - give it back; NULL is allowed.  Not from hard irq. */
void vfree(const void *addr);

/* kvmalloc, kvzalloc, kvfree - kmalloc if that is possible, else vmalloc. */
void *kvmalloc(size_t size) __must_check;
void *kvzalloc(size_t size) __must_check;
void kvfree(const void *addr);

/* is_vmalloc_addr - is @addr in the range that vmalloc gives out? */
bool is_vmalloc_addr(const void *addr);

/* alloc_kernel_stack - lowest address of a new stack, aligned to its
 * size, or NULL. */
void *alloc_kernel_stack(void) __must_check;

/* free_kernel_stack - @stack as alloc_kernel_stack gave it; not in use. */
void free_kernel_stack(void *stack);

/* trim_kernel_stacks - unmap freed stacks, but keep a few.  Interrupts on;
 * called by the thread that wake_reclaim() wakes. */
void trim_kernel_stacks(void);

/* is_kernel_stack_guard - did an access to @addr run off a stack? */
bool is_kernel_stack_guard(unsigned long addr);

/* For /proc/meminfo: pages mapped by vmalloc; kernel stacks in use. */
unsigned long nr_vmalloc_pages(void);
unsigned long nr_kernel_stacks(void);
