/*
 * buffer_cache.h - metadata blocks of a mounted file system.
 *
 * A struct buffer_head describes one block inside a page of the block
 * device's page cache, with uptodate and dirty bits of its own.  So reads of
 * /dev/vda see what the file system holds, and a page of four 1 KiB blocks is
 * written back block by block: what is not dirty metadata never is written.
 *
 * page->buffers is a ring of the page's buffers, in order of blocks; it is
 * valid where PG_private is set.
 *
 * Locks: page->buffers and b_count's rise from 0 under bd_buffer_lock; the
 * page lock is held while blocks are read, written back, added or dropped.
 * The block's bytes belong to the file system: it brings its own lock.
 */
#pragma once

#include <fs/vfs/types.h>
#include <kernel/arch/atomic.h>

struct block_device;

/* Bits of b_state. */
enum bh_state {
	BH_Uptodate,
	BH_Dirty,
	BH_Mapped,    /* lies inside the device */
	BH_Write_EIO, /* the last write failed */
};

struct buffer_head {
	unsigned long b_state;		 /* [A] enum bh_state */
	struct buffer_head *b_this_page; /* [page lock] ring */
	struct page *b_page;
	u64 b_blocknr;
	u32 b_size;
	char *b_data; /* into the page */
	struct block_device *b_bdev;
	atomic_t b_count;   /* [A] references; each also holds the page */
	atomic_t b_io_left; /* [A] first of the page: bios in flight */
};

static inline bool buffer_uptodate(const struct buffer_head *bh)
{
	return test_bit(BH_Uptodate, &bh->b_state);
}

static inline bool buffer_dirty(const struct buffer_head *bh)
{
	return test_bit(BH_Dirty, &bh->b_state);
}

static inline void get_bh(struct buffer_head *bh)
{
	atomic_inc(&bh->b_count);
}

/*
 * sb_bread - block @block of the file system with its contents, referenced.
 *
 * NULL: read error, beyond the device, or no memory.  Pair: brelse.  Sleeps.
 */
struct buffer_head *sb_bread(struct super_block *sb, u64 block);

/* sb_getblk - the same without reading: look at buffer_uptodate. */
struct buffer_head *sb_getblk(struct super_block *sb, u64 block);

/*
 * sb_getblk_zero - a block that has just been allocated: zeroed, uptodate,
 * not dirty.  What an earlier owner left in flight has landed.  Sleeps.
 */
struct buffer_head *sb_getblk_zero(struct super_block *sb, u64 block);

/* sb_find_get_block - only if it is in the cache; else NULL. */
struct buffer_head *sb_find_get_block(struct super_block *sb, u64 block);

/* sb_breadahead - start reading it, don't wait. */
void sb_breadahead(struct super_block *sb, u64 block);

/* brelse - drop the reference; NULL is fine.  Any task context. */
void brelse(struct buffer_head *bh);

/* bforget - drop the reference and what was to be written: block is freed. */
void bforget(struct buffer_head *bh);

/* mark_buffer_dirty - to be written some time soon. */
void mark_buffer_dirty(struct buffer_head *bh);

/* sync_dirty_buffer - write it now if dirty, and wait.  0 or -EIO. */
int sync_dirty_buffer(struct buffer_head *bh);

/*
 * clean_bdev_aliases - @nr blocks now belong to a file's data.
 *
 * Old metadata of theirs must not be written over that data: dirty bits are
 * cleared, writes in flight awaited.  Sleeps.
 */
void clean_bdev_aliases(struct block_device *bdev, u64 block, u64 nr);

/* The page operations of a block device's cache. */
extern const struct address_space_operations def_blk_aops;

/* buffer_init - at boot. */
void buffer_init(void);
