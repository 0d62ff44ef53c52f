/*
 * inode_attr.c - the fields of an inode: owner, links, times, kind.
 *
 * Entry points: inode_init_owner, init_special_inode, drop_nlink and kin,
 * current_time, touch_atime, file_update_time, make_bad_inode,
 * get_write_access, deny_write_access.
 */
#include <abi/capability.h>
#include <abi/errno.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/char_dev.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/permission.h>
#include <kernel/arch/context.h>
#include <kernel/base/assert.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/cred.h>
#include <kernel/time/clock.h>

#define RELATIME_DAY (24 * 60 * 60)

static const struct file_operations *fifo_fops; /* set once, at boot */

/*
 * register_fifo_fops - see inode.h.
 */
void register_fifo_fops(const struct file_operations *fops)
{
	fifo_fops = fops;
}

/* Before pipes are there, and sockets always. */
static int special_no_open(struct inode *inode, struct file *file)
{
	return -ENXIO;
}

static const struct file_operations no_special_fops = {
	.open = special_no_open,
};

/*
 * init_special_inode - see inode.h.
 */
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev)
{
	inode->i_mode = mode;
	switch (mode & S_IFMT) {
	case S_IFCHR:
		inode->i_fop = &def_chr_fops;
		inode->i_rdev = rdev;
		break;
	case S_IFBLK:
		inode->i_fop = &def_blk_fops;
		inode->i_rdev = rdev;
		break;
	case S_IFIFO:
		inode->i_fop = fifo_fops ? fifo_fops : &no_special_fops;
		break;
	default:
		inode->i_fop = &no_special_fops;
		break;
	}
}

/*
 * vfs_prepare_mode - see inode.h.
 */
umode_t vfs_prepare_mode(const struct inode *dir, umode_t mode)
{
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	    (dir->i_mode & S_ISGID) && !in_group_p(dir->i_gid) &&
	    !capable_wrt_inode(dir, CAP_FSETID))
		mode &= ~S_ISGID;
	return mode & ~current_umask();
}

/*
 * inode_init_owner - see inode.h.
 */
void inode_init_owner(struct inode *inode, const struct inode *dir,
		      umode_t mode)
{
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	if (dir && (dir->i_mode & S_ISGID)) {
		inode->i_gid = dir->i_gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
	}
	inode->i_mode = mode;
}

/*
 * set_nlink, inc_nlink, drop_nlink, clear_nlink - see inode.h.
 */
void set_nlink(struct inode *inode, unsigned int nlink)
{
	inode->i_nlink = nlink;
}

void inc_nlink(struct inode *inode)
{
	inode->i_nlink++;
}

void drop_nlink(struct inode *inode)
{
	/* A damaged image may already say 0. */
	if (inode->i_nlink > 0)
		inode->i_nlink--;
}

void clear_nlink(struct inode *inode)
{
	inode->i_nlink = 0;
}

/*
 * inode_add_bytes, inode_sub_bytes - see inode.h.
 */
void inode_add_bytes(struct inode *inode, s64 bytes)
{
	spin_lock(&inode->i_lock);
	inode->i_blocks += bytes >> 9;
	spin_unlock(&inode->i_lock);
}

void inode_sub_bytes(struct inode *inode, s64 bytes)
{
	u64 blocks = bytes >> 9;

	spin_lock(&inode->i_lock);
	inode->i_blocks -= min(blocks, inode->i_blocks);
	spin_unlock(&inode->i_lock);
}

/*
 * timestamp_truncate - see inode.h.
 */
struct timespec timestamp_truncate(struct timespec t, const struct inode *inode)
{
	u32 gran = inode->i_sb->s_time_gran_ns;

	if (gran >= NSEC_PER_SEC)
		t.tv_nsec = 0;
	else if (gran > 1)
		t.tv_nsec -= t.tv_nsec % gran;
	return t;
}

/*
 * current_time - see inode.h.
 */
struct timespec current_time(const struct inode *inode)
{
	u64 now_ns = ktime_get_coarse_real_ns();
	struct timespec now = {
		.tv_sec = now_ns / NSEC_PER_SEC,
		.tv_nsec = now_ns % NSEC_PER_SEC,
	};

	return timestamp_truncate(now, inode);
}

/* mount(8), relatime: not newer than a change, or a day old. */
static bool relatime_needs_update(const struct vfsmount *mnt,
				  const struct inode *inode,
				  const struct timespec *now)
{
	if (!(mnt->mnt_flags & MNT_RELATIME))
		return true;
	if (timespec_compare(&inode->i_mtime, &inode->i_atime) >= 0 ||
	    timespec_compare(&inode->i_ctime, &inode->i_atime) >= 0)
		return true;
	return now->tv_sec - inode->i_atime.tv_sec >= RELATIME_DAY;
}

