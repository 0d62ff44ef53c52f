/*
 * Atomic integers and bits, with Linux's names.
 *
 * Everything that returns a value is a full barrier; atomic_read, atomic_set
 * and the plain inc/dec/add only promise not to tear.  Built on the compiler's
 * builtins, so the same header serves host tests.
 *
 * Entry points: atomic_*, atomic64_*, cmpxchg, xchg, set_bit and kin.
 */
#pragma once

#include <abi/types.h>

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

#define ATOMIC_INIT(i)                                                         \
	{                                                                      \
		(i)                                                            \
	}
#define ATOMIC64_INIT(i)                                                       \
	{                                                                      \
		(i)                                                            \
	}

/* cmpxchg - store @new at @p if it holds @old; returns what it held. */
#define cmpxchg(p, old, new) __sync_val_compare_and_swap((p), (old), (new))

/* try_cmpxchg - the same; true if stored, else *@oldp is what it held. */
#define try_cmpxchg(p, oldp, new)                                              \
	__atomic_compare_exchange_n((p), (oldp), (new), 0, __ATOMIC_SEQ_CST,   \
				    __ATOMIC_SEQ_CST)

/* xchg - store @v at @p; returns what it held. */
#define xchg(p, v) __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)

/*
 * One set of operations per width.  The names after the prefix are Linux's:
 * X_and_test is true when the result is zero, X_return gives the new value,
 * fetch_X the old one, add_unless adds unless the value is @u (true if added).
 */
