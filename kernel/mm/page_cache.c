/*
 * page_cache.c - the pages of files: found, filled, dirty, written.
 *
 * A mapping's tree leads from a page index to its page; tags in the tree
 * find the dirty ones and those under write-back without looking at the
 * others.  PG_locked is a sleeping lock of one bit; who waits for a page's bits
 * sleeps on one of a few shared wait queues, chosen by its address.
 *
 * Life of a page: alloc_page_or_kill, add_to_page_cache_lru (locked),
 * a_ops->read_page (page_fill.c; unlocked, PG_uptodate at its end),
 * set_page_dirty,
 * clear_page_dirty_for_io, set_page_writeback, end_page_writeback, and at last
 * delete_from_page_cache or reclaim.
 *
 * Locks: mapping->tree_lock, interrupts off; PG_locked.
 *
 * Entry points: find_get_page, grab_cache_page, lock_page, set_page_dirty,
 * end_page_writeback.
 */
#include <kernel/mm/page_cache.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/barrier.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/hash.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/oom.h>
#include <kernel/mm/rmap.h>
#include <kernel/mm/shmem.h>
#include <kernel/mm/writeback.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>

#define WAIT_TABLE_BITS 8

static struct wait_queue page_wait_table[1 << WAIT_TABLE_BITS];

static atomic64_t cache_pages;
static atomic64_t shmem_pages;
static atomic64_t dirty_pages;
static atomic64_t writeback_pages;

static unsigned long counter(const atomic64_t *n)
{
	s64 value = atomic64_read(n);

	return value > 0 ? (unsigned long)value : 0;
}

/* For /proc/meminfo, in pages. */
unsigned long nr_page_cache_pages(void)
{
	return counter(&cache_pages);
}

unsigned long nr_shmem_pages(void)
{
	return counter(&shmem_pages);
}

unsigned long nr_dirty_pages(void)
{
	return counter(&dirty_pages);
}

unsigned long nr_writeback_pages(void)
{
	return counter(&writeback_pages);
}

/* page_cache_init - boot. */
void page_cache_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(page_wait_table); i++)
		init_waitqueue_head(&page_wait_table[i]);
	reclaim_init();
}

/* address_space_init - an empty cache. */
void address_space_init(struct address_space *mapping, struct inode *host,
			const struct address_space_operations *a_ops)
{
	*mapping = (struct address_space){.host = host, .a_ops = a_ops};
	spin_lock_init(&mapping->tree_lock, LOCK_PAGE_CACHE);
	radix_tree_init(&mapping->pages);
	init_rwsem(&mapping->i_mmap_rwsem, LOCK_MAPPING);
	INIT_LIST_HEAD(&mapping->i_mmap);
}

static struct wait_queue *page_wq(const struct page *page)
{
	return &page_wait_table[hash_ptr(page, WAIT_TABLE_BITS)];
}

/* lock_page - sleep until the page lock is ours. */
void lock_page(struct page *page)
{
	assert_can_sleep();
	if (!trylock_page(page))
		(void)___wait_event(page_wq(page), trylock_page(page),
				    TASK_UNINTERRUPTIBLE, 0, io_schedule());
}

/* lock_page_killable - 0, or -EINTR when dying. */
int lock_page_killable(struct page *page)
{
	if (trylock_page(page))
		return 0;
	return ___wait_event(page_wq(page), trylock_page(page), TASK_KILLABLE,
			     0, io_schedule())
		       ? -EINTR
		       : 0;
}

/* unlock_page - any context. */
void unlock_page(struct page *page)
{
	assert(PageLocked(page));
	clear_bit_unlock(PG_locked, &page->flags);
	__wake_up(page_wq(page), 0, 0);
}

/* wait_on_page_locked - until nobody holds the page lock. */
void wait_on_page_locked(struct page *page)
{
	io_wait_event(page_wq(page), !PageLocked(page));
}

/* wait_on_page_locked_killable - 0, or -EINTR when dying. */
int wait_on_page_locked_killable(struct page *page)
{
	if (!PageLocked(page))
		return 0;
	return ___wait_event(page_wq(page), !PageLocked(page), TASK_KILLABLE, 0,
			     io_schedule())
		       ? -EINTR
		       : 0;
}

/* wait_on_page_writeback - until it has been written. */
void wait_on_page_writeback(struct page *page)
{
	io_wait_event(page_wq(page), !PageWriteback(page));
}

/* page_read_end - a read of the locked page has ended. */
void page_read_end(struct page *page, int err)
{
	if (err)
		SetPageError(page);
	else
		SetPageUptodate(page);
	unlock_page(page);
}

