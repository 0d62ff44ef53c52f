/*
 * dcache_hash.h - the table of names behind dcache.c.  Private to fs/vfs.
 */
#pragma once

#include <fs/vfs/types.h>
#include <kernel/lib/macros.h>

/* Locks:  L lock to write, lookups read without */
struct dcache_bucket {
	struct hlist_head head; /* [L] */
	u32 sequence; /* [L] odd while names leave, or d_delete decides */
	struct spinlock lock;
};

/*
 * d_seq_begin, d_seq_retry - are name, parent and inode what they were, and is
 * it found by its name as it was?  For walks without references: interrupts are
 * off, and @dentry was met after they went off.
 *
 * d_seq changes when a dentry leaves the table, moves, turns negative or dies;
 * a dead one's stays odd until it is made anew.
 */
static inline u32 d_seq_begin(const struct dentry *dentry)
{
	/* One that is odd is not what it will be. */
	return __atomic_load_n(&dentry->d_seq, __ATOMIC_ACQUIRE) & ~1U;
}

static inline bool d_seq_retry(const struct dentry *dentry, u32 seq)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return READ_ONCE(dentry->d_seq) != seq;
}

/* d_seq_write_begin, d_seq_write_end - around a change.  d_lock is held at
 * both. */
static inline void d_seq_write_begin(struct dentry *dentry)
{
	WRITE_ONCE(dentry->d_seq, dentry->d_seq + 1);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void d_seq_write_end(struct dentry *dentry)
{
	__atomic_store_n(&dentry->d_seq, dentry->d_seq + 1, __ATOMIC_RELEASE);
}

/* d_count_try - one more reference, unless it is dead or free; a fence. */
static inline bool d_count_try(struct dentry *dentry)
{
	int count = __atomic_load_n(&dentry->d_count, __ATOMIC_RELAXED);

	while (count >= 0) {
		if (__atomic_compare_exchange_n(
			    &dentry->d_count, &count, count + 1, false,
			    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/* d_mark_referenced - it was looked up: reclaim leaves it for a while. */
static inline void d_mark_referenced(struct dentry *dentry)
{
	if (unlikely(!(READ_ONCE(dentry->d_flags) & DCACHE_REFERENCED)))
		(void)__atomic_fetch_or(&dentry->d_flags, DCACHE_REFERENCED,
					__ATOMIC_RELAXED);
}

/*
 * d_lookup_rcu - the cached child of @parent, not referenced, and its d_seq in
 * *@seq: what d_seq_retry() then says holds for the name too.  NULL: not found,
 * which does not mean that it is not there.  Interrupts are off.
 */
struct dentry *d_lookup_rcu(const struct dentry *parent,
			    const struct qstr *name, u32 *seq);

/* dcache_hash_init - about one bucket per 32 pages of memory; at boot. */
void dcache_hash_init(void);

/* d_lock_bucket - lock the bucket @dentry belongs to, whatever rename does
 * meanwhile. */
struct dcache_bucket *d_lock_bucket(struct dentry *dentry);

/* d_unhash_locked - @dentry is found no more.  Caller holds the bucket's lock
 * and d_lock, and has begun to write. */
void d_unhash_locked(struct dentry *dentry);

/* bucket_write_begin, bucket_write_end - lookups that overlap what happens in
 * between look again.  Caller holds the bucket's lock. */
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

/* d_write_begin, d_write_end - the same for walks that stand on @dentry, too.
 * d_lock is held as well. */
static inline void d_write_begin(struct dcache_bucket *bucket,
				 struct dentry *dentry)
{
	d_seq_write_begin(dentry);
	bucket_write_begin(bucket); /* and a fence for both */
}

static inline void d_write_end(struct dcache_bucket *bucket,
			       struct dentry *dentry)
{
	bucket_write_end(bucket);
	d_seq_write_end(dentry);
}
