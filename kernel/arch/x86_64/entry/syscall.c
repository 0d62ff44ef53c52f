/*
 * System calls, between the assembly and the table of doors.
 *
 * Entry points: do_syscall_64.
 */
#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/arch/x86_64/entry/user_return.h>
#include <kernel/lib/macros.h>
#include <kernel/types/task.h>
#include <syscalls/syscalls.h>

/* May sysret take us back?  It loads rip and rflags from rcx and r11, knows
 * only the usual selectors, and cannot set RF or trap with TF. */
static bool can_sysret(const struct pt_regs *regs)
{
	return likely(regs->cx == regs->ip && regs->r11 == regs->flags &&
		      regs->ip < TASK_SIZE_MAX && regs->cs == __USER_CS &&
		      regs->ss == __USER_DS &&
		      !(regs->flags & (X86_EFLAGS_RF | X86_EFLAGS_TF)));
}

/* execve and rt_sigreturn write the registers, and set orig_ax to -1; all other
 * calls leave them as the program's `syscall` did, and that lies in the user
 * half. */
static bool call_wrote(const struct pt_regs *regs)
{
	return (long)regs->orig_ax < 0;
}

/*
 * do_syscall_64 - run call @nr and all that must be done before the program
 * goes on.  Called with interrupts off, returns so; true: sysret may be used.
 */
__landmark bool do_syscall_64(struct pt_regs *regs, long nr)
{
	local_irq_enable();
	regs->ax = (unsigned long)syscall_dispatch(regs, (unsigned long)nr);
	if (unlikely(prepare_exit_to_user_mode(regs) || call_wrote(regs)))
		return can_sysret(regs);
#ifdef TINE_DEBUG
	assert(can_sysret(regs) || (regs->flags & X86_EFLAGS_TF));
#endif
	return !(regs->flags & X86_EFLAGS_TF);
}
