/*
 * mount_ops.c - mount(2) and umount2(2).
 *
 * Each looks its paths up first, then takes namespace_sem, checks that the
 * mounts it found are still in the tree, and changes it.  What falls out of
 * the tree is freed after namespace_sem is released.
 *
 * Entry points: do_mount, do_umount, mount_block_root, mount_move_root.
 * pivot_root(2) is in pivot_root.c.
 */
#include <abi/capability.h>
#include <abi/errno.h>
#include <abi/mount.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/mount_internal.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/rwsem.h>

#define MNT_ATIME_MASK (MNT_NOATIME | MNT_NODIRATIME | MNT_RELATIME)
#define MS_SB_MASK                                                             \
	(MS_RDONLY | MS_SYNCHRONOUS | MS_MANDLOCK | MS_DIRSYNC | MS_SILENT |   \
	 MS_POSIXACL | MS_LAZYTIME | MS_I_VERSION)

static unsigned int mnt_flags_of(unsigned long flags)
{
	unsigned int mnt_flags = 0;

	if (!(flags & MS_NOATIME))
		mnt_flags |= MNT_RELATIME;
	if (flags & MS_NOSUID)
		mnt_flags |= MNT_NOSUID;
	if (flags & MS_NODEV)
		mnt_flags |= MNT_NODEV;
	if (flags & MS_NOEXEC)
		mnt_flags |= MNT_NOEXEC;
	if (flags & MS_NOATIME)
		mnt_flags |= MNT_NOATIME;
	if (flags & MS_NODIRATIME)
		mnt_flags |= MNT_NODIRATIME;
	if (flags & MS_STRICTATIME)
		mnt_flags &= ~(MNT_RELATIME | MNT_NOATIME);
	if (flags & MS_RDONLY)
		mnt_flags |= MNT_READONLY;
	return mnt_flags;
}

static bool is_dir(const struct dentry *dentry)
{
	return S_ISDIR(dentry->d_inode->i_mode);
}

int sysctl_mount_max = 100000;

/* proc(5), mount-max: is there room for one more? */
static bool room_for_mount(void)
{
	const struct vfsmount *mnt;
	int nr = 0;

	list_for_each_entry (mnt, &mount_list, mnt_list)
		nr++;
	return nr < READ_ONCE(sysctl_mount_max);
}

/* Put @mnt (one reference, consumed on success) at @where, on top of what is
 * mounted there by now.  namespace_sem is held. */
static int graft_locked(struct vfsmount *mnt, struct path *where)
{
	(void)follow_down_mounts(where);
	if (!mnt_in_tree(where->mnt))
		return -EINVAL;
	if (is_dir(where->dentry) != is_dir(mnt->mnt_root))
		return -ENOTDIR;
	if (!room_for_mount())
		return -ENOSPC;
	return attach_mnt(mnt, where);
}

/* Mount a filled super block; consumes its s_active. */
static int add_new_mount(struct super_block *sb, struct path *where,
			 const char *dev, unsigned int mnt_flags)
{
	struct vfsmount *mnt = mnt_alloc(sb, sb->s_root, dev, mnt_flags);
	int err;

	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	down_write(&namespace_sem);
	(void)follow_down_mounts(where);
	/* mount(2), EBUSY: the same thing on the same place again. */
	if (where->mnt->mnt_sb == sb && where->mnt->mnt_root == where->dentry)
		err = -EBUSY;
	else if (d_is_symlink(mnt->mnt_root))
		err = -EINVAL;
	else
		err = graft_locked(mnt, where);
	if (!err)
		mounts_changed();
	up_write(&namespace_sem);
	if (err)
		mntput(mnt);
	return err;
}

static int do_new_mount(struct path *where, const char *type_name,
			unsigned long flags, const char *dev, void *data)
{
	struct file_system_type *type;
	struct super_block *sb;

	if (!type_name)
		return -EINVAL;
	type = get_fs_type(type_name);
	if (!type || strcmp(type_name, "rootfs") == 0)
		return -ENODEV;
	sb = vfs_get_tree(type, flags & MS_SB_MASK, dev, data);
	if (IS_ERR(sb))
		return PTR_ERR(sb);
	return add_new_mount(sb, where, dev, mnt_flags_of(flags));
}

