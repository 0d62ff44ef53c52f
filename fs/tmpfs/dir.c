/*
 * dir.c - tmpfs: directories, whose entries are the dentries themselves.
 *
 * A name exists as long as its dentry does: each positive one has a
 * reference of its own, taken when the name is made and dropped when it is
 * removed, so the cache never forgets it.  A lookup that is not answered by
 * the cache is a name that does not exist.
 *
 * Locks: the directories' i_rwsem, held by the callers.
 *
 * Entry points: tmpfs_dir_iops, tmpfs_dir_fops, tmpfs_symlink_iops.
 */
#include <fs/tmpfs/tmpfs.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/readdir.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/atomic.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

/* What each entry adds to st_size of its directory, as on Linux. */
#define ENTRY_SIZE 20

static void touch_dir(struct inode *dir, int entries)
{
	i_size_write(dir, i_size_read(dir) + entries * ENTRY_SIZE);
	dir->i_mtime = dir->i_ctime = current_time(dir);
}

/* A place for readdir behind all names there are. */
static void assign_place(struct dentry *dentry)
{
	struct tmpfs_sb *info = TMPFS_SB(dentry->d_sb);

	dentry->d_fsdata = (void *)atomic64_add_return(1, &info->next_place);
}

/*
 * A name comes into being: it goes to the end of its directory with a number
 * higher than all before it, which is its place for readdir, and gets the
 * reference that keeps it.
 */
static void pin_name(struct dentry *dentry)
{
	struct dentry *parent = dentry->d_parent;

	spin_lock(&parent->d_lock);
	list_move_tail(&dentry->d_child, &parent->d_subdirs);
	spin_unlock(&parent->d_lock);
	assign_place(dentry);
	dget(dentry);
}

static loff_t place_of(const struct dentry *dentry)
{
	return (loff_t)dentry->d_fsdata;
}

/*
 * The first name behind @prev (NULL: from the start) at @place or later,
 * referenced; consumes @prev.  NULL at the end.
 */
static struct dentry *next_name(struct dentry *dir, struct dentry *prev,
				loff_t place)
{
	struct dentry *child, *found = NULL;
	struct list_head *pos;

	spin_lock(&dir->d_lock);
	pos = prev && prev->d_parent == dir ? &prev->d_child : &dir->d_subdirs;
	for (pos = pos->next; pos != &dir->d_subdirs; pos = pos->next) {
		child = list_entry(pos, struct dentry, d_child);
		if (d_is_positive(child) && !d_unhashed(child) &&
		    place_of(child) >= place) {
			found = dget(child);
			break;
		}
	}
	spin_unlock(&dir->d_lock);
	dput(prev);
	return found;
}

static bool is_empty(struct dentry *dir)
{
	struct dentry *child = next_name(dir, NULL, 0);

	dput(child);
	return !child;
}

static struct dentry *tmpfs_lookup(struct inode *dir, struct dentry *dentry,
				   unsigned int flags)
{
	if (dentry->d_name.len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	d_add(dentry, NULL);
	return NULL;
}

static int tmpfs_mknod(struct inode *dir, struct dentry *dentry, umode_t mode,
		       dev_t dev)
{
	struct inode *inode = tmpfs_get_inode(dir->i_sb, dir, mode, dev);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	d_instantiate(dentry, inode);
	pin_name(dentry);
	touch_dir(dir, 1);
	return 0;
}

static int tmpfs_create(struct inode *dir, struct dentry *dentry, umode_t mode,
			bool excl)
{
	return tmpfs_mknod(dir, dentry, (mode & S_IALLUGO) | S_IFREG, 0);
}

static int tmpfs_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	int err = tmpfs_mknod(dir, dentry, (mode & S_IALLUGO) | S_IFDIR, 0);

	if (!err)
		inc_nlink(dir);
	return err;
}

static int tmpfs_symlink(struct inode *dir, struct dentry *dentry,
			 const char *target)
{
	size_t len = strlen(target);
	struct inode *inode;
	char *copy;

	if (len + 1 > PAGE_SIZE)
		return -ENAMETOOLONG;
	copy = kmemdup(target, len + 1);
	if (!copy)
		return -ENOMEM;
	inode = tmpfs_get_inode(dir->i_sb, dir, S_IFLNK | 0777, 0);
	if (IS_ERR(inode)) {
		kfree(copy);
		return PTR_ERR(inode);
	}
	inode->i_private = copy;
	i_size_write(inode, len);
	d_instantiate(dentry, inode);
	pin_name(dentry);
	touch_dir(dir, 1);
	return 0;
}

