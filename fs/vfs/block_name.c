/*
 * block_name.c - what root= names: a node, a number, a label, a UUID.
 *
 * LABEL= and UUID= look into the superblock of each device for an ext2 (or 3,
 * 4) file system; PARTUUID= and PARTLABEL= are what the partition table said.
 *
 * Entry points: name_to_dev_t, bdev_list_all.
 */
#include <fs/vfs/block_dev.h>

#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/base/printk.h>
#include <kernel/lib/format.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/page_cache.h>

#define MAX_DEVICES 64

/* Places in an ext2 superblock, from the start of the device. */
#define EXT_SB	      1024
#define EXT_MAGIC_AT  (EXT_SB + 56)
#define EXT_MAGIC     0xef53
#define EXT_UUID_AT   (EXT_SB + 104)
#define EXT_LABEL_AT  (EXT_SB + 120)
#define EXT_LABEL_LEN 16

struct device_list {
	struct block_device *bdev[MAX_DEVICES];
	unsigned int nr;
};

static int collect_device(struct block_device *bdev, void *cookie)
{
	struct device_list *list = cookie;

	if (list->nr < MAX_DEVICES)
		list->bdev[list->nr++] = bdev;
	return 0;
}

/* Label and UUID of the file system on @bdev; false: none we know. */
static bool read_identity(struct block_device *bdev, char *label, char *uuid)
{
	struct page *page;
	const u8 *data;
	const u8 *u;
	u16 magic;

	if (bdev_nr_bytes(bdev) < PAGE_SIZE)
		return false;
	bdev = blkdev_get_by_dev(bdev->bd_dev, FMODE_READ, NULL);
	if (IS_ERR(bdev))
		return false;
	page = read_cache_page(bdev->bd_inode->i_mapping, 0);
	if (IS_ERR(page)) {
		blkdev_put(bdev, FMODE_READ, NULL);
		return false;
	}
	data = page_address(page);
	memcpy(&magic, data + EXT_MAGIC_AT, sizeof(magic));
	memcpy(label, data + EXT_LABEL_AT, EXT_LABEL_LEN);
	label[EXT_LABEL_LEN] = '\0';
	u = data + EXT_UUID_AT;
	snprintf(uuid, 37,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x",
		 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9],
		 u[10], u[11], u[12], u[13], u[14], u[15]);
	put_page(page);
	blkdev_put(bdev, FMODE_READ, NULL);
	return magic == EXT_MAGIC;
}

enum identity {
	BY_LABEL,
	BY_UUID,
	BY_PARTUUID,
	BY_PARTLABEL,
};

static bool device_is(struct block_device *bdev, enum identity kind,
		      const char *value)
{
	char label[EXT_LABEL_LEN + 1];
	char uuid[40];

	switch (kind) {
	case BY_PARTUUID:
		return bdev->bd_uuid[0] &&
		       strcasecmp(bdev->bd_uuid, value) == 0;
	case BY_PARTLABEL:
		return bdev->bd_label[0] && strcmp(bdev->bd_label, value) == 0;
	case BY_LABEL:
		return read_identity(bdev, label, uuid) &&
		       strcmp(label, value) == 0;
	case BY_UUID:
		return read_identity(bdev, label, uuid) &&
		       strcasecmp(uuid, value) == 0;
	}
	return false;
}

static dev_t find_device(enum identity kind, const char *value)
{
	struct device_list *list;
	dev_t dev = 0;
	unsigned int i;

	list = kzalloc(sizeof(*list));
	if (!list)
		return 0;
	(void)disk_for_each_bdev(collect_device, list);
	for (i = 0; i < list->nr && !dev; i++) {
		if (*value && device_is(list->bdev[i], kind, value))
			dev = list->bdev[i]->bd_dev;
	}
	kfree(list);
	return dev;
}

/* "254:1" or the old form "fe01"; 0 if it is neither. */
static dev_t parse_number(const char *name)
{
	unsigned long long number;
	const char *colon = strchr(name, ':');
	char *end;
	u64 major;
	u64 minor;

	if (colon) {
		major = simple_strtoull(name, &end, 10);
		if (end != colon)
			return 0;
		minor = simple_strtoull(colon + 1, &end, 10);
		if (*end || end == colon + 1 || major > 0xfff ||
		    minor > MINORMASK)
			return 0;
		return MKDEV(major, minor);
	}
	if (kstrtoull(name, 16, &number) || number > UINT32_MAX)
		return 0;
	return new_decode_dev((u32)number);
}

dev_t name_to_dev_t(const char *name)
{
	static const struct {
		const char *prefix;
		enum identity kind;
	} kinds[] = {
		{"LABEL=", BY_LABEL},
		{"UUID=", BY_UUID},
		{"PARTUUID=", BY_PARTUUID},
		{"PARTLABEL=", BY_PARTLABEL},
	};
	struct block_device *bdev;
	size_t len;
	size_t i;
	dev_t dev;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		len = strlen(kinds[i].prefix);
		if (strncmp(name, kinds[i].prefix, len) == 0)
			return find_device(kinds[i].kind, name + len);
	}
	if (strncmp(name, "/dev/", 5) == 0)
		name += 5;
	bdev = bdev_lookup_name(name);
	if (bdev)
		return bdev->bd_nr_sectors ? bdev->bd_dev : 0;
	dev = parse_number(name);
	return dev && bdev_lookup(dev) ? dev : 0;
}

void bdev_list_all(void)
{
	struct device_list *list = kzalloc(sizeof(*list));
	char label[EXT_LABEL_LEN + 1];
	char uuid[40];
	unsigned int i;

	if (!list)
		return;
	(void)disk_for_each_bdev(collect_device, list);
	if (!list->nr)
		pr_crit("No block devices found.\n");
	for (i = 0; i < list->nr; i++) {
		struct block_device *bdev = list->bdev[i];

		if (!read_identity(bdev, label, uuid)) {
			label[0] = '\0';
			uuid[0] = '\0';
		}
		pr_crit("%02x%02x %10llu %s %s%s%s%s%s%s\n",
			MAJOR(bdev->bd_dev), MINOR(bdev->bd_dev),
			bdev->bd_nr_sectors / 2, bdev->bd_name,
			bdev->bd_uuid[0] ? "PARTUUID=" : "", bdev->bd_uuid,
			uuid[0] ? " UUID=" : "", uuid,
			label[0] ? " LABEL=" : "", label);
	}
	kfree(list);
}
