/*
 * lookup_one.c - one name in one directory, and the small change of walks.
 *
 * Entry points: lookup_one_qstr, lookup_one_len, path_get, path_put,
 * inode_lock and kin, vfs_readlink, do_readlinkat.
 */
#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/page_cache.h>
#include <kernel/sched/rwsem.h>

/*
 * path_get, path_put - see namei.h.
 */
void path_get(const struct path *path)
{
	(void)mntget(path->mnt);
	(void)dget(path->dentry);
}

void path_put(const struct path *path)
{
	dput(path->dentry);
	mntput(path->mnt);
}

/*
 * inode_lock and kin - see namei.h.
 */
void inode_lock(struct inode *inode)
{
	down_write(&inode->i_rwsem);
}

void inode_lock_nested(struct inode *inode, int subclass)
{
	down_write_nested(&inode->i_rwsem, subclass);
}

void inode_unlock(struct inode *inode)
{
	up_write(&inode->i_rwsem);
}

bool inode_trylock(struct inode *inode)
{
	return down_write_trylock(&inode->i_rwsem);
}

void inode_lock_shared(struct inode *inode)
{
	down_read(&inode->i_rwsem);
}

void inode_unlock_shared(struct inode *inode)
{
	up_read(&inode->i_rwsem);
}

/*
 * lookup_one_qstr - see namei.h.
 */
struct dentry *lookup_one_qstr(const struct qstr *name, struct dentry *base,
			       unsigned int flags)
{
	struct inode *dir = base->d_inode;
	struct dentry *dentry = d_lookup(base, name);
	struct dentry *other;
	int valid;

	if (dentry) {
		valid = d_revalidate(dentry);
		if (valid > 0)
			return dentry;
		if (valid == 0)
			d_drop(dentry);
		dput(dentry);
		if (valid < 0)
			return ERR_PTR(valid);
	}
	if (dir->i_flags & S_DEAD)
		return ERR_PTR(-ENOENT);
	if (!dir->i_op->lookup)
		return ERR_PTR(-ENOTDIR);
	if (name->len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	dentry = d_alloc(base, name);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	other = dir->i_op->lookup(dir, dentry, flags);
	if (!other)
		return dentry;
	dput(dentry);
	return other;
}

static int check_one_name(const char *name, struct dentry *base, int len,
			  struct qstr *q)
{
	if (len <= 0 ||
	    (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'))))
		return -EACCES;
	if (memchr(name, '/', len) || memchr(name, '\0', len))
		return -EACCES;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	*q = (struct qstr)QSTR_INIT(name, (u32)len);
	return inode_permission(base->d_inode, MAY_EXEC);
}

/*
 * lookup_one_len, lookup_one_len_unlocked - see namei.h.
 */
struct dentry *lookup_one_len(const char *name, struct dentry *base, int len)
{
	struct qstr q;
	int err = check_one_name(name, base, len, &q);

	return err ? ERR_PTR(err) : lookup_one_qstr(&q, base, 0);
}

struct dentry *lookup_one_len_unlocked(const char *name, struct dentry *base,
				       int len)
{
	struct dentry *dentry;

	inode_lock(base->d_inode);
	dentry = lookup_one_len(name, base, len);
	inode_unlock(base->d_inode);
	return dentry;
}

/*
 * vfs_readlink - see namei.h.
 */
int vfs_readlink(struct dentry *dentry, char *buf, int size)
{
	struct inode *inode = dentry->d_inode;
	struct path jump = {NULL, NULL};
	void *cookie = NULL;
	const char *text;
	size_t len;

	if (inode->i_op->readlink)
		return inode->i_op->readlink(dentry, buf, size);
	if (!S_ISLNK(inode->i_mode) || !inode->i_op->get_link)
		return -EINVAL;
	text = inode->i_op->get_link(dentry, inode, &jump, &cookie);
	if (IS_ERR(text))
		return PTR_ERR(text);
	if (!text) {
		if (jump.mnt)
			path_put(&jump);
		return -EINVAL;
	}
	len = strnlen(text, size);
	memcpy(buf, text, len);
	if (cookie && inode->i_op->put_link)
		inode->i_op->put_link(inode, cookie);
	return len;
}

/*
 * do_readlinkat - see namei.h.
 */
int do_readlinkat(int dfd, const char *name, char *buf, int size)
{
	struct inode *inode;
	struct path path;
	int ret;

	if (size <= 0)
		return -EINVAL;
	ret = user_path_at(dfd, name, LOOKUP_EMPTY, &path);
	if (ret)
		return ret;
	inode = path.dentry->d_inode;
	if (S_ISLNK(inode->i_mode) || inode->i_op->readlink) {
		touch_atime(&path);
		ret = vfs_readlink(path.dentry, buf, size);
	} else {
		/* readlinkat(2): "" is only for links opened with O_PATH. */
		ret = *name ? -EINVAL : -ENOENT;
	}
	path_put(&path);
	return ret;
}

/*
 * page_get_link, page_put_link - see namei.h.
 */
const char *page_get_link(struct dentry *dentry, struct inode *inode,
			  struct path *jump, void **cookie)
{
	struct page *page = read_cache_page(inode->i_mapping, 0);
	char *text;

	if (IS_ERR(page))
		return ERR_CAST(page);
	text = page_address(page);
	/* Nothing stands behind the end, so the zero may go there. */
	text[min(i_size_read(inode), (loff_t)PAGE_SIZE - 1)] = '\0';
	*cookie = page;
	return text;
}

void page_put_link(struct inode *inode, void *cookie)
{
	put_page(cookie);
}

/*
 * simple_get_link - see namei.h.
 */
const char *simple_get_link(struct dentry *dentry, struct inode *inode,
			    struct path *jump, void **cookie)
{
	return inode->i_private;
}
