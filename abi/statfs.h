/*
 * statfs.h - what statfs(2) tells, and the magic number of each file system.
 */
#pragma once

#include <abi/types.h>

/* fsid_t of the UAPI; an opaque pair. */
struct __kernel_fsid {
	int val[2];
};

struct statfs {
	long f_type;
	long f_bsize;
	long f_blocks;
	long f_bfree;
	long f_bavail;
	long f_files;
	long f_ffree;
	struct __kernel_fsid f_fsid;
	long f_namelen;
	long f_frsize;
	long f_flags;
	long f_spare[4];
};

/* f_flags: the mount's flags; ST_VALID says that they are filled in. */
#define ST_RDONLY      0x0001
#define ST_NOSUID      0x0002
#define ST_NODEV       0x0004
#define ST_NOEXEC      0x0008
#define ST_SYNCHRONOUS 0x0010
#define ST_VALID       0x0020
#define ST_MANDLOCK    0x0040
#define ST_NOATIME     0x0400
#define ST_NODIRATIME  0x0800
#define ST_RELATIME    0x1000

/* ustat(2) */
struct ustat {
	int f_tfree;
	unsigned long f_tinode;
	char f_fname[6];
	char f_fpack[6];
};

#define DEBUGFS_MAGIC	    0x64626720
#define RAMFS_MAGIC	    0x858458f6
#define TMPFS_MAGIC	    0x01021994
#define EXT2_SUPER_MAGIC    0xEF53
#define ISOFS_SUPER_MAGIC   0x9660
#define CGROUP_SUPER_MAGIC  0x27e0eb
#define CGROUP2_SUPER_MAGIC 0x63677270
#define TRACEFS_MAGIC	    0x74726163
#define DEVPTS_SUPER_MAGIC  0x1cd1
#define PROC_SUPER_MAGIC    0x9fa0
#define SYSFS_MAGIC	    0x62656572
#define ANON_INODE_FS_MAGIC 0x09041934
#define PIPEFS_MAGIC	    0x50495045
#define SOCKFS_MAGIC	    0x534F434B
#define BDEVFS_MAGIC	    0x62646576
