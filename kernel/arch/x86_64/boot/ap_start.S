/*
 * The first steps of a CPU that another one wakes.
 *
 * smpboot.c copies ap_start..ap_start_end to the page AP_START_PAGE, where the
 * start-up message sends the CPU in real mode: cs is that page, ip 0.  It goes
 * straight to long mode on the tables whose address smpboot.c wrote into
 * ap_start_cr3 (that page mapped at its own address, and the kernel), takes
 * its stack and gs base from *ap_parameters and calls ap_main.
 *
 * ap_parameters is taken by an exchange: a CPU that wakes when nobody waits for
 * it any more finds NULL and halts.
 *
 * Entry points: ap_start (copied), ap_start_cr3, ap_start_end.
 */
#include <kernel/arch/x86_64/boot/boot.h>

	.section .init.rodata.ap_start, "a"
	.balign 16
	.code16
	.globl ap_start
ap_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl ap_gdt_pointer - ap_start
	enable_long_mode ap_start_cr3-ap_start
	ljmpl $BOOT_CS, $AP_START_PAGE + (ap_long - ap_start)

	.code64
ap_long:
	movabsq $ap_high, %rax
	jmp *%rax

	.balign 8
ap_gdt:
	.quad 0
	.quad BOOT_CODE64
	.quad BOOT_DATA
ap_gdt_pointer:
	.short . - ap_gdt - 1
	.long AP_START_PAGE + (ap_gdt - ap_start)
	.balign 4
	.globl ap_start_cr3
ap_start_cr3:
	.long 0
	.globl ap_start_end
ap_start_end:

	.section .init.text, "ax"
	.type ap_high, @function
ap_high:
	clear_segments
	xchgq %rax, ap_parameters(%rip)
	testq %rax, %rax
	jz 1f
	movq (%rax), %rsp
	movq %rax, %rdi
	movl $MSR_GS_BASE, %ecx
	movl 8(%rdi), %eax
	movl 12(%rdi), %edx
	wrmsr
	movl 16(%rdi), %edi	/* its number */
	xorl %ebp, %ebp
	call ap_main
1:	cli
	hlt
	jmp 1b
	.size ap_high, . - ap_high
