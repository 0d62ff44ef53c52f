/*
 * dcache_move.c - names that move: rename's part in the dcache.
 *
 * Who moves is found by no name meanwhile, and his d_seq is odd: walks that
 * stand there without a reference begin again.
 *
 * Locks: the caller holds lock_rename(); dentry_tree_lock keeps the tree for
 * those who walk up to the root (dpath.c).
 *
 * Entry points: d_move, d_exchange.
 */
#include <fs/vfs/dcache_hash.h>
#include <fs/vfs/dcache_internal.h>
#include <fs/vfs/dcache_tree.h>
#include <kernel/lib/string.h>

DEFINE_SPINLOCK(dentry_tree_lock, LOCK_DENTRY_TREE);

/* @dentry is found no more, and begins to change. */
static void leave_place(struct dentry *dentry)
{
	d_drop(dentry);
	spin_lock(&dentry->d_lock);
	d_seq_write_begin(dentry);
	spin_unlock(&dentry->d_lock);
}

/* It has changed, and is found again. */
static void take_place(struct dentry *dentry)
{
	spin_lock(&dentry->d_lock);
	d_seq_write_end(dentry);
	spin_unlock(&dentry->d_lock);
	d_rehash(dentry);
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

	leave_place(dentry);
	d_drop(target);
	(void)dget(new_parent);
	spin_lock(&dentry_tree_lock);
	copy_name(dentry, target);
	/* Also within one directory: tmpfs lists names in this order. */
	reparent(dentry, new_parent);
	spin_unlock(&dentry_tree_lock);
	take_place(dentry);
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

	leave_place(a);
	leave_place(b);
	spin_lock(&dentry_tree_lock);
	swap_names(a, b);
	if (parent_a != parent_b) {
		/* Each parent loses one child and gains one. */
		reparent(a, parent_b);
		reparent(b, parent_a);
	}
	spin_unlock(&dentry_tree_lock);
	take_place(a);
	take_place(b);
}
