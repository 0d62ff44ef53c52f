/*
 * kmsg.c - /dev/kmsg: the kernel's log, one record a read.
 *
 * A reader has its own place in the log; a record it missed because the ring
 * went round is told as EPIPE, once.  What is written becomes a record.
 *
 * Entry points: kmsg_fops.
 */
#include <kernel/drivers/char/char.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/read_write.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/syslog.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/wait.h>

#define KMSG_TEXT  2048
#define KMSG_WRITE 1000

struct kmsg_reader {
	struct mutex lock;
	u64 seq;	       /* [lock] next record */
	struct log_record rec; /* [lock] */
	char text[KMSG_TEXT];  /* [lock] */
};

/* syslog(2): what reading all of the log takes. */
static bool may_read_log(void)
{
	return capable(CAP_SYSLOG) || capable(CAP_SYS_ADMIN);
}

static int kmsg_open(struct inode *inode, struct file *file)
{
	struct kmsg_reader *reader;

	if ((file->f_flags & O_ACCMODE) == O_WRONLY)
		return 0;
	if (!may_read_log())
		return -EPERM;
	reader = kzalloc(sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock, LOCK_SEQ);
	reader->seq = log_first_seq();
	file->private_data = reader;
	return 0;
}

static int kmsg_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static ssize_t read_record(struct kmsg_reader *reader, struct iov_iter *iter)
{
	size_t len;

	if (reader->seq < log_first_seq()) {
		reader->seq = log_first_seq();
		return -EPIPE;
	}
	if (log_read_record(&reader->seq, &reader->rec))
		return -EAGAIN;
	len = log_format_kmsg(&reader->rec, reader->text, KMSG_TEXT);
	if (len > iov_iter_count(iter))
		return -EINVAL;
	return copy_to_iter(reader->text, len, iter) == len ? (ssize_t)len
							    : -EFAULT;
}

static ssize_t kmsg_read(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	struct kmsg_reader *reader = file->private_data;
	ssize_t ret;

	if (!reader)
		return -EBADF;
	for (;;) {
		mutex_lock(&reader->lock);
		ret = read_record(reader, iter);
		mutex_unlock(&reader->lock);
		if (ret != -EAGAIN || (file->f_flags & O_NONBLOCK))
			return ret;
		ret = wait_event_interruptible(
			&log_wait, READ_ONCE(reader->seq) < log_next_seq());
		if (ret)
			return ret;
	}
}

static ssize_t kmsg_write(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	size_t len = iov_iter_count(iter);
	char *text;

	if (len > KMSG_WRITE)
		return -EINVAL;
	text = kmalloc(len + 1);
	if (!text)
		return -ENOMEM;
	if (copy_from_iter(text, len, iter) != len) {
		kfree(text);
		return -EFAULT;
	}
	text[len] = '\0';
	log_write_user(text, len);
	kfree(text);
	return len;
}

/* SEEK_SET 0: the first record; SEEK_END 0: behind the last; SEEK_DATA 0:
 * the first that syslog(2)'s CLEAR did not hide. */
static loff_t kmsg_lseek(struct file *file, loff_t offset, int whence)
{
	struct kmsg_reader *reader = file->private_data;

	if (!reader)
		return -EBADF;
	if (offset)
		return -ESPIPE;
	mutex_lock(&reader->lock);
	if (whence == SEEK_SET)
		reader->seq = log_first_seq();
	else if (whence == SEEK_DATA)
		reader->seq = log_clear_seq();
	else if (whence == SEEK_END)
		reader->seq = log_next_seq();
	else
		offset = -EINVAL;
	mutex_unlock(&reader->lock);
	return offset;
}

static u32 kmsg_poll(struct file *file, struct poll_table *table)
{
	struct kmsg_reader *reader = file->private_data;

	if (!reader)
		return POLLERR | POLLNVAL;
	poll_wait(file, &log_wait, table);
	if (reader->seq < log_next_seq())
		return POLLIN | POLLRDNORM;
	return 0;
}

const struct file_operations kmsg_fops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read_iter = kmsg_read,
	.write_iter = kmsg_write,
	.llseek = kmsg_lseek,
	.poll = kmsg_poll,
};
