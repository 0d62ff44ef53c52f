/*
 * Page frames: a buddy allocator with a list of single pages per CPU.
 *
 * A block of order n is 2^n pages, aligned to its size.  Single pages come
 * from and go to the CPU's own list without a lock; everything else takes
 * one lock.  The last pages of memory (the reserve) are only for the kernel:
 * alloc_page_user refuses when it would dip into them.
 *
 * Entry points: alloc_page(s), alloc_zeroed_page, alloc_page_user, get_page,
 * put_page, __free_pages, free_page; page <-> pfn <-> address.
 */
#pragma once

#include <kernel/arch/atomic.h>
#include <kernel/arch/paging.h>
#include <kernel/types/mm.h>

#define MAX_ORDER 11 /* orders 0..10: up to 4 MiB */

/* struct page of every frame, mapped by arch for frames that are RAM. */
#define vmemmap ((struct page *)VMEMMAP_START)

#define pfn_to_page(pfn)  (vmemmap + (pfn))
#define page_to_pfn(page) ((unsigned long)((page)-vmemmap))

/* page_to_phys - physical address of @page's first byte. */
static inline u64 page_to_phys(const struct page *page)
{
	return (u64)page_to_pfn(page) << PAGE_SHIFT;
}

/* phys_to_page - the page that holds physical @addr, which is RAM. */
static inline struct page *phys_to_page(u64 addr)
{
	return pfn_to_page(addr >> PAGE_SHIFT);
}

/* page_address - @page in the direct map. */
static inline void *page_address(const struct page *page)
{
	return __va(page_to_phys(page));
}

/* virt_to_page - the page behind an address of the direct map or the image. */
static inline struct page *virt_to_page(const void *addr)
{
	return phys_to_page(__pa(addr));
}

/* pfn_valid - is @pfn RAM, with a struct page? */
bool pfn_valid(unsigned long pfn);

/* page_alloc_init - take over from boot_alloc. */
void page_alloc_init(void);

/*
 * alloc_pages - 2^@order contiguous pages with one reference; NULL if there
 * are none.  Contents are undefined.  Any context; never sleeps.
 */
struct page *alloc_pages(unsigned int order) __must_check;

/* alloc_page - one page, as alloc_pages(0). */
struct page *alloc_page(void) __must_check;

/* alloc_zeroed_page - one page of zeros, as alloc_page. */
struct page *alloc_zeroed_page(void) __must_check;

/*
 * alloc_page_user - one page for a program or the page cache.
 *
 * Keeps the reserve; when memory is short it runs the shrinkers, waits for
 * dirty pages to be written, and returns NULL only when nothing more can be
 * had that way.  May sleep; the caller holds no spinning lock, no page lock
 * and no lock that a shrinker or write-back takes.
 */
struct page *alloc_page_user(void) __must_check;

/*
 * alloc_page_nowait - the same, but it waits for nothing: NULL when no page
 * can be freed at once.  For who holds locks that write-back needs, and for
 * what is only nice to have.  May run the shrinkers; see PF_MEMALLOC_NOFS.
 */
struct page *alloc_page_nowait(void) __must_check;

/* alloc_zeroed_page_user - as alloc_page_user, filled with zeros. */
struct page *alloc_zeroed_page_user(void) __must_check;

/* __free_pages - drop the reference of alloc_pages; frees at the last. */
void __free_pages(struct page *page, unsigned int order);

/* free_page - drop a reference to a single page; as put_page. */
void free_page(struct page *page);

/* __put_page - the last reference is gone: free the single page. */
void __put_page(struct page *page);

/* get_page - one more reference; the caller holds one or a lock. */
static inline void get_page(struct page *page)
{
	atomic_inc(&page->_refcount);
}

/* get_page_unless_zero - one more reference if the page is not free. */
bool get_page_unless_zero(struct page *page);

/* put_page - one reference less; the last frees the page (order 0). */
static inline void put_page(struct page *page)
{
	if (atomic_dec_and_test(&page->_refcount))
		__put_page(page);
}

/* page_count, page_mapcount - references; page-table entries. */
static inline int page_count(const struct page *page)
{
	return atomic_read(&page->_refcount);
}

static inline int page_mapcount(const struct page *page)
{
	return atomic_read(&page->_mapcount);
}

/* alloc_pages_exact - @size bytes of whole pages, by address; or NULL. */
void *alloc_pages_exact(size_t size);
void free_pages_exact(void *addr, size_t size);

/* get_order - smallest order that holds @size bytes. */
static inline unsigned int get_order(size_t size)
{
	return size <= PAGE_SIZE
		       ? 0
		       : (unsigned int)fls64((size - 1) >> PAGE_SHIFT);
}

/* free_reserved_range - give [@start, @end) physical, so far in use, to the
 * allocator: init sections, the initramfs. */
void free_reserved_range(u64 start, u64 end);

/*
 * What kernel/mm does about a shortage.
 *
 * wake: free pages have become few, or something else has piled up; start
 * freeing in the background.  Any context, under any lock.
 * wait: the shrinkers found nothing to free.  Wait until that may have
 * changed; false: waiting does not help, or @current must not.  May sleep.
 */
struct reclaim_ops {
	void (*wake)(void);
	bool (*wait)(void);
};
void page_alloc_set_reclaim_ops(const struct reclaim_ops *ops);

/* wake_reclaim - start freeing in the background; any context. */
void wake_reclaim(void);

/* page_alloc_is_low - should the background go on freeing? */
bool page_alloc_is_low(void);

/* drain_local_pages - this CPU's single pages go back to the buddy lists. */
void drain_local_pages(void);

/* clear_page, copy_page - a whole page at a direct-map address. */
void clear_page(void *addr);
void copy_page(void *dst, const void *src);

/*
 * Counts, in pages.  totalram_pages: all the allocator ever got.
 * nr_free_pages: free now, CPU lists included.  reserve_pages: kept for the
 * kernel.  nr_available_pages: free and above the reserve.
 */
unsigned long totalram_pages(void);
unsigned long nr_free_pages(void);
unsigned long reserve_pages(void);
/* set_reserve_pages - keep that many from now on. */
void set_reserve_pages(unsigned long pages);
unsigned long nr_available_pages(void);

/* nr_free_blocks - free blocks of @order, for /proc/buddyinfo. */
unsigned long nr_free_blocks(unsigned int order);
