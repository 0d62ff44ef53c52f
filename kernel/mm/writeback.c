/*
 * writeback.c - dirty pages on their way to disk.
 *
 * Three things write: the flusher thread (what has been dirty for
 * dirty_expire_centisecs, or anything when dirty pages pass the background
 * share of memory), a writer that has passed the hard share, and whoever asks
 * (fsync, sync).  All end in do_writepages(), which finds dirty pages by their
 * tag and hands them to a_ops->write_page one by one, in file order.
 *
 * The flusher sleeps for good while nothing is dirty: the first dirty inode
 * arms its timer.
 *
 * Errors of writes that nobody waits for are kept in the mapping: once for
 * the next wait (AS_EIO), and as a sequence number for each open file's fsync.
 *
 * Locks: page locks; see each function.
 *
 * Entry points: flusher_thread, do_writepages, filemap_write_and_wait_range,
 * balance_dirty_pages_ratelimited, mapping_set_error.
 */
#include <kernel/mm/writeback.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/assert.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/shmem.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

#define CENTISEC_NS	  10000000ULL
#define FLUSH_CHUNK_PAGES 1024
#define RATELIMIT_PAGES	  32
#define WRITE_BATCH	  16

int sysctl_dirty_ratio = 20;
int sysctl_dirty_background_ratio = 10;
unsigned long sysctl_dirty_bytes;
unsigned long sysctl_dirty_background_bytes;
int sysctl_dirty_expire_centisecs = 3000;
int sysctl_dirty_writeback_centisecs = 500;

static const struct writeback_hooks *hooks;

/* What the flusher was woken for; bits of flush_work. */
#define FLUSH_OLD 0		 /* the timer: what has been dirty for long */
#define FLUSH_ALL 1		 /* everything */
static unsigned long flush_work; /* [A] */
static DECLARE_WAIT_QUEUE_HEAD(flusher_wait);

static void flush_timer_expired(struct timer *timer, void *cookie)
{
	(void)timer;
	(void)cookie;
	set_bit(FLUSH_OLD, &flush_work);
	wake_up(&flusher_wait);
}

static struct timer flush_timer = {.func = flush_timer_expired};
static unsigned long flush_timer_armed; /* [A] bit 0 */

/* writeback_set_hooks - fs/vfs knows which inodes are dirty. */
void writeback_set_hooks(const struct writeback_hooks *h)
{
	hooks = h;
}

/* writeback_mapping_dirtied - a page of it has become dirty. */
void writeback_mapping_dirtied(struct address_space *mapping)
{
	if (hooks && hooks->mark_mapping_dirty)
		hooks->mark_mapping_dirty(mapping);
	wakeup_flusher_delayed();
}

/* wakeup_flusher_delayed - look in some seconds. */
void wakeup_flusher_delayed(void)
{
	if (test_bit(0, &flush_timer_armed) ||
	    test_and_set_bit(0, &flush_timer_armed))
		return;
	timer_start_after(&flush_timer,
			  (u64)sysctl_dirty_writeback_centisecs * CENTISEC_NS);
}

/* wakeup_flusher_threads - now, everything. */
void wakeup_flusher_threads(void)
{
	if (!test_and_set_bit(FLUSH_ALL, &flush_work))
		wake_up(&flusher_wait);
}

/* Memory that could hold dirty pages of files. */
static unsigned long dirtyable_pages(void)
{
	unsigned long cached = nr_page_cache_pages();

	return nr_available_pages() + cached - min(cached, nr_shmem_pages());
}

/* In pages; @bytes counts unless it is 0. */
static unsigned long dirty_limit(int ratio, unsigned long bytes)
{
	if (bytes)
		return DIV_ROUND_UP(bytes, PAGE_SIZE);
	return dirtyable_pages() * (unsigned long)ratio / 100;
}

static bool over_background(void)
{
	return nr_dirty_pages() > dirty_limit(sysctl_dirty_background_ratio,
					      sysctl_dirty_background_bytes);
}

static bool over_hard_limit(void)
{
	return nr_dirty_pages() + nr_writeback_pages() >
	       dirty_limit(sysctl_dirty_ratio, sysctl_dirty_bytes);
}

static long flush_chunk(u64 older_than_ns)
{
	struct writeback_control wbc = {
		.nr_to_write = FLUSH_CHUNK_PAGES,
		.range_end = ~0ULL,
	};

	return hooks->writeback_inodes(&wbc, older_than_ns);
}

