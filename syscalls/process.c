/*
 * process.c - doors: making tasks, becoming another program, ending, and
 * waiting for children.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <abi/wait.h>
#include <fs/anon/pidfd.h>
#include <fs/vfs/file_table.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/process/exec.h>
#include <kernel/process/exit.h>
#include <kernel/process/fork.h>
#include <kernel/process/wait.h>
#include <syscalls/args.h>

#define CLONE_ARGS_SIZE_VER0 64
#define CLONE_ARGS_SIZE_VER1 80

__landmark long sys_clone(unsigned long flags, unsigned long newsp,
			  int __user *parent_tid, int __user *child_tid,
			  unsigned long tls)
{
	struct kernel_clone_args args = {
		.flags = (u32)flags & ~(u64)CSIGNAL,
		.pidfd = parent_tid,
		.child_tid = child_tid,
		.parent_tid = parent_tid,
		.exit_signal = (int)(flags & CSIGNAL),
		.stack = newsp,
		.tls = tls,
	};

	return kernel_clone(&args);
}

__landmark long sys_fork(void)
{
	struct kernel_clone_args args = {.exit_signal = SIGCHLD};

	return kernel_clone(&args);
}

__landmark long sys_vfork(void)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VFORK | CLONE_VM,
		.exit_signal = SIGCHLD,
	};

	return kernel_clone(&args);
}

/*
 * clone3(2)'s struct, as long as the program knows it.  @set_tid has room for
 * MAX_PID_NS_LEVEL ids.
 */
static int get_clone_args(struct kernel_clone_args *kargs,
			  const struct clone_args __user *uargs, size_t size,
			  pid_t *set_tid)
{
	struct clone_args args;
	int err;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	err = copy_struct_from_user(&args, sizeof(args), uargs, size);
	if (err)
		return err;
	if (args.set_tid_size > MAX_PID_NS_LEVEL)
		return -EINVAL;
	if (!args.set_tid != !args.set_tid_size)
		return -EINVAL;
	if ((args.exit_signal & ~(u64)CSIGNAL) || args.exit_signal > _NSIG)
		return -EINVAL;
	/* Without cgroups there is none to start in. */
	if (args.flags & CLONE_INTO_CGROUP)
		return -EINVAL;
	if (args.set_tid_size &&
	    copy_from_user(set_tid, (const pid_t __user *)args.set_tid,
			   args.set_tid_size * sizeof(pid_t)))
		return -EFAULT;

	*kargs = (struct kernel_clone_args){
		.flags = args.flags,
		.pidfd = (int __user *)args.pidfd,
		.child_tid = (int __user *)args.child_tid,
		.parent_tid = (int __user *)args.parent_tid,
		.exit_signal = (int)args.exit_signal,
		.stack = args.stack,
		.stack_size = args.stack_size,
		.tls = args.tls,
		.set_tid = args.set_tid_size ? set_tid : NULL,
		.set_tid_size = args.set_tid_size,
	};
	return 0;
}

long sys_clone3(struct clone_args __user *uargs, size_t size)
{
	struct kernel_clone_args args;
	pid_t set_tid[MAX_PID_NS_LEVEL];
	int err = get_clone_args(&args, uargs, size, set_tid);

	if (err)
		return err;
	if (!clone3_args_valid(&args))
		return -EINVAL;
	return kernel_clone(&args);
}

long sys_unshare(unsigned long flags)
{
	return ksys_unshare(flags);
}

/* setns(2): EINVAL for a descriptor that is no namespace: none are here */
long sys_setns(int fd, int flags)
{
	struct file *file = fget((unsigned int)fd);

	(void)flags;
	if (!file)
		return -EBADF;
	fput(file);
	return -EINVAL;
}

__landmark long sys_execve(const char __user *filename,
			   const char __user *const __user *argv,
			   const char __user *const __user *envp)
{
	char *name = getname(filename);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_execve(name, argv, envp);
	putname(name);
	return err;
}

long sys_execveat(int dfd, const char __user *filename,
		  const char __user *const __user *argv,
		  const char __user *const __user *envp, int flags)
{
	char *name;
	int err;

	name = getname_flags(filename, (unsigned int)flags);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_execveat(dfd, name, argv, envp, flags);
	putname(name);
	return err;
}

long sys_exit(int error_code)
{
	do_exit(WAIT_EXITED(error_code));
}

long sys_exit_group(int error_code)
{
	do_group_exit(WAIT_EXITED(error_code));
}

__landmark long sys_wait4(pid_t upid, int __user *stat_addr, int options,
			  struct rusage __user *ru)
{
	struct rusage usage;
	int status;
	long ret;

	ret = kernel_wait4(upid, stat_addr ? &status : NULL, options,
			   ru ? &usage : NULL);
	if (ret <= 0)
		return ret;
	if (stat_addr && put_user(status, stat_addr))
		return -EFAULT;
	if (ru && copy_to_user(ru, &usage, sizeof(usage)))
		return -EFAULT;
	return ret;
}

/* Only these fields are written: the rest of the program's struct stays. */
static int put_waitid_info(const struct waitid_info *info, int signo,
			   struct siginfo __user *to)
{
	if (put_user(signo, &to->si_signo) || put_user(0, &to->si_errno) ||
	    put_user(info->cause, &to->si_code) ||
	    put_user(info->pid, &to->si_pid) ||
	    put_user(info->uid, &to->si_uid) ||
	    put_user(info->status, &to->si_status))
		return -EFAULT;
	return 0;
}

long sys_waitid(int which, pid_t upid, struct siginfo __user *infop,
		int options, struct rusage __user *ru)
{
	struct waitid_info info = {.pid = 0};
	struct rusage usage;
	int signo = 0;
	long ret;

	if (which == P_PIDFD)
		ret = pidfd_waitid(upid, &info, options, ru ? &usage : NULL);
	else
		ret = kernel_waitid(which, upid, &info, options,
				    ru ? &usage : NULL);
	if (ret > 0) {
		signo = SIGCHLD;
		ret = 0;
		if (ru && copy_to_user(ru, &usage, sizeof(usage)))
			return -EFAULT;
	}
	if (infop && put_waitid_info(&info, signo, infop))
		return -EFAULT;
	return ret;
}
