/*
 * Page frames: a buddy allocator behind a list of single pages per CPU.
 *
 * Free memory is kept as blocks of 2^order pages, each aligned to its size, on
 * a list per order.  A request splits the smallest block that is big
 * enough; a freed block is joined with its buddy (the block whose frame
 * number differs in bit `order`) as long as that is free too.  The head page
 * of a free block has PG_buddy and its order in `private`.
 *
 * Single pages, nearly all of the traffic, go through the CPU's own list with
 * interrupts off and no lock; it is filled and emptied a batch at a time.
 *
 * The struct pages of whole 4 MiB blocks exist wherever there is some RAM in
 * the block, so a buddy's struct page may always be read.  Pages that are
 * never given out keep one reference and PG_reserved.
 *
 * Locks: zone_lock (LOCK_ZONE), interrupts off, for lists and counts.
 * Entry points: see page_alloc.h.
 */
#include <kernel/alloc/page_alloc.h>

#include <kernel/alloc/boot_alloc.h>
#include <kernel/alloc/fault_inject.h>
#include <kernel/alloc/page_alloc_internal.h>
#include <kernel/arch/context.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/assert.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>
#include <kernel/types/task.h>

#define BLOCK_PAGES (1UL << (MAX_ORDER - 1))

struct free_list {
	struct list_head blocks;
	unsigned long count;
};

/* A CPU's single pages.  Its owner, interrupts off. */
struct cpu_pages {
	struct list_head list;
	unsigned int count;
};

static DEFINE_SPINLOCK(zone_lock, LOCK_ZONE);
static struct free_list free_lists[MAX_ORDER]; /* [zone_lock] */
unsigned long zone_free;	  /* [zone_lock] pages on the lists */
static unsigned long total_pages; /* [zone_lock] ever given to us */
static unsigned int batch = 1;	  /* [I] pages moved at a time */
static DEFINE_PER_CPU(struct cpu_pages, cpu_pages);

/* pfn_valid - is @pfn RAM, with a struct page? */
bool pfn_valid(unsigned long pfn)
{
	const struct boot_range *r;
	unsigned int n = boot_ram_ranges(&r);

	for (; n > 0; n--, r++) {
		if (PFN_PHYS(pfn) >= r->start && PFN_PHYS(pfn) < r->end)
			return true;
	}
	return false;
}

static void push_block(struct page *page, unsigned int order)
{
	page->flags = 1UL << PG_buddy;
	page->private = order;
	list_add(&page->lru, &free_lists[order].blocks);
	free_lists[order].count++;
}

static void pull_block(struct page *page, unsigned int order)
{
	list_del(&page->lru);
	page->flags = 0;
	page->private = 0;
	free_lists[order].count--;
}

/* A block becomes free: join it with its buddies as far as possible. */
static void free_block_locked(struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);
	struct page *buddy;

	assert_held(&zone_lock);
	zone_free += 1UL << order;
	for (; order < MAX_ORDER - 1; order++) {
		buddy = pfn_to_page(pfn ^ (1UL << order));
		if (!(buddy->flags & (1UL << PG_buddy)) ||
		    buddy->private != order)
			break;
		pull_block(buddy, order);
		pfn &= ~(1UL << order);
	}
	push_block(pfn_to_page(pfn), order);
}

/* A free block of @order, split off a larger one if need be; or NULL. */
static struct page *take_block_locked(unsigned int order)
{
	unsigned int from = order;
	struct page *page;

	assert_held(&zone_lock);
	while (list_empty(&free_lists[from].blocks)) {
		if (++from == MAX_ORDER)
			return NULL;
	}
	page = list_first_entry(&free_lists[from].blocks, struct page, lru);
	pull_block(page, from);
	while (from > order) {
		from--;
		push_block(page + (1UL << from), from);
	}
	zone_free -= 1UL << order;
	return page;
}

/* The last pages are for tasks that free others.  zone_lock is held. */
static bool may_take_locked(void)
{
	return zone_free >= reserve_pages() / 4 ||
	       (current->flags & PF_MEMALLOC);
}

/* What every page looks like when it is given out. */
static inline struct page *prepare(struct page *page)
{
	atomic_set(&page->_refcount, 1);
	atomic_set(&page->_mapcount, 0);
	page->flags = 0;
	page->mapping = NULL;
	page->index = 0;
	page->private = 0;
	return page;
}

/* Fill this CPU's list with a batch.  Interrupts are off. */
static void refill(struct cpu_pages *pcp)
{
	struct page *page;
	bool tell;
	unsigned int i;

	spin_lock(&zone_lock);
	for (i = 0; i < batch && may_take_locked(); i++) {
		page = take_block_locked(0);
		if (!page)
			break;
		list_add_tail(&page->lru, &pcp->list);
		pcp->count++;
	}
	tell = zone_should_reclaim();
	spin_unlock(&zone_lock);
	if (tell)
		wake_reclaim();
}

