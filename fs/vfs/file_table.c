/*
 * file_table.c - descriptors: a process's numbers for its open files.
 *
 * A number is reserved first (get_unused_fd_flags), then filled (fd_install).
 * The tables as such - how they grow, are copied and go - are in
 * files_struct.c.
 *
 * Locks: file_lock guards all.  Reading takes none: a table with one user can
 * only be changed by him; in a shared one (find_shared) the file's count is
 * raised, unless it is 0, and then the number must still stand for it.  struct
 * file is type-stable (slab.h), and tables that were replaced stay until the
 * last user is gone.
 *
 * Entry points: fget, fdget, get_unused_fd_flags, fd_install, close_fd,
 * do_dup2, do_close_range.
 */
#include <fs/vfs/file_table.h>

#include <abi/errno.h>
#include <fs/vfs/file_table_internal.h>
#include <kernel/arch/context.h>
#include <kernel/base/assert.h>
#include <kernel/base/errptr.h>
#include <kernel/base/refcount.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/bitmap.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/core.h>
#include <kernel/sched/rlimit.h>

/* What number @fd stands for just now, without the lock. */
static inline struct file *peek_file(const struct files_struct *files,
				     unsigned int fd)
{
	unsigned int max =
		__atomic_load_n(&files->fdt.max_fds, __ATOMIC_ACQUIRE);
	struct file **table = __atomic_load_n(&files->fdt.fd, __ATOMIC_ACQUIRE);

	return fd < max ? READ_ONCE(table[fd]) : NULL;
}

/* peek_file() with a reference.  False: it changed meanwhile; *@file may have a
 * reference all the same. */
static bool try_get_file(const struct files_struct *files, unsigned int fd,
			 struct file **file)
{
	struct file *found = peek_file(files, fd);

	if (found && !refcount_inc_not_zero(&found->f_count))
		return false;
	*file = found;
	return peek_file(files, fd) == found;
}

/* An open file of current, whose table others use as well; referenced. */
static __attribute__((noinline)) struct file *find_shared(
	struct files_struct *files, unsigned int fd, unsigned int not_mode)
{
	struct file *file;
	bool sure;

	do {
		file = NULL;
		/* Interrupts off: what was freed is a struct file still. */
		local_irq_disable();
		sure = try_get_file(files, fd, &file);
		local_irq_enable();
		if (file && (!sure || (file->f_mode & not_mode))) {
			fput(file);
			file = NULL;
		}
	} while (!sure);
	return file;
}

static inline struct file *find_file(unsigned int fd, unsigned int not_mode)
{
	struct files_struct *files = current->files;
	struct file *file;

	if (unlikely(!sole_user(files)))
		return find_shared(files, fd, not_mode);
	file = lookup_locked(files, fd);
	if (!file || (file->f_mode & not_mode))
		return NULL;
	return get_file(file);
}

/*
 * fget, fget_raw, fdget_shared - see file_table.h.
 */
struct file *fget(unsigned int fd)
{
	return find_file(fd, FMODE_PATH);
}

struct file *fget_raw(unsigned int fd)
{
	return find_file(fd, 0);
}

struct fd fdget_shared(unsigned int fd, unsigned int not_mode)
{
	struct fd f = {find_shared(current->files, fd, not_mode), false};

	return f;
}

/*
 * fget_task, fget_task_next - see file_table.h.
 */
struct file *fget_task(struct task_struct *task, unsigned int fd)
{
	struct file *file = NULL;

	spin_lock(&task->alloc_lock);
	if (task->files) {
		spin_lock(&task->files->file_lock);
		file = lookup_locked(task->files, fd);
		if (file)
			(void)get_file(file);
		spin_unlock(&task->files->file_lock);
	}
	spin_unlock(&task->alloc_lock);
	return file;
}

struct file *fget_task_next(struct task_struct *task, unsigned int *fd)
{
	struct files_struct *files;
	struct file *file = NULL;

	spin_lock(&task->alloc_lock);
	files = task->files;
	if (files) {
		spin_lock(&files->file_lock);
		for (; *fd < files->fdt.max_fds && !file; (*fd)++)
			file = files->fdt.fd[*fd];
		if (file) {
			(*fd)--;
			(void)get_file(file);
		}
		spin_unlock(&files->file_lock);
	}
	spin_unlock(&task->alloc_lock);
	return file;
}

