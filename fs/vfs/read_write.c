/*
 * read_write.c - read(2), write(2), lseek(2) and their kin below the doors.
 *
 * Each call ends in f_op->read_iter or write_iter with an iov_iter that says
 * where the bytes go and a pointer to the position.  Mode, limits and the
 * accounting of /proc/PID/io are seen to here, once for every kind of file.
 *
 * Locks: file_pos_lock() for calls that use f_pos, taken by the doors.
 *
 * Entry points: vfs_read, vfs_write, vfs_iter_read, vfs_iter_write,
 * kernel_read, kernel_write, vfs_llseek, generic_file_llseek,
 * generic_write_checks.
 */
#include <fs/vfs/read_write.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/resource.h>
#include <abi/signal.h>
#include <fs/vfs/inode.h>
#include <kernel/arch/context.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rlimit.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/send_sig.h>
#include <kernel/types/task.h>

#define RWF_SUPPORTED                                                          \
	(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND)

/*
 * file_pos_lock - keep f_pos still; nothing to do for files without one.
 * May sleep.
 */
void file_pos_lock(struct file *file)
{
	if (file->f_mode & FMODE_ATOMIC_POS)
		mutex_lock(&file->f_pos_lock);
}

/*
 * file_pos_unlock - the end of file_pos_lock.
 */
void file_pos_unlock(struct file *file)
{
	if (file->f_mode & FMODE_ATOMIC_POS)
		mutex_unlock(&file->f_pos_lock);
}

/* May @count bytes move at *@pos?  0 or -EINVAL. */
static int rw_verify_area(const struct file *file, const loff_t *pos,
			  size_t count)
{
	if ((ssize_t)count < 0)
		return -EINVAL;
	if (!pos || (file->f_mode & FMODE_STREAM))
		return 0;
	if (*pos < 0)
		return -EINVAL;
	return count > (size_t)(LLONG_MAX - *pos) ? -EINVAL : 0;
}

static ssize_t do_iter_read(struct file *file, struct iov_iter *iter,
			    loff_t *pos)
{
	loff_t no_pos = 0;
	ssize_t ret;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (!file->f_op->read_iter)
		return file->f_op->iterate ? -EISDIR : -EINVAL;
	ret = rw_verify_area(file, pos, iov_iter_count(iter));
	if (ret)
		return ret;
	ret = file->f_op->read_iter(file, iter, pos ? pos : &no_pos);
	if (ret > 0)
		current->rchar += ret;
	current->syscr++;
	return ret;
}

static ssize_t do_iter_write(struct file *file, struct iov_iter *iter,
			     loff_t *pos)
{
	loff_t no_pos = 0;
	ssize_t ret;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!file->f_op->write_iter)
		return -EINVAL;
	ret = rw_verify_area(file, pos, iov_iter_count(iter));
	if (ret)
		return ret;
	ret = file->f_op->write_iter(file, iter, pos ? pos : &no_pos);
	if (ret > 0)
		current->wchar += ret;
	current->syscw++;
	return ret;
}

/* What read(2) or write(2) answers to memory that no program can have. */
static ssize_t bad_buffer(const struct file *file, unsigned int mode)
{
	if (!(file->f_mode & mode))
		return -EBADF;
	if (mode == FMODE_READ ? !file->f_op->read_iter && !file->f_op->iterate
			       : !file->f_op->write_iter)
		return -EINVAL;
	return -EFAULT;
}

/*
 * vfs_read - read(2): up to @count bytes at *@pos to user memory.
 * See read_write.h.
 */
__landmark ssize_t vfs_read(struct file *file, char __user *buf, size_t count,
			    loff_t *pos)
{
	struct iov_iter iter;

	if (!access_ok(buf, count))
		return bad_buffer(file, FMODE_READ);
	if (count > (size_t)MAX_RW_COUNT)
		count = MAX_RW_COUNT;
	iov_iter_user(&iter, buf, count);
	return do_iter_read(file, &iter, pos);
}

/*
 * vfs_write - write(2): the mirror of vfs_read.
 */
__landmark ssize_t vfs_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *pos)
{
	struct iov_iter iter;

	if (!access_ok(buf, count))
		return bad_buffer(file, FMODE_WRITE);
	if (count > (size_t)MAX_RW_COUNT)
		count = MAX_RW_COUNT;
	iov_iter_user(&iter, (char __user *)buf, count);
	return do_iter_write(file, &iter, pos);
}

/* preadv2(2): flags we know, and those this file can honour. */
static int check_rw_flags(const struct file *file, int flags)
{
	if (flags & ~RWF_SUPPORTED)
		return -EOPNOTSUPP;
	if ((flags & RWF_NOWAIT) && !(file->f_mode & FMODE_NOWAIT))
		return -EOPNOTSUPP;
	return 0;
}

/*
 * vfs_iter_read - readv(2) and preadv2(2).  See read_write.h.
 */
ssize_t vfs_iter_read(struct file *file, struct iov_iter *iter, loff_t *pos,
		      int flags)
{
	int err;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (!file->f_op->read_iter && !file->f_op->iterate)
		return -EINVAL;
	if (!iov_iter_count(iter))
		return 0;
	err = check_rw_flags(file, flags);
	return err ? err : do_iter_read(file, iter, pos);
}

