/*
 * What the boot loader told us, whichever loader it was.
 *
 * boot/boot_info.c fills one struct boot_info from PVH or multiboot2 tables
 * and start_kernel() receives it.  The memory map is sorted, without overlap;
 * the kernel image, the initrd and firmware tables are cut out of the RAM
 * ranges, so every BOOT_MEM_RAM byte is free to take.
 */
#pragma once

#include <abi/types.h>

enum boot_mem_type {
	BOOT_MEM_RAM,	 /* free memory, page aligned */
	BOOT_MEM_KERNEL, /* the image, .init and .bss included */
	BOOT_MEM_INITRD, /* may be freed when unpacked */
	BOOT_MEM_ACPI,	 /* RAM that holds firmware tables: mapped, not freed */
	BOOT_MEM_RESERVED, /* not RAM, or not ours */
};

#define BOOT_MEM_MAX	 96
#define BOOT_CMDLINE_MAX 2048

struct boot_mem {
	u64 base;
	u64 size;
	enum boot_mem_type type;
};

struct boot_info {
	const char *loader;		/* "PVH" or the multiboot2 loader */
	char cmdline[BOOT_CMDLINE_MAX]; /* without the kernel's name */
	u64 initrd_start;		/* physical; 0 if there is none */
	u64 initrd_size;		/* bytes */
	u64 rsdp;			/* physical; 0 if unknown */
	u64 ram_end;			/* first byte after the highest RAM */
	u64 ram_bytes;			/* all RAM, the kernel included */
	unsigned int nr_mem;
	struct boot_mem mem[BOOT_MEM_MAX];
};
