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
#include <kernel/lib/string.h>
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

static void fill_sigcontext(struct sigcontext *sc, const struct pt_regs *regs,
			    sigset_t mask, unsigned long fpstate)
{
	sc->r8 = regs->r8;
	sc->r9 = regs->r9;
	sc->r10 = regs->r10;
	sc->r11 = regs->r11;
	sc->r12 = regs->r12;
	sc->r13 = regs->r13;
	sc->r14 = regs->r14;
	sc->r15 = regs->r15;
	sc->di = regs->di;
	sc->si = regs->si;
	sc->bp = regs->bp;
	sc->bx = regs->bx;
	sc->dx = regs->dx;
	sc->ax = regs->ax;
	sc->cx = regs->cx;
	sc->sp = regs->sp;
	sc->ip = regs->ip;
	sc->flags = regs->flags;
	sc->cs = (u16)regs->cs;
	sc->ss = (u16)regs->ss;
	sc->err = current->thread.error_code;
	sc->trapno = current->thread.trap_nr;
	sc->cr2 = current->thread.cr2;
	sc->oldmask = mask;
	sc->fpstate = fpstate;
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
	struct rt_sigframe frame;
	size_t size = sizeof(frame);
	unsigned long fpstate;
	unsigned long sp;

	if (!(ksig->sa.sa_flags & SA_RESTORER))
		return -EFAULT;
	sp = frame_address(ksig, regs, &fpstate);
	if (sp == 0 || !access_ok(sp, size))
		return -EFAULT;
	if (fpu_copy_to_frame((void __user *)fpstate))
		return -EFAULT;

	memset(&frame.uc, 0, sizeof(frame.uc));
	frame.pretcode = (u64)ksig->sa.sa_restorer;
	frame.uc.uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (cpu_has(X86_FEATURE_XSAVE))
		frame.uc.uc_flags |= UC_FP_XSTATE;
	frame.uc.uc_sigmask = *(const sigset_t *)set;
	fill_sigcontext(&frame.uc.uc_mcontext, regs, frame.uc.uc_sigmask,
			fpstate);
	if (ksig->sa.sa_flags & SA_SIGINFO)
		frame.info = ksig->info;
	else
		size = offsetof(struct rt_sigframe, info);
	sas_ss_save(&frame.uc.uc_stack);
	if (copy_to_user((void __user *)sp, &frame, size))
		return -EFAULT;
	enter_handler(regs, ksig, sp);
	return 0;
}

static void load_sigcontext(struct pt_regs *regs, const struct sigcontext *sc,
			    unsigned long uc_flags)
{
	regs->r8 = sc->r8;
	regs->r9 = sc->r9;
	regs->r10 = sc->r10;
	regs->r11 = sc->r11;
	regs->r12 = sc->r12;
	regs->r13 = sc->r13;
	regs->r14 = sc->r14;
	regs->r15 = sc->r15;
	regs->di = sc->di;
	regs->si = sc->si;
	regs->bp = sc->bp;
	regs->bx = sc->bx;
	regs->dx = sc->dx;
	regs->ax = sc->ax;
	regs->cx = sc->cx;
	regs->sp = sc->sp;
	regs->ip = sc->ip;
	/* Never a kernel selector; one that is no code faults in iretq. */
	regs->cs = sc->cs | 3;
	regs->ss = uc_flags & UC_STRICT_RESTORE_SS ? sc->ss | 3 : __USER_DS;
	regs->flags = (regs->flags & ~FRAME_FLAGS) | (sc->flags & FRAME_FLAGS);
	regs->orig_ax = -1UL; /* not in a call: nothing to restart */
}

__landmark long restore_rt_frame(struct pt_regs *regs)
{
	unsigned long sp = regs->sp - sizeof(u64); /* the handler returned */
	struct rt_sigframe __user *frame = (struct rt_sigframe __user *)sp;
	struct ucontext uc;

	if (copy_from_user(&uc, &frame->uc, sizeof(uc)))
		goto bad_frame;
	set_current_blocked(&uc.uc_sigmask);
	load_sigcontext(regs, &uc.uc_mcontext, uc.uc_flags);
	if (fpu_copy_from_frame((const void __user *)uc.uc_mcontext.fpstate)) {
		/* What handles the SIGSEGV begins with no half of it. */
		fpu_reset_current();
		goto bad_frame;
	}
	if (restore_altstack(&frame->uc.uc_stack))
		goto bad_frame;
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
