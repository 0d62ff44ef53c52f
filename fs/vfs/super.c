/*
 * super.c - kinds of file system and their instances.
 *
 * vfs_get_tree finds the instance a mount asks for - by block device, the
 * one of a `single` type, or a new one - and fills a new one.  While it is
 * filled, s_umount is held for writing and SB_BORN is off, so that nobody
 * uses it.  s_active counts those who need it working; the last of them
 * shuts it down: names, inodes, put_super, device.
 *
 * Locks: sb_lock guards the lists and s_count; s_umount guards the instance
 * against unmount and remount.
 *
 * Entry points: register_filesystem, vfs_get_tree, mount_bdev,
 * deactivate_super, reconfigure_super, sync_filesystem, iterate_supers.
 */
#include <fs/vfs/super.h>

#include <abi/errno.h>
#include <abi/mount.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/inode_internal.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/super_internal.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/base/printk.h>
#include <kernel/base/refcount.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/idr.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>

#define SB_BORN (1 << 29) /* filled; set once */

/* What remount may change of s_flags. */
#define SB_REMOUNT_MASK (SB_RDONLY | SB_SYNCHRONOUS | SB_DIRSYNC | SB_NOATIME)

static DEFINE_SPINLOCK(sb_lock, LOCK_SB_LIST);
static LIST_HEAD(file_systems); /* [sb_lock] */
static LIST_HEAD(super_blocks); /* [sb_lock] */
static struct idr anon_minors;	/* [sb_lock] */
static bool anon_minors_ready;	/* [sb_lock] */
static DECLARE_WAIT_QUEUE_HEAD(super_gone);

/*
 * register_filesystem - see super.h.
 */
int register_filesystem(struct file_system_type *type)
{
	int err = 0;

	spin_lock(&sb_lock);
	if (type->list.next && !list_empty(&type->list)) {
		err = -EBUSY;
	} else {
		INIT_LIST_HEAD(&type->supers);
		list_add_tail(&type->list, &file_systems);
	}
	spin_unlock(&sb_lock);
	return err;
}

/*
 * get_fs_type - see super.h.  Types are never taken away again.
 */
struct file_system_type *get_fs_type(const char *name)
{
	struct file_system_type *type;
	struct file_system_type *found = NULL;

	spin_lock(&sb_lock);
	list_for_each_entry (type, &file_systems, list) {
		if (strcmp(type->name, name) == 0) {
			found = type;
			break;
		}
	}
	spin_unlock(&sb_lock);
	return found;
}

/*
 * for_each_filesystem - see super.h.  @fn may sleep: the list only grows.
 */
void for_each_filesystem(void (*fn)(struct file_system_type *type, void *arg),
			 void *arg)
{
	struct list_head *pos = &file_systems;

	for (;;) {
		spin_lock(&sb_lock);
		pos = pos->next;
		spin_unlock(&sb_lock);
		if (pos == &file_systems)
			return;
		fn(list_entry(pos, struct file_system_type, list), arg);
	}
}

/*
 * get_anon_bdev, free_anon_bdev - see super.h.
 */
int get_anon_bdev(dev_t *dev)
{
	int minor;

	spin_lock(&sb_lock);
	if (!anon_minors_ready) {
		idr_init(&anon_minors);
		anon_minors_ready = true;
	}
	minor = idr_alloc(&anon_minors, &anon_minors, 1, 1 << MINORBITS);
	spin_unlock(&sb_lock);
	if (minor < 0)
		return minor == -ENOSPC ? -EMFILE : minor;
	*dev = MKDEV(0, minor);
	return 0;
}

void free_anon_bdev(dev_t dev)
{
	spin_lock(&sb_lock);
	(void)idr_remove(&anon_minors, MINOR(dev));
	spin_unlock(&sb_lock);
}

