/*
 * unmapped_area.c - find room for a mapping.
 *
 * Normally top down: the highest gap below mm->mmap_base that is large
 * enough; where nothing is left there, or for programs with an unlimited
 * stack, bottom up.  A growing stack keeps its guard gap free below it.
 *
 * Locks: mmap_lock.  Entry points: get_unmapped_area.
 */
#include <abi/errno.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/cred.h>

#define UNMAPPED_32BIT_START 0x40000000UL
#define UNMAPPED_32BIT_END   0x80000000UL

/* Lowest address that belongs to @vma, its guard gap included. */
static unsigned long start_with_gap(const struct vm_area_struct *vma)
{
	unsigned long gap = (unsigned long)sysctl_stack_guard_gap << PAGE_SHIFT;

	if (!(vma->vm_flags & VM_GROWSDOWN))
		return vma->vm_start;
	return vma->vm_start > gap ? vma->vm_start - gap : 0;
}

static bool range_is_free(struct mm_struct *mm, unsigned long addr,
			  unsigned long len)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return !vma || addr + len <= start_with_gap(vma);
}

/* The highest free [addr, addr+len) in [low, high), or -ENOMEM. */
static unsigned long area_top_down(struct mm_struct *mm, unsigned long len,
				   unsigned long low, unsigned long high)
{
	struct vm_area_struct *above;
	struct vm_area_struct *below;
	unsigned long end;

	if (high < low || high - low < len)
		return -ENOMEM;
	above = find_vma_prev(mm, high, &below);
	end = above ? min(high, start_with_gap(above)) : high;
	for (;;) {
		if (end < low || end - low < len)
			return -ENOMEM;
		if (!below || below->vm_end <= end - len)
			return end - len;
		end = min(end, start_with_gap(below));
		below = vma_prev(below);
	}
}

/* The lowest one. */
static unsigned long area_bottom_up(struct mm_struct *mm, unsigned long len,
				    unsigned long low, unsigned long high)
{
	struct vm_area_struct *vma;
	unsigned long addr = low;

	if (high < low || high - low < len)
		return -ENOMEM;
	for (vma = find_vma(mm, addr);; vma = vma_next(vma)) {
		if (addr > high - len)
			return -ENOMEM;
		if (!vma || addr + len <= start_with_gap(vma))
			return addr;
		addr = max(addr, vma->vm_end);
	}
}

static unsigned long fixed_area(struct mm_struct *mm, unsigned long addr,
				unsigned long len, unsigned long flags)
{
	if (addr > TASK_SIZE - len)
		return -ENOMEM;
	if (offset_in_page(addr))
		return -EINVAL;
	if (addr < sysctl_mmap_min_addr && !capable(CAP_SYS_RAWIO))
		return -EPERM;
	if ((flags & MAP_FIXED_NOREPLACE) &&
	    find_vma_intersection(mm, addr, addr + len))
		return -EEXIST;
	return addr;
}

/* get_unmapped_area - see mmap.h. */
unsigned long get_unmapped_area(struct mm_struct *mm, unsigned long addr,
				unsigned long len, unsigned long flags)
{
	unsigned long low = max(PAGE_ALIGN(sysctl_mmap_min_addr), PAGE_SIZE);
	unsigned long found;

	if (len > TASK_SIZE)
		return -ENOMEM;
	if (flags & MAP_FIXED)
		return fixed_area(mm, addr, len, flags);
	if (flags & MAP_32BIT)
		return area_bottom_up(mm, len, UNMAPPED_32BIT_START,
				      UNMAPPED_32BIT_END);
	if (addr) {
		addr = PAGE_ALIGN(addr);
		if (addr >= low && addr <= TASK_SIZE - len &&
		    range_is_free(mm, addr, len))
			return addr;
	}
	if (!mm->mmap_bottom_up) {
		found = area_top_down(mm, len, low, mm->mmap_base);
		if (!IS_ERR_VALUE(found))
			return found;
		return area_bottom_up(mm, len, PAGE_ALIGN(TASK_SIZE / 3),
				      TASK_SIZE);
	}
	return area_bottom_up(mm, len, mm->mmap_base, TASK_SIZE);
}
