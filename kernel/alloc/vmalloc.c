/*
 * Memory contiguous only in addresses, and kernel stacks: see vmalloc.h.
 *
 * The area VMALLOC_START..VMALLOC_END has two halves.  In the lower one, ranges
 * of any size are placed first-fit, in a tree by address; there are few of
 * them, so looking for a gap walks it.  The upper half is slots of twice a
 * stack's size: an unmapped half, then the stack, which thus is aligned to
 * its size and faults when it overflows.  A bitmap says which slots are
 * mapped.  Low slots are preferred, so page tables are used again.
 *
 * A freed stack stays mapped: the last one freed on a CPU is that CPU's spare,
 * others are on a list, linked through their first words.  Unmapping tells
 * other CPUs and so cannot be done where tasks die.  When many have come
 * together, the background thread of reclaim is woken, which unmaps all but a
 * few; the shrinker unmaps those as well.
 *
 * Locks: vmalloc_lock (LOCK_VMALLOC) for tree, bitmap and list.
 * Entry points: see vmalloc.h.
 */
#include <kernel/alloc/vmalloc.h>

#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/shrinker.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/tlb.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/bitmap.h>
#include <kernel/lib/rbtree.h>
#include <kernel/lib/string.h>

#define RANGES_END  (VMALLOC_START + (VMALLOC_END - VMALLOC_START) / 2)
#define STACKS_BASE RANGES_END
#define STACK_SLOT  (2 * KERNEL_STACK_SIZE)
#define STACKS_MAX  (1UL << 17)
#define STACK_PAGES (KERNEL_STACK_SIZE / PAGE_SIZE)
#define STACKS_KEPT 8
#define STACKS_MANY (2 * STACKS_KEPT)

struct range {
	struct rb_node node; /* by start */
	unsigned long start;
	size_t size; /* mapped bytes; a guard page follows */
};

static DEFINE_SPINLOCK(vmalloc_lock, LOCK_VMALLOC);
static struct rb_root ranges;			/* [vmalloc_lock] */
static unsigned long vmalloc_pages;		/* [vmalloc_lock] */
static DECLARE_BITMAP(stack_slots, STACKS_MAX); /* [vmalloc_lock] mapped */
static unsigned long low_slot;	     /* [vmalloc_lock] none below is free */
static void *free_stacks;	     /* [vmalloc_lock] linked by first word */
static unsigned long nr_free_stacks; /* [vmalloc_lock] */
static DEFINE_PER_CPU(void *, spare_stack); /* the one freed here last */
static DEFINE_PER_CPU(long, nr_stacks);	    /* given out */

/* Unmap @n pages at @addr and free them. */
static void unmap_and_free(unsigned long addr, unsigned long n)
{
	struct page *page, *next;
	unsigned long i;
	LIST_HEAD(pages);

	for (i = 0; i < n; i++) {
		page = phys_to_page(kernel_virt_to_phys(addr + i * PAGE_SIZE));
		list_add(&page->lru, &pages);
	}
	unmap_kernel_range(addr, n * PAGE_SIZE);
	list_for_each_entry_safe (page, next, &pages, lru)
		put_page(page);
}

/* Map @n fresh pages at @addr; true, or nothing is mapped. */
static bool map_fresh(unsigned long addr, unsigned long n)
{
	struct page *page;
	unsigned long i;

	for (i = 0; i < n; i++) {
		page = alloc_page();
		if (!page)
			break;
		if (map_kernel_page(addr + i * PAGE_SIZE, page_to_phys(page),
				    PAGE_KERNEL)) {
			put_page(page);
			break;
		}
	}
	if (i == n)
		return true;
	if (i > 0)
		unmap_and_free(addr, i);
	return false;
}

/* Find the lowest gap for @r and put it into the tree; false: no room. */
static bool place_locked(struct range *r)
{
	unsigned long at = VMALLOC_START;
	struct rb_node **link = &ranges.rb_node;
	struct rb_node *parent = NULL;
	struct rb_node *n;

	assert_held(&vmalloc_lock);
	for (n = rb_first(&ranges); n; n = rb_next(n)) {
		const struct range *other = rb_entry(n, struct range, node);

		if (other->start - at >= r->size + PAGE_SIZE)
			break;
		at = other->start + other->size + PAGE_SIZE;
	}
	if (RANGES_END - at < r->size + PAGE_SIZE)
		return false;
	r->start = at;
	while (*link) {
		parent = *link;
		link = at < rb_entry(parent, struct range, node)->start
			       ? &parent->rb_left
			       : &parent->rb_right;
	}
	rb_link_node(&r->node, parent, link);
	rb_insert_color(&r->node, &ranges);
	vmalloc_pages += r->size >> PAGE_SHIFT;
	return true;
}

