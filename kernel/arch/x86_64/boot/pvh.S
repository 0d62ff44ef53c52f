/*
 * PVH: how `qemu -kernel` and Xen start an ELF image.
 *
 * The note tells the loader the physical address of a 32-bit entry.  On entry:
 * protected mode, flat segments, paging and interrupts off, ebx is the physical
 * address of struct hvm_start_info.
 */
#include <kernel/arch/x86_64/boot/boot.h>

	.section .note.Xen, "a", @note
	.balign 4
	.long 4			/* name size */
	.long 4			/* value size */
	.long 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long pvh_entry - KERNEL_BASE

	.section .head.text, "ax"
	.code32
	.globl pvh_entry
	.type pvh_entry, @function
pvh_entry:
	movl $BOOT_MAGIC_PVH, %eax
	jmp startup_32
	.size pvh_entry, . - pvh_entry