/* A fresh one with s_umount held for writing, s_active 1. */
static struct super_block *alloc_super(struct file_system_type *type,
				       unsigned long sb_flags)
{
	static const struct super_operations no_operations;
	struct super_block *sb = kzalloc(sizeof(*sb));

	if (!sb)
		return NULL;
	INIT_LIST_HEAD(&sb->s_list);
	INIT_LIST_HEAD(&sb->s_instances);
	INIT_LIST_HEAD(&sb->s_inodes);
	INIT_LIST_HEAD(&sb->s_dirty);
	INIT_LIST_HEAD(&sb->s_mounts);
	init_rwsem(&sb->s_umount, LOCK_SUPER);
	mutex_init(&sb->s_rename_mutex, LOCK_RENAME);
	sb->s_type = type;
	sb->s_op = &no_operations;
	sb->s_flags = sb_flags;
	sb->s_count = 1;
	sb->s_maxbytes = INT64_MAX;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_time_gran_ns = 1;
	refcount_set(&sb->s_active, 1);
	strscpy(sb->s_id, type->name, sizeof(sb->s_id));
	down_write(&sb->s_umount);
	return sb;
}

/*
 * put_super - see super.h.
 */
void put_super(struct super_block *sb)
{
	bool last;

	spin_lock(&sb_lock);
	last = --sb->s_count == 0;
	if (last)
		list_del_init(&sb->s_list);
	spin_unlock(&sb_lock);
	if (last)
		kfree(sb);
}

/*
 * drop_super - see super.h.
 */
void drop_super(struct super_block *sb)
{
	up_read(&sb->s_umount);
	put_super(sb);
}

/* Undo what fill_super did, and leave the lists of those who look for it.
 * s_umount is held for writing and released. */
static void shutdown_super(struct super_block *sb)
{
	unsigned int busy = 0;

	if (sb->s_root) {
		if (sb->s_type->fs_flags & FS_LITTER)
			d_genocide(sb->s_root);
		else
			(void)sync_filesystem(sb);
		sb->s_flags &= ~SB_ACTIVE;
		shrink_dcache_for_umount(sb);
		busy = evict_inodes(sb);
		if (sb->s_op->put_super)
			sb->s_op->put_super(sb);
	}
	if (busy)
		pr_err("vfs: %u busy inodes after unmount of %s\n", busy,
		       sb->s_id);
	if (sb->s_bdev) {
		(void)sync_blockdev(sb->s_bdev);
		invalidate_bdev(sb->s_bdev);
		blkdev_put(sb->s_bdev, sb->s_bdev_mode, sb->s_type);
		sb->s_bdev = NULL;
	} else if (MAJOR(sb->s_dev) == 0 && sb->s_dev) {
		free_anon_bdev(sb->s_dev);
	}
	spin_lock(&sb_lock);
	list_del_init(&sb->s_instances);
	spin_unlock(&sb_lock);
	up_write(&sb->s_umount);
	wake_up_all(&super_gone);
	put_super(sb);
}

/*
 * deactivate_super - see super.h.  May sleep.
 */
void deactivate_super(struct super_block *sb)
{
	if (!refcount_dec_and_test(&sb->s_active))
		return;
	down_write(&sb->s_umount);
	shutdown_super(sb);
}

/* The instance of @type that is on @bdev_nr (0: any); sb_lock held. */
static struct super_block *find_instance(struct file_system_type *type,
					 dev_t bdev_nr)
{
	struct super_block *sb;

	list_for_each_entry (sb, &type->supers, s_instances)
		if (!bdev_nr || sb->s_dev == bdev_nr)
			return sb;
	return NULL;
}

/*
 * Find the instance and take an s_active and s_umount (write); one that is
 * going away is waited for.  Otherwise enter @new in the lists.  Returns the
 * old one or @new.
 */
static struct super_block *sget(struct file_system_type *type, dev_t dev,
				bool share, struct super_block *new)
{
	struct super_block *old;

	for (;;) {
		DEFINE_WAIT(wait);

		spin_lock(&sb_lock);
		old = share ? find_instance(type, dev) : NULL;
		if (!old) {
			list_add_tail(&new->s_list, &super_blocks);
			list_add_tail(&new->s_instances, &type->supers);
			spin_unlock(&sb_lock);
			return new;
		}
		if (refcount_inc_not_zero(&old->s_active)) {
			spin_unlock(&sb_lock);
			down_write_nested(&old->s_umount, 1);
			if (old->s_flags & SB_BORN)
				return old;
			up_write(&old->s_umount); /* filling it failed */
			deactivate_super(old);
			continue;
		}
		prepare_to_wait(&super_gone, &wait, TASK_UNINTERRUPTIBLE);
		spin_unlock(&sb_lock);
		schedule();
		finish_wait(&super_gone, &wait);
	}
}

