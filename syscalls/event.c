/*
 * event.c - doors: pipes and other files that a call makes out of nothing.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <abi/timerfd.h>
#include <fs/anon/eventfd.h>
#include <fs/anon/memfd.h>
#include <fs/anon/pidfd.h>
#include <fs/anon/pipe.h>
#include <fs/anon/signalfd.h>
#include <fs/anon/timerfd.h>
#include <fs/vfs/file_table.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/process/signal.h>
#include <syscalls/args.h>

/*
 * The descriptors are installed when the program is told: if that fails,
 * they are closed again.
 */
long sys_pipe2(int __user *fildes, int flags)
{
	int fds[2];
	int err = do_pipe2(fds, flags);

	if (err)
		return err;
	if (!copy_to_user(fildes, fds, sizeof(fds)))
		return 0;
	(void)close_fd((unsigned int)fds[0]);
	(void)close_fd((unsigned int)fds[1]);
	return -EFAULT;
}

long sys_pipe(int __user *fildes)
{
	return sys_pipe2(fildes, 0);
}

long sys_timerfd_create(int clockid, int flags)
{
	return do_timerfd_create(clockid, flags);
}

long sys_timerfd_settime(int ufd, int flags,
			 const struct itimerspec __user *utmr,
			 struct itimerspec __user *otmr)
{
	struct itimerspec new;
	struct itimerspec old;
	struct fd f;
	int ret;

	if (copy_from_user(&new, utmr, sizeof(new)))
		return -EFAULT;
	if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) ||
	    !timespec_valid(&new.it_value) || !timespec_valid(&new.it_interval))
		return -EINVAL;
	f = fdget((unsigned int)ufd);
	if (!f.file)
		return -EBADF;
	ret = do_timerfd_settime(f.file, flags, &new, otmr ? &old : NULL);
	fdput(f);
	if (!ret && otmr && copy_to_user(otmr, &old, sizeof(old)))
		return -EFAULT;
	return ret;
}

long sys_timerfd_gettime(int ufd, struct itimerspec __user *otmr)
{
	struct itimerspec now;
	struct fd f = fdget((unsigned int)ufd);
	int ret;

	if (!f.file)
		return -EBADF;
	ret = do_timerfd_gettime(f.file, &now);
	fdput(f);
	if (!ret && copy_to_user(otmr, &now, sizeof(now)))
		return -EFAULT;
	return ret;
}

long sys_eventfd2(unsigned int count, int flags)
{
	return do_eventfd(count, flags);
}

long sys_eventfd(unsigned int count)
{
	return do_eventfd(count, 0);
}

long sys_signalfd4(int ufd, const sigset_t __user *user_mask, size_t sizemask,
		   int flags)
{
	sigset_t mask;
	int err = get_sigset(&mask, user_mask, sizemask);

	return err ? err : do_signalfd(ufd, mask, flags);
}

long sys_signalfd(int ufd, const sigset_t __user *user_mask, size_t sizemask)
{
	return sys_signalfd4(ufd, user_mask, sizemask, 0);
}

long sys_pidfd_open(pid_t pid, unsigned int flags)
{
	return do_pidfd_open(pid, flags);
}

long sys_pidfd_send_signal(int pidfd, int sig, siginfo_t __user *info,
			   unsigned int flags)
{
	kernel_siginfo_t copy;
	int err;

	if (flags)
		return -EINVAL;
	if (info) {
		err = copy_siginfo_from_user(&copy, info, SIGNO_OF_INFO);
		if (err)
			return err;
	}
	return do_pidfd_send_signal(pidfd, sig, info ? &copy : NULL);
}

long sys_pidfd_getfd(int pidfd, int fd, unsigned int flags)
{
	return flags ? -EINVAL : do_pidfd_getfd(pidfd, fd);
}

/* memfd_create(2): the name may have 249 bytes. */
long sys_memfd_create(const char __user *uname, unsigned int flags)
{
	char *name;
	long ret;

	if (!memfd_flags_valid(flags))
		return -EINVAL;
	name = copy_string_arg(uname, MEMFD_NAME_MAX + 1);
	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = do_memfd_create(name, flags);
	kfree(name);
	return ret;
}
