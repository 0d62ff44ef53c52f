/*
 * Random numbers: see random.h.
 *
 * The pool is a sponge over the ChaCha20 permutation: 16 words of state, of
 * which input is xor'ed into the first eight.  A key is squeezed out of those
 * eight, which are then erased, so an old pool state cannot be computed from a
 * new one.  Each CPU has a generator with a key of its own, taken from the
 * pool whenever the pool's generation has moved on.  A request replaces
 * that key first ("fast key erasure") and is then served by a one-time key.
 *
 * The block function is RFC 8439's, section 2.3.
 * Locks: pool_lock (LOCK_RANDOM) for the pool.  Generators: their CPU, with
 * interrupts off.
 * Entry points: random_init, get_random_bytes, get_random_u64, get_random_u32,
 * get_random_below, add_entropy, add_interrupt_randomness, random_ready.
 */
#include <kernel/base/random.h>

#include <kernel/arch/percpu.h>
#include <kernel/arch/random.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>

#define KEY_WORDS    8
#define POOL_BITS    256
#define IRQS_PER_MIX 64

static u32 pool[16];		 /* [pool_lock] */
static unsigned int pool_bits;	 /* [pool_lock] entropy believed to be in */
static unsigned long generation; /* [pool_lock to write] new key, new number */
static bool ready;		 /* 256 bits were in the pool once */
static DEFINE_SPINLOCK(pool_lock, LOCK_RANDOM);

struct generator {
	u32 key[KEY_WORDS];
	unsigned long generation; /* 0: has no key yet */
};

struct irq_pool {
	u64 mix[4];
	unsigned int count;
};

static DEFINE_PER_CPU(struct generator, generator);
static DEFINE_PER_CPU(struct irq_pool, irq_pool);

static inline u32 rotl32(u32 x, int n)
{
	return x << n | x >> (32 - n);
}

#define QUARTER(s, a, b, c, d)                                                 \
	do {                                                                   \
		s[a] += s[b], s[d] = rotl32(s[d] ^ s[a], 16);                  \
		s[c] += s[d], s[b] = rotl32(s[b] ^ s[c], 12);                  \
		s[a] += s[b], s[d] = rotl32(s[d] ^ s[a], 8);                   \
		s[c] += s[d], s[b] = rotl32(s[b] ^ s[c], 7);                   \
	} while (0)

/* Twenty rounds in place. */
static void permute(u32 s[16])
{
	int i;

	for (i = 0; i < 10; i++) {
		QUARTER(s, 0, 4, 8, 12);
		QUARTER(s, 1, 5, 9, 13);
		QUARTER(s, 2, 6, 10, 14);
		QUARTER(s, 3, 7, 11, 15);
		QUARTER(s, 0, 5, 10, 15);
		QUARTER(s, 1, 6, 11, 12);
		QUARTER(s, 2, 7, 8, 13);
		QUARTER(s, 3, 4, 9, 14);
	}
}

