/*
 * locks.h - flock(2), and the record locks of fcntl(2): POSIX ones, owned by
 * a process, and open-file-description ones, owned by a struct file.
 */
#pragma once

#include <abi/fcntl.h>
#include <fs/vfs/types.h>

enum lock_kind { LOCK_KIND_FLOCK, LOCK_KIND_POSIX, LOCK_KIND_OFD };

struct file_lock {
	struct list_head link;	   /* in inode->i_flctx or on a waiters' list */
	struct list_head waiters;  /* file_locks blocked by this one */
	struct file_lock *blocker; /* whom we wait for */
	struct wait_queue wait;
	enum lock_kind kind;
	short type; /* F_RDLCK, F_WRLCK, F_UNLCK */
	pid_t pid;
	void *owner; /* files_struct (POSIX) or file */
	struct file *file;
	loff_t start, end; /* inclusive; end LLONG_MAX: to the end */
	u64 id;		   /* for /proc/locks */
};

/* flock(2): @op is LOCK_SH, EX, UN with LOCK_NB.  Sleeps; -EWOULDBLOCK,
 * -EINTR as -ERESTARTSYS, -EINVAL, -ENOLCK. */
int flock_lock_file(struct file *file, int op);

/* fcntl(F_GETLK, F_SETLK, F_SETLKW and the F_OFD_ ones) on kernel copies. */
int fcntl_getlk(struct file *file, int cmd, struct flock *flock);
int fcntl_setlk(int fd, struct file *file, int cmd, const struct flock *flock);

/* close(2): POSIX locks of @owner (a files_struct) on the file go. */
void locks_remove_posix(struct file *file, void *owner);
/* The last fput: flock and OFD locks go. */
void locks_remove_file(struct file *file);

/* /proc/locks, and the lock lines of fdinfo. */
void locks_show(struct seq_file *m);
