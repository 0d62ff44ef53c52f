/*
 * epoll_item.c - the files an epoll watches: entered, changed, taken out, and
 * what happens when one of them wakes its wait queue.
 *
 * An item stands in its file's wait queues with a function: a wake-up that
 * tells of a wanted event puts the item on the epoll's ready list and wakes
 * one epoll_wait.  Waiting therefore costs as much as there is ready, not as
 * much as is watched.
 *
 * An item holds no reference to its file.  The last fput() takes the items
 * away first (eventpoll_release_file); whoever finds an item under mtx may
 * use its file until mtx is dropped.
 *
 * Locks: see epoll_internal.h.
 *
 * Entry points: ep_insert, ep_modify, ep_remove, ep_poll_callback,
 * eventpoll_release_file.
 */
#include <abi/errno.h>
#include <fs/anon/epoll_internal.h>
#include <fs/anon/signalfd.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/sysctl.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/barrier.h>
#include <kernel/base/panic.h>
#include <kernel/lib/macros.h>
#include <kernel/process/signal.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>

/* The events of which only one is told to an EPOLLEXCLUSIVE waiter. */
#define EPOLLINOUT_BITS (EPOLLIN | EPOLLOUT)

DEFINE_MUTEX(epmutex, LOCK_EPOLL);

static struct kmem_cache *epitem_cache __read_mostly;
static long max_user_watches; /* of one user; fs.epoll.max_user_watches */

static int max_watches_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%ld\n", READ_ONCE(max_user_watches));
	return 0;
}

static ssize_t max_watches_store(void *data, const char *text, size_t len)
{
	long value;
	int err = sysctl_parse_long(text, 0, INT64_MAX, &value);

	if (err)
		return err;
	WRITE_ONCE(max_user_watches, value);
	return len;
}

/* epitem_init - epoll(7): a 25th of memory may be items of one user. */
void __init epitem_init(void)
{
	epitem_cache = kmem_cache_create("eventpoll_epi", sizeof(struct epitem),
					 0, NULL);
	if (!epitem_cache)
		panic("epoll: no memory");
	max_user_watches =
		totalram_pages() / 25 * PAGE_SIZE / (long)sizeof(struct epitem);
	sysctl_register("fs/epoll/max_user_watches", 0644, max_watches_show,
			max_watches_store, NULL);
}

static int compare_item(const struct epitem *item, const struct file *file,
			int fd)
{
	if (item->file != file)
		return item->file < file ? -1 : 1;
	return item->fd < fd ? -1 : item->fd > fd;
}

/* ep_find - see epoll_internal.h. */
struct epitem *ep_find(struct eventpoll *ep, const struct file *file, int fd)
{
	struct rb_node *node = ep->items.rb_node;
	struct epitem *item;
	int cmp;

	while (node) {
		item = rb_entry(node, struct epitem, node);
		cmp = compare_item(item, file, fd);
		if (cmp == 0)
			return item;
		node = cmp > 0 ? node->rb_left : node->rb_right;
	}
	return NULL;
}

static void insert_sorted(struct eventpoll *ep, struct epitem *new)
{
	struct rb_node **link = &ep->items.rb_node;
	struct rb_node *parent = NULL;
	struct epitem *item;

	while (*link) {
		parent = *link;
		item = rb_entry(parent, struct epitem, node);
		link = compare_item(item, new->file, new->fd) > 0
			       ? &parent->rb_left
			       : &parent->rb_right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &ep->items);
}

/* __wake_up with the lock taken as one of several of its rank. */
static bool wake_nested(struct wait_queue *wq, unsigned long key)
{
	unsigned long flags;

	if (!waitqueue_active(wq))
		return false;
	local_irq_save(flags);
	spin_lock_nested(&wq->lock, 1);
	__wake_up_locked(wq, 1, key);
	spin_unlock_irqrestore(&wq->lock, flags);
	return true;
}

/* ep_wake_pollers - see epoll_internal.h.  No lock of @ep's is held. */
void ep_wake_pollers(struct eventpoll *ep)
{
	/* Orders the change of the ready list with the look for pollers. */
	smp_mb();
	(void)wake_nested(&ep->poll_wait, EPOLLIN);
}

