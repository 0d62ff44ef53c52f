/*
 * A pointer that may carry an error number: the top 4095 addresses are
 * -1 .. -4095 and never a valid object.
 */
#pragma once

#include <kernel/lib/macros.h>

#define MAX_ERRNO 4095

/* IS_ERR_VALUE - is the word @x a negative errno? */
#define IS_ERR_VALUE(x)                                                        \
	unlikely((unsigned long)(x) >= (unsigned long)-MAX_ERRNO)

/* ERR_PTR - @error, a negative errno, as a pointer. */
static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

/* PTR_ERR - the negative errno in @ptr, for which IS_ERR holds. */
static inline long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

/* IS_ERR - does @ptr carry an error? */
static inline bool IS_ERR(const void *ptr)
{
	return IS_ERR_VALUE(ptr);
}

/* IS_ERR_OR_NULL - does @ptr carry an error, or nothing? */
static inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return unlikely(!ptr) || IS_ERR_VALUE(ptr);
}

/* ERR_CAST - the error in @ptr for a pointer of another type. */
static inline void *ERR_CAST(const void *ptr)
{
	return (void *)(unsigned long)ptr;
}

/* PTR_ERR_OR_ZERO - the errno in @ptr, or 0 for a good pointer. */
static inline int PTR_ERR_OR_ZERO(const void *ptr)
{
	return IS_ERR(ptr) ? (int)PTR_ERR(ptr) : 0;
}
