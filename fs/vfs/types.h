/*
 * types.h - the structs of the virtual file system and the tables of
 * functions that a file system, a driver or a kind of file fills.
 *
 * A struct path (mount, dentry) names a place; a dentry names an inode; an
 * inode is a file; a struct file is an open one.  References: path_get/put,
 * dget/dput, igrab/iput, get_file/fput.  Functions stand in the header of
 * each part: namei.h, dcache.h, inode.h, super.h, mount.h, file.h.
 */
#pragma once

#include <abi/fcntl.h>
#include <abi/limits.h>
#include <abi/stat.h>
#include <abi/statfs.h>
#include <abi/time.h>
#include <abi/types.h>
#include <kernel/base/refcount.h>
#include <kernel/lib/list.h>
#include <kernel/types/iov_iter.h>
#include <kernel/types/lock.h>
#include <kernel/types/mm.h>
#include <kernel/types/task_work.h>

struct block_device;
struct char_device;
struct cred;
struct dentry;
struct file;
struct file_lock;
struct inode;
struct iattr;
struct kstat;
struct kstatfs;
struct pipe_inode_info;
struct pid;
struct poll_table;
struct seq_file;
struct super_block;
struct vfsmount;

/* A name, not zero-terminated, with its hash (full_name_hash of dcache.h). */
struct qstr {
	u32 hash;
	u32 len;
	const char *name;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

#define DNAME_INLINE_LEN 40

/* dentry.d_flags */
#define DCACHE_MOUNTED	     0x01 /* some mount covers it */
#define DCACHE_LRU	     0x02 /* on its super block's LRU */
#define DCACHE_REFERENCED    0x04 /* used since the shrinker last looked */
#define DCACHE_DISCONNECTED  0x08 /* has no name: pipes, memfd */
#define DCACHE_OP_REVALIDATE 0x10
#define DCACHE_UNHASHED	     0x20 /* not (any more) findable by name */

/*
 * One name in the cache; negative when d_inode is NULL.
 *
 * Locks:  D d_lock   H hash bucket   P parent's d_lock   R s_rename_mutex
 *         L the LRU's lock   A atomic
 * Walks without references read d_parent, d_name, d_inode and d_flags by d_seq.
 */
struct dentry {
	struct spinlock d_lock;
	unsigned int d_flags; /* [D] */
	int d_count;	      /* [A] references; 0: only cached */
	u32 d_seq; /* [D] odd while it changes, or dead; dcache_hash.h */
	struct hlist_node d_hash;   /* [H] */
	struct dentry *d_parent;    /* [D+R] itself for a root */
	struct qstr d_name;	    /* [D+R] */
	struct inode *d_inode;	    /* [D] */
	struct list_head d_child;   /* [P] in d_parent->d_subdirs */
	struct list_head d_subdirs; /* [D] */
	struct hlist_node d_alias;  /* [inode i_lock] in inode->i_dentry */
	struct list_head d_lru;	    /* [L] */
	struct super_block *d_sb;   /* fixed */
	const struct dentry_operations *d_op;
	void *d_fsdata;
	char d_iname[DNAME_INLINE_LEN]; /* short names live here */
};

struct dentry_operations {
	/* Still true?  1 yes, 0 drop it, or -errno.  proc uses it. */
	int (*d_revalidate)(struct dentry *dentry);
	/* 1: throw it away at the last dput. */
	int (*d_delete)(const struct dentry *dentry);
	/* Text of readlink for files without a place (pipe:[12]). */
	int (*d_dname)(struct dentry *dentry, char *buf, int size);
	void (*d_release)(struct dentry *dentry);
};

/* inode.i_state */
#define I_NEW		 0x001 /* being filled, see iget_locked */
#define I_DIRTY_SYNC	 0x002 /* times only */
#define I_DIRTY_DATASYNC 0x004 /* what fdatasync needs: size, blocks */
#define I_DIRTY_PAGES	 0x008
#define I_DIRTY		 (I_DIRTY_SYNC | I_DIRTY_DATASYNC | I_DIRTY_PAGES)
#define I_FREEING	 0x010
#define I_SYNC		 0x020 /* being written */
#define I_LRU		 0x040
#define I_LINKABLE	 0x080 /* O_TMPFILE: may get its first name by linkat */

/* inode.i_flags */
#define S_NOATIME   0x01
#define S_APPEND    0x02
#define S_IMMUTABLE 0x04
#define S_DEAD	    0x08 /* removed directory that is still open */
#define S_SYNC	    0x10
#define S_PRIVATE   0x20
#define S_NOQUOTA   0x40
#define S_NOSEC	    0x80 /* known to have no file capabilities */

struct inode_operations {
	/* All may sleep.  Directory operations run under dir->i_rwsem. */
	struct dentry *(*lookup)(struct inode *dir, struct dentry *dentry,
				 unsigned int flags);
	int (*create)(struct inode *dir, struct dentry *dentry, umode_t mode,
		      bool excl);
	int (*link)(struct dentry *old, struct inode *dir, struct dentry *new);
	int (*unlink)(struct inode *dir, struct dentry *dentry);
	int (*symlink)(struct inode *dir, struct dentry *dentry,
		       const char *target);
	int (*mkdir)(struct inode *dir, struct dentry *dentry, umode_t mode);
	int (*rmdir)(struct inode *dir, struct dentry *dentry);
	int (*mknod)(struct inode *dir, struct dentry *dentry, umode_t mode,
		     dev_t dev);
	int (*rename)(struct inode *old_dir, struct dentry *old,
		      struct inode *new_dir, struct dentry *new,
		      unsigned int flags);
	int (*tmpfile)(struct inode *dir, struct dentry *dentry, umode_t mode);
	/* Text of a symlink: a kernel string, valid until put_link(cookie);
	 * ERR_PTR on failure.  A magic link (proc) instead fills *@jump with
	 * a referenced path and returns NULL.  @dentry may be used to find
	 * the object. */
	const char *(*get_link)(struct dentry *dentry, struct inode *inode,
				struct path *jump, void **cookie);
	void (*put_link)(struct inode *inode, void *cookie);
	/* readlink text where get_link only jumps; default: get_link. */
	int (*readlink)(struct dentry *dentry, char *buf, size_t size);
	int (*permission)(struct inode *inode, int mask);
	int (*setattr)(struct dentry *dentry, struct iattr *attr);
	int (*getattr)(const struct path *path, struct kstat *stat);
	ssize_t (*listxattr)(struct dentry *dentry, char *buf, size_t size);
	ssize_t (*getxattr)(struct dentry *dentry, const char *name, void *buf,
			    size_t size);
	int (*setxattr)(struct dentry *dentry, const char *name,
			const void *value, size_t size, int flags);
	int (*removexattr)(struct dentry *dentry, const char *name);
};

/*
 * Locks:  L i_lock   W i_rwsem   H inode hash lock   A atomic
 */
struct inode {
	umode_t i_mode; /* [W+L] */
	u16 i_opflags;
	uid_t i_uid;	      /* [W+L] */
	gid_t i_gid;	      /* [W+L] */
	unsigned int i_flags; /* [W] S_* */
	unsigned int i_nlink; /* [W] */
	const struct inode_operations *i_op;
	const struct file_operations *i_fop;
	struct super_block *i_sb;
	struct address_space *i_mapping; /* &i_data, or the block device's */
	struct address_space i_data;
	u64 i_ino;
	dev_t i_rdev;
	atomic64_t i_size_; /* [A, written under W] i_size_read() */
	struct timespec i_atime, i_mtime, i_ctime; /* [L] */
	u64 i_blocks;				   /* [L] 512-byte units */
	u32 i_blkbits;
	u32 i_generation;
	struct spinlock i_lock;
	struct rw_semaphore i_rwsem;
	unsigned int i_state;	    /* [L] I_* */
	int i_count;		    /* [L] references */
	atomic_t i_writecount;	    /* [A] >0 writers, <0 being executed */
	struct hlist_node i_hash;   /* [H] */
	struct list_head i_sb_list; /* [H] */
	struct list_head i_lru;	    /* [H] */
	struct list_head i_io_list; /* [H] dirty inodes of the super block */
	u64 i_dirtied_ns;	    /* [H] when it became dirty */
	struct hlist_head i_dentry; /* [L] aliases */
	struct list_head i_flctx;   /* [flock lock] struct file_lock */
	struct wait_queue i_wait;   /* I_NEW and I_SYNC leave */
	union {
		struct pipe_inode_info *i_pipe; /* [W] FIFO */
		struct block_device *i_bdev;
		const struct char_device *i_cdev;
	};
	void *i_private; /* the file system's or driver's */
};

/* What setattr changes: chmod, chown, truncate, utimens.  ia_valid: ATTR_* */
#define ATTR_MODE      0x0001
#define ATTR_UID       0x0002
#define ATTR_GID       0x0004
#define ATTR_SIZE      0x0008
#define ATTR_ATIME     0x0010
#define ATTR_MTIME     0x0020
#define ATTR_CTIME     0x0040
#define ATTR_ATIME_SET 0x0080
#define ATTR_MTIME_SET 0x0100
#define ATTR_FORCE     0x0200
#define ATTR_KILL_SUID 0x0800
#define ATTR_KILL_SGID 0x1000
#define ATTR_FILE      0x2000
#define ATTR_KILL_PRIV 0x4000 /* file capabilities go */
#define ATTR_OPEN      0x8000
#define ATTR_TIMES_SET 0x10000 /* utimensat with times, even UTIME_NOW */
#define ATTR_TOUCH     0x20000 /* utimensat(NULL): write permission is enough */

struct iattr {
	unsigned int ia_valid;
	umode_t ia_mode;
	uid_t ia_uid;
	gid_t ia_gid;
	loff_t ia_size;
	struct timespec ia_atime, ia_mtime, ia_ctime;
	struct file *ia_file;
};

/* What stat and statx report, in kernel form. */
struct kstat {
	u32 result_mask;
	umode_t mode;
	unsigned int nlink;
	u32 blksize;
	u64 attributes, attributes_mask;
	u64 ino;
	dev_t dev, rdev;
	uid_t uid;
	gid_t gid;
	loff_t size;
	struct timespec atime, mtime, ctime, btime;
	u64 blocks;
	u64 mnt_id;
};

/* readdir hands each entry to @actor, which returns false when it is full. */
struct dir_context {
	bool (*actor)(struct dir_context *ctx, const char *name, int len,
		      loff_t pos, u64 ino, unsigned int type);
	loff_t pos;
};

/* One place poll looks at.  poll_wait(file, wq, table) of poll.h adds it. */
struct file_operations {
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read_iter)(struct file *file, struct iov_iter *iter,
			     loff_t *pos);
	ssize_t (*write_iter)(struct file *file, struct iov_iter *iter,
			      loff_t *pos);
	int (*iterate)(struct file *file, struct dir_context *ctx);
	u32 (*poll)(struct file *file, struct poll_table *table);
	long (*ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file); /* each close(2) */
	int (*release)(struct inode *inode, struct file *file); /* the last */
	int (*fsync)(struct file *file, loff_t start, loff_t end,
		     bool datasync);
	int (*fasync)(int fd, struct file *file, bool on);
	long (*fallocate)(struct file *file, int mode, loff_t offset,
			  loff_t len);
	void (*show_fdinfo)(struct seq_file *m, struct file *file);
};

