/*
 * data.c - pages of ext2 files: reading and writing them in few requests.
 *
 * A page's blocks may lie apart; a bio takes as many blocks of as many pages
 * as follow each other on the disk.  page->private counts a page's blocks in
 * flight (and its builder), the last one ends the page.  Write-back of one
 * page takes along the dirty pages behind it that continue the bio.
 *
 * Blocks are allocated when data comes in (write_begin, also for stores
 * through a mapping), so write-back never fails for want of space.
 *
 * Locks: the page lock; map_lock inside.
 *
 * Entry points: ext2_aops.
 */
#include <fs/ext2/internal.h>

#include <fs/vfs/inode.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/block/bio.h>
#include <kernel/lib/string.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/writeback.h>

/* A request being built, and the last piece of the block map looked up. */
struct ext2_io {
	struct inode *inode;
	struct bio *bio;
	enum bio_op op;
	unsigned int bits; /* log2 of the block size */
	u32 lblock;	   /* cached piece of the map: file block, */
	u32 pblk;	   /* disk block, */
	u32 len;	   /* blocks; 0: nothing cached */
};

static struct ext2_io io_start(struct inode *inode, enum bio_op op)
{
	return (struct ext2_io){
		.inode = inode,
		.op = op,
		.bits = inode->i_sb->s_blocksize_bits,
	};
}

static atomic64_t *page_io_count(struct page *page)
{
	return (atomic64_t *)&page->private;
}

static void end_read_blocks(struct page *page, s64 nr)
{
	if (atomic64_sub_and_test(nr, page_io_count(page)))
		page_read_end(page, PageError(page) ? -EIO : 0);
}

static void end_write_blocks(struct page *page, s64 nr)
{
	if (atomic64_sub_and_test(nr, page_io_count(page)))
		end_page_writeback(page);
}

/* Some blocks of one page have been read or written. */
static void end_page_piece(struct bio *bio, struct page *page, s64 nr_blocks)
{
	if (bio->bi_op == BIO_READ) {
		if (bio->bi_status)
			SetPageError(page);
		end_read_blocks(page, nr_blocks);
		return;
	}
	if (bio->bi_status) {
		SetPageError(page);
		mapping_set_error(page->mapping, -EIO);
	}
	end_write_blocks(page, nr_blocks);
}

static void ext2_end_io(struct bio *bio)
{
	unsigned int bits = (unsigned int)(uintptr_t)bio->bi_private;
	unsigned int i;

	for (i = 0; i < bio->bi_vcnt; i++) {
		struct page *page = bio->bi_vec[i].bv_page;
		u32 offset = bio->bi_vec[i].bv_offset;
		u32 left = bio->bi_vec[i].bv_len;

		/* Pages that adjoin in memory share a segment. */
		while (left) {
			u32 now = min(left, (u32)PAGE_SIZE - offset);

			end_page_piece(bio, page, now >> bits);
			left -= now;
			offset = 0;
			page++;
		}
	}
	bio_put(bio);
}

static void io_submit(struct ext2_io *io)
{
	if (io->bio)
		submit_bio(io->bio);
	io->bio = NULL;
}

/* Where @lblock is: 1 and *@pblk, 0 for a hole, -errno.  Looks ahead. */
static int io_map(struct ext2_io *io, u32 lblock, u32 ahead, u32 *pblk)
{
	int ret;

	if (lblock - io->lblock >= io->len) {
		io->len = 0;
		ret = ext2_map_blocks(io->inode, lblock, ahead, &io->pblk);
		if (ret <= 0)
			return ret;
		io->lblock = lblock;
		io->len = (u32)ret;
	}
	*pblk = io->pblk + (lblock - io->lblock);
	return 1;
}

/* Add one block at @offset of @page to the request. */
static void io_add(struct ext2_io *io, struct page *page, u32 offset, u32 pblk,
		   u32 ahead)
{
	u64 sector = (u64)pblk << (io->bits - SECTOR_SHIFT);
	u32 size = 1u << io->bits;

	atomic64_inc(page_io_count(page));
	if (io->bio && bio_end_sector(io->bio) == sector &&
	    bio_add_page(io->bio, page, size, offset))
		return;
	io_submit(io);
	io->bio = bio_alloc(io->inode->i_sb->s_bdev, io->op, sector,
			    (ahead >> (PAGE_SHIFT - io->bits)) + 1);
	io->bio->bi_end_io = ext2_end_io;
	io->bio->bi_private = (void *)(uintptr_t)io->bits;
	(void)bio_add_page(io->bio, page, size, offset);
}

