/*
 * pipe.c - pipes and FIFOs, pipe(7).
 *
 * A pipe is a ring of buffers, each a stretch of one page.  A write first
 * adds to the last page when there is room, then fills new slots; a read
 * empties slots in order.  Readers sleep on rd_wait while the ring is empty
 * and somebody has it open for writing, writers on wr_wait while it is full.
 * Writes of at most PIPE_BUF bytes are atomic: they wait for the whole room.
 *
 * A FIFO is the same ring found through its inode; opening it waits for the
 * other side, fifo(7).
 *
 * Locks: pipe->mutex for the ring and the counts.  Copies to and from user
 * memory are made under it (a page fault may sleep).
 *
 * Entry points: do_pipe_files, do_pipe2, pipe_read, pipe_write, pipe_fcntl,
 * fifo_open.
 */
#include <fs/anon/pipe.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/ioctl.h>
#include <abi/signal.h>
#include <fs/anon/internal.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/seq_file.h>
#include <fs/vfs/super.h>
#include <fs/vfs/sysctl.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/send_sig.h>

#define PIPEFS_MAGIC 0x50495045

unsigned int pipe_max_size = 1048576;

static struct vfsmount *pipe_mnt;

static struct pipe_inode_info *alloc_pipe(void)
{
	struct pipe_inode_info *pipe = kzalloc(sizeof(*pipe));

	if (!pipe)
		return NULL;
	pipe->bufs = kcalloc(PIPE_DEF_BUFFERS, sizeof(*pipe->bufs));
	if (!pipe->bufs) {
		kfree(pipe);
		return NULL;
	}
	pipe->ring_size = PIPE_DEF_BUFFERS;
	pipe->r_counter = pipe->w_counter = 1;
	pipe->uid = current_uid();
	mutex_init(&pipe->mutex, LOCK_PIPE);
	init_waitqueue_head(&pipe->rd_wait);
	init_waitqueue_head(&pipe->wr_wait);
	return pipe;
}

