/*
 * devpts.c - the devpts file system, pts(4): the nodes of pseudoterminals.
 *
 * Each mount is an instance of its own with its own numbers, lowest first,
 * and its own ptmx.  Opening that ptmx, or a /dev/ptmx beside a directory
 * "pts" that an instance is mounted on, takes a number and makes its node;
 * closing the master removes the node, and when the slave is hung up the
 * number is free again.
 *
 * Node names live only in the dentry cache, pinned (FS_LITTER).  An open pair
 * keeps its instance alive, mounted or not.
 *
 * Locks: the root's i_rwsem for names; fsi->lock for numbers.
 *
 * Entry points: devpts_init; struct devpts_ops for kernel/drivers/tty/pty.c.
 */
#include <fs/devpts/devpts.h>

#include <abi/dirent.h>
#include <abi/errno.h>
#include <abi/major.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/char_dev.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/open.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/readdir.h>
#include <fs/vfs/seq_file.h>
#include <fs/vfs/super.h>
#include <fs/vfs/sysctl.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/atomic.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/drivers/tty/tty.h>
#include <kernel/lib/format.h>
#include <kernel/lib/idr.h>
#include <kernel/lib/parse.h>
#include <kernel/lib/string.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>

#define DEVPTS_SUPER_MAGIC 0x1cd1
#define DEFAULT_MODE	   0600
#define DEFAULT_PTMX_MODE  0000
#define PTYS_MAX	   (1 << 20) /* minors there are */
#define PTMX_INO	   2
#define NODE_INO(index)	   ((u64)(index) + 3)

struct pts_options {
	bool set_uid, set_gid;
	uid_t uid;
	gid_t gid;
	umode_t mode, ptmx_mode;
	int max;
};

/* An instance; sb->s_fs_info.  Locks:  L lock   R the root's i_rwsem */
struct pts_fs_info {
	struct mutex lock;
	struct idr indexes; /* [L] in use: itself, or its dentry if named */
	struct pts_options options; /* written under s_umount */
	struct super_block *sb;
	struct dentry *ptmx; /* fixed; pinned like every name */
};

static int pty_limit = 4096; /* /proc/sys/kernel/pty/max */
/* How many of them are kept for instances of the first mount namespace: there
 * is no other. */
static int pty_reserve = 1024;
static atomic_t pty_count;

static struct pts_fs_info *PTS_FS(const struct super_block *sb)
{
	return sb->s_fs_info;
}

/* --- mount options --- */

static int parse_number(const char *value, unsigned int base,
			unsigned int *number)
{
	return value && *value ? kstrtouint(value, base, number) : -EINVAL;
}

static int parse_option(const char *name, const char *value,
			struct pts_options *opts)
{
	unsigned int n;

	if (strcmp(name, "newinstance") == 0)
		return 0; /* every mount is one */
	if (strcmp(name, "uid") == 0 || strcmp(name, "gid") == 0 ||
	    strcmp(name, "max") == 0) {
		if (parse_number(value, 10, &n))
			return -EINVAL;
	} else if (strcmp(name, "mode") == 0 || strcmp(name, "ptmxmode") == 0) {
		if (parse_number(value, 8, &n))
			return -EINVAL;
	} else {
		return -EINVAL;
	}
	if (*name == 'u') {
		opts->uid = n;
		opts->set_uid = true;
	} else if (*name == 'g') {
		opts->gid = n;
		opts->set_gid = true;
	} else if (strcmp(name, "mode") == 0) {
		opts->mode = n & 07777;
	} else if (*name == 'p') {
		opts->ptmx_mode = n & 07777;
	} else {
		if (n > PTYS_MAX)
			return -EINVAL;
		opts->max = (int)n;
	}
	return 0;
}

/* A remount, too, begins with the defaults. */
static int parse_options(char *data, struct pts_options *opts)
{
	char *name, *value;
	int err;

	memset(opts, 0, sizeof(*opts));
	opts->mode = DEFAULT_MODE;
	opts->ptmx_mode = DEFAULT_PTMX_MODE;
	opts->max = PTYS_MAX;
	if (!data)
		return 0;
	while ((name = next_option(&data, ',', &value)) != NULL) {
		err = parse_option(name, value, opts);
		if (err)
			return err;
	}
	return 0;
}

static int devpts_remount(struct super_block *sb, int *flags, char *data)
{
	struct pts_fs_info *fsi = PTS_FS(sb);
	struct inode *ptmx = d_inode(fsi->ptmx);
	struct pts_options opts;
	int err = parse_options(data, &opts);

	if (err)
		return err;
	fsi->options = opts;
	ptmx->i_mode = S_IFCHR | opts.ptmx_mode;
	return 0;
}

