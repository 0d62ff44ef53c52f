/*
 * mount_internal.h - what mount.c, mount_ops.c and mount_show.c share.
 * Private to fs/vfs.
 */
#pragma once

#include <fs/vfs/types.h>

/* The shape of the tree; writers change it. */
extern struct rw_semaphore namespace_sem;
/* What path walks see of it: hash, mnt_parent, mnt_mountpoint, mnt_flags. */
extern struct spinlock mount_hash_lock;

/* mount_write_begin, mount_write_end - take mount_hash_lock to change what
 * walks see: those that overlap it, without the lock, look again. */
void mount_write_begin(void);
void mount_write_end(void);
/* [namespace_sem] all mounts of the tree, by mnt_list, in order of mounting */
extern struct list_head mount_list;

/* A chain of mounts taken out of the tree, by mnt_list. */

/* mnt_alloc - a mount of @root, not in the tree, one reference.  Consumes an
 * s_active of the super block, also on failure (ERR_PTR). */
struct vfsmount *mnt_alloc(struct super_block *sb, struct dentry *root,
			   const char *devname, unsigned int mnt_flags);

/* mnt_clone - another mount of @old's file system at @root. */
struct vfsmount *mnt_clone(struct vfsmount *old, struct dentry *root);

/* attach_mnt - put @mnt, with one of the caller's references, on top of
 * @where.  -ENOENT if that directory was removed.  namespace_sem held. */
int attach_mnt(struct vfsmount *mnt, const struct path *where);

/* detach_mnt - off the place where it stands; *@where gets that place and
 * its references.  The tree's reference is the caller's. */
void detach_mnt(struct vfsmount *mnt, struct path *where);

/* umount_tree - take @mnt and all below it out; they are put in @gone, which
 * free_umounted() takes when namespace_sem is released. */
void umount_tree(struct vfsmount *mnt, struct list_head *gone);
void free_umounted(struct list_head *gone);

/* next_mnt - the mount after @p in a walk of the tree below @root. */
struct vfsmount *next_mnt(struct vfsmount *p, struct vfsmount *root);

/* mntput_no_expire - mntput that does not count as a use. */
void mntput_no_expire(struct vfsmount *mnt);

/* mnt_in_tree - is it attached (check_mnt)? */
static inline bool mnt_in_tree(const struct vfsmount *mnt)
{
	return !mnt->mnt_detached;
}

/* mnt_has_parent - does it stand on another? */
static inline bool mnt_has_parent(const struct vfsmount *mnt)
{
	return mnt != mnt->mnt_parent;
}

/* mounts_changed - tell those who poll /proc/mounts. */
void mounts_changed(void);
