/*
 * The CPU's part of the boot, in the order start_kernel() calls it.
 *
 *   start_kernel(bi)             from long_mode.S: CPU 0, interrupts off, on
 *                                init_stack, current == &init_task, GS ready
 *     setup_arch_early(bi)       early serial console, exceptions, CPU
 *                                features, memory map and command line in *bi
 *     ... cmdline, boot allocator take *bi ...
 *     setup_arch_memory(bi)      final page tables: all RAM at PAGE_OFFSET,
 *                                text read-only; needs boot_alloc
 *     ... page allocator (vmemmap_populate), slab ...
 *     setup_arch_late(bi)        ACPI, interrupt controllers, clock and timer
 *                                calibrated; needs kmalloc and ioremap
 *     ... time, irq, scheduler; local_irq_enable() ...
 *     free_initmem()             just before PID 1: gives .init back
 */
#pragma once

#include <kernel/arch/boot_info.h>

extern char __kernel_start[]; /* the whole image, virtual addresses */
extern char __kernel_end[];
extern char __text_start[];
extern char __text_end[];
extern char __rodata_start[];
extern char __rodata_end[];
extern char __init_begin[]; /* freed by free_initmem() */
extern char __init_end[];

/* The boot stack of CPU 0 and PID 0: THREAD_SIZE bytes, aligned to it. */
extern char init_stack[];

/* Written in kernel/init/main.c. */
void start_kernel(struct boot_info *bi);

void setup_arch_early(struct boot_info *bi);
void setup_arch_memory(struct boot_info *bi);
void setup_arch_late(struct boot_info *bi);

/* free_initmem - give the pages of .init to the page allocator. */
void free_initmem(void);
