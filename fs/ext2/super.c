/*
 * super.c - mounting and unmounting: what is on the disk, is it sane, and the
 * clean flag.
 *
 * Everything in the superblock is checked before use; a damaged or unknown
 * image is refused with a line that says why.  While mounted for writing
 * s_state lacks EXT2_VALID_FS; unmount and remount read-only put back what
 * was there, so that a file system that was not clean stays so until e2fsck.
 *
 * Locks: the VFS holds s_umount around all of these.
 *
 * Entry points: ext2_init, ext2_error, ext2_update_super.
 */
#include <fs/ext2/internal.h>

#include <fs/ext2/ext2.h>
#include <fs/ext2/options.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/seq_file.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>
#include <kernel/mm/truncate.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rwsem.h>
#include <kernel/time/clock.h>
#include <kernel/types/time.h>

static struct kmem_cache *ext2_inode_cache __read_mostly;

static struct inode *ext2_alloc_inode(struct super_block *sb)
{
	struct ext2_inode_info *ei = kmem_cache_zalloc(ext2_inode_cache);

	if (!ei)
		return NULL;
	init_rwsem(&ei->map_lock, LOCK_TRUNCATE);
	return &ei->vfs_inode;
}

static void ext2_free_inode_struct(struct inode *inode)
{
	kmem_cache_free(ext2_inode_cache, EXT2_I(inode));
}

void ext2_error(struct super_block *sb, const char *function, const char *fmt,
		...)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	pr_crit("EXT2-fs (%s): error: %s: %s\n", sb->s_id, function, text);

	if (!sb_rdonly(sb)) {
		sbi->mount_state |= EXT2_ERROR_FS;
		sbi->es->s_state |= EXT2_ERROR_FS;
		mark_buffer_dirty(sbi->sbh);
		(void)sync_dirty_buffer(sbi->sbh);
	}
	if (sbi->mount_opt & EXT2_MOUNT_ERRORS_PANIC)
		panic("EXT2-fs (%s): panic forced after error", sb->s_id);
	if ((sbi->mount_opt & EXT2_MOUNT_ERRORS_RO) && !sb_rdonly(sb)) {
		pr_crit("EXT2-fs (%s): error: remounting filesystem "
			"read-only\n",
			sb->s_id);
		sb->s_flags |= SB_RDONLY;
	}
}

void ext2_update_super(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	mutex_lock(&sbi->alloc_lock);
	sbi->es->s_free_blocks_count = sbi->free_blocks;
	sbi->es->s_free_inodes_count = sbi->free_inodes;
	mutex_unlock(&sbi->alloc_lock);
	sbi->es->s_wtime = (u32)ktime_get_real_seconds();
	mark_buffer_dirty(sbi->sbh);
}

void ext2_set_large_file(struct super_block *sb)
{
	struct ext2_super_block *es = EXT2_SB(sb)->es;

	if (es->s_feature_ro_compat & EXT2_FEATURE_RO_COMPAT_LARGE_FILE)
		return;
	es->s_rev_level = EXT2_DYNAMIC_REV;
	es->s_feature_ro_compat |= EXT2_FEATURE_RO_COMPAT_LARGE_FILE;
	ext2_update_super(sb);
	(void)sync_dirty_buffer(EXT2_SB(sb)->sbh);
}

/* Everything dirty to disk, then the superblock with @state. */
static int write_state(struct super_block *sb, u16 state)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	int err;
	int err2;

	err = sync_blockdev(sb->s_bdev);
	sbi->es->s_state = state;
	ext2_update_super(sb);
	err2 = sync_dirty_buffer(sbi->sbh);
	err = err ? err : err2;
	err2 = blkdev_issue_flush(sb->s_bdev);
	return err ? err : err2;
}

/* From now on the disk is not clean; count the mount. */
static int begin_writing(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_super_block *es = sbi->es;

	sbi->mount_state = es->s_state;
	if (!(sbi->mount_state & EXT2_VALID_FS))
		pr_warn("EXT2-fs (%s): warning: mounting unchecked fs, running "
			"e2fsck is recommended\n",
			sb->s_id);
	else if (sbi->mount_state & EXT2_ERROR_FS)
		pr_warn("EXT2-fs (%s): warning: mounting fs with errors, "
			"running e2fsck is recommended\n",
			sb->s_id);
	es->s_mnt_count++;
	es->s_mtime = (u32)ktime_get_real_seconds();
	return write_state(sb, es->s_state & (u16)~EXT2_VALID_FS);
}

