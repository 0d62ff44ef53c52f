/*
 * mremap.h - grow, shrink or move a mapping, mremap(2).
 */
#pragma once

#include <kernel/types/mm.h>

/*
 * vm_mremap - mremap(2) in current->mm.  The new address or -errno.
 */
unsigned long vm_mremap(unsigned long addr, unsigned long old_len,
			unsigned long new_len, unsigned long flags,
			unsigned long new_addr);

/* move_page_tables - move what is mapped at @old_addr to @new_addr, @len
 * bytes; returns how many could be moved (less: no memory).  mmap_lock
 * held for writing. */
unsigned long move_page_tables(struct vm_area_struct *vma,
			       unsigned long old_addr,
			       struct vm_area_struct *new_vma,
			       unsigned long new_addr, unsigned long len);
