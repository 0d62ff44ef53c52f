/*
 * disk.h - disks and their partitions.
 *
 * A driver fills a struct gendisk and calls add_disk(): the disk gets its
 * numbers, its partition table is read, and each partition becomes a struct
 * block_device beside the one of the whole disk (part[0]).  Disks stay until
 * power-off; partitions are added and removed by a new scan.
 *
 * Locks: disk_scan_lock (a mutex, outermost) is held while a table is read and
 * devices are announced; disks_lock (a mutex, innermost) guards the list of
 * disks and part[].  Struct block_devices are never freed, so a pointer stays
 * valid for ever; one without a partition now has bd_nr_sectors 0.
 */
#pragma once

#include <kernel/arch/atomic.h>
#include <kernel/block/queue.h>

struct inode;
struct pseudo_entry;

#define DISK_NAME_LEN  32
#define DISK_MAX_PARTS 16 /* minors per disk, the whole disk's included */

/* Counters of /proc/diskstats. */
enum disk_stat_group {
	STAT_READ,
	STAT_WRITE,
	STAT_FLUSH,
	NR_STAT_GROUPS,
};

struct disk_stats {
	atomic64_t ios[NR_STAT_GROUPS];
	atomic64_t merges[NR_STAT_GROUPS];
	atomic64_t sectors[NR_STAT_GROUPS];
	atomic64_t ns[NR_STAT_GROUPS];
	atomic64_t in_flight;
	atomic64_t io_ns;	/* time with a request in flight */
	atomic64_t weighted_ns; /* the same, times requests in flight */
	atomic64_t stamp_ns;	/* when the two were last brought up to date */
};

/*
 * A disk or a partition.
 *
 * Locks:  I fixed at creation   D disks_lock   B the bdev mutex of
 *         fs/vfs/block_dev.c   A atomic
 */
struct block_device {
	struct gendisk *bd_disk;     /* [I] */
	dev_t bd_dev;		     /* [I] */
	u8 bd_partno;		     /* [I] 0: the whole disk */
	u64 bd_start_sect;	     /* [D] */
	u64 bd_nr_sectors;	     /* [D] 0: no such partition (any more) */
	bool bd_read_only;	     /* [D] set by BLKROSET */
	char bd_uuid[40];	     /* [D] PARTUUID as text, "" if none */
	char bd_label[76];	     /* [D] PARTLABEL of GPT, UTF-8 */
	char bd_name[DISK_NAME_LEN]; /* [I] vda, vda1 */
	struct disk_stats bd_stats;  /* [A] */
	struct inode *bd_inode;	     /* [B] made by fs/vfs, holds the cache */
	int bd_openers;		     /* [B] */
	void *bd_holder;	     /* [B] who opened it exclusively */
	int bd_holders;		     /* [B] times */
	unsigned int bd_block_size;  /* [B] soft block size */
	struct pseudo_entry
		*bd_sys; /* its directory in sysfs; disk_scan_lock */
	struct pseudo_entry *bd_sys_links[2]; /* links to it, likewise */
	struct spinlock bd_buffer_lock; /* rank LOCK_BUFFER: page->buffers */
};

struct gendisk;

struct disk_ops {
	struct queue_ops queue; /* the driver's queue_rq */
	/* Device's serial text into @buf of @size, 0 or -errno; optional. */
	int (*get_serial)(struct gendisk *disk, char *buf, size_t size);
};

struct gendisk {
	char name[DISK_NAME_LEN];	 /* [I] vda */
	unsigned int major;		 /* [I] */
	unsigned int first_minor;	 /* [I] */
	const struct disk_ops *ops;	 /* [I] */
	void *private_data;		 /* [I] the driver's */
	u64 capacity;			 /* [I] sectors of 512 bytes */
	unsigned int logical_block_size; /* [I] bytes */
	unsigned int physical_block_size;
	bool read_only;	  /* [I] the device cannot be written */
	bool write_cache; /* [I] BIO_FLUSH means something */
	bool rotational;
	u64 diskseq; /* [I] 1, 2, ... in order of arrival */
	struct request_queue queue;
	struct pseudo_entry *sys_parent; /* [I] sysfs directory of its device */
	struct block_device *part[DISK_MAX_PARTS]; /* [D] */
	struct list_head link; /* [D] in the list of disks */
};

/*
 * alloc_disk - a zeroed gendisk.  The driver fills name, major, first_minor,
 * ops, capacity, block sizes, flags and calls queue_init.  NULL: no memory.
 */
struct gendisk *alloc_disk(void);

/*
 * add_disk - show the disk to the system and read its partition table.
 *
 * 0 or -errno.  May sleep: interrupts must work and the device be ready.
 */
int add_disk(struct gendisk *disk);

/*
 * disk_rescan_partitions - read the partition table again (BLKRRPART).
 *
 * -EBUSY when a partition is open, -EINVAL on a partition.  May sleep.
 */
int disk_rescan_partitions(struct gendisk *disk);

/* bdev_lookup - the device with this number, or NULL.  May sleep. */
struct block_device *bdev_lookup(dev_t dev);

/* bdev_lookup_name - "vda1", or NULL.  May sleep. */
struct block_device *bdev_lookup_name(const char *name);

/*
 * disk_for_each_bdev - call @fn for each disk and partition, in order of
 * disks, until it returns nonzero, which is returned.  May sleep; @fn runs
 * under disks_lock and must not call back into this file.
 */
int disk_for_each_bdev(int (*fn)(struct block_device *bdev, void *cookie),
		       void *cookie);

/*
 * disk_set_announcer - who hears about devices as they come and go.
 *
 * @fn(bdev, true) is called at once for each that exists, later for each new
 * one; (bdev, false) when a partition goes.  One announcer only; it runs in
 * task context, under disk_scan_lock.
 */
void disk_set_announcer(void (*fn)(struct block_device *bdev, bool present));

/* bdev_nr_bytes - size of the device. */
static inline u64 bdev_nr_bytes(const struct block_device *bdev)
{
	return bdev->bd_nr_sectors << SECTOR_SHIFT;
}

/* bdev_logical_block_size - smallest unit the hardware reads or writes. */
static inline unsigned int bdev_logical_block_size(
	const struct block_device *bdev)
{
	return bdev->bd_disk->logical_block_size;
}

/* bdev_read_only - by its hardware or by BLKROSET? */
static inline bool bdev_read_only(const struct block_device *bdev)
{
	return bdev->bd_disk->read_only || bdev->bd_read_only;
}

/* Accounting, called by the queue: a bio starts and ends. */
void disk_account_start(struct bio *bio);
void disk_account_end(struct bio *bio, u64 start_ns);

/* disk_stats_update - bring io_ns and weighted_ns up to now before reading. */
void disk_stats_update(struct block_device *bdev);
