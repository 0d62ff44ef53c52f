/*
 * fcntl.c - the flags of an open file, and who gets its SIGIO.
 *
 * Flags change under f_lock, as does the owner (set in fasync.c).
 *
 * Entry points: vfs_fcntl, f_getown_ex, file_set_nonblock, file_set_async.
 */
#include <fs/vfs/fcntl.h>

#include <abi/errno.h>
#include <abi/signal.h>
#include <fs/vfs/permission.h>
#include <kernel/base/spinlock.h>

/* The flags that F_SETFL may change, but for FASYNC. */
#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

void file_set_nonblock(struct file *file, bool on)
{
	spin_lock(&file->f_lock);
	if (on)
		file->f_flags |= O_NONBLOCK;
	else
		file->f_flags &= ~(unsigned int)O_NONBLOCK;
	spin_unlock(&file->f_lock);
}

int file_set_async(int fd, struct file *file, bool on)
{
	int err;

	if (on == !!(file->f_flags & FASYNC))
		return 0;
	if (!file->f_op->fasync)
		return -ENOTTY;
	err = file->f_op->fasync(fd, file, on);
	if (err < 0)
		return err;
	spin_lock(&file->f_lock);
	if (on)
		file->f_flags |= FASYNC;
	else
		file->f_flags &= ~(unsigned int)FASYNC;
	spin_unlock(&file->f_lock);
	return 0;
}

/* F_SETFL: fcntl(2)'s checks, then the flags. */
static int setfl(int fd, struct file *file, unsigned int flags)
{
	struct inode *inode = file_inode(file);
	int err;

	/* An append-only file stays so for whoever has it open. */
	if (((flags ^ file->f_flags) & O_APPEND) && (inode->i_flags & S_APPEND))
		return -EPERM;
	if ((flags & O_NOATIME) && !(file->f_flags & O_NOATIME) &&
	    !inode_owner_or_capable(inode))
		return -EPERM;
	/* Only pipes know O_DIRECT: there it means packets. */
	if ((flags & O_DIRECT) && !(file->f_flags & O_DIRECT) &&
	    !S_ISFIFO(inode->i_mode))
		return -EINVAL;
	/* Linux leaves O_ASYNC alone where nothing can signal. */
	if (file->f_op->fasync) {
		err = file_set_async(fd, file, flags & FASYNC);
		if (err)
			return err;
	}

	spin_lock(&file->f_lock);
	file->f_flags = (flags & SETFL_MASK) |
			(file->f_flags & ~(unsigned int)SETFL_MASK);
	spin_unlock(&file->f_lock);
	return 0;
}

void f_getown_ex(struct file *file, struct f_owner_ex *owner)
{
	spin_lock(&file->f_lock);
	owner->type = file->f_owner_type;
	owner->pid = file->f_owner_pid;
	spin_unlock(&file->f_lock);
}

/* F_GETOWN: a group is a negative number. */
static long f_getown(struct file *file)
{
	struct f_owner_ex owner;

	f_getown_ex(file, &owner);
	return owner.type == F_OWNER_PGRP ? -owner.pid : owner.pid;
}

long vfs_fcntl(int fd, struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case F_GETFL:
		return file->f_flags & ~(unsigned int)O_CLOEXEC;
	case F_SETFL:
		return setfl(fd, file, (unsigned int)arg);
	case F_GETOWN:
		return f_getown(file);
	case F_GETSIG:
		return file->f_owner_sig;
	case F_SETSIG:
		if (arg > _NSIG)
			return -EINVAL;
		file->f_owner_sig = (int)arg;
		return 0;
	default:
		return -EINVAL;
	}
}
