/*
 * dpath.c - from a dentry back to a path name.
 *
 * Names are prepended to the end of a buffer while walking up the dentries,
 * and across mounts to what they cover.  The mount hash lock and
 * dentry_tree_lock hold the tree still meanwhile.
 *
 * Entry points: d_path, d_absolute_path, d_path_from, dentry_path,
 * getcwd_path, is_subdir, d_ancestor.
 */
#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/dcache_tree.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/types/task.h>

/* The free front part of a buffer that is filled from its end. */
struct prepend_buf {
	char *start;
	int room;
};

enum walk_end {
	ENDED_AT_ROOT,	/* of the caller */
	ENDED_AT_TOP,	/* of the mount tree: outside the caller's root */
	ENDED_DETACHED, /* of a mount that is not in the tree */
};

static void prepend(struct prepend_buf *buf, const char *text, int len)
{
	buf->room -= len;
	if (buf->room < 0)
		return;
	buf->start -= len;
	memcpy(buf->start, text, len);
}

static void prepend_name(struct prepend_buf *buf, const struct dentry *dentry)
{
	prepend(buf, dentry->d_name.name, dentry->d_name.len);
	prepend(buf, "/", 1);
}

static struct prepend_buf prepend_init(char *buf, int buflen)
{
	struct prepend_buf p = {buf + buflen, buflen};

	prepend(&p, "", 1);
	return p;
}

static char *prepend_result(struct prepend_buf *buf)
{
	return buf->room < 0 ? ERR_PTR(-ENAMETOOLONG) : buf->start;
}

/* Names from @path up to @root.  Caller holds both locks. */
static enum walk_end prepend_path_locked(const struct path *path,
					 const struct path *root,
					 struct prepend_buf *buf)
{
	struct dentry *dentry = path->dentry;
	struct vfsmount *mnt = path->mnt;

	while (dentry != root->dentry || mnt != root->mnt) {
		if (dentry == mnt->mnt_root || IS_ROOT(dentry)) {
			if (dentry != mnt->mnt_root)
				return ENDED_DETACHED;
			if (mnt->mnt_parent == mnt)
				return mnt->mnt_detached ? ENDED_DETACHED
							 : ENDED_AT_TOP;
			dentry = mnt->mnt_mountpoint;
			mnt = mnt->mnt_parent;
			continue;
		}
		prepend_name(buf, dentry);
		dentry = dentry->d_parent;
	}
	return ENDED_AT_ROOT;
}

static enum walk_end prepend_path(const struct path *path,
				  const struct path *root,
				  struct prepend_buf *buf)
{
	struct prepend_buf before = *buf;
	enum walk_end end;

	mount_lock_tree();
	spin_lock(&dentry_tree_lock);
	end = prepend_path_locked(path, root, buf);
	spin_unlock(&dentry_tree_lock);
	mount_unlock_tree();
	if (buf->room == before.room)
		prepend(buf, "/", 1);
	return end;
}

/*
 * d_path_from - see dcache.h.
 */
char *d_path_from(const struct path *path, const struct path *root, char *buf,
		  int buflen, bool *reached)
{
	struct prepend_buf p = prepend_init(buf, buflen);

	if (d_unlinked(path->dentry))
		prepend(&p, " (deleted)", 10);
	*reached = prepend_path(path, root, &p) == ENDED_AT_ROOT;
	return prepend_result(&p);
}

/*
 * d_path - see dcache.h.
 */
char *d_path(const struct path *path, char *buf, int buflen)
{
	const struct dentry_operations *op = path->dentry->d_op;
	struct path root;
	bool reached;
	char *text;
	int len;

	if (op && op->d_dname && IS_ROOT(path->dentry) &&
	    path->dentry != path->mnt->mnt_root) {
		len = op->d_dname(path->dentry, buf, buflen);
		return len < 0 ? ERR_PTR(len) : buf;
	}
	if (!current->fs)
		return d_absolute_path(path, buf, buflen);
	get_fs_root(current->fs, &root);
	text = d_path_from(path, &root, buf, buflen, &reached);
	path_put(&root);
	return text;
}

/*
 * d_absolute_path - see dcache.h.
 */
char *d_absolute_path(const struct path *path, char *buf, int buflen)
{
	struct path nowhere = {NULL, NULL};
	struct prepend_buf p = prepend_init(buf, buflen);

	if (prepend_path(path, &nowhere, &p) == ENDED_DETACHED)
		return ERR_PTR(-EINVAL);
	return prepend_result(&p);
}

/*
 * dentry_path - see dcache.h.
 */
char *dentry_path(struct dentry *dentry, char *buf, int buflen)
{
	struct prepend_buf p = prepend_init(buf, buflen);

	if (d_unlinked(dentry))
		prepend(&p, "//deleted", 9);
	spin_lock(&dentry_tree_lock);
	if (IS_ROOT(dentry))
		prepend(&p, "/", 1);
	for (; !IS_ROOT(dentry); dentry = dentry->d_parent)
		prepend_name(&p, dentry);
	spin_unlock(&dentry_tree_lock);
	return prepend_result(&p);
}

/*
 * getcwd_path - see dcache.h.
 */
char *getcwd_path(char *buf, int buflen)
{
	struct prepend_buf p = prepend_init(buf, buflen);
	struct path root, pwd;
	bool unlinked;

	get_fs_root_and_pwd(current->fs, &root, &pwd);
	unlinked = d_unlinked(pwd.dentry);
	if (!unlinked && prepend_path(&pwd, &root, &p) != ENDED_AT_ROOT)
		prepend(&p, "(unreachable)", 13);
	path_put(&root);
	path_put(&pwd);
	if (unlinked)
		return ERR_PTR(-ENOENT);
	return p.room < 0 ? ERR_PTR(-ENAMETOOLONG) : p.start;
}

/*
 * is_subdir - see dcache.h.
 */
bool is_subdir(struct dentry *dir, struct dentry *ancestor)
{
	bool below = true;

	if (dir == ancestor)
		return true;
	spin_lock(&dentry_tree_lock);
	while (dir != ancestor) {
		if (IS_ROOT(dir)) {
			below = false;
			break;
		}
		dir = dir->d_parent;
	}
	spin_unlock(&dentry_tree_lock);
	return below;
}

/*
 * d_ancestor - see dcache.h.  Not counted: valid while @p2 is held and no
 * rename runs.
 */
struct dentry *d_ancestor(struct dentry *p1, struct dentry *p2)
{
	struct dentry *dentry;
	struct dentry *found = NULL;

	spin_lock(&dentry_tree_lock);
	for (dentry = p2; !IS_ROOT(dentry); dentry = dentry->d_parent) {
		if (dentry->d_parent == p1) {
			found = dentry;
			break;
		}
	}
	spin_unlock(&dentry_tree_lock);
	return found;
}
