/*
 * Tests of partition.c: tables built by hand, sound and damaged.
 */
#include <kernel/block/partition.h>

#include <kernel/lib/crc32.h>
#include <kernel/lib/string.h>
#include <tests/unit/unit.h>

#define NR_BLOCKS 2048
#define BLOCK	  512

static u8 disk[NR_BLOCKS][BLOCK];
static struct partition parts[PARTITION_MAX];

static int read_block(struct partition_source *src, u64 lba, void *buf)
{
	if (lba >= NR_BLOCKS)
		return -5;
	memcpy(buf, disk[lba], BLOCK);
	return 0;
}

static int scan(void)
{
	struct partition_source src = {
		.read = read_block,
		.block_size = BLOCK,
		.nr_blocks = NR_BLOCKS,
	};

	return partition_scan(&src, parts);
}

static void put32(u8 *p, u32 v)
{
	memcpy(p, &v, 4);
}

static void put64(u8 *p, u64 v)
{
	memcpy(p, &v, 8);
}

static void mbr_entry(u64 lba, int i, u8 type, u32 start, u32 size)
{
	u8 *e = disk[lba] + 446 + 16 * i;

	e[4] = type;
	put32(e + 8, start);
	put32(e + 12, size);
	disk[lba][510] = 0x55;
	disk[lba][511] = 0xaa;
}

static void gpt_header(u64 lba, u64 entries)
{
	u8 *h = disk[lba];

	memset(h, 0, BLOCK);
	memcpy(h, "EFI PART", 8);
	put32(h + 8, 0x10000);
	put32(h + 12, 92);
	put64(h + 24, lba);
	put64(h + 40, 34);
	put64(h + 48, NR_BLOCKS - 34);
	put64(h + 72, entries);
	put32(h + 80, 128);
	put32(h + 84, 128);
	put32(h + 88, crc32(disk[entries], 128 * 128));
	put32(h + 16, crc32(h, 92));
}

static void make_gpt(void)
{
	u8 *e = disk[2] + 2 * 128; /* number 3 */
	int i;

	memset(disk, 0, sizeof(disk));
	mbr_entry(0, 0, 0xee, 1, NR_BLOCKS - 1);
	memset(e, 0x11, 16);
	for (i = 0; i < 16; i++)
		e[16 + i] = (u8)i;
	put64(e + 32, 100);
	put64(e + 40, 199);
	e[56] = 'r';
	e[58] = 0xe9; /* e acute, two bytes of UTF-8 */
	memcpy(disk[NR_BLOCKS - 33], disk[2], 32 * BLOCK);
	gpt_header(1, 2);
	gpt_header(NR_BLOCKS - 1, NR_BLOCKS - 33);
}

TEST(partition_empty_disk_has_none)
{
	memset(disk, 0, sizeof(disk));
	CHECK(scan() == TABLE_NONE && parts[0].nr_sectors == 0);
}

TEST(partition_mbr_primary_and_logical)
{
	memset(disk, 0, sizeof(disk));
	put32(disk[0] + 440, 0xdeadbeef);
	mbr_entry(0, 0, 0x83, 63, 100);
	mbr_entry(0, 2, 0x05, 1000, 500);
	mbr_entry(1000, 0, 0x83, 1, 10);
	mbr_entry(1000, 1, 0x05, 100, 50);
	mbr_entry(1100, 0, 0x82, 2, 20);
	CHECK(scan() == TABLE_MBR);
	CHECK(parts[0].start == 63 && parts[0].nr_sectors == 100);
	CHECK(strcmp(parts[0].uuid, "deadbeef-01") == 0);
	CHECK(parts[1].nr_sectors == 0);
	CHECK(parts[2].start == 1000 && parts[2].nr_sectors == 2);
	CHECK(parts[4].start == 1001 && parts[4].nr_sectors == 10);
	CHECK(parts[5].start == 1102 && parts[5].nr_sectors == 20);
	CHECK(strcmp(parts[5].uuid, "deadbeef-06") == 0);
}

TEST(partition_mbr_is_cut_to_the_disk)
{
	memset(disk, 0, sizeof(disk));
	mbr_entry(0, 0, 0x83, NR_BLOCKS - 10, 100);
	mbr_entry(0, 1, 0x83, NR_BLOCKS, 1);
	CHECK(scan() == TABLE_MBR);
	CHECK(parts[0].nr_sectors == 10 && parts[1].nr_sectors == 0);
}

TEST(partition_extended_loop_ends)
{
	memset(disk, 0, sizeof(disk));
	mbr_entry(0, 0, 0x0f, 100, 500);
	mbr_entry(100, 0, 0x83, 1, 10);
	mbr_entry(100, 1, 0x05, 0, 500); /* leads to itself */
	CHECK(scan() == TABLE_MBR);
	CHECK(parts[4].start == 101 && parts[14].start == 101);
}

TEST(partition_bad_boot_flag_is_no_table)
{
	memset(disk, 0, sizeof(disk));
	mbr_entry(0, 0, 0x83, 63, 100);
	disk[0][446] = 0x12;
	CHECK(scan() == TABLE_NONE && parts[0].nr_sectors == 0);
}

TEST(partition_gpt_entries_and_names)
{
	make_gpt();
	CHECK(scan() == TABLE_GPT);
	CHECK(parts[2].start == 100 && parts[2].nr_sectors == 100);
	CHECK(strcmp(parts[2].uuid, "03020100-0504-0706-0809-0a0b0c0d0e0f") ==
	      0);
	CHECK(strcmp(parts[2].label, "r\xc3\xa9") == 0);
	CHECK(parts[0].nr_sectors == 0);
}

TEST(partition_gpt_backup_is_used)
{
	make_gpt();
	disk[1][80] ^= 1;
	CHECK(scan() == TABLE_GPT && parts[2].start == 100);
	make_gpt();
	disk[2][300] ^= 1; /* entries no longer match their sum */
	CHECK(scan() == TABLE_GPT && parts[2].start == 100);
}

TEST(partition_gpt_both_damaged_falls_back_to_mbr)
{
	make_gpt();
	disk[1][80] ^= 1;
	disk[NR_BLOCKS - 1][80] ^= 1;
	CHECK(scan() == TABLE_MBR && parts[2].nr_sectors == 0);
	CHECK(parts[0].start == 1 && parts[0].type == 0xee);
}

TEST(partition_random_tables_do_no_harm)
{
	int round;
	int i;

	for (round = 0; round < 300; round++) {
		make_gpt();
		for (i = 0; i < 20; i++)
			disk[unit_random() % 40][unit_random() % BLOCK] =
				(u8)unit_random();
		disk[0][510] = 0x55;
		disk[0][511] = 0xaa;
		CHECK(scan() >= TABLE_NONE);
		for (i = 0; i < PARTITION_MAX; i++)
			CHECK(parts[i].start + parts[i].nr_sectors <=
			      NR_BLOCKS);
	}
}
