/*
 * truncate.c - making files shorter.
 *
 * In this order: i_size; the pages behind it; the numbers in inode and
 * indirect blocks, which are written to disk where they had been there; only
 * then are the blocks free for others.  So no block ever has two owners on
 * disk, whenever the power goes.
 *
 * Locks: i_rwsem is the caller's; map_lock for writing here.
 *
 * Entry points: ext2_setsize, ext2_truncate_blocks, ext2_free_all_blocks.
 */
#include <fs/ext2/internal.h>

#include <fs/vfs/attr.h>
#include <fs/vfs/inode.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/truncate.h>
#include <kernel/sched/core.h>
#include <kernel/sched/rwsem.h>

/* Blocks to free, gathered into runs. */
struct free_run {
	struct inode *inode;
	u32 start;
	u32 count;
	bool damaged; /* a block was free already: believe nothing more */
};

static void flush_run(struct free_run *run)
{
	if (run->count && !run->damaged &&
	    !ext2_free_blocks(run->inode, run->start, run->count))
		run->damaged = true;
	run->count = 0;
}

static void add_to_run(struct free_run *run, u32 block)
{
	if (run->count && run->start + run->count == block) {
		run->count++;
		return;
	}
	flush_run(run);
	run->start = block;
	run->count = 1;
}

/* Free the tree of @level indirect levels at @block; 0: a data block. */
static void free_tree(struct free_run *run, u32 block, int level)
{
	struct super_block *sb = run->inode->i_sb;
	struct buffer_head *bh;
	const u32 *table;
	u32 i;

	if (!block || run->damaged)
		return;
	if (!ext2_block_valid(EXT2_SB(sb), block, 1)) {
		ext2_error(sb, "ext2_truncate",
			   "inode %llu has invalid block %u", run->inode->i_ino,
			   block);
		run->damaged = true;
		return;
	}
	if (level > 0) {
		bh = sb_bread(sb, block);
		if (!bh)
			return;
		table = (const u32 *)bh->b_data;
		for (i = 0; i < EXT2_SB(sb)->addr_per_block; i++)
			free_tree(run, table[i], level - 1);
		/* A tree that leads back to itself ends at the first block
		 * that is free already. */
		flush_run(run);
		bforget(bh);
		cond_resched();
	} else if (S_ISDIR(run->inode->i_mode)) {
		bh = sb_find_get_block(sb, block);
		if (bh)
			bforget(bh);
	}
	add_to_run(run, block);
}

/* Is what the disk shows of this inode older than what is being cut off? */
static bool map_on_disk(struct inode *inode)
{
	return test_bit(EXT2_STATE_BLOCKS, &EXT2_I(inode)->state);
}

/*
 * Cut the table in @bh from entry @from on; its entries root trees of
 * @level levels.
 */
static void cut_table(struct free_run *run, struct buffer_head *bh, u32 from,
		      int level)
{
	u32 *table = (u32 *)bh->b_data + from;
	u32 nr = EXT2_SB(run->inode->i_sb)->addr_per_block - from;
	u32 *old;
	u32 block;
	u32 i;

	if (!memchr_inv(table, 0, nr * sizeof(u32)))
		return;
	old = kmemdup(table, nr * sizeof(u32));
	if (!old) {
		/* No memory to do it in the right order: one by one. */
		for (i = 0; i < nr; i++) {
			block = table[i];
			table[i] = 0;
			free_tree(run, block, level);
		}
		mark_buffer_dirty(bh);
		return;
	}
	memset(table, 0, nr * sizeof(u32));
	mark_buffer_dirty(bh);
	if (map_on_disk(run->inode))
		(void)sync_dirty_buffer(bh);
	for (i = 0; i < nr; i++)
		free_tree(run, old[i], level);
	flush_run(run);
	kfree(old);
}

/*
 * Follow the path to the first block to go, which is offsets[0..depth), and
 * cut every table on it behind the path.  @keep: how many levels of the path
 * hold something that stays; the last of them loses its entry on the path.
 */
static void cut_partial(struct free_run *run, const u32 *offsets, int depth,
			int keep)
{
	struct super_block *sb = run->inode->i_sb;
	struct buffer_head *bh;
	u32 block = EXT2_I(run->inode)->i_data[offsets[0]];
	u32 from;
	int i;

	for (i = 1; i <= keep && i < depth && block; i++) {
		if (!ext2_block_valid(EXT2_SB(sb), block, 1))
			return;
		bh = sb_bread(sb, block);
		if (!bh)
			return;
		/* The last table kept loses its entry on the path as well. */
		from = offsets[i] + (i == keep ? 0 : 1);
		block = ((u32 *)bh->b_data)[offsets[i]];
		if (from < EXT2_SB(sb)->addr_per_block)
			cut_table(run, bh, from, depth - 1 - i);
		brelse(bh);
	}
}