/* Give @n single pages of this CPU back to the lists.  Interrupts are off. */
static void drain(struct cpu_pages *pcp, unsigned int n)
{
	struct page *page;

	spin_lock(&zone_lock);
	for (; n > 0 && pcp->count > 0; n--) {
		/* The coldest ones: those at the end. */
		page = list_last_entry(&pcp->list, struct page, lru);
		list_del(&page->lru);
		pcp->count--;
		free_block_locked(page, 0);
	}
	spin_unlock(&zone_lock);
}

/* A CPU's list is all zeros until it is first used. */
static inline struct cpu_pages *this_cpu_pages(void)
{
	struct cpu_pages *pcp = this_cpu_ptr(&cpu_pages);

	if (unlikely(!pcp->list.next))
		INIT_LIST_HEAD(&pcp->list);
	return pcp;
}

/* take_page - see page_alloc_internal.h. */
struct page *take_page(void)
{
	struct page *page = NULL;
	struct cpu_pages *pcp;
	unsigned long flags;

	local_irq_save(flags);
	pcp = this_cpu_pages();
	if (unlikely(pcp->count == 0))
		refill(pcp);
	if (likely(pcp->count > 0)) {
		page = list_first_entry(&pcp->list, struct page, lru);
		list_del(&page->lru);
		pcp->count--;
	}
	local_irq_restore(flags);
	return likely(page) ? prepare(page) : NULL;
}

/* alloc_page - one page with one reference, or NULL. */
struct page *alloc_page(void)
{
	return should_fail_alloc() ? NULL : take_page();
}

/* alloc_pages - 2^@order contiguous pages with one reference, or NULL. */
struct page *alloc_pages(unsigned int order)
{
	struct page *page;
	unsigned long flags;
	bool tell;

	if (order == 0)
		return alloc_page();
	if (order >= MAX_ORDER || should_fail_alloc())
		return NULL;
	spin_lock_irqsave(&zone_lock, flags);
	page = may_take_locked() ? take_block_locked(order) : NULL;
	tell = zone_should_reclaim();
	spin_unlock_irqrestore(&zone_lock, flags);
	if (tell)
		wake_reclaim();
	if (!page) {
		/* Single pages of this CPU may be the missing buddies. */
		drain_local_pages();
		spin_lock_irqsave(&zone_lock, flags);
		page = may_take_locked() ? take_block_locked(order) : NULL;
		spin_unlock_irqrestore(&zone_lock, flags);
	}
	return page ? prepare(page) : NULL;
}

/* alloc_zeroed_page - one page of zeros, or NULL. */
struct page *alloc_zeroed_page(void)
{
	struct page *page = alloc_page();

	if (page)
		clear_page(page_address(page));
	return page;
}

/* __put_page - the last reference is gone: free the single page. */
void __put_page(struct page *page)
{
	struct cpu_pages *pcp;
	unsigned long flags;

	assert(atomic_read(&page->_mapcount) == 0);
	assert(!(page->flags & (1UL << PG_buddy | 1UL << PG_reserved |
				1UL << PG_slab | 1UL << PG_lru)));
	page->flags = 0;
	local_irq_save(flags);
	pcp = this_cpu_pages();
	list_add(&page->lru, &pcp->list);
	if (unlikely(++pcp->count > 3 * batch))
		drain(pcp, batch);
	local_irq_restore(flags);
}

/* free_page - drop a reference to a single page. */
void free_page(struct page *page)
{
	put_page(page);
}

/* __free_pages - drop the reference of alloc_pages; frees at the last. */
void __free_pages(struct page *page, unsigned int order)
{
	unsigned long flags;

	assert(atomic_read(&page->_refcount) > 0);
	if (!atomic_dec_and_test(&page->_refcount))
		return;
	if (order == 0) {
		__put_page(page);
		return;
	}
	assert(!(page->flags & (1UL << PG_buddy | 1UL << PG_reserved)));
	spin_lock_irqsave(&zone_lock, flags);
	free_block_locked(page, order);
	spin_unlock_irqrestore(&zone_lock, flags);
}

/* get_page_unless_zero - one more reference if the page is not free. */
bool get_page_unless_zero(struct page *page)
{
	return atomic_inc_not_zero(&page->_refcount);
}

/* alloc_pages_exact - @size bytes of whole pages, by address; or NULL. */
void *alloc_pages_exact(size_t size)
{
	unsigned int order = get_order(size);
	unsigned long used = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct page *page = alloc_pages(order);
	unsigned long i;

	if (!page)
		return NULL;
	/* Each page on its own from here; those behind the end go back. */
	for (i = 1; i < 1UL << order; i++) {
		(void)prepare(page + i);
		if (i >= used)
			put_page(page + i);
	}
	return page_address(page);
}

/* free_pages_exact - give back what alloc_pages_exact gave for @size. */
void free_pages_exact(void *addr, size_t size)
{
	struct page *page = virt_to_page(addr);
	unsigned long i;

	for (i = 0; i < PAGE_ALIGN(size) >> PAGE_SHIFT; i++)
		put_page(page + i);
}

