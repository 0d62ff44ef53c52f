/*
 * CRC-32: the IEEE 802.3 polynomial (gzip, GPT) and Castagnoli's (ext4, btrfs).
 *
 * Both are bit-reflected.  The raw functions neither invert at the start nor
 * at the end, so that pieces can be chained.
 */
#pragma once

#include <kernel/lib/macros.h>

/* crc32_le - continue @crc over @len bytes, IEEE polynomial, raw. */
u32 crc32_le(u32 crc, const void *p, size_t len);

/* crc32c_le - continue @crc over @len bytes, Castagnoli polynomial, raw. */
u32 crc32c_le(u32 crc, const void *p, size_t len);

/* crc32 - the checksum gzip and GPT use: inverted at both ends. */
static inline u32 crc32(const void *p, size_t len)
{
	return ~crc32_le(~0U, p, len);
}
