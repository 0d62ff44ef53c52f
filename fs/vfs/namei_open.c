/*
 * namei_open.c - open(2), from the name to the open file: the last component
 * is looked up or made, checked and opened.
 *
 * Locks: the directory's i_rwsem to look up and make in one step.
 *
 * Entry points: do_filp_open, do_file_open_root.
 */
#include <abi/errno.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/file.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei_internal.h>
#include <fs/vfs/open.h>
#include <fs/vfs/sticky.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/cred.h>

/* Create nd->last in the directory we stand in, which is locked. */
static int create_locked(struct nameidata *nd, struct dentry *dentry,
			 const struct open_flags *op, int write_err)
{
	struct inode *dir = nd->inode;
	umode_t mode = vfs_prepare_mode(dir, op->mode);
	int err;

	if (write_err)
		return write_err;
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (!dir->i_op->create)
		return -EACCES;
	return dir->i_op->create(dir, dentry, mode, op->open_flag & O_EXCL);
}

/* Look up or create nd->last for O_CREAT.  Referenced, or ERR_PTR. */
static struct dentry *lookup_open(struct nameidata *nd,
				  const struct open_flags *op, bool *created)
{
	struct dentry *dentry;
	int write_err = mnt_want_write(nd->path.mnt);
	int err;

	inode_lock(nd->inode);
	dentry = lookup_one_qstr(&nd->last, nd->path.dentry, nd->flags);
	if (!IS_ERR(dentry) && !dentry->d_inode) {
		err = nd->inode->i_flags & S_DEAD ? -ENOENT : 0;
		if (!err)
			err = create_locked(nd, dentry, op, write_err);
		if (err) {
			dput(dentry);
			dentry = ERR_PTR(err);
		} else {
			*created = true;
		}
	}
	inode_unlock(nd->inode);
	if (!write_err)
		mnt_drop_write(nd->path.mnt);
	return dentry;
}

/* As lookup_last, creating the file when @op says so. */
static const char *open_last_lookups(struct nameidata *nd,
				     const struct open_flags *op, bool *created)
{
	bool pop = nd->depth > 0;
	int flags = WALK_TRAILING;
	struct dentry *dentry;
	int err;

	nd->flags |= op->intent;
	if (nd->flags & LOOKUP_FOLLOW)
		flags |= WALK_FOLLOW;
	if (!(op->open_flag & O_CREAT) || nd->last_type != LAST_NORM)
		return lookup_last(nd);
	nd->dir_mode = nd->inode->i_mode;
	nd->dir_uid = nd->inode->i_uid;
	/* open(2), EISDIR: a name that says directory. */
	if (has_trailing_slash(nd))
		return ERR_PTR(complete_walk(nd) ?: -EISDIR);
	if (nd->flags & LOOKUP_RCU) {
		err = lazy_component(nd, flags | WALK_CREATE);
		if (err <= 0)
			return ERR_PTR(err);
	}
	dentry = lookup_fast(nd);
	if (!IS_ERR_OR_NULL(dentry) && !dentry->d_inode) {
		dput(dentry);
		dentry = NULL;
	}
	if (!dentry)
		dentry = lookup_open(nd, op, created);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (pop)
		put_link(nd);
	return step_into(nd, dentry, flags, NULL);
}

static int handle_truncate(struct file *file)
{
	struct inode *inode = file_inode(file);
	int err = get_write_access(inode);

	if (err)
		return err;
	err = do_truncate(file->f_path.dentry, 0,
			  ATTR_MTIME | ATTR_CTIME | ATTR_OPEN, file);
	put_write_access(inode);
	return err;
}

/* Checks of an existing file for O_CREAT and O_DIRECTORY. */
static int do_open_checks(const struct nameidata *nd,
			  const struct open_flags *op, bool created)
{
	int err;

	if (op->open_flag & O_CREAT) {
		if ((op->open_flag & O_EXCL) && !created)
			return -EEXIST;
		if (S_ISDIR(nd->inode->i_mode))
			return -EISDIR;
		err = may_create_in_sticky(nd->dir_mode, nd->dir_uid,
					   nd->inode);
		if (err)
			return err;
	}
	if ((nd->flags & LOOKUP_DIRECTORY) && !nd->op->lookup)
		return -ENOTDIR;
	return 0;
}

/* Open the file we stand at; its path is the file's then. */
static int do_open(struct nameidata *nd, struct file *file,
		   const struct open_flags *op, bool created)
{
	int acc_mode = created ? 0 : op->acc_mode;
	bool truncate = !created && (op->open_flag & O_TRUNC) &&
			S_ISREG(nd->inode->i_mode);
	struct vfsmount *mnt = nd->path.mnt;
	int err = do_open_checks(nd, op, created);

	if (err)
		return err;
	if (truncate) {
		err = mnt_want_write(mnt);
		if (err)
			return err;
	}
	err = may_open(&nd->path, acc_mode, op->open_flag);
	if (!err)
		err = vfs_open_path(&nd->path, file);
	if (!err && truncate)
		err = handle_truncate(file);
	if (truncate)
		mnt_drop_write(mnt);
	return err;
}

