/*
 * pid_text.c - small files of a task: limits, io, comm, proc(5).
 *
 * Entry points: those of internal.h.
 */
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <kernel/arch/context.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/pid.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>

/* --- limits --- */

static const struct {
	const char *name;
	const char *unit;
} limit_names[RLIM_NLIMITS] = {
	[RLIMIT_CPU] = {"Max cpu time", "seconds"},
	[RLIMIT_FSIZE] = {"Max file size", "bytes"},
	[RLIMIT_DATA] = {"Max data size", "bytes"},
	[RLIMIT_STACK] = {"Max stack size", "bytes"},
	[RLIMIT_CORE] = {"Max core file size", "bytes"},
	[RLIMIT_RSS] = {"Max resident set", "bytes"},
	[RLIMIT_NPROC] = {"Max processes", "processes"},
	[RLIMIT_NOFILE] = {"Max open files", "files"},
	[RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
	[RLIMIT_AS] = {"Max address space", "bytes"},
	[RLIMIT_LOCKS] = {"Max file locks", "locks"},
	[RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
	[RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
	[RLIMIT_NICE] = {"Max nice priority", NULL},
	[RLIMIT_RTPRIO] = {"Max realtime priority", NULL},
	[RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
};

static void show_limit(struct seq_file *m, u64 value)
{
	if (value == RLIM64_INFINITY)
		seq_printf(m, "%-20s ", "unlimited");
	else
		seq_printf(m, "%-20llu ", value);
}

/* proc_limits_show - the resource limits of the process. */
int proc_limits_show(struct seq_file *m, struct task_struct *task)
{
	const struct rlimit64 *rlim = task->signal->rlim;
	int i;

	seq_printf(m, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
		   "Hard Limit", "Units");
	for (i = 0; i < RLIM_NLIMITS; i++) {
		seq_printf(m, "%-25s ", limit_names[i].name);
		show_limit(m, READ_ONCE(rlim[i].rlim_cur));
		show_limit(m, READ_ONCE(rlim[i].rlim_max));
		if (limit_names[i].unit)
			seq_printf(m, "%-10s", limit_names[i].unit);
		seq_putc(m, '\n');
	}
	return 0;
}

/* --- io --- */

struct io_numbers {
	u64 rchar, wchar, syscr, syscw, read_bytes, write_bytes;
};

static void io_add_thread(struct io_numbers *io,
			  const struct task_struct *thread)
{
	io->rchar += thread->rchar;
	io->wchar += thread->wchar;
	io->syscr += thread->syscr;
	io->syscw += thread->syscw;
	io->read_bytes += thread->read_bytes;
	io->write_bytes += thread->write_bytes;
}

/* Threads that are gone, and those that are not; siglock held. */
static void io_add_group(struct io_numbers *io, struct task_struct *task)
{
	const struct signal_struct *sig = task->signal;
	struct task_struct *thread;

	io->rchar = sig->rchar;
	io->wchar = sig->wchar;
	io->syscr = sig->syscr;
	io->syscw = sig->syscw;
	io->read_bytes = sig->read_bytes;
	io->write_bytes = sig->write_bytes;
	for_each_thread (task, thread)
		io_add_thread(io, thread);
}

static int show_io(struct seq_file *m, struct task_struct *task, bool whole)
{
	struct io_numbers io = {0};
	unsigned long flags;

	if (!ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		return -EACCES;
	if (!whole) {
		io_add_thread(&io, task);
	} else if (lock_task_sighand(task, &flags)) {
		io_add_group(&io, task);
		unlock_task_sighand(task, &flags);
	}
	seq_printf(m, "rchar: %llu\nwchar: %llu\nsyscr: %llu\nsyscw: %llu\n",
		   io.rchar, io.wchar, io.syscr, io.syscw);
	/* No write is taken back: a file that goes has been written or not. */
	seq_printf(m,
		   "read_bytes: %llu\nwrite_bytes: %llu\n"
		   "cancelled_write_bytes: 0\n",
		   io.read_bytes, io.write_bytes);
	return 0;
}

/* proc_tgid_io_show, proc_tid_io_show - of a process, of a thread. */
int proc_tgid_io_show(struct seq_file *m, struct task_struct *task)
{
	return show_io(m, task, true);
}

int proc_tid_io_show(struct seq_file *m, struct task_struct *task)
{
	return show_io(m, task, false);
}

/* --- files that can be written --- */

/* proc_copy_text - see internal.h. */
ssize_t proc_copy_text(char *buf, size_t size, struct iov_iter *iter)
{
	size_t len = min(iov_iter_count(iter), size - 1);

	if (copy_from_iter(buf, len, iter) != len)
		return -EFAULT;
	buf[len] = '\0';
	return (ssize_t)len;
}

static int comm_show(struct seq_file *m, void *v)
{
	struct task_struct *task = get_proc_task(m->private);
	char comm[TASK_COMM_LEN];

	if (!task)
		return -ESRCH;
	seq_puts(m, get_task_comm(comm, task));
	seq_putc(m, '\n');
	put_task_struct(task);
	return 0;
}

static int comm_open(struct inode *inode, struct file *file)
{
	return single_open(file, comm_show, inode);
}

/* proc(5): the threads of a process may name each other, nobody else. */
static ssize_t comm_write(struct file *file, struct iov_iter *iter, loff_t *pos)
{
	ssize_t count = (ssize_t)iov_iter_count(iter);
	char comm[TASK_COMM_LEN];
	struct task_struct *task;
	ssize_t len = proc_copy_text(comm, sizeof(comm), iter);

	if (len < 0)
		return len;
	task = get_proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	if (same_thread_group(current, task))
		set_task_comm(task, comm);
	else
		count = -EINVAL;
	put_task_struct(task);
	return count;
}

/* --- setgroups --- */

static int setgroups_show(struct seq_file *m, void *v)
{
	seq_puts(m, "allow\n");
	return 0;
}

/* user_namespaces(7): in the first name space, the one there is, setgroups(2)
 * cannot be denied; only its root may open this for writing. */
static int setgroups_open(struct inode *inode, struct file *file)
{
	if ((file->f_mode & FMODE_WRITE) && !capable(CAP_SYS_ADMIN))
		return -EACCES;
	return single_open(file, setgroups_show, NULL);
}

static ssize_t setgroups_write(struct file *file, struct iov_iter *iter,
			       loff_t *pos)
{
	ssize_t count = (ssize_t)iov_iter_count(iter);
	char text[8];
	ssize_t len;
	size_t deny, word;

	if (*pos || count >= (ssize_t)sizeof(text))
		return -EINVAL;
	len = proc_copy_text(text, sizeof(text), iter);
	if (len < 0)
		return len;
	deny = str_has_prefix(text, "deny");
	word = deny ?: str_has_prefix(text, "allow");
	if (!word || *skip_spaces(text + word))
		return -EINVAL;
	if (deny)
		return -EPERM;
	*pos = count;
	return count;
}

const struct file_operations proc_setgroups_fops = {
	.open = setgroups_open,
	.read_iter = seq_read_iter,
	.write_iter = setgroups_write,
	.llseek = seq_lseek,
	.release = single_release,
};

const struct file_operations proc_comm_fops = {
	.open = comm_open,
	.read_iter = seq_read_iter,
	.write_iter = comm_write,
	.llseek = seq_lseek,
	.release = single_release,
};
