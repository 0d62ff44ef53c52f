/*
 * The last things before a program goes on.
 *
 * Every path to user mode ends in exit_to_user_mode: reschedule, work the task
 * left for itself, signals and restarted calls, until nothing is left to do
 * with interrupts off.
 *
 * Entry points: exit_to_user_mode, exit_to_user_mode_loop.
 */
#include <kernel/arch/x86_64/entry/user_return.h>

#include <abi/errno.h>
#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/lib/macros.h>
#include <kernel/process/rseq.h>
#include <kernel/sched/core.h>
#include <kernel/sched/task_work.h>
#include <kernel/types/task.h>

#define WORK(flag) (1UL << (flag))

/*
 * exit_to_user_mode_loop - do what thread_flags asks for.  Entered and left
 * with interrupts off.
 */
__landmark void exit_to_user_mode_loop(struct pt_regs *regs)
{
	unsigned long work;

	while ((work = READ_ONCE(current->thread_flags) & TIF_WORK_MASK)) {
		local_irq_enable();
		if (work & WORK(TIF_NEED_RESCHED))
			schedule_preempt();
		if (work & WORK(TIF_NOTIFY_RESUME)) {
			clear_tsk_thread_flag(current, TIF_NOTIFY_RESUME);
			task_work_run();
		}
		if (work & (WORK(TIF_SIGPENDING) | WORK(TIF_RESTORE_SIGMASK)))
			handle_signal_exit(regs);
		if (work & WORK(TIF_RSEQ))
			rseq_resume(regs);
		local_irq_disable();
	}
}

void exit_to_user_mode(struct pt_regs *regs)
{
	(void)prepare_exit_to_user_mode(regs);
}
