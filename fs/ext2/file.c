/*
 * file.c - regular files: what differs from the page cache's own functions,
 * fsync, and the flags of chattr.
 *
 * fsync's promise is that file and name are there after a power cut: data,
 * then the blocks that lead to it, the inode, and the entries of every
 * directory on the way up that is not known to be on disk; then the device's
 * own cache.
 *
 * Entry points: ext2_file_fops, ext2_file_iops, ext2_fsync, ext2_ioctl.
 */
#include <fs/ext2/internal.h>

#include <abi/capability.h>
#include <abi/ioctl.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file_mmap.h>
#include <fs/vfs/filemap.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/open.h>
#include <fs/vfs/permission.h>
#include <fs/vfs/read_write.h>
#include <kernel/arch/uaccess.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/cred.h>

static loff_t ext2_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);

	return generic_file_llseek_size(file, offset, whence,
					(loff_t)inode->i_sb->s_maxbytes,
					i_size_read(inode));
}

/* Take back blocks that a failed write allocated behind the end. */
static void trim_unused(struct inode *inode)
{
	struct ext2_inode_info *ei = EXT2_I(inode);

	inode_lock(inode);
	if (ei->alloc_end >
	    ALIGN(i_size_read(inode), (loff_t)inode->i_sb->s_blocksize))
		ext2_truncate_blocks(inode, i_size_read(inode));
	ei->alloc_end = 0;
	inode_unlock(inode);
}

static ssize_t ext2_file_write_iter(struct file *file, struct iov_iter *iter,
				    loff_t *pos)
{
	struct inode *inode = file_inode(file);
	ssize_t ret;

	/* A write behind the end: what a mapping stored there must not show. */
	if (*pos > i_size_read(inode) || (file->f_flags & O_APPEND)) {
		inode_lock(inode);
		(void)ext2_zero_tail(inode, i_size_read(inode));
		inode_unlock(inode);
	}
	ret = generic_file_write_iter(file, iter, pos);
	if (READ_ONCE(EXT2_I(inode)->alloc_end) > i_size_read(inode))
		trim_unused(inode);
	return ret;
}

/* The inode's own metadata: block map, directory blocks, attributes, itself. */
static int sync_inode(struct inode *inode)
{
	int err = ext2_sync_map(inode);
	int err2;

	if (!err && S_ISDIR(inode->i_mode))
		err = ext2_sync_dir(inode);
	if (!err)
		err = ext2_xattr_sync(inode);
	err2 = sync_inode_metadata(inode, true);
	return err ? err : err2;
}

/* Is a name of @inode perhaps only in memory?  Writing it clears that. */
static bool name_is_new(const struct inode *inode)
{
	return READ_ONCE(EXT2_I(inode)->dirent_block) != 0;
}

/*
 * The directories above: as long as what is below is new there, their blocks
 * and inodes.  Writing an inode writes its own entry first.
 */
static int sync_parents(struct dentry *dentry)
{
	struct dentry *child = dget(dentry);
	struct dentry *parent;
	bool again = true;
	int err = 0;

	while (again && !err && !IS_ROOT(child)) {
		parent = dget_parent(child);
		again = name_is_new(d_inode(parent));
		err = sync_inode(d_inode(parent));
		dput(child);
		child = parent;
	}
	dput(child);
	return err;
}

int ext2_fsync(struct file *file, loff_t start, loff_t end, bool datasync)
{
	struct inode *inode = file_inode(file);
	bool new_name = name_is_new(inode);
	int err;
	int err2;

	err = filemap_write_and_wait_range(inode->i_mapping, start, end);
	err2 = filemap_check_wb_err(inode->i_mapping, &file->f_wb_err);
	err = err ? err : err2;
	if (!datasync || (READ_ONCE(inode->i_state) & I_DIRTY_DATASYNC) ||
	    new_name) {
		err2 = sync_inode(inode);
		err = err ? err : err2;
		if (new_name && inode->i_nlink) {
			err2 = sync_parents(file->f_path.dentry);
			err = err ? err : err2;
		}
	} else {
		err2 = ext2_sync_map(inode);
		err = err ? err : err2;
	}
	err2 = blkdev_issue_flush(inode->i_sb->s_bdev);
	return err ? err : err2;
}

/* FS_IOC_SETFLAGS, chattr(1). */
static int set_flags(struct inode *inode, u32 flags)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	u32 old = ei->i_flags;

	if (!inode_owner_or_capable(inode))
		return -EACCES;
	if (!S_ISDIR(inode->i_mode))
		flags &= ~(u32)(EXT2_DIRSYNC_FL | EXT2_TOPDIR_FL);
	/* chattr(1): append-only and immutable are for the privileged. */
	if (((flags ^ old) & (EXT2_APPEND_FL | EXT2_IMMUTABLE_FL)) &&
	    !capable(CAP_LINUX_IMMUTABLE))
		return -EPERM;
	ei->i_flags = (old & ~(u32)EXT2_FL_USER_MODIFIABLE) |
		      (flags & EXT2_FL_USER_MODIFIABLE);
	ext2_set_inode_flags(inode);
	inode->i_ctime = current_time(inode);
	mark_inode_dirty(inode);
	return 0;
}

/* The two that change something, with write access and the inode's lock. */
static int ioctl_set(struct file *file, unsigned int cmd, u32 value)
{
	struct inode *inode = file_inode(file);
	int err;

	err = mnt_want_write_file(file);
	if (err)
		return err;
	inode_lock(inode);
	if (cmd == FS_IOC_SETFLAGS) {
		err = set_flags(inode, value);
	} else if (!inode_owner_or_capable(inode)) {
		err = -EPERM;
	} else {
		inode->i_generation = value;
		inode->i_ctime = current_time(inode);
		mark_inode_dirty(inode);
	}
	inode_unlock(inode);
	mnt_drop_write_file(file);
	return err;
}

long ext2_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct inode *inode = file_inode(file);
	int value;

	switch (cmd) {
	case FS_IOC_GETFLAGS:
		value = (int)(EXT2_I(inode)->i_flags & EXT2_FL_USER_VISIBLE);
		return put_user(value, (int __user *)arg);
	case FS_IOC_GETVERSION:
		return put_user((int)inode->i_generation, (int __user *)arg);
	case FS_IOC_SETFLAGS:
	case FS_IOC_SETVERSION:
		if (get_user(value, (int __user *)arg))
			return -EFAULT;
		return ioctl_set(file, cmd, (u32)value);
	}
	return -ENOTTY;
}

const struct file_operations ext2_file_fops = {
	.llseek = ext2_llseek,
	.read_iter = generic_file_read_iter,
	.write_iter = ext2_file_write_iter,
	.mmap = generic_file_mmap,
	.open = generic_file_open,
	.fsync = ext2_fsync,
	.ioctl = ext2_ioctl,
};

const struct inode_operations ext2_file_iops = {
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
	.listxattr = ext2_listxattr,
	.getxattr = ext2_getxattr,
	.setxattr = ext2_setxattr,
	.removexattr = ext2_removexattr,
};
