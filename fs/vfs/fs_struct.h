/*
 * fs_struct.h - what a process calls "/" and ".", and its umask.
 */
#pragma once

#include <fs/vfs/types.h>
#include <kernel/lib/macros.h>

struct task_struct;

/* Shared by CLONE_FS tasks.  Locks:  L lock */
struct fs_struct {
	int users; /* [L] */
	struct spinlock lock;
	int umask;    /* [L] */
	bool in_exec; /* [L] an execve is checking that it is unshared */
	u32 seq;      /* [L] odd while root or pwd change */
	struct path root, pwd; /* [L to write] readers: seq, or L */
	struct list_head link; /* [fs_list_lock] all of them, init_fs first */
};

extern struct fs_struct init_fs;

/* fs_read_begin, fs_read_retry - did root or pwd change in between? */
static inline u32 fs_read_begin(const struct fs_struct *fs)
{
	/* One that is odd is not what it will be. */
	return __atomic_load_n(&fs->seq, __ATOMIC_ACQUIRE) & ~1U;
}

static inline bool fs_read_retry(const struct fs_struct *fs, u32 seq)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return READ_ONCE(fs->seq) != seq;
}

/* get_fs_root, get_fs_pwd - referenced copies. */
void get_fs_root(struct fs_struct *fs, struct path *root);
void get_fs_pwd(struct fs_struct *fs, struct path *pwd);
void get_fs_root_and_pwd(struct fs_struct *fs, struct path *root,
			 struct path *pwd);

/* get_task_root, get_task_pwd - of another task; -ENOENT when it is gone. */
int get_task_root(struct task_struct *task, struct path *root);
int get_task_pwd(struct task_struct *task, struct path *pwd);

/* set_fs_root, set_fs_pwd - take references of their own. */
void set_fs_root(struct fs_struct *fs, const struct path *path);
void set_fs_pwd(struct fs_struct *fs, const struct path *path);

/* chroot_fs_refs - after pivot_root: every task at @old goes to @new.
 * Walks init's tasks under tasklist_lock. */
void chroot_fs_refs(const struct path *old, const struct path *new);

/* copy_fs_struct - a copy with references; NULL: no memory. */
struct fs_struct *copy_fs_struct(struct fs_struct *old);

/* copy_fs - for clone: share (CLONE_FS; -EAGAIN in an execve) or copy. */
int copy_fs(unsigned long clone_flags, struct task_struct *child);

/* exit_fs - drop @task's; the last user frees it. */
void exit_fs(struct task_struct *task);

/* unshare_fs - give current one of its own.  0 or -ENOMEM. */
int unshare_fs(void);

/* current_umask - of the current task. */
int current_umask(void);

/* set_current_umask - umask(2): the old one. */
int set_current_umask(int mask);

/* ksys_chdir, ksys_fchdir, ksys_chroot - of a kernel string or an fd. */
int ksys_chdir(const char *name);
int ksys_fchdir(unsigned int fd);
int ksys_chroot(const char *name);
