/*
 * sysctl.c - the settings of the layers below: /proc/sys/kernel, vm and fs.
 *
 * What stands beside fs/proc (pipes, pseudoterminals) registers its own with
 * <fs/vfs/sysctl.h>.
 *
 * Entry points: proc_sysctl_init.
 */
#include <fs/vfs/sysctl.h>

#include <abi/capability.h>
#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/mman.h>
#include <abi/utsname.h>
#include <fs/proc/internal.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/sticky.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/base/random.h>
#include <kernel/base/utsname.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/oom.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/vma.h>
#include <kernel/mm/writeback.h>
#include <kernel/process/pid.h>
#include <kernel/process/reboot.h>
#include <kernel/process/signal.h>
#include <kernel/process/syslog.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/dumpable.h>
#include <kernel/sched/priority.h>

#define UUID_SIZE   16
#define RANDOM_BITS 256UL /* of the pool, random.h */
#define RESEED_SECS 60UL
#define OVERFLOW_ID 65534
#define DROP_BATCH  1024
#define DROP_PAGES  1 /* bits of drop_caches */
#define DROP_NAMES  2

/* --- plain numbers --- */

static int ngroups_max = NGROUPS_MAX;
static int cap_last_cap = CAP_LAST_CAP;
/* For 16-bit ids of calls and of file systems: there are neither here. */
static int overflow_ids[] = {OVERFLOW_ID, OVERFLOW_ID, OVERFLOW_ID,
			     OVERFLOW_ID};
static int pool_bits = RANDOM_BITS;

static const struct sysctl_int numbers[] = {
	{"kernel/pid_max", 0644, &pid_max, RESERVED_PIDS + 1, PID_MAX_LIMIT},
	{"kernel/threads-max", 0644, &max_threads, 1, INT_MAX},
	{"kernel/ngroups_max", 0444, &ngroups_max, 0, 0},
	{"kernel/cap_last_cap", 0444, &cap_last_cap, 0, 0},
	{"kernel/overflowuid", 0644, &overflow_ids[0], 0, 65535},
	{"kernel/overflowgid", 0644, &overflow_ids[1], 0, 65535},
	{"fs/overflowuid", 0644, &overflow_ids[2], 0, 65535},
	{"fs/overflowgid", 0644, &overflow_ids[3], 0, 65535},
	{"fs/mount-max", 0644, &sysctl_mount_max, 1, INT_MAX},
	{"debug/exception-trace", 0644, &show_unhandled_signals, INT_MIN,
	 INT_MAX},
	{"kernel/randomize_va_space", 0644, &sysctl_randomize_va_space, INT_MIN,
	 INT_MAX},
	{"kernel/print-fatal-signals", 0644, &print_fatal_signals, INT_MIN,
	 INT_MAX},
	{"kernel/ctrl-alt-del", 0644, &C_A_D, INT_MIN, INT_MAX},
	{"kernel/sched_child_runs_first", 0644, &sysctl_sched_child_runs_first,
	 INT_MIN, INT_MAX},
	{"vm/vfs_cache_pressure", 0644, &sysctl_vfs_cache_pressure, 0, INT_MAX},
	{"vm/panic_on_oom", 0644, &sysctl_panic_on_oom, 0, 2},
	{"vm/oom_dump_tasks", 0644, &sysctl_oom_dump_tasks, INT_MIN, INT_MAX},
	{"kernel/kptr_restrict", 0644, &kptr_restrict, 0, 2},
	{"kernel/dmesg_restrict", 0644, &dmesg_restrict, 0, 1},
	{"kernel/random/poolsize", 0444, &pool_bits, 0, 0},
	{"vm/overcommit_memory", 0644, &sysctl_overcommit_memory,
	 OVERCOMMIT_GUESS, OVERCOMMIT_NEVER},
	{"vm/overcommit_ratio", 0644, &sysctl_overcommit_ratio, INT_MIN,
	 INT_MAX},
	{"vm/max_map_count", 0644, &sysctl_max_map_count, 0, INT_MAX},
	{"vm/dirty_expire_centisecs", 0644, &sysctl_dirty_expire_centisecs, 0,
	 INT_MAX},
	{"vm/dirty_writeback_centisecs", 0644,
	 &sysctl_dirty_writeback_centisecs, 0, INT_MAX},
	{"fs/nr_open", 0644, &sysctl_nr_open, NR_OPEN_LOW, NR_OPEN_HIGH},
	{"fs/protected_symlinks", 0644, &sysctl_protected_symlinks, 0, 1},
	{"fs/protected_hardlinks", 0644, &sysctl_protected_hardlinks, 0, 1},
	{"fs/protected_fifos", 0644, &sysctl_protected_fifos, 0, 2},
	{"fs/protected_regular", 0644, &sysctl_protected_regular, 0, 2},
	{"fs/suid_dumpable", 0644, &suid_dumpable, SUID_DUMP_DISABLE,
	 SUID_DUMP_ROOT},
};

