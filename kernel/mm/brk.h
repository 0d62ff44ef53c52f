/*
 * brk.h - the heap's end, brk(2).
 */
#pragma once

#include <kernel/types/mm.h>

/*
 * mm_brk - move current's heap end to @brk if that is possible.
 *
 * Returns the end that holds now: @brk, or the old one on any failure.
 */
unsigned long mm_brk(unsigned long brk);

/*
 * vm_brk_flags - anonymous memory at [addr, addr+len) for exec (bss).
 * @vm_flags: VM_EXEC or 0.  0 or -errno.
 */
int vm_brk_flags(unsigned long addr, unsigned long len, unsigned long vm_flags);
