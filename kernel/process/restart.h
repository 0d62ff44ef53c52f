/*
 * Calls that go on after a signal: restart_syscall(2).
 *
 * Entry points: do_no_restart_syscall, set_restart_fn.
 */
#pragma once

#include <abi/errno.h>
#include <kernel/types/task.h>

/* What restart_syscall(2) does when nothing is to be restarted: -EINTR. */
long do_no_restart_syscall(struct restart_block *block);

/* set_restart_fn - the call's result when a signal cut it short. */
static inline long set_restart_fn(struct restart_block *block,
				  long (*fn)(struct restart_block *))
{
	block->fn = fn;
	return -ERESTART_RESTARTBLOCK;
}
