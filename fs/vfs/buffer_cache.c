/*
 * buffer_cache.c - blocks of a device, kept in the pages of its cache.
 *
 * A page of the device's mapping gets buffers when a file system asks for one
 * of its blocks or when part of it is written through the device node.  From
 * then on the blocks' own bits count: a page is uptodate when all its blocks
 * are, and write-back writes the dirty blocks only.  Reading one block reads
 * all of the page's missing blocks, in one request where they adjoin.
 *
 * Who finds a page takes a reference to it and, under bd_buffer_lock, to the
 * buffer; buffers are only detached by the page's lock holder, when none has
 * references.  Each reference to a buffer holds one to the page as well.
 *
 * Entry points: sb_bread, sb_getblk, sb_getblk_zero, sb_find_get_block,
 * sb_breadahead, brelse, bforget, mark_buffer_dirty, sync_dirty_buffer,
 * clean_bdev_aliases, buffer_init.  The page cache's own operations on these
 * pages are in block_aops.c.
 */
#include <fs/vfs/buffer_cache.h>

#include <abi/errno.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/buffer_internal.h>
#include <fs/vfs/filemap.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/assert.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/block/bio.h>
#include <kernel/lib/string.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/readahead.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/core.h>
#include <kernel/types/task.h>
#include <kernel/types/time.h>

static struct kmem_cache *buffer_slab __read_mostly;

void buffer_init(void)
{
	buffer_slab = kmem_cache_create("buffer_head",
					sizeof(struct buffer_head), 0, NULL);
	assert(buffer_slab);
	kmem_cache_mark_reclaimable(buffer_slab);
}

/* page_bytes_on_device - see buffer_internal.h. */
unsigned int page_bytes_on_device(const struct page *page,
				  const struct block_device *bdev)
{
	u64 size = bdev_nr_bytes(bdev);
	u64 pos = page_offset(page);

	if (pos >= size)
		return 0;
	return (unsigned int)min(size - pos, (u64)PAGE_SIZE);
}

static void free_buffer_ring(struct buffer_head *head)
{
	struct buffer_head *bh = head;
	struct buffer_head *next;

	do {
		next = bh->b_this_page;
		kmem_cache_free(buffer_slab, bh);
		bh = next;
	} while (bh != head);
}

/* A ring of buffers for @page, not yet attached; NULL without memory. */
static struct buffer_head *make_buffer_ring(struct page *page,
					    struct block_device *bdev)
{
	unsigned int size = bdev->bd_block_size;
	unsigned int on_device = page_bytes_on_device(page, bdev);
	struct buffer_head *head = NULL;
	struct buffer_head *last = NULL;
	struct buffer_head *bh;
	unsigned int at;

	for (at = 0; at < PAGE_SIZE; at += size) {
		bh = kmem_cache_zalloc(buffer_slab);
		if (!bh) {
			if (head)
				free_buffer_ring(head);
			return NULL;
		}
		bh->b_page = page;
		bh->b_bdev = bdev;
		bh->b_size = size;
		bh->b_data = (char *)page_address(page) + at;
		bh->b_blocknr = (page_offset(page) + at) / size;
		if (at + size <= on_device)
			__set_bit(BH_Mapped, &bh->b_state);
		if (PageUptodate(page))
			__set_bit(BH_Uptodate, &bh->b_state);
		if (!head)
			head = bh;
		else
			last->b_this_page = bh;
		last = bh;
		bh->b_this_page = head;
	}
	return head;
}

/* page_make_buffers - see buffer_internal.h. */
int page_make_buffers(struct page *page, bool all_dirty)
{
	struct block_device *bdev = page_bdev(page);
	struct buffer_head *head;
	struct buffer_head *bh;

	if (page_has_buffers(page))
		return 0;
	head = make_buffer_ring(page, bdev);
	if (!head)
		return -ENOMEM;
	if (all_dirty) {
		bh = head;
		do {
			if (test_bit(BH_Mapped, &bh->b_state))
				__set_bit(BH_Dirty, &bh->b_state);
			bh = bh->b_this_page;
		} while (bh != head);
	}
	spin_lock(&bdev->bd_buffer_lock);
	page->buffers = head;
	set_bit(PG_private, &page->flags);
	spin_unlock(&bdev->bd_buffer_lock);
	return 0;
}

