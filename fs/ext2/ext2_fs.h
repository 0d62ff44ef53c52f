/*
 * ext2_fs.h - what lies on the disk: superblock, groups, inodes, entries.
 *
 * All numbers are little endian, as this CPU's.  The format is described in
 * e2fsprogs' documentation.
 */
#pragma once

#include <abi/statfs.h>
#include <abi/types.h>
#include <kernel/lib/macros.h>

#define EXT2_SB_OFFSET 1024

#define EXT2_BAD_INO		 1
#define EXT2_ROOT_INO		 2
#define EXT2_GOOD_OLD_FIRST_INO	 11
#define EXT2_GOOD_OLD_INODE_SIZE 128

#define EXT2_NDIR_BLOCKS 12
#define EXT2_IND_BLOCK	 12
#define EXT2_DIND_BLOCK	 13
#define EXT2_TIND_BLOCK	 14
#define EXT2_N_BLOCKS	 15

#define EXT2_LINK_MAX 32000
#define EXT2_NAME_LEN 255

/* s_state */
#define EXT2_VALID_FS 1
#define EXT2_ERROR_FS 2

/* s_errors */
#define EXT2_ERRORS_CONTINUE 1
#define EXT2_ERRORS_RO	     2
#define EXT2_ERRORS_PANIC    3

/* s_rev_level */
#define EXT2_GOOD_OLD_REV 0
#define EXT2_DYNAMIC_REV  1

/* s_feature_compat: nothing to understand. */
#define EXT2_FEATURE_COMPAT_EXT_ATTR	0x0008
#define EXT2_FEATURE_COMPAT_DIR_INDEX	0x0020
#define EXT3_FEATURE_COMPAT_HAS_JOURNAL 0x0004

#define EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER 0x0001
#define EXT2_FEATURE_RO_COMPAT_LARGE_FILE   0x0002
#define EXT2_FEATURE_RO_COMPAT_SUPPORTED    0x0003

#define EXT2_FEATURE_INCOMPAT_FILETYPE	0x0002
#define EXT2_FEATURE_INCOMPAT_META_BG	0x0010
#define EXT2_FEATURE_INCOMPAT_SUPPORTED 0x0012

/* s_default_mount_opts */
#define EXT2_DEFM_XATTR_USER 0x0004
#define EXT2_DEFM_ACL	     0x0008

/* i_flags */
#define EXT2_SECRM_FL		0x00000001
#define EXT2_UNRM_FL		0x00000002
#define EXT2_COMPR_FL		0x00000004
#define EXT2_SYNC_FL		0x00000008
#define EXT2_IMMUTABLE_FL	0x00000010
#define EXT2_APPEND_FL		0x00000020
#define EXT2_NODUMP_FL		0x00000040
#define EXT2_NOATIME_FL		0x00000080
#define EXT2_INDEX_FL		0x00001000
#define EXT2_JOURNAL_FL		0x00004000
#define EXT2_NOTAIL_FL		0x00008000
#define EXT2_DIRSYNC_FL		0x00010000
#define EXT2_TOPDIR_FL		0x00020000
#define EXT2_FL_USER_VISIBLE	0x0003dfff
#define EXT2_FL_USER_MODIFIABLE 0x000380ff
/* What a new inode takes over from its directory. */
#define EXT2_FL_INHERITED                                                      \
	(EXT2_SECRM_FL | EXT2_UNRM_FL | EXT2_COMPR_FL | EXT2_SYNC_FL |         \
	 EXT2_NODUMP_FL | EXT2_NOATIME_FL | EXT2_JOURNAL_FL | EXT2_NOTAIL_FL | \
	 EXT2_DIRSYNC_FL)

