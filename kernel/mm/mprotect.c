/*
 * mprotect.c - change the rights of mapped memory.
 *
 * Mappings are cut at the ends of the range, get their new flags, and are
 * joined again with neighbours.  Entries lose the right to write in any case:
 * the next store faults, and the fault knows whether to copy.
 *
 * Locks: mmap_lock for writing; page_table_lock for entries.
 *
 * Entry points: vm_mprotect, mprotect_fixup, change_protection.
 */
#include <kernel/mm/mprotect.h>

#include <abi/errno.h>
#include <kernel/arch/context.h>
#include <kernel/arch/tlb.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/page_table.h>
#include <kernel/mm/vma.h>
#include <kernel/types/task.h>

static void change_pte(pte_t *ptep, unsigned long addr, void *arg)
{
	const struct vm_area_struct *vma = arg;
	pte_t pte;

	(void)addr;
	/* The CPU may set dirty meanwhile: take it out first. */
	pte = ptep_get_and_clear(ptep);
	if (pte_special(pte) && (vma->vm_flags & VM_PFNMAP))
		pte = pte_modify(pte, vma->vm_page_prot);
	else
		pte = pte_wrprotect(pte_modify(pte, vma->vm_page_prot));
	set_pte(ptep, pte);
}

/* change_protection - entries of a range get the mapping's rights. */
void change_protection(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end)
{
	walk_page_range(vma->vm_mm, start, end, change_pte, vma);
	flush_tlb_range(vma->vm_mm, start, end);
}

/* What becoming writable, or not, means for promises and limits. */
static int account_change(struct mm_struct *mm, struct vm_area_struct *vma,
			  unsigned long start, unsigned long end,
			  unsigned long *newflags)
{
	unsigned long oldflags = vma->vm_flags;
	long pages = (long)((end - start) >> PAGE_SHIFT);
	int err;

	if (!(*newflags & VM_WRITE))
		return 0;
	if (!may_expand_vm(mm, *newflags, (unsigned long)pages) &&
	    may_expand_vm(mm, oldflags, (unsigned long)pages))
		return -ENOMEM;
	if (oldflags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))
		return 0;
	err = vm_enough_memory(mm, pages);
	if (err)
		return err;
	*newflags |= VM_ACCOUNT;
	return 0;
}

/* mprotect_fixup - one mapping's part of the range. */
int mprotect_fixup(struct mm_struct *mm, struct vm_area_struct *vma,
		   struct vm_area_struct **pprev, unsigned long start,
		   unsigned long end, unsigned long newflags)
{
	unsigned long oldflags = vma->vm_flags;
	long pages = (long)((end - start) >> PAGE_SHIFT);
	int err;

	*pprev = vma;
	if (newflags == oldflags)
		return 0;
	err = account_change(mm, vma, start, end, &newflags);
	if (err)
		return err;
	if (start > vma->vm_start)
		err = split_vma(mm, vma, start, true);
	if (!err && end < vma->vm_end)
		err = split_vma(mm, vma, end, false);
	if (err) {
		if (newflags & ~oldflags & VM_ACCOUNT)
			vm_unacct_memory(pages);
		return err;
	}
	vm_stat_account(mm, oldflags, -pages);
	vm_stat_account(mm, newflags, pages);
	vma->vm_flags = newflags;
	vma->vm_page_prot = vm_get_page_prot(newflags);
	change_protection(vma, start, end);
	*pprev = vma_merge_neighbours(mm, vma);
	return 0;
}

static unsigned long prot_to_vm(unsigned long prot)
{
	unsigned long vm_flags = 0;

	if (prot & PROT_READ)
		vm_flags |= VM_READ;
	if (prot & PROT_WRITE)
		vm_flags |= VM_WRITE;
	if (prot & PROT_EXEC)
		vm_flags |= VM_EXEC;
	return vm_flags;
}

/* Each mapping of [start, end), which may hold no hole. */
static int mprotect_range(struct mm_struct *mm, struct vm_area_struct *vma,
			  unsigned long start, unsigned long end,
			  unsigned long prot)
{
	unsigned long rights = prot_to_vm(prot);
	struct vm_area_struct *prev;
	unsigned long newflags;
	unsigned long stop;
	int err;

	for (;;) {
		newflags = (vma->vm_flags & ~(VM_READ | VM_WRITE | VM_EXEC)) |
			   rights;
		if (read_implies_exec(prot) && (newflags & VM_MAYEXEC))
			newflags |= VM_EXEC;
		/* VM_MAYx stands four bits above VM_x. */
		if ((newflags & ~(newflags >> 4)) &
		    (VM_READ | VM_WRITE | VM_EXEC))
			return -EACCES;
		stop = min(vma->vm_end, end);
		err = mprotect_fixup(mm, vma, &prev, start, stop, newflags);
		if (err)
			return err;
		start = stop;
		if (start >= end)
			return 0;
		vma = find_vma(mm, start);
		if (!vma || vma->vm_start != start)
			return -ENOMEM;
	}
}

static int mprotect_locked(struct mm_struct *mm, unsigned long start,
			   unsigned long end, unsigned long prot,
			   unsigned long grows)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	if (!vma)
		return -ENOMEM;
	if (grows & PROT_GROWSDOWN) {
		if (vma->vm_start >= end)
			return -ENOMEM;
		if (!(vma->vm_flags & VM_GROWSDOWN))
			return -EINVAL;
		start = vma->vm_start;
	} else if (vma->vm_start > start) {
		return -ENOMEM;
	} else if (grows & PROT_GROWSUP) {
		return -EINVAL;
	}
	return mprotect_range(mm, vma, start, end, prot);
}

/* vm_mprotect - mprotect(2). */
int vm_mprotect(unsigned long start, size_t len, unsigned long prot)
{
	unsigned long grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
	struct mm_struct *mm = current->mm;
	unsigned long end;
	int err;

	prot &= ~(unsigned long)(PROT_GROWSDOWN | PROT_GROWSUP);
	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	if (offset_in_page(start))
		return -EINVAL;
	if (!len)
		return 0;
	len = PAGE_ALIGN(len);
	end = start + len;
	if (end <= start)
		return -ENOMEM;
	if (prot &
	    ~(unsigned long)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = mprotect_locked(mm, start, end, prot, grows);
	mmap_write_unlock(mm);
	return err;
}
