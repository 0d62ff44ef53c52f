/*
 * dcache_hash.h - the table of names behind dcache.c.  Private to fs/vfs.
 */
#pragma once

#include <fs/vfs/types.h>

/* Locks:  L lock to write, lookups read without */
struct dcache_bucket {
	struct hlist_head head; /* [L] */
	u32 sequence; /* [L] odd while names leave, or d_delete decides */
	struct spinlock lock;
};

/* dcache_hash_init - about one bucket per 32 pages of memory; at boot. */
void dcache_hash_init(void);

/* d_lock_bucket - lock the bucket @dentry belongs to, whatever rename does
 * meanwhile. */
struct dcache_bucket *d_lock_bucket(struct dentry *dentry);

/* d_unhash_locked - @dentry is found no more.  Caller holds the bucket's lock
 * and d_lock, and has begun to write. */
void d_unhash_locked(struct dentry *dentry);

/* Lookups that overlap what happens until bucket_write_end() look again.
 * Caller holds the bucket's lock. */
static inline void bucket_write_begin(struct dcache_bucket *bucket)
{
	__atomic_store_n(&bucket->sequence, bucket->sequence + 1,
			 __ATOMIC_SEQ_CST);
}

static inline void bucket_write_end(struct dcache_bucket *bucket)
{
	__atomic_store_n(&bucket->sequence, bucket->sequence + 1,
			 __ATOMIC_RELEASE);
}
