/*
 * files_struct.c - the table of descriptors as a whole: how it grows, is
 * copied, shared and goes.
 *
 * The table is an array of files and two bit maps (in use, close-on-exec).
 * It starts inside struct files_struct with 64 places and is replaced by one
 * twice as large when it is full.  Tables that were replaced stay until the
 * last user is gone, for those who read without the lock (file_table.c).
 *
 * Locks: file_lock guards all; a task's ->files changes under alloc_lock.
 *
 * Entry points: dup_fd, copy_files, unshare_files, exit_files,
 * get_files_struct, put_files_struct, do_close_on_exec, expand_files_locked.
 */
#include <abi/errno.h>
#include <abi/sched.h>
#include <fs/vfs/file_table_internal.h>
#include <kernel/alloc/slab.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/bitmap.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/core.h>

struct files_struct init_files = {
	.count = ATOMIC_INIT(1),
	.file_lock = __SPIN_LOCK_INIT(LOCK_FILES),
	.fdt =
		{
			.max_fds = NR_OPEN_DEFAULT,
			.fd = init_files.fd_array,
			.close_on_exec = init_files.close_on_exec_init,
			.open_fds = init_files.open_fds_init,
		},
};

static bool is_embedded(const struct files_struct *files)
{
	return files->fdt.fd == files->fd_array;
}

/*
 * A table outside files_struct begins with one word more: the array of the
 * table that it replaced, or NULL.
 */
static void **table_block(struct file **fd)
{
	return (void **)fd - 1;
}

/* One block for that word, the array and both maps. */
static bool alloc_fdtable(struct fdtable *fdt, unsigned int nr)
{
	size_t map = nr / BITS_PER_BYTE;
	char *mem =
		vzalloc(sizeof(void *) + nr * sizeof(struct file *) + 2 * map);

	if (!mem)
		return false;
	mem += sizeof(void *);
	fdt->max_fds = nr;
	fdt->fd = (struct file **)mem;
	fdt->open_fds = (unsigned long *)(mem + nr * sizeof(struct file *));
	fdt->close_on_exec = fdt->open_fds + map / sizeof(long);
	return true;
}

static void copy_fdtable(struct fdtable *to, const struct fdtable *from,
			 unsigned int nr)
{
	memcpy(to->fd, from->fd, nr * sizeof(struct file *));
	memcpy(to->open_fds, from->open_fds, nr / BITS_PER_BYTE);
	memcpy(to->close_on_exec, from->close_on_exec, nr / BITS_PER_BYTE);
}

/* /proc/sys/fs/nr_open. */
int sysctl_nr_open = 1024 * 1024;

/* @new is the table from now on, for readers without the lock too, who look at
 * max_fds first. */
static void publish_fdtable(struct files_struct *files,
			    const struct fdtable *new)
{
	*table_block(new->fd) = is_embedded(files) ? NULL : files->fdt.fd;
	files->fdt.close_on_exec = new->close_on_exec;
	files->fdt.open_fds = new->open_fds;
	__atomic_store_n(&files->fdt.fd, new->fd, __ATOMIC_RELEASE);
	__atomic_store_n(&files->fdt.max_fds, new->max_fds, __ATOMIC_RELEASE);
}

/* All tables that lie outside of @files, which nobody uses any more. */
static void free_fdtables(struct files_struct *files)
{
	struct file **fd = is_embedded(files) ? NULL : files->fdt.fd;
	struct file **older;

	for (; fd; fd = older) {
		older = *table_block(fd);
		vfree(table_block(fd));
	}
}

/*
 * expand_files_locked - see file_table_internal.h.
 */
int expand_files_locked(struct files_struct *files, unsigned int nr)
{
	struct fdtable new;
	unsigned int size;

	if (nr < files->fdt.max_fds)
		return 0;
	if (nr >= (unsigned int)READ_ONCE(sysctl_nr_open))
		return -EMFILE;
	size = max_t(unsigned int, 256, roundup_pow_of_two(nr + 1));
	spin_unlock(&files->file_lock);
	if (!alloc_fdtable(&new, size)) {
		spin_lock(&files->file_lock);
		return -ENOMEM;
	}
	spin_lock(&files->file_lock);
	if (size > files->fdt.max_fds) {
		copy_fdtable(&new, &files->fdt, files->fdt.max_fds);
		publish_fdtable(files, &new);
		return 0;
	}
	/* Somebody else was faster. */
	spin_unlock(&files->file_lock);
	vfree(table_block(new.fd));
	spin_lock(&files->file_lock);
	return 0;
}

/*
 * get_files_struct, put_files_struct - see file_table.h.
 */
struct files_struct *get_files_struct(struct task_struct *task)
{
	struct files_struct *files;

	spin_lock(&task->alloc_lock);
	files = task->files;
	if (files)
		atomic_inc(&files->count);
	spin_unlock(&task->alloc_lock);
	return files;
}

