/*
 * Bit sets: searching and ranges.  See bitmap.h.
 *
 * Whole words are handled at a time; only the words at the two ends of a
 * range are masked.
 * Entry points: bitmap_*, find_next_bit, find_next_zero_bit, find_last_bit.
 */
#include <kernel/lib/bitmap.h>

static inline unsigned long first_word_mask(unsigned long start)
{
	return ~0UL << (start % BITS_PER_LONG);
}

/* bitmap_zero - clear the first @nbits, and the rest of their last word. */
void bitmap_zero(unsigned long *map, unsigned long nbits)
{
	unsigned long i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		map[i] = 0;
}

/* bitmap_fill - set the first @nbits; the rest of their last word is clear. */
void bitmap_fill(unsigned long *map, unsigned long nbits)
{
	bitmap_zero(map, nbits);
	bitmap_set(map, 0, nbits);
}

/* bitmap_copy - the first @nbits of @src to @dst, whole words. */
void bitmap_copy(unsigned long *dst, const unsigned long *src,
		 unsigned long nbits)
{
	unsigned long i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = src[i];
}

/* The bits of word @i that lie in [@start, @end). */
static unsigned long range_mask(unsigned long i, unsigned long start,
				unsigned long end)
{
	unsigned long mask = ~0UL;

	if (i == start / BITS_PER_LONG)
		mask &= first_word_mask(start);
	if (i == (end - 1) / BITS_PER_LONG)
		mask &= BITMAP_LAST_WORD_MASK(end);
	return mask;
}

/* bitmap_set - set @n bits from @start on. */
void bitmap_set(unsigned long *map, unsigned long start, unsigned long n)
{
	unsigned long end = start + n;
	unsigned long i;

	if (n == 0)
		return;
	for (i = start / BITS_PER_LONG; i <= (end - 1) / BITS_PER_LONG; i++)
		map[i] |= range_mask(i, start, end);
}

/* bitmap_clear - clear @n bits from @start on. */
void bitmap_clear(unsigned long *map, unsigned long start, unsigned long n)
{
	unsigned long end = start + n;
	unsigned long i;

	if (n == 0)
		return;
	for (i = start / BITS_PER_LONG; i <= (end - 1) / BITS_PER_LONG; i++)
		map[i] &= ~range_mask(i, start, end);
}

/* bitmap_weight - how many of the first @nbits are set. */
unsigned long bitmap_weight(const unsigned long *map, unsigned long nbits)
{
	unsigned long i, n = 0;

	for (i = 0; i < nbits / BITS_PER_LONG; i++)
		n += hweight64(map[i]);
	if (nbits % BITS_PER_LONG)
		n += hweight64(map[i] & BITMAP_LAST_WORD_MASK(nbits));
	return n;
}

/* bitmap_empty - is none of the first @nbits set? */
bool bitmap_empty(const unsigned long *map, unsigned long nbits)
{
	return find_first_bit(map, nbits) >= nbits;
}

/* bitmap_full - are all of the first @nbits set? */
bool bitmap_full(const unsigned long *map, unsigned long nbits)
{
	return find_first_zero_bit(map, nbits) >= nbits;
}

/* bitmap_and - @dst = @a & @b. */
void bitmap_and(unsigned long *dst, const unsigned long *a,
		const unsigned long *b, unsigned long nbits)
{
	unsigned long i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] & b[i];
}

/* bitmap_or - @dst = @a | @b. */
void bitmap_or(unsigned long *dst, const unsigned long *a,
	       const unsigned long *b, unsigned long nbits)
{
	unsigned long i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = a[i] | b[i];
}

/* The first bit in [@start, @size) of @map, each word xor'ed with @flip. */
static unsigned long find_next(const unsigned long *map, unsigned long size,
			       unsigned long start, unsigned long flip)
{
	unsigned long i = start / BITS_PER_LONG;
	unsigned long word, bit;

	if (start >= size)
		return size;
	word = (map[i] ^ flip) & first_word_mask(start);
	while (!word) {
		if (++i >= BITS_TO_LONGS(size))
			return size;
		word = map[i] ^ flip;
	}
	bit = i * BITS_PER_LONG + __ffs(word);
	return min(bit, size);
}

/* find_next_bit - first set bit in [@start, @size); @size if there is none. */
unsigned long find_next_bit(const unsigned long *map, unsigned long size,
			    unsigned long start)
{
	return find_next(map, size, start, 0);
}

/* find_next_zero_bit - first clear bit in [@start, @size), or @size. */
unsigned long find_next_zero_bit(const unsigned long *map, unsigned long size,
				 unsigned long start)
{
	return find_next(map, size, start, ~0UL);
}

/* find_last_bit - last set bit below @size; @size if there is none. */
unsigned long find_last_bit(const unsigned long *map, unsigned long size)
{
	unsigned long i = BITS_TO_LONGS(size);
	unsigned long mask = BITMAP_LAST_WORD_MASK(size);

	while (i-- > 0) {
		if (map[i] & mask)
			return i * BITS_PER_LONG + fls64(map[i] & mask) - 1;
		mask = ~0UL;
	}
	return size;
}

/* bitmap_find_free_run - start of @n clear bits in [@start, @size), or @size.
 */
unsigned long bitmap_find_free_run(const unsigned long *map, unsigned long size,
				   unsigned long start, unsigned long n)
{
	unsigned long end;

	for (;;) {
		start = find_next_zero_bit(map, size, start);
		if (start >= size || size - start < n)
			return size;
		end = find_next_bit(map, start + n, start);
		if (end >= start + n)
			return start;
		start = end + 1;
	}
}
