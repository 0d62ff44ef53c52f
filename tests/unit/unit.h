/*
 * What a unit test is written with.
 *
 *   TEST(ring_is_empty_at_first)
 *   {
 *           CHECK(ring_empty(&r));
 *   }
 *
 * A test is one TAP line; it fails at its first false CHECK.  Code under test
 * is compiled as for the kernel, so neither this header nor a test may include
 * headers of the host's C library.
 */
#pragma once

#include <kernel/lib/macros.h>

/* unit_register - add a test; TEST does it. */
void unit_register(const char *name, void (*fn)(void));

/* unit_fail - the running test failed; does not return. */
void unit_fail(const char *what, const char *file, int line) __noreturn;

/* unit_memory_fail_after - let the @n-th allocation from now fail; <0: none. */
void unit_memory_fail_after(long n);

/* unit_memory_in_use - pieces of memory allocated and not freed. */
long unit_memory_in_use(void);

/* unit_random - a pseudo-random number, the same series in every run. */
u64 unit_random(void);

/* unit_map - @size bytes of zeros at address @addr. */
void *unit_map(unsigned long addr, unsigned long size);

#define CHECK(cond)                                                            \
	do {                                                                   \
		if (!(cond))                                                   \
			unit_fail(#cond, __FILE__, __LINE__);                  \
	} while (0)

#define TEST(name)                                                             \
	static void name(void);                                                \
	__attribute__((constructor)) static void register_##name(void)         \
	{                                                                      \
		unit_register(#name, name);                                    \
	}                                                                      \
	static void name(void)
