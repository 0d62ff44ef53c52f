/*
 * The system call door of the CPU.
 *
 * `syscall` leaves: rip in rcx, rflags in r11, interrupts off (MSR_SYSCALL_MASK),
 * the user's rsp and gs.  We switch to the task's kernel stack and lay down a
 * whole struct pt_regs, so that every call may look at or change any register.
 *
 * do_syscall_64 returns true if sysret may be used: then rcx and r11 equal rip
 * and rflags, as the ABI lets us.  Otherwise iretq restores everything.
 *
 * Entry points: entry_SYSCALL_64, entry_SYSCALL_32 (refuses), return_to_user (rsp
 * at a struct pt_regs whose
 * exit work is done, interrupts off), iretq_to_user.
 */
#include <kernel/arch/x86_64/entry/asm.h>

#define MINUS_ENOSYS -38

	.section .entry.text, "ax"

ENTRY entry_SYSCALL_64
	swapgs
	movq %rsp, %gs:syscall_user_sp
	movq %gs:cpu_current_top_of_stack, %rsp
	pushq $USER_DS_SELECTOR
	pushq %gs:syscall_user_sp
	pushq %r11
	pushq $USER_CS_SELECTOR
	pushq %rcx
	pushq %rax		/* orig_ax */
	pushq %rdi
	PUSH_BELOW_DI $MINUS_ENOSYS
	xorl %ebp, %ebp		/* back traces end here */

	movq %rsp, %rdi
	movslq %eax, %rsi	/* the number is an int, as in Linux */
	call do_syscall_64
	testb %al, %al
	jz return_to_user

	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx		/* holds rip already */
	popq %rdx
	popq %rsi
	popq %rdi
	/* Now at orig_ax; flags are in r11, rip in rcx. */
	movq (PT_SP - PT_ORIG_AX)(%rsp), %rsp
	swapgs
	sysretq
END entry_SYSCALL_64

ENTRY return_to_user
	POP_REGS
	addq $8, %rsp
	swapgs
	.globl iretq_to_user
iretq_to_user:
	iretq
END return_to_user

/*
 * entry_SYSCALL_32 - `syscall` from 32-bit code, which we do not run: back at
 * once with -ENOSYS.  Still on the user's stack and gs.
 */
ENTRY entry_SYSCALL_32
	movl $MINUS_ENOSYS, %eax
	sysretl
END entry_SYSCALL_32
