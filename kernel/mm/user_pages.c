/*
 * user_pages.c - the pages behind addresses of a program.
 *
 * Each page is looked up in the tables and, if it is not there with the right
 * to do what is wanted, faulted in as the program itself would.
 *
 * Locks: mmap_lock, held by the caller or taken here; see each function.
 *
 * Entry points: get_user_pages_remote, get_user_pages, access_remote_vm.
 */
#include <kernel/mm/user_pages.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/context.h>
#include <kernel/lib/string.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/page_table.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>
#include <kernel/types/task.h>

/* Do the mapping's rights, or FOLL_FORCE, allow it? */
static int check_rights(const struct vm_area_struct *vma, unsigned int flags)
{
	unsigned long vm_flags = vma->vm_flags;

	if (vm_flags & (VM_IO | VM_PFNMAP))
		return -EFAULT;
	if (flags & FOLL_WRITE) {
		if (vm_flags & VM_WRITE)
			return 0;
		/* Forced: only where the program gets a copy of its own. */
		if (!(flags & FOLL_FORCE) || !is_cow_mapping(vm_flags))
			return -EFAULT;
		return 0;
	}
	if (vm_flags & VM_READ)
		return 0;
	return (flags & FOLL_FORCE) && (vm_flags & VM_MAYREAD) ? 0 : -EFAULT;
}

/* The page now mapped, if it will do.  A forced write needs a private copy,
 * whose entry stays read-only. */
static struct page *follow(struct vm_area_struct *vma, unsigned long addr,
			   unsigned int flags)
{
	bool write = flags & FOLL_WRITE;
	struct page *page;

	if (write && !(vma->vm_flags & VM_WRITE)) {
		page = follow_page(vma, addr, false);
		if (page && PageAnon(page) && page_mapcount(page) == 1)
			return page;
		if (page)
			put_page(page);
		return NULL;
	}
	return follow_page(vma, addr, write);
}

static struct page *get_one(struct vm_area_struct *vma, unsigned long addr,
			    unsigned int flags, int *err)
{
	unsigned int fault_flags = FAULT_FLAG_REMOTE;
	struct page *page;
	vm_fault_t ret;

	if (flags & FOLL_WRITE)
		fault_flags |= FAULT_FLAG_WRITE;
	for (;;) {
		page = follow(vma, addr, flags);
		if (page)
			return page;
		if (fatal_signal_pending(current)) {
			*err = -EINTR;
			return NULL;
		}
		ret = handle_mm_fault(vma, addr, fault_flags);
		if (ret & VM_FAULT_ERROR) {
			*err = ret & VM_FAULT_OOM ? -ENOMEM : -EFAULT;
			return NULL;
		}
		cond_resched();
	}
}

/* get_user_pages_remote - see user_pages.h. */
long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages)
{
	struct vm_area_struct *vma;
	unsigned long i;
	struct page *page;
	int err = 0;

	for (i = 0; i < nr_pages; i++, start += PAGE_SIZE) {
		vma = find_vma(mm, start);
		if (vma && vma->vm_start > start)
			vma = rwsem_is_write_locked(&mm->mmap_lock)
				      ? find_extend_vma(mm, start)
				      : NULL;
		err = vma ? check_rights(vma, gup_flags) : -EFAULT;
		if (err)
			break;
		page = get_one(vma, start & PAGE_MASK, gup_flags, &err);
		if (!page)
			break;
		if (pages)
			pages[i] = page;
		else
			put_page(page);
	}
	return i ? (long)i : err;
}

/* get_user_pages - of current. */
long get_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages)
{
	struct mm_struct *mm = current->mm;
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages_remote(mm, start, nr_pages, gup_flags, pages);
	mmap_read_unlock(mm);
	return ret;
}

/* access_remote_vm - copy between @buf and @addr of @mm. */
int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
		     int len, unsigned int gup_flags)
{
	struct page *page;
	char *at;
	int done = 0;
	int n;

	if (mmap_read_lock_killable(mm))
		return 0;
	while (done < len) {
		if (get_user_pages_remote(mm, addr, 1, gup_flags, &page) != 1)
			break;
		n = min(len - done, (int)(PAGE_SIZE - offset_in_page(addr)));
		at = (char *)page_address(page) + offset_in_page(addr);
		if (gup_flags & FOLL_WRITE) {
			memcpy(at, (char *)buf + done, (size_t)n);
			(void)set_page_dirty(page);
		} else {
			memcpy((char *)buf + done, at, (size_t)n);
		}
		put_page(page);
		addr += (unsigned long)n;
		done += n;
	}
	mmap_read_unlock(mm);
	return done;
}
