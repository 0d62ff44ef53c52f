/*
 * Tests of page_alloc.c, boot_alloc.c, slab.c and kmalloc.c together, in 64 MiB
 * of pretended memory with a hole in it.
 *
 * Links: kernel/alloc/page_alloc.c
 *
 * Links: kernel/alloc/page_reserve.c
 *
 * Links: kernel/alloc/boot_alloc.c
 *
 * Links: kernel/alloc/slab.c
 *
 * Links: kernel/alloc/kmalloc.c
 */
#include <kernel/alloc/boot_alloc.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/shrinker.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/boot_info.h>
#include <kernel/arch/irqflags.h>
#include <kernel/lib/string.h>
#include <kernel/types/task.h>
#include <tests/unit/unit.h>

#define MEMORY (64UL << 20)

static struct task_struct myself;
struct task_struct *current_task = &myself;

static struct shrinker *slab_shrinker;
static struct page *held[MEMORY / PAGE_SIZE];

void register_shrinker(struct shrinker *s)
{
	slab_shrinker = s;
}

unsigned long shrink_all(unsigned long nr)
{
	return slab_shrinker->shrink(slab_shrinker, nr);
}

void vmemmap_populate(unsigned long start_pfn, unsigned long end_pfn)
{
}

/* Once for all tests. */
static void boot(void)
{
	static struct boot_info info;
	static bool done;

	if (done)
		return;
	done = true;
	unit_map(PAGE_OFFSET, MEMORY);
	unit_map(VMEMMAP_START, 2 * MEMORY / PAGE_SIZE * sizeof(struct page));
	info.nr_mem = 4;
	info.mem[0] = (struct boot_mem){0x1000, 0x9e000, BOOT_MEM_RAM};
	info.mem[1] = (struct boot_mem){1 << 20, 1 << 20, BOOT_MEM_KERNEL};
	info.mem[2] = (struct boot_mem){2 << 20, 30 << 20, BOOT_MEM_RAM};
	info.mem[3] = (struct boot_mem){40 << 20, 24 << 20, BOOT_MEM_RAM};
	boot_alloc_init(&info);
	boot_reserve(3 << 20, 4 << 20);
	CHECK(boot_alloc(100, 8) == __va(0x1000));
	CHECK(boot_alloc(PAGE_SIZE, PAGE_SIZE) == __va(0x2000));
	CHECK(boot_alloc(2 << 20, 2 << 20) == __va(4 << 20));
	page_alloc_init();
	slab_init();
	kmalloc_init();
}

TEST(pages_are_all_there_and_reserved_ones_are_not)
{
	unsigned long n;

	boot();
	n = (0x9e000 + (54 << 20) - (3 << 20)) / PAGE_SIZE - 2;
	CHECK(totalram_pages() == n);
	CHECK(pfn_valid(1) && !pfn_valid(0) && !pfn_valid(PFN_DOWN(33 << 20)));
	CHECK(phys_to_page(1 << 20)->flags == 1UL << PG_reserved);
	CHECK(page_count(phys_to_page(3 << 20)) == 1);
}

TEST(pages_given_back_join_again)
{
	unsigned long before, blocks;
	unsigned long n = 0, i, j;
	struct page *page;

	boot();
	drain_local_pages();
	before = nr_free_pages();
	blocks = nr_free_blocks(MAX_ORDER - 1);
	while ((page = alloc_page()))
		held[n++] = page;
	/* The last pages are for those who free others. */
	CHECK(nr_free_pages() > 0 && nr_free_pages() <= reserve_pages() / 4);
	myself.flags |= PF_MEMALLOC;
	while ((page = alloc_page()))
		held[n++] = page;
	myself.flags &= ~PF_MEMALLOC;
	CHECK(nr_free_pages() == 0 && n == before);
	/* Each page was given once: write in all, look at all. */
	for (i = 0; i < n; i++)
		*(u64 *)page_address(held[i]) = i;
	for (i = 0; i < n; i++)
		CHECK(*(u64 *)page_address(held[i]) == i);
	for (i = n; i > 1; i--) {
		j = unit_random() % i;
		swap(held[i - 1], held[j]);
	}
	for (i = 0; i < n; i++)
		put_page(held[i]);
	drain_local_pages();
	CHECK(nr_free_pages() == before);
	CHECK(nr_free_blocks(MAX_ORDER - 1) == blocks);
	CHECK(!unit_irqs_off);
}

