/*
 * options.h - ext2's mount options.
 */
#pragma once

#include <fs/ext2/internal.h>

struct ext2_options {
	unsigned long mount_opt; /* EXT2_MOUNT_* */
	uid_t resuid;
	gid_t resgid;
};

/* ext2_default_options - what the superblock asks for. */
struct ext2_options ext2_default_options(const struct ext2_super_block *es);
/* ext2_current_options - those of a mounted one, for remount. */
struct ext2_options ext2_current_options(const struct ext2_sb_info *sbi);
/* ext2_parse_options - read "name[=value],..." (NULL: none); -EINVAL. */
int ext2_parse_options(struct super_block *sb, const char *text,
		       struct ext2_options *opts);
void ext2_apply_options(struct ext2_sb_info *sbi,
			const struct ext2_options *opts);
int ext2_show_options(struct seq_file *m, struct super_block *sb);
