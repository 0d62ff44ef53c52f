/*
 * directory.c - doors: where a process stands in the tree, and its umask.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/fs_struct.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <syscalls/args.h>

/* getcwd(2): the kernel's answer counts the zero; ERANGE if it won't fit */
long sys_getcwd(char __user *buf, unsigned long size)
{
	char *page = kmalloc(PATH_MAX);
	char *path;
	long ret;

	if (!page)
		return -ENOMEM;
	path = getcwd_path(page, PATH_MAX);
	if (IS_ERR(path)) {
		ret = PTR_ERR(path);
	} else {
		ret = (long)strlen(path) + 1;
		if ((unsigned long)ret > size)
			ret = -ERANGE;
		else if (copy_to_user(buf, path, (unsigned long)ret))
			ret = -EFAULT;
	}
	kfree(page);
	return ret;
}

long sys_chdir(const char __user *filename)
{
	char *name = getname(filename);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = ksys_chdir(name);
	putname(name);
	return err;
}

long sys_fchdir(unsigned int fd)
{
	return ksys_fchdir(fd);
}

long sys_chroot(const char __user *filename)
{
	char *name = getname(filename);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = ksys_chroot(name);
	putname(name);
	return err;
}

long sys_umask(int mask)
{
	return set_current_umask(mask & S_IRWXUGO);
}
