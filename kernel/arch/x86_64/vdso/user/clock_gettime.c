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
	u64 cycles;

	__asm__ volatile("lfence\n\t"
			 "rdtsc\n\t"
			 "shl $32, %%rdx\n\t"
			 "or %%rdx, %0"
			 : "=a"(cycles)::"rdx", "memory");
	return cycles;
}

/* @cycles * mult + frac >> shift, of 128 bits; the compiler needs six registers
 * and as many instructions more. */
static inline u64 scale(u64 cycles, const struct vdso_time *time, u32 shift)
{
	__asm__("mulq %1\n\t"
		"add %2, %0\n\t"
		"adc $0, %%rdx\n\t"
		"shrd %%cl, %%rdx, %0"
		: "+&a"(cycles)
		: "m"(time->mult), "m"(time->frac), "c"(shift)
		: "rdx");
	return cycles;
}

#define always_inline inline __attribute__((always_inline))
#define unlikely(x)   __builtin_expect(!!(x), 0)
/* The CPU loads in order; the compiler shall too. */
#define barrier() __asm__ volatile("" ::: "memory")

/* Nanoseconds on clock @id if it is of this @kind now; else false. */
static always_inline bool read_clock(unsigned int id, enum vdso_kind kind,
				     u64 *ns)
{
	const struct vdso_clock *clock = &vdso_clock;
	const struct vdso_time *time = &clock->time[id];
	u32 sequence;
	u64 sum;

	/* Keep the pointer, rather than compute it for each field. */
	__asm__("" : "+r"(time));
	do {
		sequence = clock->sequence;
		barrier();
		if (unlikely(time->kind != kind))
			return false;
		sum = scale(read_cycles() - clock->base_cycles, time,
			    clock->shift) +
		      time->base_ns;
		/* All of it before the second look, so that few values need be
		 * kept. */
		__asm__ volatile("" : "+r"(sum)::"memory");
	} while (unlikely(clock->sequence != sequence));
	*ns = sum;
	return true;
}

static always_inline void set_timespec(struct timespec *ts, u64 ns)
{
	ts->tv_sec = (long)(ns / NS_PER_SEC);
	ts->tv_nsec = (long)(ns % NS_PER_SEC);
}

/* A coarse clock, or one that the kernel knows. */
static __attribute__((noinline)) int other_clock(int clock, struct timespec *ts)
{
	u64 ns;

	if ((unsigned int)clock > CLOCK_TAI ||
	    !read_clock((unsigned int)clock, VDSO_COARSE, &ns))
		return (int)ask_kernel(SYS_CLOCK_GETTIME, clock, (long)ts);
	set_timespec(ts, ns - ns % COARSE_STEP_NS);
	return 0;
}

int __vdso_clock_gettime(int clock, struct timespec *ts)
{
	u64 ns;

	if (unlikely((unsigned int)clock > CLOCK_TAI ||
		     !read_clock((unsigned int)clock, VDSO_FINE, &ns)))
		return other_clock(clock, ts);
	set_timespec(ts, ns);
	return 0;
}

int __vdso_clock_getres(int clock, struct timespec *res)
{
	return (int)ask_kernel(SYS_CLOCK_GETRES, clock, (long)res);
}

int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	u64 ns;

	if (tz || !read_clock(CLOCK_REALTIME, VDSO_FINE, &ns))
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

	if (!read_clock(CLOCK_REALTIME, VDSO_FINE, &ns))
		return ask_kernel(SYS_TIME, (long)t, 0);
	now = (long)(ns / NS_PER_SEC);
	if (t)
		*t = now;
	return now;
}
