/*
 * pid_task.c - /proc/PID/task, the threads of a process, and children.
 *
 * Entry points: proc_task_dir_iops and _fops, proc_children_show.
 */
#include <abi/dirent.h>
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/readdir.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/format.h>
#include <kernel/process/pid.h>
#include <kernel/process/task.h>

static struct dentry *task_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int flags)
{
	unsigned int nr = proc_name_to_int(&dentry->d_name);
	struct task_struct *leader, *task = NULL;

	if (nr == UINT32_MAX)
		return ERR_PTR(-ENOENT);
	leader = get_proc_task(dir);
	if (!leader)
		return ERR_PTR(-ENOENT);
	task = find_get_task_by_vpid((pid_t)nr);
	if (task && !same_thread_group(leader, task)) {
		put_task_struct(task);
		task = NULL;
	}
	put_task_struct(leader);
	return task ? proc_lookup_tid(dir, dentry, task) : ERR_PTR(-ENOENT);
}

/* The id of the @n-th thread of @leader's process, 0 past the last. */
static pid_t nth_thread(struct task_struct *leader, u64 n)
{
	struct task_struct *thread;
	pid_t nr = 0;

	spin_lock_irq(&tasklist_lock);
	if (pid_alive(leader)) {
		for_each_thread (leader, thread) {
			if (n-- == 0) {
				nr = thread->pid;
				break;
			}
		}
	}
	spin_unlock_irq(&tasklist_lock);
	return nr;
}

static int task_iterate(struct file *file, struct dir_context *ctx)
{
	struct task_struct *leader = get_proc_task(file_inode(file));
	char name[12];
	pid_t nr;
	int len;

	if (!leader)
		return -ENOENT;
	if (!dir_emit_dots(file, ctx))
		goto put;
	while ((nr = nth_thread(leader, (u64)ctx->pos - 2)) != 0) {
		len = snprintf(name, sizeof(name), "%d", nr);
		if (!dir_emit(ctx, name, len, PROC_INO(nr, INO_TID, 0), DT_DIR))
			break;
		ctx->pos++;
	}
put:
	put_task_struct(leader);
	return 0;
}

/* The link count tells how many threads there are. */
static int task_getattr(const struct path *path, struct kstat *stat)
{
	struct task_struct *task = get_proc_task(d_inode(path->dentry));
	int err = proc_task_getattr(path, stat);

	if (!task)
		return err;
	stat->nlink += (unsigned int)get_nr_threads(task);
	put_task_struct(task);
	return err;
}

const struct inode_operations proc_task_dir_iops = {
	.lookup = task_lookup,
	.getattr = task_getattr,
	.setattr = proc_task_setattr,
};

const struct file_operations proc_task_dir_fops = {
	.iterate = task_iterate,
	.llseek = generic_file_llseek,
};

/* proc_children_show - ids of the processes that this very thread made. */
int proc_children_show(struct seq_file *m, struct task_struct *task)
{
	struct task_struct *child;

	spin_lock_irq(&tasklist_lock);
	list_for_each_entry (child, &task->children, sibling)
		seq_printf(m, "%d ", child->pid);
	spin_unlock_irq(&tasklist_lock);
	return 0;
}
