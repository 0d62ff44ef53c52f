/*
 * pipe.c - what goes through pipes and FIFOs, pipe(7).
 *
 * A pipe is a ring of buffers, each a stretch of one page.  A write first
 * adds to the last page when there is room, then fills new slots; a read
 * empties slots in order.  Readers sleep on rd_wait while the ring is empty
 * and somebody has it open for writing, writers on wr_wait while it is full.
 * Writes of at most PIPE_BUF bytes are atomic: they wait for the whole room.
 *
 * A FIFO is the same ring found through its inode: fifo.c.  pipefs.c makes the
 * files of pipe(2).
 *
 * Locks: pipe->mutex for the ring and the counts.  Copies to and from user
 * memory are made under it (a page fault may sleep).
 *
 * Entry points: pipe_fops (pipe_read, pipe_write), pipe_fcntl, file_is_pipe.
 */
#include <fs/anon/pipe.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/ioctl.h>
#include <abi/signal.h>
#include <fs/anon/internal.h>
#include <fs/vfs/fasync.h>
#include <fs/vfs/file.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/poll.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/oom.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/send_sig.h>

/* How many slots a new pipe of @user has, accounted; 0: none can be had. */
static unsigned int slots_for(struct user_struct *user)
{
	unsigned int slots = PIPE_DEF_BUFFERS;
	unsigned int max = READ_ONCE(pipe_max_size) / PAGE_SIZE;
	bool over_soft, over_hard;

	if (slots > max && !capable(CAP_SYS_RESOURCE))
		slots = max;
	over_soft = pipe_account(user, slots, &over_hard);
	if (over_soft && pipe_limits_bind()) {
		pipe_unaccount(user, slots);
		slots = PIPE_MIN_DEF_BUFFERS;
		(void)pipe_account(user, slots, &over_hard);
	}
	if (over_hard && pipe_limits_bind()) {
		pipe_unaccount(user, slots);
		return 0;
	}
	return slots;
}

/* alloc_pipe - see internal.h. */
struct pipe_inode_info *alloc_pipe(void)
{
	struct pipe_inode_info *pipe = kzalloc(sizeof(*pipe));

	if (!pipe)
		return NULL;
	pipe->user = get_uid(current_user());
	pipe->ring_size = slots_for(pipe->user);
	if (!pipe->ring_size)
		goto free_pipe;
	pipe->bufs = kcalloc(pipe->ring_size, sizeof(*pipe->bufs));
	if (!pipe->bufs)
		goto unaccount;
	pipe->r_counter = pipe->w_counter = 1;
	mutex_init(&pipe->mutex, LOCK_PIPE);
	init_waitqueue_head(&pipe->rd_wait);
	init_waitqueue_head(&pipe->wr_wait);
	INIT_LIST_HEAD(&pipe->fasync_readers);
	INIT_LIST_HEAD(&pipe->fasync_writers);
	return pipe;

unaccount:
	pipe_unaccount(pipe->user, pipe->ring_size);
free_pipe:
	free_uid(pipe->user);
	kfree(pipe);
	return NULL;
}

/* free_pipe - see internal.h. */
void free_pipe(struct pipe_inode_info *pipe)
{
	while (!pipe_empty(pipe))
		put_page(pipe_slot(pipe, pipe->tail++)->page);
	if (pipe->spare)
		put_page(pipe->spare);
	pipe_unaccount(pipe->user, pipe->ring_size);
	free_uid(pipe->user);
	kfree(pipe->bufs);
	kfree(pipe);
}

/*
 * pipe_release_buffer - see internal.h.  Caller holds pipe->mutex.
 */
void pipe_release_buffer(struct pipe_inode_info *pipe, struct pipe_buffer *buf)
{
	if (!pipe->spare && page_count(buf->page) == 1)
		pipe->spare = buf->page;
	else
		put_page(buf->page);
	buf->page = NULL;
}

/*
 * Move what is there, without sleeping.  Bytes moved, or -EFAULT when not
 * even one could be.
 */
static ssize_t read_buffers(struct pipe_inode_info *pipe, struct iov_iter *iter)
{
	struct pipe_buffer *buf;
	size_t chunk, n, done = 0;
	bool packet;

	while (iov_iter_count(iter) && !pipe_empty(pipe)) {
		buf = pipe_slot(pipe, pipe->tail);
		packet = buf->packet;
		chunk = min((size_t)buf->len, iov_iter_count(iter));
		n = copy_to_iter((char *)page_address(buf->page) + buf->offset,
				 chunk, iter);
		done += n;
		if (n < chunk)
			return done ? (ssize_t)done : -EFAULT;
		buf->offset += n;
		buf->len -= n;
		/* pipe(2), O_DIRECT: the rest of a packet is thrown away. */
		if (!buf->len || packet) {
			pipe_release_buffer(pipe, buf);
			WRITE_ONCE(pipe->tail, pipe->tail + 1);
		}
		if (packet)
			break;
	}
	return done;
}

