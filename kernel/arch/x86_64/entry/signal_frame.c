/*
 * Signals and the program's registers: handlers' frames, restarted calls.
 *
 * A handler's frame lies on the user stack (or the alternate one) as Linux lays
 * it out: FPU state at the top, below it struct rt_sigframe, whose first word
 * is where the handler returns to, SA_RESTORER's code, which calls
 * rt_sigreturn.
 *
 * Entry points: handle_signal_exit, setup_rt_frame, restore_rt_frame,
 * signal_frame_max_size.
 */
#include <kernel/arch/signal_frame.h>

#include <abi/errno.h>
#include <abi/ucontext.h>
#include <kernel/arch/context.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/fpu.h>
#include <kernel/arch/uaccess.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>
#include <kernel/process/rseq.h>
#include <kernel/process/signal.h>
#include <kernel/types/signal.h>
#include <kernel/types/task.h>

#define RED_ZONE	   128
#define SYSCALL_INSN_SIZE  2
#define NR_restart_syscall 219
#define FRAME_FLAGS                                                            \
	(X86_EFLAGS_AC | X86_EFLAGS_OF | X86_EFLAGS_DF | X86_EFLAGS_TF |       \
	 X86_EFLAGS_SF | X86_EFLAGS_ZF | X86_EFLAGS_AF | X86_EFLAGS_PF |       \
	 X86_EFLAGS_CF | X86_EFLAGS_RF)

size_t signal_frame_max_size(void)
{
	/* 16 and 64: what alignment may cost. */
	return ALIGN(sizeof(struct rt_sigframe) + fpu_signal_size() + 16 + 64,
		     16);
}

/* The frame's place below the user's stack pointer; *@fpstate above it. */
static unsigned long frame_address(struct ksignal *ksig,
				   const struct pt_regs *regs,
				   unsigned long *fpstate)
{
	unsigned long sp = regs->sp - RED_ZONE;
	bool on_altstack = on_sig_stack(regs->sp);
	bool entering = false;

	if ((ksig->sa.sa_flags & SA_ONSTACK) && sas_ss_flags(sp) == 0) {
		sp = current->sas_ss_sp + current->sas_ss_size;
		entering = true;
	}
	sp = ALIGN_DOWN(sp - fpu_signal_size(), 64);
	*fpstate = sp;
	/* A handler begins as if it had been called: sp + 8 is aligned. */
	sp = ALIGN_DOWN(sp - sizeof(struct rt_sigframe), 16) - 8;

	/* Never write past the end of an alternate stack. */
	if ((on_altstack || entering) &&
	    (sp <= current->sas_ss_sp ||
	     sp - current->sas_ss_sp > current->sas_ss_size))
		return 0;
	return sp;
}

/* Between user_access_begin() and user_access_end(). */
static __always_inline int put_sigcontext(struct sigcontext __user *sc,
					  const struct pt_regs *regs,
					  sigset_t mask, unsigned long fpstate)
{
	const struct thread_struct *thread = &current->thread;
	size_t i;

	unsafe_put_user(regs->r8, &sc->r8, fault);
	unsafe_put_user(regs->r9, &sc->r9, fault);
	unsafe_put_user(regs->r10, &sc->r10, fault);
	unsafe_put_user(regs->r11, &sc->r11, fault);
	unsafe_put_user(regs->r12, &sc->r12, fault);
	unsafe_put_user(regs->r13, &sc->r13, fault);
	unsafe_put_user(regs->r14, &sc->r14, fault);
	unsafe_put_user(regs->r15, &sc->r15, fault);
	unsafe_put_user(regs->di, &sc->di, fault);
	unsafe_put_user(regs->si, &sc->si, fault);
	unsafe_put_user(regs->bp, &sc->bp, fault);
	unsafe_put_user(regs->bx, &sc->bx, fault);
	unsafe_put_user(regs->dx, &sc->dx, fault);
	unsafe_put_user(regs->ax, &sc->ax, fault);
	unsafe_put_user(regs->cx, &sc->cx, fault);
	unsafe_put_user(regs->sp, &sc->sp, fault);
	unsafe_put_user(regs->ip, &sc->ip, fault);
	unsafe_put_user(regs->flags, &sc->flags, fault);
	unsafe_put_user(regs->cs, &sc->cs, fault);
	unsafe_put_user(0, &sc->gs, fault);
	unsafe_put_user(0, &sc->fs, fault);
	unsafe_put_user(regs->ss, &sc->ss, fault);
	unsafe_put_user(thread->error_code, &sc->err, fault);
	unsafe_put_user(thread->trap_nr, &sc->trapno, fault);
	unsafe_put_user(mask, &sc->oldmask, fault);
	unsafe_put_user(thread->cr2, &sc->cr2, fault);
	unsafe_put_user(fpstate, &sc->fpstate, fault);
#pragma GCC unroll 8
	for (i = 0; i < ARRAY_SIZE(sc->reserved1); i++)
		unsafe_put_user(0, &sc->reserved1[i], fault);
	return 0;

fault:
	return -EFAULT;
}

