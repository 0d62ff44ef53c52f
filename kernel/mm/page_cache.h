/*
 * page_cache.h - the pages of files.
 *
 * A page stands in its mapping's tree by page index; the tree holds a
 * reference.  PG_locked (lock_page) is held while a page is filled, written
 * out or taken away; whoever finds a page and locks it must check that
 * page->mapping is still the one it was found in.
 *
 *	mapping->tree_lock  the tree, tags, page->mapping and index; taken
 *	                    with interrupts off (I/O ends in interrupts)
 *	PG_locked           see above; sleeps, ranks below mmap_lock and i_rwsem
 *
 * mm does not know file sizes: whoever does passes the number of pages the
 * file has.  The file side (read, write, mmap) is fs/vfs/filemap.c.
 */
#pragma once

#include <kernel/arch/atomic.h>
#include <kernel/mm/fault.h>
#include <kernel/types/mm.h>

struct file;

/* address_space.flags, bit numbers */
#define AS_UNEVICTABLE	0 /* pages are never dropped: memory is their home */
#define AS_NO_WRITEBACK 1 /* dirty means nothing: tmpfs, shm */
#define AS_EIO		2
#define AS_ENOSPC	3

/* address_space_init - an empty cache for @host; a_ops may be set later. */
void address_space_init(struct address_space *mapping, struct inode *host,
			const struct address_space_operations *a_ops);

#define PAGE_FLAG_TEST(name, bit)                                              \
	static inline bool Page##name(const struct page *page)                 \
	{                                                                      \
		return test_bit(bit, &page->flags);                            \
	}                                                                      \
	static inline void SetPage##name(struct page *page)                    \
	{                                                                      \
		set_bit(bit, &page->flags);                                    \
	}                                                                      \
	static inline void ClearPage##name(struct page *page)                  \
	{                                                                      \
		clear_bit(bit, &page->flags);                                  \
	}
PAGE_FLAG_TEST(Locked, PG_locked)
PAGE_FLAG_TEST(Uptodate, PG_uptodate)
PAGE_FLAG_TEST(Dirty, PG_dirty)
PAGE_FLAG_TEST(Writeback, PG_writeback)
PAGE_FLAG_TEST(Referenced, PG_referenced)
PAGE_FLAG_TEST(Error, PG_error)
PAGE_FLAG_TEST(Anon, PG_anon)
PAGE_FLAG_TEST(SwapBacked, PG_swapbacked)
PAGE_FLAG_TEST(Readahead, PG_readahead)
#undef PAGE_FLAG_TEST

static inline u64 page_offset(const struct page *page)
{
	return page->index << PAGE_SHIFT;
}

/* trylock_page - true if the page lock is ours now. */
static inline bool trylock_page(struct page *page)
{
	return !test_and_set_bit(PG_locked, &page->flags);
}

/* lock_page - sleep until the page lock is ours. */
void lock_page(struct page *page);

/* lock_page_killable - 0, or -EINTR when the task is dying. */
int __must_check lock_page_killable(struct page *page);

/* unlock_page - any context. */
void unlock_page(struct page *page);

/* wait_on_page_locked, _writeback - sleep until the bit clears. */
void wait_on_page_locked(struct page *page);
int wait_on_page_locked_killable(struct page *page);
void wait_on_page_writeback(struct page *page);

/* page_endio_read - a read has ended: uptodate or error, then unlock.  Any
 * context. */
void page_read_end(struct page *page, int err);

/* find_get_page - the cached page, referenced, or NULL. */
struct page *find_get_page(struct address_space *mapping, u64 index);

/* find_lock_page - referenced and locked, or NULL. */
struct page *find_lock_page(struct address_space *mapping, u64 index);

/* find_get_pages_range - up to @max pages from *@start to @end (inclusive),
 * referenced; *@start becomes the next index to look at.  How many. */
unsigned int find_get_pages_range(struct address_space *mapping, u64 *start,
				  u64 end, unsigned int max,
				  struct page **pages);

/* The same, only pages with PAGECACHE_TAG_*. */
unsigned int find_get_pages_tag(struct address_space *mapping, u64 *start,
				u64 end, unsigned int tag, unsigned int max,
				struct page **pages);