/* Inline, so that who sleeps is seen to sleep in pipe_read. */
static __always_inline ssize_t read_or_wait(struct file *file,
					    struct iov_iter *iter, bool block)
{
	struct pipe_inode_info *pipe = file_pipe(file);
	bool was_full;
	ssize_t ret;

	if (!iov_iter_count(iter))
		return 0;
	for (;;) {
		mutex_lock(&pipe->mutex);
		was_full = pipe_full(pipe);
		ret = read_buffers(pipe, iter);
		if (was_full && !pipe_full(pipe))
			wake_up_sync_poll(&pipe->wr_wait, POLLOUT | POLLWRNORM);
		if (ret || !pipe->writers) {
			mutex_unlock(&pipe->mutex);
			break;
		}
		mutex_unlock(&pipe->mutex);
		if (!block)
			return -EAGAIN;
		ret = wait_event_interruptible_exclusive(
			&pipe->rd_wait,
			!pipe_empty(pipe) || !READ_ONCE(pipe->writers));
		if (ret)
			return ret;
	}
	/* Another reader may find what we left. */
	if (!pipe_empty(pipe))
		wake_up_sync_poll(&pipe->rd_wait, POLLIN | POLLRDNORM);
	kill_fasync(&pipe->fasync_writers, POLL_OUT);
	if (ret > 0)
		file_accessed(file);
	return ret;
}

static __landmark ssize_t pipe_read(struct file *file, struct iov_iter *iter,
				    loff_t *pos)
{
	return read_or_wait(file, iter, !(file->f_flags & O_NONBLOCK));
}

/*
 * pipe_read_iter, pipe_write_iter - see internal.h.
 */
ssize_t pipe_read_iter(struct file *file, struct iov_iter *iter, bool block)
{
	return read_or_wait(file, iter, block);
}

/* Add to the last page.  Bytes added, or -EFAULT. */
static ssize_t merge_tail(struct pipe_inode_info *pipe, struct iov_iter *iter,
			  size_t tail_bytes)
{
	struct pipe_buffer *buf;
	size_t end, n;

	if (pipe_empty(pipe) || !tail_bytes)
		return 0;
	buf = pipe_slot(pipe, pipe->head - 1);
	end = buf->offset + buf->len;
	if (!buf->can_merge || end + tail_bytes > PAGE_SIZE)
		return 0;
	n = copy_from_iter((char *)page_address(buf->page) + end, tail_bytes,
			   iter);
	buf->len += n;
	return n || !tail_bytes ? (ssize_t)n : -EFAULT;
}

/* Fill one new slot; there is room for it.  Bytes or -errno. */
static ssize_t fill_slot(struct pipe_inode_info *pipe, struct iov_iter *iter,
			 bool packet)
{
	struct pipe_buffer *buf = pipe_slot(pipe, pipe->head);
	size_t chunk = min(iov_iter_count(iter), (size_t)PAGE_SIZE);
	struct page *page = pipe->spare;
	size_t n;

	if (!page) {
		page = alloc_page_or_kill();
		if (!page)
			return -ENOMEM;
	}
	pipe->spare = NULL;
	n = copy_from_iter(page_address(page), chunk, iter);
	if (!n) {
		pipe->spare = page;
		return -EFAULT;
	}
	buf->page = page;
	buf->offset = 0;
	buf->len = n;
	buf->can_merge = !packet;
	buf->packet = packet;
	WRITE_ONCE(pipe->head, pipe->head + 1);
	return n;
}

/*
 * Write what there is room for.  Returns bytes, or -errno when none went.
 * pipe(7): up to PIPE_BUF bytes go whole or not at all.
 */
static ssize_t write_buffers(struct pipe_inode_info *pipe,
			     struct iov_iter *iter, bool packet)
{
	size_t done = 0;
	ssize_t n;

