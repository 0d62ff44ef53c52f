/*
 * The CPU's random numbers, as one source among others for the entropy pool.
 *
 * Entry points: arch_get_random_seed, arch_get_random, random_get_entropy.
 */
#pragma once

#include <abi/types.h>
#include <kernel/arch/io.h>

/* rdseed, or false: the CPU has none or it ran dry. */
bool arch_get_random_seed(u64 *out);

/* rdrand, likewise. */
bool arch_get_random(u64 *out);

/* A fast counter whose low bits at the time of an interrupt are noise. */
static inline u64 random_get_entropy(void)
{
	return rdtsc();
}
