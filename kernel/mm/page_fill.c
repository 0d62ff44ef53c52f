/*
 * page_fill.c - get a page of a file with its bytes in it.
 *
 * A page that is missing is made and read, others ahead of it or around it
 * with it; one that is being read is waited for; one whose read failed is
 * tried once more.  The page may leave the cache while we sleep: then all
 * begins anew.
 *
 * Locks: page locks; page_table_lock to map a batch of cached pages.
 *
 * Entry points: filemap_get_page, read_cache_page, filemap_fault_page,
 * filemap_map_range.
 */
#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/oom.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/readahead.h>

/* page_cache_read_page - fill a locked page. */
int page_cache_read_page(struct address_space *mapping, struct file *file,
			 struct page *page)
{
	ClearPageError(page);
	return mapping->a_ops->read_page(file, page);
}

/* A page that is missing: make it and begin to read it.  -EEXIST: somebody
 * else was faster. */
static int read_missing(struct address_space *mapping, struct file *file,
			u64 index)
{
	struct page *page = alloc_page_or_kill();
	int err;

	if (!page)
		return -ENOMEM;
	err = add_to_page_cache_lru(page, mapping, index);
	if (!err)
		err = page_cache_read_page(mapping, file, page);
	put_page(page);
	return err;
}

/* Wait until @page is filled.  0, -EAGAIN: it left the cache, -EIO, -EINTR. */
static int wait_filled(struct address_space *mapping, struct file *file,
		       struct page *page, bool killable)
{
	int err = 0;

	if (killable)
		err = wait_on_page_locked_killable(page);
	else
		wait_on_page_locked(page);
	if (err || PageUptodate(page))
		return err;
	lock_page(page);
	if (page->mapping != mapping || PageUptodate(page)) {
		err = page->mapping == mapping ? 0 : -EAGAIN;
		unlock_page(page);
		return err;
	}
	/* The first read failed: once more, then it is an error. */
	err = page_cache_read_page(mapping, file, page);
	if (err)
		return err;
	wait_on_page_locked(page);
	if (PageUptodate(page))
		return 0;
	return page->mapping == mapping ? -EIO : -EAGAIN;
}

/* The page, or start reading it (and others).  NULL: look again. */
static struct page *find_or_read(struct address_space *mapping,
				 struct file *file, struct file_ra_state *ra,
				 u64 index, u64 nr_pages, bool *major, int *err)
{
	struct page *page = find_get_page(mapping, index);

	*err = 0;
	if (page) {
		if (ra && PageReadahead(page))
			page_cache_async_readahead(mapping, ra, file, index, 1,
						   nr_pages);
		return page;
	}
	if (major)
		*major = true;
	if (ra) {
		page_cache_sync_readahead(mapping, ra, file, index, 1,
					  nr_pages);
		page = find_get_page(mapping, index);
		if (page)
			return page;
	}
	*err = read_missing(mapping, file, index);
	if (*err == -EEXIST)
		*err = 0;
	return NULL;
}

static struct page *get_filled(struct address_space *mapping, struct file *file,
			       struct file_ra_state *ra, u64 index,
			       u64 nr_pages, bool *major, bool killable)
{
	struct page *page;
	int err;

	for (;;) {
		page = find_or_read(mapping, file, ra, index, nr_pages, major,
				    &err);
		if (err)
			return ERR_PTR(err);
		if (!page)
			continue;
		if (likely(PageUptodate(page)))
			return page;
		err = wait_filled(mapping, file, page, killable);
		if (!err)
			return page;
		put_page(page);
		if (err != -EAGAIN)
			return ERR_PTR(err);
	}
}

/* filemap_get_page - filled and referenced; see page_cache.h. */
struct page *filemap_get_page(struct address_space *mapping, struct file *file,
			      struct file_ra_state *ra, u64 index, u64 nr_pages,
			      bool *major)
{
	return get_filled(mapping, file, ra, index, nr_pages, major, true);
}