/* Nobody uses the table any more. */
static void close_files(struct files_struct *files)
{
	unsigned int max_fds = files->fdt.max_fds;
	unsigned int fd;
	struct file *file;

	for (fd = find_next_bit(files->fdt.open_fds, max_fds, 0); fd < max_fds;
	     fd = find_next_bit(files->fdt.open_fds, max_fds, fd + 1)) {
		file = files->fdt.fd[fd];
		if (!file)
			continue;
		(void)filp_close(file, files);
		cond_resched();
	}
}

void put_files_struct(struct files_struct *files)
{
	if (!atomic_dec_and_test(&files->count))
		return;
	close_files(files);
	free_fdtables(files);
	kfree(files);
}

/*
 * do_close_on_exec - see file_table.h.
 */
void do_close_on_exec(struct files_struct *files)
{
	unsigned int max_fds = files->fdt.max_fds;
	unsigned int fd;
	struct file *file;

	for (fd = find_next_bit(files->fdt.close_on_exec, max_fds, 0);
	     fd < max_fds;
	     fd = find_next_bit(files->fdt.close_on_exec, max_fds, fd + 1)) {
		spin_lock(&files->file_lock);
		__clear_bit(fd, files->fdt.close_on_exec);
		file = pick_file_locked(files, fd);
		spin_unlock(&files->file_lock);
		if (file)
			(void)filp_close(file, files);
	}
}

/* Highest open number + 1, at most @max_fds, rounded up to a map's word. */
static unsigned int sane_size(const struct files_struct *files,
			      unsigned int max_fds)
{
	unsigned long last =
		find_last_bit(files->fdt.open_fds, files->fdt.max_fds);
	unsigned int nr = last >= files->fdt.max_fds ? 0 : last + 1;

	return ALIGN(clamp(nr, 1U, max(max_fds, 1U)), BITS_PER_LONG);
}

/* Numbers that are reserved but not filled yet are free in the copy. */
static void take_references(struct files_struct *new)
{
	unsigned int max_fds = new->fdt.max_fds;
	unsigned int fd;

	for (fd = find_next_bit(new->fdt.open_fds, max_fds, 0); fd < max_fds;
	     fd = find_next_bit(new->fdt.open_fds, max_fds, fd + 1)) {
		if (new->fdt.fd[fd])
			(void)get_file(new->fdt.fd[fd]);
		else
			put_unused_locked(new, fd);
	}
}

/*
 * dup_fd - see file_table.h.
 */
struct files_struct *dup_fd(struct files_struct *old, unsigned int max_fds)
{
	struct files_struct *new = kzalloc(sizeof(*new));
	unsigned int nr;

	if (!new)
		return ERR_PTR(-ENOMEM);
	atomic_set(&new->count, 1);
	spin_lock_init(&new->file_lock, LOCK_FILES);
	new->fdt.max_fds = NR_OPEN_DEFAULT;
	new->fdt.fd = new->fd_array;
	new->fdt.open_fds = new->open_fds_init;
	new->fdt.close_on_exec = new->close_on_exec_init;

	spin_lock(&old->file_lock);
	while ((nr = sane_size(old, max_fds)) > new->fdt.max_fds) {
		spin_unlock(&old->file_lock);
		free_fdtables(new);
		if (!alloc_fdtable(&new->fdt, roundup_pow_of_two(nr))) {
			kfree(new);
			return ERR_PTR(-ENOMEM);
		}
		spin_lock(&old->file_lock);
	}
	copy_fdtable(&new->fdt, &old->fdt, min(nr, old->fdt.max_fds));
	new->next_fd = old->next_fd;
	take_references(new);
	spin_unlock(&old->file_lock);
	return new;
}

/*
 * copy_files - see file_table.h.
 */
int copy_files(unsigned long clone_flags, struct task_struct *child)
{
	struct files_struct *old = current->files;
	struct files_struct *new;

	child->files = NULL;
	if (!old)
		return 0;
	if (clone_flags & CLONE_FILES) {
		atomic_inc(&old->count);
		child->files = old;
		return 0;
	}
	new = dup_fd(old, NR_OPEN_HIGH);
	if (IS_ERR(new))
		return PTR_ERR(new);
	child->files = new;
	return 0;
}

/*
 * exit_files - see file_table.h.
 */
void exit_files(struct task_struct *task)
{
	struct files_struct *files;

	spin_lock(&task->alloc_lock);
	files = task->files;
	task->files = NULL;
	spin_unlock(&task->alloc_lock);
	if (files)
		put_files_struct(files);
}

/*
 * unshare_files - see file_table.h.
 */
int unshare_files(void)
{
	struct files_struct *old = current->files;
	struct files_struct *new;

	if (!old || sole_user(old))
		return 0;
	new = dup_fd(old, NR_OPEN_HIGH);
	if (IS_ERR(new))
		return PTR_ERR(new);
	spin_lock(&current->alloc_lock);
	current->files = new;
	spin_unlock(&current->alloc_lock);
	put_files_struct(old);
	return 0;
}
