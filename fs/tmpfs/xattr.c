/*
 * xattr.c - tmpfs: extended attributes, xattr(7), in a list of each inode,
 * newest first.  Only "trusted." and "security.", as on Linux: what is kept
 * for them is kernel memory that no limit counts.
 *
 * Locks: the instance's lock for every list.  execve looks without i_rwsem.
 *
 * Entry points: tmpfs_getxattr, tmpfs_setxattr, tmpfs_listxattr,
 * tmpfs_removexattr, tmpfs_free_xattrs.
 */
#include <fs/tmpfs/tmpfs.h>

#include <abi/errno.h>
#include <abi/xattr.h>
#include <fs/vfs/inode.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/list.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/cred.h>

struct tmpfs_xattr {
	struct list_head link; /* in tmpfs_inode.xattrs */
	size_t name_len;
	size_t size;
	char data[]; /* the name with its zero, then the value */
};

static const char *value_of(const struct tmpfs_xattr *x)
{
	return x->data + x->name_len + 1;
}

/* May a file of this file system have an attribute of that name? */
static int check_name(const char *name)
{
	size_t prefix = str_has_prefix(name, XATTR_TRUSTED_PREFIX)
				?: str_has_prefix(name, XATTR_SECURITY_PREFIX);

	if (!prefix)
		return -EOPNOTSUPP;
	return name[prefix] ? 0 : -EINVAL;
}

/* The attribute, or NULL.  The instance's lock is held. */
static struct tmpfs_xattr *find_locked(struct inode *inode, const char *name)
{
	struct tmpfs_xattr *x;

	list_for_each_entry (x, &TMPFS_I(inode)->xattrs, link) {
		if (strcmp(x->data, name) == 0)
			return x;
	}
	return NULL;
}

static ssize_t get_locked(struct inode *inode, const char *name, void *buf,
			  size_t size)
{
	struct tmpfs_xattr *x = find_locked(inode, name);

	if (!x)
		return -ENODATA;
	if (size && size < x->size)
		return -ERANGE;
	if (size)
		memcpy(buf, value_of(x), x->size);
	return (ssize_t)x->size;
}

/* tmpfs_getxattr - inode_operations. */
ssize_t tmpfs_getxattr(struct dentry *dentry, const char *name, void *buf,
		       size_t size)
{
	struct inode *inode = d_inode(dentry);
	struct tmpfs_sb *info = TMPFS_SB(inode->i_sb);
	ssize_t ret = check_name(name);

	if (ret)
		return ret;
	spin_lock(&info->lock);
	ret = get_locked(inode, name, buf, size);
	spin_unlock(&info->lock);
	return ret;
}

/* Put @new, which may be NULL, in the place of what has its name; *@old is to
 * be freed. */
static int replace_locked(struct inode *inode, const char *name,
			  struct tmpfs_xattr *new, int flags,
			  struct tmpfs_xattr **old)
{
	struct tmpfs_xattr *x = find_locked(inode, name);

	if (x && (flags & XATTR_CREATE))
		return -EEXIST;
	if (!x && (flags & XATTR_REPLACE))
		return -ENODATA;
	if (new)
		list_add(&new->link, x ? &x->link : &TMPFS_I(inode)->xattrs);
	if (x)
		list_del(&x->link);
	*old = x;
	return 0;
}

static int replace(struct inode *inode, const char *name,
		   struct tmpfs_xattr *new, int flags)
{
	struct tmpfs_sb *info = TMPFS_SB(inode->i_sb);
	struct tmpfs_xattr *old = NULL;
	int err;

	spin_lock(&info->lock);
	err = replace_locked(inode, name, new, flags, &old);
	spin_unlock(&info->lock);
	kfree(old);
	if (!err)
		inode->i_ctime = current_time(inode);
	return err;
}

/* tmpfs_setxattr - inode_operations; i_rwsem is held. */
int tmpfs_setxattr(struct dentry *dentry, const char *name, const void *value,
		   size_t size, int flags)
{
	struct tmpfs_xattr *x;
	int err = check_name(name);

	if (err)
		return err;
	x = kmalloc(sizeof(*x) + strlen(name) + 1 + size);
	if (!x)
		return -ENOMEM;
	x->name_len = strlen(name);
	x->size = size;
	memcpy(x->data, name, x->name_len + 1);
	if (size)
		memcpy(x->data + x->name_len + 1, value, size);
	err = replace(d_inode(dentry), name, x, flags);
	if (err)
		kfree(x);
	return err;
}

/* tmpfs_removexattr - inode_operations; i_rwsem is held. */
int tmpfs_removexattr(struct dentry *dentry, const char *name)
{
	return check_name(name)
		       ?: replace(d_inode(dentry), name, NULL, XATTR_REPLACE);
}

static ssize_t list_locked(struct inode *inode, char *buf, size_t size,
			   bool trusted)
{
	struct tmpfs_xattr *x;
	size_t used = 0;

	list_for_each_entry (x, &TMPFS_I(inode)->xattrs, link) {
		if (!trusted && str_has_prefix(x->data, XATTR_TRUSTED_PREFIX))
			continue;
		if (size && used + x->name_len + 1 > size)
			return -ERANGE;
		if (size)
			memcpy(buf + used, x->data, x->name_len + 1);
		used += x->name_len + 1;
	}
	return (ssize_t)used;
}

/* tmpfs_listxattr - inode_operations. */
ssize_t tmpfs_listxattr(struct dentry *dentry, char *buf, size_t size)
{
	struct inode *inode = d_inode(dentry);
	struct tmpfs_sb *info = TMPFS_SB(inode->i_sb);
	bool trusted = capable_noaudit(CAP_SYS_ADMIN);
	ssize_t ret;

	spin_lock(&info->lock);
	ret = list_locked(inode, buf, size, trusted);
	spin_unlock(&info->lock);
	return ret;
}

/* tmpfs_free_xattrs - see tmpfs.h. */
void tmpfs_free_xattrs(struct inode *inode)
{
	struct tmpfs_xattr *x, *next;

	list_for_each_entry_safe (x, next, &TMPFS_I(inode)->xattrs, link)
		kfree(x);
}
