/*
 * page_table.c - walk, copy and tear down the page tables of programs.
 *
 * Tables grow under mmap_lock (reading is enough) and go only when it is held
 * for writing and no mapping reaches into them, so a walk by someone who
 * holds mmap_lock, or who found the mapping through i_mmap and holds that
 * list's lock, needs no other lock for the upper levels.  Last-level entries
 * change under mm->page_table_lock.
 *
 * A page taken out of the tables may still be in some CPU's TLB: struct
 * mmu_gather keeps it, and the tables, until one flush for all of them.
 *
 * Entry points: pte_walk, pte_alloc, copy_page_range, zap_page_range,
 * unmap_page_range, free_pgtables, unmap_mapping_range, follow_page.
 */
#include <kernel/mm/page_table.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/tlb.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/page_cache.h>
#include <kernel/sched/core.h>

/* Low bit of a gathered page pointer: its entry was dirty. */
#define GATHER_DIRTY 1UL

static DEFINE_PER_CPU(long, page_table_pages);
static DEFINE_PER_CPU(long, anon_pages);
static DEFINE_PER_CPU(long, mapped_pages);

/* For /proc/meminfo. */
unsigned long nr_page_table_pages(void)
{
	return (unsigned long)per_cpu_sum(page_table_pages);
}

unsigned long nr_anon_pages(void)
{
	return (unsigned long)per_cpu_sum(anon_pages);
}

unsigned long nr_mapped_pages(void)
{
	return (unsigned long)per_cpu_sum(mapped_pages);
}

/* mm_counter_of - which counter of its mm a page belongs to. */
int mm_counter_of(const struct page *page)
{
	if (PageAnon(page))
		return MM_ANONPAGES;
	return PageSwapBacked(page) ? MM_SHMEMPAGES : MM_FILEPAGES;
}

static void rmap_global(struct page *page, long n)
{
	if (PageAnon(page))
		this_cpu_add(anon_pages, n);
	else
		this_cpu_add(mapped_pages, n);
}

/* page_add_rmap - one entry of @mm more maps @page. */
void page_add_rmap(struct mm_struct *mm, struct page *page)
{
	if (atomic_inc_return(&page->_mapcount) == 1)
		rmap_global(page, 1);
	add_mm_counter(mm, mm_counter_of(page), 1);
}

/* page_remove_rmap - one entry less. */
void page_remove_rmap(struct mm_struct *mm, struct page *page)
{
	if (atomic_dec_and_test(&page->_mapcount))
		rmap_global(page, -1);
	add_mm_counter(mm, mm_counter_of(page), -1);
}

/* tlb_gather_mmu - begin to take pages out of @mm. */
void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm, bool fullmm)
{
	tlb->mm = mm;
	tlb->fullmm = fullmm;
	tlb->keep_anon = false;
	tlb->nr = 0;
	tlb->start = ~0UL;
	tlb->end = 0;
}

static void gather_range(struct mmu_gather *tlb, unsigned long addr)
{
	tlb->start = min(tlb->start, addr);
	tlb->end = max(tlb->end, addr + PAGE_SIZE);
}

/* Flush, then let go of what was gathered.  No spin lock held. */
static void tlb_flush_mmu(struct mmu_gather *tlb)
{
	unsigned int i;

	if (tlb->start < tlb->end && !tlb->fullmm)
		flush_tlb_range(tlb->mm, tlb->start, tlb->end);
	tlb->start = ~0UL;
	tlb->end = 0;
	for (i = 0; i < tlb->nr; i++) {
		unsigned long bits = (unsigned long)tlb->pages[i];
		struct page *page = (struct page *)(bits & ~GATHER_DIRTY);

		if (bits & GATHER_DIRTY)
			set_page_dirty(page);
		put_page(page);
	}
	tlb->nr = 0;
}

/* tlb_finish_mmu - the last flush. */
void tlb_finish_mmu(struct mmu_gather *tlb)
{
	tlb_flush_mmu(tlb);
}

static bool gather_full(const struct mmu_gather *tlb)
{
	return tlb->nr == GATHER_PAGES;
}

static void gather_page(struct mmu_gather *tlb, struct page *page,
			unsigned long bits)
{
	tlb->pages[tlb->nr++] = (struct page *)((unsigned long)page | bits);
}

static pmd_t *pmd_walk(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	pud_t *pud;

	if (pgd_none(*pgd))
		return NULL;
	pud = pud_offset(pgd, addr);
	if (pud_none(*pud))
		return NULL;
	return pmd_offset(pud, addr);
}

/* pte_walk - the entry of @addr, if its table is there. */
pte_t *pte_walk(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = pmd_walk(mm, addr);

	if (!pmd || pmd_none(*pmd))
		return NULL;
	return pte_offset(pmd, addr);
}

