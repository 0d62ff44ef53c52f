/*
 * kernel_files.c - /proc/kallsyms, the kernel's symbols, and /proc/kmsg, its
 * log as syslog(2) reads it.
 *
 * Entry points: proc_kernel_init.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/sysinfo.h>
#include <fs/proc/internal.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/base/kallsyms.h>
#include <kernel/base/printk.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/syslog.h>
#include <kernel/sched/cred.h>

int kptr_restrict; /* proc(5): 2 hides addresses from all */

#define KMSG_READ_MAX 4096 /* bytes one read takes */

/* --- kallsyms: addresses only for those who may read the log --- */

static void *kallsyms_start(struct seq_file *m, loff_t *pos)
{
	return (u64)*pos < kallsyms_count ? (void *)(*pos + 1) : NULL;
}

static void *kallsyms_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return kallsyms_start(m, pos);
}

static void kallsyms_stop(struct seq_file *m, void *v)
{
}

static int kallsyms_line(struct seq_file *m, void *v)
{
	char name[KSYM_NAME_LEN];
	unsigned long addr;

	if (!kallsyms_nth((u32)((unsigned long)v - 1), &addr, name))
		return 0;
	if (READ_ONCE(kptr_restrict) >= 2 ||
	    !cred_capable(m->file->f_cred, CAP_SYSLOG))
		addr = 0;
	seq_printf(m, "%016lx T %s\n", addr, name);
	return 0;
}

static const struct seq_operations kallsyms_ops = {
	.start = kallsyms_start,
	.next = kallsyms_next,
	.stop = kallsyms_stop,
	.show = kallsyms_line,
};

static int kallsyms_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &kallsyms_ops);
}

static const struct file_operations kallsyms_fops = {
	.open = kallsyms_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = seq_release,
};

/* --- kmsg: what is read is gone for other readers --- */

static int kmsg_open(struct inode *inode, struct file *file)
{
	return (int)do_syslog(SYSLOG_ACTION_OPEN, NULL, 0);
}

static ssize_t kmsg_read(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	size_t size = min(iov_iter_count(iter), (size_t)KMSG_READ_MAX);
	char *buf;
	long len;

	if (!size)
		return 0;
	if ((file->f_flags & O_NONBLOCK) && !log_has_unread())
		return -EAGAIN;
	buf = kvmalloc(size);
	if (!buf)
		return -ENOMEM;
	len = do_syslog(SYSLOG_ACTION_READ, buf, (int)size);
	if (len > 0 && copy_to_iter(buf, (size_t)len, iter) != (size_t)len)
		len = -EFAULT;
	kvfree(buf);
	return len;
}

static u32 kmsg_poll(struct file *file, struct poll_table *table)
{
	poll_wait(file, &log_wait, table);
	return log_has_unread() ? POLLIN | POLLRDNORM : 0;
}

static const struct file_operations kmsg_fops = {
	.open = kmsg_open,
	.read_iter = kmsg_read,
	.poll = kmsg_poll,
	.llseek = no_llseek,
};

/* proc_kernel_init - make the nodes. */
void __init proc_kernel_init(void)
{
	(void)pseudo_create_fops(NULL, "kallsyms", 0444, &kallsyms_fops, NULL);
	(void)pseudo_create_fops(NULL, "kmsg", 0400, &kmsg_fops, NULL);
}