/* drain_local_pages - this CPU's single pages go back to the buddy lists. */
void drain_local_pages(void)
{
	struct cpu_pages *pcp;
	unsigned long flags;

	local_irq_save(flags);
	pcp = this_cpu_pages();
	drain(pcp, pcp->count);
	local_irq_restore(flags);
}

/* clear_page - a whole page of zeros. */
void clear_page(void *addr)
{
	unsigned long n = PAGE_SIZE / 8;

	__asm__ volatile("rep stosq"
			 : "+D"(addr), "+c"(n)
			 : "a"(0UL)
			 : "memory");
}

/* copy_page - a whole page. */
void copy_page(void *dst, const void *src)
{
	unsigned long n = PAGE_SIZE / 8;

	__asm__ volatile("rep movsq"
			 : "+D"(dst), "+S"(src), "+c"(n)
			 :
			 : "memory");
}

/* Put [@start, @end) on the free lists; its struct pages are all zeros. */
static void give_zeroed(u64 start, u64 end)
{
	unsigned long pfn = PFN_DOWN(start);
	unsigned long last = PFN_DOWN(end);
	unsigned long flags;
	unsigned int order;

	spin_lock_irqsave(&zone_lock, flags);
	total_pages += last - pfn;
	while (pfn < last) {
		order = MAX_ORDER - 1;
		while ((pfn & ((1UL << order) - 1)) ||
		       pfn + (1UL << order) > last)
			order--;
		free_block_locked(pfn_to_page(pfn), order);
		pfn += 1UL << order;
	}
	spin_unlock_irqrestore(&zone_lock, flags);
}

/* free_reserved_range - give [@start, @end), so far in use, to the allocator.
 */
void free_reserved_range(u64 start, u64 end)
{
	u64 addr;

	start = ALIGN(start, PAGE_SIZE);
	end = ALIGN_DOWN(end, PAGE_SIZE);
	for (addr = start; addr < end; addr += PAGE_SIZE)
		memset(phys_to_page(addr), 0, sizeof(struct page));
	if (start < end)
		give_zeroed(start, end);
}

/* Square root, rounded down. */
static unsigned long int_sqrt(unsigned long n)
{
	unsigned long root = 0;
	unsigned long bit = 1UL << 31;

	for (; bit; bit >>= 1) {
		if ((root + bit) * (root + bit) <= n)
			root += bit;
	}
	return root;
}

/* Make the struct pages of all RAM, all zeros. */
static void __init make_struct_pages(void)
{
	const struct boot_range *r;
	unsigned int n = boot_ram_ranges(&r);
	unsigned long done = 0;
	unsigned long pfn;

	for (; n > 0; n--, r++) {
		pfn = max(ALIGN_DOWN(PFN_DOWN(r->start), BLOCK_PAGES), done);
		done = max(ALIGN(PFN_UP(r->end), BLOCK_PAGES), done);
		if (pfn < done)
			vmemmap_populate(pfn, done);
	}
}

/* What RAM there is in [@start, @end) is in use for good, or until
 * free_reserved_range. */
static void __init reserve_range(u64 start, u64 end)
{
	const struct boot_range *r;
	unsigned int n = boot_ram_ranges(&r);
	u64 addr;

	for (; n > 0; n--, r++) {
		addr = max(ALIGN_DOWN(r->start, PAGE_SIZE), start);
		for (; addr < min(r->end, end); addr += PAGE_SIZE) {
			phys_to_page(addr)->flags = 1UL << PG_reserved;
			atomic_set(&phys_to_page(addr)->_refcount, 1);
		}
	}
}

static u64 given_end __initdata; /* end of the last range given at boot */

/* Boot memory comes in order; what lies between is in use. */
static void __init give_at_boot(u64 start, u64 end)
{
	reserve_range(given_end, start);
	give_zeroed(start, end);
	given_end = end;
}

/* page_alloc_init - take over from boot_alloc. */
void __init page_alloc_init(void)
{
	unsigned int order;

	for (order = 0; order < MAX_ORDER; order++)
		INIT_LIST_HEAD(&free_lists[order].blocks);
	make_struct_pages();
	boot_alloc_finish(give_at_boot);
	reserve_range(given_end, boot_ram_end());
	/* In pages: half the square root of the KiB there are. */
	set_reserve_pages(int_sqrt(total_pages * 4) / 2);
	batch = (unsigned int)clamp(total_pages / 1024, 2UL, 32UL);
	pr_info("Memory: %luK available\n", total_pages * 4);
}

/* totalram_pages - all the allocator ever got. */
unsigned long totalram_pages(void)
{
	return READ_ONCE(total_pages);
}

/* nr_free_pages - free now, CPU lists included. */
unsigned long nr_free_pages(void)
{
	unsigned long n = READ_ONCE(zone_free);
	unsigned int cpu;

	for_each_cpu (cpu)
		n += READ_ONCE(per_cpu(cpu_pages, cpu).count);
	return n;
}

/* nr_free_blocks - free blocks of @order, for /proc/buddyinfo. */
unsigned long nr_free_blocks(unsigned int order)
{
	return order < MAX_ORDER ? READ_ONCE(free_lists[order].count) : 0;
}