/* Between user_access_begin() and user_access_end(). */
static __always_inline int put_ucontext(struct ucontext __user *uc,
					const struct pt_regs *regs,
					sigset_t mask, unsigned long fpstate)
{
	unsigned long uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	stack_t __user *stack = &uc->uc_stack;

	if (cpu_has(X86_FEATURE_XSAVE))
		uc_flags |= UC_FP_XSTATE;
	unsafe_put_user(uc_flags, &uc->uc_flags, fault);
	unsafe_put_user(NULL, &uc->uc_link, fault);
	unsafe_put_user((void __user *)current->sas_ss_sp, &stack->ss_sp,
			fault);
	unsafe_put_user(current->sas_ss_flags, (u64 __user *)&stack->ss_flags,
			fault); /* and what pads it */
	unsafe_put_user(current->sas_ss_size, &stack->ss_size, fault);
	unsafe_put_user(mask, &uc->uc_sigmask, fault);
	return put_sigcontext(&uc->uc_mcontext, regs, mask, fpstate);

fault:
	return -EFAULT;
}

static void enter_handler(struct pt_regs *regs, const struct ksignal *ksig,
			  unsigned long frame)
{
	regs->di = (unsigned long)ksig->sig;
	regs->ax = 0;
	regs->si = frame + offsetof(struct rt_sigframe, info);
	regs->dx = frame + offsetof(struct rt_sigframe, uc);
	regs->ip = (unsigned long)ksig->sa.sa_handler;
	regs->sp = frame;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	/* The ABI wants DF clear; a handler is not single-stepped into. */
	regs->flags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
}

__landmark int setup_rt_frame(struct ksignal *ksig, const void *set,
			      struct pt_regs *regs)
{
	struct rt_sigframe __user *frame;
	unsigned long fpstate;
	unsigned long sp;
	int err;

	if (!(ksig->sa.sa_flags & SA_RESTORER))
		return -EFAULT;
	sp = frame_address(ksig, regs, &fpstate);
	frame = (struct rt_sigframe __user *)sp;
	if (!sp || fpu_copy_to_frame((void __user *)fpstate) ||
	    !user_access_begin(frame, sizeof(*frame)))
		return -EFAULT;
	unsafe_put_user((u64)ksig->sa.sa_restorer, &frame->pretcode, fault);
	err = put_ucontext(&frame->uc, regs, *(const sigset_t *)set, fpstate);
	user_access_end();
	if (!err && (ksig->sa.sa_flags & SA_SIGINFO))
		err = copy_siginfo_to_user(&frame->info, &ksig->info);
	if (!err)
		enter_handler(regs, ksig, sp);
	return err;

fault:
	user_access_end();
	return -EFAULT;
}

/*
 * Load the registers of a frame, between user_access_begin() and
 * user_access_end().
 */
static __always_inline int get_sigcontext(struct pt_regs *regs,
					  const struct sigcontext __user *sc,
					  unsigned long uc_flags)
{
	unsigned long flags;
	u16 cs;
	u16 ss;

	unsafe_get_user(regs->r8, &sc->r8, fault);
	unsafe_get_user(regs->r9, &sc->r9, fault);
	unsafe_get_user(regs->r10, &sc->r10, fault);
	unsafe_get_user(regs->r11, &sc->r11, fault);
	unsafe_get_user(regs->r12, &sc->r12, fault);
	unsafe_get_user(regs->r13, &sc->r13, fault);
	unsafe_get_user(regs->r14, &sc->r14, fault);
	unsafe_get_user(regs->r15, &sc->r15, fault);
	unsafe_get_user(regs->di, &sc->di, fault);
	unsafe_get_user(regs->si, &sc->si, fault);
	unsafe_get_user(regs->bp, &sc->bp, fault);
	unsafe_get_user(regs->bx, &sc->bx, fault);
	unsafe_get_user(regs->dx, &sc->dx, fault);
	unsafe_get_user(regs->ax, &sc->ax, fault);
	unsafe_get_user(regs->cx, &sc->cx, fault);
	unsafe_get_user(regs->sp, &sc->sp, fault);
	unsafe_get_user(regs->ip, &sc->ip, fault);
	unsafe_get_user(flags, &sc->flags, fault);
	unsafe_get_user(cs, &sc->cs, fault);
	unsafe_get_user(ss, &sc->ss, fault);
	/* Never a kernel selector; one that is no code faults in iretq. */
	regs->cs = cs | 3;
	regs->ss = uc_flags & UC_STRICT_RESTORE_SS ? ss | 3 : __USER_DS;
	regs->flags = (regs->flags & ~FRAME_FLAGS) | (flags & FRAME_FLAGS);
	regs->orig_ax = -1UL; /* not in a call: nothing to restart */
	return 0;

fault:
	return -EFAULT;
}

