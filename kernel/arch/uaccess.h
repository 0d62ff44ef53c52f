/*
 * The only way to the memory of programs.
 *
 * Every access checks that the address is below TASK_SIZE_MAX, opens SMAP for
 * its few instructions, and resumes at a fixup (extable) if a page cannot be
 * had.  All of these may sleep (a page fault may read a disk) unless
 * pagefault_disable() was called: then a missing page is -EFAULT at once.
 *
 * Entry points: copy_to_user, copy_from_user, get_user, put_user, clear_user,
 * user_access_begin/end with unsafe_get_user and unsafe_put_user,
 * strncpy_from_user, strnlen_user, access_ok, pagefault_disable/enable,
 * user_cmpxchg_u32.
 */
#pragma once

#include <abi/errno.h>
#include <abi/types.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/percpu.h>
#include <kernel/lib/macros.h>

/*
 * Places where SMAP is opened and closed hold a three-byte nop until boot
 * finds that the CPU has SMAP; then they become stac and clac.
 */
#define SMAP_SITE(nop)                                                         \
	"771: " nop "\n"                                                       \
	".pushsection .smap_sites,\"a\"\n"                                     \
	".long 771b - .\n"                                                     \
	".popsection\n"
#define ASM_STAC SMAP_SITE(".byte 0x0f, 0x1f, 0x00")
#define ASM_CLAC SMAP_SITE(".byte 0x0f, 0x1f, 0x01")

/* If the instruction at @from faults, go on at @to; as names, or as strings. */
#define ASM_EXTABLE_STRINGS(from, to)                                          \
	".pushsection __ex_table,\"a\"\n"                                      \
	".balign 4\n"                                                          \
	".long " from " - .\n"                                                 \
	".long " to " - .\n"                                                   \
	".popsection\n"
#define ASM_EXTABLE(from, to) ASM_EXTABLE_STRINGS(#from, #to)

/* Does [addr, addr+size) lie in the user half?  Says nothing about pages. */
static inline bool access_ok__(unsigned long addr, unsigned long size)
{
	return size <= TASK_SIZE_MAX && addr <= TASK_SIZE_MAX - size;
}
#define access_ok(addr, size) access_ok__((unsigned long)(addr), (size))

/*
 * The same for a range that is about to be touched, from its start on.  For a
 * size known to the compiler the top bit tells enough: from the user half's end
 * up to 1 << 63 nothing is ever mapped, and the fixup makes it -EFAULT.
 */
static inline bool user_range_ok__(const void __user *p, unsigned long size)
{
	if (__builtin_constant_p(size))
		return (long)(uintptr_t)p >= 0;
	return access_ok(p, size);
}

/*
 * user_access_begin, user_access_end - open the user half for unsafe_get_user()
 * and unsafe_put_user() between them, if all of [p, p+n) lies there.  Nothing
 * else may be called in between.  An access to memory that cannot be had goes
 * to the label, where user_access_end() is still to be called.
 */
static inline bool user_access_begin(const void __user *p, unsigned long n)
{
	if (!user_range_ok__(p, n))
		return false;
	__asm__ volatile(ASM_STAC ::: "memory");
	return true;
}

static inline void user_access_end(void)
{
	__asm__ volatile(ASM_CLAC ::: "memory");
}

/* What @p points to, as an operand of asm(). */
#define USER_OPERAND__(p) (*(__force u8(*)[sizeof(*(p))])(p))

#define unsafe_put_user(x, p, label)                                           \
	__asm__ goto("1: mov %0, %1\n" ASM_EXTABLE_STRINGS("1b", "%l2")        \
		     :                                                         \
		     : "r"((__typeof__(*(p)))(x)), "m"(USER_OPERAND__(p))      \
		     : "memory"                                                \
		     : label)

/* @x is as wide as *@p. */
#define unsafe_get_user(x, p, label)                                           \
	do {                                                                   \
		__typeof__(x) ug_v__;                                          \
		_Static_assert(sizeof(x) == sizeof(*(p)), "same size");        \
		__asm__ goto(                                                  \
			"1: mov %1, %0\n" ASM_EXTABLE_STRINGS("1b", "%l2")     \
			: "=r"(ug_v__)                                         \
			: "m"(USER_OPERAND__(p))                               \
			: "memory"                                             \
			: label);                                              \
		(x) = ug_v__;                                                  \
	} while (0)

