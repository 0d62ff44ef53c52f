/*
 * readdir.c - getdents64(2) and getdents(2).
 *
 * The file system walks its directory and calls the actor once per entry;
 * the actor packs records into user memory and says when the buffer is full.
 * f_pos is the file system's cookie for the first entry not yet handed out.
 *
 * Entry points: iterate_dir, vfs_getdents64, vfs_getdents, dir_emit_dots.
 */
#include <fs/vfs/readdir.h>

#include <abi/dirent.h>
#include <abi/errno.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/read_write.h>
#include <kernel/arch/context.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/rwsem.h>
#include <kernel/sched/wait.h>

/* Where the records go. */
struct getdents_buf {
	struct dir_context ctx;
	char __user *next; /* the next record's place */
	size_t left;
	loff_t __user *last_off; /* d_off of the record before */
	int err;
	bool old_format;
};

/*
 * iterate_dir - see readdir.h.
 */
int iterate_dir(struct file *file, struct dir_context *ctx)
{
	struct inode *inode = file_inode(file);
	int err;

	if (!file->f_op->iterate)
		return -ENOTDIR;
	file_pos_lock(file);
	down_read(&inode->i_rwsem);
	if (inode->i_flags & S_DEAD) {
		err = -ENOENT;
	} else {
		ctx->pos = file->f_pos;
		err = file->f_op->iterate(file, ctx);
		file->f_pos = ctx->pos;
	}
	up_read(&inode->i_rwsem);
	if (!err)
		touch_atime(&file->f_path);
	file_pos_unlock(file);
	return err;
}

/*
 * dir_emit_dots - see readdir.h.
 */
bool dir_emit_dots(struct file *file, struct dir_context *ctx)
{
	struct dentry *dentry = file->f_path.dentry;

	if (ctx->pos == 0) {
		if (!dir_emit(ctx, ".", 1, d_inode(dentry)->i_ino, DT_DIR))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		if (!dir_emit(ctx, "..", 2, d_inode(dentry->d_parent)->i_ino,
			      DT_DIR))
			return false;
		ctx->pos = 2;
	}
	return true;
}

/* The record before this one ends where @pos begins. */
static bool finish_previous(struct getdents_buf *buf, loff_t pos)
{
	if (buf->last_off && put_user(pos, buf->last_off)) {
		buf->err = -EFAULT;
		return false;
	}
	return true;
}

/* A dirent64, packed by hand: d_ino d_off d_reclen d_type d_name. */
static bool fill_dirent64(struct dir_context *ctx, const char *name, int len,
			  loff_t pos, u64 ino, unsigned int type)
{
	struct getdents_buf *buf = container_of(ctx, struct getdents_buf, ctx);
	size_t head = buf->old_format ? 18 : 19;
	u16 reclen = ALIGN(head + len + 1 + buf->old_format, 8);
	char record[ALIGN(19 + NAME_MAX + 2, 8)];

	if (len > NAME_MAX) {
		buf->err = -EIO;
		return false;
	}
	if (reclen > buf->left) {
		buf->err = buf->last_off ? 0 : -EINVAL;
		return false;
	}
	if (buf->last_off && signal_pending(current))
		return false;
	if (!finish_previous(buf, pos))
		return false;

	memset(record, 0, reclen);
	memcpy(record, &ino, 8);
	memcpy(record + 16, &reclen, 2);
	memcpy(record + head, name, len);
	record[buf->old_format ? reclen - 1 : 18] = type;
	if (copy_to_user(buf->next, record, reclen)) {
		buf->err = -EFAULT;
		return false;
	}
	buf->last_off = (loff_t __user *)(buf->next + 8);
	buf->next += reclen;
	buf->left -= reclen;
	return true;
}

static ssize_t do_getdents(struct file *file, void __user *user, size_t size,
			   bool old_format)
{
	struct getdents_buf buf = {
		.ctx.actor = fill_dirent64,
		.next = user,
		.left = size,
		.old_format = old_format,
	};
	int err;

	if (size > INT32_MAX)
		size = buf.left = INT32_MAX;
	err = iterate_dir(file, &buf.ctx);
	if (!err)
		err = buf.err;
	if (!buf.last_off)
		return err;
	if (!finish_previous(&buf, buf.ctx.pos))
		return -EFAULT;
	return size - buf.left;
}

/*
 * vfs_getdents64 - see readdir.h.
 */
ssize_t vfs_getdents64(struct file *file, void __user *buf, size_t size)
{
	return do_getdents(file, buf, size, false);
}

/*
 * vfs_getdents - see readdir.h.
 */
ssize_t vfs_getdents(struct file *file, void __user *buf, size_t size)
{
	return do_getdents(file, buf, size, true);
}
