/*
 * stat.h - file types and modes, struct stat, struct statx.
 */
#pragma once

#include <abi/types.h>

#define S_IFMT	 00170000
#define S_IFSOCK 0140000
#define S_IFLNK	 0120000
#define S_IFREG	 0100000
#define S_IFBLK	 0060000
#define S_IFDIR	 0040000
#define S_IFCHR	 0020000
#define S_IFIFO	 0010000
#define S_ISUID	 0004000
#define S_ISGID	 0002000
#define S_ISVTX	 0001000
#define S_IRWXU	 00700
#define S_IRUSR	 00400
#define S_IWUSR	 00200
#define S_IXUSR	 00100
#define S_IRWXG	 00070
#define S_IRGRP	 00040
#define S_IWGRP	 00020
#define S_IXGRP	 00010
#define S_IRWXO	 00007
#define S_IROTH	 00004
#define S_IWOTH	 00002
#define S_IXOTH	 00001

#define S_ISLNK(m)  (((m)&S_IFMT) == S_IFLNK)
#define S_ISREG(m)  (((m)&S_IFMT) == S_IFREG)
#define S_ISDIR(m)  (((m)&S_IFMT) == S_IFDIR)
#define S_ISCHR(m)  (((m)&S_IFMT) == S_IFCHR)
#define S_ISBLK(m)  (((m)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)
#define S_ISSOCK(m) (((m)&S_IFMT) == S_IFSOCK)

#define S_IRWXUGO (S_IRWXU | S_IRWXG | S_IRWXO)
#define S_IALLUGO (S_ISUID | S_ISGID | S_ISVTX | S_IRWXUGO)
#define S_IRUGO	  (S_IRUSR | S_IRGRP | S_IROTH)
#define S_IWUGO	  (S_IWUSR | S_IWGRP | S_IWOTH)
#define S_IXUGO	  (S_IXUSR | S_IXGRP | S_IXOTH)

struct stat {
	unsigned long st_dev;
	unsigned long st_ino;
	unsigned long st_nlink;

	unsigned int st_mode;
	unsigned int st_uid;
	unsigned int st_gid;
	unsigned int __pad0;
	unsigned long st_rdev;
	long st_size;
	long st_blksize;
	long st_blocks; /* of 512 bytes, whatever st_blksize */

	unsigned long st_atime;
	unsigned long st_atime_nsec;
	unsigned long st_mtime;
	unsigned long st_mtime_nsec;
	unsigned long st_ctime;
	unsigned long st_ctime_nsec;
	long __unused[3];
};

struct statx_timestamp {
	s64 tv_sec;
	u32 tv_nsec;
	s32 __reserved;
};

struct statx {
	u32 stx_mask;
	u32 stx_blksize;
	u64 stx_attributes;
	u32 stx_nlink;
	u32 stx_uid;
	u32 stx_gid;
	u16 stx_mode;
	u16 __spare0[1];
	u64 stx_ino;
	u64 stx_size;
	u64 stx_blocks;
	u64 stx_attributes_mask;
	struct statx_timestamp stx_atime;
	struct statx_timestamp stx_btime;
	struct statx_timestamp stx_ctime;
	struct statx_timestamp stx_mtime;
	u32 stx_rdev_major;
	u32 stx_rdev_minor;
	u32 stx_dev_major;
	u32 stx_dev_minor;
	u64 stx_mnt_id;
	u32 stx_dio_mem_align;
	u32 stx_dio_offset_align;
	u64 __spare3[12];
};

#define STATX_TYPE	      0x00000001U
#define STATX_MODE	      0x00000002U
#define STATX_NLINK	      0x00000004U
#define STATX_UID	      0x00000008U
#define STATX_GID	      0x00000010U
#define STATX_ATIME	      0x00000020U
#define STATX_MTIME	      0x00000040U
#define STATX_CTIME	      0x00000080U
#define STATX_INO	      0x00000100U
#define STATX_SIZE	      0x00000200U
#define STATX_BLOCKS	      0x00000400U
#define STATX_BASIC_STATS     0x000007ffU
#define STATX_BTIME	      0x00000800U
#define STATX_MNT_ID	      0x00001000U
#define STATX_DIOALIGN	      0x00002000U
#define STATX__RESERVED	      0x80000000U
#define STATX_ALL	      0x00000fffU
#define STATX_ATTR_COMPRESSED 0x00000004
#define STATX_ATTR_IMMUTABLE  0x00000010
#define STATX_ATTR_APPEND     0x00000020
#define STATX_ATTR_NODUMP     0x00000040
#define STATX_ATTR_ENCRYPTED  0x00000800
#define STATX_ATTR_AUTOMOUNT  0x00001000
#define STATX_ATTR_MOUNT_ROOT 0x00002000
#define STATX_ATTR_VERITY     0x00100000
#define STATX_ATTR_DAX	      0x00200000

/* utimensat(2): values of tv_nsec */
#define UTIME_NOW  ((1l << 30) - 1l)
#define UTIME_OMIT ((1l << 30) - 2l)

/* FS_IOC_GETFLAGS and kin: attributes of a file (chattr) */
#define FS_SECRM_FL	   0x00000001
#define FS_UNRM_FL	   0x00000002
#define FS_COMPR_FL	   0x00000004
#define FS_SYNC_FL	   0x00000008
#define FS_IMMUTABLE_FL	   0x00000010
#define FS_APPEND_FL	   0x00000020
#define FS_NODUMP_FL	   0x00000040
#define FS_NOATIME_FL	   0x00000080
#define FS_DIRTY_FL	   0x00000100
#define FS_COMPRBLK_FL	   0x00000200
#define FS_NOCOMP_FL	   0x00000400
#define FS_ENCRYPT_FL	   0x00000800
#define FS_BTREE_FL	   0x00001000
#define FS_INDEX_FL	   0x00001000
#define FS_IMAGIC_FL	   0x00002000
#define FS_JOURNAL_DATA_FL 0x00004000
#define FS_NOTAIL_FL	   0x00008000
#define FS_DIRSYNC_FL	   0x00010000
#define FS_TOPDIR_FL	   0x00020000
#define FS_HUGE_FILE_FL	   0x00040000
#define FS_EXTENT_FL	   0x00080000
#define FS_VERITY_FL	   0x00100000
#define FS_EA_INODE_FL	   0x00200000
#define FS_EOFBLOCKS_FL	   0x00400000
#define FS_NOCOW_FL	   0x00800000
#define FS_DAX_FL	   0x02000000
#define FS_INLINE_DATA_FL  0x10000000
#define FS_PROJINHERIT_FL  0x20000000
#define FS_CASEFOLD_FL	   0x40000000
#define FS_RESERVED_FL	   0x80000000
