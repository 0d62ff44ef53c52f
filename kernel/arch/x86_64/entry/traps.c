/*
 * Exceptions: from a program, a signal; from the kernel, a fixup or the end.
 *
 * The handlers are called by trap_entry.S with interrupts off.  Those that can
 * come from a program turn them on first, because sending a signal may wait.
 *
 * Entry points: the exc_* functions, move_to_task_stack, fixup_bad_iret,
 * log_user_trap.
 */
#include <kernel/arch/x86_64/entry/traps.h>

#include <abi/signal.h>
#include <abi/ucontext.h>
#include <kernel/alloc/kernel_stack.h>
#include <kernel/arch/context.h>
#include <kernel/arch/fpu.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/process/signal.h>
#include <kernel/types/task.h>

/* Registers of a trap that came on an exception stack, to the task's own. */
struct pt_regs *move_to_task_stack(struct pt_regs *regs)
{
	struct pt_regs *dest = task_pt_regs(current);

	*dest = *regs;
	return dest;
}

/*
 * fixup_bad_iret - iretq to a program faulted on what its registers hold.  The
 * frame it tried to load still lies at the top of the stack; joined with the
 * other registers it is as if the program itself had faulted.
 */
struct pt_regs *fixup_bad_iret(struct pt_regs *regs)
{
	struct pt_regs *dest = task_pt_regs(current);

	memmove(dest, regs, offsetof(struct pt_regs, orig_ax));
	dest->orig_ax = -1UL;
	return dest;
}

void log_user_trap(const struct pt_regs *regs, int sig, const char *what,
		   unsigned long error_code)
{
	if (!show_unhandled_signals || !unhandled_signal(current, sig) ||
	    !printk_ratelimit())
		return;
	pr_info("traps: %s[%d] %s ip:%lx sp:%lx error:%lx\n", current->comm,
		current->pid, what, regs->ip, regs->sp, error_code);
}

/* An exception: its vector, its name, its signal.  @code 0: SI_KERNEL. */
static void do_trap(struct pt_regs *regs, unsigned long error_code,
		    unsigned int vector, const char *what, int sig, int code,
		    unsigned long addr)
{
	if (!user_mode(regs)) {
		if (fixup_exception(regs))
			return;
		panic_with_regs(regs, "%s: %04lx", what, error_code);
	}
	local_irq_enable();
	current->thread.error_code = error_code;
	current->thread.trap_nr = vector;
	log_user_trap(regs, sig, what, error_code);
	if (code)
		(void)force_sig_fault(sig, code, (void __user *)addr);
	else
		force_sig(sig);
}

#define DEFINE_TRAP(name, vector, what, sig, code, addr)                       \
	void name(struct pt_regs *regs, unsigned long error_code)              \
	{                                                                      \
		do_trap(regs, error_code, vector, what, sig, code, addr);      \
	}

DEFINE_TRAP(exc_divide_error, X86_TRAP_DE, "trap divide error", SIGFPE,
	    FPE_INTDIV, regs->ip)
DEFINE_TRAP(exc_overflow, X86_TRAP_OF, "trap overflow", SIGSEGV, 0, 0)
DEFINE_TRAP(exc_bounds, X86_TRAP_BR, "trap bounds", SIGSEGV, 0, 0)
DEFINE_TRAP(exc_invalid_op, X86_TRAP_UD, "trap invalid opcode", SIGILL,
	    ILL_ILLOPN, regs->ip)
DEFINE_TRAP(exc_device_not_available, X86_TRAP_NM, "device not available",
	    SIGILL, 0, 0)
DEFINE_TRAP(exc_coproc_segment_overrun, X86_TRAP_OLD_MF,
	    "coprocessor segment overrun", SIGFPE, 0, 0)
DEFINE_TRAP(exc_invalid_tss, X86_TRAP_TS, "trap invalid TSS", SIGSEGV, 0, 0)
DEFINE_TRAP(exc_segment_not_present, X86_TRAP_NP, "segment not present", SIGBUS,
	    0, 0)
DEFINE_TRAP(exc_stack_segment, X86_TRAP_SS, "stack segment", SIGBUS, 0, 0)
DEFINE_TRAP(exc_general_protection, X86_TRAP_GP, "general protection fault",
	    SIGSEGV, 0, 0)
