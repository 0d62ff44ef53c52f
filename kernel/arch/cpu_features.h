/*
 * What the CPU is and can do.
 *
 * Entry points: cpu_has, cpu_info, cpu_hwcap, cpu_hwcap2, cpu_flag_names.
 */
#pragma once

#include <abi/types.h>

/* CPUID words kept, and a feature's number: word * 32 + bit. */
enum cpu_feature_word {
	CPUID_1_EDX,
	CPUID_8000_0001_EDX,
	CPUID_1_ECX,
	CPUID_8000_0001_ECX,
	CPUID_7_EBX,
	CPUID_7_ECX,
	CPUID_D_1_EAX,
	CPUID_6_EAX,
	CPU_FEATURE_WORDS,
};

#define CPU_FEATURE(word, bit) ((word)*32 + (bit))

#define X86_FEATURE_TSC		 CPU_FEATURE(CPUID_1_EDX, 4)
#define X86_FEATURE_APIC	 CPU_FEATURE(CPUID_1_EDX, 9)
#define X86_FEATURE_PGE		 CPU_FEATURE(CPUID_1_EDX, 13)
#define X86_FEATURE_NX		 CPU_FEATURE(CPUID_8000_0001_EDX, 20)
#define X86_FEATURE_GBPAGES	 CPU_FEATURE(CPUID_8000_0001_EDX, 26)
#define X86_FEATURE_RDTSCP	 CPU_FEATURE(CPUID_8000_0001_EDX, 27)
#define X86_FEATURE_PCID	 CPU_FEATURE(CPUID_1_ECX, 17)
#define X86_FEATURE_X2APIC	 CPU_FEATURE(CPUID_1_ECX, 21)
#define X86_FEATURE_TSC_DEADLINE CPU_FEATURE(CPUID_1_ECX, 24)
#define X86_FEATURE_XSAVE	 CPU_FEATURE(CPUID_1_ECX, 26)
#define X86_FEATURE_RDRAND	 CPU_FEATURE(CPUID_1_ECX, 30)
#define X86_FEATURE_HYPERVISOR	 CPU_FEATURE(CPUID_1_ECX, 31)
#define X86_FEATURE_FSGSBASE	 CPU_FEATURE(CPUID_7_EBX, 0)
#define X86_FEATURE_SMEP	 CPU_FEATURE(CPUID_7_EBX, 7)
#define X86_FEATURE_ERMS	 CPU_FEATURE(CPUID_7_EBX, 9)
#define X86_FEATURE_INVPCID	 CPU_FEATURE(CPUID_7_EBX, 10)
#define X86_FEATURE_RDSEED	 CPU_FEATURE(CPUID_7_EBX, 18)
#define X86_FEATURE_SMAP	 CPU_FEATURE(CPUID_7_EBX, 20)
#define X86_FEATURE_UMIP	 CPU_FEATURE(CPUID_7_ECX, 2)
#define X86_FEATURE_PKU		 CPU_FEATURE(CPUID_7_ECX, 3)
#define X86_FEATURE_OSPKE	 CPU_FEATURE(CPUID_7_ECX, 4)
#define X86_FEATURE_RDPID	 CPU_FEATURE(CPUID_7_ECX, 22)
#define X86_FEATURE_XSAVEOPT	 CPU_FEATURE(CPUID_D_1_EAX, 0)

struct cpu_info {
	char vendor[13];
	char model_name[49];
	unsigned int family;
	unsigned int model;
	unsigned int stepping;
	unsigned int cpuid_level;
	unsigned int cache_kib; /* of the last level, 0 if unknown */
	unsigned int clflush_size;
	unsigned int phys_bits;
	unsigned int virt_bits;
	unsigned int apic_id;
	u64 tsc_khz; /* 0 until calibrated */
	u32 word[CPU_FEATURE_WORDS];
};

/* [I] after setup_arch_early; CPU 0's, as all CPUs must be alike. */
extern struct cpu_info boot_cpu;

static inline bool cpu_has(unsigned int feature)
{
	return boot_cpu.word[feature / 32] >> (feature % 32) & 1;
}

/* For /proc/cpuinfo: CPU @cpu's description. */
const struct cpu_info *cpu_info(unsigned int cpu);

/*
 * cpu_flag_name - Linux's name ("fpu", "sse2") of feature @n if this CPU has
 * it, NULL if not or if it has no name.  @n runs to CPU_FEATURE_WORDS * 32.
 */
const char *cpu_flag_name(unsigned int n);

/* AT_HWCAP and AT_HWCAP2 of new programs. */
unsigned long cpu_hwcap(void);
unsigned long cpu_hwcap2(void);

/* Does a load pass a store before it, by speculation? */
bool cpu_bypasses_stores(void);
