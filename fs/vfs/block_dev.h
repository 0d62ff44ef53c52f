/*
 * block_dev.h - block devices as files, and who has them open.
 *
 * Each block device that is used has one inode in an internal file system
 * ("bdev"); its i_mapping is the device's page cache, shared by reads of
 * /dev/vda, by mmap of it and by the buffer cache of a mounted file system.
 * An inode of a device node borrows that mapping when it is opened.
 */
#pragma once

#include <fs/vfs/types.h>
#include <kernel/block/disk.h>

/* init at boot: the "bdev" file system.  Before any disk is opened. */
void bdev_cache_init(void);

/*
 * blkdev_get_by_dev - open the device with this number.
 *
 * @mode: FMODE_READ, FMODE_WRITE.  @holder not NULL: exclusively, -EBUSY when
 * someone else holds it (or its whole disk or one of its partitions).
 * ERR_PTR(-ENXIO) without such a device, -EROFS/-EACCES when it is read-only
 * and FMODE_WRITE is wanted.  Pair: blkdev_put.  May sleep.
 */
struct block_device *blkdev_get_by_dev(dev_t dev, unsigned int mode,
				       void *holder);

/*
 * blkdev_get_by_path - the same by the name of a device node.
 *
 * -ENOENT and kin from the lookup, -ENOTBLK for another kind of file,
 * -EACCES on a nodev mount.  May sleep.
 */
struct block_device *blkdev_get_by_path(const char *path, unsigned int mode,
					void *holder);

/* blkdev_put - undo one blkdev_get_*, with the same mode and holder. */
void blkdev_put(struct block_device *bdev, unsigned int mode, void *holder);

/* lookup_bdev - the number of the device node at @path; 0 or -errno. */
int lookup_bdev(const char *path, dev_t *dev);

/* blkdev_open - f_op->open of an inode of type S_IFBLK. */
int blkdev_open(struct inode *inode, struct file *file);
extern const struct file_operations def_blk_fops;

/*
 * set_blocksize - soft block size of the device; drops cached buffers.
 *
 * @size: a power of two, logical block size to PAGE_SIZE; else -EINVAL.
 * sb_set_blocksize does it for @sb's device and fills s_blocksize; returns
 * the size, or 0.  May sleep.
 */
int set_blocksize(struct block_device *bdev, unsigned int size);
int sb_set_blocksize(struct super_block *sb, unsigned int size);
/* sb_min_blocksize - the same with at least the hardware's block size. */
int sb_min_blocksize(struct super_block *sb, unsigned int size);

/* sync_blockdev - write all dirty pages of the cache, wait; no flush. */
int sync_blockdev(struct block_device *bdev);
/* sync_blockdev_nowait - only start the writes. */
int sync_blockdev_nowait(struct block_device *bdev);
/* bdev_sync_all - sync_blockdev for each open device; sync(2)'s last step. */
void bdev_sync_all(bool wait);
/* nr_blockdev_pages - cached pages of all block devices: Buffers of meminfo. */
unsigned long nr_blockdev_pages(void);
/* invalidate_bdev - drop clean pages that nobody uses. */
void invalidate_bdev(struct block_device *bdev);

/* I_BDEV - the device of a "bdev" inode or an opened S_IFBLK inode. */
struct block_device *I_BDEV(const struct inode *inode);

/*
 * name_to_dev_t - what root= means.
 *
 * /dev/vda1, vda1, 254:1, fe01 (hex), LABEL=, UUID=, PARTUUID=, PARTLABEL=.
 * 0: no such device (now).  May sleep: reads superblocks.
 */
dev_t name_to_dev_t(const char *name);

/* One line of what exists, for the panic without a root. */
void bdev_list_all(void);

/* The pieces fs/proc shows: /proc/partitions and /proc/diskstats, and
 * "Block devices:" of /proc/devices. */
void partitions_show(struct seq_file *m);
void diskstats_show(struct seq_file *m);
void blkdev_show(struct seq_file *m);