/* Bytes NOT copied; without the access_ok check.  In uaccess.S. */
unsigned long copy_user_generic(void *dst, const void *src, unsigned long n);
unsigned long clear_user_generic(void *dst, unsigned long n);

typedef u64 __attribute__((may_alias, aligned(1))) user_word__;

/* Is it worth it to copy @n bytes in line? */
#define FEW_WORDS__(n)                                                         \
	(__builtin_constant_p(n) && (n) <= 4 * sizeof(u64) &&                  \
	 (n) % sizeof(u64) == 0)

/* @n is FEW_WORDS__.  True: done. */
static __always_inline bool put_words__(user_word__ __user *dst,
					const user_word__ *src, unsigned long n)
{
	unsigned long i;

	if (!user_access_begin(dst, n))
		return false;
#pragma GCC unroll 4
	for (i = 0; i < n / sizeof(*dst); i++)
		unsafe_put_user(src[i], &dst[i], fault);
	user_access_end();
	return true;

fault:
	user_access_end();
	return false;
}

static __always_inline bool get_words__(user_word__ *dst,
					const user_word__ __user *src,
					unsigned long n)
{
	unsigned long i;

	if (!user_access_begin(src, n))
		return false;
#pragma GCC unroll 4
	for (i = 0; i < n / sizeof(*dst); i++)
		unsafe_get_user(dst[i], &src[i], fault);
	user_access_end();
	return true;

fault:
	user_access_end();
	return false;
}

/*
 * copy_to_user - returns the number of bytes NOT copied: 0 is success.  Few
 * words of a known size count as one: all or nothing.
 */
static __always_inline unsigned long copy_to_user(void __user *dst,
						  const void *src,
						  unsigned long n)
{
	if (FEW_WORDS__(n))
		return put_words__(dst, src, n) ? 0 : n;
	if (!user_range_ok__(dst, n))
		return n;
	return copy_user_generic((__force void *)dst, src, n);
}

/* copy_from_user - the same; what could not be read is zeroed in @dst. */
static __always_inline unsigned long copy_from_user(void *dst,
						    const void __user *src,
						    unsigned long n)
{
	unsigned long left = n;

	if (FEW_WORDS__(n))
		left = get_words__(dst, src, n) ? 0 : n;
	else if (user_range_ok__(src, n))
		left = copy_user_generic(dst, (__force const void *)src, n);
	if (__builtin_expect(left != 0, 0))
		__builtin_memset((char *)dst + (n - left), 0, left);
	return left;
}

/* clear_user - zero user memory; returns the number of bytes NOT zeroed. */
static inline unsigned long clear_user(void __user *dst, unsigned long n)
{
	if (!user_range_ok__(dst, n))
		return n;
	return clear_user_generic((__force void *)dst, n);
}

#define get_user_asm__(insn, x, p, err)                                        \
	__asm__ volatile(ASM_STAC "1: " insn " %2, %1\n"                       \
				  "2: " ASM_CLAC                               \
				  ".pushsection .text.fixup,\"ax\"\n"          \
				  "3: movl %3, %0\n"                           \
				  "xorl %k1, %k1\n"                            \
				  "jmp 2b\n"                                   \
				  ".popsection\n" ASM_EXTABLE(1b, 3b)          \
			 : "+r"(err), "=&q"(x)                                 \
			 : "m"(*(p)), "i"(-EFAULT)                             \
			 : "memory")

#define put_user_asm__(insn, x, p, err)                                        \
	__asm__ volatile(ASM_STAC "1: " insn " %1, %2\n"                       \
				  "2: " ASM_CLAC                               \
				  ".pushsection .text.fixup,\"ax\"\n"          \
				  "3: movl %3, %0\n"                           \
				  "jmp 2b\n"                                   \
				  ".popsection\n" ASM_EXTABLE(1b, 3b)          \
			 : "+r"(err)                                           \
			 : "q"(x), "m"(*(p)), "i"(-EFAULT)                     \
			 : "memory")

