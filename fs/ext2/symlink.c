/*
 * symlink.c - symbolic links: short ones in the inode, long ones in a block.
 *
 * Entry points: ext2_symlink_iops, ext2_fast_symlink_iops.
 */
#include <fs/ext2/internal.h>

#include <fs/vfs/namei.h>

/* The text ends with a zero: fill_inode and ext2_symlink saw to that. */
static const char *fast_get_link(struct dentry *dentry, struct inode *inode,
				 struct path *jump, void **cookie)
{
	*cookie = NULL;
	return (const char *)EXT2_I(inode)->i_data;
}

const struct inode_operations ext2_symlink_iops = {
	.get_link = page_get_link,
	.put_link = page_put_link,
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
	.listxattr = ext2_listxattr,
	.getxattr = ext2_getxattr,
	.setxattr = ext2_setxattr,
	.removexattr = ext2_removexattr,
};

const struct inode_operations ext2_fast_symlink_iops = {
	.get_link = fast_get_link,
	.setattr = ext2_setattr,
	.getattr = ext2_getattr,
	.listxattr = ext2_listxattr,
	.getxattr = ext2_getxattr,
	.setxattr = ext2_setxattr,
	.removexattr = ext2_removexattr,
};
