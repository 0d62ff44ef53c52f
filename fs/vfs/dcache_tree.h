/*
 * dcache_tree.h - the lock that keeps the tree of dentries in shape.
 *
 * Held by d_move, and by those who walk from a dentry up to the root
 * (dpath.c).  Private to fs/vfs.
 */
#pragma once

#include <kernel/types/lock.h>

extern struct spinlock dentry_tree_lock;
