/*
 * file_table.h - descriptors: a process's numbers for its open files.
 *
 * struct files_struct is shared by CLONE_FILES tasks.  Its table grows to
 * RLIMIT_NOFILE.  A table used by one task only is read without its lock.
 */
#pragma once

#include <fs/vfs/file.h>
#include <fs/vfs/types.h>
#include <kernel/arch/atomic.h>
#include <kernel/arch/context.h>
#include <kernel/lib/macros.h>
#include <kernel/types/task.h>

/* The most RLIMIT_NOFILE can be, and how many descriptors a table may have:
 * fs.nr_open, between these two. */
#define NR_OPEN_LOW  64
#define NR_OPEN_HIGH 0x7fffffc0
extern int sysctl_nr_open;

/* The arrays; replaced by larger ones when full. */
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
	unsigned long *close_on_exec;
	unsigned long *open_fds; /* a bit per number in use or reserved */
};

/* Locks:  L file_lock   A atomic */
struct files_struct {
	atomic_t count; /* [A] tasks that use it */
	struct spinlock file_lock;
	struct fdtable fdt;   /* [L] */
	unsigned int next_fd; /* [L] no free number below it */
	unsigned long close_on_exec_init[1];
	unsigned long open_fds_init[1];
	struct file *fd_array[NR_OPEN_DEFAULT];
};

/* A file found by fdget: @borrowed ones need no fput. */
struct fd {
	struct file *file;
	bool borrowed;
};

/* fget - the open file @fd of the current task, referenced; NULL for none
 * and for O_PATH ones.  fget_raw finds those too. */
struct file *fget(unsigned int fd);
struct file *fget_raw(unsigned int fd);

/* fget_task - the same of another task (O_PATH included). */
struct file *fget_task(struct task_struct *task, unsigned int fd);

/* fget_task_next - the first open one at or after *@fd; *@fd is set. */
struct file *fget_task_next(struct task_struct *task, unsigned int *fd);

/* fdget_shared - fdget's way when other tasks use the table too. */
struct fd fdget_shared(unsigned int fd, unsigned int not_mode);

/*
 * fdget, fdget_raw - as fget, for use within one system call: takes no
 * reference when nobody else can close the file meanwhile.  f.file may be NULL.
 */
static inline struct fd fdget_mode(unsigned int fd, unsigned int not_mode)
{
	const struct files_struct *files = current->files;
	struct fd f = {NULL, true};

	if (unlikely(atomic_read(&files->count) != 1))
		return fdget_shared(fd, not_mode);
	if (fd < files->fdt.max_fds)
		f.file = files->fdt.fd[fd];
	if (f.file && unlikely(f.file->f_mode & not_mode))
		f.file = NULL;
	return f;
}

static inline struct fd fdget(unsigned int fd)
{
	return fdget_mode(fd, FMODE_PATH);
}

static inline struct fd fdget_raw(unsigned int fd)
{
	return fdget_mode(fd, 0);
}

static inline void fdput(struct fd f)
{
	if (f.file && !f.borrowed)
		fput(f.file);
}

/* get_unused_fd_flags - reserve the lowest free number; @flags: O_CLOEXEC.
 * -EMFILE at RLIMIT_NOFILE, -ENOMEM. */
int get_unused_fd_flags(unsigned int flags);

/* get_unused_fd_from - the lowest free one >= @start (F_DUPFD): -EINVAL if
 * @start is not below the limit. */
int get_unused_fd_from(unsigned int start, unsigned int flags);

/* put_unused_fd - give a reserved number back. */
void put_unused_fd(unsigned int fd);

/* fd_install - publish @file (its reference moves in) at a reserved number. */
void fd_install(unsigned int fd, struct file *file);

/* close_fd - close(2): -EBADF, or flush's error (the number is free then). */
int close_fd(unsigned int fd);

/* close_fd_get_file - take @fd out without closing: the file, or NULL. */
struct file *close_fd_get_file(unsigned int fd);

/* do_close_range - close_range(2). */
int do_close_range(unsigned int first, unsigned int last, unsigned int flags);

/* do_dup2 - dup2 and dup3: @flags O_CLOEXEC; @oldfd == @newfd is -EINVAL
 * (dup2's door deals with it).  Returns @newfd or -errno. */
int do_dup2(unsigned int oldfd, unsigned int newfd, unsigned int flags);

/* do_dupfd - F_DUPFD and F_DUPFD_CLOEXEC; do_dup - dup(2). */
int do_dupfd(unsigned int oldfd, unsigned int start, unsigned int flags);
int do_dup(unsigned int oldfd);

/* get_close_on_exec, set_close_on_exec - FD_CLOEXEC of an open @fd. */
bool get_close_on_exec(unsigned int fd);
void set_close_on_exec(unsigned int fd, bool on);

/* fd_is_cloexec_task - FD_CLOEXEC of another task's @fd; for /proc. */
bool fd_is_cloexec_task(struct task_struct *task, unsigned int fd);

/* do_close_on_exec - close what execve closes; files must be unshared. */
void do_close_on_exec(struct files_struct *files);

/* dup_fd - a copy of @old with at most @max_fds numbers; or ERR_PTR. */
struct files_struct *dup_fd(struct files_struct *old, unsigned int max_fds);

/* copy_files - for clone: share (CLONE_FILES) or copy current's table into
 * @child->files.  0 or -errno. */
int copy_files(unsigned long clone_flags, struct task_struct *child);

/* exit_files - drop @task's table; the last user closes every file. */
void exit_files(struct task_struct *task);

/* unshare_files - give current a table of its own (execve, unshare). */
int unshare_files(void);

/* get_files_struct, put_files_struct - references to a task's table. */
struct files_struct *get_files_struct(struct task_struct *task);
void put_files_struct(struct files_struct *files);

/* count_open_files - numbers the table has room for, for FDSize. */
unsigned int files_fdsize(struct task_struct *task);

/* iterate_fd - @fn for each open file from @start on under file_lock; stops
 * at, and returns, the first nonzero result. */
int iterate_fd(struct files_struct *files, unsigned int start,
	       int (*fn)(const void *arg, struct file *file, unsigned int fd),
	       const void *arg);

/* The table PID 0 begins with. */
extern struct files_struct init_files;