DEFINE_TRAP(exc_alignment_check, X86_TRAP_AC, "alignment check", SIGBUS,
	    BUS_ADRALN, 0)

/* Vectors that no CPU of ours raises. */
void exc_unexpected(struct pt_regs *regs, unsigned long error_code)
{
	panic_with_regs(regs, "exception of a reserved vector: %04lx",
			error_code);
}

void exc_int3(struct pt_regs *regs, unsigned long error_code)
{
	if (!user_mode(regs))
		panic_with_regs(regs, "int3: %04lx", error_code);
	local_irq_enable();
	current->thread.error_code = error_code;
	current->thread.trap_nr = X86_TRAP_BP;
	force_sig(SIGTRAP);
}

#define DR6_SINGLE_STEP (1UL << 14)
#define DR6_RESERVED	0xffff0ff0UL

/* Single steps and debug registers; a program's only. */
void exc_debug(struct pt_regs *regs, unsigned long error_code)
{
	unsigned long dr6;
	int code;

	__asm__ volatile("mov %%db6, %0" : "=r"(dr6));
	__asm__ volatile("mov %0, %%db6" ::"r"(DR6_RESERVED));
	if (!user_mode(regs)) {
		/* A step that the program began ends in the kernel. */
		regs->flags &= ~X86_EFLAGS_TF;
		return;
	}
	local_irq_enable();
	current->thread.error_code = error_code;
	current->thread.trap_nr = X86_TRAP_DB;
	code = (dr6 ^ DR6_RESERVED) & DR6_SINGLE_STEP ? TRAP_TRACE : TRAP_BRKPT;
	(void)force_sig_fault(SIGTRAP, code, (void __user *)regs->ip);
}

/* Which of the unmasked conditions that are pending a program hears of. */
static int fpu_error_code(unsigned int error)
{
	if (error & 0x01)
		return FPE_FLTINV;
	if (error & 0x04)
		return FPE_FLTDIV;
	if (error & 0x08)
		return FPE_FLTOVF;
	if (error & 0x12)
		return FPE_FLTUND;
	if (error & 0x20)
		return FPE_FLTRES;
	return 0;
}

static void fpu_error(struct pt_regs *regs, unsigned int vector)
{
	const struct _fpstate_64 *state;
	unsigned int error;

	if (!user_mode(regs))
		panic_with_regs(regs, "floating-point exception");
	local_irq_enable();
	fpu_sync_current();
	state = (const struct _fpstate_64 *)current->thread.fpu->state;
	if (vector == X86_TRAP_MF)
		error = state->swd & ~state->cwd;
	else
		error = state->mxcsr & ~(state->mxcsr >> 7);
	current->thread.trap_nr = vector;
	current->thread.error_code = 0;
	if (fpu_error_code(error & 0x3f))
		(void)force_sig_fault(SIGFPE, fpu_error_code(error & 0x3f),
				      (void __user *)regs->ip);
}

void exc_coprocessor_error(struct pt_regs *regs, unsigned long error_code)
{
	(void)error_code;
	fpu_error(regs, X86_TRAP_MF);
}

void exc_simd_coprocessor_error(struct pt_regs *regs, unsigned long error_code)
{
	(void)error_code;
	fpu_error(regs, X86_TRAP_XF);
}

void exc_double_fault(struct pt_regs *regs, unsigned long error_code)
{
	if (is_kernel_stack_guard(read_cr2()))
		panic_with_regs(regs, "kernel stack overflow at %lx",
				read_cr2());
	panic_with_regs(regs, "double fault: %04lx", error_code);
}

void exc_machine_check(struct pt_regs *regs, unsigned long error_code)
{
	(void)error_code;
	panic_with_regs(regs, "machine check");
}

/* Another CPU stops us this way if nothing else helps; otherwise the hardware
 * is broken. */
void exc_nmi(struct pt_regs *regs, unsigned long error_code)
{
	(void)error_code;
	smp_stop_if_asked();
	pr_emerg("NMI received for an unknown reason, ip %lx\n", regs->ip);
}
