/*
 * Shrinkers: see shrinker.h.
 *
 * A list in the order of asking.  A request goes round twice: first each
 * cache that can be counted gives its share of it, then whoever comes first
 * gives what is still missing.  While a callback runs its entry is pinned by
 * a count, so the list's lock is not held over it.  PF_MEMALLOC marks the task
 * that runs callbacks, so that an allocation inside one does not recurse.
 *
 * Locks: shrinkers_lock (LOCK_LEAF_IRQ) for the list and `running`.
 * Entry points: register_shrinker, unregister_shrinker, shrink_all.
 */
#include <kernel/alloc/shrinker.h>

#include <kernel/arch/barrier.h>
#include <kernel/arch/context.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/types/task.h>

static DEFINE_SPINLOCK(shrinkers_lock, LOCK_LEAF_IRQ);
static LIST_HEAD(shrinkers);  /* [shrinkers_lock] by order */
static unsigned int running;  /* [shrinkers_lock] calls of shrink_all */
static unsigned int removals; /* [shrinkers_lock] counts unregistrations */

/* register_shrinker - ask @s from now on. */
void register_shrinker(struct shrinker *s)
{
	struct shrinker *at;
	unsigned long flags;

	spin_lock_irqsave(&shrinkers_lock, flags);
	list_for_each_entry (at, &shrinkers, link) {
		if (at->order > s->order)
			break;
	}
	list_add_tail(&s->link, &at->link);
	spin_unlock_irqrestore(&shrinkers_lock, flags);
}

/* unregister_shrinker - do not ask @s any more; waits for a running call. */
void unregister_shrinker(struct shrinker *s)
{
	unsigned long flags;

	spin_lock_irqsave(&shrinkers_lock, flags);
	list_del_init(&s->link);
	removals++;
	spin_unlock_irqrestore(&shrinkers_lock, flags);
	while (READ_ONCE(running) > 0)
		cpu_relax();
}

/* The @n-th shrinker, or NULL. */
static struct shrinker *nth(unsigned int n)
{
	struct shrinker *s;
	unsigned long flags;

	spin_lock_irqsave(&shrinkers_lock, flags);
	list_for_each_entry (s, &shrinkers, link) {
		if (n-- == 0)
			break;
	}
	if (list_entry_is_head(s, &shrinkers, link))
		s = NULL;
	spin_unlock_irqrestore(&shrinkers_lock, flags);
	return s;
}

/* Pages that all counted caches have together. */
static unsigned long count_all(void)
{
	unsigned long total = 0;
	struct shrinker *s;
	unsigned int n;

	for (n = 0; (s = nth(n)); n++)
		total += s->count ? s->count(s) : 0;
	return total;
}

/* Each counted cache is asked for its part of @nr. */
static unsigned long shrink_shares(unsigned long nr)
{
	unsigned long total = count_all();
	unsigned long freed = 0;
	struct shrinker *s;
	unsigned long has;
	unsigned int n;

	for (n = 0; total > 0 && (s = nth(n)); n++) {
		has = s->count ? s->count(s) : 0;
		if (has > 0)
			freed += s->shrink(s, DIV_ROUND_UP(nr * has, total));
	}
	return freed;
}

/* shrink_all - free @nr pages, if there are as many; returns the number. */
unsigned long shrink_all(unsigned long nr)
{
	struct task_struct *me = current;
	unsigned long freed;
	struct shrinker *s;
	unsigned int n;

	if (me->flags & PF_MEMALLOC)
		return 0;
	me->flags |= PF_MEMALLOC;
	__atomic_fetch_add(&running, 1, __ATOMIC_SEQ_CST);
	freed = shrink_shares(nr);
	for (n = 0; freed < nr && (s = nth(n)); n++)
		freed += s->shrink(s, nr - freed);
	__atomic_fetch_sub(&running, 1, __ATOMIC_SEQ_CST);
	me->flags &= ~PF_MEMALLOC;
	return freed;
}
