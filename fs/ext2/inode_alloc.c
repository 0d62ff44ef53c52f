/*
 * inode_alloc.c - which inode numbers are free, and where new files go.
 *
 * A file goes into its directory's group, so that both are read together; a
 * directory into its parent's as long as that is not fuller than the average,
 * except that those in the root are spread over the disk.
 *
 * Locks: alloc_lock around a bitmap, its descriptor and the counters.
 *
 * Entry points: ext2_new_inode, ext2_free_inode.
 */
#include <fs/ext2/internal.h>

#include <fs/vfs/inode.h>
#include <kernel/base/errptr.h>
#include <kernel/base/random.h>
#include <kernel/lib/bitmap.h>
#include <kernel/sched/mutex.h>

static struct buffer_head *read_inode_bitmap(struct super_block *sb, u32 group)
{
	struct ext2_group_desc *gd;
	struct buffer_head *bh;

	gd = ext2_get_group_desc(EXT2_SB(sb), group, NULL);
	bh = sb_bread(sb, gd->bg_inode_bitmap);
	if (!bh)
		ext2_error(sb, "read_inode_bitmap",
			   "cannot read inode bitmap of group %u", group);
	return bh;
}

/* Of the groups that are better than average, the one with the fewest
 * directories; for directories of the root.  -1: none. */
static s64 find_group_spread(struct ext2_sb_info *sbi)
{
	u32 avg_inodes = sbi->free_inodes / sbi->groups_count;
	u32 avg_blocks = sbi->free_blocks / sbi->groups_count;
	const struct ext2_group_desc *gd;
	u32 fewest = UINT32_MAX;
	s64 best = -1;
	u32 g;

	for (g = 0; g < sbi->groups_count; g++) {
		gd = ext2_get_group_desc(sbi, g, NULL);
		if (!gd->bg_free_inodes_count ||
		    gd->bg_free_inodes_count < avg_inodes ||
		    gd->bg_free_blocks_count < avg_blocks ||
		    gd->bg_used_dirs_count >= fewest)
			continue;
		best = g;
		fewest = gd->bg_used_dirs_count;
	}
	return best;
}

/* The first group from @start on with at least so much free; -1: none. */
static s64 find_group_from(struct ext2_sb_info *sbi, u32 start, u32 inodes,
			   u32 blocks)
{
	const struct ext2_group_desc *gd;
	u32 i;
	u32 g;

	for (i = 0; i < sbi->groups_count; i++) {
		g = (start + i) % sbi->groups_count;
		gd = ext2_get_group_desc(sbi, g, NULL);
		if (gd->bg_free_inodes_count >= max(inodes, 1u) &&
		    gd->bg_free_blocks_count >= blocks)
			return g;
	}
	return -1;
}

/* Where the new inode should be; -1: no inode is free.  alloc_lock held. */
static s64 choose_group(struct ext2_sb_info *sbi, const struct inode *dir,
			bool is_dir)
{
	u32 parent = min(EXT2_I(dir)->block_group, sbi->groups_count - 1);
	s64 group = -1;

	if (is_dir && dir->i_ino == EXT2_ROOT_INO)
		group = find_group_spread(sbi);
	if (group < 0 && is_dir)
		group = find_group_from(
			sbi, parent, sbi->free_inodes / sbi->groups_count / 4,
			sbi->free_blocks / sbi->groups_count / 4);
	if (group < 0)
		group = find_group_from(sbi, parent, 1, 1);
	if (group < 0)
		group = find_group_from(sbi, parent, 1, 0);
	return group;
}

/* Take a free inode of @group; 0: there is none after all. */
static u32 take_inode(struct super_block *sb, u32 group, bool is_dir)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct buffer_head *bh = read_inode_bitmap(sb, group);
	struct ext2_group_desc *gd;
	struct buffer_head *gd_bh;
	unsigned long *map;
	u32 bit;

	if (!bh)
		return 0;
	map = (unsigned long *)bh->b_data;
	/* Group 0 begins with the reserved ones, whatever the bitmap says. */
	bit = (u32)find_next_zero_bit(map, sbi->inodes_per_group,
				      group == 0 ? sbi->first_ino - 1 : 0);
	if (bit >= sbi->inodes_per_group) {
		brelse(bh);
		ext2_error(sb, "ext2_new_inode",
			   "group %u has free inodes but its bitmap has none",
			   group);
		return 0;
	}
	bitmap_set_bit(map, bit);
	mark_buffer_dirty(bh);
	brelse(bh);
	gd = ext2_get_group_desc(sbi, group, &gd_bh);
	gd->bg_free_inodes_count--;
	sbi->free_inodes--;
	if (is_dir) {
		gd->bg_used_dirs_count++;
		sbi->dirs++;
	}
	mark_buffer_dirty(gd_bh);
	return group * sbi->inodes_per_group + bit + 1;
}

