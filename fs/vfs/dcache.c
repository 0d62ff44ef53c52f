/*
 * dcache.c - the cache of names.
 *
 * Every dentry in use or remembered hangs in its parent's d_subdirs; those
 * that may be found by name also stand in a hash table keyed by (parent,
 * name), one spin lock per bucket.
 *
 * The table and the lookups, which take no lock, are in dcache_hash.c.
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
 * Entry points: d_alloc, d_add, d_splice_alias, dput, d_move,
 * d_delete, shrink_dcache_parent, prune_dcache.
 */
#include <fs/vfs/dcache.h>

#include <abi/errno.h>
#include <fs/vfs/dcache_hash.h>
#include <fs/vfs/dcache_tree.h>
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

/* A name too long for d_iname; shared after a rename over it. */
struct external_name {
	atomic_t count;
	char name[];
};

DEFINE_SPINLOCK(dentry_tree_lock, LOCK_DENTRY_TREE);

static struct kmem_cache *dentry_cache;
static DEFINE_SPINLOCK(dentry_lru_lock, LOCK_DENTRY_LRU);
static LIST_HEAD(dentry_lru); /* [dentry_lru_lock] least recently used first */
static unsigned long nr_unused; /* [dentry_lru_lock] on the list */

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

static inline int d_count_read(const struct dentry *dentry)
{
	return __atomic_load_n(&dentry->d_count, __ATOMIC_ACQUIRE);
}

static inline int d_count_dec(struct dentry *dentry)
{
	return __atomic_sub_fetch(&dentry->d_count, 1, __ATOMIC_ACQ_REL);
}

