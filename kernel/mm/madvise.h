/*
 * madvise.h - advice about use of memory: madvise(2), mincore(2), msync(2).
 */
#pragma once

#include <kernel/types/mm.h>

/* vm_madvise - madvise(2) in current->mm: 0 or -errno. */
int vm_madvise(unsigned long start, size_t len, int behavior);

/* vm_mincore - mincore(2): one byte per page to user @vec.  0 or -errno. */
int vm_mincore(unsigned long start, size_t len, unsigned char __user *vec);

/* vm_msync - msync(2): 0 or -errno. */
int vm_msync(unsigned long start, size_t len, int flags);