/* ep_add_ready_locked - see epoll_internal.h. */
void ep_add_ready_locked(struct epitem *item)
{
	struct eventpoll *ep = item->ep;

	if (list_empty(&item->ready_link))
		list_add_tail(&item->ready_link, &ep->ready);
	/* Sleepers queue under ep->lock: none is missed. */
	(void)wake_nested(&ep->wq, 0);
}

/* May the wake-up of an EPOLLEXCLUSIVE item stop here? */
static bool woke_exclusive(const struct epitem *item, u32 events)
{
	switch (events & EPOLLINOUT_BITS) {
	case EPOLLIN:
		return item->event.events & EPOLLIN;
	case EPOLLOUT:
		return item->event.events & EPOLLOUT;
	case 0:
		return true;
	}
	return false;
}

/*
 * ep_poll_callback - a watched file changed; @key: its events, or 0.  Called
 * under the lock of the file's wait queue, in any context.  Returns whether an
 * exclusive wake-up may stop here.
 */
static __landmark int ep_poll_callback(struct wait_entry *wait,
				       unsigned long key)
{
	struct eppoll_entry *entry =
		container_of(wait, struct eppoll_entry, wait);
	struct epitem *item = entry->item;
	struct eventpoll *ep = item->ep;
	bool exclusive = item->event.events & EPOLLEXCLUSIVE;
	bool woke = !exclusive;
	bool wanted;
	unsigned long flags;

	local_irq_save(flags);
	spin_lock_nested(&ep->lock, 1);
	/* A one-shot item that has fired wants nothing. */
	wanted = (item->event.events & ~EP_PRIVATE_BITS) &&
		 (!key || (key & item->event.events));
	if (wanted) {
		if (exclusive && waitqueue_active(&ep->wq))
			woke = woke_exclusive(item, (u32)key);
		ep_add_ready_locked(item);
	}
	spin_unlock_irqrestore(&ep->lock, flags);
	if (wanted)
		ep_wake_pollers(ep);
	if (unlikely(key & POLLFREE)) {
		list_del_init(&wait->link);
		entry->wq = NULL;
	}
	return woke;
}

/* A poll table that stands an item in the queues it is shown. */
struct ep_pqueue {
	struct poll_table table;
	struct epitem *item; /* NULL: memory ran out */
};

static void ep_queue_item(struct file *file, struct wait_queue *wq,
			  struct poll_table *table)
{
	struct ep_pqueue *pq = container_of(table, struct ep_pqueue, table);
	struct epitem *item = pq->item;
	struct eppoll_entry *entry;

	if (!item)
		return;
	entry = &item->first;
	if (entry->wq) {
		entry = kmalloc(sizeof(*entry));
		if (!entry) {
			pq->item = NULL;
			return;
		}
		entry->next = item->further;
		item->further = entry;
	}
	entry->item = item;
	entry->wq = wq;
	init_waitqueue_func_entry(&entry->wait, ep_poll_callback);
	if (item->event.events & EPOLLEXCLUSIVE)
		add_wait_queue_exclusive(wq, &entry->wait);
	else
		add_wait_queue(wq, &entry->wait);
}

static void leave_queue(struct epitem *item, struct eppoll_entry *entry)
{
	unsigned long flags;

	if (!file_is_signalfd(item->file)) {
		if (entry->wq)
			remove_wait_queue(entry->wq, &entry->wait);
		return;
	}
	/* The queue is a process's, which may go before the file does. */
	spin_lock_irqsave(&pollfree_lock, flags);
	if (entry->wq)
		remove_wait_queue(entry->wq, &entry->wait);
	spin_unlock_irqrestore(&pollfree_lock, flags);
}

static void leave_queues(struct epitem *item)
{
	struct eppoll_entry *entry;

	leave_queue(item, &item->first);
	while ((entry = item->further) != NULL) {
		item->further = entry->next;
		leave_queue(item, entry);
		kfree(entry);
	}
}

