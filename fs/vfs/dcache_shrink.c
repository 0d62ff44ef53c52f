/*
 * dcache_shrink.c - names that nobody uses, and how they go: for want of
 * memory, with the directory above them, with their file system.
 *
 * One that is put for the last time goes on a list and stays there until it is
 * looked at; those used meanwhile are passed over.
 *
 * Locks: parent d_lock -> child d_lock -> dentry_lru_lock.
 *
 * Entry points: dentry_nr_unused, dentry_nr_negative, prune_dcache,
 * shrink_dcache_parent, shrink_dcache_sb, shrink_dcache_for_umount, d_genocide,
 * d_invalidate; d_lru_add_locked.
 */
#include <fs/vfs/dcache_internal.h>
#include <fs/vfs/mount.h>

static DEFINE_SPINLOCK(dentry_lru_lock, LOCK_DENTRY_LRU);
static LIST_HEAD(dentry_lru); /* [dentry_lru_lock] least recently used first */
static unsigned long nr_unused;	  /* [dentry_lru_lock] on the list */
static unsigned long nr_negative; /* [dentry_lru_lock] names of nothing there */

/*
 * d_lru_add_locked, d_lru_del_locked - see dcache_internal.h.
 */
void d_lru_add_locked(struct dentry *dentry)
{
	spin_lock(&dentry_lru_lock);
	list_add_tail(&dentry->d_lru, &dentry_lru);
	nr_unused++;
	nr_negative += !dentry->d_inode;
	spin_unlock(&dentry_lru_lock);
	(void)__atomic_fetch_or(&dentry->d_flags, DCACHE_LRU, __ATOMIC_RELAXED);
}

void d_lru_del_locked(struct dentry *dentry)
{
	if (!(dentry->d_flags & DCACHE_LRU))
		return;
	spin_lock(&dentry_lru_lock);
	list_del_init(&dentry->d_lru);
	nr_unused--;
	nr_negative -= !dentry->d_inode;
	spin_unlock(&dentry_lru_lock);
	(void)__atomic_fetch_and(&dentry->d_flags, ~DCACHE_LRU,
				 __ATOMIC_RELAXED);
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
		nr_negative -= !dentry->d_inode;
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
 * dentry_nr_negative - see dcache.h.
 */
unsigned long dentry_nr_negative(void)
{
	return READ_ONCE(nr_negative);
}

/*
 * d_lru_turned_locked - see dcache_internal.h.
 */
void d_lru_turned_locked(const struct dentry *dentry)
{
	if (!(dentry->d_flags & DCACHE_LRU))
		return;
	spin_lock(&dentry_lru_lock);
	if (dentry->d_inode)
		nr_negative--;
	else
		nr_negative++;
	spin_unlock(&dentry_lru_lock);
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
