/*
 * signalfd.c - signalfd(2): signals read as records.
 *
 * The file holds a mask and nothing else: whoever reads takes signals of its
 * own - its thread's and its process's - and whoever polls asks about its own.
 * A sender wakes the wait queue in the receiver's sighand_struct.
 *
 * Locks: siglock, for the queues and for the mask.
 *
 * Entry points: do_signalfd.
 */
#include <fs/anon/signalfd.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/anon/anon_inode.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/seq_file.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/signal.h>
#include <kernel/sched/wait.h>

/* Locks:  S the siglock of whoever changes it; read by itself */
struct signalfd_ctx {
	sigset_t ignored; /* [S] all signals that are not wanted */
};

static u32 signalfd_poll(struct file *file, struct poll_table *table)
{
	struct signalfd_ctx *ctx = file->private_data;
	struct sighand_struct *sighand = current->sighand;
	sigset_t pending;

	spin_lock_irq(&sighand->siglock);
	sighand->signalfd_polled = true;
	spin_unlock_irq(&sighand->siglock);
	poll_wait(file, &sighand->signalfd_wq, table);
	spin_lock_irq(&sighand->siglock);
	pending = current->pending.signal |
		  current->signal->shared_pending.signal;
	spin_unlock_irq(&sighand->siglock);
	return pending & ~READ_ONCE(ctx->ignored) ? POLLIN : 0;
}

/* Take one; 0: there is none. */
static int take_signal(struct signalfd_ctx *ctx, kernel_siginfo_t *info)
{
	int sig;

	spin_lock_irq(&current->sighand->siglock);
	sig = dequeue_signal(current, &ctx->ignored, info);
	spin_unlock_irq(&current->sighand->siglock);
	return sig;
}

static void copy_sender(struct signalfd_siginfo *to,
			const kernel_siginfo_t *info)
{
	to->ssi_pid = (u32)info->si_pid;
	to->ssi_uid = info->si_uid;
}

static void copy_value(struct signalfd_siginfo *to,
		       const kernel_siginfo_t *info)
{
	to->ssi_ptr = (u64)(uintptr_t)info->si_ptr;
	to->ssi_int = info->si_int;
}

static void fill_record(struct signalfd_siginfo *to,
			const kernel_siginfo_t *info)
{
	memset(to, 0, sizeof(*to));
	to->ssi_signo = (u32)info->si_signo;
	to->ssi_errno = info->si_errno;
	to->ssi_code = info->si_code;
	switch (siginfo_layout(info->si_signo, info->si_code)) {
	case SIL_KILL:
		copy_sender(to, info);
		break;
	case SIL_RT:
		copy_sender(to, info);
		copy_value(to, info);
		break;
	case SIL_TIMER:
		to->ssi_tid = (u32)info->si_tid;
		to->ssi_overrun = (u32)info->si_overrun;
		copy_value(to, info);
		break;
	case SIL_POLL:
		to->ssi_band = (u32)info->si_band;
		to->ssi_fd = info->si_fd;
		break;
	case SIL_FAULT_MCEERR:
		to->ssi_addr_lsb = (u16)info->si_addr_lsb;
		fallthrough;
	case SIL_FAULT:
		to->ssi_addr = (u64)(uintptr_t)info->si_addr;
		break;
	case SIL_CHLD:
		copy_sender(to, info);
		to->ssi_status = info->si_status;
		to->ssi_utime = (u64)info->si_utime;
		to->ssi_stime = (u64)info->si_stime;
		break;
	case SIL_SYS:
		to->ssi_call_addr = (u64)(uintptr_t)info->si_call_addr;
		to->ssi_syscall = info->si_syscall;
		to->ssi_arch = info->si_arch;
		break;
	}
}

static ssize_t copy_record(const kernel_siginfo_t *info, struct iov_iter *iter)
{
	struct signalfd_siginfo record;

	fill_record(&record, info);
	if (copy_to_iter(&record, sizeof(record), iter) != sizeof(record))
		return -EFAULT;
	return sizeof(record);
}

/* Waits for the first record only; a signal taken is gone even if its record
 * finds no room. */
static ssize_t signalfd_read(struct file *file, struct iov_iter *iter,
			     loff_t *pos)
{
	struct signalfd_ctx *ctx = file->private_data;
	kernel_siginfo_t info;
	ssize_t done = 0;
	ssize_t n;
	int sig;
	int err;

	if (iov_iter_count(iter) < sizeof(struct signalfd_siginfo))
		return -EINVAL;
	sig = take_signal(ctx, &info);
	if (!sig && (file->f_flags & O_NONBLOCK))
		return -EAGAIN;
	if (!sig) {
		err = wait_event_interruptible(
			signalfd_queue(current),
			(sig = take_signal(ctx, &info)) != 0);
		if (err)
			return err;
	}
	while (sig) {
		n = copy_record(&info, iter);
		if (n < 0)
			return done ? done : n;
		done += n;
		if (iov_iter_count(iter) < sizeof(struct signalfd_siginfo))
			break;
		sig = take_signal(ctx, &info);
	}
	return done;
}

static int signalfd_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static void signalfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct signalfd_ctx *ctx = file->private_data;

	seq_printf(m, "sigmask:\t%016llx\n",
		   (unsigned long long)~READ_ONCE(ctx->ignored));
}

static const struct file_operations signalfd_fops = {
	.read_iter = signalfd_read,
	.poll = signalfd_poll,
	.release = signalfd_release,
	.llseek = noop_llseek,
	.show_fdinfo = signalfd_show_fdinfo,
};

/* file_is_signalfd - see signalfd.h. */
bool file_is_signalfd(const struct file *file)
{
	return file->f_op == &signalfd_fops;
}

static int new_signalfd(sigset_t ignored, int flags)
{
	struct signalfd_ctx *ctx = kmalloc(sizeof(*ctx));
	int fd;

	if (!ctx)
		return -ENOMEM;
	ctx->ignored = ignored;
	fd = anon_inode_getfd("[signalfd]", &signalfd_fops, ctx,
			      O_RDWR | (flags & (O_CLOEXEC | O_NONBLOCK)));
	if (fd < 0)
		kfree(ctx);
	return fd;
}

/* A new mask may show a waiting reader something: wake them. */
static int change_signalfd(int fd, sigset_t ignored)
{
	struct fd f = fdget((unsigned int)fd);
	struct signalfd_ctx *ctx;

	if (!f.file)
		return -EBADF;
	if (!file_is_signalfd(f.file)) {
		fdput(f);
		return -EINVAL;
	}
	ctx = f.file->private_data;
	spin_lock_irq(&current->sighand->siglock);
	WRITE_ONCE(ctx->ignored, ignored);
	spin_unlock_irq(&current->sighand->siglock);
	wake_up(signalfd_queue(current));
	fdput(f);
	return fd;
}

/*
 * do_signalfd - see signalfd.h.  signalfd(2): SIGKILL and SIGSTOP in the mask
 * are silently left out.
 */
int do_signalfd(int fd, sigset_t mask, int flags)
{
	sigset_t ignored = ~(mask & ~SIG_KERNEL_ONLY_MASK);

	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	if (fd == -1)
		return new_signalfd(ignored, flags);
	return change_signalfd(fd, ignored);
}
