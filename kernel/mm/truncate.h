/*
 * truncate.h - pages of a shorter file go away.
 */
#pragma once

#include <kernel/types/mm.h>

/*
 * truncate_inode_pages_range - drop [start, end] bytes, dirty or not; partial
 * pages at the ends are zeroed.  Waits for I/O.  Unmapped by the caller.
 */
void truncate_inode_pages_range(struct address_space *mapping, loff_t start,
				loff_t end);
void truncate_inode_pages(struct address_space *mapping, loff_t start);

/* truncate_inode_pages_final - the inode goes; the cache is empty after. */
void truncate_inode_pages_final(struct address_space *mapping);

/* truncate_pagecache - i_size has become @newsize: unmap and drop. */
void truncate_pagecache(struct address_space *mapping, loff_t newsize);

/* truncate_pagecache_range - a hole [start, end] bytes was punched. */
void truncate_pagecache_range(struct address_space *mapping, loff_t start,
			      loff_t end);

/* pagecache_isize_extended - i_size grew from @from: the page that held the
 * old end must fault again before it is written through a mapping. */
void pagecache_isize_extended(struct address_space *mapping, loff_t from,
			      loff_t to);

/* invalidate_mapping_pages - drop what is clean, unlocked and not mapped in
 * pages [start, end]; how many went. */
unsigned long invalidate_mapping_pages(struct address_space *mapping, u64 start,
				       u64 end);

/* invalidate_inode_pages2_range - drop all in [start, end]: 0, or -EBUSY if a
 * page stayed. */
int invalidate_inode_pages2_range(struct address_space *mapping, u64 start,
				  u64 end);
