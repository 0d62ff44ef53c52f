/*
 * sysctl_vm.c - settings under /proc/sys/vm that are more than a number: the
 * reserves, and the limits of dirty pages as a ratio or in bytes.
 *
 * Entry points: proc_sysctl_vm_init.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <fs/proc/internal.h>
#include <fs/vfs/sysctl.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/oom.h>
#include <kernel/mm/writeback.h>

#define DIRTY_BYTES_MIN (2 * (long)PAGE_SIZE)

static const struct sysctl_int numbers[] = {
	{"vm/legacy_va_layout", 0644, &sysctl_legacy_va_layout, INT_MIN,
	 INT_MAX},
	{"vm/mmap_rnd_bits", 0600, &sysctl_mmap_rnd_bits, MMAP_RND_BITS_MIN,
	 MMAP_RND_BITS_MAX},
	{"vm/oom_kill_allocating_task", 0644, &sysctl_oom_kill_allocating_task,
	 INT_MIN, INT_MAX},
};

/* --- dirty pages: the later of the two settings counts --- */

static const struct dirty_setting {
	const char *ratio_name, *bytes_name;
	int *ratio;	      /* percent, 0 if bytes count */
	unsigned long *bytes; /* 0 if the ratio counts */
	long least;	      /* bytes */
} dirty[] = {
	{"vm/dirty_ratio", "vm/dirty_bytes", &sysctl_dirty_ratio,
	 &sysctl_dirty_bytes, DIRTY_BYTES_MIN},
	{"vm/dirty_background_ratio", "vm/dirty_background_bytes",
	 &sysctl_dirty_background_ratio, &sysctl_dirty_background_bytes, 1},
};

static int ratio_show(struct seq_file *m, void *data)
{
	const struct dirty_setting *s = data;

	seq_printf(m, "%d\n", *s->ratio);
	return 0;
}

static ssize_t ratio_store(void *data, const char *text, size_t len)
{
	const struct dirty_setting *s = data;
	long value;
	int err = sysctl_parse_long(text, 0, 100, &value);

	if (err)
		return err;
	if (value != *s->ratio)
		*s->bytes = 0;
	*s->ratio = (int)value;
	return (ssize_t)len;
}

static int bytes_show(struct seq_file *m, void *data)
{
	const struct dirty_setting *s = data;

	seq_printf(m, "%lu\n", *s->bytes);
	return 0;
}

static ssize_t bytes_store(void *data, const char *text, size_t len)
{
	const struct dirty_setting *s = data;
	long value;
	int err = sysctl_parse_long(text, s->least, LONG_MAX, &value);

	if (err)
		return err;
	if ((unsigned long)value != *s->bytes)
		*s->ratio = 0;
	*s->bytes = (unsigned long)value;
	return (ssize_t)len;
}

/* --- what is kept free --- */

static int min_free_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%lu\n", reserve_pages() << (PAGE_SHIFT - 10));
	return 0;
}

static ssize_t min_free_store(void *data, const char *text, size_t len)
{
	long value;
	int err = sysctl_parse_long(text, 0, INT_MAX, &value);

	if (err)
		return err;
	set_reserve_pages((unsigned long)value >> (PAGE_SHIFT - 10));
	return (ssize_t)len;
}

/* proc_sysctl_vm_init - see internal.h. */
void __init proc_sysctl_vm_init(void)
{
	size_t i;

	sysctl_register_ints(numbers, ARRAY_SIZE(numbers));
	for (i = 0; i < ARRAY_SIZE(dirty); i++) {
		sysctl_register(dirty[i].ratio_name, 0644, ratio_show,
				ratio_store, (void *)&dirty[i]);
		sysctl_register(dirty[i].bytes_name, 0644, bytes_show,
				bytes_store, (void *)&dirty[i]);
	}
	sysctl_register("vm/min_free_kbytes", 0644, min_free_show,
			min_free_store, NULL);
	commit_reserve_init();
	sysctl_register_ulong("vm/admin_reserve_kbytes", 0644,
			      &sysctl_admin_reserve_kbytes);
	sysctl_register_ulong("vm/user_reserve_kbytes", 0644,
			      &sysctl_user_reserve_kbytes);
}
