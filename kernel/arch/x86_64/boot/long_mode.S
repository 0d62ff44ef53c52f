/*
 * From 32-bit protected mode to C in long mode.
 *
 * The first page tables map the first 4 GiB, in 2 MiB pages, three times: at 0
 * (this code runs there), at PAGE_OFFSET (loaders' tables are read there) and,
 * its first 2 GiB, at KERNEL_BASE (the image).  They live until
 * setup_arch_memory() builds the final ones.
 *
 * Entry points: startup_32 (eax: which loader, ebx: its tables), init_stack.
 */
#include <kernel/arch/x86_64/boot/boot.h>

#define PHYS(symbol) ((symbol) - KERNEL_BASE)

#define PDE_2M                0x83 /* present, writable, large */
#define TABLE                 0x03 /* present, writable */

	.section .head.text, "ax"
	.code32
	.globl startup_32
	.type startup_32, @function
startup_32:
	cli
	cld
	movl %eax, %ebp		/* which loader */
	movl $PHYS(init_stack + BOOT_STACK_SIZE), %esp

	/* pmd[i] = i * 2 MiB, for four tables in a row */
	movl $PHYS(early_pmd), %edi
	movl $PDE_2M, %eax
	movl $2048, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	decl %ecx
	jnz 1b

	movl $PHYS(early_pmd) + TABLE, %eax
	movl $PHYS(early_pud_low), %edi
	movl %eax, PHYS(early_pud_high) + 510 * 8
	movl $4, %ecx
2:	movl %eax, (%edi)
	addl $4096, %eax
	addl $8, %edi
	decl %ecx
	jnz 2b
	movl $PHYS(early_pmd) + 4096 + TABLE, PHYS(early_pud_high) + 511 * 8

	movl $PHYS(early_pud_low) + TABLE, PHYS(early_pgd)
	movl $PHYS(early_pud_low) + TABLE, PHYS(early_pgd) + PAGE_OFFSET_PGD * 8
	movl $PHYS(early_pud_high) + TABLE, PHYS(early_pgd) + 511 * 8

	enable_long_mode $PHYS(early_pgd)
	lgdt PHYS(boot_gdt_pointer)
	ljmp $BOOT_CS, $PHYS(startup_64)
	.size startup_32, . - startup_32

	.balign 8
boot_gdt:
	.quad 0
	.quad BOOT_CODE64
	.quad BOOT_DATA
boot_gdt_pointer:
	.short . - boot_gdt - 1
	.long PHYS(boot_gdt)
	.long 0

	.code64
	.type startup_64, @function
startup_64:
	movq $high, %rax
	jmp *%rax
high:
	/* gs base 0 is CPU 0's. */
	clear_segments
	movl $MSR_GS_BASE, %ecx
	xorl %edx, %edx
	wrmsr
	movq $init_stack + BOOT_STACK_SIZE, %rsp
	movl %ebp, %edi		/* which loader */
	movl %ebx, %esi		/* its tables */
	xorl %ebp, %ebp
	call x86_64_start_kernel
3:	cli
	hlt
	jmp 3b
	.size startup_64, . - startup_64

	.section .init.bss, "aw", @nobits
	.balign 4096
early_pgd:
	.skip 4096
early_pud_low:
	.skip 4096
early_pud_high:
	.skip 4096
early_pmd:
	.skip 4 * 4096

	.section .bss.page_aligned, "aw", @nobits
	.globl init_stack
	.balign BOOT_STACK_SIZE
init_stack:
	.skip BOOT_STACK_SIZE
