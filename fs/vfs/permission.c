/*
 * permission.c - may this task do that to this file?
 *
 * Entry points: generic_permission, inode_permission, may_create,
 * may_delete, may_open, inode_owner_or_capable.
 */
#include <fs/vfs/permission.h>

#include <abi/capability.h>
#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/super.h>
#include <kernel/arch/context.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/cred.h>

/*
 * capable_wrt_inode - see permission.h; all ids are of one user namespace.
 */
bool capable_wrt_inode(const struct inode *inode, int cap)
{
	return capable(cap);
}

/*
 * inode_owner_or_capable - see permission.h.
 */
bool inode_owner_or_capable(const struct inode *inode)
{
	return current_fsuid() == inode->i_uid ||
	       capable_wrt_inode(inode, CAP_FOWNER);
}

/* The mode bits alone. */
static int acl_permission_check(const struct inode *inode, int mask)
{
	unsigned int mode = inode->i_mode;

	mask &= MAY_READ | MAY_WRITE | MAY_EXEC;
	if (current_fsuid() == inode->i_uid) {
		mode >>= 6;
	} else if (((mode >> 3 ^ mode) & mask) && in_group_p(inode->i_gid)) {
		/* Asked only where group and others differ. */
		mode >>= 3;
	}
	return mask & ~mode ? -EACCES : 0;
}

/*
 * generic_permission - see permission.h; capabilities(7).
 */
int generic_permission(struct inode *inode, int mask)
{
	int err = acl_permission_check(inode, mask);

	if (likely(err != -EACCES))
		return err;
	mask &= MAY_READ | MAY_WRITE | MAY_EXEC;
	if (S_ISDIR(inode->i_mode)) {
		if (!(mask & MAY_WRITE) &&
		    capable_wrt_inode(inode, CAP_DAC_READ_SEARCH))
			return 0;
		return capable_wrt_inode(inode, CAP_DAC_OVERRIDE) ? 0 : -EACCES;
	}
	if (mask == MAY_READ && capable_wrt_inode(inode, CAP_DAC_READ_SEARCH))
		return 0;
	/* Execution also needs some x bit. */
	if ((!(mask & MAY_EXEC) || (inode->i_mode & S_IXUGO)) &&
	    capable_wrt_inode(inode, CAP_DAC_OVERRIDE))
		return 0;
	return -EACCES;
}

/*
 * inode_permission - see permission.h.
 */
int inode_permission(struct inode *inode, int mask)
{
	umode_t mode = inode->i_mode;

	if (unlikely(mask & MAY_WRITE)) {
		if (sb_rdonly(inode->i_sb) &&
		    (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)))
			return -EROFS;
		if (inode->i_flags & S_IMMUTABLE)
			return -EPERM;
	}
	if (unlikely(inode->i_op->permission))
		return inode->i_op->permission(inode, mask);
	return generic_permission(inode, mask);
}

static bool path_noexec(const struct path *path)
{
	return (path->mnt->mnt_flags & MNT_NOEXEC) ||
	       (path->mnt->mnt_sb->s_flags & SB_NOEXEC);
}

/*
 * path_permission - see permission.h.
 */
int path_permission(const struct path *path, int mask)
{
	struct inode *inode = path->dentry->d_inode;

	if ((mask & MAY_EXEC) && S_ISREG(inode->i_mode) && path_noexec(path))
		return -EACCES;
	return inode_permission(inode, mask);
}

/*
 * check_sticky - see permission.h.
 */
bool check_sticky(const struct inode *dir, const struct inode *inode)
{
	uid_t fsuid = current_fsuid();

	if (!(dir->i_mode & S_ISVTX))
		return false;
	if (inode->i_uid == fsuid || dir->i_uid == fsuid)
		return false;
	return !capable_wrt_inode(inode, CAP_FOWNER);
}

/*
 * may_create - see permission.h.
 */
int may_create(struct inode *dir, struct dentry *child)
{
	if (child->d_inode)
		return -EEXIST;
	if (dir->i_flags & S_DEAD)
		return -ENOENT;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

/*
 * may_delete - see permission.h.
 */
int may_delete(struct inode *dir, struct dentry *victim, bool is_dir)
{
	struct inode *inode = victim->d_inode;
	int err;

	if (!inode)
		return -ENOENT;
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (dir->i_flags & S_APPEND)
		return -EPERM;
	if (check_sticky(dir, inode) ||
	    (inode->i_flags & (S_APPEND | S_IMMUTABLE)))
		return -EPERM;
	if (is_dir) {
		if (!S_ISDIR(inode->i_mode))
			return -ENOTDIR;
		if (IS_ROOT(victim))
			return -EBUSY;
	} else if (S_ISDIR(inode->i_mode)) {
		return -EISDIR;
	}
	if (dir->i_flags & S_DEAD)
		return -ENOENT;
	return 0;
}

/* May the type of file be opened this way at all? */
static int may_open_type(const struct path *path, umode_t mode, int acc_mode)
{
	switch (mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if (acc_mode & MAY_WRITE)
			return -EISDIR;
		return acc_mode & MAY_EXEC ? -EACCES : 0;
	case S_IFBLK:
	case S_IFCHR:
		if ((path->mnt->mnt_flags & MNT_NODEV) ||
		    (path->mnt->mnt_sb->s_flags & SB_NODEV))
			return -EACCES;
		return acc_mode & MAY_EXEC ? -EACCES : 0;
	case S_IFIFO:
	case S_IFSOCK:
		return acc_mode & MAY_EXEC ? -EACCES : 0;
	default:
		return (acc_mode & MAY_EXEC) && path_noexec(path) ? -EACCES : 0;
	}
}

/*
 * may_open - see permission.h.
 */
int may_open(const struct path *path, int acc_mode, int open_flag)
{
	struct inode *inode = path->dentry->d_inode;
	int err;

	if (!inode)
		return -ENOENT;
	err = may_open_type(path, inode->i_mode, acc_mode);
	if (err)
		return err;
	err = inode_permission(inode, MAY_OPEN | acc_mode);
	if (err)
		return err;
	if (inode->i_flags & S_APPEND) {
		if ((open_flag & O_ACCMODE) != O_RDONLY &&
		    !(open_flag & O_APPEND))
			return -EPERM;
		if (open_flag & O_TRUNC)
			return -EPERM;
	}
	if ((open_flag & O_NOATIME) && !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}
