/*
 * From either loader's tables to one struct boot_info.
 *
 * Runs first of all C, on the first page tables (long_mode.S): everything
 * below 4 GiB can be read at PAGE_OFFSET.  What is kept is copied, so the
 * loader's memory is free as soon as this returns.
 *
 * The memory map is made by a sweep: all ranges, the loader's and our own, are
 * laid over each other; where several cover a page the highest enum
 * boot_mem_type wins.
 *
 * Entry points: x86_64_start_kernel.
 */
#include <kernel/arch/x86_64/boot/boot.h>
#include <kernel/arch/x86_64/cpu/cpu.h>

#include <kernel/arch/boot_info.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/setup.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

#define PVH_MAGIC 0x336ec578

/* QEMU's docs/specs and Xen's hvm_start_info. */
struct hvm_start_info {
	u32 magic;
	u32 version;
	u32 flags;
	u32 nr_modules;
	u64 modlist;
	u64 cmdline;
	u64 rsdp;
	u64 memmap;
	u32 memmap_entries;
	u32 reserved;
};

struct hvm_module {
	u64 base;
	u64 size;
	u64 cmdline;
	u64 reserved;
};

struct hvm_memmap {
	u64 base;
	u64 size;
	u32 type;
	u32 reserved;
};

struct mb2_tag {
	u32 type;
	u32 size;
};

struct mb2_memmap {
	u64 base;
	u64 size;
	u32 type;
	u32 reserved;
};

enum mb2_type {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_LOADER = 2,
	MB2_MODULE = 3,
	MB2_MEMMAP = 6,
	MB2_RSDP_V1 = 14,
	MB2_RSDP_V2 = 15,
};

/* What both kinds of memory map call a range. */
enum e820_type {
	E820_RAM = 1,
	E820_RESERVED = 2,
	E820_ACPI = 3,
	E820_NVS = 4,
};

#define EARLY_MAPPED (4ULL << 30)

static struct boot_info boot_info;
static char loader_name[64];
static u8 rsdp_copy[64];
static struct boot_mem raw[BOOT_MEM_MAX / 2] __section(".init.bss");
static unsigned int nr_raw;

static void __init add_range(u64 base, u64 size, enum boot_mem_type type)
{
	u64 end = base + size;

	if (size == 0 || end < base || nr_raw == ARRAY_SIZE(raw))
		return;
	if (type == BOOT_MEM_RAM) {
		base = PAGE_ALIGN(base);
		end = PAGE_ALIGN_DOWN(end);
	} else {
		base = PAGE_ALIGN_DOWN(base);
		end = PAGE_ALIGN(end);
	}
	if (base >= end)
		return;
	raw[nr_raw].base = base;
	raw[nr_raw].size = end - base;
	raw[nr_raw].type = type;
	nr_raw++;
}

static void __init add_e820(u64 base, u64 size, u32 type)
{
	switch (type) {
	case E820_RAM:
		add_range(base, size, BOOT_MEM_RAM);
		break;
	case E820_ACPI:
	case E820_NVS:
		add_range(base, size, BOOT_MEM_ACPI);
		break;
	default:
		add_range(base, size, BOOT_MEM_RESERVED);
		break;
	}
}

/* Drops a leading kernel path, which some loaders pass. */
static void __init set_cmdline(const char *line)
{
	while (*line == ' ')
		line++;
	if (*line == '/' || *line == '(') {
		while (*line && *line != ' ')
			line++;
		while (*line == ' ')
			line++;
	}
	strscpy(boot_info.cmdline, line, sizeof(boot_info.cmdline));
}

static void __init set_initrd(u64 base, u64 size)
{
	if (boot_info.initrd_size || size == 0)
		return;
	boot_info.initrd_start = base;
	boot_info.initrd_size = size;
}

static void __init read_pvh(u64 pa)
{
	const struct hvm_start_info *info = __va(pa);
	const struct hvm_memmap *map;
	const struct hvm_module *module;
	u32 i;

	boot_info.loader = "PVH";
	if (info->magic != PVH_MAGIC)
		return;
	if (info->cmdline && info->cmdline < EARLY_MAPPED)
		set_cmdline(__va(info->cmdline));
	if (info->nr_modules && info->modlist < EARLY_MAPPED) {
		module = __va(info->modlist);
		set_initrd(module->base, module->size);
	}
	boot_info.rsdp = info->rsdp;
	if (info->version == 0 || info->memmap >= EARLY_MAPPED)
		return;
	map = __va(info->memmap);
	for (i = 0; i < info->memmap_entries; i++)
		add_e820(map[i].base, map[i].size, map[i].type);
}