/* Block @counter of the key stream of @key, nonce 0. */
static void chacha_block(const u32 key[KEY_WORDS], u64 counter, u32 out[16])
{
	u32 start[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
	int i;

	memcpy(&start[4], key, KEY_WORDS * sizeof(u32));
	start[12] = (u32)counter;
	start[13] = (u32)(counter >> 32);
	memcpy(out, start, sizeof(start));
	permute(out);
	for (i = 0; i < 16; i++)
		out[i] += start[i];
	memzero_explicit(start, sizeof(start));
}

/* Xor @n bytes into the pool's open half and stir, 32 bytes at a time. */
static void pool_absorb(const u8 *p, size_t n)
{
	u32 chunk[KEY_WORDS];
	size_t len;
	int i;

	assert_held(&pool_lock);
	while (n > 0) {
		len = min(n, sizeof(chunk));
		memset(chunk, 0, sizeof(chunk));
		memcpy(chunk, p, len);
		for (i = 0; i < KEY_WORDS; i++)
			pool[i] ^= chunk[i];
		/* Tell a short chunk from one with zeros behind. */
		pool[KEY_WORDS] ^= (u32)len;
		permute(pool);
		p += len;
		n -= len;
	}
}

/* A key out of the pool; what it came from is erased. */
static void pool_squeeze(u32 key[KEY_WORDS])
{
	u64 hw[2] = {0, random_get_entropy()};

	assert_held(&pool_lock);
	if (!arch_get_random_seed(&hw[0]))
		(void)arch_get_random(&hw[0]);
	pool_absorb((const u8 *)hw, sizeof(hw));
	memcpy(key, pool, KEY_WORDS * sizeof(u32));
	memset(pool, 0, KEY_WORDS * sizeof(u32));
	permute(pool);
}

/* random_ready - has enough entropy come in? */
bool random_ready(void)
{
	return READ_ONCE(ready);
}

/* random_entropy_avail - for /proc/sys/kernel/random/entropy_avail. */
unsigned int random_entropy_avail(void)
{
	return READ_ONCE(pool_bits);
}

/* random_reseed - every generator takes a new key at its next request. */
void random_reseed(void)
{
	unsigned long flags;

	spin_lock_irqsave(&pool_lock, flags);
	WRITE_ONCE(generation, generation + 1);
	spin_unlock_irqrestore(&pool_lock, flags);
}

/* add_entropy - mix in @n bytes, worth @bits of entropy. */
void add_entropy(const void *buf, size_t n, unsigned int bits)
{
	const u8 *p = buf;
	unsigned long flags;
	size_t len;

	/* In pieces, so that interrupts are not off for long. */
	do {
		len = min(n, (size_t)256);
		spin_lock_irqsave(&pool_lock, flags);
		pool_absorb(p, len);
		p += len;
		n -= len;
		if (n == 0 && bits > 0) {
			pool_bits = min(pool_bits + bits, (u32)POOL_BITS);
			if (!ready && pool_bits == POOL_BITS) {
				WRITE_ONCE(generation, generation + 1);
				WRITE_ONCE(ready, true);
			}
		}
		spin_unlock_irqrestore(&pool_lock, flags);
	} while (n > 0);
}

/* add_interrupt_randomness - note that interrupt @irq came just now. */
void add_interrupt_randomness(unsigned int irq)
{
	struct irq_pool *p = this_cpu_ptr(&irq_pool);
	u64 now = random_get_entropy();
	unsigned int i = p->count % ARRAY_SIZE(p->mix);

	p->mix[i] = (p->mix[i] ^ now ^ irq) * 0x9e3779b97f4a7c15ULL;
	p->mix[i] ^= p->mix[i] >> 32;
	if (++p->count % IRQS_PER_MIX)
		return;
	/* One bit for each: cautious where interrupts are regular. */
	add_entropy(p->mix, sizeof(p->mix), IRQS_PER_MIX);
}

/*
 * Move this CPU's generator on; @once is a key for one request.
 */
static void take_once_key(u32 once[KEY_WORDS])
{
	struct generator *g;
	unsigned long flags;
	u32 block[16];

	local_irq_save(flags);
	g = this_cpu_ptr(&generator);
	if (unlikely(g->generation != READ_ONCE(generation))) {
		spin_lock(&pool_lock);
		pool_squeeze(g->key);
		g->generation = generation;
		spin_unlock(&pool_lock);
	}
	chacha_block(g->key, 0, block);
	memcpy(g->key, block, sizeof(g->key));
	local_irq_restore(flags);
	memcpy(once, &block[KEY_WORDS], KEY_WORDS * sizeof(u32));
	memzero_explicit(block, sizeof(block));
}

/* get_random_bytes - fill @buf. */
void get_random_bytes(void *buf, size_t n)
{
	u32 once[KEY_WORDS];
	u32 block[16];
	u64 counter = 0;
	u8 *p = buf;
	size_t len;

	take_once_key(once);
	if (n <= sizeof(once)) {
		memcpy(p, once, n);
		memzero_explicit(once, sizeof(once));
		return;
	}
	while (n > 0) {
		len = min(n, sizeof(block));
		chacha_block(once, counter++, block);
		memcpy(p, block, len);
		p += len;
		n -= len;
	}
	memzero_explicit(block, sizeof(block));
	memzero_explicit(once, sizeof(once));
}

/* get_random_u64 - a word. */
u64 get_random_u64(void)
{
	u64 v;

	get_random_bytes(&v, sizeof(v));
	return v;
}

/* get_random_u32 - half a word. */
u32 get_random_u32(void)
{
	u32 v;

	get_random_bytes(&v, sizeof(v));
	return v;
}

/* get_random_below - uniform in [0, @ceil); @ceil is not 0. */
u32 get_random_below(u32 ceil)
{
	u64 product = (u64)get_random_u32() * ceil;
	u32 unfair = -ceil % ceil; /* low parts that would come up too often */

	while ((u32)product < unfair)
		product = (u64)get_random_u32() * ceil;
	return (u32)(product >> 32);
}

/*
 * Time the loop below against the counter; each step whose length differs
 * from the last two lengths is worth a bit.  Returns the bits.
 */
static unsigned int gather_jitter(void)
{
	u64 last = random_get_entropy();
	u64 delta = 0, delta2 = 0;
	unsigned int bits = 0;
	int i, j;

	for (i = 0; i < 1024; i++) {
		u64 now, d;

		for (j = 0; j < 16; j++)
			barrier();
		now = random_get_entropy();
		d = now - last;
		if (d != delta && d != delta2)
			bits++;
		delta2 = delta;
		delta = d;
		last = now;
		if (i % 8 == 7)
			add_entropy(&now, sizeof(now), 0);
	}
	return bits;
}

/* random_init - first seed: CPU's generator, counters, boot data. */
void random_init(const void *boot_data, size_t len)
{
	unsigned int got = 0, bits = 0;
	u64 hw[4] = {0};
	unsigned int i;

	WRITE_ONCE(generation, 1);
	add_entropy(boot_data, len, 0);
	for (i = 0; i < ARRAY_SIZE(hw); i++)
		got += arch_get_random_seed(&hw[i]) || arch_get_random(&hw[i]);
	add_entropy(hw, sizeof(hw), got * 64);
	if (!random_ready()) {
		bits = gather_jitter();
		add_entropy(&bits, sizeof(bits), bits);
	}
	memzero_explicit(hw, sizeof(hw));
}
