/*
 * block_file.c - /dev/vda as a file: read, write, seek, fsync, ioctl.
 *
 * An open file's f_mapping is the device's own cache, so that all nodes of a
 * device and a file system mounted from it see the same bytes.
 *
 * Entry points: blkdev_open, def_blk_fops.
 */
#include <fs/vfs/block_dev.h>

#include <abi/block.h>
#include <abi/capability.h>
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/file_mmap.h>
#include <fs/vfs/filemap.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/read_write.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/cred.h>

static unsigned int file_bdev_mode(const struct file *file)
{
	return file->f_mode & (FMODE_READ | FMODE_WRITE);
}

static void *file_holder(struct file *file)
{
	return file->f_flags & O_EXCL ? file : NULL;
}

static struct block_device *file_bdev(const struct file *file)
{
	return file->private_data;
}

int blkdev_open(struct inode *inode, struct file *file)
{
	struct block_device *bdev;

	bdev = blkdev_get_by_dev(inode->i_rdev, file_bdev_mode(file),
				 file_holder(file));
	if (IS_ERR(bdev))
		return (int)PTR_ERR(bdev);
	file->private_data = bdev;
	file->f_mapping = bdev->bd_inode->i_mapping;
	file->f_wb_err = filemap_sample_wb_err(file->f_mapping);
	inode->i_bdev = bdev;
	return 0;
}

static int blkdev_release(struct inode *inode, struct file *file)
{
	/* O_EXCL may not be changed by fcntl, so this is what open took. */
	blkdev_put(file_bdev(file), file_bdev_mode(file), file_holder(file));
	return 0;
}

static loff_t blkdev_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t size = i_size_read(file->f_mapping->host);

	return generic_file_llseek_size(file, offset, whence, size, size);
}

static ssize_t blkdev_read_iter(struct file *file, struct iov_iter *iter,
				loff_t *pos)
{
	loff_t size = i_size_read(file->f_mapping->host);
	size_t count = iov_iter_count(iter);
	size_t cut = 0;
	ssize_t ret;

	if (*pos >= size)
		return 0;
	if ((loff_t)count > size - *pos) {
		cut = count - (size_t)(size - *pos);
		iov_iter_truncate(iter, (size_t)(size - *pos));
	}
	ret = generic_file_read_iter(file, iter, pos);
	iov_iter_reexpand(iter, iov_iter_count(iter) + cut);
	return ret;
}

static ssize_t blkdev_write_iter(struct file *file, struct iov_iter *iter,
				 loff_t *pos)
{
	struct inode *bd_inode = file->f_mapping->host;
	loff_t size = i_size_read(bd_inode);
	ssize_t ret;
	int err;

	if (!iov_iter_count(iter))
		return 0;
	/* POSIX: no space left at the end of a device. */
	if (*pos >= size)
		return -ENOSPC;
	iov_iter_truncate(
		iter, (size_t)min((loff_t)iov_iter_count(iter), size - *pos));
	inode_lock(bd_inode);
	ret = generic_perform_write(file, iter, *pos);
	inode_unlock(bd_inode);
	if (ret <= 0)
		return ret;

	if (file->f_flags & O_DSYNC) {
		err = filemap_write_and_wait_range(file->f_mapping, *pos,
						   *pos + ret - 1);
		if (!err)
			err = blkdev_issue_flush(file_bdev(file));
		if (err)
			return err;
	}
	*pos += ret;
	return ret;
}

static int blkdev_fsync(struct file *file, loff_t start, loff_t end,
			bool datasync)
{
	int err;
	int err2;

	err = filemap_write_and_wait_range(file->f_mapping, start, end);
	err2 = filemap_check_wb_err(file->f_mapping, &file->f_wb_err);
	if (!err)
		err = err2;
	if (!err)
		err = blkdev_issue_flush(file_bdev(file));
	return err;
}

/* ioctls that change something: who may. */
static int blkdev_need_admin(void)
{
	return capable(CAP_SYS_ADMIN) ? 0 : -EACCES;
}

static long ioctl_flush(struct block_device *bdev)
{
	int err = blkdev_need_admin();

	if (err)
		return err;
	err = sync_blockdev(bdev);
	invalidate_bdev(bdev);
	return err;
}

static long ioctl_set_read_only(struct block_device *bdev, unsigned long arg)
{
	int value;
	int err = blkdev_need_admin();

	if (err)
		return err;
	if (get_user(value, (int __user *)arg))
		return -EFAULT;
	WRITE_ONCE(bdev->bd_read_only, value != 0);
	return 0;
}

