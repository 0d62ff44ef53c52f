/*
 * epoll_nest.c - epolls that watch epolls: no rings, no long chains, and not
 * too many ways from one file to those who wait.
 *
 * Without these limits a wake-up could go round for ever, or fan out without
 * end, in an interrupt.
 *
 * Locks: epmutex, held by the callers, so that nothing changes meanwhile.
 *
 * Entry points: ep_loop_check, ep_path_check.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <fs/anon/epoll_internal.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/mutex.h>

/* As many ways of each length may lead from one file to an epoll that nobody
 * watches; those of length 1 are not limited. */
static const int path_limits[EP_MAX_NESTS + 1] = {1000, 500, 100, 50, 10};

static int path_count[EP_MAX_NESTS + 1]; /* [epmutex] */
static u64 check_number;		 /* [epmutex] of the last loop check */

/* Links in the longest chain that begins at @to, INT_MAX for a ring with
 * @ep.  Each epoll is visited once. */
static int depth_below(struct eventpoll *ep, struct eventpoll *to, int depth)
{
	struct eventpoll *next;
	struct epitem *item;
	struct rb_node *node;
	int longest = 0;
	int below;

	if (to->visited == check_number)
		return to->depth;
	if (to == ep || depth > EP_MAX_NESTS)
		return INT_MAX;
	mutex_lock_nested(&to->mtx, (unsigned int)depth + 1);
	for (node = rb_first(&to->items); node; node = rb_next(node)) {
		item = rb_entry(node, struct epitem, node);
		if (!is_file_epoll(item->file))
			continue;
		next = item->file->private_data;
		below = depth_below(ep, next, depth + 1);
		longest = below == INT_MAX ? below : max(longest, below + 1);
		if (longest > EP_MAX_NESTS)
			break;
	}
	mutex_unlock(&to->mtx);
	to->visited = check_number;
	to->depth = longest;
	return longest;
}

/* Links in the longest chain that ends at @ep. */
static int depth_above(struct eventpoll *ep, int depth)
{
	struct epitem *item;
	int longest = 0;

	if (ep->visited == check_number)
		return ep->depth;
	if (depth > EP_MAX_NESTS)
		return depth;
	spin_lock_nested(&ep->file->f_lock, depth);
	list_for_each_entry (item, &ep->file->f_ep_links, file_link)
		longest = max(longest, depth_above(item->ep, depth + 1) + 1);
	spin_unlock(&ep->file->f_lock);
	ep->visited = check_number;
	ep->depth = longest;
	return longest;
}

/* ep_loop_check - see epoll_internal.h.  Takes mtx of what lies below @to. */
int ep_loop_check(struct eventpoll *ep, struct eventpoll *to)
{
	int below;

	check_number++;
	below = depth_below(ep, to, 0);
	if (below > EP_MAX_NESTS)
		return -ELOOP;
	check_number++;
	return below + 1 + depth_above(ep, 0) > EP_MAX_NESTS ? -ELOOP : 0;
}

static int count_path(int depth)
{
	if (depth == 0)
		return 0;
	return ++path_count[depth] > path_limits[depth] ? -EINVAL : 0;
}

/* Count the ways up from @file; each ends at an epoll nobody watches. */
static int count_above(struct file *file, int depth)
{
	struct epitem *item;
	struct file *above;
	int err = 0;

	if (depth > EP_MAX_NESTS)
		return -EINVAL;
	/* Links change under epmutex or, for a plain file, an mtx: f_lock. */
	spin_lock_nested(&file->f_lock, depth);
	list_for_each_entry (item, &file->f_ep_links, file_link) {
		above = item->ep->file;
		if (list_empty(&above->f_ep_links))
			err = count_path(depth);
		else
			err = count_above(above, depth + 1);
		if (err)
			break;
	}
	spin_unlock(&file->f_lock);
	return err;
}

/* Every plain file below @file must stay within the limits too. */
static int check_sources(struct file *file, int depth)
{
	struct eventpoll *ep;
	struct epitem *item;
	struct rb_node *node;
	int err = 0;

	if (!is_file_epoll(file)) {
		memset(path_count, 0, sizeof(path_count));
		return count_above(file, 0);
	}
	ep = file->private_data;
	mutex_lock_nested(&ep->mtx, depth + 1);
	for (node = rb_first(&ep->items); node && !err; node = rb_next(node)) {
		item = rb_entry(node, struct epitem, node);
		err = check_sources(item->file, depth + 1);
	}
	mutex_unlock(&ep->mtx);
	return err;
}

/* ep_path_check - see epoll_internal.h. */
int ep_path_check(struct file *file)
{
	return check_sources(file, 0);
}
