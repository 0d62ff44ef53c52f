/*
 * readahead.c - read pages before they are asked for.
 *
 *	|<-------- size -------->|
 *	start        |<- async ->|
 *	             ^ this page has PG_readahead
 *
 * A first read at a file's start, or right after the last one, opens a small
 * window; each time the marked page is reached, the next window is read, twice
 * as large, up to ra_pages.  Other misses read only what was asked for.
 *
 * Locks: none of its own; ra is the open file's, and a race only makes
 * read-ahead less good.
 *
 * Entry points: page_cache_sync_readahead, page_cache_async_readahead,
 * force_page_cache_readahead.
 */
#include <kernel/mm/readahead.h>

#include <kernel/alloc/page_alloc.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/page_cache.h>

#define READ_BATCH 32

/* file_ra_state_init - nothing read yet. */
void file_ra_state_init(struct file_ra_state *ra)
{
	*ra = (struct file_ra_state){.ra_pages = VM_READAHEAD_PAGES,
				     .prev_pos = -1};
}

/* Hand a run of locked pages to the file system; drop our references. */
static void submit_batch(struct address_space *mapping, struct file *file,
			 struct page **pages, unsigned int nr)
{
	unsigned int i;

	if (!nr)
		return;
	if (mapping->a_ops->read_pages) {
		(void)mapping->a_ops->read_pages(file, mapping, pages, nr);
	} else {
		for (i = 0; i < nr; i++)
			(void)page_cache_read_page(mapping, file, pages[i]);
	}
	for (i = 0; i < nr; i++)
		put_page(pages[i]);
}

static bool is_cached(struct address_space *mapping, u64 index)
{
	struct page *page = find_get_page(mapping, index);

	if (page)
		put_page(page);
	return page != NULL;
}

/*
 * Read what is missing of [index, index+nr); the page at @mark gets
 * PG_readahead.  Stops when memory is short.  How many were started.
 */
static unsigned long read_range(struct address_space *mapping,
				struct file *file, u64 index, unsigned long nr,
				u64 mark)
{
	struct page *batch[READ_BATCH];
	unsigned int in_batch = 0;
	unsigned long started = 0;
	struct page *page;
	u64 end = index + nr;

	for (; index < end; index++) {
		if (in_batch == READ_BATCH || is_cached(mapping, index)) {
			submit_batch(mapping, file, batch, in_batch);
			in_batch = 0;
			if (is_cached(mapping, index))
				continue;
		}
		/* The batch is locked, and nobody asked for this page yet. */
		page = alloc_page_nowait();
		if (!page)
			break;
		if (add_to_page_cache_lru(page, mapping, index)) {
			put_page(page);
			submit_batch(mapping, file, batch, in_batch);
			in_batch = 0;
			continue;
		}
		if (index == mark)
			SetPageReadahead(page);
		batch[in_batch++] = page;
		started++;
	}
	submit_batch(mapping, file, batch, in_batch);
	return started;
}

/* force_page_cache_readahead - see readahead.h. */
unsigned long force_page_cache_readahead(struct address_space *mapping,
					 struct file *file, u64 index,
					 unsigned long nr)
{
	if (!mapping->a_ops || !mapping->a_ops->read_page)
		return 0;
	return read_range(mapping, file, index, nr, ~0ULL);
}

static unsigned int round_up_pow2(unsigned int n)
{
	unsigned int p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

/* A first window for a read of @req pages. */
static unsigned int first_size(unsigned long req, unsigned int max)
{
	unsigned int size = round_up_pow2((unsigned int)min(req, 4096UL));

	if (size <= max / 32)
		size *= 4;
	else if (size <= max / 4)
		size *= 2;
	return min(size, max);
}

static unsigned int next_size(const struct file_ra_state *ra)
{
	if (ra->size < ra->ra_pages / 16)
		return ra->size * 4;
	if (ra->size <= ra->ra_pages / 2)
		return ra->size * 2;
	return ra->ra_pages;
}

/* Read the window, cut at the end of the file. */
static void read_window(struct address_space *mapping, struct file_ra_state *ra,
			struct file *file, u64 nr_pages)
{
	u64 end = min(ra->start + ra->size, nr_pages);

	if (ra->start >= end)
		return;
	(void)read_range(mapping, file, ra->start, end - ra->start,
			 ra->start + ra->size - ra->async_size);
}

/* The window after the last one. */
static void advance_window(struct file_ra_state *ra)
{
	ra->start += ra->size;
	ra->size = next_size(ra);
	ra->async_size = ra->size;
}

/* page_cache_sync_readahead - a miss at @index. */
void page_cache_sync_readahead(struct address_space *mapping,
			       struct file_ra_state *ra, struct file *file,
			       u64 index, unsigned long req, u64 nr_pages)
{
	u64 prev = (u64)ra->prev_pos >> PAGE_SHIFT;
	bool sequential = ra->prev_pos < 0 ? index == 0 : index - prev <= 1;

	if (!ra->ra_pages || index >= nr_pages)
		return;
	if (ra->size && index == ra->start + ra->size) {
		advance_window(ra);
	} else if (index == 0 || sequential) {
		ra->start = index;
		ra->size = max(first_size(req, ra->ra_pages), 1U);
		ra->async_size = ra->size > req ? ra->size - (unsigned int)req
						: ra->size;
	} else {
		(void)read_range(mapping, file, index,
				 min((u64)req, nr_pages - index), ~0ULL);
		return;
	}
	read_window(mapping, ra, file, nr_pages);
}

/* page_cache_async_readahead - the marked page was reached. */
void page_cache_async_readahead(struct address_space *mapping,
				struct file_ra_state *ra, struct file *file,
				u64 index, unsigned long req, u64 nr_pages)
{
	struct page *page = find_get_page(mapping, index);

	(void)req;
	if (!page)
		return;
	ClearPageReadahead(page);
	put_page(page);
	if (!ra->ra_pages)
		return;
	if (ra->size && index == ra->start + ra->size - ra->async_size) {
		advance_window(ra);
	} else {
		/* Another reader's mark: go on from there. */
		ra->start = index + 1;
		ra->size = ra->ra_pages;
		ra->async_size = ra->size;
	}
	read_window(mapping, ra, file, nr_pages);
}