static struct page *table_alloc(struct mm_struct *mm)
{
	struct page *page = alloc_zeroed_page_user();

	if (!page)
		return NULL;
	this_cpu_inc(page_table_pages);
	atomic64_add(PAGE_SIZE, &mm->pgtables_bytes);
	return page;
}

static void table_uncount(struct mm_struct *mm)
{
	this_cpu_dec(page_table_pages);
	atomic64_sub(PAGE_SIZE, &mm->pgtables_bytes);
}

/* Make sure *@slot has a table: two faults may race for it. */
#define DEFINE_TABLE_ALLOC(level, type, child)                                 \
	static bool level##_table(struct mm_struct *mm, type *slot)            \
	{                                                                      \
		struct page *page;                                             \
		bool used;                                                     \
                                                                               \
		if (likely(!level##_none(*slot)))                              \
			return true;                                           \
		page = table_alloc(mm);                                        \
		if (!page)                                                     \
			return false;                                          \
		spin_lock(&mm->page_table_lock);                               \
		used = level##_none(*slot);                                    \
		if (used)                                                      \
			level##_populate(mm, slot,                             \
					 (child *)page_address(page));         \
		spin_unlock(&mm->page_table_lock);                             \
		if (!used) {                                                   \
			table_uncount(mm);                                     \
			put_page(page);                                        \
		}                                                              \
		return true;                                                   \
	}
DEFINE_TABLE_ALLOC(pgd, pgd_t, pud_t)
DEFINE_TABLE_ALLOC(pud, pud_t, pmd_t)
DEFINE_TABLE_ALLOC(pmd, pmd_t, pte_t)

/* pmd_alloc_table - the pmd entry of @addr, with a last-level table behind it.
 */
pmd_t *pmd_alloc_table(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	pud_t *pud;
	pmd_t *pmd;

	if (!pgd_table(mm, pgd))
		return NULL;
	pud = pud_offset(pgd, addr);
	if (!pud_table(mm, pud))
		return NULL;
	pmd = pmd_offset(pud, addr);
	return pmd_table(mm, pmd) ? pmd : NULL;
}

/* pte_alloc - the entry of @addr, making tables. */
pte_t *pte_alloc(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = pmd_alloc_table(mm, addr);

	return pmd ? pte_offset(pmd, addr) : NULL;
}

/* Where the next last-level table begins, or @end. */
static unsigned long next_table(unsigned long addr, unsigned long end)
{
	return pmd_addr_end(addr, end);
}

/* The page has one mapping less; what it counted as is noted. */
static inline void zap_rmap(struct page *page, long counts[NR_MM_COUNTERS])
{
	counts[mm_counter_of(page)]--;
	if (atomic_dec_and_test(&page->_mapcount))
		rmap_global(page, -1);
}

/* Take the entry out; false: it is a page that this zap keeps. */
static inline bool zap_pte(struct mmu_gather *tlb, pte_t *ptep,
			   long counts[NR_MM_COUNTERS])
{
	pte_t pte = ptep_get(ptep);
	struct page *page;

	if (pte_special(pte)) {
		pte_clear(ptep);
		return true;
	}
	page = pfn_to_page(pte_pfn(pte));
	if (tlb->keep_anon && PageAnon(page))
		return false;
	/* No program runs on these tables: nothing to wait for. */
	if (tlb->fullmm && (PageAnon(page) || !pte_dirty(pte))) {
		pte_clear(ptep);
		zap_rmap(page, counts);
		put_page(page);
		return true;
	}
	pte = ptep_get_and_clear(ptep);
	zap_rmap(page, counts);
	gather_page(tlb, page,
		    pte_dirty(pte) && !PageAnon(page) ? GATHER_DIRTY : 0);
	return true;
}

/* One last-level table's part of a zap; returns where it stopped. */
static unsigned long zap_table(struct mmu_gather *tlb, pmd_t *pmd,
			       unsigned long addr, unsigned long end)
{
	struct mm_struct *mm = tlb->mm;
	long counts[NR_MM_COUNTERS] = {0};
	pte_t *ptep = pte_offset(pmd, addr);
	unsigned long first = 0;
	unsigned long last = 0;
	int i;

	spin_lock(&mm->page_table_lock);
	for (; addr < end && !gather_full(tlb); addr += PAGE_SIZE, ptep++) {
		if (pte_none(*ptep) || !zap_pte(tlb, ptep, counts))
			continue;
		if (!last)
			first = addr;
		last = addr + PAGE_SIZE;
	}
	spin_unlock(&mm->page_table_lock);
	if (last) {
		tlb->start = min(tlb->start, first);
		tlb->end = max(tlb->end, last);
	}
	for (i = 0; i < NR_MM_COUNTERS; i++) {
		if (counts[i])
			add_mm_counter(mm, i, counts[i]);
	}
	return addr;
}

/* unmap_page_range - zap a range of @vma into @tlb. */
void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long start, unsigned long end)
{
	unsigned long addr = start;
	unsigned long stop;
	pmd_t *pmd;

	while (addr < end) {
		stop = next_table(addr, end);
		pmd = pmd_walk(vma->vm_mm, addr);
		if (!pmd || pmd_none(*pmd)) {
			addr = stop;
			continue;
		}
		addr = zap_table(tlb, pmd, addr, stop);
		if (gather_full(tlb))
			tlb_flush_mmu(tlb);
	}
}

