/*
 * read_write.c - doors: moving bytes between files and programs.
 *
 * The calls that use a file's own position hold f_pos_lock around it.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <fs/anon/pipe.h>
#include <fs/vfs/fadvise.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/mm/iov_iter.h>

#define SPLICE_F_ALL                                                           \
	(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT)

typedef ssize_t (*iter_fn)(struct file *file, struct iov_iter *iter,
			   loff_t *pos, int flags);

long sys_read(unsigned int fd, char __user *buf, size_t count)
{
	struct fd f = fdget(fd);
	ssize_t ret;

	if (!f.file)
		return -EBADF;
	file_pos_lock(f.file);
	ret = vfs_read(f.file, buf, count, file_ppos(f.file));
	file_pos_unlock(f.file);
	fdput(f);
	return ret;
}

long sys_write(unsigned int fd, const char __user *buf, size_t count)
{
	struct fd f = fdget(fd);
	ssize_t ret;

	if (!f.file)
		return -EBADF;
	file_pos_lock(f.file);
	ret = vfs_write(f.file, buf, count, file_ppos(f.file));
	file_pos_unlock(f.file);
	fdput(f);
	return ret;
}

long sys_pread64(unsigned int fd, char __user *buf, size_t count, loff_t pos)
{
	struct fd f;
	ssize_t ret;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	ret = -ESPIPE;
	if (f.file->f_mode & FMODE_PREAD)
		ret = vfs_read(f.file, buf, count, &pos);
	fdput(f);
	return ret;
}

long sys_pwrite64(unsigned int fd, const char __user *buf, size_t count,
		  loff_t pos)
{
	struct fd f;
	ssize_t ret;

	if (pos < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	ret = -ESPIPE;
	if (f.file->f_mode & FMODE_PWRITE)
		ret = vfs_write(f.file, buf, count, &pos);
	fdput(f);
	return ret;
}

/* Fetch the vector and hand it to @fn at *@pos, or at the file's position. */
static ssize_t do_vector(struct file *file, const struct iovec __user *uvec,
			 unsigned long vlen, loff_t *pos, int flags, iter_fn fn)
{
	/* As on Linux 32 bits of @vlen count. */
	unsigned int nr_segs = (unsigned int)vlen;
	struct iovec fast[UIO_FASTIOV];
	struct iovec *vec;
	struct iov_iter iter;
	ssize_t ret;

	ret = import_iovec(uvec, nr_segs, UIO_FASTIOV, fast, &vec, &iter);
	if (ret < 0)
		return ret;
	if (pos) {
		ret = fn(file, &iter, pos, flags);
	} else {
		file_pos_lock(file);
		ret = fn(file, &iter, file_ppos(file), flags);
		file_pos_unlock(file);
	}
	kfree(vec);
	return ret;
}

/* readv and writev on a descriptor; @pos NULL: at the file's position. */
static long vector_fd(unsigned long fd, const struct iovec __user *vec,
		      unsigned long vlen, loff_t *pos, unsigned int need_mode,
		      int flags, iter_fn fn)
{
	struct fd f;
	ssize_t ret;

	if (pos && *pos < 0)
		return -EINVAL;
	f = fdget((unsigned int)fd);
	if (!f.file)
		return -EBADF;
	ret = -ESPIPE;
	if (!pos || (f.file->f_mode & need_mode))
		ret = do_vector(f.file, vec, vlen, pos, flags, fn);
	fdput(f);
	return ret;
}

long sys_readv(unsigned long fd, const struct iovec __user *vec,
	       unsigned long vlen)
{
	return vector_fd(fd, vec, vlen, NULL, 0, 0, vfs_iter_read);
}

long sys_writev(unsigned long fd, const struct iovec __user *vec,
		unsigned long vlen)
{
	return vector_fd(fd, vec, vlen, NULL, 0, 0, vfs_iter_write);
}

/* On 64 bits the low half holds all of the position, as on Linux. */
long sys_preadv(unsigned long fd, const struct iovec __user *vec,
		unsigned long vlen, unsigned long pos_l, unsigned long pos_h)
{
	loff_t pos = (loff_t)pos_l;

	(void)pos_h;
	return vector_fd(fd, vec, vlen, &pos, FMODE_PREAD, 0, vfs_iter_read);
}

long sys_pwritev(unsigned long fd, const struct iovec __user *vec,
		 unsigned long vlen, unsigned long pos_l, unsigned long pos_h)
{
	loff_t pos = (loff_t)pos_l;

	(void)pos_h;
	return vector_fd(fd, vec, vlen, &pos, FMODE_PWRITE, 0, vfs_iter_write);
}

/* preadv2(2): position -1 means the file's own */
long sys_preadv2(unsigned long fd, const struct iovec __user *vec,
		 unsigned long vlen, unsigned long pos_l, unsigned long pos_h,
		 int flags)
{
	loff_t pos = (loff_t)pos_l;

	(void)pos_h;
	return vector_fd(fd, vec, vlen, pos == -1 ? NULL : &pos, FMODE_PREAD,
			 flags, vfs_iter_read);
}

long sys_pwritev2(unsigned long fd, const struct iovec __user *vec,
		  unsigned long vlen, unsigned long pos_l, unsigned long pos_h,
		  int flags)
{
	loff_t pos = (loff_t)pos_l;

	(void)pos_h;
	return vector_fd(fd, vec, vlen, pos == -1 ? NULL : &pos, FMODE_PWRITE,
			 flags, vfs_iter_write);
}

