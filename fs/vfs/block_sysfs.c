/*
 * block_sysfs.c - what programs see of disks: nodes in /dev, /sys/block,
 * /sys/class/block, /sys/dev/block, and three files of /proc.
 *
 * The directories stand below /sys/devices: under the device that carries the
 * disk where the driver named it (gendisk.sys_parent), else under "virtual".
 *
 * Entry points: block_sysfs_init, partitions_show, diskstats_show,
 * blkdev_show.
 */
#include <fs/vfs/block_sysfs.h>

#include <abi/errno.h>
#include <abi/major.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/devnode.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/sysfs_link.h>
#include <kernel/alloc/slab.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>
#include <kernel/mm/readahead.h>
#include <kernel/time/clock.h>

static u64 stat_ms(atomic64_t *ns)
{
	return (u64)atomic64_read(ns) / 1000000;
}

/* The numbers of /proc/diskstats and of a "stat" file, Linux's order. */
static void show_stats(struct seq_file *m, struct block_device *bdev,
		       const char *sep)
{
	struct disk_stats *st = &bdev->bd_stats;
	int g;

	disk_stats_update(bdev);
	for (g = STAT_READ; g <= STAT_WRITE; g++)
		seq_printf(m, "%s%lld %lld %lld %llu", g ? " " : sep,
			   (long long)atomic64_read(&st->ios[g]),
			   (long long)atomic64_read(&st->merges[g]),
			   (long long)atomic64_read(&st->sectors[g]),
			   stat_ms(&st->ns[g]));
	seq_printf(m, " %lld %llu %llu 0 0 0 0 %lld %llu\n",
		   (long long)atomic64_read(&st->in_flight),
		   stat_ms(&st->io_ns), stat_ms(&st->weighted_ns),
		   (long long)atomic64_read(&st->ios[STAT_FLUSH]),
		   stat_ms(&st->ns[STAT_FLUSH]));
}

static int diskstats_line(struct block_device *bdev, void *cookie)
{
	struct seq_file *m = cookie;

	seq_printf(m, "%4u %7u %s", MAJOR(bdev->bd_dev), MINOR(bdev->bd_dev),
		   bdev->bd_name);
	show_stats(m, bdev, " ");
	return 0;
}

void diskstats_show(struct seq_file *m)
{
	(void)disk_for_each_bdev(diskstats_line, m);
}

static int partitions_line(struct block_device *bdev, void *cookie)
{
	if (bdev->bd_nr_sectors)
		seq_printf(cookie, "%4u  %7u %10llu %s\n", MAJOR(bdev->bd_dev),
			   MINOR(bdev->bd_dev), bdev->bd_nr_sectors >> 1,
			   bdev->bd_name);
	return 0;
}

void partitions_show(struct seq_file *m)
{
	seq_puts(m, "major minor  #blocks  name\n\n");
	(void)disk_for_each_bdev(partitions_line, m);
}

struct major_list {
	struct seq_file *m;
	unsigned int last;
};

static int blkdev_line(struct block_device *bdev, void *cookie)
{
	struct major_list *list = cookie;
	unsigned int major = MAJOR(bdev->bd_dev);

	if (major != list->last)
		seq_printf(list->m, "%3u %s\n", major,
			   major == VIRTBLK_MAJOR ? "virtblk"
						  : bdev->bd_disk->name);
	list->last = major;
	return 0;
}

void blkdev_show(struct seq_file *m)
{
	struct major_list list = {m, 0};

	seq_puts(m, "Block devices:\n");
	(void)disk_for_each_bdev(blkdev_line, &list);
}

/* Files of a device's directory. */

static int dev_show(struct seq_file *m, void *data)
{
	struct block_device *bdev = data;

	seq_printf(m, "%u:%u\n", MAJOR(bdev->bd_dev), MINOR(bdev->bd_dev));
	return 0;
}

static int size_show(struct seq_file *m, void *data)
{
	struct block_device *bdev = data;

	seq_printf(m, "%llu\n", bdev->bd_nr_sectors);
	return 0;
}

static int start_show(struct seq_file *m, void *data)
{
	struct block_device *bdev = data;

	seq_printf(m, "%llu\n", bdev->bd_start_sect);
	return 0;
}

static int partition_show(struct seq_file *m, void *data)
{
	struct block_device *bdev = data;

	seq_printf(m, "%u\n", bdev->bd_partno);
	return 0;
}

static int ro_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", bdev_read_only(data));
	return 0;
}

static int removable_show(struct seq_file *m, void *data)
{
	seq_puts(m, "0\n");
	return 0;
}

static int stat_show(struct seq_file *m, void *data)
{
	show_stats(m, data, "");
	return 0;
}

static int uevent_show(struct seq_file *m, void *data)
{
	struct block_device *bdev = data;

	seq_printf(m, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=%s\n",
		   MAJOR(bdev->bd_dev), MINOR(bdev->bd_dev), bdev->bd_name,
		   bdev->bd_partno ? "partition" : "disk");
	if (!bdev->bd_partno) {
		seq_printf(m, "DISKSEQ=%llu\n", bdev->bd_disk->diskseq);
		return 0;
	}
	seq_printf(m, "PARTN=%u\n", bdev->bd_partno);
	if (bdev->bd_label[0])
		seq_printf(m, "PARTNAME=%s\n", bdev->bd_label);
	return 0;
}

static int serial_show(struct seq_file *m, void *data)
{
	struct block_device *bdev = data;
	struct gendisk *disk = bdev->bd_disk;
	char text[64];
	int err;

	if (!disk->ops->get_serial)
		return 0;
	err = disk->ops->get_serial(disk, text, sizeof(text));
	if (err)
		return err;
	seq_puts(m, text);
	return 0;
}

