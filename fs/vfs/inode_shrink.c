/*
 * inode_shrink.c - inodes that nobody uses, and how they go: for want of
 * memory, with their file system.
 *
 * Locks: inode_hash_lock for the list; inside it i_lock.
 *
 * Entry points: prune_icache, evict_inodes; inode_lru_add_locked,
 * inode_lru_remove_locked.
 */
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/inode_internal.h>
#include <kernel/alloc/shrinker.h>
#include <kernel/arch/context.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/types/task.h>

static LIST_HEAD(inode_lru); /* [inode_hash_lock] oldest first */
static long nr_unused;	     /* [inode_hash_lock] */

/* About so many make a page. */
#define DENTRIES_PER_PAGE 16
#define INODES_PER_PAGE	  6

int sysctl_vfs_cache_pressure = 100;

/* proc(5), vfs_cache_pressure: what names weigh beside other caches, percent.
 */
static unsigned long count_names(struct shrinker *shrinker)
{
	unsigned long pages =
		dentry_nr_unused() / DENTRIES_PER_PAGE +
		(unsigned long)inode_nr_unused() / INODES_PER_PAGE;

	return pages * (unsigned long)sysctl_vfs_cache_pressure / 100;
}

/* Names first: they hold the inodes. */
static unsigned long shrink_names(struct shrinker *shrinker, unsigned long nr)
{
	unsigned long dentries;
	unsigned long inodes;

	if (current->flags & (PF_MEMALLOC_NOFS | PF_MEMALLOC_NOIO))
		return 0;
	if (!sysctl_vfs_cache_pressure)
		return 0;
	dentries = prune_dcache(nr * DENTRIES_PER_PAGE);
	inodes = prune_icache(nr * INODES_PER_PAGE);
	return DIV_ROUND_UP(dentries, DENTRIES_PER_PAGE) +
	       DIV_ROUND_UP(inodes, INODES_PER_PAGE);
}

static struct shrinker vfs_shrinker = {
	.name = "vfs",
	.count = count_names,
	.shrink = shrink_names,
	.order = 20,
};

/*
 * inode_shrink_init - see inode_internal.h.
 */
void inode_shrink_init(void)
{
	register_shrinker(&vfs_shrinker);
}

/*
 * inode_lru_add_locked, inode_lru_remove_locked - see inode_internal.h.
 */
void inode_lru_add_locked(struct inode *inode)
{
	inode->i_state |= I_LRU;
	list_add_tail(&inode->i_lru, &inode_lru);
	nr_unused++;
}

void inode_lru_remove_locked(struct inode *inode)
{
	if (!(inode->i_state & I_LRU))
		return;
	list_del_init(&inode->i_lru);
	inode->i_state &= ~I_LRU;
	nr_unused--;
}

/* Mark @inode I_FREEING if nobody uses it.  Both locks are held. */
static bool claim_unused(struct inode *inode)
{
	if (inode->i_count > 0 || (inode->i_state & (I_NEW | I_FREEING)))
		return false;
	inode_lru_remove_locked(inode);
	inode->i_state |= I_FREEING;
	return true;
}

/*
 * evict_inodes - see inode.h.
 */
unsigned int evict_inodes(struct super_block *sb)
{
	struct inode *inode, *victim;
	unsigned int busy;

	do {
		victim = NULL;
		busy = 0;
		spin_lock(&inode_hash_lock);
		list_for_each_entry (inode, &sb->s_inodes, i_sb_list) {
			spin_lock(&inode->i_lock);
			if (claim_unused(inode))
				victim = inode;
			spin_unlock(&inode->i_lock);
			if (victim)
				break;
			busy++;
		}
		spin_unlock(&inode_hash_lock);
		if (victim)
			inode_evict(victim);
	} while (victim);
	return busy;
}

/* The next inode worth freeing, claimed.  To the LRU's end go dirty ones, and
 * those with cached pages, which are worth more: once these have gone for
 * want of use, so may the inode. */
static struct inode *lru_pick(unsigned long *scan)
{
	struct inode *inode;
	bool claimed;

	spin_lock(&inode_hash_lock);
	while (*scan > 0 && !list_empty(&inode_lru)) {
		(*scan)--;
		inode = list_first_entry(&inode_lru, struct inode, i_lru);
		spin_lock(&inode->i_lock);
		claimed = !(inode->i_state & (I_DIRTY | I_SYNC)) &&
			  !READ_ONCE(inode->i_data.nrpages) &&
			  claim_unused(inode);
		if (!claimed)
			list_move_tail(&inode->i_lru, &inode_lru);
		spin_unlock(&inode->i_lock);
		if (claimed) {
			spin_unlock(&inode_hash_lock);
			return inode;
		}
	}
	spin_unlock(&inode_hash_lock);
	return NULL;
}

/*
 * prune_icache - see inode.h.  May sleep.
 */
unsigned long prune_icache(unsigned long nr)
{
	unsigned long scan = max(nr, (unsigned long)READ_ONCE(nr_unused));
	unsigned long done = 0;
	struct inode *inode;

	while (done < nr) {
		inode = lru_pick(&scan);
		if (!inode)
			break;
		inode_evict(inode);
		done++;
	}
	return done;
}

/*
 * inode_nr_unused - see inode.h.
 */
long inode_nr_unused(void)
{
	return READ_ONCE(nr_unused);
}
