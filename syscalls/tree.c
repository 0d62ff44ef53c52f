/*
 * tree.c - doors: making, removing and renaming names; mode, owner, times
 * and size of files.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/sync.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <syscalls/args.h>

long sys_mkdirat(int dfd, const char __user *pathname, umode_t mode)
{
	char *name = getname(pathname);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_mkdirat(dfd, name, mode);
	putname(name);
	return err;
}

long sys_mkdir(const char __user *pathname, umode_t mode)
{
	return sys_mkdirat(AT_FDCWD, pathname, mode);
}

long sys_mknodat(int dfd, const char __user *filename, umode_t mode,
		 unsigned int dev)
{
	char *name = getname(filename);
	int err = do_mknodat(dfd, name, mode, new_decode_dev(dev));

	putname(name);
	return err;
}

long sys_mknod(const char __user *filename, umode_t mode, unsigned int dev)
{
	return sys_mknodat(AT_FDCWD, filename, mode, dev);
}

long sys_unlinkat(int dfd, const char __user *pathname, int flag)
{
	char *name;
	int err;

	if (flag & ~AT_REMOVEDIR)
		return -EINVAL;
	name = getname(pathname);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = flag & AT_REMOVEDIR ? do_rmdir(dfd, name)
				  : do_unlinkat(dfd, name);
	putname(name);
	return err;
}

long sys_unlink(const char __user *pathname)
{
	return sys_unlinkat(AT_FDCWD, pathname, 0);
}

long sys_rmdir(const char __user *pathname)
{
	return sys_unlinkat(AT_FDCWD, pathname, AT_REMOVEDIR);
}

long sys_symlinkat(const char __user *oldname, int newdfd,
		   const char __user *newname)
{
	char *old = getname(oldname);
	char *new;
	int err;

	if (IS_ERR(old))
		return PTR_ERR(old);
	new = getname(newname);
	err = do_symlinkat(old, newdfd, new);
	putname(new);
	putname(old);
	return err;
}

long sys_symlink(const char __user *oldname, const char __user *newname)
{
	return sys_symlinkat(oldname, AT_FDCWD, newname);
}

long sys_linkat(int olddfd, const char __user *oldname, int newdfd,
		const char __user *newname, int flags)
{
	char *old;
	char *new;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	/* A name that cannot be read fails when its turn comes. */
	old = getname_flags(oldname, (unsigned int)flags);
	new = getname(newname);
	err = do_linkat(olddfd, old, newdfd, new, flags);
	putname(new);
	putname(old);
	return err;
}

long sys_link(const char __user *oldname, const char __user *newname)
{
	return sys_linkat(AT_FDCWD, oldname, AT_FDCWD, newname, 0);
}

long sys_renameat2(int olddfd, const char __user *oldname, int newdfd,
		   const char __user *newname, unsigned int flags)
{
	char *old;
	char *new;
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT))
		return -EINVAL;
	if ((flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)) &&
	    (flags & RENAME_EXCHANGE))
		return -EINVAL;
	old = getname(oldname);
	new = getname(newname);
	err = do_renameat2(olddfd, old, newdfd, new, flags);
	putname(new);
	putname(old);
	return err;
}

long sys_renameat(int olddfd, const char __user *oldname, int newdfd,
		  const char __user *newname)
{
	return sys_renameat2(olddfd, oldname, newdfd, newname, 0);
}

long sys_rename(const char __user *oldname, const char __user *newname)
{
	return sys_renameat2(AT_FDCWD, oldname, AT_FDCWD, newname, 0);
}

long sys_fchmodat(int dfd, const char __user *filename, umode_t mode)
{
	char *name = getname(filename);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_fchmodat(dfd, name, mode);
	putname(name);
	return err;
}

long sys_chmod(const char __user *filename, umode_t mode)
{
	return sys_fchmodat(AT_FDCWD, filename, mode);
}

long sys_fchmod(unsigned int fd, umode_t mode)
{
	return do_fchmod(fd, mode);
}