/* Copy @old and what is mounted below @root; not attached.  Or ERR_PTR. */
static struct vfsmount *copy_tree(struct vfsmount *old, struct dentry *root)
{
	struct vfsmount *copy = mnt_clone(old, root);
	struct vfsmount *dst, *src, *child, *parent;
	struct path where;
	LIST_HEAD(gone);
	int err;

	if (IS_ERR(copy))
		return copy;
	list_for_each_entry (child, &old->mnt_mounts, mnt_child) {
		if (!is_subdir(child->mnt_mountpoint, root))
			continue;
		parent = old; /* what dst is the copy of */
		dst = copy;
		for (src = child; src; src = next_mnt(src, child)) {
			while (parent != src->mnt_parent) {
				parent = parent->mnt_parent;
				dst = dst->mnt_parent;
			}
			where.mnt = dst;
			where.dentry = src->mnt_mountpoint;
			dst = mnt_clone(src, src->mnt_root);
			if (IS_ERR(dst)) {
				err = PTR_ERR(dst);
				goto undo;
			}
			err = attach_mnt(dst, &where);
			if (err) {
				mntput(dst);
				goto undo;
			}
			parent = src;
		}
	}
	return copy;
undo:
	umount_tree(copy, &gone);
	free_umounted(&gone);
	return ERR_PTR(err);
}

static int do_loopback(struct path *where, const char *old_name, bool recurse)
{
	struct vfsmount *mnt = NULL;
	struct path old;
	LIST_HEAD(gone);
	int err;

	if (!old_name || !*old_name)
		return -EINVAL;
	err = kern_path(old_name, LOOKUP_FOLLOW, &old);
	if (err)
		return err;
	down_write(&namespace_sem);
	err = -EINVAL;
	if (!mnt_in_tree(where->mnt) || !mnt_in_tree(old.mnt))
		goto unlock;
	mnt = recurse ? copy_tree(old.mnt, old.dentry)
		      : mnt_clone(old.mnt, old.dentry);
	if (IS_ERR(mnt)) {
		err = PTR_ERR(mnt);
		goto unlock;
	}
	err = graft_locked(mnt, where);
	if (err)
		umount_tree(mnt, &gone);
	else
		mounts_changed();
unlock:
	up_write(&namespace_sem);
	free_umounted(&gone);
	path_put(&old);
	return err;
}

/* Is @where inside the tree that begins at @mnt? */
static bool would_loop(struct vfsmount *mnt, struct vfsmount *where)
{
	for (; mnt_has_parent(where); where = where->mnt_parent)
		if (where == mnt)
			return true;
	return where == mnt;
}

static int move_locked(struct path *old, struct path *where, struct path *left)
{
	struct vfsmount *mnt = old->mnt;
	struct mnt_move move = {.mnt = mnt};
	int err;

	(void)follow_down_mounts(where);
	if (!mnt_in_tree(mnt) || !mnt_in_tree(where->mnt))
		return -EINVAL;
	if (old->dentry != mnt->mnt_root || !mnt_has_parent(mnt))
		return -EINVAL;
	if (is_dir(where->dentry) != is_dir(old->dentry))
		return -ENOTDIR;
	if (would_loop(mnt, where->mnt))
		return -ELOOP;
	if (d_unlinked(where->dentry))
		return -ENOENT;
	move.where = *where;
	err = move_mnts(&move, 1);
	if (!err)
		*left = move.where;
	return err;
}

static int do_move_mount(struct path *where, const char *old_name)
{
	struct path left = {NULL, NULL};
	struct path old;
	int err;

	if (!old_name || !*old_name)
		return -EINVAL;
	err = kern_path(old_name, LOOKUP_FOLLOW, &old);
	if (err)
		return err;
	down_write(&namespace_sem);
	err = move_locked(&old, where, &left);
	if (!err)
		mounts_changed();
	up_write(&namespace_sem);
	if (left.mnt)
		path_put(&left);
	path_put(&old);
	return err;
}

/* Set the mount's own flags.  -EBUSY: it would become read-only under a
 * writer. */