static void release_info(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	ext2_put_groups(sbi);
	brelse(sbi->sbh);
	kfree(sbi);
	sb->s_fs_info = NULL;
}

static void ext2_put_super(struct super_block *sb)
{
	if (!sb_rdonly(sb))
		(void)write_state(sb, EXT2_SB(sb)->mount_state);
	release_info(sb);
}

static int ext2_sync_fs(struct super_block *sb, bool wait)
{
	if (sb_rdonly(sb))
		return 0;
	ext2_update_super(sb);
	if (!wait)
		return sync_blockdev_nowait(sb->s_bdev);
	return write_state(sb, EXT2_SB(sb)->es->s_state);
}

static int ext2_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct super_block *sb = dentry->d_sb;
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_super_block *es = sbi->es;
	u64 fsid[2];

	mutex_lock(&sbi->alloc_lock);
	buf->f_bfree = sbi->free_blocks;
	buf->f_ffree = sbi->free_inodes;
	mutex_unlock(&sbi->alloc_lock);
	buf->f_type = EXT2_SUPER_MAGIC;
	buf->f_bsize = sb->s_blocksize;
	buf->f_frsize = sb->s_blocksize;
	buf->f_namelen = EXT2_NAME_LEN;
	buf->f_blocks = sbi->blocks_count;
	if (!(sbi->mount_opt & EXT2_MOUNT_MINIX_DF))
		buf->f_blocks -= min(sbi->overhead, (u64)sbi->blocks_count);
	buf->f_bavail = buf->f_bfree > es->s_r_blocks_count
				? buf->f_bfree - es->s_r_blocks_count
				: 0;
	buf->f_files = sbi->inodes_count;
	memcpy(fsid, es->s_uuid, sizeof(fsid));
	buf->f_fsid = fsid[0] ^ fsid[1];
	return 0;
}

/* Features that make a file system read-only for us; logs why. */
static bool must_be_readonly(struct super_block *sb, bool silent)
{
	u32 unknown = EXT2_SB(sb)->es->s_feature_ro_compat &
		      ~(u32)EXT2_FEATURE_RO_COMPAT_SUPPORTED;

	if (unknown && !silent)
		pr_err("EXT2-fs (%s): error: couldn't mount RDWR because of "
		       "unsupported optional features (%x)\n",
		       sb->s_id, unknown);
	return unknown;
}

static int ext2_remount(struct super_block *sb, int *flags, char *data)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_options opts = ext2_current_options(sbi);
	int err;

	err = ext2_parse_options(sb, data, &opts);
	if (err)
		return err;
	if (!!(*flags & SB_RDONLY) == !!sb_rdonly(sb)) {
		ext2_apply_options(sbi, &opts);
		return 0;
	}
	if (*flags & SB_RDONLY) {
		err = write_state(sb, sbi->mount_state);
	} else if (must_be_readonly(sb, false) || bdev_read_only(sb->s_bdev)) {
		err = -EROFS;
	} else {
		err = begin_writing(sb);
	}
	if (!err)
		ext2_apply_options(sbi, &opts);
	return err;
}

static const struct super_operations ext2_sops = {
	.alloc_inode = ext2_alloc_inode,
	.free_inode = ext2_free_inode_struct,
	.write_inode = ext2_write_inode,
	.evict_inode = ext2_evict_inode,
	.put_super = ext2_put_super,
	.sync_fs = ext2_sync_fs,
	.statfs = ext2_statfs,
	.remount = ext2_remount,
	.show_options = ext2_show_options,
};

/* Largest file: what the tree can address and i_blocks can count. */
static u64 max_file_size(const struct ext2_sb_info *sbi, unsigned int bits)
{
	u64 apb = sbi->addr_per_block;
	u64 blocks = EXT2_NDIR_BLOCKS + apb + apb * apb + apb * apb * apb;
	/* i_blocks is 32 bits of sectors; indirect blocks count as well. */
	u64 counted = (u64)UINT32_MAX >> (bits - 9);

	counted -= 1 + (1 + counted / apb) +
		   (1 + counted / apb + counted / (apb * apb));
	blocks = min(blocks, counted);
	blocks = min(blocks, (u64)INT32_MAX);
	return blocks << bits;
}

