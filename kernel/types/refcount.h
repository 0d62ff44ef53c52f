/*
 * refcount.h - the type of a reference count.  Functions, with their checks:
 * <kernel/base/refcount.h>.
 */
#pragma once

#include <kernel/arch/atomic.h>

typedef struct {
	atomic_t refs;
} refcount_t;
