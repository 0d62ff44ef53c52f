/*
 * open.h - open(2): flags to checks, a dentry to a working struct file.
 */
#pragma once

#include <fs/vfs/namei.h>
#include <fs/vfs/types.h>

/*
 * build_open_flags - check an open_how as Linux does: -EINVAL for flags that
 * make no sense.  build_open_how makes one from open(2)'s arguments, where
 * unknown flags are ignored.
 */
int build_open_flags(const struct open_how *how, struct open_flags *op);
struct open_how build_open_how(int flags, umode_t mode);

/* do_sys_openat2 - open and install: a descriptor or -errno. */
int do_sys_openat2(int dfd, const char *name, const struct open_how *how);
int do_sys_open(int dfd, const char *name, int flags, umode_t mode);

/* filp_open - open for the kernel's own use; or ERR_PTR. */
struct file *filp_open(const char *name, int flags, umode_t mode);

/* file_open_root - filp_open below @root. */
struct file *file_open_root(const struct path *root, const char *name,
			    int flags, umode_t mode);

/* dentry_open - open @path as it is; or ERR_PTR. */
struct file *dentry_open(const struct path *path, int flags,
			 const struct cred *cred);

/* vfs_open - bind an empty file (f_flags set) to @path and call f_op->open.
 * Takes its own references to @path. */
int vfs_open(const struct path *path, struct file *file);

/* vfs_open_path - the same with the caller's references, which are the file's
 * on 0 (*@path is cleared), the caller's still on an error. */
int vfs_open_path(struct path *path, struct file *file);

/* generic_file_open - f_op->open for regular files. */
int generic_file_open(struct inode *inode, struct file *file);

/* nonseekable_open, stream_open - for f_op->open of devices and pipes. */
int nonseekable_open(struct inode *inode, struct file *file);
int stream_open(struct inode *inode, struct file *file);

/* finish_no_open-free helper: replace f_op during open (char devices). */
static inline void replace_fops(struct file *file,
				const struct file_operations *fops)
{
	file->f_op = fops;
}
