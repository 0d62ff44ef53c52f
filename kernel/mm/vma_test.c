/*
 * vma_test.c - the set of mappings against a plain array of pages.
 *
 * Each page of a small address range has an attribute in the array (0: not
 * mapped).  Random ranges are mapped, removed and changed in both; after each
 * step the mappings must tell the same, without overlap and with nothing left
 * that could be joined.
 */
#include <kernel/alloc/slab.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/rwsem.h>
#include <tests/unit/unit.h>

#define NR_PAGES 64
#define BASE	 0x4000UL /* so that gaps are narrow everywhere */

static struct mm_struct mm;
static unsigned long model[NR_PAGES]; /* vm_flags, 0: nothing */

const struct mmap_file_ops *mmap_file_ops;

int sysctl_stack_guard_gap = 2;

static size_t cache_size;

struct kmem_cache *kmem_cache_create(const char *name, size_t size,
				     size_t align, void (*ctor)(void *))
{
	static char cache;

	cache_size = size;
	return (struct kmem_cache *)&cache;
}

void *kmem_cache_alloc(struct kmem_cache *cache)
{
	return kmalloc(cache_size);
}

void *kmem_cache_zalloc(struct kmem_cache *cache)
{
	return kzalloc(cache_size);
}

void kmem_cache_free(struct kmem_cache *cache, void *obj)
{
	kfree(obj);
}

void down_write(struct rw_semaphore *sem)
{
}

void up_write(struct rw_semaphore *sem)
{
}

static void reset(void)
{
	unsigned int i;

	vma_init_caches();
	__builtin_memset(&mm, 0, sizeof(mm));
	mm.mm_rb = RB_ROOT;
	INIT_LIST_HEAD(&mm.mmap);
	for (i = 0; i < NR_PAGES; i++)
		model[i] = 0;
}

static unsigned long address(unsigned int page)
{
	return BASE + page * PAGE_SIZE;
}

/* So that no mapping crosses @page's start. */
static void cut_at(unsigned int page)
{
	struct vm_area_struct *vma = vma_lookup(&mm, address(page));

	if (vma && vma->vm_start < address(page))
		CHECK(split_vma(&mm, vma, address(page), page & 1) == 0);
}

static void remove_range(unsigned int from, unsigned int to)
{
	struct vm_area_struct *vma;

	cut_at(from);
	cut_at(to);
	while ((vma = find_vma_intersection(&mm, address(from), address(to)))) {
		vma_unlink(&mm, vma);
		remove_vma(vma);
	}
	for (; from < to; from++)
		model[from] = 0;
}

static void map_range(unsigned int from, unsigned int to, unsigned long flags)
{
	struct vm_area_struct like = {
		.vm_mm = &mm,
		.vm_start = address(from),
		.vm_end = address(to),
		.vm_flags = flags,
		.vm_pgoff = address(from) >> PAGE_SHIFT,
	};
	struct vm_area_struct *vma;

	remove_range(from, to);
	if (!vma_merge(&mm, &like)) {
		vma = vm_area_dup(&like);
		CHECK(vma);
		CHECK(insert_vm_struct(&mm, vma) == 0);
	}
	for (; from < to; from++)
		model[from] = flags;
}

static void change_range(unsigned int from, unsigned int to,
			 unsigned long flags)
{
	unsigned long addr = address(from);
	struct vm_area_struct *vma;

	flags &= ~VM_GROWSDOWN; /* that stays as it was */
	cut_at(from);
	cut_at(to);
	while ((vma = find_vma_intersection(&mm, addr, address(to)))) {
		addr = vma->vm_end;
		vma->vm_flags = (vma->vm_flags & VM_GROWSDOWN) | flags;
		(void)vma_merge_neighbours(&mm, vma);
	}
	for (; from < to; from++)
		model[from] =
			model[from] ? (model[from] & VM_GROWSDOWN) | flags : 0;
}

