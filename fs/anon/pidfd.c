/*
 * pidfd.c - pidfd_open(2) and kin: a process as a file.
 *
 * The file holds a reference to a struct pid, which stays the same process's
 * for as long as anybody holds it: no other can take its place, as with a
 * number.  It is readable once the whole process has ended.
 *
 * Locks: tasklist_lock to look at the process.
 *
 * Entry points: do_pidfd_open, do_pidfd_send_signal, do_pidfd_getfd,
 * pidfd_waitid; pidfd_ops for fork.
 */
#include <fs/anon/pidfd.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/pidfd.h>
#include <fs/anon/anon_inode.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/seq_file.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/process/fork.h>
#include <kernel/process/pid.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>

/* Is the last thread gone?  The leader stays a zombie until then. */
static bool process_ended(struct pid *pid)
{
	struct task_struct *task;
	bool ended;

	spin_lock_irq(&tasklist_lock);
	task = pid_task(pid, PIDTYPE_PID);
	ended = !task || (task->exit_state && thread_group_empty(task));
	spin_unlock_irq(&tasklist_lock);
	return ended;
}

static u32 pidfd_poll(struct file *file, struct poll_table *table)
{
	struct pid *pid = file->private_data;

	poll_wait(file, &pid->wait_pidfd, table);
	return process_ended(pid) ? POLLIN | POLLRDNORM : 0;
}

static int pidfd_release(struct inode *inode, struct file *file)
{
	put_pid(file->private_data);
	return 0;
}

/* pidfd_open(2): once reaped, it has no number any more. */
static void pidfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct pid *pid = file->private_data;
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	pid_t nr = -1;

	if (task) {
		nr = pid_nr(pid);
		put_task_struct(task);
	}
	seq_printf(m, "Pid:\t%d\nNSpid:\t%d\n", nr, nr);
}

static const struct file_operations pidfd_fops = {
	.poll = pidfd_poll,
	.release = pidfd_release,
	.show_fdinfo = pidfd_show_fdinfo,
};

/* --- made by clone(2) and pidfd_open(2) --- */

static int pidfd_prepare(struct pid *pid, unsigned int flags, void **file)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *new;

	if (fd < 0)
		return fd;
	new = anon_inode_getfile("[pidfd]", &pidfd_fops, get_pid(pid),
				 O_RDWR | (int)flags);
	if (IS_ERR(new)) {
		put_pid(pid);
		put_unused_fd((unsigned int)fd);
		return (int)PTR_ERR(new);
	}
	*file = new;
	return fd;
}

static void pidfd_install(int fd, void *file)
{
	fd_install((unsigned int)fd, file);
}

static void pidfd_cancel(int fd, void *file)
{
	put_unused_fd((unsigned int)fd);
	fput(file);
}

static const struct pidfd_ops anon_pidfd_ops = {
	.prepare = pidfd_prepare,
	.install = pidfd_install,
	.cancel = pidfd_cancel,
};

/* Has the process not been reaped, and does @pid name it, not a thread? */
static bool leads_process(struct pid *pid)
{
	struct task_struct *task = get_pid_task(pid, PIDTYPE_TGID);

	if (task)
		put_task_struct(task);
	return task;
}

/* do_pidfd_open - see pidfd.h. */
int do_pidfd_open(pid_t nr, unsigned int flags)
{
	struct pid *pid;
	void *file;
	int fd;

	if ((flags & ~PIDFD_NONBLOCK) || nr <= 0)
		return -EINVAL;
	pid = find_get_pid(nr);
	if (!pid)
		return -ESRCH;
	fd = -EINVAL;
	if (leads_process(pid))
		fd = pidfd_prepare(pid, flags, &file);
	put_pid(pid);
	if (fd >= 0)
		fd_install((unsigned int)fd, file);
	return fd;
}

/* --- used --- */

/* The process @file stands for, or NULL; @flags gets the file's. */
static struct pid *pidfd_get_pid(int pidfd, unsigned int *flags)
{
	struct fd f = fdget((unsigned int)pidfd);
	struct pid *pid = NULL;

