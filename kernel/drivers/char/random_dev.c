/*
 * random_dev.c - /dev/random and /dev/urandom, random(4).
 *
 * Both read the same generator; random waits until it has been seeded once,
 * urandom never waits.  What is written is mixed in without being credited.
 *
 * Entry points: random_fops, urandom_fops.
 */
#include <kernel/drivers/char/char.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/random.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/read_write.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/random.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/core.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/wait.h>
#include <kernel/types/time.h>

#define CHUNK	     256
#define SEED_WAIT_NS (50 * NSEC_PER_MSEC)

static ssize_t urandom_read(struct file *file, struct iov_iter *iter,
			    loff_t *pos)
{
	u8 chunk[CHUNK];
	size_t done = 0, n;

	while (iov_iter_count(iter)) {
		n = min(iov_iter_count(iter), sizeof(chunk));
		get_random_bytes(chunk, n);
		n = copy_to_iter(chunk, n, iter);
		if (!n)
			break;
		done += n;
		if (done >= PAGE_SIZE && signal_pending(current))
			break;
		cond_resched();
	}
	memset(chunk, 0, sizeof(chunk));
	return done || !iov_iter_count(iter) ? (ssize_t)done : -EFAULT;
}

static ssize_t random_read(struct file *file, struct iov_iter *iter,
			   loff_t *pos)
{
	while (!random_ready()) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		schedule_timeout_interruptible_ns(SEED_WAIT_NS);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	return urandom_read(file, iter, pos);
}

static ssize_t random_write(struct file *file, struct iov_iter *iter,
			    loff_t *pos)
{
	u8 chunk[CHUNK];
	size_t done = 0, n;

	while (iov_iter_count(iter)) {
		n = min(iov_iter_count(iter), sizeof(chunk));
		n = copy_from_iter(chunk, n, iter);
		if (!n)
			return done ? (ssize_t)done : -EFAULT;
		add_entropy(chunk, n, 0);
		done += n;
		cond_resched();
	}
	return done;
}

static u32 random_poll(struct file *file, struct poll_table *table)
{
	u32 mask = POLLOUT | POLLWRNORM;

	if (random_ready())
		mask |= POLLIN | POLLRDNORM;
	return mask;
}

static long random_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	int bits;

	switch (cmd) {
	case RNDGETENTCNT:
		return put_user((int)random_entropy_avail(), (int __user *)arg);
	case RNDADDTOENTCNT:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (get_user(bits, (int __user *)arg))
			return -EFAULT;
		if (bits < 0)
			return -EINVAL;
		add_entropy(NULL, 0, bits);
		return 0;
	default:
		return -EINVAL;
	}
}

const struct file_operations random_fops = {
	.read_iter = random_read,
	.write_iter = random_write,
	.poll = random_poll,
	.ioctl = random_ioctl,
	.llseek = noop_llseek,
};

const struct file_operations urandom_fops = {
	.read_iter = urandom_read,
	.write_iter = random_write,
	.ioctl = random_ioctl,
	.llseek = noop_llseek,
};
