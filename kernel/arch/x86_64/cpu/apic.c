/*
 * The local APIC: interrupts of this CPU, its timer, messages to other CPUs.
 *
 * Registers are reached through MSRs where the CPU has x2APIC, else through
 * memory.  The timer is used one-shot: in TSC-deadline mode where the CPU
 * has it, else by its own counter, measured together with the TSC.
 *
 * Entry points: apic_init_early, apic_init, apic_init_cpu, apic_eoi,
 * apic_send_ipi, apic_send_init, apic_send_startup, apic_send_nmi,
 * arch_timer_set, arch_timer_stop.
 */
#include <kernel/arch/clock.h>

#include <kernel/arch/barrier.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/io.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>

#define APIC_ID	       0x020
#define APIC_TPR       0x080
#define APIC_EOI       0x0b0
#define APIC_SPIV      0x0f0
#define APIC_ESR       0x280
#define APIC_ICR       0x300
#define APIC_ICR2      0x310
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370
#define APIC_TMICT     0x380
#define APIC_TMCCT     0x390
#define APIC_TDCR      0x3e0

#define APIC_MASKED	  (1U << 16)
#define APIC_TSC_DEADLINE (2U << 17)
#define APIC_NMI	  (4U << 8)
#define APIC_SOFT_ENABLE  (1U << 8)
#define APIC_ICR_NMI	  (4U << 8)
#define APIC_ICR_INIT	  (5U << 8)
#define APIC_ICR_STARTUP  (6U << 8)
#define APIC_ICR_BUSY	  (1U << 12)
#define APIC_ICR_ASSERT	  (1U << 14)
#define APIC_DIVIDE_1	  0xb

#define APIC_BASE_X2APIC (1U << 10)
#define APIC_BASE_ENABLE (1U << 11)

#define DEFAULT_ADDRESS 0xfee00000
#define TIMER_SHIFT	32

static void *apic_regs;	  /* [I] NULL: x2APIC */
static bool use_deadline; /* [I] */
static u64 timer_mult;	  /* [I] timer counts per ns << TIMER_SHIFT */

static u32 apic_read(unsigned int reg)
{
	if (apic_regs)
		return readl((char *)apic_regs + reg);
	return (u32)rdmsr(0x800 + reg / 16);
}

static void apic_write(unsigned int reg, u32 value)
{
	if (apic_regs)
		writel(value, (char *)apic_regs + reg);
	else
		wrmsr(0x800 + reg / 16, value);
}

static u64 apic_address(void)
{
	return acpi.lapic_address ? acpi.lapic_address : DEFAULT_ADDRESS;
}

/* Switches this CPU's on, in the mode that all use. */
static void apic_enable(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	/* From off to x2APIC there is no way but through the first mode. */
	if (!(base & APIC_BASE_ENABLE))
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	if (cpu_has(X86_FEATURE_X2APIC) && !(base & APIC_BASE_X2APIC))
		wrmsr(MSR_APIC_BASE,
		      base | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
}

/*
 * apic_init_early - find it on the first page tables and let its timer count,
 * to be measured.
 */
void __init apic_init_early(void)
{
	if (!cpu_has(X86_FEATURE_APIC))
		panic("this CPU has no local APIC");
	apic_enable();
	if (!cpu_has(X86_FEATURE_X2APIC))
		apic_regs = __va(apic_address());
	apic_write(APIC_LVT_TIMER, APIC_MASKED | LOCAL_TIMER_VECTOR);
	apic_write(APIC_TDCR, APIC_DIVIDE_1);
	apic_write(APIC_TMICT, ~0U);
}

/* apic_remap - from now on through ioremap; the timer goes on counting. */
void __init apic_remap(void)
{
	if (!apic_regs)
		return;
	apic_regs = ioremap(apic_address(), PAGE_SIZE);
	if (!apic_regs)
		panic("no room to map the local APIC");
}

/* apic_init - for good, after the timer was measured. */
void __init apic_init(void)
{
	use_deadline = cpu_has(X86_FEATURE_TSC_DEADLINE);
	apic_init_cpu();
}

/* apic_init_cpu - on each CPU: accept interrupts; the timer is off. */
void apic_init_cpu(void)
{
	apic_enable();
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_LINT0, APIC_MASKED);
	apic_write(APIC_LVT_LINT1, APIC_NMI);
	apic_write(APIC_LVT_ERROR, APIC_ERROR_VECTOR);
	apic_write(APIC_ESR, 0);
	apic_write(APIC_SPIV, APIC_SOFT_ENABLE | SPURIOUS_VECTOR);
	apic_write(APIC_LVT_TIMER,
		   LOCAL_TIMER_VECTOR | (use_deadline ? APIC_TSC_DEADLINE : 0));
	if (!use_deadline)
		apic_write(APIC_TMICT, 0);
	apic_eoi();
}

