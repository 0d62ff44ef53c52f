/*
 * filemap.c - reading and writing files through the page cache.
 *
 * A read takes page after page from the cache, filling it as needed, up to
 * the size of the file at that moment.  A write takes a page, lets the file
 * system make room (write_begin), copies, and tells it (write_end), which also
 * moves the end of the file.
 *
 * The copy into a locked page must not fault: the buffer may be a mapping of
 * that very page.  So the buffer is touched first, the copy is done with
 * faults off, and if the buffer has gone again the loop starts anew.
 *
 * Locks: i_rwsem around a write; page locks; none while reading.
 *
 * Entry points: generic_file_read_iter, generic_file_write_iter,
 * generic_perform_write.
 */
#include <fs/vfs/filemap.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/sync.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/base/errptr.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>

/* file_size_pages - pages of the file now, the last one perhaps partial. */
u64 file_size_pages(struct address_space *mapping)
{
	return ((u64)i_size_read(mapping->host) + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* Copy from one page; bytes, 0 at the end of the file, or -errno. */
static ssize_t read_one_page(struct file *file, struct iov_iter *iter,
			     loff_t pos)
{
	struct address_space *mapping = file->f_mapping;
	struct file_ra_state *ra = &file->f_ra;
	u64 index = (u64)pos >> PAGE_SHIFT;
	size_t offset = offset_in_page(pos);
	struct page *page;
	loff_t size;
	size_t copied;
	size_t n;

	if (pos >= i_size_read(mapping->host))
		return 0;
	page = filemap_get_page(mapping, file, ra, index,
				file_size_pages(mapping), NULL);
	if (IS_ERR(page))
		return PTR_ERR(page);
	/* The file may have become shorter while we waited. */
	size = i_size_read(mapping->host);
	if (pos >= size) {
		put_page(page);
		return 0;
	}
	n = min3(PAGE_SIZE - offset, iov_iter_count(iter),
		 (size_t)(size - pos));
	/* Many small reads of one page are one use of it. */
	if (ra->prev_pos < 0 || (u64)ra->prev_pos >> PAGE_SHIFT != index)
		mark_page_accessed(page);
	copied = copy_to_iter((char *)page_address(page) + offset, n, iter);
	put_page(page);
	ra->prev_pos = pos + (loff_t)copied;
	return copied || !n ? (ssize_t)copied : -EFAULT;
}

/* generic_file_read_iter - see filemap.h. */
ssize_t generic_file_read_iter(struct file *file, struct iov_iter *iter,
			       loff_t *pos)
{
	ssize_t done = 0;
	ssize_t n = 0;

	if (!iov_iter_count(iter))
		return 0;
	while (iov_iter_count(iter)) {
		n = read_one_page(file, iter, *pos);
		if (n <= 0)
			break;
		*pos += n;
		done += n;
		if (fatal_signal_pending(current))
			break;
		cond_resched();
	}
	file_accessed(file);
	return done ? done : n;
}

/*
 * Copy into the locked page, between write_begin and write_end.
 *
 * Returns bytes, or -errno.  0: the buffer went away under us; nothing was
 * written, try again.
 */
static ssize_t write_locked_page(struct file *file, struct page *page,
				 struct iov_iter *iter, unsigned int from,
				 unsigned int bytes)
{
	struct address_space *mapping = file->f_mapping;
	const struct address_space_operations *ops = mapping->a_ops;
	size_t copied;
	int err;

	err = ops->write_begin(file, mapping, page, from, from + bytes);
	if (err)
		return err;
	copied = copy_from_iter_atomic((char *)page_address(page) + from, bytes,
				       iter);
	/* What was not read from disk must be overwritten whole. */
	if (copied < bytes && !PageUptodate(page))
		copied = 0;
	if (!copied)
		return 0;
	err = ops->write_end(file, mapping, page, from,
			     from + (unsigned int)copied);
	return err ? err : (ssize_t)copied;
}

static ssize_t write_one_chunk(struct file *file, struct iov_iter *iter,
			       loff_t pos, size_t bytes)
{
	struct page *page;
	ssize_t n;

	page = grab_cache_page(file->f_mapping, (u64)pos >> PAGE_SHIFT);
	if (!page)
		return -ENOMEM;
	/* A store to a page on its way to disk would change what lands
	 * there half way. */
	wait_on_page_writeback(page);
	n = write_locked_page(file, page, iter,
			      (unsigned int)offset_in_page(pos),
			      (unsigned int)bytes);
	/* Only reading is use: what is written is often never looked at. */
	unlock_page(page);
	put_page(page);
	return n;
}

/* generic_perform_write - the copying alone. */
ssize_t generic_perform_write(struct file *file, struct iov_iter *iter,
			      loff_t pos)
{
	size_t bytes;
	size_t missing;
	ssize_t done = 0;
	ssize_t n = 0;

	while (iov_iter_count(iter)) {
		bytes = min(PAGE_SIZE - offset_in_page(pos),
			    iov_iter_count(iter));
		missing = fault_in_iov_iter_readable(iter, bytes);
		if (missing == bytes) {
			n = -EFAULT;
			break;
		}
		/* With a bad address ahead, write up to it. */
		bytes -= missing;
		if (fatal_signal_pending(current)) {
			n = -EINTR;
			break;
		}
		n = write_one_chunk(file, iter, pos, bytes);
		cond_resched();
		if (n < 0)
			break;
		iov_iter_advance(iter, (size_t)n);
		pos += n;
		done += n;
		balance_dirty_pages_ratelimited(file->f_mapping);
	}
	return done ? done : n;
}

/* The write itself, under i_rwsem. */
static ssize_t write_locked(struct file *file, struct iov_iter *iter,
			    loff_t *pos)
{
	ssize_t ret;
	int err;

	ret = generic_write_checks(file, iter, pos);
	if (ret <= 0)
		return ret;
	err = file_remove_privs(file);
	if (err)
		return err;
	err = file_update_time(file);
	if (err)
		return err;
	return generic_perform_write(file, iter, *pos);
}

/* O_SYNC and O_DSYNC: written means on the disk. */
static ssize_t write_sync(struct file *file, loff_t pos, ssize_t written)
{
	bool whole_inode = (file->f_flags & O_SYNC) == O_SYNC ||
			   (file_inode(file)->i_flags & S_SYNC);
	int err;

	if (!whole_inode && !(file->f_flags & O_DSYNC))
		return written;
	err = vfs_fsync_range(file, pos, pos + written - 1, !whole_inode);
	return err ? err : written;
}

/* generic_file_write_iter - see filemap.h. */
ssize_t generic_file_write_iter(struct file *file, struct iov_iter *iter,
				loff_t *pos)
{
	struct inode *inode = file->f_mapping->host;
	loff_t start;
	ssize_t ret;

	down_write(&inode->i_rwsem);
	ret = write_locked(file, iter, pos);
	start = *pos;
	if (ret > 0)
		*pos += ret;
	up_write(&inode->i_rwsem);
	if (ret > 0)
		ret = write_sync(file, start, ret);
	return ret;
}
