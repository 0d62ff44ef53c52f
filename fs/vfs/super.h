/*
 * super.h - kinds of file system, and mounted instances of them.
 *
 * s_active counts the mounts (and other users that need a working file
 * system); when it reaches 0 the instance is shut down.  s_count keeps the
 * struct itself.
 */
#pragma once

#include <fs/vfs/types.h>

/* register_filesystem - 0 or -EBUSY for a name already taken. */
int register_filesystem(struct file_system_type *type);

/* get_fs_type - find by name, or NULL. */
struct file_system_type *get_fs_type(const char *name);

/* for_each_filesystem - call @fn for each, in order of registration. */
void for_each_filesystem(void (*fn)(struct file_system_type *type, void *arg),
			 void *arg);

/*
 * vfs_get_tree - the super block of @type on @source: found or filled.
 *
 * FS_REQUIRES_DEV: @source is a block device's path; -ENOTBLK, -ENODEV,
 * -EBUSY (other flags).  Otherwise a new one, or the shared one (type
 * ->single).  Returns it with one s_active, or ERR_PTR.  May sleep.
 */
struct super_block *vfs_get_tree(struct file_system_type *type,
				 unsigned long sb_flags, const char *source,
				 void *data);

/* mount_bdev - the same for a block device given by number. */
struct super_block *mount_bdev(struct file_system_type *type,
			       unsigned long sb_flags, dev_t dev, void *data);

/* deactivate_super - drop one s_active; the last shuts it down. */
void deactivate_super(struct super_block *sb);

/* put_super - drop one s_count. */
void put_super(struct super_block *sb);

/* reconfigure_super - remount with new @sb_flags and @data.  Caller holds
 * s_umount for writing.  0, -EBUSY (files open for writing), ... */
int reconfigure_super(struct super_block *sb, unsigned long sb_flags,
		      void *data);

/*
 * sync_filesystem_wait - write what is dirty in @sb: inodes, s_op->sync_fs,
 * the device's cache.  @wait: until it is there.  Caller holds s_umount.
 * sync_filesystem - start it, then wait.  0 or the first error.
 */
int sync_filesystem_wait(struct super_block *sb, bool wait);
int sync_filesystem(struct super_block *sb);

/*
 * iterate_supers - @fn for each working one, s_umount held for reading;
 * stops at, and returns, the first nonzero result.
 */
int iterate_supers(int (*fn)(struct super_block *sb, void *arg), void *arg);

/* user_get_super - the one with s_dev @dev, s_umount held for reading and a
 * reference (drop_super undoes), or NULL. */
struct super_block *user_get_super(dev_t dev);
void drop_super(struct super_block *sb);

/* get_anon_bdev, free_anon_bdev - device numbers 0:N. */
int get_anon_bdev(dev_t *dev);
void free_anon_bdev(dev_t dev);

/* emergency_remount - everything read-only, for reboot; syncs first. */
void emergency_remount(void);

static inline bool sb_rdonly(const struct super_block *sb)
{
	return READ_ONCE(sb->s_flags) & SB_RDONLY;
}

/* simple_statfs - f_type, f_bsize and f_namelen only. */
int simple_statfs(struct dentry *dentry, struct kstatfs *buf);

/* internal_fill_super - fill in a super block that only the kernel mounts: an
 * empty root, for inodes that no path leads to.  0 or -ENOMEM.  May sleep. */
int internal_fill_super(struct super_block *sb, unsigned long magic,
			const struct dentry_operations *d_op);

/* generic_delete_inode - drop_inode: never cache. */
int generic_delete_inode(struct inode *inode);
