/*
 * The Internet checksum (RFC 1071): 16-bit one's complement sums.
 */
#pragma once

#include <kernel/lib/macros.h>

/* csum_partial - add @len bytes to the running sum @sum (native order). */
u32 csum_partial(const void *p, size_t len, u32 sum);

/* csum_fold - fold a running sum to the 16 bits that go into a header. */
u16 csum_fold(u32 sum);

/* ip_compute_csum - csum_fold(csum_partial(p, len, 0)). */
u16 ip_compute_csum(const void *p, size_t len);
