/*
 * xattr.h - extended attributes: who may touch which, and the way to the
 * file system.
 */
#pragma once

#include <abi/xattr.h>
#include <fs/vfs/types.h>

/* vfs_setxattr - takes i_rwsem.  -EOPNOTSUPP where the fs has none. */
int vfs_setxattr(struct dentry *dentry, const char *name, const void *value,
		 size_t size, int flags);

/* vfs_getxattr - the length; @size 0 only asks for it.  -ENODATA, -ERANGE. */
ssize_t vfs_getxattr(struct dentry *dentry, const char *name, void *value,
		     size_t size);

/* vfs_listxattr - zero-terminated names; @size 0 only asks. */
ssize_t vfs_listxattr(struct dentry *dentry, char *list, size_t size);

int vfs_removexattr(struct dentry *dentry, const char *name);

/* setxattr_path and kin - with mnt_want_write. */
int setxattr_path(const struct path *path, const char *name, const void *value,
		  size_t size, int flags);
int removexattr_path(const struct path *path, const char *name);