/* find_get_page - with a reference, or NULL. */
struct page *find_get_page(struct address_space *mapping, u64 index)
{
	unsigned long flags;
	struct page *page;

	spin_lock_irqsave(&mapping->tree_lock, flags);
	page = radix_tree_lookup(&mapping->pages, index);
	if (page)
		get_page(page);
	spin_unlock_irqrestore(&mapping->tree_lock, flags);
	return page;
}

/* find_lock_page - the same, locked. */
struct page *find_lock_page(struct address_space *mapping, u64 index)
{
	struct page *page;

	for (;;) {
		page = find_get_page(mapping, index);
		if (!page)
			return NULL;
		lock_page(page);
		if (page->mapping == mapping)
			return page;
		/* It was truncated while we slept. */
		unlock_page(page);
		put_page(page);
	}
}

/* Take references to what a lookup found, up to @end. */
static unsigned int get_found(struct page **pages, u64 *indices,
			      unsigned int nr, u64 *start, u64 end)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (indices[i] > end)
			break;
		get_page(pages[i]);
		*start = indices[i] + 1;
	}
	return i;
}

#define LOOKUP_BATCH 32

/* find_get_pages_range - pages of [*start, end] in order. */
unsigned int find_get_pages_range(struct address_space *mapping, u64 *start,
				  u64 end, unsigned int max,
				  struct page **pages)
{
	u64 indices[LOOKUP_BATCH];
	unsigned long flags;
	unsigned int nr;

	spin_lock_irqsave(&mapping->tree_lock, flags);
	nr = radix_tree_gang_lookup(&mapping->pages, (void **)pages, indices,
				    *start,
				    min(max, (unsigned int)LOOKUP_BATCH));
	nr = get_found(pages, indices, nr, start, end);
	spin_unlock_irqrestore(&mapping->tree_lock, flags);
	return nr;
}

/* find_get_pages_tag - the same, only tagged ones. */
unsigned int find_get_pages_tag(struct address_space *mapping, u64 *start,
				u64 end, unsigned int tag, unsigned int max,
				struct page **pages)
{
	u64 indices[LOOKUP_BATCH];
	unsigned long flags;
	unsigned int nr;

	spin_lock_irqsave(&mapping->tree_lock, flags);
	nr = radix_tree_gang_lookup_tag(
		&mapping->pages, (void **)pages, indices, *start,
		min(max, (unsigned int)LOOKUP_BATCH), tag);
	nr = get_found(pages, indices, nr, start, end);
	spin_unlock_irqrestore(&mapping->tree_lock, flags);
	return nr;
}

/* add_to_page_cache_lru - into the tree, locked. */
int add_to_page_cache_lru(struct page *page, struct address_space *mapping,
			  u64 index)
{
	unsigned long flags;
	int err;

	set_bit(PG_locked, &page->flags);
	get_page(page);
	spin_lock_irqsave(&mapping->tree_lock, flags);
	err = radix_tree_insert(&mapping->pages, index, page);
	if (!err) {
		page->mapping = mapping;
		page->index = index;
		mapping->nrpages++;
	}
	spin_unlock_irqrestore(&mapping->tree_lock, flags);
	if (err) {
		clear_bit(PG_locked, &page->flags);
		put_page(page);
		return err;
	}
	atomic64_inc(&cache_pages);
	if (test_bit(AS_UNEVICTABLE, &mapping->flags)) {
		SetPageSwapBacked(page);
		atomic64_inc(&shmem_pages);
	} else {
		lru_add(page);
	}
	return 0;
}

/* Pages that are never written out do not count as dirty. */
static bool is_written_back(const struct address_space *mapping)
{
	return mapping && !test_bit(AS_NO_WRITEBACK, &mapping->flags);
}

/* cancel_dirty_page - what it holds is not wanted any more. */
void cancel_dirty_page(struct page *page)
{
	if (test_and_clear_bit(PG_dirty, &page->flags) &&
	    is_written_back(page->mapping))
		atomic64_dec(&dirty_pages);
}

static void remove_locked(struct address_space *mapping, struct page *page)
{
	(void)radix_tree_delete(&mapping->pages, page->index);
	/* A zap on another CPU may have found it dirty just now. */
	cancel_dirty_page(page);
	page->mapping = NULL;
	mapping->nrpages--;
}

/* It has left the tree: off the list, and the tree's reference goes. */
static void removed_from_cache(struct page *page)
{
	lru_del(page);
	atomic64_dec(&cache_pages);
	if (PageSwapBacked(page))
		atomic64_dec(&shmem_pages);
	put_page(page);
}

