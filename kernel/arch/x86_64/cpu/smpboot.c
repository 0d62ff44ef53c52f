/*
 * Starting the other CPUs, one after the other.
 *
 * For each one: an idle task, whose stack it will stand on; the messages INIT
 * and STARTUP; then both sides step through `stage` together.  The new CPU
 * sets up its own tables and registers, compares time stamp counters with its
 * starter, and is online.  A CPU that does not answer, or whose TSC disagrees,
 * is left out with a line in the log, and put back into INIT so that it cannot
 * come later.
 *
 * Entry points: smp_boot_cpus, ap_main, cpu_apic_id.
 */
#include <kernel/arch/smp.h>

#include <abi/errno.h>
#include <kernel/arch/atomic.h>
#include <kernel/arch/barrier.h>
#include <kernel/arch/clock.h>
#include <kernel/arch/context.h>
#include <kernel/arch/x86_64/boot/boot.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/errptr.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/process/fork.h>
#include <kernel/sched/core.h>
#include <kernel/time/clock.h>

/* A message that was lost is sent again after the first time. */
#define RESEND_NS (10 * NSEC_PER_MSEC)
#define ANSWER_NS (2 * NSEC_PER_SEC)

enum stage {
	STAGE_CALLED,  /* starter: messages sent */
	STAGE_ARRIVED, /* new CPU: its C runs */
	STAGE_COMPARE, /* starter: now compare clocks */
	STAGE_ACCEPTED,
	STAGE_REFUSED,
	STAGE_ONLINE, /* new CPU: takes tasks */
};

/* What ap_start.S needs, at the places it expects. */
struct ap_parameters {
	unsigned long stack;
	unsigned long gs_base;
	unsigned int cpu;
};
static_assert(offsetof(struct ap_parameters, gs_base) == 8, "ap_start.S");
static_assert(offsetof(struct ap_parameters, cpu) == 16, "ap_start.S");

extern const u8 ap_start[];
extern const u8 ap_start_cr3[];
extern const u8 ap_start_end[];

struct ap_parameters *ap_parameters; /* [A] taken by the CPU that wakes */
static enum stage stage;	     /* [A] of the one being started */

/* The tables it begins on: the kernel, and the first 2 MiB in their place. */
static u64 ap_pgd[512] __aligned(4096) __section(".init.bss");
static u64 ap_pud[512] __aligned(4096) __section(".init.bss");
static u64 ap_pmd[512] __aligned(4096) __section(".init.bss");

unsigned int cpu_apic_id(unsigned int cpu)
{
	return acpi.apic_ids[cpu];
}

static void set_stage(enum stage next)
{
	__atomic_store_n(&stage, next, __ATOMIC_RELEASE);
}

static enum stage get_stage(void)
{
	return __atomic_load_n(&stage, __ATOMIC_ACQUIRE);
}

/* ap_main - the first C on CPU @cpu: its idle task, interrupts off. */
void ap_main(unsigned int cpu)
{
	write_cr3(__pa(swapper_pg_dir));
	write_cr4(read_cr4() | CR4_PGE);
	idt_load();
	gdt_init_cpu();
	cpu_enable_features();
	fpu_init_cpu();
	syscall_init_cpu();
	apic_init_cpu();

	set_stage(STAGE_ARRIVED);
	while (get_stage() != STAGE_COMPARE)
		cpu_relax();
	(void)tsc_sync_check(false);
	while (get_stage() == STAGE_COMPARE)
		cpu_relax();
	if (get_stage() == STAGE_REFUSED) {
		for (;;)
			__asm__ volatile("cli; hlt");
	}
	(void)__atomic_fetch_or(&cpu_online_bits, 1UL << cpu, __ATOMIC_SEQ_CST);
	set_stage(STAGE_ONLINE);
	cpu_startup_entry();
}

static void __init prepare_start_page(void)
{
	u8 *page = __va(AP_START_PAGE);
	u32 cr3 = (u32)__pa(ap_pgd);

	memcpy(ap_pgd + 256, (u64 *)swapper_pg_dir + 256, 256 * sizeof(u64));
	ap_pgd[0] = __pa(ap_pud) | _KERNPG_TABLE;
	ap_pud[0] = __pa(ap_pmd) | _KERNPG_TABLE;
	ap_pmd[0] = _PAGE_PRESENT | _PAGE_RW | _PAGE_PSE;
	memcpy(page, ap_start, (size_t)(ap_start_end - ap_start));
	memcpy(page + (ap_start_cr3 - ap_start), &cr3, sizeof(cr3));
}

/* Waits for @wanted until @deadline_ns; says whether it came. */
static bool __init wait_for_stage(enum stage wanted, u64 deadline_ns)
{
	while (get_stage() != wanted) {
		if (ktime_get_ns() > deadline_ns)
			return get_stage() == wanted;
		cpu_relax();
	}
	return true;
}

/* Wake it and wait until its C runs. */
static bool __init call_cpu(struct ap_parameters *parameters)
{
	u32 id = acpi.apic_ids[parameters->cpu];
	u64 start;

	set_stage(STAGE_CALLED);
	__atomic_store_n(&ap_parameters, parameters, __ATOMIC_SEQ_CST);
	apic_send_init(id);
	udelay(100);
	apic_send_startup(id, AP_START_PAGE);
	start = ktime_get_ns();
	if (wait_for_stage(STAGE_ARRIVED, start + RESEND_NS))
		return true;
	/* Lost, as the specification allows, or slow: ask once more. */
	apic_send_startup(id, AP_START_PAGE);
	if (wait_for_stage(STAGE_ARRIVED, start + ANSWER_NS))
		return true;
	apic_send_init(id);
	__atomic_store_n(&ap_parameters, NULL, __ATOMIC_SEQ_CST);
	return false;
}

/* 0, or why CPU @cpu does not run. */
static int __init start_cpu(unsigned int cpu)
{
	static struct ap_parameters parameters;
	struct task_struct *idle = fork_idle((int)cpu);
	u64 behind;

	if (IS_ERR(idle))
		return (int)PTR_ERR(idle);
	per_cpu(current_task, cpu) = idle;
	per_cpu(cpu_current_top_of_stack, cpu) = task_top_of_stack(idle);
	parameters.stack = task_top_of_stack(idle);
	parameters.gs_base = __per_cpu_offset[cpu];
	parameters.cpu = cpu;
	/* The idle task stays if this fails: it costs little, and a CPU that
	 * does not answer may stand on its stack for all we know. */
	if (!call_cpu(&parameters)) {
		pr_err("smp: CPU %u (APIC id %u) does not answer\n", cpu,
		       acpi.apic_ids[cpu]);
		return -ENXIO;
	}
	set_stage(STAGE_COMPARE);
	behind = tsc_sync_check(true);
	if (behind) {
		set_stage(STAGE_REFUSED);
		pr_err("smp: CPU %u is not used: time stamp counters differ by "
		       "%llu cycles\n",
		       cpu, behind);
		return -EIO;
	}
	set_stage(STAGE_ACCEPTED);
	while (get_stage() != STAGE_ONLINE)
		cpu_relax();
	return 0;
}

void __init smp_boot_cpus(void)
{
	long most = cmdline_get_int("maxcpus", NR_CPUS);
	unsigned int cpu;

	if (nr_cpu_ids == 1)
		return;
	prepare_start_page();
	for (cpu = 1; cpu < nr_cpu_ids && num_online_cpus() < most; cpu++)
		(void)start_cpu(cpu);
	pr_info("smp: Brought up %u of %u CPUs\n", num_online_cpus(),
		nr_cpu_ids);
}
