/*
 * Memory contiguous only in addresses: see vmalloc.h.
 *
 * Ranges of any size are placed first-fit from VMALLOC_START on, in a tree by
 * address; there are few of them, so looking for a gap walks it.  Behind
 * KERNEL_STACKS_START are the stacks of kernel_stack.c.
 *
 * Locks: vmalloc_lock (LOCK_VMALLOC) for the tree.
 * Entry points: see vmalloc.h.
 */
#include <kernel/alloc/vmalloc.h>

#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/tlb.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/rbtree.h>
#include <kernel/lib/string.h>

#define RANGES_END KERNEL_STACKS_START

struct range {
	struct rb_node node; /* by start */
	unsigned long start;
	size_t size; /* mapped bytes; a guard page follows */
};

static DEFINE_SPINLOCK(vmalloc_lock, LOCK_VMALLOC);
static struct rb_root ranges;	    /* [vmalloc_lock] */
static unsigned long vmalloc_pages; /* [vmalloc_lock] */

/* unmap_and_free - see vmalloc.h. */
void unmap_and_free(unsigned long addr, unsigned long n)
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

/* map_fresh - see vmalloc.h. */
bool map_fresh(unsigned long addr, unsigned long n)
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

/* nr_vmalloc_pages - pages mapped by vmalloc. */
unsigned long nr_vmalloc_pages(void)
{
	return READ_ONCE(vmalloc_pages);
}
