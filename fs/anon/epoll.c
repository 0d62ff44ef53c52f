/*
 * epoll.c - epoll(7): made, waited for, closed.
 *
 * A scan takes the ready list out, asks each item's file again, tells the
 * events that hold, and puts level-triggered items back at the end, so that
 * all get their turn.  An item that leaves the list is unlinked first and its
 * file is asked after that: an event that comes later puts it on the list
 * anew.  While a scan runs, `scanning` makes others wait for it at mtx.
 *
 * Locks: see epoll_internal.h.
 *
 * Entry points: do_epoll_create, do_epoll_ctl, do_epoll_wait, ep_poll_file.
 */
#include <fs/anon/epoll.h>

#include <abi/capability.h>
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/anon/anon_inode.h>
#include <fs/anon/epoll_internal.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/poll.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/seq_file.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/barrier.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/process/kcmp.h>
#include <kernel/sched/core.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>
#include <kernel/time/clock.h>

#define EPOLLEXCLUSIVE_OK_BITS                                                 \
	(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET |    \
	 EPOLLEXCLUSIVE)

/* The lists of one scan. */
struct ep_scan {
	struct list_head unseen; /* as they were ready */
	struct list_head again;	 /* still ready: to the end of the queue */
};

/* mtx is held until ep_done_scan(). */
static __always_inline void ep_start_scan(struct eventpoll *ep,
					  struct ep_scan *scan)
{
	INIT_LIST_HEAD(&scan->unseen);
	INIT_LIST_HEAD(&scan->again);
	spin_lock_irq(&ep->lock);
	list_splice_init(&ep->ready, &scan->unseen);
	ep->scanning = true;
	spin_unlock_irq(&ep->lock);
}

/* What is left comes first, then what became ready, then what was told. */
static __always_inline void ep_done_scan(struct eventpoll *ep,
					 struct ep_scan *scan)
{
	spin_lock_irq(&ep->lock);
	ep->scanning = false;
	list_splice(&scan->unseen, &ep->ready);
	list_splice_tail(&scan->again, &ep->ready);
	if (!list_empty(&ep->ready) && waitqueue_active(&ep->wq)) {
		spin_lock_nested(&ep->wq.lock, 1);
		__wake_up_locked(&ep->wq, 1, 0);
		spin_unlock(&ep->wq.lock);
	}
	spin_unlock_irq(&ep->lock);
}

/*
 * Take @item off the scan's list without ep->lock: wake-ups only look whether
 * next points to the item itself, which is written last; from then on they
 * may link it.  Then its file can be asked.
 */
static void ep_unlink_scanned(struct epitem *item)
{
	struct list_head *link = &item->ready_link;

	__list_del(link->prev, link->next);
	link->prev = link;
	__atomic_store_n(&link->next, link, __ATOMIC_RELEASE);
	smp_mb();
}

/* Put an item that was unlinked back, before the others. */
static void ep_relink(struct eventpoll *ep, struct epitem *item)
{
	spin_lock_irq(&ep->lock);
	if (list_empty(&item->ready_link))
		list_add(&item->ready_link, &ep->ready);
	spin_unlock_irq(&ep->lock);
}

/* The first of the scan's items: its events, 0 if it has left the lists.  It
 * is unlinked unless it is level-triggered and ready. */
static u32 ep_scan_one(struct epitem *item)
{
	bool level = !(item->event.events & (EPOLLET | EPOLLONESHOT));
	u32 events;

	if (level) {
		events = ep_item_poll(item, NULL, 1);
		if (events)
			return events;
	}
	ep_unlink_scanned(item);
	events = ep_item_poll(item, NULL, 1);
	if (events && level)
		ep_relink(item->ep, item);
	return events;
}

static int put_event(struct epoll_event __user *to, u32 events, u64 data)
{
	void __user *at = to;

	if (put_user(events, (u32 __user *)at))
		return -EFAULT;
	at = (u8 __user *)at + offsetof(struct epoll_event, data);
	return put_user(data, (u64 __user *)at);
}

/* Tell up to @max events.  How many; -EFAULT if not even one could be. */
static int ep_send_events(struct eventpoll *ep,
			  struct epoll_event __user *events, int max)
{
	struct ep_scan scan;
	struct epitem *item;
	int done = 0;
	u32 found;

	if (fatal_signal_pending(current))
		return -EINTR;
	mutex_lock(&ep->mtx);
	ep_start_scan(ep, &scan);
	while (done < max && !list_empty(&scan.unseen)) {
		item = list_first_entry(&scan.unseen, struct epitem,
					ready_link);
		found = ep_scan_one(item);
		if (!found)
			continue;
		if (put_event(&events[done], found, item->event.data)) {
			ep_relink(ep, item);
			done = done ? done : -EFAULT;
			break;
		}
		done++;
		if (item->event.events & EPOLLONESHOT) {
			spin_lock_irq(&ep->lock);
			item->event.events &= EP_PRIVATE_BITS;
			spin_unlock_irq(&ep->lock);
		} else if (scan.unseen.next == &item->ready_link) {
			list_move_tail(&item->ready_link, &scan.again);
		}
	}
	ep_done_scan(ep, &scan);
	mutex_unlock(&ep->mtx);
	return done;
}

