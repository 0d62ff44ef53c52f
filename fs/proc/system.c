/*
 * system.c - what the system is: /proc/version, cmdline, cpuinfo,
 * filesystems, devices, swaps, locks, proc(5).
 *
 * Entry points: proc_system_init.
 */
#include <fs/proc/internal.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/char_dev.h>
#include <fs/vfs/locks.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/super.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/percpu.h>
#include <kernel/arch/smp.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/utsname.h>

static int version_show(struct seq_file *m, void *data)
{
	struct new_utsname uts;

	uts_get(&uts);
	seq_printf(m, "%s version %s (tine) (gcc %s) %s\n", uts.sysname,
		   uts.release, __VERSION__, uts.version);
	return 0;
}

static int cmdline_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%s\n", cmdline_raw());
	return 0;
}

/* --- cpuinfo: the lines whose values we know --- */

static void show_flags(struct seq_file *m)
{
	const char *name;
	unsigned int n;

	seq_puts(m, "flags\t\t:");
	for (n = 0; n < CPU_FEATURE_WORDS * 32; n++) {
		name = cpu_flag_name(n);
		if (name)
			seq_printf(m, " %s", name);
	}
	seq_putc(m, '\n');
}

static void show_model(struct seq_file *m, unsigned int cpu,
		       const struct cpu_info *info)
{
	seq_printf(m, "processor\t: %u\nvendor_id\t: %s\n", cpu, info->vendor);
	seq_printf(m, "cpu family\t: %u\nmodel\t\t: %u\nmodel name\t: %s\n",
		   info->family, info->model,
		   info->model_name[0] ? info->model_name : "unknown");
	seq_printf(m, "stepping\t: %u\n", info->stepping);
	seq_printf(m, "cpu MHz\t\t: %llu.%03llu\n", info->tsc_khz / 1000,
		   info->tsc_khz % 1000);
	if (info->cache_kib)
		seq_printf(m, "cache size\t: %u KB\n", info->cache_kib);
	seq_printf(m, "apicid\t\t: %u\ninitial apicid\t: %u\n",
		   cpu_apic_id(cpu), cpu_apic_id(cpu));
}

/* As Linux reckons bogomips where the TSC is its delay loop. */
static void show_bogomips(struct seq_file *m, u64 tsc_khz)
{
	u64 hundredths = tsc_khz * 2 / 10;

	seq_printf(m, "bogomips\t: %llu.%02llu\n", hundredths / 100,
		   hundredths % 100);
}

static int cpuinfo_show(struct seq_file *m, void *data)
{
	const struct cpu_info *info;
	unsigned int cpu;

	for_each_online_cpu(cpu)
	{
		info = cpu_info(cpu);
		show_model(m, cpu, info);
		seq_printf(m,
			   "fpu\t\t: yes\nfpu_exception\t: yes\n"
			   "cpuid level\t: %u\nwp\t\t: yes\n",
			   info->cpuid_level);
		show_flags(m);
		show_bogomips(m, info->tsc_khz);
		seq_printf(m, "clflush size\t: %u\ncache_alignment\t: %u\n",
			   info->clflush_size, info->clflush_size);
		seq_printf(m,
			   "address sizes\t: %u bits physical, "
			   "%u bits virtual\npower management:\n\n",
			   info->phys_bits, info->virt_bits);
	}
	return 0;
}

/* --- what is registered --- */

static void filesystem_line(struct file_system_type *type, void *arg)
{
	seq_printf(arg, "%s\t%s\n",
		   type->fs_flags & FS_REQUIRES_DEV ? "" : "nodev", type->name);
}

static int filesystems_show(struct seq_file *m, void *data)
{
	for_each_filesystem(filesystem_line, m);
	return 0;
}

static int devices_show(struct seq_file *m, void *data)
{
	seq_puts(m, "Character devices:\n");
	chrdev_show(m);
	seq_putc(m, '\n');
	blkdev_show(m);
	return 0;
}

/* The header only: there is no swap. */
static int swaps_show(struct seq_file *m, void *data)
{
	seq_puts(m, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

static int proc_locks_show(struct seq_file *m, void *data)
{
	locks_show(m);
	return 0;
}

/* proc_system_init - make the nodes. */
void __init proc_system_init(void)
{
	(void)pseudo_create(NULL, "version", 0444, version_show, NULL, NULL);
	(void)pseudo_create(NULL, "cmdline", 0444, cmdline_show, NULL, NULL);
	(void)pseudo_create(NULL, "cpuinfo", 0444, cpuinfo_show, NULL, NULL);
	(void)pseudo_create(NULL, "filesystems", 0444, filesystems_show, NULL,
			    NULL);
	(void)pseudo_create(NULL, "devices", 0444, devices_show, NULL, NULL);
	(void)pseudo_create(NULL, "swaps", 0444, swaps_show, NULL, NULL);
	(void)pseudo_create(NULL, "locks", 0444, proc_locks_show, NULL, NULL);
}
