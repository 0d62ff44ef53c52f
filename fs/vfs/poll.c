/*
 * poll.c - poll(2) and select(2).
 *
 * The first pass asks each file with a table that queues us on its wait
 * queues; once something is ready or all have been asked, later passes only
 * ask.  A wake-up sets a flag before it wakes us, so none is lost between a
 * pass and the sleep.
 *
 * Locks: each wait queue's own; entries live in pages of this call.
 *
 * Entry points: vfs_poll, do_poll, do_select.
 */
#include <fs/vfs/poll.h>

#include <abi/errno.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/lib/bitmap.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/core.h>
#include <kernel/sched/priority.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>
#include <kernel/types/task.h>

#define POLL_SLACK_MAX_NS (100 * NSEC_PER_MSEC)
#define DEFAULT_POLLMASK  (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

/* select(2): which events put a descriptor in which set. */
#define POLLIN_SET  (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define POLLOUT_SET (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define POLLEX_SET  (POLLPRI)

/* One queue we stand in. */
struct poll_entry {
	struct wait_entry wait;
	struct wait_queue *wq;
	struct file *file;
	struct poll_wqueues *owner;
	u32 key;
};

/* A page of entries beyond the inline ones. */
struct poll_chunk {
	struct poll_chunk *next;
	unsigned int used;
	struct poll_entry entries[];
};

#define CHUNK_ENTRIES                                                          \
	((PAGE_SIZE - sizeof(struct poll_chunk)) / sizeof(struct poll_entry))
#define INLINE_ENTRIES 6

struct poll_wqueues {
	struct poll_table table;
	struct task_struct *task;
	bool triggered; /* a wake-up came since the last pass began */
	int err;
	unsigned int used;
	struct poll_chunk *chunks;
	struct poll_entry entries[INLINE_ENTRIES];
};

static struct poll_entry *new_entry(struct poll_wqueues *pwq)
{
	struct poll_chunk *chunk = pwq->chunks;

	if (pwq->used < INLINE_ENTRIES)
		return &pwq->entries[pwq->used++];
	if (!chunk || chunk->used == CHUNK_ENTRIES) {
		chunk = kmalloc(PAGE_SIZE);
		if (!chunk)
			return NULL;
		chunk->used = 0;
		chunk->next = pwq->chunks;
		pwq->chunks = chunk;
	}
	return &chunk->entries[chunk->used++];
}

/* Some file changed: note it, then wake the poller. */
static int poll_wake(struct wait_entry *wait, unsigned long key)
{
	struct poll_entry *entry = container_of(wait, struct poll_entry, wait);

	if (key && !(key & entry->key))
		return 0;
	WRITE_ONCE(entry->owner->triggered, true);
	return wake_up_process(entry->owner->task);
}

static void queue_entry(struct file *file, struct wait_queue *wq,
			struct poll_table *table)
{
	struct poll_wqueues *pwq =
		container_of(table, struct poll_wqueues, table);
	struct poll_entry *entry = new_entry(pwq);

	if (!entry) {
		pwq->err = -ENOMEM;
		return;
	}
	entry->wq = wq;
	entry->file = get_file(file);
	entry->owner = pwq;
	entry->key = table->key;
	init_waitqueue_func_entry(&entry->wait, poll_wake);
	add_wait_queue(wq, &entry->wait);
}

static void poll_initwait(struct poll_wqueues *pwq)
{
	pwq->table.queue = queue_entry;
	pwq->table.key = ~0U;
	pwq->task = current;
	pwq->triggered = false;
	pwq->err = 0;
	pwq->used = 0;
	pwq->chunks = NULL;
}

static void free_entry(struct poll_entry *entry)
{
	remove_wait_queue(entry->wq, &entry->wait);
	fput(entry->file);
}

static void poll_freewait(struct poll_wqueues *pwq)
{
	struct poll_chunk *chunk;
	unsigned int i;

	for (i = 0; i < pwq->used; i++)
		free_entry(&pwq->entries[i]);
	while ((chunk = pwq->chunks) != NULL) {
		pwq->chunks = chunk->next;
		for (i = 0; i < chunk->used; i++)
			free_entry(&chunk->entries[i]);
		kfree(chunk);
	}
}

/* How much later than @left_ns from now a poll may end: longer ones are less
 * exact, as in Linux. */
static u64 poll_slack_ns(u64 left_ns)
{
	u64 slack = left_ns / (task_nice(current) > 0 ? 200 : 1000);

	if (!current->timer_slack_ns) /* a realtime task */
		return 0;
	return max(min(slack, POLL_SLACK_MAX_NS), current->timer_slack_ns);
}

/* poll_schedule - see poll.h. */
bool poll_schedule(u64 deadline_ns)
{
	u64 now;

	if (deadline_ns == MAX_TIMEOUT_NS) {
		schedule();
		return true;
	}
	now = ktime_get_ns();
	return now < deadline_ns &&
	       !schedule_until_ns(TIMER_MONO, deadline_ns,
				  poll_slack_ns(deadline_ns - now));
}

/*
 * Sleep until a wake-up or @deadline_ns; false when time is up.  A wake-up
 * between set_current_state and here leaves the task runnable.
 */
