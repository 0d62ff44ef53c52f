/*
 * What the boot assembly and boot_info.c share: numbers, and for assembly the
 * steps that the first CPU and the others both take.
 */
#pragma once

#define BOOT_MAGIC_PVH	      0x50564821
#define BOOT_MAGIC_MULTIBOOT2 0x36d76289

/* Where a further CPU wakes, in real mode: ap_start.S is copied there. */
#define AP_START_PAGE 0x8000

#ifdef __ASSEMBLY__
/* C's are in kernel/arch/paging.h, with suffixes gas does not take. */
#define KERNEL_BASE	0xffffffff80000000
#define PAGE_OFFSET_PGD 273 /* pgd_index(PAGE_OFFSET) */
#define BOOT_STACK_SIZE 16384

#define MSR_GS_BASE 0xc0000101

/* The descriptors of boot_gdt and ap_gdt. */
#define BOOT_CS	    0x08
#define BOOT_CODE64 0x00af9b000000ffff
#define BOOT_DATA   0x00cf93000000ffff

#define CR0_PE_MP_ET_NE_WP_PG 0x80010033
#define CR4_PAE		      0x20
#define MSR_EFER	      0xc0000080
#define EFER_SCE_LME_NXE      0x901

/* clang-format off */
/*
 * From real or protected mode to compatibility mode on the page tables at \cr3
 * (an operand); what follows is a far jump to BOOT_CS.  Uses eax, ecx, edx.
 */
.macro enable_long_mode cr3
	movl $CR4_PAE, %eax
	movl %eax, %cr4
	movl \cr3, %eax
	movl %eax, %cr3
	movl $MSR_EFER, %ecx
	rdmsr
	orl $EFER_SCE_LME_NXE, %eax
	wrmsr
	movl $CR0_PE_MP_ET_NE_WP_PG, %eax
	movl %eax, %cr0
.endm

/* Segments other than cs mean nothing in long mode.  Leaves eax 0. */
.macro clear_segments
	xorl %eax, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl %eax, %fs
	movl %eax, %gs
.endm
/* clang-format on */
#endif
