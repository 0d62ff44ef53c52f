/*
 * namei.h - from a path name to a file, and changes of the tree.
 *
 * Names are kernel strings: the doors copy them in.  Everything may sleep.
 * The do_x functions are what the system calls are made of: they look the
 * name up from @dfd, take mnt_want_write and the directory's i_rwsem, check
 * and act.  The vfs_x ones begin with dentries; their caller holds the locks.
 */
#pragma once

#include <fs/vfs/permission.h>
#include <fs/vfs/types.h>

/* lookup_flags */
#define LOOKUP_FOLLOW	     0x0001 /* a symlink at the end is followed */
#define LOOKUP_DIRECTORY     0x0002 /* -ENOTDIR unless it is one */
#define LOOKUP_EMPTY	     0x0004 /* "" is dfd itself (AT_EMPTY_PATH) */
#define LOOKUP_PARENT	     0x0008 /* internal: stop before the last name */
#define LOOKUP_CREATE	     0x0010 /* hints for i_op->lookup */
#define LOOKUP_OPEN	     0x0020
#define LOOKUP_EXCL	     0x0040
#define LOOKUP_RENAME_TARGET 0x0080
#define LOOKUP_DOWN	     0x0100 /* cross mounts at the starting point */
#define LOOKUP_REVAL	     0x0200
#define LOOKUP_NO_SYMLINKS   0x010000 /* RESOLVE_x of openat2(2) */
#define LOOKUP_NO_MAGICLINKS 0x020000
#define LOOKUP_NO_XDEV	     0x040000
#define LOOKUP_BENEATH	     0x080000
#define LOOKUP_IN_ROOT	     0x100000
#define LOOKUP_CACHED	     0x200000
#define LOOKUP_IS_SCOPED     (LOOKUP_BENEATH | LOOKUP_IN_ROOT)

enum last_type {
	LAST_NORM,
	LAST_ROOT, /* "/" */
	LAST_DOT,
	LAST_DOTDOT,
};

/* What open(2)'s arguments mean; made by build_open_flags of open.h. */
struct open_flags {
	int open_flag;	  /* O_* */
	umode_t mode;	  /* for a file that is created, type bits set */
	int acc_mode;	  /* MAY_* */
	int intent;	  /* LOOKUP_OPEN, LOOKUP_CREATE, LOOKUP_EXCL */
	int lookup_flags; /* LOOKUP_* */
};

/* path_get, path_put - one more, one less reference to mount and dentry. */
void path_get(const struct path *path);
void path_put(const struct path *path);

static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mnt == b->mnt && a->dentry == b->dentry;
}

/*
 * user_path_at - look up @name from @dfd (AT_FDCWD: the current directory).  A
 * @name that is an ERR_PTR, as of getname(), is that error.
 *
 * Returns 0 and a reference in *@out, or -ENOENT, -ENOTDIR, -EACCES, -ELOOP,
 * -ENAMETOOLONG, -EBADF ...
 */
int user_path_at(int dfd, const char *name, unsigned int lookup_flags,
		 struct path *out);

/* kern_path - user_path_at from the current directory. */
int kern_path(const char *name, unsigned int lookup_flags, struct path *out);

/* vfs_path_lookup - look up @name below @root as if that were "/". */
int vfs_path_lookup(const struct path *root, const char *name,
		    unsigned int lookup_flags, struct path *out);

/*
 * lookup_one_len - the dentry (perhaps negative) of @name in @base, checked
 * for MAY_EXEC.  Caller holds base's i_rwsem.  Referenced, or ERR_PTR.
 */
struct dentry *lookup_one_len(const char *name, struct dentry *base, int len);

/* lookup_one_len_unlocked - the same; takes i_rwsem itself if it must. */
struct dentry *lookup_one_len_unlocked(const char *name, struct dentry *base,
				       int len);

/*
 * lookup_one_qstr - @name in @base without a permission check, asking the
 * file system when it is not cached.  Caller holds base's i_rwsem.
 */
struct dentry *lookup_one_qstr(const struct qstr *name, struct dentry *base,
			       unsigned int flags);

/*
 * path_parent_lookup - the directory that holds @name's last component.
 *
 * As user_path_at.  On 0, *@parent is referenced and *@last points into @name;
 * last->name[last->len] is '/' when slashes trail.
 */