/* page_drop_buffers - see buffer_internal.h. */
bool page_drop_buffers(struct page *page, bool forget_dirty)
{
	struct block_device *bdev;
	struct buffer_head *head;
	struct buffer_head *bh;
	bool busy = false;

	if (!page_has_buffers(page))
		return true;
	head = page->buffers;
	bdev = head->b_bdev;
	spin_lock(&bdev->bd_buffer_lock);
	bh = head;
	do {
		if (atomic_read(&bh->b_count) > 0 ||
		    (!forget_dirty && buffer_dirty(bh)))
			busy = true;
		bh = bh->b_this_page;
	} while (bh != head);
	if (!busy) {
		page->buffers = NULL;
		clear_bit(PG_private, &page->flags);
	}
	spin_unlock(&bdev->bd_buffer_lock);
	if (!busy)
		free_buffer_ring(head);
	return !busy;
}

/* page_check_uptodate - see buffer_internal.h. */
void page_check_uptodate(struct page *page)
{
	struct buffer_head *head = page->buffers;
	struct buffer_head *bh = head;
	unsigned int on_device = page_bytes_on_device(page, head->b_bdev);
	unsigned int tail;

	do {
		if (test_bit(BH_Mapped, &bh->b_state) && !buffer_uptodate(bh))
			return;
		bh = bh->b_this_page;
	} while (bh != head);
	if (!PageUptodate(page)) {
		/* What lies behind the last whole block reads as zeros. */
		tail = ALIGN_DOWN(on_device, head->b_size);
		memset((char *)page_address(page) + tail, 0, PAGE_SIZE - tail);
		SetPageUptodate(page);
	}
}

/* Read or write @nr adjoining blocks from @bh on, and wait. */
static int buffers_io_wait(struct buffer_head *bh, unsigned int nr,
			   enum bio_op op)
{
	u64 sector = bh->b_blocknr * (bh->b_size >> SECTOR_SHIFT);
	struct bio *bio = bio_alloc(bh->b_bdev, op, sector, 1);
	int err = -EIO;

	if (bio_add_page(bio, bh->b_page, nr * bh->b_size,
			 (u32)offset_in_page(bh->b_data)))
		err = submit_bio_wait(bio);
	bio_put(bio);
	return err;
}

/* page_read_missing - see buffer_internal.h. */
int page_read_missing(struct page *page)
{
	struct buffer_head *head = page->buffers;
	struct buffer_head *bh = head;
	struct buffer_head *first;
	unsigned int nr;
	int ret = 0;
	int err;

	do {
		first = bh;
		for (nr = 0; buffer_missing(bh); nr++) {
			bh = bh->b_this_page;
			if (bh == head) {
				nr++;
				break;
			}
		}
		if (nr == 0) {
			bh = bh->b_this_page;
			continue;
		}
		err = buffers_io_wait(first, nr, BIO_READ);
		for (; nr > 0; nr--, first = first->b_this_page) {
			if (err && buffers_io_wait(first, 1, BIO_READ))
				ret = -EIO;
			else
				set_bit(BH_Uptodate, &first->b_state);
		}
	} while (bh != head);
	page_check_uptodate(page);
	return ret;
}

/* The buffer of @block in @page, referenced; NULL: has none (now). */
static struct buffer_head *page_find_buffer(struct block_device *bdev,
					    struct page *page, u64 block)
{
	struct buffer_head *found = NULL;
	struct buffer_head *bh;

	spin_lock(&bdev->bd_buffer_lock);
	if (page_has_buffers(page)) {
		bh = page->buffers;
		do {
			if (bh->b_blocknr == block &&
			    test_bit(BH_Mapped, &bh->b_state)) {
				get_bh(bh);
				found = bh;
				break;
			}
			bh = bh->b_this_page;
		} while (bh != page->buffers);
	}
	spin_unlock(&bdev->bd_buffer_lock);
	return found;
}

