/*
 * dcache_internal.h - what dcache.c, dcache_move.c and dcache_shrink.c share.
 * Private to fs/vfs.
 */
#pragma once

#include <fs/vfs/dcache.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>

/* A name too long for d_iname; shared after a rename over it. */
struct external_name {
	atomic_t count;
	char name[];
};

static inline bool has_external_name(const struct dentry *dentry)
{
	return dentry->d_name.name != dentry->d_iname;
}

static inline struct external_name *external_of(const struct dentry *dentry)
{
	return container_of(dentry->d_name.name, struct external_name, name[0]);
}

static inline void put_external_name(struct external_name *ext)
{
	if (atomic_dec_and_test(&ext->count))
		kfree(ext);
}

static inline int d_count_read(const struct dentry *dentry)
{
	return __atomic_load_n(&dentry->d_count, __ATOMIC_ACQUIRE);
}

static inline int d_count_dec(struct dentry *dentry)
{
	return __atomic_sub_fetch(&dentry->d_count, 1, __ATOMIC_ACQ_REL);
}

/* dget_live - a reference to a dentry that may be unused or dying; caller holds
 * the lock of the list it was found in.  False: it is dead. */
static inline bool dget_live(struct dentry *dentry)
{
	bool live;

	spin_lock_nested(&dentry->d_lock, 1);
	live = dentry->d_count >= 0;
	if (live)
		(void)dget(dentry);
	spin_unlock(&dentry->d_lock);
	return live;
}

/* dput_prune - drop one reference, and the dentry with it if nobody else uses
 * it.  May sleep. */
void dput_prune(struct dentry *dentry);

/* d_lru_add_locked, d_lru_del_locked - onto, off the list of those that nobody
 * uses.  Caller holds d_lock. */
void d_lru_add_locked(struct dentry *dentry);
void d_lru_del_locked(struct dentry *dentry);

/* d_lru_turned_locked - it has an inode now, or no more.  Caller holds d_lock.
 */
void d_lru_turned_locked(const struct dentry *dentry);
