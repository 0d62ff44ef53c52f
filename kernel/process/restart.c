/*
 * restart.c - the default of restart_syscall(2).
 *
 * Entry points: do_no_restart_syscall.
 */
#include <kernel/process/restart.h>

/* do_no_restart_syscall - see restart.h. */
long do_no_restart_syscall(struct restart_block *block)
{
	(void)block;
	return -EINTR;
}