	if (!packet) {
		n = merge_tail(pipe, iter,
			       iov_iter_count(iter) & (PAGE_SIZE - 1));
		if (n < 0)
			return n;
		done = n;
	}
	while (iov_iter_count(iter) && !pipe_full(pipe)) {
		n = fill_slot(pipe, iter, packet);
		if (n < 0)
			return done ? (ssize_t)done : n;
		done += n;
	}
	return done;
}

/* The part of a write under the mutex; the caller sleeps and comes again. */
static ssize_t write_once(struct pipe_inode_info *pipe, struct iov_iter *iter,
			  bool packet)
{
	bool was_empty;
	ssize_t ret;

	mutex_lock(&pipe->mutex);
	if (!pipe->readers) {
		ret = -EPIPE;
	} else {
		was_empty = pipe_empty(pipe);
		ret = write_buffers(pipe, iter, packet);
		if (ret > 0 && was_empty)
			wake_up_sync_poll(&pipe->rd_wait, POLLIN | POLLRDNORM);
	}
	mutex_unlock(&pipe->mutex);
	return ret;
}

static __always_inline ssize_t write_or_wait(struct file *file,
					     struct iov_iter *iter, bool block)
{
	struct pipe_inode_info *pipe = file_pipe(file);
	bool packet = file->f_flags & O_DIRECT;
	ssize_t done = 0, ret = 0;

	if (!iov_iter_count(iter))
		return 0;
	for (;;) {
		ret = write_once(pipe, iter, packet);
		if (ret < 0)
			break;
		done += ret;
		ret = 0;
		if (!iov_iter_count(iter))
			break;
		if (!block) {
			ret = -EAGAIN;
			break;
		}
		ret = wait_event_interruptible_exclusive(
			&pipe->wr_wait,
			!pipe_full(pipe) || !READ_ONCE(pipe->readers));
		if (ret)
			break;
	}
	if (ret == -EPIPE)
		send_sig_current(SIGPIPE);
	kill_fasync(&pipe->fasync_readers, POLL_IN);
	if (!pipe_full(pipe))
		wake_up_sync_poll(&pipe->wr_wait, POLLOUT | POLLWRNORM);
	if (done > 0)
		(void)file_update_time(file);
	return done ? done : ret;
}

static __landmark ssize_t pipe_write(struct file *file, struct iov_iter *iter,
				     loff_t *pos)
{
	return write_or_wait(file, iter, !(file->f_flags & O_NONBLOCK));
}

ssize_t pipe_write_iter(struct file *file, struct iov_iter *iter, bool block)
{
	return write_or_wait(file, iter, block);
}

/* A FIFO opened without waiting: how many writers had come before it. */
static unsigned int seen_writers(const struct file *file)
{
	return (unsigned long)file->private_data;
}

static inline u32 pipe_events(const struct file *file)
{
	const struct pipe_inode_info *pipe = file_pipe(file);
	u32 mask = 0;

	if (file->f_mode & FMODE_READ) {
		if (!pipe_empty(pipe))
			mask |= POLLIN | POLLRDNORM;
		/* A FIFO reader that never saw a writer sees no hang-up. */
		if (!READ_ONCE(pipe->writers) &&
		    seen_writers(file) != pipe->w_counter)
			mask |= POLLHUP;
	}
	if (file->f_mode & FMODE_WRITE) {
		if (!pipe_full(pipe))
			mask |= POLLOUT | POLLWRNORM;
		if (!READ_ONCE(pipe->readers))
			mask |= POLLERR;
	}
	return mask;
}

/* Queue first, so that what happens after the look wakes us. */
static __attribute__((noinline)) u32 pipe_poll_queue(struct file *file,
						     struct poll_table *table)
{
	struct pipe_inode_info *pipe = file_pipe(file);

	if (file->f_mode & FMODE_READ)
		poll_wait(file, &pipe->rd_wait, table);
	if (file->f_mode & FMODE_WRITE)
		poll_wait(file, &pipe->wr_wait, table);
	return pipe_events(file);
}

static u32 pipe_poll(struct file *file, struct poll_table *table)
{
	return table ? pipe_poll_queue(file, table) : pipe_events(file);
}

static long pipe_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe_inode_info *pipe = file_pipe(file);
	unsigned int n;
	int count = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	mutex_lock(&pipe->mutex);
	for (n = pipe->tail; n != pipe->head; n++)
		count += pipe_slot(pipe, n)->len;
	mutex_unlock(&pipe->mutex);
	return put_user(count, (int __user *)arg);
}

