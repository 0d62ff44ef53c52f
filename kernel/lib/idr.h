/*
 * Small ids: from an integer to a pointer, with "give me the lowest free".
 *
 * A tree of 64-way nodes with a bit per slot that says "full below", so the
 * lowest free id at or above a start is found in O(log n).
 * No locks: the owner brings one.  Nodes come from lib_zalloc().
 *
 * Entry points: idr_init, idr_alloc, idr_alloc_cyclic, idr_find,
 * idr_remove, idr_replace, idr_get_next, idr_destroy.
 */
#pragma once

#include <kernel/lib/macros.h>

struct idr_node;

struct idr {
	struct idr_node *top;
	unsigned int levels; /* of nodes; 0: empty */
	unsigned int count;  /* ids in use */
	int next;	     /* where idr_alloc_cyclic goes on */
};

#define IDR_INIT                                                               \
	{                                                                      \
		NULL, 0, 0, 0                                                  \
	}
#define DEFINE_IDR(name) struct idr name = IDR_INIT

/* idr_init - no ids in use. */
void idr_init(struct idr *idr);

/*
 * idr_alloc - take the lowest free id in [@start, @end); @end <= 0: no limit.
 *
 * Returns the id (>= 0), -ENOSPC if all are taken, -EINVAL or -ENOMEM.
 * @ptr must not be NULL.
 */
int idr_alloc(struct idr *idr, void *ptr, int start, int end);

/*
 * idr_alloc_cyclic - as idr_alloc, but go on after the last id given out,
 * and start again from @start when the end is reached.
 */
int idr_alloc_cyclic(struct idr *idr, void *ptr, int start, int end);

/* idr_find - what @id stands for, or NULL. */
void *idr_find(const struct idr *idr, int id);

/* idr_remove - free @id; returns what it stood for, or NULL. */
void *idr_remove(struct idr *idr, int id);

/* idr_replace - let @id, which is in use, stand for @ptr; the old, or NULL. */
void *idr_replace(struct idr *idr, void *ptr, int id);

/* idr_get_next - first entry with id >= *@id; sets *@id.  NULL: none. */
void *idr_get_next(const struct idr *idr, int *id);

/* idr_destroy - free all nodes; what the ids stood for stays. */
void idr_destroy(struct idr *idr);

/* idr_is_empty - is no id in use? */
static inline bool idr_is_empty(const struct idr *idr)
{
	return idr->count == 0;
}

#define idr_for_each_entry(idr, entry, id)                                     \
	for (id = 0; ((entry) = idr_get_next(idr, &(id))) != NULL; ++id)
