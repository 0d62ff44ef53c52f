/*
 * membarrier.c - membarrier(2): a memory barrier on all CPUs at once.
 *
 * Every other CPU is interrupted and executes one; a CPU that switches tasks
 * has executed one on the way.  The expedited commands interrupt the same CPUs
 * as the plain one: a barrier too many does no harm.
 *
 * Locks: none; the registration is a few bits of the mm_struct.
 *
 * Entry points: ksys_membarrier.
 */
#include <kernel/process/membarrier.h>

#include <abi/errno.h>
#include <abi/sched.h>
#include <kernel/arch/atomic.h>
#include <kernel/arch/barrier.h>
#include <kernel/arch/context.h>
#include <kernel/arch/smp.h>
#include <kernel/lib/macros.h>
#include <kernel/types/mm.h>
#include <kernel/types/task.h>

#define MEMBARRIER_CMDS                                                        \
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |             \
	 MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |                            \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED |                                    \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)

/* mm_struct.membarrier_state: bit of what is registered. */
#define STATE_PRIVATE_EXPEDITED 0

static void barrier_here(void *unused)
{
	(void)unused;
	smp_mb();
}

static int barrier_everywhere(void)
{
	/* Before: what the caller wrote; after: what it will read. */
	smp_mb();
	smp_call_function(barrier_here, NULL, true);
	smp_mb();
	return 0;
}

/* ksys_membarrier - see membarrier.h. */
int ksys_membarrier(int cmd, unsigned int flags)
{
	unsigned long *state = &current->mm->membarrier_state;

	if (flags)
		return -EINVAL;
	switch (cmd) {
	case MEMBARRIER_CMD_QUERY:
		return MEMBARRIER_CMDS;
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		return barrier_everywhere();
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
		return 0; /* all are reached, registered or not */
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		if (!test_bit(STATE_PRIVATE_EXPEDITED, state))
			return -EPERM;
		return barrier_everywhere();
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
		set_bit(STATE_PRIVATE_EXPEDITED, state);
		return 0;
	default:
		return -EINVAL;
	}
}
