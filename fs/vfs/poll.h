/*
 * poll.h - waiting for one of many files: poll, select, and what epoll needs.
 *
 * A file's poll function calls poll_wait for each wait queue that may make
 * it ready, then answers with the events that hold now.
 */
#pragma once

#include <abi/poll.h>
#include <fs/vfs/types.h>

struct poll_table {
	/* Called by poll_wait; NULL: nobody waits, only the answer counts. */
	void (*queue)(struct file *file, struct wait_queue *wq,
		      struct poll_table *table);
	u32 key; /* events wanted */
};

static inline void poll_wait(struct file *file, struct wait_queue *wq,
			     struct poll_table *table)
{
	if (table && table->queue)
		table->queue(file, wq, table);
}

/* What holds for @file now; files without poll are always ready. */
u32 vfs_poll(struct file *file, struct poll_table *table);

/*
 * poll_schedule - sleep in the state set, at most until @deadline_ns or a
 * little later; false when that is over.
 */
bool poll_schedule(u64 deadline_ns);

/*
 * do_poll - poll(2) on @nfds entries, a kernel array; revents are filled.
 * @deadline_ns: CLOCK_MONOTONIC, 0 for no waiting, MAX_TIMEOUT_NS for ever.
 * Number of ready entries, or -EINTR, -ENOMEM.  Sleeps.
 */
int do_poll(struct pollfd *fds, unsigned int nfds, u64 deadline_ns);

/*
 * do_select - select(2) on kernel bit maps of @n bits; @in, @out and @ex are
 * replaced by what is ready (each may be NULL).  Count, or -EBADF, -EINTR.
 */
int do_select(int n, unsigned long *in, unsigned long *out, unsigned long *ex,
	      u64 deadline_ns);