static void free_pipe(struct pipe_inode_info *pipe)
{
	while (!pipe_empty(pipe))
		put_page(pipe_slot(pipe, pipe->tail++)->page);
	if (pipe->spare)
		put_page(pipe->spare);
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

static __landmark ssize_t pipe_read(struct file *file, struct iov_iter *iter,
				    loff_t *pos)
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
		if (file->f_flags & O_NONBLOCK)
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
	if (ret > 0)
		file_accessed(file);
	return ret;
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
		page = alloc_page_user();
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

static __landmark ssize_t pipe_write(struct file *file, struct iov_iter *iter,
				     loff_t *pos)
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
		if (file->f_flags & O_NONBLOCK) {
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
	if (!pipe_full(pipe))
		wake_up_sync_poll(&pipe->wr_wait, POLLOUT | POLLWRNORM);
	if (done > 0)
		(void)file_update_time(file);
	return done ? done : ret;
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

/* One open file less; the last frees the ring. */
static void put_pipe(struct inode *inode, struct pipe_inode_info *pipe)
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

static int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *pipe = inode->i_pipe;

	mutex_lock(&pipe->mutex);
	if (file->f_mode & FMODE_READ)
		pipe->readers--;
	if (file->f_mode & FMODE_WRITE)
		pipe->writers--;
	if (!pipe->readers != !pipe->writers) {
		wake_up_all_poll(&pipe->rd_wait,
				 POLLIN | POLLRDNORM | POLLERR | POLLHUP);
		wake_up_all_poll(&pipe->wr_wait,
				 POLLOUT | POLLWRNORM | POLLERR | POLLHUP);
	}
	mutex_unlock(&pipe->mutex);
	put_pipe(inode, pipe);
	return 0;
}

static int fifo_open(struct inode *inode, struct file *file);

const struct file_operations pipe_fops = {
	.open = fifo_open,
	.read_iter = pipe_read,
	.write_iter = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
};

/* The FIFO's ring, made by whoever opens it first. */
static struct pipe_inode_info *get_fifo(struct inode *inode)
{
	struct pipe_inode_info *pipe, *fresh = NULL;

	for (;;) {
		spin_lock(&inode->i_lock);
		if (!inode->i_pipe && fresh) {
			inode->i_pipe = fresh;
			fresh = NULL;
		}
		pipe = inode->i_pipe;
		if (pipe)
			pipe->files++;
		spin_unlock(&inode->i_lock);
		if (pipe || fresh)
			break;
		fresh = alloc_pipe();
		if (!fresh)
			return NULL;
	}
	if (fresh)
		free_pipe(fresh);
	return pipe;
}

/* Sleep until the other side has been opened more often than @seen. */
static int wait_for_partner(struct wait_queue *wq, const unsigned int *counter,
			    unsigned int seen)
{
	return wait_event_interruptible(wq, READ_ONCE(*counter) != seen);
}

/* The counting half of fifo_open; sets @wait_on when it must wait. */
static int fifo_count_open(struct pipe_inode_info *pipe, struct file *file,
			   unsigned int **wait_counter)
{
	bool nonblock = file->f_flags & O_NONBLOCK;

	switch (file->f_mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		pipe->r_counter++;
		if (pipe->readers++ == 0)
			wake_up_all(&pipe->wr_wait);
		if (!pipe->writers && nonblock)
			file->private_data =
				(void *)(unsigned long)pipe->w_counter;
		else if (!pipe->writers)
			*wait_counter = &pipe->w_counter;
		return 0;
	case FMODE_WRITE:
		if (nonblock && !pipe->readers)
			return -ENXIO;
		pipe->w_counter++;
		if (!pipe->writers++)
			wake_up_all(&pipe->rd_wait);
		if (!pipe->readers)
			*wait_counter = &pipe->r_counter;
		return 0;
	case FMODE_READ | FMODE_WRITE:
		pipe->readers++;
		pipe->writers++;
		pipe->r_counter++;
		pipe->w_counter++;
		if (pipe->readers == 1 || pipe->writers == 1) {
			wake_up_all(&pipe->rd_wait);
			wake_up_all(&pipe->wr_wait);
		}
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * fifo_open - open(2) of a FIFO, fifo(7): a reader waits for a writer and
 * the other way round; O_NONBLOCK does not, and fails with ENXIO for a
 * writer without reader.
 */
static int fifo_open(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *pipe = get_fifo(inode);
	unsigned int *wait_counter = NULL;
	unsigned int seen = 0;
	int err;

	if (!pipe)
		return -ENOMEM;
	file->f_op = &pipe_fops;
	file->f_mode &=
		~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM;
	file->private_data = NULL;
	mutex_lock(&pipe->mutex);
	err = fifo_count_open(pipe, file, &wait_counter);
	/* Before the other side can come: it might not wait for us. */
	if (!err && wait_counter)
		seen = *wait_counter;
	mutex_unlock(&pipe->mutex);
	if (err) {
		put_pipe(inode, pipe);
		return err;
	}
	if (!wait_counter)
		return 0;
	if (wait_counter == &pipe->w_counter)
		err = wait_for_partner(&pipe->rd_wait, wait_counter, seen);
	else
		err = wait_for_partner(&pipe->wr_wait, wait_counter, seen);
	if (err)
		(void)pipe_release(inode, file);
	return err;
}

static struct inode *get_pipe_inode(void)
{
	struct inode *inode = new_inode(pipe_mnt->mnt_sb);
	struct pipe_inode_info *pipe;

	if (!inode)
		return NULL;
	pipe = alloc_pipe();
	if (!pipe) {
		iput(inode);
		return NULL;
	}
	pipe->files = 2;
	pipe->readers = pipe->writers = 1;
	inode->i_pipe = pipe;
	inode->i_ino = get_next_ino();
	inode->i_fop = &pipe_fops;
	inode->i_mode = S_IFIFO | 0600;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	return inode;
}

static void init_pipe_file(struct file *file)
{
	file->f_mode &=
		~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	file->f_mode |= FMODE_STREAM;
}

/*
 * do_pipe_files - see pipe.h.  May sleep.
 */
int do_pipe_files(struct file *files[2], int flags)
{
	struct inode *inode;
	struct file *write_end, *read_end;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	flags &= O_NONBLOCK | O_DIRECT;
	inode = get_pipe_inode();
	if (!inode)
		return -ENFILE;
	write_end = alloc_file_pseudo(inode, pipe_mnt, "", O_WRONLY | flags,
				      &pipe_fops);
	if (IS_ERR(write_end)) {
		free_pipe(inode->i_pipe);
		inode->i_pipe = NULL;
		iput(inode);
		return PTR_ERR(write_end);
	}
	read_end = alloc_file(&write_end->f_path,
			      O_RDONLY | (flags & O_NONBLOCK), &pipe_fops);
	if (IS_ERR(read_end)) {
		put_pipe(inode, inode->i_pipe);
		fput(write_end);
		return PTR_ERR(read_end);
	}
	dget(write_end->f_path.dentry);
	mntget(write_end->f_path.mnt);
	init_pipe_file(write_end);
	init_pipe_file(read_end);
	files[0] = read_end;
	files[1] = write_end;
	return 0;
}

/*
 * do_pipe2 - see pipe.h.  Nothing is left open on failure.
 */
int do_pipe2(int fds[2], int flags)
{
	struct file *files[2];
	int err, rd, wr;

	err = do_pipe_files(files, flags);
	if (err)
		return err;
	rd = get_unused_fd_flags(flags);
	if (rd < 0) {
		err = rd;
		goto put_files;
	}
	wr = get_unused_fd_flags(flags);
	if (wr < 0) {
		err = wr;
		goto put_rd;
	}
	/* Cannot fail from here. */
	fd_install(rd, files[0]);
	fd_install(wr, files[1]);
	fds[0] = rd;
	fds[1] = wr;
	return 0;

put_rd:
	put_unused_fd(rd);
put_files:
	fput(files[0]);
	fput(files[1]);
	return err;
}

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
	if ((u64)slots * PAGE_SIZE > pipe_max_size && slots > pipe->ring_size &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	mutex_lock(&pipe->mutex);
	ret = resize_ring(pipe, slots);
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

static int pipefs_dname(struct dentry *dentry, char *buf, int size)
{
	return scnprintf(buf, size, "pipe:[%llu]",
			 (unsigned long long)d_inode(dentry)->i_ino);
}

static const struct dentry_operations pipefs_dentry_ops = {
	.d_dname = pipefs_dname,
};

static const struct super_operations pipefs_ops = {
	.statfs = simple_statfs,
};

static int pipefs_fill_super(struct super_block *sb, void *data, bool silent)
{
	struct inode *root;

	sb->s_magic = PIPEFS_MAGIC;
	sb->s_op = &pipefs_ops;
	sb->s_d_op = &pipefs_dentry_ops;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_maxbytes = INT64_MAX;
	sb->s_time_gran_ns = 1;
	root = new_inode(sb);
	if (!root)
		return -ENOMEM;
	root->i_ino = 1;
	root->i_mode = S_IFDIR | 0600;
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static struct file_system_type pipefs_type = {
	.name = "pipefs",
	.fill_super = pipefs_fill_super,
};

static int max_size_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", READ_ONCE(pipe_max_size));
	return 0;
}

/* proc(5): rounded up to a power of two, at least one page. */
static ssize_t max_size_store(void *data, const char *text, size_t len)
{
	unsigned int size;

	if (kstrtouint(text, 10, &size) || size > 1U << 31)
		return -EINVAL;
	if (size < PAGE_SIZE)
		size = PAGE_SIZE;
	WRITE_ONCE(pipe_max_size, (unsigned int)roundup_pow_of_two(size));
	return len;
}

/*
 * pipe_init - see pipe.h.
 */
void __init pipe_init(void)
{
	if (register_filesystem(&pipefs_type))
		panic("pipe: cannot register pipefs");
	pipe_mnt = kern_mount(&pipefs_type);
	if (IS_ERR(pipe_mnt))
		panic("pipe: cannot mount pipefs");
	register_fifo_fops(&pipe_fops);
	sysctl_register("fs/pipe-max-size", 0644, max_size_show, max_size_store,
			NULL);
}
