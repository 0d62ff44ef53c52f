/*
 * inode.c - inodes between the table on disk and memory.
 *
 * The raw inode is changed only by ext2_write_inode, so the table's buffers
 * always hold whole, consistent inodes; the times between are covered by the
 * VFS's dirty marks.
 *
 * Entry points: ext2_iget, ext2_write_inode, ext2_evict_inode, ext2_setattr,
 * ext2_getattr.
 */
#include <fs/ext2/internal.h>

#include <fs/vfs/attr.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/stat.h>
#include <fs/vfs/super.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/mm/truncate.h>
#include <kernel/time/clock.h>

/* The raw inode @ino inside *@bh (referenced), or NULL. */
static struct ext2_inode *get_raw_inode(struct super_block *sb, u64 ino,
					struct buffer_head **bh)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_group_desc *gd;
	u32 nr = (u32)ino - 1;
	u32 offset = nr % sbi->inodes_per_group;

	gd = ext2_get_group_desc(sbi, nr / sbi->inodes_per_group, NULL);
	*bh = sb_bread(sb, gd->bg_inode_table + offset / sbi->inodes_per_block);
	if (!*bh) {
		ext2_error(sb, "ext2_get_inode",
			   "unable to read inode block - inode=%llu", ino);
		return NULL;
	}
	return (struct ext2_inode *)((*bh)->b_data +
				     (size_t)(offset % sbi->inodes_per_block) *
					     sbi->inode_size);
}

void ext2_set_inode_flags(struct inode *inode)
{
	u32 flags = EXT2_I(inode)->i_flags;

	inode->i_flags &=
		~(unsigned int)(S_SYNC | S_APPEND | S_IMMUTABLE | S_NOATIME);
	if (flags & EXT2_SYNC_FL)
		inode->i_flags |= S_SYNC;
	if (flags & EXT2_APPEND_FL)
		inode->i_flags |= S_APPEND;
	if (flags & EXT2_IMMUTABLE_FL)
		inode->i_flags |= S_IMMUTABLE;
	if (flags & EXT2_NOATIME_FL)
		inode->i_flags |= S_NOATIME;
}

void ext2_set_ops(struct inode *inode)
{
	if (S_ISREG(inode->i_mode)) {
		inode->i_op = &ext2_file_iops;
		inode->i_fop = &ext2_file_fops;
		inode->i_mapping->a_ops = &ext2_aops;
	} else if (S_ISDIR(inode->i_mode)) {
		inode->i_op = &ext2_dir_iops;
		inode->i_fop = &ext2_dir_fops;
	} else if (S_ISLNK(inode->i_mode)) {
		if (ext2_fast_symlink(inode)) {
			inode->i_op = &ext2_fast_symlink_iops;
		} else {
			inode->i_op = &ext2_symlink_iops;
			inode->i_mapping->a_ops = &ext2_aops;
		}
	} else {
		inode->i_op = &ext2_special_iops;
		init_special_inode(inode, inode->i_mode, inode->i_rdev);
	}
}

static struct timespec raw_time(u32 seconds)
{
	return (struct timespec){.tv_sec = (s32)seconds};
}

static void read_raw(struct inode *inode, const struct ext2_inode *raw)
{
	struct ext2_inode_info *ei = EXT2_I(inode);

	inode->i_mode = raw->i_mode;
	inode->i_uid = raw->i_uid | (uid_t)raw->i_uid_high << 16;
	inode->i_gid = raw->i_gid | (gid_t)raw->i_gid_high << 16;
	set_nlink(inode, raw->i_links_count);
	inode->i_atime = raw_time(raw->i_atime);
	inode->i_mtime = raw_time(raw->i_mtime);
	inode->i_ctime = raw_time(raw->i_ctime);
	inode->i_blocks = raw->i_blocks;
	inode->i_generation = raw->i_generation;
	inode->i_blkbits = inode->i_sb->s_blocksize_bits;
	ei->i_flags = raw->i_flags;
	ei->i_file_acl = raw->i_file_acl;
	ei->i_dtime = raw->i_dtime;
	ei->block_group = (u32)(inode->i_ino - 1) /
			  EXT2_SB(inode->i_sb)->inodes_per_group;
	memcpy(ei->i_data, raw->i_block, sizeof(ei->i_data));
	if (S_ISCHR(raw->i_mode) || S_ISBLK(raw->i_mode))
		inode->i_rdev = raw->i_block[0]
					? MKDEV(raw->i_block[0] >> 8 & 0xff,
						raw->i_block[0] & 0xff)
					: new_decode_dev(raw->i_block[1]);
	ext2_set_inode_flags(inode);
}

