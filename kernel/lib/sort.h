/*
 * Sorting and searching arrays, without allocation or recursion.
 */
#pragma once

#include <kernel/lib/macros.h>

/*
 * sort - heapsort @n elements of @size bytes.  O(n log n) always; not stable.
 *
 * @cmp returns < 0, 0 or > 0 as *a is before, equal to or after *b.
 */
void sort(void *base, size_t n, size_t size,
	  int (*cmp)(const void *a, const void *b));

/* bsearch - an element of sorted @base for which cmp(@key, it) is 0, or NULL.
 */
void *bsearch(const void *key, const void *base, size_t n, size_t size,
	      int (*cmp)(const void *key, const void *elem));
