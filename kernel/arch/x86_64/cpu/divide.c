/*
 * 128-bit division, which the compiler asks for by this name.
 *
 * Entry points: __udivti3.
 */
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/assert.h>

unsigned __int128 __udivti3(unsigned __int128 n, unsigned __int128 d);

/* One step: @high:@low / @d, where @high < @d. */
static u64 divide(u64 high, u64 low, u64 d, u64 *remainder)
{
	__asm__("divq %2" : "+a"(low), "+d"(high) : "r"(d) : "cc");
	*remainder = high;
	return low;
}

/* __udivti3 - @n / @d; the kernel only divides by 64-bit numbers. */
unsigned __int128 __udivti3(unsigned __int128 n, unsigned __int128 d)
{
	u64 remainder;
	u64 high;
	u64 low;

	assert(d != 0 && d >> 64 == 0);
	high = divide(0, (u64)(n >> 64), (u64)d, &remainder);
	low = divide(remainder, (u64)n, (u64)d, &remainder);
	return (unsigned __int128)high << 64 | low;
}