/* put_pipe - see internal.h. */
void put_pipe(struct inode *inode, struct pipe_inode_info *pipe)
{
	bool last;

	spin_lock(&inode->i_lock);
	last = --pipe->files == 0;
	if (last)
		inode->i_pipe = NULL;
	spin_unlock(&inode->i_lock);
	if (last)
		free_pipe(pipe);
}

/* pipe_release - see internal.h. */
int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *pipe = inode->i_pipe;
	bool end_is_gone;

	mutex_lock(&pipe->mutex);
	if (file->f_mode & FMODE_READ)
		pipe->readers--;
	if (file->f_mode & FMODE_WRITE)
		pipe->writers--;
	end_is_gone = !pipe->readers != !pipe->writers;
	if (end_is_gone) {
		wake_up_all_poll(&pipe->rd_wait,
				 POLLIN | POLLRDNORM | POLLERR | POLLHUP);
		wake_up_all_poll(&pipe->wr_wait,
				 POLLOUT | POLLWRNORM | POLLERR | POLLHUP);
	}
	mutex_unlock(&pipe->mutex);
	if (end_is_gone) {
		kill_fasync(&pipe->fasync_readers, POLL_IN);
		kill_fasync(&pipe->fasync_writers, POLL_OUT);
	}
	put_pipe(inode, pipe);
	return 0;
}

/* O_ASYNC: what the file can do decides what it hears of. */
static int pipe_fasync(int fd, struct file *file, bool on)
{
	struct pipe_inode_info *pipe = file_pipe(file);
	int err = 0;

	if (file->f_mode & FMODE_READ)
		err = fasync_helper(fd, file, on, &pipe->fasync_readers);
	if (!err && (file->f_mode & FMODE_WRITE)) {
		err = fasync_helper(fd, file, on, &pipe->fasync_writers);
		if (err && (file->f_mode & FMODE_READ))
			(void)fasync_helper(-1, file, false,
					    &pipe->fasync_readers);
	}
	return err;
}

const struct file_operations pipe_fops = {
	.open = fifo_open,
	.read_iter = pipe_read,
	.write_iter = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
	.fasync = pipe_fasync,
};

/* Give the ring @slots slots.  Caller holds pipe->mutex. */
static long resize_ring(struct pipe_inode_info *pipe, unsigned int slots)
{
	unsigned int used = pipe->head - pipe->tail, i;
	struct pipe_buffer *bufs;

	if (slots < used)
		return -EBUSY;
	bufs = kcalloc(slots, sizeof(*bufs));
	if (!bufs)
		return -ENOMEM;
	for (i = 0; i < used; i++)
		bufs[i] = *pipe_slot(pipe, pipe->tail + i);
	kfree(pipe->bufs);
	pipe->bufs = bufs;
	pipe->ring_size = slots;
	pipe->tail = 0;
	pipe->head = used;
	wake_up_all_poll(&pipe->wr_wait, POLLOUT | POLLWRNORM);
	return (long)slots * PAGE_SIZE;
}

/* Resize, and account for it.  Caller holds pipe->mutex. */
static long set_size_locked(struct pipe_inode_info *pipe, unsigned int slots)
{
	long more = (long)slots - pipe->ring_size;
	bool over_hard;
	bool over_soft;
	long ret;

	if (more > 0 && (u64)slots * PAGE_SIZE > READ_ONCE(pipe_max_size) &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	over_soft = pipe_account(pipe->user, more, &over_hard);
	if (more > 0 && (over_soft || over_hard) && pipe_limits_bind())
		ret = -EPERM;
	else
		ret = resize_ring(pipe, slots);
	if (ret < 0)
		pipe_unaccount(pipe->user, more);
	return ret;
}

/*
 * pipe_fcntl - F_SETPIPE_SZ and F_GETPIPE_SZ, fcntl(2).  May sleep.
 */
long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe_inode_info *pipe;
	unsigned int slots = 1;
	long ret;

	if (!file_is_pipe(file))
		return -EBADF;
	pipe = file_pipe(file);
	if (cmd == F_GETPIPE_SZ)
		return (long)READ_ONCE(pipe->ring_size) * PAGE_SIZE;
	if (arg > (1UL << 31))
		return -EINVAL;
	while ((u64)slots * PAGE_SIZE < arg)
		slots *= 2;
	mutex_lock(&pipe->mutex);
	ret = set_size_locked(pipe, slots);
	mutex_unlock(&pipe->mutex);
	return ret;
}

/*
 * file_is_pipe - a pipe or an open FIFO?
 */
bool file_is_pipe(const struct file *file)
{
	return file->f_op == &pipe_fops;
}
