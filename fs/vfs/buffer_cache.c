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
 * clean_bdev_aliases, def_blk_aops, buffer_init.
 */
#include <fs/vfs/buffer_cache.h>

#include <abi/errno.h>
#include <fs/vfs/block_dev.h>
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

static struct kmem_cache *buffer_slab;

void buffer_init(void)
{
	buffer_slab = kmem_cache_create("buffer_head",
					sizeof(struct buffer_head), 0, NULL);
	assert(buffer_slab);
	kmem_cache_mark_reclaimable(buffer_slab);
}

static bool page_has_buffers(const struct page *page)
{
	return test_bit(PG_private, &page->flags);
}

static struct block_device *page_bdev(const struct page *page)
{
	return I_BDEV(page->mapping->host);
}

/* Bytes of @page that lie inside the device. */
static unsigned int page_bytes_on_device(const struct page *page,
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

/*
 * Give the locked @page buffers if it has none.  @all_dirty: it was written
 * through a mapping, so every block of it is newer than the disk.
 */
static int page_make_buffers(struct page *page, bool all_dirty)
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

/* Detach and free the locked @page's buffers; false: one is in use. */
static bool page_drop_buffers(struct page *page, bool forget_dirty)
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

/* The locked @page is uptodate once all its blocks are. */
static void page_check_uptodate(struct page *page)
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

/* Wanted for reading: a block that is there but not in memory. */
static bool buffer_missing(const struct buffer_head *bh)
{
	return test_bit(BH_Mapped, &bh->b_state) && !buffer_uptodate(bh);
}

/*
 * Read what is missing of the locked @page.  Where a request of several
 * blocks fails, each is tried alone, so that one bad sector costs one block.
 */
static int page_read_missing(struct page *page)
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

/* A write of blocks from @bh on failed. */
static void buffer_write_failed(struct buffer_head *bh, int err)
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

/* The operations of the device's page cache. */

static void bdev_read_end(struct bio *bio)
{
	unsigned int i;

	for (i = 0; i < bio->bi_vcnt; i++) {
		/* One segment may hold several pages that adjoin in memory. */
		struct page *page = bio->bi_vec[i].bv_page;
		u32 left = bio->bi_vec[i].bv_len;

		for (; left; left -= min(left, (u32)PAGE_SIZE), page++)
			page_read_end(page, bio->bi_status);
	}
	bio_put(bio);
}

/* Fill a locked page that has no buffers; unlocked at the end. */
static int bdev_read_plain(struct page *page, struct block_device *bdev)
{
	unsigned int bytes = page_bytes_on_device(page, bdev);
	struct bio *bio;

	bytes = ALIGN_DOWN(bytes, bdev_logical_block_size(bdev));
	memset((char *)page_address(page) + bytes, 0, PAGE_SIZE - bytes);
	if (!bytes) {
		page_read_end(page, 0);
		return 0;
	}
	bio = bio_alloc(bdev, BIO_READ, page_offset(page) >> SECTOR_SHIFT, 1);
	if (!bio_add_page(bio, page, bytes, 0)) {
		bio_put(bio);
		page_read_end(page, -EIO);
		return -EIO;
	}
	bio->bi_end_io = bdev_read_end;
	submit_bio(bio);
	return 0;
}

static int bdev_read_page(struct file *file, struct page *page)
{
	int err;

	if (!page_has_buffers(page))
		return bdev_read_plain(page, page_bdev(page));
	err = page_read_missing(page);
	if (err)
		SetPageError(page);
	unlock_page(page);
	return err;
}

/* May @page be part of a request of whole, fresh pages? */
static bool page_reads_whole(struct page *page, struct block_device *bdev)
{
	return !page_has_buffers(page) &&
	       page_bytes_on_device(page, bdev) == PAGE_SIZE;
}

static int bdev_read_pages(struct file *file, struct address_space *mapping,
			   struct page **pages, unsigned int nr)
{
	struct block_device *bdev = I_BDEV(mapping->host);
	struct bio *bio = NULL;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (bio && (!page_reads_whole(pages[i], bdev) ||
			    !bio_add_page(bio, pages[i], PAGE_SIZE, 0))) {
			submit_bio(bio);
			bio = NULL;
		} else if (bio) {
			continue;
		}
		if (!page_reads_whole(pages[i], bdev)) {
			(void)bdev_read_page(file, pages[i]);
			continue;
		}
		bio = bio_alloc(bdev, BIO_READ,
				page_offset(pages[i]) >> SECTOR_SHIFT, nr - i);
		bio->bi_end_io = bdev_read_end;
		(void)bio_add_page(bio, pages[i], PAGE_SIZE, 0);
	}
	if (bio)
		submit_bio(bio);
	return 0;
}

