/*
 * super.c - tmpfs: instances, their options, and inodes.
 *
 * Locks: the instance's lock for its counts.
 *
 * Entry points: tmpfs_init, tmpfs_fill_super, tmpfs_get_inode.
 */
#include <fs/tmpfs/tmpfs.h>

#include <abi/errno.h>
#include <abi/limits.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/seq_file.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/atomic.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/mm/shmem.h>
#include <kernel/sched/cred.h>

static struct kmem_cache *tmpfs_inode_cache __read_mostly;

static struct inode *tmpfs_alloc_inode(struct super_block *sb)
{
	struct tmpfs_inode *ti = kmem_cache_zalloc(tmpfs_inode_cache);

	if (!ti)
		return NULL;
	INIT_LIST_HEAD(&ti->xattrs);
	return &ti->vfs_inode;
}

static void tmpfs_free_inode(struct inode *inode)
{
	kmem_cache_free(tmpfs_inode_cache, TMPFS_I(inode));
}

/*
 * tmpfs_get_inode - see tmpfs.h.  May sleep.
 */
struct inode *tmpfs_get_inode(struct super_block *sb, struct inode *dir,
			      umode_t mode, dev_t dev)
{
	struct tmpfs_sb *info = TMPFS_SB(sb);
	struct inode *inode;
	bool full;

	spin_lock(&info->lock);
	full = info->max_inodes && info->used_inodes >= info->max_inodes;
	if (!full)
		info->used_inodes++;
	spin_unlock(&info->lock);
	if (full)
		return ERR_PTR(-ENOSPC);
	inode = new_inode(sb);
	if (!inode) {
		spin_lock(&info->lock);
		info->used_inodes--;
		spin_unlock(&info->lock);
		return ERR_PTR(-ENOMEM);
	}
	inode->i_ino = get_next_ino();
	if (dir) {
		inode_init_owner(inode, dir, mode);
	} else {
		inode->i_mode = mode;
		inode->i_uid = info->uid;
		inode->i_gid = info->gid;
	}
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	inode->i_blkbits = PAGE_SHIFT;
	if (S_ISREG(mode)) {
		inode->i_op = &tmpfs_file_iops;
		inode->i_fop = &tmpfs_file_fops;
		inode->i_mapping->a_ops = &tmpfs_aops;
		shmem_mapping_init(inode->i_mapping);
	} else if (S_ISDIR(mode)) {
		set_nlink(inode, 2);
		inode->i_op = &tmpfs_dir_iops;
		inode->i_fop = &tmpfs_dir_fops;
	} else if (S_ISLNK(mode)) {
		inode->i_op = &tmpfs_symlink_iops;
	} else {
		inode->i_op = &tmpfs_file_iops;
		init_special_inode(inode, inode->i_mode, dev);
	}
	return inode;
}

/* One "name=value" of the options.  0 or -EINVAL. */
static int parse_option(struct tmpfs_sb *info, char *name, char *value)
{
	u64 number;
	char *end;

	if (!value)
		return -EINVAL;
	if (strcmp(name, "mode") == 0) {
		if (kstrtou64(value, 8, &number) || number > 07777)
			return -EINVAL;
		info->mode = number;
		return 0;
	}
	number = memparse(value, &end);
	if (end == value)
		return -EINVAL;
	if (*end == '%' && strcmp(name, "size") == 0) {
		number = number * totalram_pages() / 100 << PAGE_SHIFT;
		end++;
	}
	if (*end)
		return -EINVAL;
	if (strcmp(name, "size") == 0)
		info->max_blocks = DIV_ROUND_UP(number, PAGE_SIZE);
	else if (strcmp(name, "nr_blocks") == 0)
		info->max_blocks = number;
	else if (strcmp(name, "nr_inodes") == 0)
		info->max_inodes = number;
	else if (strcmp(name, "uid") == 0)
		info->uid = number;
	else if (strcmp(name, "gid") == 0)
		info->gid = number;
	else
		return -EINVAL;
	return 0;
}

/* tmpfs(5)'s options, comma separated; @data is changed.  0 or -EINVAL. */
static int parse_options(struct tmpfs_sb *info, char *data)
{
	char *name, *value;
	int err;

	while (data && *data) {
		name = data;
		data = strchr(data, ',');
		if (data)
			*data++ = '\0';
		if (!*name)
			continue;
		value = strchr(name, '=');
		if (value)
			*value++ = '\0';
		err = parse_option(info, name, value);
		if (err) {
			pr_err("tmpfs: Bad option '%s'\n", name);
			return err;
		}
	}
	return 0;
}

static int parse_copy(struct tmpfs_sb *info, const char *data)
{
	char *copy;
	int err;

	if (!data)
		return 0;
	copy = kstrdup(data);
	if (!copy)
		return -ENOMEM;
	err = parse_options(info, copy);
	kfree(copy);
	return err;
}

static int tmpfs_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct tmpfs_sb *info = TMPFS_SB(dentry->d_sb);

	buf->f_type = TMPFS_MAGIC;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = NAME_MAX;
	spin_lock(&info->lock);
	if (info->max_blocks) {
		buf->f_blocks = info->max_blocks;
		buf->f_bavail = buf->f_bfree =
			info->max_blocks - info->used_blocks;
	}
	if (info->max_inodes) {
		buf->f_files = info->max_inodes;
		buf->f_ffree = info->max_inodes - info->used_inodes;
	}
	spin_unlock(&info->lock);
	return 0;
}