static u32 page_first_block(const struct page *page, unsigned int bits)
{
	return (u32)(page->index << (PAGE_SHIFT - bits));
}

/* Blocks the file has now. */
static u64 file_blocks(const struct inode *inode, unsigned int bits)
{
	return ((u64)i_size_read(inode) + (1u << bits) - 1) >> bits;
}

/* Ask for the blocks of a locked page; holes and what is behind the end are
 * zeroed.  @ahead: blocks that will be wanted from its first one on. */
static void read_one(struct ext2_io *io, struct page *page, u32 ahead)
{
	u32 size = 1u << io->bits;
	u64 lblock = page->index << (PAGE_SHIFT - io->bits);
	u64 nr = file_blocks(io->inode, io->bits);
	char *data = page_address(page);
	u32 offset;
	u32 pblk;
	int ret;

	ClearPageError(page);
	atomic64_set(page_io_count(page), 1);
	for (offset = 0; offset < PAGE_SIZE; offset += size, lblock++) {
		ret = lblock < nr ? io_map(io, (u32)lblock, ahead, &pblk) : 0;
		if (ret > 0) {
			io_add(io, page, offset, pblk, ahead);
		} else {
			memset(data + offset, 0, size);
			if (ret < 0)
				SetPageError(page);
		}
	}
	end_read_blocks(page, 1);
}

static int ext2_read_page(struct file *file, struct page *page)
{
	struct ext2_io io = io_start(page->mapping->host, BIO_READ);

	read_one(&io, page, 1u << (PAGE_SHIFT - io.bits));
	io_submit(&io);
	return 0;
}

static int ext2_read_pages(struct file *file, struct address_space *mapping,
			   struct page **pages, unsigned int nr)
{
	struct ext2_io io = io_start(mapping->host, BIO_READ);
	unsigned int i;

	for (i = 0; i < nr; i++)
		read_one(&io, pages[i], (nr - i) << (PAGE_SHIFT - io.bits));
	io_submit(&io);
	return 0;
}

/* How far write-back looks ahead, in blocks. */
#define WRITE_AHEAD 256

/*
 * Put a locked page, whose dirty bit has been cleared, into the request and
 * unlock it.  Holes have no data: a store into one made it a block.
 */
static void write_one(struct ext2_io *io, struct page *page)
{
	struct inode *inode = io->inode;
	u32 size = 1u << io->bits;
	u32 lblock = page_first_block(page, io->bits);
	loff_t left = i_size_read(inode) - (loff_t)page_offset(page);
	u32 offset;
	u32 pblk;
	int ret;

	/* Truncated meanwhile: the page is about to go. */
	if (left <= 0) {
		unlock_page(page);
		return;
	}
	/* Stores behind the file's end are nobody's. */
	if (left < (loff_t)PAGE_SIZE)
		memset((char *)page_address(page) + left, 0,
		       PAGE_SIZE - (size_t)left);
	set_page_writeback(page);
	atomic64_set(page_io_count(page), 1);
	for (offset = 0; offset < PAGE_SIZE && offset < left;
	     offset += size, lblock++) {
		ret = io_map(io, lblock, WRITE_AHEAD, &pblk);
		if (ret > 0)
			io_add(io, page, offset, pblk, WRITE_AHEAD);
		else if (ret < 0)
			mapping_set_error(page->mapping, ret);
	}
	unlock_page(page);
	end_write_blocks(page, 1);
}

/*
 * The next page, locked and cleaned, if it is dirty and its first block
 * continues the request; else NULL.
 */
static struct page *next_to_write(struct ext2_io *io,
				  struct address_space *mapping, u64 index)
{
	u32 lblock = (u32)(index << (PAGE_SHIFT - io->bits));
	u32 pblk = io->pblk + (lblock - io->lblock);
	struct page *page;

	if (!io->bio || lblock - io->lblock >= io->len ||
	    bio_end_sector(io->bio) != (u64)pblk << (io->bits - SECTOR_SHIFT))
		return NULL;
	page = find_get_page(mapping, index);
	if (!page)
		return NULL;
	/* Never wait: what is busy is written some other time. */
	if (!PageDirty(page) || PageWriteback(page) || !trylock_page(page)) {
		put_page(page);
		return NULL;
	}
	if (page->mapping == mapping && !PageWriteback(page) &&
	    clear_page_dirty_for_io(page))
		return page;
	unlock_page(page);
	put_page(page);
	return NULL;
}