/* ep_remove - see epoll_internal.h.  No wake-up comes once it returns. */
void ep_remove(struct eventpoll *ep, struct epitem *item)
{
	leave_queues(item);
	spin_lock(&item->file->f_lock);
	list_del(&item->file_link);
	spin_unlock(&item->file->f_lock);
	rb_erase(&item->node, &ep->items);
	spin_lock_irq(&ep->lock);
	list_del_init(&item->ready_link);
	spin_unlock_irq(&ep->lock);
	atomic_dec(&ep->user->epoll_watches);
	kmem_cache_free(epitem_cache, item);
}

static struct epitem *ep_alloc_item(struct eventpoll *ep,
				    const struct epoll_event *event,
				    struct file *file, int fd)
{
	struct epitem *item = kmem_cache_zalloc(epitem_cache);

	if (!item)
		return NULL;
	item->ep = ep;
	item->file = file;
	item->fd = fd;
	item->event = *event;
	INIT_LIST_HEAD(&item->ready_link);
	return item;
}

/* ep_insert - see epoll_internal.h. */
int ep_insert(struct eventpoll *ep, const struct epoll_event *event,
	      struct file *file, int fd, bool check_paths)
{
	struct ep_pqueue pq = {.table.queue = ep_queue_item};
	struct epitem *item;
	u32 events;
	int err;

	if (atomic_read(&ep->user->epoll_watches) >=
	    READ_ONCE(max_user_watches))
		return -ENOSPC;
	item = ep_alloc_item(ep, event, file, fd);
	if (!item)
		return -ENOMEM;
	atomic_inc(&ep->user->epoll_watches);
	spin_lock(&file->f_lock);
	file->f_mode |= FMODE_EPOLL;
	list_add_tail(&item->file_link, &file->f_ep_links);
	spin_unlock(&file->f_lock);
	insert_sorted(ep, item);
	if (check_paths) {
		err = ep_path_check(file);
		if (err)
			goto remove;
	}
	pq.item = item;
	events = ep_item_poll(item, &pq.table, 1);
	err = -ENOMEM;
	if (!pq.item)
		goto remove;
	if (events) {
		spin_lock_irq(&ep->lock);
		ep_add_ready_locked(item);
		spin_unlock_irq(&ep->lock);
		ep_wake_pollers(ep);
	}
	return 0;

remove:
	ep_remove(ep, item);
	return err;
}

/* ep_modify - see epoll_internal.h. */
void ep_modify(struct eventpoll *ep, struct epitem *item,
	       const struct epoll_event *event)
{
	spin_lock_irq(&ep->lock);
	item->event = *event;
	spin_unlock_irq(&ep->lock);
	/* What a wake-up from now on does not tell, this look finds. */
	smp_mb();
	if (!ep_item_poll(item, NULL, 1))
		return;
	spin_lock_irq(&ep->lock);
	ep_add_ready_locked(item);
	spin_unlock_irq(&ep->lock);
	ep_wake_pollers(ep);
}

/* ep_item_poll - see epoll_internal.h. */
u32 ep_item_poll(const struct epitem *item, struct poll_table *table, int depth)
{
	u32 wanted = item->event.events;

	if (table)
		table->key = wanted;
	if (is_file_epoll(item->file))
		return ep_poll_file(item->file, table, depth) & wanted;
	/* What has no poll cannot be watched. */
	return item->file->f_op->poll(item->file, table) & wanted;
}

/*
 * eventpoll_release_file - see epoll_internal.h.  epmutex keeps the epolls
 * alive; an item goes under its epoll's mtx, by us or, while the epoll itself
 * is closed, by ep_free() before we get epmutex.
 */
void eventpoll_release_file(struct file *file)
{
	struct epitem *item;
	struct eventpoll *ep;

	mutex_lock(&epmutex);
	for (;;) {
		/* Whoever took the last item out has left f_lock. */
		spin_lock(&file->f_lock);
		item = list_first_entry_or_null(&file->f_ep_links,
						struct epitem, file_link);
		spin_unlock(&file->f_lock);
		if (!item)
			break;
		ep = item->ep;
		mutex_lock(&ep->mtx);
		ep_remove(ep, item);
		mutex_unlock(&ep->mtx);
	}
	mutex_unlock(&epmutex);
}
