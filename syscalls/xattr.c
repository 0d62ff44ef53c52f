/*
 * xattr.c - doors: extended attributes of files.
 *
 * Each call comes three times: by name, by name without following a last
 * symlink, by descriptor.  All end in the same function on a path.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <abi/xattr.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/xattr.h>
#include <kernel/alloc/slab.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <syscalls/args.h>

/* Which file: by name (@follow) or, with @pathname NULL, by descriptor. */
static int get_path(const char __user *pathname, int fd, bool follow,
		    struct path *path)
{
	struct file *file;
	char *name;
	int err;

	if (!pathname && fd >= 0) {
		file = fget((unsigned int)fd);
		if (!file)
			return -EBADF;
		*path = file->f_path;
		path_get(path);
		fput(file);
		return 0;
	}
	name = getname(pathname);
	if (IS_ERR(name))
		return (int)PTR_ERR(name);
	err = user_path_at(AT_FDCWD, name, follow ? LOOKUP_FOLLOW : 0, path);
	putname(name);
	return err;
}

/* setxattr(2): a name that is empty or too long is ERANGE */
static char *get_xattr_name(const char __user *name)
{
	char *copy = copy_string_arg(name, XATTR_NAME_MAX + 1);

	if (IS_ERR(copy))
		return PTR_ERR(copy) == -EINVAL ? ERR_PTR(-ERANGE) : copy;
	if (copy[0])
		return copy;
	kfree(copy);
	return ERR_PTR(-ERANGE);
}

static long set_value(const struct path *path, const char *name,
		      const void __user *uvalue, size_t size, int flags)
{
	void *value = NULL;
	long ret;

	if (size) {
		value = vmalloc(size);
		if (!value)
			return -ENOMEM;
	}
	ret = -EFAULT;
	if (!size || !copy_from_user(value, uvalue, size))
		ret = setxattr_path(path, name, value, size, flags);
	vfree(value);
	return ret;
}

static long set_named(const struct path *path, const char __user *uname,
		      const void __user *value, size_t size, int flags)
{
	char *name;
	long ret;

	if (flags & ~(XATTR_CREATE | XATTR_REPLACE))
		return -EINVAL;
	name = get_xattr_name(uname);
	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = size > XATTR_SIZE_MAX ? -E2BIG
				    : set_value(path, name, value, size, flags);
	kfree(name);
	return ret;
}

/* The file is looked for before anything else is looked at. */
static long do_set(const char __user *pathname, int fd, bool follow,
		   const char __user *uname, const void __user *value,
		   size_t size, int flags)
{
	struct path path;
	long ret = get_path(pathname, fd, follow, &path);

	if (ret)
		return ret;
	ret = set_named(&path, uname, value, size, flags);
	path_put(&path);
	return ret;
}

/* Get a value (@name) or the list of names (@name NULL) to the program. */
static long fetch(const struct path *path, const char *name, void __user *to,
		  size_t size)
{
	size_t max = name ? XATTR_SIZE_MAX : XATTR_LIST_MAX;
	void *buf = NULL;
	ssize_t len;

	size = min(size, max);
	if (size) {
		buf = vmalloc(size);
		if (!buf)
			return -ENOMEM;
	}
	len = name ? vfs_getxattr(path->dentry, name, buf, size)
		   : vfs_listxattr(path->dentry, buf, size);
	if (len > 0 && size && copy_to_user(to, buf, (size_t)len))
		len = -EFAULT;
	vfree(buf);
	return len;
}

static long do_get(const char __user *pathname, int fd, bool follow,
		   const char __user *uname, void __user *value, size_t size)
{
	struct path path;
	char *name;
	long ret = get_path(pathname, fd, follow, &path);

	if (ret)
		return ret;
	name = get_xattr_name(uname);
	ret = IS_ERR(name) ? PTR_ERR(name) : fetch(&path, name, value, size);
	path_put(&path);
	if (!IS_ERR(name))
		kfree(name);
	return ret;
}

static long do_list(const char __user *pathname, int fd, bool follow,
		    char __user *list, size_t size)
{
	struct path path;
	long ret = get_path(pathname, fd, follow, &path);

	if (ret)
		return ret;
	ret = fetch(&path, NULL, list, size);
	path_put(&path);
	return ret;
}

static long do_remove(const char __user *pathname, int fd, bool follow,
		      const char __user *uname)
{
	struct path path;
	char *name;
	long ret = get_path(pathname, fd, follow, &path);

	if (ret)
		return ret;
	name = get_xattr_name(uname);
	ret = IS_ERR(name) ? PTR_ERR(name) : removexattr_path(&path, name);
	path_put(&path);
	if (!IS_ERR(name))
		kfree(name);
	return ret;
}

long sys_setxattr(const char __user *pathname, const char __user *name,
		  const void __user *value, size_t size, int flags)
{
	return do_set(pathname, -1, true, name, value, size, flags);
}

long sys_lsetxattr(const char __user *pathname, const char __user *name,
		   const void __user *value, size_t size, int flags)
{
	return do_set(pathname, -1, false, name, value, size, flags);
}

long sys_fsetxattr(int fd, const char __user *name, const void __user *value,
		   size_t size, int flags)
{
	if (fd < 0)
		return -EBADF;
	return do_set(NULL, fd, false, name, value, size, flags);
}

long sys_getxattr(const char __user *pathname, const char __user *name,
		  void __user *value, size_t size)
{
	return do_get(pathname, -1, true, name, value, size);
}

long sys_lgetxattr(const char __user *pathname, const char __user *name,
		   void __user *value, size_t size)
{
	return do_get(pathname, -1, false, name, value, size);
}

long sys_fgetxattr(int fd, const char __user *name, void __user *value,
		   size_t size)
{
	if (fd < 0)
		return -EBADF;
	return do_get(NULL, fd, false, name, value, size);
}

long sys_listxattr(const char __user *pathname, char __user *list, size_t size)
{
	return do_list(pathname, -1, true, list, size);
}

long sys_llistxattr(const char __user *pathname, char __user *list, size_t size)
{
	return do_list(pathname, -1, false, list, size);
}

long sys_flistxattr(int fd, char __user *list, size_t size)
{
	return fd < 0 ? -EBADF : do_list(NULL, fd, false, list, size);
}

long sys_removexattr(const char __user *pathname, const char __user *name)
{
	return do_remove(pathname, -1, true, name);
}

long sys_lremovexattr(const char __user *pathname, const char __user *name)
{
	return do_remove(pathname, -1, false, name);
}

long sys_fremovexattr(int fd, const char __user *name)
{
	return fd < 0 ? -EBADF : do_remove(NULL, fd, false, name);
}