static int ext2_write_page(struct page *page, struct writeback_control *wbc)
{
	struct address_space *mapping = page->mapping;
	struct ext2_io io = io_start(mapping->host, BIO_WRITE);
	u64 index = page->index;
	struct page *next;

	write_one(&io, page);
	while (wbc->nr_to_write > 1 &&
	       ++index <= wbc->range_end >> PAGE_SHIFT) {
		next = next_to_write(&io, mapping, index);
		if (!next)
			break;
		wbc->nr_to_write--;
		write_one(&io, next);
		put_page(next);
	}
	io_submit(&io);
	return 0;
}

/* Read the locked page and keep it locked.  0 or -errno. */
static int fill_page(struct inode *inode, struct page *page)
{
	unsigned int bits = inode->i_sb->s_blocksize_bits;
	u32 size = 1u << bits;
	u64 lblock = page->index << (PAGE_SHIFT - bits);
	u64 nr = file_blocks(inode, bits);
	struct bio *bio;
	u32 offset;
	u32 pblk;
	int ret;

	for (offset = 0; offset < PAGE_SIZE; offset += size, lblock++) {
		ret = lblock < nr
			      ? ext2_map_blocks(inode, (u32)lblock, 1, &pblk)
			      : 0;
		if (ret < 0)
			return ret;
		if (ret == 0) {
			memset((char *)page_address(page) + offset, 0, size);
			continue;
		}
		bio = bio_alloc(inode->i_sb->s_bdev, BIO_READ,
				(u64)pblk << (bits - SECTOR_SHIFT), 1);
		ret = bio_add_page(bio, page, size, offset)
			      ? submit_bio_wait(bio)
			      : -EIO;
		bio_put(bio);
		if (ret)
			return ret;
	}
	SetPageUptodate(page);
	return 0;
}

/* Blocks for bytes [@from, @to) of @page. */
static int alloc_range(struct inode *inode, struct page *page,
		       unsigned int from, unsigned int to)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	unsigned int bits = inode->i_sb->s_blocksize_bits;
	u32 base = page_first_block(page, bits);
	u32 lblock = base + (from >> bits);
	u32 last = base + ((to - 1) >> bits);
	loff_t end;
	bool fresh;
	u32 pblk;
	int ret;

	while (lblock <= last) {
		ret = ext2_map_create(inode, lblock, last - lblock + 1, &pblk,
				      &fresh);
		if (ret < 0)
			return ret;
		lblock += (u32)ret;
		/* ext2_file_write_iter takes back what stays unused. */
		end = (loff_t)lblock << bits;
		if (fresh && end > i_size_read(inode) && end > ei->alloc_end)
			ei->alloc_end = end;
	}
	return 0;
}

static int ext2_write_begin(struct file *file, struct address_space *mapping,
			    struct page *page, unsigned int from,
			    unsigned int to)
{
	struct inode *inode = mapping->host;
	int err;

	if (from >= to)
		return 0;
	/* Before blocks are allocated: new ones hold rubbish on disk. */
	if (!PageUptodate(page) && to - from < PAGE_SIZE) {
		err = fill_page(inode, page);
		if (err)
			return err;
	}
	return alloc_range(inode, page, from, to);
}

static int ext2_write_end(struct file *file, struct address_space *mapping,
			  struct page *page, unsigned int from, unsigned int to)
{
	struct inode *inode = mapping->host;
	loff_t end = (loff_t)page_offset(page) + to;

	if (!PageUptodate(page)) {
		/* A copy that was to fill the page stopped short. */
		if (to - from < PAGE_SIZE)
			return -EIO;
		SetPageUptodate(page);
	}
	if (to > from)
		set_page_dirty(page);
	if (end > i_size_read(inode)) {
		i_size_write(inode, end);
		mark_inode_dirty(inode);
	}
	return 0;
}

const struct address_space_operations ext2_aops = {
	.read_page = ext2_read_page,
	.read_pages = ext2_read_pages,
	.write_page = ext2_write_page,
	.write_begin = ext2_write_begin,
	.write_end = ext2_write_end,
};
