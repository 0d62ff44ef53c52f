/*
 * namei.c - names: look up, create, link, remove, rename.
 *
 * The VFS has checked permissions and holds the directories' i_rwsem.  A new
 * inode is finished before its name is entered; a name is entered before
 * another is taken away.
 *
 * Entry points: ext2_dir_iops.
 */
#include <fs/ext2/internal.h>

#include <abi/fcntl.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>

static struct dentry *ext2_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int flags)
{
	struct inode *inode = NULL;
	u64 ino;
	int err;

	if (dentry->d_name.len > EXT2_NAME_LEN)
		return ERR_PTR(-ENAMETOOLONG);
	err = ext2_inode_by_name(dir, &dentry->d_name, &ino);
	if (err && err != -ENOENT)
		return ERR_PTR(err);
	if (!err) {
		inode = ext2_iget(dir->i_sb, ino);
		/* A name without a file behind it: the disk is damaged. */
		if (IS_ERR(inode) &&
		    (PTR_ERR(inode) == -ESTALE || PTR_ERR(inode) == -EINVAL)) {
			ext2_error(dir->i_sb, "ext2_lookup",
				   "deleted inode referenced: %llu", ino);
			return ERR_PTR(-EIO);
		}
	}
	return d_splice_alias(inode, dentry);
}

/* The new inode could not be named: it goes with its last reference. */
static void discard_new(struct inode *inode)
{
	clear_nlink(inode);
	mark_inode_dirty(inode);
	unlock_new_inode(inode);
	iput(inode);
}

/* Enter a finished new inode under @dentry's name. */
static int add_nondir(struct dentry *dentry, struct inode *inode)
{
	int err = ext2_add_link(dentry, inode);

	if (err) {
		discard_new(inode);
		return err;
	}
	unlock_new_inode(inode);
	d_instantiate(dentry, inode);
	return 0;
}

static int ext2_create(struct inode *dir, struct dentry *dentry, umode_t mode,
		       bool excl)
{
	struct inode *inode = ext2_new_inode(dir, (mode & ~S_IFMT) | S_IFREG);

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	ext2_set_ops(inode);
	mark_inode_dirty(inode);
	return add_nondir(dentry, inode);
}

static int ext2_mknod(struct inode *dir, struct dentry *dentry, umode_t mode,
		      dev_t dev)
{
	struct inode *inode = ext2_new_inode(dir, mode);

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	inode->i_rdev = dev;
	ext2_set_ops(inode);
	mark_inode_dirty(inode);
	return add_nondir(dentry, inode);
}

static int ext2_tmpfile(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct inode *inode = ext2_new_inode(dir, (mode & ~S_IFMT) | S_IFREG);

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	ext2_set_ops(inode);
	clear_nlink(inode);
	mark_inode_dirty(inode);
	unlock_new_inode(inode);
	d_tmpfile(dentry, inode);
	return 0;
}

/* Text of a long link into block 0 of the file. */
static int write_symlink(struct inode *inode, const char *target, size_t len)
{
	struct buffer_head *bh;
	bool fresh;
	u32 pblk;
	int ret;

	ret = ext2_map_create(inode, 0, 1, &pblk, &fresh);
	if (ret < 0)
		return ret;
	/* Through the buffer cache, on disk before anyone reads the page. */
	bh = sb_getblk_zero(inode->i_sb, pblk);
	if (!bh)
		return -ENOMEM;
	memcpy(bh->b_data, target, len);
	mark_buffer_dirty(bh);
	ret = sync_dirty_buffer(bh);
	brelse(bh);
	i_size_write(inode, (loff_t)len);
	return ret;
}

static int ext2_symlink(struct inode *dir, struct dentry *dentry,
			const char *target)
{
	size_t len = strlen(target);
	struct inode *inode;
	int err = 0;

	if (len + 1 > dir->i_sb->s_blocksize)
		return -ENAMETOOLONG;
	inode = ext2_new_inode(dir, S_IFLNK | S_IRWXUGO);
	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	if (len < sizeof(EXT2_I(inode)->i_data)) {
		memcpy(EXT2_I(inode)->i_data, target, len);
		i_size_write(inode, (loff_t)len);
	} else {
		err = write_symlink(inode, target, len);
	}
	ext2_set_ops(inode);
	mark_inode_dirty(inode);
	if (err) {
		discard_new(inode);
		return err;
	}
	return add_nondir(dentry, inode);
}

