/*
 * readahead.h - read pages before they are asked for.
 *
 * Each open file has a window (struct file_ra_state).  A miss that follows
 * the last read starts or doubles the window; a hit on the page marked
 * PG_readahead starts the next window while this one is still being used.
 */
#pragma once

#include <kernel/types/mm.h>

#define VM_READAHEAD_PAGES 32 /* 128 KiB, Linux's default */

/* file_ra_state_init - for a file that was just opened. */
void file_ra_state_init(struct file_ra_state *ra);

/* page_cache_sync_readahead - @index is missing and @req pages are wanted. */
void page_cache_sync_readahead(struct address_space *mapping,
			       struct file_ra_state *ra, struct file *file,
			       u64 index, unsigned long req, u64 nr_pages);

/* page_cache_async_readahead - @index is there and marked PG_readahead. */
void page_cache_async_readahead(struct address_space *mapping,
				struct file_ra_state *ra, struct file *file,
				u64 index, unsigned long req, u64 nr_pages);

/*
 * force_page_cache_readahead - begin to read [index, index+nr), which ends
 * within the file; returns how many pages it started.
 */
unsigned long force_page_cache_readahead(struct address_space *mapping,
					 struct file *file, u64 index,
					 unsigned long nr);
