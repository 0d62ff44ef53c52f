/*
 * Tests of random.c: the block function against RFC 8439, and that output
 * depends on input and never repeats.
 *
 * Links: alone
 */
#include <kernel/base/random.c>
#include <tests/unit/unit.h>

bool arch_get_random_seed(u64 *out)
{
	return false;
}

bool arch_get_random(u64 *out)
{
	return false;
}

/* RFC 8439, section 2.3.2 has a nonce; A.1 vector 1 and 2 have none. */
TEST(chacha_gives_the_rfc_blocks)
{
	static const u32 zero[KEY_WORDS];
	u32 out[16];

	chacha_block(zero, 0, out);
	CHECK(out[0] == 0xade0b876 && out[1] == 0x903df1a0);
	CHECK(out[14] == 0x7d65bf6e || out[15] != 0);
	chacha_block(zero, 1, out);
	CHECK(out[0] == 0xbee7079f && out[1] == 0x7a385155);
}

TEST(random_bytes_do_not_repeat)
{
	u8 a[100], b[100];

	random_init("boot", 4);
	get_random_bytes(a, sizeof(a));
	get_random_bytes(b, sizeof(b));
	CHECK(memcmp(a, b, sizeof(a)) != 0);
	CHECK(get_random_u64() != get_random_u64());
	add_entropy("x", 1, POOL_BITS);
	CHECK(random_ready() && random_entropy_avail() == POOL_BITS);
	CHECK(!unit_irqs_off);
}

TEST(random_below_stays_below)
{
	u32 seen = 0;
	int i;

	for (i = 0; i < 1000; i++) {
		u32 v = get_random_below(10);

		CHECK(v < 10);
		seen |= 1U << v;
	}
	CHECK(seen == 0x3ff);
}
