/*
 * partition.c - reading partition tables; see partition.h.
 *
 * Rules as Linux has them: a GPT counts only beside a protective MBR; when its
 * first copy is damaged the one at the disk's end is taken; an extended
 * partition shows as two sectors, its logical ones are numbered from 5.
 *
 * Entry points: partition_scan.
 */
#include <kernel/block/partition.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/lib/crc32.h>
#include <kernel/lib/format.h>
#include <kernel/lib/string.h>

#define SECTOR		  512
#define MAX_LOGICAL_LINKS 100

#define MBR_TABLE     446
#define MBR_SIGNATURE 440
#define MBR_MAGIC     510
#define TYPE_GPT      0xee

struct mbr_entry {
	u8 boot;
	u8 chs_first[3];
	u8 type;
	u8 chs_last[3];
	u32 start;
	u32 size;
} __packed;

struct gpt_header {
	char signature[8];
	u32 revision;
	u32 header_size;
	u32 header_crc;
	u32 reserved;
	u64 my_lba;
	u64 alternate_lba;
	u64 first_usable;
	u64 last_usable;
	u8 disk_guid[16];
	u64 entries_lba;
	u32 nr_entries;
	u32 entry_size;
	u32 entries_crc;
} __packed;

struct gpt_entry {
	u8 type[16];
	u8 guid[16];
	u64 first;
	u64 last;
	u64 attributes;
	u16 name[36];
} __packed;

#define GPT_MAX_ENTRIES 1024
#define GPT_MIN_HEADER	sizeof(struct gpt_header)

static bool type_is_extended(u8 type)
{
	return type == 0x05 || type == 0x0f || type == 0x85;
}

static bool has_magic(const u8 *block)
{
	return block[MBR_MAGIC] == 0x55 && block[MBR_MAGIC + 1] == 0xaa;
}

static void get_mbr_entry(const u8 *block, int i, struct mbr_entry *entry)
{
	memcpy(entry, block + MBR_TABLE + i * sizeof(*entry), sizeof(*entry));
}

/* Enter @nr blocks at @start as partition @number, cut to the disk. */
static void put_partition(struct partition_source *src, struct partition *parts,
			  unsigned int number, u64 start, u64 nr)
{
	u64 factor = src->block_size / SECTOR;

	if (number < 1 || number > PARTITION_MAX || nr == 0 ||
	    start >= src->nr_blocks)
		return;
	nr = min(nr, src->nr_blocks - start);
	parts[number - 1].start = start * factor;
	parts[number - 1].nr_sectors = nr * factor;
}

static void put_mbr_partition(struct partition_source *src,
			      struct partition *parts, unsigned int number,
			      u64 start, u64 nr, u8 type, u32 disk_id)
{
	if (number > PARTITION_MAX)
		return;
	put_partition(src, parts, number, start, nr);
	parts[number - 1].type = type;
	snprintf(parts[number - 1].uuid, sizeof(parts[0].uuid), "%08x-%02x",
		 disk_id, number);
}

/*
 * One link of the chain of logical partitions.  Its data partitions get
 * numbers from *@number on; returns where the next link is, 0 at the end.
 */
static u64 scan_link(struct partition_source *src, struct partition *parts,
		     const u8 *block, u64 here, u64 first, u64 first_size,
		     unsigned int *number, u32 disk_id)
{
	struct mbr_entry e;
	u64 start;
	u64 next = 0;
	int i;

	for (i = 0; i < 4; i++) {
		get_mbr_entry(block, i, &e);
		if (!e.size)
			continue;
		if (type_is_extended(e.type)) {
			if (!next)
				next = first + e.start;
			continue;
		}
		start = here + e.start;
		/* The last two slots of a link are often stale. */
		if (i >= 2 &&
		    (start < first || start + e.size > first + first_size))
			continue;
		put_mbr_partition(src, parts, (*number)++, start, e.size,
				  e.type, disk_id);
	}
	return next;
}

static void scan_extended(struct partition_source *src, struct partition *parts,
			  u64 first, u64 first_size, unsigned int *number,
			  u32 disk_id, u8 *block)
{
	u64 here = first;
	int links;

	for (links = 0; links < MAX_LOGICAL_LINKS; links++) {
		if (here >= src->nr_blocks || *number > PARTITION_MAX)
			return;
		if (src->read(src, here, block) || !has_magic(block))
			return;
		here = scan_link(src, parts, block, here, first, first_size,
				 number, disk_id);
		if (!here)
			return;
	}
}

/* Are the four boot flags what an MBR has? */
static bool mbr_plausible(const u8 *block)
{
	struct mbr_entry e;
	int i;

	for (i = 0; i < 4; i++) {
		get_mbr_entry(block, i, &e);
		if (e.boot & 0x7f)
			return false;
	}
	return true;
}

static void scan_mbr(struct partition_source *src, struct partition *parts,
		     const u8 *mbr, u8 *block)
{
	unsigned int number = 5;
	struct mbr_entry e;
	u32 disk_id;
	int i;

	memcpy(&disk_id, mbr + MBR_SIGNATURE, sizeof(disk_id));
	for (i = 0; i < 4; i++) {
		get_mbr_entry(mbr, i, &e);
		if (!e.size)
			continue;
		if (!type_is_extended(e.type)) {
			put_mbr_partition(src, parts, i + 1, e.start, e.size,
					  e.type, disk_id);
			continue;
		}
		/* Just enough of it for a boot loader to be written. */
		put_mbr_partition(src, parts, i + 1, e.start,
				  e.size == 1 ? 1 : 2, e.type, disk_id);
		scan_extended(src, parts, e.start, e.size, &number, disk_id,
			      block);
	}
}