static void remove_range(struct range *r)
{
	unsigned long flags;

	spin_lock_irqsave(&vmalloc_lock, flags);
	rb_erase(&r->node, &ranges);
	vmalloc_pages -= r->size >> PAGE_SHIFT;
	spin_unlock_irqrestore(&vmalloc_lock, flags);
	kfree(r);
}

/* vmalloc - @size bytes, page aligned, or NULL. */
void *vmalloc(size_t size)
{
	unsigned long flags;
	struct range *r;
	bool placed;

	if (size == 0 || size > RANGES_END - VMALLOC_START)
		return NULL;
	size = PAGE_ALIGN(size);
	/* Ask for what cannot be had, and nothing is taken first. */
	if (size >> PAGE_SHIFT > nr_free_pages())
		return NULL;
	r = kmalloc(sizeof(*r));
	if (!r)
		return NULL;
	r->size = size;
	spin_lock_irqsave(&vmalloc_lock, flags);
	placed = place_locked(r);
	spin_unlock_irqrestore(&vmalloc_lock, flags);
	if (!placed) {
		kfree(r);
		return NULL;
	}
	if (!map_fresh(r->start, size >> PAGE_SHIFT)) {
		remove_range(r);
		return NULL;
	}
	return (void *)r->start;
}

/* vzalloc - vmalloc of zeros. */
void *vzalloc(size_t size)
{
	void *p = vmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

/* The range that starts at @addr, or NULL. */
static struct range *find_range(unsigned long addr)
{
	struct range *r = NULL;
	unsigned long flags;
	struct rb_node *n;

	spin_lock_irqsave(&vmalloc_lock, flags);
	for (n = ranges.rb_node; n;) {
		r = rb_entry(n, struct range, node);
		if (addr == r->start)
			break;
		n = addr < r->start ? n->rb_left : n->rb_right;
	}
	spin_unlock_irqrestore(&vmalloc_lock, flags);
	return n ? r : NULL;
}

/* vfree - give it back; NULL is allowed. */
void vfree(const void *addr)
{
	struct range *r;

	if (!addr)
		return;
	r = find_range((unsigned long)addr);
	assert(r);
	unmap_and_free(r->start, r->size >> PAGE_SHIFT);
	remove_range(r);
}

/* is_vmalloc_addr - is @addr in the range that vmalloc gives out? */
bool is_vmalloc_addr(const void *addr)
{
	return (unsigned long)addr >= VMALLOC_START &&
	       (unsigned long)addr < VMALLOC_END;
}

/* kvmalloc - kmalloc if that is possible, else vmalloc. */
void *kvmalloc(size_t size)
{
	void *p = NULL;

	if (size <= 8 * PAGE_SIZE)
		p = kmalloc(size);
	return p ? p : vmalloc(size);
}

/* kvzalloc - kvmalloc of zeros. */
void *kvzalloc(size_t size)
{
	void *p = kvmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

/* kvfree - give back what kvmalloc gave. */
void kvfree(const void *addr)
{
	if (is_vmalloc_addr(addr))
		vfree(addr);
	else
		kfree(addr);
}

static inline unsigned long slot_stack(unsigned long slot)
{
	return STACKS_BASE + slot * STACK_SLOT + KERNEL_STACK_SIZE;
}

static inline unsigned long stack_slot(const void *stack)
{
	return ((unsigned long)stack - STACKS_BASE) / STACK_SLOT;
}

/* Take a freed stack if there are more than @keep, or NULL. */
static void *take_free_stack(unsigned long keep)
{
	unsigned long flags;
	void *stack = NULL;

	spin_lock_irqsave(&vmalloc_lock, flags);
	if (nr_free_stacks > keep) {
		stack = free_stacks;
		free_stacks = *(void **)stack;
		nr_free_stacks--;
	}
	spin_unlock_irqrestore(&vmalloc_lock, flags);
	return stack;
}

static void release_slot(unsigned long slot)
{
	unsigned long flags;

	spin_lock_irqsave(&vmalloc_lock, flags);
	bitmap_clear_bit(stack_slots, slot);
	low_slot = min(low_slot, slot);
	spin_unlock_irqrestore(&vmalloc_lock, flags);
}

/* Map a stack in a fresh slot, or NULL. */
static void *make_stack(void)
{
	unsigned long flags, slot;

	spin_lock_irqsave(&vmalloc_lock, flags);
	slot = find_next_zero_bit(stack_slots, STACKS_MAX, low_slot);
	if (slot < STACKS_MAX) {
		bitmap_set_bit(stack_slots, slot);
		low_slot = slot + 1;
	}
	spin_unlock_irqrestore(&vmalloc_lock, flags);
	if (slot == STACKS_MAX)
		return NULL;
	if (!map_fresh(slot_stack(slot), STACK_PAGES)) {
		release_slot(slot);
		return NULL;
	}
	return (void *)slot_stack(slot);
}

/* alloc_kernel_stack - lowest address of a new stack, or NULL. */
void *alloc_kernel_stack(void)
{
	void *stack = this_cpu_xchg(spare_stack, NULL);

	if (!stack)
		stack = take_free_stack(0);
	if (!stack)
		stack = make_stack();
	if (stack)
		this_cpu_inc(nr_stacks);
	return stack;
}

/* Any context. */
static void put_free_stack(void *stack)
{
	unsigned long flags;
	bool many;

	spin_lock_irqsave(&vmalloc_lock, flags);
	*(void **)stack = free_stacks;
	free_stacks = stack;
	many = ++nr_free_stacks > STACKS_MANY;
	spin_unlock_irqrestore(&vmalloc_lock, flags);
	if (many)
		wake_reclaim();
}

/* free_kernel_stack - @stack is not in use any more.  Any context. */
void free_kernel_stack(void *stack)
{
	assert((unsigned long)stack == slot_stack(stack_slot(stack)));
	this_cpu_dec(nr_stacks);
	stack = this_cpu_xchg(spare_stack, stack);
	if (stack)
		put_free_stack(stack);
}

/* is_kernel_stack_guard - did an access to @addr run off a stack? */
bool is_kernel_stack_guard(unsigned long addr)
{
	return addr >= STACKS_BASE && addr < VMALLOC_END &&
	       (addr - STACKS_BASE) % STACK_SLOT < KERNEL_STACK_SIZE;
}

/* Unmap up to @nr stacks that nobody uses, but leave @keep; pages freed. */
static unsigned long unmap_stacks(unsigned long nr, unsigned long keep)
{
	unsigned long freed = 0;
	void *stack;

	while (nr-- > 0 && (stack = take_free_stack(keep))) {
		unmap_and_free((unsigned long)stack, STACK_PAGES);
		release_slot(stack_slot(stack));
		freed += STACK_PAGES;
	}
	return freed;
}

/* trim_kernel_stacks - unmap freed stacks, but keep a few.  May sleep. */
void trim_kernel_stacks(void)
{
	(void)unmap_stacks(~0UL, STACKS_KEPT);
}

static unsigned long shrink_stacks(struct shrinker *s, unsigned long nr)
{
	unsigned int cpu;
	void *stack;

	for_each_possible_cpu(cpu)
	{
		stack = __atomic_exchange_n(&per_cpu(spare_stack, cpu), NULL,
					    __ATOMIC_ACQ_REL);
		if (stack)
			put_free_stack(stack);
	}
	return unmap_stacks(DIV_ROUND_UP(nr, STACK_PAGES), 0);
}

/* vmalloc_init - after slab_init. */
void vmalloc_init(void)
{
	static struct shrinker stack_shrinker = {
		.name = "kernel stacks", .shrink = shrink_stacks, .order = 0};

	static_assert(STACKS_BASE + STACKS_MAX * STACK_SLOT <= VMALLOC_END,
		      "all stack slots lie in the area");
	register_shrinker(&stack_shrinker);
}

/* nr_vmalloc_pages - pages mapped by vmalloc. */
unsigned long nr_vmalloc_pages(void)
{
	return READ_ONCE(vmalloc_pages);
}

/* nr_kernel_stacks - kernel stacks in use. */
unsigned long nr_kernel_stacks(void)
{
	return (unsigned long)per_cpu_sum(nr_stacks);
}
