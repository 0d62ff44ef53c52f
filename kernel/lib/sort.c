/*
 * Heapsort and binary search: see sort.h.
 *
 * Heapsort needs no memory, no recursion, and its worst case is its usual one.
 * Entry points: sort, bsearch.
 */
#include <kernel/lib/sort.h>

static void swap_bytes(u8 *a, u8 *b, size_t size)
{
	for (; size >= 8; size -= 8, a += 8, b += 8) {
		u64 x, y;

		__builtin_memcpy(&x, a, 8);
		__builtin_memcpy(&y, b, 8);
		__builtin_memcpy(a, &y, 8);
		__builtin_memcpy(b, &x, 8);
	}
	for (; size > 0; size--, a++, b++)
		swap(*a, *b);
}

/* Let element @i sink until it is not before any child; @n elements. */
static void sift_down(u8 *base, size_t i, size_t n, size_t size,
		      int (*cmp)(const void *a, const void *b))
{
	size_t child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n &&
		    cmp(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + i * size, base + child * size) >= 0)
			return;
		swap_bytes(base + i * size, base + child * size, size);
		i = child;
	}
}

/* sort - heapsort @n elements of @size bytes. */
void sort(void *base, size_t n, size_t size,
	  int (*cmp)(const void *a, const void *b))
{
	size_t i;

	for (i = n / 2; i-- > 0;)
		sift_down(base, i, n, size, cmp);
	for (i = n; i-- > 1;) {
		swap_bytes(base, (u8 *)base + i * size, size);
		sift_down(base, 0, i, size, cmp);
	}
}

/* bsearch - an element of sorted @base for which cmp(@key, it) is 0, or NULL.
 */
void *bsearch(const void *key, const void *base, size_t n, size_t size,
	      int (*cmp)(const void *key, const void *elem))
{
	const u8 *low = base;

	while (n > 0) {
		const u8 *mid = low + n / 2 * size;
		int order = cmp(key, mid);

		if (order == 0)
			return (void *)mid;
		if (order > 0) {
			low = mid + size;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
	return NULL;
}
