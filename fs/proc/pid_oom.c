/*
 * pid_oom.c - who goes first when memory is out: oom_score, oom_score_adj, and
 * oom_adj, its old name with a scale from -17 to 15, proc(5).
 *
 * Locks: siglock for the two values in signal_struct.
 *
 * Entry points: proc_oom_score_show, proc_oom_score_adj_fops,
 * proc_oom_adj_fops.
 */
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/oom.h>
#include <kernel/process/pid.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <kernel/sched/cred.h>

#define OOM_DISABLE    (-17)
#define OOM_ADJUST_MAX 15

/* proc_oom_score_show - how likely it dies when memory is out. */
int proc_oom_score_show(struct seq_file *m, struct task_struct *task)
{
	seq_printf(m, "%lu\n", oom_score(task));
	return 0;
}

/* The old scale's value of @adj. */
static int legacy_value(int adj)
{
	if (adj == OOM_SCORE_ADJ_MAX)
		return OOM_ADJUST_MAX;
	return adj * -OOM_DISABLE / OOM_SCORE_ADJ_MAX;
}

static int show_adj(struct seq_file *m, bool legacy)
{
	struct task_struct *task = get_proc_task(m->private);
	int adj;

	if (!task)
		return -ESRCH;
	adj = READ_ONCE(task->signal->oom_score_adj);
	seq_printf(m, "%d\n", legacy ? legacy_value(adj) : adj);
	put_task_struct(task);
	return 0;
}

static int oom_score_adj_show(struct seq_file *m, void *v)
{
	return show_adj(m, false);
}

static int oom_adj_show(struct seq_file *m, void *v)
{
	return show_adj(m, true);
}

static int oom_score_adj_open(struct inode *inode, struct file *file)
{
	return single_open(file, oom_score_adj_show, inode);
}

static int oom_adj_open(struct inode *inode, struct file *file)
{
	return single_open(file, oom_adj_show, inode);
}

/* Lower than what CAP_SYS_RESOURCE last set needs it again; by the old name
 * lowering needs it always.  siglock held. */
static int set_adj_locked(struct signal_struct *sig, short value, bool legacy)
{
	bool privileged = capable_noaudit(CAP_SYS_RESOURCE);
	short min = legacy ? sig->oom_score_adj : sig->oom_score_adj_min;

	if (value < min && !capable(CAP_SYS_RESOURCE))
		return -EACCES;
	sig->oom_score_adj = value;
	if (privileged && !legacy)
		sig->oom_score_adj_min = value;
	return 0;
}

/* Who shares the memory (vfork, CLONE_VM) shares the fate. */
static void spread_adj(struct task_struct *task, short value, bool legacy)
{
	bool privileged = capable_noaudit(CAP_SYS_RESOURCE);
	struct mm_struct *mm = get_task_mm(task);
	struct task_struct *other;

	if (!mm)
		return;
	spin_lock_irq(&tasklist_lock);
	for_each_process (other) {
		if (same_thread_group(task, other) || other->mm != mm ||
		    other->pid == 1)
			continue;
		other->signal->oom_score_adj = value;
		if (!legacy && privileged)
			other->signal->oom_score_adj_min = value;
	}
	spin_unlock_irq(&tasklist_lock);
	mmput(mm);
}

static int set_adj(struct inode *inode, int value, bool legacy)
{
	struct task_struct *task = get_proc_task(inode);
	unsigned long flags;
	int err = -ESRCH;

	if (!task)
		return -ESRCH;
	if (lock_task_sighand(task, &flags)) {
		err = set_adj_locked(task->signal, (short)value, legacy);
		unlock_task_sighand(task, &flags);
	}
	if (!err)
		spread_adj(task, (short)value, legacy);
	put_task_struct(task);
	return err;
}

/* The number written, in [@min, @max], or -EINVAL, -EFAULT. */
static int get_number(struct iov_iter *iter, int min, int max, int *value)
{
	char text[16];
	ssize_t len = proc_copy_text(text, sizeof(text), iter);

	if (len < 0)
		return (int)len;
	if (kstrtoint(strim(text), 0, value) || *value < min || *value > max)
		return -EINVAL;
	return 0;
}

static ssize_t oom_score_adj_write(struct file *file, struct iov_iter *iter,
				   loff_t *pos)
{
	ssize_t count = (ssize_t)iov_iter_count(iter);
	int value;
	int err =
		get_number(iter, OOM_SCORE_ADJ_MIN, OOM_SCORE_ADJ_MAX, &value);

	if (!err)
		err = set_adj(file_inode(file), value, false);
	return err ? err : count;
}

static ssize_t oom_adj_write(struct file *file, struct iov_iter *iter,
			     loff_t *pos)
{
	ssize_t count = (ssize_t)iov_iter_count(iter);
	int value;
	int err = get_number(iter, OOM_DISABLE, OOM_ADJUST_MAX, &value);

	if (err)
		return err;
	value = value == OOM_ADJUST_MAX
			? OOM_SCORE_ADJ_MAX
			: value * OOM_SCORE_ADJ_MAX / -OOM_DISABLE;
	err = set_adj(file_inode(file), value, true);
	return err ? err : count;
}

const struct file_operations proc_oom_score_adj_fops = {
	.open = oom_score_adj_open,
	.read_iter = seq_read_iter,
	.write_iter = oom_score_adj_write,
	.llseek = seq_lseek,
	.release = single_release,
};

const struct file_operations proc_oom_adj_fops = {
	.open = oom_adj_open,
	.read_iter = seq_read_iter,
	.write_iter = oom_adj_write,
	.llseek = seq_lseek,
	.release = single_release,
};
