/*
 * Which CPU this is, and which of its features we switch on.
 *
 * All CPUs are taken to be alike: boot_cpu is read once on CPU 0 and decides
 * for all.  Nothing beyond qemu64's features is required.
 *
 * Entry points: cpu_identify, cpu_enable_features, cpu_info, cpu_flag_name,
 * cpu_hwcap, arch_get_random.
 */
#include <kernel/arch/cpu_features.h>

#include <kernel/arch/io.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/random.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

/* "No speculative store bypass", AMD's way and Intel's. */
#define AMD_VENDOR_EBX		0x68747541 /* "Auth" */
#define CPUID_AMD_SSB_NO	(1U << 26) /* 0x80000008 EBX */
#define CPUID_ARCH_CAPABILITIES (1U << 29) /* 7 EDX */
#define MSR_ARCH_CAPABILITIES	0x10a
#define ARCH_CAP_SSB_NO		(1U << 4)

#define HWCAP2_FSGSBASE 2

struct cpu_info boot_cpu;

/*
 * Linux's names in /proc/cpuinfo: a line per enum cpu_feature_word, bit 0
 * first,
 * "-" where there is no name.  cpu_identify ends each name with a zero.
 */
static char flag_names[] =
	"fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca "
	"cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht "
	"tm ia64 pbe \n"
	"- - - - - - - - - - - syscall - - - - - - - mp nx - mmxext - "
	"- fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow \n"
	"pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 cid "
	"sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe "
	"popcnt tsc_deadline_timer aes xsave - avx f16c rdrand "
	"hypervisor \n"
	"lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a "
	"misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 "
	"tce - nodeid_msr - tbm topoext perfctr_core perfctr_nb - "
	"bpext ptsc perfctr_llc mwaitx \n"
	"fsgsbase tsc_adjust - bmi1 hle avx2 - smep bmi2 erms invpcid "
	"rtm cqm - mpx rdt_a avx512f avx512dq rdseed adx smap "
	"avx512ifma - clflushopt clwb intel_pt avx512pf avx512er "
	"avx512cd sha_ni avx512bw avx512vl \n"
	"- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni vaes "
	"vpclmulqdq avx512_vnni avx512_bitalg tme avx512_vpopcntdq - "
	"la57 - - - - - rdpid - bus_lock_detect cldemote - movdiri "
	"movdir64b enqcmd \n"
	"xsaveopt xsavec xgetbv1 xsaves \n"
	"dtherm - arat \n";

static void __init read_words(u32 max, u32 max_extended)
{
	u32 *word = boot_cpu.word;
	u32 a;
	u32 b;
	u32 c;
	u32 d;

	cpuid(1, 0, &a, &b, &word[CPUID_1_ECX], &word[CPUID_1_EDX]);
	boot_cpu.stepping = a & 15;
	boot_cpu.model = a >> 4 & 15;
	boot_cpu.family = a >> 8 & 15;
	if (boot_cpu.family == 6 || boot_cpu.family == 15)
		boot_cpu.model |= (a >> 16 & 15) << 4;
	if (boot_cpu.family == 15)
		boot_cpu.family += a >> 20 & 255;
	boot_cpu.clflush_size = (b >> 8 & 255) * 8;
	boot_cpu.apic_id = b >> 24;
	if (max >= 6)
		cpuid(6, 0, &word[CPUID_6_EAX], &b, &c, &d);
	if (max >= 7)
		cpuid(7, 0, &a, &word[CPUID_7_EBX], &word[CPUID_7_ECX], &d);
	if (max >= 13)
		cpuid(13, 1, &word[CPUID_D_1_EAX], &b, &c, &d);
	if (max_extended >= 0x80000001)
		cpuid(0x80000001, 0, &a, &b, &word[CPUID_8000_0001_ECX],
		      &word[CPUID_8000_0001_EDX]);
}

static void __init read_names(u32 max_extended)
{
	u32 brand[12] = {0};
	const char *name = (const char *)brand;
	unsigned int i;
	u32 a;
	u32 b;
	u32 c;
	u32 d;

	if (max_extended >= 0x80000004) {
		for (i = 0; i < 3; i++)
			cpuid(0x80000002 + i, 0, &brand[i * 4],
			      &brand[i * 4 + 1], &brand[i * 4 + 2],
			      &brand[i * 4 + 3]);
	}
	brand[11] &= 0x00ffffff;
	while (*name == ' ')
		name++;
	strscpy(boot_cpu.model_name, *name ? name : "unknown",
		sizeof(boot_cpu.model_name));
	boot_cpu.phys_bits = 36;
	boot_cpu.virt_bits = 48;
	if (max_extended >= 0x80000008) {
		cpuid(0x80000008, 0, &a, &b, &c, &d);
		boot_cpu.phys_bits = a & 255;
		boot_cpu.virt_bits = a >> 8 & 255;
	}
	if (max_extended >= 0x80000006) {
		cpuid(0x80000006, 0, &a, &b, &c, &d);
		boot_cpu.cache_kib = c >> 16;
	}
}

