/*
 * A stub per exception and interrupt vector.
 *
 * Every stub ends in one of three paths, each with a whole struct pt_regs:
 *
 *   exception_entry   faults and traps: calls a C handler(regs, error_code)
 *   irq_entry         vectors 32..255: calls common_interrupt(regs), the vector
 *                     is ~orig_ax
 *   ist_entry         NMI, #DB, #DF, #MC: arrive on a stack of their own, at any
 *                     moment, so gs may be either side's.  The word above the
 *                     registers on such a stack is this CPU's kernel gs base.
 *
 * Before C runs: gs is the kernel's, DF and AC are clear, interrupts are off.
 * Registers that came from user mode lie at the top of the task's stack and are
 * left through exit_to_user_mode.
 */
#include <kernel/arch/x86_64/entry/asm.h>

	.section .entry.text, "ax"

.macro EXCEPTION name, has_error=0
ENTRY asm_\name
	.if \has_error == 0
	pushq $0
	.endif
	pushq $\name
	jmp exception_entry
END asm_\name
.endm

.macro IST_EXCEPTION name, has_error=0
ENTRY asm_\name
	.if \has_error == 0
	pushq $0
	.endif
	pushq $\name
	jmp ist_entry
END asm_\name
.endm

	EXCEPTION exc_divide_error
	IST_EXCEPTION exc_debug
	IST_EXCEPTION exc_nmi
	EXCEPTION exc_int3
	EXCEPTION exc_overflow
	EXCEPTION exc_bounds
	EXCEPTION exc_invalid_op
	EXCEPTION exc_device_not_available
	IST_EXCEPTION exc_double_fault, 1
	EXCEPTION exc_coproc_segment_overrun
	EXCEPTION exc_invalid_tss, 1
	EXCEPTION exc_segment_not_present, 1
	EXCEPTION exc_stack_segment, 1
	EXCEPTION exc_general_protection, 1
	EXCEPTION exc_page_fault, 1
	EXCEPTION exc_coprocessor_error
	EXCEPTION exc_alignment_check, 1
	IST_EXCEPTION exc_machine_check
	EXCEPTION exc_simd_coprocessor_error
	EXCEPTION exc_unexpected

	/* 224 stubs of 8 bytes, found by their number. */
	.globl irq_stubs
	.balign 16
irq_stubs:
	.set vector, 32
	.rept 224
	.balign 8
	.byte 0x68		/* pushq imm32 */
	.long ~vector
	jmp 1f
	.if (vector % 8) == 7
	.balign 8
1:	jmp irq_entry
	.endif
	.set vector, vector + 1
	.endr

ENTRY irq_entry
	cld
	CLAC
	pushq %rdi
	PUSH_BELOW_DI
	testb $3, PT_CS(%rsp)
	jz 1f
	swapgs
1:	movq %rsp, %rdi
	call common_interrupt
	jmp exception_exit
END irq_entry

ENTRY exception_entry
	cld
	CLAC
	xchgq %rdi, (%rsp)	/* the handler; rdi takes its slot */
	PUSH_BELOW_DI
	movq %rdi, %rbx
	movq PT_ORIG_AX(%rsp), %r12
	testb $3, PT_CS(%rsp)
	jz 2f
	swapgs
1:	movq %rsp, %rdi
	movq %r12, %rsi
	movq $-1, PT_ORIG_AX(%rsp)
	call *%rbx
	jmp exception_exit

2:	/* From the kernel: only a failed iretq has the user's gs. */
	cmpq $iretq_to_user, PT_IP(%rsp)
	jne 1b
	swapgs
	movq %rsp, %rdi
	call fixup_bad_iret	/* registers as if the program had faulted */
	movq %rax, %rsp
	jmp 1b
END exception_entry

ENTRY exception_exit
	testb $3, PT_CS(%rsp)
	jz 1f
	movq %rsp, %rdi
	call exit_to_user_mode
	jmp return_to_user
1:	POP_REGS
	addq $8, %rsp
	iretq
END exception_exit

ENTRY ist_entry
	cld
	CLAC
	xchgq %rdi, (%rsp)
	PUSH_BELOW_DI
	movq %rdi, %rbx
	testb $3, PT_CS(%rsp)
	jnz 1f

	movl $MSR_GS_BASE, %ecx
	rdmsr
	movl %eax, %r12d
	movl %edx, %r13d
	movl PT_SIZE(%rsp), %eax
	movl PT_SIZE + 4(%rsp), %edx
	wrmsr
	movq %rsp, %rdi
	movq PT_ORIG_AX(%rsp), %rsi
	movq $-1, PT_ORIG_AX(%rsp)
	call *%rbx
	movl $MSR_GS_BASE, %ecx
	movl %r12d, %eax
	movl %r13d, %edx
	wrmsr
	POP_REGS
	addq $8, %rsp
	iretq

1:	/* From a program: go on on the task's stack, as an exception would. */
	swapgs
	movq PT_ORIG_AX(%rsp), %r12
	movq %rsp, %rdi
	call move_to_task_stack
	movq %rax, %rsp
	movq %rsp, %rdi
	movq %r12, %rsi
	movq $-1, PT_ORIG_AX(%rsp)
	call *%rbx
	jmp exception_exit
END ist_entry