static int ext2_link(struct dentry *old, struct inode *dir, struct dentry *new)
{
	struct inode *inode = d_inode(old);
	int err;

	if (inode->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	inode->i_ctime = current_time(inode);
	inc_nlink(inode);
	err = ext2_add_link(new, inode);
	if (err) {
		drop_nlink(inode);
		return err;
	}
	mark_inode_dirty(inode);
	ihold(inode);
	d_instantiate(new, inode);
	return 0;
}

static int ext2_mkdir(struct inode *dir, struct dentry *dentry, umode_t mode)
{
	struct inode *inode;
	int err;

	if (dir->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	inode = ext2_new_inode(dir, (mode & ~S_IFMT) | S_IFDIR);
	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	ext2_set_ops(inode);
	inc_nlink(inode); /* "." */
	err = ext2_make_empty(inode, dir);
	if (!err)
		err = ext2_add_link(dentry, inode);
	if (err) {
		discard_new(inode);
		return err;
	}
	inc_nlink(dir); /* ".." */
	mark_inode_dirty(dir);
	mark_inode_dirty(inode);
	unlock_new_inode(inode);
	d_instantiate(dentry, inode);
	return 0;
}

static int ext2_unlink(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct ext2_entry entry;
	int err;

	err = ext2_find_entry(dir, &dentry->d_name, &entry);
	if (err)
		return err;
	ext2_delete_entry(dir, &entry);
	brelse(entry.bh);
	inode->i_ctime = dir->i_ctime;
	/* A damaged disk may have counted fewer links than names. */
	if (inode->i_nlink)
		drop_nlink(inode);
	mark_inode_dirty(inode);
	return 0;
}

static int ext2_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	int empty = ext2_empty_dir(inode);
	int err;

	if (empty <= 0)
		return empty ? empty : -ENOTEMPTY;
	err = ext2_unlink(dir, dentry);
	if (err)
		return err;
	i_size_write(inode, 0);
	clear_nlink(inode);
	mark_inode_dirty(inode);
	if (dir->i_nlink > 1)
		drop_nlink(dir);
	mark_inode_dirty(dir);
	return 0;
}

static const struct qstr dotdot = {.name = "..", .len = 2};

/* The directory @inode moves from below @old_dir to below @new_dir. */
static int change_parent(struct inode *inode, struct inode *old_dir,
			 struct inode *new_dir)
{
	struct ext2_entry entry;
	int err;

	err = ext2_find_entry(inode, &dotdot, &entry);
	if (err)
		return err == -ENOENT ? -EFSCORRUPTED : err;
	entry.de->inode = (u32)new_dir->i_ino;
	mark_buffer_dirty(entry.bh);
	brelse(entry.bh);
	if (old_dir->i_nlink > 1)
		drop_nlink(old_dir);
	inc_nlink(new_dir);
	mark_inode_dirty(old_dir);
	mark_inode_dirty(new_dir);
	return 0;
}

/* A victim lost its name to a rename. */
static void drop_victim(struct inode *victim, bool is_dir)
{
	victim->i_ctime = current_time(victim);
	if (is_dir)
		clear_nlink(victim);
	else if (victim->i_nlink)
		drop_nlink(victim);
	mark_inode_dirty(victim);
}

/* Give the new name to @inode: in place of a victim's, or added. */
static int enter_new_name(struct inode *new_dir, struct dentry *new,
			  struct inode *inode)
{
	struct inode *victim = d_inode(new);
	struct ext2_entry entry;
	int err;

	if (!victim)
		return ext2_add_link(new, inode);
	if (S_ISDIR(inode->i_mode)) {
		err = ext2_empty_dir(victim);
		if (err <= 0)
			return err ? err : -ENOTEMPTY;
	}
	err = ext2_find_entry(new_dir, &new->d_name, &entry);
	if (err)
		return err;
	ext2_set_link(new_dir, &entry, inode, true);
	brelse(entry.bh);
	drop_victim(victim, S_ISDIR(inode->i_mode));
	/* The victim's ".." pointed here. */
	if (S_ISDIR(inode->i_mode) && new_dir->i_nlink > 1) {
		drop_nlink(new_dir);
		mark_inode_dirty(new_dir);
	}
	return 0;
}

/* Wait until the new name is on disk, before the old one goes. */
static void sync_new_name(struct inode *inode)
{
	u32 block = READ_ONCE(EXT2_I(inode)->dirent_block);
	struct buffer_head *bh;

	bh = block ? sb_find_get_block(inode->i_sb, block) : NULL;
	if (!bh)
		return;
	(void)sync_dirty_buffer(bh);
	brelse(bh);
}

static int rename_move(struct inode *old_dir, struct dentry *old,
		       struct inode *new_dir, struct dentry *new)
{
	struct inode *inode = d_inode(old);
	bool is_dir = S_ISDIR(inode->i_mode);
	struct ext2_entry entry;
	int err;

	if (is_dir && old_dir != new_dir && !d_inode(new) &&
	    new_dir->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	/* That the old name is there must be known before anything changes. */
	err = ext2_find_entry(old_dir, &old->d_name, &entry);
	if (err)
		return err;
	brelse(entry.bh);

	err = enter_new_name(new_dir, new, inode);
	if (err)
		return err;
	/* The same block can hold both: then one write carries both. */
	err = ext2_find_entry(old_dir, &old->d_name, &entry);
	if (err)
		return err;
	if (entry.bh->b_blocknr != READ_ONCE(EXT2_I(inode)->dirent_block))
		sync_new_name(inode);
	ext2_delete_entry(old_dir, &entry);
	brelse(entry.bh);
	inode->i_ctime = current_time(inode);
	mark_inode_dirty(inode);
	if (is_dir && old_dir != new_dir)
		return change_parent(inode, old_dir, new_dir);
	return 0;
}

static int rename_exchange(struct inode *old_dir, struct dentry *old,
			   struct inode *new_dir, struct dentry *new)
{
	struct inode *a = d_inode(old);
	struct inode *b = d_inode(new);
	bool moves = old_dir != new_dir;
	struct ext2_entry at_a;
	struct ext2_entry at_b;
	int err;

	if (moves && S_ISDIR(a->i_mode) && !S_ISDIR(b->i_mode) &&
	    new_dir->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	if (moves && S_ISDIR(b->i_mode) && !S_ISDIR(a->i_mode) &&
	    old_dir->i_nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	err = ext2_find_entry(old_dir, &old->d_name, &at_a);
	if (err)
		return err;
	err = ext2_find_entry(new_dir, &new->d_name, &at_b);
	if (err) {
		brelse(at_a.bh);
		return err;
	}
	ext2_set_link(new_dir, &at_b, a, true);
	ext2_set_link(old_dir, &at_a, b, true);
	brelse(at_a.bh);
	brelse(at_b.bh);
	a->i_ctime = current_time(a);
	b->i_ctime = a->i_ctime;
	mark_inode_dirty(a);
	mark_inode_dirty(b);
	if (moves && S_ISDIR(a->i_mode))
		err = change_parent(a, old_dir, new_dir);
	if (!err && moves && S_ISDIR(b->i_mode))
		err = change_parent(b, new_dir, old_dir);
	return err;
}

static int ext2_rename(struct inode *old_dir, struct dentry *old,
		       struct inode *new_dir, struct dentry *new,
		       unsigned int flags)
{
	if (flags & ~(unsigned int)(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (flags & RENAME_EXCHANGE)
		return rename_exchange(old_dir, old, new_dir, new);
	return rename_move(old_dir, old, new_dir, new);
}

const struct inode_operations ext2_dir_iops = {
	.lookup = ext2_lookup,
	.create = ext2_create,
	.link = ext2_link,
	.unlink = ext2_unlink,
	.symlink = ext2_symlink,
	.mkdir = ext2_mkdir,
	.rmdir = ext2_rmdir,
	.mknod = ext2_mknod,
	.rename = ext2_rename,
	.tmpfile = ext2_tmpfile,
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
	.listxattr = ext2_listxattr,
	.getxattr = ext2_getxattr,
	.setxattr = ext2_setxattr,
	.removexattr = ext2_removexattr,
};

const struct inode_operations ext2_special_iops = {
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
	.listxattr = ext2_listxattr,
	.getxattr = ext2_getxattr,
	.setxattr = ext2_setxattr,
	.removexattr = ext2_removexattr,
};