static int devpts_show_options(struct seq_file *m, struct super_block *sb)
{
	const struct pts_options *opts = &PTS_FS(sb)->options;

	if (opts->set_uid)
		seq_printf(m, ",uid=%u", opts->uid);
	if (opts->set_gid)
		seq_printf(m, ",gid=%u", opts->gid);
	seq_printf(m, ",mode=%03o,ptmxmode=%03o", opts->mode, opts->ptmx_mode);
	if (opts->max < PTYS_MAX)
		seq_printf(m, ",max=%d", opts->max);
	return 0;
}

/* --- the directory --- */

/* Everything there is is in the dentry cache.  Not hashed: a terminal may get
 * this name while somebody has found that it is not there. */
static struct dentry *devpts_lookup(struct inode *dir, struct dentry *dentry,
				    unsigned int flags)
{
	return NULL;
}

/* Position 2 is ptmx, index n stands at n + 3. */
static bool emit_node(struct dir_context *ctx, int index)
{
	char name[12];
	int len = snprintf(name, sizeof(name), "%d", index);

	ctx->pos = (loff_t)index + 3;
	if (!dir_emit(ctx, name, len, NODE_INO(index), DT_CHR))
		return false;
	ctx->pos++;
	return true;
}

static int devpts_iterate(struct file *file, struct dir_context *ctx)
{
	struct pts_fs_info *fsi = PTS_FS(file_inode(file)->i_sb);
	void *slot;
	int index;

	if (!dir_emit_dots(file, ctx))
		return 0;
	if (ctx->pos == 2) {
		if (!dir_emit(ctx, "ptmx", 4, PTMX_INO, DT_CHR))
			return 0;
		ctx->pos++;
	}
	if (ctx->pos - 3 >= PTYS_MAX)
		return 0;
	index = (int)(ctx->pos - 3);
	mutex_lock(&fsi->lock);
	while ((slot = idr_get_next(&fsi->indexes, &index)) != NULL) {
		if (slot != fsi && !emit_node(ctx, index))
			break;
		index++;
	}
	mutex_unlock(&fsi->lock);
	return 0;
}

static const struct inode_operations devpts_dir_iops = {
	.lookup = devpts_lookup,
	.setattr = simple_setattr,
};

static const struct file_operations devpts_dir_fops = {
	.iterate = devpts_iterate,
	.llseek = generic_file_llseek,
};

static const struct inode_operations devpts_node_iops = {
	.setattr = simple_setattr,
};

/* A node with all but its owner; NULL without memory. */
static struct inode *new_node(struct super_block *sb, u64 ino, umode_t mode,
			      dev_t dev)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = ino;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	inode->i_mode = S_IFCHR | mode;
	init_special_inode(inode, S_IFCHR | mode, dev);
	inode->i_op = &devpts_node_iops;
	return inode;
}

/* --- for the pty driver: instances and numbers --- */

/* The instance mounted on "pts" beside the ptmx at @path, or ERR_PTR. */
static struct super_block *sb_beside(const struct path *path)
{
	struct dentry *dir = dget_parent(path->dentry);
	struct path pts = {.mnt = mntget(path->mnt)};
	struct super_block *sb = ERR_PTR(-ENODEV);

	pts.dentry = lookup_one_len_unlocked("pts", dir, 3);
	dput(dir);
	if (IS_ERR(pts.dentry)) {
		mntput(pts.mnt);
		return sb;
	}
	(void)follow_down_mounts(&pts);
	if (pts.mnt->mnt_sb->s_magic == DEVPTS_SUPER_MAGIC &&
	    pts.dentry == pts.mnt->mnt_root) {
		sb = pts.mnt->mnt_sb;
		refcount_inc(&sb->s_active);
	}
	path_put(&pts);
	return sb;
}

static void *devpts_acquire(struct file *file)
{
	struct super_block *sb = file->f_path.mnt->mnt_sb;

	if (sb->s_magic == DEVPTS_SUPER_MAGIC)
		refcount_inc(&sb->s_active);
	else
		sb = sb_beside(&file->f_path);
	return IS_ERR(sb) ? ERR_CAST(sb) : PTS_FS(sb);
}

static void devpts_release(void *arg)
{
	struct pts_fs_info *fsi = arg;

	deactivate_super(fsi->sb);
}

