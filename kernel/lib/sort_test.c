/*
 * Tests of sort.c, crc32.c and checksum.c.
 */
#include <kernel/lib/checksum.h>
#include <kernel/lib/crc32.h>
#include <kernel/lib/sort.h>
#include <tests/unit/unit.h>

struct pair {
	u32 key;
	u8 rest[5];
};

static int by_key(const void *a, const void *b)
{
	u32 x = ((const struct pair *)a)->key;
	u32 y = ((const struct pair *)b)->key;

	return x < y ? -1 : x > y;
}

TEST(sort_sorts_and_bsearch_finds)
{
	static struct pair p[300];
	struct pair want;
	size_t n, i;

	for (n = 0; n < 300; n += 23) {
		for (i = 0; i < n; i++) {
			p[i].key = (u32)(unit_random() % 1000) * 2;
			p[i].rest[4] = (u8)(p[i].key / 2);
		}
		sort(p, n, sizeof(p[0]), by_key);
		for (i = 0; i < n; i++) {
			CHECK(i == 0 || p[i - 1].key <= p[i].key);
			CHECK(p[i].rest[4] == (u8)(p[i].key / 2));
			want.key = p[i].key;
			CHECK(((struct pair *)bsearch(&want, p, n, sizeof(p[0]),
						      by_key))
				      ->key == want.key);
			want.key++;
			CHECK(!bsearch(&want, p, n, sizeof(p[0]), by_key));
		}
	}
}

/* The check value of both catalogues is over "123456789". */
TEST(crc32_gives_the_known_values)
{
	CHECK(crc32("123456789", 9) == 0xcbf43926);
	CHECK(~crc32c_le(~0U, "123456789", 9) == 0xe3069283);
	CHECK(crc32("", 0) == 0);
	CHECK(crc32_le(crc32_le(~0U, "1234", 4), "56789", 5) == ~0xcbf43926);
}

/* RFC 1071, section 3. */
TEST(checksum_gives_the_rfc_example)
{
	static const u8 data[] = {0x00, 0x01, 0xf2, 0x03,
				  0xf4, 0xf5, 0xf6, 0xf7};
	u32 sum = csum_partial(data, 8, 0);

	CHECK(csum_fold(sum) == (u16) ~(0xdd | 0xf2 << 8));
	CHECK(csum_fold(csum_partial(data + 2, 6, csum_partial(data, 2, 0))) ==
	      csum_fold(sum));
	CHECK(ip_compute_csum(data, 3) == (u16) ~(0x00f2 + 0x0100));
}