static int change_mnt_flags(struct vfsmount *mnt, unsigned int mnt_flags)
{
	unsigned int old;
	int err = 0;

	spin_lock(&mount_hash_lock);
	old = mnt->mnt_flags;
	if ((mnt_flags & MNT_READONLY) && !(old & MNT_READONLY)) {
		/* See mnt_want_write. */
		__atomic_or_fetch(&mnt->mnt_flags, MNT_WRITE_HOLD,
				  __ATOMIC_SEQ_CST);
		if (mnt_has_writers(mnt))
			err = -EBUSY;
	}
	WRITE_ONCE(mnt->mnt_flags, err ? old : mnt_flags);
	spin_unlock(&mount_hash_lock);
	return err;
}

/* mount(2): a remount that says nothing of atime keeps what is. */
static unsigned int remount_mnt_flags(const struct vfsmount *mnt,
				      unsigned long flags)
{
	unsigned int mnt_flags = mnt_flags_of(flags);

	if (!(flags &
	      (MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME))) {
		mnt_flags &= ~MNT_ATIME_MASK;
		mnt_flags |= mnt->mnt_flags & MNT_ATIME_MASK;
	}
	return mnt_flags;
}

static int do_remount_bind(struct path *path, unsigned long flags)
{
	int err;

	if (!path_is_mounted(path))
		return -EINVAL;
	err = change_mnt_flags(path->mnt, remount_mnt_flags(path->mnt, flags));
	if (!err)
		mounts_changed();
	return err;
}

static int do_remount(struct path *path, unsigned long flags, void *data)
{
	struct super_block *sb = path->mnt->mnt_sb;
	unsigned int mnt_flags = remount_mnt_flags(path->mnt, flags);
	int err;

	if (!path_is_mounted(path))
		return -EINVAL;
	down_write(&sb->s_umount);
	err = -EACCES;
	if ((flags & MS_RDONLY) || !sb_rdonly(sb) || !sb->s_bdev ||
	    !bdev_read_only(sb->s_bdev))
		err = reconfigure_super(sb, flags & MS_SB_MASK, data);
	if (!err)
		err = change_mnt_flags(path->mnt, mnt_flags);
	up_write(&sb->s_umount);
	if (!err)
		mounts_changed();
	return err;
}

/* Every mount is private, and can be made so; the rest is not offered. */
static int do_change_type(struct path *path, unsigned long flags)
{
	unsigned long type = flags & ~(MS_REC | MS_SILENT);

	if (!path_is_mounted(path))
		return -EINVAL;
	return type == MS_PRIVATE ? 0 : -EINVAL;
}

static int path_mount(const char *dev, struct path *path, const char *type,
		      unsigned long flags, void *data)
{
	const unsigned long propagation =
		MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(unsigned long)MS_MGC_MSK;
	if (flags & MS_NOUSER)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if ((flags & (MS_REMOUNT | MS_BIND)) == (MS_REMOUNT | MS_BIND))
		return do_remount_bind(path, flags);
	if (flags & MS_REMOUNT)
		return do_remount(path, flags, data);
	if (flags & MS_BIND)
		return do_loopback(path, dev, flags & MS_REC);
	if (flags & propagation)
		return do_change_type(path, flags);
	if (flags & MS_MOVE)
		return do_move_mount(path, dev);
	return do_new_mount(path, type, flags, dev, data);
}

/*
 * do_mount - see mount.h.
 */
