/*
 * inode_writeback.c - dirty inodes on their way to disk.
 *
 * A dirty inode stands in its super block's s_dirty list, in the order in
 * which they became dirty.  Who writes one sets I_SYNC, so that there is one
 * writer; pages go first, then the inode itself, so that a file never has
 * blocks on disk that were not written.
 *
 * Locks: inode_hash_lock guards s_dirty, i_lock i_state.
 *
 * Entry points: __mark_inode_dirty, write_inode_now, sync_inodes_sb,
 * writeback_inodes.
 */
#include <abi/errno.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/inode_internal.h>
#include <fs/vfs/super.h>
#include <fs/vfs/super_internal.h>
#include <kernel/arch/atomic.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

#define I_DIRTY_INODE (I_DIRTY_SYNC | I_DIRTY_DATASYNC)

static atomic_t nr_dirty_inodes;

/* Has dirtiness of this kind a place to go? */
static bool can_be_dirty(const struct inode *inode, unsigned int flags)
{
	const struct address_space *mapping = &inode->i_data;

	if ((flags & I_DIRTY_INODE) && inode->i_sb->s_op->write_inode)
		return true;
	return (flags & I_DIRTY_PAGES) && mapping->a_ops &&
	       mapping->a_ops->write_page &&
	       !test_bit(AS_NO_WRITEBACK, &mapping->flags);
}

/* Both locks are held. */
static void queue_dirty(struct inode *inode)
{
	inode->i_dirtied_ns = ktime_get_ns();
	if (list_empty(&inode->i_io_list))
		atomic_inc(&nr_dirty_inodes);
	list_move_tail(&inode->i_io_list, &inode->i_sb->s_dirty);
}

static void unqueue_dirty(struct inode *inode)
{
	if (list_empty(&inode->i_io_list))
		return;
	list_del_init(&inode->i_io_list);
	atomic_dec(&nr_dirty_inodes);
}

/*
 * __mark_inode_dirty - see inode.h.
 */
void __mark_inode_dirty(struct inode *inode, unsigned int flags)
{
	bool was_clean;

	if ((READ_ONCE(inode->i_state) & flags) == flags)
		return;
	if (!can_be_dirty(inode, flags))
		return;
	spin_lock(&inode_hash_lock);
	spin_lock(&inode->i_lock);
	was_clean = !(inode->i_state & I_DIRTY);
	inode->i_state |= flags;
	if (was_clean && !(inode->i_state & (I_SYNC | I_FREEING)))
		queue_dirty(inode);
	spin_unlock(&inode->i_lock);
	spin_unlock(&inode_hash_lock);
	if (was_clean)
		wakeup_flusher_delayed();
}

/*
 * inode_forget_dirty - see inode_internal.h.
 */
void inode_forget_dirty(struct inode *inode)
{
	spin_lock(&inode_hash_lock);
	spin_lock(&inode->i_lock);
	inode->i_state &= ~I_DIRTY;
	unqueue_dirty(inode);
	spin_unlock(&inode->i_lock);
	spin_unlock(&inode_hash_lock);
}

/*
 * inode_wait_for_writeback - see inode_internal.h.
 */
void inode_wait_for_writeback(struct inode *inode)
{
	wait_event(&inode->i_wait, !(READ_ONCE(inode->i_state) & I_SYNC));
}

/* Become the one writer of @inode.  False: somebody is, and !@wait. */
static bool claim_sync(struct inode *inode, bool wait)
{
	for (;;) {
		spin_lock(&inode->i_lock);
		if (!(inode->i_state & I_SYNC)) {
			inode->i_state |= I_SYNC;
			inode->i_state &= ~I_DIRTY_PAGES;
			spin_unlock(&inode->i_lock);
			return true;
		}
		spin_unlock(&inode->i_lock);
		if (!wait)
			return false;
		inode_wait_for_writeback(inode);
	}
}

