/*
 * The interrupt descriptor table: one for all CPUs.
 *
 * Vectors 0 to 31 go to the stubs of trap_entry.S by name, the rest to
 * irq_stubs by number.  All are interrupt gates: interrupts stay off until C
 * turns them on.  Programs may use int3 and into themselves.
 *
 * Entry points: idt_init, idt_load.
 */
#include <kernel/arch/context.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/arch/x86_64/entry/traps.h>
#include <kernel/lib/macros.h>

#define GATE_INTERRUPT 0x8e
#define GATE_USER      0x60 /* ored: privilege level 3 may `int` here */

struct gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};

static struct gate idt[256] __aligned(4096) __section(".bss.page_aligned");

static void __init set_gate(unsigned int vector, const void *entry,
			    unsigned int ist, u8 type)
{
	u64 addr = (u64)entry;

	idt[vector].offset_low = (u16)addr;
	idt[vector].selector = __KERNEL_CS;
	idt[vector].ist = (u8)ist;
	idt[vector].type = type;
	idt[vector].offset_middle = (u16)(addr >> 16);
	idt[vector].offset_high = (u32)(addr >> 32);
}

/* The stubs stand in groups of eight, with a jump behind each group. */
static const void *__init irq_stub(unsigned int vector)
{
	unsigned int n = vector - 32;

	return irq_stubs + n * 8 + n / 8 * 8;
}

void __init idt_init(void)
{
	static const struct {
		u8 vector;
		u8 ist; /* index + 1, 0: none */
		const void *entry;
	} traps[] __section(".init.rodata") = {
		{X86_TRAP_DE, 0, asm_exc_divide_error},
		{X86_TRAP_DB, IST_DEBUG + 1, asm_exc_debug},
		{X86_TRAP_NMI, IST_NMI + 1, asm_exc_nmi},
		{X86_TRAP_BP, 0, asm_exc_int3},
		{X86_TRAP_OF, 0, asm_exc_overflow},
		{X86_TRAP_BR, 0, asm_exc_bounds},
		{X86_TRAP_UD, 0, asm_exc_invalid_op},
		{X86_TRAP_NM, 0, asm_exc_device_not_available},
		{X86_TRAP_DF, IST_DOUBLE_FAULT + 1, asm_exc_double_fault},
		{X86_TRAP_OLD_MF, 0, asm_exc_coproc_segment_overrun},
		{X86_TRAP_TS, 0, asm_exc_invalid_tss},
		{X86_TRAP_NP, 0, asm_exc_segment_not_present},
		{X86_TRAP_SS, 0, asm_exc_stack_segment},
		{X86_TRAP_GP, 0, asm_exc_general_protection},
		{X86_TRAP_PF, 0, asm_exc_page_fault},
		{X86_TRAP_SPURIOUS, 0, asm_exc_unexpected},
		{X86_TRAP_MF, 0, asm_exc_coprocessor_error},
		{X86_TRAP_AC, 0, asm_exc_alignment_check},
		{X86_TRAP_MC, IST_MACHINE_CHECK + 1, asm_exc_machine_check},
		{X86_TRAP_XF, 0, asm_exc_simd_coprocessor_error},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(traps); i++)
		set_gate(traps[i].vector, traps[i].entry, traps[i].ist,
			 GATE_INTERRUPT);
	idt[X86_TRAP_BP].type |= GATE_USER;
	idt[X86_TRAP_OF].type |= GATE_USER;
	for (i = 32; i < 256; i++)
		set_gate(i, irq_stub(i), 0, GATE_INTERRUPT);
}

void idt_load(void)
{
	struct {
		u16 limit;
		u64 base;
	} __packed pointer = {sizeof(idt) - 1, (u64)idt};

	__asm__ volatile("lidt %0" ::"m"(pointer));
}
