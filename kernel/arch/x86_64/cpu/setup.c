/*
 * The CPU's part of the boot, in three steps; kernel/arch/setup.h says what may
 * be used when.
 *
 * Entry points: setup_arch_early, setup_arch_memory, setup_arch_late.
 */
#include <kernel/arch/setup.h>

#include <kernel/arch/clock.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/lib/macros.h>

static const char *const mem_types[] __section(".init.rodata") = {
	[BOOT_MEM_RAM] = "usable",	  [BOOT_MEM_KERNEL] = "kernel",
	[BOOT_MEM_INITRD] = "initrd",	  [BOOT_MEM_ACPI] = "ACPI",
	[BOOT_MEM_RESERVED] = "reserved",
};

static void __init print_memory_map(const struct boot_info *bi)
{
	const struct boot_mem *mem;
	unsigned int i;

	for (i = 0; i < bi->nr_mem; i++) {
		mem = &bi->mem[i];
		pr_debug("arch: [mem %#018llx-%#018llx] %s\n",
			 (unsigned long long)mem->base,
			 (unsigned long long)(mem->base + mem->size - 1),
			 mem_types[mem->type]);
	}
}

/*
 * setup_arch_early - from nothing to exceptions and a console.  Reads ACPI and
 * starts to measure the clock, both through the first page tables.
 */
void __init setup_arch_early(struct boot_info *bi)
{
	percpu_init_early();
	idt_init();
	idt_load();
	gdt_init_cpu();
	extable_init();
	smap_patch();
	cpu_enable_features();
	fpu_init_early();
	syscall_init_cpu();
	early_serial_init();
	acpi_init(bi->rsdp);
	apic_init_early();
	tsc_calibrate_start();
}

/* setup_arch_memory - the final page tables; boot_alloc is up. */
void __init setup_arch_memory(struct boot_info *bi)
{
	print_memory_map(bi);
	if (bi->nr_mem == 0)
		panic("the boot loader (%s) gave no memory map", bi->loader);
	direct_map_init(bi);
}

/* setup_arch_late - interrupts and clocks; all allocators are up. */
void __init setup_arch_late(struct boot_info *bi)
{
	(void)bi;
	percpu_init_areas();
	fpu_init_late();
	hpet_remap();
	apic_remap();
	tsc_calibrate_finish();
	apic_init();
	ioapic_init();
	power_init();
	pr_info("CPU: %s, %s%s\n", boot_cpu.model_name,
		cpu_has(X86_FEATURE_XSAVE) ? "xsave" : "fxsave",
		cpu_has(X86_FEATURE_SMAP) ? ", SMAP" : "");
}
