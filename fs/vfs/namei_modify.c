/*
 * namei_modify.c - new names and old ones gone.
 *
 * Each do_x finds the parent directory, makes sure that the mount can be
 * written, locks the directory, looks the last component up in it, and calls
 * vfs_x, which checks permissions and calls the file system.
 *
 * Locks: the directory's i_rwsem, then the victim's or the linked file's.
 *
 * Entry points: filename_create, do_mkdirat, do_mknodat, do_symlinkat,
 * do_linkat, do_unlinkat, do_rmdir, and vfs_ forms.  rename: rename.c.
 */
#include <abi/capability.h>
#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/sticky.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/cred.h>

static bool has_trailing_slash(const struct qstr *last)
{
	return last->name[last->len] != '\0';
}

/* The negative dentry for @last below @path, whose inode is locked. */
static struct dentry *lookup_new_name(struct path *path,
				      const struct qstr *last, bool want_dir)
{
	struct dentry *dentry = lookup_one_qstr(last, path->dentry,
						LOOKUP_CREATE | LOOKUP_EXCL);
	int err = 0;

	if (IS_ERR(dentry))
		return dentry;
	if (dentry->d_inode)
		err = -EEXIST;
	else if (has_trailing_slash(last) && !want_dir)
		err = -ENOENT;
	if (!err)
		return dentry;
	dput(dentry);
	return ERR_PTR(err);
}

/*
 * filename_create, done_path_create - see namei.h.
 */
struct dentry *filename_create(int dfd, const char *name, struct path *path,
			       unsigned int lookup_flags)
{
	bool want_dir = lookup_flags & LOOKUP_DIRECTORY;
	struct dentry *dentry;
	enum last_type type;
	struct qstr last;
	int write_err;
	int err = path_parent_lookup(dfd, name, 0, path, &last, &type);

	if (err)
		return ERR_PTR(err);
	if (type != LAST_NORM) {
		path_put(path);
		return ERR_PTR(-EEXIST);
	}
	/* -EEXIST is the better answer, so look first. */
	write_err = mnt_want_write(path->mnt);
	inode_lock(path->dentry->d_inode);
	dentry = lookup_new_name(path, &last, want_dir);
	if (!IS_ERR(dentry) && write_err) {
		dput(dentry);
		dentry = ERR_PTR(write_err);
	}
	if (!IS_ERR(dentry))
		return dentry;
	inode_unlock(path->dentry->d_inode);
	if (!write_err)
		mnt_drop_write(path->mnt);
	path_put(path);
	return dentry;
}

void done_path_create(struct path *path, struct dentry *dentry)
{
	if (!IS_ERR(dentry))
		dput(dentry);
	inode_unlock(path->dentry->d_inode);
	mnt_drop_write(path->mnt);
	path_put(path);
}

/*
 * vfs_create - see namei.h.
 */
int vfs_create(struct inode *dir, struct dentry *dentry, umode_t mode,
	       bool excl)
{
	int err = may_create(dir, dentry);

	if (err)
		return err;
	if (!dir->i_op->create)
		return -EACCES;
	mode = (mode & S_IALLUGO) | S_IFREG;
	return dir->i_op->create(dir, dentry, mode, excl);
}

/*
 * vfs_mkdir - see namei.h.
 */
int vfs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	int err = may_create(dir, dentry);

	if (err)
		return err;
	if (!dir->i_op->mkdir)
		return -EPERM;
	return dir->i_op->mkdir(dir, dentry, mode & (S_IRWXUGO | S_ISVTX));
}

/*
 * do_mkdirat - mkdirat(2).
 */
int do_mkdirat(int dfd, const char *name, umode_t mode)
{
	struct path path;
	struct dentry *dentry =
		filename_create(dfd, name, &path, LOOKUP_DIRECTORY);
	int err;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = vfs_mkdir(path.dentry->d_inode, dentry, mode & ~current_umask());
	done_path_create(&path, dentry);
	return err;
}

/*
 * vfs_mknod - see namei.h.
 */
