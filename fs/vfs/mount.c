/*
 * mount.c - the mount tree.
 *
 * A mount stands on a dentry of its parent mount; path walks that meet a
 * dentry with DCACHE_MOUNTED ask the hash table, keyed by (parent, dentry),
 * for it.  The root of the tree is its own parent.  A mount in the tree is
 * referenced by the tree, and by each of its children.
 * All mounts are private: nothing propagates.
 *
 * Locks: namespace_sem guards the tree's shape; mount_hash_lock, inside it,
 * what walks and d_path read.  Both are held to change it.
 * Walks that take no reference rely on mount_sequence, which each change of
 * what they see makes another, and on mounts being freed only when every walk
 * that met them has ended.
 *
 * Entry points: lookup_mnt, follow_down_mounts, follow_up, kern_mount,
 * init_mount_tree.  mntget, mntput and mnt_want_write are in mount_count.c,
 * mount(2) and umount(2) in mount_ops.c, /proc/mounts in mount_show.c.
 */
#include <fs/vfs/mount.h>

#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/mount_internal.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/assert.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/base/refcount.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/hash.h>
#include <kernel/lib/idr.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>
#include <kernel/types/task.h>

#define MOUNT_HASH_BITS 7

DECLARE_RWSEM(namespace_sem, LOCK_MOUNT);
DEFINE_SPINLOCK(mount_hash_lock, LOCK_MOUNT_HASH);
LIST_HEAD(mount_list);

static struct hlist_head mount_hashtable[1 << MOUNT_HASH_BITS];
u32 mount_sequence;
static struct kmem_cache *mnt_cache __read_mostly;
static DEFINE_IDR(mount_ids); /* [mount_hash_lock] */
static atomic64_t nr_mount_events = ATOMIC64_INIT(1);
static DECLARE_WAIT_QUEUE_HEAD(mount_event_wait);

/*
 * mount_init - the object cache.
 */
void mount_init(void)
{
	assert(list_empty(&mount_list));
	mnt_cache = kmem_cache_create(
		"mnt_cache",
		sizeof(struct vfsmount) + nr_cpu_ids * sizeof(struct mnt_cpu),
		64, NULL);
	if (!mnt_cache)
		panic("vfs: no memory for mounts");
}

/*
 * mount_write_begin, mount_write_end - see mount_internal.h.
 */
void mount_write_begin(void)
{
	spin_lock(&mount_hash_lock);
	__atomic_store_n(&mount_sequence, mount_sequence + 1, __ATOMIC_SEQ_CST);
}

void mount_write_end(void)
{
	__atomic_store_n(&mount_sequence, mount_sequence + 1, __ATOMIC_RELEASE);
	spin_unlock(&mount_hash_lock);
}

/*
 * mounts_event, mounts_wait, mounts_changed - see mount.h.
 */
u64 mounts_event(void)
{
	return (u64)atomic64_read(&nr_mount_events);
}

struct wait_queue *mounts_wait(void)
{
	return &mount_event_wait;
}

void mounts_changed(void)
{
	atomic64_inc(&nr_mount_events);
	wake_up_all(&mount_event_wait);
}

/*
 * mount_lock_tree, mount_unlock_tree - see mount.h.
 */
void mount_lock_tree(void)
{
	spin_lock(&mount_hash_lock);
}

void mount_unlock_tree(void)
{
	spin_unlock(&mount_hash_lock);
}

static struct hlist_head *hash_head(const struct vfsmount *mnt,
				    const struct dentry *dentry)
{
	return &mount_hashtable[hash_64((u64)(uintptr_t)mnt +
						(u64)(uintptr_t)dentry * 31,
					MOUNT_HASH_BITS)];
}

/*
 * mnt_free - see mount_internal.h.
 */
void mnt_free(struct vfsmount *mnt)
{
	struct super_block *sb = mnt->mnt_sb;

	assert_can_sleep();
	assert(mnt->mnt_detached);
	/* Walks that met it before it was doomed may still count on it. */
	wait_for_lookups();
	assert(!mnt_has_writers(mnt));
	spin_lock(&mount_hash_lock);
	(void)idr_remove(&mount_ids, mnt->mnt_id);
	list_del_init(&mnt->mnt_instance);
	spin_unlock(&mount_hash_lock);
	dput(mnt->mnt_root);
	deactivate_super(sb);
	kfree(mnt->mnt_devname);
	kmem_cache_free(mnt_cache, mnt);
}