/* cpu_identify - fill boot_cpu; on CPU 0, first of all. */
void __init cpu_identify(void)
{
	u32 max_extended;
	u32 vendor[3];
	u32 unused[3];
	char *p;

	cpuid(0, 0, &boot_cpu.cpuid_level, &vendor[0], &vendor[2], &vendor[1]);
	memcpy(boot_cpu.vendor, vendor, sizeof(vendor));
	cpuid(0x80000000, 0, &max_extended, &unused[0], &unused[1], &unused[2]);
	read_words(boot_cpu.cpuid_level, max_extended);
	read_names(max_extended);
	for (p = flag_names; p < flag_names + sizeof(flag_names) - 1; p++) {
		if (*p == ' ')
			*p = '\0';
	}
}

/* cpu_enable_features - on each CPU, after its GDT; SMAP sites are patched. */
void cpu_enable_features(void)
{
	unsigned long cr4 = read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (cpu_has(X86_FEATURE_SMEP))
		cr4 |= CR4_SMEP;
	if (cpu_has(X86_FEATURE_SMAP))
		cr4 |= CR4_SMAP;
	if (cpu_has(X86_FEATURE_UMIP))
		cr4 |= CR4_UMIP;
	if (cpu_has(X86_FEATURE_FSGSBASE))
		cr4 |= CR4_FSGSBASE;
	if (cpu_has(X86_FEATURE_XSAVE))
		cr4 |= CR4_OSXSAVE;
	write_cr4(cr4);
	if (cpu_has(X86_FEATURE_RDTSCP))
		wrmsr(MSR_TSC_AUX, smp_processor_id());
}

const struct cpu_info *cpu_info(unsigned int cpu)
{
	return cpu_online(cpu) ? &boot_cpu : NULL;
}

const char *cpu_flag_name(unsigned int n)
{
	const char *p = flag_names;
	unsigned int word;
	unsigned int bit;

	if (!cpu_has(n))
		return NULL;
	for (word = n / 32; word; p++)
		word -= *p == '\n';
	for (bit = n % 32; bit && *p != '\n'; p++)
		bit -= *p == '\0';
	return *p == '\n' || *p == '-' ? NULL : p;
}

unsigned long cpu_hwcap(void)
{
	return boot_cpu.word[CPUID_1_EDX];
}

unsigned long cpu_hwcap2(void)
{
	return cpu_has(X86_FEATURE_FSGSBASE) ? HWCAP2_FSGSBASE : 0;
}

/* AMD's families 15 to 18, which do not. */
static bool is_early_amd(void)
{
	u32 a, b, c, d, family;

	cpuid(0, 0, &a, &b, &c, &d);
	if (b != AMD_VENDOR_EBX)
		return false;
	cpuid(1, 0, &a, &b, &c, &d);
	family = (a >> 8) & 15;
	if (family == 15)
		family += (a >> 20) & 255;
	return family >= 15 && family <= 18;
}

bool cpu_bypasses_stores(void)
{
	u32 a, b, c, d;

	cpuid(0x80000000, 0, &a, &b, &c, &d);
	if (a >= 0x80000008) {
		cpuid(0x80000008, 0, &a, &b, &c, &d);
		if (b & CPUID_AMD_SSB_NO)
			return false;
	}
	if (is_early_amd())
		return false;
	cpuid(0, 0, &a, &b, &c, &d);
	if (a < 7)
		return true;
	cpuid(7, 0, &a, &b, &c, &d);
	return !(d & CPUID_ARCH_CAPABILITIES) ||
	       !(rdmsr(MSR_ARCH_CAPABILITIES) & ARCH_CAP_SSB_NO);
}

bool arch_get_random(u64 *out)
{
	unsigned int tries;
	bool ok;

	if (!cpu_has(X86_FEATURE_RDRAND))
		return false;
	for (tries = 0; tries < 10; tries++) {
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*out), "=qm"(ok));
		if (ok)
			return true;
	}
	return false;
}

bool arch_get_random_seed(u64 *out)
{
	bool ok;

	if (!cpu_has(X86_FEATURE_RDSEED))
		return false;
	__asm__ volatile("rdseed %0; setc %1" : "=r"(*out), "=qm"(ok));
	return ok;
}
