/*
 * What the files of kernel/arch/x86_64 ask of each other.
 *
 * Everything here is private to the folder; the contract with the rest of the
 * kernel is the headers in kernel/arch.
 */
#pragma once

#include <abi/types.h>
#include <kernel/arch/boot_info.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/ptrace_regs.h>

struct task_struct;

#define MSR_APIC_BASE	   0x1b
#define MSR_TSC_DEADLINE   0x6e0
#define MSR_EFER	   0xc0000080
#define MSR_STAR	   0xc0000081
#define MSR_LSTAR	   0xc0000082
#define MSR_CSTAR	   0xc0000083
#define MSR_SYSCALL_MASK   0xc0000084
#define MSR_FS_BASE	   0xc0000100
#define MSR_GS_BASE	   0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX	   0xc0000103

#define CR4_TSD	       (1UL << 2)
#define CR4_PGE	       (1UL << 7)
#define CR4_OSFXSR     (1UL << 9)
#define CR4_OSXMMEXCPT (1UL << 10)
#define CR4_UMIP       (1UL << 11)
#define CR4_FSGSBASE   (1UL << 16)
#define CR4_OSXSAVE    (1UL << 18)
#define CR4_SMEP       (1UL << 20)
#define CR4_SMAP       (1UL << 21)

/* Vectors above those of kernel/arch/irq_chip.h. */
#define LOCAL_TIMER_VECTOR   0xec
#define CALL_FUNCTION_VECTOR 0xfb
#define RESCHEDULE_VECTOR    0xfd
#define APIC_ERROR_VECTOR    0xfe
#define SPURIOUS_VECTOR	     0xff

/* Which interrupt stack table entry an exception uses. */
enum ist_index {
	IST_DOUBLE_FAULT,
	IST_NMI,
	IST_DEBUG,
	IST_MACHINE_CHECK,
	NR_ISTS,
};
#define IST_STACK_SIZE 8192UL

static inline unsigned long read_cr0(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr0, %0" : "=r"(v));
	return v;
}

static inline void write_cr0(unsigned long v)
{
	__asm__ volatile("mov %0, %%cr0" ::"r"(v) : "memory");
}

static inline unsigned long read_cr2(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

static inline unsigned long read_cr3(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v)::"memory");
	return v;
}

static inline void write_cr3(unsigned long v)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(v) : "memory");
}

static inline unsigned long read_cr4(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr4, %0" : "=r"(v));
	return v;
}

static inline void write_cr4(unsigned long v)
{
	__asm__ volatile("mov %0, %%cr4" ::"r"(v) : "memory");
}

/* @a * @b / @c without losing the product's upper half; the result fits. */
static inline u64 mul_div(u64 a, u64 b, u64 c)
{
	u64 high;

	__asm__("mulq %2\n"
		"divq %3\n"
		: "+a"(a), "=&d"(high)
		: "r"(b), "r"(c)
		: "cc");
	return a;
}

/* boot */
void x86_64_start_kernel(u32 magic, u32 tables);

/* cpu/stack_guard.c: choose the stack protector's value, once. */
void stack_guard_init(void);

/* cpu/percpu.c: keep a clean copy of the section; areas for CPUs 1 and up. */
void percpu_init_early(void);
void percpu_init_areas(void);

/* cpu/smpboot.c: where a further CPU's C begins; tsc_sync.c: do the TSCs of a
 * new CPU and of the one that starts it agree?  Both call it; the value is how
 * far one was behind, 0 if they agree. */
void ap_main(unsigned int cpu) __attribute__((noreturn));
u64 tsc_sync_check(bool starter);

/* cpu/gdt.c: this CPU's descriptor tables, TSS and exception stacks. */
void gdt_init_cpu(void);
void tss_set_sp0(unsigned long sp0);
/* Is @addr in an exception stack of this CPU?  Its end, or 0. */
unsigned long ist_stack_end(unsigned long addr);

/* cpu/idt.c: fill the table once; load it on each CPU. */
void idt_init(void);
void idt_load(void);

