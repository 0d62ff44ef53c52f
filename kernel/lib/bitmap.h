/*
 * Bit sets in arrays of unsigned long, bit 0 lowest in the first word.
 *
 * Not atomic: <kernel/arch/atomic.h> has set_bit and kin that are.
 */
#pragma once

#include <kernel/lib/macros.h>

#define BITS_TO_LONGS(n)	 DIV_ROUND_UP(n, BITS_PER_LONG)
#define DECLARE_BITMAP(name, n)	 unsigned long name[BITS_TO_LONGS(n)]
#define BITMAP_LAST_WORD_MASK(n) (~0UL >> (-(n) & (BITS_PER_LONG - 1)))

/* bitmap_set_bit, bitmap_clear_bit - one bit, not atomic. */
static inline void bitmap_set_bit(unsigned long *map, unsigned long nr)
{
	map[nr / BITS_PER_LONG] |= 1UL << (nr % BITS_PER_LONG);
}

static inline void bitmap_clear_bit(unsigned long *map, unsigned long nr)
{
	map[nr / BITS_PER_LONG] &= ~(1UL << (nr % BITS_PER_LONG));
}

/* bitmap_test - is bit @nr set? */
static inline bool bitmap_test(const unsigned long *map, unsigned long nr)
{
	return (map[nr / BITS_PER_LONG] >> (nr % BITS_PER_LONG)) & 1;
}

/* bitmap_zero, bitmap_fill - clear or set the first @nbits. */
void bitmap_zero(unsigned long *map, unsigned long nbits);
void bitmap_fill(unsigned long *map, unsigned long nbits);

/* bitmap_copy - the first @nbits of @src to @dst, whole words. */
void bitmap_copy(unsigned long *dst, const unsigned long *src,
		 unsigned long nbits);

/* bitmap_set, bitmap_clear - @n bits from @start on. */
void bitmap_set(unsigned long *map, unsigned long start, unsigned long n);
void bitmap_clear(unsigned long *map, unsigned long start, unsigned long n);

/* bitmap_weight - how many of the first @nbits are set. */
unsigned long bitmap_weight(const unsigned long *map, unsigned long nbits);

/* bitmap_empty, bitmap_full - are none, are all of @nbits set? */
bool bitmap_empty(const unsigned long *map, unsigned long nbits);
bool bitmap_full(const unsigned long *map, unsigned long nbits);

/* bitmap_and, bitmap_or - combine @nbits of two sets into @dst. */
void bitmap_and(unsigned long *dst, const unsigned long *a,
		const unsigned long *b, unsigned long nbits);
void bitmap_or(unsigned long *dst, const unsigned long *a,
	       const unsigned long *b, unsigned long nbits);

/* find_next_bit - first set bit in [@start, @size); @size if there is none. */
unsigned long find_next_bit(const unsigned long *map, unsigned long size,
			    unsigned long start);

/* find_next_zero_bit - first clear bit in [@start, @size), or @size. */
unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size,
				 unsigned long start);

/* find_last_bit - last set bit below @size; @size if there is none. */
unsigned long find_last_bit(const unsigned long *map, unsigned long size);

/* bitmap_find_free_run - start of @n clear bits in [@start, @size), or @size.
 */
unsigned long bitmap_find_free_run(const unsigned long *map, unsigned long size,
				   unsigned long start, unsigned long n);

#define find_first_bit(map, size)      find_next_bit(map, size, 0)
#define find_first_zero_bit(map, size) find_next_zero_bit(map, size, 0)

#define for_each_set_bit(bit, map, size)                                       \
	for ((bit) = find_first_bit(map, size); (bit) < (size);                \
	     (bit) = find_next_bit(map, size, (bit) + 1))
