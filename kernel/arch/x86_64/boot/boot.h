/*
 * What the boot assembly and boot_info.c share: numbers only.
 */
#pragma once

#define BOOT_MAGIC_PVH	      0x50564821
#define BOOT_MAGIC_MULTIBOOT2 0x36d76289

/* Where a further CPU wakes, in real mode: ap_start.S is copied there. */
#define AP_START_PAGE 0x8000

#ifdef __ASSEMBLY__
/* C's are in kernel/arch/paging.h, with suffixes gas does not take. */
#define KERNEL_BASE	0xffffffff80000000
#define PAGE_OFFSET_PGD 273 /* pgd_index(PAGE_OFFSET) */
#define BOOT_STACK_SIZE 16384
#endif