/* Sleep until something may be ready; false: @deadline_ns has passed. */
static bool ep_sleep(struct eventpoll *ep, u64 deadline_ns)
{
	struct wait_entry wait;
	bool in_time = true;
	bool ready;

	init_wait_entry(&wait, WQ_EXCLUSIVE);
	spin_lock_irq(&ep->lock);
	set_current_state(TASK_INTERRUPTIBLE);
	ready = ep_events_available(ep);
	if (!ready) {
		spin_lock_nested(&ep->wq.lock, 1);
		list_add_tail(&wait.link, &ep->wq.head);
		spin_unlock(&ep->wq.lock);
	}
	spin_unlock_irq(&ep->lock);
	if (!ready)
		in_time = poll_schedule(deadline_ns);
	finish_wait(&ep->wq, &wait);
	return in_time;
}

/* do_epoll_wait - see epoll.h. */
__landmark int do_epoll_wait(struct file *file,
			     struct epoll_event __user *events, int max,
			     u64 deadline_ns)
{
	struct eventpoll *ep = file->private_data;
	bool in_time = deadline_ns != 0;
	int ret;

	for (;;) {
		if (ep_events_available(ep)) {
			ret = ep_send_events(ep, events, max);
			if (ret)
				return ret;
		}
		if (!in_time)
			return 0;
		if (signal_pending(current))
			return -EINTR;
		in_time = ep_sleep(ep, deadline_ns);
	}
}

/* ep_poll_file - see epoll_internal.h.  Readable while an item is ready. */
u32 ep_poll_file(struct file *file, struct poll_table *table, int depth)
{
	struct eventpoll *ep = file->private_data;
	struct epitem *item;
	struct ep_scan scan;
	u32 events = 0;

	poll_wait(file, &ep->poll_wait, table);
	mutex_lock_nested(&ep->mtx, (unsigned int)depth);
	ep_start_scan(ep, &scan);
	while (!events && !list_empty(&scan.unseen)) {
		item = list_first_entry(&scan.unseen, struct epitem,
					ready_link);
		if (!ep_item_poll(item, NULL, depth + 1)) {
			ep_unlink_scanned(item);
			if (!ep_item_poll(item, NULL, depth + 1))
				continue;
			ep_relink(ep, item);
		}
		events = EPOLLIN | EPOLLRDNORM;
	}
	ep_done_scan(ep, &scan);
	mutex_unlock(&ep->mtx);
	return events;
}

static u32 ep_poll(struct file *file, struct poll_table *table)
{
	return ep_poll_file(file, table, 0);
}

static void ep_free(struct eventpoll *ep)
{
	free_uid(ep->user);
	kfree(ep);
}

static int ep_release(struct inode *inode, struct file *file)
{
	struct eventpoll *ep = file->private_data;
	struct rb_node *node;

	ep_wake_pollers(ep);
	mutex_lock(&epmutex);
	mutex_lock(&ep->mtx);
	while ((node = rb_first(&ep->items)) != NULL) {
		ep_remove(ep, rb_entry(node, struct epitem, node));
		cond_resched();
	}
	mutex_unlock(&ep->mtx);
	mutex_unlock(&epmutex);
	ep_free(ep);
	return 0;
}

static void ep_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct eventpoll *ep = file->private_data;
	const struct inode *inode;
	struct epitem *item;
	struct rb_node *node;

	mutex_lock(&ep->mtx);
	for (node = rb_first(&ep->items); node; node = rb_next(node)) {
		item = rb_entry(node, struct epitem, node);
		inode = file_inode(item->file);
		seq_printf(m,
			   "tfd: %8d events: %8x data: %16llx  pos:%lli "
			   "ino:%llx sdev:%x\n",
			   item->fd, item->event.events,
			   (unsigned long long)item->event.data,
			   (long long)item->file->f_pos,
			   (unsigned long long)inode->i_ino,
			   (unsigned int)inode->i_sb->s_dev);
		if (seq_has_overflowed(m))
			break;
	}
	mutex_unlock(&ep->mtx);
}

const struct file_operations eventpoll_fops = {
	.poll = ep_poll,
	.release = ep_release,
	.llseek = noop_llseek,
	.show_fdinfo = ep_show_fdinfo,
};

