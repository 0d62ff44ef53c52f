/*
 * readdir.h - getdents64(2).
 */
#pragma once

#include <fs/vfs/types.h>

/*
 * iterate_dir - let @file's file system emit entries into @ctx from f_pos.
 * 0 or -errno: -ENOTDIR, -ENOENT for a removed directory.  Takes f_pos_lock
 * and the directory's i_rwsem.
 */
int iterate_dir(struct file *file, struct dir_context *ctx);

/*
 * vfs_getdents64 - getdents64(2): fill @size bytes at user @buf.  Returns
 * bytes, 0 at the end, -EINVAL when not even one entry fits, -EFAULT.
 */
ssize_t vfs_getdents64(struct file *file, void __user *buf, size_t size);

/* The old getdents(2), whose entries carry the type at their end. */
ssize_t vfs_getdents(struct file *file, void __user *buf, size_t size);

/* Hand one entry to the actor; false: it is full, stop. */
static inline bool dir_emit(struct dir_context *ctx, const char *name, int len,
			    u64 ino, unsigned int type)
{
	return ctx->actor(ctx, name, len, ctx->pos, ino, type);
}

/* "." and "..", at positions 0 and 1.  False: full. */
bool dir_emit_dots(struct file *file, struct dir_context *ctx);
