/*
 * event.c - doors: pipes and other files that a call makes out of nothing.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <fs/anon/pipe.h>
#include <fs/vfs/file_table.h>
#include <kernel/arch/uaccess.h>

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