static int fill_new_super(struct super_block *sb, void *data)
{
	int err = sb->s_type->fill_super(sb, data, sb->s_flags & MS_SILENT);

	if (err)
		return err;
	sb->s_flags |= SB_BORN | SB_ACTIVE;
	return 0;
}

static void discard_new(struct super_block *sb)
{
	up_write(&sb->s_umount);
	kfree(sb);
}

/*
 * mount_bdev - see super.h.
 */
struct super_block *mount_bdev(struct file_system_type *type,
			       unsigned long sb_flags, dev_t dev, void *data)
{
	unsigned int mode =
		FMODE_READ | (sb_flags & SB_RDONLY ? 0 : FMODE_WRITE);
	struct super_block *new = alloc_super(type, sb_flags);
	struct block_device *bdev;
	struct super_block *sb;
	int err;

	if (!new)
		return ERR_PTR(-ENOMEM);
	new->s_dev = dev;
	sb = sget(type, dev, true, new);
	if (sb != new) {
		discard_new(new);
		err = (sb->s_flags ^ sb_flags) & SB_RDONLY ? -EBUSY : 0;
		up_write(&sb->s_umount);
		if (!err)
			return sb;
		deactivate_super(sb);
		return ERR_PTR(err);
	}
	bdev = blkdev_get_by_dev(dev, mode, type);
	if (IS_ERR(bdev)) {
		err = PTR_ERR(bdev);
		goto fail;
	}
	sb->s_bdev = bdev;
	sb->s_bdev_mode = mode;
	err = fill_new_super(sb, data);
	if (err)
		goto fail;
	up_write(&sb->s_umount);
	return sb;
fail:
	up_write(&sb->s_umount);
	deactivate_super(sb);
	return ERR_PTR(err);
}

static struct super_block *mount_nodev(struct file_system_type *type,
				       unsigned long sb_flags, void *data)
{
	struct super_block *new = alloc_super(type, sb_flags);
	struct super_block *sb;
	int err;

	if (!new)
		return ERR_PTR(-ENOMEM);
	err = get_anon_bdev(&new->s_dev);
	if (err) {
		discard_new(new);
		return ERR_PTR(err);
	}
	sb = sget(type, 0, type->single, new);
	if (sb != new) {
		free_anon_bdev(new->s_dev);
		discard_new(new);
		up_write(&sb->s_umount);
		return sb;
	}
	err = fill_new_super(sb, data);
	up_write(&sb->s_umount);
	if (!err)
		return sb;
	deactivate_super(sb);
	return ERR_PTR(err);
}

/*
 * vfs_get_tree - see super.h.
 */
struct super_block *vfs_get_tree(struct file_system_type *type,
				 unsigned long sb_flags, const char *source,
				 void *data)
{
	dev_t dev;
	int err;

	if (!(type->fs_flags & FS_REQUIRES_DEV))
		return mount_nodev(type, sb_flags, data);
	if (!source || !*source)
		return ERR_PTR(-EINVAL);
	err = lookup_bdev(source, &dev);
	if (err)
		return ERR_PTR(err);
	return mount_bdev(type, sb_flags, dev, data);
}

/* Has @sb files that were removed but are still open?  Their blocks must be
 * given back, so it cannot become read-only. */
static bool has_orphans(struct super_block *sb)
{
	struct inode *inode;
	bool found = false;

	spin_lock(&inode_hash_lock);
	list_for_each_entry (inode, &sb->s_inodes, i_sb_list)
		if (inode->i_nlink == 0 && inode->i_count > 0 && inode->i_op &&
		    !is_bad_inode(inode))
			found = true;
	spin_unlock(&inode_hash_lock);
	return found;
}

/*
 * reconfigure_super - see super.h.
 */
