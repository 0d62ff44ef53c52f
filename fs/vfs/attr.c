/*
 * attr.c - changes of mode, owner, size and times.
 *
 * Every change is a struct iattr for notify_change: it fills in what follows
 * from the request (ctime, set-id bits that go) and calls i_op->setattr,
 * which checks it with setattr_prepare and stores it with setattr_copy.
 *
 * Locks: i_rwsem is held for writing around notify_change.
 *
 * Entry points: notify_change, setattr_prepare, setattr_copy, do_truncate,
 * chmod_common, chown_common, vfs_utimes, file_remove_privs.
 */
#include <fs/vfs/attr.h>

#include <abi/capability.h>
#include <abi/errno.h>
#include <abi/signal.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file_caps.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/permission.h>
#include <kernel/arch/context.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/truncate.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/rlimit.h>
#include <kernel/sched/send_sig.h>

/*
 * inode_newsize_ok - see attr.h.
 */
int inode_newsize_ok(const struct inode *inode, loff_t size)
{
	unsigned long limit;

	if (size <= i_size_read(inode))
		return 0;
	limit = rlimit(RLIMIT_FSIZE);
	if (limit != RLIM_INFINITY && (unsigned long)size > limit) {
		send_sig_current(SIGXFSZ);
		return -EFBIG;
	}
	return (u64)size > inode->i_sb->s_maxbytes ? -EFBIG : 0;
}

static bool chown_ok(const struct inode *inode, uid_t uid)
{
	if (current_fsuid() == inode->i_uid && uid == inode->i_uid)
		return true;
	return capable_wrt_inode(inode, CAP_CHOWN);
}

static bool chgrp_ok(const struct inode *inode, gid_t gid)
{
	if (current_fsuid() == inode->i_uid &&
	    (gid == inode->i_gid || in_group_p(gid)))
		return true;
	return capable_wrt_inode(inode, CAP_CHOWN);
}

static bool may_keep_setgid(const struct inode *inode, gid_t gid)
{
	return in_group_p(gid) || capable_wrt_inode(inode, CAP_FSETID);
}

/* May the current task set @attr's ids, mode and times? */
static int setattr_permitted(struct inode *inode, struct iattr *attr)
{
	unsigned int valid = attr->ia_valid;

	if ((valid & ATTR_UID) && !chown_ok(inode, attr->ia_uid))
		return -EPERM;
	if ((valid & ATTR_GID) && !chgrp_ok(inode, attr->ia_gid))
		return -EPERM;
	if (valid & ATTR_MODE) {
		if (!inode_owner_or_capable(inode))
			return -EPERM;
		if (!may_keep_setgid(inode, valid & ATTR_GID ? attr->ia_gid
							     : inode->i_gid))
			attr->ia_mode &= ~S_ISGID;
	}
	if ((valid & (ATTR_ATIME_SET | ATTR_MTIME_SET | ATTR_TIMES_SET)) &&
	    !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

/*
 * setattr_prepare - see attr.h.
 */
int setattr_prepare(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;
	int err = 0;

	if (attr->ia_valid & ATTR_SIZE)
		err = inode_newsize_ok(inode, attr->ia_size);
	if (!err && !(attr->ia_valid & ATTR_FORCE))
		err = setattr_permitted(inode, attr);
	if (!err && (attr->ia_valid & ATTR_KILL_PRIV))
		err = cap_inode_killpriv(dentry);
	return err;
}

/*
 * setattr_copy - see attr.h.
 */
void setattr_copy(struct inode *inode, const struct iattr *attr)
{
	unsigned int valid = attr->ia_valid;
	umode_t mode;

	spin_lock(&inode->i_lock);
	if (valid & ATTR_UID)
		inode->i_uid = attr->ia_uid;
	if (valid & ATTR_GID)
		inode->i_gid = attr->ia_gid;
	if (valid & ATTR_ATIME)
		inode->i_atime = timestamp_truncate(attr->ia_atime, inode);
	if (valid & ATTR_MTIME)
		inode->i_mtime = timestamp_truncate(attr->ia_mtime, inode);
	if (valid & ATTR_CTIME)
		inode->i_ctime = timestamp_truncate(attr->ia_ctime, inode);
	if (valid & ATTR_MODE) {
		mode = attr->ia_mode;
		if ((mode & S_ISGID) && !may_keep_setgid(inode, inode->i_gid))
			mode &= ~S_ISGID;
		inode->i_mode = mode;
	}
	spin_unlock(&inode->i_lock);
}

/*
 * simple_setattr - see attr.h.
 */
int simple_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;
	loff_t old_size = i_size_read(inode);
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	if (attr->ia_valid & ATTR_SIZE) {
		i_size_write(inode, attr->ia_size);
		if (attr->ia_size < old_size)
			truncate_pagecache(inode->i_mapping, attr->ia_size);
	}
	setattr_copy(inode, attr);
	mark_inode_dirty(inode);
	return 0;
}

static int may_setattr(struct inode *inode, unsigned int valid)
{
	if ((valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_TIMES_SET)) &&
	    (inode->i_flags & (S_IMMUTABLE | S_APPEND)))
		return -EPERM;
	if (!(valid & ATTR_TOUCH))
		return 0;
	/* utimensat(2): "now" needs only write permission. */
	if (inode->i_flags & S_IMMUTABLE)
		return -EPERM;
	if (inode_owner_or_capable(inode))
		return 0;
	return inode_permission(inode, MAY_WRITE);
}

