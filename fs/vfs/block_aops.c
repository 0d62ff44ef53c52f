/*
 * block_aops.c - the page cache of a block device: reading, writing and
 * invalidating its pages, with or without buffers.
 *
 * A page without buffers is read whole, several adjoining ones in one request.
 * One with buffers is read block by block where blocks are missing, and of it
 * only the dirty blocks are written.
 *
 * Entry points: def_blk_aops.
 */
#include <abi/errno.h>
#include <fs/vfs/buffer_internal.h>
#include <fs/vfs/filemap.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/block/bio.h>
#include <kernel/lib/string.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/writeback.h>

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