static void check_against_model(void)
{
	struct vm_area_struct *vma;
	struct vm_area_struct *prev = NULL;
	unsigned int i;
	int count = 0;

	for (i = 0; i < NR_PAGES; i++) {
		vma = vma_lookup(&mm, address(i));
		CHECK((vma ? vma->vm_flags : 0) == model[i]);
	}
	for_each_vma (&mm, vma) {
		count++;
		CHECK(vma->vm_start < vma->vm_end);
		CHECK(vma->vm_pgoff == vma->vm_start >> PAGE_SHIFT);
		if (prev) {
			CHECK(prev->vm_end <= vma->vm_start);
			CHECK(prev->vm_end < vma->vm_start ||
			      prev->vm_flags != vma->vm_flags);
			CHECK(vma_prev(vma) == prev);
			CHECK(vma_next(prev) == vma);
		}
		prev = vma;
	}
	CHECK(count == mm.map_count);
}

/* How much is free below @vma, by a look at the list. */
static unsigned long free_below(struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = vma_prev(vma);
	unsigned long from = prev ? prev->vm_end : 0;

	return vm_start_gap(vma) > from ? vm_start_gap(vma) - from : 0;
}

/* What the tree says of gaps is what a walk along the list finds. */
static void check_gaps(void)
{
	unsigned long len = (1 + unit_random() % 6) * PAGE_SIZE;
	struct vm_area_struct *from;
	struct vm_area_struct *vma;

	for_each_vma (&mm, from) {
		for (vma = from; vma && free_below(vma) < len;)
			vma = vma_prev(vma);
		CHECK(vma_lower_gap(from, len) == vma);
		for (vma = from; vma && free_below(vma) < len;)
			vma = vma_next(vma);
		CHECK(vma_higher_gap(from, len) == vma);
	}
}

TEST(vma_random_maps_unmaps_and_changes)
{
	static const unsigned long kinds[] = {VM_READ, VM_READ | VM_GROWSDOWN,
					      VM_EXEC};
	unsigned int from;
	unsigned int to;
	int round;

	reset();
	for (round = 0; round < 20000; round++) {
		from = (unsigned int)(unit_random() % NR_PAGES);
		to = from + 1 +
		     (unsigned int)(unit_random() % (NR_PAGES - from));
		switch (unit_random() % 3) {
		case 0:
			remove_range(from, to);
			/* Its halves were cut, and nothing joins them. */
			break;
		case 1:
			map_range(from, to, kinds[unit_random() % 3]);
			break;
		default:
			change_range(from, to, kinds[unit_random() % 3]);
			break;
		}
		check_against_model();
		check_gaps();
	}
	remove_range(0, NR_PAGES);
	CHECK(mm.map_count == 0);
	CHECK(unit_memory_in_use() == 0);
}

TEST(vma_find_in_gaps)
{
	reset();
	map_range(4, 8, VM_READ);
	map_range(12, 16, VM_READ);
	CHECK(find_vma(&mm, address(0))->vm_start == address(4));
	CHECK(find_vma(&mm, address(8))->vm_start == address(12));
	CHECK(!find_vma(&mm, address(16)));
	CHECK(!vma_lookup(&mm, address(8)));
	CHECK(!find_vma_intersection(&mm, address(8), address(12)));
	CHECK(find_vma_intersection(&mm, address(8), address(13)));
	remove_range(0, NR_PAGES);
}

TEST(vma_gap_filled_joins_both_sides)
{
	reset();
	map_range(0, 4, VM_READ);
	map_range(8, 12, VM_READ);
	CHECK(mm.map_count == 2);
	map_range(4, 8, VM_READ);
	CHECK(mm.map_count == 1);
	check_against_model();
	remove_range(0, NR_PAGES);
}

TEST(vma_split_fails_at_the_limit_and_without_memory)
{
	struct vm_area_struct *vma;
	int limit = sysctl_max_map_count;

	reset();
	map_range(0, 8, VM_READ);
	vma = find_vma(&mm, address(0));
	sysctl_max_map_count = 1;
	CHECK(split_vma(&mm, vma, address(4), true) < 0);
	sysctl_max_map_count = limit;
	unit_memory_fail_after(0);
	CHECK(split_vma(&mm, vma, address(4), true) < 0);
	unit_memory_fail_after(-1);
	check_against_model();
	CHECK(mm.map_count == 1);
	remove_range(0, NR_PAGES);
}
