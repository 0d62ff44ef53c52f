/*
 * block_map.c - from a file's block to the disk's: 12 direct ones, then one,
 * two and three levels of indirect blocks.
 *
 * New indirect blocks are filled and written before what is to point to them
 * is changed, so that the tree on disk never leads to rubbish.
 *
 * Locks: map_lock for reading to look up, for writing to change the tree.
 *
 * Entry points: ext2_map_blocks, ext2_map_create, ext2_block_path,
 * ext2_sync_map.
 */
#include <fs/ext2/internal.h>

#include <fs/vfs/block_dev.h>
#include <fs/vfs/inode.h>
#include <kernel/base/assert.h>
#include <kernel/sched/rwsem.h>

#define MAX_DEPTH 4

/* One step down the tree: where the number stands, and what it is. */
struct chain_link {
	u32 *p;			/* in i_data or in bh */
	u32 key;		/* *p, as read */
	struct buffer_head *bh; /* NULL for the root */
};

int ext2_block_path(const struct ext2_sb_info *sbi, u32 lblock, u32 *offsets)
{
	u32 bits = sbi->addr_bits;
	u64 ptrs = sbi->addr_per_block;
	u64 n = lblock;

	if (n < EXT2_NDIR_BLOCKS) {
		offsets[0] = (u32)n;
		return 1;
	}
	n -= EXT2_NDIR_BLOCKS;
	if (n < ptrs) {
		offsets[0] = EXT2_IND_BLOCK;
		offsets[1] = (u32)n;
		return 2;
	}
	n -= ptrs;
	if (n < ptrs * ptrs) {
		offsets[0] = EXT2_DIND_BLOCK;
		offsets[1] = (u32)(n >> bits);
		offsets[2] = (u32)(n & (ptrs - 1));
		return 3;
	}
	n -= ptrs * ptrs;
	if (n >> (3 * bits) != 0)
		return 0;
	offsets[0] = EXT2_TIND_BLOCK;
	offsets[1] = (u32)(n >> (2 * bits));
	offsets[2] = (u32)(n >> bits & (ptrs - 1));
	offsets[3] = (u32)(n & (ptrs - 1));
	return 4;
}

static void release_chain(struct chain_link *chain, int depth)
{
	int i;

	for (i = 0; i < depth; i++)
		brelse(chain[i].bh);
}

/*
 * Follow @offsets as far as the tree goes.  Returns the number of links that
 * were followed to a block (== @depth: it is mapped), or -errno.  Buffers in
 * @chain are referenced in any case.  map_lock is held.
 */
static int walk_chain(struct inode *inode, const u32 *offsets, int depth,
		      struct chain_link *chain)
{
	struct super_block *sb = inode->i_sb;
	struct buffer_head *bh = NULL;
	u32 *table = EXT2_I(inode)->i_data;
	int i;

	for (i = 0; i < depth; i++) {
		chain[i].bh = bh;
		chain[i].p = table + offsets[i];
		chain[i].key = *chain[i].p;
		if (!chain[i].key)
			return i;
		if (!ext2_block_valid(EXT2_SB(sb), chain[i].key, 1)) {
			ext2_error(sb, "ext2_map_blocks",
				   "inode %llu has invalid block %u",
				   inode->i_ino, chain[i].key);
			return -EFSCORRUPTED;
		}
		if (i + 1 == depth)
			break;
		bh = sb_bread(sb, chain[i].key);
		if (!bh)
			return -EIO;
		table = (u32 *)bh->b_data;
	}
	return depth;
}

/* Numbers from @link on that are one more than the one before, up to @max. */
static int count_adjoining(const struct ext2_sb_info *sbi,
			   const struct chain_link *link, u32 offset,
			   bool is_root, u32 max)
{
	u32 room = (is_root ? EXT2_NDIR_BLOCKS : sbi->addr_per_block) - offset;
	u32 n = 1;

	max = min(max, room);
	while (n < max && link->p[n] == link->key + n)
		n++;
	return ext2_block_valid(sbi, link->key, n) ? (int)n : 1;
}