static int devpts_new_index(void *arg)
{
	struct pts_fs_info *fsi = arg;
	int index;

	/* The last of the limit is never given, as on Linux. */
	if (atomic_inc_return(&pty_count) >= READ_ONCE(pty_limit)) {
		atomic_dec(&pty_count);
		return -ENOSPC;
	}
	mutex_lock(&fsi->lock);
	index = fsi->options.max
			? idr_alloc(&fsi->indexes, fsi, 0, fsi->options.max)
			: -ENOSPC;
	mutex_unlock(&fsi->lock);
	if (index < 0)
		atomic_dec(&pty_count);
	return index;
}

static void devpts_kill_index(void *arg, int index)
{
	struct pts_fs_info *fsi = arg;

	mutex_lock(&fsi->lock);
	(void)idr_remove(&fsi->indexes, index);
	mutex_unlock(&fsi->lock);
	atomic_dec(&pty_count);
}

/* --- for the pty driver: nodes --- */

static void set_slot(struct pts_fs_info *fsi, int index, void *slot)
{
	mutex_lock(&fsi->lock);
	(void)idr_replace(&fsi->indexes, slot, index);
	mutex_unlock(&fsi->lock);
}

static int devpts_create_node(void *arg, int index, struct tty_struct *slave)
{
	struct pts_fs_info *fsi = arg;
	const struct pts_options *opts = &fsi->options;
	struct dentry *root = fsi->sb->s_root;
	struct dentry *dentry;
	struct inode *inode;
	char name[12];

	inode = new_node(fsi->sb, NODE_INO(index), opts->mode,
			 MKDEV(UNIX98_PTY_SLAVE_MAJOR, index));
	if (!inode)
		return -ENOMEM;
	inode->i_uid = opts->set_uid ? opts->uid : current_fsuid();
	inode->i_gid = opts->set_gid ? opts->gid : current_fsgid();
	snprintf(name, sizeof(name), "%d", index);
	dentry = d_alloc_name(root, name);
	if (!dentry) {
		iput(inode);
		return -ENOMEM;
	}
	/* The inode is what an open finds the line by, as long as it lives. */
	inode->i_private = tty_kref_get(slave);
	inode_lock(d_inode(root));
	d_add(dentry, inode);
	set_slot(fsi, index, dentry);
	inode_unlock(d_inode(root));
	return 0;
}

static void devpts_remove_node(void *arg, int index)
{
	struct pts_fs_info *fsi = arg;
	struct inode *root = d_inode(fsi->sb->s_root);
	struct dentry *dentry;

	inode_lock(root);
	mutex_lock(&fsi->lock);
	dentry = idr_replace(&fsi->indexes, fsi, index);
	mutex_unlock(&fsi->lock);
	clear_nlink(d_inode(dentry));
	d_drop(dentry);
	inode_unlock(root);
	dput(dentry); /* the pin */
}

/* Some mount of @sb, referenced, or NULL: the node needs one to be opened. */
static struct vfsmount *any_mount(struct super_block *sb)
{
	struct vfsmount *mnt, *found = NULL;

	mount_lock_tree();
	list_for_each_entry (mnt, &sb->s_mounts, mnt_instance) {
		found = mntget_live_locked(mnt);
		if (found)
			break;
	}
	mount_unlock_tree();
	return found;
}

static struct file *devpts_open_peer(void *arg, int index, int flags)
{
	struct pts_fs_info *fsi = arg;
	struct path path = {.mnt = any_mount(fsi->sb)};
	struct file *file = ERR_PTR(-EIO);

	if (!path.mnt)
		return ERR_PTR(-ENODEV);
	mutex_lock(&fsi->lock);
	path.dentry = idr_find(&fsi->indexes, index);
	if (path.dentry == (void *)fsi)
		path.dentry = NULL;
	(void)dget(path.dentry);
	mutex_unlock(&fsi->lock);
	if (path.dentry)
		file = dentry_open(&path, flags, current_cred());
	path_put(&path);
	return file;
}

static const struct devpts_ops devpts_ops = {
	.acquire = devpts_acquire,
	.release = devpts_release,
	.new_index = devpts_new_index,
	.kill_index = devpts_kill_index,
	.create_node = devpts_create_node,
	.remove_node = devpts_remove_node,
	.open_peer = devpts_open_peer,
};

/* --- opening a slave --- */

