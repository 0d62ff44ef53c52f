/*
 * mlock.c - memory that stays: mlock, mlock2, munlock, mlockall.
 *
 * Without swap only pages of files can leave memory; VM_LOCKED keeps reclaim
 * (try_to_unmap) away from them.  Locking also faults everything in.
 *
 * Locks: mmap_lock for writing to change flags; populating takes it itself.
 *
 * Entry points: vm_mlock, vm_munlock, vm_mlockall, vm_munlockall,
 * mlock_future_check, can_do_mlock, mm_populate.
 */
#include <kernel/mm/mlock.h>

#include <abi/errno.h>
#include <abi/mman.h>
#include <abi/resource.h>
#include <kernel/arch/context.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/user_pages.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/rlimit.h>
#include <kernel/sched/wait.h>
#include <kernel/types/task.h>

#define LOCK_FLAGS (VM_LOCKED | VM_LOCKONFAULT)

static bool (*ipc_lock_capable)(void);

/* mlock_set_capable - kernel/process says who may pass the limit. */
void mlock_set_capable(bool (*capable)(void))
{
	ipc_lock_capable = capable;
}

static bool may_pass_limit(void)
{
	return ipc_lock_capable && ipc_lock_capable();
}

/* can_do_mlock - may current lock anything at all? */
bool can_do_mlock(void)
{
	return rlimit(RLIMIT_MEMLOCK) != 0 || may_pass_limit();
}

/* mlock_future_check - may @len bytes more be locked, if they are to be? */
int mlock_future_check(struct mm_struct *mm, unsigned long vm_flags,
		       unsigned long len)
{
	unsigned long locked;
	unsigned long limit;

	if (!(vm_flags & VM_LOCKED))
		return 0;
	locked = mm->locked_vm + (len >> PAGE_SHIFT);
	limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	if (locked > limit && !may_pass_limit())
		return -EAGAIN;
	return 0;
}

/* One mapping's part gets exactly the lock flags @lock. */
static int mlock_fixup(struct mm_struct *mm, struct vm_area_struct *vma,
		       unsigned long start, unsigned long end,
		       unsigned long lock)
{
	unsigned long flags = (vma->vm_flags & ~LOCK_FLAGS) | lock;
	unsigned long pages = (end - start) >> PAGE_SHIFT;
	int err = 0;

	if (flags == vma->vm_flags || (vma->vm_flags & (VM_IO | VM_PFNMAP)))
		return 0;
	if (start > vma->vm_start)
		err = split_vma(mm, vma, start, true);
	if (!err && end < vma->vm_end)
		err = split_vma(mm, vma, end, false);
	if (err)
		return err;
	if ((flags ^ vma->vm_flags) & VM_LOCKED)
		mm->locked_vm += flags & VM_LOCKED ? pages : -pages;
	vma->vm_flags = flags;
	(void)vma_merge_neighbours(mm, vma);
	return 0;
}

/* Every mapping of [start, end): -ENOMEM for a hole. */
static int apply_lock(struct mm_struct *mm, unsigned long start,
		      unsigned long end, unsigned long lock)
{
	struct vm_area_struct *vma;
	unsigned long stop;
	int err;

	while (start < end) {
		vma = vma_lookup(mm, start);
		if (!vma)
			return -ENOMEM;
		stop = min(vma->vm_end, end);
		err = mlock_fixup(mm, vma, start, stop, lock);
		if (err)
			return err;
		start = stop;
	}
	return 0;
}

/* Pages of the range that are locked already: they do not count twice. */
static unsigned long already_locked(struct mm_struct *mm, unsigned long start,
				    unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	unsigned long pages = 0;

	for (; vma && vma->vm_start < end; vma = vma_next(vma)) {
		if (vma->vm_flags & VM_LOCKED)
			pages += (min(vma->vm_end, end) -
				  max(vma->vm_start, start)) >>
				 PAGE_SHIFT;
	}
	return pages;
}

static int mlock_locked(struct mm_struct *mm, unsigned long start,
			unsigned long len, unsigned long lock, bool privileged)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	unsigned long want = (len >> PAGE_SHIFT) + mm->locked_vm;

	if (want > limit && !privileged)
		want -= already_locked(mm, start, start + len);
	if (want > limit && !privileged)
		return -ENOMEM;
	return apply_lock(mm, start, start + len, lock);
}

