/*
 * random_dev.c - /dev/random and /dev/urandom, random(4).
 *
 * Both read the same generator; random waits until it has been seeded once,
 * urandom never waits.  What is written is mixed in without being credited.
 * Pollers and owners (SIGIO) are told by a work item that looks now and then.
 *
 * Entry points: random_dev_init, random_fops, urandom_fops.
 */
#include <kernel/drivers/char/char.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/random.h>
#include <fs/vfs/fasync.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/read_write.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/random.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/workqueue.h>
#include <kernel/sched/core.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/wait.h>
#include <kernel/types/time.h>

#define CHUNK	     256
#define SEED_WAIT_NS (50 * NSEC_PER_MSEC)

static DECLARE_WAIT_QUEUE_HEAD(ready_wait);
static LIST_HEAD(async_files);

static struct delayed_work seed_work;

/* Tell whoever waits once the generator is seeded. */
static void seed_look(struct work_struct *work)
{
	if (!random_ready()) {
		schedule_delayed_work(&seed_work, SEED_WAIT_NS);
		return;
	}
	wake_up_poll(&ready_wait, POLLIN | POLLRDNORM);
	kill_fasync(&async_files, POLL_IN);
}

static void await_seed(void)
{
	if (!random_ready())
		schedule_delayed_work(&seed_work, SEED_WAIT_NS);
}

static int random_fasync(int fd, struct file *file, bool on)
{
	int err = fasync_helper(fd, file, on, &async_files);

	if (on && !err)
		await_seed();
	return err;
}

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

	poll_wait(file, &ready_wait, table);
	await_seed();
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

/*
 * random_dev_init - once, at boot.
 */
void __init random_dev_init(void)
{
	init_delayed_work(&seed_work, seed_look);
}

const struct file_operations random_fops = {
	.read_iter = random_read,
	.write_iter = random_write,
	.poll = random_poll,
	.ioctl = random_ioctl,
	.fasync = random_fasync,
	.llseek = noop_llseek,
};

const struct file_operations urandom_fops = {
	.read_iter = urandom_read,
	.write_iter = random_write,
	.ioctl = random_ioctl,
	.fasync = random_fasync,
	.llseek = noop_llseek,
};
