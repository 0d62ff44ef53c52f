/*
 * inode.h - files in memory: found by number, counted, written back, freed.
 *
 * An inode lives while someone holds a reference; unused ones with links
 * stay cached (with their pages) until memory is short.  Dirty inodes wait
 * in their super block's s_dirty list, oldest first.
 */
#pragma once

#include <fs/vfs/types.h>

/* inode_init - tables and caches; once, at boot.  Registers the shrinker. */
void inode_init(void);

/* inode_init_once - what a slab constructor of inodes calls; also called by
 * new_inode/iget_locked on each inode alloc_inode returns, so a file system
 * need not. */
void inode_init_once(struct inode *inode);

/* new_inode - an unhashed inode of @sb with one reference and i_ino 0, listed
 * in s_inodes; NULL: no memory. */
struct inode *new_inode(struct super_block *sb);

/* get_next_ino - numbers for file systems in memory. */
u64 get_next_ino(void);

/*
 * iget_locked - the inode @ino of @sb, referenced.
 *
 * When it was not cached, i_state has I_NEW: the caller fills it and calls
 * unlock_new_inode, or iget_failed.  NULL: no memory.  May sleep.
 */
struct inode *iget_locked(struct super_block *sb, u64 ino);
void unlock_new_inode(struct inode *inode);
void iget_failed(struct inode *inode);

/* ilookup - the cached inode @ino, referenced, or NULL.  Waits for I_NEW. */
struct inode *ilookup(struct super_block *sb, u64 ino);

/* insert_inode_hash - make a new_inode findable; insert_inode_locked also
 * sets I_NEW: 0 or -EBUSY when the number is taken. */
void insert_inode_hash(struct inode *inode);
int insert_inode_locked(struct inode *inode);
void remove_inode_hash(struct inode *inode);

/* igrab - a reference, or NULL when it is being freed. */
struct inode *igrab(struct inode *inode);

/* ihold - one more reference; the caller has one. */
void ihold(struct inode *inode);

/* iput - drop a reference; NULL is allowed.  The last may truncate the file
 * and free the inode: may sleep. */
void iput(struct inode *inode);

/* clear_inode - what evict_inode calls last; pages must be gone. */
void clear_inode(struct inode *inode);

/* vfs_prepare_mode - the mode of a file that is to be made in @dir: without
 * what the umask takes, and without a group's setgid that is not current's. */
umode_t vfs_prepare_mode(const struct inode *dir, umode_t mode);

/* inode_init_owner - uid, gid and mode of a new file in @dir (setgid
 * directories hand down their group). */
void inode_init_owner(struct inode *inode, const struct inode *dir,
		      umode_t mode);

/* init_special_inode - i_fop of a device, FIFO or socket node. */
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev);

/* register_fifo_fops - pipes are above vfs: they say how FIFOs open. */
void register_fifo_fops(const struct file_operations *fops);

/* set_nlink, inc_nlink, drop_nlink, clear_nlink - i_nlink. */
void set_nlink(struct inode *inode, unsigned int nlink);
void inc_nlink(struct inode *inode);
void drop_nlink(struct inode *inode);
void clear_nlink(struct inode *inode);

/* inode_add_bytes, inode_sub_bytes - i_blocks, in bytes. */
void inode_add_bytes(struct inode *inode, s64 bytes);
void inode_sub_bytes(struct inode *inode, s64 bytes);

/* current_time - now, cut to the file system's granularity. */
struct timespec current_time(const struct inode *inode);

/* timestamp_truncate - @t cut to the granularity of @inode's file system. */
struct timespec timestamp_truncate(struct timespec t,
				   const struct inode *inode);

static inline int timespec_compare(const struct timespec *a,
				   const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	if (a->tv_nsec != b->tv_nsec)
		return a->tv_nsec < b->tv_nsec ? -1 : 1;
	return 0;
}

/* touch_atime - the file was read: i_atime by the rules of relatime,
 * noatime, nodiratime.  file_accessed: for an open file without O_NOATIME. */
void touch_atime(const struct path *path);
void file_accessed(struct file *file);

/* file_update_time - it is written: mtime and ctime.  0 or -errno. */
int file_update_time(struct file *file);

/* mark_inode_dirty - I_DIRTY; __mark_inode_dirty takes I_DIRTY_* flags.
 * Never sleeps. */
void __mark_inode_dirty(struct inode *inode, unsigned int flags);
static inline void mark_inode_dirty(struct inode *inode)
{
	__mark_inode_dirty(inode, I_DIRTY_SYNC | I_DIRTY_DATASYNC);
}
static inline void mark_inode_dirty_sync(struct inode *inode)
{
	__mark_inode_dirty(inode, I_DIRTY_SYNC);
}

/* write_inode_now - its pages and then the inode itself to disk; @sync:
 * wait for both.  0 or -errno. */
int write_inode_now(struct inode *inode, bool sync);

/* sync_inode_metadata - only the inode itself. */
int sync_inode_metadata(struct inode *inode, bool sync);

/* sync_inodes_sb - write every dirty inode of @sb; @wait: and wait. */
int sync_inodes_sb(struct super_block *sb, bool wait);

/*
 * writeback_inodes - what the write-back thread calls: write inodes that
 * became dirty before @older_than_ns (monotonic), oldest first, until
 * wbc->nr_to_write is used up.  Returns the pages written.
 */
long writeback_inodes(struct writeback_control *wbc, u64 older_than_ns);

/* evict_inodes - drop every unused inode of @sb; returns how many are busy. */
unsigned int evict_inodes(struct super_block *sb);

/* What names and inodes weigh when memory is wanted, percent; 0: nothing. */
extern int sysctl_vfs_cache_pressure;

/* prune_icache - drop up to @nr unused inodes; how many were. */
unsigned long prune_icache(unsigned long nr);

/* inode_nr_total, inode_nr_unused - for /proc/sys/fs/inode-nr. */
long inode_nr_total(void);
long inode_nr_unused(void);

/* is_bad_inode, make_bad_inode - one whose reading failed: all of its
 * operations answer -EIO. */
bool is_bad_inode(const struct inode *inode);
void make_bad_inode(struct inode *inode);

/* get_write_access - a writer comes: -ETXTBSY when it is being executed.
 * deny_write_access - it will be executed: -ETXTBSY when it has writers. */
int get_write_access(struct inode *inode);
void put_write_access(struct inode *inode);
int deny_write_access(struct file *file);
void allow_write_access(struct file *file);

/* d_type byte of readdir for a mode (DT_*). */
static inline unsigned char fs_umode_to_dtype(umode_t mode)
{
	return (mode & S_IFMT) >> 12;
}
