/*
 * eventfd.c - eventfd(2): a 64-bit counter as a file.
 *
 * A write adds, a read takes all (or 1 of it, EFD_SEMAPHORE) and waits while
 * there is nothing.  A write waits while the sum would be more than the
 * largest number but one.
 *
 * Locks: the wait queue's guards the counter, so that a waker who sees it
 * change finds everyone who waited for it.
 *
 * Entry points: do_eventfd.
 */
#include <fs/anon/eventfd.h>

#include <abi/errno.h>
#include <abi/eventfd.h>
#include <abi/fcntl.h>
#include <fs/anon/anon_inode.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/seq_file.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/idr.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/wait.h>

/* Locks:  W wait.lock */
struct eventfd_ctx {
	struct wait_queue wait;
	u64 count; /* [W] */
	bool semaphore;
	int id; /* for fdinfo; negative: there was none to be had */
};

static DEFINE_IDR(eventfd_ids); /* [ids_lock] */
static DEFINE_SPINLOCK(eventfd_ids_lock, LOCK_LEAF);

/* Take what a read gives; 0: nothing there.  Wakes those who wait to write. */
static u64 eventfd_take(struct eventfd_ctx *ctx)
{
	u64 taken;

	spin_lock_irq(&ctx->wait.lock);
	taken = ctx->semaphore && ctx->count ? 1 : ctx->count;
	ctx->count -= taken;
	if (taken && waitqueue_active(&ctx->wait))
		__wake_up_locked(&ctx->wait, 1, POLLOUT);
	spin_unlock_irq(&ctx->wait.lock);
	return taken;
}

static ssize_t eventfd_read(struct file *file, struct iov_iter *iter,
			    loff_t *pos)
{
	struct eventfd_ctx *ctx = file->private_data;
	u64 taken;
	int err;

	if (iov_iter_count(iter) < sizeof(taken))
		return -EINVAL;
	while (!(taken = eventfd_take(ctx))) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&ctx->wait,
					       READ_ONCE(ctx->count) != 0);
		if (err)
			return err;
	}
	if (copy_to_iter(&taken, sizeof(taken), iter) != sizeof(taken))
		return -EFAULT;
	return sizeof(taken);
}

/* Is there room for @add? */
static bool eventfd_fits(const struct eventfd_ctx *ctx, u64 add)
{
	return UINT64_MAX - READ_ONCE(ctx->count) > add;
}

/* Add if it fits; wakes those who wait to read. */
static bool eventfd_add(struct eventfd_ctx *ctx, u64 add)
{
	bool fits;

	spin_lock_irq(&ctx->wait.lock);
	fits = eventfd_fits(ctx, add);
	if (fits) {
		ctx->count += add;
		if (waitqueue_active(&ctx->wait))
			__wake_up_locked(&ctx->wait, 1, POLLIN);
	}
	spin_unlock_irq(&ctx->wait.lock);
	return fits;
}

/* One number of 8 bytes, whatever the room it came in.  8 or -errno. */
static ssize_t eventfd_write_one(struct file *file, struct iov_iter *iter)
{
	struct eventfd_ctx *ctx = file->private_data;
	u64 add;
	int err;

	if (iov_iter_count(iter) < sizeof(add))
		return -EINVAL;
	if (copy_from_iter(&add, sizeof(add), iter) != sizeof(add))
		return -EFAULT;
	if (add == UINT64_MAX)
		return -EINVAL;
	while (!eventfd_add(ctx, add)) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&ctx->wait,
					       eventfd_fits(ctx, add));
		if (err)
			return err;
	}
	return sizeof(add);
}

/* As on Linux, each piece of a writev(2) is a write of its own. */
static ssize_t eventfd_write(struct file *file, struct iov_iter *iter,
			     loff_t *pos)
{
	ssize_t done = 0;
	ssize_t ret;
	size_t rest;
	size_t len;

	do {
		len = min((size_t)iter->iov->iov_len - iter->iov_offset,
			  iov_iter_count(iter));
		rest = iov_iter_count(iter) - len;
		iov_iter_truncate(iter, len);
		ret = eventfd_write_one(file, iter);
		iov_iter_advance(iter, iov_iter_count(iter));
		iov_iter_reexpand(iter, rest);
		if (ret < 0)
			return done ? done : ret;
		done += ret;
	} while (len == sizeof(u64) && rest);
	return done;
}

static u32 eventfd_poll(struct file *file, struct poll_table *table)
{
	struct eventfd_ctx *ctx = file->private_data;
	u32 events = 0;
	u64 count;

	poll_wait(file, &ctx->wait, table);
	count = READ_ONCE(ctx->count);
	if (count > 0)
		events |= POLLIN;
	if (count == UINT64_MAX)
		events |= POLLERR;
	if (count < UINT64_MAX - 1)
		events |= POLLOUT;
	return events;
}

static void eventfd_free(struct eventfd_ctx *ctx)
{
	if (ctx->id >= 0) {
		spin_lock(&eventfd_ids_lock);
		(void)idr_remove(&eventfd_ids, ctx->id);
		spin_unlock(&eventfd_ids_lock);
	}
	kfree(ctx);
}

static int eventfd_release(struct inode *inode, struct file *file)
{
	eventfd_free(file->private_data);
	return 0;
}

static void eventfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct eventfd_ctx *ctx = file->private_data;

	seq_printf(m, "eventfd-count: %16llx\neventfd-id: %d\n",
		   (unsigned long long)READ_ONCE(ctx->count), ctx->id);
}

static const struct file_operations eventfd_fops = {
	.read_iter = eventfd_read,
	.write_iter = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
	.llseek = noop_llseek,
	.show_fdinfo = eventfd_show_fdinfo,
};

static struct eventfd_ctx *eventfd_alloc(unsigned int count, int flags)
{
	struct eventfd_ctx *ctx = kzalloc(sizeof(*ctx));

	if (!ctx)
		return NULL;
	init_waitqueue_head(&ctx->wait);
	ctx->count = count;
	ctx->semaphore = flags & EFD_SEMAPHORE;
	spin_lock(&eventfd_ids_lock);
	ctx->id = idr_alloc(&eventfd_ids, ctx, 0, 0);
	spin_unlock(&eventfd_ids_lock);
	return ctx;
}

/*
 * do_eventfd - see eventfd.h.
 */
int do_eventfd(unsigned int count, int flags)
{
	struct eventfd_ctx *ctx;
	int fd;

	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	ctx = eventfd_alloc(count, flags);
	if (!ctx)
		return -ENOMEM;
	fd = anon_inode_getfd("[eventfd]", &eventfd_fops, ctx,
			      O_RDWR | (flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		eventfd_free(ctx);
	return fd;
}