/* apic_calibrate - the timer counted @counts in @ns. */
void __init apic_calibrate(u64 ns, u32 counts)
{
	timer_mult = ((u64)counts << TIMER_SHIFT) / ns;
	if (timer_mult == 0)
		panic("apic: the timer does not count");
}

/* apic_timer_count - what is left of the countdown. */
u32 apic_timer_count(void)
{
	return apic_read(APIC_TMCCT);
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

u32 apic_id_self(void)
{
	u32 id = apic_read(APIC_ID);

	return apic_regs ? id >> 24 : id;
}

/* The message @low to the CPU with @apic_id.  Any context. */
static void send_message(u32 apic_id, u32 low)
{
	unsigned long flags;

	low |= APIC_ICR_ASSERT;
	if (!apic_regs) {
		/* Unlike a store to memory, this MSR does not wait for ours. */
		__asm__ volatile("mfence; lfence" ::: "memory");
		wrmsr(0x800 + APIC_ICR / 16, (u64)apic_id << 32 | low);
		return;
	}
	local_irq_save(flags);
	while (apic_read(APIC_ICR) & APIC_ICR_BUSY)
		cpu_relax();
	apic_write(APIC_ICR2, apic_id << 24);
	apic_write(APIC_ICR, low);
	local_irq_restore(flags);
}

/* apic_send_ipi - interrupt @vector on the CPU with @apic_id.  Any context. */
void apic_send_ipi(u32 apic_id, u32 vector)
{
	send_message(apic_id, vector);
}

/* apic_send_init - reset that CPU; it waits for apic_send_startup. */
void apic_send_init(u32 apic_id)
{
	send_message(apic_id, APIC_ICR_INIT);
}

/* apic_send_startup - it begins at @address, a page below 1 MiB. */
void apic_send_startup(u32 apic_id, u32 address)
{
	send_message(apic_id, APIC_ICR_STARTUP | address >> PAGE_SHIFT);
}

/* apic_send_nmi - interrupt it whatever it masks. */
void apic_send_nmi(u32 apic_id)
{
	send_message(apic_id, APIC_ICR_NMI);
}

void arch_timer_set(u64 delta_ns)
{
	u64 counts;

	/* A far date comes early; who set it will set it again. */
	if (delta_ns > 1000000000ULL)
		delta_ns = 1000000000ULL;
	if (use_deadline) {
		counts = mul_div(delta_ns, arch_clock.freq_hz, 1000000000);
		wrmsr(MSR_TSC_DEADLINE, rdtsc() + counts + 1);
		return;
	}
	counts =
		(u64)((unsigned __int128)delta_ns * timer_mult >> TIMER_SHIFT) +
		1;
	apic_write(APIC_TMICT, (u32)min_t(u64, counts, ~0U));
}

void arch_timer_stop(void)
{
	if (use_deadline)
		wrmsr(MSR_TSC_DEADLINE, 0);
	else
		apic_write(APIC_TMICT, 0);
}