/* Nobody uses it: make it dead.  False: a lookup has just taken it up. */
static inline bool d_count_kill(struct dentry *dentry)
{
	int unused = 0;

	return __atomic_compare_exchange_n(&dentry->d_count, &unused,
					   D_COUNT_DEAD, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static inline bool has_external_name(const struct dentry *dentry)
{
	return dentry->d_name.name != dentry->d_iname;
}

static struct external_name *external_of(const struct dentry *dentry)
{
	return container_of(dentry->d_name.name, struct external_name, name[0]);
}

static void put_external_name(struct external_name *ext)
{
	if (atomic_dec_and_test(&ext->count))
		kfree(ext);
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

/* Caller holds d_lock. */
static void lru_add_locked(struct dentry *dentry)
{
	spin_lock(&dentry_lru_lock);
	list_add_tail(&dentry->d_lru, &dentry_lru);
	nr_unused++;
	spin_unlock(&dentry_lru_lock);
	(void)__atomic_fetch_or(&dentry->d_flags, DCACHE_LRU, __ATOMIC_RELAXED);
}

/* Caller holds d_lock. */
static void lru_del_locked(struct dentry *dentry)
{
	if (!(dentry->d_flags & DCACHE_LRU))
		return;
	spin_lock(&dentry_lru_lock);
	list_del_init(&dentry->d_lru);
	nr_unused--;
	spin_unlock(&dentry_lru_lock);
	(void)__atomic_fetch_and(&dentry->d_flags, ~DCACHE_LRU,
				 __ATOMIC_RELAXED);
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
				lru_add_locked(dentry);
			goto keep;
		}
	}
	if (!d_count_kill(dentry))
		goto keep;
	if (bucket && !(dentry->d_flags & DCACHE_UNHASHED)) {
		bucket_write_begin(bucket);
		d_unhash_locked(dentry);
		bucket_write_end(bucket);
	}
	lru_del_locked(dentry);
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

/* Drop one reference, and the dentry with it if nobody else uses it. */
static void dput_prune(struct dentry *dentry)
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

/* A reference to a dentry that may be unused or dying; caller holds the lock
 * of the list it was found in.  False: it is dead. */
static bool dget_live(struct dentry *dentry)
{
	bool live;

	spin_lock_nested(&dentry->d_lock, 1);
	live = dentry->d_count >= 0;
	if (live)
		(void)dget(dentry);
	spin_unlock(&dentry->d_lock);
	return live;
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
	bucket_write_begin(bucket);
	if (d_count_read(dentry) == 1) {
		hlist_del_init(&dentry->d_alias);
		dentry->d_inode = NULL;
	} else {
		if (!(dentry->d_flags & DCACHE_UNHASHED))
			d_unhash_locked(dentry);
		inode = NULL;
	}
	bucket_write_end(bucket);
	spin_unlock(&dentry->d_lock);
	spin_unlock(&bucket->lock);
	if (inode) {
		spin_unlock(&inode->i_lock);
		iput(inode);
	} else {
		spin_unlock(&dentry->d_inode->i_lock);
	}
}

/* @dentry takes @source's name (which @source keeps). */
static void copy_name(struct dentry *dentry, struct dentry *source)
{
	struct external_name *old = NULL;

	if (has_external_name(dentry))
		old = external_of(dentry);
	if (has_external_name(source)) {
		atomic_inc(&external_of(source)->count);
		dentry->d_name = source->d_name;
	} else {
		memcpy(dentry->d_iname, source->d_iname, DNAME_INLINE_LEN);
		dentry->d_name = source->d_name;
		dentry->d_name.name = dentry->d_iname;
	}
	if (old)
		put_external_name(old);
}

static void swap_names(struct dentry *a, struct dentry *b)
{
	char text[DNAME_INLINE_LEN];
	struct qstr name = a->d_name;
	bool a_external = has_external_name(a);
	bool b_external = has_external_name(b);

	memcpy(text, a->d_iname, DNAME_INLINE_LEN);
	memcpy(a->d_iname, b->d_iname, DNAME_INLINE_LEN);
	memcpy(b->d_iname, text, DNAME_INLINE_LEN);
	a->d_name = b->d_name;
	b->d_name = name;
	if (!b_external)
		a->d_name.name = a->d_iname;
	if (!a_external)
		b->d_name.name = b->d_iname;
}

/* Hang @dentry, which is not hashed, below @parent.  Reference counts of
 * parents are the caller's business. */
static void reparent(struct dentry *dentry, struct dentry *parent)
{
	struct dentry *old = dentry->d_parent;

	spin_lock(&old->d_lock);
	spin_lock_nested(&dentry->d_lock, 1);
	list_del_init(&dentry->d_child);
	dentry->d_parent = parent;
	spin_unlock(&dentry->d_lock);
	spin_unlock(&old->d_lock);

	spin_lock(&parent->d_lock);
	list_add_tail(&dentry->d_child, &parent->d_subdirs);
	spin_unlock(&parent->d_lock);
}

/*
 * d_move - see dcache.h.
 */
void d_move(struct dentry *dentry, struct dentry *target)
{
	struct dentry *old_parent = dentry->d_parent;
	struct dentry *new_parent = target->d_parent;

	d_drop(dentry);
	d_drop(target);
	(void)dget(new_parent);
	spin_lock(&dentry_tree_lock);
	copy_name(dentry, target);
	/* Also within one directory: tmpfs lists names in this order. */
	reparent(dentry, new_parent);
	spin_unlock(&dentry_tree_lock);
	d_rehash(dentry);
	/* The one held by @dentry, or the one just taken. */
	dput(old_parent);
}

/*
 * d_exchange - see dcache.h.
 */
void d_exchange(struct dentry *a, struct dentry *b)
{
	struct dentry *parent_a = a->d_parent;
	struct dentry *parent_b = b->d_parent;

	d_drop(a);
	d_drop(b);
	spin_lock(&dentry_tree_lock);
	swap_names(a, b);
	if (parent_a != parent_b) {
		/* Each parent loses one child and gains one. */
		reparent(a, parent_b);
		reparent(b, parent_a);
	}
	spin_unlock(&dentry_tree_lock);
	d_rehash(a);
	d_rehash(b);
}

/*
 * The live child of @parent behind @prev (NULL: the first), referenced; NULL
 * at the end, or when @prev was moved away.  @prev's reference stays.
 */
static struct dentry *next_child(struct dentry *parent, struct dentry *prev)
{
	struct list_head *pos;
	struct dentry *child = NULL;

	spin_lock(&parent->d_lock);
	pos = prev ? &prev->d_child : &parent->d_subdirs;
	if (prev && (prev->d_parent != parent || list_empty(&prev->d_child)))
		pos = parent->d_subdirs.prev;
	for (pos = pos->next; pos != &parent->d_subdirs; pos = pos->next) {
		child = list_entry(pos, struct dentry, d_child);
		if (dget_live(child))
			break;
		child = NULL;
	}
	spin_unlock(&parent->d_lock);
	return child;
}

/*
 * shrink_dcache_parent - see dcache.h.
 *
 * A walk in post-order that holds one reference: a child pins its parents.
 */
void shrink_dcache_parent(struct dentry *root)
{
	struct dentry *cur = dget(root);
	struct dentry *next, *parent;
	bool descend = true;

	for (;;) {
		next = descend ? next_child(cur, NULL) : NULL;
		if (next) {
			dput(cur);
			cur = next;
			continue;
		}
		if (cur == root)
			break;
		parent = dget_parent(cur);
		next = next_child(parent, cur);
		dput_prune(cur);
		descend = next != NULL;
		cur = parent;
		if (next) {
			dput(parent);
			cur = next;
		}
	}
	dput(cur);
}

/*
 * shrink_dcache_sb - see dcache.h.
 */
void shrink_dcache_sb(struct super_block *sb)
{
	if (sb->s_root)
		shrink_dcache_parent(sb->s_root);
}

/*
 * shrink_dcache_for_umount - see dcache.h.  SB_ACTIVE is off.
 */
void shrink_dcache_for_umount(struct super_block *sb)
{
	struct dentry *root = sb->s_root;

	if (!root)
		return;
	shrink_dcache_parent(root);
	sb->s_root = NULL;
	dput(root);
}

/*
 * d_genocide - see dcache.h.  Nobody else uses the tree any more.
 */
void d_genocide(struct dentry *root)
{
	struct dentry *cur = root;
	struct list_head *pos = root->d_subdirs.next;

	for (;;) {
		if (pos == &cur->d_subdirs) {
			if (cur == root)
				return;
			pos = cur->d_child.next;
			cur = cur->d_parent;
			continue;
		}
		cur = list_entry(pos, struct dentry, d_child);
		if (cur->d_inode && !d_unhashed(cur))
			(void)d_count_dec(cur);
		pos = cur->d_subdirs.next;
	}
}

/*
 * d_invalidate - see dcache.h.
 */
void d_invalidate(struct dentry *dentry)
{
	if (d_unhashed(dentry))
		return;
	d_drop(dentry);
	if (!dentry->d_inode)
		return;
	shrink_dcache_parent(dentry);
	if (d_mountpoint(dentry))
		detach_mounts(dentry);
}

/* The next victim from the LRU, referenced and off the list; NULL: none.
 * *@scan goes down with each dentry looked at. */
static struct dentry *lru_pick(unsigned long *scan)
{
	struct dentry *dentry;

	spin_lock(&dentry_lru_lock);
	while (*scan > 0 && !list_empty(&dentry_lru)) {
		(*scan)--;
		dentry = list_first_entry(&dentry_lru, struct dentry, d_lru);
		/* Against the order of locks, so only a try. */
		if (!spin_trylock(&dentry->d_lock)) {
			list_move_tail(&dentry->d_lru, &dentry_lru);
			continue;
		}
		if (d_count_read(dentry) == 0 &&
		    (dentry->d_flags & DCACHE_REFERENCED)) {
			(void)__atomic_fetch_and(&dentry->d_flags,
						 ~DCACHE_REFERENCED,
						 __ATOMIC_RELAXED);
			list_move_tail(&dentry->d_lru, &dentry_lru);
			spin_unlock(&dentry->d_lock);
			continue;
		}
		list_del_init(&dentry->d_lru);
		nr_unused--;
		(void)__atomic_fetch_and(&dentry->d_flags, ~DCACHE_LRU,
					 __ATOMIC_RELAXED);
		if (d_count_read(dentry) == 0) {
			(void)dget(dentry);
			spin_unlock(&dentry->d_lock);
			spin_unlock(&dentry_lru_lock);
			return dentry;
		}
		spin_unlock(&dentry->d_lock); /* in use: not our business */
	}
	spin_unlock(&dentry_lru_lock);
	return NULL;
}

/*
 * dentry_nr_unused - see dcache.h.
 */
unsigned long dentry_nr_unused(void)
{
	return READ_ONCE(nr_unused);
}

/*
 * prune_dcache - see dcache.h.  May sleep.  All have a second chance, so none
 * need be found in the first round, but some will in the second.
 */
unsigned long prune_dcache(unsigned long nr)
{
	unsigned long scan = max(nr, READ_ONCE(nr_unused)) * 2;
	unsigned long done = 0;
	struct dentry *dentry;

	while (done < nr) {
		dentry = lru_pick(&scan);
		if (!dentry)
			break;
		dput_prune(dentry);
		done++;
	}
	return done;
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
