/*
 * The only way to the memory of programs.
 *
 * Every access checks that the address is below TASK_SIZE_MAX, opens SMAP for
 * its few instructions, and resumes at a fixup (extable) if a page cannot be
 * had.  All of these may sleep (a page fault may read a disk) unless
 * pagefault_disable() was called: then a missing page is -EFAULT at once.
 *
 * Entry points: copy_to_user, copy_from_user, get_user, put_user, clear_user,
 * strncpy_from_user, strnlen_user, access_ok, pagefault_disable/enable,
 * user_cmpxchg_u32.
 */
#pragma once

#include <abi/errno.h>
#include <abi/types.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/percpu.h>

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

/* If the instruction at @from faults, go on at @to. */
#define ASM_EXTABLE(from, to)                                                  \
	".pushsection __ex_table,\"a\"\n"                                      \
	".balign 4\n"                                                          \
	".long " #from " - .\n"                                                \
	".long " #to " - .\n"                                                  \
	".popsection\n"

/* Does [addr, addr+size) lie in the user half?  Says nothing about pages. */
static inline bool access_ok__(unsigned long addr, unsigned long size)
{
	return size <= TASK_SIZE_MAX && addr <= TASK_SIZE_MAX - size;
}
#define access_ok(addr, size) access_ok__((unsigned long)(addr), (size))

/* Bytes NOT copied; without the access_ok check.  In uaccess.S. */
unsigned long copy_user_generic(void *dst, const void *src, unsigned long n);
unsigned long clear_user_generic(void *dst, unsigned long n);

/* copy_to_user - returns the number of bytes NOT copied: 0 is success. */
static inline unsigned long copy_to_user(void __user *dst, const void *src,
					 unsigned long n)
{
	if (!access_ok(dst, n))
		return n;
	return copy_user_generic((__force void *)dst, src, n);
}

/*
 * copy_from_user - returns the number of bytes NOT copied: 0 is success.  What
 * could not be read is zeroed in @dst.
 */
static inline unsigned long copy_from_user(void *dst, const void __user *src,
					   unsigned long n)
{
	unsigned long left = n;

	if (access_ok(src, n))
		left = copy_user_generic(dst, (__force const void *)src, n);
	if (__builtin_expect(left != 0, 0))
		__builtin_memset((char *)dst + (n - left), 0, left);
	return left;
}

/* clear_user - zero user memory; returns the number of bytes NOT zeroed. */
static inline unsigned long clear_user(void __user *dst, unsigned long n)
{
	if (!access_ok(dst, n))
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
		if (!access_ok(p, sizeof(*p))) {                               \
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
		if (!access_ok(p, sizeof(*p)))                                 \
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
