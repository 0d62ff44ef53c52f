/*
 * sync.c - sync(2), fsync(2) and kin, and fallocate(2)'s checks.
 *
 * Entry points: ksys_sync, vfs_fsync, vfs_fsync_range, vfs_sync_file_range,
 * vfs_fallocate.
 */
#include <fs/vfs/sync.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/super.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/writeback.h>

static int sync_one(struct super_block *sb, void *wait)
{
	if (!(sb->s_flags & SB_RDONLY))
		(void)sync_filesystem_wait(sb, wait != NULL);
	return 0;
}

/*
 * ksys_sync - sync(2): start everything, then wait for everything, so that
 * several devices work side by side.  Errors show at fsync.
 */
void ksys_sync(void)
{
	(void)iterate_supers(sync_one, NULL);
	(void)iterate_supers(sync_one, (void *)1);
}

/*
 * vfs_fsync_range - see sync.h.  -EINVAL for a file that can't be synced.
 */
int vfs_fsync_range(struct file *file, loff_t start, loff_t end, bool datasync)
{
	if (!file->f_op->fsync)
		return -EINVAL;
	return file->f_op->fsync(file, start, end, datasync);
}

/*
 * vfs_fsync - see sync.h.
 */
int vfs_fsync(struct file *file, bool datasync)
{
	return vfs_fsync_range(file, 0, INT64_MAX, datasync);
}

/*
 * vfs_sync_file_range - sync_file_range(2).
 */
int vfs_sync_file_range(struct file *file, loff_t offset, loff_t nbytes,
			unsigned int flags)
{
	struct address_space *mapping = file->f_mapping;
	umode_t mode = file_inode(file)->i_mode;
	loff_t end;
	int err = 0;

	if (flags & ~(SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
		      SYNC_FILE_RANGE_WAIT_AFTER))
		return -EINVAL;
	if (offset < 0 || nbytes < 0 ||
	    __builtin_add_overflow(offset, nbytes, &end))
		return -EINVAL;
	if (!S_ISREG(mode) && !S_ISBLK(mode) && !S_ISDIR(mode) &&
	    !S_ISLNK(mode))
		return -ESPIPE;
	end = nbytes ? end - 1 : INT64_MAX;
	if (flags & SYNC_FILE_RANGE_WAIT_BEFORE)
		err = filemap_fdatawait_range(mapping, offset, end);
	if (!err && (flags & SYNC_FILE_RANGE_WRITE))
		err = filemap_fdatawrite_range(mapping, offset, end);
	if (!err && (flags & SYNC_FILE_RANGE_WAIT_AFTER))
		err = filemap_fdatawait_range(mapping, offset, end);
	return err;
}

/*
 * vfs_fallocate - fallocate(2).  File systems here that do not offer it
 * answer -EOPNOTSUPP, as ext2 does.
 */
int vfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file_inode(file);
	loff_t end;

	if (offset < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
		     FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_ZERO_RANGE |
		     FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE))
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (inode->i_flags & S_IMMUTABLE)
		return -EPERM;
	if (S_ISFIFO(inode->i_mode))
		return -ESPIPE;
	if (S_ISDIR(inode->i_mode))
		return -EISDIR;
	if (!S_ISREG(inode->i_mode))
		return -ENODEV;
	if (__builtin_add_overflow(offset, len, &end) ||
	    end > (loff_t)inode->i_sb->s_maxbytes)
		return -EFBIG;
	if (!file->f_op->fallocate)
		return -EOPNOTSUPP;
	return file->f_op->fallocate(file, mode, offset, len);
}
