/*
 * sysfs.c - the sysfs file system: mounts sysfs_tree, and fills in what no
 * driver does itself: character devices by class, and the CPUs.
 *
 * A character device's directory stands below /sys/devices/virtual/CLASS (a
 * serial line's below its platform device); links lead there from
 * /sys/class/CLASS and /sys/dev/char.  The class follows from the major
 * number.  Block devices are shown by fs/vfs/block_sysfs.c.
 *
 * Locks: chars_lock guards the list of shown devices.
 *
 * Entry points: sysfs_init.
 */
#include <fs/sysfs/sysfs.h>

#include <abi/errno.h>
#include <abi/major.h>
#include <fs/vfs/devnode.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/super.h>
#include <fs/vfs/sysfs_link.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/panic.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>
#include <kernel/sched/mutex.h>

#define SYSFS_MAGIC   0x62656572
#define CHAR_NAME_MAX 48

/* One character device. */
struct char_node {
	struct list_head link; /* [chars_lock] */
	dev_t dev;
	umode_t mode;
	char name[CHAR_NAME_MAX];	 /* as in /dev: "snd/seq" */
	struct pseudo_entry *entries[3]; /* links, then the directory */
};

static DEFINE_MUTEX(chars_lock, LOCK_LEAF_SLEEPING);
static LIST_HEAD(chars); /* [chars_lock] */

static const char *class_of(dev_t dev)
{
	switch (MAJOR(dev)) {
	case MEM_MAJOR:
		return "mem";
	case TTY_MAJOR:
	case TTYAUX_MAJOR:
		return "tty";
	case RTC_MAJOR:
		return "rtc";
	case INPUT_MAJOR:
		return "input";
	case FB_MAJOR:
		return "graphics";
	default:
		return "misc";
	}
}

/* Where the directories of @node's kind stand. */
static const char *parent_of(const struct char_node *node)
{
	if (MAJOR(node->dev) == TTY_MAJOR &&
	    MINOR(node->dev) >= TTYS_MINOR_BASE)
		return "devices/platform/serial8250";
	if (MAJOR(node->dev) == RTC_MAJOR)
		return "devices/platform/rtc_cmos";
	return "devices/virtual";
}

static int dev_show(struct seq_file *m, void *data)
{
	const struct char_node *node = data;

	seq_printf(m, "%u:%u\n", MAJOR(node->dev), MINOR(node->dev));
	return 0;
}

/* Linux tells the mode only where it is not udev's default of 0600. */
static int uevent_show(struct seq_file *m, void *data)
{
	const struct char_node *node = data;

	seq_printf(m, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\n", MAJOR(node->dev),
		   MINOR(node->dev), node->name);
	if ((node->mode & 0777) != 0600)
		seq_printf(m, "DEVMODE=0%o\n", node->mode & 0777);
	return 0;
}

/* A '/' in a device's name is a '!' in sysfs. */
static void entry_name(char *to, const char *name)
{
	(void)strscpy(to, name, CHAR_NAME_MAX);
	for (; *to; to++)
		if (*to == '/')
			*to = '!';
}

static int show_node(struct char_node *node)
{
	const char *class = class_of(node->dev);
	struct pseudo_entry *dir, *class_dir;
	char name[CHAR_NAME_MAX];
	char path[128];

	entry_name(name, node->name);
	snprintf(path, sizeof(path), "%s/%s/%s", parent_of(node), class, name);
	dir = pseudo_mkdir(&sysfs_tree.root, path);
	snprintf(path, sizeof(path), "class/%s", class);
	class_dir = pseudo_mkdir(&sysfs_tree.root, path);
	if (!dir || !class_dir)
		return -ENOMEM;
	node->entries[2] = dir;
	(void)pseudo_create(dir, "dev", 0444, dev_show, NULL, node);
	(void)pseudo_create(dir, "uevent", 0444, uevent_show, NULL, node);
	(void)sysfs_link_at(dir, "subsystem", class_dir);
	node->entries[0] = sysfs_link_at(class_dir, name, dir);
	snprintf(path, sizeof(path), "dev/char/%u:%u", MAJOR(node->dev),
		 MINOR(node->dev));
	node->entries[1] = sysfs_link(path, dir);
	return 0;
}

