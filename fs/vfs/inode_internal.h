/*
 * inode_internal.h - what inode.c, inode_shrink.c and inode_writeback.c share.
 * Private to fs/vfs.
 */
#pragma once

#include <fs/vfs/types.h>

/* The hash table, the LRU, s_inodes and s_dirty of all super blocks. */
extern struct spinlock inode_hash_lock;

/* inode_writeback_init - tell mm how inodes become dirty and clean. */
void inode_writeback_init(void);

/* inode_wait_for_writeback - sleep until I_SYNC is gone. */
void inode_wait_for_writeback(struct inode *inode);

/* inode_forget_dirty - clean by decree; off s_dirty. */
void inode_forget_dirty(struct inode *inode);

/* inode_evict - free one that has I_FREEING and is on no LRU.  May sleep. */
void inode_evict(struct inode *inode);

/* inode_shrink_init - unused inodes, and names, go for want of memory; at boot.
 */
void inode_shrink_init(void);

/* inode_lru_add_locked, inode_lru_remove_locked - it has lost its last user, or
 * has got one again.  inode_hash_lock and i_lock are held. */
void inode_lru_add_locked(struct inode *inode);
void inode_lru_remove_locked(struct inode *inode);
