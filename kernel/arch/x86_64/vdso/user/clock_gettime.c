/*
 * clock_gettime.c - the clocks, read in user mode.
 *
 * Runs in programs, at any address and without a C library: no data of its
 * own but the page of parameters, which lies right behind the image.  What it
 * cannot answer it asks the kernel.
 *
 * Entry points: __vdso_clock_gettime, __vdso_clock_getres,
 * __vdso_gettimeofday, __vdso_time.
 */
#include <abi/time.h>
#include <kernel/arch/vdso.h>

#define NS_PER_SEC 1000000000ULL

int __vdso_clock_gettime(int clock, struct timespec *ts);
int __vdso_clock_getres(int clock, struct timespec *res);
int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz);
long __vdso_time(long *t);

/* Placed by vdso.lds.S; mapped read-only, but not const: it changes. */
extern struct vdso_clock vdso_clock __attribute__((visibility("hidden")));

#define SYS_GETTIMEOFDAY  96
#define SYS_TIME	  201
#define SYS_CLOCK_GETTIME 228
#define SYS_CLOCK_GETRES  229

static long ask_kernel(long number, long a, long b)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(number), "D"(a), "S"(b)
			 : "rcx", "r11", "memory");
	return ret;
}

/* The counter, not before what the program did so far. */
static inline u64 read_cycles(void)
{
	u32 low;
	u32 high;

	__asm__ volatile("lfence\nrdtsc" : "=a"(low), "=d"(high)::"memory");
	return (u64)high << 32 | low;
}

/* Nanoseconds on the clock @base; false: ask the kernel. */
static inline __attribute__((always_inline)) bool read_clock(unsigned int base,
							     u64 *ns)
{
	const struct vdso_clock *clock = &vdso_clock;
	unsigned int line = base == VDSO_RAW;
	unsigned int shift;
	u32 sequence;
	u64 cycles;
	u64 mult;
	u64 frac;
	u64 start;

	do {
		sequence = __atomic_load_n(&clock->sequence, __ATOMIC_ACQUIRE);
		if (__builtin_expect(!clock->usable, 0))
			return false;
		cycles = read_cycles() - clock->base_cycles;
		mult = clock->line[line].mult;
		frac = clock->line[line].frac;
		shift = clock->shift & 63;
		start = clock->base_ns[base];
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__builtin_expect(
		(sequence & 1) || __atomic_load_n(&clock->sequence,
						  __ATOMIC_RELAXED) != sequence,
		0));
	*ns = start + (u64)(((unsigned __int128)cycles * mult + frac) >> shift);
	return true;
}

/* The ids answered here, and 4 bits for each: its base, and is it coarse? */
#define COARSE	 8ULL
#define HERE(id) (1U << (id))
#define ANSWERED                                                               \
	(HERE(CLOCK_REALTIME) | HERE(CLOCK_MONOTONIC) | HERE(CLOCK_BOOTTIME) | \
	 HERE(CLOCK_TAI) | HERE(CLOCK_MONOTONIC_RAW) |                         \
	 HERE(CLOCK_REALTIME_COARSE) | HERE(CLOCK_MONOTONIC_COARSE))
#define KIND(id, kind) ((unsigned long)(kind) << (4 * (id)))
#define KINDS                                                                  \
	(KIND(CLOCK_REALTIME, VDSO_REAL) | KIND(CLOCK_MONOTONIC, VDSO_MONO) |  \
	 KIND(CLOCK_BOOTTIME, VDSO_MONO) | KIND(CLOCK_TAI, VDSO_TAI) |         \
	 KIND(CLOCK_MONOTONIC_RAW, VDSO_RAW) |                                 \
	 KIND(CLOCK_REALTIME_COARSE, VDSO_REAL | COARSE) |                     \
	 KIND(CLOCK_MONOTONIC_COARSE, VDSO_MONO | COARSE))

int __vdso_clock_gettime(int clock, struct timespec *ts)
{
	unsigned int kind;
	u64 ns;

	if ((unsigned int)clock >= 16 || !(ANSWERED >> clock & 1))
		return (int)ask_kernel(SYS_CLOCK_GETTIME, clock, (long)ts);
	kind = KINDS >> (4 * clock) & 15;
	if (!read_clock(kind % COARSE, &ns))
		return (int)ask_kernel(SYS_CLOCK_GETTIME, clock, (long)ts);
	if (kind & COARSE)
		ns -= ns % COARSE_STEP_NS;
	ts->tv_sec = (long)(ns / NS_PER_SEC);
	ts->tv_nsec = (long)(ns % NS_PER_SEC);
	return 0;
}

int __vdso_clock_getres(int clock, struct timespec *res)
{
	return (int)ask_kernel(SYS_CLOCK_GETRES, clock, (long)res);
}

int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	u64 ns;

	if (tz || !read_clock(VDSO_REAL, &ns))
		return (int)ask_kernel(SYS_GETTIMEOFDAY, (long)tv, (long)tz);
	if (tv) {
		tv->tv_sec = (long)(ns / NS_PER_SEC);
		tv->tv_usec = (long)(ns % NS_PER_SEC / 1000);
	}
	return 0;
}

long __vdso_time(long *t)
{
	long now;
	u64 ns;

	if (!read_clock(VDSO_REAL, &ns))
		return ask_kernel(SYS_TIME, (long)t, 0);
	now = (long)(ns / NS_PER_SEC);
	if (t)
		*t = now;
	return now;
}