/* Can the size be true?  What is longer would hang a reader. */
static bool size_plausible(const struct inode *inode, u64 size)
{
	const struct super_block *sb = inode->i_sb;
	u64 blocks = size >> sb->s_blocksize_bits;

	if (size > sb->s_maxbytes)
		return false;
	if (S_ISDIR(inode->i_mode))
		return !(size & (sb->s_blocksize - 1)) &&
		       blocks <= EXT2_SB(sb)->blocks_count;
	if (S_ISLNK(inode->i_mode))
		return ext2_fast_symlink(inode)
			       ? size < sizeof(EXT2_I(inode)->i_data)
			       : size < sb->s_blocksize;
	return true;
}

/* Check and take over the raw inode.  0, -ESTALE or -EFSCORRUPTED. */
static int fill_inode(struct inode *inode, const struct ext2_inode *raw)
{
	struct super_block *sb = inode->i_sb;
	struct ext2_inode_info *ei = EXT2_I(inode);
	u64 size = raw->i_size;

	/* Deleted, and reached through an old file handle or entry. */
	if (raw->i_links_count == 0 && (raw->i_mode == 0 || raw->i_dtime))
		return -ESTALE;
	read_raw(inode, raw);
	if (S_ISREG(raw->i_mode))
		size |= (u64)raw->i_size_high << 32;
	if (!size_plausible(inode, size) ||
	    (ei->i_file_acl &&
	     !ext2_block_valid(EXT2_SB(sb), ei->i_file_acl, 1))) {
		ext2_error(sb, "ext2_iget", "bad inode %llu: size %llu, acl %u",
			   inode->i_ino, size, ei->i_file_acl);
		return -EFSCORRUPTED;
	}
	i_size_write(inode, (loff_t)size);
	if (ext2_fast_symlink(inode))
		((char *)ei->i_data)[size] = '\0';
	else if (inode->i_blocks)
		set_bit(EXT2_STATE_BLOCKS, &ei->state);
	set_bit(EXT2_STATE_LINKED, &ei->state);
	return 0;
}

struct inode *ext2_iget(struct super_block *sb, u64 ino)
{
	struct ext2_inode *raw;
	struct buffer_head *bh;
	struct inode *inode;
	int err;

	if (!ext2_valid_inum(sb, ino))
		return ERR_PTR(-EINVAL);
	inode = iget_locked(sb, ino);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!(inode->i_state & I_NEW))
		return inode;

	raw = get_raw_inode(sb, ino, &bh);
	err = raw ? fill_inode(inode, raw) : -EIO;
	if (raw)
		brelse(bh);
	if (err) {
		iget_failed(inode);
		return ERR_PTR(err);
	}
	ext2_set_ops(inode);
	unlock_new_inode(inode);
	return inode;
}

/* The old encoding where it fits, as Linux does. */
static void write_device(struct ext2_inode *raw, dev_t dev)
{
	memset(raw->i_block, 0, sizeof(raw->i_block));
	if (MAJOR(dev) < 256 && MINOR(dev) < 256)
		raw->i_block[0] = MAJOR(dev) << 8 | MINOR(dev);
	else
		raw->i_block[1] = new_encode_dev(dev);
}

static void write_raw(const struct inode *inode, struct ext2_inode *raw)
{
	const struct ext2_inode_info *ei = EXT2_I(inode);
	u64 size = (u64)i_size_read(inode);

	raw->i_mode = inode->i_mode;
	raw->i_uid = (u16)inode->i_uid;
	raw->i_uid_high = (u16)(inode->i_uid >> 16);
	raw->i_gid = (u16)inode->i_gid;
	raw->i_gid_high = (u16)(inode->i_gid >> 16);
	raw->i_links_count = (u16)inode->i_nlink;
	raw->i_size = (u32)size;
	if (S_ISREG(inode->i_mode))
		raw->i_size_high = (u32)(size >> 32);
	raw->i_atime = (u32)inode->i_atime.tv_sec;
	raw->i_mtime = (u32)inode->i_mtime.tv_sec;
	raw->i_ctime = (u32)inode->i_ctime.tv_sec;
	raw->i_dtime = ei->i_dtime;
	raw->i_blocks = (u32)inode->i_blocks;
	raw->i_flags = ei->i_flags;
	raw->i_generation = inode->i_generation;
	raw->i_file_acl = ei->i_file_acl;
	if (S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode))
		write_device(raw, inode->i_rdev);
	else
		memcpy(raw->i_block, ei->i_data, sizeof(raw->i_block));
}