/* The lowest free number in [@start, @end), reserved; or -errno. */
static int alloc_fd(struct files_struct *files, unsigned int start,
		    unsigned int end, unsigned int flags)
{
	struct fdtable *fdt = &files->fdt;
	unsigned int fd;
	int err;

	spin_lock(&files->file_lock);
	for (;;) {
		fd = max(start, files->next_fd);
		if (fd < fdt->max_fds)
			fd = find_next_zero_bit(fdt->open_fds, fdt->max_fds,
						fd);
		err = -EMFILE;
		if (fd >= end)
			goto unlock;
		if (likely(fd < fdt->max_fds))
			break;
		err = expand_files_locked(files, fd);
		if (err)
			goto unlock;
	}
	if (start <= files->next_fd)
		files->next_fd = fd + 1;
	__set_bit(fd, fdt->open_fds);
	if (flags & O_CLOEXEC)
		__set_bit(fd, fdt->close_on_exec);
	else
		__clear_bit(fd, fdt->close_on_exec);
	err = fd;
unlock:
	spin_unlock(&files->file_lock);
	return err;
}

static unsigned int fd_limit(void)
{
	return (unsigned int)min(rlimit(RLIMIT_NOFILE), (unsigned long)INT_MAX);
}

/*
 * get_unused_fd_flags, get_unused_fd_from - see file_table.h.
 */
int get_unused_fd_flags(unsigned int flags)
{
	return alloc_fd(current->files, 0, fd_limit(), flags);
}

int get_unused_fd_from(unsigned int start, unsigned int flags)
{
	unsigned int limit = fd_limit();

	if (start >= limit)
		return -EINVAL;
	return alloc_fd(current->files, start, limit, flags);
}

/*
 * put_unused_fd - see file_table.h.
 */
void put_unused_fd(unsigned int fd)
{
	struct files_struct *files = current->files;

	spin_lock(&files->file_lock);
	put_unused_locked(files, fd);
	spin_unlock(&files->file_lock);
}

/*
 * fd_install - see file_table.h.
 */
void fd_install(unsigned int fd, struct file *file)
{
	struct files_struct *files = current->files;

	spin_lock(&files->file_lock);
	assert(!files->fdt.fd[fd]);
	/* Whole, for those who read without the lock. */
	__atomic_store_n(&files->fdt.fd[fd], file, __ATOMIC_RELEASE);
	spin_unlock(&files->file_lock);
}

/*
 * close_fd_get_file - see file_table.h.
 */
struct file *close_fd_get_file(unsigned int fd)
{
	struct files_struct *files = current->files;
	struct file *file;

	spin_lock(&files->file_lock);
	file = pick_file_locked(files, fd);
	spin_unlock(&files->file_lock);
	return file;
}

/*
 * close_fd - see file_table.h.
 */
int close_fd(unsigned int fd)
{
	struct file *file = close_fd_get_file(fd);

	return file ? filp_close_sync(file, current->files) : -EBADF;
}

static void close_range_now(struct files_struct *files, unsigned int first,
			    unsigned int last)
{
	struct file *file;
	unsigned int fd;

	for (fd = first;; fd++) {
		spin_lock(&files->file_lock);
		fd = find_next_bit(files->fdt.open_fds, files->fdt.max_fds,
				   min(fd, files->fdt.max_fds));
		if (fd >= files->fdt.max_fds || fd > last) {
			spin_unlock(&files->file_lock);
			return;
		}
		file = pick_file_locked(files, fd);
		spin_unlock(&files->file_lock);
		if (file)
			(void)filp_close_sync(file, files);
		cond_resched();
	}
}

static void close_range_on_exec(struct files_struct *files, unsigned int first,
				unsigned int last)
{
	spin_lock(&files->file_lock);
	last = min(last, files->fdt.max_fds - 1);
	if (first <= last)
		bitmap_set(files->fdt.close_on_exec, first, last - first + 1);
	spin_unlock(&files->file_lock);
}

/*
 * do_close_range - see file_table.h.
 */
int do_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	int err;

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC))
		return -EINVAL;
	if (first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		err = unshare_files();
		if (err)
			return err;
	}
	if (flags & CLOSE_RANGE_CLOEXEC)
		close_range_on_exec(current->files, first, last);
	else
		close_range_now(current->files, first, last);
	return 0;
}

/*
 * Put @file (referenced here) at @newfd in place of what is there.  file_lock
 * is held and released.  -EBUSY: @newfd is being opened by another thread.
 */
