/*
 * stat.c - what a file is: stat, statx, statfs.
 *
 * Entry points: vfs_getattr, vfs_fstat, vfs_statx, cp_new_stat, cp_statx,
 * statfs_by_dentry, vfs_statfs, user_statfs, fd_statfs.
 */
#include <fs/vfs/stat.h>

#include <abi/errno.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/super.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

/*
 * generic_fillattr - see stat.h.
 */
void generic_fillattr(struct inode *inode, struct kstat *stat)
{
	stat->dev = inode->i_sb->s_dev;
	stat->ino = inode->i_ino;
	stat->mode = inode->i_mode;
	stat->nlink = inode->i_nlink;
	stat->uid = inode->i_uid;
	stat->gid = inode->i_gid;
	stat->rdev = inode->i_rdev;
	stat->size = i_size_read(inode);
	stat->blksize = 1U << inode->i_blkbits;
	spin_lock(&inode->i_lock);
	stat->atime = inode->i_atime;
	stat->mtime = inode->i_mtime;
	stat->ctime = inode->i_ctime;
	stat->blocks = inode->i_blocks;
	spin_unlock(&inode->i_lock);
}

/*
 * vfs_getattr - see stat.h.
 */
int vfs_getattr(const struct path *path, struct kstat *stat, u32 request_mask,
		unsigned int flags)
{
	struct inode *inode = path->dentry->d_inode;
	int err;

	memset(stat, 0, sizeof(*stat));
	stat->result_mask = STATX_BASIC_STATS | STATX_MNT_ID;
	stat->mnt_id = path->mnt->mnt_id;
	stat->attributes_mask = STATX_ATTR_MOUNT_ROOT;
	if (path->mnt->mnt_root == path->dentry)
		stat->attributes |= STATX_ATTR_MOUNT_ROOT;
	if (inode->i_op->getattr) {
		err = inode->i_op->getattr(path, stat);
		if (err)
			return err;
	} else {
		generic_fillattr(inode, stat);
	}
	return 0;
}

/*
 * vfs_fstat - see stat.h.
 */
int vfs_fstat(int fd, struct kstat *stat)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = vfs_getattr(&f.file->f_path, stat, STATX_BASIC_STATS, 0);
	fdput(f);
	return err;
}

/*
 * vfs_statx - see stat.h.
 */
int vfs_statx(int dfd, const char *name, int flags, struct kstat *stat,
	      u32 request_mask)
{
	unsigned int lookup = 0;
	struct path path;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
		      AT_STATX_SYNC_TYPE))
		return -EINVAL;
	if (!(flags & AT_SYMLINK_NOFOLLOW))
		lookup |= LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, lookup, &path);
	if (err)
		return err;
	err = vfs_getattr(&path, stat, request_mask, flags);
	path_put(&path);
	return err;
}

/*
 * vfs_fstatat, vfs_stat, vfs_lstat - see stat.h.
 */
int vfs_fstatat(int dfd, const char *name, struct kstat *stat, int flags)
{
	if ((flags & AT_EMPTY_PATH) && !IS_ERR(name) && !*name && dfd >= 0 &&
	    !(flags & ~(AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW)))
		return vfs_fstat(dfd, stat);
	return vfs_statx(dfd, name, flags | AT_NO_AUTOMOUNT, stat,
			 STATX_BASIC_STATS);
}

int vfs_stat(const char *name, struct kstat *stat)
{
	return vfs_fstatat(AT_FDCWD, name, stat, 0);
}

int vfs_lstat(const char *name, struct kstat *stat)
{
	return vfs_fstatat(AT_FDCWD, name, stat, AT_SYMLINK_NOFOLLOW);
}

/*
 * cp_new_stat - see stat.h.
 */
void cp_new_stat(const struct kstat *stat, struct stat *out)
{
	memset(out, 0, sizeof(*out));
	out->st_dev = new_encode_dev(stat->dev);
	out->st_ino = stat->ino;
	out->st_nlink = stat->nlink;
	out->st_mode = stat->mode;
	out->st_uid = stat->uid;
	out->st_gid = stat->gid;
	out->st_rdev = new_encode_dev(stat->rdev);
	out->st_size = stat->size;
	out->st_blksize = stat->blksize;
	out->st_blocks = stat->blocks;
	out->st_atime = stat->atime.tv_sec;
	out->st_atime_nsec = stat->atime.tv_nsec;
	out->st_mtime = stat->mtime.tv_sec;
	out->st_mtime_nsec = stat->mtime.tv_nsec;
	out->st_ctime = stat->ctime.tv_sec;
	out->st_ctime_nsec = stat->ctime.tv_nsec;
}

