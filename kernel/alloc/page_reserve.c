/*
 * What is done when free pages become few.
 *
 * Levels of free memory: below three times `reserve` the background thread
 * goes on freeing, once twice that has woken it; below `reserve` programs
 * must free pages themselves before they get one; and the last quarter of it
 * is for those who free memory (PF_MEMALLOC).  A block of BLOCK_WANTED pages
 * is looked after as well: some slabs need one.
 *
 * Locks: none; what page_alloc.c counts is only looked at.
 * Entry points: alloc_page_user, alloc_page_nowait, alloc_zeroed_page_user,
 * wake_reclaim, page_alloc_is_low, page_alloc_set_reclaim_ops, reserve_pages,
 * set_reserve_pages, nr_available_pages.
 */
#include <kernel/alloc/page_alloc.h>

#include <kernel/alloc/page_alloc_internal.h>
#include <kernel/alloc/shrinker.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>

#define SHRINK_MIN    64 /* pages to ask the shrinkers for, at least */
#define SHRINK_ROUNDS 8
#define BLOCK_WANTED  2 /* order of a block that there should always be */

static unsigned long reserve;		      /* [A] vm.min_free_kbytes */
static const struct reclaim_ops *reclaim_ops; /* [I] after boot */

/* Is there a block for what needs more than a page?  A hint without lock. */
static bool has_block(unsigned int order)
{
	for (; order < MAX_ORDER; order++) {
		if (nr_free_blocks(order))
			return true;
	}
	return false;
}

/* Are there fewer free pages than @pages, or with few more no larger block? */
static bool is_low(unsigned long pages)
{
	unsigned long now = READ_ONCE(zone_free);

	return now < pages || (now < 8 * reserve && !has_block(BLOCK_WANTED));
}

/* zone_should_reclaim - see page_alloc_internal.h. */
bool zone_should_reclaim(void)
{
	return is_low(2 * reserve);
}

/* page_alloc_is_low - see page_alloc.h. */
bool page_alloc_is_low(void)
{
	return is_low(3 * reserve);
}

/* page_alloc_set_reclaim_ops - see page_alloc.h. */
void page_alloc_set_reclaim_ops(const struct reclaim_ops *ops)
{
	reclaim_ops = ops;
}

/* wake_reclaim - see page_alloc.h. */
void wake_reclaim(void)
{
	if (reclaim_ops)
		reclaim_ops->wake();
}

/*
 * Ask the shrinkers for what is missing until free memory is above @want
 * pages, or at least above the reserve after some rounds; where they have
 * nothing, wait if that helps.  False: still below the reserve.
 */
static bool reclaim(unsigned long want, bool may_wait)
{
	unsigned long free_now, freed;
	int round;

	for (round = 0;; round++) {
		drain_local_pages();
		free_now = READ_ONCE(zone_free);
		if (free_now > want ||
		    (round >= SHRINK_ROUNDS && free_now >= reserve))
			return true;
		freed = shrink_all(
			max(want - free_now, (unsigned long)SHRINK_MIN));
		if (freed > 0)
			continue;
		/* Enough not to fail is enough not to wait. */
		drain_local_pages();
		if (READ_ONCE(zone_free) >= reserve)
			return true;
		if (!may_wait || !reclaim_ops || !reclaim_ops->wait())
			return false;
	}
}

static struct page *alloc_user(bool may_wait)
{
	if (unlikely(READ_ONCE(zone_free) < reserve) &&
	    !reclaim(2 * reserve, may_wait))
		return NULL;
	return take_page();
}

/* alloc_page_user - one page for a program or the page cache, or NULL. */
struct page *alloc_page_user(void)
{
	assert_can_sleep();
	return alloc_user(true);
}

/* alloc_page_nowait - as alloc_page_user, but gives up where that waits. */
struct page *alloc_page_nowait(void)
{
	return alloc_user(false);
}

/* alloc_zeroed_page_user - as alloc_page_user, filled with zeros. */
struct page *alloc_zeroed_page_user(void)
{
	struct page *page = alloc_page_user();

	if (page)
		clear_page(page_address(page));
	return page;
}

/* reserve_pages - kept for the kernel. */
unsigned long reserve_pages(void)
{
	return reserve;
}

/* set_reserve_pages - see page_alloc.h. */
void set_reserve_pages(unsigned long pages)
{
	WRITE_ONCE(reserve, pages);
}

/* nr_available_pages - free and above the reserve. */
unsigned long nr_available_pages(void)
{
	unsigned long n = nr_free_pages();

	return n - min(n, reserve);
}
