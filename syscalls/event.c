/*
 * event.c - doors: pipes and other files that a call makes out of nothing.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <abi/timerfd.h>
#include <fs/anon/pipe.h>
#include <fs/anon/timerfd.h>
#include <fs/vfs/file_table.h>
#include <kernel/arch/uaccess.h>
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
