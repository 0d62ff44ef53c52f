/*
 * rename.c - rename(2).
 *
 * Moving a directory to another parent could make a loop if two such moves
 * ran at once, so s_rename_mutex admits one per file system; it also keeps
 * "who is above whom" still while the two parents are locked.
 *
 * Locks: s_rename_mutex, the parents (ancestor first), the files (by
 * address).
 *
 * Entry points: lock_rename, unlock_rename, vfs_rename, do_renameat2.
 */
#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/mutex.h>

/* Subclasses of i_rwsem within one rename. */
enum {
	NEST_PARENT_2 = 1,
	NEST_FILE,
	NEST_FILE_2,
};

/*
 * lock_rename - see namei.h.
 */
struct dentry *lock_rename(struct dentry *p1, struct dentry *p2)
{
	struct dentry *between;

	if (p1 == p2) {
		inode_lock(p1->d_inode);
		return NULL;
	}
	mutex_lock(&p1->d_sb->s_rename_mutex);
	between = d_ancestor(p2, p1);
	if (between) {
		inode_lock(p2->d_inode);
		inode_lock_nested(p1->d_inode, NEST_PARENT_2);
		return between;
	}
	between = d_ancestor(p1, p2);
	inode_lock(p1->d_inode);
	inode_lock_nested(p2->d_inode, NEST_PARENT_2);
	return between;
}

/*
 * unlock_rename - undo lock_rename.
 */
void unlock_rename(struct dentry *p1, struct dentry *p2)
{
	inode_unlock(p1->d_inode);
	if (p1 != p2) {
		inode_unlock(p2->d_inode);
		mutex_unlock(&p1->d_sb->s_rename_mutex);
	}
}

static bool is_dir(const struct inode *inode)
{
	return inode && S_ISDIR(inode->i_mode);
}

/* The files a rename locks: what is no directory, and a directory that is
 * replaced.  NULL where nothing is to lock; in the order of locking. */
static void files_to_lock(struct inode *source, struct inode *target,
			  unsigned int flags, struct inode **lock)
{
	lock[0] = is_dir(source) ? NULL : source;
	lock[1] = target;
	if (is_dir(target) && (flags & RENAME_EXCHANGE))
		lock[1] = NULL;
	if (lock[0] && lock[1] && lock[1] < lock[0])
		swap(lock[0], lock[1]);
}

static int check_rename(struct inode *old_dir, struct dentry *old,
			struct inode *new_dir, struct dentry *new,
			unsigned int flags)
{
	bool source_is_dir = d_is_dir(old);
	bool target_is_dir = d_is_dir(new);
	int err = may_delete(old_dir, old, source_is_dir);

	if (err)
		return err;
	if (!new->d_inode)
		err = may_create(new_dir, new);
	else
		err = may_delete(new_dir, new,
				 flags & RENAME_EXCHANGE ? target_is_dir
							 : source_is_dir);
	if (err)
		return err;
	if (!old_dir->i_op->rename)
		return -EPERM;
	if (new_dir == old_dir)
		return 0;
	/* Its ".." will change. */
	if (source_is_dir)
		err = inode_permission(old->d_inode, MAY_WRITE);
	if (!err && (flags & RENAME_EXCHANGE) && target_is_dir)
		err = inode_permission(new->d_inode, MAY_WRITE);
	return err;
}

static int rename_locked(struct inode *old_dir, struct dentry *old,
			 struct inode *new_dir, struct dentry *new,
			 unsigned int flags)
{
	struct inode *target = new->d_inode;
	int err;

	if (is_local_mountpoint(old) || is_local_mountpoint(new))
		return -EBUSY;
	if (is_dir(target) && !(flags & RENAME_EXCHANGE))
		shrink_dcache_parent(new);
	err = old_dir->i_op->rename(old_dir, old, new_dir, new, flags);
	if (err)
		return err;
	if (flags & RENAME_EXCHANGE) {
		d_exchange(old, new);
		return 0;
	}
	if (is_dir(target)) {
		target->i_flags |= S_DEAD;
		shrink_dcache_parent(new);
	}
	d_move(old, new);
	return 0;
}

/*
 * vfs_rename - see namei.h.
 */
int vfs_rename(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
	       struct dentry *new, unsigned int flags)
{
	struct inode *lock[2];
	int err;