/* How many levels of the path hold something that stays? */
static int levels_kept(const u32 *offsets, int depth)
{
	int i;

	for (i = depth - 1; i >= 1; i--) {
		if (offsets[i])
			return i;
	}
	return 0;
}

static void truncate_map_locked(struct inode *inode, u32 first)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	struct free_run run = {.inode = inode};
	u32 offsets[4] = {0};
	u32 old[EXT2_N_BLOCKS];
	int depth = ext2_block_path(EXT2_SB(inode->i_sb), first, offsets);
	u32 from;
	u32 i;
	int keep;

	if (!depth)
		return;
	keep = levels_kept(offsets, depth);
	from = offsets[0] + (keep ? 1 : 0);
	memcpy(old, ei->i_data, sizeof(old));
	memset(&ei->i_data[from], 0, (EXT2_N_BLOCKS - from) * sizeof(u32));
	ei->next_goal = 0;
	mark_inode_dirty(inode);
	if (map_on_disk(inode) &&
	    memchr_inv(&old[from], 0, (EXT2_N_BLOCKS - from) * sizeof(u32)))
		(void)ext2_write_inode(inode, true);

	for (i = from; i < EXT2_N_BLOCKS; i++)
		free_tree(&run, old[i],
			  i < EXT2_NDIR_BLOCKS ? 0
					       : (int)i - EXT2_NDIR_BLOCKS + 1);
	flush_run(&run);
	if (keep)
		cut_partial(&run, offsets, depth, keep);
	flush_run(&run);
}

void ext2_truncate_blocks(struct inode *inode, loff_t size)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	u32 bits = inode->i_sb->s_blocksize_bits;
	u64 first = ((u64)size + inode->i_sb->s_blocksize - 1) >> bits;

	if (!(S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode) ||
	      S_ISLNK(inode->i_mode)) ||
	    ext2_fast_symlink(inode) || first > UINT32_MAX)
		return;
	down_write(&ei->map_lock);
	truncate_map_locked(inode, (u32)first);
	up_write(&ei->map_lock);
}

void ext2_free_all_blocks(struct inode *inode, const u32 *data)
{
	struct free_run run = {.inode = inode};
	int i;

	for (i = 0; i < EXT2_N_BLOCKS; i++)
		free_tree(&run, data[i],
			  i < EXT2_NDIR_BLOCKS ? 0 : i - EXT2_NDIR_BLOCKS + 1);
	flush_run(&run);
}

/* The page that holds byte @size, locked: from the disk if @read, else only
 * if it is cached (NULL: it is not). */
static struct page *tail_page(struct inode *inode, loff_t size, bool read)
{
	struct address_space *mapping = inode->i_mapping;
	u64 index = (u64)size >> PAGE_SHIFT;
	struct page *page;

	if (!read)
		return find_lock_page(mapping, index);
	page = read_cache_page(mapping, index);
	if (!IS_ERR(page))
		lock_page(page);
	return page;
}

/*
 * Zero the last page from @size on: what lies there (a longer file's bytes,
 * stores through a mapping) must not come back when the file grows.  Where
 * @size is inside a block that goes for the disk as well.
 */
int ext2_zero_tail(struct inode *inode, loff_t size)
{
	unsigned int offset = (unsigned int)(size & (loff_t)(PAGE_SIZE - 1));
	bool in_block = size & (loff_t)(inode->i_sb->s_blocksize - 1);
	struct page *page;

	if (!offset)
		return 0;
	page = tail_page(inode, size, in_block);
	if (!page)
		return 0;
	if (IS_ERR(page))
		return (int)PTR_ERR(page);
	if (page->mapping == inode->i_mapping) {
		memset((char *)page_address(page) + offset, 0,
		       PAGE_SIZE - offset);
		if (in_block)
			set_page_dirty(page);
	}
	unlock_page(page);
	put_page(page);
	return 0;
}

int ext2_setsize(struct inode *inode, loff_t newsize)
{
	loff_t oldsize = i_size_read(inode);
	int err;

	if (!S_ISREG(inode->i_mode))
		return -EINVAL;
	if (inode->i_flags & (S_APPEND | S_IMMUTABLE))
		return -EPERM;
	err = inode_newsize_ok(inode, newsize);
	if (err)
		return err;
	err = ext2_zero_tail(inode, min(oldsize, newsize));
	if (err)
		return err;

	i_size_write(inode, newsize);
	if (newsize > oldsize) {
		pagecache_isize_extended(inode->i_mapping, oldsize, newsize);
	} else {
		truncate_pagecache(inode->i_mapping, newsize);
		ext2_truncate_blocks(inode, newsize);
	}
	inode->i_mtime = current_time(inode);
	inode->i_ctime = inode->i_mtime;
	mark_inode_dirty(inode);
	return 0;
}
