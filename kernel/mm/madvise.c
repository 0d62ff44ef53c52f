/*
 * madvise.c - advice about use of memory; mincore and msync.
 *
 * Advice about a range is taken mapping by mapping; holes make the result
 * -ENOMEM, but what is mapped is done all the same.
 *
 * Locks: mmap_lock, for writing where flags of mappings change.
 *
 * Entry points: vm_madvise, vm_mincore, vm_msync.
 */
#include <kernel/mm/madvise.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/context.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/page_table.h>
#include <kernel/mm/truncate.h>
#include <kernel/mm/user_pages.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>
#include <kernel/types/task.h>

static bool behavior_known(int behavior)
{
	switch (behavior) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return true;
	default:
		return false;
	}
}

/* Those that change the mapping itself. */
static bool changes_flags(int behavior)
{
	switch (behavior) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
		return true;
	default:
		return false;
	}
}

/* The flags that @behavior gives a mapping with @flags; or -EINVAL. */
static int new_flags(const struct vm_area_struct *vma, int behavior,
		     unsigned long *flags)
{
	switch (behavior) {
	case MADV_NORMAL:
		*flags &= ~(VM_RAND_READ | VM_SEQ_READ);
		return 0;
	case MADV_SEQUENTIAL:
		*flags = (*flags & ~VM_RAND_READ) | VM_SEQ_READ;
		return 0;
	case MADV_RANDOM:
		*flags = (*flags & ~VM_SEQ_READ) | VM_RAND_READ;
		return 0;
	case MADV_DONTFORK:
		*flags |= VM_DONTCOPY;
		return 0;
	case MADV_DOFORK:
		if (vma->vm_flags & VM_IO)
			return -EINVAL;
		*flags &= ~VM_DONTCOPY;
		return 0;
	case MADV_WIPEONFORK:
		/* Only private memory without a file can begin anew. */
		if (vma->vm_file || (vma->vm_flags & VM_SHARED))
			return -EINVAL;
		*flags |= VM_WIPEONFORK;
		return 0;
	case MADV_KEEPONFORK:
		*flags &= ~VM_WIPEONFORK;
		return 0;
	case MADV_DONTDUMP:
		*flags |= VM_DONTDUMP;
		return 0;
	default: /* MADV_DODUMP */
		if (vma->vm_flags & (VM_IO | VM_PFNMAP))
			return -EINVAL;
		*flags &= ~VM_DONTDUMP;
		return 0;
	}
}

static int advise_flags(struct vm_area_struct *vma, unsigned long start,
			unsigned long end, int behavior)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long flags = vma->vm_flags;
	int err;

	err = new_flags(vma, behavior, &flags);
	if (err || flags == vma->vm_flags)
		return err;
	if (start > vma->vm_start)
		err = split_vma(mm, vma, start, true);
	if (!err && end < vma->vm_end)
		err = split_vma(mm, vma, end, false);
	if (err)
		return -EAGAIN;
	vma->vm_flags = flags;
	(void)vma_merge_neighbours(mm, vma);
	return 0;
}

/* Throw the pages of [start, end) away; private ones come back as zeros. */
static int advise_dontneed(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end, int behavior)
{
	unsigned long refuse = VM_PFNMAP;

	if (behavior != MADV_DONTNEED_LOCKED)
		refuse |= VM_LOCKED;
	if (vma->vm_flags & refuse)
		return -EINVAL;
	/* "When memory is short" is allowed to be now. */
	if (behavior == MADV_FREE && !vma_is_anonymous(vma))
		return -EINVAL;
	zap_page_range(vma, start, end - start);
	return 0;
}

/* The next two ask the file, if there is one, whose locks come before
 * mmap_lock: that is let go meanwhile, and @vma may be gone when it has been
 * taken again. */
static int advise_willneed(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end)
{
	u64 first = linear_page_index(vma, start);
	struct mm_struct *mm = vma->vm_mm;
	struct file *file = vma->vm_file;

	/* Memory without a file has nowhere to be read from. */
	if (!file || !vma->vm_mapping || !mmap_file_ops->readahead)
		return 0;
	mmap_file_ops->get(file);
	mmap_read_unlock(mm);
	mmap_file_ops->readahead(file, first, (end - start) >> PAGE_SHIFT);
	mmap_file_ops->put(file);
	mmap_read_lock(mm);
	return 0;
}

