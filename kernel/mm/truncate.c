/*
 * truncate.c - pages of a shorter file go away.
 *
 * The file's size has been set first, so no new page beyond it can be mapped.
 * Then mappings lose the range, then the pages go one by one under their page
 * locks: a fault that found a page before waits for its lock and sees that
 * it has left the cache.
 *
 * Locks: page locks, i_mmap_rwsem through unmap_mapping_range.
 *
 * Entry points: truncate_pagecache, truncate_inode_pages_range,
 * invalidate_mapping_pages.
 */
#include <kernel/mm/truncate.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/lib/string.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/page_table.h>
#include <kernel/mm/rmap.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/core.h>

#define TRUNCATE_BATCH 16

/* A late fault may have mapped it: take it out of every address space. */
static void unmap_page(struct address_space *mapping, struct page *page)
{
	if (page_mapcount(page))
		unmap_mapping_range(mapping, (loff_t)page_offset(page),
				    PAGE_SIZE, false);
}

/* The locked page of @mapping is thrown away, dirty or not. */
static void truncate_page(struct address_space *mapping, struct page *page)
{
	unmap_page(mapping, page);
	if (mapping->a_ops && mapping->a_ops->invalidate_page)
		mapping->a_ops->invalidate_page(page);
	cancel_dirty_page(page);
	delete_from_page_cache(page);
}

/* Whole pages [index, last]. */
static void truncate_whole(struct address_space *mapping, u64 index, u64 last)
{
	struct page *pages[TRUNCATE_BATCH];
	unsigned int nr;
	unsigned int i;

	while (index <= last) {
		nr = find_get_pages_range(mapping, &index, last, TRUNCATE_BATCH,
					  pages);
		if (!nr)
			return;
		for (i = 0; i < nr; i++) {
			lock_page(pages[i]);
			wait_on_page_writeback(pages[i]);
			if (pages[i]->mapping == mapping)
				truncate_page(mapping, pages[i]);
			unlock_page(pages[i]);
			put_page(pages[i]);
		}
		cond_resched();
	}
}

/* Zero [from, to) of the page at @index, if it is cached. */
static void zero_part(struct address_space *mapping, u64 index,
		      unsigned int from, unsigned int to)
{
	struct page *page = find_lock_page(mapping, index);

	if (!page)
		return;
	wait_on_page_writeback(page);
	memset((char *)page_address(page) + from, 0, to - from);
	unlock_page(page);
	put_page(page);
}

/* truncate_inode_pages_range - drop bytes [start, end]. */
void truncate_inode_pages_range(struct address_space *mapping, loff_t start,
				loff_t end)
{
	u64 first = ((u64)start + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned int head = (unsigned int)offset_in_page(start);
	unsigned int tail = (unsigned int)offset_in_page(end + 1);
	u64 stop; /* first page that is not dropped whole */
	bool one_page;

	if (!mapping->nrpages)
		return;
	if (end == INT64_MAX || end < 0) {
		end = INT64_MAX;
		tail = 0;
		stop = ~0ULL;
	} else {
		stop = ((u64)end + 1) >> PAGE_SHIFT;
	}
	one_page = (u64)start >> PAGE_SHIFT == (u64)end >> PAGE_SHIFT;
	if (head)
		zero_part(mapping, (u64)start >> PAGE_SHIFT, head,
			  one_page && tail ? tail : PAGE_SIZE);
	if (tail && !(one_page && head))
		zero_part(mapping, stop, 0, tail);
	if (stop > first)
		truncate_whole(mapping, first, stop - 1);
}

void truncate_inode_pages(struct address_space *mapping, loff_t start)
{
	truncate_inode_pages_range(mapping, start, INT64_MAX);
}

/* truncate_inode_pages_final - nothing may be left. */
void truncate_inode_pages_final(struct address_space *mapping)
{
	truncate_inode_pages(mapping, 0);
}

/* truncate_pagecache - the size is @newsize now. */
void truncate_pagecache(struct address_space *mapping, loff_t newsize)
{
	loff_t hole = (loff_t)PAGE_ALIGN((u64)newsize);

	/* Private copies go as well: twice, because a fault may make one
	 * between the first time and the loss of the page. */
	unmap_mapping_range(mapping, hole, 0, true);
	truncate_inode_pages(mapping, newsize);
	unmap_mapping_range(mapping, hole, 0, true);
}

/* truncate_pagecache_range - a hole in the middle. */
void truncate_pagecache_range(struct address_space *mapping, loff_t start,
			      loff_t end)
{
	loff_t first = (loff_t)PAGE_ALIGN((u64)start);
	loff_t stop = (loff_t)(((u64)end + 1) & PAGE_MASK);

	/* Private copies of whole pages stay: only the file has a hole. */
	if (stop > first)
		unmap_mapping_range(mapping, first, stop - first, false);
	truncate_inode_pages_range(mapping, start, end);
}

/* pagecache_isize_extended - see truncate.h. */
void pagecache_isize_extended(struct address_space *mapping, loff_t from,
			      loff_t to)
{
	struct page *page;

	if (from >= to || !offset_in_page(from))
		return;
	page = find_lock_page(mapping, (u64)from >> PAGE_SHIFT);
	if (!page)
		return;
	if (page_mapcount(page) && page_mkclean(page))
		(void)set_page_dirty(page);
	unlock_page(page);
	put_page(page);
}

/* Drop the locked page if it is clean and unused. */
static bool invalidate_page(struct address_space *mapping, struct page *page)
{
	if (page->mapping != mapping || PageDirty(page) ||
	    PageWriteback(page) || page_mapcount(page))
		return false;
	if (mapping->a_ops && mapping->a_ops->release_page &&
	    !mapping->a_ops->release_page(page))
		return false;
	return remove_mapping(mapping, page);
}

/* invalidate_mapping_pages - what can go without waiting. */
unsigned long invalidate_mapping_pages(struct address_space *mapping, u64 start,
				       u64 end)
{
	struct page *pages[TRUNCATE_BATCH];
	unsigned long dropped = 0;
	unsigned int nr;
	unsigned int i;

	while (start <= end) {
		nr = find_get_pages_range(mapping, &start, end, TRUNCATE_BATCH,
					  pages);
		if (!nr)
			break;
		for (i = 0; i < nr; i++) {
			if (trylock_page(pages[i])) {
				dropped += invalidate_page(mapping, pages[i]);
				unlock_page(pages[i]);
			}
			put_page(pages[i]);
		}
		cond_resched();
	}
	return dropped;
}

/* invalidate_inode_pages2_range - everything, waiting for it. */
int invalidate_inode_pages2_range(struct address_space *mapping, u64 start,
				  u64 end)
{
	struct page *pages[TRUNCATE_BATCH];
	unsigned int nr;
	unsigned int i;
	int err = 0;

	while (start <= end) {
		nr = find_get_pages_range(mapping, &start, end, TRUNCATE_BATCH,
					  pages);
		if (!nr)
			break;
		for (i = 0; i < nr; i++) {
			lock_page(pages[i]);
			wait_on_page_writeback(pages[i]);
			unmap_page(mapping, pages[i]);
			if (pages[i]->mapping == mapping &&
			    !invalidate_page(mapping, pages[i]))
				err = -EBUSY;
			unlock_page(pages[i]);
			put_page(pages[i]);
		}
		cond_resched();
	}
	return err;
}