int path_parent_lookup(int dfd, const char *name, unsigned int lookup_flags,
		       struct path *parent, struct qstr *last,
		       enum last_type *type);

/*
 * filename_create - lock the parent of @name and give the negative dentry.
 *
 * On success *@path is the parent, its i_rwsem and mnt_want_write are held;
 * done_path_create undoes all.  ERR_PTR(-EEXIST), (-EROFS) ...
 * @lookup_flags: LOOKUP_DIRECTORY allows a trailing slash (mkdir).
 */
struct dentry *filename_create(int dfd, const char *name, struct path *path,
			       unsigned int lookup_flags);
#define kern_path_create filename_create
void done_path_create(struct path *path, struct dentry *dentry);

/*
 * do_filp_open - open(2) in full, but for the descriptor.
 * Returns a file with one reference, or ERR_PTR.
 */
struct file *do_filp_open(int dfd, const char *name,
			  const struct open_flags *op);

/* do_file_open_root - do_filp_open with @root as "/" and starting point. */
struct file *do_file_open_root(const struct path *root, const char *name,
			       const struct open_flags *op);

/*
 * Changes of the tree; 0 or -errno.  Modes are the caller's: the umask of
 * the current task is applied inside do_x and not in vfs_x.
 */
int do_mkdirat(int dfd, const char *name, umode_t mode);
int do_mknodat(int dfd, const char *name, umode_t mode, dev_t dev);
int do_symlinkat(const char *target, int newdfd, const char *newname);
int do_linkat(int olddfd, const char *old, int newdfd, const char *new,
	      int flags);
int do_unlinkat(int dfd, const char *name);
int do_rmdir(int dfd, const char *name);
int do_renameat2(int olddfd, const char *old, int newdfd, const char *new,
		 unsigned int flags);

/* vfs_x - caller holds dir->i_rwsem and mnt_want_write. */
int vfs_create(struct inode *dir, struct dentry *dentry, umode_t mode,
	       bool excl);
int vfs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode);
int vfs_mknod(struct inode *dir, struct dentry *dentry, umode_t mode,
	      dev_t dev);
int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *target);
int vfs_link(struct dentry *old, struct inode *dir, struct dentry *new);

/* vfs_unlink, vfs_rmdir - they take the victim's i_rwsem themselves. */
int vfs_unlink(struct inode *dir, struct dentry *dentry);
int vfs_rmdir(struct inode *dir, struct dentry *dentry);

/* vfs_rename - caller holds lock_rename(); victims are locked inside. */
int vfs_rename(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
	       struct dentry *new, unsigned int flags);

/*
 * lock_rename - lock two directories in the right order (and s_rename_mutex
 * when they differ).  Returns the child of one that is an ancestor of the
 * other's, or NULL: see do_renameat2.
 */
struct dentry *lock_rename(struct dentry *p1, struct dentry *p2);
void unlock_rename(struct dentry *p1, struct dentry *p2);

/* inode_lock and kin - i_rwsem by its usual name. */
void inode_lock(struct inode *inode);
void inode_unlock(struct inode *inode);
bool inode_trylock(struct inode *inode);
void inode_lock_shared(struct inode *inode);
void inode_unlock_shared(struct inode *inode);
/* inode_lock_nested - @inode is a child of one already locked. */
void inode_lock_nested(struct inode *inode, int subclass);

/*
 * do_readlinkat - text of the link @name, not terminated, cut at @size.
 * "" means dfd itself.  Returns its length, -EINVAL for no link, ...
 */
int do_readlinkat(int dfd, const char *name, char *buf, int size);

/* vfs_readlink - the same for a dentry. */
int vfs_readlink(struct dentry *dentry, char *buf, int size);

/* page_get_link - get_link for symlinks whose text is page 0 of the file
 * (ends at i_size); page_put_link drops the page. */
const char *page_get_link(struct dentry *dentry, struct inode *inode,
			  struct path *jump, void **cookie);
void page_put_link(struct inode *inode, void *cookie);

/* simple_get_link - get_link for a kernel string in inode->i_private. */
const char *simple_get_link(struct dentry *dentry, struct inode *inode,
			    struct path *jump, void **cookie);