static void release_sync(struct inode *inode)
{
	spin_lock(&inode_hash_lock);
	spin_lock(&inode->i_lock);
	inode->i_state &= ~I_SYNC;
	if (mapping_tagged(&inode->i_data, PAGECACHE_TAG_DIRTY) &&
	    can_be_dirty(inode, I_DIRTY_PAGES))
		inode->i_state |= I_DIRTY_PAGES;
	if ((inode->i_state & I_DIRTY) && !(inode->i_state & I_FREEING))
		queue_dirty(inode);
	else
		unqueue_dirty(inode);
	spin_unlock(&inode->i_lock);
	spin_unlock(&inode_hash_lock);
	wake_up_all(&inode->i_wait);
}

static int write_metadata(struct inode *inode, bool sync)
{
	unsigned int dirty;

	spin_lock(&inode->i_lock);
	dirty = inode->i_state & I_DIRTY_INODE;
	inode->i_state &= ~I_DIRTY_INODE;
	spin_unlock(&inode->i_lock);
	/* A synchronous caller also wants what was written but not awaited. */
	if ((!dirty && !sync) || !inode->i_sb->s_op->write_inode ||
	    is_bad_inode(inode))
		return 0;
	return inode->i_sb->s_op->write_inode(inode, sync);
}

/* Write @inode, of which the caller holds a reference, as @wbc says. */
static int write_one_inode(struct inode *inode, struct writeback_control *wbc)
{
	struct address_space *mapping = &inode->i_data;
	int err = 0;
	int err2;

	if (!claim_sync(inode, wbc->sync))
		return 0;
	if (mapping->a_ops && mapping->a_ops->write_page)
		err = do_writepages(mapping, wbc);
	if (wbc->sync) {
		err2 = filemap_fdatawait(mapping);
		err = err ? err : err2;
	}
	err2 = write_metadata(inode, wbc->sync);
	release_sync(inode);
	return err ? err : err2;
}

static struct writeback_control whole_file(bool sync)
{
	return (struct writeback_control){
		.sync = sync,
		.nr_to_write = INT64_MAX,
		.range_start = 0,
		.range_end = INT64_MAX,
	};
}

/*
 * write_inode_now - see inode.h.
 */
int write_inode_now(struct inode *inode, bool sync)
{
	struct writeback_control wbc = whole_file(sync);

	return write_one_inode(inode, &wbc);
}

/*
 * sync_inode_metadata - see inode.h.
 */
int sync_inode_metadata(struct inode *inode, bool sync)
{
	unsigned int pages;
	int err;

	if (!sync && !(READ_ONCE(inode->i_state) & I_DIRTY_INODE))
		return 0;
	spin_lock(&inode->i_lock);
	pages = inode->i_state & I_DIRTY_PAGES;
	spin_unlock(&inode->i_lock);
	(void)claim_sync(inode, true);
	err = write_metadata(inode, sync);
	if (pages) {
		spin_lock(&inode->i_lock);
		inode->i_state |= I_DIRTY_PAGES;
		spin_unlock(&inode->i_lock);
	}
	release_sync(inode);
	return err;
}

/* The oldest dirty inode of @sb that became so before @before_ns, referenced.
 * One that is being freed waits at the list's end for its end. */
static struct inode *oldest_dirty(struct super_block *sb, u64 before_ns)
{
	struct inode *inode;
	struct inode *found = NULL;

	spin_lock(&inode_hash_lock);
	list_for_each_entry (inode, &sb->s_dirty, i_io_list) {
		if (inode->i_dirtied_ns >= before_ns)
			break;
		spin_lock(&inode->i_lock);
		if (!(inode->i_state & (I_FREEING | I_NEW | I_SYNC))) {
			if (inode->i_count++ == 0 && (inode->i_state & I_LRU))
				inode_lru_remove_locked(inode);
			found = inode;
		}
		spin_unlock(&inode->i_lock);
		if (found)
			break;
	}
	spin_unlock(&inode_hash_lock);
	return found;
}