/* The text of a GUID: first three fields little endian. */
static void guid_to_text(const u8 *g, char *text, size_t size)
{
	snprintf(text, size,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x",
		 g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9],
		 g[10], g[11], g[12], g[13], g[14], g[15]);
}

/* UTF-16 without surrogate pairs to UTF-8. */
static void name_to_text(const u16 *name, int units, char *text, size_t size)
{
	size_t used = 0;
	u16 c;
	int i;

	for (i = 0; i < units && used + 4 < size; i++) {
		memcpy(&c, &name[i], sizeof(c));
		if (!c)
			break;
		if (c < 0x80) {
			text[used++] = (char)c;
		} else if (c < 0x800) {
			text[used++] = (char)(0xc0 | c >> 6);
			text[used++] = (char)(0x80 | (c & 0x3f));
		} else {
			text[used++] = (char)(0xe0 | c >> 12);
			text[used++] = (char)(0x80 | (c >> 6 & 0x3f));
			text[used++] = (char)(0x80 | (c & 0x3f));
		}
	}
	text[used] = '\0';
}

/* Is there a sound header in @block, which was read from @lba? */
static bool gpt_header_valid(struct partition_source *src, u8 *block, u64 lba,
			     struct gpt_header *h)
{
	u32 crc;

	memcpy(h, block, sizeof(*h));
	if (memcmp(h->signature, "EFI PART", 8) != 0 || h->my_lba != lba)
		return false;
	if (h->header_size < GPT_MIN_HEADER || h->header_size > src->block_size)
		return false;
	memset(block + offsetof(struct gpt_header, header_crc), 0, 4);
	crc = crc32(block, h->header_size);
	if (crc != h->header_crc)
		return false;
	if (h->entry_size < sizeof(struct gpt_entry) ||
	    h->entry_size > src->block_size ||
	    src->block_size % h->entry_size != 0)
		return false;
	return h->nr_entries >= 1 && h->nr_entries <= GPT_MAX_ENTRIES &&
	       h->first_usable <= h->last_usable &&
	       h->last_usable < src->nr_blocks &&
	       h->entries_lba < src->nr_blocks;
}

static void put_gpt_partition(struct partition_source *src,
			      struct partition *parts, unsigned int number,
			      const struct gpt_entry *e,
			      const struct gpt_header *h)
{
	static const u8 unused[16];
	struct partition *part;

	if (number > PARTITION_MAX || memcmp(e->type, unused, 16) == 0)
		return;
	if (e->first > e->last || e->first < h->first_usable ||
	    e->last > h->last_usable)
		return;
	part = &parts[number - 1];
	put_partition(src, parts, number, e->first, e->last - e->first + 1);
	part->type = TYPE_GPT;
	guid_to_text(e->guid, part->uuid, sizeof(part->uuid));
	name_to_text(
		(const u16 *)((const u8 *)e + offsetof(struct gpt_entry, name)),
		36, part->label, sizeof(part->label));
}

/* Read the array of entries; @parts is meaningful only when this is true. */
static bool gpt_read_entries(struct partition_source *src,
			     const struct gpt_header *h,
			     struct partition *parts, u8 *block)
{
	u32 bytes = h->nr_entries * h->entry_size;
	u32 crc = ~0u;
	unsigned int number = 1;
	struct gpt_entry e;
	u32 done;
	u32 now;
	u32 at;

	for (done = 0; done < bytes; done += now) {
		now = min(bytes - done, (u32)src->block_size);
		if (src->read(src, h->entries_lba + done / src->block_size,
			      block))
			return false;
		crc = crc32_le(crc, block, now);
		for (at = 0; at + h->entry_size <= now; at += h->entry_size) {
			memcpy(&e, block + at, sizeof(e));
			put_gpt_partition(src, parts, number++, &e, h);
		}
	}
	return ~crc == h->entries_crc;
}

static bool scan_gpt_at(struct partition_source *src, u64 lba,
			struct partition *parts, u8 *block)
{
	struct gpt_header h;

	memset(parts, 0, PARTITION_MAX * sizeof(*parts));
	if (src->read(src, lba, block) ||
	    !gpt_header_valid(src, block, lba, &h))
		return false;
	if (gpt_read_entries(src, &h, parts, block))
		return true;
	memset(parts, 0, PARTITION_MAX * sizeof(*parts));
	return false;
}

static bool mbr_is_protective(const u8 *mbr)
{
	struct mbr_entry e;
	int i;

	for (i = 0; i < 4; i++) {
		get_mbr_entry(mbr, i, &e);
		if (e.type == TYPE_GPT)
			return true;
	}
	return false;
}

static int scan_tables(struct partition_source *src, struct partition *parts,
		       u8 *mbr, u8 *block)
{
	if (src->nr_blocks == 0 || src->read(src, 0, mbr))
		return -EIO;
	if (!has_magic(mbr))
		return TABLE_NONE;
	if (mbr_is_protective(mbr) && src->nr_blocks > 2 &&
	    (scan_gpt_at(src, 1, parts, block) ||
	     scan_gpt_at(src, src->nr_blocks - 1, parts, block)))
		return TABLE_GPT;
	if (!mbr_plausible(mbr))
		return TABLE_NONE;
	scan_mbr(src, parts, mbr, block);
	return TABLE_MBR;
}

int partition_scan(struct partition_source *src, struct partition *parts)
{
	u8 *buffers;
	int ret;

	memset(parts, 0, PARTITION_MAX * sizeof(*parts));
	if (src->block_size < SECTOR || src->block_size > 4096)
		return -EIO;
	buffers = kmalloc(2 * (size_t)src->block_size);
	if (!buffers)
		return -ENOMEM;
	ret = scan_tables(src, parts, buffers, buffers + src->block_size);
	kfree(buffers);
	return ret;
}