static int advise_remove(struct vm_area_struct *vma, unsigned long start,
			 unsigned long end)
{
	loff_t offset = (loff_t)(linear_page_index(vma, start) << PAGE_SHIFT);
	struct mm_struct *mm = vma->vm_mm;
	struct file *file = vma->vm_file;
	long err;

	if (vma->vm_flags & VM_LOCKED)
		return -EINVAL;
	if (!vma->vm_mapping)
		return -EINVAL;
	if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) !=
	    (VM_SHARED | VM_MAYWRITE))
		return -EACCES;
	if (!file) {
		truncate_pagecache_range(vma->vm_mapping, offset,
					 offset + (loff_t)(end - start) - 1);
		return 0;
	}
	if (!mmap_file_ops->punch_hole)
		return -EOPNOTSUPP;
	mmap_file_ops->get(file);
	mmap_read_unlock(mm);
	err = mmap_file_ops->punch_hole(file, offset, (loff_t)(end - start));
	mmap_file_ops->put(file);
	mmap_read_lock(mm);
	return (int)err;
}

static int advise_vma(struct vm_area_struct *vma, unsigned long start,
		      unsigned long end, int behavior)
{
	switch (behavior) {
	case MADV_WILLNEED:
		return advise_willneed(vma, start, end);
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
		return advise_dontneed(vma, start, end, behavior);
	case MADV_REMOVE:
		return advise_remove(vma, start, end);
	case MADV_COLD:
	case MADV_PAGEOUT:
		/* Without swap only file pages could go, and they do when
		 * memory is short. */
		return vma->vm_flags & (VM_LOCKED | VM_PFNMAP) ? -EINVAL : 0;
	default:
		return advise_flags(vma, start, end, behavior);
	}
}

static int advise_range(struct mm_struct *mm, unsigned long start,
			unsigned long end, int behavior)
{
	struct vm_area_struct *vma;
	bool hole = false;
	unsigned long stop;
	int err;

	while (start < end) {
		vma = find_vma(mm, start);
		if (!vma || vma->vm_start >= end)
			return -ENOMEM;
		if (start < vma->vm_start) {
			hole = true;
			start = vma->vm_start;
		}
		stop = min(vma->vm_end, end);
		err = advise_vma(vma, start, stop, behavior);
		if (err)
			return err;
		start = stop;
	}
	return hole ? -ENOMEM : 0;
}

/* MADV_POPULATE_*: like touching every page, but with an errno. */
static int advise_populate(struct mm_struct *mm, unsigned long start,
			   unsigned long end, bool write)
{
	struct vm_area_struct *vma;
	int hole = 0;
	long got;
	int err = 0;

	mmap_read_lock(mm);
	while (start < end && !err) {
		vma = find_vma(mm, start);
		if (!vma || vma->vm_start > start) {
			/* It goes on behind, but counts in the end. */
			hole = -ENOMEM;
			start = vma ? vma->vm_start : end;
		} else if ((vma->vm_flags & (VM_PFNMAP | VM_IO)) ||
			   !(vma->vm_flags & (write ? VM_WRITE : VM_READ))) {
			err = -EINVAL;
		} else {
			got = get_user_pages_remote(
				mm, start, 1, write ? FOLL_WRITE : 0, NULL);
			err = got < 0 ? (int)got : 0;
			start += PAGE_SIZE;
		}
	}
	mmap_read_unlock(mm);
	return err ? err : hole;
}

/* vm_madvise - madvise(2). */
int vm_madvise(unsigned long start, size_t len, int behavior)
{
	struct mm_struct *mm = current->mm;
	unsigned long end;
	int err;

	if (!behavior_known(behavior))
		return -EINVAL;
	if (offset_in_page(start))
		return -EINVAL;
	if (len && !PAGE_ALIGN(len))
		return -EINVAL;
	end = start + PAGE_ALIGN(len);
	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	if (behavior == MADV_POPULATE_READ || behavior == MADV_POPULATE_WRITE)
		return advise_populate(mm, start, end,
				       behavior == MADV_POPULATE_WRITE);
	if (changes_flags(behavior)) {
		if (mmap_write_lock_killable(mm))
			return -EINTR;
		err = advise_range(mm, start, end, behavior);
		mmap_write_unlock(mm);
	} else {
		mmap_read_lock(mm);
		err = advise_range(mm, start, end, behavior);
		mmap_read_unlock(mm);
	}
	return err;
}

