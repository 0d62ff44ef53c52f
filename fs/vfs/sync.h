/*
 * sync.h - sync(2), syncfs(2), fsync(2), sync_file_range(2).
 */
#pragma once

#include <fs/vfs/types.h>

/* All file systems.  Sleeps until the bytes are on the devices. */
void ksys_sync(void);
/* One file: data and, unless @datasync, all of its inode. */
int vfs_fsync(struct file *file, bool datasync);
int vfs_fsync_range(struct file *file, loff_t start, loff_t end, bool datasync);
int vfs_sync_file_range(struct file *file, loff_t offset, loff_t nbytes,
			unsigned int flags);
/* fallocate(2) after its checks. */
int vfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len);