/* ext2_map_blocks with map_lock held in either way. */
static int map_locked(struct inode *inode, u32 lblock, u32 max, u32 *pblk)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct chain_link chain[MAX_DEPTH] = {0};
	u32 offsets[MAX_DEPTH];
	int depth = ext2_block_path(sbi, lblock, offsets);
	int ret;

	if (!depth)
		return -EFBIG;
	ret = walk_chain(inode, offsets, depth, chain);
	if (ret == depth) {
		*pblk = chain[depth - 1].key;
		ret = count_adjoining(sbi, &chain[depth - 1],
				      offsets[depth - 1], depth == 1, max);
	} else if (ret > 0) {
		ret = 0;
	}
	release_chain(chain, depth);
	return ret;
}

int ext2_map_blocks(struct inode *inode, u32 lblock, u32 max, u32 *pblk)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	int ret;

	down_read(&ei->map_lock);
	ret = map_locked(inode, lblock, max, pblk);
	up_read(&ei->map_lock);
	return ret;
}

/* The best place for @lblock, of which @link is the first missing number. */
static u32 find_goal(struct inode *inode, u32 lblock,
		     const struct chain_link *link)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	const u32 *start = link->bh ? (u32 *)link->bh->b_data : ei->i_data;
	const u32 *p;
	u32 colour;

	if (ei->next_goal && lblock == ei->next_lblock)
		return ei->next_goal;
	for (p = link->p - 1; p >= start; p--) {
		if (*p)
			return *p + 1;
	}
	if (link->bh)
		return (u32)link->bh->b_blocknr + 1;
	/* An empty file: different files begin at different places. */
	colour = (u32)(inode->i_ino % 16) * (sbi->blocks_per_group / 16);
	return ext2_group_first_block(sbi, ei->block_group) + colour;
}

/* The indirect blocks and data blocks that a hole needs. */
struct new_branch {
	u32 meta[MAX_DEPTH]; /* indirect blocks, top first */
	int nr_meta;
	u32 data; /* first of nr_data */
	u32 nr_data;
};

static void free_branch(struct inode *inode, const struct new_branch *branch)
{
	struct buffer_head *bh;
	int i;

	for (i = 0; i < branch->nr_meta; i++) {
		bh = sb_find_get_block(inode->i_sb, branch->meta[i]);
		if (bh)
			bforget(bh);
		(void)ext2_free_blocks(inode, branch->meta[i], 1);
	}
	if (branch->nr_data)
		(void)ext2_free_blocks(inode, branch->data, branch->nr_data);
}

/* Allocate @nr_meta indirect blocks and up to @nr_data data blocks. */
static int alloc_branch(struct inode *inode, u32 goal, int nr_meta, u32 nr_data,
			struct new_branch *branch)
{
	u32 count;
	int err;

	branch->nr_meta = 0;
	branch->nr_data = 0;
	while (branch->nr_meta < nr_meta) {
		count = 1;
		goal = ext2_new_blocks(inode, goal, &count, &err);
		if (!goal)
			goto free;
		branch->meta[branch->nr_meta++] = goal++;
	}
	count = nr_data;
	branch->data = ext2_new_blocks(inode, goal, &count, &err);
	if (!branch->data)
		goto free;
	branch->nr_data = count;
	return 0;

free:
	free_branch(inode, branch);
	return err;
}

/* Fill the indirect blocks from the bottom up and put them on disk. */
static int write_branch(struct inode *inode, const struct new_branch *branch,
			const u32 *offsets)
{
	struct buffer_head *bh;
	u32 *slot;
	u32 i;
	int err;
	int m;

	for (m = branch->nr_meta - 1; m >= 0; m--) {
		bh = sb_getblk_zero(inode->i_sb, branch->meta[m]);
		if (!bh)
			return -EIO;
		slot = (u32 *)bh->b_data + offsets[m];
		if (m + 1 < branch->nr_meta)
			*slot = branch->meta[m + 1];
		else
			for (i = 0; i < branch->nr_data; i++)
				slot[i] = branch->data + i;
		mark_buffer_dirty(bh);
		err = sync_dirty_buffer(bh);
		brelse(bh);
		if (err)
			return err;
	}
	return 0;
}

/* Hang the branch into the tree at @link. */
static void splice_branch(struct inode *inode, const struct chain_link *link,
			  const struct new_branch *branch, u32 lblock)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	u32 i;

	if (branch->nr_meta)
		*link->p = branch->meta[0];
	else
		for (i = 0; i < branch->nr_data; i++)
			link->p[i] = branch->data + i;
	if (link->bh)
		mark_buffer_dirty(link->bh);
	ei->next_lblock = lblock + branch->nr_data;
	ei->next_goal = branch->data + branch->nr_data;
	mark_inode_dirty(inode);
}

