/*
 * brk.c - the heap: one anonymous mapping behind the program's data.
 *
 * Locks: mmap_lock for writing.
 *
 * Entry points: mm_brk, vm_brk_flags.
 */
#include <kernel/mm/brk.h>

#include <abi/errno.h>
#include <abi/resource.h>
#include <kernel/arch/context.h>
#include <kernel/mm/mlock.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/rlimit.h>
#include <kernel/types/task.h>

/* Anonymous memory at [addr, addr+len), in place of what stands there. */
static int do_brk_flags(struct mm_struct *mm, unsigned long addr,
			unsigned long len, unsigned long vm_flags)
{
	unsigned long ret;
	int err;

	vm_flags |= VM_DATA_FLAGS | mm->def_flags;
	if (read_implies_exec(PROT_READ))
		vm_flags |= VM_EXEC;
	err = mlock_future_check(mm, vm_flags, len);
	if (err)
		return err;
	ret = mmap_region(mm, NULL, addr, len, vm_flags, addr >> PAGE_SHIFT);
	return IS_ERR_VALUE(ret) ? (int)ret : 0;
}

/* Does RLIMIT_DATA allow a heap that ends at @brk? */
static bool data_limit_allows(const struct mm_struct *mm, unsigned long brk)
{
	unsigned long limit = rlimit(RLIMIT_DATA);

	if (limit == RLIM_INFINITY)
		return true;
	return (brk - mm->start_brk) + (mm->end_data - mm->start_data) <= limit;
}

/* Grow from page @old to page @new; a mapping above keeps its distance. */
static bool grow_brk(struct mm_struct *mm, unsigned long old, unsigned long new)
{
	struct vm_area_struct *next = find_vma(mm, old);
	unsigned long gap = PAGE_SIZE;

	if (next && (next->vm_flags & VM_GROWSDOWN))
		gap += (unsigned long)sysctl_stack_guard_gap << PAGE_SHIFT;
	if (new > TASK_SIZE || (next && new + gap > next->vm_start))
		return false;
	return do_brk_flags(mm, old, new - old, 0) == 0;
}

/* The new end if it could be set, else the old one. */
static unsigned long brk_locked(struct mm_struct *mm, unsigned long brk,
				unsigned long *populate)
{
	unsigned long old_page = PAGE_ALIGN(mm->brk);
	unsigned long new_page = PAGE_ALIGN(brk);

	if (brk < mm->start_brk || new_page < brk ||
	    !data_limit_allows(mm, brk))
		return mm->brk;
	if (new_page < old_page && do_munmap(mm, new_page, old_page - new_page))
		return mm->brk;
	if (new_page > old_page) {
		if (!grow_brk(mm, old_page, new_page))
			return mm->brk;
		if (mm->def_flags & VM_LOCKED)
			*populate = new_page - old_page;
	}
	mm->brk = brk;
	return brk;
}

/* mm_brk - brk(2). */
unsigned long mm_brk(unsigned long brk)
{
	struct mm_struct *mm = current->mm;
	unsigned long populate = 0;
	unsigned long end;
	unsigned long ret;

	if (mmap_write_lock_killable(mm))
		return (unsigned long)-EINTR;
	end = PAGE_ALIGN(mm->brk);
	ret = brk_locked(mm, brk, &populate);
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(end, populate);
	return ret;
}

/* vm_brk_flags - bss for exec. */
int vm_brk_flags(unsigned long addr, unsigned long len, unsigned long vm_flags)
{
	struct mm_struct *mm = current->mm;
	int err;

	if (PAGE_ALIGN(len) < len)
		return -ENOMEM;
	len = PAGE_ALIGN(len);
	if (!len)
		return 0;
	if (vm_flags & ~VM_EXEC)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = do_brk_flags(mm, addr, len, vm_flags);
	mmap_write_unlock(mm);
	return err;
}