/* Inodes dirtied before @older_than_ns, chunk by chunk. */
static void flush_older(u64 older_than_ns)
{
	while (flush_chunk(older_than_ns) > 0)
		cond_resched();
}

static void flush_once(void)
{
	u64 expire = (u64)sysctl_dirty_expire_centisecs * CENTISEC_NS;
	u64 now = ktime_get_ns();

	if (test_and_clear_bit(FLUSH_ALL, &flush_work))
		flush_older(now);
	if (test_and_clear_bit(FLUSH_OLD, &flush_work)) {
		clear_bit(0, &flush_timer_armed);
		if (now > expire)
			flush_older(now - expire);
	}
	while (over_background() && flush_chunk(~0ULL) > 0)
		cond_resched();
	if (hooks->have_dirty && hooks->have_dirty())
		wakeup_flusher_delayed();
}

/* flusher_thread - the thread's function; never returns. */
int flusher_thread(void *unused)
{
	(void)unused;
	assert(hooks && hooks->writeback_inodes);
	current->flags |= PF_MEMALLOC;
	for (;;) {
		(void)___wait_event(&flusher_wait, READ_ONCE(flush_work) != 0,
				    TASK_IDLE, 0, schedule());
		flush_once();
	}
	return 0;
}

static DEFINE_PER_CPU(unsigned int, dirtied_here);

/* A writer over the hard limit writes its own file and waits; one that writes
 * for others (PR_SET_IO_FLUSHER) must not, or they would never be done. */
static void balance_dirty_pages(struct address_space *mapping)
{
	struct writeback_control wbc = {.range_end = ~0ULL};

	if (current->flags & PF_LOCAL_THROTTLE)
		return;
	while (over_hard_limit() && !fatal_signal_pending(current)) {
		wakeup_flusher_threads();
		wbc.nr_to_write = FLUSH_CHUNK_PAGES;
		(void)do_writepages(mapping, &wbc);
		if (!over_hard_limit())
			break;
		set_current_state(TASK_KILLABLE);
		(void)io_schedule_timeout_ns(20 * NSEC_PER_MSEC);
	}
}

/* balance_dirty_pages_ratelimited - looks only now and then. */
void balance_dirty_pages_ratelimited(struct address_space *mapping)
{
	if (this_cpu_inc_return(dirtied_here) < RATELIMIT_PAGES)
		return;
	this_cpu_write(dirtied_here, 0);
	if (test_bit(AS_NO_WRITEBACK, &mapping->flags))
		return;
	if (over_hard_limit())
		balance_dirty_pages(mapping);
	else if (over_background())
		wakeup_flusher_threads();
}

/* Write @page, just locked, if it still has to be; unlocks it. */
static int write_locked_page(struct address_space *mapping, struct page *page,
			     struct writeback_control *wbc)
{
	int err;

	if (page->mapping != mapping || !PageDirty(page))
		goto unlock;
	if (PageWriteback(page)) {
		if (!wbc->sync)
			goto unlock;
		wait_on_page_writeback(page);
	}
	if (!clear_page_dirty_for_io(page))
		goto unlock;
	wbc->nr_to_write--;
	err = mapping->a_ops->write_page(page, wbc);
	if (err)
		mapping_set_error(mapping, err);
	return err;
unlock:
	unlock_page(page);
	return 0;
}

/* do_writepages - dirty pages of a range, in order. */
int do_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	u64 index = wbc->range_start >> PAGE_SHIFT;
	u64 end = wbc->range_end >> PAGE_SHIFT;
	struct page *pages[WRITE_BATCH];
	unsigned int nr;
	unsigned int i;
	int first_err = 0;
	int err;

	if (!mapping->a_ops || !mapping->a_ops->write_page ||
	    test_bit(AS_NO_WRITEBACK, &mapping->flags))
		return 0;
	while (index <= end && wbc->nr_to_write > 0) {
		nr = find_get_pages_tag(mapping, &index, end,
					PAGECACHE_TAG_DIRTY, WRITE_BATCH,
					pages);
		if (!nr)
			break;
		for (i = 0; i < nr; i++) {
			lock_page(pages[i]);
			err = write_locked_page(mapping, pages[i], wbc);
			if (err && !first_err)
				first_err = err;
			put_page(pages[i]);
		}
		cond_resched();
	}
	return first_err;
}

