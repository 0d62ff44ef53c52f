/*
 * Multiboot2: how GRUB starts the image.
 *
 * The header asks for page-aligned modules and names the physical entry.  On
 * entry: protected mode, flat segments, paging and interrupts off, eax is
 * BOOT_MAGIC_MULTIBOOT2, ebx the physical address of the information.
 */
#include <kernel/arch/x86_64/boot/boot.h>

#define HEADER_MAGIC 0xe85250d6

	.section .multiboot2, "a"
	.balign 8
multiboot2_header:
	.long HEADER_MAGIC
	.long 0			/* i386, protected mode */
	.long header_end - multiboot2_header
	.long -(HEADER_MAGIC + (header_end - multiboot2_header))

	.balign 8
	.short 3, 0		/* entry address */
	.long 12
	.long multiboot2_entry - KERNEL_BASE

	.balign 8
	.short 6, 0		/* modules on page boundaries */
	.long 8

	.balign 8
	.short 0, 0		/* end */
	.long 8
header_end:

	.section .head.text, "ax"
	.code32
	.globl multiboot2_entry
	.type multiboot2_entry, @function
multiboot2_entry:
	jmp startup_32
	.size multiboot2_entry, . - multiboot2_entry
