/*
 * Forgetting old translations, on every CPU that may hold them.
 *
 * Change the tables first, then flush, then reuse the page.  The user flushes
 * reach the CPUs that run @mm now (a CPU that switches to it later loads CR3
 * and starts clean).  Not from interrupt context when other CPUs are up.
 *
 * Entry points: flush_tlb_page, flush_tlb_range, flush_tlb_mm,
 * flush_tlb_kernel_range, flush_tlb_all.
 */
#pragma once

#include <abi/types.h>

struct mm_struct;

void flush_tlb_page(struct mm_struct *mm, unsigned long addr);
void flush_tlb_range(struct mm_struct *mm, unsigned long start,
		     unsigned long end);
void flush_tlb_mm(struct mm_struct *mm);
void flush_tlb_kernel_range(unsigned long start, unsigned long end);
void flush_tlb_all(void);

/* One page of the current address space on this CPU only: enough where an
 * entry only gained rights and another CPU may fault once more. */
static inline void flush_tlb_one_local(unsigned long addr)
{
	__asm__ volatile("invlpg (%0)" ::"r"(addr) : "memory");
}
