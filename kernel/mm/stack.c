/*
 * stack.c - stacks that grow when touched.
 *
 * A mapping with VM_GROWSDOWN reaches down to a touched address below it, if
 * nothing else stands within the guard gap there, and the limits allow.  To
 * grow it takes mmap_lock for writing: a page fault that finds nothing gives
 * up the lock for reading, grows, and goes on.
 *
 * Entry points: expand_stack, find_extend_vma, lock_mm_and_find_vma; for exec
 * setup_stack_vma, setup_arg_pages.
 */
#include <abi/errno.h>
#include <abi/resource.h>
#include <kernel/arch/context.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/mlock.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/mprotect.h>
#include <kernel/mm/mremap.h>
#include <kernel/mm/page_table.h>
#include <kernel/sched/rlimit.h>

int sysctl_stack_guard_gap = 256;

/* Is the room from @addr up to the stack free, with the guard gap below? */
static bool gap_is_free(struct vm_area_struct *vma, unsigned long addr)
{
	struct vm_area_struct *prev = vma_prev(vma);
	unsigned long gap = (unsigned long)sysctl_stack_guard_gap << PAGE_SHIFT;

	if (addr < sysctl_mmap_min_addr)
		return false;
	if (!prev)
		return true;
	if (addr < prev->vm_end)
		return false;
	/* Two parts of one stack, or memory nobody can touch, need no gap. */
	if ((prev->vm_flags & VM_GROWSDOWN) ||
	    !(prev->vm_flags & (VM_READ | VM_WRITE | VM_EXEC)))
		return true;
	return addr - prev->vm_end >= gap;
}

static int account_growth(struct vm_area_struct *vma, unsigned long size,
			  unsigned long grow)
{
	struct mm_struct *mm = vma->vm_mm;

	if (!may_expand_vm(mm, vma->vm_flags, grow))
		return -ENOMEM;
	if (size > rlimit(RLIMIT_STACK))
		return -ENOMEM;
	if (mlock_future_check(mm, vma->vm_flags, grow << PAGE_SHIFT))
		return -ENOMEM;
	if (vma->vm_flags & VM_ACCOUNT)
		return vm_enough_memory(mm, (long)grow);
	return 0;
}

/* expand_stack - let @vma begin at @addr's page. */
int expand_stack(struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long grow;
	int err;

	addr &= PAGE_MASK;
	if (!(vma->vm_flags & VM_GROWSDOWN))
		return -EFAULT;
	if (addr >= vma->vm_start)
		return 0;
	if (!gap_is_free(vma, addr))
		return -ENOMEM;
	grow = (vma->vm_start - addr) >> PAGE_SHIFT;
	if (grow > vma->vm_pgoff)
		return -ENOMEM;
	err = account_growth(vma, vma->vm_end - addr, grow);
	if (err)
		return err;
	vm_stat_account(vma->vm_mm, vma->vm_flags, (long)grow);
	if (vma->vm_flags & VM_LOCKED)
		vma->vm_mm->locked_vm += grow;
	vma_adjust(vma, addr, vma->vm_end, vma->vm_pgoff - grow);
	return 0;
}

/* find_extend_vma - the mapping of @addr, growing a stack; write-locked. */
struct vm_area_struct *find_extend_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	if (!vma || vma->vm_start <= addr)
		return vma;
	if (expand_stack(vma, addr))
		return NULL;
	return vma;
}

/* lock_mm_and_find_vma - read-locked on success. */
struct vm_area_struct *lock_mm_and_find_vma(struct mm_struct *mm,
					    unsigned long addr)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	if (likely(vma && vma->vm_start <= addr))
		return vma;
	if (!vma || !(vma->vm_flags & VM_GROWSDOWN)) {
		mmap_read_unlock(mm);
		return NULL;
	}
	/* Somebody may change everything between the two locks: look again. */
	mmap_read_unlock(mm);
	mmap_write_lock(mm);
	vma = find_extend_vma(mm, addr);
	if (!vma) {
		mmap_write_unlock(mm);
		return NULL;
	}
	downgrade_write(&mm->mmap_lock);
	return vma;
}

/* setup_stack_vma - exec: one page of stack that ends at @top. */
int setup_stack_vma(struct mm_struct *mm, unsigned long top,
		    struct vm_area_struct **vmap)
{
	struct vm_area_struct *vma;
	int err;

	vma = vm_area_alloc(mm);
	if (!vma)
		return -ENOMEM;
	vma->vm_end = top;
	vma->vm_start = top - PAGE_SIZE;
	vma->vm_flags = VM_STACK_FLAGS;
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
	err = vm_enough_memory(mm, 1);
	if (err)
		goto free_vma;
	err = insert_vm_struct(mm, vma);
	if (err)
		goto unaccount;
	vm_stat_account(mm, vma->vm_flags, 1);
	*vmap = vma;
	return 0;

unaccount:
	vm_unacct_memory(1);
free_vma:
	vm_area_free(vma);
	return err;
}

/* Move the stack mapping down by @shift; it may overlap where it was. */
static int shift_stack(struct vm_area_struct *vma, unsigned long shift)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long start = vma->vm_start;
	unsigned long end = vma->vm_end;
	unsigned long len = end - start;
	struct mmu_gather tlb;

	if (start < shift + sysctl_mmap_min_addr ||
	    find_vma(mm, start - shift) != vma)
		return -EFAULT;
	vma_adjust(vma, start - shift, end, (start - shift) >> PAGE_SHIFT);
	if (move_page_tables(vma, start, vma, start - shift, len) < len)
		return -ENOMEM;
	tlb_gather_mmu(&tlb, mm, false);
	free_pgtables(&tlb, max(start, end - shift), end, end - shift,
		      1UL << 47);
	tlb_finish_mmu(&tlb);
	vma_adjust(vma, start - shift, end - shift,
		   (start - shift) >> PAGE_SHIFT);
	return 0;
}

#define STACK_HEADROOM (128UL << 10) /* mapped below the arguments at once */

/* setup_arg_pages - exec: the finished stack goes to its place. */
int setup_arg_pages(struct mm_struct *mm, struct vm_area_struct *vma,
		    unsigned long stack_top, bool executable,
		    unsigned long *shift)
{
	struct vm_area_struct *prev;
	unsigned long vm_flags = vma->vm_flags;
	unsigned long limit = rlimit(RLIMIT_STACK) & PAGE_MASK;
	unsigned long size;
	int err;

	*shift = vma->vm_end - PAGE_ALIGN_DOWN(stack_top);
	if (*shift) {
		err = shift_stack(vma, *shift);
		if (err)
			return err;
	}
	if (executable)
		vm_flags |= VM_EXEC;
	err = mprotect_fixup(mm, vma, &prev, vma->vm_start, vma->vm_end,
			     vm_flags | mm->def_flags);
	if (err)
		return err;
	mm->start_stack = vma->vm_start;
	size = vma->vm_end - vma->vm_start + STACK_HEADROOM;
	size = min(size, max(limit, vma->vm_end - vma->vm_start));
	if (expand_stack(vma, vma->vm_end - size))
		return -EFAULT;
	return 0;
}
