/*
 * copy_range.c - sendfile(2) and copy_file_range(2): bytes from file to file
 * without a stop in user memory.
 *
 * Both go through one page of kernel memory.  What was read and then could
 * not be written is not lost: the source's position only moves by what the
 * destination took (a source that is a stream is read no further than it).
 *
 * Entry points: do_sendfile, do_copy_file_range.
 */
#include <fs/vfs/read_write.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/arch/context.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

#define COPY_CHUNK (16 * PAGE_SIZE)

/*
 * Move up to @count bytes from *@in_pos to *@out_pos.  Bytes, or -errno when
 * none were moved.
 */
static ssize_t copy_bytes(struct file *out, loff_t *out_pos, struct file *in,
			  loff_t *in_pos, size_t count)
{
	struct iov_iter iter;
	size_t done = 0;
	ssize_t n = 0, w;
	loff_t pos;
	char *buf;

	buf = kvmalloc(COPY_CHUNK);
	if (!buf)
		return -ENOMEM;
	while (done < count) {
		pos = *in_pos;
		iov_iter_kernel(&iter, buf,
				min(count - done, (size_t)COPY_CHUNK));
		n = vfs_iter_read(in, &iter, &pos, 0);
		if (n <= 0)
			break;
		w = kernel_write(out, buf, n, out_pos);
		if (w <= 0) {
			n = w;
			break;
		}
		*in_pos += w;
		done += w;
		if (w < n || signal_pending(current))
			break;
		cond_resched();
	}
	kvfree(buf);
	return done ? (ssize_t)done : n;
}

/*
 * do_sendfile - see read_write.h; sendfile(2): the source must be a file
 * that can be mapped or read anywhere, the destination may be anything.
 */
ssize_t do_sendfile(struct file *out, struct file *in, loff_t *ppos,
		    size_t count)
{
	loff_t pos, out_pos;
	ssize_t ret;

	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if (ppos && !(in->f_mode & FMODE_PREAD))
		return -ESPIPE;
	/* sendfile(2): what was read must be able to be read again; anonymous
	 * files, which have no type, are not. */
	if (!(in->f_mode & FMODE_LSEEK) || (in->f_mode & FMODE_NO_SPLICE) ||
	    !(file_inode(in)->i_mode & S_IFMT))
		return -EINVAL;
	if (out->f_flags & O_APPEND)
		return -EINVAL;
	if ((ssize_t)count < 0)
		return -EINVAL;
	if (count > (size_t)MAX_RW_COUNT)
		count = MAX_RW_COUNT;
	pos = ppos ? *ppos : in->f_pos;
	if (pos < 0)
		return -EINVAL;

	/* f_pos is not locked meanwhile: the source may make us wait. */
	out_pos = out->f_mode & FMODE_STREAM ? 0 : out->f_pos;
	ret = copy_bytes(out, &out_pos, in, &pos, count);
	if (ret > 0 && !(out->f_mode & FMODE_STREAM))
		out->f_pos = out_pos;
	if (ret > 0) {
		if (ppos)
			*ppos = pos;
		else
			in->f_pos = pos;
	}
	return ret;
}

/* copy_file_range(2): what is refused, and how many of @count bytes there are
 * to copy; or -errno. */
static ssize_t range_to_copy(struct file *in, loff_t pos_in, struct file *out,
			     loff_t pos_out, size_t count)
{
	struct inode *from = file_inode(in), *to = file_inode(out);
	loff_t size;

	if (S_ISDIR(from->i_mode) || S_ISDIR(to->i_mode))
		return -EISDIR;
	if (!S_ISREG(from->i_mode) || !S_ISREG(to->i_mode))
		return -EINVAL;
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE) ||
	    (out->f_flags & O_APPEND))
		return -EBADF;
	if (from->i_sb != to->i_sb)
		return -EXDEV;
	if ((u64)pos_in + count < (u64)pos_in ||
	    (u64)pos_out + count < (u64)pos_out)
		return -EOVERFLOW;
	size = i_size_read(from);
	count = pos_in >= size ? 0 : min(count, (size_t)(size - pos_in));
	if (from == to && pos_out + (loff_t)count > pos_in &&
	    pos_out < pos_in + (loff_t)count)
		return -EINVAL;
	if (pos_in < 0 || pos_out < 0)
		return -EINVAL;
	return (ssize_t)min(count, (size_t)MAX_RW_COUNT);
}

/*
 * do_copy_file_range - see read_write.h; both are regular files, and the
 * ranges do not overlap within one file.
 */
ssize_t do_copy_file_range(struct file *in, loff_t *pos_in, struct file *out,
			   loff_t *pos_out, size_t count)
{
	loff_t from = pos_in ? *pos_in : in->f_pos;
	loff_t to = pos_out ? *pos_out : out->f_pos;
	ssize_t ret = range_to_copy(in, from, out, to, count);

	if (ret > 0)
		ret = copy_bytes(out, &to, in, &from, (size_t)ret);
	if (ret > 0) {
		*(pos_in ? pos_in : &in->f_pos) = from;
		*(pos_out ? pos_out : &out->f_pos) = to;
	}
	return ret;
}