/* The sizes and counts of the superblock; a reason, or NULL if all is sane. */
static const char *check_geometry(const struct ext2_super_block *es,
				  unsigned int block_size, u64 device_blocks)
{
	u32 inode_size = es->s_rev_level == EXT2_GOOD_OLD_REV
				 ? EXT2_GOOD_OLD_INODE_SIZE
				 : es->s_inode_size;
	u64 groups;

	if (inode_size < EXT2_GOOD_OLD_INODE_SIZE ||
	    !is_power_of_2(inode_size) || inode_size > block_size)
		return "unsupported inode size";
	if (es->s_log_frag_size != es->s_log_block_size)
		return "fragments are not supported";
	if (es->s_blocks_per_group == 0 ||
	    es->s_blocks_per_group > block_size * 8)
		return "bad number of blocks per group";
	if (es->s_inodes_per_group == 0 ||
	    es->s_inodes_per_group > block_size * 8 ||
	    es->s_inodes_per_group % (block_size / inode_size) != 0)
		return "bad number of inodes per group";
	if (es->s_first_data_block != (block_size == 1024 ? 1 : 0) ||
	    es->s_blocks_count <= es->s_first_data_block + 8)
		return "bad first block or number of blocks";
	if (es->s_blocks_count > device_blocks)
		return "the device is smaller than the file system";
	if (es->s_r_blocks_count > es->s_blocks_count)
		return "more blocks are reserved than there are";
	groups = DIV_ROUND_UP((u64)es->s_blocks_count - es->s_first_data_block,
			      es->s_blocks_per_group);
	if ((u64)es->s_inodes_count != groups * es->s_inodes_per_group)
		return "numbers of groups and inodes do not fit";
	if (es->s_rev_level != EXT2_GOOD_OLD_REV &&
	    (es->s_first_ino < EXT2_GOOD_OLD_FIRST_INO ||
	     es->s_first_ino > es->s_inodes_count))
		return "bad first inode";
	return NULL;
}

/* Features and revision; 0 or -EINVAL with a line in the log. */
static int check_features(struct super_block *sb,
			  const struct ext2_super_block *es, bool silent)
{
	u32 unknown =
		es->s_feature_incompat & ~(u32)EXT2_FEATURE_INCOMPAT_SUPPORTED;

	if (es->s_rev_level > EXT2_DYNAMIC_REV) {
		if (!silent)
			pr_err("EXT2-fs (%s): error: revision level too high\n",
			       sb->s_id);
		return -EINVAL;
	}
	if (es->s_rev_level == EXT2_GOOD_OLD_REV || !unknown)
		return 0;
	if (!silent)
		pr_err("EXT2-fs (%s): error: couldn't mount because of "
		       "unsupported optional features (%x)\n",
		       sb->s_id, unknown);
	return -EINVAL;
}

/* Take the numbers over once they are known to be sane. */
static void copy_geometry(struct super_block *sb, struct ext2_sb_info *sbi)
{
	const struct ext2_super_block *es = sbi->es;
	bool old = es->s_rev_level == EXT2_GOOD_OLD_REV;

	sbi->inode_size = old ? EXT2_GOOD_OLD_INODE_SIZE : es->s_inode_size;
	sbi->first_ino = old ? EXT2_GOOD_OLD_FIRST_INO : es->s_first_ino;
	sbi->blocks_count = es->s_blocks_count;
	sbi->inodes_count = es->s_inodes_count;
	sbi->first_data_block = es->s_first_data_block;
	sbi->blocks_per_group = es->s_blocks_per_group;
	sbi->inodes_per_group = es->s_inodes_per_group;
	sbi->inodes_per_block = sb->s_blocksize / sbi->inode_size;
	sbi->itb_per_group = sbi->inodes_per_group / sbi->inodes_per_block;
	sbi->desc_per_block = sb->s_blocksize / sizeof(struct ext2_group_desc);
	sbi->groups_count =
		DIV_ROUND_UP(sbi->blocks_count - sbi->first_data_block,
			     sbi->blocks_per_group);
	sbi->addr_per_block = sb->s_blocksize / sizeof(u32);
	sbi->addr_bits = (u8)ilog2(sbi->addr_per_block);
	sb->s_maxbytes = max_file_size(sbi, sb->s_blocksize_bits);
}

/* Read the superblock at whatever block size; sbi->sbh and es are set. */
static int read_super_at(struct super_block *sb, unsigned int block_size)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	brelse(sbi->sbh);
	sbi->sbh = NULL;
	if (!sb_set_blocksize(sb, block_size))
		return -EINVAL;
	sbi->sbh = sb_bread(sb, EXT2_SB_OFFSET / block_size);
	if (!sbi->sbh)
		return -EIO;
	sbi->es = (struct ext2_super_block *)(sbi->sbh->b_data +
					      EXT2_SB_OFFSET % block_size);
	return 0;
}