	/* rename(2): two names of one file: nothing happens. */
	if (old->d_inode == new->d_inode)
		return 0;
	err = check_rename(old_dir, old, new_dir, new, flags);
	if (err)
		return err;
	files_to_lock(old->d_inode, new->d_inode, flags, lock);
	if (lock[0])
		inode_lock_nested(lock[0], NEST_FILE);
	if (lock[1])
		inode_lock_nested(lock[1], NEST_FILE_2);
	err = rename_locked(old_dir, old, new_dir, new, flags);
	if (lock[1])
		inode_unlock(lock[1]);
	if (lock[0])
		inode_unlock(lock[0]);
	return err;
}

struct rename_args {
	struct path old_dir, new_dir;
	struct qstr old_last, new_last;
	unsigned int flags;
};

static bool has_trailing_slash(const struct qstr *last)
{
	return last->name[last->len] != '\0';
}

/* What is left to check when both dentries are known.  @trap: see
 * lock_rename. */
static int check_dentries(const struct rename_args *args, struct dentry *old,
			  struct dentry *new, struct dentry *trap)
{
	bool exchange = args->flags & RENAME_EXCHANGE;

	if (!old->d_inode)
		return -ENOENT;
	if ((args->flags & RENAME_NOREPLACE) && new->d_inode)
		return -EEXIST;
	if (exchange) {
		if (!new->d_inode)
			return -ENOENT;
		if (!d_is_dir(new) && has_trailing_slash(&args->new_last))
			return -ENOTDIR;
	}
	if (!d_is_dir(old)) {
		if (has_trailing_slash(&args->old_last))
			return -ENOTDIR;
		if (!exchange && has_trailing_slash(&args->new_last))
			return -ENOTDIR;
	}
	/* A directory does not go below itself, nor replace its ancestor. */
	if (old == trap)
		return -EINVAL;
	if (new == trap)
		return exchange ? -EINVAL : -ENOTEMPTY;
	return 0;
}

/* Both parents are locked. */
static int rename_names(const struct rename_args *args, struct dentry *trap)
{
	struct dentry *old, *new;
	int err;

	old = lookup_one_qstr(&args->old_last, args->old_dir.dentry, 0);
	if (IS_ERR(old))
		return PTR_ERR(old);
	new = lookup_one_qstr(&args->new_last, args->new_dir.dentry,
			      LOOKUP_RENAME_TARGET);
	if (IS_ERR(new)) {
		err = PTR_ERR(new);
		goto put_old;
	}
	err = check_dentries(args, old, new, trap);
	if (!err)
		err = vfs_rename(args->old_dir.dentry->d_inode, old,
				 args->new_dir.dentry->d_inode, new,
				 args->flags);
	dput(new);
put_old:
	dput(old);
	return err;
}

static int rename_in_dirs(struct rename_args *args, enum last_type old_type,
			  enum last_type new_type)
{
	struct dentry *old_parent = args->old_dir.dentry;
	struct dentry *new_parent = args->new_dir.dentry;
	struct dentry *trap;
	int err;

	if (args->old_dir.mnt != args->new_dir.mnt)
		return -EXDEV;
	if (old_type != LAST_NORM)
		return -EBUSY;
	if (new_type != LAST_NORM)
		return args->flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	err = mnt_want_write(args->old_dir.mnt);
	if (err)
		return err;
	trap = lock_rename(new_parent, old_parent);
	err = rename_names(args, trap);
	unlock_rename(new_parent, old_parent);
	mnt_drop_write(args->old_dir.mnt);
	return err;
}

/*
 * do_renameat2 - renameat2(2).  No file system here knows whiteouts.
 */
int do_renameat2(int olddfd, const char *old, int newdfd, const char *new,
		 unsigned int flags)
{
	struct rename_args args = {.flags = flags};
	enum last_type old_type, new_type;
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if ((flags & RENAME_NOREPLACE) && (flags & RENAME_EXCHANGE))
		return -EINVAL;
	err = path_parent_lookup(olddfd, old, 0, &args.old_dir, &args.old_last,
				 &old_type);
	if (err)
		return err;
	err = path_parent_lookup(newdfd, new, 0, &args.new_dir, &args.new_last,
				 &new_type);
	if (err)
		goto put_old;
	err = rename_in_dirs(&args, old_type, new_type);
	path_put(&args.new_dir);
put_old:
	path_put(&args.old_dir);
	return err;
}
