/*
 * block_alloc.c - which blocks are free.
 *
 * A block is looked for at the goal (behind the file's last one), then in the
 * rest of that group, first where eight are free together, then in the groups
 * after it.  Bits that would hand out a group's own metadata are never taken:
 * the bitmap is damaged then.
 *
 * Locks: alloc_lock around a bitmap, its descriptor and the counters.
 *
 * Entry points: ext2_new_blocks, ext2_free_blocks.
 */
#include <fs/ext2/internal.h>

#include <abi/capability.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/inode.h>
#include <kernel/lib/bitmap.h>
#include <kernel/sched/core.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>

static struct buffer_head *read_block_bitmap(struct super_block *sb, u32 group)
{
	struct ext2_group_desc *gd;
	struct buffer_head *bh;

	gd = ext2_get_group_desc(EXT2_SB(sb), group, NULL);
	bh = sb_bread(sb, gd->bg_block_bitmap);
	if (!bh)
		ext2_error(sb, "read_block_bitmap",
			   "cannot read block bitmap of group %u", group);
	return bh;
}

/* May current take a block?  The last ones are for root.  alloc_lock held. */
static bool has_free_blocks(const struct ext2_sb_info *sbi)
{
	u32 reserved = sbi->es->s_r_blocks_count;

	if (sbi->free_blocks > reserved)
		return true;
	if (sbi->free_blocks == 0)
		return false;
	return capable(CAP_SYS_RESOURCE) || sbi->resuid == current_fsuid() ||
	       (sbi->resgid != 0 && in_group_p(sbi->resgid));
}

/* First bit of a run of eight free ones from @from on; @size: none. */
static u32 find_free_byte(const u8 *map, u32 from, u32 size)
{
	u32 i;

	for (i = DIV_ROUND_UP(from, 8u); i < size / 8; i++) {
		if (map[i] == 0)
			return i * 8;
	}
	return size;
}

/* A free bit in [@from, @size), preferably with free ones behind it. */
static u32 find_free_bit(const struct buffer_head *bh, u32 from, u32 size)
{
	const unsigned long *map = (const unsigned long *)bh->b_data;
	u32 near_end = min(from + 64, size);
	u32 bit;

	/* Close to the goal is best of all. */
	bit = (u32)find_next_zero_bit(map, near_end, from);
	if (bit < near_end)
		return bit;
	bit = find_free_byte((const u8 *)bh->b_data, from, size);
	if (bit < size) {
		/* Back to where the free run begins. */
		while (bit > from && !bitmap_test(map, bit - 1))
			bit--;
		return bit;
	}
	return (u32)find_next_zero_bit(map, size, from);
}

/* Length of the free run at @bit, at most @max. */
static u32 free_run(const struct buffer_head *bh, u32 bit, u32 size, u32 max)
{
	u32 end = min(size - bit, max) + bit;

	return (u32)find_next_bit((const unsigned long *)bh->b_data, end, bit) -
	       bit;
}

/*
 * Take up to *@count blocks of @group from bit @from on; alloc_lock is held.
 * Returns the first block and *@count, or 0: nothing there.
 */
static u32 take_from_group(struct super_block *sb, u32 group, u32 from,
			   u32 *count)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 size = ext2_group_blocks(sbi, group);
	struct buffer_head *gd_bh;
	struct ext2_group_desc *gd;
	struct buffer_head *bh;
	u32 block;
	u32 bit;
	u32 nr;

	gd = ext2_get_group_desc(sbi, group, &gd_bh);
	if (gd->bg_free_blocks_count == 0 || from >= size)
		return 0;
	bh = read_block_bitmap(sb, group);
	if (!bh)
		return 0;
	bit = find_free_bit(bh, from, size);
	if (bit >= size) {
		brelse(bh);
		return 0;
	}
	nr = free_run(bh, bit, size, min(*count, sbi->free_blocks));
	nr = min(nr, (u32)gd->bg_free_blocks_count);
	block = ext2_group_first_block(sbi, group) + bit;
	if (!nr || ext2_is_metadata(sbi, block, nr) ||
	    !ext2_block_valid(sbi, block, nr)) {
		ext2_error(sb, "ext2_new_blocks",
			   "bitmap of group %u offers metadata as free", group);
		brelse(bh);
		return 0;
	}
	bitmap_set((unsigned long *)bh->b_data, bit, nr);
	mark_buffer_dirty(bh);
	brelse(bh);
	gd->bg_free_blocks_count -= nr;
	mark_buffer_dirty(gd_bh);
	sbi->free_blocks -= nr;
	*count = nr;
	return block;
}