static bool atime_needs_update(const struct path *path,
			       const struct inode *inode,
			       const struct timespec *now)
{
	const struct vfsmount *mnt = path->mnt;

	if (inode->i_flags & S_NOATIME)
		return false;
	if (inode->i_sb->s_flags & (SB_RDONLY | SB_NOATIME))
		return false;
	if (mnt->mnt_flags & (MNT_NOATIME | MNT_READONLY))
		return false;
	if ((mnt->mnt_flags & MNT_NODIRATIME) && S_ISDIR(inode->i_mode))
		return false;
	if (!relatime_needs_update(mnt, inode, now))
		return false;
	return timespec_compare(&inode->i_atime, now) != 0;
}

/*
 * touch_atime - see inode.h.
 */
void touch_atime(const struct path *path)
{
	struct inode *inode = path->dentry->d_inode;
	struct timespec now;

	if ((inode->i_flags & S_NOATIME) ||
	    (path->mnt->mnt_flags & MNT_NOATIME))
		return;
	now = current_time(inode);
	if (!atime_needs_update(path, inode, &now))
		return;
	if (mnt_want_write(path->mnt))
		return;
	spin_lock(&inode->i_lock);
	inode->i_atime = now;
	spin_unlock(&inode->i_lock);
	mark_inode_dirty_sync(inode);
	mnt_drop_write(path->mnt);
}

/*
 * file_accessed - see inode.h.
 */
void file_accessed(struct file *file)
{
	if (!(file->f_flags & O_NOATIME))
		touch_atime(&file->f_path);
}

/*
 * file_update_time - see inode.h.
 */
int file_update_time(struct file *file)
{
	struct inode *inode = file_inode(file);
	struct timespec now = current_time(inode);
	int err;

	if (timespec_compare(&inode->i_mtime, &now) == 0 &&
	    timespec_compare(&inode->i_ctime, &now) == 0)
		return 0;
	err = mnt_want_write_file(file);
	if (err)
		return err;
	spin_lock(&inode->i_lock);
	inode->i_mtime = now;
	inode->i_ctime = now;
	spin_unlock(&inode->i_lock);
	mark_inode_dirty_sync(inode);
	mnt_drop_write_file(file);
	return 0;
}

static struct dentry *bad_lookup(struct inode *dir, struct dentry *dentry,
				 unsigned int flags)
{
	return ERR_PTR(-EIO);
}

static int bad_permission(struct inode *inode, int mask)
{
	return -EIO;
}

static int bad_setattr(struct dentry *dentry, struct iattr *attr)
{
	return -EIO;
}

static int bad_getattr(const struct path *path, struct kstat *stat)
{
	return -EIO;
}

static int bad_open(struct inode *inode, struct file *file)
{
	return -EIO;
}

static const struct inode_operations bad_iops = {
	.lookup = bad_lookup,
	.permission = bad_permission,
	.setattr = bad_setattr,
	.getattr = bad_getattr,
};

static const struct file_operations bad_fops = {
	.open = bad_open,
};

/*
 * is_bad_inode, make_bad_inode - see inode.h.
 */
bool is_bad_inode(const struct inode *inode)
{
	return inode->i_op == &bad_iops;
}

void make_bad_inode(struct inode *inode)
{
	inode->i_mode = S_IFREG;
	inode->i_op = &bad_iops;
	inode->i_fop = &bad_fops;
}

/*
 * get_write_access, put_write_access - see inode.h.
 */
int get_write_access(struct inode *inode)
{
	int count = atomic_read(&inode->i_writecount);

	do {
		if (count < 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&inode->i_writecount, &count, count + 1));
	return 0;
}

void put_write_access(struct inode *inode)
{
	assert(atomic_read(&inode->i_writecount) > 0);
	atomic_dec(&inode->i_writecount);
}

/*
 * deny_write_access, allow_write_access - see inode.h.
 */
int deny_write_access(struct file *file)
{
	struct inode *inode = file_inode(file);
	int count = atomic_read(&inode->i_writecount);

	do {
		if (count > 0)
			return -ETXTBSY;
	} while (!atomic_try_cmpxchg(&inode->i_writecount, &count, count - 1));
	return 0;
}

void allow_write_access(struct file *file)
{
	if (!file)
		return;
	assert(atomic_read(&file_inode(file)->i_writecount) < 0);
	atomic_inc(&file_inode(file)->i_writecount);
}
