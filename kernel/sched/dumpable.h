/*
 * May a process be traced and leave a core?  The two lowest bits of mm->flags,
 * prctl(PR_SET_DUMPABLE).
 *
 * Entry points: set_dumpable, get_dumpable.
 */
#pragma once

#include <kernel/types/mm.h>

#define SUID_DUMP_DISABLE 0 /* no */
#define SUID_DUMP_USER	  1 /* by its own user */
#define SUID_DUMP_ROOT	  2 /* by root only */

#define MMF_DUMPABLE_MASK 3UL
#define MMF_DISABLE_THP	  24 /* a bit; PR_SET_THP_DISABLE */
#define MMF_FORK_MASK	  (MMF_DUMPABLE_MASK | 1UL << MMF_DISABLE_THP)

/* fs.suid_dumpable: what programs become that change their ids. */
extern int suid_dumpable;

/* set_dumpable - @value is one of the three.  Any context. */
static inline void set_dumpable(struct mm_struct *mm, unsigned long value)
{
	unsigned long old = mm->flags;

	while (!try_cmpxchg(&mm->flags, &old,
			    (old & ~MMF_DUMPABLE_MASK) | value))
		;
}

/* get_dumpable - one of the three. */
static inline unsigned long get_dumpable(const struct mm_struct *mm)
{
	return *(const volatile unsigned long *)&mm->flags & MMF_DUMPABLE_MASK;
}
