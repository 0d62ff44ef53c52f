/*
 * timerfd.c - timers behind a descriptor: timerfd_create(2).
 *
 * The kernel timer counts one expiration and rests; whoever looks next (read,
 * timerfd_gettime) adds the periods that have passed since and starts it again,
 * so a timer that nobody reads costs one interrupt.  Timers that want to hear
 * of a change of the date (TFD_TIMER_CANCEL_ON_SET) are on a list, and are told
 * by the clock's listener.
 *
 * Locks: ctx->lock (LOCK_LEAF_IRQ), which the timer takes; cancel_lock
 * (LOCK_LEAF) for the list, outside it.
 *
 * Entry points: see timerfd.h.
 */
#include <fs/anon/timerfd.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/poll.h>
#include <abi/timerfd.h>
#include <fs/anon/anon_inode.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/seq_file.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/barrier.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/posix_clock.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

/* Locks:  I fixed at creation   X ctx->lock   C cancel_lock */
struct timerfd_ctx {
	struct spinlock lock;
	struct wait_queue wq;
	struct timer timer;
	clockid_t clock;	 /* [I] */
	enum timer_clock base;	 /* [X] what the timer counts by now */
	u64 expires_ns;		 /* [X] last expiry that was set */
	u64 interval_ns;	 /* [X] */
	u64 ticks;		 /* [X] expirations not yet read */
	bool expired;		 /* [X] it rests, to be started by a reader */
	bool canceled;		 /* [X] the clock was set */
	int settime_flags;	 /* [X] TFD_TIMER_* */
	u64 offset_ns;		 /* [X] of the clock, when that was last told */
	struct list_head cancel; /* [C] in cancel_list, or empty */
};

static DEFINE_SPINLOCK(cancel_lock, LOCK_LEAF);
static LIST_HEAD(cancel_list); /* [cancel_lock] */

static bool is_alarm(clockid_t clock)
{
	return clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
}

static bool is_real(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM;
}

/* What a timer on @clock counts by: an interval does not change when the time
 * of day is set, timerfd_settime(2). */
static enum timer_clock timerfd_base(clockid_t clock, int flags)
{
	if (clock == CLOCK_REALTIME && !(flags & TFD_TIMER_ABSTIME))
		return TIMER_MONO;
	return is_real(clock) ? TIMER_REAL : TIMER_MONO;
}

static void timerfd_wake(struct timerfd_ctx *ctx)
{
	wake_up_poll(&ctx->wq, POLLIN);
}

/* It has run out; in hard irq. */
static void timerfd_expired(struct timer *timer, void *cookie)
{
	struct timerfd_ctx *ctx = cookie;
	unsigned long flags;

	(void)timer;
	spin_lock_irqsave(&ctx->lock, flags);
	ctx->expired = true;
	ctx->ticks++;
	timerfd_wake(ctx);
	spin_unlock_irqrestore(&ctx->lock, flags);
}

/* --- the clock is set --- */

/* The clock's listener: tell those who asked for it. */
static void timerfd_clock_was_set(void)
{
	u64 offset = clock_offset_ns(TIMER_REAL);
	struct timerfd_ctx *ctx;
	unsigned long flags;

	spin_lock(&cancel_lock);
	list_for_each_entry (ctx, &cancel_list, cancel) {
		spin_lock_irqsave(&ctx->lock, flags);
		if (!ctx->canceled && ctx->offset_ns != offset) {
			ctx->canceled = true;
			ctx->ticks++;
			timerfd_wake(ctx);
		}
		spin_unlock_irqrestore(&ctx->lock, flags);
	}
	spin_unlock(&cancel_lock);
}

static void timerfd_unlist(struct timerfd_ctx *ctx)
{
	spin_lock(&cancel_lock);
	list_del_init(&ctx->cancel);
	spin_unlock(&cancel_lock);
}

/* Does @ctx, set with @flags, want to hear of it? */
static void timerfd_setup_cancel(struct timerfd_ctx *ctx, int flags)
{
	bool wanted = is_real(ctx->clock) && (flags & TFD_TIMER_ABSTIME) &&
		      (flags & TFD_TIMER_CANCEL_ON_SET);

	spin_lock(&cancel_lock);
	if (!wanted)
		list_del_init(&ctx->cancel);
	else if (list_empty(&ctx->cancel))
		list_add_tail(&ctx->cancel, &cancel_list);
	spin_unlock(&cancel_lock);
}

/* Was the clock set since this was last asked?  ctx->lock held. */
static bool timerfd_canceled(struct timerfd_ctx *ctx)
{
	if (!ctx->canceled || list_empty(&ctx->cancel))
		return false;
	ctx->canceled = false;
	ctx->offset_ns = clock_offset_ns(TIMER_REAL);
	return true;
}

