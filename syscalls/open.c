/*
 * open.c - doors: making, copying and closing descriptors; fcntl, ioctl.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <fs/anon/memfd.h>
#include <fs/anon/pipe.h>
#include <fs/vfs/fasync.h>
#include <fs/vfs/fcntl.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/ioctl.h>
#include <fs/vfs/locks.h>
#include <fs/vfs/open.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/process/pid.h>
#include <syscalls/args.h>

/* Every open: copy the name, open, free the name. */
static long open_named(int dfd, const char __user *filename,
		       const struct open_how *how)
{
	char *name = getname(filename);
	long ret = do_sys_openat2(dfd, name, how);

	putname(name);
	return ret;
}

long sys_openat(int dfd, const char __user *filename, int flags, umode_t mode)
{
	struct open_how how = build_open_how(flags | O_LARGEFILE, mode);

	return open_named(dfd, filename, &how);
}

long sys_open(const char __user *filename, int flags, umode_t mode)
{
	return sys_openat(AT_FDCWD, filename, flags, mode);
}

long sys_creat(const char __user *pathname, umode_t mode)
{
	return sys_openat(AT_FDCWD, pathname, O_CREAT | O_WRONLY | O_TRUNC,
			  mode);
}

long sys_openat2(int dfd, const char __user *filename,
		 struct open_how __user *uhow, size_t usize)
{
	struct open_how how;
	int err;

	if (usize < OPEN_HOW_SIZE_VER0)
		return -EINVAL;
	if (usize > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&how, sizeof(how), uhow, usize);
	if (err)
		return err;
	if (!(how.flags & O_PATH))
		how.flags |= O_LARGEFILE;
	return open_named(dfd, filename, &how);
}

/* close(2) is not to be restarted: the descriptor is gone. */
long sys_close(unsigned int fd)
{
	int ret = close_fd(fd);

	if (ret == -ERESTARTSYS || ret == -ERESTARTNOINTR ||
	    ret == -ERESTARTNOHAND || ret == -ERESTART_RESTARTBLOCK)
		ret = -EINTR;
	return ret;
}

long sys_close_range(unsigned int fd, unsigned int max_fd, unsigned int flags)
{
	return do_close_range(fd, max_fd, flags);
}

long sys_dup(unsigned int fildes)
{
	return do_dup(fildes);
}

long sys_dup2(unsigned int oldfd, unsigned int newfd)
{
	struct file *file;

	if (oldfd != newfd)
		return do_dup2(oldfd, newfd, 0);
	/* dup2(2): equal numbers: nothing to do, if it is open */
	file = fget_raw(oldfd);
	if (!file)
		return -EBADF;
	fput(file);
	return newfd;
}

long sys_dup3(unsigned int oldfd, unsigned int newfd, int flags)
{
	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	return do_dup2(oldfd, newfd, (unsigned int)flags);
}

/* F_GETLK and kin: the struct goes in, for the getters it comes back. */
static long fcntl_lock(unsigned int fd, struct file *file, unsigned int cmd,
		       struct flock __user *arg)
{
	struct flock flock;
	int ret;

	if (copy_from_user(&flock, arg, sizeof(flock)))
		return -EFAULT;
	if (cmd != F_GETLK && cmd != F_OFD_GETLK)
		return fcntl_setlk((int)fd, file, (int)cmd, &flock);
	ret = fcntl_getlk(file, (int)cmd, &flock);
	if (!ret && copy_to_user(arg, &flock, sizeof(flock)))
		ret = -EFAULT;
	return ret;
}

/* fcntl(2): ESRCH for an owner that does not exist; 0 is nobody. */
static int set_owner(struct file *file, const struct f_owner_ex *owner)
{
	struct pid *pid = NULL;

	if (owner->type != F_OWNER_TID && owner->type != F_OWNER_PID &&
	    owner->type != F_OWNER_PGRP)
		return -EINVAL;
	if (owner->pid) {
		pid = find_get_pid(owner->pid);
		if (!pid)
			return -ESRCH;
	}
	f_setown_ex(file, owner, pid);
	return 0;
}