static int replace_locked(struct files_struct *files, struct file *file,
			  unsigned int newfd, unsigned int flags)
{
	struct fdtable *fdt = &files->fdt;
	struct file *old = fdt->fd[newfd];

	if (!old && bitmap_test(fdt->open_fds, newfd)) {
		spin_unlock(&files->file_lock);
		return -EBUSY;
	}
	fdt->fd[newfd] = get_file(file);
	__set_bit(newfd, fdt->open_fds);
	if (flags & O_CLOEXEC)
		__set_bit(newfd, fdt->close_on_exec);
	else
		__clear_bit(newfd, fdt->close_on_exec);
	spin_unlock(&files->file_lock);
	if (old)
		(void)filp_close_sync(old, files);
	return newfd;
}

/*
 * do_dup2 - see file_table.h.
 */
int do_dup2(unsigned int oldfd, unsigned int newfd, unsigned int flags)
{
	struct files_struct *files = current->files;
	struct file *file;
	int err;

	if ((flags & ~O_CLOEXEC) || oldfd == newfd)
		return -EINVAL;
	if (newfd >= fd_limit())
		return -EBADF;
	spin_lock(&files->file_lock);
	if (!lookup_locked(files, oldfd)) {
		spin_unlock(&files->file_lock);
		return -EBADF;
	}
	err = expand_files_locked(files, newfd);
	file = lookup_locked(files, oldfd);
	if (!err && !file)
		err = -EBADF;
	if (err) {
		spin_unlock(&files->file_lock);
		return err == -EMFILE ? -EBADF : err;
	}
	return replace_locked(files, file, newfd, flags);
}

/*
 * do_dupfd, do_dup - see file_table.h.
 */
int do_dupfd(unsigned int oldfd, unsigned int start, unsigned int flags)
{
	struct file *file = fget_raw(oldfd);
	int fd;

	if (!file)
		return -EBADF;
	fd = get_unused_fd_from(start, flags);
	if (fd < 0)
		fput(file);
	else
		fd_install(fd, file);
	return fd;
}

int do_dup(unsigned int oldfd)
{
	struct file *file = fget_raw(oldfd);
	int fd;

	if (!file)
		return -EBADF;
	fd = get_unused_fd_flags(0);
	if (fd < 0)
		fput(file);
	else
		fd_install(fd, file);
	return fd;
}

/*
 * get_close_on_exec, set_close_on_exec, fd_is_cloexec_task - see
 * file_table.h.
 */
bool get_close_on_exec(unsigned int fd)
{
	return fd_is_cloexec_task(current, fd);
}

void set_close_on_exec(unsigned int fd, bool on)
{
	struct files_struct *files = current->files;

	spin_lock(&files->file_lock);
	if (fd < files->fdt.max_fds) {
		if (on)
			__set_bit(fd, files->fdt.close_on_exec);
		else
			__clear_bit(fd, files->fdt.close_on_exec);
	}
	spin_unlock(&files->file_lock);
}

bool fd_is_cloexec_task(struct task_struct *task, unsigned int fd)
{
	struct files_struct *files;
	bool on = false;

	spin_lock(&task->alloc_lock);
	files = task->files;
	if (files) {
		spin_lock(&files->file_lock);
		on = fd < files->fdt.max_fds &&
		     bitmap_test(files->fdt.close_on_exec, fd);
		spin_unlock(&files->file_lock);
	}
	spin_unlock(&task->alloc_lock);
	return on;
}

/*
 * files_fdsize - see file_table.h.
 */
unsigned int files_fdsize(struct task_struct *task)
{
	unsigned int size = 0;

	spin_lock(&task->alloc_lock);
	if (task->files)
		size = READ_ONCE(task->files->fdt.max_fds);
	spin_unlock(&task->alloc_lock);
	return size;
}

/*
 * iterate_fd - see file_table.h.
 */
int iterate_fd(struct files_struct *files, unsigned int start,
	       int (*fn)(const void *arg, struct file *file, unsigned int fd),
	       const void *arg)
{
	unsigned int fd;
	int ret = 0;

	spin_lock(&files->file_lock);
	for (fd = start; fd < files->fdt.max_fds && !ret; fd++)
		if (files->fdt.fd[fd])
			ret = fn(arg, files->fdt.fd[fd], fd);
	spin_unlock(&files->file_lock);
	return ret;
}
