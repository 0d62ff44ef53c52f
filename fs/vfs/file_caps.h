/*
 * file_caps.h - the capabilities of a program file, capabilities(7): the
 * extended attribute security.capability.
 */
#pragma once

#include <abi/capability.h>
#include <fs/vfs/types.h>

/* What a file gives to the program in it. */
struct cpu_vfs_cap_data {
	u32 magic_etc; /* revision and flags */
	u64 permitted;
	u64 inheritable;
};

/*
 * file_caps_may_set - is @value one, and may current give it to the inode?
 * 0, -EINVAL, -EPERM.
 */
int file_caps_may_set(const struct inode *inode, const void *value,
		      size_t size);

/*
 * file_caps_get - the attribute as getxattr(2) shows it; its length.  @size 0
 * only asks.  -ENODATA, -ERANGE, -EINVAL for one that is none.
 */
ssize_t file_caps_get(struct dentry *dentry, void *value, size_t size);

/*
 * get_vfs_caps_from_disk - the attribute in the kernel's form.  -ENODATA for a
 * file without, -EINVAL for one that is malformed.  May sleep.
 */
int get_vfs_caps_from_disk(struct dentry *dentry,
			   struct cpu_vfs_cap_data *caps);

/*
 * cap_inode_need_killpriv - has the file capabilities that a change of data or
 * owner takes away?  May sleep.
 *
 * cap_inode_killpriv - take them away; i_rwsem held.  0 or -errno.
 */
bool cap_inode_need_killpriv(struct dentry *dentry);
int cap_inode_killpriv(struct dentry *dentry);