static long fcntl_setown(struct file *file, int who)
{
	struct f_owner_ex owner = {.type = F_OWNER_PID, .pid = who};

	if (who < 0) {
		if (who == INT_MIN)
			return -EINVAL;
		owner.type = F_OWNER_PGRP;
		owner.pid = -who;
	}
	return set_owner(file, &owner);
}

static long fcntl_owner_ex(struct file *file, unsigned int cmd,
			   struct f_owner_ex __user *arg)
{
	struct f_owner_ex owner;

	if (cmd == F_GETOWN_EX) {
		f_getown_ex(file, &owner);
		return copy_to_user(arg, &owner, sizeof(owner)) ? -EFAULT : 0;
	}
	if (copy_from_user(&owner, arg, sizeof(owner)))
		return -EFAULT;
	return set_owner(file, &owner);
}

/* Commands that are allowed on an O_PATH file. */
static bool fcntl_path_ok(unsigned int cmd)
{
	return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC || cmd == F_GETFD ||
	       cmd == F_SETFD || cmd == F_GETFL;
}

static long do_fcntl(unsigned int fd, struct file *file, unsigned int cmd,
		     unsigned long arg)
{
	switch (cmd) {
	case F_DUPFD:
		return do_dupfd(fd, (unsigned int)arg, 0);
	case F_DUPFD_CLOEXEC:
		return do_dupfd(fd, (unsigned int)arg, O_CLOEXEC);
	case F_GETFD:
		return get_close_on_exec(fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		set_close_on_exec(fd, arg & FD_CLOEXEC);
		return 0;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_lock(fd, file, cmd, (struct flock __user *)arg);
	case F_GETOWN_EX:
	case F_SETOWN_EX:
		return fcntl_owner_ex(file, cmd,
				      (struct f_owner_ex __user *)arg);
	case F_SETOWN:
		return fcntl_setown(file, (int)arg);
	case F_ADD_SEALS:
	case F_GET_SEALS:
		return memfd_fcntl(file, cmd, arg);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		return pipe_fcntl(file, cmd, arg);
	default:
		return vfs_fcntl((int)fd, file, cmd, arg);
	}
}

long sys_fcntl(unsigned int fd, unsigned int cmd, unsigned long arg)
{
	struct file *file = fget_raw(fd);
	long ret;

	if (!file)
		return -EBADF;
	ret = -EBADF;
	if (!(file->f_mode & FMODE_PATH) || fcntl_path_ok(cmd))
		ret = do_fcntl(fd, file, cmd, arg);
	fput(file);
	return ret;
}

long sys_flock(unsigned int fd, unsigned int cmd)
{
	struct file *file;
	int ret;

	/* Mandatory locks never worked: as on Linux, asking does nothing. */
	if (cmd & LOCK_MAND)
		return 0;
	switch (cmd & ~LOCK_NB) {
	case LOCK_SH:
	case LOCK_EX:
	case LOCK_UN:
		break;
	default:
		return -EINVAL;
	}
	file = fget(fd);
	if (!file)
		return -EBADF;
	ret = flock_lock_file(file, (int)cmd);
	fput(file);
	return ret;
}

long sys_ioctl(unsigned int fd, unsigned int cmd, unsigned long arg)
{
	struct file *file;
	long ret;

	/* These two are about the descriptor, not the file. */
	if (cmd == FIOCLEX || cmd == FIONCLEX) {
		file = fget(fd);
		if (!file)
			return -EBADF;
		set_close_on_exec(fd, cmd == FIOCLEX);
		fput(file);
		return 0;
	}
	file = fget(fd);
	if (!file)
		return -EBADF;
	ret = vfs_ioctl(fd, file, cmd, arg);
	fput(file);
	return ret;
}
