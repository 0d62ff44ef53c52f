/*
 * mounts.c - /proc/PID/mounts, mountinfo and mountstats: what is mounted, as
 * the task's root directory sees it; poll(2) tells of changes.
 *
 * Entry points: proc_mounts_fops, proc_mountinfo_fops, proc_mountstats_fops.
 */
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/poll.h>
#include <kernel/alloc/slab.h>
#include <kernel/process/task.h>

/* An open file: m->private. */
struct mounts_reader {
	struct path root; /* of the task, when it was opened */
	u64 event;	  /* changes seen by poll */
	int (*show)(struct seq_file *m, const struct path *root);
};

static int reader_show(struct seq_file *m, void *v)
{
	struct mounts_reader *reader = m->private;

	return reader->show(m, &reader->root);
}

static int open_show(struct inode *inode, struct file *file,
		     int (*show)(struct seq_file *m, const struct path *root))
{
	struct task_struct *task = get_proc_task(inode);
	struct mounts_reader *reader;
	int err;

	if (!task)
		return -EINVAL;
	reader = kzalloc(sizeof(*reader));
	err = reader ? get_task_root(task, &reader->root) : -ENOMEM;
	if (err == -ENOENT)
		err = -EINVAL; /* it has ended */
	put_task_struct(task);
	if (err)
		goto free_reader;
	reader->show = show;
	reader->event = mounts_event();
	err = single_open(file, reader_show, reader);
	if (err)
		goto put_root;
	return 0;

put_root:
	path_put(&reader->root);
free_reader:
	kfree(reader);
	return err;
}

static int mounts_open(struct inode *inode, struct file *file)
{
	return open_show(inode, file, mounts_show);
}

static int mountinfo_open(struct inode *inode, struct file *file)
{
	return open_show(inode, file, mountinfo_show);
}

static int mountstats_open(struct inode *inode, struct file *file)
{
	return open_show(inode, file, mountstats_show);
}

static int mounts_release(struct inode *inode, struct file *file)
{
	struct mounts_reader *reader =
		((struct seq_file *)file->private_data)->private;

	path_put(&reader->root);
	kfree(reader);
	return single_release(inode, file);
}

/* proc(5): a change makes the file readable with POLLERR and POLLPRI. */
static u32 mounts_poll(struct file *file, struct poll_table *table)
{
	struct mounts_reader *reader =
		((struct seq_file *)file->private_data)->private;
	u32 mask = POLLIN | POLLRDNORM;
	u64 event;

	poll_wait(file, mounts_wait(), table);
	event = mounts_event();
	if (event != READ_ONCE(reader->event)) {
		WRITE_ONCE(reader->event, event);
		mask |= POLLERR | POLLPRI;
	}
	return mask;
}

const struct file_operations proc_mounts_fops = {
	.open = mounts_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.poll = mounts_poll,
	.release = mounts_release,
};

const struct file_operations proc_mountinfo_fops = {
	.open = mountinfo_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.poll = mounts_poll,
	.release = mounts_release,
};

const struct file_operations proc_mountstats_fops = {
	.open = mountstats_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = mounts_release,
};
