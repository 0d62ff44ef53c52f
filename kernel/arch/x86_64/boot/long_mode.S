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

#define CR0_PE_MP_ET_NE_WP_PG 0x80010033
#define CR4_PAE               0x20
#define MSR_EFER              0xc0000080
#define EFER_SCE_LME_NXE      0x901
#define MSR_GS_BASE           0xc0000101
#define PDE_2M                0x83 /* present, writable, large */
#define TABLE                 0x03 /* present, writable */
#define BOOT_CS               0x08

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

	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl $PHYS(early_pgd), %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_SCE_LME_NXE, %eax
	wrmsr
	movl $CR0_PE_MP_ET_NE_WP_PG, %eax
	movl %eax, %cr0
	lgdt PHYS(boot_gdt_pointer)
	ljmp $BOOT_CS, $PHYS(startup_64)
	.size startup_32, . - startup_32

	.balign 8
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* 64-bit code */
	.quad 0x00cf93000000ffff /* data */
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
	/* Segments but cs mean nothing now; gs base 0 is CPU 0's. */
	xorl %eax, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl %eax, %fs
	movl %eax, %gs
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
