/*
 * block_dev.c - block devices' inodes, and who has them open.
 *
 * Every device that was ever opened keeps one inode of the internal file
 * system "bdev"; its pages are the device's cache.  Opening counts, and can be
 * exclusive: by a mount, or by O_EXCL.  A partition and its whole disk exclude
 * each other.
 *
 * Locks: bdev_mutex guards bd_inode, bd_openers, bd_holder(s), bd_block_size.
 *
 * Entry points: bdev_cache_init, blkdev_get_by_dev, blkdev_get_by_path,
 * blkdev_put, lookup_bdev, set_blocksize, sync_blockdev, I_BDEV.
 */
#include <fs/vfs/block_dev.h>

#include <abi/errno.h>
#include <abi/major.h>
#include <fs/vfs/block_sysfs.h>
#include <fs/vfs/buffer_cache.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/assert.h>
#include <kernel/base/errptr.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/truncate.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/mutex.h>

#define BDEV_MAGIC 0x62646576

static DEFINE_MUTEX(bdev_mutex, LOCK_BDEV);
static struct super_block *bdev_sb;

/* An inode of "bdev" with its device. */
struct bdev_inode {
	struct inode vfs_inode;
};

static struct inode *bdev_alloc_inode(struct super_block *sb)
{
	struct bdev_inode *bi = kzalloc(sizeof(*bi));

	return bi ? &bi->vfs_inode : NULL;
}

static void bdev_free_inode(struct inode *inode)
{
	kfree(container_of(inode, struct bdev_inode, vfs_inode));
}

static void bdev_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
}

static const struct super_operations bdev_super_ops = {
	.alloc_inode = bdev_alloc_inode,
	.free_inode = bdev_free_inode,
	.evict_inode = bdev_evict_inode,
	.drop_inode = generic_delete_inode,
	.statfs = simple_statfs,
};

