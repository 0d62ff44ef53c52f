/*
 * Small helpers that every file may use: sizes, alignment, hints to the
 * compiler, and single-copy access to shared words.
 *
 * Nothing here has state or depends on the CPU.
 */
#pragma once

#include <stddef.h>

#include <abi/types.h>

#ifndef static_assert
#define static_assert _Static_assert
#endif

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#ifndef __noreturn
#define __noreturn __attribute__((noreturn))
#endif
#ifndef __packed
#define __packed __attribute__((packed))
#endif
#ifndef __aligned
#define __aligned(n) __attribute__((aligned(n)))
#endif
#ifndef __section
#define __section(name) __attribute__((section(name)))
#endif
#ifndef __used
#define __used __attribute__((used))
#endif
#ifndef __weak
#define __weak __attribute__((weak))
#endif
#ifndef __must_check
#define __must_check __attribute__((warn_unused_result))
#endif
#ifndef __printf
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))
#endif
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((unused))
#endif
#ifndef __cold
#define __cold __attribute__((cold))
#endif
#ifndef __percpu
#define __percpu
#endif
#ifndef fallthrough
#define fallthrough __attribute__((fallthrough))
#endif

/* A function that tools and people look for by its Linux name. */
#ifndef __landmark
#define __landmark __attribute__((noinline, noclone, used))
#endif

/* Read often and hardly ever written: away from what all CPUs write. */
#ifndef __read_mostly
#define __read_mostly __attribute__((section(".data..read_mostly")))
#endif

/* Used only until PID 1 starts; the memory is given back then. */
#ifndef __init
#define __init __attribute__((section(".init.text"), cold, noinline))
#endif
#ifndef __initdata
#define __initdata __attribute__((section(".init.data")))
#endif

/* One load or one store, not repeated, split or merged by the compiler. */
#define READ_ONCE(x)	 (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#ifndef barrier
#define barrier() __asm__ volatile("" ::: "memory")
#endif

#define container_of(ptr, type, member)                                        \
	({                                                                     \
		const __typeof__(((type *)0)->member) *__mptr = (ptr);         \
		(type *)((char *)__mptr - offsetof(type, member));             \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define min(a, b)                                                              \
	({                                                                     \
		__typeof__(a) __min_a = (a);                                   \
		__typeof__(b) __min_b = (b);                                   \
		__min_a < __min_b ? __min_a : __min_b;                         \
	})
#define max(a, b)                                                              \
	({                                                                     \
		__typeof__(a) __max_a = (a);                                   \
		__typeof__(b) __max_b = (b);                                   \
		__max_a > __max_b ? __max_a : __max_b;                         \
	})
#define min_t(type, a, b)	 min((type)(a), (type)(b))
#define max_t(type, a, b)	 max((type)(a), (type)(b))
#define min3(a, b, c)		 min(min(a, b), c)
#define max3(a, b, c)		 max(max(a, b), c)
#define clamp(v, lo, hi)	 min(max(v, lo), hi)
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)

#ifndef swap
#define swap(a, b)                                                             \
	do {                                                                   \
		__typeof__(a) __swap_tmp = (a);                                \
		(a) = (b);                                                     \
		(b) = __swap_tmp;                                              \
	} while (0)
#endif

/* The alignment must be a power of two. */
#define __ALIGN_MASK(x, mask) (((x) + (mask)) & ~(mask))
#define ALIGN(x, a)	      __ALIGN_MASK(x, (__typeof__(x))(a)-1)
#define ALIGN_DOWN(x, a)      ((x) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a)      (((x) & ((__typeof__(x))(a)-1)) == 0)
#define PTR_ALIGN(p, a)	      ((__typeof__(p))ALIGN((unsigned long)(p), (a)))

/* For any divisor. */
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define round_up(x, y)	   ((((x)-1) | ((__typeof__(x))(y)-1)) + 1)
#define round_down(x, y)   ((x) & ~((__typeof__(x))(y)-1))
#define roundup(x, y)	   (DIV_ROUND_UP(x, y) * (y))
#define rounddown(x, y)	   ((x) - ((x) % (y)))

#define BIT(n)	      (1UL << (n))
#define BIT_ULL(n)    (1ULL << (n))
#define BITS_PER_BYTE 8
#define BITS_PER_LONG 64
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (63 - (h))))

#define __stringify_1(x...) #x
#define __stringify(x...)   __stringify_1(x)
#define __concat_1(a, b)    a##b
#define __concat(a, b)	    __concat_1(a, b)

/* is_power_of_2 - true for 1, 2, 4, 8 ...; false for 0. */
static inline bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* fls64 - number (from 1) of the highest set bit; 0 for 0. */
static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

/* fls - number (from 1) of the highest set bit; 0 for 0. */
static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

/* __ffs - number (from 0) of the lowest set bit; @x must not be 0. */
static inline unsigned long __ffs(unsigned long x)
{
	return (unsigned long)__builtin_ctzl(x);
}

/* ilog2 - floor of the base-2 logarithm; @n must not be 0. */
static inline int ilog2(u64 n)
{
	return fls64(n) - 1;
}

/* roundup_pow_of_two - smallest power of two that is >= @n (n >= 1). */
static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n <= 1 ? 1 : 1UL << fls64(n - 1);
}

/* hweight64 - number of set bits. */
static inline unsigned int hweight64(u64 x)
{
	x -= (x >> 1) & 0x5555555555555555ULL;
	x = (x & 0x3333333333333333ULL) + ((x >> 2) & 0x3333333333333333ULL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (unsigned int)((x * 0x0101010101010101ULL) >> 56);
}

#define upper_32_bits(n) ((u32)((u64)(n) >> 32))
#define lower_32_bits(n) ((u32)((u64)(n)&0xffffffffU))
