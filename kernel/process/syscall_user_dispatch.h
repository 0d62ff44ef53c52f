/*
 * syscall_user_dispatch.h - system calls that become SIGSYS, for programs that
 * run those of another system: PR_SET_SYSCALL_USER_DISPATCH of prctl(2).
 *
 * Entry points: set_syscall_user_dispatch, syscall_user_dispatch,
 * clear_syscall_user_dispatch.
 */
#pragma once

#include <abi/types.h>

struct pt_regs;

/*
 * How many reasons there are not to go straight to a call: each task with
 * dispatch on, and strace=.  The one thing that every call looks at.
 */
extern int syscall_entry_work; /* [A] */

/* set_syscall_user_dispatch - the prctl, for current: 0, -EINVAL, -EFAULT. */
int set_syscall_user_dispatch(unsigned long mode, unsigned long offset,
			      unsigned long len, u8 __user *selector);

/* syscall_user_dispatch - is the call in @regs not to be made?  Then the
 * signal is on its way, SIGSYS or what ends the program. */
bool syscall_user_dispatch(const struct pt_regs *regs);

/* clear_syscall_user_dispatch - off, for current: exec, exit. */
void clear_syscall_user_dispatch(void);