	if (f.file && f.file->f_op == &pidfd_fops) {
		pid = get_pid(f.file->private_data);
		*flags = f.file->f_flags;
	}
	fdput(f);
	return pid;
}

/* The same, or that of a directory /proc/PID. */
static struct pid *pidfd_or_proc_pid(int pidfd)
{
	unsigned int flags;
	struct pid *pid = pidfd_get_pid(pidfd, &flags);
	struct fd f;

	if (pid || !proc_tgid_pid_hook)
		return pid;
	f = fdget((unsigned int)pidfd);
	if (f.file)
		pid = proc_tgid_pid_hook(f.file);
	fdput(f);
	return pid;
}

/* Only to oneself may a program write what the kernel would. */
static int check_siginfo(const kernel_siginfo_t *info, int sig, struct pid *pid)
{
	if (sig != info->si_signo)
		return -EINVAL;
	if (task_pid(current) != pid &&
	    (info->si_code >= 0 || info->si_code == SI_TKILL))
		return -EPERM;
	return 0;
}

/* do_pidfd_send_signal - see pidfd.h. */
int do_pidfd_send_signal(int pidfd, int sig, kernel_siginfo_t *info)
{
	struct pid *pid = pidfd_or_proc_pid(pidfd);
	kernel_siginfo_t plain;
	int err = 0;

	if (!pid)
		return -EBADF;
	if (info) {
		err = check_siginfo(info, sig, pid);
	} else {
		memset(&plain, 0, sizeof(plain));
		plain.si_signo = sig;
		plain.si_code = SI_USER;
		plain.si_pid = current->tgid;
		plain.si_uid = current_uid();
		info = &plain;
	}
	if (!err)
		err = kill_pid_info(sig, info, pid);
	put_pid(pid);
	return err;
}

/* @task's file @fd, if ptrace(2)'s rules let us have it; or ERR_PTR. */
static struct file *get_file_of(struct task_struct *task, unsigned int fd)
{
	struct file *file = ERR_PTR(-EPERM);

	/* What is asked for must not become another program's meanwhile. */
	if (mutex_lock_killable(&task->signal->cred_guard_mutex))
		return ERR_PTR(-EINTR);
	if (ptrace_may_access(task, PTRACE_MODE_ATTACH_REALCREDS)) {
		file = fget_task(task, fd);
		if (!file)
			file = ERR_PTR(-EBADF);
	}
	mutex_unlock(&task->signal->cred_guard_mutex);
	return file;
}

/* do_pidfd_getfd - see pidfd.h. */
int do_pidfd_getfd(int pidfd, int fd)
{
	unsigned int flags;
	struct pid *pid = pidfd_get_pid(pidfd, &flags);
	struct task_struct *task;
	struct file *file;
	int new;

	if (!pid)
		return -EBADF;
	task = get_pid_task(pid, PIDTYPE_PID);
	put_pid(pid);
	if (!task)
		return -ESRCH;
	file = get_file_of(task, (unsigned int)fd);
	put_task_struct(task);
	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	new = get_unused_fd_flags(O_CLOEXEC);
	if (new < 0)
		fput(file);
	else
		fd_install((unsigned int)new, file);
	return new;
}

/* pidfd_waitid - see pidfd.h. */
long pidfd_waitid(int pidfd, struct waitid_info *info, int options,
		  struct rusage *ru)
{
	unsigned int flags = 0;
	struct pid *pid;
	bool nonblock;
	long ret;

	ret = waitid_check_options(options);
	if (ret)
		return ret;
	if (pidfd < 0)
		return -EINVAL;
	pid = pidfd_get_pid(pidfd, &flags);
	if (!pid)
		return -EBADF;
	nonblock = (flags & O_NONBLOCK) && !(options & WNOHANG);
	if (nonblock)
		options |= WNOHANG;
	ret = kernel_waitid_pid(PIDTYPE_PID, pid, info, options, ru);
	put_pid(pid);
	return !ret && nonblock ? -EAGAIN : ret;
}

/* pidfd_init - see pidfd.h. */
void __init pidfd_init(void)
{
	pidfd_ops = &anon_pidfd_ops;
}
