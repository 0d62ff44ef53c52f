/*
 * Switching kernel stacks.
 *
 * Entry points: __switch_to_asm, ret_from_fork.
 */
#include <kernel/arch/x86_64/entry/asm.h>

	.text

/*
 * __switch_to_asm(prev rdi, next rsi) - called with interrupts off.  Saves what
 * a C function must keep, changes stacks, and lets __switch_to(prev, next) do
 * the rest; it returns prev, on next's stack.  struct fork_frame in
 * cpu/process.c is the same order.
 */
ENTRY __switch_to_asm
	pushq %rbp
	pushq %rbx
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, TASK_THREAD_SP(%rdi)
	movq TASK_THREAD_SP(%rsi), %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbx
	popq %rbp
	jmp __switch_to
END __switch_to_asm

/*
 * ret_from_fork - a new task's first instruction: rax is the task that ran
 * before; rbx, r12 a kernel thread's function and argument (rbx 0: a program's
 * task).  Above the stack pointer: its struct pt_regs.
 */
ENTRY ret_from_fork
	movq %rax, %rdi
	call schedule_tail
	testq %rbx, %rbx
	jnz 1f
2:	movq %rsp, %rdi
	call exit_to_user_mode
	jmp return_to_user

1:	movq %r12, %rdi
	call *%rbx
	/* It returned, so kernel_execve made it a program. */
	movq $0, PT_AX(%rsp)
	jmp 2b
END ret_from_fork