/*
 * mnt_alloc - see mount_internal.h.
 */
struct vfsmount *mnt_alloc(struct super_block *sb, struct dentry *root,
			   const char *devname, unsigned int mnt_flags)
{
	struct vfsmount *mnt = kmem_cache_zalloc(mnt_cache);
	char *name = kstrdup(devname ? devname : "none");
	int id = -ENOMEM;

	if (mnt && name) {
		spin_lock(&mount_hash_lock);
		id = idr_alloc(&mount_ids, mnt, 1, 0);
		if (id >= 0)
			list_add_tail(&mnt->mnt_instance, &sb->s_mounts);
		spin_unlock(&mount_hash_lock);
	}
	if (id < 0) {
		kfree(name);
		if (mnt)
			kmem_cache_free(mnt_cache, mnt);
		deactivate_super(sb);
		return ERR_PTR(id);
	}
	mnt->mnt_id = id;
	mnt->mnt_devname = name;
	mnt->mnt_flags = mnt_flags;
	mnt->mnt_sb = sb;
	mnt->mnt_root = dget(root);
	mnt->mnt_parent = mnt;
	mnt->mnt_mountpoint = mnt->mnt_root;
	mnt->mnt_detached = true;
	mnt->mnt_exact = true;
	(void)mntget(mnt);
	INIT_HLIST_NODE(&mnt->mnt_hash);
	INIT_LIST_HEAD(&mnt->mnt_mounts);
	INIT_LIST_HEAD(&mnt->mnt_child);
	INIT_LIST_HEAD(&mnt->mnt_list);
	return mnt;
}

/*
 * mnt_clone - see mount_internal.h.
 */
struct vfsmount *mnt_clone(struct vfsmount *old, struct dentry *root)
{
	/* Nobody counts the copy's writers. */
	unsigned int flags = READ_ONCE(old->mnt_flags) & ~MNT_WRITE_HOLD;

	refcount_inc(&old->mnt_sb->s_active);
	return mnt_alloc(old->mnt_sb, root, old->mnt_devname, flags);
}

/*
 * __lookup_mnt - see mount_internal.h.
 */
struct vfsmount *__lookup_mnt(const struct vfsmount *parent,
			      const struct dentry *dentry)
{
	struct vfsmount *mnt;

	hlist_for_each_entry(mnt, hash_head(parent, dentry),
			     mnt_hash) if (mnt->mnt_parent == parent &&
					   mnt->mnt_mountpoint ==
						   dentry) return mnt;
	return NULL;
}

/* lookup_mnt without the lock; interrupts are off.  As mnt_legitimize. */
static int try_lookup_mnt(const struct path *path, struct vfsmount **mnt)
{
	u32 sequence = mount_read_begin();

	*mnt = __lookup_mnt(path->mnt, path->dentry);
	if (*mnt)
		return mnt_legitimize(*mnt, sequence);
	return mount_read_retry(sequence) ? 1 : 0;
}

/*
 * lookup_mnt - see mount.h.  Usually takes no lock.
 */
struct vfsmount *lookup_mnt(const struct path *path)
{
	struct vfsmount *mnt;
	int failed;

	if (!d_mountpoint(path->dentry))
		return NULL;
	local_irq_disable();
	failed = try_lookup_mnt(path, &mnt);
	local_irq_enable();
	if (likely(!failed))
		return mnt;
	if (failed < 0)
		mntput(mnt);
	spin_lock(&mount_hash_lock);
	mnt = mntget(__lookup_mnt(path->mnt, path->dentry));
	spin_unlock(&mount_hash_lock);
	return mnt;
}

/*
 * follow_down_mounts - see mount.h.
 */
bool follow_down_mounts(struct path *path)
{
	struct vfsmount *mnt;
	bool moved = false;

	while ((mnt = lookup_mnt(path))) {
		path_put(path);
		path->mnt = mnt;
		path->dentry = dget(mnt->mnt_root);
		moved = true;
	}
	return moved;
}