/* --- names of the system --- */

/* One of uname(2)'s strings: @data is its place in the struct. */
static int uts_show(struct seq_file *m, void *data)
{
	struct new_utsname uts;

	uts_get(&uts);
	seq_printf(m, "%s\n", (char *)&uts + (unsigned long)data);
	return 0;
}

/* One of them, of which the beginning up to @pos stays; cut to what fits. */
static void name_store(void *data, const char *text, size_t len, size_t pos)
{
	struct new_utsname uts;
	char *name = (char *)&uts + (unsigned long)data;

	uts_get(&uts);
	if (pos > strlen(name))
		return;
	len = min(len, (size_t)__NEW_UTS_LEN - pos);
	memcpy(name + pos, text, len);
	if (name == uts.nodename)
		uts_set_nodename(name, pos + len);
	else
		uts_set_domainname(name, pos + len);
}

#define UTS(field) ((void *)offsetof(struct new_utsname, field))

static void __init register_names(void)
{
	sysctl_register("kernel/ostype", 0444, uts_show, NULL, UTS(sysname));
	sysctl_register("kernel/osrelease", 0444, uts_show, NULL, UTS(release));
	sysctl_register("kernel/version", 0444, uts_show, NULL, UTS(version));
	sysctl_register_text("kernel/hostname", 0644, uts_show, name_store,
			     UTS(nodename));
	sysctl_register_text("kernel/domainname", 0644, uts_show, name_store,
			     UTS(domainname));
}

/* --- random --- */

static void show_uuid(struct seq_file *m, const u8 *uuid)
{
	int i;

	for (i = 0; i < UUID_SIZE; i++)
		seq_printf(m, "%s%02x",
			   i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			   uuid[i]);
	seq_putc(m, '\n');
}

/* RFC 4122, version 4: all random but six bits. */
static void make_uuid(u8 *uuid)
{
	get_random_bytes(uuid, UUID_SIZE);
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

static int uuid_show(struct seq_file *m, void *data)
{
	u8 uuid[UUID_SIZE];

	make_uuid(uuid);
	show_uuid(m, uuid);
	return 0;
}

static u8 boot_id[UUID_SIZE]; /* fixed at the first look, by mode bits 0x40 */
static DEFINE_SPINLOCK(boot_id_lock, LOCK_LEAF);

static int boot_id_show(struct seq_file *m, void *data)
{
	u8 uuid[UUID_SIZE];

	spin_lock(&boot_id_lock);
	if (!boot_id[8])
		make_uuid(boot_id);
	memcpy(uuid, boot_id, UUID_SIZE);
	spin_unlock(&boot_id_lock);
	show_uuid(m, uuid);
	return 0;
}

/* random(4): two numbers that nothing reads any more; on Linux, too, a write
 * changes nothing. */
static int random_number_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%lu\n", (unsigned long)data);
	return 0;
}

static ssize_t random_number_store(void *data, const char *text, size_t len)
{
	return (ssize_t)len;
}

static int entropy_avail_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", random_entropy_avail());
	return 0;
}

/* --- pids --- */

static int ns_last_pid_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", READ_ONCE(last_pid));
	return 0;
}

/* The next process gets the number after this, if it is free. */
static ssize_t ns_last_pid_store(void *data, const char *text, size_t len)
{
	long value;
	int err;

	if (!capable(CAP_SYS_ADMIN) && !capable(CAP_CHECKPOINT_RESTORE))
		return -EPERM;
	err = sysctl_parse_long(text, 0, READ_ONCE(pid_max), &value);
	if (err)
		return err;
	set_last_pid((pid_t)value);
	return (ssize_t)len;
}

