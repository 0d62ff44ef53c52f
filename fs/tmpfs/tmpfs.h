/*
 * tmpfs.h - files in memory, tmpfs(5).
 *
 * Entry points: tmpfs_init, tmpfs_fill_super, tmpfs_get_inode.
 */
#pragma once

#include <fs/vfs/types.h>
#include <kernel/lib/list.h>
#include <kernel/lib/macros.h>

#define TMPFS_MAGIC 0x01021994

/* One mounted tmpfs.  Locks:  S lock */
struct tmpfs_sb {
	struct spinlock lock;
	u64 max_blocks;	 /* [S] pages; 0: no limit */
	u64 used_blocks; /* [S] */
	u64 max_inodes;	 /* [S] 0: no limit */
	u64 used_inodes; /* [S] */
	atomic64_t
		next_place; /* see pin_name in dir.c; starts above the dots */
	umode_t mode;	    /* of the root */
	uid_t uid;
	gid_t gid;
};

static inline struct tmpfs_sb *TMPFS_SB(const struct super_block *sb)
{
	return sb->s_fs_info;
}

/* A file.  Locks:  S the instance's lock */
struct tmpfs_inode {
	struct list_head xattrs; /* [S] */
	struct inode vfs_inode;
};

static inline struct tmpfs_inode *TMPFS_I(struct inode *inode)
{
	return container_of(inode, struct tmpfs_inode, vfs_inode);
}

/* tmpfs_init - register "tmpfs"; once, at boot. */
void tmpfs_init(void);

/* tmpfs_fill_super - for devtmpfs, which is a tmpfs with other options. */
int tmpfs_fill_super(struct super_block *sb, void *data, bool silent);

/* tmpfs_kern_mount - an instance without limits that nobody sees: its files
 * have no place, only a name.  ERR_PTR on failure. */
struct vfsmount *tmpfs_kern_mount(void);

/* tmpfs_get_inode - a new inode of @mode; @dir NULL for a root.
 * ERR_PTR(-ENOSPC) at nr_inodes, (-ENOMEM). */
struct inode *tmpfs_get_inode(struct super_block *sb, struct inode *dir,
			      umode_t mode, dev_t dev);

/* Pages of files: tmpfs/file.c. */
extern const struct address_space_operations tmpfs_aops;
extern const struct file_operations tmpfs_file_fops;
extern const struct inode_operations tmpfs_file_iops;
bool tmpfs_charge_blocks(struct super_block *sb, s64 pages);
void tmpfs_evict_inode(struct inode *inode);

/* Directories: tmpfs/dir.c. */
extern const struct inode_operations tmpfs_dir_iops;
extern const struct inode_operations tmpfs_symlink_iops;
extern const struct file_operations tmpfs_dir_fops;

/* Extended attributes: tmpfs/xattr.c. */
ssize_t tmpfs_getxattr(struct dentry *dentry, const char *name, void *buf,
		       size_t size);
int tmpfs_setxattr(struct dentry *dentry, const char *name, const void *value,
		   size_t size, int flags);
ssize_t tmpfs_listxattr(struct dentry *dentry, char *buf, size_t size);
int tmpfs_removexattr(struct dentry *dentry, const char *name);
/* tmpfs_free_xattrs - @inode goes, and nobody else knows it. */
void tmpfs_free_xattrs(struct inode *inode);

/* tmpfs_make_sealable - @inode, a new file, may be sealed.  0 or -ENOMEM. */
int tmpfs_make_sealable(struct inode *inode);

/* tmpfs_add_seals - F_ADD_SEALS: 0, -EPERM (sealed against it, or not open for
 * writing), -EINVAL, -EBUSY (is mapped writable).  tmpfs_get_seals - which. */
int tmpfs_add_seals(struct file *file, unsigned int seals);
unsigned int tmpfs_get_seals(const struct inode *inode);

/* tmpfs_check_write - may bytes up to @end be written?  tmpfs_check_resize -
 * may it get size @size?  i_rwsem is held.  0 or -EPERM. */
int tmpfs_check_write(const struct inode *inode, loff_t end);
int tmpfs_check_resize(const struct inode *inode, loff_t size);

/* tmpfs_seal_mmap - may it be mapped as @vma says?  0, and it is counted, or
 * -EPERM.  tmpfs_seal_open, tmpfs_seal_close - a copy more, one less. */
int tmpfs_seal_mmap(const struct inode *inode, struct vm_area_struct *vma);
void tmpfs_seal_open(struct vm_area_struct *vma);
void tmpfs_seal_close(struct vm_area_struct *vma);
