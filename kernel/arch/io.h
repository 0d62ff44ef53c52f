/*
 * I/O ports and device memory.
 *
 * Entry points: inb/inw/inl, outb/outw/outl, readb..readq, writeb..writeq
 * (memory from ioremap), cpuid, rdmsr/wrmsr, rdtsc.
 */
#pragma once

#include <abi/types.h>

#define DEFINE_PORT_IO(suffix, type, reg)                                      \
	static inline void out##suffix(type value, u16 port)                   \
	{                                                                      \
		__asm__ volatile("out" #suffix " %" reg "0, %w1" ::"a"(value), \
				 "Nd"(port)                                    \
				 : "memory");                                  \
	}                                                                      \
	static inline type in##suffix(u16 port)                                \
	{                                                                      \
		type value;                                                    \
                                                                               \
		__asm__ volatile("in" #suffix " %w1, %" reg "0"                \
				 : "=a"(value)                                 \
				 : "Nd"(port)                                  \
				 : "memory");                                  \
		return value;                                                  \
	}

DEFINE_PORT_IO(b, u8, "b")
DEFINE_PORT_IO(w, u16, "w")
DEFINE_PORT_IO(l, u32, "k")
#undef DEFINE_PORT_IO

#define DEFINE_MMIO(suffix, type, insn, constraint)                            \
	static inline type read##suffix(const volatile void *addr)             \
	{                                                                      \
		type value;                                                    \
                                                                               \
		__asm__ volatile(insn " %1, %0"                                \
				 : constraint(value)                           \
				 : "m"(*(const volatile type *)addr)           \
				 : "memory");                                  \
		return value;                                                  \
	}                                                                      \
	static inline void write##suffix(type value, volatile void *addr)      \
	{                                                                      \
		__asm__ volatile(insn " %0, %1" ::"q"(value),                  \
				 "m"(*(volatile type *)addr)                   \
				 : "memory");                                  \
	}

DEFINE_MMIO(b, u8, "movb", "=q")
DEFINE_MMIO(w, u16, "movw", "=q")
DEFINE_MMIO(l, u32, "movl", "=q")
DEFINE_MMIO(q, u64, "movq", "=q")
#undef DEFINE_MMIO

/* io_delay - about a microsecond, for old devices. */
static inline void io_delay(void)
{
	outb(0, 0x80);
}

static inline void cpuid(u32 leaf, u32 subleaf, u32 *a, u32 *b, u32 *c, u32 *d)
{
	__asm__ volatile("cpuid"
			 : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d)
			 : "a"(leaf), "c"(subleaf));
}

static inline u64 rdmsr(u32 msr)
{
	u32 lo;
	u32 hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (u64)hi << 32 | lo;
}

static inline void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((u32)value),
			 "d"((u32)(value >> 32))
			 : "memory");
}

static inline u64 rdtsc(void)
{
	u32 lo;
	u32 hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi)::"memory");
	return (u64)hi << 32 | lo;
}
