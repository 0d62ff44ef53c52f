/*
 * The test before each return to a program, short enough to stand in line.
 */
#pragma once

#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/base/assert.h>
#include <kernel/base/lock_order.h>
#include <kernel/lib/macros.h>
#include <kernel/types/task.h>

void exit_to_user_mode_loop(struct pt_regs *regs);

/*
 * prepare_exit_to_user_mode - do what is left to do; interrupts off after.
 * True if that was anything: then @regs may have changed.
 */
static inline bool prepare_exit_to_user_mode(struct pt_regs *regs)
{
	bool work;

	local_irq_disable();
	work = READ_ONCE(current->thread_flags) & TIF_WORK_MASK;
	if (unlikely(work))
		exit_to_user_mode_loop(regs);
#ifdef TINE_DEBUG
	assert(lock_order_depth() == 0);
	assert(current->nr_locks_held == 0);
#endif
	return work;
}