struct ext2_super_block {
	u32 s_inodes_count;
	u32 s_blocks_count;
	u32 s_r_blocks_count;
	u32 s_free_blocks_count;
	u32 s_free_inodes_count;
	u32 s_first_data_block;
	u32 s_log_block_size;
	u32 s_log_frag_size;
	u32 s_blocks_per_group;
	u32 s_frags_per_group;
	u32 s_inodes_per_group;
	u32 s_mtime;
	u32 s_wtime;
	u16 s_mnt_count;
	s16 s_max_mnt_count;
	u16 s_magic;
	u16 s_state;
	u16 s_errors;
	u16 s_minor_rev_level;
	u32 s_lastcheck;
	u32 s_checkinterval;
	u32 s_creator_os;
	u32 s_rev_level;
	u16 s_def_resuid;
	u16 s_def_resgid;
	u32 s_first_ino;
	u16 s_inode_size;
	u16 s_block_group_nr;
	u32 s_feature_compat;
	u32 s_feature_incompat;
	u32 s_feature_ro_compat;
	u8 s_uuid[16];
	char s_volume_name[16];
	char s_last_mounted[64];
	u32 s_algorithm_usage_bitmap;
	u8 s_prealloc_blocks;
	u8 s_prealloc_dir_blocks;
	u16 s_reserved_gdt_blocks;
	u8 s_journal_uuid[16];
	u32 s_journal_inum;
	u32 s_journal_dev;
	u32 s_last_orphan;
	u32 s_hash_seed[4];
	u8 s_def_hash_version;
	u8 s_jnl_backup_type;
	u16 s_desc_size;
	u32 s_default_mount_opts;
	u32 s_first_meta_bg;
	u32 s_mkfs_time;
	u32 s_reserved[189];
};
static_assert(sizeof(struct ext2_super_block) == 1024,
	      "superblock: 1024 bytes");

struct ext2_group_desc {
	u32 bg_block_bitmap;
	u32 bg_inode_bitmap;
	u32 bg_inode_table;
	u16 bg_free_blocks_count;
	u16 bg_free_inodes_count;
	u16 bg_used_dirs_count;
	u16 bg_flags;
	u32 bg_reserved[3];
};
static_assert(sizeof(struct ext2_group_desc) == 32, "group descriptor");

/* The first 128 bytes; larger inodes keep their tail as it is. */
struct ext2_inode {
	u16 i_mode;
	u16 i_uid;
	u32 i_size;
	u32 i_atime;
	u32 i_ctime;
	u32 i_mtime;
	u32 i_dtime;
	u16 i_gid;
	u16 i_links_count;
	u32 i_blocks; /* 512-byte units */
	u32 i_flags;
	u32 i_version;
	u32 i_block[EXT2_N_BLOCKS];
	u32 i_generation;
	u32 i_file_acl;
	u32 i_size_high; /* directories: i_dir_acl */
	u32 i_faddr;
	u8 i_frag;
	u8 i_fsize;
	u16 i_pad1;
	u16 i_uid_high;
	u16 i_gid_high;
	u32 i_reserved2;
};
static_assert(sizeof(struct ext2_inode) == 128, "inode");

struct ext2_dir_entry {
	u32 inode; /* 0: unused */
	u16 rec_len;
	u8 name_len;
	u8 file_type; /* EXT2_FT_*, where the feature is on */
	char name[];
};

#define EXT2_FT_UNKNOWN	 0
#define EXT2_FT_REG_FILE 1
#define EXT2_FT_DIR	 2
#define EXT2_FT_CHRDEV	 3
#define EXT2_FT_BLKDEV	 4
#define EXT2_FT_FIFO	 5
#define EXT2_FT_SOCK	 6
#define EXT2_FT_SYMLINK	 7
#define EXT2_FT_MAX	 8

#define EXT2_DIR_REC_LEN(name_len) (((name_len) + 8 + 3) & ~3u)
#define EXT2_MIN_REC_LEN	   12

/* A block of extended attributes. */
#define EXT2_XATTR_MAGIC 0xea020000
struct ext2_xattr_header {
	u32 h_magic;
	u32 h_refcount;
	u32 h_blocks;
	u32 h_hash;
	u32 h_reserved[4];
};

struct ext2_xattr_entry {
	u8 e_name_len;
	u8 e_name_index;
	u16 e_value_offs;
	u32 e_value_block;
	u32 e_value_size;
	u32 e_hash;
	char e_name[];
};
