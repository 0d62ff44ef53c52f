/*
 * stat.c - doors: what a file is: stat, statx, access, statfs, links' texts,
 * directories' entries.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/readdir.h>
#include <fs/vfs/stat.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <syscalls/args.h>

static long put_stat(const struct kstat *kstat, struct stat __user *to)
{
	struct stat out;

	cp_new_stat(kstat, &out);
	return copy_to_user(to, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_newfstatat(int dfd, const char __user *filename,
		    struct stat __user *statbuf, int flag)
{
	struct kstat kstat;
	char *name = getname_flags(filename, (unsigned int)flag);
	int err;

	err = vfs_fstatat(dfd, name, &kstat, flag);
	putname(name);
	return err ? err : put_stat(&kstat, statbuf);
}

long sys_stat(const char __user *filename, struct stat __user *statbuf)
{
	return sys_newfstatat(AT_FDCWD, filename, statbuf, 0);
}

long sys_lstat(const char __user *filename, struct stat __user *statbuf)
{
	return sys_newfstatat(AT_FDCWD, filename, statbuf, AT_SYMLINK_NOFOLLOW);
}

long sys_fstat(unsigned int fd, struct stat __user *statbuf)
{
	struct kstat kstat;
	int err = vfs_fstat((int)fd, &kstat);

	return err ? err : put_stat(&kstat, statbuf);
}

long sys_statx(int dfd, const char __user *filename, unsigned int flags,
	       unsigned int mask, struct statx __user *buffer)
{
	struct kstat kstat;
	struct statx out;
	char *name;
	int err;

	if (mask & STATX__RESERVED)
		return -EINVAL;
	if ((flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	name = getname_flags(filename, flags);
	err = vfs_statx(dfd, name, (int)flags, &kstat, mask);
	putname(name);
	if (err)
		return err;
	cp_statx(&kstat, &out);
	return copy_to_user(buffer, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_faccessat2(int dfd, const char __user *filename, int mode, int flags)
{
	char *name;
	int err;

	if (mode & ~S_IRWXO)
		return -EINVAL;
	if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	name = getname_flags(filename, (unsigned int)flags);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_faccessat(dfd, name, mode, flags);
	putname(name);
	return err;
}

long sys_faccessat(int dfd, const char __user *filename, int mode)
{
	return sys_faccessat2(dfd, filename, mode, 0);
}

long sys_access(const char __user *filename, int mode)
{
	return sys_faccessat2(AT_FDCWD, filename, mode, 0);
}

long sys_readlinkat(int dfd, const char __user *pathname, char __user *buf,
		    int bufsiz)
{
	char *name;
	char *text;
	int len;

	if (bufsiz <= 0)
		return -EINVAL;
	/* readlinkat(2): "" is dfd itself, without any flag */
	name = getname_flags(pathname, AT_EMPTY_PATH);
	if (IS_ERR(name))
		return PTR_ERR(name);
	bufsiz = min(bufsiz, PATH_MAX);
	text = kmalloc((size_t)bufsiz);
	len = -ENOMEM;
	if (text)
		len = do_readlinkat(dfd, name, text, bufsiz);
	if (len > 0 && copy_to_user(buf, text, (size_t)len))
		len = -EFAULT;
	kfree(text);
	putname(name);
	return len;
}

long sys_readlink(const char __user *path, char __user *buf, int bufsiz)
{
	return sys_readlinkat(AT_FDCWD, path, buf, bufsiz);
}

long sys_getdents64(unsigned int fd, struct linux_dirent64 __user *dirent,
		    unsigned int count)
{
	struct file *file = fget(fd);
	ssize_t ret;

	if (!file)
		return -EBADF;
	ret = vfs_getdents64(file, dirent, count);
	fput(file);
	return ret;
}

long sys_getdents(unsigned int fd, struct linux_dirent __user *dirent,
		  unsigned int count)
{
	struct file *file = fget(fd);
	ssize_t ret;

	if (!file)
		return -EBADF;
	ret = vfs_getdents(file, dirent, count);
	fput(file);
	return ret;
}

long sys_statfs(const char __user *path, struct statfs __user *buf)
{
	struct statfs out;
	char *name = getname(path);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	memset(&out, 0, sizeof(out));
	err = user_statfs(name, &out);
	putname(name);
	if (err)
		return err;
	return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

long sys_fstatfs(unsigned int fd, struct statfs __user *buf)
{
	struct statfs out;
	int err;

	memset(&out, 0, sizeof(out));
	err = fd_statfs((int)fd, &out);
	if (err)
		return err;
	return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

/* ustat(2): EINVAL for a device without a mounted file system */
long sys_ustat(unsigned int dev, struct ustat __user *ubuf)
{
	struct super_block *sb = user_get_super(new_decode_dev(dev));
	struct kstatfs kstatfs;
	struct ustat out;
	int err;

	if (!sb)
		return -EINVAL;
	err = statfs_by_dentry(sb->s_root, &kstatfs);
	drop_super(sb);
	if (err)
		return err;
	memset(&out, 0, sizeof(out));
	out.f_tfree = (int)kstatfs.f_bfree;
	out.f_tinode = kstatfs.f_ffree;
	return copy_to_user(ubuf, &out, sizeof(out)) ? -EFAULT : 0;
}
