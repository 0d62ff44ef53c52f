/*
 * pid_text.c - small files of a task: limits, io, wchan, comm, oom_score and
 * kin, proc(5).
 *
 * Entry points: those of internal.h.
 */
#include <abi/errno.h>
#include <fs/proc/internal.h>
#include <kernel/arch/context.h>
#include <kernel/arch/stacktrace.h>
#include <kernel/base/kallsyms.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/oom.h>
#include <kernel/process/pid.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/stats.h>

#define STACK_FRAMES 32

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
	for_each_thread(task, thread) io_add_thread(io, thread);
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

/* --- where it is, how it runs --- */

/* proc_wchan_show - the kernel function the task sleeps in, or 0. */
int proc_wchan_show(struct seq_file *m, struct task_struct *task)
{
	char name[KSYM_NAME_LEN];
	unsigned long addr = 0;

	if (ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		addr = task_wchan(task);
	if (addr && kallsyms_lookup(addr, name, NULL, NULL))
		seq_puts(m, name);
	else
		seq_putc(m, '0');
	return 0;
}

/* proc_stack_show - its way there, for CAP_SYS_ADMIN. */
int proc_stack_show(struct seq_file *m, struct task_struct *task)
{
	unsigned long addrs[STACK_FRAMES];
	unsigned int i, n;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH_FSCREDS))
		return -EPERM;
	if (task != current && READ_ONCE(task->on_cpu))
		return 0;
	n = stack_trace_save_tsk(addrs, STACK_FRAMES, task);
	for (i = 0; i < n; i++)
		seq_printf(m, "[<0>] %pS\n", (void *)addrs[i]);
	return 0;
}

/* proc_personality_show - personality(2). */
int proc_personality_show(struct seq_file *m, struct task_struct *task)
{
	if (!ptrace_may_access(task, PTRACE_MODE_ATTACH_FSCREDS))
		return -EPERM;
	seq_printf(m, "%08x\n", task->personality);
	return 0;
}

/* proc_oom_score_show - how likely it dies when memory is out. */
int proc_oom_score_show(struct seq_file *m, struct task_struct *task)
{
	seq_printf(m, "%lu\n", oom_score(task));
	return 0;
}

/* --- files that can be written --- */

/* A short text from @iter, zero-terminated.  Its length or -EFAULT. */
static ssize_t copy_text(char *buf, size_t size, struct iov_iter *iter)
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
	ssize_t len = copy_text(comm, sizeof(comm), iter);

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

const struct file_operations proc_comm_fops = {
	.open = comm_open,
	.read_iter = seq_read_iter,
	.write_iter = comm_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int oom_score_adj_show(struct seq_file *m, void *v)
{
	struct task_struct *task = get_proc_task(m->private);

	if (!task)
		return -ESRCH;
	seq_printf(m, "%d\n", READ_ONCE(task->signal->oom_score_adj));
	put_task_struct(task);
	return 0;
}

static int oom_score_adj_open(struct inode *inode, struct file *file)
{
	return single_open(file, oom_score_adj_show, inode);
}

/* Lower than what CAP_SYS_RESOURCE last set needs it again.  siglock held. */
static int set_oom_score_adj(struct signal_struct *sig, short value)
{
	bool privileged = capable(CAP_SYS_RESOURCE);

	if (value < sig->oom_score_adj_min && !privileged)
		return -EACCES;
	sig->oom_score_adj = value;
	if (privileged)
		sig->oom_score_adj_min = value;
	return 0;
}

static ssize_t oom_score_adj_write(struct file *file, struct iov_iter *iter,
				   loff_t *pos)
{
	ssize_t count = (ssize_t)iov_iter_count(iter);
	struct task_struct *task;
	unsigned long flags;
	char text[16];
	ssize_t len = copy_text(text, sizeof(text), iter);
	int err = -ESRCH;
	int value;

	if (len < 0)
		return len;
	if (kstrtoint(strim(text), 0, &value))
		return -EINVAL;
	if (value < OOM_SCORE_ADJ_MIN || value > OOM_SCORE_ADJ_MAX)
		return -EINVAL;
	task = get_proc_task(file_inode(file));
	if (!task)
		return -ESRCH;
	if (lock_task_sighand(task, &flags)) {
		err = set_oom_score_adj(task->signal, (short)value);
		unlock_task_sighand(task, &flags);
	}
	put_task_struct(task);
	return err ? err : count;
}

const struct file_operations proc_oom_score_adj_fops = {
	.open = oom_score_adj_open,
	.read_iter = seq_read_iter,
	.write_iter = oom_score_adj_write,
	.llseek = seq_lseek,
	.release = single_release,
};