/* cpu/features.c: identify; switch on what we use, on each CPU. */
void cpu_identify(void);
void cpu_enable_features(void);

/* cpu/fpu.c */
void fpu_init_early(void);
void fpu_init_cpu(void);
void fpu_init_late(void);

/* cpu/process.c: MSRs of the system call door. */
void syscall_init_cpu(void);

/* cpu/acpi.c: what the tables say, filled by acpi_init. */
#define ACPI_MAX_IOAPICS 4

struct acpi_ioapic {
	u32 id;
	u32 address;
	u32 gsi_base;
};

struct acpi_facts {
	u64 lapic_address;    /* 0: no MADT */
	unsigned int nr_cpus; /* usable, CPU 0 first */
	u32 apic_ids[16];
	unsigned int nr_ioapics;
	struct acpi_ioapic ioapics[ACPI_MAX_IOAPICS];
	u8 isa_gsi[16];	   /* ISA line to GSI */
	u16 isa_flags[16]; /* MADT polarity and trigger; 0: as ISA */
	bool isa_override[16];
	u64 hpet_address; /* 0: none */
	bool has_fadt;
	bool hw_reduced;
	bool has_s5;
	u8 slp_typa;
	u8 slp_typb;
	u16 pm1a_cnt;
	u16 pm1b_cnt;
	u32 smi_cmd;
	u8 acpi_enable;
	u8 century; /* CMOS register, 0: none */
	bool reset_valid;
	u8 reset_space; /* 0 memory, 1 I/O */
	u64 reset_address;
	u8 reset_value;
	u8 sleep_space;
	u64 sleep_control; /* hw_reduced: sleep register; 0 none */
};
extern struct acpi_facts acpi;
void acpi_init(u64 rsdp);

/* cpu/apic.c */
void apic_init_early(void);
void apic_remap(void);
void apic_init(void);
void apic_init_cpu(void);
void apic_eoi(void);
u32 apic_id_self(void);
void apic_send_ipi(u32 apic_id, u32 vector);
void apic_send_init(u32 apic_id);
void apic_send_startup(u32 apic_id, u32 address);
void apic_send_nmi(u32 apic_id);
void apic_calibrate(u64 ns, u32 count_start);
u32 apic_timer_count(void);

/* cpu/ioapic.c */
void ioapic_init(void);

/* cpu/tsc.c */
void tsc_calibrate_start(void);
void tsc_calibrate_finish(void);

/* cpu/hpet.c: a reference clock; 0 frequency if there is none. */
bool hpet_start(void);
u64 hpet_read(void);
u64 hpet_femtoseconds(void);
void hpet_remap(void);

/* cpu/pit.c: the other reference: a countdown of 54.9 ms. */
#define PIT_HZ 1193182UL
void pit_start(void);
u32 pit_ticks(void);
bool pit_expired(void);

/* cpu/power.c */
void power_init(void);

/* cpu/early_serial.c */
void early_serial_init(void);

/* mm/direct_map.c, mm/page_table.c */
void direct_map_init(const struct boot_info *bi);
void *pgtable_alloc(void);

/* mm/extable.c */
void extable_init(void);
void smap_patch(void);
/* Continue at the fixup of regs->ip; false: there is none. */
bool fixup_exception(struct pt_regs *regs);
bool has_fixup(const struct pt_regs *regs);

/* cpu/ipi.c */
void ipi_call_function_interrupt(void);
void smp_stop_if_asked(void);

/* entry */
void exit_to_user_mode(struct pt_regs *regs);
bool do_syscall_64(struct pt_regs *regs, long nr);
void common_interrupt(struct pt_regs *regs);
struct pt_regs *fixup_bad_iret(struct pt_regs *regs);
struct pt_regs *move_to_task_stack(struct pt_regs *regs);
void handle_signal_exit(struct pt_regs *regs);
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next);
void entry_SYSCALL_64(void);
void entry_SYSCALL_32(void);
