/*
 * page_table.h - walk, copy and tear down the tables of programs.
 *
 * Entries are changed under mm->page_table_lock.  Pages that a zap takes out
 * are freed only after the TLB flush: a struct mmu_gather collects them.
 */
#pragma once

#include <kernel/mm/vma.h>
#include <kernel/types/mm.h>

#define GATHER_PAGES 64

/* Pages on their way out, behind one flush. */
struct mmu_gather {
	struct mm_struct *mm;
	unsigned long start, end; /* to be flushed; empty: start > end */
	bool fullmm;		  /* the whole space goes; nobody runs on it */
	bool keep_anon;		  /* leave private copies alone */
	unsigned int nr;
	struct page *pages[GATHER_PAGES];
};

/* tlb_gather_mmu, tlb_finish_mmu - begin and end; end flushes and frees. */
void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm, bool fullmm);
void tlb_finish_mmu(struct mmu_gather *tlb);

/* pte_walk - the entry of @addr, or NULL if a table is missing. */
pte_t *pte_walk(struct mm_struct *mm, unsigned long addr);

/* pte_alloc - the same, making tables; NULL without memory.  May sleep; takes
 * page_table_lock, which must not be held. */
pte_t *pte_alloc(struct mm_struct *mm, unsigned long addr);

/* pmd_alloc_table - as pte_alloc, but the pmd entry over the table. */
pmd_t *pmd_alloc_table(struct mm_struct *mm, unsigned long addr);

/*
 * copy_page_range - fork: give @dst what @src has mapped.
 *
 * Private writable pages become read-only in both.  Areas that can refault
 * from their file are not copied.  The caller flushes @src's mm.  0 or
 * -ENOMEM.
 */
int copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src);

/* unmap_page_range - zap [start, end) of @vma into @tlb. */
void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long start, unsigned long end);

/* zap_page_range - the same with a gather of its own. */
void zap_page_range(struct vm_area_struct *vma, unsigned long start,
		    unsigned long size);

/* free_pgtables - free the tables that only serve [floor, ceiling) around
 * [start, end), where nothing is mapped any more. */
void free_pgtables(struct mmu_gather *tlb, unsigned long start,
		   unsigned long end, unsigned long floor,
		   unsigned long ceiling);

/*
 * unmap_mapping_range - take [start, start+len) bytes of a file out of every
 * address space (@len 0: to the end).  @even_cows: private copies as well
 * (truncation).  Takes i_mmap_rwsem.
 */
void unmap_mapping_range(struct address_space *mapping, loff_t start,
			 loff_t len, bool even_cows);

/* follow_page - the page mapped at @addr, referenced, or NULL.  @write: only
 * if it may be written. */
struct page *follow_page(struct vm_area_struct *vma, unsigned long addr,
			 bool write);

/* page_add_rmap, page_remove_rmap - an entry maps it / no longer: _mapcount and
 * the mm's counter. */
void page_add_rmap(struct mm_struct *mm, struct page *page);
void page_remove_rmap(struct mm_struct *mm, struct page *page);

/* mm_counter_of - MM_ANONPAGES, MM_FILEPAGES or MM_SHMEMPAGES. */
int mm_counter_of(const struct page *page);

/* nr_page_table_pages - all programs' tables, PageTables of meminfo. */
unsigned long nr_page_table_pages(void);

/* nr_anon_pages, nr_mapped_pages - AnonPages, Mapped of meminfo. */
unsigned long nr_anon_pages(void);
unsigned long nr_mapped_pages(void);

/*
 * walk_page_range - call @fn for each present entry in [start, end).
 *
 * mmap_lock held; page_table_lock is held around the calls.
 */
void walk_page_range(struct mm_struct *mm, unsigned long start,
		     unsigned long end,
		     void (*fn)(pte_t *pte, unsigned long addr, void *arg),
		     void *arg);