/* tmpfs(5): a remount may not set limits below what is in use. */
static int tmpfs_remount(struct super_block *sb, int *flags, char *data)
{
	struct tmpfs_sb *info = TMPFS_SB(sb), wanted = *info;
	int err = parse_copy(&wanted, data);

	if (err)
		return err;
	spin_lock(&info->lock);
	if ((wanted.max_blocks && wanted.max_blocks < info->used_blocks) ||
	    (wanted.max_inodes && wanted.max_inodes < info->used_inodes)) {
		err = -EINVAL;
	} else {
		info->max_blocks = wanted.max_blocks;
		info->max_inodes = wanted.max_inodes;
	}
	spin_unlock(&info->lock);
	return err;
}

static int tmpfs_show_options(struct seq_file *m, struct super_block *sb)
{
	struct tmpfs_sb *info = TMPFS_SB(sb);

	if (info->max_blocks && info->max_blocks != totalram_pages() / 2)
		seq_printf(m, ",size=%lluk",
			   (unsigned long long)info->max_blocks * 4);
	if (info->max_inodes && info->max_inodes != totalram_pages() / 2)
		seq_printf(m, ",nr_inodes=%llu",
			   (unsigned long long)info->max_inodes);
	if (info->mode != 01777)
		seq_printf(m, ",mode=%03o", info->mode);
	if (info->uid)
		seq_printf(m, ",uid=%u", info->uid);
	if (info->gid)
		seq_printf(m, ",gid=%u", info->gid);
	return 0;
}

/* Nobody uses the tree any more: the names' own references go. */
static void tmpfs_put_super(struct super_block *sb)
{
	kfree(sb->s_fs_info);
	sb->s_fs_info = NULL;
}

static const struct super_operations tmpfs_ops = {
	.alloc_inode = tmpfs_alloc_inode,
	.free_inode = tmpfs_free_inode,
	.statfs = tmpfs_statfs,
	.drop_inode = generic_delete_inode,
	.evict_inode = tmpfs_evict_inode,
	.put_super = tmpfs_put_super,
	.remount = tmpfs_remount,
	.show_options = tmpfs_show_options,
};

/*
 * tmpfs_fill_super - file_system_type's.  Half of memory unless told.
 */
int tmpfs_fill_super(struct super_block *sb, void *data, bool silent)
{
	struct tmpfs_sb *info = kzalloc(sizeof(*info));
	struct inode *root;
	int err;

	if (!info)
		return -ENOMEM;
	spin_lock_init(&info->lock, LOCK_LEAF);
	atomic64_set(&info->next_place, 2);
	info->mode = 01777;
	info->uid = current_fsuid();
	info->gid = current_fsgid();
	info->max_blocks = info->max_inodes = totalram_pages() / 2;
	err = parse_copy(info, data);
	if (err) {
		kfree(info);
		return err;
	}
	sb->s_fs_info = info;
	sb->s_op = &tmpfs_ops;
	sb->s_magic = TMPFS_MAGIC;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_maxbytes = INT64_MAX & PAGE_MASK;
	sb->s_time_gran_ns = 1;
	root = tmpfs_get_inode(sb, NULL, S_IFDIR | info->mode, 0);
	err = IS_ERR(root) ? (int)PTR_ERR(root) : 0;
	if (!err)
		sb->s_root = d_make_root(root);
	if (!err && !sb->s_root)
		err = -ENOMEM;
	/* Without a root nobody calls put_super. */
	if (err)
		tmpfs_put_super(sb);
	return err;
}

/* The first root holds what the initramfs brings, however much that is. */
static int rootfs_fill_super(struct super_block *sb, void *data, bool silent)
{
	static const char options[] = "mode=0755,size=0";

	return tmpfs_fill_super(sb, (void *)options, silent);
}

/* The first root, under the name Linux gives it. */
static struct file_system_type rootfs_type = {
	.name = "rootfs",
	.fill_super = rootfs_fill_super,
	.fs_flags = FS_LITTER,
};

static struct file_system_type tmpfs_type = {
	.name = "tmpfs",
	.fill_super = tmpfs_fill_super,
	.fs_flags = FS_USERNS_MOUNT | FS_LITTER,
};

static int hidden_dname(struct dentry *dentry, char *buf, int size)
{
	return scnprintf(buf, size, "/%s (deleted)", dentry->d_name.name);
}

static const struct dentry_operations hidden_dentry_ops = {
	.d_dname = hidden_dname,
};

static int hidden_fill_super(struct super_block *sb, void *data, bool silent)
{
	static const char options[] = "size=0,nr_inodes=0";

	sb->s_d_op = &hidden_dentry_ops;
	return tmpfs_fill_super(sb, (void *)options, silent);
}

/* Not registered: it cannot be mounted. */
static struct file_system_type hidden_type = {
	.name = "tmpfs",
	.fill_super = hidden_fill_super,
	.supers = LIST_HEAD_INIT(hidden_type.supers),
};

/*
 * tmpfs_kern_mount - see tmpfs.h.
 */
struct vfsmount *tmpfs_kern_mount(void)
{
	return kern_mount(&hidden_type);
}

/*
 * tmpfs_init - see tmpfs.h.
 */
void __init tmpfs_init(void)
{
	tmpfs_inode_cache = kmem_cache_create(
		"tmpfs_inode_cache", sizeof(struct tmpfs_inode), 0, NULL);
	if (!tmpfs_inode_cache || register_filesystem(&rootfs_type) ||
	    register_filesystem(&tmpfs_type))
		panic("tmpfs: cannot register");
}