/* read_cache_page - one page, without a file. */
struct page *read_cache_page(struct address_space *mapping, u64 index)
{
	return get_filled(mapping, NULL, NULL, index, index + 1, NULL, false);
}

/* Programs jump about: a missing page brings its surroundings with it.  True
 * if it was missing. */
static bool read_around(struct address_space *mapping, struct file *file,
			u64 index, u64 nr_pages)
{
	struct page *page = find_get_page(mapping, index);
	u64 start = index & ~(u64)(VM_READAHEAD_PAGES - 1);

	if (page) {
		put_page(page);
		return false;
	}
	(void)force_page_cache_readahead(
		mapping, file, start,
		min((u64)VM_READAHEAD_PAGES, nr_pages - start));
	return true;
}

/* filemap_fault_page - see page_cache.h. */
vm_fault_t filemap_fault_page(struct vm_fault *vmf, struct file *file,
			      struct address_space *mapping,
			      struct file_ra_state *ra, u64 nr_pages)
{
	struct page *page;
	bool major = false;

	if (vmf->pgoff >= nr_pages)
		return VM_FAULT_SIGBUS;
	if (ra && !(vmf->vma->vm_flags & VM_RAND_READ))
		major = read_around(mapping, file, vmf->pgoff, nr_pages);
	for (;;) {
		/* A store in the kernel may wait here too: no signal ends it,
		 * because the access would only be tried again. */
		page = get_filled(mapping, file, NULL, vmf->pgoff, nr_pages,
				  &major, false);
		if (IS_ERR(page))
			return PTR_ERR(page) == -ENOMEM ? VM_FAULT_OOM
							: VM_FAULT_SIGBUS;
		lock_page(page);
		if (page->mapping == mapping)
			break;
		unlock_page(page);
		put_page(page);
	}
	mark_page_accessed(page);
	vmf->page = page;
	return VM_FAULT_LOCKED | (major ? VM_FAULT_MAJOR : 0);
}

/* May this page, just locked, be mapped without waiting? */
static bool can_map_now(const struct page *page,
			const struct address_space *mapping)
{
	return page->mapping == mapping && PageUptodate(page) &&
	       !PageReadahead(page) && !PageError(page);
}

/* Map a few cached pages, all of one last-level table. */
static void map_batch(struct vm_fault *vmf, struct address_space *mapping,
		      struct page **pages, unsigned int nr)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long addr;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!trylock_page(pages[i])) {
			put_page(pages[i]);
			pages[i] = NULL;
		}
	}
	spin_lock(&vma->vm_mm->page_table_lock);
	for (i = 0; i < nr; i++) {
		if (!pages[i] || !can_map_now(pages[i], mapping))
			continue;
		addr = vma->vm_start +
		       ((pages[i]->index - vma->vm_pgoff) << PAGE_SHIFT);
		(void)map_file_page(vmf, pages[i], addr);
	}
	spin_unlock(&vma->vm_mm->page_table_lock);
	for (i = 0; i < nr; i++) {
		if (!pages[i])
			continue;
		unlock_page(pages[i]);
		put_page(pages[i]);
	}
}

#define MAP_BATCH 16

/* filemap_map_range - see page_cache.h. */
vm_fault_t filemap_map_range(struct vm_fault *vmf,
			     struct address_space *mapping, u64 start_pgoff,
			     u64 end_pgoff, u64 nr_pages)
{
	struct page *pages[MAP_BATCH];
	unsigned int nr;

	if (vmf->pgoff >= nr_pages)
		return 0;
	end_pgoff = min(end_pgoff, nr_pages - 1);
	while (start_pgoff <= end_pgoff) {
		nr = find_get_pages_range(mapping, &start_pgoff, end_pgoff,
					  MAP_BATCH, pages);
		if (!nr)
			break;
		map_batch(vmf, mapping, pages, nr);
	}
	return pte_none(*pte_offset(vmf->pmd, vmf->address)) ? 0
							     : VM_FAULT_NOPAGE;
}
