/*
 * disk.c - the list of disks, their partitions, their counters.
 *
 * The struct block_device of a partition number is made when a table first
 * has that number, and kept; a new scan changes only its place and size.
 *
 * Locks: see disk.h; disk_scan_lock before disks_lock.
 *
 * Entry points: alloc_disk, add_disk, disk_rescan_partitions, bdev_lookup,
 * bdev_lookup_name, disk_for_each_bdev, disk_set_announcer.
 */
#include <kernel/block/disk.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/assert.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/block/partition.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>
#include <kernel/sched/mutex.h>
#include <kernel/time/clock.h>

static LIST_HEAD(disks);
static DEFINE_MUTEX(disks_lock, LOCK_LEAF_SLEEPING);
static DEFINE_MUTEX(disk_scan_lock, LOCK_DISK_SCAN);
static void (*announcer)(struct block_device *bdev, bool present);
static u64 last_diskseq; /* [disk_scan_lock] */

struct gendisk *alloc_disk(void)
{
	struct gendisk *disk = kzalloc(sizeof(*disk));

	if (disk) {
		INIT_LIST_HEAD(&disk->link);
		disk->logical_block_size = SECTOR_SIZE;
		disk->physical_block_size = SECTOR_SIZE;
	}
	return disk;
}

/* A block_device for partition @partno of @disk, not yet in part[]. */
static struct block_device *bdev_create(struct gendisk *disk, u8 partno)
{
	struct block_device *bdev = kzalloc(sizeof(*bdev));
	size_t len = strlen(disk->name);
	bool digit_last;

	if (!bdev)
		return NULL;
	bdev->bd_disk = disk;
	bdev->bd_partno = partno;
	bdev->bd_dev = MKDEV(disk->major, disk->first_minor + partno);
	spin_lock_init(&bdev->bd_buffer_lock, LOCK_BUFFER);
	/* vda1, but nvme0n1p1 */
	digit_last =
		len && disk->name[len - 1] >= '0' && disk->name[len - 1] <= '9';
	if (partno)
		snprintf(bdev->bd_name, sizeof(bdev->bd_name), "%s%s%u",
			 disk->name, digit_last ? "p" : "", partno);
	else
		snprintf(bdev->bd_name, sizeof(bdev->bd_name), "%s",
			 disk->name);
	return bdev;
}

/* What partition_scan reads through. */
struct disk_source {
	struct partition_source src;
	struct gendisk *disk;
	struct page *page;
};

static int disk_source_read(struct partition_source *src, u64 lba, void *buf)
{
	struct disk_source *ds = container_of(src, struct disk_source, src);
	struct bio *bio;
	int err = -EIO;

	bio = bio_alloc(ds->disk->part[0], BIO_READ,
			lba * (src->block_size / SECTOR_SIZE), 1);
	if (bio_add_page(bio, ds->page, src->block_size, 0))
		err = submit_bio_wait(bio);
	bio_put(bio);
	if (!err)
		memcpy(buf, page_address(ds->page), src->block_size);
	return err;
}

/* Make part[number] what @part says; announce a change. */
static int disk_set_partition(struct gendisk *disk, unsigned int number,
			      const struct partition *part)
{
	struct block_device *bdev = disk->part[number];
	bool was = bdev && bdev->bd_nr_sectors;
	bool is = part->nr_sectors != 0;

	if (!bdev && !is)
		return 0;
	if (!bdev) {
		bdev = bdev_create(disk, (u8)number);
		if (!bdev)
			return -ENOMEM;
	}
	mutex_lock(&disks_lock);
	bdev->bd_start_sect = part->start;
	WRITE_ONCE(bdev->bd_nr_sectors, part->nr_sectors);
	strscpy(bdev->bd_uuid, part->uuid, sizeof(bdev->bd_uuid));
	strscpy(bdev->bd_label, part->label, sizeof(bdev->bd_label));
	disk->part[number] = bdev;
	mutex_unlock(&disks_lock);

	if (announcer && was != is)
		announcer(bdev, is);
	return 0;
}

/* " vda: vda1 vda2" in the log, as Linux has it. */
static void disk_log_partitions(struct gendisk *disk)
{
	char line[256];
	size_t used;
	int i;

	used = (size_t)scnprintf(line, sizeof(line), " %s:", disk->name);
	for (i = 1; i < DISK_MAX_PARTS; i++) {
		if (disk->part[i] && disk->part[i]->bd_nr_sectors)
			used += (size_t)scnprintf(line + used,
						  sizeof(line) - used, " %s",
						  disk->part[i]->bd_name);
	}
	pr_info("%s\n", line);
}

/* Read the table and make the partitions; disk_scan_lock is held. */
static int disk_scan_locked(struct gendisk *disk)
{
	struct disk_source ds = {
		.src =
			{
				.read = disk_source_read,
				.block_size = disk->logical_block_size,
				.nr_blocks = disk->capacity /
					     (disk->logical_block_size /
					      SECTOR_SIZE),
			},
		.disk = disk,
	};
	struct partition *parts;
	int err;
	int i;

	parts = kcalloc(PARTITION_MAX, sizeof(*parts));
	if (!parts)
		return -ENOMEM;
	ds.page = alloc_page();
	if (!ds.page) {
		kfree(parts);
		return -ENOMEM;
	}
	err = partition_scan(&ds.src, parts);
	for (i = 1; err >= 0 && i < DISK_MAX_PARTS; i++)
		err = disk_set_partition(disk, (unsigned int)i, &parts[i - 1]);
	free_page(ds.page);
	kfree(parts);
	if (err >= 0)
		disk_log_partitions(disk);
	return err < 0 ? err : 0;
}