static u32 alloc_inode_number(struct super_block *sb, const struct inode *dir,
			      bool is_dir)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	s64 start;
	s64 group;
	u32 ino = 0;
	u32 tries;

	mutex_lock(&sbi->alloc_lock);
	start = choose_group(sbi, dir, is_dir);
	group = start;
	/* A damaged bitmap costs one group, not the file. */
	for (tries = 0; group >= 0 && !ino && tries < sbi->groups_count;
	     tries++) {
		ino = take_inode(sb, (u32)group, is_dir);
		if (!ino)
			group = find_group_from(
				sbi, ((u32)group + 1) % sbi->groups_count, 1,
				0);
	}
	mutex_unlock(&sbi->alloc_lock);
	return ino;
}

/* Give the number back. */
static void free_inode_number(struct super_block *sb, u32 ino, bool is_dir)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 group = (ino - 1) / sbi->inodes_per_group;
	u32 bit = (ino - 1) % sbi->inodes_per_group;
	struct ext2_group_desc *gd;
	struct buffer_head *gd_bh;
	struct buffer_head *bh;
	bool was_set = false;

	mutex_lock(&sbi->alloc_lock);
	bh = read_inode_bitmap(sb, group);
	if (bh) {
		was_set = bitmap_test((unsigned long *)bh->b_data, bit);
		bitmap_clear_bit((unsigned long *)bh->b_data, bit);
		mark_buffer_dirty(bh);
		brelse(bh);
	}
	if (was_set) {
		gd = ext2_get_group_desc(sbi, group, &gd_bh);
		gd->bg_free_inodes_count++;
		sbi->free_inodes++;
		if (is_dir && gd->bg_used_dirs_count) {
			gd->bg_used_dirs_count--;
			sbi->dirs--;
		}
		mark_buffer_dirty(gd_bh);
	}
	mutex_unlock(&sbi->alloc_lock);
	if (bh && !was_set)
		ext2_error(sb, "ext2_free_inode",
			   "bit already cleared for inode %u", ino);
}

/* Owner, mode and times of a new file. */
static void init_new_inode(struct inode *inode, struct inode *dir, umode_t mode,
			   u32 ino)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct ext2_inode_info *ei = EXT2_I(inode);

	inode_init_owner(inode, dir, mode);
	if (sbi->mount_opt & EXT2_MOUNT_GRPID)
		inode->i_gid = dir->i_gid;
	inode->i_ino = ino;
	inode->i_blocks = 0;
	inode->i_mtime = current_time(inode);
	inode->i_atime = inode->i_mtime;
	inode->i_ctime = inode->i_mtime;
	inode->i_generation = get_random_u32();
	inode->i_blkbits = inode->i_sb->s_blocksize_bits;
	ei->i_flags = EXT2_I(dir)->i_flags & EXT2_FL_INHERITED;
	if (!S_ISDIR(mode))
		ei->i_flags &= ~(u32)EXT2_DIRSYNC_FL;
	if (!S_ISDIR(mode) && !S_ISREG(mode))
		ei->i_flags &= EXT2_NODUMP_FL | EXT2_NOATIME_FL;
	ei->block_group = (ino - 1) / sbi->inodes_per_group;
	set_bit(EXT2_STATE_NEW, &ei->state);
	set_nlink(inode, 1);
	ext2_set_inode_flags(inode);
}

struct inode *ext2_new_inode(struct inode *dir, umode_t mode)
{
	struct super_block *sb = dir->i_sb;
	struct inode *inode;
	u32 ino;
	int err;

	inode = new_inode(sb);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	ino = alloc_inode_number(sb, dir, S_ISDIR(mode));
	if (!ino) {
		make_bad_inode(inode);
		iput(inode);
		return ERR_PTR(-ENOSPC);
	}
	init_new_inode(inode, dir, mode, ino);
	err = insert_inode_locked(inode);
	if (err) {
		/* In use although the bitmap said it is free: leave it set. */
		ext2_error(sb, "ext2_new_inode",
			   "inode number already in use - inode=%u", ino);
		make_bad_inode(inode);
		iput(inode);
		return ERR_PTR(-EIO);
	}
	mark_inode_dirty(inode);
	return inode;
}

void ext2_free_inode(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;

	if (!ext2_valid_inum(sb, inode->i_ino) ||
	    inode->i_ino == EXT2_ROOT_INO) {
		ext2_error(sb, "ext2_free_inode",
			   "reserved or nonexistent inode %llu", inode->i_ino);
		return;
	}
	free_inode_number(sb, (u32)inode->i_ino, S_ISDIR(inode->i_mode));
}