/* Goal's group from the goal on, the other groups, its front part. */
static u32 find_blocks_locked(struct super_block *sb, u32 goal, u32 *count)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 offset = goal - sbi->first_data_block;
	u32 first = offset / sbi->blocks_per_group;
	u32 block;
	u32 i;

	block = take_from_group(sb, first, offset % sbi->blocks_per_group,
				count);
	for (i = 1; !block && i < sbi->groups_count; i++)
		block = take_from_group(sb, (first + i) % sbi->groups_count, 0,
					count);
	return block ? block : take_from_group(sb, first, 0, count);
}

u32 ext2_new_blocks(struct inode *inode, u32 goal, u32 *count, int *err)
{
	struct super_block *sb = inode->i_sb;
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 block = 0;

	if (goal <= sbi->first_data_block || goal >= sbi->blocks_count)
		goal = sbi->first_data_block + 1;
	mutex_lock(&sbi->alloc_lock);
	if (has_free_blocks(sbi))
		block = find_blocks_locked(sb, goal, count);
	mutex_unlock(&sbi->alloc_lock);
	if (!block) {
		*err = -ENOSPC;
		return 0;
	}
	inode_add_bytes(inode, (s64)*count << sb->s_blocksize_bits);
	*err = 0;
	return block;
}

/* Clear @count bits of one group; how many were set.  alloc_lock held. */
static u32 free_in_group(struct super_block *sb, u32 group, u32 bit, u32 count)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct buffer_head *bh = read_block_bitmap(sb, group);
	struct ext2_group_desc *gd;
	struct buffer_head *gd_bh;
	unsigned long *map;
	u32 freed = 0;
	u32 i;

	if (!bh)
		return 0;
	map = (unsigned long *)bh->b_data;
	for (i = bit; i < bit + count; i++) {
		if (bitmap_test(map, i)) {
			bitmap_clear_bit(map, i);
			freed++;
		}
	}
	mark_buffer_dirty(bh);
	brelse(bh);
	gd = ext2_get_group_desc(sbi, group, &gd_bh);
	gd->bg_free_blocks_count =
		(u16)min((u32)gd->bg_free_blocks_count + freed,
			 ext2_group_blocks(sbi, group));
	mark_buffer_dirty(gd_bh);
	sbi->free_blocks = min(sbi->free_blocks + freed, sbi->blocks_count);
	return freed;
}

bool ext2_free_blocks(struct inode *inode, u32 block, u32 count)
{
	struct super_block *sb = inode->i_sb;
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 total = count;
	u32 freed = 0;
	u32 offset;
	u32 bit;
	u32 now;

	if (!ext2_block_valid(sbi, block, count) ||
	    ext2_is_metadata(sbi, block, count)) {
		ext2_error(sb, "ext2_free_blocks",
			   "freeing blocks not in datazone - block = %u, count "
			   "= %u",
			   block, count);
		return false;
	}
	mutex_lock(&sbi->alloc_lock);
	for (; count; count -= now, block += now) {
		offset = block - sbi->first_data_block;
		bit = offset % sbi->blocks_per_group;
		now = min(count, sbi->blocks_per_group - bit);
		freed += free_in_group(sb, offset / sbi->blocks_per_group, bit,
				       now);
	}
	mutex_unlock(&sbi->alloc_lock);
	inode_sub_bytes(inode, (s64)freed << sb->s_blocksize_bits);
	if (freed != total)
		ext2_error(sb, "ext2_free_blocks",
			   "%u of %u blocks before %u were already free",
			   total - freed, total, block);
	return freed == total;
}