int add_disk(struct gendisk *disk)
{
	struct block_device *whole;
	int err;

	assert(disk->ops && disk->queue.ops);
	assert(is_power_of_2(disk->logical_block_size) &&
	       disk->logical_block_size >= SECTOR_SIZE &&
	       disk->logical_block_size <= PAGE_SIZE);
	whole = bdev_create(disk, 0);
	if (!whole)
		return -ENOMEM;
	whole->bd_nr_sectors = disk->capacity;
	disk->part[0] = whole;

	mutex_lock(&disk_scan_lock);
	disk->diskseq = ++last_diskseq;
	mutex_lock(&disks_lock);
	list_add_tail(&disk->link, &disks);
	mutex_unlock(&disks_lock);
	if (announcer)
		announcer(whole, true);
	err = disk->capacity ? disk_scan_locked(disk) : 0;
	mutex_unlock(&disk_scan_lock);

	/* A disk without a readable table is still a disk. */
	if (err)
		pr_warn("%s: unable to read partition table: %d\n", disk->name,
			err);
	return 0;
}

int disk_rescan_partitions(struct gendisk *disk)
{
	int err = 0;
	int i;

	mutex_lock(&disk_scan_lock);
	for (i = 1; i < DISK_MAX_PARTS; i++) {
		if (disk->part[i] && READ_ONCE(disk->part[i]->bd_openers))
			err = -EBUSY;
	}
	if (!err)
		err = disk_scan_locked(disk);
	mutex_unlock(&disk_scan_lock);
	return err;
}

int disk_for_each_bdev(int (*fn)(struct block_device *bdev, void *cookie),
		       void *cookie)
{
	struct gendisk *disk;
	int ret = 0;
	int i;

	mutex_lock(&disks_lock);
	list_for_each_entry (disk, &disks, link) {
		for (i = 0; i < DISK_MAX_PARTS && !ret; i++) {
			if (disk->part[i] &&
			    (i == 0 || disk->part[i]->bd_nr_sectors))
				ret = fn(disk->part[i], cookie);
		}
		if (ret)
			break;
	}
	mutex_unlock(&disks_lock);
	return ret;
}

struct bdev_search {
	dev_t dev;
	const char *name;
	struct block_device *found;
};

static int bdev_matches(struct block_device *bdev, void *cookie)
{
	struct bdev_search *search = cookie;

	if (search->name ? strcmp(bdev->bd_name, search->name) != 0
			 : bdev->bd_dev != search->dev)
		return 0;
	search->found = bdev;
	return 1;
}

struct block_device *bdev_lookup(dev_t dev)
{
	struct bdev_search search = {.dev = dev};

	(void)disk_for_each_bdev(bdev_matches, &search);
	return search.found;
}

struct block_device *bdev_lookup_name(const char *name)
{
	struct bdev_search search = {.name = name};

	(void)disk_for_each_bdev(bdev_matches, &search);
	return search.found;
}

void disk_set_announcer(void (*fn)(struct block_device *bdev, bool present))
{
	struct gendisk *disk;
	int i;

	mutex_lock(&disk_scan_lock);
	announcer = fn;
	/* Disks are only added under disk_scan_lock, so the list is stable. */
	list_for_each_entry (disk, &disks, link) {
		for (i = 0; i < DISK_MAX_PARTS; i++) {
			if (disk->part[i] && disk->part[i]->bd_nr_sectors)
				fn(disk->part[i], true);
		}
	}
	mutex_unlock(&disk_scan_lock);
}

/* Add the time since the last call to the counters of time. */
void disk_stats_update(struct block_device *bdev)
{
	struct disk_stats *st = &bdev->bd_stats;
	s64 now = (s64)ktime_get_ns();
	s64 then = atomic64_xchg(&st->stamp_ns, now);
	s64 busy = atomic64_read(&st->in_flight);

	if (busy > 0 && then && now > then) {
		atomic64_add(now - then, &st->io_ns);
		atomic64_add((now - then) * busy, &st->weighted_ns);
	}
}

static void account_start(struct block_device *bdev)
{
	disk_stats_update(bdev);
	atomic64_inc(&bdev->bd_stats.in_flight);
}

static void account_end(struct block_device *bdev, const struct bio *bio,
			u64 ns)
{
	struct disk_stats *st = &bdev->bd_stats;
	int group = bio->bi_op;

	disk_stats_update(bdev);
	atomic64_dec(&st->in_flight);
	atomic64_inc(&st->ios[group]);
	atomic64_add(bio->bi_size >> SECTOR_SHIFT, &st->sectors[group]);
	atomic64_add((s64)ns, &st->ns[group]);
}

void disk_account_start(struct bio *bio)
{
	account_start(bio->bi_bdev);
	if (bio->bi_bdev->bd_partno)
		account_start(bio->bi_bdev->bd_disk->part[0]);
}

void disk_account_end(struct bio *bio, u64 start_ns)
{
	u64 ns = ktime_get_ns() - start_ns;

	account_end(bio->bi_bdev, bio, ns);
	if (bio->bi_bdev->bd_partno)
		account_end(bio->bi_bdev->bd_disk->part[0], bio, ns);
}
