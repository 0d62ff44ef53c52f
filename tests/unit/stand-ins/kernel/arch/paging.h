/*
 * Stand-in for <kernel/arch/paging.h>: "physical" memory is an area of the host
 * program at PAGE_OFFSET, its struct pages are at VMEMMAP_START.
 */
#pragma once

#include <abi/types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define PAGE_ALIGN(x)	   (((x) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGN_DOWN(x) ((x)&PAGE_MASK)
#define offset_in_page(x)  ((unsigned long)(x) & ~PAGE_MASK)
#define PFN_UP(x)	   (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x)	   ((x) >> PAGE_SHIFT)
#define PFN_PHYS(pfn)	   ((u64)(pfn) << PAGE_SHIFT)

#define PAGE_OFFSET   0x300000000000UL
#define VMEMMAP_START 0x310000000000UL
#define TASK_SIZE     0x00007ffffffff000UL

#define THREAD_SIZE 8192UL

#define __pa(va) ((unsigned long)(va)-PAGE_OFFSET)
#define __va(pa) ((void *)((unsigned long)(pa) + PAGE_OFFSET))

typedef struct {
	u64 pte;
} pte_t;
typedef struct {
	u64 pgd;
} pgd_t;
typedef struct {
	u64 pgprot;
} pgprot_t;

#define __pgprot(x)   ((pgprot_t){(x)})
#define pgprot_val(x) ((x).pgprot)

void vmemmap_populate(unsigned long start_pfn, unsigned long end_pfn);
