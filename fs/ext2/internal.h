/*
 * internal.h - ext2's own structs and functions.
 *
 * Metadata (superblock, groups, bitmaps, inode tables, indirect blocks,
 * directories, attributes) lives in the buffer cache of the device, file data
 * in the page cache of each inode.
 *
 * Order on disk.  There is no journal, so writes are ordered where e2fsck
 * could not repair by itself (-p) or a promise would be broken:
 *   - a new indirect or directory block is on disk before anything points to
 *     it;
 *   - what pointed to a block is on disk before the block is free to others;
 *   - a directory entry is on disk before the new inode it names;
 *   - a new name is on disk before the old one goes (rename).
 *
 * Locks, outer to inner: inode.i_rwsem (VFS), page lock, map_lock (block map
 * and truncate) or xattr_lock, alloc_lock (bitmaps, group descriptors,
 * counters), the locks of the buffer cache.
 */
#pragma once

#include <abi/errno.h>
#include <fs/ext2/ext2_fs.h>
#include <fs/vfs/buffer_cache.h>
#include <fs/vfs/types.h>

/* Linux's name for "the file system is damaged". */
#define EFSCORRUPTED EUCLEAN

/* ext2_sb_info.mount_opt */
#define EXT2_MOUNT_ERRORS_CONT	0x0001
#define EXT2_MOUNT_ERRORS_RO	0x0002
#define EXT2_MOUNT_ERRORS_PANIC 0x0004
#define EXT2_MOUNT_GRPID	0x0008
#define EXT2_MOUNT_XATTR_USER	0x0010
#define EXT2_MOUNT_MINIX_DF	0x0020
#define EXT2_MOUNT_DEBUG	0x0040

/* Locks:  I fixed at mount   A alloc_lock   S s_umount */
struct ext2_sb_info {
	struct super_block *sb;		 /* [I] */
	struct buffer_head *sbh;	 /* [I] block of the superblock */
	struct ext2_super_block *es;	 /* in it; counters [A] */
	struct buffer_head **group_desc; /* [I] blocks of descriptors */
	u32 gdb_count;			 /* [I] how many */
	u32 desc_per_block;		 /* [I] */
	u32 groups_count;		 /* [I] */
	u32 blocks_per_group;		 /* [I] */
	u32 inodes_per_group;		 /* [I] */
	u32 itb_per_group;		 /* [I] inode table blocks */
	u32 inodes_per_block;		 /* [I] */
	u32 inode_size;			 /* [I] bytes */
	u32 first_ino;			 /* [I] first not reserved */
	u32 first_data_block;		 /* [I] */
	u32 blocks_count;		 /* [I] */
	u32 inodes_count;		 /* [I] */
	u32 addr_per_block;		 /* [I] block numbers in a block */
	u8 addr_bits;			 /* [I] log2 of it */
	u64 overhead;			 /* [I] blocks for f_blocks */
	struct mutex alloc_lock;	 /* rank LOCK_EXT2_ALLOC */
	u32 free_blocks;		 /* [A] */
	u32 free_inodes;		 /* [A] */
	u32 dirs;			 /* [A] */
	struct mutex xattr_lock;	 /* rank LOCK_TRUNCATE */
	unsigned long mount_opt;	 /* [S] EXT2_MOUNT_* */
	uid_t resuid;			 /* [S] who may use the reserve */
	gid_t resgid;			 /* [S] */
	u16 mount_state;		 /* [S] s_state as it will be written */
};

/* ext2_inode_info.state, bit numbers */
#define EXT2_STATE_NEW	  0 /* raw inode not written yet: clear its tail */
#define EXT2_STATE_BLOCKS 1 /* the raw inode has shown blocks */
#define EXT2_STATE_LINKED 2 /* raw inode shows links */

/* Locks:  M map_lock   W i_rwsem   X sbi->xattr_lock   A atomic */
struct ext2_inode_info {
	u32 i_data[EXT2_N_BLOCKS]; /* [M] block map, or a fast symlink's text */
	u32 i_flags;		   /* [W] EXT2_*_FL */
	u32 i_file_acl;		   /* [X] block of extended attributes */
	u32 i_dtime;
	u32 block_group;     /* fixed: where its blocks are looked for */
	u32 dir_start;	     /* [W] block where the last lookup ended */
	u32 dir_room;	     /* [W] first block that may take a name */
	unsigned long state; /* [A] EXT2_STATE_* */
	u32 dirent_block;    /* [A] where its new name is; 0: on disk */
	u32 next_lblock;     /* [M] block after the last one allocated */
	u32 next_goal;	     /* [M] and the place it should get */
	loff_t alloc_end;    /* [W] bytes that writes have blocks for */
	struct rw_semaphore map_lock; /* rank LOCK_TRUNCATE */
	struct inode vfs_inode;
};

