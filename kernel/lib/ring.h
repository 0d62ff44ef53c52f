/*
 * Indices of a ring buffer whose size is a power of two.
 *
 * `head` counts what was ever put in, `tail` what was ever taken out; both
 * run freely and wrap, so head - tail is the number of items and no slot is
 * wasted.  One producer and one consumer need no lock if each uses
 * READ_ONCE on the other's index; anyone else brings a lock.
 */
#pragma once

#include <kernel/lib/macros.h>

struct ring {
	u32 head; /* written by the producer */
	u32 tail; /* written by the consumer */
	u32 mask; /* size - 1 */
};

/* ring_init - an empty ring of @size slots; @size is a power of two. */
static inline void ring_init(struct ring *r, u32 size)
{
	r->head = 0;
	r->tail = 0;
	r->mask = size - 1;
}

/* ring_size - how many slots there are. */
static inline u32 ring_size(const struct ring *r)
{
	return r->mask + 1;
}

/* ring_used - how many items are waiting. */
static inline u32 ring_used(const struct ring *r)
{
	return READ_ONCE(r->head) - READ_ONCE(r->tail);
}

/* ring_space - how many items can be added. */
static inline u32 ring_space(const struct ring *r)
{
	return ring_size(r) - ring_used(r);
}

/* ring_empty - is nothing waiting? */
static inline bool ring_empty(const struct ring *r)
{
	return ring_used(r) == 0;
}

/* ring_full - is no slot free? */
static inline bool ring_full(const struct ring *r)
{
	return ring_used(r) == ring_size(r);
}

/* ring_head_slot - where the next item goes. */
static inline u32 ring_head_slot(const struct ring *r)
{
	return r->head & r->mask;
}

/* ring_tail_slot - where the next item is taken from. */
static inline u32 ring_tail_slot(const struct ring *r)
{
	return r->tail & r->mask;
}

/* ring_used_to_end - items that lie contiguous from the tail slot. */
static inline u32 ring_used_to_end(const struct ring *r)
{
	return min(ring_used(r), ring_size(r) - ring_tail_slot(r));
}

/* ring_space_to_end - free slots that lie contiguous from the head slot. */
static inline u32 ring_space_to_end(const struct ring *r)
{
	return min(ring_space(r), ring_size(r) - ring_head_slot(r));
}

/* ring_push - publish @n items written from the head slot on. */
static inline void ring_push(struct ring *r, u32 n)
{
	barrier();
	WRITE_ONCE(r->head, r->head + n);
}

/* ring_pop - give back @n slots read from the tail slot on. */
static inline void ring_pop(struct ring *r, u32 n)
{
	barrier();
	WRITE_ONCE(r->tail, r->tail + n);
}