/*
 * follow_up - see mount.h.
 */
bool follow_up(struct path *path)
{
	struct path up;

	spin_lock(&mount_hash_lock);
	up.mnt = path->mnt->mnt_parent;
	if (up.mnt == path->mnt) {
		spin_unlock(&mount_hash_lock);
		return false;
	}
	(void)mntget(up.mnt);
	up.dentry = dget(path->mnt->mnt_mountpoint);
	spin_unlock(&mount_hash_lock);
	path_put(path);
	*path = up;
	return true;
}

/*
 * attach_mnt - see mount_internal.h.  Keeps references to @where's parts.
 */
int attach_mnt(struct vfsmount *mnt, const struct path *where)
{
	int err = d_mount_set(where->dentry);

	if (err)
		return err;
	(void)mntget(where->mnt);
	(void)dget(where->dentry);
	mount_write_begin();
	mnt->mnt_parent = where->mnt;
	mnt->mnt_mountpoint = where->dentry;
	mnt->mnt_detached = false;
	/* Until it leaves the tree, the tree's reference is never the last. */
	mnt->mnt_exact = false;
	hlist_add_head(&mnt->mnt_hash, hash_head(where->mnt, where->dentry));
	mount_write_end();
	list_add_tail(&mnt->mnt_child, &where->mnt->mnt_mounts);
	if (list_empty(&mnt->mnt_list))
		list_add_tail(&mnt->mnt_list, &mount_list);
	return 0;
}

static bool dentry_still_mounted(const struct dentry *dentry)
{
	struct vfsmount *mnt;

	list_for_each_entry (mnt, &mount_list, mnt_list)
		if (mnt_has_parent(mnt) && mnt->mnt_mountpoint == dentry)
			return true;
	return false;
}

/* Nothing may be mounted on it any more: then walks need not ask. */
static void forget_mountpoint(struct dentry *dentry)
{
	if (!dentry_still_mounted(dentry))
		d_mount_clear(dentry);
}

/* What walks see of a move; *@where becomes the place left. */
static void swap_place(struct vfsmount *mnt, struct path *where)
{
	struct path left = {mnt->mnt_parent, mnt->mnt_mountpoint};

	hlist_del_init(&mnt->mnt_hash);
	mnt->mnt_parent = where->mnt;
	mnt->mnt_mountpoint = where->dentry;
	hlist_add_head(&mnt->mnt_hash, hash_head(where->mnt, where->dentry));
	*where = left;
}

/*
 * move_mnts - see mount_internal.h.
 */
int move_mnts(struct mnt_move *moves, unsigned int nr)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		err = d_mount_set(moves[i].where.dentry);
		if (err) {
			while (i-- > 0)
				forget_mountpoint(moves[i].where.dentry);
			return err;
		}
	}
	for (i = 0; i < nr; i++)
		path_get(&moves[i].where);
	mount_write_begin();
	for (i = 0; i < nr; i++)
		swap_place(moves[i].mnt, &moves[i].where);
	mount_write_end();
	for (i = 0; i < nr; i++)
		list_move_tail(&moves[i].mnt->mnt_child,
			       &moves[i].mnt->mnt_parent->mnt_mounts);
	for (i = 0; i < nr; i++)
		forget_mountpoint(moves[i].where.dentry);
	return 0;
}

/*
 * next_mnt - see mount_internal.h; NULL at the end.
 */
struct vfsmount *next_mnt(struct vfsmount *p, struct vfsmount *root)
{
	struct list_head *next = p->mnt_mounts.next;

	while (next == &p->mnt_mounts) {
		if (p == root)
			return NULL;
		next = p->mnt_child.next;
		p = p->mnt_parent;
	}
	return list_entry(next, struct vfsmount, mnt_child);
}

/*
 * umount_tree - see mount_internal.h.  mnt_mountpoint and mnt_parent of what
 * is in @gone still hold references, which free_umounted drops.
 */
void umount_tree(struct vfsmount *mnt, struct list_head *gone)
{
	struct vfsmount *p;

	for (p = mnt; p; p = next_mnt(p, mnt))
		list_move_tail(&p->mnt_list, gone);
	list_for_each_entry (p, gone, mnt_list) {
		mount_write_begin();
		hlist_del_init(&p->mnt_hash);
		p->mnt_detached = true;
		p->mnt_exact = true;
		mount_write_end();
		list_del_init(&p->mnt_child);
	}
	list_for_each_entry (p, gone, mnt_list)
		if (mnt_has_parent(p))
			forget_mountpoint(p->mnt_mountpoint);
}

