/*
 * inode.c - the cache of inodes: found, counted, freed.
 *
 * Inodes with a number that can be looked up stand in a hash table keyed by
 * (super block, number).  One without references is freed at once when it
 * has no links (or its file system says so), else it waits on the LRU for
 * the shrinker.  Freeing is marked by I_FREEING while the inode still stands
 * in the table; who finds it there waits and looks again.
 *
 * Locks: inode_hash_lock guards the table, the LRU, s_inodes and s_dirty;
 * inside it i_lock guards i_state and i_count.
 *
 * Entry points: iget_locked, new_inode, igrab, iput.  The unused, and how they
 * go: inode_shrink.c; dirty ones: inode_writeback.c; attributes: inode_attr.c.
 */
#include <fs/vfs/inode.h>

#include <abi/errno.h>
#include <fs/vfs/inode_internal.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/base/assert.h>
#include <kernel/base/panic.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/hash.h>
#include <kernel/lib/string.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/truncate.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>

DEFINE_SPINLOCK(inode_hash_lock, LOCK_INODE_HASH);

static struct kmem_cache *inode_cache __read_mostly;
static struct hlist_head *inode_hashtable; /* [inode_hash_lock] */
static unsigned int inode_hash_bits;
static long nr_inodes;				 /* [inode_hash_lock] */
static DECLARE_WAIT_QUEUE_HEAD(inode_free_wait); /* an I_FREEING one is gone */
static atomic64_t last_ino;

static int no_open(struct inode *inode, struct file *file)
{
	return -ENXIO;
}

static const struct inode_operations empty_iops;
static const struct file_operations no_open_fops = {
	.open = no_open,
};

/*
 * inode_init - see inode.h.
 */
void inode_init(void)
{
	unsigned long buckets =
		clamp_t(unsigned long, totalram_pages() / 64, 256UL, 65536UL);

	inode_hash_bits = ilog2(buckets);
	inode_hashtable = vzalloc(sizeof(*inode_hashtable) << inode_hash_bits);
	inode_cache = kmem_cache_create("inode_cache", sizeof(struct inode), 64,
					NULL);
	if (!inode_hashtable || !inode_cache)
		panic("vfs: no memory for the inode cache");
	kmem_cache_mark_reclaimable(inode_cache);
	inode_writeback_init();
	inode_shrink_init();
}

/*
 * inode_init_once - see inode.h.
 */
void inode_init_once(struct inode *inode)
{
	memset(inode, 0, sizeof(*inode));
	spin_lock_init(&inode->i_lock, LOCK_INODE_STATE);
	init_rwsem(&inode->i_rwsem, LOCK_INODE);
	init_waitqueue_head(&inode->i_wait);
	INIT_HLIST_NODE(&inode->i_hash);
	INIT_LIST_HEAD(&inode->i_sb_list);
	INIT_LIST_HEAD(&inode->i_lru);
	INIT_LIST_HEAD(&inode->i_io_list);
	INIT_LIST_HEAD(&inode->i_flctx);
	INIT_HLIST_HEAD(&inode->i_dentry);
	address_space_init(&inode->i_data, inode, NULL);
}

static struct inode *alloc_inode(struct super_block *sb)
{
	struct inode *inode;

	if (sb->s_op->alloc_inode)
		inode = sb->s_op->alloc_inode(sb);
	else
		inode = kmem_cache_alloc(inode_cache);
	if (!inode)
		return NULL;
	inode_init_once(inode);
	inode->i_sb = sb;
	inode->i_op = &empty_iops;
	inode->i_fop = &no_open_fops;
	inode->i_mapping = &inode->i_data;
	inode->i_blkbits = sb->s_blocksize_bits;
	inode->i_nlink = 1;
	inode->i_count = 1;
	return inode;
}

static void free_inode(struct inode *inode)
{
	if (inode->i_sb->s_op->free_inode)
		inode->i_sb->s_op->free_inode(inode);
	else
		kmem_cache_free(inode_cache, inode);
}

/*
 * new_inode - see inode.h.
 */
struct inode *new_inode(struct super_block *sb)
{
	struct inode *inode = alloc_inode(sb);

	if (!inode)
		return NULL;
	spin_lock(&inode_hash_lock);
	list_add_tail(&inode->i_sb_list, &sb->s_inodes);
	nr_inodes++;
	spin_unlock(&inode_hash_lock);
	return inode;
}

/*
 * get_next_ino - see inode.h; 0 and 1 are never given.
 */
u64 get_next_ino(void)
{
	return (u64)atomic64_inc_return(&last_ino) + 1;
}

