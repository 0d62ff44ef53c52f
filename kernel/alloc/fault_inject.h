/*
 * Allocations that fail because they are told to, in debug builds: Linux's
 * fault injection by /proc/PID/fail-nth.
 */
#pragma once

#include <kernel/lib/macros.h>

#ifdef TINE_DEBUG

/* should_fail_alloc - is this the allocation of current's that is to fail?
 * Any context; those of interrupts never are. */
bool should_fail_alloc(void);

/* fault_was_injected - has one failed since current was last asked?  Then
 * memory is not out. */
bool fault_was_injected(void);

#else

static inline bool should_fail_alloc(void)
{
	return false;
}
static inline bool fault_was_injected(void)
{
	return false;
}

#endif