/* Fault [start, start+len) in; the first error as mlock(2) names it. */
static int populate(unsigned long start, unsigned long len, bool strict)
{
	struct mm_struct *mm = current->mm;
	unsigned long end = start + len;
	struct vm_area_struct *vma;
	long got;

	for (; start < end; start += PAGE_SIZE) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		mmap_read_lock(mm);
		vma = vma_lookup(mm, start);
		if (!vma || (vma->vm_flags & (VM_IO | VM_PFNMAP)) ||
		    (strict && (vma->vm_flags & VM_LOCKONFAULT))) {
			mmap_read_unlock(mm);
			continue;
		}
		got = get_user_pages_remote(
			mm, start, 1,
			(vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE
				? FOLL_WRITE
				: 0,
			NULL);
		mmap_read_unlock(mm);
		if (got < 0 && strict)
			return got == -EFAULT ? -ENOMEM : -EAGAIN;
		if (got < 0)
			return (int)got;
	}
	return 0;
}

/* mm_populate - MAP_POPULATE: as far as it goes. */
void mm_populate(unsigned long start, unsigned long len)
{
	(void)populate(start, len, false);
}

/* vm_mlock - mlock(2), mlock2(2). */
int vm_mlock(unsigned long start, size_t len, bool onfault, bool privileged)
{
	struct mm_struct *mm = current->mm;
	int err;

	if (!privileged && rlimit(RLIMIT_MEMLOCK) == 0)
		return -EPERM;
	len = PAGE_ALIGN(len + offset_in_page(start));
	start &= PAGE_MASK;
	if (start + len < start)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = mlock_locked(mm, start, len, onfault ? LOCK_FLAGS : VM_LOCKED,
			   privileged);
	mmap_write_unlock(mm);
	if (err)
		return err;
	return populate(start, len, true);
}

/* vm_munlock - munlock(2). */
int vm_munlock(unsigned long start, size_t len)
{
	struct mm_struct *mm = current->mm;
	int err;

	len = PAGE_ALIGN(len + offset_in_page(start));
	start &= PAGE_MASK;
	if (start + len < start)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = apply_lock(mm, start, start + len, 0);
	mmap_write_unlock(mm);
	return err;
}

/* All mappings get @lock; those that cannot be split need not be. */
static void lock_all(struct mm_struct *mm, unsigned long lock)
{
	unsigned long addr = 0;
	struct vm_area_struct *vma;

	while ((vma = find_vma(mm, addr)) != NULL) {
		addr = vma->vm_end;
		(void)mlock_fixup(mm, vma, vma->vm_start, vma->vm_end, lock);
	}
}

/* Fault in every mapping, one after the other. */
static void populate_all(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	unsigned long start = 0;
	unsigned long end = 0;

	for (;;) {
		mmap_read_lock(mm);
		vma = find_vma(mm, end);
		if (vma) {
			start = vma->vm_start;
			end = vma->vm_end;
		}
		mmap_read_unlock(mm);
		if (!vma || fatal_signal_pending(current))
			return;
		mm_populate(start, end - start);
	}
}

/* vm_mlockall - mlockall(2). */
int vm_mlockall(int flags, bool privileged)
{
	struct mm_struct *mm = current->mm;
	unsigned long lock = flags & MCL_ONFAULT ? LOCK_FLAGS : VM_LOCKED;
	int err = 0;

	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	if (!privileged && rlimit(RLIMIT_MEMLOCK) == 0)
		return -EPERM;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if ((flags & MCL_CURRENT) && !privileged &&
	    mm->total_vm > rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT)
		err = -ENOMEM;
	if (!err) {
		mm->def_flags &= ~LOCK_FLAGS;
		if (flags & MCL_FUTURE)
			mm->def_flags |= lock;
		if (flags & MCL_CURRENT)
			lock_all(mm, lock);
	}
	mmap_write_unlock(mm);
	if (!err && (flags & MCL_CURRENT) && !(flags & MCL_ONFAULT))
		populate_all(mm);
	return err;
}

/* vm_munlockall - munlockall(2). */
int vm_munlockall(void)
{
	struct mm_struct *mm = current->mm;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	mm->def_flags &= ~LOCK_FLAGS;
	lock_all(mm, 0);
	mmap_write_unlock(mm);
	return 0;
}
