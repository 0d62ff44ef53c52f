/*
 * What time it is: see clock.h.
 *
 * monotonic = base_ns + ((cycles - base_cycles) * mult + frac >> shift), with a
 * 128-bit product, so nothing has to run regularly; frac keeps what is less
 * than a nanosecond when the base moves, so that moving it loses nothing.  A
 * counter of fewer than 64 bits (HPET) would wrap: then a timer moves the base
 * in time.  The raw clock is the same with the multiplier that was measured,
 * whatever adjtimex(2) made of the other.
 *
 * realtime = monotonic + real_offset; tai = realtime + tai_offset.
 *
 * Locks: clock_lock (LOCK_CLOCK), a sequence lock: readers retry.
 * Entry points: see clock.h and internal.h.
 */
#include <kernel/time/clock.h>

#include <abi/errno.h>
#include <kernel/arch/clock.h>
#include <kernel/arch/vdso.h>
#include <kernel/base/assert.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>
#include <kernel/time/internal.h>
#include <kernel/time/timer.h>

/* Extra bits of mult, so that adjtimex can change it finely. */
#define FINE_SHIFT 16

/* While the clock is being adjusted, timers look again so often. */
#define ADJUSTED_EVENT_NS NSEC_PER_SEC

/* A count of cycles as time, from base_cycles on. */
struct time_line {
	u64 base_ns; /* at base_cycles, and ... */
	u64 frac;    /* ... so many parts (1 << shift) of a nanosecond */
	u64 mult;    /* ns per cycle << shift */
};

static DEFINE_SEQLOCK(clock_lock, LOCK_CLOCK);
static u64 base_cycles;	       /* [clock_lock] */
static struct time_line mono;  /* [clock_lock] */
static struct time_line raw;   /* [clock_lock] mult is fixed */
static s64 rate;	       /* [clock_lock] as clock_set_rate_locked */
static u64 real_offset;	       /* [clock_lock] realtime - monotonic, ns */
static int tai_offset;	       /* [clock_lock] seconds */
static unsigned int shift;     /* [I] FINE_SHIFT included */
static bool started;	       /* [I] after clock_init */
static void (*listener)(void); /* [I] after boot */
static void (*defer)(void);    /* [I] after boot */
static struct timer wrap_timer;

/* cycles_to_ns - a length in cycles of the clock source, in ns. */
u64 cycles_to_ns(u64 cycles)
{
	return (u64)(((unsigned __int128)cycles * raw.mult) >> shift);
}

/* Time on @line; the caller retries if the lock's sequence moved. */
static inline u64 line_now(const struct time_line *line)
{
	u64 cycles = (arch_clock_read() - base_cycles) & arch_clock.mask;

	return line->base_ns +
	       (u64)(((unsigned __int128)cycles * line->mult + line->frac) >>
		     shift);
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
		ns = line_now(&mono);
	} while (read_seqretry(&clock_lock, seq));
	return ns;
}

/* ktime_get_raw_ns - CLOCK_MONOTONIC_RAW. */
u64 ktime_get_raw_ns(void)
{
	u32 seq;
	u64 ns;

	do {
		seq = read_seqbegin(&clock_lock);
		ns = line_now(&raw);
	} while (read_seqretry(&clock_lock, seq));
	return ns;
}

/* ktime_get_boottime_ns - CLOCK_BOOTTIME; we never sleep. */
u64 ktime_get_boottime_ns(void)
{
	return ktime_get_ns();
}

/* What @clock is ahead of the monotonic one; the caller retries. */
static inline u64 offset_of(enum timer_clock clock)
{
	if (clock == TIMER_MONO)
		return 0;
	if (clock == TIMER_REAL)
		return real_offset;
	return real_offset + (u64)tai_offset * NSEC_PER_SEC;
}

/* ktime_get_clock_ns - the time on @clock. */
u64 ktime_get_clock_ns(enum timer_clock clock)
{
	u32 seq;
	u64 ns;

	if (unlikely(!started))
		return 0;
	do {
		seq = read_seqbegin(&clock_lock);
		ns = line_now(&mono) + offset_of(clock);
	} while (read_seqretry(&clock_lock, seq));
	return ns;
}

/* clock_offset_ns - @clock minus monotonic, now. */
u64 clock_offset_ns(enum timer_clock clock)
{
	u32 seq;
	u64 offset;

	do {
		seq = read_seqbegin(&clock_lock);
		offset = offset_of(clock);
	} while (read_seqretry(&clock_lock, seq));
	return offset;
}

