/*
 * sticky.h - links and files of others in directories that all may write to,
 * proc(5), fs.protected_*.
 */
#pragma once

#include <fs/vfs/types.h>

extern int sysctl_protected_symlinks;  /* 0, 1 */
extern int sysctl_protected_hardlinks; /* 0, 1 */
extern int sysctl_protected_fifos;     /* 0 to 2 */
extern int sysctl_protected_regular;   /* 0 to 2 */

/* may_follow_link - may current follow @link, the last component of a path,
 * which stands in @dir?  0 or -EACCES. */
int may_follow_link(const struct inode *dir, const struct inode *link);

/* may_linkat - may current make another name of @inode?  0 or -EPERM. */
int may_linkat(struct inode *inode);

/* may_create_in_sticky - may current's O_CREAT open @inode, which is there, in
 * a directory of @dir_mode and @dir_uid?  0 or -EACCES. */
int may_create_in_sticky(umode_t dir_mode, uid_t dir_uid,
			 const struct inode *inode);