int reconfigure_super(struct super_block *sb, unsigned long sb_flags,
		      void *data)
{
	bool becomes_ro = (sb_flags & SB_RDONLY) && !sb_rdonly(sb);
	unsigned long old = sb->s_flags;
	int flags = (int)sb_flags;
	int err;

	if (becomes_ro) {
		shrink_dcache_sb(sb);
		/* New writers see it before the old ones are counted. */
		__atomic_or_fetch(&sb->s_flags, SB_RDONLY, __ATOMIC_SEQ_CST);
		if (sb_has_writers(sb) || has_orphans(sb)) {
			sb->s_flags = old;
			return -EBUSY;
		}
		sb->s_flags = old;
		err = sync_filesystem(sb);
		if (err)
			return err;
	}
	if (sb->s_op->remount) {
		err = sb->s_op->remount(sb, &flags, data);
		if (err)
			return err;
	}
	WRITE_ONCE(sb->s_flags, (sb->s_flags & ~SB_REMOUNT_MASK) |
					(flags & SB_REMOUNT_MASK));
	return 0;
}

/*
 * sync_filesystem_wait - see super.h.
 */
int sync_filesystem_wait(struct super_block *sb, bool wait)
{
	int err = sync_inodes_sb(sb, wait);
	int err2 = 0;

	if (sb->s_op->sync_fs)
		err2 = sb->s_op->sync_fs(sb, wait);
	err = err ? err : err2;
	if (sb->s_bdev) {
		err2 = wait ? sync_blockdev(sb->s_bdev)
			    : sync_blockdev_nowait(sb->s_bdev);
		err = err ? err : err2;
	}
	return err;
}

/*
 * sync_filesystem - see super.h.
 */
int sync_filesystem(struct super_block *sb)
{
	if (sb_rdonly(sb))
		return 0;
	(void)sync_filesystem_wait(sb, false);
	return sync_filesystem_wait(sb, true);
}

/* The next super block behind @prev, with an s_count; @prev's is dropped. */
static struct super_block *next_super(struct super_block *prev)
{
	struct list_head *pos;
	struct super_block *next = NULL;

	spin_lock(&sb_lock);
	pos = prev ? prev->s_list.next : super_blocks.next;
	if (pos != &super_blocks) {
		next = list_entry(pos, struct super_block, s_list);
		next->s_count++;
	}
	spin_unlock(&sb_lock);
	if (prev)
		put_super(prev);
	return next;
}

static bool is_working(const struct super_block *sb)
{
	return sb->s_root && (sb->s_flags & SB_BORN);
}

/*
 * iterate_supers - see super.h.
 */
int iterate_supers(int (*fn)(struct super_block *sb, void *arg), void *arg)
{
	struct super_block *sb = NULL;
	int ret = 0;

	while (!ret && (sb = next_super(sb))) {
		down_read(&sb->s_umount);
		if (is_working(sb))
			ret = fn(sb, arg);
		up_read(&sb->s_umount);
	}
	if (sb)
		put_super(sb);
	return ret;
}

/*
 * iterate_supers_trylock - see super_internal.h.
 */
int iterate_supers_trylock(int (*fn)(struct super_block *sb, void *arg),
			   void *arg)
{
	struct super_block *sb = NULL;
	int ret = 0;

	while (!ret && (sb = next_super(sb))) {
		if (!down_read_trylock(&sb->s_umount))
			continue;
		if (is_working(sb))
			ret = fn(sb, arg);
		up_read(&sb->s_umount);
	}
	if (sb)
		put_super(sb);
	return ret;
}

/*
 * user_get_super - see super.h.
 */
struct super_block *user_get_super(dev_t dev)
{
	struct super_block *sb = NULL;

	while ((sb = next_super(sb))) {
		if (sb->s_dev != dev)
			continue;
		down_read(&sb->s_umount);
		if (is_working(sb))
			return sb;
		up_read(&sb->s_umount);
	}
	return NULL;
}

static int remount_readonly(struct super_block *sb, void *unused)
{
	int flags = SB_RDONLY;

	if (sb_rdonly(sb) || !sb->s_bdev)
		return 0;
	(void)sync_filesystem(sb);
	if (sb->s_op->remount && sb->s_op->remount(sb, &flags, NULL))
		return 0;
	sb->s_flags |= SB_RDONLY;
	(void)sync_blockdev(sb->s_bdev);
	return 0;
}

/*
 * emergency_remount - see super.h.
 */
void emergency_remount(void)
{
	(void)iterate_supers(remount_readonly, NULL);
}