static bool poll_sleep(struct poll_wqueues *pwq, u64 deadline_ns)
{
	bool in_time = true;

	set_current_state(TASK_INTERRUPTIBLE);
	if (!READ_ONCE(pwq->triggered))
		in_time = poll_schedule(deadline_ns);
	set_current_state(TASK_RUNNING);
	pwq->triggered = false;
	return in_time;
}

/*
 * vfs_poll - the events that hold for @file; queues through @table if any.
 */
u32 vfs_poll(struct file *file, struct poll_table *table)
{
	if (!file->f_op->poll)
		return DEFAULT_POLLMASK;
	return file->f_op->poll(file, table);
}

/* One entry's answer: poll(2) always reports errors and hang-ups. */
static short poll_one(struct pollfd *pfd, struct poll_table *table)
{
	struct fd f;
	u32 wanted, mask;

	if (pfd->fd < 0)
		return 0;
	f = fdget(pfd->fd);
	if (!f.file)
		return POLLNVAL;
	wanted = (u16)pfd->events | POLLERR | POLLHUP;
	if (table)
		table->key = wanted;
	mask = vfs_poll(f.file, table) & wanted;
	fdput(f);
	return mask;
}

/*
 * do_poll - see poll.h.
 */
int do_poll(struct pollfd *fds, unsigned int nfds, u64 deadline_ns)
{
	struct poll_wqueues pwq;
	struct poll_table *table = &pwq.table;
	bool in_time = deadline_ns != 0;
	unsigned int i;
	int count;

	poll_initwait(&pwq);
	if (!in_time)
		table = NULL;
	for (;;) {
		count = 0;
		for (i = 0; i < nfds; i++) {
			fds[i].revents = poll_one(&fds[i], table);
			if (fds[i].revents) {
				count++;
				table = NULL; /* no more need to queue */
			}
		}
		table = NULL;
		if (!count)
			count = pwq.err;
		if (!count && signal_pending(current))
			count = -EINTR;
		if (count || !in_time)
			break;
		in_time = poll_sleep(&pwq, deadline_ns);
	}
	poll_freewait(&pwq);
	return count;
}

/* The sets of one select: what is asked for, and what is ready. */
struct select_sets {
	int n;
	unsigned long *asked[3]; /* in, out, ex; may be NULL */
	unsigned long *ready[3];
};

static bool asked_for(const struct select_sets *sets, int set, int fd)
{
	return sets->asked[set] && test_bit(fd, sets->asked[set]);
}

/* Ask about @fd; how many of the three sets it is now in, or -EBADF. */
static int select_one(struct select_sets *sets, int fd,
		      struct poll_table *table)
{
	static const u32 events[3] = {POLLIN_SET, POLLOUT_SET, POLLEX_SET};
	struct fd f;
	u32 wanted = POLLERR | POLLHUP, mask;
	int set, count = 0;

	for (set = 0; set < 3; set++)
		if (asked_for(sets, set, fd))
			wanted |= events[set];
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (table)
		table->key = wanted;
	mask = vfs_poll(f.file, table);
	fdput(f);
	for (set = 0; set < 3; set++) {
		if (asked_for(sets, set, fd) && (mask & events[set])) {
			set_bit(fd, sets->ready[set]);
			count++;
		}
	}
	return count;
}

/* One pass over all descriptors; *@table becomes NULL at the first ready. */
static int select_pass(struct select_sets *sets, struct poll_table **table)
{
	int fd, n, count = 0;

	for (fd = 0; fd < sets->n; fd++) {
		if (!asked_for(sets, 0, fd) && !asked_for(sets, 1, fd) &&
		    !asked_for(sets, 2, fd))
			continue;
		n = select_one(sets, fd, *table);
		if (n < 0)
			return n;
		count += n;
		if (n)
			*table = NULL;
	}
	*table = NULL;
	return count;
}

static int select_loop(struct select_sets *sets, u64 deadline_ns)
{
	struct poll_wqueues pwq;
	struct poll_table *table = &pwq.table;
	bool in_time = deadline_ns != 0;
	int count;

	poll_initwait(&pwq);
	if (!in_time)
		table = NULL;
	for (;;) {
		count = select_pass(sets, &table);
		if (!count)
			count = pwq.err;
		if (!count && signal_pending(current))
			count = -EINTR;
		if (count || !in_time)
			break;
		in_time = poll_sleep(&pwq, deadline_ns);
	}
	poll_freewait(&pwq);
	return count;
}

/*
 * do_select - see poll.h.
 */
int do_select(int n, unsigned long *in, unsigned long *out, unsigned long *ex,
	      u64 deadline_ns)
{
	struct select_sets sets = {.n = n, .asked = {in, out, ex}};
	size_t longs = DIV_ROUND_UP(n, 64);
	unsigned long *ready;
	int set, count;

	ready = kcalloc(3 * longs + 1, sizeof(*ready));
	if (!ready)
		return -ENOMEM;
	for (set = 0; set < 3; set++)
		sets.ready[set] = ready + set * longs;
	count = select_loop(&sets, deadline_ns);
	if (count >= 0)
		for (set = 0; set < 3; set++)
			if (sets.asked[set])
				memcpy(sets.asked[set], sets.ready[set],
				       longs * sizeof(*ready));
	kfree(ready);
	return count;
}
