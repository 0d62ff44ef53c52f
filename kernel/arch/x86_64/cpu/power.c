/*
 * Power off, restart, halt.
 *
 * Power off is ACPI's: the sleep type of \_S5 into the PM1 control registers,
 * or, on hardware-reduced machines (microvm), into the sleep control register.
 * Restart tries ACPI's reset register, the keyboard controller, port 0xcf9 and
 * last a triple fault, which no machine survives.
 *
 * Entry points: machine_power_off, machine_restart, machine_halt,
 * qemu_debug_exit.
 */
#include <kernel/arch/power.h>

#include <kernel/arch/clock.h>
#include <kernel/arch/io.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/smp.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/printk.h>

#define PM1_SLP_TYPE 10
#define PM1_SLP_EN   (1U << 13)
#define PM1_SCI_EN   1U
#define SLEEP_ENABLE 0x20
#define DEBUG_EXIT   0xf4
#define GAS_MEMORY   0

/* Registers outside I/O space, mapped while it is still allowed to. */
static void *reset_register;
static void *sleep_register;

/* power_init - map what power off and restart will write to. */
void __init power_init(void)
{
	if (acpi.reset_valid && acpi.reset_space == GAS_MEMORY)
		reset_register = ioremap(acpi.reset_address, 1);
	if (acpi.sleep_control && acpi.sleep_space == GAS_MEMORY)
		sleep_register = ioremap(acpi.sleep_control, 1);
}

static void write_register(void *mapped, u64 port, u8 value)
{
	if (mapped)
		writeb(value, mapped);
	else
		outb(value, (u16)port);
}

void machine_halt(void)
{
	smp_stop_other_cpus();
	for (;;) {
		local_irq_disable();
		__asm__ volatile("hlt");
	}
}

/* SLP_TYP and SLP_EN; ACPI mode is switched on first if firmware left it off.
 */
static void pm1_power_off(void)
{
	unsigned int wait;

	if (!(inw(acpi.pm1a_cnt) & PM1_SCI_EN) && acpi.smi_cmd &&
	    acpi.acpi_enable) {
		outb(acpi.acpi_enable, (u16)acpi.smi_cmd);
		for (wait = 0; wait < 1000; wait++) {
			if (inw(acpi.pm1a_cnt) & PM1_SCI_EN)
				break;
			udelay(100);
		}
	}
	outw((u16)(acpi.slp_typa << PM1_SLP_TYPE | PM1_SLP_EN), acpi.pm1a_cnt);
	if (acpi.pm1b_cnt)
		outw((u16)(acpi.slp_typb << PM1_SLP_TYPE | PM1_SLP_EN),
		     acpi.pm1b_cnt);
}

void machine_power_off(void)
{
	local_irq_disable();
	smp_stop_other_cpus();
	if (acpi.hw_reduced && acpi.sleep_control && acpi.has_s5)
		write_register(sleep_register, acpi.sleep_control,
			       (u8)(acpi.slp_typa << 2 | SLEEP_ENABLE));
	else if (acpi.has_fadt && acpi.pm1a_cnt && acpi.has_s5)
		pm1_power_off();
	udelay(100000);
	pr_emerg("Power off is not possible here: system halted\n");
	machine_halt();
}

void machine_restart(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed nothing = {0, 0};

	local_irq_disable();
	smp_stop_other_cpus();
	if (acpi.reset_valid) {
		write_register(reset_register, acpi.reset_address,
			       acpi.reset_value);
		udelay(50000);
	}
	outb(0xfe, 0x64); /* keyboard controller: pulse the reset line */
	udelay(50000);
	outb(0x06, 0xcf9); /* chipset: full reset */
	udelay(50000);
	__asm__ volatile("lidt %0; int3" ::"m"(nothing));
	machine_halt();
}

void qemu_debug_exit(u32 code)
{
	outl(code, DEBUG_EXIT);
}