/* Turn ATTR_KILL_* into a new mode. */
static void kill_set_ids(const struct inode *inode, struct iattr *attr)
{
	unsigned int kill = attr->ia_valid & (ATTR_KILL_SUID | ATTR_KILL_SGID);
	umode_t mode = inode->i_mode;

	attr->ia_valid &= ~(ATTR_KILL_SUID | ATTR_KILL_SGID);
	if (kill & ATTR_KILL_SUID)
		mode &= ~S_ISUID;
	if ((kill & ATTR_KILL_SGID) && (mode & S_IXGRP))
		mode &= ~S_ISGID;
	if (mode == inode->i_mode)
		return;
	attr->ia_valid |= ATTR_MODE;
	attr->ia_mode = mode;
}

/*
 * notify_change - see attr.h.
 */
int notify_change(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;
	struct timespec now;
	int err = may_setattr(inode, attr->ia_valid);

	if (err)
		return err;
	now = current_time(inode);
	attr->ia_ctime = now;
	if (!(attr->ia_valid & ATTR_ATIME_SET))
		attr->ia_atime = now;
	if (!(attr->ia_valid & ATTR_MTIME_SET))
		attr->ia_mtime = now;
	if (attr->ia_valid & (ATTR_KILL_SUID | ATTR_KILL_SGID)) {
		kill_set_ids(inode, attr);
		if (!(attr->ia_valid & ~ATTR_FORCE))
			return 0;
	}
	if (inode->i_op->setattr)
		return inode->i_op->setattr(dentry, attr);
	return simple_setattr(dentry, attr);
}

/* notify_change with everything held that it needs. */
static int change_attr(const struct path *path, struct iattr *attr)
{
	struct inode *inode = path->dentry->d_inode;
	int err = mnt_want_write(path->mnt);

	if (err)
		return err;
	inode_lock(inode);
	err = notify_change(path->dentry, attr);
	inode_unlock(inode);
	mnt_drop_write(path->mnt);
	return err;
}

/*
 * dentry_needs_remove_privs - ATTR_KILL_* that a write by the current task
 * brings; 0: none.
 */
int dentry_needs_remove_privs(struct dentry *dentry)
{
	umode_t mode = dentry->d_inode->i_mode;
	int kill = 0;

	if (!S_ISREG(mode))
		return 0;
	if (mode & S_ISUID)
		kill |= ATTR_KILL_SUID;
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		kill |= ATTR_KILL_SGID;
	if (kill && capable(CAP_FSETID))
		kill = 0;
	/* capabilities(7): those of a file go whoever writes. */
	if (cap_inode_need_killpriv(dentry))
		kill |= ATTR_KILL_PRIV;
	return kill;
}