/* ktime_get_real_ns - CLOCK_REALTIME, ns since 1970 UTC. */
u64 ktime_get_real_ns(void)
{
	return ktime_get_clock_ns(TIMER_REAL);
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

/* clock_event_delta_ns - see clock.h. */
u64 clock_event_delta_ns(u64 delta_ns)
{
	s64 ppb = READ_ONCE(rate) >> RATE_SHIFT;

	if (likely(mono.mult == raw.mult))
		return delta_ns;
	delta_ns = min(delta_ns, ADJUSTED_EVENT_NS);
	/* 1 - r is less than 1 / (1 + r): early rather than late. */
	return (u64)((s64)delta_ns - (s64)delta_ns * ppb / (s64)NSEC_PER_SEC);
}

/* Programs read the clock as we do.  The write side is held. */
static void show_programs(void)
{
	const struct vdso_time m = {VDSO_FINE, mono.mult, mono.frac,
				    mono.base_ns};
	struct vdso_clock clock = {.shift = shift, .base_cycles = base_cycles};
	struct vdso_time *t = clock.time;

	/* Only the cycle counter can be read in user mode. */
	if (strcmp(arch_clock.name, "tsc") == 0) {
		t[CLOCK_MONOTONIC] = t[CLOCK_BOOTTIME] = m;
		t[CLOCK_REALTIME] = t[CLOCK_TAI] = m;
		t[CLOCK_REALTIME].base_ns += offset_of(TIMER_REAL);
		t[CLOCK_TAI].base_ns += offset_of(TIMER_TAI);
		t[CLOCK_MONOTONIC_RAW] = (struct vdso_time){
			VDSO_FINE, raw.mult, raw.frac, raw.base_ns};
		t[CLOCK_REALTIME_COARSE] = t[CLOCK_REALTIME];
		t[CLOCK_REALTIME_COARSE].kind = VDSO_COARSE;
		t[CLOCK_MONOTONIC_COARSE] = m;
		t[CLOCK_MONOTONIC_COARSE].kind = VDSO_COARSE;
	}
	vdso_set_clock(&clock);
}

/* clock_write_lock - see internal.h. */
unsigned long clock_write_lock(void)
{
	unsigned long flags;

	write_seqlock_irqsave(&clock_lock, flags);
	return flags;
}

/* clock_write_unlock - see internal.h. */
void clock_write_unlock(unsigned long flags)
{
	show_programs();
	write_sequnlock_irqrestore(&clock_lock, flags);
}

/* clock_now_locked - see internal.h. */
u64 clock_now_locked(enum timer_clock clock)
{
	return line_now(&mono) + offset_of(clock);
}

/* clock_step_locked - see internal.h. */
void clock_step_locked(s64 delta_ns)
{
	real_offset += (u64)delta_ns;
}

/* clock_tai_locked, clock_set_tai_locked - see internal.h. */
int clock_tai_locked(void)
{
	return tai_offset;
}

void clock_set_tai_locked(int seconds)
{
	tai_offset = seconds;
}

/* @line's base is @cycles later. */
static void line_advance(struct time_line *line, u64 cycles)
{
	unsigned __int128 sum =
		(unsigned __int128)cycles * line->mult + line->frac;

	line->base_ns += (u64)(sum >> shift);
	line->frac = (u64)sum & ((1ULL << shift) - 1);
}

/* Move the base to now.  The write side is held. */
static void rebase(void)
{
	u64 cycles = arch_clock_read();
	u64 passed = (cycles - base_cycles) & arch_clock.mask;

	line_advance(&mono, passed);
	line_advance(&raw, passed);
	base_cycles = cycles;
}

/* clock_set_rate_locked - see internal.h. */
void clock_set_rate_locked(s64 new_rate)
{
	u64 size = new_rate < 0 ? -(u64)new_rate : (u64)new_rate;
	u64 part, rest, delta;

	if (new_rate == rate)
		return;
	/* size is ns a second << 32: as a fraction of 1 << 56. */
	part = (size << 4) / NSEC_PER_SEC;
	rest = (size << 4) % NSEC_PER_SEC;
	part = part << 20 | (rest << 20) / NSEC_PER_SEC;
	delta = (u64)((unsigned __int128)raw.mult * part >> 56);
	rebase();
	rate = new_rate;
	mono.mult = new_rate < 0 ? raw.mult - delta : raw.mult + delta;
}

/* clock_set_listener - @fn runs after each jump of the realtime clock. */
void clock_set_listener(void (*fn)(void))
{
	listener = fn;
}

/* clock_was_set - see clock.h. */
void clock_was_set(void)
{
	timers_clock_was_set();
	if (listener)
		listener();
}

/* clock_set_defer - @fn will see that a task calls clock_was_set(). */
void clock_set_defer(void (*fn)(void))
{
	defer = fn;
}

/* clock_was_set_delayed - see internal.h. */
void clock_was_set_delayed(void)
{
	timer_reprogram();
	if (defer)
		defer();
}

/* clock_set_real_ns - CLOCK_REALTIME is @ns from now on. */
int clock_set_real_ns(u64 ns)
{
	unsigned long flags = clock_write_lock();
	u64 now = line_now(&mono);

	/* The system was not started before 1970. */
	if (ns < now) {
		clock_write_unlock(flags);
		return -EINVAL;
	}
	real_offset = ns - now;
	ntp_clear_locked();
	clock_write_unlock(flags);
	clock_was_set();
	return 0;
}

/* Half of the counter's range, in ns. */
static u64 wrap_period_ns(void)
{
	return cycles_to_ns(arch_clock.mask) / 2;
}

static void on_wrap_timer(struct timer *timer, void *cookie)
{
	unsigned long flags = clock_write_lock();

	rebase();
	clock_write_unlock(flags);
	timer_start_after(timer, wrap_period_ns());
}

/* clock_init - start at zero; realtime from the machine's clock. */
void clock_init(void)
{
	s64 rtc = arch_read_rtc();

	shift = arch_clock.shift + FINE_SHIFT;
	assert(shift < 64);
	mono.mult = raw.mult = (u64)arch_clock.mult << FINE_SHIFT;
	base_cycles = arch_clock_read();
	real_offset = rtc > 0 ? (u64)rtc * NSEC_PER_SEC : 0;
	show_programs();
	WRITE_ONCE(started, true);
	printk_set_clock(ktime_get_ns);
	pr_info("clocksource: %s, %llu.%03llu MHz\n", arch_clock.name,
		arch_clock.freq_hz / 1000000, arch_clock.freq_hz / 1000 % 1000);
}

/* clock_start_timers - see clock.h. */
void clock_start_timers(void)
{
	ntp_init();
	if (arch_clock.mask == ~0ULL)
		return;
	timer_init(&wrap_timer, on_wrap_timer, NULL);
	timer_start_after(&wrap_timer, wrap_period_ns());
}