int vfs_mknod(struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev)
{
	int err = may_create(dir, dentry);

	if (err)
		return err;
	if ((S_ISCHR(mode) || S_ISBLK(mode)) && !capable(CAP_MKNOD))
		return -EPERM;
	if (!dir->i_op->mknod)
		return -EPERM;
	return dir->i_op->mknod(dir, dentry, mode, dev);
}

static int may_mknod(umode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
	case 0: /* a regular file */
		return 0;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

/*
 * do_mknodat - mknodat(2); @dev in the kernel's packing.
 */
int do_mknodat(int dfd, const char *name, umode_t mode, dev_t dev)
{
	struct dentry *dentry;
	struct inode *dir;
	struct path path;
	int err = may_mknod(mode);

	if (err)
		return err;
	dentry = filename_create(dfd, name, &path, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	dir = path.dentry->d_inode;
	mode = vfs_prepare_mode(dir, mode);
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
		err = vfs_create(dir, dentry, mode, true);
		break;
	case S_IFCHR:
	case S_IFBLK:
		err = vfs_mknod(dir, dentry, mode, dev);
		break;
	default:
		err = vfs_mknod(dir, dentry, mode, 0);
		break;
	}
	done_path_create(&path, dentry);
	return err;
}

/*
 * vfs_symlink - see namei.h.
 */
int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *target)
{
	int err = may_create(dir, dentry);

	if (err)
		return err;
	if (!dir->i_op->symlink)
		return -EPERM;
	return dir->i_op->symlink(dir, dentry, target);
}

/*
 * do_symlinkat - symlinkat(2).
 */
int do_symlinkat(const char *target, int newdfd, const char *newname)
{
	struct dentry *dentry;
	struct path path;
	int err;

	if (!*target)
		return -ENOENT;
	dentry = filename_create(newdfd, newname, &path, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = vfs_symlink(path.dentry->d_inode, dentry, target);
	done_path_create(&path, dentry);
	return err;
}

/* Caller holds the inode's i_rwsem. */
static int link_locked(struct dentry *old, struct inode *dir,
		       struct dentry *new)
{
	struct inode *inode = old->d_inode;
	int err;

	if (inode->i_nlink == 0 && !(inode->i_state & I_LINKABLE))
		return -ENOENT;
	err = dir->i_op->link(old, dir, new);
	if (!err && (inode->i_state & I_LINKABLE)) {
		spin_lock(&inode->i_lock);
		inode->i_state &= ~I_LINKABLE;
		spin_unlock(&inode->i_lock);
	}
	return err;
}

/*
 * vfs_link - see namei.h.
 */
int vfs_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct inode *inode = old->d_inode;
	int err;

	if (!inode)
		return -ENOENT;
	err = may_create(dir, new);
	if (err)
		return err;
	if (dir->i_sb != inode->i_sb)
		return -EXDEV;
	if (inode->i_flags & (S_APPEND | S_IMMUTABLE))
		return -EPERM;
	if (!dir->i_op->link || S_ISDIR(inode->i_mode))
		return -EPERM;
	inode_lock_nested(inode, 1);
	err = link_locked(old, dir, new);
	inode_unlock(inode);
	return err;
}

/*
 * do_linkat - linkat(2).
 */
int do_linkat(int olddfd, const char *old, int newdfd, const char *new,
	      int flags)
{
	unsigned int how = 0;
	struct path old_path, new_path;
	struct dentry *dentry;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH) {
		if (!capable(CAP_DAC_READ_SEARCH))
			return -ENOENT;
		how |= LOOKUP_EMPTY;
	}
	if (flags & AT_SYMLINK_FOLLOW)
		how |= LOOKUP_FOLLOW;
	err = user_path_at(olddfd, old, how, &old_path);
	if (err)
		return err;
	dentry = filename_create(newdfd, new, &new_path, 0);
	if (IS_ERR(dentry)) {
		err = PTR_ERR(dentry);
		goto put_old;
	}
	if (old_path.mnt != new_path.mnt)
		err = -EXDEV;
	else
		err = may_linkat(old_path.dentry->d_inode);
	if (!err)
		err = vfs_link(old_path.dentry, new_path.dentry->d_inode,
			       dentry);
	done_path_create(&new_path, dentry);
put_old:
	path_put(&old_path);
	return err;
}

