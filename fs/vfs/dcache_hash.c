/*
 * dcache_hash.c - finding a name: the hash table of dentries.
 *
 * A lookup takes no lock: it walks the chain with interrupts off, raises the
 * count of what it found, and then sees from the bucket's sequence number
 * whether a name left the chain meanwhile; if so it looks again with the lock.
 * What it reads may be free or reused, but is a dentry (slab.h,
 * kmem_cache_mark_type_stable), and the count of one that is not in use is
 * below 0, from which no lookup raises it.
 *
 * Locks: a bucket's lock, and inside it d_lock, to change a chain.
 *
 * A walk without references (namei_lazy.c) does not even raise the count, and
 * sees from d_seq whether the name is what it was.
 *
 * Entry points: d_lookup, d_lookup_rcu, d_rehash, d_drop;
 * d_lock_bucket, d_unhash_locked.
 */
#include <fs/vfs/dcache_hash.h>

#include <fs/vfs/dcache.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/arch/irqflags.h>
#include <kernel/base/panic.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

static struct dcache_bucket *dentry_hashtable;
static unsigned int dentry_hash_bits;

/*
 * dcache_hash_init - see dcache_hash.h.
 */
void dcache_hash_init(void)
{
	unsigned long buckets =
		clamp_t(unsigned long, totalram_pages() / 32, 256UL, 65536UL);
	unsigned long i;

	dentry_hash_bits = ilog2(buckets);
	dentry_hashtable =
		vzalloc(sizeof(*dentry_hashtable) << dentry_hash_bits);
	if (!dentry_hashtable)
		panic("vfs: no memory for the table of names");
	for (i = 0; i < 1UL << dentry_hash_bits; i++)
		spin_lock_init(&dentry_hashtable[i].lock, LOCK_DCACHE);
}

static inline struct dcache_bucket *bucket_of(const struct dentry *parent,
					      u32 hash)
{
	return &dentry_hashtable[hash_64(
		(u64)(uintptr_t)parent ^ ((u64)hash << 20), dentry_hash_bits)];
}

/*
 * d_lock_bucket - see dcache_hash.h.
 */
struct dcache_bucket *d_lock_bucket(struct dentry *dentry)
{
	struct dcache_bucket *bucket;

	for (;;) {
		bucket = bucket_of(READ_ONCE(dentry->d_parent),
				   READ_ONCE(dentry->d_name.hash));
		spin_lock(&bucket->lock);
		if (likely(bucket ==
			   bucket_of(dentry->d_parent, dentry->d_name.hash)))
			return bucket;
		spin_unlock(&bucket->lock);
	}
}

/*
 * d_rehash - see dcache.h.
 */
void d_rehash(struct dentry *dentry)
{
	struct dcache_bucket *bucket = d_lock_bucket(dentry);

	spin_lock(&dentry->d_lock);
	if (dentry->d_flags & DCACHE_UNHASHED) {
		hlist_publish_head(&dentry->d_hash, &bucket->head);
		dentry->d_flags &= ~DCACHE_UNHASHED;
	}
	spin_unlock(&dentry->d_lock);
	spin_unlock(&bucket->lock);
}

/*
 * d_unhash_locked - see dcache_hash.h.
 */
void d_unhash_locked(struct dentry *dentry)
{
	hlist_del_init(&dentry->d_hash);
	dentry->d_flags |= DCACHE_UNHASHED;
}

/*
 * d_drop - see dcache.h.
 */
void d_drop(struct dentry *dentry)
{
	struct dcache_bucket *bucket;

	if (d_unhashed(dentry))
		return;
	bucket = d_lock_bucket(dentry);
	spin_lock(&dentry->d_lock);
	d_write_begin(bucket, dentry);
	d_unhash_locked(dentry);
	d_write_end(bucket, dentry);
	spin_unlock(&dentry->d_lock);
	spin_unlock(&bucket->lock);
}

static inline bool has_name(const struct dentry *dentry,
			    const struct dentry *parent,
			    const struct qstr *name)
{
	return dentry->d_name.hash == name->hash &&
	       dentry->d_parent == parent && dentry->d_name.len == name->len;
}

/* d_lookup with the bucket's lock. */
static __noinline struct dentry *lookup_bucket(struct dcache_bucket *bucket,
					       const struct dentry *parent,
					       const struct qstr *name)
{
	struct dentry *dentry;
	struct dentry *found = NULL;

	spin_lock(&bucket->lock);
	hlist_for_each_entry(dentry, &bucket->head, d_hash)
	{
		if (!has_name(dentry, parent, name) ||
		    memcmp(dentry->d_name.name, name->name, name->len) != 0)
			continue;
		found = dget(dentry);
		break;
	}
	spin_unlock(&bucket->lock);
	return found;
}

/*
 * The dentry of that name in the chain, without a lock or a reference, and its
 * d_seq from before its name was read; NULL: none is seen.  *@unsure: for a
 * long name, which may be freed while we read it.  Interrupts are off.
 */
static inline struct dentry *find_in_chain(const struct dcache_bucket *bucket,
					   const struct dentry *parent,
					   const struct qstr *name, u32 *seq,
					   bool *unsure)
{
	struct hlist_node *pos =
		__atomic_load_n(&bucket->head.first, __ATOMIC_ACQUIRE);
	struct dentry *dentry;

	for (; pos; pos = READ_ONCE(pos->next)) {
		dentry = hlist_entry(pos, struct dentry, d_hash);
		*seq = d_seq_begin(dentry);
		if (!has_name(dentry, parent, name))
			continue;
		if (READ_ONCE(dentry->d_name.name) != dentry->d_iname) {
			*unsure = true;
			return NULL;
		}
		if (memcmp(dentry->d_iname, name->name, name->len) == 0)
			return dentry;
	}
	return NULL;
}

/*
 * d_lookup without a lock; interrupts are off.  False: what was seen is not to
 * be relied on; *@found may have a reference all the same.
 */
static inline bool lookup_chain(const struct dcache_bucket *bucket,
				const struct dentry *parent,
				const struct qstr *name, struct dentry **found)
{
	u32 sequence = __atomic_load_n(&bucket->sequence, __ATOMIC_ACQUIRE);
	bool unsure = false;
	struct dentry *dentry;
	u32 seq;

	dentry = find_in_chain(bucket, parent, name, &seq, &unsure);
	if (unsure || (dentry && !d_count_try(dentry)))
		return false;
	*found = dentry;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !(sequence & 1) && READ_ONCE(bucket->sequence) == sequence;
}

/*
 * d_lookup - see dcache.h.  Usually takes no lock.
 */
struct dentry *d_lookup(struct dentry *parent, const struct qstr *name)
{
	struct dcache_bucket *bucket = bucket_of(parent, name->hash);
	struct dentry *dentry = NULL;
	bool sure;

	local_irq_disable();
	sure = lookup_chain(bucket, parent, name, &dentry);
	local_irq_enable();
	if (unlikely(!sure)) {
		dput(dentry);
		dentry = lookup_bucket(bucket, parent, name);
	}
	if (dentry)
		d_mark_referenced(dentry);
	return dentry;
}

/*
 * d_lookup_rcu - see dcache_hash.h.  A chain that changes may lead elsewhere,
 * so only what was found counts.
 */
struct dentry *d_lookup_rcu(const struct dentry *parent,
			    const struct qstr *name, u32 *seq)
{
	const struct dcache_bucket *bucket = bucket_of(parent, name->hash);
	bool unsure;
	struct dentry *dentry =
		find_in_chain(bucket, parent, name, seq, &unsure);

	return dentry && !d_unhashed(dentry) ? dentry : NULL;
}
