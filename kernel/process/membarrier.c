/*
 * membarrier.c - membarrier(2): a memory barrier on all CPUs at once.
 *
 * Every other CPU is interrupted and executes one; a CPU that switches tasks
 * has executed one on the way.  The expedited commands interrupt the same CPUs
 * as the plain one: a barrier too many does no harm.  The interrupt's iret
 * makes them fetch changed code anew as well (SYNC_CORE), and what runs there
 * in the caller's memory is taken out of its restartable sequence (RSEQ).
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
#include <kernel/process/rseq.h>
#include <kernel/types/mm.h>
#include <kernel/types/task.h>

#define MEMBARRIER_CMDS                                                        \
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |             \
	 MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |                            \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED |                                    \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |                           \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |                          \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |                 \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ |                               \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)

/* mm_struct.membarrier_state: bits of what is registered. */
#define STATE_PRIVATE_EXPEDITED 0
#define STATE_SYNC_CORE		1
#define STATE_RSEQ		2

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

static void rseq_abort_here(void *mm)
{
	smp_mb();
	if (current->mm == mm)
		rseq_interrupt();
}

/* On CPU @cpu_id, or all but this; a CPU there is not runs nothing of ours. */
static int rseq_abort_everywhere(int cpu_id)
{
	smp_mb();
	if (cpu_id < 0)
		smp_call_function(rseq_abort_here, current->mm, true);
	else
		(void)smp_call_function_single((unsigned int)cpu_id,
					       rseq_abort_here, current->mm,
					       true);
	smp_mb();
	return 0;
}

/* ksys_membarrier - see membarrier.h. */
int ksys_membarrier(int cmd, unsigned int flags, int cpu_id)
{
	unsigned long *state = &current->mm->membarrier_state;

	if (!(flags & MEMBARRIER_CMD_FLAG_CPU))
		cpu_id = -1;
	if (cmd == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ)
		flags &= ~(unsigned int)MEMBARRIER_CMD_FLAG_CPU;
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
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		if (!test_bit(STATE_SYNC_CORE, state))
			return -EPERM;
		barrier_everywhere();
		sync_core();
		return 0;
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
		set_bit(STATE_SYNC_CORE, state);
		return 0;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		if (!test_bit(STATE_RSEQ, state))
			return -EPERM;
		return rseq_abort_everywhere(cpu_id);
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		set_bit(STATE_RSEQ, state);
		return 0;
	default:
		return -EINVAL;
	}
}