static u64 block_page_index(const struct block_device *bdev, u64 block)
{
	return block / (PAGE_SIZE / bdev->bd_block_size);
}

static bool block_on_device(const struct block_device *bdev, u64 block)
{
	return block < bdev_nr_bytes(bdev) / bdev->bd_block_size;
}

/* Only from the cache.  The page's reference goes with the buffer's. */
static struct buffer_head *find_get_block(struct block_device *bdev, u64 block)
{
	struct buffer_head *bh;
	struct page *page;

	page = find_get_page(bdev->bd_inode->i_mapping,
			     block_page_index(bdev, block));
	if (!page)
		return NULL;
	bh = page_find_buffer(bdev, page, block);
	if (!bh) {
		put_page(page);
		return NULL;
	}
	mark_page_accessed(page);
	return bh;
}

/* How long to wait for memory before giving up, and in what steps. */
#define NO_MEMORY_STEP_NS (10 * NSEC_PER_MSEC)
#define NO_MEMORY_TRIES	  300

/*
 * A page for metadata: from what the kernel keeps for itself if need be.
 * Dirty pages can only become free when their blocks can be looked up, so
 * this must not depend on free memory, nor kill for it; and the caller holds
 * locks of its file system.
 */
static struct page *alloc_metadata_page(void)
{
	bool nofs = current->flags & PF_MEMALLOC_NOFS;
	struct page *page = NULL;

	if (!(current->flags & PF_MEMALLOC)) {
		current->flags |= PF_MEMALLOC_NOFS;
		page = alloc_page_nowait();
		if (!nofs)
			current->flags &= ~PF_MEMALLOC_NOFS;
	}
	return page ? page : alloc_page();
}

/* Find or make the page at @index: referenced and locked; NULL: no memory. */
static struct page *grab_metadata_page(struct address_space *mapping, u64 index)
{
	struct page *page;
	int err;

	for (;;) {
		page = find_lock_page(mapping, index);
		if (page)
			return page;
		page = alloc_metadata_page();
		if (!page)
			return NULL;
		err = add_to_page_cache_lru(page, mapping, index);
		if (!err)
			return page;
		put_page(page);
		if (err != -EEXIST)
			return NULL;
	}
}

/* A block that is on the device; NULL: no memory. */
static struct buffer_head *try_getblk(struct block_device *bdev, u64 block)
{
	struct buffer_head *bh;
	struct page *page;

	bh = find_get_block(bdev, block);
	if (bh)
		return bh;

	page = grab_metadata_page(bdev->bd_inode->i_mapping,
				  block_page_index(bdev, block));
	if (!page)
		return NULL;
	if (page_make_buffers(page, PageDirty(page)) == 0)
		bh = page_find_buffer(bdev, page, block);
	unlock_page(page);
	if (!bh)
		put_page(page);
	return bh;
}

/* Without memory it waits, for seconds, before it gives up: a file system can
 * only call that an I/O error. */
static struct buffer_head *bdev_getblk(struct block_device *bdev, u64 block)
{
	struct buffer_head *bh;
	int tries;

	if (!block_on_device(bdev, block))
		return NULL;
	for (tries = 0; tries < NO_MEMORY_TRIES; tries++) {
		bh = try_getblk(bdev, block);
		if (bh)
			return bh;
		(void)schedule_timeout_uninterruptible_ns(NO_MEMORY_STEP_NS);
	}
	return NULL;
}

struct buffer_head *sb_getblk(struct super_block *sb, u64 block)
{
	return bdev_getblk(sb->s_bdev, block);
}

struct buffer_head *sb_find_get_block(struct super_block *sb, u64 block)
{
	if (!block_on_device(sb->s_bdev, block))
		return NULL;
	return find_get_block(sb->s_bdev, block);
}

struct buffer_head *sb_bread(struct super_block *sb, u64 block)
{
	struct buffer_head *bh = bdev_getblk(sb->s_bdev, block);

