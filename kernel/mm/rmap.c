/*
 * rmap.c - from a page of a file to the entries that map it.
 *
 * mapping->i_mmap lists every mapping of the file; the place of a page in each
 * follows from its offset.  Pages that no file has (anonymous) need no such
 * way back: nothing here swaps.
 *
 * Locks: the page's lock by the caller; i_mmap_rwsem for reading keeps the
 * mappings and their tables; page_table_lock of each for the entry.
 *
 * Entry points: page_mkclean, try_to_unmap, page_referenced.
 */
#include <kernel/mm/rmap.h>

#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/tlb.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/page_table.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/rwsem.h>

/* Called with page_table_lock held, for each entry that maps the page. */
typedef void (*rmap_fn_t)(struct vm_area_struct *vma, struct page *page,
			  pte_t *ptep, unsigned long addr, void *arg);

static void visit_vma(struct vm_area_struct *vma, struct page *page,
		      rmap_fn_t fn, void *arg)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long addr;
	pte_t *ptep;
	pte_t pte;

	if (page->index < vma->vm_pgoff ||
	    page->index >= vma->vm_pgoff + vma_pages(vma))
		return;
	addr = vma->vm_start + ((page->index - vma->vm_pgoff) << PAGE_SHIFT);
	ptep = pte_walk(mm, addr);
	if (!ptep)
		return;
	spin_lock(&mm->page_table_lock);
	pte = ptep_get(ptep);
	if (!pte_none(pte) && !pte_special(pte) &&
	    pte_pfn(pte) == page_to_pfn(page))
		fn(vma, page, ptep, addr, arg);
	spin_unlock(&mm->page_table_lock);
}

/* False: @try, and the list's lock could not be had at once. */
static bool rmap_walk(struct page *page, rmap_fn_t fn, void *arg, bool try)
{
	struct address_space *mapping = page->mapping;
	struct vm_area_struct *vma;

	assert(PageLocked(page));
	if (!mapping || !page_mapcount(page))
		return true;
	if (!try)
		down_read(&mapping->i_mmap_rwsem);
	else if (!down_read_trylock(&mapping->i_mmap_rwsem))
		return false;
	list_for_each_entry (vma, &mapping->i_mmap, shared_link)
		visit_vma(vma, page, fn, arg);
	up_read(&mapping->i_mmap_rwsem);
	return true;
}

static void mkclean_one(struct vm_area_struct *vma, struct page *page,
			pte_t *ptep, unsigned long addr, void *arg)
{
	bool *dirty = arg;
	pte_t pte = ptep_get(ptep);

	(void)page;
	if (!pte_dirty(pte) && !pte_write(pte))
		return;
	pte = ptep_get_and_clear(ptep);
	flush_tlb_page(vma->vm_mm, addr);
	*dirty |= pte_dirty(pte);
	set_pte(ptep, pte_wrprotect(pte_mkclean(pte)));
}

/* page_mkclean - the next store to it will fault. */
bool page_mkclean(struct page *page)
{
	bool dirty = false;

	(void)rmap_walk(page, mkclean_one, &dirty, false);
	return dirty;
}

struct unmap_result {
	bool dirty;
	bool locked;
	int removed;
};

static void unmap_one(struct vm_area_struct *vma, struct page *page,
		      pte_t *ptep, unsigned long addr, void *arg)
{
	struct unmap_result *result = arg;
	pte_t pte;

	if (vma->vm_flags & VM_LOCKED) {
		result->locked = true;
		return;
	}
	pte = ptep_get_and_clear(ptep);
	flush_tlb_page(vma->vm_mm, addr);
	result->dirty |= pte_dirty(pte);
	page_remove_rmap(vma->vm_mm, page);
	/* The caller has a reference, so this is never the last. */
	put_page(page);
	result->removed++;
}

static bool unmap_all(struct page *page, bool try)
{
	struct unmap_result result = {false, false, 0};

	if (!rmap_walk(page, unmap_one, &result, try))
		return false;
	if (result.dirty)
		(void)set_page_dirty(page);
	return !result.locked && page_mapcount(page) == 0;
}

/* try_to_unmap - out of every address space. */
bool try_to_unmap(struct page *page)
{
	return unmap_all(page, false);
}

/* try_to_unmap_try - the same without waiting. */
bool try_to_unmap_try(struct page *page)
{
	return unmap_all(page, true);
}

static void referenced_one(struct vm_area_struct *vma, struct page *page,
			   pte_t *ptep, unsigned long addr, void *arg)
{
	int *count = arg;

	(void)vma;
	(void)page;
	(void)addr;
	/* A stale TLB entry only makes the page look unused a little longer. */
	if (ptep_test_and_clear_young(ptep))
		(*count)++;
}

/* page_referenced - entries used since the last call. */
int page_referenced(struct page *page)
{
	int count = 0;

	(void)rmap_walk(page, referenced_one, &count, false);
	return count;
}

/* page_referenced_try - the same without waiting; then 1. */
int page_referenced_try(struct page *page)
{
	int count = 0;

	return rmap_walk(page, referenced_one, &count, true) ? count : 1;
}
