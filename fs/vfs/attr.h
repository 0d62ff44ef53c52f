/*
 * attr.h - changes of mode, owner, size and times; access(2).
 */
#pragma once

#include <fs/vfs/types.h>

/*
 * notify_change - check and do what @attr says.  Caller holds the inode's
 * i_rwsem and mnt_want_write.  0, -EPERM, -EACCES, -EFBIG ...
 */
int notify_change(struct dentry *dentry, struct iattr *attr);

/* setattr_prepare - may the current task do that?  First step of
 * i_op->setattr; may clear S_ISGID in attr->ia_mode, and takes the file
 * capabilities away (ATTR_KILL_PRIV). */
int setattr_prepare(struct dentry *dentry, struct iattr *attr);

/* setattr_copy - put all but the size into the inode. */
void setattr_copy(struct inode *inode, const struct iattr *attr);

/* simple_setattr - setattr_prepare, i_size, setattr_copy: files in memory. */
int simple_setattr(struct dentry *dentry, struct iattr *attr);

/* inode_newsize_ok - -EFBIG (and SIGXFSZ) above RLIMIT_FSIZE or s_maxbytes,
 * -ETXTBSY is not checked here. */
int inode_newsize_ok(const struct inode *inode, loff_t size);

/* do_truncate - set the size; @time_attrs: ATTR_MTIME|ATTR_CTIME or 0;
 * @file: the file of ftruncate, or NULL.  Caller has mnt_want_write. */
int do_truncate(struct dentry *dentry, loff_t length, unsigned int time_attrs,
		struct file *file);

/* vfs_truncate - truncate(2) at @path. */
int vfs_truncate(const struct path *path, loff_t length);
int do_sys_truncate(const char *name, loff_t length);
int do_sys_ftruncate(unsigned int fd, loff_t length);

/* chmod_common, chown_common - at @path; -1: leave that id. */
int chmod_common(const struct path *path, umode_t mode);
int chown_common(const struct path *path, uid_t uid, gid_t gid);
int do_fchmodat(int dfd, const char *name, umode_t mode);
int do_fchmod(unsigned int fd, umode_t mode);
int do_fchownat(int dfd, const char *name, uid_t uid, gid_t gid, int flag);
int do_fchown(unsigned int fd, uid_t uid, gid_t gid);

/* vfs_utimes - utimensat(2) at @path; @times NULL: now. */
int vfs_utimes(const struct path *path, const struct timespec *times);

/* do_utimes - by name, or of @dfd itself when @name is NULL. */
int do_utimes(int dfd, const char *name, const struct timespec *times,
	      int flags);

/* do_faccessat - access(2) family: by real ids unless AT_EACCESS. */
int do_faccessat(int dfd, const char *name, int mode, int flags);

/* file_remove_privs - a write takes set-id bits and capabilities away.  Caller
 * holds i_rwsem. */
int file_remove_privs(struct file *file);
int dentry_needs_remove_privs(struct dentry *dentry);