/* delete_from_page_cache - the locked page leaves its file. */
void delete_from_page_cache(struct page *page)
{
	struct address_space *mapping = page->mapping;
	unsigned long flags;

	assert(PageLocked(page) && mapping);
	spin_lock_irqsave(&mapping->tree_lock, flags);
	remove_locked(mapping, page);
	spin_unlock_irqrestore(&mapping->tree_lock, flags);
	removed_from_cache(page);
}

/* remove_mapping - the same for reclaim, if nobody else uses it. */
bool remove_mapping(struct address_space *mapping, struct page *page)
{
	unsigned long flags;
	bool removed;

	spin_lock_irqsave(&mapping->tree_lock, flags);
	removed = page_count(page) == 2 && !PageDirty(page);
	if (removed)
		remove_locked(mapping, page);
	spin_unlock_irqrestore(&mapping->tree_lock, flags);
	if (removed)
		removed_from_cache(page);
	return removed;
}

/* grab_cache_page - find or make, locked. */
struct page *grab_cache_page(struct address_space *mapping, u64 index)
{
	struct page *page;
	int err;

	for (;;) {
		page = find_lock_page(mapping, index);
		if (page)
			return page;
		page = alloc_page_or_kill();
		if (!page)
			return NULL;
		err = add_to_page_cache_lru(page, mapping, index);
		if (!err)
			return page;
		put_page(page);
		if (err != -EEXIST)
			return NULL;
	}
}

/* set_page_dirty - newer than the disk. */
bool set_page_dirty(struct page *page)
{
	struct address_space *mapping = READ_ONCE(page->mapping);
	unsigned long flags;
	bool dirtied = false;

	/* What was stored into it comes before the look at the flag. */
	smp_mb();
	if (PageDirty(page))
		return false;
	if (!is_written_back(mapping))
		return !test_and_set_bit(PG_dirty, &page->flags);
	/* Flag, tag and count change together, or not if it was truncated. */
	spin_lock_irqsave(&mapping->tree_lock, flags);
	if (page->mapping == mapping &&
	    !test_and_set_bit(PG_dirty, &page->flags)) {
		(void)radix_tree_tag_set(&mapping->pages, page->index,
					 PAGECACHE_TAG_DIRTY);
		atomic64_inc(&dirty_pages);
		dirtied = true;
	}
	spin_unlock_irqrestore(&mapping->tree_lock, flags);
	if (!dirtied)
		return false;
	current->write_bytes += PAGE_SIZE;
	current->oublock += PAGE_SIZE >> 9;
	writeback_mapping_dirtied(mapping);
	return true;
}

/* clear_page_dirty_for_io - about to be written. */
bool clear_page_dirty_for_io(struct page *page)
{
	struct address_space *mapping = page->mapping;

	assert(PageLocked(page));
	if (page_mapcount(page) && page_mkclean(page))
		(void)set_page_dirty(page);
	if (!test_and_clear_bit(PG_dirty, &page->flags))
		return false;
	if (is_written_back(mapping))
		atomic64_dec(&dirty_pages);
	return true;
}

/* set_page_writeback - the locked page is on its way to disk. */
void set_page_writeback(struct page *page)
{
	struct address_space *mapping = page->mapping;
	unsigned long flags;

	assert(PageLocked(page) && mapping);
	spin_lock_irqsave(&mapping->tree_lock, flags);
	if (!test_and_set_bit(PG_writeback, &page->flags)) {
		(void)radix_tree_tag_set(&mapping->pages, page->index,
					 PAGECACHE_TAG_WRITEBACK);
		atomic64_inc(&writeback_pages);
	}
	if (!PageDirty(page))
		(void)radix_tree_tag_clear(&mapping->pages, page->index,
					   PAGECACHE_TAG_DIRTY);
	spin_unlock_irqrestore(&mapping->tree_lock, flags);
}

/* end_page_writeback - it has arrived; any context. */
void end_page_writeback(struct page *page)
{
	struct address_space *mapping = page->mapping;
	unsigned long flags;

	assert(PageWriteback(page));
	/* The page may be freed as soon as the bit is clear. */
	get_page(page);
	if (mapping) {
		spin_lock_irqsave(&mapping->tree_lock, flags);
		(void)radix_tree_tag_clear(&mapping->pages, page->index,
					   PAGECACHE_TAG_WRITEBACK);
		ClearPageWriteback(page);
		spin_unlock_irqrestore(&mapping->tree_lock, flags);
	} else {
		ClearPageWriteback(page);
	}
	atomic64_dec(&writeback_pages);
	__wake_up(page_wq(page), 0, 0);
	put_page(page);
	reclaim_page_written();
}
