/*
 * CRC-32 with two polynomials, four bits at a time: 16 words of table each.
 *
 * The tables are computed by the compiler: entry i is i pushed through four
 * steps of the shift register.
 * Entry points: crc32_le, crc32c_le.
 */
#include <kernel/lib/crc32.h>

#define STEP(p, x)   (((x) >> 1) ^ (((x)&1) ? (p) : 0))
#define NIBBLE(p, i) STEP(p, STEP(p, STEP(p, STEP(p, (u32)(i)))))
#define TABLE(p)                                                               \
	{                                                                      \
		NIBBLE(p, 0), NIBBLE(p, 1), NIBBLE(p, 2), NIBBLE(p, 3),        \
			NIBBLE(p, 4), NIBBLE(p, 5), NIBBLE(p, 6),              \
			NIBBLE(p, 7), NIBBLE(p, 8), NIBBLE(p, 9),              \
			NIBBLE(p, 10), NIBBLE(p, 11), NIBBLE(p, 12),           \
			NIBBLE(p, 13), NIBBLE(p, 14), NIBBLE(p, 15),           \
	}

static const u32 table_ieee[16] = TABLE(0xedb88320U);
static const u32 table_castagnoli[16] = TABLE(0x82f63b78U);

static u32 run(const u32 *table, u32 crc, const u8 *p, size_t len)
{
	for (; len > 0; len--) {
		crc ^= *p++;
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return crc;
}

/* crc32_le - continue @crc over @len bytes, IEEE polynomial, raw. */
u32 crc32_le(u32 crc, const void *p, size_t len)
{
	return run(table_ieee, crc, p, len);
}

/* crc32c_le - continue @crc over @len bytes, Castagnoli polynomial, raw. */
u32 crc32c_le(u32 crc, const void *p, size_t len)
{
	return run(table_castagnoli, crc, p, len);
}
