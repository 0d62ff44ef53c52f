/*
 * Hash functions for tables in memory: words, pointers, names.
 *
 * Multiplication by an odd constant near 2^64 over the golden ratio spreads
 * words; names are mixed eight bytes at a time.  None of this resists an
 * attacker by itself: hash_bytes() takes a salt for tables that programs fill.
 */
#pragma once

#include <kernel/lib/macros.h>

#define GOLDEN_RATIO_64 0x9e3779b97f4a7c15ULL

/* hash_64 - the top @bits (1 to 32) of a mixed @value. */
static inline u32 hash_64(u64 value, unsigned int bits)
{
	return (u32)((value * GOLDEN_RATIO_64) >> (64 - bits));
}

/* hash_long - as hash_64. */
static inline u32 hash_long(unsigned long value, unsigned int bits)
{
	return hash_64(value, bits);
}

/* hash_32 - as hash_64, for 32-bit values. */
static inline u32 hash_32(u32 value, unsigned int bits)
{
	return (value * 0x9e3779b1U) >> (32 - bits);
}

/* hash_ptr - as hash_64, for an address. */
static inline u32 hash_ptr(const void *p, unsigned int bits)
{
	return hash_64((u64)(uintptr_t)p, bits);
}

/* hash_mix - fold @value into @state; order matters. */
static inline u64 hash_mix(u64 state, u64 value)
{
	state = (state ^ value) * GOLDEN_RATIO_64;
	return state ^ (state >> 29);
}

/* hash_bytes - hash @len bytes at @data, starting from @salt. */
static inline u32 hash_bytes(const void *data, size_t len, u64 salt)
{
	const u8 *p = data;
	u64 state = salt + len;
	u64 word;

	for (; len >= 8; len -= 8, p += 8) {
		__builtin_memcpy(&word, p, 8);
		state = hash_mix(state, word);
	}
	word = 0;
	while (len > 0)
		word = (word << 8) | p[--len];
	state = hash_mix(state, word);
	return (u32)(state ^ (state >> 32));
}