/*
 * file_remove_privs - see attr.h.
 */
int file_remove_privs(struct file *file)
{
	struct dentry *dentry = file->f_path.dentry;
	struct inode *inode = dentry->d_inode;
	struct iattr attr = {.ia_valid = ATTR_FORCE};
	int kill, err;

	if (likely((inode->i_flags & S_NOSEC) &&
		   !(inode->i_mode & (S_ISUID | S_ISGID))))
		return 0;
	kill = dentry_needs_remove_privs(dentry);
	attr.ia_valid |= (unsigned int)kill;
	err = kill ? notify_change(dentry, &attr) : 0;
	if (!err)
		inode->i_flags |= S_NOSEC;
	return err;
}

/*
 * do_truncate - see attr.h.
 */
int do_truncate(struct dentry *dentry, loff_t length, unsigned int time_attrs,
		struct file *file)
{
	struct inode *inode = dentry->d_inode;
	struct iattr attr = {
		.ia_valid = ATTR_SIZE | time_attrs,
		.ia_size = length,
	};
	int err, kill;

	if (length < 0)
		return -EINVAL;
	if (file) {
		attr.ia_file = file;
		attr.ia_valid |= ATTR_FILE;
	}
	kill = dentry_needs_remove_privs(dentry);
	if (kill)
		attr.ia_valid |= kill | ATTR_FORCE;
	inode_lock(inode);
	err = notify_change(dentry, &attr);
	inode_unlock(inode);
	return err;
}

static int truncate_writable(const struct path *path, loff_t length)
{
	struct inode *inode = path->dentry->d_inode;
	int err = inode_permission(inode, MAY_WRITE);

	if (err)
		return err;
	if (inode->i_flags & S_APPEND)
		return -EPERM;
	err = get_write_access(inode);
	if (err)
		return err;
	err = do_truncate(path->dentry, length, 0, NULL);
	put_write_access(inode);
	return err;
}

/*
 * vfs_truncate - see attr.h.
 */
int vfs_truncate(const struct path *path, loff_t length)
{
	umode_t mode = path->dentry->d_inode->i_mode;
	int err;

	if (S_ISDIR(mode))
		return -EISDIR;
	if (!S_ISREG(mode))
		return -EINVAL;
	err = mnt_want_write(path->mnt);
	if (err)
		return err;
	err = truncate_writable(path, length);
	mnt_drop_write(path->mnt);
	return err;
}

/*
 * do_sys_truncate, do_sys_ftruncate - see attr.h.
 */
