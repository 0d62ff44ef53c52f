/*
 * file.h - struct file: made, counted, and closed with the last reference.
 */
#pragma once

#include <fs/vfs/types.h>

/* file_init - caches and limits; once, at boot. */
void file_init(void);

/*
 * alloc_empty_file - a file with nothing behind it; f_flags = @flags.
 * ERR_PTR(-ENFILE) when the system has too many, or (-ENOMEM).
 */
struct file *alloc_empty_file(int flags, const struct cred *cred);

/*
 * alloc_file - an open file at @path; takes over the path's references on
 * success only.  No permission checks, no f_op->open; FMODE_PREAD and kin are
 * the caller's to add.  ERR_PTR on failure.
 */
struct file *alloc_file(const struct path *path, int flags,
			const struct file_operations *fops);

/*
 * alloc_file_pseudo - a file for @inode with a nameless dentry on @mnt.
 * Takes over the inode's reference on success only.
 */
struct file *alloc_file_pseudo(struct inode *inode, struct vfsmount *mnt,
			       const char *name, int flags,
			       const struct file_operations *fops);

/* get_file - one more reference; the caller has one. */
static inline struct file *get_file(struct file *file)
{
	refcount_inc(&file->f_count);
	return file;
}

/*
 * fput - drop a reference.  For the last one a program's task calls release on
 * its way back to user mode; sleeping locks may be held here.  A kernel thread
 * calls it at once, and holds none.
 */
void fput(struct file *file);

/* __fput_sync - fput that calls release at once: no lock is held.  May sleep.
 */
void __fput_sync(struct file *file);

/* filp_close - what close(2) does with the file: flush, drop the owner's
 * POSIX locks, fput.  @owner: the files_struct.  flush's result.
 * filp_close_sync ends in __fput_sync instead. */
int filp_close(struct file *file, void *owner);
int filp_close_sync(struct file *file, void *owner);

/* register_file_release_hook - epoll is above vfs: called by the last fput
 * of a file with FMODE_EPOLL. */
void register_file_release_hook(void (*fn)(struct file *file));

/* OPEN_FMODE - FMODE_READ and FMODE_WRITE of open flags. */
#define OPEN_FMODE(flags) ((unsigned int)(((flags) + 1) & O_ACCMODE))

/* nr_open_files, max_open_files - for /proc/sys/fs/file-nr. */
long nr_open_files(void);
long max_open_files(void);
void set_max_open_files(long max);
