/*
 * mprotect.h - change the rights of mapped memory, mprotect(2).
 */
#pragma once

#include <kernel/types/mm.h>

/* vm_mprotect - mprotect(2) in current->mm: 0 or -errno. */
int vm_mprotect(unsigned long start, size_t len, unsigned long prot);

/*
 * mprotect_fixup - give [start, end), which lies in @vma, the flags
 * @newflags; splits and merges.  *@pprev follows.  mmap_lock held for writing.
 */
int mprotect_fixup(struct mm_struct *mm, struct vm_area_struct *vma,
		   struct vm_area_struct **pprev, unsigned long start,
		   unsigned long end, unsigned long newflags);

/* change_protection - rewrite the entries of [start, end) to
 * vma->vm_page_prot and flush. */
void change_protection(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end);