#define FMODE_READ	 0x01
#define FMODE_WRITE	 0x02
#define FMODE_LSEEK	 0x04
#define FMODE_PREAD	 0x08
#define FMODE_PWRITE	 0x10
#define FMODE_EXEC	 0x20
#define FMODE_PATH	 0x4000	  /* O_PATH */
#define FMODE_ATOMIC_POS 0x8000	  /* f_pos under f_pos_lock */
#define FMODE_STREAM	 0x200000 /* has no position at all */
#define FMODE_WRITER	 0x400000 /* counted in i_writecount and mount */
#define FMODE_NOWAIT	 0x800000
#define FMODE_EPOLL	 0x1000000 /* was watched by an epoll */
#define FMODE_NO_SPLICE	 0x2000000 /* not for splice(2), sendfile(2) */

/* An open file description, open(2).  Locks:  P f_pos_lock   L f_lock */
struct file {
	struct path f_path;
	struct inode *f_inode;
	const struct file_operations *f_op;
	unsigned int f_flags; /* [L] O_* */
	unsigned int f_mode;  /* FMODE_* */
	refcount_t f_count;   /* [A] */
	struct spinlock f_lock;
	struct mutex f_pos_lock;
	loff_t f_pos; /* [P] */
	struct address_space *f_mapping;
	const struct cred *f_cred; /* who opened it */
	struct file_ra_state f_ra;
	u32 f_wb_err;			 /* mapping's wb_err_seq seen so far */
	struct list_head f_ep_links;	 /* epoll items that watch it */
	struct pid *f_owner;		 /* [L] F_SETOWN, referenced */
	int f_owner_pid;		 /* [L] */
	int f_owner_type;		 /* [L] */
	int f_owner_sig;		 /* [L] F_SETSIG */
	uid_t f_owner_uid, f_owner_euid; /* [L] */
	void *private_data;
	struct callback_head f_work; /* of the last fput */
};