/* grab_cache_page - find or make the page: referenced and locked, perhaps not
 * uptodate; NULL without memory.  May sleep. */
struct page *grab_cache_page(struct address_space *mapping, u64 index);

/* reclaim_thread - frees pages in the background; kernel/init starts it with
 * kthread_run. */
int reclaim_thread(void *unused);

/*
 * add_to_page_cache_lru - put a fresh page in the tree and lock it.
 *
 * The tree takes a reference of its own.  0, -EEXIST or -ENOMEM.
 */
int add_to_page_cache_lru(struct page *page, struct address_space *mapping,
			  u64 index);
#define add_to_page_cache(page, mapping, index)                                \
	add_to_page_cache_lru(page, mapping, index)

/* delete_from_page_cache - out of the tree; drops its reference.  @page is
 * locked, clean or to be forgotten, not mapped. */
void delete_from_page_cache(struct page *page);

/* mark_page_accessed - it was used: reclaim spares it longer. */
void mark_page_accessed(struct page *page);

/*
 * set_page_dirty - newer than the disk.  True if it was clean.
 *
 * May sleep in no way, but takes the inode's lists' locks: hold no spin
 * lock.  Tells fs/vfs through writeback_hooks.
 */
bool set_page_dirty(struct page *page);

/* clear_page_dirty_for_io - about to write it out: clean its mappings too.
 * Page locked.  True if there is something to write. */
bool clear_page_dirty_for_io(struct page *page);

/* cancel_dirty_page - forget that it is dirty (truncation). */
void cancel_dirty_page(struct page *page);

/* set_page_writeback - I/O begins; page locked.  end_page_writeback - it
 * ended; any context. */
void set_page_writeback(struct page *page);
void end_page_writeback(struct page *page);

/*
 * filemap_get_page - the page at @index, filled, referenced, not locked.
 *
 * Reads ahead with @ra (NULL: just this page) within @nr_pages, the pages of
 * the file.  @major is set when it had to wait for a disk; may be NULL.
 * ERR_PTR: -EIO, -ENOMEM, -EINTR (dying).  May sleep.
 */
struct page *filemap_get_page(struct address_space *mapping, struct file *file,
			      struct file_ra_state *ra, u64 index, u64 nr_pages,
			      bool *major);

/* read_cache_page - filemap_get_page without a file or read-ahead. */
struct page *read_cache_page(struct address_space *mapping, u64 index);
#define read_mapping_page(mapping, index) read_cache_page(mapping, index)

/*
 * filemap_fault_page - the work of a vm_ops->fault on a cached file.
 *
 * @nr_pages: pages of the file; beyond is VM_FAULT_SIGBUS.  On success
 * vmf->page is referenced, locked, uptodate and still in @mapping
 * (VM_FAULT_LOCKED, perhaps VM_FAULT_MAJOR).  A caller that finds the file
 * shorter by then unlocks, puts the page and returns VM_FAULT_SIGBUS.
 */
vm_fault_t filemap_fault_page(struct vm_fault *vmf, struct file *file,
			      struct address_space *mapping,
			      struct file_ra_state *ra, u64 nr_pages);

/*
 * filemap_map_range - the work of a vm_ops->map_pages: map what is cached of
 * [start_pgoff, end_pgoff] without waiting.  @nr_pages as above.
 * VM_FAULT_NOPAGE if vmf->address is mapped now, else 0.
 */
vm_fault_t filemap_map_range(struct vm_fault *vmf,
			     struct address_space *mapping, u64 start_pgoff,
			     u64 end_pgoff, u64 nr_pages);

/* page_cache_init - boot: wait tables, the shrinker. */
void page_cache_init(void);

/* For /proc/meminfo, in pages. */
unsigned long nr_page_cache_pages(void); /* all mappings */
unsigned long nr_lru_active(void);
unsigned long nr_lru_inactive(void);
unsigned long nr_dirty_pages(void);
unsigned long nr_writeback_pages(void);

/* shrink_page_cache - drop up to @nr clean pages; returns how many. */
unsigned long shrink_page_cache(unsigned long nr);
