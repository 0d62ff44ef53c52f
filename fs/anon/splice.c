/*
 * splice.c - splice(2), tee(2) and vmsplice(2).
 *
 * Bytes from a file are read into a page of the pipe's own, bytes to a file
 * are written out of the pipe's page and only then consumed, so nothing is
 * lost when the other side takes less.  From pipe to pipe and with tee, the
 * page itself changes hands: it is shared by reference, and a shared page is
 * never added to.
 *
 * Locks: pipe->mutex; of two pipes, the one at the lower address first.
 *
 * Entry points: do_splice, do_tee, do_vmsplice.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/signal.h>
#include <fs/anon/internal.h>
#include <fs/vfs/fasync.h>
#include <fs/vfs/file.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/slab.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/send_sig.h>

#define SPLICE_FLAGS                                                           \
	(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT)

static bool may_block(const struct file *pipe_file, unsigned int flags)
{
	return !(flags & SPLICE_F_NONBLOCK) &&
	       !(pipe_file->f_flags & O_NONBLOCK);
}

/* Wait for a free slot, mutex not held.  0, -EPIPE, -EAGAIN or a signal. */
static int wait_for_room(struct pipe_inode_info *pipe, bool block)
{
	int err;

	for (;;) {
		if (!READ_ONCE(pipe->readers)) {
			send_sig_current(SIGPIPE);
			return -EPIPE;
		}
		if (!pipe_full(pipe))
			return 0;
		if (!block)
			return -EAGAIN;
		err = wait_event_interruptible(
			&pipe->wr_wait,
			!pipe_full(pipe) || !READ_ONCE(pipe->readers));
		if (err)
			return err;
	}
}

/* Wait for bytes.  1 there are, 0 end of file, or -errno. */
static int wait_for_data(struct pipe_inode_info *pipe, bool block)
{
	int err;

	for (;;) {
		if (!pipe_empty(pipe))
			return 1;
		if (!READ_ONCE(pipe->writers))
			return 0;
		if (!block)
			return -EAGAIN;
		err = wait_event_interruptible(
			&pipe->rd_wait,
			!pipe_empty(pipe) || !READ_ONCE(pipe->writers));
		if (err)
			return err;
	}
}

/* Append a page; the slot is free.  Caller holds the mutex. */
static void push_page(struct pipe_inode_info *pipe, struct page *page,
		      unsigned int offset, unsigned int len)
{
	struct pipe_buffer *buf = pipe_slot(pipe, pipe->head);

	buf->page = page;
	buf->offset = offset;
	buf->len = len;
	buf->can_merge = false;
	buf->packet = false;
	WRITE_ONCE(pipe->head, pipe->head + 1);
	wake_up_poll(&pipe->rd_wait, POLLIN | POLLRDNORM);
}

/* Consume @n bytes of the first buffer.  Caller holds the mutex. */
static void consume(struct pipe_inode_info *pipe, size_t n)
{
	struct pipe_buffer *buf = pipe_slot(pipe, pipe->tail);

	buf->offset += n;
	buf->len -= n;
	if (buf->len)
		return;
	pipe_release_buffer(pipe, buf);
	WRITE_ONCE(pipe->tail, pipe->tail + 1);
	wake_up_poll(&pipe->wr_wait, POLLOUT | POLLWRNORM);
}

/*
 * One page from @in to the pipe.  Another writer may take the slot while we
 * read without the mutex, so room is looked for again before the push.
 */
static ssize_t page_to_pipe(struct file *in, loff_t *pos,
			    struct pipe_inode_info *pipe, size_t count,
			    bool block)
{
	struct page *page;
	ssize_t n;

	page = alloc_page_user();
	if (!page)
		return -ENOMEM;
	n = in->f_op->read_iter ? 0 : -EINVAL;
	if (!n) {
		struct iov_iter iter;

		iov_iter_kernel(&iter, page_address(page),
				min(count, (size_t)PAGE_SIZE));
		n = vfs_iter_read(in, &iter, pos, 0);
	}
	if (n <= 0) {
		put_page(page);
		return n;
	}
	for (;;) {
		int err;

		mutex_lock(&pipe->mutex);
		if (!pipe_full(pipe) && pipe->readers)
			break;
		mutex_unlock(&pipe->mutex);
		/* The bytes are out of the file: wait for their place. */
		err = wait_for_room(pipe, true);
		if (err) {
			if (pos)
				*pos -= n;
			put_page(page);
			return err;
		}
	}
	push_page(pipe, page, 0, n);
	mutex_unlock(&pipe->mutex);
	return n;
}

static ssize_t splice_file_to_pipe(struct file *in, loff_t *pos,
				   struct file *out, size_t count,
				   unsigned int flags)
{
	struct pipe_inode_info *pipe = file_pipe(out);
	bool block = may_block(out, flags);
	size_t done = 0;
	ssize_t n = 0;

	while (done < count) {
		n = wait_for_room(pipe, block && !done);
		if (n)
			break;
		n = page_to_pipe(in, pos, pipe, count - done, block);
		if (n <= 0)
			break;
		done += n;
		if (n < (ssize_t)PAGE_SIZE)
			break;
	}
	return done ? (ssize_t)done : n;
}

/* The first buffer's bytes out to @out.  Bytes or -errno. */
static ssize_t buffer_to_file(struct pipe_inode_info *pipe, struct file *out,
			      loff_t *pos, size_t count)
{
	struct pipe_buffer *buf;
	ssize_t n = 0;

	mutex_lock(&pipe->mutex);
	if (!pipe_empty(pipe)) {
		buf = pipe_slot(pipe, pipe->tail);
		n = kernel_write(out,
				 (char *)page_address(buf->page) + buf->offset,
				 min(count, (size_t)buf->len), pos);
		if (n > 0)
			consume(pipe, n);
	}
	mutex_unlock(&pipe->mutex);
	return n;
}

