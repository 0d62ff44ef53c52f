/*
 * writeback.h - dirty pages on their way to disk.
 *
 * mm knows pages and mappings; which inodes are dirty is fs/vfs' business,
 * which fills struct writeback_hooks.  The flusher thread writes what has
 * been dirty for long or when much is; a writer that makes too much is made
 * to write itself (balance_dirty_pages).
 */
#pragma once

#include <kernel/types/mm.h>

struct writeback_hooks {
	/* A page of @mapping became dirty: put its inode on the dirty list
	 * (mark_inode_dirty(host, I_DIRTY_PAGES)). */
	void (*mark_mapping_dirty)(struct address_space *mapping);
	/*
	 * Write dirty inodes and their pages, oldest first: those dirtied
	 * before @older_than_ns (monotonic), until wbc->nr_to_write is 0.
	 * Does not wait for the I/O unless wbc->sync.  Pages written.
	 */
	long (*writeback_inodes)(struct writeback_control *wbc,
				 u64 older_than_ns);
	/* Is any inode dirty? */
	bool (*have_dirty)(void);
};
void writeback_set_hooks(const struct writeback_hooks *hooks);

/* writeback_mapping_dirtied - page_cache.c: tell the hooks. */
void writeback_mapping_dirtied(struct address_space *mapping);

/* flusher_thread - the loop; kernel/init starts it with kthread_run. */
int flusher_thread(void *unused);

/* wakeup_flusher_threads - write everything that is dirty, now. */
void wakeup_flusher_threads(void);

/* wakeup_flusher_delayed - something became dirty: look at it when it is
 * dirty_writeback_centisecs old.  Any context; cheap when already armed. */
void wakeup_flusher_delayed(void);

/* balance_dirty_pages_ratelimited - after dirtying a page: the writer may
 * have to help.  May sleep; hold no page lock. */
void balance_dirty_pages_ratelimited(struct address_space *mapping);

/* do_writepages - write dirty pages of [wbc->range_start, range_end]. */
int do_writepages(struct address_space *mapping, struct writeback_control *wbc);

/* filemap_fdatawrite_range - start I/O on dirty pages of [start, end] bytes;
 * 0 or -errno. */
int filemap_fdatawrite_range(struct address_space *mapping, loff_t start,
			     loff_t end);
int filemap_fdatawrite(struct address_space *mapping);

/* The same without waiting for pages that are under I/O already. */
int filemap_flush(struct address_space *mapping);

/* filemap_fdatawait_range - wait for pages under write-back; 0 or -EIO. */
int filemap_fdatawait_range(struct address_space *mapping, loff_t start,
			    loff_t end);
int filemap_fdatawait(struct address_space *mapping);

/* Both; the first error. */
int filemap_write_and_wait_range(struct address_space *mapping, loff_t start,
				 loff_t end);
int filemap_write_and_wait(struct address_space *mapping);

/* write_one_page - write a locked page and wait; unlocks it. */
int write_one_page(struct page *page);

/* mapping_set_error - remember a failed write for fsync; any context. */
void mapping_set_error(struct address_space *mapping, int err);

/*
 * filemap_check_wb_err - has a write failed since *@since was taken?
 *
 * Returns 0 or -errno once, and moves *@since (file->f_wb_err) forward.
 * filemap_sample_wb_err - the value for a file just opened.
 */
int filemap_check_wb_err(struct address_space *mapping, u32 *since);
u32 filemap_sample_wb_err(struct address_space *mapping);

/* mapping_tagged - is any page dirty / under write-back? */
bool mapping_tagged(struct address_space *mapping, unsigned int tag);

/* /proc/sys/vm/: per cent of available memory, hundredths of seconds. */
extern int sysctl_dirty_ratio;
extern int sysctl_dirty_background_ratio;
extern unsigned long sysctl_dirty_bytes; /* 0: the ratio counts */
extern unsigned long sysctl_dirty_background_bytes;
extern int sysctl_dirty_expire_centisecs;
extern int sysctl_dirty_writeback_centisecs;