/* A file in directory @dir that has no name, open(2), O_TMPFILE. */
static int make_tmpfile(struct path *dir, struct file *file,
			const struct open_flags *op)
{
	static const struct qstr slash = {.len = 1, .name = "/"};
	struct inode *inode = dir->dentry->d_inode;
	umode_t mode = vfs_prepare_mode(inode, op->mode);
	struct path child = {dir->mnt, NULL};
	int err = inode_permission(inode, MAY_WRITE | MAY_EXEC);

	if (err)
		return err;
	if (!inode->i_op->tmpfile)
		return -EOPNOTSUPP;
	child.dentry = d_alloc(dir->dentry, &slash);
	if (!child.dentry)
		return -ENOMEM;
	err = inode->i_op->tmpfile(inode, child.dentry, mode);
	if (!err)
		err = may_open(&child, 0, op->open_flag);
	if (!err)
		err = vfs_open(&child, file);
	if (!err && !(op->open_flag & O_EXCL)) {
		spin_lock(&file->f_inode->i_lock);
		file->f_inode->i_state |= I_LINKABLE;
		spin_unlock(&file->f_inode->i_lock);
	}
	dput(child.dentry);
	return err;
}

static int do_tmpfile(struct nameidata *nd, const char *name, struct file *file,
		      const struct open_flags *op)
{
	struct path dir;
	int err = path_lookup_retry(nd, name,
				    op->lookup_flags | LOOKUP_DIRECTORY, &dir);

	if (err)
		return err;
	err = mnt_want_write(dir.mnt);
	if (!err) {
		err = make_tmpfile(&dir, file, op);
		mnt_drop_write(dir.mnt);
	}
	path_put(&dir);
	return err;
}

static int do_o_path(struct nameidata *nd, const char *name, struct file *file,
		     const struct open_flags *op)
{
	struct path path;
	int err = path_lookup_retry(nd, name, op->lookup_flags, &path);

	if (err)
		return err;
	err = vfs_open_path(&path, file);
	if (err)
		path_put(&path);
	return err;
}

static int open_by_name(struct nameidata *nd, const char *name,
			struct file *file, const struct open_flags *op,
			unsigned int lazy)
{
	const char *s = path_init(nd, name, op->lookup_flags | lazy);
	bool created = false;
	int err;

	while (!(err = link_path_walk(s, nd)) &&
	       (s = open_last_lookups(nd, op, &created)) != NULL)
		;
	if (!err)
		err = complete_walk(nd);
	return err ? err : do_open(nd, file, op, created);
}

/* The same, at first without references. */
static int open_by_name_retry(struct nameidata *nd, const char *name,
			      struct file *file, const struct open_flags *op)
{
	int err;

	if (likely(!nd->root.mnt && !(op->lookup_flags & LOOKUP_NOT_LAZY))) {
		err = open_by_name(nd, name, file, op, LOOKUP_RCU);
		if (likely(err != -ECHILD))
			return err;
		restart_walk(nd);
	}
	return open_by_name(nd, name, file, op, 0);
}

/* open(2): walk, create, check, open.  ERR_PTR on failure. */
static __landmark struct file *path_openat(struct nameidata *nd,
					   const char *name,
					   const struct open_flags *op)
{
	struct file *file = alloc_empty_file(op->open_flag, current_cred());
	int err;

	if (IS_ERR(file)) {
		terminate_walk(nd);
		return file;
	}
	if (unlikely(op->open_flag & __O_TMPFILE))
		err = do_tmpfile(nd, name, file, op);
	else if (unlikely(op->open_flag & O_PATH))
		err = do_o_path(nd, name, file, op);
	else
		err = open_by_name_retry(nd, name, file, op);
	terminate_walk(nd);
	if (likely(!err))
		return file;
	fput(file);
	return ERR_PTR(err);
}

/*
 * do_filp_open, do_file_open_root - see namei.h.
 */
struct file *do_filp_open(int dfd, const char *name,
			  const struct open_flags *op)
{
	struct nameidata nd;

	nd_init(&nd, dfd, NULL);
	return path_openat(&nd, name, op);
}

struct file *do_file_open_root(const struct path *root, const char *name,
			       const struct open_flags *op)
{
	struct nameidata nd;

	nd_init(&nd, AT_FDCWD, root);
	return path_openat(&nd, name, op);
}
