/*
 * mount.c - doors: the mount tree, and getting bytes to the disks.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <abi/mount.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/super.h>
#include <fs/vfs/sync.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/sched/rwsem.h>
#include <syscalls/args.h>

/* What the program handed to mount(2), in the kernel's memory. */
struct mount_args {
	char *dev;
	char *dir;
	char *type;
	char *data;
};

/*
 * A page of options: as much of it as can be read, zero-terminated.  It need
 * not be a whole page; only an unreadable first byte is -EFAULT.
 */
static char *copy_mount_options(const void __user *data)
{
	char *page;
	unsigned long left;

	if (!data)
		return NULL;
	page = kmalloc(PAGE_SIZE);
	if (!page)
		return ERR_PTR(-ENOMEM);
	left = copy_from_user(page, data, PAGE_SIZE);
	if (left == PAGE_SIZE) {
		kfree(page);
		return ERR_PTR(-EFAULT);
	}
	memset(page + PAGE_SIZE - left, 0, left);
	page[PAGE_SIZE - 1] = '\0';
	return page;
}

static char *copy_mount_string(const char __user *string)
{
	return string ? copy_string_arg(string, PATH_MAX) : NULL;
}

static void free_mount_args(struct mount_args *args)
{
	if (!IS_ERR(args->data))
		kfree(args->data);
	if (!IS_ERR(args->type))
		kfree(args->type);
	if (!IS_ERR(args->dev))
		kfree(args->dev);
	if (!IS_ERR_OR_NULL(args->dir))
		putname(args->dir);
}

/* Copy all four; the first error counts, in Linux's order. */
static int get_mount_args(struct mount_args *args, const char __user *dev,
			  const char __user *dir, const char __user *type,
			  const void __user *data)
{
	memset(args, 0, sizeof(*args));
	args->type = copy_mount_string(type);
	if (IS_ERR(args->type))
		return (int)PTR_ERR(args->type);
	args->dev = copy_mount_string(dev);
	if (IS_ERR(args->dev))
		return (int)PTR_ERR(args->dev);
	args->data = copy_mount_options(data);
	if (IS_ERR(args->data))
		return (int)PTR_ERR(args->data);
	args->dir = getname(dir);
	if (IS_ERR(args->dir))
		return (int)PTR_ERR(args->dir);
	return 0;
}

long sys_mount(char __user *dev_name, char __user *dir_name, char __user *type,
	       unsigned long flags, void __user *data)
{
	struct mount_args args;
	int err;

	err = get_mount_args(&args, dev_name, dir_name, type, data);
	if (!err)
		err = do_mount(args.dev, args.dir, args.type, flags, args.data);
	free_mount_args(&args);
	return err;
}

long sys_umount2(char __user *name, int flags)
{
	char *path;
	int err;

	if (flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	path = getname(name);
	if (IS_ERR(path))
		return PTR_ERR(path);
	err = do_umount(path, flags);
	putname(path);
	return err;
}

long sys_pivot_root(const char __user *new_root, const char __user *put_old)
{
	char *new = getname(new_root);
	char *old = getname(put_old);
	int err = do_pivot_root(new, old);

	putname(old);
	putname(new);
	return err;
}

long sys_sync(void)
{
	ksys_sync();
	return 0;
}

long sys_syncfs(int fd)
{
	struct file *file = fget((unsigned int)fd);
	struct super_block *sb;
	int err;

	if (!file)
		return -EBADF;
	sb = file_inode(file)->i_sb;
	down_read(&sb->s_umount);
	err = sync_filesystem(sb);
	up_read(&sb->s_umount);
	fput(file);
	return err;
}

static long sync_fd(unsigned int fd, bool datasync)
{
	struct file *file = fget(fd);
	int err;

	if (!file)
		return -EBADF;
	err = vfs_fsync(file, datasync);
	fput(file);
	return err;
}

long sys_fsync(unsigned int fd)
{
	return sync_fd(fd, false);
}

long sys_fdatasync(unsigned int fd)
{
	return sync_fd(fd, true);
}

long sys_sync_file_range(int fd, loff_t offset, loff_t nbytes,
			 unsigned int flags)
{
	struct file *file = fget((unsigned int)fd);
	int err;

	if (!file)
		return -EBADF;
	err = vfs_sync_file_range(file, offset, nbytes, flags);
	fput(file);
	return err;
}