/* What rt_sigreturn(2) goes back to, all but the FPU state. */
static __always_inline int get_ucontext(struct pt_regs *regs,
					const struct ucontext __user *uc,
					sigset_t *mask, stack_t *stack,
					unsigned long *fpstate)
{
	unsigned long uc_flags;
	int err = -EFAULT;

	if (!user_access_begin(uc, sizeof(*uc)))
		return -EFAULT;
	/* Both ends first: if one is not there, no register has changed. */
	unsafe_get_user(*mask, &uc->uc_sigmask, fault);
	unsafe_get_user(uc_flags, &uc->uc_flags, fault);
	unsafe_get_user(*fpstate, &uc->uc_mcontext.fpstate, fault);
	unsafe_get_user(stack->ss_sp, &uc->uc_stack.ss_sp, fault);
	unsafe_get_user(stack->ss_flags, &uc->uc_stack.ss_flags, fault);
	unsafe_get_user(stack->ss_size, &uc->uc_stack.ss_size, fault);
	err = get_sigcontext(regs, &uc->uc_mcontext, uc_flags);
fault:
	user_access_end();
	return err;
}

__landmark long restore_rt_frame(struct pt_regs *regs)
{
	unsigned long sp = regs->sp - sizeof(u64); /* the handler returned */
	struct rt_sigframe __user *frame = (struct rt_sigframe __user *)sp;
	unsigned long fpstate;
	sigset_t mask;
	stack_t stack;

	if (get_ucontext(regs, &frame->uc, &mask, &stack, &fpstate))
		goto bad_frame;
	set_current_blocked(&mask);
	if (fpu_copy_from_frame((const void __user *)fpstate)) {
		/* What handles the SIGSEGV begins with no half of it. */
		fpu_reset_current();
		goto bad_frame;
	}
	restore_altstack(&stack);
	return (long)regs->ax;

bad_frame:
	if (printk_ratelimit())
		pr_info("%s[%d] bad frame in rt_sigreturn frame:%lx ip:%lx "
			"sp:%lx orax:%lx\n",
			current->comm, current->pid, sp, regs->ip, regs->sp,
			regs->orig_ax);
	force_sig(SIGSEGV);
	return 0;
}

static bool in_syscall(const struct pt_regs *regs)
{
	return (long)regs->orig_ax >= 0;
}

/* Runs the call again: back to the syscall instruction. */
static void restart(struct pt_regs *regs, unsigned long nr)
{
	regs->ax = nr;
	regs->ip -= SYSCALL_INSN_SIZE;
}

static __landmark void handle_signal(struct ksignal *ksig, struct pt_regs *regs)
{
	int failed;

	if (in_syscall(regs)) {
		switch ((long)regs->ax) {
		case -ERESTART_RESTARTBLOCK:
		case -ERESTARTNOHAND:
			regs->ax = (unsigned long)-EINTR;
			break;
		case -ERESTARTSYS:
			if (!(ksig->sa.sa_flags & SA_RESTART)) {
				regs->ax = (unsigned long)-EINTR;
				break;
			}
			fallthrough;
		case -ERESTARTNOINTR:
			restart(regs, regs->orig_ax);
			break;
		}
	}
	rseq_signal_deliver(ksig->sig, regs);
	failed = setup_rt_frame(ksig, sigmask_to_save(), regs);
	if (!failed)
		fpu_reset_current();
	signal_setup_done(failed, ksig, 0);
}

/*
 * handle_signal_exit - on the way to user mode: take signals, set up a handler,
 * or restart the interrupted call if none runs.  Interrupts on.
 */
void handle_signal_exit(struct pt_regs *regs)
{
	struct ksignal ksig;

	if (get_signal(&ksig)) {
		handle_signal(&ksig, regs);
		return;
	}
	if (in_syscall(regs)) {
		switch ((long)regs->ax) {
		case -ERESTARTNOHAND:
		case -ERESTARTSYS:
		case -ERESTARTNOINTR:
			restart(regs, regs->orig_ax);
			break;
		case -ERESTART_RESTARTBLOCK:
			restart(regs, NR_restart_syscall);
			break;
		}
	}
	restore_saved_sigmask();
}
