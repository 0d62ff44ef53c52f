/*
 * Memory before the page allocator is up: see boot_alloc.h.
 *
 * Two tables of ranges, sorted by address: all RAM, and what of it is free.
 * An allocation is cut from the first free range that holds it.
 *
 * Locks: none; only the first CPU runs.
 * Entry points: boot_alloc_init, boot_reserve, boot_alloc, boot_alloc_page,
 * boot_alloc_limit, boot_ram_ranges, boot_ram_end, boot_alloc_finish.
 */
#include <kernel/alloc/boot_alloc.h>

#include <kernel/arch/boot_info.h>
#include <kernel/arch/paging.h>
#include <kernel/base/assert.h>
#include <kernel/base/panic.h>
#include <kernel/lib/string.h>

#define RANGES_MAX 160

static struct boot_range ram[RANGES_MAX];
static struct boot_range unused[RANGES_MAX];
static unsigned int nr_ram;
static unsigned int nr_unused;
static u64 limit = 1ULL << 30; /* memory above is not mapped yet */
static bool finished;

/* Append to @ranges, or lengthen the last one if it ends at @start. */
static void append(struct boot_range *ranges, unsigned int *n, u64 start,
		   u64 end)
{
	if (*n > 0 && ranges[*n - 1].end == start) {
		ranges[*n - 1].end = end;
		return;
	}
	assert(*n < RANGES_MAX);
	ranges[*n].start = start;
	ranges[*n].end = end;
	(*n)++;
}

/* boot_alloc_init - take the memory map, which is sorted. */
void boot_alloc_init(const struct boot_info *info)
{
	const struct boot_mem *m;
	unsigned int i;

	for (i = 0; i < info->nr_mem; i++) {
		m = &info->mem[i];
		if (m->type == BOOT_MEM_RESERVED || m->size == 0)
			continue;
		append(ram, &nr_ram, m->base, m->base + m->size);
		if (m->type == BOOT_MEM_RAM)
			append(unused, &nr_unused, m->base, m->base + m->size);
	}
}

/* Cut [@start, @end), which lies inside, out of free range @i. */
static void cut(unsigned int i, u64 start, u64 end)
{
	struct boot_range *r = &unused[i];
	u64 rest = r->end;

	assert(start >= r->start && end <= r->end);
	r->end = start;
	if (rest > end) {
		if (r->start == r->end) {
			r->start = end;
			r->end = rest;
			return;
		}
		assert(nr_unused < RANGES_MAX);
		memmove(r + 2, r + 1, (nr_unused - i - 1) * sizeof(*r));
		r[1].start = end;
		r[1].end = rest;
		nr_unused++;
	} else if (r->start == r->end) {
		memmove(r, r + 1, (nr_unused - i - 1) * sizeof(*r));
		nr_unused--;
	}
}

/* boot_reserve - [@start, @end) is in use. */
void boot_reserve(u64 start, u64 end)
{
	unsigned int i;
	u64 from, to;

	for (i = nr_unused; i-- > 0;) {
		from = max(start, unused[i].start);
		to = min(end, unused[i].end);
		if (from < to)
			cut(i, from, to);
	}
}

/* boot_alloc_limit - give out only memory below physical @end. */
void boot_alloc_limit(u64 end)
{
	limit = end;
}

/* boot_alloc - @size zeroed bytes, by their address in the direct map. */
void *boot_alloc(size_t size, size_t align)
{
	unsigned int i;
	u64 start;

	assert(!finished && is_power_of_2(align));
	for (i = 0; i < nr_unused; i++) {
		start = ALIGN(unused[i].start, align);
		if (start + size > unused[i].end || start + size > limit)
			continue;
		cut(i, start, start + size);
		return memset(__va(start), 0, size);
	}
	panic("boot_alloc: no memory for %zu bytes", size);
}

/* boot_alloc_page - one zeroed page, for page tables. */
void *boot_alloc_page(void)
{
	return boot_alloc(PAGE_SIZE, PAGE_SIZE);
}

/* boot_ram_ranges - all RAM by ascending address; returns how many ranges. */
unsigned int boot_ram_ranges(const struct boot_range **ranges)
{
	*ranges = ram;
	return nr_ram;
}

/* boot_ram_end - end of the highest RAM. */
u64 boot_ram_end(void)
{
	return nr_ram ? ram[nr_ram - 1].end : 0;
}

/* boot_alloc_finish - hand what is left to @give, in whole pages. */
void boot_alloc_finish(void (*give)(u64 start, u64 end))
{
	unsigned int i;
	u64 start, end;

	finished = true;
	for (i = 0; i < nr_unused; i++) {
		start = ALIGN(unused[i].start, PAGE_SIZE);
		end = ALIGN_DOWN(unused[i].end, PAGE_SIZE);
		if (start < end)
			give(start, end);
	}
}