/*
 * free_umounted - see mount_internal.h.  namespace_sem is not held.
 */
void free_umounted(struct list_head *gone)
{
	struct path where;
	struct vfsmount *mnt;

	/* From here on each mntput of theirs looks for the last. */
	if (!list_empty(gone))
		wait_for_lookups();
	while (!list_empty(gone)) {
		mnt = list_first_entry(gone, struct vfsmount, mnt_list);
		list_del_init(&mnt->mnt_list);
		where.mnt = NULL;
		spin_lock(&mount_hash_lock);
		if (mnt_has_parent(mnt)) {
			where.mnt = mnt->mnt_parent;
			where.dentry = mnt->mnt_mountpoint;
			mnt->mnt_parent = mnt;
			mnt->mnt_mountpoint = mnt->mnt_root;
		}
		spin_unlock(&mount_hash_lock);
		if (where.mnt)
			path_put(&where);
		mntput(mnt);
	}
}

/*
 * path_is_mounted, is_local_mountpoint - see mount.h.
 */
bool path_is_mounted(const struct path *path)
{
	return path->mnt->mnt_root == path->dentry && mnt_in_tree(path->mnt);
}

bool is_local_mountpoint(struct dentry *dentry)
{
	return d_mountpoint(dentry); /* there is one namespace */
}

/*
 * detach_mounts - see mount.h.  The caller holds no locks.
 */
void detach_mounts(struct dentry *dentry)
{
	struct vfsmount *mnt;
	LIST_HEAD(gone);
	bool again = true;

	down_write(&namespace_sem);
	while (again) {
		again = false;
		list_for_each_entry (mnt, &mount_list, mnt_list) {
			if (!mnt_has_parent(mnt) ||
			    mnt->mnt_mountpoint != dentry)
				continue;
			umount_tree(mnt, &gone);
			again = true;
			break;
		}
	}
	mounts_changed();
	up_write(&namespace_sem);
	free_umounted(&gone);
}

/*
 * is_path_reachable - see mount.h.
 */
bool is_path_reachable(const struct path *path, const struct path *root)
{
	struct vfsmount *mnt = path->mnt;
	struct dentry *dentry = path->dentry;
	bool below;

	spin_lock(&mount_hash_lock);
	while (mnt != root->mnt && mnt_has_parent(mnt)) {
		dentry = mnt->mnt_mountpoint;
		mnt = mnt->mnt_parent;
	}
	below = mnt == root->mnt && is_subdir(dentry, root->dentry);
	spin_unlock(&mount_hash_lock);
	return below;
}

/*
 * kern_mount - see mount.h.
 */
struct vfsmount *kern_mount(struct file_system_type *type)
{
	struct super_block *sb = vfs_get_tree(type, 0, type->name, NULL);
	struct vfsmount *mnt;

	if (IS_ERR(sb))
		return ERR_CAST(sb);
	mnt = mnt_alloc(sb, sb->s_root, type->name, 0);
	if (!IS_ERR(mnt))
		mnt->mnt_exact = false; /* it stays for good */
	return mnt;
}

/*
 * init_mount_tree - see mount.h.
 */
void init_mount_tree(void)
{
	struct file_system_type *type = get_fs_type("rootfs");
	struct vfsmount *mnt;
	struct path root;

	if (!type)
		panic("vfs: no rootfs");
	mnt = kern_mount(type);
	if (IS_ERR(mnt))
		panic("vfs: cannot mount rootfs: %ld", PTR_ERR(mnt));
	down_write(&namespace_sem);
	mnt->mnt_detached = false;
	mnt->mnt_flags |= MNT_RELATIME;
	list_add_tail(&mnt->mnt_list, &mount_list);
	up_write(&namespace_sem);
	root.mnt = mnt;
	root.dentry = mnt->mnt_root;
	set_fs_root(current->fs, &root);
	set_fs_pwd(current->fs, &root);
}