int do_sys_truncate(const char *name, loff_t length)
{
	struct path path;
	int err;

	if (length < 0)
		return -EINVAL;
	err = kern_path(name, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	err = vfs_truncate(&path, length);
	path_put(&path);
	return err;
}

int do_sys_ftruncate(unsigned int fd, loff_t length)
{
	struct inode *inode;
	struct fd f;
	int err;

	if (length < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	inode = file_inode(f.file);
	if (!S_ISREG(inode->i_mode) || !(f.file->f_mode & FMODE_WRITE))
		err = -EINVAL;
	else if (inode->i_flags & S_APPEND)
		err = -EPERM;
	else
		err = do_truncate(f.file->f_path.dentry, length,
				  ATTR_MTIME | ATTR_CTIME, f.file);
	fdput(f);
	return err;
}

/*
 * chmod_common - see attr.h.
 */
int chmod_common(const struct path *path, umode_t mode)
{
	struct iattr attr = {
		.ia_valid = ATTR_MODE | ATTR_CTIME,
		.ia_mode = (mode & S_IALLUGO) |
			   (path->dentry->d_inode->i_mode & S_IFMT),
	};

	return change_attr(path, &attr);
}

int do_fchmodat(int dfd, const char *name, umode_t mode)
{
	struct path path;
	int err = user_path_at(dfd, name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = chmod_common(&path, mode);
	path_put(&path);
	return err;
}

int do_fchmod(unsigned int fd, umode_t mode)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = chmod_common(&f.file->f_path, mode);
	fdput(f);
	return err;
}

/*
 * chown_common - see attr.h.
 */
int chown_common(const struct path *path, uid_t uid, gid_t gid)
{
	struct iattr attr = {
		.ia_valid = ATTR_CTIME,
		.ia_uid = uid,
		.ia_gid = gid,
	};

	if (uid != (uid_t)-1)
		attr.ia_valid |= ATTR_UID;
	if (gid != (gid_t)-1)
		attr.ia_valid |= ATTR_GID;
	/* chown(2): the set-id bits go, even for root. */
	if (!S_ISDIR(path->dentry->d_inode->i_mode))
		attr.ia_valid |=
			ATTR_KILL_SUID | ATTR_KILL_SGID | ATTR_KILL_PRIV;
	return change_attr(path, &attr);
}

int do_fchownat(int dfd, const char *name, uid_t uid, gid_t gid, int flag)
{
	unsigned int lookup = 0;
	struct path path;
	int err;

	if (flag & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!(flag & AT_SYMLINK_NOFOLLOW))
		lookup |= LOOKUP_FOLLOW;
	if (flag & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, lookup, &path);
	if (err)
		return err;
	err = chown_common(&path, uid, gid);
	path_put(&path);
	return err;
}

int do_fchown(unsigned int fd, uid_t uid, gid_t gid)
{
	struct fd f = fdget(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = chown_common(&f.file->f_path, uid, gid);
	fdput(f);
	return err;
}

static bool nsec_valid(long nsec)
{
	return nsec == UTIME_OMIT || nsec == UTIME_NOW ||
	       (nsec >= 0 && nsec < 1000000000L);
}

/* One of utimensat's two times. */
static void set_time(struct iattr *attr, unsigned int which,
		     unsigned int which_set, struct timespec *place,
		     const struct timespec *time)
{
	if (time->tv_nsec == UTIME_OMIT)
		return;
	attr->ia_valid |= which;
	if (time->tv_nsec == UTIME_NOW)
		return;
	attr->ia_valid |= which_set;
	*place = *time;
}

/*
 * vfs_utimes - see attr.h.
 */
int vfs_utimes(const struct path *path, const struct timespec *times)
{
	struct iattr attr = {.ia_valid = ATTR_CTIME};

	if (times &&
	    (!nsec_valid(times[0].tv_nsec) || !nsec_valid(times[1].tv_nsec)))
		return -EINVAL;
	if (times && times[0].tv_nsec == UTIME_NOW &&
	    times[1].tv_nsec == UTIME_NOW)
		times = NULL;
	if (times) {
		attr.ia_valid |= ATTR_TIMES_SET;
		set_time(&attr, ATTR_ATIME, ATTR_ATIME_SET, &attr.ia_atime,
			 &times[0]);
		set_time(&attr, ATTR_MTIME, ATTR_MTIME_SET, &attr.ia_mtime,
			 &times[1]);
	} else {
		attr.ia_valid |= ATTR_TOUCH | ATTR_ATIME | ATTR_MTIME;
	}
	return change_attr(path, &attr);
}

/*
 * do_utimes - see attr.h.
 */
int do_utimes(int dfd, const char *name, const struct timespec *times,
	      int flags)
{
	unsigned int lookup = 0;
	struct path path;
	struct fd f;
	int err;

	if (!name && dfd != AT_FDCWD) {
		if (flags)
			return -EINVAL;
		f = fdget(dfd);
		if (!f.file)
			return -EBADF;
		err = vfs_utimes(&f.file->f_path, times);
		fdput(f);
		return err;
	}
	if (!name)
		return -EFAULT;
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!(flags & AT_SYMLINK_NOFOLLOW))
		lookup |= LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, lookup, &path);
	if (err)
		return err;
	err = vfs_utimes(&path, times);
	path_put(&path);
	return err;
}
