/*
 * user_pages.h - the pages behind user addresses of any address space.
 */
#pragma once

#include <kernel/types/mm.h>

#define FOLL_WRITE 0x01 /* to be written */
#define FOLL_FORCE 0x10 /* whatever the mapping's rights (ptrace) */

/*
 * get_user_pages_remote - reference @nr_pages pages from @start on, faulting
 * them in.
 *
 * The caller holds mm->mmap_lock (for writing where a stack may have to
 * grow).  @pages may be NULL: only fault them in.  Returns how many, or
 * -EFAULT / -ENOMEM for the first.  put_page() each.  May sleep.
 */
long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int gup_flags,
			   struct page **pages);

/* get_user_pages - the same in current->mm, taking mmap_lock itself. */
long get_user_pages(unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages);

/*
 * access_remote_vm - copy between @buf and @addr of @mm; bytes done.
 *
 * FOLL_WRITE writes to @mm.  Takes mmap_lock.  @mm is referenced by the caller.
 */
int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
		     int len, unsigned int gup_flags);