/* Size by size, so that each variable has the register's width. */
#define DEFINE_USER_ACCESS(type, insn)                                         \
	static inline int get_user_##type(type *x, const type __user *p)       \
	{                                                                      \
		int err = 0;                                                   \
                                                                               \
		if (!user_range_ok__(p, sizeof(*p))) {                         \
			*x = 0;                                                \
			return -EFAULT;                                        \
		}                                                              \
		get_user_asm__(insn, *x, (__force const type *)p, err);        \
		return err;                                                    \
	}                                                                      \
	static inline int put_user_##type(type x, type __user *p)              \
	{                                                                      \
		int err = 0;                                                   \
                                                                               \
		if (!user_range_ok__(p, sizeof(*p)))                           \
			return -EFAULT;                                        \
		put_user_asm__(insn, x, (__force type *)p, err);               \
		return err;                                                    \
	}

DEFINE_USER_ACCESS(u8, "movb")
DEFINE_USER_ACCESS(u16, "movw")
DEFINE_USER_ACCESS(u32, "movl")
DEFINE_USER_ACCESS(u64, "movq")
#undef DEFINE_USER_ACCESS

#define get_user_sized__(type, x, p)                                           \
	({                                                                     \
		type gu_v__;                                                   \
		int gu_e__ =                                                   \
			get_user_##type(&gu_v__, (const type __user *)(p));    \
		(x) = (__typeof__(*(p)))(unsigned long)gu_v__;                 \
		gu_e__;                                                        \
	})

/* get_user(x, p) - x = *p; 0 or -EFAULT (then x is 0).  1, 2, 4 or 8 bytes. */
#define get_user(x, p)                                                         \
	__builtin_choose_expr(                                                 \
		sizeof(*(p)) == 1, get_user_sized__(u8, x, p),                 \
		__builtin_choose_expr(                                         \
			sizeof(*(p)) == 2, get_user_sized__(u16, x, p),        \
			__builtin_choose_expr(sizeof(*(p)) == 4,               \
					      get_user_sized__(u32, x, p),     \
					      get_user_sized__(u64, x, p))))

#define put_user_sized__(type, x, p)                                           \
	put_user_##type((type)(unsigned long)(x), (type __user *)(p))

/* put_user(x, p) - *p = x; 0 or -EFAULT.  1, 2, 4 or 8 bytes. */
#define put_user(x, p)                                                         \
	({                                                                     \
		__typeof__((__typeof__(*(p)))(x)) pu_x__ = (x);                \
		__builtin_choose_expr(                                         \
			sizeof(*(p)) == 1, put_user_sized__(u8, pu_x__, p),    \
			__builtin_choose_expr(                                 \
				sizeof(*(p)) == 2,                             \
				put_user_sized__(u16, pu_x__, p),              \
				__builtin_choose_expr(                         \
					sizeof(*(p)) == 4,                     \
					put_user_sized__(u32, pu_x__, p),      \
					put_user_sized__(u64, pu_x__, p))));   \
	})

/*
 * strncpy_from_user - copy a string of at most @n bytes, the zero included.
 * Returns its length without the zero, @n if no zero came within @n bytes
 * (then @dst is not terminated), or -EFAULT.
 */
long strncpy_from_user(char *dst, const char __user *src, long n);

/*
 * strnlen_user - length of a user string with its zero; more than @n if there
 * is no zero within @n bytes, 0 on a fault.
 */
long strnlen_user(const char __user *s, long n);

/*
 * user_cmpxchg_u32 - atomic compare and exchange of a futex word.  Returns 0
 * and the value found in *@found, or -EFAULT.
 */
int user_cmpxchg_u32(u32 *found, u32 __user *p, u32 old, u32 new);

/* While disabled, a fault on user memory is not served: the access fails. */
DECLARE_PER_CPU(int, pagefault_disabled_count);

static inline void pagefault_disable(void)
{
	this_cpu_inc(pagefault_disabled_count);
}

static inline void pagefault_enable(void)
{
	this_cpu_dec(pagefault_disabled_count);
}

static inline bool pagefault_disabled(void)
{
	return this_cpu_read(pagefault_disabled_count) != 0;
}
