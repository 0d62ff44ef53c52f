/*
 * permission.h - may this task do that to this file?
 *
 * Linux's rules: owner, group, others by fsuid and fsgid; CAP_DAC_OVERRIDE,
 * CAP_DAC_READ_SEARCH and CAP_FOWNER lift them; immutable and append-only
 * files; read-only mounts; sticky directories.
 */
#pragma once

#include <fs/vfs/types.h>

#define MAY_EXEC   0x01
#define MAY_WRITE  0x02
#define MAY_READ   0x04
#define MAY_APPEND 0x08
#define MAY_ACCESS 0x10 /* asked by access(2) */
#define MAY_OPEN   0x20 /* asked by open(2) */
#define MAY_CHDIR  0x40

/* generic_permission - mode bits and capabilities; 0 or -EACCES. */
int generic_permission(struct inode *inode, int mask);

/*
 * inode_permission - all that stands between the current task and MAY_x on
 * @inode, whatever the mount: read-only super block, immutable, i_op's own
 * check or generic_permission.  0, -EACCES, -EPERM, -EROFS.  May sleep.
 */
int inode_permission(struct inode *inode, int mask);

/* path_permission - inode_permission, and the mount may not be noexec for
 * MAY_EXEC of a regular file. */
int path_permission(const struct path *path, int mask);

/* inode_owner_or_capable - fsuid owns @inode, or CAP_FOWNER. */
bool inode_owner_or_capable(const struct inode *inode);

/* capable_wrt_inode - has the current task @cap over @inode? */
bool capable_wrt_inode(const struct inode *inode, int cap);

/* check_sticky - true: @dir is sticky and neither it nor @inode is ours. */
bool check_sticky(const struct inode *dir, const struct inode *inode);

/*
 * may_create - may the current task add a name to @dir?  Caller holds
 * dir->i_rwsem.  0, -EEXIST if @child is positive, -ENOENT for a removed
 * directory, or what inode_permission says.
 */
int may_create(struct inode *dir, struct dentry *child);

/*
 * may_delete - may it remove @victim from @dir?  @is_dir: by rmdir.
 * 0, -ENOENT, -EPERM, -EACCES, -ENOTDIR, -EISDIR, -EBUSY.
 */
int may_delete(struct inode *dir, struct dentry *victim, bool is_dir);

/* may_open - checks of open(2) on an existing file; @acc_mode is MAY_x. */
int may_open(const struct path *path, int acc_mode, int open_flag);
