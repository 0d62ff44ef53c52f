/*
 * fadvise.c - posix_fadvise(2) and readahead(2): windows of read-ahead made
 * larger or smaller, pages fetched early or given up.
 *
 * Entry points: vfs_fadvise, vfs_readahead.
 */
#include <fs/vfs/fadvise.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <kernel/arch/paging.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/readahead.h>
#include <kernel/mm/truncate.h>
#include <kernel/mm/writeback.h>

/* POSIX_FADV_DONTNEED: only whole pages, and only clean ones, go. */
static void fadvise_dontneed(struct address_space *mapping, loff_t offset,
			     loff_t end)
{
	u64 first = (u64)(offset + PAGE_SIZE - 1) >> PAGE_SHIFT;
	u64 last = (u64)end >> PAGE_SHIFT;

	(void)filemap_flush(mapping);
	/* A page that goes on after @end stays, unless the file ends in it. */
	if (end != INT64_MAX && ((u64)end & (PAGE_SIZE - 1)) != PAGE_SIZE - 1 &&
	    end != i_size_read(mapping->host) - 1) {
		if (!last)
			return;
		last--;
	}
	if (last >= first)
		(void)invalidate_mapping_pages(mapping, first, last);
}

static void fadvise_willneed(struct file *file, loff_t offset, loff_t end)
{
	u64 first = (u64)offset >> PAGE_SHIFT;
	u64 last = (u64)end >> PAGE_SHIFT;
	u64 size = (u64)i_size_read(file->f_mapping->host);

	last = min(last, size >> PAGE_SHIFT);
	if (last >= first)
		(void)force_page_cache_readahead(file->f_mapping, file, first,
						 last - first + 1);
}

int vfs_fadvise(struct file *file, loff_t offset, loff_t len, int advice)
{
	struct address_space *mapping = file->f_mapping;
	loff_t end;

	if (S_ISFIFO(file_inode(file)->i_mode))
		return -ESPIPE;
	if (!mapping || len < 0)
		return -EINVAL;
	if (advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE)
		return -EINVAL;
	/* Files that are not cached (proc, devices) take any advice. */
	if (!mapping->a_ops || !mapping->a_ops->read_page)
		return 0;
	if (!len || __builtin_add_overflow(offset, len, &end) || end < 0)
		end = INT64_MAX;
	else
		end--;

	switch (advice) {
	case POSIX_FADV_NORMAL:
		file->f_ra.ra_pages = VM_READAHEAD_PAGES;
		break;
	case POSIX_FADV_RANDOM:
		file->f_ra.ra_pages = 0;
		break;
	case POSIX_FADV_SEQUENTIAL:
		file->f_ra.ra_pages = 2 * VM_READAHEAD_PAGES;
		break;
	case POSIX_FADV_WILLNEED:
		fadvise_willneed(file, offset, end);
		break;
	case POSIX_FADV_DONTNEED:
		fadvise_dontneed(mapping, offset, end);
		break;
	default:
		break; /* POSIX_FADV_NOREUSE: no use is made of it */
	}
	return 0;
}

int vfs_readahead(struct file *file, loff_t offset, size_t count)
{
	umode_t mode = file_inode(file)->i_mode;

	if (!file->f_mapping || !file->f_mapping->a_ops ||
	    (!S_ISREG(mode) && !S_ISBLK(mode)))
		return -EINVAL;
	return vfs_fadvise(file, offset, (loff_t)count, POSIX_FADV_WILLNEED);
}
