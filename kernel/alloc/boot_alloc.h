/*
 * Memory before the page allocator is up.
 *
 * Takes the loader's memory map, cuts out what is in use (the image, the
 * modules, boot tables) and gives out zeroed pieces from the bottom of what
 * is left, through the direct map.  Nothing given out here is ever freed,
 * except ranges handed over with boot_free.
 */
#pragma once

#include <kernel/lib/macros.h>

struct boot_info;

/* A stretch of physical memory, in bytes: [start, end). */
struct boot_range {
	u64 start;
	u64 end;
};

/* boot_alloc_init - take the memory map; called once, on the first CPU. */
void boot_alloc_init(const struct boot_info *info);

/* boot_reserve - [@start, @end) is in use; before the first boot_alloc. */
void boot_reserve(u64 start, u64 end);

/*
 * boot_alloc - @size zeroed bytes, aligned to @align (a power of two), by
 * their address in the direct map.  Panics if there are none: at boot only.
 */
void *boot_alloc(size_t size, size_t align);

/* boot_alloc_page - one zeroed page, for page tables. */
void *boot_alloc_page(void);

/*
 * boot_alloc_limit - give out only memory below physical @limit, until the
 * direct map reaches further.  Starts at 1 GiB.
 */
void boot_alloc_limit(u64 limit);

/* boot_ram_ranges - all RAM by ascending address; returns how many ranges. */
unsigned int boot_ram_ranges(const struct boot_range **ranges);

/* boot_ram_end - end of the highest RAM. */
u64 boot_ram_end(void);

/*
 * boot_alloc_finish - hand what is left to @give, range by range; no
 * boot_alloc may follow.  (page_alloc_init calls it.)
 */
void boot_alloc_finish(void (*give)(u64 start, u64 end));