/* A node is announced.  Disks show themselves. */
static int node_created(const char *name, umode_t mode, dev_t dev)
{
	struct char_node *node;
	int err;

	if (!S_ISCHR(mode))
		return 0;
	node = kzalloc(sizeof(*node));
	if (!node)
		return -ENOMEM;
	node->dev = dev;
	node->mode = mode;
	(void)strscpy(node->name, name, sizeof(node->name));
	err = show_node(node);
	if (err) {
		kfree(node);
		return err;
	}
	mutex_lock(&chars_lock);
	list_add_tail(&node->link, &chars);
	mutex_unlock(&chars_lock);
	return 0;
}

/*
 * It goes again: its entries too.  The node itself stays, as open files of
 * its directory may still ask it; devices hardly ever go.
 */
static int node_removed(const char *name)
{
	struct char_node *node, *found = NULL;
	size_t i;

	mutex_lock(&chars_lock);
	list_for_each_entry (node, &chars, link)
		if (strcmp(node->name, name) == 0)
			found = node;
	if (found)
		list_del_init(&found->link);
	mutex_unlock(&chars_lock);
	if (!found)
		return 0;
	for (i = 0; i < ARRAY_SIZE(found->entries); i++)
		if (found->entries[i])
			pseudo_remove(found->entries[i]);
	return 0;
}

static const struct devnode_ops sysfs_devnode_ops = {
	.create = node_created,
	.remove = node_removed,
};

/* --- CPUs --- */

/* "0-3" of @bits. */
static void show_range(struct seq_file *m, u64 bits)
{
	unsigned int cpu, last;
	const char *sep = "";

	for (cpu = 0; cpu < NR_CPUS; cpu = last + 1) {
		last = cpu;
		if (!(bits >> cpu & 1))
			continue;
		while (last + 1 < NR_CPUS && (bits >> (last + 1) & 1))
			last++;
		seq_printf(m, last > cpu ? "%s%u-%u" : "%s%u", sep, cpu, last);
		sep = ",";
	}
	seq_putc(m, '\n');
}

static u64 possible_bits(void)
{
	return (1ULL << nr_cpu_ids) - 1;
}

static int online_show(struct seq_file *m, void *data)
{
	show_range(m, READ_ONCE(cpu_online_bits));
	return 0;
}

static int offline_show(struct seq_file *m, void *data)
{
	show_range(m, possible_bits() & ~READ_ONCE(cpu_online_bits));
	return 0;
}

static int possible_show(struct seq_file *m, void *data)
{
	show_range(m, possible_bits());
	return 0;
}

static int kernel_max_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", NR_CPUS - 1);
	return 0;
}

static void __init add_cpus(void)
{
	struct pseudo_entry *dir =
		pseudo_mkdir(&sysfs_tree.root, "devices/system/cpu");
	unsigned int cpu;
	char name[12];

	if (!dir)
		return;
	(void)pseudo_create(dir, "online", 0444, online_show, NULL, NULL);
	(void)pseudo_create(dir, "offline", 0444, offline_show, NULL, NULL);
	(void)pseudo_create(dir, "possible", 0444, possible_show, NULL, NULL);
	(void)pseudo_create(dir, "present", 0444, possible_show, NULL, NULL);
	(void)pseudo_create(dir, "kernel_max", 0444, kernel_max_show, NULL,
			    NULL);
	for_each_possible_cpu (cpu) {
		snprintf(name, sizeof(name), "cpu%u", cpu);
		(void)pseudo_mkdir(dir, name);
	}
}

/* --- the file system --- */

static int sysfs_fill_super(struct super_block *sb, void *data, bool silent)
{
	return pseudo_fill_super(sb, &sysfs_tree, SYSFS_MAGIC);
}

static struct file_system_type sysfs_type = {
	.name = "sysfs",
	.fs_flags = FS_USERNS_MOUNT,
	.fill_super = sysfs_fill_super,
	.single = true,
	.list = LIST_HEAD_INIT(sysfs_type.list),
	.supers = LIST_HEAD_INIT(sysfs_type.supers),
};

static const char *const directories[] = {
	"block",	   "bus",      "class", "dev/block", "dev/char",
	"devices/virtual", "firmware", "fs",	"kernel",
};

/*
 * sysfs_init - see sysfs.h.
 */
void __init sysfs_init(void)
{
	size_t i;

	if (register_filesystem(&sysfs_type))
		panic("sysfs: cannot register the file system");
	for (i = 0; i < ARRAY_SIZE(directories); i++)
		(void)pseudo_mkdir(&sysfs_tree.root, directories[i]);
	add_cpus();
	(void)devnode_attach(&sysfs_devnode_ops);
}