static int tmpfs_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct inode *inode = d_inode(old);

	inode->i_ctime = current_time(inode);
	inc_nlink(inode);
	ihold(inode);
	d_instantiate(new, inode);
	pin_name(new);
	touch_dir(dir, 1);
	return 0;
}

static int tmpfs_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	touch_dir(dir, -1);
	inode->i_ctime = dir->i_ctime;
	drop_nlink(inode);
	dput(dentry); /* the name's own reference; the caller has another */
	return 0;
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	if (!is_empty(dentry))
		return -ENOTEMPTY;
	drop_nlink(d_inode(dentry));
	drop_nlink(dir);
	return tmpfs_unlink(dir, dentry);
}

/* Both names stay; directories change parents. */
static int tmpfs_exchange(struct inode *old_dir, struct dentry *old,
			  struct inode *new_dir, struct dentry *new)
{
	bool old_is_dir = d_is_dir(old), new_is_dir = d_is_dir(new);

	if (old_dir != new_dir && old_is_dir != new_is_dir) {
		drop_nlink(old_is_dir ? old_dir : new_dir);
		inc_nlink(old_is_dir ? new_dir : old_dir);
	}
	if (old_dir != new_dir) {
		/* d_exchange puts each at the end of its new directory. */
		assign_place(old);
		assign_place(new);
	}
	touch_dir(old_dir, 0);
	touch_dir(new_dir, 0);
	d_inode(old)->i_ctime = d_inode(new)->i_ctime = old_dir->i_ctime;
	return 0;
}

static int tmpfs_rename(struct inode *old_dir, struct dentry *old,
			struct inode *new_dir, struct dentry *new,
			unsigned int flags)
{
	bool is_dir = d_is_dir(old);

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (flags & RENAME_EXCHANGE)
		return tmpfs_exchange(old_dir, old, new_dir, new);
	if (d_is_positive(new)) {
		if (d_is_dir(new) && !is_empty(new))
			return -ENOTEMPTY;
		if (is_dir) {
			drop_nlink(d_inode(new));
			drop_nlink(new_dir);
		}
		(void)tmpfs_unlink(new_dir, new);
	}
	if (is_dir) {
		drop_nlink(old_dir);
		inc_nlink(new_dir);
	}
	/* d_move puts it at the end of the new directory. */
	assign_place(old);
	touch_dir(old_dir, -1);
	touch_dir(new_dir, 1);
	d_inode(old)->i_ctime = old_dir->i_ctime;
	return 0;
}

static int tmpfs_tmpfile(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct inode *inode = tmpfs_get_inode(dir->i_sb, dir, mode, 0);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	d_tmpfile(dentry, inode);
	return 0;
}

const struct inode_operations tmpfs_dir_iops = {
	.lookup = tmpfs_lookup,
	.create = tmpfs_create,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.symlink = tmpfs_symlink,
	.mkdir = tmpfs_mkdir,
	.rmdir = tmpfs_rmdir,
	.mknod = tmpfs_mknod,
	.rename = tmpfs_rename,
	.tmpfile = tmpfs_tmpfile,
	.setattr = simple_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.listxattr = tmpfs_listxattr,
	.removexattr = tmpfs_removexattr,
};

const struct inode_operations tmpfs_symlink_iops = {
	.get_link = simple_get_link,
	.setattr = simple_setattr,
	.getxattr = tmpfs_getxattr,
	.setxattr = tmpfs_setxattr,
	.listxattr = tmpfs_listxattr,
	.removexattr = tmpfs_removexattr,
};

/*
 * A position is the place of the next name to be told, see pin_name():
 * names that go while somebody lists do not shift the others.
 */
static int tmpfs_iterate(struct file *file, struct dir_context *ctx)
{
	struct dentry *dir = file->f_path.dentry, *child = NULL;

	if (!dir_emit_dots(file, ctx))
		return 0;
	while ((child = next_name(dir, child, ctx->pos)) != NULL) {
		ctx->pos = place_of(child);
		if (!dir_emit(ctx, child->d_name.name, child->d_name.len,
			      d_inode(child)->i_ino,
			      fs_umode_to_dtype(d_inode(child)->i_mode))) {
			dput(child);
			break;
		}
		ctx->pos++;
	}
	return 0;
}

/* Memory is all there is. */
static int tmpfs_dir_fsync(struct file *file, loff_t start, loff_t end,
			   bool datasync)
{
	return 0;
}

const struct file_operations tmpfs_dir_fops = {
	.llseek = generic_file_llseek,
	.iterate = tmpfs_iterate,
	.fsync = tmpfs_dir_fsync,
};