/* One of the page's writes less in flight. */
static void page_write_put(struct page *page, struct buffer_head *head)
{
	if (atomic_dec_and_test(&head->b_io_left))
		end_page_writeback(page);
}

static void bdev_write_end_io(struct bio *bio)
{
	struct buffer_head *bh = bio->bi_private;
	struct page *page = bh->b_page;

	if (bio->bi_status)
		buffer_write_failed(bh, bio->bi_status);
	bio_put(bio);
	page_write_put(page, page->buffers);
}

/* Start the write of @nr blocks from @bh on. */
static void submit_buffers(struct buffer_head *bh, unsigned int nr)
{
	u64 sector = bh->b_blocknr * (bh->b_size >> SECTOR_SHIFT);
	struct bio *bio = bio_alloc(bh->b_bdev, BIO_WRITE, sector, 1);

	(void)bio_add_page(bio, bh->b_page, nr * bh->b_size,
			   (u32)offset_in_page(bh->b_data));
	bio->bi_private = bh;
	bio->bi_end_io = bdev_write_end_io;
	atomic_inc(&bh->b_page->buffers->b_io_left);
	submit_bio(bio);
}

static int bdev_write_page(struct page *page, struct writeback_control *wbc)
{
	struct buffer_head *head;
	struct buffer_head *bh;
	struct buffer_head *first = NULL;
	unsigned int nr = 0;

	if (page_make_buffers(page, true)) {
		set_page_dirty(page);
		unlock_page(page);
		return -ENOMEM;
	}

	head = page->buffers;
	atomic_set(&head->b_io_left, 1);
	set_page_writeback(page);
	bh = head;
	do {
		if (test_and_clear_bit(BH_Dirty, &bh->b_state)) {
			if (!nr++)
				first = bh;
		} else if (nr) {
			submit_buffers(first, nr);
			nr = 0;
		}
		bh = bh->b_this_page;
	} while (bh != head);
	if (nr)
		submit_buffers(first, nr);
	unlock_page(page);
	page_write_put(page, head);
	return 0;
}

/* Does [@from, @to) of the page cover part of @bh only? */
static bool partly_covered(const struct buffer_head *bh, unsigned int from,
			   unsigned int to)
{
	unsigned int start = (unsigned int)offset_in_page(bh->b_data);
	unsigned int end = start + bh->b_size;

	return start < to && end > from && (start < from || end > to);
}

static int bdev_write_begin(struct file *file, struct address_space *mapping,
			    struct page *page, unsigned int from,
			    unsigned int to)
{
	struct buffer_head *bh;
	int err;

	err = page_make_buffers(page, PageDirty(page));
	if (err)
		return err;
	bh = page->buffers;
	do {
		if (partly_covered(bh, from, to) && buffer_missing(bh))
			return page_read_missing(page);
		bh = bh->b_this_page;
	} while (bh != page->buffers);
	return 0;
}

static int bdev_write_end(struct file *file, struct address_space *mapping,
			  struct page *page, unsigned int from, unsigned int to)
{
	struct buffer_head *bh = page->buffers;
	unsigned int start;

	do {
		start = (unsigned int)offset_in_page(bh->b_data);
		/* A short copy leaves a block that was not read: drop it. */
		if (start < to && start + bh->b_size > from &&
		    test_bit(BH_Mapped, &bh->b_state) &&
		    (buffer_uptodate(bh) || !partly_covered(bh, from, to))) {
			set_bit(BH_Uptodate, &bh->b_state);
			mark_buffer_dirty(bh);
		}
		bh = bh->b_this_page;
	} while (bh != page->buffers);
	page_check_uptodate(page);
	return 0;
}

static void bdev_invalidate_page(struct page *page)
{
	(void)page_drop_buffers(page, true);
}

static bool bdev_release_page(struct page *page)
{
	if (PageWriteback(page))
		return false;
	return page_drop_buffers(page, false);
}

const struct address_space_operations def_blk_aops = {
	.read_page = bdev_read_page,
	.read_pages = bdev_read_pages,
	.write_page = bdev_write_page,
	.write_begin = bdev_write_begin,
	.write_end = bdev_write_end,
	.invalidate_page = bdev_invalidate_page,
	.release_page = bdev_release_page,
};