long sys_fchownat(int dfd, const char __user *filename, uid_t user, gid_t group,
		  int flag)
{
	char *name;
	int err;

	if (flag & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	name = getname_flags(filename, (unsigned int)flag);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_fchownat(dfd, name, user, group, flag);
	putname(name);
	return err;
}

long sys_chown(const char __user *filename, uid_t user, gid_t group)
{
	return sys_fchownat(AT_FDCWD, filename, user, group, 0);
}

long sys_lchown(const char __user *filename, uid_t user, gid_t group)
{
	return sys_fchownat(AT_FDCWD, filename, user, group,
			    AT_SYMLINK_NOFOLLOW);
}

long sys_fchown(unsigned int fd, uid_t user, gid_t group)
{
	return do_fchown(fd, user, group);
}

/*
 * All of the utime family: @name NULL is @dfd itself (futimens), @times NULL
 * is now.
 */
static long utimes_named(int dfd, const char __user *filename,
			 const struct timespec *times, int flags)
{
	char *name = NULL;
	int err;

	if (filename)
		name = getname_flags(filename, (unsigned int)flags);
	err = do_utimes(dfd, name, times, flags);
	if (name)
		putname(name);
	return err;
}

static bool utime_nsec_valid(long nsec)
{
	return nsec == UTIME_NOW || nsec == UTIME_OMIT ||
	       (nsec >= 0 && nsec < (long)NSEC_PER_SEC);
}

long sys_utimensat(int dfd, const char __user *filename,
		   struct timespec __user *utimes, int flags)
{
	struct timespec times[2];

	if (utimes) {
		if (copy_from_user(times, utimes, sizeof(times)))
			return -EFAULT;
		/* utimensat(2): both left alone: not even looked up */
		if (times[0].tv_nsec == UTIME_OMIT &&
		    times[1].tv_nsec == UTIME_OMIT)
			return 0;
		if (!utime_nsec_valid(times[0].tv_nsec) ||
		    !utime_nsec_valid(times[1].tv_nsec))
			return -EINVAL;
	}
	return utimes_named(dfd, filename, utimes ? times : NULL, flags);
}

long sys_futimesat(int dfd, const char __user *filename,
		   struct timeval __user *utimes)
{
	struct timeval tv[2];
	struct timespec times[2];
	int i;

	if (!utimes)
		return utimes_named(dfd, filename, NULL, 0);
	if (copy_from_user(tv, utimes, sizeof(tv)))
		return -EFAULT;
	for (i = 0; i < 2; i++) {
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= (long)USEC_PER_SEC)
			return -EINVAL;
		times[i].tv_sec = tv[i].tv_sec;
		times[i].tv_nsec = tv[i].tv_usec * (long)NSEC_PER_USEC;
	}
	return utimes_named(dfd, filename, times, 0);
}

long sys_utimes(char __user *filename, struct timeval __user *utimes)
{
	return sys_futimesat(AT_FDCWD, filename, utimes);
}

long sys_utime(char __user *filename, struct utimbuf __user *utimes)
{
	struct utimbuf buf;
	struct timespec times[2] = {{0, 0}, {0, 0}};

	if (!utimes)
		return utimes_named(AT_FDCWD, filename, NULL, 0);
	if (copy_from_user(&buf, utimes, sizeof(buf)))
		return -EFAULT;
	times[0].tv_sec = buf.actime;
	times[1].tv_sec = buf.modtime;
	return utimes_named(AT_FDCWD, filename, times, 0);
}

long sys_truncate(const char __user *path, long length)
{
	char *name;
	int err;

	if (length < 0)
		return -EINVAL;
	name = getname(path);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = do_sys_truncate(name, length);
	putname(name);
	return err;
}

long sys_ftruncate(unsigned int fd, unsigned long length)
{
	if ((long)length < 0)
		return -EINVAL;
	return do_sys_ftruncate(fd, (loff_t)length);
}

long sys_fallocate(int fd, int mode, loff_t offset, loff_t len)
{
	struct file *file = fget((unsigned int)fd);
	int err;

	if (!file)
		return -EBADF;
	err = vfs_fallocate(file, mode, offset, len);
	fput(file);
	return err;
}
