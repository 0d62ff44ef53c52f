/*
 * assert() - for what only a bug of the kernel can break.  Always on.
 *
 * A failed assert panics.  No program, packet, device or disk may be able
 * to reach one: for those, return an errno.
 */
#pragma once

#include <kernel/lib/macros.h>

/* assert_failed - panic with the place and the text of the condition. */
void assert_failed(const char *cond, const char *file,
		   int line) __noreturn __cold;

#define assert(cond)                                                           \
	do {                                                                   \
		if (unlikely(!(cond)))                                         \
			assert_failed(#cond, __FILE__, __LINE__);              \
	} while (0)

/* unreachable_code - control never gets here; panics if it does. */
#define unreachable_code() assert_failed("unreachable", __FILE__, __LINE__)
