/*
 * ioctl.c - the few requests that any file understands; the rest go to
 * f_op->ioctl.  FIOCLEX and FIONCLEX are about descriptors: the door's.
 *
 * Entry points: vfs_ioctl.
 */
#include <fs/vfs/ioctl.h>

#include <abi/capability.h>
#include <abi/errno.h>
#include <fs/vfs/fcntl.h>
#include <kernel/arch/uaccess.h>
#include <kernel/sched/cred.h>

/* What the program points to decides: on or off. */
static long ioctl_flag(unsigned int fd, struct file *file, unsigned int cmd,
		       int __user *arg)
{
	int on;

	if (get_user(on, arg))
		return -EFAULT;
	if (cmd == FIOASYNC)
		return file_set_async((int)fd, file, on);
	file_set_nonblock(file, on);
	return 0;
}

/* FIOQSIZE: the bytes that a file takes on its device. */
static long ioctl_qsize(const struct inode *inode, loff_t __user *arg)
{
	loff_t bytes = (loff_t)inode->i_blocks << 9;

	if (!S_ISREG(inode->i_mode) && !S_ISDIR(inode->i_mode) &&
	    !S_ISLNK(inode->i_mode))
		return -ENOTTY;
	return copy_to_user(arg, &bytes, sizeof(bytes)) ? -EFAULT : 0;
}

/* Requests that only regular files know beside their file system's. */
static long ioctl_regular(struct file *file, unsigned int cmd, int __user *arg)
{
	loff_t left = i_size_read(file_inode(file)) - file->f_pos;
	int block;

	switch (cmd) {
	case FIONREAD:
		return put_user((int)left, arg);
	case FIBMAP:
		/* No file system here shows its block map. */
		if (!capable(CAP_SYS_RAWIO))
			return -EPERM;
		return copy_from_user(&block, arg, sizeof(block)) ? -EFAULT
								  : -EINVAL;
	default:
		return -ENOIOCTLCMD;
	}
}

long vfs_ioctl(unsigned int fd, struct file *file, unsigned int cmd,
	       unsigned long arg)
{
	struct inode *inode = file_inode(file);
	long ret = -ENOIOCTLCMD;

	switch (cmd) {
	case FIONBIO:
	case FIOASYNC:
		return ioctl_flag(fd, file, cmd, (int __user *)arg);
	case FS_IOC_FIEMAP:
		return -EOPNOTSUPP; /* no file system here tells */
	case FIOQSIZE:
		return ioctl_qsize(inode, (loff_t __user *)arg);
	case FIGETBSZ:
		if (!inode->i_sb->s_blocksize)
			return -EINVAL;
		return put_user((int)inode->i_sb->s_blocksize,
				(int __user *)arg);
	default:
		break;
	}
	if (S_ISREG(inode->i_mode))
		ret = ioctl_regular(file, cmd, (int __user *)arg);
	if (ret == -ENOIOCTLCMD && file->f_op->ioctl)
		ret = file->f_op->ioctl(file, cmd, arg);
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}