static int read_super(struct super_block *sb, bool silent)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	unsigned int block_size;
	const char *reason;
	int err;

	block_size = max(1024u, bdev_logical_block_size(sb->s_bdev));
	err = read_super_at(sb, block_size);
	if (err) {
		pr_err("EXT2-fs (%s): error: unable to read superblock\n",
		       sb->s_id);
		return err;
	}
	if (sbi->es->s_magic != EXT2_SUPER_MAGIC) {
		if (!silent)
			pr_err("EXT2-fs (%s): error: can't find an ext2 "
			       "filesystem on dev %s.\n",
			       sb->s_id, sb->s_id);
		return -EINVAL;
	}
	err = check_features(sb, sbi->es, silent);
	if (err)
		return err;
	if (sbi->es->s_log_block_size > 2) {
		pr_err("EXT2-fs (%s): error: bad blocksize\n", sb->s_id);
		return -EINVAL;
	}
	block_size = 1024u << sbi->es->s_log_block_size;
	if (block_size < bdev_logical_block_size(sb->s_bdev)) {
		pr_err("EXT2-fs (%s): error: blocksize %u is too small for the "
		       "device\n",
		       sb->s_id, block_size);
		return -EINVAL;
	}
	if (block_size != sb->s_blocksize) {
		err = read_super_at(sb, block_size);
		if (err)
			return err;
		if (sbi->es->s_magic != EXT2_SUPER_MAGIC)
			return -EINVAL;
	}
	reason = check_geometry(sbi->es, block_size,
				bdev_nr_bytes(sb->s_bdev) / block_size);
	if (reason) {
		if (!silent)
			pr_err("EXT2-fs (%s): error: %s\n", sb->s_id, reason);
		return -EINVAL;
	}
	copy_geometry(sb, sbi);
	return 0;
}

/* The root directory's dentry into s_root. */
static int make_root(struct super_block *sb, bool silent)
{
	struct inode *root = ext2_iget(sb, EXT2_ROOT_INO);

	if (IS_ERR(root))
		return (int)PTR_ERR(root);
	if (!S_ISDIR(root->i_mode) || !root->i_blocks || !i_size_read(root)) {
		iput(root);
		if (!silent)
			pr_err("EXT2-fs (%s): error: corrupt root inode, run "
			       "e2fsck\n",
			       sb->s_id);
		return -EINVAL;
	}
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int fill_from_disk(struct super_block *sb, void *data, bool silent)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_options opts;
	int err;

	err = read_super(sb, silent);
	if (err)
		return err;
	opts = ext2_default_options(sbi->es);
	err = ext2_parse_options(sb, data, &opts);
	if (err)
		return err;
	ext2_apply_options(sbi, &opts);
	err = ext2_load_groups(sb, silent);
	if (err)
		return err;
	if (!sb_rdonly(sb) && must_be_readonly(sb, silent))
		return -EINVAL;

	sb->s_magic = EXT2_SUPER_MAGIC;
	sb->s_op = &ext2_sops;
	sb->s_time_gran_ns = NSEC_PER_SEC;
	err = make_root(sb, silent);
	if (err)
		return err;
	/* Cannot fail from here: a disk that can't be written says so later. */
	if (!sb_rdonly(sb))
		(void)begin_writing(sb);
	else
		sbi->mount_state = sbi->es->s_state;
	return 0;
}

static int ext2_fill_super(struct super_block *sb, void *data, bool silent)
{
	struct ext2_sb_info *sbi = kzalloc(sizeof(*sbi));
	int err;

	if (!sbi)
		return -ENOMEM;
	sb->s_fs_info = sbi;
	sbi->sb = sb;
	mutex_init(&sbi->alloc_lock, LOCK_EXT2_ALLOC);
	mutex_init(&sbi->xattr_lock, LOCK_TRUNCATE);
	strscpy(sb->s_id, sb->s_bdev->bd_name, sizeof(sb->s_id));
	err = fill_from_disk(sb, data, silent);
	if (err) {
		(void)evict_inodes(sb);
		release_info(sb);
	}
	return err;
}

static struct file_system_type ext2_fs_type = {
	.name = "ext2",
	.fs_flags = FS_REQUIRES_DEV,
	.fill_super = ext2_fill_super,
};

int ext2_init(void)
{
	ext2_inode_cache = kmem_cache_create(
		"ext2_inode_cache", sizeof(struct ext2_inode_info), 0, NULL);
	if (!ext2_inode_cache)
		return -ENOMEM;
	kmem_cache_mark_reclaimable(ext2_inode_cache);
	return register_filesystem(&ext2_fs_type);
}
