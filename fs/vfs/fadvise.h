/*
 * fadvise.h - what a program says about its reads: posix_fadvise(2),
 * readahead(2).
 */
#pragma once

#include <fs/vfs/types.h>

/* vfs_fadvise - 0, -EINVAL, -ESPIPE.  @len 0: to the end.  May start I/O. */
int vfs_fadvise(struct file *file, loff_t offset, loff_t len, int advice);

/* vfs_readahead - read [offset, offset+count) into the cache, unwaited. */
int vfs_readahead(struct file *file, loff_t offset, size_t count);
