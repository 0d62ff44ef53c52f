/*
 * partition.h - what a partition table says: MBR with logical partitions,
 * and GPT with its checksums and its backup header.
 *
 * Pure parsing over a function that reads sectors, so that it is tested on
 * the host.  Nothing in a table is trusted: entries that overlap the end of
 * the disk are cut or dropped, chains of logical partitions are bounded.
 */
#pragma once

#include <abi/types.h>

#define PARTITION_MAX 15

struct partition {
	u64 start;	/* sectors of 512 bytes */
	u64 nr_sectors; /* 0: not present */
	u8 type;	/* MBR's type byte; 0xee stands for GPT's */
	char uuid[40];	/* PARTUUID as Linux prints it */
	char label[76]; /* GPT name, UTF-8 */
};

struct partition_source {
	/* Read the logical block @lba into @buf; 0 or -errno. */
	int (*read)(struct partition_source *src, u64 lba, void *buf);
	unsigned int block_size; /* of one logical block, at most 4096 */
	u64 nr_blocks;
};

enum partition_table {
	TABLE_NONE,
	TABLE_MBR,
	TABLE_GPT,
};

/*
 * partition_scan - fill @parts[0..PARTITION_MAX) (index: number - 1).
 *
 * Returns the kind of table found, -ENOMEM, or -EIO when the first block
 * can't be read.  May sleep if @src->read does.
 */
int partition_scan(struct partition_source *src, struct partition *parts);