/* Only a node of devpts leads to a line, not one that mknod(2) made. */
static int pts_open(struct inode *inode, struct file *file)
{
	if (inode->i_sb->s_magic != DEVPTS_SUPER_MAGIC || !inode->i_private)
		return -EIO;
	return tty_open_line(inode->i_private, file, file->f_flags & O_NOCTTY);
}

static const struct file_operations pts_fops = {
	.open = pts_open,
};

static struct char_device pts_cdev = {
	.name = "pts",
	.major = UNIX98_PTY_SLAVE_MAJOR,
	.minor = 0,
	.count = PTYS_MAX,
	.fops = &pts_fops,
};

/* --- the file system --- */

static void devpts_evict_inode(struct inode *inode)
{
	struct tty_struct *slave = inode->i_private;

	clear_inode(inode);
	tty_kref_put(slave);
}

static void devpts_put_super(struct super_block *sb)
{
	struct pts_fs_info *fsi = PTS_FS(sb);

	idr_destroy(&fsi->indexes);
	kfree(fsi);
}

static const struct super_operations devpts_super_ops = {
	.evict_inode = devpts_evict_inode,
	.put_super = devpts_put_super,
	.statfs = simple_statfs,
	.remount = devpts_remount,
	.show_options = devpts_show_options,
};

/* The root directory and ptmx; s_root is set when both are there. */
static int make_root(struct super_block *sb, struct pts_fs_info *fsi)
{
	struct inode *root = new_inode(sb);
	struct inode *ptmx = new_node(sb, PTMX_INO, fsi->options.ptmx_mode,
				      MKDEV(TTYAUX_MAJOR, DEVPTMX_MINOR));
	struct dentry *top;

	if (!root || !ptmx)
		goto put_inodes;
	root->i_ino = 1;
	root->i_mode = S_IFDIR | 0755;
	root->i_atime = root->i_mtime = root->i_ctime = current_time(root);
	root->i_op = &devpts_dir_iops;
	root->i_fop = &devpts_dir_fops;
	set_nlink(root, 2);
	top = d_make_root(root);
	if (!top) {
		iput(ptmx);
		return -ENOMEM;
	}
	fsi->ptmx = d_alloc_name(top, "ptmx");
	if (!fsi->ptmx) {
		iput(ptmx);
		dput(top);
		return -ENOMEM;
	}
	d_add(fsi->ptmx, ptmx);
	sb->s_root = top;
	return 0;

put_inodes:
	iput(root);
	iput(ptmx);
	return -ENOMEM;
}

static int devpts_fill_super(struct super_block *sb, void *data, bool silent)
{
	struct pts_fs_info *fsi = kzalloc(sizeof(*fsi));
	int err;

	if (!fsi)
		return -ENOMEM;
	err = parse_options(data, &fsi->options);
	if (err)
		goto free_info;
	mutex_init(&fsi->lock, LOCK_PSEUDO);
	idr_init(&fsi->indexes);
	fsi->sb = sb;
	sb->s_fs_info = fsi;
	sb->s_blocksize = 1024; /* as st_blksize shows it */
	sb->s_blocksize_bits = 10;
	sb->s_maxbytes = INT64_MAX;
	sb->s_magic = DEVPTS_SUPER_MAGIC;
	sb->s_time_gran_ns = 1;
	sb->s_op = &devpts_super_ops;
	err = make_root(sb, fsi);
	if (err)
		goto free_info;
	return 0;

free_info:
	sb->s_fs_info = NULL;
	kfree(fsi);
	return err;
}

static struct file_system_type devpts_type = {
	.name = "devpts",
	.fs_flags = FS_USERNS_MOUNT | FS_LITTER,
	.fill_super = devpts_fill_super,
	.list = LIST_HEAD_INIT(devpts_type.list),
	.supers = LIST_HEAD_INIT(devpts_type.supers),
};

static int pty_nr_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%d\n", atomic_read(&pty_count));
	return 0;
}

static const struct sysctl_int pty_settings[] = {
	{"kernel/pty/max", 0644, &pty_limit, 0, INT_MAX},
	{"kernel/pty/reserve", 0644, &pty_reserve, 0, INT_MAX},
};

/*
 * devpts_init - see devpts.h.
 */
void __init devpts_init(void)
{
	if (register_filesystem(&devpts_type) || register_chrdev(&pts_cdev))
		panic("devpts: cannot register the file system");
	sysctl_register_ints(pty_settings, ARRAY_SIZE(pty_settings));
	sysctl_register("kernel/pty/nr", 0444, pty_nr_show, NULL, NULL);
	pty_set_devpts(&devpts_ops);
}