static int bdev_fill_super(struct super_block *sb, void *data, bool silent)
{
	struct inode *root;

	sb->s_magic = BDEV_MAGIC;
	sb->s_op = &bdev_super_ops;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_maxbytes = INT64_MAX;
	root = new_inode(sb);
	if (!root)
		return -ENOMEM;
	root->i_mode = S_IFDIR | 0700;
	root->i_ino = UINT32_MAX + 1ULL; /* no device has it */
	set_nlink(root, 1);
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static struct file_system_type bdev_fs_type = {
	.name = "bdev",
	.fill_super = bdev_fill_super,
	.list = LIST_HEAD_INIT(bdev_fs_type.list),
	.supers = LIST_HEAD_INIT(bdev_fs_type.supers),
};

void bdev_cache_init(void)
{
	struct vfsmount *mnt;

	buffer_init();
	/* Not registered: no program may mount it. */
	mnt = kern_mount(&bdev_fs_type);
	assert(!IS_ERR(mnt));
	bdev_sb = mnt->mnt_sb;
	block_sysfs_init();
}

struct block_device *I_BDEV(const struct inode *inode)
{
	return inode->i_bdev;
}

/* The block size a fresh device gets: the largest that divides it. */
static unsigned int default_block_size(const struct block_device *bdev)
{
	unsigned int size = bdev_logical_block_size(bdev);
	u64 bytes = bdev_nr_bytes(bdev);

	while (size < PAGE_SIZE && !(bytes & size))
		size <<= 1;
	return size;
}

/* Make bd_inode if there is none; bdev_mutex is held.  0 or -ENOMEM. */
static int bdev_make_inode(struct block_device *bdev)
{
	struct inode *inode;

	if (bdev->bd_inode)
		return 0;
	inode = new_inode(bdev_sb);
	if (!inode)
		return -ENOMEM;
	inode->i_mode = S_IFBLK;
	inode->i_ino = bdev->bd_dev;
	inode->i_rdev = bdev->bd_dev;
	inode->i_bdev = bdev;
	inode->i_data.a_ops = &def_blk_aops;
	bdev->bd_block_size = default_block_size(bdev);
	inode->i_blkbits = (u32)ilog2(bdev->bd_block_size);
	set_nlink(inode, 1);
	insert_inode_hash(inode);
	bdev->bd_inode = inode;
	return 0;
}

/* Could @holder hold @bdev alone?  bdev_mutex is held. */
static bool may_claim(const struct block_device *bdev, const void *holder)
{
	const struct gendisk *disk = bdev->bd_disk;
	int i;

	if (bdev->bd_holder)
		return bdev->bd_holder == holder;
	if (bdev->bd_partno)
		return !disk->part[0]->bd_holder;
	for (i = 1; i < DISK_MAX_PARTS; i++) {
		if (disk->part[i] && disk->part[i]->bd_holder)
			return false;
	}
	return true;
}

static int blkdev_get_locked(struct block_device *bdev, unsigned int mode,
			     void *holder)
{
	int err;

	if (!bdev->bd_nr_sectors && bdev->bd_partno)
		return -ENXIO;
	if ((mode & FMODE_WRITE) && bdev_read_only(bdev))
		return -EACCES;
	if (holder && !may_claim(bdev, holder))
		return -EBUSY;
	err = bdev_make_inode(bdev);
	if (err)
		return err;

	if (holder) {
		bdev->bd_holder = holder;
		bdev->bd_holders++;
	}
	/* A new scan may have changed the size while nobody had it open. */
	if (!bdev->bd_openers++)
		i_size_write(bdev->bd_inode, (loff_t)bdev_nr_bytes(bdev));
	return 0;
}

struct block_device *blkdev_get_by_dev(dev_t dev, unsigned int mode,
				       void *holder)
{
	struct block_device *bdev = bdev_lookup(dev);
	int err;

	if (!bdev)
		return ERR_PTR(-ENXIO);
	mutex_lock(&bdev_mutex);
	err = blkdev_get_locked(bdev, mode, holder);
	mutex_unlock(&bdev_mutex);
	return err ? ERR_PTR(err) : bdev;
}

int lookup_bdev(const char *name, dev_t *dev)
{
	struct inode *inode;
	struct path path;
	int err;

	err = kern_path(name, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	inode = d_inode(path.dentry);
	if (!S_ISBLK(inode->i_mode))
		err = -ENOTBLK;
	else if (path.mnt->mnt_flags & MNT_NODEV)
		err = -EACCES;
	else
		*dev = inode->i_rdev;
	path_put(&path);
	return err;
}

struct block_device *blkdev_get_by_path(const char *path, unsigned int mode,
					void *holder)
{
	dev_t dev;
	int err;

	err = lookup_bdev(path, &dev);
	if (err)
		return ERR_PTR(err);
	return blkdev_get_by_dev(dev, mode, holder);
}

void blkdev_put(struct block_device *bdev, unsigned int mode, void *holder)
{
	/* The last one out leaves nothing unwritten behind. */
	if (READ_ONCE(bdev->bd_openers) == 1)
		(void)sync_blockdev(bdev);

	mutex_lock(&bdev_mutex);
	assert(bdev->bd_openers > 0);
	if (holder) {
		assert(bdev->bd_holder == holder && bdev->bd_holders > 0);
		if (--bdev->bd_holders == 0)
			bdev->bd_holder = NULL;
	}
	bdev->bd_openers--;
	mutex_unlock(&bdev_mutex);
}

int sync_blockdev(struct block_device *bdev)
{
	return filemap_write_and_wait(bdev->bd_inode->i_mapping);
}

int sync_blockdev_nowait(struct block_device *bdev)
{
	return filemap_flush(bdev->bd_inode->i_mapping);
}

struct sync_list {
	struct block_device *bdev[64];
	unsigned int nr;
};

static int collect_open(struct block_device *bdev, void *cookie)
{
	struct sync_list *list = cookie;

	if (bdev->bd_inode && list->nr < ARRAY_SIZE(list->bdev))
		list->bdev[list->nr++] = bdev;
	return 0;
}

void bdev_sync_all(bool wait)
{
	struct sync_list *list = kzalloc(sizeof(*list));
	unsigned int i;

	if (!list)
		return;
	(void)disk_for_each_bdev(collect_open, list);
	for (i = 0; i < list->nr; i++) {
		if (!wait)
			(void)sync_blockdev_nowait(list->bdev[i]);
		else if (sync_blockdev(list->bdev[i]) == 0)
			(void)blkdev_issue_flush(list->bdev[i]);
	}
	kfree(list);
}

static int add_pages(struct block_device *bdev, void *cookie)
{
	struct inode *inode = READ_ONCE(bdev->bd_inode);

	if (inode)
		*(unsigned long *)cookie += READ_ONCE(inode->i_data.nrpages);
	return 0;
}

unsigned long nr_blockdev_pages(void)
{
	unsigned long pages = 0;

	(void)disk_for_each_bdev(add_pages, &pages);
	return pages;
}

void invalidate_bdev(struct block_device *bdev)
{
	(void)invalidate_mapping_pages(bdev->bd_inode->i_mapping, 0,
				       UINT64_MAX);
}

int set_blocksize(struct block_device *bdev, unsigned int size)
{
	if (size > PAGE_SIZE || size < SECTOR_SIZE || !is_power_of_2(size) ||
	    size < bdev_logical_block_size(bdev))
		return -EINVAL;
	if (bdev->bd_block_size == size)
		return 0;

	/* Buffers of the old size go with their pages. */
	(void)sync_blockdev(bdev);
	truncate_inode_pages(bdev->bd_inode->i_mapping, 0);
	mutex_lock(&bdev_mutex);
	bdev->bd_block_size = size;
	bdev->bd_inode->i_blkbits = (u32)ilog2(size);
	mutex_unlock(&bdev_mutex);
	return 0;
}

int sb_set_blocksize(struct super_block *sb, unsigned int size)
{
	if (set_blocksize(sb->s_bdev, size))
		return 0;
	sb->s_blocksize = size;
	sb->s_blocksize_bits = (u8)ilog2(size);
	return (int)size;
}

int sb_min_blocksize(struct super_block *sb, unsigned int size)
{
	return sb_set_blocksize(sb,
				max(size, bdev_logical_block_size(sb->s_bdev)));
}