static struct statx_timestamp to_statx_time(const struct timespec *t)
{
	return (struct statx_timestamp){.tv_sec = t->tv_sec,
					.tv_nsec = t->tv_nsec};
}

/*
 * cp_statx - see stat.h.
 */
void cp_statx(const struct kstat *stat, struct statx *out)
{
	memset(out, 0, sizeof(*out));
	out->stx_mask = stat->result_mask;
	out->stx_blksize = stat->blksize;
	out->stx_attributes = stat->attributes;
	out->stx_attributes_mask = stat->attributes_mask;
	out->stx_nlink = stat->nlink;
	out->stx_uid = stat->uid;
	out->stx_gid = stat->gid;
	out->stx_mode = stat->mode;
	out->stx_ino = stat->ino;
	out->stx_size = stat->size;
	out->stx_blocks = stat->blocks;
	out->stx_atime = to_statx_time(&stat->atime);
	out->stx_btime = to_statx_time(&stat->btime);
	out->stx_ctime = to_statx_time(&stat->ctime);
	out->stx_mtime = to_statx_time(&stat->mtime);
	out->stx_rdev_major = MAJOR(stat->rdev);
	out->stx_rdev_minor = MINOR(stat->rdev);
	out->stx_dev_major = MAJOR(stat->dev);
	out->stx_dev_minor = MINOR(stat->dev);
	out->stx_mnt_id = stat->mnt_id;
}

/* The ST_* flags of a mount. */
static long flags_of_mount(const struct vfsmount *mnt)
{
	static const struct {
		unsigned int mnt;
		long st;
	} names[] = {
		{MNT_NOSUID, ST_NOSUID},	 {MNT_NODEV, ST_NODEV},
		{MNT_NOEXEC, ST_NOEXEC},	 {MNT_NOATIME, ST_NOATIME},
		{MNT_NODIRATIME, ST_NODIRATIME}, {MNT_RELATIME, ST_RELATIME},
	};
	long flags = ST_VALID;
	size_t i;

	if (mnt_is_readonly(mnt))
		flags |= ST_RDONLY;
	if (mnt->mnt_sb->s_flags & SB_SYNCHRONOUS)
		flags |= ST_SYNCHRONOUS;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (mnt->mnt_flags & names[i].mnt)
			flags |= names[i].st;
	return flags;
}

/*
 * statfs_by_dentry - see stat.h.
 */
int statfs_by_dentry(struct dentry *dentry, struct kstatfs *buf)
{
	struct super_block *sb = dentry->d_sb;
	int err;

	memset(buf, 0, sizeof(*buf));
	if (sb->s_op->statfs)
		err = sb->s_op->statfs(dentry, buf);
	else
		err = simple_statfs(dentry, buf);
	if (!err && buf->f_frsize == 0)
		buf->f_frsize = buf->f_bsize;
	return err;
}

/*
 * vfs_statfs - see stat.h.
 */
int vfs_statfs(const struct path *path, struct kstatfs *buf)
{
	int err = statfs_by_dentry(path->dentry, buf);

	if (!err)
		buf->f_flags = flags_of_mount(path->mnt);
	return err;
}

static int statfs_path(const struct path *path, struct statfs *out)
{
	struct kstatfs st;
	int err = vfs_statfs(path, &st);

	if (err)
		return err;
	memset(out, 0, sizeof(*out));
	out->f_type = st.f_type;
	out->f_bsize = st.f_bsize;
	out->f_blocks = st.f_blocks;
	out->f_bfree = st.f_bfree;
	out->f_bavail = st.f_bavail;
	out->f_files = st.f_files;
	out->f_ffree = st.f_ffree;
	out->f_fsid.val[0] = (int)lower_32_bits(st.f_fsid);
	out->f_fsid.val[1] = (int)upper_32_bits(st.f_fsid);
	out->f_namelen = st.f_namelen;
	out->f_frsize = st.f_frsize;
	out->f_flags = st.f_flags;
	return 0;
}

/*
 * user_statfs, fd_statfs - see stat.h.
 */
int user_statfs(const char *name, struct statfs *out)
{
	struct path path;
	int err = kern_path(name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = statfs_path(&path, out);
	path_put(&path);
	return err;
}

int fd_statfs(int fd, struct statfs *out)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = statfs_path(&f.file->f_path, out);
	fdput(f);
	return err;
}