/*
 * vfs_unlink - see namei.h.
 */
int vfs_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *target = dentry->d_inode;
	int err = may_delete(dir, dentry, false);

	if (err)
		return err;
	if (!dir->i_op->unlink)
		return -EPERM;
	inode_lock_nested(target, 1);
	if (is_local_mountpoint(dentry))
		err = -EBUSY;
	else
		err = dir->i_op->unlink(dir, dentry);
	inode_unlock(target);
	if (!err)
		d_delete(dentry);
	return err;
}

/* unlink(2) of @last in a locked directory.  *@inode: put it after unlock,
 * because freeing a large file takes long. */
static int unlink_locked(struct dentry *parent, const struct qstr *last,
			 struct inode **inode)
{
	struct dentry *dentry = lookup_one_qstr(last, parent, 0);
	int err;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	if (!dentry->d_inode) {
		err = -ENOENT;
	} else if (has_trailing_slash(last)) {
		err = d_is_dir(dentry) ? -EISDIR : -ENOTDIR;
	} else {
		*inode = dentry->d_inode;
		ihold(*inode);
		err = vfs_unlink(parent->d_inode, dentry);
	}
	dput(dentry);
	return err;
}

/*
 * do_unlinkat - unlink(2).
 */
int do_unlinkat(int dfd, const char *name)
{
	struct inode *inode = NULL;
	enum last_type type;
	struct path path;
	struct qstr last;
	int err = path_parent_lookup(dfd, name, 0, &path, &last, &type);

	if (err)
		return err;
	err = type == LAST_NORM ? mnt_want_write(path.mnt) : -EISDIR;
	if (!err) {
		inode_lock(path.dentry->d_inode);
		err = unlink_locked(path.dentry, &last, &inode);
		inode_unlock(path.dentry->d_inode);
		iput(inode);
		mnt_drop_write(path.mnt);
	}
	path_put(&path);
	return err;
}

/*
 * vfs_rmdir - see namei.h.
 */
int vfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *target = dentry->d_inode;
	int err = may_delete(dir, dentry, true);

	if (err)
		return err;
	if (!dir->i_op->rmdir)
		return -EPERM;
	inode_lock_nested(target, 1);
	if (is_local_mountpoint(dentry))
		err = -EBUSY;
	else
		err = dir->i_op->rmdir(dir, dentry);
	if (!err) {
		shrink_dcache_parent(dentry);
		target->i_flags |= S_DEAD;
	}
	inode_unlock(target);
	if (!err)
		d_delete(dentry);
	return err;
}

/* *@removed: referenced when the directory is gone. */
static int rmdir_locked(struct dentry *parent, const struct qstr *last,
			struct dentry **removed)
{
	struct dentry *dentry = lookup_one_qstr(last, parent, 0);
	int err;

	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = dentry->d_inode ? vfs_rmdir(parent->d_inode, dentry) : -ENOENT;
	if (err)
		dput(dentry);
	else
		*removed = dentry;
	return err;
}

/* rmdir(2): what the last component must not be. */
static int check_rmdir_type(enum last_type type)
{
	switch (type) {
	case LAST_DOTDOT:
		return -ENOTEMPTY;
	case LAST_DOT:
		return -EINVAL;
	case LAST_ROOT:
		return -EBUSY;
	default:
		return 0;
	}
}

/*
 * do_rmdir - rmdir(2).
 */
int do_rmdir(int dfd, const char *name)
{
	struct dentry *removed = NULL;
	enum last_type type;
	struct path path;
	struct qstr last;
	int err = path_parent_lookup(dfd, name, 0, &path, &last, &type);

	if (err)
		return err;
	err = check_rmdir_type(type);
	if (!err)
		err = mnt_want_write(path.mnt);
	if (!err) {
		inode_lock(path.dentry->d_inode);
		err = rmdir_locked(path.dentry, &last, &removed);
		inode_unlock(path.dentry->d_inode);
		mnt_drop_write(path.mnt);
	}
	if (removed) {
		if (unlikely(d_mountpoint(removed)))
			detach_mounts(removed);
		dput(removed);
	}
	path_put(&path);
	return err;
}
