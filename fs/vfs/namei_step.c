/*
 * namei_step.c - steps of a path walk that holds references: into a child,
 * across mounts, through symbolic links, to "..", to "/".
 *
 * nd->path, nd->root and the links on the stack are referenced.
 *
 * Entry points: step_into, put_link, follow_dotdot, nd_jump_root, set_path.
 */
#include <abi/errno.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei_internal.h>
#include <fs/vfs/sticky.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

/*
 * put_link - see namei_internal.h.
 */
void put_link(struct nameidata *nd)
{
	struct saved_link *top = &nd->stack[--nd->depth];
	struct inode *inode = top->link.dentry->d_inode;

	if (top->cookie && inode->i_op->put_link)
		inode->i_op->put_link(inode, top->cookie);
	path_put(&top->link);
}

/*
 * set_path - see namei_internal.h.
 */
void set_path(struct nameidata *nd, struct vfsmount *mnt, struct dentry *dentry)
{
	if (nd->path.mnt)
		path_put(&nd->path);
	nd->path.mnt = mnt;
	nd->path.dentry = dentry;
	nd->inode = dentry->d_inode;
	nd->op = nd->inode->i_op;
}

/* Know "/": the same from the beginning of the walk to its end. */
static int set_root(struct nameidata *nd)
{
	if (nd->root.mnt)
		return 0;
	get_fs_root(current->fs, &nd->root);
	if (nd->root_seen && fs_read_retry(current->fs, nd->fs_seq))
		return -ECHILD;
	return 0;
}

/*
 * nd_jump_root - see namei_internal.h.
 */
int nd_jump_root(struct nameidata *nd)
{
	int err;

	if (nd->flags & LOOKUP_BENEATH)
		return -EXDEV;
	err = set_root(nd);
	if (err)
		return err;
	if ((nd->flags & LOOKUP_NO_XDEV) && nd->path.mnt &&
	    nd->path.mnt != nd->root.mnt)
		return -EXDEV;
	path_get(&nd->root);
	set_path(nd, nd->root.mnt, nd->root.dentry);
	return 0;
}

/* Room for one more link. */
static int reserve_stack(struct nameidata *nd)
{
	struct saved_link *stack;

	if (nd->depth < EMBEDDED_LINKS || nd->stack != nd->embedded)
		return 0;
	stack = kmalloc(MAX_SYMLINKS * sizeof(*stack));
	if (!stack)
		return -ENOMEM;
	memcpy(stack, nd->embedded, sizeof(nd->embedded));
	nd->stack = stack;
	return 0;
}

/* A magic link of proc has told where to go. */
static int jump_to(struct nameidata *nd, const struct path *jump)
{
	int err = 0;

	if (nd->flags & LOOKUP_NO_MAGICLINKS)
		err = -ELOOP;
	else if ((nd->flags & LOOKUP_NO_XDEV) && nd->path.mnt != jump->mnt)
		err = -EXDEV;
	else if (nd->flags & LOOKUP_IS_SCOPED)
		err = -EXDEV;
	if (err)
		path_put(jump);
	else
		set_path(nd, jump->mnt, jump->dentry);
	return err;
}

/*
 * Follow the symbolic link @link, whose references are ours.  Returns the
 * text to walk (the link is on the stack then), NULL when we are where it
 * points to, or ERR_PTR.
 */
static const char *pick_link(struct nameidata *nd, const struct path *link,
			     const char *rest)
{
	struct inode *inode = link->dentry->d_inode;
	struct path jump = {NULL, NULL};
	struct saved_link *top;
	const char *text;
	int err;

	err = reserve_stack(nd);
	if (!err && nd->total_links++ >= MAX_SYMLINKS)
		err = -ELOOP;
	if (!err && (nd->flags & LOOKUP_NO_SYMLINKS))
		err = -ELOOP;
	if (err) {
		path_put(link);
		return ERR_PTR(err);
	}
	top = &nd->stack[nd->depth++];
	top->link = *link;
	top->cookie = NULL;
	top->rest = rest;
	touch_atime(link);
	text = inode->i_op->get_link(link->dentry, inode, &jump, &top->cookie);
	if (IS_ERR(text))
		return text;
	if (!text) {
		err = jump.mnt ? jump_to(nd, &jump) : -ENOENT;
	} else if (*text == '/') {
		err = nd_jump_root(nd);
		while (*text == '/')
			text++;
	}
	if (err)
		return ERR_PTR(err);
	if (text && *text)
		return text;
	put_link(nd);
	return NULL;
}

/*
 * step_into - see namei_internal.h.
 */
const char *step_into(struct nameidata *nd, struct dentry *dentry, int flags,
		      const char *rest)
{
	struct path path = {nd->path.mnt, dentry};
	struct inode *inode;
	int err;

	inode = dentry->d_inode;
	if (likely(inode && !S_ISLNK(inode->i_mode) && !d_mountpoint(dentry))) {
		dput(nd->path.dentry);
		nd->path.dentry = dentry;
		nd->inode = inode;
		nd->op = inode->i_op;
		return NULL;
	}
	(void)mntget(path.mnt);
	if (unlikely(d_mountpoint(dentry)) && follow_down_mounts(&path) &&
	    (nd->flags & LOOKUP_NO_XDEV)) {
		path_put(&path);
		return ERR_PTR(-EXDEV);
	}
	inode = path.dentry->d_inode;
	if (unlikely(!inode)) {
		path_put(&path);
		return ERR_PTR(-ENOENT);
	}
	if (unlikely(S_ISLNK(inode->i_mode)) && (flags & WALK_FOLLOW)) {
		err = flags & WALK_TRAILING ? may_follow_link(nd->inode, inode)
					    : 0;
		if (!err)
			return pick_link(nd, &path, rest);
		path_put(&path);
		return ERR_PTR(err);
	}
	set_path(nd, path.mnt, path.dentry);
	return NULL;
}

/* After "..": a directory that was moved out of a bind mount's tree while we
 * stood in it has no path to the mount's root. */
static bool path_connected(const struct path *path)
{
	if (path->mnt->mnt_root == path->mnt->mnt_sb->s_root)
		return true;
	return is_subdir(path->dentry, path->mnt->mnt_root);
}

/*
 * follow_dotdot - see namei_internal.h.
 */
int follow_dotdot(struct nameidata *nd)
{
	struct path path;
	int err = set_root(nd);

	if (err)
		return err;
	path = nd->path;
	path_get(&path);
	for (;;) {
		if (path_equal(&path, &nd->root)) {
			if (nd->flags & LOOKUP_BENEATH)
				err = -EXDEV;
			break;
		}
		if (path.dentry != path.mnt->mnt_root) {
			struct dentry *child = path.dentry;

			path.dentry = dget_parent(child);
			dput(child);
			if (!path_connected(&path))
				err = -ENOENT;
			break;
		}
		if (!follow_up(&path))
			break;
		if (nd->flags & LOOKUP_NO_XDEV)
			err = -EXDEV;
	}
	if (!err && follow_down_mounts(&path) && (nd->flags & LOOKUP_NO_XDEV))
		err = -EXDEV;
	if (err)
		path_put(&path);
	else
		set_path(nd, path.mnt, path.dentry);
	return err;
}