long sys_lseek(unsigned int fd, off_t offset, unsigned int whence)
{
	struct file *file = fget(fd);
	loff_t ret;

	if (!file)
		return -EBADF;
	ret = -EINVAL;
	if (whence <= SEEK_MAX)
		ret = vfs_llseek(file, offset, (int)whence);
	fput(file);
	return (long)ret;
}

/* Read a position of the program's, if it gave one. */
static int get_position(loff_t *pos, const loff_t __user *from)
{
	return from && copy_from_user(pos, from, sizeof(*pos)) ? -EFAULT : 0;
}

static int put_position(loff_t pos, loff_t __user *to)
{
	return to && copy_to_user(to, &pos, sizeof(pos)) ? -EFAULT : 0;
}

long sys_sendfile(int out_fd, int in_fd, loff_t __user *offset, size_t count)
{
	struct file *in;
	struct file *out;
	loff_t pos = 0;
	ssize_t ret;

	if (get_position(&pos, offset))
		return -EFAULT;
	in = fget((unsigned int)in_fd);
	if (!in)
		return -EBADF;
	/* All that may be wrong with the source comes first. */
	ret = 0;
	if (!(in->f_mode & FMODE_READ))
		ret = -EBADF;
	else if (offset && !(in->f_mode & FMODE_PREAD))
		ret = -ESPIPE;
	else if ((ssize_t)count < 0)
		ret = -EINVAL;
	if (ret) {
		fput(in);
		return ret;
	}
	out = fget((unsigned int)out_fd);
	if (!out) {
		fput(in);
		return -EBADF;
	}
	ret = do_sendfile(out, in, offset ? &pos : NULL, count);
	if (ret >= 0 && put_position(pos, offset))
		ret = -EFAULT;
	fput(out);
	fput(in);
	return ret;
}

/* Two open files, or EBADF. */
static int two_files(int fd_in, struct file **in, int fd_out, struct file **out)
{
	*in = fget((unsigned int)fd_in);
	if (!*in)
		return -EBADF;
	*out = fget((unsigned int)fd_out);
	if (*out)
		return 0;
	fput(*in);
	return -EBADF;
}

/* The bytes between, as splice and copy_file_range count them; positions that
 * the program did not give are the files'. */
static long move_range(struct file *in, loff_t __user *off_in, struct file *out,
		       loff_t __user *off_out, size_t len, unsigned int flags,
		       bool splice)
{
	loff_t pos_in = 0;
	loff_t pos_out = 0;
	loff_t *from = off_in ? &pos_in : NULL;
	loff_t *to = off_out ? &pos_out : NULL;
	ssize_t ret;

	if (get_position(&pos_in, off_in) || get_position(&pos_out, off_out))
		return -EFAULT;
	if (splice)
		ret = do_splice(in, from, out, to, len, flags);
	else if (flags)
		ret = -EINVAL;
	else
		ret = do_copy_file_range(in, from, out, to, len);
	if (ret > 0 &&
	    (put_position(pos_in, off_in) || put_position(pos_out, off_out)))
		ret = -EFAULT;
	return ret;
}

long sys_splice(int fd_in, loff_t __user *off_in, int fd_out,
		loff_t __user *off_out, size_t len, unsigned int flags)
{
	struct file *in;
	struct file *out;
	long ret;

	if (!len)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	ret = two_files(fd_in, &in, fd_out, &out);
	if (ret)
		return ret;
	/* Before the positions are looked at. */
	if ((file_is_pipe(in) && off_in) || (file_is_pipe(out) && off_out))
		ret = -ESPIPE;
	else
		ret = move_range(in, off_in, out, off_out, len, flags, true);
	fput(out);
	fput(in);
	return ret;
}

long sys_tee(int fdin, int fdout, size_t len, unsigned int flags)
{
	struct file *in;
	struct file *out;
	long ret;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	ret = two_files(fdin, &in, fdout, &out);
	if (ret)
		return ret;
	ret = do_tee(in, out, len, flags);
	fput(out);
	fput(in);
	return ret;
}

long sys_vmsplice(int fd, const struct iovec __user *uiov,
		  unsigned long nr_segs, unsigned int flags)
{
	struct iovec fast[UIO_FASTIOV];
	struct iovec *vec;
	struct iov_iter iter;
	struct file *file;
	ssize_t ret;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	file = fget((unsigned int)fd);
	if (!file)
		return -EBADF;
	ret = import_iovec(uiov, nr_segs, UIO_FASTIOV, fast, &vec, &iter);
	if (ret >= 0) {
		ret = do_vmsplice(file, &iter, flags);
		kfree(vec);
	}
	fput(file);
	return ret;
}

long sys_copy_file_range(int fd_in, loff_t __user *off_in, int fd_out,
			 loff_t __user *off_out, size_t len, unsigned int flags)
{
	struct file *in;
	struct file *out;
	long ret = two_files(fd_in, &in, fd_out, &out);

	if (ret)
		return ret;
	ret = move_range(in, off_in, out, off_out, len, flags, false);
	fput(out);
	fput(in);
	return ret;
}

long sys_readahead(int fd, loff_t offset, size_t count)
{
	struct file *file = fget((unsigned int)fd);
	int ret;

	if (!file)
		return -EBADF;
	ret = -EBADF;
	if (file->f_mode & FMODE_READ)
		ret = vfs_readahead(file, offset, count);
	fput(file);
	return ret;
}

long sys_fadvise64(int fd, loff_t offset, size_t len, int advice)
{
	struct file *file = fget((unsigned int)fd);
	int ret;

	if (!file)
		return -EBADF;
	ret = vfs_fadvise(file, offset, (loff_t)len, advice);
	fput(file);
	return ret;
}