static long ioctl_set_block_size(struct file *file, unsigned long arg)
{
	struct block_device *bdev = file_bdev(file);
	struct block_device *again;
	int value;
	int err = blkdev_need_admin();

	if (err)
		return err;
	if (get_user(value, (int __user *)arg))
		return -EFAULT;
	/* Only for who has the device to himself. */
	if (file_holder(file))
		return set_blocksize(bdev, (unsigned int)value);
	again = blkdev_get_by_dev(bdev->bd_dev, file_bdev_mode(file), &again);
	if (IS_ERR(again))
		return -EBUSY;
	err = set_blocksize(bdev, (unsigned int)value);
	blkdev_put(again, file_bdev_mode(file), &again);
	return err;
}

static long ioctl_rescan(struct block_device *bdev)
{
	int err = blkdev_need_admin();

	if (err)
		return err;
	if (bdev->bd_partno)
		return -EINVAL;
	(void)sync_blockdev(bdev);
	return disk_rescan_partitions(bdev->bd_disk);
}

static long ioctl_geometry(struct block_device *bdev, unsigned long arg)
{
	struct hd_geometry geo = {0};
	u64 sectors = bdev->bd_disk->capacity;

	/* As virtio-blk reports it: 255 heads of 63 sectors are a fiction. */
	geo.heads = 255;
	geo.sectors = 63;
	geo.cylinders = (unsigned short)(sectors / (255 * 63));
	geo.start = bdev->bd_start_sect;
	return copy_to_user((void __user *)arg, &geo, sizeof(geo)) ? -EFAULT
								   : 0;
}

/* Those that only tell a number. */
static long blkdev_ioctl_get(struct block_device *bdev, unsigned int cmd,
			     unsigned long arg)
{
	struct gendisk *disk = bdev->bd_disk;

	switch (cmd) {
	case BLKGETSIZE64:
		return put_user((u64)i_size_read(bdev->bd_inode),
				(u64 __user *)arg);
	case BLKGETSIZE:
		return put_user((unsigned long)(i_size_read(bdev->bd_inode) >>
						SECTOR_SHIFT),
				(unsigned long __user *)arg);
	case BLKSSZGET:
		return put_user((int)disk->logical_block_size,
				(int __user *)arg);
	case BLKPBSZGET:
		return put_user(disk->physical_block_size,
				(unsigned int __user *)arg);
	case BLKBSZGET:
		return put_user((int)bdev->bd_block_size, (int __user *)arg);
	case BLKROGET:
		return put_user((int)bdev_read_only(bdev), (int __user *)arg);
	case BLKIOMIN:
		return put_user(disk->physical_block_size,
				(unsigned int __user *)arg);
	case BLKIOOPT:
		return put_user(0u, (unsigned int __user *)arg);
	case BLKALIGNOFF:
		return put_user(0, (int __user *)arg);
	case BLKDISCARDZEROES:
		return put_user(0u, (unsigned int __user *)arg);
	case BLKROTATIONAL:
		return put_user((unsigned short)disk->rotational,
				(unsigned short __user *)arg);
	case BLKSECTGET:
		return put_user((unsigned short)min(disk->queue.max_bytes >>
							    SECTOR_SHIFT,
						    (u32)UINT16_MAX),
				(unsigned short __user *)arg);
	case BLKGETDISKSEQ:
		return put_user(disk->diskseq, (u64 __user *)arg);
	}
	return -ENOTTY;
}

static long blkdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct block_device *bdev = file_bdev(file);

	switch (cmd) {
	case BLKFLSBUF:
		return ioctl_flush(bdev);
	case BLKROSET:
		return ioctl_set_read_only(bdev, arg);
	case BLKBSZSET:
		return ioctl_set_block_size(file, arg);
	case BLKRRPART:
		return ioctl_rescan(bdev);
	case HDIO_GETGEO:
		return ioctl_geometry(bdev, arg);
	case BLKRAGET:
	case BLKFRAGET:
		/* In sectors of 512 bytes, as open gave it to the file. */
		return put_user((long)file->f_ra.ra_pages *
					(long)(PAGE_SIZE / SECTOR_SIZE),
				(long __user *)arg);
	case BLKRASET:
	case BLKFRASET:
		if (!capable(CAP_SYS_ADMIN))
			return -EACCES;
		file->f_ra.ra_pages =
			(unsigned int)(arg / (PAGE_SIZE / SECTOR_SIZE));
		return 0;
	case BLKDISCARD:
	case BLKSECDISCARD:
	case BLKZEROOUT:
		return -EOPNOTSUPP;
	}
	return blkdev_ioctl_get(bdev, cmd, arg);
}

const struct file_operations def_blk_fops = {
	.open = blkdev_open,
	.release = blkdev_release,
	.llseek = blkdev_llseek,
	.read_iter = blkdev_read_iter,
	.write_iter = blkdev_write_iter,
	.mmap = generic_file_mmap,
	.fsync = blkdev_fsync,
	.ioctl = blkdev_ioctl,
};