#define DEFINE_ATOMIC_OPS(name, type, T)                                       \
	static inline T name##_read(const type *v)                             \
	{                                                                      \
		return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);         \
	}                                                                      \
	static inline T name##_read_acquire(const type *v)                     \
	{                                                                      \
		return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);         \
	}                                                                      \
	static inline void name##_set(type *v, T i)                            \
	{                                                                      \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);            \
	}                                                                      \
	static inline void name##_set_release(type *v, T i)                    \
	{                                                                      \
		__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);            \
	}                                                                      \
	static inline void name##_add(T i, type *v)                            \
	{                                                                      \
		(void)__atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);    \
	}                                                                      \
	static inline void name##_sub(T i, type *v)                            \
	{                                                                      \
		(void)__atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);    \
	}                                                                      \
	static inline void name##_inc(type *v)                                 \
	{                                                                      \
		name##_add(1, v);                                              \
	}                                                                      \
	static inline void name##_dec(type *v)                                 \
	{                                                                      \
		name##_sub(1, v);                                              \
	}                                                                      \
	static inline T name##_add_return(T i, type *v)                        \
	{                                                                      \
		return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);   \
	}                                                                      \
	static inline T name##_sub_return(T i, type *v)                        \
	{                                                                      \
		return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);   \
	}                                                                      \
	static inline T name##_inc_return(type *v)                             \
	{                                                                      \
		return name##_add_return(1, v);                                \
	}                                                                      \
	static inline T name##_dec_return(type *v)                             \
	{                                                                      \
		return name##_sub_return(1, v);                                \
	}                                                                      \
	static inline T name##_fetch_add(T i, type *v)                         \
	{                                                                      \
		return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);   \
	}                                                                      \
	static inline T name##_fetch_sub(T i, type *v)                         \
	{                                                                      \
		return __atomic_fetch_sub(&v->counter, i, __ATOMIC_SEQ_CST);   \
	}                                                                      \
	static inline T name##_fetch_or(T i, type *v)                          \
	{                                                                      \
		return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);    \
	}                                                                      \
	static inline T name##_fetch_and(T i, type *v)                         \
	{                                                                      \
		return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);   \
	}                                                                      \
	static inline void name##_or(T i, type *v)                             \
	{                                                                      \
		(void)__atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);     \
	}                                                                      \
	static inline void name##_and(T i, type *v)                            \
	{                                                                      \
		(void)__atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);    \
	}                                                                      \
	static inline bool name##_inc_and_test(type *v)                        \
	{                                                                      \
		return name##_add_return(1, v) == 0;                           \
	}                                                                      \
	static inline bool name##_dec_and_test(type *v)                        \
	{                                                                      \
		return name##_sub_return(1, v) == 0;                           \
	}                                                                      \
	static inline bool name##_sub_and_test(T i, type *v)                   \
	{                                                                      \
		return name##_sub_return(i, v) == 0;                           \
	}                                                                      \
	static inline T name##_xchg(type *v, T i)                              \
	{                                                                      \
		return xchg(&v->counter, i);                                   \
	}                                                                      \
	static inline T name##_cmpxchg(type *v, T old, T new)                  \
	{                                                                      \
		return cmpxchg(&v->counter, old, new);                         \
	}                                                                      \
	static inline bool name##_try_cmpxchg(type *v, T *old, T new)          \
	{                                                                      \
		return try_cmpxchg(&v->counter, old, new);                     \
	}                                                                      \
	static inline bool name##_add_unless(type *v, T i, T u)                \
	{                                                                      \
		T c = name##_read(v);                                          \
                                                                               \
		while (c != u) {                                               \
			if (name##_try_cmpxchg(v, &c, c + i))                  \
				return true;                                   \
		}                                                              \
		return false;                                                  \
	}                                                                      \
	static inline bool name##_inc_not_zero(type *v)                        \
	{                                                                      \
		return name##_add_unless(v, 1, 0);                             \
	}

DEFINE_ATOMIC_OPS(atomic, atomic_t, int)
DEFINE_ATOMIC_OPS(atomic64, atomic64_t, s64)

#undef DEFINE_ATOMIC_OPS

#define BITS_PER_LONG 64

/* Bits of an array of longs: set_bit and kin are atomic, __set_bit is not. */

static inline unsigned long *bit_word(volatile unsigned long *p, long nr)
{
	return (unsigned long *)p + nr / BITS_PER_LONG;
}

static inline unsigned long bit_of(long nr)
{
	return 1UL << (nr % BITS_PER_LONG);
}

static inline void set_bit(long nr, volatile unsigned long *p)
{
	(void)__atomic_fetch_or(bit_word(p, nr), bit_of(nr), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(long nr, volatile unsigned long *p)
{
	(void)__atomic_fetch_and(bit_word(p, nr), ~bit_of(nr),
				 __ATOMIC_SEQ_CST);
}

static inline void clear_bit_unlock(long nr, volatile unsigned long *p)
{
	(void)__atomic_fetch_and(bit_word(p, nr), ~bit_of(nr),
				 __ATOMIC_RELEASE);
}

static inline void change_bit(long nr, volatile unsigned long *p)
{
	(void)__atomic_fetch_xor(bit_word(p, nr), bit_of(nr), __ATOMIC_SEQ_CST);
}

static inline bool test_bit(long nr, const volatile unsigned long *p)
{
	return __atomic_load_n(bit_word((volatile unsigned long *)p, nr),
			       __ATOMIC_RELAXED) &
	       bit_of(nr);
}

static inline bool test_and_set_bit(long nr, volatile unsigned long *p)
{
	return __atomic_fetch_or(bit_word(p, nr), bit_of(nr),
				 __ATOMIC_SEQ_CST) &
	       bit_of(nr);
}

static inline bool test_and_clear_bit(long nr, volatile unsigned long *p)
{
	return __atomic_fetch_and(bit_word(p, nr), ~bit_of(nr),
				  __ATOMIC_SEQ_CST) &
	       bit_of(nr);
}

static inline void __set_bit(long nr, volatile unsigned long *p)
{
	*bit_word(p, nr) |= bit_of(nr);
}

static inline void __clear_bit(long nr, volatile unsigned long *p)
{
	*bit_word(p, nr) &= ~bit_of(nr);
}