/* Holes that follow at @link in the same table, up to @max. */
static u32 count_missing(const struct ext2_sb_info *sbi,
			 const struct chain_link *link, u32 offset, u32 max)
{
	u32 room = (link->bh ? sbi->addr_per_block : EXT2_NDIR_BLOCKS) - offset;
	u32 n = 1;

	max = min(max, room);
	while (n < max && !link->p[n])
		n++;
	return n;
}

/* Fill the hole whose first missing link is chain[@have]. */
static int fill_hole(struct inode *inode, struct chain_link *chain, int have,
		     int depth, const u32 *offsets, u32 lblock, u32 max,
		     u32 *pblk)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct chain_link *link = &chain[have];
	struct new_branch branch;
	u32 nr;
	int err;

	if (have == depth - 1)
		nr = count_missing(sbi, link, offsets[have], max);
	else
		nr = min(max, sbi->addr_per_block - offsets[depth - 1]);
	err = alloc_branch(inode, find_goal(inode, lblock, link),
			   depth - 1 - have, nr, &branch);
	if (err)
		return err;
	err = write_branch(inode, &branch, offsets + have + 1);
	if (err) {
		free_branch(inode, &branch);
		return err;
	}
	/* Directories live in the buffer cache themselves. */
	if (!S_ISDIR(inode->i_mode))
		clean_bdev_aliases(inode->i_sb->s_bdev, branch.data,
				   branch.nr_data);
	splice_branch(inode, link, &branch, lblock);
	*pblk = branch.data;
	return (int)branch.nr_data;
}

int ext2_map_create(struct inode *inode, u32 lblock, u32 max, u32 *pblk,
		    bool *fresh)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct ext2_inode_info *ei = EXT2_I(inode);
	struct chain_link chain[MAX_DEPTH] = {0};
	u32 offsets[MAX_DEPTH];
	int depth = ext2_block_path(sbi, lblock, offsets);
	int have;
	int ret;

	*fresh = false;
	if (!depth)
		return -EFBIG;
	/* The usual case, rewriting, needs no more. */
	ret = ext2_map_blocks(inode, lblock, max, pblk);
	if (ret)
		return ret;

	down_write(&ei->map_lock);
	have = walk_chain(inode, offsets, depth, chain);
	if (have < 0) {
		ret = have;
	} else if (have == depth) {
		*pblk = chain[depth - 1].key;
		ret = 1;
	} else {
		*fresh = true;
		ret = fill_hole(inode, chain, have, depth, offsets, lblock, max,
				pblk);
	}
	release_chain(chain, depth);
	up_write(&ei->map_lock);
	return ret;
}

/* Write the dirty ones of the indirect blocks at and below @block. */
static int sync_subtree(struct inode *inode, u32 block, int level)
{
	struct super_block *sb = inode->i_sb;
	struct buffer_head *bh;
	const u32 *table;
	int ret = 0;
	int err;
	u32 i;

	if (!block || !ext2_block_valid(EXT2_SB(sb), block, 1))
		return 0;
	/* What is not in memory is not dirty; above a leaf it must be read. */
	bh = level > 1 ? sb_bread(sb, block) : sb_find_get_block(sb, block);
	if (!bh)
		return level > 1 ? -EIO : 0;
	table = (const u32 *)bh->b_data;
	for (i = 0; level > 1 && i < EXT2_SB(sb)->addr_per_block; i++) {
		err = sync_subtree(inode, table[i], level - 1);
		ret = ret ? ret : err;
	}
	err = sync_dirty_buffer(bh);
	brelse(bh);
	return ret ? ret : err;
}

int ext2_sync_map(struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	int ret = 0;
	int level;
	int err;

	if (ext2_fast_symlink(inode) ||
	    !(S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode) ||
	      S_ISLNK(inode->i_mode)))
		return 0;
	down_read(&ei->map_lock);
	for (level = 1; level <= 3; level++) {
		err = sync_subtree(
			inode, ei->i_data[EXT2_NDIR_BLOCKS + level - 1], level);
		ret = ret ? ret : err;
	}
	up_read(&ei->map_lock);
	return ret;
}
