/*
 * stat.h - what a file is: stat, statx, statfs.
 */
#pragma once

#include <fs/vfs/types.h>

/* generic_fillattr - the inode's own fields. */
void generic_fillattr(struct inode *inode, struct kstat *stat);

/* vfs_getattr - of a path: i_op->getattr or generic_fillattr, then what the
 * mount knows.  0 or -errno. */
int vfs_getattr(const struct path *path, struct kstat *stat, u32 request_mask,
		unsigned int flags);

/* vfs_fstat - of a descriptor (O_PATH too): 0 or -EBADF. */
int vfs_fstat(int fd, struct kstat *stat);

/* vfs_statx - of a name; @flags AT_*: -EINVAL for unknown ones. */
int vfs_statx(int dfd, const char *name, int flags, struct kstat *stat,
	      u32 request_mask);

/* vfs_fstatat - newfstatat(2)'s; vfs_stat, vfs_lstat - from the cwd. */
int vfs_fstatat(int dfd, const char *name, struct kstat *stat, int flags);
int vfs_stat(const char *name, struct kstat *stat);
int vfs_lstat(const char *name, struct kstat *stat);

/* cp_new_stat, cp_statx - in the layout programs see; all bytes are set. */
void cp_new_stat(const struct kstat *stat, struct stat *out);
void cp_statx(const struct kstat *stat, struct statx *out);

/* statfs_by_dentry - of the file system that holds @dentry; 0, or what its
 * statfs says.  May sleep. */
int statfs_by_dentry(struct dentry *dentry, struct kstatfs *buf);

/* vfs_statfs - of the file system at @path; mount flags included. */
int vfs_statfs(const struct path *path, struct kstatfs *buf);

/* user_statfs, fd_statfs - by name, by descriptor, as programs see it. */
int user_statfs(const char *name, struct statfs *out);
int fd_statfs(int fd, struct statfs *out);
