/*
 * Random numbers: a ChaCha20 generator over a pool fed by events.
 *
 * Every input is mixed into a 256-bit pool by the ChaCha permutation; the
 * generator's key comes from the pool and is replaced after each request,
 * so that what was given out cannot be computed back.
 */
#pragma once

#include <kernel/lib/macros.h>

/* random_init - first seed: CPU's generator, counters, boot data. */
void random_init(const void *boot_data, size_t len);

/* get_random_bytes - fill @buf; any context; never waits. */
void get_random_bytes(void *buf, size_t n);

/* get_random_u64, get_random_u32 - a word; any context. */
u64 get_random_u64(void);
u32 get_random_u32(void);

/* get_random_below - uniform in [0, @ceil); @ceil is not 0. */
u32 get_random_below(u32 ceil);

/* random_ready - has enough entropy come in (what getrandom(2) waits for)? */
bool random_ready(void);

/*
 * add_entropy - mix in @n bytes; @bits of them are believed to be unknown
 * to an attacker (0 for what a program wrote to /dev/random).
 */
void add_entropy(const void *buf, size_t n, unsigned int bits);

/* add_interrupt_randomness - note that interrupt @irq came just now. */
void add_interrupt_randomness(unsigned int irq);

/* random_entropy_avail - for /proc/sys/kernel/random/entropy_avail. */
unsigned int random_entropy_avail(void);

/* random_reseed - RNDRESEEDCRNG: take a new key from the pool. */
void random_reseed(void);
