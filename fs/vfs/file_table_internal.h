/*
 * file_table_internal.h - what file_table.c and files_struct.c share.  Private
 * to fs/vfs.  Names that end in _locked: the caller holds file_lock.
 */
#pragma once

#include <fs/vfs/file_table.h>
#include <kernel/lib/bitmap.h>

/*
 * expand_files_locked - make room for number @nr.  0 or -errno.  file_lock is
 * dropped while memory is taken: the caller must look again.
 */
int expand_files_locked(struct files_struct *files, unsigned int nr);

static inline bool sole_user(const struct files_struct *files)
{
	return atomic_read(&files->count) == 1;
}

static inline struct file *lookup_locked(const struct files_struct *files,
					 unsigned int fd)
{
	return fd < files->fdt.max_fds ? files->fdt.fd[fd] : NULL;
}

static inline void put_unused_locked(struct files_struct *files,
				     unsigned int fd)
{
	__clear_bit(fd, files->fdt.open_fds);
	if (fd < files->next_fd)
		files->next_fd = fd;
}

/* pick_file_locked - take the file out of the table; NULL for none. */
static inline struct file *pick_file_locked(struct files_struct *files,
					    unsigned int fd)
{
	struct file *file = lookup_locked(files, fd);

	if (file) {
		files->fdt.fd[fd] = NULL;
		put_unused_locked(files, fd);
	}
	return file;
}
