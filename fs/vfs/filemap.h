/*
 * filemap.h - reading and writing files through the page cache.
 */
#pragma once

#include <fs/vfs/types.h>

/*
 * generic_file_read_iter - read from the page cache, f_op->read_iter of
 * ordinary files.  Bytes read (0 at the end of the file) or -errno if none
 * were.  Moves *@pos.
 */
ssize_t generic_file_read_iter(struct file *file, struct iov_iter *iter,
			       loff_t *pos);

/*
 * generic_file_write_iter - write through the page cache, with i_rwsem held
 * by itself: O_APPEND, RLIMIT_FSIZE, set-id bits, times, O_SYNC.  Moves *@pos.
 */
ssize_t generic_file_write_iter(struct file *file, struct iov_iter *iter,
				loff_t *pos);

/*
 * generic_perform_write - the copying alone; i_rwsem held, checks done.
 */
ssize_t generic_perform_write(struct file *file, struct iov_iter *iter,
			      loff_t pos);

/* file_size_pages - pages that @mapping's file has now. */
u64 file_size_pages(struct address_space *mapping);
