/*
 * Tests of bitmap.c and hash.h.
 */
#include <kernel/lib/bitmap.h>
#include <kernel/lib/hash.h>
#include <tests/unit/unit.h>

#define BITS 200

TEST(bitmap_ranges_touch_only_their_bits)
{
	DECLARE_BITMAP(map, BITS);
	unsigned long start, n, i;

	for (start = 0; start < 140; start += 7) {
		for (n = 0; start + n <= BITS; n += 13) {
			bitmap_zero(map, BITS);
			bitmap_set(map, start, n);
			for (i = 0; i < BITS; i++)
				CHECK(bitmap_test(map, i) ==
				      (i >= start && i < start + n));
			CHECK(bitmap_weight(map, BITS) == n);
			CHECK(find_first_bit(map, BITS) == (n ? start : BITS));
			CHECK(find_last_bit(map, BITS) ==
			      (n ? start + n - 1 : BITS));
			bitmap_fill(map, BITS);
			bitmap_clear(map, start, n);
			CHECK(bitmap_weight(map, BITS) == BITS - n);
			CHECK(find_next_zero_bit(map, BITS, start) ==
			      (n ? start : BITS));
		}
	}
	bitmap_fill(map, BITS);
	CHECK(bitmap_full(map, BITS) && !bitmap_empty(map, BITS));
}

TEST(bitmap_finds_runs)
{
	DECLARE_BITMAP(map, BITS);

	bitmap_fill(map, BITS);
	bitmap_clear(map, 10, 3);
	bitmap_clear(map, 60, 10);
	bitmap_clear(map, 195, 5);
	CHECK(bitmap_find_free_run(map, BITS, 0, 3) == 10);
	CHECK(bitmap_find_free_run(map, BITS, 0, 4) == 60);
	CHECK(bitmap_find_free_run(map, BITS, 61, 9) == 61);
	CHECK(bitmap_find_free_run(map, BITS, 62, 9) == BITS);
	CHECK(bitmap_find_free_run(map, BITS, 190, 5) == 195);
	CHECK(bitmap_find_free_run(map, BITS, 190, 6) == BITS);
}

TEST(bitmap_walks_set_bits)
{
	DECLARE_BITMAP(map, BITS);
	unsigned long bit, sum = 0;

	bitmap_zero(map, BITS);
	bitmap_set_bit(map, 3);
	bitmap_set_bit(map, 64);
	bitmap_set_bit(map, 199);
	for_each_set_bit(bit, map, BITS) sum += bit;
	CHECK(sum == 266);
	bitmap_clear_bit(map, 64);
	CHECK(find_next_bit(map, BITS, 4) == 199);
}

TEST(hash_depends_on_every_byte_and_on_length)
{
	char name[20] = {0};
	u32 base = hash_bytes(name, 20, 1);
	int i;

	for (i = 0; i < 20; i++) {
		name[i] = 1;
		CHECK(hash_bytes(name, 20, 1) != base);
		name[i] = 0;
	}
	CHECK(hash_bytes(name, 19, 1) != base);
	CHECK(hash_bytes(name, 20, 2) != base);
	CHECK(hash_64(12345, 8) < 256);
}
