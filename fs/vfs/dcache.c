/*
 * dcache.c - the cache of names.
 *
 * Every dentry in use or remembered hangs in its parent's d_subdirs; those
 * that may be found by name also stand in a hash table keyed by (parent,
 * name), one spin lock per bucket.
 *
 * The table and the lookups, which take no lock, are in dcache_hash.c; names
 * that move in dcache_move.c; the unused, and how they go, in dcache_shrink.c.
 *
 * d_count is changed with atomic operations.  A dentry is killed with its
 * bucket's lock and d_lock held (d_lock alone when it is not hashed), and only
 * if its count can be changed from 0 to below 0 in one step.  A dead dentry
 * keeps that count until it is made anew; walkers of its parent's and its
 * inode's lists skip it.
 * d_inode and d_name do not change under a holder of a reference, except for
 * negative to positive, and rename, which holds dentry_tree_lock.
 *
 * Locks: inode i_lock -> dentry_tree_lock -> bucket -> parent d_lock ->
 * child d_lock -> dentry_lru_lock.
 *
 * Entry points: d_alloc, d_add, d_splice_alias, d_find_alias, dput, d_delete.
 */
#include <fs/vfs/dcache.h>

#include <abi/errno.h>
#include <fs/vfs/dcache_hash.h>
#include <fs/vfs/dcache_internal.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/base/assert.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>

#define D_COUNT_DEAD (-1000)

static struct kmem_cache *dentry_cache __read_mostly;

/*
 * dcache_init - see dcache.h.
 */
void dcache_init(void)
{
	dcache_hash_init();
	dentry_cache =
		kmem_cache_create("dentry", sizeof(struct dentry), 64, NULL);
	if (!dentry_cache)
		panic("vfs: no memory for the dentry cache");
	kmem_cache_mark_reclaimable(dentry_cache);
	kmem_cache_mark_type_stable(dentry_cache);
}

/*
 * dentry_nr_total - see dcache.h.
 */
unsigned long dentry_nr_total(void)
{
	return kmem_cache_active(dentry_cache);
}

