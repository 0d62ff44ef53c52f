/*
 * Memory that is contiguous only in addresses.
 *
 * Ranges from VMALLOC_START on are kept in a tree by address; each has an
 * unmapped guard page behind it.
 */
#pragma once

#include <kernel/arch/paging.h>
#include <kernel/lib/macros.h>

/* Where the upper half of the area begins: kernel_stack.c's. */
#define KERNEL_STACKS_START (VMALLOC_START + (VMALLOC_END - VMALLOC_START) / 2)

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

/* map_fresh - map @n new pages at @addr, in the area; true, or nothing is. */
bool map_fresh(unsigned long addr, unsigned long n) __must_check;

/* unmap_and_free - the reverse.  Interrupts on: other CPUs are told. */
void unmap_and_free(unsigned long addr, unsigned long n);

/* nr_vmalloc_pages - for /proc/meminfo. */
unsigned long nr_vmalloc_pages(void);
