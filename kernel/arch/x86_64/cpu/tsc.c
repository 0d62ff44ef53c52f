/*
 * The clock: the time stamp counter, and how fast it runs.
 *
 * CPUID tells its frequency on some CPUs and hypervisors.  Elsewhere it is
 * measured against the HPET or the PIT from early in the boot to late, so that
 * measuring takes no time of its own unless the boot is very short.  Each end
 * of the measure is the tightest of a few readings.
 *
 * Entry points: tsc_calibrate_start, tsc_calibrate_finish, arch_clock, udelay.
 */
#include <kernel/arch/clock.h>

#include <kernel/arch/barrier.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/io.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>

/* At least so long is measured; longer makes it finer. */
#define MEASURE_NS	4000000ULL
#define PROBES		5
#define HOPELESS_CYCLES 20000000000ULL
#define CLOCK_SHIFT	24

enum reference {
	REFERENCE_HPET,
	REFERENCE_PIT,
};

/* The three counters at one moment. */
struct moment {
	u64 tsc;
	u64 reference;
	u32 apic;
};

static enum reference reference;
static struct moment started;

static u64 read_tsc(void)
{
	return rdtsc();
}

struct arch_clock arch_clock = {
	.name = "tsc",
	.read = read_tsc,
	/* Until calibrated: as if it ran at 1 GHz. */
	.mult = 1U << CLOCK_SHIFT,
	.shift = CLOCK_SHIFT,
	.mask = ~0ULL,
};

static u64 read_reference(void)
{
	return reference == REFERENCE_HPET ? hpet_read() : pit_ticks();
}

static u64 reference_to_ns(u64 from, u64 to)
{
	if (reference == REFERENCE_HPET)
		return (u32)(to - from) * hpet_femtoseconds() / 1000000;
	return (to - from) * 1000000000ULL / PIT_HZ;
}

/* Reads all counters, as close together as a few attempts allow. */
static struct moment take_moment(void)
{
	struct moment best = {0};
	u64 best_gap = ~0ULL;
	u64 before;
	u64 middle;
	u64 after;
	u32 apic;
	int i;

	for (i = 0; i < PROBES; i++) {
		before = rdtsc();
		middle = read_reference();
		after = rdtsc();
		apic = apic_timer_count();
		if (after - before >= best_gap)
			continue;
		best_gap = after - before;
		best.tsc = before + best_gap / 2;
		best.reference = middle;
		best.apic = apic;
	}
	return best;
}

/* The frequency as CPUID states it, in Hz, or 0. */
static u64 cpuid_frequency(void)
{
	u32 denominator;
	u32 numerator;
	u32 crystal;
	u32 max;
	u32 d;

	if (cpu_has(X86_FEATURE_HYPERVISOR)) {
		cpuid(0x40000000, 0, &max, &numerator, &crystal, &d);
		if (max >= 0x40000010 && max < 0x40010000) {
			cpuid(0x40000010, 0, &max, &numerator, &crystal, &d);
			if (max)
				return max * 1000ULL;
		}
	}
	if (boot_cpu.cpuid_level < 0x15)
		return 0;
	cpuid(0x15, 0, &denominator, &numerator, &crystal, &d);
	if (!denominator || !numerator || !crystal)
		return 0;
	return (u64)crystal * numerator / denominator;
}

/* tsc_calibrate_start - begin to measure; early, the APIC timer counting. */
void tsc_calibrate_start(void)
{
	reference = hpet_start() ? REFERENCE_HPET : REFERENCE_PIT;
	if (reference == REFERENCE_PIT)
		pit_start();
	started = take_moment();
}

static void set_frequency(u64 hz)
{
	u64 mult = (1000000000ULL << CLOCK_SHIFT) / hz;

	if (hz < 10000000 || mult == 0 || mult >> 32)
		panic("tsc: %llu Hz cannot be right", (unsigned long long)hz);
	arch_clock.mult = (u32)mult;
	arch_clock.freq_hz = hz;
	boot_cpu.tsc_khz = hz / 1000;
}

/* Time from @started to @now, by CPUID's word or by the reference. */
static u64 elapsed_ns(const struct moment *now, u64 stated_hz)
{
	if (stated_hz)
		return mul_div(now->tsc - started.tsc, 1000000000, stated_hz);
	return reference_to_ns(started.reference, now->reference);
}

/* Waits until enough has been measured.  A PIT that ran out begins anew. */
static struct moment wait_for_end(u64 stated_hz)
{
	bool pit = reference == REFERENCE_PIT && !stated_hz;
	struct moment now;

	for (;;) {
		if (pit && pit_expired()) {
			pit_start();
			started = take_moment();
		}
		now = take_moment();
		if (elapsed_ns(&now, stated_hz) >= MEASURE_NS &&
		    !(pit && pit_expired()))
			return now;
		/* A reference that stands still must not hang the boot. */
		if (now.tsc - started.tsc > HOPELESS_CYCLES)
			panic("tsc: no clock to measure it by");
		cpu_relax();
	}
}

static const char *source_name(u64 stated_hz)
{
	if (stated_hz)
		return "CPUID";
	return reference == REFERENCE_HPET ? "HPET" : "PIT";
}

/* tsc_calibrate_finish - set arch_clock's and the APIC timer's frequency. */
void __init tsc_calibrate_finish(void)
{
	u64 stated = cpuid_frequency();
	struct moment now = wait_for_end(stated);
	u64 ns = elapsed_ns(&now, stated);

	set_frequency(stated ? stated
			     : mul_div(now.tsc - started.tsc, 1000000000, ns));
	apic_calibrate(ns, started.apic - now.apic);
	pr_info("tsc: %llu.%03llu MHz by %s\n",
		(unsigned long long)(arch_clock.freq_hz / 1000000),
		(unsigned long long)(arch_clock.freq_hz / 1000 % 1000),
		source_name(stated));
}

void udelay(unsigned long us)
{
	u64 hz = arch_clock.freq_hz ? arch_clock.freq_hz : 3000000000ULL;
	u64 end = rdtsc() + us * hz / 1000000;

	while ((s64)(rdtsc() - end) < 0)
		cpu_relax();
}