TEST(pages_of_all_orders_at_random)
{
	static struct {
		struct page *page;
		unsigned int order;
	} block[100];
	unsigned long before;
	int step;

	boot();
	drain_local_pages();
	before = nr_free_pages();
	for (step = 0; step < 20000; step++) {
		int i = (int)(unit_random() % 100);
		unsigned int order = (unsigned int)(unit_random() % 8);

		if (block[i].page) {
			__free_pages(block[i].page, block[i].order);
			block[i].page = NULL;
			continue;
		}
		block[i].page = alloc_pages(order);
		block[i].order = order;
		if (!block[i].page)
			continue;
		CHECK(IS_ALIGNED(page_to_pfn(block[i].page), 1UL << order));
		memset(page_address(block[i].page), i, PAGE_SIZE << order);
	}
	for (step = 0; step < 100; step++) {
		if (block[step].page)
			__free_pages(block[step].page, block[step].order);
		block[step].page = NULL;
	}
	drain_local_pages();
	CHECK(nr_free_pages() == before);
}

TEST(programs_leave_the_reserve)
{
	unsigned long n = 0;
	struct page *page;

	boot();
	while ((page = alloc_zeroed_page_user())) {
		CHECK(memchr_inv(page_address(page), 0, PAGE_SIZE) == NULL);
		held[n++] = page;
	}
	CHECK(reserve_pages() > 0);
	CHECK(nr_free_pages() + 40 >= reserve_pages());
	page = alloc_page();
	CHECK(page);
	put_page(page);
	/* The rest: nearly all to the kernel, the end to who frees memory. */
	while ((page = alloc_page()))
		held[n++] = page;
	CHECK(nr_free_pages() > 0 && nr_free_pages() <= reserve_pages() / 4);
	myself.flags = PF_MEMALLOC;
	page = alloc_page();
	myself.flags = 0;
	CHECK(page);
	put_page(page);
	while (n > 0)
		put_page(held[--n]);
}

TEST(kmalloc_pieces_do_not_overlap)
{
	static struct {
		u8 *p;
		size_t size;
	} piece[600];
	int step, i;

	boot();
	for (step = 0; step < 60000; step++) {
		i = (int)(unit_random() % 600);
		if (piece[i].p) {
			CHECK(memchr_inv(piece[i].p, i & 0xff, piece[i].size) ==
			      NULL);
			kfree(piece[i].p);
			piece[i].p = NULL;
			continue;
		}
		piece[i].size = unit_random() % (step % 10 ? 700 : 9000);
		piece[i].p = kmalloc(piece[i].size);
		CHECK(piece[i].p && ksize(piece[i].p) >= piece[i].size);
		CHECK(IS_ALIGNED((unsigned long)piece[i].p, 8UL));
		memset(piece[i].p, i, piece[i].size);
	}
	for (i = 0; i < 600; i++)
		kfree(piece[i].p);
	slab_shrink();
	CHECK(nr_kmalloc_large_pages() == 0 && nr_slab_pages() <= 4);
}

static void construct(void *obj)
{
	memset(obj, 0x5a, 100);
}

TEST(caches_construct_once_and_can_go)
{
	struct kmem_cache *cache;
	struct slab_info info;
	unsigned int n;
	void *obj[200];
	int i;

	boot();
	cache = kmem_cache_create("thing", 100, 64, construct);
	for (i = 0; i < 200; i++) {
		obj[i] = kmem_cache_alloc(cache);
		CHECK(obj[i] && IS_ALIGNED((unsigned long)obj[i], 64UL));
		CHECK(memchr_inv(obj[i], 0x5a, 100) == NULL);
	}
	for (n = 0; slab_info_nth(n, &info); n++) {
		if (strcmp(info.name, "thing") == 0)
			break;
	}
	CHECK(info.active_objects == 200 && info.object_size == 100);
	for (i = 0; i < 200; i++)
		kmem_cache_free(cache, obj[i]);
	(void)slab_shrink();
	CHECK(slab_info_nth(n, &info) && info.nr_slabs == 0);
}

TEST(krealloc_and_strings_keep_their_contents)
{
	char *s, *t;

	boot();
	s = kstrdup("hello");
	s = krealloc(s, 5000);
	CHECK(strcmp(s, "hello") == 0);
	t = kasprintf("%s-%d", s, 5);
	CHECK(strcmp(t, "hello-5") == 0);
	kfree(s);
	s = kstrndup(t, 3);
	CHECK(strcmp(s, "hel") == 0);
	kfree(s);
	kfree(t);
	CHECK(kcalloc(~0UL / 2, 4) == NULL && kmalloc(5UL << 20) == NULL);
	kfree(NULL);
}
