/*
 * numbers.c - every number of syscalls/table.h against <asm/unistd_64.h>.
 *
 * Only compiled, never linked: a wrong number or an unknown name is an error
 * that names the call.  Host code.
 */
#include <asm/unistd_64.h>

#define SYSCALL(nr, name, ...)                                                 \
	_Static_assert(nr == __NR_##name,                                      \
		       "syscalls/table.h: wrong number of " #name);
#include <syscalls/table.h>
