/*
 * What time it is: see clock.h.
 *
 * monotonic = base_ns + ((cycles - base_cycles) * mult >> shift), with a
 * 128-bit product, so nothing has to run regularly.  A counter of fewer than
 * 64 bits (HPET) would wrap: then a timer moves the base in time.
 * realtime = monotonic + real_offset.
 *
 * Locks: clock_lock (LOCK_CLOCK), a sequence lock: readers retry.
 * Entry points: see clock.h.
 */
#include <kernel/time/clock.h>

#include <kernel/arch/clock.h>
#include <kernel/arch/vdso.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>
#include <kernel/time/timer.h>

/* Extra bits of mult, so that adjtimex can change it finely. */
#define FINE_SHIFT 16

static DEFINE_SEQLOCK(clock_lock, LOCK_CLOCK);
static u64 base_cycles; /* [clock_lock] */
static u64 base_ns;	/* [clock_lock] monotonic time at base_cycles */
static u64 mult;	/* [clock_lock] ns per cycle << (shift + FINE_SHIFT) */
static s64 real_offset; /* [clock_lock] realtime - monotonic */
static unsigned int shift;     /* [I] FINE_SHIFT included */
static int tai_offset;	       /* seconds */
static bool started;	       /* [I] after clock_init */
static void (*listener)(void); /* [I] after boot */
static struct timer wrap_timer;

/* cycles_to_ns - a length in cycles of the clock source, in ns. */
u64 cycles_to_ns(u64 cycles)
{
	return (u64)(((unsigned __int128)cycles * mult) >> shift);
}

/* Monotonic time; the caller retries if the lock's sequence moved. */
static inline u64 mono_now(void)
{
	u64 cycles = arch_clock_read() - base_cycles;

	return base_ns + cycles_to_ns(cycles & arch_clock.mask);
}

/* ktime_get_ns - CLOCK_MONOTONIC, ns since boot. */
u64 ktime_get_ns(void)
{
	u32 seq;
	u64 ns;

	if (unlikely(!started))
		return 0;
	do {
		seq = read_seqbegin(&clock_lock);
		ns = mono_now();
	} while (read_seqretry(&clock_lock, seq));
	return ns;
}

/* ktime_get_boottime_ns - CLOCK_BOOTTIME; we never sleep. */
u64 ktime_get_boottime_ns(void)
{
	return ktime_get_ns();
}

/* ktime_get_real_ns - CLOCK_REALTIME, ns since 1970 UTC. */
u64 ktime_get_real_ns(void)
{
	u32 seq;
	u64 ns;

	if (unlikely(!started))
		return 0;
	do {
		seq = read_seqbegin(&clock_lock);
		ns = mono_now() + (u64)real_offset;
	} while (read_seqretry(&clock_lock, seq));
	return ns;
}

/* ktime_get_real_seconds - seconds since 1970 UTC. */
s64 ktime_get_real_seconds(void)
{
	return (s64)(ktime_get_real_ns() / NSEC_PER_SEC);
}

/* ktime_get_coarse_ns - in steps, though nothing ticks. */
u64 ktime_get_coarse_ns(void)
{
	u64 now = ktime_get_ns();

	return now - now % COARSE_STEP_NS;
}

/* ktime_get_coarse_real_ns - likewise. */
u64 ktime_get_coarse_real_ns(void)
{
	u64 now = ktime_get_real_ns();

	return now - now % COARSE_STEP_NS;
}

/* clock_real_offset_ns - realtime minus monotonic, now. */
s64 clock_real_offset_ns(void)
{
	u32 seq;
	s64 offset;

	do {
		seq = read_seqbegin(&clock_lock);
		offset = real_offset;
	} while (read_seqretry(&clock_lock, seq));
	return offset;
}

/* clock_mono_to_real_ns - the realtime of a monotonic time. */
u64 clock_mono_to_real_ns(u64 mono_ns)
{
	return mono_ns + (u64)clock_real_offset_ns();
}