	if (!bh || buffer_uptodate(bh))
		return bh;
	lock_page(bh->b_page);
	if (!buffer_uptodate(bh))
		(void)page_read_missing(bh->b_page);
	unlock_page(bh->b_page);
	if (buffer_uptodate(bh))
		return bh;
	pr_err("Buffer I/O error on dev %s, logical block %llu, async page "
	       "read\n",
	       sb->s_bdev->bd_name, block);
	brelse(bh);
	return NULL;
}

struct buffer_head *sb_getblk_zero(struct super_block *sb, u64 block)
{
	struct buffer_head *bh = bdev_getblk(sb->s_bdev, block);

	if (!bh)
		return NULL;
	lock_page(bh->b_page);
	wait_on_page_writeback(bh->b_page);
	memset(bh->b_data, 0, bh->b_size);
	clear_bit(BH_Dirty, &bh->b_state);
	set_bit(BH_Uptodate, &bh->b_state);
	page_check_uptodate(bh->b_page);
	unlock_page(bh->b_page);
	return bh;
}

void sb_breadahead(struct super_block *sb, u64 block)
{
	struct block_device *bdev = sb->s_bdev;

	if (!block_on_device(bdev, block))
		return;
	(void)force_page_cache_readahead(bdev->bd_inode->i_mapping, NULL,
					 block_page_index(bdev, block), 1);
}

void brelse(struct buffer_head *bh)
{
	struct page *page;

	if (!bh)
		return;
	/* Without its reference bh may be freed at once; the page not yet. */
	page = bh->b_page;
	assert(atomic_read(&bh->b_count) > 0);
	atomic_dec(&bh->b_count);
	put_page(page);
}

void bforget(struct buffer_head *bh)
{
	clear_bit(BH_Dirty, &bh->b_state);
	brelse(bh);
}

void mark_buffer_dirty(struct buffer_head *bh)
{
	if (!test_and_set_bit(BH_Dirty, &bh->b_state))
		set_page_dirty(bh->b_page);
}

/* buffer_write_failed - see buffer_internal.h. */
void buffer_write_failed(struct buffer_head *bh, int err)
{
	struct address_space *mapping = bh->b_page->mapping;

	set_bit(BH_Write_EIO, &bh->b_state);
	if (mapping)
		mapping_set_error(mapping, err);
	pr_err("Buffer I/O error on dev %s, logical block %llu, lost async "
	       "page write\n",
	       bh->b_bdev->bd_name, bh->b_blocknr);
}

int sync_dirty_buffer(struct buffer_head *bh)
{
	int err = 0;

	lock_page(bh->b_page);
	wait_on_page_writeback(bh->b_page);
	if (test_and_clear_bit(BH_Dirty, &bh->b_state)) {
		err = buffers_io_wait(bh, 1, BIO_WRITE);
		if (err)
			buffer_write_failed(bh, err);
	}
	unlock_page(bh->b_page);
	return err;
}

/* Forget the blocks of [@block, @block + @nr) that lie in locked @page. */
static void page_forget_blocks(struct page *page, u64 block, u64 nr)
{
	struct buffer_head *head = page->buffers;
	struct buffer_head *bh = head;

	do {
		if (bh->b_blocknr >= block && bh->b_blocknr - block < nr) {
			clear_bit(BH_Dirty, &bh->b_state);
			clear_bit(BH_Uptodate, &bh->b_state);
			ClearPageUptodate(page);
		}
		bh = bh->b_this_page;
	} while (bh != head);
}

void clean_bdev_aliases(struct block_device *bdev, u64 block, u64 nr)
{
	struct address_space *mapping = bdev->bd_inode->i_mapping;
	u64 index = block_page_index(bdev, block);
	u64 last = block_page_index(bdev, block + nr - 1);
	struct page *page;

	for (; index <= last; index++) {
		page = find_get_page(mapping, index);
		if (!page)
			continue;
		if (page_has_buffers(page)) {
			lock_page(page);
			wait_on_page_writeback(page);
			if (page->mapping == mapping && page_has_buffers(page))
				page_forget_blocks(page, block, nr);
			unlock_page(page);
		}
		put_page(page);
	}
}