static struct hlist_head *hash_head(const struct super_block *sb, u64 ino)
{
	return &inode_hashtable[hash_64(
		(u64)(uintptr_t)sb ^ (ino * GOLDEN_RATIO_64), inode_hash_bits)];
}

/* Caller holds inode_hash_lock. */
static struct inode *find_locked(struct super_block *sb, u64 ino)
{
	struct inode *inode;

	hlist_for_each_entry(inode, hash_head(sb, ino),
			     i_hash) if (inode->i_ino == ino &&
					 inode->i_sb == sb) return inode;
	return NULL;
}

static void hold_locked(struct inode *inode)
{
	if (inode->i_count++ == 0)
		inode_lru_remove_locked(inode);
}

/*
 * Find the inode and take a reference; waits for one that is being freed to
 * go.  Caller holds inode_hash_lock, which may be dropped meanwhile.
 */
static struct inode *find_and_hold(struct super_block *sb, u64 ino)
{
	struct inode *inode;

	for (;;) {
		DEFINE_WAIT(wait);

		inode = find_locked(sb, ino);
		if (!inode)
			return NULL;
		spin_lock(&inode->i_lock);
		if (!(inode->i_state & I_FREEING)) {
			hold_locked(inode);
			spin_unlock(&inode->i_lock);
			return inode;
		}
		spin_unlock(&inode->i_lock);
		prepare_to_wait(&inode_free_wait, &wait, TASK_UNINTERRUPTIBLE);
		spin_unlock(&inode_hash_lock);
		schedule();
		finish_wait(&inode_free_wait, &wait);
		spin_lock(&inode_hash_lock);
	}
}

/* A reference to a cached inode that is filled; one whose filling failed is
 * put again and NULL returned. */
static struct inode *wait_filled(struct inode *inode)
{
	wait_event(&inode->i_wait, !(READ_ONCE(inode->i_state) & I_NEW));
	if (likely(!hlist_unhashed(&inode->i_hash)))
		return inode;
	iput(inode);
	return NULL;
}

/*
 * ilookup - see inode.h.
 */
struct inode *ilookup(struct super_block *sb, u64 ino)
{
	struct inode *inode;

	do {
		spin_lock(&inode_hash_lock);
		inode = find_and_hold(sb, ino);
		spin_unlock(&inode_hash_lock);
		if (!inode)
			return NULL;
		inode = wait_filled(inode);
	} while (!inode);
	return inode;
}

/*
 * iget_locked - see inode.h.
 */
struct inode *iget_locked(struct super_block *sb, u64 ino)
{
	struct inode *inode = ilookup(sb, ino);
	struct inode *new, *old;

	if (inode)
		return inode;
	new = alloc_inode(sb);
	if (!new)
		return NULL;
	new->i_ino = ino;
	new->i_state = I_NEW;
	for (;;) {
		spin_lock(&inode_hash_lock);
		old = find_and_hold(sb, ino);
		if (!old) {
			hlist_add_head(&new->i_hash, hash_head(sb, ino));
			list_add_tail(&new->i_sb_list, &sb->s_inodes);
			nr_inodes++;
		}
		spin_unlock(&inode_hash_lock);
		if (!old)
			return new;
		old = wait_filled(old);
		if (old)
			break;
	}
	free_inode(new);
	return old;
}

/*
 * unlock_new_inode - see inode.h.
 */
void unlock_new_inode(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	assert(inode->i_state & I_NEW);
	inode->i_state &= ~I_NEW;
	spin_unlock(&inode->i_lock);
	wake_up_all(&inode->i_wait);
}

/*
 * iget_failed - the new inode could not be filled: those who wait try again
 * by themselves; consumes the reference.
 */
void iget_failed(struct inode *inode)
{
	make_bad_inode(inode);
	remove_inode_hash(inode);
	unlock_new_inode(inode);
	iput(inode);
}

/*
 * insert_inode_hash - see inode.h.
 */
void insert_inode_hash(struct inode *inode)
{
	spin_lock(&inode_hash_lock);
	assert(hlist_unhashed(&inode->i_hash));
	hlist_add_head(&inode->i_hash, hash_head(inode->i_sb, inode->i_ino));
	spin_unlock(&inode_hash_lock);
}

/*
 * insert_inode_locked - see inode.h.
 */