/* Programs read the clock as we do.  The write side is held. */
static void show_programs(void)
{
	struct vdso_clock clock = {
		/* Only the cycle counter can be read in user mode. */
		.usable = strcmp(arch_clock.name, "tsc") == 0,
		.shift = shift,
		.mult = mult,
		.base_cycles = base_cycles,
		.base_ns = {base_ns, base_ns + (u64)real_offset},
	};

	vdso_set_clock(&clock);
}

/* clock_set_listener - @fn runs after each jump of the realtime clock. */
void clock_set_listener(void (*fn)(void))
{
	listener = fn;
}

/* clock_set_real_ns - CLOCK_REALTIME is @ns from now on. */
void clock_set_real_ns(u64 ns)
{
	unsigned long flags;

	write_seqlock_irqsave(&clock_lock, flags);
	real_offset = (s64)(ns - mono_now());
	show_programs();
	write_sequnlock_irqrestore(&clock_lock, flags);
	if (listener)
		listener();
}

/* clock_adjust_real_ns - add @delta_ns to CLOCK_REALTIME. */
void clock_adjust_real_ns(s64 delta_ns)
{
	unsigned long flags;

	write_seqlock_irqsave(&clock_lock, flags);
	real_offset += delta_ns;
	show_programs();
	write_sequnlock_irqrestore(&clock_lock, flags);
	if (listener)
		listener();
}

/* clock_tai_offset - seconds that CLOCK_TAI is ahead of CLOCK_REALTIME. */
int clock_tai_offset(void)
{
	return READ_ONCE(tai_offset);
}

/* clock_set_tai_offset - as adjtimex(2) tells. */
void clock_set_tai_offset(int seconds)
{
	WRITE_ONCE(tai_offset, seconds);
}

/* Move the base to now.  The write side is held. */
static void rebase(void)
{
	u64 cycles = arch_clock_read();

	base_ns += cycles_to_ns((cycles - base_cycles) & arch_clock.mask);
	base_cycles = cycles;
}

/* clock_set_frequency - run @scaled_ppm (ppm * 65536) faster. */
void clock_set_frequency(long scaled_ppm)
{
	u64 nominal = (u64)arch_clock.mult << FINE_SHIFT;
	unsigned long flags;

	write_seqlock_irqsave(&clock_lock, flags);
	rebase();
	mult = nominal +
	       (u64)((s64)((__int128)nominal * scaled_ppm >> 16) / 1000000);
	show_programs();
	write_sequnlock_irqrestore(&clock_lock, flags);
}

/* Half of the counter's range, in ns. */
static u64 wrap_period_ns(void)
{
	return cycles_to_ns(arch_clock.mask) / 2;
}

static void on_wrap_timer(struct timer *timer, void *cookie)
{
	unsigned long flags;

	write_seqlock_irqsave(&clock_lock, flags);
	rebase();
	show_programs();
	write_sequnlock_irqrestore(&clock_lock, flags);
	timer_start_after(timer, wrap_period_ns());
}

/* clock_init - start at zero; realtime from the machine's clock. */
void clock_init(void)
{
	s64 rtc = arch_read_rtc();

	shift = arch_clock.shift + FINE_SHIFT;
	mult = (u64)arch_clock.mult << FINE_SHIFT;
	base_cycles = arch_clock_read();
	base_ns = 0;
	real_offset = rtc * (s64)NSEC_PER_SEC;
	show_programs();
	WRITE_ONCE(started, true);
	printk_set_clock(ktime_get_ns);
	pr_info("clocksource: %s, %llu.%03llu MHz\n", arch_clock.name,
		arch_clock.freq_hz / 1000000, arch_clock.freq_hz / 1000 % 1000);
}

/* clock_start_wrap_timer - see that a narrow counter does not wrap unseen. */
void clock_start_wrap_timer(void)
{
	if (arch_clock.mask == ~0ULL)
		return;
	timer_init(&wrap_timer, on_wrap_timer, NULL);
	timer_start_after(&wrap_timer, wrap_period_ns());
}