/* What kcmp(2) asks; see kcmp.h. */
static const void *epoll_target(struct file *file, int tfd, unsigned int toff)
{
	const void *found = ERR_PTR(-ENOENT);
	struct eventpoll *ep = file->private_data;
	struct epitem *item;
	struct rb_node *node;

	if (!is_file_epoll(file))
		return ERR_PTR(-EINVAL);
	mutex_lock(&ep->mtx);
	for (node = rb_first(&ep->items); node; node = rb_next(node)) {
		item = rb_entry(node, struct epitem, node);
		if (item->fd == tfd && toff-- == 0) {
			found = item->file;
			break;
		}
	}
	mutex_unlock(&ep->mtx);
	return found;
}

/* What epoll_ctl(2) refuses whatever is watched already.  0 or -errno. */
static int check_ctl(const struct file *file, int op, const struct file *target,
		     struct epoll_event *event)
{
	if (!target->f_op->poll)
		return -EPERM;
	if (op != EPOLL_CTL_DEL && (event->events & EPOLLWAKEUP) &&
	    !capable(CAP_BLOCK_SUSPEND))
		event->events &= ~EPOLLWAKEUP;
	if (file == target || !is_file_epoll(file))
		return -EINVAL;
	if (op == EPOLL_CTL_DEL || !(event->events & EPOLLEXCLUSIVE))
		return 0;
	if (op == EPOLL_CTL_MOD)
		return -EINVAL;
	if (op == EPOLL_CTL_ADD && (is_file_epoll(target) ||
				    (event->events & ~EPOLLEXCLUSIVE_OK_BITS)))
		return -EINVAL;
	return 0;
}

/* The call itself; mtx held.  @nested: epmutex too. */
static int ep_ctl_locked(struct eventpoll *ep, int op, struct file *target,
			 int fd, struct epoll_event *event, bool nested)
{
	struct epitem *item = ep_find(ep, target, fd);

	if (op == EPOLL_CTL_ADD) {
		if (item)
			return -EEXIST;
		event->events |= EPOLLERR | EPOLLHUP;
		return ep_insert(ep, event, target, fd, nested);
	}
	if (op != EPOLL_CTL_DEL && op != EPOLL_CTL_MOD)
		return -EINVAL;
	if (!item)
		return -ENOENT;
	if (op == EPOLL_CTL_DEL) {
		ep_remove(ep, item);
		return 0;
	}
	if (item->event.events & EPOLLEXCLUSIVE)
		return -EINVAL;
	event->events |= EPOLLERR | EPOLLHUP;
	ep_modify(ep, item, event);
	return 0;
}

/* do_epoll_ctl - see epoll.h. */
int do_epoll_ctl(struct file *file, int op, struct file *target, int fd,
		 struct epoll_event *event)
{
	struct eventpoll *ep;
	bool nested = false;
	int err;

	err = check_ctl(file, op, target, event);
	if (err)
		return err;
	ep = file->private_data;
	if (op == EPOLL_CTL_ADD)
		nested =
			is_file_epoll(target) || !list_empty(&file->f_ep_links);
	if (nested) {
		mutex_lock(&epmutex);
		if (is_file_epoll(target))
			err = ep_loop_check(ep, target->private_data);
	}
	if (!err) {
		mutex_lock(&ep->mtx);
		err = ep_ctl_locked(ep, op, target, fd, event, nested);
		mutex_unlock(&ep->mtx);
	}
	if (nested)
		mutex_unlock(&epmutex);
	return err;
}

static struct eventpoll *ep_alloc(void)
{
	struct eventpoll *ep = kzalloc(sizeof(*ep));

	if (!ep)
		return NULL;
	mutex_init(&ep->mtx, LOCK_EPOLL_ITEMS);
	spin_lock_init(&ep->lock, LOCK_POLL_WAIT);
	init_poll_waitqueue_head(&ep->wq);
	init_poll_waitqueue_head(&ep->poll_wait);
	INIT_LIST_HEAD(&ep->ready);
	ep->user = get_uid(current_user());
	return ep;
}

/* do_epoll_create - see epoll.h. */
int do_epoll_create(int flags)
{
	struct eventpoll *ep;
	int err;
	int fd;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	ep = ep_alloc();
	if (!ep)
		return -ENOMEM;
	fd = get_unused_fd_flags((unsigned int)flags);
	err = fd;
	if (fd < 0)
		goto free_ep;
	ep->file =
		anon_inode_getfile("[eventpoll]", &eventpoll_fops, ep, O_RDWR);
	err = PTR_ERR(ep->file);
	if (IS_ERR(ep->file))
		goto put_fd;
	fd_install((unsigned int)fd, ep->file);
	return fd;

put_fd:
	put_unused_fd((unsigned int)fd);
free_ep:
	ep_free(ep);
	return err;
}

/* epoll_init - see epoll.h. */
void __init epoll_init(void)
{
	kcmp_epoll_target = epoll_target;
	epitem_init();
	register_file_release_hook(eventpoll_release_file);
}
