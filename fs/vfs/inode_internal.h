/*
 * inode_internal.h - what inode.c and inode_writeback.c share.  Private to
 * fs/vfs.
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

/* inode_lru_remove_locked - it has got a user again.  Both locks held. */
void inode_lru_remove_locked(struct inode *inode);
