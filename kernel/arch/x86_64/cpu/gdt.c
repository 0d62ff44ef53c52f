/*
 * Descriptor tables, task state segment and exception stacks of a CPU.
 *
 * The GDT has Linux's layout, because programs see its selectors.  The TSS
 * gives the stack for traps from programs (sp0) and the exception stacks.  The
 * word above the start of each exception stack holds this CPU's gs base:
 * ist_entry in trap_entry.S reads it there.
 *
 * Entry points: gdt_init_cpu, tss_set_sp0, ist_stack_end.
 */
#include <kernel/arch/context.h>
#include <kernel/arch/io.h>
#include <kernel/arch/x86_64/cpu/cpu.h>

#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/panic.h>

#define GDT_ENTRIES 16
#define GDT_TSS	    8
#define GDT_CPUNODE 15

struct tss {
	u32 reserved0;
	u64 sp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 io_bitmap_base;
} __packed;

struct table_pointer {
	u16 limit;
	u64 base;
} __packed;

static DEFINE_PER_CPU_ALIGNED(struct tss, cpu_tss);
static DEFINE_PER_CPU_ALIGNED(u64, gdt[GDT_ENTRIES]) = {
	[1] = 0x00cf9b000000ffff, /* kernel code, 32 bits */
	[2] = 0x00af9b000000ffff, /* __KERNEL_CS */
	[3] = 0x00cf93000000ffff, /* __KERNEL_DS */
	[4] = 0x00cffb000000ffff, /* __USER32_CS */
	[5] = 0x00cff3000000ffff, /* __USER_DS */
	[6] = 0x00affb000000ffff, /* __USER_CS */
};
static DEFINE_PER_CPU(unsigned long, ist_base);

static u8 boot_ist_stacks[NR_ISTS * IST_STACK_SIZE] __section(
	".bss.page_aligned") __aligned(4096);

static u8 *ist_memory(void)
{
	u8 *stacks = boot_ist_stacks;

	if (smp_processor_id() != 0)
		stacks = alloc_pages_exact(sizeof(boot_ist_stacks));
	if (!stacks)
		panic("no memory for the exception stacks of a CPU");
	return stacks;
}

static void fill_tss(struct tss *tss)
{
	u8 *stacks = ist_memory();
	unsigned int i;
	u64 *top;

	this_cpu_write(ist_base, (unsigned long)stacks);
	for (i = 0; i < NR_ISTS; i++) {
		top = (u64 *)(stacks + (i + 1) * IST_STACK_SIZE) - 2;
		*top = this_cpu_read(this_cpu_off);
		tss->ist[i] = (u64)top;
	}
	tss->sp[0] = this_cpu_read(cpu_current_top_of_stack);
	tss->io_bitmap_base = sizeof(*tss);
}

static void set_tss_descriptor(u64 *table, const struct tss *tss)
{
	u64 base = (u64)tss;

	table[GDT_TSS] = (sizeof(*tss) - 1) | (base & 0xffffff) << 16 |
			 0x89ULL << 40 | (base >> 24 & 0xff) << 56;
	table[GDT_TSS + 1] = base >> 32;
}

/*
 * gdt_init_cpu - load this CPU's tables.  GS base must be right already; it is
 * kept although the selector is loaded anew.
 */
void gdt_init_cpu(void)
{
	u64 *table = *this_cpu_ptr(&gdt);
	struct tss *tss = this_cpu_ptr(&cpu_tss);
	struct table_pointer pointer = {sizeof(u64) * GDT_ENTRIES - 1,
					(u64)table};

	fill_tss(tss);
	set_tss_descriptor(table, tss);
	/* lsl of this selector tells a program its CPU (limit: node, cpu). */
	table[GDT_CPUNODE] = 0x0040f50000000000ULL | smp_processor_id();

	__asm__ volatile("lgdt %0" ::"m"(pointer));
	__asm__ volatile("pushq %0\n"
			 "leaq 1f(%%rip), %%rax\n"
			 "pushq %%rax\n"
			 "lretq\n"
			 "1:\n"
			 "movl %1, %%ss\n"
			 "movl %2, %%ds\n"
			 "movl %2, %%es\n"
			 "ltr %w3\n" ::"i"(__KERNEL_CS),
			 "r"(__KERNEL_DS), "r"(0), "r"(GDT_TSS * 8)
			 : "rax", "memory");
}

/* tss_set_sp0 - the stack that traps from the current program begin on. */
void tss_set_sp0(unsigned long sp0)
{
	this_cpu_ptr(&cpu_tss)->sp[0] = sp0;
}

/* ist_stack_end - the end of the exception stack that holds @addr, or 0. */
unsigned long ist_stack_end(unsigned long addr)
{
	unsigned long base = this_cpu_read(ist_base);

	if (!base || addr - base >= NR_ISTS * IST_STACK_SIZE)
		return 0;
	return base + ((addr - base) / IST_STACK_SIZE + 1) * IST_STACK_SIZE;
}
