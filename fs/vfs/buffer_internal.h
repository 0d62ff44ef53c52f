/*
 * buffer_internal.h - what buffer_cache.c and block_aops.c share: the buffers
 * of one page.  Private to fs/vfs.
 *
 * All of these want @page locked and attached to its device's mapping.
 */
#pragma once

#include <fs/vfs/block_dev.h>
#include <fs/vfs/buffer_cache.h>
#include <kernel/mm/page_cache.h>

static inline bool page_has_buffers(const struct page *page)
{
	return test_bit(PG_private, &page->flags);
}

static inline struct block_device *page_bdev(const struct page *page)
{
	return I_BDEV(page->mapping->host);
}

/* Wanted for reading: a block that is there but not in memory. */
static inline bool buffer_missing(const struct buffer_head *bh)
{
	return test_bit(BH_Mapped, &bh->b_state) && !buffer_uptodate(bh);
}

/* page_bytes_on_device - bytes of @page that lie inside the device. */
unsigned int page_bytes_on_device(const struct page *page,
				  const struct block_device *bdev);

/*
 * page_make_buffers - give @page buffers if it has none.
 *
 * @all_dirty: it was written through a mapping, so every block of it is newer
 * than the disk.  0 or -ENOMEM.
 */
int page_make_buffers(struct page *page, bool all_dirty);

/* page_drop_buffers - detach and free @page's buffers; false, and nothing is
 * done: one is in use, or dirty without @forget_dirty. */
bool page_drop_buffers(struct page *page, bool forget_dirty);

/* page_check_uptodate - @page is uptodate once all its blocks are. */
void page_check_uptodate(struct page *page);

/*
 * page_read_missing - read what is missing of @page, which has buffers.
 *
 * Where a request of several blocks fails, each is tried alone, so that one bad
 * sector costs one block.  0 or -EIO.  May sleep.
 */
int page_read_missing(struct page *page);

/* buffer_write_failed - a write of blocks from @bh on ended with @err. */
void buffer_write_failed(struct buffer_head *bh, int err);