/* Nobody uses it: make it dead.  False: a lookup has just taken it up. */
static inline bool d_count_kill(struct dentry *dentry)
{
	int unused = 0;

	return __atomic_compare_exchange_n(&dentry->d_count, &unused,
					   D_COUNT_DEAD, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static bool set_name(struct dentry *dentry, const struct qstr *name)
{
	struct external_name *ext;
	char *text = dentry->d_iname;

	if (name->len >= DNAME_INLINE_LEN) {
		ext = kmalloc(sizeof(*ext) + name->len + 1);
		if (!ext)
			return false;
		atomic_set(&ext->count, 1);
		text = ext->name;
	}
	memcpy(text, name->name, name->len);
	text[name->len] = '\0';
	dentry->d_name.name = text;
	dentry->d_name.len = name->len;
	dentry->d_name.hash = name->hash;
	return true;
}

/* Names are made in kernel memory, which never waits for reclaim: so when
 * memory is short, each walk forgets old names before it learns new ones. */
static void make_room(void)
{
	static unsigned int skip; /* a hint: not at each one */

	if (likely(nr_available_pages() > reserve_pages()))
		return;
	if (__atomic_fetch_add(&skip, 1, __ATOMIC_RELAXED) % 32)
		return;
	(void)prune_dcache(48);
	(void)prune_icache(32);
}

/* A dentry of @sb without a parent. */
static struct dentry *alloc_dentry(struct super_block *sb,
				   const struct qstr *name)
{
	struct dentry *dentry;

	make_room();
	dentry = kmem_cache_alloc(dentry_cache);
	if (!dentry)
		return NULL;
	/* As it is left by the one that died here; memory that never was a
	 * dentry says anything. */
	WRITE_ONCE(dentry->d_seq, dentry->d_seq | 1);
	if (!set_name(dentry, name)) {
		kmem_cache_free(dentry_cache, dentry);
		return NULL;
	}
	spin_lock_init(&dentry->d_lock, LOCK_DENTRY);
	dentry->d_flags = DCACHE_UNHASHED;
	dentry->d_count = 1;
	INIT_HLIST_NODE(&dentry->d_hash);
	dentry->d_parent = dentry;
	dentry->d_inode = NULL;
	INIT_LIST_HEAD(&dentry->d_child);
	INIT_LIST_HEAD(&dentry->d_subdirs);
	INIT_HLIST_NODE(&dentry->d_alias);
	INIT_LIST_HEAD(&dentry->d_lru);
	dentry->d_sb = sb;
	dentry->d_op = sb->s_d_op;
	if (dentry->d_op && dentry->d_op->d_revalidate)
		dentry->d_flags |= DCACHE_OP_REVALIDATE;
	dentry->d_fsdata = NULL;
	d_seq_write_end(dentry);
	/* A lookup that met it in an earlier life may count it from here on. */
	__atomic_store_n(&dentry->d_count, 1, __ATOMIC_RELEASE);
	return dentry;
}

/*
 * d_alloc - see dcache.h.
 */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name)
{
	struct dentry *dentry = alloc_dentry(parent->d_sb, name);

	if (!dentry)
		return NULL;
	dentry->d_parent = dget(parent);
	spin_lock(&parent->d_lock);
	list_add_tail(&dentry->d_child, &parent->d_subdirs);
	spin_unlock(&parent->d_lock);
	return dentry;
}

/*
 * d_alloc_name - d_alloc of a C string.
 */
struct dentry *d_alloc_name(struct dentry *parent, const char *name)
{
	struct qstr q = qstr_make(name);

	return d_alloc(parent, &q);
}

/*
 * d_alloc_pseudo - see dcache.h; dropped at the last dput.
 */
struct dentry *d_alloc_pseudo(struct super_block *sb, const struct qstr *name)
{
	struct dentry *dentry = alloc_dentry(sb, name);

	if (dentry)
		dentry->d_flags |= DCACHE_DISCONNECTED;
	return dentry;
}

/*
 * d_make_root - see dcache.h.
 */
struct dentry *d_make_root(struct inode *inode)
{
	static const struct qstr slash = {.len = 1, .name = "/"};
	struct dentry *root;

	if (!inode)
		return NULL;
	root = alloc_dentry(inode->i_sb, &slash);
	if (!root) {
		iput(inode);
		return NULL;
	}
	root->d_flags &= ~DCACHE_UNHASHED; /* a root is never "deleted" */
	d_instantiate(root, inode);
	return root;
}

/*
 * d_instantiate - see dcache.h.
 */
void d_instantiate(struct dentry *dentry, struct inode *inode)
{
	assert(!dentry->d_inode);
	if (!inode)
		return;
	spin_lock(&inode->i_lock);
	hlist_add_head(&dentry->d_alias, &inode->i_dentry);
	spin_lock(&dentry->d_lock);
	__atomic_store_n(&dentry->d_inode, inode, __ATOMIC_RELEASE);
	d_lru_turned_locked(dentry);
	spin_unlock(&dentry->d_lock);
	spin_unlock(&inode->i_lock);
}

/*
 * d_tmpfile - see dcache.h: nlink is 0, the name "#ino".
 */
void d_tmpfile(struct dentry *dentry, struct inode *inode)
{
	drop_nlink(inode);
	d_instantiate(dentry, inode);
}

/*
 * d_add - see dcache.h.
 */
void d_add(struct dentry *dentry, struct inode *inode)
{
	d_instantiate(dentry, inode);
	d_rehash(dentry);
}

/* Has the directory @inode a name already?  (Only a damaged image.) */
static bool directory_has_alias(struct inode *inode)
{
	struct dentry *alias;
	bool found = false;

	spin_lock(&inode->i_lock);
	hlist_for_each_entry(alias, &inode->i_dentry,
			     d_alias) if (d_count_read(alias) >= 0 &&
					  !d_unhashed(alias)) found = true;
	spin_unlock(&inode->i_lock);
	return found;
}

/*
 * d_splice_alias - see dcache.h.
 *
 * A directory with two names would let a rename make a loop, so the second
 * one is refused with -EUCLEAN.
 */
struct dentry *d_splice_alias(struct inode *inode, struct dentry *dentry)
{
	if (IS_ERR(inode))
		return ERR_CAST(inode);
	if (inode && S_ISDIR(inode->i_mode) && directory_has_alias(inode)) {
		iput(inode);
		return ERR_PTR(-EUCLEAN);
	}
	d_add(dentry, inode);
	return NULL;
}

/* Take a dead dentry off its parent's and inode's lists and free it.
 * Returns the parent, whose reference is now the caller's, or NULL. */
static struct dentry *free_dead(struct dentry *dentry)
{
	struct dentry *parent = dentry->d_parent;
	struct inode *inode = dentry->d_inode;

	if (parent != dentry) {
		spin_lock(&parent->d_lock);
		list_del_init(&dentry->d_child);
		spin_unlock(&parent->d_lock);
	}
	if (inode) {
		spin_lock(&inode->i_lock);
		hlist_del_init(&dentry->d_alias);
		spin_unlock(&inode->i_lock);
		dentry->d_inode = NULL;
		iput(inode);
	}
	if (dentry->d_op && dentry->d_op->d_release)
		dentry->d_op->d_release(dentry);
	if (has_external_name(dentry))
		put_external_name(external_of(dentry));
	kmem_cache_free(dentry_cache, dentry);
	return parent != dentry ? parent : NULL;
}

/*
 * Drop one reference.  When it was the last and @dentry is not worth keeping
 * (or @prune), kill it and return its parent for the same treatment.
 */
static struct dentry *put_one(struct dentry *dentry, bool prune)
{
	struct dcache_bucket *bucket = NULL;

	if (prune && !d_unhashed(dentry))
		bucket = d_lock_bucket(dentry);
	spin_lock(&dentry->d_lock);
	if (d_count_dec(dentry) > 0)
		goto keep;
	if (!d_unhashed(dentry) && !IS_ROOT(dentry)) {
		if (!bucket) {
			if (!(dentry->d_flags & DCACHE_LRU))
				d_lru_add_locked(dentry);
			goto keep;
		}
	}
	if (!d_count_kill(dentry))
		goto keep;
	/* d_seq stays odd, for walks that stand on it. */
	d_seq_write_begin(dentry);
	if (bucket && !(dentry->d_flags & DCACHE_UNHASHED)) {
		bucket_write_begin(bucket);
		d_unhash_locked(dentry);
		bucket_write_end(bucket);
	}
	d_lru_del_locked(dentry);
	spin_unlock(&dentry->d_lock);
	if (bucket)
		spin_unlock(&bucket->lock);
	return free_dead(dentry);
keep:
	spin_unlock(&dentry->d_lock);
	if (bucket)
		spin_unlock(&bucket->lock);
	return NULL;
}

/* Would the file system rather not keep it? */
static bool unwanted(const struct dentry *dentry)
{
	return !(READ_ONCE(dentry->d_sb->s_flags) & SB_ACTIVE) ||
	       (dentry->d_op && dentry->d_op->d_delete &&
		dentry->d_op->d_delete(dentry));
}

/*
 * dput - see dcache.h.
 */
void dput(struct dentry *dentry)
{
	int count;

	while (dentry) {
		count = d_count_read(dentry);
		assert(count > 0);
		while (count > 1) {
			if (__atomic_compare_exchange_n(
				    &dentry->d_count, &count, count - 1, false,
				    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
				return;
		}
		dentry = put_one(dentry, unwanted(dentry));
	}
}

/*
 * dput_prune - see dcache_internal.h.
 */
void dput_prune(struct dentry *dentry)
{
	dput(put_one(dentry, true));
}

/*
 * dget_parent - see dcache.h.
 */
struct dentry *dget_parent(struct dentry *dentry)
{
	struct dentry *parent;

	spin_lock(&dentry->d_lock);
	parent = dget(dentry->d_parent);
	spin_unlock(&dentry->d_lock);
	return parent;
}

/*
 * d_find_alias - see dcache.h.
 */
struct dentry *d_find_alias(struct inode *inode)
{
	struct dentry *alias;
	struct dentry *found = NULL;

	spin_lock(&inode->i_lock);
	hlist_for_each_entry(alias, &inode->i_dentry, d_alias)
	{
		if ((!d_unhashed(alias) || S_ISDIR(inode->i_mode)) &&
		    dget_live(alias)) {
			found = alias;
			break;
		}
	}
	spin_unlock(&inode->i_lock);
	return found;
}

/*
 * d_delete - see dcache.h.  Caller holds the parent's i_rwsem and the only
 * reference that may be counted on.
 */
void d_delete(struct dentry *dentry)
{
	struct inode *inode = dentry->d_inode;
	struct dcache_bucket *bucket;

	spin_lock(&inode->i_lock);
	bucket = d_lock_bucket(dentry);
	spin_lock(&dentry->d_lock);
	/* A lookup without the lock is counted here, or sees that we write. */
	d_write_begin(bucket, dentry);
	if (d_count_read(dentry) == 1) {
		hlist_del_init(&dentry->d_alias);
		dentry->d_inode = NULL;
		d_lru_turned_locked(dentry);
	} else {
		if (!(dentry->d_flags & DCACHE_UNHASHED))
			d_unhash_locked(dentry);
		inode = NULL;
	}
	d_write_end(bucket, dentry);
	spin_unlock(&dentry->d_lock);
	spin_unlock(&bucket->lock);
	if (inode) {
		spin_unlock(&inode->i_lock);
		iput(inode);
	} else {
		spin_unlock(&dentry->d_inode->i_lock);
	}
}

/*
 * d_mount_set - see dcache.h.  -ENOENT when the name was removed.
 */
int d_mount_set(struct dentry *dentry)
{
	int err = 0;

	spin_lock(&dentry->d_lock);
	if (d_unlinked(dentry))
		err = -ENOENT;
	else
		(void)__atomic_fetch_or(&dentry->d_flags, DCACHE_MOUNTED,
					__ATOMIC_RELAXED);
	spin_unlock(&dentry->d_lock);
	return err;
}

/*
 * d_mount_clear - the last mount on @dentry is gone.
 */
void d_mount_clear(struct dentry *dentry)
{
	spin_lock(&dentry->d_lock);
	(void)__atomic_fetch_and(&dentry->d_flags, ~DCACHE_MOUNTED,
				 __ATOMIC_RELAXED);
	spin_unlock(&dentry->d_lock);
}
