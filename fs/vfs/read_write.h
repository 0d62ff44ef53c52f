/*
 * read_write.h - moving a file's bytes, and its position.
 */
#pragma once

#include <fs/vfs/types.h>
#include <kernel/mm/iov_iter.h> /* MAX_RW_COUNT */

/*
 * vfs_read, vfs_write - move up to @count bytes at *@pos and advance it.
 * @pos may be NULL for a stream.  Return bytes, or -EBADF (wrong mode),
 * -EINVAL, -EFAULT or what the file answers.  May sleep.
 */
ssize_t vfs_read(struct file *file, char __user *buf, size_t count,
		 loff_t *pos);
ssize_t vfs_write(struct file *file, const char __user *buf, size_t count,
		  loff_t *pos);

/*
 * vfs_iter_read, vfs_iter_write - the same for any iov_iter: readv, pread,
 * splice.  @flags: RWF_* of preadv2(2); -EOPNOTSUPP for one not known.
 */
ssize_t vfs_iter_read(struct file *file, struct iov_iter *iter, loff_t *pos,
		      int flags);
ssize_t vfs_iter_write(struct file *file, struct iov_iter *iter, loff_t *pos,
		       int flags);

/*
 * kernel_read, kernel_write - the same with a kernel buffer.
 */
ssize_t kernel_read(struct file *file, void *buf, size_t count, loff_t *pos);
ssize_t kernel_write(struct file *file, const void *buf, size_t count,
		     loff_t *pos);

/*
 * file_pos_lock, file_pos_unlock - hold f_pos still around a read, write or
 * lseek that uses it.  file_ppos() is what to hand to vfs_read: NULL for a
 * stream.
 */
void file_pos_lock(struct file *file);
void file_pos_unlock(struct file *file);

static inline loff_t *file_ppos(struct file *file)
{
	return file->f_mode & FMODE_STREAM ? NULL : &file->f_pos;
}

/*
 * vfs_llseek - lseek(2).  Takes f_pos_lock.  -ESPIPE, -EINVAL, -ENXIO,
 * -EOVERFLOW.
 */
loff_t vfs_llseek(struct file *file, loff_t offset, int whence);

/* llseek for regular files and block devices; size from i_size. */
loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
loff_t generic_file_llseek_size(struct file *file, loff_t offset, int whence,
				loff_t maxsize, loff_t eof);
loff_t no_llseek(struct file *file, loff_t offset, int whence); /* ESPIPE */
loff_t noop_llseek(struct file *file, loff_t offset, int whence);

/*
 * do_sendfile - sendfile(2): @ppos NULL uses and moves in's position.
 * do_copy_file_range - copy_file_range(2): the same for either position.
 * Bytes moved or -errno.  May sleep.
 */
ssize_t do_sendfile(struct file *out, struct file *in, loff_t *ppos,
		    size_t count);
ssize_t do_copy_file_range(struct file *in, loff_t *pos_in, struct file *out,
			   loff_t *pos_out, size_t count);

/*
 * generic_write_checks - limit a write to RLIMIT_FSIZE (SIGXFSZ, -EFBIG) and
 * s_maxbytes, and move *@pos to the end for O_APPEND.  Returns the bytes
 * left to write, 0, or -errno.  Caller holds i_rwsem for writing.
 */
ssize_t generic_write_checks(struct file *file, struct iov_iter *iter,
			     loff_t *pos);