static int fdatawrite(struct address_space *mapping, loff_t start, loff_t end,
		      bool sync)
{
	struct writeback_control wbc = {
		.sync = sync,
		.nr_to_write = INT64_MAX,
		.range_start = (u64)start,
		.range_end = (u64)end,
	};

	if (!mapping_tagged(mapping, PAGECACHE_TAG_DIRTY))
		return 0;
	return do_writepages(mapping, &wbc);
}

/* Start I/O on dirty pages; waits for pages that are being written. */
int filemap_fdatawrite_range(struct address_space *mapping, loff_t start,
			     loff_t end)
{
	return fdatawrite(mapping, start, end, true);
}

int filemap_fdatawrite(struct address_space *mapping)
{
	return fdatawrite(mapping, 0, INT64_MAX, true);
}

/* filemap_flush - start I/O, wait for nothing. */
int filemap_flush(struct address_space *mapping)
{
	return fdatawrite(mapping, 0, INT64_MAX, false);
}

/* A failed write is reported once to who waits. */
static int take_error(struct address_space *mapping)
{
	int err = 0;

	if (test_bit(AS_ENOSPC, &mapping->flags) &&
	    test_and_clear_bit(AS_ENOSPC, &mapping->flags))
		err = -ENOSPC;
	if (test_bit(AS_EIO, &mapping->flags) &&
	    test_and_clear_bit(AS_EIO, &mapping->flags))
		err = -EIO;
	return err;
}

/* filemap_fdatawait_range - until no page of it is under write-back. */
int filemap_fdatawait_range(struct address_space *mapping, loff_t start,
			    loff_t end)
{
	u64 index = (u64)start >> PAGE_SHIFT;
	u64 last = (u64)end >> PAGE_SHIFT;
	struct page *pages[WRITE_BATCH];
	unsigned int nr;
	unsigned int i;

	while (index <= last) {
		nr = find_get_pages_tag(mapping, &index, last,
					PAGECACHE_TAG_WRITEBACK, WRITE_BATCH,
					pages);
		if (!nr)
			break;
		for (i = 0; i < nr; i++) {
			wait_on_page_writeback(pages[i]);
			put_page(pages[i]);
		}
	}
	return take_error(mapping);
}

int filemap_fdatawait(struct address_space *mapping)
{
	return filemap_fdatawait_range(mapping, 0, INT64_MAX);
}

/* filemap_write_and_wait_range - both; the first error. */
int filemap_write_and_wait_range(struct address_space *mapping, loff_t start,
				 loff_t end)
{
	int err = filemap_fdatawrite_range(mapping, start, end);
	int err2 = filemap_fdatawait_range(mapping, start, end);

	return err ? err : err2;
}

int filemap_write_and_wait(struct address_space *mapping)
{
	return filemap_write_and_wait_range(mapping, 0, INT64_MAX);
}

/* write_one_page - a locked page, now; unlocks it and waits. */
int write_one_page(struct page *page)
{
	struct writeback_control wbc = {.sync = true, .nr_to_write = 1};
	struct address_space *mapping = page->mapping;
	int err;

	get_page(page);
	err = write_locked_page(mapping, page, &wbc);
	wait_on_page_writeback(page);
	put_page(page);
	return err ? err : take_error(mapping);
}

/* mapping_set_error - a write failed; any context. */
void mapping_set_error(struct address_space *mapping, int err)
{
	if (!err)
		return;
	WRITE_ONCE(mapping->wb_err, err);
	(void)__atomic_fetch_add(&mapping->wb_err_seq, 1, __ATOMIC_SEQ_CST);
	set_bit(err == -ENOSPC ? AS_ENOSPC : AS_EIO, &mapping->flags);
}

/* filemap_sample_wb_err - what a file just opened has seen. */
u32 filemap_sample_wb_err(struct address_space *mapping)
{
	return READ_ONCE(mapping->wb_err_seq);
}

/* filemap_check_wb_err - an error since *@since?  Told once. */
int filemap_check_wb_err(struct address_space *mapping, u32 *since)
{
	u32 seq = READ_ONCE(mapping->wb_err_seq);

	if (seq == *since)
		return 0;
	*since = seq;
	return READ_ONCE(mapping->wb_err);
}

/* mapping_tagged - is any page dirty / under write-back? */
bool mapping_tagged(struct address_space *mapping, unsigned int tag)
{
	return radix_tree_tagged(&mapping->pages, tag);
}