/* Is the page of @addr in memory? */
static bool page_in_core(struct vm_area_struct *vma, unsigned long addr)
{
	struct page *page = NULL;
	pte_t *ptep = pte_walk(vma->vm_mm, addr);
	bool present = ptep && !pte_none(*ptep);

	if (present || !vma->vm_mapping)
		return present;
	page = find_get_page(vma->vm_mapping, linear_page_index(vma, addr));
	if (!page)
		return false;
	present = PageUptodate(page);
	put_page(page);
	return present;
}

/* Fill @vec for up to a page of answers; how many, or -ENOMEM for a hole. */
static long mincore_chunk(struct mm_struct *mm, unsigned long addr,
			  unsigned long pages, unsigned char *vec)
{
	struct vm_area_struct *vma = vma_lookup(mm, addr);
	unsigned long n;
	unsigned long i;

	if (!vma)
		return -ENOMEM;
	n = min(pages, (vma->vm_end - addr) >> PAGE_SHIFT);
	n = min(n, PAGE_SIZE);
	for (i = 0; i < n; i++)
		vec[i] = page_in_core(vma, addr + (i << PAGE_SHIFT));
	return (long)n;
}

/* vm_mincore - mincore(2). */
int vm_mincore(unsigned long start, size_t len, unsigned char __user *vec)
{
	struct mm_struct *mm = current->mm;
	unsigned long pages = PAGE_ALIGN(len) >> PAGE_SHIFT;
	struct page *buffer;
	long n = 0;

	if (offset_in_page(start))
		return -EINVAL;
	if (!access_ok(start, len))
		return -ENOMEM;
	if (!access_ok(vec, pages))
		return -EFAULT;
	buffer = alloc_page_user();
	if (!buffer)
		return -EAGAIN;
	while (pages) {
		mmap_read_lock(mm);
		n = mincore_chunk(mm, start, pages, page_address(buffer));
		mmap_read_unlock(mm);
		if (n <= 0)
			break;
		if (copy_to_user(vec, page_address(buffer), (unsigned long)n)) {
			n = -EFAULT;
			break;
		}
		pages -= (unsigned long)n;
		vec += n;
		start += (unsigned long)n << PAGE_SHIFT;
		n = 0;
	}
	put_page(buffer);
	return (int)n;
}

/* Write one mapping's part out; drops and does not retake mmap_lock. */
static int msync_file(struct mm_struct *mm, struct vm_area_struct *vma,
		      unsigned long start, unsigned long stop)
{
	struct file *file = vma->vm_file;
	loff_t from = (loff_t)(linear_page_index(vma, start) << PAGE_SHIFT);
	int err;

	mmap_file_ops->get(file);
	mmap_read_unlock(mm);
	err = mmap_file_ops->fsync(file, from,
				   from + (loff_t)(stop - start) - 1);
	mmap_file_ops->put(file);
	return err;
}

/* msync over [start, end), page aligned. */
static int msync_range(struct mm_struct *mm, unsigned long start,
		       unsigned long end, int flags)
{
	struct vm_area_struct *vma;
	unsigned long stop;
	bool hole = false;
	int err;

	while (start < end) {
		mmap_read_lock(mm);
		vma = find_vma(mm, start);
		if (!vma || vma->vm_start >= end) {
			mmap_read_unlock(mm);
			return -ENOMEM;
		}
		hole |= start < vma->vm_start;
		start = max(start, vma->vm_start);
		stop = min(end, vma->vm_end);
		err = 0;
		if ((flags & MS_INVALIDATE) && (vma->vm_flags & VM_LOCKED)) {
			err = -EBUSY;
			mmap_read_unlock(mm);
		} else if ((flags & MS_SYNC) && vma->vm_mapping &&
			   vma->vm_file && (vma->vm_flags & VM_SHARED)) {
			err = msync_file(mm, vma, start, stop);
		} else {
			mmap_read_unlock(mm);
		}
		if (err)
			return err;
		start = stop;
	}
	return hole ? -ENOMEM : 0;
}

/* vm_msync - msync(2). */
int vm_msync(unsigned long start, size_t len, int flags)
{
	unsigned long end;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC))
		return -EINVAL;
	if (offset_in_page(start))
		return -EINVAL;
	if ((flags & MS_ASYNC) && (flags & MS_SYNC))
		return -EINVAL;
	end = start + PAGE_ALIGN(len);
	if (end < start)
		return -ENOMEM;
	if (end == start)
		return 0;
	return msync_range(current->mm, start, end, flags);
}
