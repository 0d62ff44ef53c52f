/*
 * mount_internal.h - what mount.c, mount_count.c, mount_ops.c, mount_show.c
 * and walks without references share.
 * Private to fs/vfs.
 */
#pragma once

#include <fs/vfs/types.h>
#include <kernel/lib/macros.h>

/* The shape of the tree; writers change it. */
extern struct rw_semaphore namespace_sem;
/* What path walks see of it: hash, mnt_parent, mnt_mountpoint, mnt_flags. */
extern struct spinlock mount_hash_lock;

/* mount_write_begin, mount_write_end - take mount_hash_lock to change what
 * walks see: those that overlap it, without the lock, look again. */
void mount_write_begin(void);
void mount_write_end(void);

extern u32 mount_sequence; /* [mount_hash_lock] odd while the table changes */

/* mount_read_begin, mount_read_retry - did what walks see change in between?
 * With interrupts off, mounts that are met stay until they are on again. */
static inline u32 mount_read_begin(void)
{
	/* One that is odd is not what it will be. */
	return __atomic_load_n(&mount_sequence, __ATOMIC_ACQUIRE) & ~1U;
}

static inline bool mount_read_retry(u32 sequence)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return READ_ONCE(mount_sequence) != sequence;
}

/* __lookup_mnt - the mount on @dentry of @parent, or NULL; no reference.
 * mount_hash_lock is held, or interrupts are off and mount_sequence is seen to
 * be the same afterwards. */
struct vfsmount *__lookup_mnt(const struct vfsmount *parent,
			      const struct dentry *dentry);

/*
 * mnt_legitimize - a reference to @mnt, met without one since mount_sequence
 * was @sequence; interrupts are off.  0 when it is the same still.  If not, 1:
 * there is no reference, or -1: there is, to be put with interrupts on.
 */
int mnt_legitimize(struct vfsmount *mnt, u32 sequence);

/* mnt_count_locked - references to @mnt; exact when mnt_exact was set and
 * waited for.  Caller holds mount_hash_lock. */
int mnt_count_locked(const struct vfsmount *mnt);

/* mnt_has_writers - has anybody mnt_want_write()?  MNT_WRITE_HOLD or the super
 * block's flag has been set before. */
bool mnt_has_writers(const struct vfsmount *mnt);

/* mnt_free - nobody has a reference any more; see mount_count.c.  Sleeps. */
void mnt_free(struct vfsmount *mnt);

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

/* A mount of the tree, and its new place. */
struct mnt_move {
	struct vfsmount *mnt;
	struct path where;
};

/*
 * move_mnts - put @nr mounts in new places, for walks all in one step.  On 0
 * each .where is the place that was left, with the references to it, which are
 * the caller's.  -ENOENT if a new place was removed: nothing has changed.
 * namespace_sem held.
 */
int move_mnts(struct mnt_move *moves, unsigned int nr);

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
