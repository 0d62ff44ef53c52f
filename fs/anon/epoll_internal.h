/*
 * epoll_internal.h - an epoll's insides, shared by epoll.c, epoll_item.c and
 * epoll_nest.c.
 *
 * Locks, outermost first: epmutex (closing, and whatever changes which epoll
 * watches which), the epoll's mtx (its set of items; outer before inner
 * epoll), a watched file's wait queue, the epoll's lock (what is ready).
 * ep->lock, ep->wq and ep->poll_wait have one rank and are taken from the
 * watched file's side to the watcher's: epolls that watch epolls never form a
 * ring.
 */
#pragma once

#include <fs/anon/epoll.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/rbtree.h>
#include <kernel/sched/wait.h>

/* The most links in a chain of epolls that watch each other. */
#define EP_MAX_NESTS 4

/* Bits of epoll_event.events that are no events. */
#define EP_PRIVATE_BITS (EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)

/*
 * One epoll.  Locks:  M mtx   L lock   E epmutex
 */
struct eventpoll {
	struct mutex mtx;
	struct spinlock lock;
	struct wait_queue wq;	     /* those in epoll_wait */
	struct wait_queue poll_wait; /* those who watch the epoll itself */
	struct list_head ready;	     /* [L] struct epitem, in order */
	bool scanning;		     /* [L] part of ready is out on a list */
	struct rb_root items;	     /* [M] struct epitem, by file and number */
	struct user_struct *user;    /* in whose count the items are */
	struct file *file;
	u64 visited; /* [E] the last check that came by */
	int depth;   /* [E] what it found out */
};

/* An item's place in one wait queue. */
struct eppoll_entry {
	struct eppoll_entry *next;
	struct epitem *item;
	struct wait_entry wait;
	struct wait_queue *wq; /* [pollfree_lock] NULL: it went away */
};

/*
 * One file watched.  Locks:  M ep->mtx   L ep->lock   F file->f_lock
 */
struct epitem {
	struct rb_node node; /* [M] */
	struct file *file;   /* no reference: its release takes the item away */
	int fd;
	struct list_head ready_link; /* [L] empty: not on a list */
	struct eventpoll *ep;
	struct epoll_event event;     /* [M+L] */
	struct list_head file_link;   /* [F] in file->f_ep_links */
	struct eppoll_entry first;    /* its wq is NULL if none is used */
	struct eppoll_entry *further; /* [M] for files with more queues */
};

extern struct mutex epmutex;

static inline bool ep_events_available(const struct eventpoll *ep)
{
	return !list_empty(&ep->ready) || READ_ONCE(ep->scanning);
}

/* epitem_init - the cache of items; boot. */
void epitem_init(void);

/* ep_find - the item of (@file, @fd), or NULL; mtx held. */
struct epitem *ep_find(struct eventpoll *ep, const struct file *file, int fd);

/*
 * ep_insert - watch @file; mtx held.  @check_paths: epmutex is held too and
 * an epoll is involved.  0, -ENOSPC, -ENOMEM or -EINVAL (too many paths).
 */
int ep_insert(struct eventpoll *ep, const struct epoll_event *event,
	      struct file *file, int fd, bool check_paths);

/* ep_modify - other events from now on; mtx held. */
void ep_modify(struct eventpoll *ep, struct epitem *item,
	       const struct epoll_event *event);

/* ep_remove - stop watching, free @item; mtx held. */
void ep_remove(struct eventpoll *ep, struct epitem *item);

/* eventpoll_release_file - the last reference of a watched file is gone. */
void eventpoll_release_file(struct file *file);

/* ep_wake_pollers - @ep has something: tell those who watch it. */
void ep_wake_pollers(struct eventpoll *ep);

/* ep_add_ready - put @item on the list, unless it is on one; ep->lock held.
 * Wakes one epoll_wait. */
void ep_add_ready_locked(struct epitem *item);

/*
 * ep_item_poll - which of the wanted events hold now; @table as vfs_poll's.
 * @depth: epolls above, for the locks.  item->ep's mtx is held.
 */
u32 ep_item_poll(const struct epitem *item, struct poll_table *table,
		 int depth);

/* ep_poll_file - the epoll file's own poll, @depth epolls further in. */
u32 ep_poll_file(struct file *file, struct poll_table *table, int depth);

/*
 * ep_loop_check - would @ep, watching @to, be part of a ring or of too long a
 * chain?  -ELOOP if so, else 0.  epmutex held.
 */
int ep_loop_check(struct eventpoll *ep, struct eventpoll *to);

/*
 * ep_path_check - may @file, just watched by an epoll, have so many ways to
 * wake one?  0 or -EINVAL.  epmutex held.
 */
int ep_path_check(struct file *file);
