/*
 * pid_timers.c - /proc/PID/timers and /proc/PID/timerslack_ns, proc(5).
 *
 * Entry points: those of internal.h.
 */
#include <abi/errno.h>
#include <abi/signal.h>
#include <fs/proc/internal.h>
#include <kernel/lib/parse.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/posix_timer.h>
#include <kernel/process/task.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/priority.h>

static const char *notify_name(int notify)
{
	switch (notify & ~SIGEV_THREAD_ID) {
	case SIGEV_NONE:
		return "none";
	case SIGEV_THREAD:
		return "thread";
	}
	return "signal";
}

/* proc_timers_show - the timers that timer_create(2) made. */
int proc_timers_show(struct seq_file *m, struct task_struct *task)
{
	struct posix_timer_info info;
	timer_t id = -1;

	while (posix_timer_next(task, &id, &info)) {
		seq_printf(m, "ID: %d\nsignal: %d/%016llx\n", id, info.signo,
			   (unsigned long long)info.value.sival_ptr);
		seq_printf(m, "notify: %s/%s.%d\nClockID: %d\n",
			   notify_name(info.notify),
			   info.notify & SIGEV_THREAD_ID ? "tid" : "pid",
			   info.target, info.clock);
	}
	return 0;
}

/* proc(5): that of others only with CAP_SYS_NICE. */
static bool may_see_slack(const struct task_struct *task)
{
	return task == current || capable(CAP_SYS_NICE);
}

static int timerslack_show(struct seq_file *m, void *v)
{
	struct task_struct *task = get_proc_task(m->private);
	int err = -EPERM;

	if (!task)
		return -ESRCH;
	if (may_see_slack(task)) {
		seq_printf(m, "%llu\n",
			   (unsigned long long)task->timer_slack_ns);
		err = 0;
	}
	put_task_struct(task);
	return err;
}

static int timerslack_open(struct inode *inode, struct file *file)
{
	return single_open(file, timerslack_show, inode);
}

static ssize_t timerslack_write(struct file *file, struct iov_iter *iter,
				loff_t *pos)
{
	size_t len = iov_iter_count(iter);
	struct task_struct *task;
	ssize_t ret = -EPERM;
	char text[24];
	u64 ns;

	(void)pos;
	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_iter(text, len, iter) != len)
		return -EFAULT;
	text[len] = 0;
	ret = kstrtou64(text, 10, &ns);
	if (ret)
		return ret;
	task = get_proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	ret = -EPERM;
	if (may_see_slack(task)) {
		set_timer_slack(task, ns);
		ret = (ssize_t)len;
	}
	put_task_struct(task);
	return ret;
}

const struct file_operations proc_timerslack_fops = {
	.open = timerslack_open,
	.read_iter = seq_read_iter,
	.write_iter = timerslack_write,
	.llseek = seq_lseek,
	.release = single_release,
};