static int logical_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%u\n", bdev_logical_block_size(data));
	return 0;
}

static int physical_show(struct seq_file *m, void *data)
{
	struct block_device *bdev = data;

	seq_printf(m, "%u\n", bdev->bd_disk->physical_block_size);
	return 0;
}

static int rotational_show(struct seq_file *m, void *data)
{
	struct block_device *bdev = data;

	seq_printf(m, "%d\n", bdev->bd_disk->rotational);
	return 0;
}

static int read_ahead_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%lu\n", VM_READAHEAD_PAGES * PAGE_SIZE / 1024);
	return 0;
}

static int write_cache_show(struct seq_file *m, void *data)
{
	struct block_device *bdev = data;

	seq_puts(m, bdev->bd_disk->write_cache ? "write back\n"
					       : "write through\n");
	return 0;
}

struct block_attribute {
	const char *name;
	int (*show)(struct seq_file *m, void *data);
};

static const struct block_attribute both_attributes[] = {
	{"dev", dev_show},   {"size", size_show},     {"ro", ro_show},
	{"stat", stat_show}, {"uevent", uevent_show},
};
static const struct block_attribute disk_attributes[] = {
	{"removable", removable_show},
	{"serial", serial_show},
	{"queue/logical_block_size", logical_show},
	{"queue/hw_sector_size", logical_show},
	{"queue/physical_block_size", physical_show},
	{"queue/rotational", rotational_show},
	{"queue/read_ahead_kb", read_ahead_show},
	{"queue/write_cache", write_cache_show},
};
static const struct block_attribute partition_attributes[] = {
	{"partition", partition_show},
	{"start", start_show},
};

static void make_attributes(struct pseudo_entry *dir, struct block_device *bdev,
			    const struct block_attribute *attrs, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		(void)pseudo_create(dir, attrs[i].name, S_IFREG | 0444,
				    attrs[i].show, NULL, bdev);
}

/* The directory of @bdev, below its disk's or its device's; NULL: no memory */
static struct pseudo_entry *make_directory(struct block_device *bdev)
{
	struct gendisk *disk = bdev->bd_disk;
	struct pseudo_entry *parent = disk->sys_parent;
	char name[DISK_NAME_LEN + 8];

	if (bdev->bd_partno)
		return disk->part[0]->bd_sys
			       ? pseudo_mkdir(disk->part[0]->bd_sys,
					      bdev->bd_name)
			       : NULL;
	if (!parent)
		parent = pseudo_mkdir(&sysfs_tree.root, "devices/virtual");
	snprintf(name, sizeof(name), "block/%s", bdev->bd_name);
	return parent ? pseudo_mkdir(parent, name) : NULL;
}

static void sysfs_add(struct block_device *bdev)
{
	struct pseudo_entry *dir = make_directory(bdev);
	struct pseudo_entry *class;
	char name[64];

	if (!dir)
		return;
	bdev->bd_sys = dir;
	class = pseudo_mkdir(&sysfs_tree.root, "class/block");
	if (class)
		(void)sysfs_link_at(dir, "subsystem", class);
	make_attributes(dir, bdev, both_attributes,
			ARRAY_SIZE(both_attributes));
	if (bdev->bd_partno)
		make_attributes(dir, bdev, partition_attributes,
				ARRAY_SIZE(partition_attributes));
	else
		make_attributes(dir, bdev, disk_attributes,
				ARRAY_SIZE(disk_attributes));

	if (!bdev->bd_partno) {
		snprintf(name, sizeof(name), "block/%s", bdev->bd_name);
		(void)sysfs_link(name, dir);
	}
	snprintf(name, sizeof(name), "class/block/%s", bdev->bd_name);
	bdev->bd_sys_links[0] = sysfs_link(name, dir);
	snprintf(name, sizeof(name), "dev/block/%u:%u", MAJOR(bdev->bd_dev),
		 MINOR(bdev->bd_dev));
	bdev->bd_sys_links[1] = sysfs_link(name, dir);
}

/* Only partitions go. */
static void sysfs_drop(struct block_device *bdev)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bdev->bd_sys_links); i++) {
		if (bdev->bd_sys_links[i])
			pseudo_remove(bdev->bd_sys_links[i]);
		bdev->bd_sys_links[i] = NULL;
	}
	if (bdev->bd_sys)
		pseudo_remove(bdev->bd_sys);
	bdev->bd_sys = NULL;
}

static void announce(struct block_device *bdev, bool present)
{
	if (present) {
		sysfs_add(bdev);
		(void)device_node_register(bdev->bd_name, S_IFBLK | 0600,
					   bdev->bd_dev);
	} else {
		(void)device_node_unregister(bdev->bd_name);
		sysfs_drop(bdev);
	}
}

static int proc_partitions(struct seq_file *m, void *data)
{
	partitions_show(m);
	return 0;
}

static int proc_diskstats(struct seq_file *m, void *data)
{
	diskstats_show(m);
	return 0;
}

void block_sysfs_init(void)
{
	(void)pseudo_mkdir(&sysfs_tree.root, "block");
	(void)pseudo_mkdir(&sysfs_tree.root, "class/block");
	(void)pseudo_mkdir(&sysfs_tree.root, "dev/block");
	(void)pseudo_create(NULL, "partitions", S_IFREG | 0444, proc_partitions,
			    NULL, NULL);
	(void)pseudo_create(NULL, "diskstats", S_IFREG | 0444, proc_diskstats,
			    NULL, NULL);
	disk_set_announcer(announce);
}