int do_mount(const char *dev, const char *dir, const char *type,
	     unsigned long flags, void *data)
{
	struct path path;
	int err = kern_path(dir, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = path_mount(dev, &path, type, flags, data);
	path_put(&path);
	return err;
}

struct root_try {
	dev_t dev;
	unsigned long flags;
	void *data;
	struct super_block *sb;
};

static void try_root_type(struct file_system_type *type, void *arg)
{
	struct root_try *try = arg;

	if (!(type->fs_flags & FS_REQUIRES_DEV) || !IS_ERR(try->sb))
		return;
	try->sb = mount_bdev(type, (try->flags & MS_SB_MASK) | MS_SILENT,
			     try->dev, try->data);
}

/*
 * mount_block_root - see mount.h.
 */
int mount_block_root(dev_t dev, const char *dir, const char *type_name,
		     unsigned long flags, void *data)
{
	struct root_try try = {dev, flags, data, ERR_PTR(-ENODEV)};
	struct file_system_type *type;
	struct path where;
	int err = kern_path(dir, LOOKUP_FOLLOW, &where);

	if (err)
		return err;
	if (type_name) {
		type = get_fs_type(type_name);
		if (type)
			try_root_type(type, &try);
	} else {
		for_each_filesystem(try_root_type, &try);
	}
	if (IS_ERR(try.sb))
		err = PTR_ERR(try.sb);
	else
		err = add_new_mount(try.sb, &where, "/dev/root",
				    mnt_flags_of(flags));
	path_put(&where);
	return err;
}

/*
 * mount_move_root - see mount.h.
 */
int mount_move_root(const char *dir)
{
	struct path root;
	int err = kern_path(dir, LOOKUP_DIRECTORY, &root);

	if (err)
		return err;
	err = do_mount(dir, "/", NULL, MS_MOVE, NULL);
	if (!err) {
		set_fs_pwd(current->fs, &root);
		set_fs_root(current->fs, &root);
	}
	path_put(&root);
	return err;
}

/* umount2(2) of the current root: only becomes read-only. */
static int umount_root(struct super_block *sb)
{
	int err = 0;

	down_write(&sb->s_umount);
	if (!sb_rdonly(sb))
		err = reconfigure_super(
			sb, (sb->s_flags & MS_SB_MASK) | SB_RDONLY, NULL);
	up_write(&sb->s_umount);
	return err;
}

/* umount2(2), MNT_EXPIRE: the first call marks, the second unmounts. */
static int check_expire(struct vfsmount *mnt, const struct path *root,
			int flags)
{
	int count;

	if (mnt == root->mnt || (flags & (MNT_FORCE | MNT_DETACH)))
		return -EINVAL;
	spin_lock(&mount_hash_lock);
	count = mnt_count_locked(mnt);
	spin_unlock(&mount_hash_lock);
	if (count != 2)
		return -EBUSY;
	if (xchg((u8 *)&mnt->mnt_expiry_mark, 1) == 0)
		return -EAGAIN;
	return 0;
}

/* False: it is in use.  Else the tree's reference and the caller's are the only
 * ones, and no walk finds it from now on: umount_tree must follow.
 * namespace_sem is held for writing. */
static bool hide_unused(struct vfsmount *mnt)
{
	bool unused;

	if (!list_empty(&mnt->mnt_mounts))
		return false;
	spin_lock(&mount_hash_lock);
	mnt->mnt_exact = true;
	spin_unlock(&mount_hash_lock);
	wait_for_lookups();
	/* A walk without the lock is counted, or sees that we write. */
	mount_write_begin();
	unused = mnt_count_locked(mnt) <= 2;
	if (unused)
		hlist_del_init(&mnt->mnt_hash);
	else
		mnt->mnt_exact = false;
	mount_write_end();
	return unused;
}

static int umount_mnt(struct vfsmount *mnt, int flags)
{
	struct path root;
	LIST_HEAD(gone);
	int err = 0;

	get_fs_root(current->fs, &root);
	if (flags & MNT_EXPIRE)
		err = check_expire(mnt, &root, flags);
	if (!err && mnt == root.mnt && !(flags & MNT_DETACH)) {
		path_put(&root);
		return umount_root(mnt->mnt_sb);
	}
	path_put(&root);
	if (err)
		return err;
	shrink_dcache_sb(mnt->mnt_sb);

	down_write(&namespace_sem);
	if (!mnt_in_tree(mnt) || !mnt_has_parent(mnt))
		err = -EINVAL;
	else if (!(flags & MNT_DETACH) && !hide_unused(mnt))
		err = -EBUSY;
	if (!err) {
		umount_tree(mnt, &gone);
		mounts_changed();
	}
	up_write(&namespace_sem);
	free_umounted(&gone);
	return err;
}

/*
 * do_umount - see mount.h.
 */
int do_umount(const char *name, int flags)
{
	unsigned int lookup = flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path path;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	err = kern_path(name, lookup, &path);
	if (err)
		return err;
	if (!capable(CAP_SYS_ADMIN))
		err = -EPERM;
	else if (!path_is_mounted(&path))
		err = -EINVAL;
	else
		err = umount_mnt(path.mnt, flags);
	/* Not path_put: looking is not using (MNT_EXPIRE). */
	dput(path.dentry);
	mntput_no_expire(path.mnt);
	return err;
}
