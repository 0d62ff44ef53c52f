/*
 * xattr.c - extended attributes: who may touch which, xattr(7).
 *
 * user.* follows the file's permissions, and only files and directories have
 * it; trusted.* belongs to CAP_SYS_ADMIN; security.* may be read by all and
 * set with CAP_SYS_ADMIN (CAP_SETFCAP for file capabilities); system.* is
 * the file system's own.
 *
 * Entry points: vfs_setxattr, vfs_getxattr, vfs_listxattr, vfs_removexattr,
 * setxattr_path, removexattr_path.
 */
#include <fs/vfs/xattr.h>

#include <abi/capability.h>
#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file_caps.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/permission.h>
#include <kernel/arch/context.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/cred.h>

static int security_permission(const struct inode *inode, const char *name,
			       int mask)
{
	if (!(mask & MAY_WRITE))
		return 0;
	if (strcmp(name, XATTR_NAME_CAPS) == 0)
		return capable_wrt_inode(inode, CAP_SETFCAP) ? 0 : -EPERM;
	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

static int user_permission(struct inode *inode, int mask)
{
	if (!S_ISREG(inode->i_mode) && !S_ISDIR(inode->i_mode))
		return mask & MAY_WRITE ? -EPERM : -ENODATA;
	if (S_ISDIR(inode->i_mode) && (inode->i_mode & S_ISVTX) &&
	    (mask & MAY_WRITE) && !inode_owner_or_capable(inode))
		return -EPERM;
	return inode_permission(inode, mask);
}

/* -EOPNOTSUPP: a name of no known kind. */
static int xattr_permission(struct inode *inode, const char *name, int mask)
{
	if ((mask & MAY_WRITE) && (inode->i_flags & (S_IMMUTABLE | S_APPEND)))
		return -EPERM;
	if (str_has_prefix(name, XATTR_SECURITY_PREFIX))
		return security_permission(inode, name, mask);
	if (str_has_prefix(name, XATTR_SYSTEM_PREFIX))
		return 0;
	if (str_has_prefix(name, XATTR_TRUSTED_PREFIX)) {
		if (capable(CAP_SYS_ADMIN))
			return 0;
		return mask & MAY_WRITE ? -EPERM : -ENODATA;
	}
	if (str_has_prefix(name, XATTR_USER_PREFIX))
		return user_permission(inode, mask);
	return -EOPNOTSUPP;
}

static int setxattr_locked(struct dentry *dentry, const char *name,
			   const void *value, size_t size, int flags)
{
	struct inode *inode = dentry->d_inode;
	int err = xattr_permission(inode, name, MAY_WRITE);

	if (err)
		return err;
	if (!inode->i_op->setxattr)
		return -EOPNOTSUPP;
	if (strcmp(name, XATTR_NAME_CAPS) == 0)
		inode->i_flags &= ~(unsigned int)S_NOSEC;
	return inode->i_op->setxattr(dentry, name, value, size, flags);
}

/*
 * vfs_setxattr - see xattr.h.
 */
int vfs_setxattr(struct dentry *dentry, const char *name, const void *value,
		 size_t size, int flags)
{
	int err;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	if (size > XATTR_SIZE_MAX)
		return -E2BIG;
	if (size && strcmp(name, XATTR_NAME_CAPS) == 0) {
		err = file_caps_may_set(dentry->d_inode, value, size);
		if (err)
			return err;
	}
	inode_lock(dentry->d_inode);
	err = setxattr_locked(dentry, name, value, size, flags);
	inode_unlock(dentry->d_inode);
	return err;
}

/*
 * vfs_getxattr - see xattr.h.
 */
ssize_t vfs_getxattr(struct dentry *dentry, const char *name, void *value,
		     size_t size)
{
	struct inode *inode = dentry->d_inode;
	ssize_t ret = xattr_permission(inode, name, MAY_READ);

	if (ret)
		return ret;
	if (!inode->i_op->getxattr)
		return -EOPNOTSUPP;
	inode_lock_shared(inode);
	if (strcmp(name, XATTR_NAME_CAPS) == 0)
		ret = file_caps_get(dentry, value, size);
	else
		ret = inode->i_op->getxattr(dentry, name, value, size);
	inode_unlock_shared(inode);
	return ret;
}

/*
 * vfs_listxattr - see xattr.h; a file system without attributes has none.
 */
ssize_t vfs_listxattr(struct dentry *dentry, char *list, size_t size)
{
	struct inode *inode = dentry->d_inode;
	ssize_t ret;

	if (!inode->i_op->listxattr)
		return 0;
	inode_lock_shared(inode);
	ret = inode->i_op->listxattr(dentry, list, size);
	inode_unlock_shared(inode);
	return ret;
}

/*
 * vfs_removexattr - see xattr.h.
 */
int vfs_removexattr(struct dentry *dentry, const char *name)
{
	struct inode *inode = dentry->d_inode;
	int err;

	inode_lock(inode);
	err = xattr_permission(inode, name, MAY_WRITE);
	if (!err && !inode->i_op->removexattr)
		err = -EOPNOTSUPP;
	if (!err)
		err = inode->i_op->removexattr(dentry, name);
	inode_unlock(inode);
	return err;
}

/*
 * setxattr_path, removexattr_path - see xattr.h.
 */
int setxattr_path(const struct path *path, const char *name, const void *value,
		  size_t size, int flags)
{
	int err = mnt_want_write(path->mnt);

	if (err)
		return err;
	err = vfs_setxattr(path->dentry, name, value, size, flags);
	mnt_drop_write(path->mnt);
	return err;
}

int removexattr_path(const struct path *path, const char *name)
{
	int err = mnt_want_write(path->mnt);

	if (err)
		return err;
	err = vfs_removexattr(path->dentry, name);
	mnt_drop_write(path->mnt);
	return err;
}
