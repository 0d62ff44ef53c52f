/*
 * mem.c - the memory devices, null(4): null, zero, full, and kmsg.
 *
 * Entry points: mem_init.
 */
#include <kernel/drivers/char/char.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/char_dev.h>
#include <fs/vfs/devnode.h>
#include <fs/vfs/read_write.h>
#include <kernel/base/panic.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/shmem.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

#define MEM_MAJOR 1

/* A read of /dev/zero gives the CPU away after so much. */
#define ZERO_CHUNK (64 * 1024)

static ssize_t null_read(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	return 0;
}

static ssize_t null_write(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	size_t count = iov_iter_count(iter);

	iov_iter_advance(iter, count);
	return count;
}

static ssize_t zero_read(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	size_t done = 0, want, n;

	while (iov_iter_count(iter)) {
		want = min(iov_iter_count(iter), (size_t)ZERO_CHUNK);
		n = iov_iter_zero(want, iter);
		done += n;
		if (n < want)
			return done ? (ssize_t)done : -EFAULT;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done;
}

static ssize_t full_write(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	return -ENOSPC;
}

/* zero(4): a private mapping is anonymous memory, a shared one is shmem. */
static int zero_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHARED)
		return shmem_zero_setup(vma);
	vma_set_anonymous(vma);
	return 0;
}

/* A position means nothing here, but lseek succeeds and reports 0. */
static loff_t null_lseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos = 0;
}

/* preadv2(2): with RWF_NOWAIT too, they never wait.  Nothing is sent from them,
 * as on Linux. */
static int nowait_open(struct inode *inode, struct file *file)
{
	(void)inode;
	file->f_mode |= FMODE_NOWAIT | FMODE_NO_SPLICE;
	return 0;
}

static const struct file_operations null_fops = {
	.open = nowait_open,
	.llseek = null_lseek,
	.read_iter = null_read,
	.write_iter = null_write,
};

static const struct file_operations zero_fops = {
	.open = nowait_open,
	.llseek = null_lseek,
	.read_iter = zero_read,
	.write_iter = null_write,
	.mmap = zero_mmap,
};

static const struct file_operations full_fops = {
	.llseek = null_lseek,
	.read_iter = zero_read,
	.write_iter = full_write,
};

/* One device of major 1. */
struct mem_device {
	unsigned int minor;
	umode_t mode;
	const char *name;
	const struct file_operations *fops;
	struct char_device cdev;
};

static struct mem_device devices[] = {
	{.minor = 3, .mode = 0666, .name = "null", .fops = &null_fops},
	{.minor = 5, .mode = 0666, .name = "zero", .fops = &zero_fops},
	{.minor = 7, .mode = 0666, .name = "full", .fops = &full_fops},
	{.minor = 8, .mode = 0666, .name = "random", .fops = &random_fops},
	{.minor = 9, .mode = 0666, .name = "urandom", .fops = &urandom_fops},
	{.minor = 11, .mode = 0644, .name = "kmsg", .fops = &kmsg_fops},
};

/*
 * mem_init - register them; once, at boot.
 */
void mem_init(void)
{
	struct mem_device *dev;
	unsigned int i;

	random_dev_init();
	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		dev = &devices[i];
		dev->cdev.name = "mem";
		dev->cdev.major = MEM_MAJOR;
		dev->cdev.minor = dev->minor;
		dev->cdev.count = 1;
		dev->cdev.fops = dev->fops;
		if (register_chrdev(&dev->cdev) ||
		    device_node_register(dev->name, S_IFCHR | dev->mode,
					 MKDEV(MEM_MAJOR, dev->minor)))
			panic("mem: cannot register /dev/%s", dev->name);
	}
}