/* --- panic, printk --- */

static int panic_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", panic_get_timeout());
	return 0;
}

static ssize_t panic_store(void *data, const char *text, size_t len)
{
	long value;
	int err = sysctl_parse_long(text, INT_MIN, INT_MAX, &value);

	if (err)
		return err;
	panic_set_timeout((int)value);
	return len;
}

/* --- vm --- */

static void drop_names(void)
{
	while (sysctl_vfs_cache_pressure &&
	       (prune_dcache(DROP_BATCH) | prune_icache(DROP_BATCH)))
		(void)cond_resched();
	(void)slab_shrink();
}

static ssize_t drop_caches_store(void *data, const char *text, size_t len)
{
	long value;
	int err = sysctl_parse_long(text, 1, 4, &value);

	if (err)
		return err;
	if (value & DROP_PAGES)
		while (shrink_page_cache(DROP_BATCH))
			(void)cond_resched();
	if (value & DROP_NAMES)
		drop_names();
	return len;
}

/* --- fs --- */

static int file_nr_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%ld\t0\t%ld\n", nr_open_files(), max_open_files());
	return 0;
}

static int file_max_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%ld\n", max_open_files());
	return 0;
}

static ssize_t file_max_store(void *data, const char *text, size_t len)
{
	long value;
	int err = sysctl_parse_long(text, 0, LONG_MAX, &value);

	if (err)
		return err;
	set_max_open_files(value);
	return len;
}

static int inode_nr_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%ld\t%ld\n", inode_nr_total(), inode_nr_unused());
	return 0;
}

static int inode_state_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%ld\t%ld\t0\t0\t0\t0\t0\n", inode_nr_total(),
		   inode_nr_unused());
	return 0;
}

/* All names, unused ones, 45, 0, unused ones of nothing, 0. */
static int dentry_state_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%lu\t%lu\t45\t0\t%lu\t0\n", dentry_nr_total(),
		   dentry_nr_unused(), dentry_nr_negative());
	return 0;
}

/* proc_sysctl_init - make the nodes. */
void __init proc_sysctl_init(void)
{
	register_names();
	sysctl_register_ints(numbers, ARRAY_SIZE(numbers));
	sysctl_register("kernel/random/uuid", 0444, uuid_show, NULL, NULL);
	sysctl_register("kernel/random/boot_id", 0444, boot_id_show, NULL,
			NULL);
	sysctl_register("kernel/random/entropy_avail", 0444, entropy_avail_show,
			NULL, NULL);
	sysctl_register("kernel/random/urandom_min_reseed_secs", 0644,
			random_number_show, random_number_store,
			(void *)RESEED_SECS);
	sysctl_register("kernel/random/write_wakeup_threshold", 0644,
			random_number_show, random_number_store,
			(void *)RANDOM_BITS);
	sysctl_register("kernel/arch", 0444, uts_show, NULL, UTS(machine));
	sysctl_register("kernel/ns_last_pid", 0666, ns_last_pid_show,
			ns_last_pid_store, NULL);
	sysctl_register("kernel/panic", 0644, panic_show, panic_store, NULL);
	sysctl_register_vector("kernel/printk", 0644, console_printk,
			       NR_LOGLEVELS);
	sysctl_register_ulong("vm/mmap_min_addr", 0644, &sysctl_mmap_min_addr);
	sysctl_register_ulong("vm/overcommit_kbytes", 0644,
			      &sysctl_overcommit_kbytes);
	sysctl_register("vm/drop_caches", 0200, NULL, drop_caches_store, NULL);
	proc_sysctl_vm_init();
	sysctl_register("fs/file-nr", 0444, file_nr_show, NULL, NULL);
	sysctl_register("fs/file-max", 0644, file_max_show, file_max_store,
			NULL);
	sysctl_register("fs/inode-nr", 0444, inode_nr_show, NULL, NULL);
	sysctl_register("fs/dentry-state", 0444, dentry_state_show, NULL, NULL);
	sysctl_register("fs/inode-state", 0444, inode_state_show, NULL, NULL);
}
