/*
 * syscall_user_dispatch.c - system calls that become SIGSYS, prctl(2).
 *
 * A thread names a range of its code whose calls are made as ever, and perhaps
 * a byte that allows all others or none.  What is not allowed is not done: the
 * registers stay as they were, and SIGSYS says which call it was.
 *
 * Calls pay nothing for it as long as nobody uses it: the test of
 * syscall_entry_work is the only one on their way.
 *
 * Entry points: set_syscall_user_dispatch, syscall_user_dispatch,
 * clear_syscall_user_dispatch.
 */
#include <kernel/process/syscall_user_dispatch.h>

#include <abi/errno.h>
#include <abi/prctl.h>
#include <kernel/arch/context.h>
#include <kernel/arch/ptrace_regs.h>
#include <kernel/arch/uaccess.h>
#include <kernel/process/internal.h>
#include <kernel/process/signal.h>

int syscall_entry_work;

static void switch_dispatch(bool on)
{
	if (on == test_thread_flag(TIF_SYSCALL_USER_DISPATCH))
		return;
	if (on)
		set_thread_flag(TIF_SYSCALL_USER_DISPATCH);
	else
		clear_tsk_thread_flag(current, TIF_SYSCALL_USER_DISPATCH);
	__atomic_fetch_add(&syscall_entry_work, on ? 1 : -1, __ATOMIC_RELAXED);
}

/* set_syscall_user_dispatch - see syscall_user_dispatch.h. */
int set_syscall_user_dispatch(unsigned long mode, unsigned long offset,
			      unsigned long len, u8 __user *selector)
{
	switch (mode) {
	case PR_SYS_DISPATCH_OFF:
		if (offset || len || selector)
			return -EINVAL;
		break;
	case PR_SYS_DISPATCH_ON:
		/* No offset and no length: no call is allowed by its place. */
		if (offset && offset + len <= offset)
			return -EINVAL;
		if (selector && !access_ok(selector, sizeof(*selector)))
			return -EFAULT;
		break;
	default:
		return -EINVAL;
	}
	current->syscall_dispatch.offset = offset;
	current->syscall_dispatch.len = len;
	current->syscall_dispatch.selector = selector;
	switch_dispatch(mode == PR_SYS_DISPATCH_ON);
	return 0;
}

static void send_sigsys(const struct pt_regs *regs)
{
	kernel_siginfo_t info = {
		.si_signo = SIGSYS,
		.si_code = SYS_USER_DISPATCH,
	};

	info.si_call_addr = (void __user *)regs->ip;
	info.si_syscall = (int)regs->orig_ax;
	info.si_arch = AUDIT_ARCH_X86_64;
	(void)force_sig_info(&info);
}

/* syscall_user_dispatch - see syscall_user_dispatch.h. */
bool syscall_user_dispatch(const struct pt_regs *regs)
{
	u8 __user *selector = current->syscall_dispatch.selector;
	u8 state = SYSCALL_DISPATCH_FILTER_BLOCK;

	if (!test_thread_flag(TIF_SYSCALL_USER_DISPATCH))
		return false;
	if (regs->ip - current->syscall_dispatch.offset <
	    current->syscall_dispatch.len)
		return false;
	if (selector && get_user(state, selector)) {
		force_fatal_sig(SIGSEGV);
		return true;
	}
	if (state == SYSCALL_DISPATCH_FILTER_ALLOW)
		return false;
	if (state == SYSCALL_DISPATCH_FILTER_BLOCK)
		send_sigsys(regs);
	else
		force_fatal_sig(SIGSYS);
	return true;
}

/* clear_syscall_user_dispatch - see syscall_user_dispatch.h. */
void clear_syscall_user_dispatch(void)
{
	switch_dispatch(false);
}
