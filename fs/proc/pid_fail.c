/*
 * pid_fail.c - debug builds only: /proc/PID/fail-nth, the allocation of a task
 * that is to fail (kernel/alloc/fault_inject.c).  Reading it allocates nothing,
 * so it can be looked at while it counts.
 *
 * Entry points: proc_fail_nth_fops.
 */
#include <fs/proc/internal.h>

#ifdef TINE_DEBUG

#include <abi/errno.h>
#include <kernel/lib/format.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/task.h>

static ssize_t fail_nth_read(struct file *file, struct iov_iter *iter,
			     loff_t *pos)
{
	struct task_struct *task;
	char text[16];
	size_t len;

	if (*pos)
		return 0;
	task = get_proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	len = (size_t)snprintf(text, sizeof(text), "%u\n",
			       READ_ONCE(task->fail_nth));
	put_task_struct(task);
	len = min(len, iov_iter_count(iter));
	if (copy_to_iter(text, len, iter) != len)
		return -EFAULT;
	*pos += (loff_t)len;
	return (ssize_t)len;
}

static ssize_t fail_nth_write(struct file *file, struct iov_iter *iter,
			      loff_t *pos)
{
	ssize_t count = (ssize_t)iov_iter_count(iter);
	struct task_struct *task;
	char text[16];
	unsigned int value;
	ssize_t len = proc_copy_text(text, sizeof(text), iter);

	(void)pos;
	if (len < 0)
		return len;
	if (kstrtouint(strim(text), 0, &value))
		return -EINVAL;
	task = get_proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	task->fault_injected = false;
	WRITE_ONCE(task->fail_nth, value);
	put_task_struct(task);
	return count;
}

const struct file_operations proc_fail_nth_fops = {
	.read_iter = fail_nth_read,
	.write_iter = fail_nth_write,
	.llseek = seq_lseek,
};

#endif