/* A new inode's name must be on disk first: nobody would find the file. */
static int sync_dirent(struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	u32 block = xchg(&ei->dirent_block, 0);
	struct buffer_head *bh;
	int err;

	if (!block || inode->i_nlink == 0)
		return 0;
	bh = sb_find_get_block(inode->i_sb, block);
	if (!bh)
		return 0;
	err = sync_dirty_buffer(bh);
	brelse(bh);
	return err;
}

int ext2_write_inode(struct inode *inode, bool sync)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	struct super_block *sb = inode->i_sb;
	struct ext2_inode *raw;
	struct buffer_head *bh;
	int err;

	if (is_bad_inode(inode))
		return 0;
	err = sync_dirent(inode);
	if (err)
		return err;
	raw = get_raw_inode(sb, inode->i_ino, &bh);
	if (!raw)
		return -EIO;
	if (S_ISREG(inode->i_mode) && i_size_read(inode) > INT32_MAX)
		ext2_set_large_file(sb);
	/* What lies behind the first 128 bytes is an earlier owner's. */
	if (test_and_clear_bit(EXT2_STATE_NEW, &ei->state))
		memset(raw, 0, EXT2_SB(sb)->inode_size);
	write_raw(inode, raw);
	if (inode->i_blocks)
		set_bit(EXT2_STATE_BLOCKS, &ei->state);
	if (inode->i_nlink)
		set_bit(EXT2_STATE_LINKED, &ei->state);
	mark_buffer_dirty(bh);
	if (sync)
		err = sync_dirty_buffer(bh);
	brelse(bh);
	return err;
}

/* The last link is gone: blocks, attributes and number are free again. */
static void delete_inode(struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	bool mapped = !ext2_fast_symlink(inode) &&
		      (S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode) ||
		       S_ISLNK(inode->i_mode));
	bool shown = test_bit(EXT2_STATE_LINKED, &ei->state) ||
		     test_bit(EXT2_STATE_BLOCKS, &ei->state);
	u32 data[EXT2_N_BLOCKS];
	u32 acl = ei->i_file_acl;

	memcpy(data, ei->i_data, sizeof(data));
	if (mapped)
		memset(ei->i_data, 0, sizeof(ei->i_data));
	i_size_write(inode, 0);
	ei->i_dtime = (u32)ktime_get_real_seconds();
	ei->i_file_acl = 0;
	(void)ext2_write_inode(inode, shown);

	if (mapped)
		ext2_free_all_blocks(inode, data);
	ei->i_file_acl = acl;
	ext2_xattr_delete(inode);
	/* i_blocks has become 0; not worth a second wait. */
	(void)ext2_write_inode(inode, false);
	ext2_free_inode(inode);
}

void ext2_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	if (!is_bad_inode(inode) && inode->i_nlink == 0 &&
	    !sb_rdonly(inode->i_sb))
		delete_inode(inode);
	clear_inode(inode);
}

int ext2_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int err;

	err = setattr_prepare(dentry, attr);
	if (err)
		return err;
	if ((attr->ia_valid & ATTR_SIZE) &&
	    attr->ia_size != i_size_read(inode)) {
		err = ext2_setsize(inode, attr->ia_size);
		if (err)
			return err;
	}
	setattr_copy(inode, attr);
	mark_inode_dirty(inode);
	return 0;
}

int ext2_getattr(const struct path *path, struct kstat *stat)
{
	struct inode *inode = d_inode(path->dentry);
	u32 flags = EXT2_I(inode)->i_flags;

	generic_fillattr(inode, stat);
	if (flags & EXT2_APPEND_FL)
		stat->attributes |= STATX_ATTR_APPEND;
	if (flags & EXT2_COMPR_FL)
		stat->attributes |= STATX_ATTR_COMPRESSED;
	if (flags & EXT2_IMMUTABLE_FL)
		stat->attributes |= STATX_ATTR_IMMUTABLE;
	if (flags & EXT2_NODUMP_FL)
		stat->attributes |= STATX_ATTR_NODUMP;
	stat->attributes_mask |= STATX_ATTR_APPEND | STATX_ATTR_COMPRESSED |
				 STATX_ATTR_IMMUTABLE | STATX_ATTR_NODUMP;
	return 0;
}
