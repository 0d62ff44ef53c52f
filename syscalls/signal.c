/*
 * signal.c - doors: sending, catching, blocking and awaiting signals.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <kernel/arch/context.h>
#include <kernel/arch/signal_frame.h>
#include <kernel/arch/uaccess.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <syscalls/args.h>

long sys_rt_sigaction(int sig, const struct sigaction __user *act,
		      struct sigaction __user *oact, size_t sigsetsize)
{
	struct sigaction new;
	struct sigaction old;
	int err;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (act && copy_from_user(&new, act, sizeof(new)))
		return -EFAULT;
	err = do_sigaction(sig, act ? &new : NULL, oact ? &old : NULL);
	if (err)
		return err;
	return oact && copy_to_user(oact, &old, sizeof(old)) ? -EFAULT : 0;
}

long sys_rt_sigprocmask(int how, sigset_t __user *set, sigset_t __user *oset,
			size_t sigsetsize)
{
	sigset_t old = current->blocked;
	sigset_t new;
	int err;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (set) {
		if (copy_from_user(&new, set, sizeof(new)))
			return -EFAULT;
		new &= ~SIG_KERNEL_ONLY_MASK;
		err = sigprocmask(how, &new, NULL);
		if (err)
			return err;
	}
	return oset && copy_to_user(oset, &old, sizeof(old)) ? -EFAULT : 0;
}

long sys_rt_sigreturn(void)
{
	return restore_rt_frame(current_pt_regs());
}

/* What was cut short goes on; without anything to go on with: EINTR. */
long sys_restart_syscall(void)
{
	struct restart_block *block = &current->restart_block;

	return block->fn ? block->fn(block) : -EINTR;
}

long sys_rt_sigpending(sigset_t __user *set, size_t sigsetsize)
{
	sigset_t pending;

	if (sigsetsize > sizeof(pending))
		return -EINVAL;
	do_sigpending(&pending);
	return copy_to_user(set, &pending, sigsetsize) ? -EFAULT : 0;
}

long sys_rt_sigtimedwait(const sigset_t __user *uthese, siginfo_t __user *uinfo,
			 const struct timespec __user *uts, size_t sigsetsize)
{
	struct timespec ts;
	kernel_siginfo_t info;
	sigset_t these;
	u64 timeout_ns;
	int ret;

	ret = get_sigset(&these, uthese, sigsetsize);
	if (ret)
		return ret;
	if (uts) {
		ret = get_timespec(&ts, uts);
		if (ret)
			return ret;
		timeout_ns = args_timespec_ns(&ts);
	}
	ret = do_sigtimedwait(&these, &info, uts ? &timeout_ns : NULL);
	if (ret > 0 && uinfo && copy_siginfo_to_user(uinfo, &info))
		ret = -EFAULT;
	return ret;
}

long sys_rt_sigsuspend(sigset_t __user *unewset, size_t sigsetsize)
{
	sigset_t set;
	int err = get_sigset(&set, unewset, sigsetsize);

	return err ? err : sigsuspend(&set);
}

long sys_pause(void)
{
	return ksys_pause();
}

long sys_kill(pid_t pid, int sig)
{
	return ksys_kill(pid, sig);
}

long sys_tkill(pid_t pid, int sig)
{
	if (pid <= 0)
		return -EINVAL;
	return do_tkill(0, pid, sig);
}

long sys_tgkill(pid_t tgid, pid_t pid, int sig)
{
	if (pid <= 0 || tgid <= 0)
		return -EINVAL;
	return do_tkill(tgid, pid, sig);
}

long sys_rt_sigqueueinfo(pid_t pid, int sig, siginfo_t __user *uinfo)
{
	kernel_siginfo_t info;
	int err = copy_siginfo_from_user(&info, uinfo, sig);

	return err ? err : do_rt_sigqueueinfo(pid, sig, &info);
}

long sys_rt_tgsigqueueinfo(pid_t tgid, pid_t pid, int sig,
			   siginfo_t __user *uinfo)
{
	kernel_siginfo_t info;
	int err = copy_siginfo_from_user(&info, uinfo, sig);

	return err ? err : do_rt_tgsigqueueinfo(tgid, pid, sig, &info);
}

long sys_sigaltstack(const stack_t __user *uss, stack_t __user *uoss)
{
	stack_t new;
	stack_t old;
	int err;

	if (uss && copy_from_user(&new, uss, sizeof(new)))
		return -EFAULT;
	__builtin_memset(&old, 0, sizeof(old));
	err = do_sigaltstack(uss ? &new : NULL, uoss ? &old : NULL,
			     current_pt_regs()->sp, MINSIGSTKSZ);
	if (err)
		return err;
	return uoss && copy_to_user(uoss, &old, sizeof(old)) ? -EFAULT : 0;
}