static ssize_t splice_pipe_to_file(struct file *in, struct file *out,
				   loff_t *pos, size_t count,
				   unsigned int flags)
{
	struct pipe_inode_info *pipe = file_pipe(in);
	bool block = may_block(in, flags);
	size_t done = 0;
	ssize_t n = 0;

	while (done < count) {
		n = wait_for_data(pipe, block && !done);
		if (n <= 0)
			break;
		n = buffer_to_file(pipe, out, pos, count - done);
		if (n <= 0)
			break;
		done += n;
	}
	return done ? (ssize_t)done : n;
}

static void lock_two(struct pipe_inode_info *a, struct pipe_inode_info *b)
{
	if (a > b)
		swap(a, b);
	mutex_lock(&a->mutex);
	mutex_lock_nested(&b->mutex, 1);
}

static void unlock_two(struct pipe_inode_info *a, struct pipe_inode_info *b)
{
	mutex_unlock(&a->mutex);
	mutex_unlock(&b->mutex);
}

/* Share up to @count bytes of @from with @to; @keep: tee.  Both locked. */
static size_t link_buffers(struct pipe_inode_info *from,
			   struct pipe_inode_info *to, size_t count, bool keep)
{
	unsigned int n = from->tail;
	struct pipe_buffer *buf;
	size_t len, done = 0;

	while (done < count && n != from->head && !pipe_full(to)) {
		buf = pipe_slot(from, n);
		len = min(count - done, (size_t)buf->len);
		get_page(buf->page);
		buf->can_merge = false;
		push_page(to, buf->page, buf->offset, len);
		done += len;
		n++;
		if (!keep)
			consume(from, len);
	}
	return done;
}

static ssize_t pipe_to_pipe(struct file *in, struct file *out, size_t count,
			    bool keep, bool block)
{
	struct pipe_inode_info *from = file_pipe(in), *to = file_pipe(out);
	ssize_t n;

	if (from == to)
		return -EINVAL;
	for (;;) {
		n = wait_for_data(from, block);
		if (n <= 0)
			return n;
		n = wait_for_room(to, block);
		if (n)
			return n;
		lock_two(from, to);
		n = to->readers ? (ssize_t)link_buffers(from, to, count, keep)
				: 0;
		unlock_two(from, to);
		if (n)
			return n;
	}
}

/* SIGIO for a pipe that was emptied (@from) or filled (@to); NULL: no pipe. */
static ssize_t spliced(struct file *from, struct file *to, ssize_t ret)
{
	if (ret > 0 && from)
		kill_fasync(&file_pipe(from)->fasync_writers, POLL_OUT);
	if (ret > 0 && to)
		kill_fasync(&file_pipe(to)->fasync_readers, POLL_IN);
	return ret;
}

/*
 * do_splice - see pipe.h.  May sleep.
 */
ssize_t do_splice(struct file *in, loff_t *off_in, struct file *out,
		  loff_t *off_out, size_t count, unsigned int flags)
{
	bool in_pipe = file_is_pipe(in), out_pipe = file_is_pipe(out);
	bool block = may_block(in, flags) && may_block(out, flags);
	ssize_t ret;

	if (flags & ~SPLICE_FLAGS)
		return -EINVAL;
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if ((in_pipe && off_in) || (out_pipe && off_out))
		return -ESPIPE;
	if (!count)
		return 0;
	count = min(count, (size_t)MAX_RW_COUNT);
	if (in_pipe && out_pipe)
		return spliced(in, out,
			       pipe_to_pipe(in, out, count, false, block));
	if (in_pipe) {
		if (off_out && !(out->f_mode & FMODE_PWRITE))
			return -EINVAL;
		if (out->f_flags & O_APPEND)
			return -EINVAL;
		ret = splice_pipe_to_file(in, out,
					  off_out ? off_out : file_ppos(out),
					  count, flags);
		return spliced(in, NULL, ret);
	}
	if (!out_pipe || (in->f_mode & FMODE_NO_SPLICE))
		return -EINVAL;
	if (off_in && !(in->f_mode & FMODE_PREAD))
		return -EINVAL;
	ret = splice_file_to_pipe(in, off_in ? off_in : file_ppos(in), out,
				  count, flags);
	return spliced(NULL, out, ret);
}

/*
 * do_tee - see pipe.h.  May sleep.
 */
ssize_t do_tee(struct file *in, struct file *out, size_t count,
	       unsigned int flags)
{
	if (flags & ~SPLICE_FLAGS)
		return -EINVAL;
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!file_is_pipe(in) || !file_is_pipe(out))
		return -EINVAL;
	if (!count)
		return 0;
	return spliced(
		NULL, out,
		pipe_to_pipe(in, out, count, true,
			     may_block(in, flags) && may_block(out, flags)));
}

/*
 * do_vmsplice - see pipe.h: a write to or a read from the pipe.
 */
ssize_t do_vmsplice(struct file *file, struct iov_iter *iter,
		    unsigned int flags)
{
	/* As on Linux, how the pipe is open does not count. */
	bool block = !(flags & SPLICE_F_NONBLOCK);

	if (flags & ~SPLICE_FLAGS)
		return -EINVAL;
	if (!(file->f_mode & (FMODE_READ | FMODE_WRITE)))
		return -EBADF;
	if (!iov_iter_count(iter))
		return 0;
	if (!file_is_pipe(file))
		return -EBADF;
	if (file->f_mode & FMODE_WRITE)
		return pipe_write_iter(file, iter, block);
	return pipe_read_iter(file, iter, block);
}