/* The inode of @sb behind @prev (NULL: the first) that has pages under
 * write-back, referenced; @prev's reference is kept. */
static struct inode *next_in_flight(struct super_block *sb, struct inode *prev)
{
	struct list_head *pos = prev ? &prev->i_sb_list : &sb->s_inodes;
	struct inode *inode;

	spin_lock(&inode_hash_lock);
	for (pos = pos->next; pos != &sb->s_inodes; pos = pos->next) {
		inode = list_entry(pos, struct inode, i_sb_list);
		if (!(READ_ONCE(inode->i_state) & I_SYNC) &&
		    !mapping_tagged(&inode->i_data, PAGECACHE_TAG_WRITEBACK))
			continue;
		spin_lock(&inode->i_lock);
		if (!(inode->i_state & (I_FREEING | I_NEW))) {
			if (inode->i_count++ == 0 && (inode->i_state & I_LRU))
				inode_lru_remove_locked(inode);
			spin_unlock(&inode->i_lock);
			spin_unlock(&inode_hash_lock);
			return inode;
		}
		spin_unlock(&inode->i_lock);
	}
	spin_unlock(&inode_hash_lock);
	return NULL;
}

/* Wait for what others have begun to write. */
static int wait_in_flight(struct super_block *sb)
{
	struct inode *inode = NULL;
	struct inode *next;
	int err = 0;
	int err2;

	while ((next = next_in_flight(sb, inode))) {
		iput(inode);
		inode = next;
		inode_wait_for_writeback(inode);
		err2 = filemap_fdatawait(&inode->i_data);
		err = err ? err : err2;
	}
	iput(inode);
	return err;
}

/*
 * sync_inodes_sb - see inode.h.  Inodes that become dirty meanwhile wait for
 * the next time.
 */
int sync_inodes_sb(struct super_block *sb, bool wait)
{
	struct writeback_control wbc = whole_file(wait);
	u64 start_ns = ktime_get_ns() + 1;
	struct inode *inode;
	int err = 0;
	int err2;

	while ((inode = oldest_dirty(sb, start_ns))) {
		err2 = write_one_inode(inode, &wbc);
		err = err ? err : err2;
		iput(inode);
	}
	if (wait) {
		err2 = wait_in_flight(sb);
		err = err ? err : err2;
	}
	return err;
}

struct writeback_round {
	struct writeback_control *wbc;
	u64 before_ns;
};

static int writeback_sb(struct super_block *sb, void *arg)
{
	struct writeback_round *round = arg;
	struct inode *inode;

	while (round->wbc->nr_to_write > 0 &&
	       (inode = oldest_dirty(sb, round->before_ns))) {
		(void)write_one_inode(inode, round->wbc);
		iput(inode);
	}
	return round->wbc->nr_to_write <= 0;
}

/*
 * writeback_inodes - see inode.h.
 */
long writeback_inodes(struct writeback_control *wbc, u64 older_than_ns)
{
	u64 now_ns = ktime_get_ns();
	struct writeback_round round = {
		.wbc = wbc,
		.before_ns = min(older_than_ns, now_ns),
	};
	long before = wbc->nr_to_write;

	(void)iterate_supers_trylock(writeback_sb, &round);
	return before - wbc->nr_to_write;
}

static void mark_mapping_dirty(struct address_space *mapping)
{
	if (mapping->host)
		__mark_inode_dirty(mapping->host, I_DIRTY_PAGES);
}

static bool have_dirty(void)
{
	return atomic_read(&nr_dirty_inodes) > 0;
}

static const struct writeback_hooks vfs_writeback_hooks = {
	.mark_mapping_dirty = mark_mapping_dirty,
	.writeback_inodes = writeback_inodes,
	.have_dirty = have_dirty,
};

/*
 * inode_writeback_init - see inode_internal.h.
 */
void inode_writeback_init(void)
{
	writeback_set_hooks(&vfs_writeback_hooks);
}