/* zap_page_range - the same with a gather of its own. */
void zap_page_range(struct vm_area_struct *vma, unsigned long start,
		    unsigned long size)
{
	struct mmu_gather tlb;

	update_hiwater_rss(vma->vm_mm);
	tlb_gather_mmu(&tlb, vma->vm_mm, false);
	unmap_page_range(&tlb, vma, start, start + size);
	tlb_finish_mmu(&tlb);
}

/* Does the block of @size around @addr belong to [floor, ceiling) alone? */
static bool block_is_free(unsigned long addr, unsigned long size,
			  unsigned long floor, unsigned long ceiling)
{
	unsigned long block = addr & ~(size - 1);

	return block >= floor && block + size <= ceiling;
}

static void free_table(struct mmu_gather *tlb, void *table, unsigned long addr)
{
	table_uncount(tlb->mm);
	gather_range(tlb, addr);
	if (gather_full(tlb))
		tlb_flush_mmu(tlb);
	gather_page(tlb, virt_to_page(table), 0);
}

/* The three levels of free_pgtables; each frees its children first. */
static void free_pte_tables(struct mmu_gather *tlb, pud_t *pud,
			    unsigned long addr, unsigned long end,
			    unsigned long floor, unsigned long ceiling)
{
	unsigned long next;
	pmd_t *pmd;

	for (; addr < end; addr = next) {
		next = pmd_addr_end(addr, end);
		pmd = pmd_offset(pud, addr);
		if (pmd_none(*pmd) ||
		    !block_is_free(addr, PMD_SIZE, floor, ceiling))
			continue;
		free_table(tlb, pmd_page_vaddr(*pmd), addr);
		pmd_clear(pmd);
	}
}

static void free_pmd_tables(struct mmu_gather *tlb, pgd_t *pgd,
			    unsigned long addr, unsigned long end,
			    unsigned long floor, unsigned long ceiling)
{
	unsigned long next;
	pud_t *pud;

	for (; addr < end; addr = next) {
		next = pud_addr_end(addr, end);
		pud = pud_offset(pgd, addr);
		if (pud_none(*pud))
			continue;
		free_pte_tables(tlb, pud, addr, next, floor, ceiling);
		if (!block_is_free(addr, PUD_SIZE, floor, ceiling))
			continue;
		free_table(tlb, pud_page_vaddr(*pud), addr);
		pud_clear(pud);
	}
}

/* free_pgtables - free tables that no mapping needs any more. */
void free_pgtables(struct mmu_gather *tlb, unsigned long start,
		   unsigned long end, unsigned long floor,
		   unsigned long ceiling)
{
	unsigned long addr = start;
	unsigned long next;
	pgd_t *pgd;

	for (; addr < end; addr = next) {
		next = pgd_addr_end(addr, end);
		pgd = pgd_offset(tlb->mm, addr);
		if (pgd_none(*pgd))
			continue;
		free_pmd_tables(tlb, pgd, addr, next, floor, ceiling);
		if (!block_is_free(addr, PGDIR_SIZE, floor, ceiling))
			continue;
		free_table(tlb, pgd_page_vaddr(*pgd), addr);
		pgd_clear(pgd);
	}
}

/* Copy one entry; rights to write a private page go on both sides. */
static void copy_pte(pte_t *dst, pte_t *src, bool cow,
		     long counts[NR_MM_COUNTERS])
{
	pte_t pte = ptep_get(src);
	struct page *page;

	if (cow && pte_write(pte)) {
		ptep_set_wrprotect(src);
		pte = pte_wrprotect(ptep_get(src));
	}
	if (!pte_special(pte)) {
		page = pfn_to_page(pte_pfn(pte));
		get_page(page);
		atomic_inc(&page->_mapcount);
		counts[mm_counter_of(page)]++;
	}
	set_pte(dst, pte);
}