/* --- the timer --- */

/* A periodic timer that rests: count what has passed, start it again.
 * ctx->lock held. */
static void timerfd_resume(struct timerfd_ctx *ctx)
{
	u64 now = ktime_get_clock_ns(ctx->base);
	u64 passed = 1;

	if (!ctx->expired || !ctx->interval_ns)
		return;
	if (now > ctx->expires_ns)
		passed = (now - ctx->expires_ns) / ctx->interval_ns + 1;
	/* The first of them was counted when it ran out. */
	ctx->ticks += passed - 1;
	if (passed > MAX_TIMEOUT_NS / ctx->interval_ns)
		ctx->expires_ns = MAX_TIMEOUT_NS;
	else
		ctx->expires_ns =
			min(ctx->expires_ns + passed * ctx->interval_ns,
			    MAX_TIMEOUT_NS);
	ctx->expired = false;
	timer_start_clock(&ctx->timer, ctx->base, ctx->expires_ns);
}

/* What is left and the period; ctx->lock held. */
static void timerfd_value(struct timerfd_ctx *ctx, struct itimerspec *value)
{
	u64 left = 0;

	if (timer_pending(&ctx->timer))
		left = timer_remaining_ns(&ctx->timer);
	value->it_value = ns_to_timespec(left);
	value->it_interval = ns_to_timespec(ctx->interval_ns);
}

/* ctx->lock, with the timer stopped and not about to call. */
static void timerfd_lock_stopped(struct timerfd_ctx *ctx,
				 struct itimerspec *old)
{
	for (;;) {
		spin_lock_irq(&ctx->lock);
		timerfd_resume(ctx);
		if (old)
			timerfd_value(ctx, old);
		if (timer_try_cancel(&ctx->timer) >= 0)
			return;
		spin_unlock_irq(&ctx->lock);
		cpu_relax();
	}
}

/* Start anew; ctx->lock held, the timer is stopped. */
static int timerfd_setup(struct timerfd_ctx *ctx, int flags,
			 const struct itimerspec *value)
{
	u64 ns = timespec_to_ns(&value->it_value);

	ctx->expired = false;
	ctx->ticks = 0;
	ctx->interval_ns = timespec_to_ns(&value->it_interval);
	ctx->settime_flags = flags;
	ctx->base = timerfd_base(ctx->clock, flags);
	ctx->expires_ns = 0;
	if (!ns)
		return 0;
	if (!(flags & TFD_TIMER_ABSTIME))
		ns = min(ktime_get_clock_ns(ctx->base) + ns, MAX_TIMEOUT_NS);
	ctx->expires_ns = ns;
	timer_start_clock(&ctx->timer, ctx->base, ns);
	return timerfd_canceled(ctx) ? -ECANCELED : 0;
}

/* --- the file --- */

static int timerfd_release(struct inode *inode, struct file *file)
{
	struct timerfd_ctx *ctx = file->private_data;

	(void)inode;
	timerfd_unlist(ctx);
	(void)timer_cancel(&ctx->timer);
	kfree(ctx);
	return 0;
}

static u32 timerfd_poll(struct file *file, struct poll_table *table)
{
	struct timerfd_ctx *ctx = file->private_data;

	poll_wait(file, &ctx->wq, table);
	return READ_ONCE(ctx->ticks) ? POLLIN : 0;
}

/* Take what has been counted: the count, 0 if there is none, -ECANCELED. */
static s64 timerfd_take(struct timerfd_ctx *ctx)
{
	s64 ticks = 0;

	spin_lock_irq(&ctx->lock);
	if (timerfd_canceled(ctx)) {
		/* timerfd_create(2): the program has to set it anew. */
		ctx->expired = false;
		ctx->ticks = 0;
		ticks = -ECANCELED;
	} else if (ctx->ticks) {
		timerfd_resume(ctx);
		ctx->expired = false;
		ticks = (s64)min(ctx->ticks, (u64)INT64_MAX);
		ctx->ticks = 0;
	}
	spin_unlock_irq(&ctx->lock);
	return ticks;
}

static ssize_t timerfd_read(struct file *file, struct iov_iter *iter,
			    loff_t *pos)
{
	struct timerfd_ctx *ctx = file->private_data;
	s64 ticks;
	int err;

	(void)pos;
	if (iov_iter_count(iter) < sizeof(ticks))
		return -EINVAL;
	for (;;) {
		ticks = timerfd_take(ctx);
		if (ticks)
			break;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&ctx->wq, READ_ONCE(ctx->ticks));
		if (err)
			return err;
	}
	if (ticks < 0)
		return ticks;
	if (copy_to_iter(&ticks, sizeof(ticks), iter) != sizeof(ticks))
		return -EFAULT;
	return sizeof(ticks);
}

