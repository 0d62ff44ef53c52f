/*
 * The Internet checksum: see checksum.h.
 *
 * 32-bit words are added into 64 bits and folded at the end; the one's
 * complement sum does not depend on the width of the steps.
 * Entry points: csum_partial, csum_fold, ip_compute_csum.
 */
#include <kernel/lib/checksum.h>

/* csum_partial - add @len bytes to the running sum @sum. */
u32 csum_partial(const void *p, size_t len, u32 sum)
{
	const u8 *s = p;
	u64 total = sum;
	u32 word;

	for (; len >= 4; len -= 4, s += 4) {
		__builtin_memcpy(&word, s, 4);
		total += word;
	}
	if (len >= 2) {
		total += (u32)s[0] | (u32)s[1] << 8;
		s += 2;
	}
	if (len & 1)
		total += s[0];
	total = (total & 0xffffffff) + (total >> 32);
	total = (total & 0xffffffff) + (total >> 32);
	return (u32)total;
}

/* csum_fold - fold a running sum to the 16 bits that go into a header. */
u16 csum_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

/* ip_compute_csum - the checksum of @len bytes. */
u16 ip_compute_csum(const void *p, size_t len)
{
	return csum_fold(csum_partial(p, len, 0));
}
