/*
 * Who can give memory back: caches of upper layers register a callback.
 */
#pragma once

#include <kernel/lib/list.h>

struct shrinker {
	const char *name;
	/*
	 * About how many pages it could free now; cheap.  Those that have
	 * this share a request in proportion, so that no cache starves
	 * another; those without are asked for all of it.
	 */
	unsigned long (*count)(struct shrinker *s);
	/*
	 * Free up to @nr pages (or objects worth as much); returns how many
	 * pages it freed or made free-able.  Called in a context that may
	 * sleep, with no locks held by alloc.  Must not allocate with
	 * alloc_page_user, nor wait for write-back; with PF_MEMALLOC_NOFS
	 * it must not enter a file system.
	 */
	unsigned long (*shrink)(struct shrinker *s, unsigned long nr);
	int order;	       /* lower is asked first */
	struct list_head link; /* owned by shrinker.c */
};

/* register_shrinker - ask @s from now on; it must stay. */
void register_shrinker(struct shrinker *s);

/* unregister_shrinker - do not ask @s any more; waits for a running call. */
void unregister_shrinker(struct shrinker *s);

/*
 * shrink_all - ask for shares first, then in order until @nr pages were freed; returns the number.
 *
 * May sleep.  A call from inside a shrinker does nothing and returns 0.
 */
unsigned long shrink_all(unsigned long nr);