/*
 * vfs_iter_write - writev(2) and pwritev2(2).  RWF_APPEND moves to the end,
 * RWF_DSYNC and RWF_SYNC write through before the call returns.
 */
ssize_t vfs_iter_write(struct file *file, struct iov_iter *iter, loff_t *pos,
		       int flags)
{
	struct inode *inode = file_inode(file);
	ssize_t ret;
	int err;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!file->f_op->write_iter)
		return -EINVAL;
	if (!iov_iter_count(iter))
		return 0;
	err = check_rw_flags(file, flags);
	if (err)
		return err;
	if ((flags & RWF_APPEND) && pos)
		*pos = i_size_read(inode);
	ret = do_iter_write(file, iter, pos);
	if (ret > 0 && (flags & (RWF_DSYNC | RWF_SYNC)) && pos &&
	    file->f_op->fsync) {
		err = file->f_op->fsync(file, *pos - ret, *pos - 1,
					!(flags & RWF_SYNC));
		if (err)
			return err;
	}
	return ret;
}

/*
 * kernel_read - vfs_read into a kernel buffer, as often as it takes; short
 * only at the end of the file.
 */
ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t *pos)
{
	struct iov_iter iter;
	size_t done = 0;
	ssize_t n;

	while (done < count) {
		iov_iter_kernel(&iter, (char *)buf + done, count - done);
		n = do_iter_read(file, &iter, pos);
		if (n < 0)
			return done ? (ssize_t)done : n;
		if (n == 0)
			break;
		done += n;
	}
	return done;
}

/*
 * kernel_write - vfs_write from a kernel buffer.
 */
ssize_t kernel_write(struct file *file, const void *buf, size_t count,
		     loff_t *pos)
{
	struct iov_iter iter;

	iov_iter_kernel(&iter, (void *)buf, count);
	return do_iter_write(file, &iter, pos);
}

/*
 * generic_write_checks - see read_write.h; setrlimit(2) has RLIMIT_FSIZE's
 * rule: SIGXFSZ only when the file offset already stands at the limit.
 */
ssize_t generic_write_checks(struct file *file, struct iov_iter *iter,
			     loff_t *pos)
{
	struct inode *inode = file_inode(file);
	u64 limit = rlimit(RLIMIT_FSIZE);
	loff_t max = inode->i_sb->s_maxbytes;
	size_t count = iov_iter_count(iter);

	if (!count)
		return 0;
	if (file->f_flags & O_APPEND)
		*pos = i_size_read(inode);
	if (limit != RLIM64_INFINITY && S_ISREG(inode->i_mode)) {
		if ((u64)*pos >= limit) {
			send_sig_current(SIGXFSZ);
			return -EFBIG;
		}
		if (count > limit - *pos)
			count = limit - *pos;
	}
	if (*pos >= max)
		return -EFBIG;
	if (count > (u64)(max - *pos))
		count = max - *pos;
	iov_iter_truncate(iter, count);
	return count;
}

/* Store a checked new position. */
static loff_t set_file_pos(struct file *file, loff_t offset, loff_t maxsize)
{
	if (offset < 0 || offset > maxsize)
		return -EINVAL;
	file->f_pos = offset;
	return offset;
}

/*
 * generic_file_llseek_size - lseek(2) in a file of @eof bytes that may grow
 * to @maxsize.  Every byte counts as data: SEEK_HOLE finds the end.  Caller
 * holds f_pos_lock.  The position, -EINVAL or -ENXIO.
 */
loff_t generic_file_llseek_size(struct file *file, loff_t offset, int whence,
				loff_t maxsize, loff_t eof)
{
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		if (__builtin_add_overflow(offset, file->f_pos, &offset))
			return -EOVERFLOW;
		break;
	case SEEK_END:
		if (__builtin_add_overflow(offset, eof, &offset))
			return -EOVERFLOW;
		break;
	case SEEK_DATA:
		if (offset < 0 || offset >= eof)
			return -ENXIO;
		break;
	case SEEK_HOLE:
		if (offset < 0 || offset >= eof)
			return -ENXIO;
		offset = eof;
		break;
	default:
		return -EINVAL;
	}
	return set_file_pos(file, offset, maxsize);
}

/*
 * generic_file_llseek - the same with the inode's own size and limit.
 */
loff_t generic_file_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file->f_mapping->host;

	return generic_file_llseek_size(file, offset, whence,
					file_inode(file)->i_sb->s_maxbytes,
					i_size_read(inode));
}

/*
 * no_llseek - for what has no position.
 */
loff_t no_llseek(struct file *file, loff_t offset, int whence)
{
	return -ESPIPE;
}

/*
 * noop_llseek - for devices where lseek(2) succeeds and does nothing.
 */
loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos;
}

/*
 * vfs_llseek - lseek(2).  Takes f_pos_lock; may sleep.
 */
loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t ret;

	if (whence < 0 || whence > SEEK_HOLE)
		return -EINVAL;
	if (!(file->f_mode & FMODE_LSEEK) || !file->f_op->llseek)
		return -ESPIPE;
	file_pos_lock(file);
	ret = file->f_op->llseek(file, offset, whence);
	file_pos_unlock(file);
	return ret;
}
