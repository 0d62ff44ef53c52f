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

static bool range_is_free(struct mm_struct *mm, unsigned long addr,
			  unsigned long len)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return !vma || addr + len <= vm_start_gap(vma);
}

/* Is there room for @len between the bounds @from and @to? */
static bool has_room(unsigned long from, unsigned long to, unsigned long len)
{
	return from <= to && to - from >= len;
}

/*
 * The highest free [addr, addr+len) in [low, high), or -ENOMEM.  The gap that
 * reaches up to @high may be cut off there; of those below it the first that
 * is wide enough is the one, unless it is cut off at @low.
 */
static unsigned long area_top_down(struct mm_struct *mm, unsigned long len,
				   unsigned long low, unsigned long high)
{
	struct vm_area_struct *above;
	struct vm_area_struct *below;
	unsigned long end;

	if (!has_room(low, high, len))
		return -ENOMEM;
	above = find_vma_prev(mm, high, &below);
	end = above ? min(high, vm_start_gap(above)) : high;
	if (has_room(below ? max(low, below->vm_end) : low, end, len))
		return end - len;
	above = below ? vma_lower_gap(below, len) : NULL;
	if (!above || !has_room(low, vm_start_gap(above), len))
		return -ENOMEM;
	return vm_start_gap(above) - len;
}

/* The lowest one: the same from the other end. */
static unsigned long area_bottom_up(struct mm_struct *mm, unsigned long len,
				    unsigned long low, unsigned long high)
{
	struct vm_area_struct *above;
	struct vm_area_struct *below;
	unsigned long addr;

	if (!has_room(low, high, len))
		return -ENOMEM;
	above = find_vma_prev(mm, low, &below);
	if (above && !has_room(low, vm_start_gap(above), len)) {
		above = vma_next(above);
		above = above ? vma_higher_gap(above, len) : NULL;
		if (above)
			below = vma_prev(above);
		else
			(void)find_vma_prev(mm, TASK_SIZE, &below);
	}
	addr = below ? max(low, below->vm_end) : low;
	if (!has_room(addr, high, len))
		return -ENOMEM;
	return addr;
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
