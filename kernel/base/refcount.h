/*
 * Reference counts that panic rather than wrap or come back from zero.
 */
#pragma once

#include <kernel/arch/atomic.h>
#include <kernel/base/assert.h>
#include <kernel/lib/macros.h>
#include <kernel/types/refcount.h>

#define REFCOUNT_INIT(n)                                                       \
	{                                                                      \
		ATOMIC_INIT(n)                                                 \
	}

/* refcount_set - start with @n references; before the object is shared. */
static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

/* refcount_read - how many references there are just now. */
static inline int refcount_read(const refcount_t *r)
{
	return atomic_read(&r->refs);
}

/* refcount_inc - one more; the caller holds one already. */
static inline void refcount_inc(refcount_t *r)
{
	assert(atomic_read(&r->refs) > 0);
	atomic_inc(&r->refs);
}

/* refcount_add - @n more; the caller holds one already. */
static inline void refcount_add(int n, refcount_t *r)
{
	assert(atomic_read(&r->refs) > 0);
	atomic_add(n, &r->refs);
}

/* refcount_dec_and_test - one less; true for the last one. */
static inline bool refcount_dec_and_test(refcount_t *r)
{
	assert(atomic_read(&r->refs) > 0);
	return atomic_dec_and_test(&r->refs);
}

/* refcount_dec - one less, which is known not to be the last. */
static inline void refcount_dec(refcount_t *r)
{
	assert(atomic_read(&r->refs) > 1);
	atomic_dec(&r->refs);
}

/* refcount_sub - @n less, which is known to leave some. */
static inline void refcount_sub(int n, refcount_t *r)
{
	assert(atomic_read(&r->refs) > n);
	atomic_sub(n, &r->refs);
}

/* refcount_inc_not_zero - one more unless it is already dead; true if taken. */
static inline bool refcount_inc_not_zero(refcount_t *r)
{
	int old = atomic_read(&r->refs);

	while (old != 0) {
		int seen = atomic_cmpxchg(&r->refs, old, old + 1);

		if (seen == old)
			return true;
		old = seen;
	}
	return false;
}

/* refcount_dec_not_one - one less unless it is the last; true if done. */
static inline bool refcount_dec_not_one(refcount_t *r)
{
	int old = atomic_read(&r->refs);

	while (old > 1) {
		int seen = atomic_cmpxchg(&r->refs, old, old - 1);

		if (seen == old)
			return true;
		old = seen;
	}
	return false;
}