int insert_inode_locked(struct inode *inode)
{
	struct inode *old;

	spin_lock(&inode_hash_lock);
	old = find_and_hold(inode->i_sb, inode->i_ino);
	if (!old) {
		spin_lock(&inode->i_lock);
		inode->i_state |= I_NEW;
		spin_unlock(&inode->i_lock);
		hlist_add_head(&inode->i_hash,
			       hash_head(inode->i_sb, inode->i_ino));
	}
	spin_unlock(&inode_hash_lock);
	if (!old)
		return 0;
	iput(old);
	return -EBUSY;
}

/*
 * remove_inode_hash - lookups by number do not find it any more.
 */
void remove_inode_hash(struct inode *inode)
{
	spin_lock(&inode_hash_lock);
	hlist_del_init(&inode->i_hash);
	spin_unlock(&inode_hash_lock);
}

/*
 * igrab - see inode.h.
 */
struct inode *igrab(struct inode *inode)
{
	spin_lock(&inode_hash_lock);
	spin_lock(&inode->i_lock);
	if (inode->i_state & I_FREEING) {
		spin_unlock(&inode->i_lock);
		inode = NULL;
	} else {
		hold_locked(inode);
		spin_unlock(&inode->i_lock);
	}
	spin_unlock(&inode_hash_lock);
	return inode;
}

/*
 * ihold - see inode.h.
 */
void ihold(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	assert(inode->i_count > 0);
	inode->i_count++;
	spin_unlock(&inode->i_lock);
}

/*
 * clear_inode - see inode.h.
 */
void clear_inode(struct inode *inode)
{
	assert(inode->i_data.nrpages == 0);
	assert(inode->i_state & I_FREEING);
}

/*
 * inode_evict - see inode_internal.h.
 */
void inode_evict(struct inode *inode)
{
	const struct super_operations *op = inode->i_sb->s_op;

	inode_wait_for_writeback(inode);
	inode_forget_dirty(inode);
	if (op->evict_inode) {
		op->evict_inode(inode);
	} else {
		truncate_inode_pages_final(&inode->i_data);
		clear_inode(inode);
	}
	/* evict_inode may have dirtied it once more. */
	inode_forget_dirty(inode);

	spin_lock(&inode_hash_lock);
	hlist_del_init(&inode->i_hash);
	list_del_init(&inode->i_sb_list);
	nr_inodes--;
	spin_unlock(&inode_hash_lock);
	wake_up_all(&inode_free_wait);
	free_inode(inode);
}

/*
 * generic_delete_inode - see super.h.
 */
int generic_delete_inode(struct inode *inode)
{
	return 1;
}

static bool should_drop(struct inode *inode)
{
	if (inode->i_sb->s_op->drop_inode)
		return inode->i_sb->s_op->drop_inode(inode);
	return inode->i_nlink == 0 || hlist_unhashed(&inode->i_hash);
}

/*
 * Drop what may be the last reference.  True: the caller must evict it.
 * Caller holds inode_hash_lock.
 */
static bool iput_last_locked(struct inode *inode, bool *write)
{
	bool kill = false;

	spin_lock(&inode->i_lock);
	*write = false;
	if (inode->i_count > 1) {
		inode->i_count--;
	} else if (should_drop(inode)) {
		kill = true;
	} else if (!(READ_ONCE(inode->i_sb->s_flags) & SB_ACTIVE)) {
		/* Unmounting: what is dirty goes to disk first. */
		*write = inode->i_state & I_DIRTY;
		kill = !*write;
	} else {
		inode->i_count = 0;
		inode_lru_add_locked(inode);
	}
	if (kill) {
		inode->i_count = 0;
		inode->i_state |= I_FREEING;
	}
	spin_unlock(&inode->i_lock);
	return kill;
}

/*
 * iput - see inode.h.
 */
void iput(struct inode *inode)
{
	bool kill, write;
	bool wrote = false;

	if (!inode)
		return;
	spin_lock(&inode->i_lock);
	assert(inode->i_count > 0);
	if (inode->i_count > 1) {
		inode->i_count--;
		spin_unlock(&inode->i_lock);
		return;
	}
	spin_unlock(&inode->i_lock);

	for (;;) {
		spin_lock(&inode_hash_lock);
		kill = iput_last_locked(inode, &write);
		spin_unlock(&inode_hash_lock);
		if (!write)
			break;
		(void)write_inode_now(inode, true);
		if (wrote) /* it will not come clean: the device is gone */
			inode_forget_dirty(inode);
		wrote = true;
	}
	if (kill)
		inode_evict(inode);
}

/*
 * inode_nr_total - see inode.h.
 */
long inode_nr_total(void)
{
	return READ_ONCE(nr_inodes);
}