struct super_operations {
	/* Inodes are embedded in the file system's own struct. */
	struct inode *(*alloc_inode)(struct super_block *sb);
	void (*free_inode)(struct inode *inode);
	int (*write_inode)(struct inode *inode, bool sync);
	/* The last reference is gone: truncate and free if i_nlink is 0. */
	void (*evict_inode)(struct inode *inode);
	/* 1: drop the inode from the cache at the last iput (default: when
	 * i_nlink is 0). */
	int (*drop_inode)(struct inode *inode);
	void (*put_super)(struct super_block *sb);
	int (*sync_fs)(struct super_block *sb, bool wait);
	int (*statfs)(struct dentry *dentry, struct kstatfs *buf);
	int (*remount)(struct super_block *sb, int *flags, char *data);
	/* Options for /proc/mounts, each with a leading comma. */
	int (*show_options)(struct seq_file *m, struct super_block *sb);
};

/* statfs(2) in kernel form. */
struct kstatfs {
	long f_type, f_bsize, f_frsize, f_namelen, f_flags;
	u64 f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	u64 f_fsid;
};

struct file_system_type {
	const char *name;
	int fs_flags;
#define FS_REQUIRES_DEV 1
#define FS_USERNS_MOUNT 8
#define FS_LITTER	16 /* names live only in the cache: d_genocide at the end */
	/* Fill @sb for device @bdev (NULL without FS_REQUIRES_DEV) and
	 * options @data; set s_root.  0 or -errno. */
	int (*fill_super)(struct super_block *sb, void *data, bool silent);
	/* One super block for all mounts (proc, sysfs, devtmpfs). */
	bool single;
	struct list_head list;
	struct list_head supers; /* [SB_LIST] */
};

