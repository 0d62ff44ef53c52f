/*
 * group.c - block groups: their descriptors, and what is whose.
 *
 * Descriptors are read once at mount and kept; each number in them is checked
 * then, so that later code may use it.
 *
 * Entry points: ext2_load_groups, ext2_get_group_desc, ext2_is_metadata,
 * ext2_block_valid.
 */
#include <fs/ext2/internal.h>

#include <kernel/alloc/slab.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/base/assert.h>
#include <kernel/base/printk.h>

/* Is @n a power of @base? */
static bool is_power_of(u32 n, u32 base)
{
	u64 power = base;

	while (power < n)
		power *= base;
	return power == n;
}

bool ext2_bg_has_super(const struct ext2_sb_info *sbi, u32 group)
{
	if (!(sbi->es->s_feature_ro_compat &
	      EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER))
		return true;
	return group <= 1 || is_power_of(group, 3) || is_power_of(group, 5) ||
	       is_power_of(group, 7);
}

u32 ext2_group_blocks(const struct ext2_sb_info *sbi, u32 group)
{
	u32 first = ext2_group_first_block(sbi, group);

	return min(sbi->blocks_per_group, sbi->blocks_count - first);
}

/* Block that holds the @nr-th block of descriptors. */
static u64 descriptor_block(const struct ext2_sb_info *sbi, u64 sb_block,
			    u32 nr)
{
	u32 group = nr * sbi->desc_per_block;

	if (!(sbi->es->s_feature_incompat & EXT2_FEATURE_INCOMPAT_META_BG) ||
	    nr < sbi->es->s_first_meta_bg)
		return sb_block + nr + 1;
	return ext2_group_first_block(sbi, group) +
	       (ext2_bg_has_super(sbi, group) ? 1 : 0);
}

struct ext2_group_desc *ext2_get_group_desc(struct ext2_sb_info *sbi, u32 group,
					    struct buffer_head **bh)
{
	struct buffer_head *block;

	assert(group < sbi->groups_count);
	block = sbi->group_desc[group / sbi->desc_per_block];
	if (bh)
		*bh = block;
	return (struct ext2_group_desc *)block->b_data +
	       group % sbi->desc_per_block;
}

/* Does [@block, +@nr) lie inside the file system? */
static bool in_range(const struct ext2_sb_info *sbi, u32 block, u32 nr)
{
	return block >= sbi->first_data_block && block < sbi->blocks_count &&
	       nr <= sbi->blocks_count - block;
}

static bool group_desc_valid(const struct ext2_sb_info *sbi,
			     const struct ext2_group_desc *gd, u32 group)
{
	u32 blocks = ext2_group_blocks(sbi, group);
	u32 first = ext2_group_first_block(sbi, group);

	/* Without flex_bg everything of a group lies in it. */
	return gd->bg_block_bitmap >= first &&
	       gd->bg_block_bitmap - first < blocks &&
	       gd->bg_inode_bitmap >= first &&
	       gd->bg_inode_bitmap - first < blocks &&
	       gd->bg_inode_table >= first &&
	       gd->bg_inode_table - first < blocks &&
	       sbi->itb_per_group <= blocks - (gd->bg_inode_table - first);
}

/* Sum up the counters; -EFSCORRUPTED for a descriptor that can't be. */
static int check_groups(struct super_block *sb, bool silent)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	const struct ext2_group_desc *gd;
	u64 blocks = 0;
	u64 inodes = 0;
	u32 g;

	for (g = 0; g < sbi->groups_count; g++) {
		gd = ext2_get_group_desc(sbi, g, NULL);
		if (!group_desc_valid(sbi, gd, g)) {
			if (!silent)
				pr_err("EXT2-fs (%s): error: group descriptor "
				       "%u is damaged\n",
				       sb->s_id, g);
			return -EFSCORRUPTED;
		}
		blocks += gd->bg_free_blocks_count;
		inodes += gd->bg_free_inodes_count;
		sbi->dirs += gd->bg_used_dirs_count;
	}
	sbi->free_blocks = (u32)min(blocks, (u64)sbi->blocks_count);
	sbi->free_inodes = (u32)min(inodes, (u64)sbi->inodes_count);
	return 0;
}

/* Blocks no file can have, for statfs: f_blocks is without them. */
static u64 count_overhead(const struct ext2_sb_info *sbi)
{
	u64 overhead = sbi->first_data_block;
	u32 g;

	for (g = 0; g < sbi->groups_count; g++) {
		if (ext2_bg_has_super(sbi, g))
			overhead += 1 + sbi->gdb_count;
	}
	return overhead +
	       (u64)sbi->groups_count * (2 + (u64)sbi->itb_per_group);
}

int ext2_load_groups(struct super_block *sb, bool silent)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u64 sb_block = sbi->first_data_block;
	u64 block;
	u32 i;

	sbi->gdb_count = DIV_ROUND_UP(sbi->groups_count, sbi->desc_per_block);
	/* A 4 TiB device has 32,768 groups of 128 MiB: 256 blocks. */
	sbi->group_desc =
		vzalloc((size_t)sbi->gdb_count * sizeof(*sbi->group_desc));
	if (!sbi->group_desc)
		return -ENOMEM;
	for (i = 0; i < sbi->gdb_count; i++) {
		block = descriptor_block(sbi, sb_block, i);
		sbi->group_desc[i] = sb_bread(sb, block);
		if (!sbi->group_desc[i]) {
			if (!silent)
				pr_err("EXT2-fs (%s): error: unable to read "
				       "group descriptors\n",
				       sb->s_id);
			return -EIO;
		}
	}
	sbi->overhead = count_overhead(sbi);
	return check_groups(sb, silent);
}

void ext2_put_groups(struct ext2_sb_info *sbi)
{
	u32 i;

	if (!sbi->group_desc)
		return;
	for (i = 0; i < sbi->gdb_count; i++)
		brelse(sbi->group_desc[i]);
	vfree(sbi->group_desc);
	sbi->group_desc = NULL;
}

static bool overlaps(u32 a, u32 nr_a, u32 b, u32 nr_b)
{
	return a < b ? b - a < nr_a : a - b < nr_b;
}

bool ext2_is_metadata(struct ext2_sb_info *sbi, u32 block, u32 nr)
{
	u32 group = (block - sbi->first_data_block) / sbi->blocks_per_group;
	u32 last = (block + nr - 1 - sbi->first_data_block) /
		   sbi->blocks_per_group;
	const struct ext2_group_desc *gd;

	for (; group <= last && group < sbi->groups_count; group++) {
		gd = ext2_get_group_desc(sbi, group, NULL);
		if (overlaps(block, nr, gd->bg_block_bitmap, 1) ||
		    overlaps(block, nr, gd->bg_inode_bitmap, 1) ||
		    overlaps(block, nr, gd->bg_inode_table, sbi->itb_per_group))
			return true;
	}
	return false;
}

bool ext2_block_valid(const struct ext2_sb_info *sbi, u32 block, u32 nr)
{
	/* The first data block is the superblock's. */
	return nr && block > sbi->first_data_block && in_range(sbi, block, nr);
}