/* TFD_IOC_SET_TICKS: as if it had run out so often. */
static long timerfd_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	struct timerfd_ctx *ctx = file->private_data;
	long ret = 0;
	u64 ticks;

	if (cmd != TFD_IOC_SET_TICKS)
		return -ENOTTY;
	if (copy_from_user(&ticks, (u64 __user *)arg, sizeof(ticks)))
		return -EFAULT;
	if (!ticks)
		return -EINVAL;
	spin_lock_irq(&ctx->lock);
	if (timerfd_canceled(ctx)) {
		ret = -ECANCELED;
	} else {
		ctx->ticks = ticks;
		timerfd_wake(ctx);
	}
	spin_unlock_irq(&ctx->lock);
	return ret;
}

static void timerfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct timerfd_ctx *ctx = file->private_data;
	struct itimerspec value;
	int flags;
	u64 ticks;

	spin_lock_irq(&ctx->lock);
	timerfd_value(ctx, &value);
	ticks = ctx->ticks;
	flags = ctx->settime_flags;
	spin_unlock_irq(&ctx->lock);
	seq_printf(m, "clockid: %d\nticks: %llu\nsettime flags: 0%o\n",
		   ctx->clock, (unsigned long long)ticks, flags);
	seq_printf(m, "it_value: (%ld, %ld)\nit_interval: (%ld, %ld)\n",
		   value.it_value.tv_sec, value.it_value.tv_nsec,
		   value.it_interval.tv_sec, value.it_interval.tv_nsec);
}

static const struct file_operations timerfd_fops = {
	.release = timerfd_release,
	.poll = timerfd_poll,
	.read_iter = timerfd_read,
	.llseek = noop_llseek,
	.ioctl = timerfd_ioctl,
	.show_fdinfo = timerfd_show_fdinfo,
};

/* --- the calls --- */

static bool clock_takes_fd(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC ||
	       clock == CLOCK_BOOTTIME || is_alarm(clock);
}

/* do_timerfd_create - see timerfd.h.  May sleep. */
int do_timerfd_create(clockid_t clock, int flags)
{
	struct timerfd_ctx *ctx;
	int fd;

	if ((flags & ~(TFD_CLOEXEC | TFD_NONBLOCK)) || !clock_takes_fd(clock))
		return -EINVAL;
	if (is_alarm(clock) && !capable(CAP_WAKE_ALARM))
		return -EPERM;
	ctx = kzalloc(sizeof(*ctx));
	if (!ctx)
		return -ENOMEM;
	spin_lock_init(&ctx->lock, LOCK_LEAF_IRQ);
	init_waitqueue_head(&ctx->wq);
	INIT_LIST_HEAD(&ctx->cancel);
	timer_init(&ctx->timer, timerfd_expired, ctx);
	ctx->clock = clock;
	ctx->base = timerfd_base(clock, 0);
	ctx->offset_ns = clock_offset_ns(TIMER_REAL);
	fd = anon_inode_getfd("[timerfd]", &timerfd_fops, ctx,
			      O_RDWR | (flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		kfree(ctx);
	return fd;
}

/* do_timerfd_settime - see timerfd.h. */
int do_timerfd_settime(struct file *file, int flags,
		       const struct itimerspec *value, struct itimerspec *old)
{
	struct timerfd_ctx *ctx = file->private_data;
	int ret;

	if (file->f_op != &timerfd_fops)
		return -EINVAL;
	if (is_alarm(ctx->clock) && !capable(CAP_WAKE_ALARM))
		return -EPERM;
	timerfd_setup_cancel(ctx, flags);
	timerfd_lock_stopped(ctx, old);
	ret = timerfd_setup(ctx, flags, value);
	spin_unlock_irq(&ctx->lock);
	return ret;
}

/* do_timerfd_gettime - see timerfd.h. */
int do_timerfd_gettime(struct file *file, struct itimerspec *value)
{
	struct timerfd_ctx *ctx = file->private_data;

	if (file->f_op != &timerfd_fops)
		return -EINVAL;
	spin_lock_irq(&ctx->lock);
	timerfd_resume(ctx);
	timerfd_value(ctx, value);
	spin_unlock_irq(&ctx->lock);
	return 0;
}

/* timerfd_init - see timerfd.h. */
void __init timerfd_init(void)
{
	clock_set_listener(timerfd_clock_was_set);
}