/* super_block.s_flags: SB_RDONLY and kin have MS_*'s numbers. */
#define SB_RDONLY      1
#define SB_NOSUID      2
#define SB_NODEV       4
#define SB_NOEXEC      8
#define SB_SYNCHRONOUS 16
#define SB_DIRSYNC     128
#define SB_NOATIME     1024
#define SB_ACTIVE      (1 << 30)

struct super_block {
	struct list_head s_list;      /* [SB_LIST] */
	struct list_head s_instances; /* [SB_LIST] in type->supers */
	dev_t s_dev;
	unsigned int s_blocksize;
	u8 s_blocksize_bits;
	u64 s_maxbytes;
	struct file_system_type *s_type;
	const struct super_operations *s_op;
	const struct dentry_operations *s_d_op; /* for new dentries */
	unsigned long s_flags;			/* [s_umount] SB_* */
	unsigned long s_magic;
	struct dentry *s_root;
	struct rw_semaphore s_umount;
	int s_count;		     /* [SB_LIST] references to the struct */
	refcount_t s_active;	     /* mounts */
	struct mutex s_rename_mutex; /* directory renames */
	struct block_device *s_bdev;
	unsigned int s_bdev_mode;  /* FMODE_* it was opened with */
	struct list_head s_mounts; /* [mount hash lock] by mnt_instance */
	struct list_head s_inodes; /* [inode hash lock] */
	struct list_head s_dirty;  /* [inode hash lock] i_io_list */
	u32 s_time_gran_ns;
	char s_id[32]; /* for messages */
	void *s_fs_info;
};

/* vfsmount.mnt_flags */
#define MNT_NOSUID     0x01
#define MNT_NODEV      0x02
#define MNT_NOEXEC     0x04
#define MNT_NOATIME    0x08
#define MNT_NODIRATIME 0x10
#define MNT_RELATIME   0x20
#define MNT_READONLY   0x40
#define MNT_WRITE_HOLD 0x80 /* writers wait: somebody is counting them */

/* What one CPU has counted of a mount's users: only the sums over all CPUs mean
 * anything, mount_count.c. */
struct mnt_cpu {
	int count;   /* [its CPU] references */
	int writers; /* [its CPU] mnt_want_write holders */
} __attribute__((aligned(64)));

/*
 * One mount.  Locks:  N namespace_sem   H mount hash lock
 */
struct vfsmount {
	struct dentry *mnt_root;       /* fixed */
	struct super_block *mnt_sb;    /* fixed */
	unsigned int mnt_flags;	       /* [H] MNT_* */
	struct vfsmount *mnt_parent;   /* [N+H] itself for the root */
	struct dentry *mnt_mountpoint; /* [N+H] */
	struct hlist_node mnt_hash;    /* [H] by (parent, mountpoint) */
	struct list_head mnt_instance; /* [H] in mnt_sb->s_mounts */
	struct list_head mnt_mounts;   /* [N] children */
	struct list_head mnt_child;    /* [N] */
	struct list_head mnt_list;     /* [N] all mounts, in order */
	bool mnt_detached;	       /* [N+H] umounted */
	bool mnt_exact;		       /* [H] each mntput looks at the sum */
	bool mnt_doomed;	       /* [H] that was 0: being freed */
	bool mnt_expiry_mark;	       /* [N] */
	int mnt_id;
	char *mnt_devname;	       /* source, as given to mount(2) */
	struct callback_head mnt_work; /* of the last mntput */
	struct mnt_cpu mnt_cpu[];      /* nr_cpu_ids of them */
};

static inline loff_t i_size_read(const struct inode *inode)
{
	return atomic64_read(&inode->i_size_);
}

/* Caller holds i_rwsem for writing (or the inode is not shared yet). */
static inline void i_size_write(struct inode *inode, loff_t size)
{
	atomic64_set(&inode->i_size_, size);
}

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

static inline struct inode *d_inode(const struct dentry *dentry)
{
	return dentry->d_inode;
}