static void __init read_mb2_memmap(const struct mb2_tag *tag)
{
	const u32 *head = (const u32 *)(tag + 1); /* entry size, version */
	const u8 *p = (const u8 *)(head + 2);
	const u8 *end = (const u8 *)tag + tag->size;
	const struct mb2_memmap *entry;

	if (head[0] < sizeof(*entry))
		return;
	for (; p + sizeof(*entry) <= end; p += head[0]) {
		entry = (const struct mb2_memmap *)p;
		add_e820(entry->base, entry->size, entry->type);
	}
}

static void __init read_mb2_tag(const struct mb2_tag *tag)
{
	const u32 *word = (const u32 *)(tag + 1);

	switch (tag->type) {
	case MB2_CMDLINE:
		set_cmdline((const char *)word);
		break;
	case MB2_LOADER:
		strscpy(loader_name, (const char *)word, sizeof(loader_name));
		break;
	case MB2_MODULE:
		set_initrd(word[0], word[1] - word[0]);
		break;
	case MB2_MEMMAP:
		read_mb2_memmap(tag);
		break;
	case MB2_RSDP_V1:
		if (boot_info.rsdp)
			break;
		fallthrough;
	case MB2_RSDP_V2:
		/* The tag holds a copy of the RSDP, not its address. */
		memcpy(rsdp_copy, word,
		       min_t(size_t, tag->size - 8, sizeof(rsdp_copy)));
		boot_info.rsdp = __pa(rsdp_copy);
		break;
	}
}

static void __init read_multiboot2(u64 pa)
{
	const u8 *p = __va(pa);
	const u8 *end = p + *(const u32 *)p;
	const struct mb2_tag *tag;

	boot_info.loader = loader_name;
	for (p += 8; p + sizeof(*tag) <= end; p += ALIGN(tag->size, 8)) {
		tag = (const struct mb2_tag *)p;
		if (tag->type == MB2_END || tag->size < sizeof(*tag))
			break;
		read_mb2_tag(tag);
	}
}

/* The type of the pages from @base on; BOOT_MEM_MAX if nothing covers them. */
static unsigned int __init type_at(u64 base)
{
	unsigned int type = BOOT_MEM_MAX;
	unsigned int i;

	for (i = 0; i < nr_raw; i++) {
		if (base - raw[i].base >= raw[i].size)
			continue;
		if (type == BOOT_MEM_MAX || raw[i].type > type)
			type = raw[i].type;
	}
	return type;
}

/* The first boundary of any range above @at, or 0. */
static u64 __init next_boundary(u64 at)
{
	u64 next = 0;
	unsigned int i;
	u64 edge;
	int side;

	for (i = 0; i < nr_raw; i++) {
		for (side = 0; side < 2; side++) {
			edge = raw[i].base + (side ? raw[i].size : 0);
			if (edge > at && (!next || edge < next))
				next = edge;
		}
	}
	return next;
}

static void __init emit(u64 base, u64 end, enum boot_mem_type type)
{
	struct boot_mem *mem = boot_info.mem + boot_info.nr_mem;

	if (boot_info.nr_mem && mem[-1].type == type &&
	    mem[-1].base + mem[-1].size == base) {
		mem[-1].size += end - base;
	} else if (boot_info.nr_mem < BOOT_MEM_MAX) {
		mem->base = base;
		mem->size = end - base;
		mem->type = type;
		boot_info.nr_mem++;
	}
	if (type == BOOT_MEM_RESERVED)
		return;
	boot_info.ram_bytes += end - base;
	if (type != BOOT_MEM_ACPI)
		boot_info.ram_end = end;
}

static void __init build_map(void)
{
	u64 at = 0;
	unsigned int type;
	u64 next;

	add_range(__pa(__kernel_start), __kernel_end - __kernel_start,
		  BOOT_MEM_KERNEL);
	add_range(boot_info.initrd_start, boot_info.initrd_size,
		  BOOT_MEM_INITRD);
	/* Page 0 stays unused, so that a physical NULL is never memory. */
	add_range(0, PAGE_SIZE, BOOT_MEM_RESERVED);
	add_range(AP_START_PAGE, PAGE_SIZE, BOOT_MEM_RESERVED);

	for (; (next = next_boundary(at)) != 0; at = next) {
		type = type_at(at);
		if (type != BOOT_MEM_MAX)
			emit(at, next, type);
	}
}

/*
 * x86_64_start_kernel - the first C: @magic says which loader, @tables where
 * its tables are.  Does not return.
 */
void __init x86_64_start_kernel(u32 magic, u32 tables)
{
	stack_guard_init();
	if (magic == BOOT_MAGIC_MULTIBOOT2)
		read_multiboot2(tables);
	else
		read_pvh(tables);
	build_map();
	start_kernel(&boot_info);
}
