/*
 * libfs.c - what file systems without a device have in common.
 *
 * Entry points: simple_statfs, internal_fill_super.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/super.h>

/*
 * simple_statfs - see super.h.
 */
int simple_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	buf->f_type = dentry->d_sb->s_magic;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = NAME_MAX;
	return 0;
}

static const struct super_operations internal_super_ops = {
	.statfs = simple_statfs,
};

/*
 * internal_fill_super - see super.h.
 */
int internal_fill_super(struct super_block *sb, unsigned long magic,
			const struct dentry_operations *d_op)
{
	struct inode *root;

	sb->s_magic = magic;
	sb->s_op = &internal_super_ops;
	sb->s_d_op = d_op;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_maxbytes = INT64_MAX;
	sb->s_time_gran_ns = 1;
	root = new_inode(sb);
	if (!root)
		return -ENOMEM;
	root->i_ino = 1;
	root->i_mode = S_IFDIR | 0600;
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}
