/*
 * super.c - devtmpfs: one tmpfs for all mounts, in which the nodes that
 * drivers announce (fs/vfs/devnode.h) appear and disappear by themselves.
 *
 * The instance is mounted once, outside the tree, when the kernel starts;
 * every later mount shows the same super block.
 *
 * Locks: the directories' i_rwsem, as for any create and unlink.
 *
 * Entry points: devtmpfs_init.
 */
#include <fs/devtmpfs/devtmpfs.h>

#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/devnode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/super.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

static struct vfsmount *devtmpfs_mnt;

static int devtmpfs_fill_super(struct super_block *sb, void *data, bool silent)
{
	static const char mode[] = "mode=0755";
	struct file_system_type *tmpfs = get_fs_type("tmpfs");

	if (!tmpfs)
		return -ENODEV;
	return tmpfs->fill_super(sb, data ? data : (void *)mode, silent);
}

static struct file_system_type devtmpfs_type = {
	.name = "devtmpfs",
	.fill_super = devtmpfs_fill_super,
	.fs_flags = FS_LITTER,
	.single = true,
};

/* Make what @dentry names, if it is not there.  @dir's i_rwsem is held. */
static int make_one(struct dentry *dir, struct dentry *dentry, umode_t mode,
		    dev_t dev)
{
	if (d_is_positive(dentry))
		return S_ISDIR(mode) ? 0 : -EEXIST;
	if (S_ISDIR(mode))
		return vfs_mkdir(d_inode(dir), dentry, mode);
	return vfs_mknod(d_inode(dir), dentry, mode, dev);
}

/* The child @name (of @len bytes) of @dir, made with @mode if need be. */
static struct dentry *make_child(struct dentry *dir, const char *name,
				 size_t len, umode_t mode, dev_t dev)
{
	struct dentry *dentry;
	int err;

	inode_lock(d_inode(dir));
	dentry = lookup_one_len(name, dir, len);
	if (!IS_ERR(dentry)) {
		err = make_one(dir, dentry, mode, dev);
		if (err) {
			dput(dentry);
			dentry = ERR_PTR(err);
		}
	}
	inode_unlock(d_inode(dir));
	return dentry;
}

/* The directory of @name, with all on the way to it; *@last: what follows. */
static struct dentry *make_parents(const char *name, const char **last)
{
	struct dentry *dir = dget(devtmpfs_mnt->mnt_root), *next;
	const char *slash;

	while ((slash = strchr(name, '/')) != NULL) {
		next = make_child(dir, name, slash - name, S_IFDIR | 0755, 0);
		dput(dir);
		if (IS_ERR(next))
			return next;
		dir = next;
		name = slash + 1;
	}
	*last = name;
	return dir;
}

static int create_node(const char *name, umode_t mode, dev_t dev)
{
	struct dentry *dir, *dentry;
	const char *last;

	dir = make_parents(name, &last);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	dentry = make_child(dir, last, strlen(last), mode, dev);
	dput(dir);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	dput(dentry);
	return 0;
}

static int remove_node(const char *name)
{
	struct dentry *dir, *dentry;
	const char *last;
	int err;

	dir = make_parents(name, &last);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	inode_lock(d_inode(dir));
	dentry = lookup_one_len(last, dir, strlen(last));
	if (IS_ERR(dentry)) {
		err = PTR_ERR(dentry);
	} else {
		err = d_is_positive(dentry) ? vfs_unlink(d_inode(dir), dentry)
					    : -ENOENT;
		dput(dentry);
	}
	inode_unlock(d_inode(dir));
	dput(dir);
	return err;
}

static const struct devnode_ops devtmpfs_devnode_ops = {
	.create = create_node,
	.remove = remove_node,
};

/*
 * devtmpfs_init - see devtmpfs.h.
 */
void __init devtmpfs_init(void)
{
	if (register_filesystem(&devtmpfs_type))
		panic("devtmpfs: cannot register");
	devtmpfs_mnt = kern_mount(&devtmpfs_type);
	if (IS_ERR(devtmpfs_mnt) || devnode_attach(&devtmpfs_devnode_ops))
		panic("devtmpfs: cannot mount");
}