static void copy_table(struct mm_struct *dst_mm, pmd_t *dst_pmd,
		       struct mm_struct *src_mm, pmd_t *src_pmd,
		       unsigned long addr, unsigned long end, bool cow)
{
	long counts[NR_MM_COUNTERS] = {0};
	pte_t *dst = pte_offset(dst_pmd, addr);
	pte_t *src = pte_offset(src_pmd, addr);
	int i;

	spin_lock(&dst_mm->page_table_lock);
	spin_lock_nested(&src_mm->page_table_lock, 1);
	for (; addr < end; addr += PAGE_SIZE, dst++, src++) {
		if (!pte_none(*src))
			copy_pte(dst, src, cow, counts);
	}
	spin_unlock(&src_mm->page_table_lock);
	spin_unlock(&dst_mm->page_table_lock);
	for (i = 0; i < NR_MM_COUNTERS; i++) {
		if (counts[i])
			add_mm_counter(dst_mm, i, counts[i]);
	}
}

/* copy_page_range - fork's copy of one mapping. */
int copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	bool cow = is_cow_mapping(src->vm_flags);
	unsigned long addr = src->vm_start;
	unsigned long next;
	pmd_t *dst_pmd;
	pmd_t *src_pmd;

	/* What a file has, the child finds there by itself. */
	if (!vma_is_anonymous(src) && !src->vm_has_anon &&
	    !(src->vm_flags & VM_PFNMAP))
		return 0;
	for (; addr < src->vm_end; addr = next) {
		next = next_table(addr, src->vm_end);
		src_pmd = pmd_walk(src->vm_mm, addr);
		if (!src_pmd || pmd_none(*src_pmd))
			continue;
		dst_pmd = pmd_alloc_table(dst->vm_mm, addr);
		if (!dst_pmd)
			return -ENOMEM;
		copy_table(dst->vm_mm, dst_pmd, src->vm_mm, src_pmd, addr, next,
			   cow);
		cond_resched();
	}
	return 0;
}

/* The part of @vma that shows pages [first, last] of its file. */
static bool vma_file_range(const struct vm_area_struct *vma, u64 first,
			   u64 last, unsigned long *start, unsigned long *end)
{
	u64 vma_last = vma->vm_pgoff + vma_pages(vma) - 1;

	if (last < vma->vm_pgoff || first > vma_last)
		return false;
	first = max(first, vma->vm_pgoff);
	last = min(last, vma_last);
	*start = vma->vm_start + ((first - vma->vm_pgoff) << PAGE_SHIFT);
	*end = vma->vm_start + ((last - vma->vm_pgoff + 1) << PAGE_SHIFT);
	return true;
}

/* unmap_mapping_range - a part of a file leaves every address space. */
void unmap_mapping_range(struct address_space *mapping, loff_t start,
			 loff_t len, bool even_cows)
{
	u64 first = (u64)start >> PAGE_SHIFT;
	u64 last = len ? ((u64)(start + len - 1) >> PAGE_SHIFT) : ~0ULL;
	struct vm_area_struct *vma;
	struct mmu_gather tlb;
	unsigned long from;
	unsigned long to;

	down_read(&mapping->i_mmap_rwsem);
	list_for_each_entry (vma, &mapping->i_mmap, shared_link) {
		if (!vma_file_range(vma, first, last, &from, &to))
			continue;
		tlb_gather_mmu(&tlb, vma->vm_mm, false);
		tlb.keep_anon = !even_cows;
		unmap_page_range(&tlb, vma, from, to);
		tlb_finish_mmu(&tlb);
	}
	up_read(&mapping->i_mmap_rwsem);
}

/* follow_page - the page behind @addr now, with a reference. */
struct page *follow_page(struct vm_area_struct *vma, unsigned long addr,
			 bool write)
{
	struct mm_struct *mm = vma->vm_mm;
	struct page *page = NULL;
	pte_t *ptep;
	pte_t pte;

	ptep = pte_walk(mm, addr);
	if (!ptep)
		return NULL;
	spin_lock(&mm->page_table_lock);
	pte = ptep_get(ptep);
	if (!pte_none(pte) && (!write || pte_write(pte)) &&
	    pfn_valid(pte_pfn(pte)) && !(vma->vm_flags & VM_PFNMAP)) {
		page = pfn_to_page(pte_pfn(pte));
		get_page(page);
	}
	spin_unlock(&mm->page_table_lock);
	return page;
}

/* walk_page_range - visit every entry that maps something. */
void walk_page_range(struct mm_struct *mm, unsigned long start,
		     unsigned long end,
		     void (*fn)(pte_t *pte, unsigned long addr, void *arg),
		     void *arg)
{
	unsigned long addr = start;
	unsigned long stop;
	pte_t *ptep;
	pmd_t *pmd;

	while (addr < end) {
		stop = next_table(addr, end);
		pmd = pmd_walk(mm, addr);
		if (!pmd || pmd_none(*pmd)) {
			addr = stop;
			continue;
		}
		spin_lock(&mm->page_table_lock);
		ptep = pte_offset(pmd, addr);
		for (; addr < stop; addr += PAGE_SIZE, ptep++) {
			if (!pte_none(*ptep))
				fn(ptep, addr, arg);
		}
		spin_unlock(&mm->page_table_lock);
	}
}
