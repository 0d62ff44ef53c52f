/*
 * reclaim.c - which cached pages go when memory is short.
 *
 * File pages stand in two lists.  New ones enter the inactive list; a page used
 * again there (PG_referenced) moves to the active list.  The shrinker takes
 * from the inactive list's old end what is clean and unused, unmapping it where
 * it is mapped, and refills that list from the active one.  Dirty pages are
 * left to the flusher: reclaim_thread.c has it woken and waits for it.
 *
 * Locks: lru_lock for both lists.  A page is examined under its page lock,
 * taken without waiting.
 *
 * Entry points: lru_add, lru_del, mark_page_accessed, shrink_page_cache.
 */
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/shrinker.h>
#include <kernel/base/spinlock.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/page_cache.h>

#define REFILL_BATCH 256 /* pages looked at without letting the lock go */

static DEFINE_SPINLOCK(lru_lock, LOCK_LRU);
static LIST_HEAD(active_list);	  /* [lru_lock] newest first */
static LIST_HEAD(inactive_list);  /* [lru_lock] */
static unsigned long nr_active;	  /* [lru_lock] */
static unsigned long nr_inactive; /* [lru_lock] */

/* For /proc/meminfo. */
unsigned long nr_lru_active(void)
{
	return READ_ONCE(nr_active);
}

unsigned long nr_lru_inactive(void)
{
	return READ_ONCE(nr_inactive);
}

/* lru_add - a page has entered the cache. */
void lru_add(struct page *page)
{
	spin_lock(&lru_lock);
	clear_bit(PG_active, &page->flags);
	set_bit(PG_lru, &page->flags);
	list_add(&page->lru, &inactive_list);
	nr_inactive++;
	spin_unlock(&lru_lock);
}

/* lru_del - it has left. */
void lru_del(struct page *page)
{
	spin_lock(&lru_lock);
	if (test_and_clear_bit(PG_lru, &page->flags)) {
		list_del(&page->lru);
		if (test_and_clear_bit(PG_active, &page->flags))
			nr_active--;
		else
			nr_inactive--;
	}
	spin_unlock(&lru_lock);
}

static void activate(struct page *page)
{
	spin_lock(&lru_lock);
	if (test_bit(PG_lru, &page->flags) &&
	    !test_and_set_bit(PG_active, &page->flags)) {
		list_move(&page->lru, &active_list);
		nr_inactive--;
		nr_active++;
	}
	spin_unlock(&lru_lock);
}

/* mark_page_accessed - first use: referenced; second use: active. */
void mark_page_accessed(struct page *page)
{
	if (!PageReferenced(page)) {
		SetPageReferenced(page);
		return;
	}
	if (test_bit(PG_active, &page->flags))
		return;
	ClearPageReferenced(page);
	activate(page);
}

/* Look at up to @nr of the oldest active pages; unused ones move over. */
static void refill_some(unsigned long nr)
{
	struct page *page;

	spin_lock(&lru_lock);
	while (nr-- && nr_active && nr_inactive < nr_active) {
		page = list_last_entry(&active_list, struct page, lru);
		if (PageReferenced(page)) {
			ClearPageReferenced(page);
			list_move(&page->lru, &active_list);
			continue;
		}
		clear_bit(PG_active, &page->flags);
		list_move(&page->lru, &inactive_list);
		nr_active--;
		nr_inactive++;
	}
	spin_unlock(&lru_lock);
}

/* When the inactive list is the shorter one, refill it from the active one,
 * of which @nr pages are looked at. */
static void refill_inactive(unsigned long nr)
{
	unsigned long now;

	for (; nr > 0; nr -= now) {
		now = min(nr, (unsigned long)REFILL_BATCH);
		refill_some(now);
	}
}

/* The oldest inactive page, referenced; it goes to the young end meanwhile. */
static struct page *next_victim(void)
{
	struct page *page = NULL;

	spin_lock(&lru_lock);
	if (nr_inactive) {
		page = list_last_entry(&inactive_list, struct page, lru);
		list_move(&page->lru, &inactive_list);
		if (!get_page_unless_zero(page))
			page = NULL;
	}
	spin_unlock(&lru_lock);
	return page;
}

/* Free the locked page if nothing speaks against it. */
static bool reclaim_locked(struct page *page)
{
	struct address_space *mapping = page->mapping;

	if (!mapping || PageDirty(page) || PageWriteback(page))
		return false;
	if (PageReferenced(page)) {
		ClearPageReferenced(page);
		return false;
	}
	if (page_mapcount(page)) {
		if (page_referenced_try(page) > 0) {
			activate(page);
			return false;
		}
		if (!try_to_unmap_try(page) || PageDirty(page))
			return false;
	}
	if (mapping->a_ops && mapping->a_ops->release_page &&
	    !mapping->a_ops->release_page(page))
		return false;
	return remove_mapping(mapping, page);
}

static bool reclaim_page(struct page *page)
{
	bool freed;

	if (!trylock_page(page)) {
		put_page(page);
		return false;
	}
	freed = reclaim_locked(page);
	unlock_page(page);
	put_page(page);
	return freed;
}

/* One pass over the inactive list. */
static unsigned long scan_inactive(unsigned long nr)
{
	unsigned long budget;
	unsigned long freed = 0;
	struct page *page;

	for (budget = nr_lru_inactive(); budget && freed < nr; budget--) {
		page = next_victim();
		if (page && reclaim_page(page))
			freed++;
	}
	return freed;
}

/*
 * shrink_page_cache - drop up to @nr clean pages.
 *
 * The first pass takes what is easy.  Everything has a second chance, so the
 * others look at all active pages: three passes without success mean that
 * nothing is clean and unused.
 */
unsigned long shrink_page_cache(unsigned long nr)
{
	unsigned long freed = 0;
	int pass;

	for (pass = 0; pass < 3 && freed < nr; pass++) {
		refill_inactive(pass ? nr_lru_active() : 2 * nr + 32);
		freed += scan_inactive(nr - freed);
	}
	return freed;
}

static unsigned long cache_count(struct shrinker *s)
{
	return nr_lru_active() + nr_lru_inactive();
}

static unsigned long cache_shrink(struct shrinker *s, unsigned long nr)
{
	return shrink_page_cache(nr);
}

static struct shrinker cache_shrinker = {
	.name = "page cache",
	.count = cache_count,
	.shrink = cache_shrink,
	.order = 10,
};

/* reclaim_init - boot. */
void reclaim_init(void)
{
	register_shrinker(&cache_shrinker);
	reclaim_thread_init();
}