static inline struct ext2_inode_info *EXT2_I(const struct inode *inode)
{
	return container_of(inode, struct ext2_inode_info, vfs_inode);
}

static inline struct ext2_sb_info *EXT2_SB(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline bool ext2_valid_inum(const struct super_block *sb, u64 ino)
{
	const struct ext2_sb_info *sbi = EXT2_SB(sb);

	return ino == EXT2_ROOT_INO ||
	       (ino >= sbi->first_ino && ino <= sbi->inodes_count);
}

static inline u32 ext2_group_first_block(const struct ext2_sb_info *sbi,
					 u32 group)
{
	return sbi->first_data_block + group * sbi->blocks_per_group;
}

static inline bool ext2_has_filetype(const struct ext2_sb_info *sbi)
{
	return sbi->es->s_feature_incompat & EXT2_FEATURE_INCOMPAT_FILETYPE;
}

static inline bool ext2_fast_symlink(const struct inode *inode)
{
	u64 acl_blocks =
		EXT2_I(inode)->i_file_acl ? inode->i_sb->s_blocksize >> 9 : 0;

	return S_ISLNK(inode->i_mode) && inode->i_blocks <= acl_blocks;
}

/* super.c */

/*
 * ext2_error - the file system is damaged: say so, mark it, and do what
 * errors= wants.  May sleep.
 */
void ext2_error(struct super_block *sb, const char *function, const char *fmt,
		...) __printf(3, 4);
/* ext2_update_super - counters and times into the buffer; dirty. */
void ext2_update_super(struct super_block *sb);
/* ext2_set_large_file - a file above 2 GiB exists; marks the feature. */
void ext2_set_large_file(struct super_block *sb);

/* group.c: descriptors, and what belongs to a group */

/* ext2_load_groups - read and check them: 0 or -errno; ext2_put_groups. */
int ext2_load_groups(struct super_block *sb, bool silent);
void ext2_put_groups(struct ext2_sb_info *sbi);
/* ext2_get_group_desc - of a group below groups_count; *@bh (may be NULL) is
 * its buffer, not referenced. */
struct ext2_group_desc *ext2_get_group_desc(struct ext2_sb_info *sbi, u32 group,
					    struct buffer_head **bh);
/* ext2_group_blocks - blocks in it; the last group may be short. */
u32 ext2_group_blocks(const struct ext2_sb_info *sbi, u32 group);
/* ext2_bg_has_super - is there a copy of the superblock in it? */
bool ext2_bg_has_super(const struct ext2_sb_info *sbi, u32 group);
/* ext2_is_metadata - does any of the @nr blocks from @block on belong to the
 * bitmaps or inode table of its group? */
bool ext2_is_metadata(struct ext2_sb_info *sbi, u32 block, u32 nr);
/* ext2_block_valid - may the @nr blocks from @block on belong to a file? */
bool ext2_block_valid(const struct ext2_sb_info *sbi, u32 block, u32 nr);

/* block_alloc.c */

/*
 * ext2_new_blocks - allocate up to *@count adjoining blocks near @goal for
 * @inode, counted in i_blocks; *@count becomes what was had.  Returns the
 * first, or 0 with *@err (-ENOSPC, -EIO).  Sleeps.
 */
u32 ext2_new_blocks(struct inode *inode, u32 goal, u32 *count, int *err);
/* ext2_free_blocks - give @count blocks back.  False: they were not all in
 * use, the file system is damaged. */
bool ext2_free_blocks(struct inode *inode, u32 block, u32 count);

/* inode_alloc.c */

/*
 * ext2_new_inode - a new file in @dir: number, owner, flags; I_NEW is set and
 * i_nlink is 1.  ERR_PTR(-ENOSPC), ...
 */
struct inode *ext2_new_inode(struct inode *dir, umode_t mode);
/* ext2_free_inode - its number may be used again; from evict. */
void ext2_free_inode(struct inode *inode);

/* block_map.c */

/*
 * ext2_map_blocks - where block @lblock of the file is.
 *
 * Returns how many adjoining blocks (at most @max) follow *@pblk; 0 for a
 * hole; -errno.  Takes map_lock.
 */
int ext2_map_blocks(struct inode *inode, u32 lblock, u32 max, u32 *pblk);
/* ext2_map_create - the same, allocating where there is a hole; *@fresh tells
 * whether the blocks are new. */
int ext2_map_create(struct inode *inode, u32 lblock, u32 max, u32 *pblk,
		    bool *fresh);
/* ext2_block_path - offsets of @lblock in the tree of indirect blocks;
 * depth 1 to 4, 0 when it is beyond the largest file. */
int ext2_block_path(const struct ext2_sb_info *sbi, u32 lblock, u32 *offsets);
/* ext2_sync_map - write the inode's dirty indirect blocks. */
int ext2_sync_map(struct inode *inode);

/* truncate.c */

/* ext2_truncate_blocks - free all blocks wholly behind @size bytes. */
void ext2_truncate_blocks(struct inode *inode, loff_t size);
/* ext2_free_all_blocks - in evict: the map in @data is no longer on disk. */
void ext2_free_all_blocks(struct inode *inode, const u32 *data);
/* ext2_zero_tail - zero the cached last page from @size on; see setsize. */
int ext2_zero_tail(struct inode *inode, loff_t size);
/* ext2_setsize - truncate(2).  i_rwsem held.  0 or -errno. */
int ext2_setsize(struct inode *inode, loff_t newsize);

/* inode.c */

/* ext2_iget - inode @ino, referenced; ERR_PTR(-ESTALE), (-EFSCORRUPTED) */
struct inode *ext2_iget(struct super_block *sb, u64 ino);
/* ext2_set_ops - the operations for the inode's type. */
void ext2_set_ops(struct inode *inode);
/* ext2_set_inode_flags - i_flags to S_*. */
void ext2_set_inode_flags(struct inode *inode);
int ext2_write_inode(struct inode *inode, bool sync);
void ext2_evict_inode(struct inode *inode);
int ext2_setattr(struct dentry *dentry, struct iattr *attr);
int ext2_getattr(const struct path *path, struct kstat *stat);

/* data.c */
extern const struct address_space_operations ext2_aops;

/* dir.c: caller holds dir->i_rwsem; buffers come referenced */

/* One entry found: @de points into @bh. */
struct ext2_entry {
	struct buffer_head *bh;
	struct ext2_dir_entry *de;
	struct ext2_dir_entry *prev; /* entry before it in the block, or NULL */
	u32 lblock;		     /* of the directory */
};

/* ext2_find_entry - 0 and *@entry (brelse entry->bh), -ENOENT, -EIO. */
int ext2_find_entry(struct inode *dir, const struct qstr *name,
		    struct ext2_entry *entry);
/* ext2_inode_by_name - its number; 0 or -errno. */
int ext2_inode_by_name(struct inode *dir, const struct qstr *name, u64 *ino);
/* ext2_add_link - enter @dentry's name for @inode; 0, -EEXIST, -ENOSPC. */
int ext2_add_link(struct dentry *dentry, struct inode *inode);
/* ext2_delete_entry - remove it. */
void ext2_delete_entry(struct inode *dir, struct ext2_entry *entry);
/* ext2_set_link - make it point to @inode instead. */
void ext2_set_link(struct inode *dir, struct ext2_entry *entry,
		   struct inode *inode, bool update_times);
/* ext2_make_empty - "." and ".." of new directory @inode; on disk after. */
int ext2_make_empty(struct inode *inode, struct inode *parent);
/* ext2_empty_dir - only the dots?  1, 0 or -errno. */
int ext2_empty_dir(struct inode *inode);
/* ext2_sync_dir - write a directory's dirty blocks. */
int ext2_sync_dir(struct inode *dir);
extern const struct file_operations ext2_dir_fops;

/* file.c */
int ext2_fsync(struct file *file, loff_t start, loff_t end, bool datasync);
long ext2_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
extern const struct file_operations ext2_file_fops;
extern const struct inode_operations ext2_file_iops;

/* namei.c, symlink.c */
extern const struct inode_operations ext2_dir_iops;
extern const struct inode_operations ext2_special_iops;
extern const struct inode_operations ext2_symlink_iops;
extern const struct inode_operations ext2_fast_symlink_iops;

/* xattr.c */
ssize_t ext2_listxattr(struct dentry *dentry, char *buf, size_t size);
ssize_t ext2_getxattr(struct dentry *dentry, const char *name, void *buf,
		      size_t size);
int ext2_setxattr(struct dentry *dentry, const char *name, const void *value,
		  size_t size, int flags);
int ext2_removexattr(struct dentry *dentry, const char *name);
/* ext2_xattr_delete - the inode goes: drop its reference to the block. */
void ext2_xattr_delete(struct inode *inode);
/* ext2_xattr_sync - write the block if dirty. */
int ext2_xattr_sync(struct inode *inode);
