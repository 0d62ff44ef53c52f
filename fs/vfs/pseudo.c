/*
 * pseudo.c - trees of small generated files: proc's fixed part and sysfs.
 *
 * Nodes live in memory as long as something refers to them: the tree, and
 * each inode made for them.  A removed node keeps answering those who hold
 * it open; its data must therefore outlive it, or be reached through an id.
 *
 * Locks: pseudo_mutex guards the shape of all trees.
 *
 * Entry points: pseudo_mkdir, pseudo_create, pseudo_create_fops,
 * pseudo_symlink, pseudo_remove; pseudo_fill_super, pseudo_lookup,
 * pseudo_iterate for the file systems that show a tree.
 */
#include <fs/vfs/pseudo.h>

#include <abi/dirent.h>
#include <abi/errno.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/read_write.h>
#include <fs/vfs/readdir.h>
#include <fs/vfs/stat.h>
#include <fs/vfs/super.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/atomic.h>
#include <kernel/base/errptr.h>
#include <kernel/base/refcount.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/sched/mutex.h>

#define STORE_MAX (PAGE_SIZE - 1) /* most text one write may bring */

static DEFINE_MUTEX(pseudo_mutex, LOCK_PSEUDO);
static atomic64_t last_ino = {100};

#define PSEUDO_TREE(tree_name, text)                                           \
	struct pseudo_tree tree_name = {                                       \
		.name = text,                                                  \
		.root = {.name = "",                                           \
			 .mode = S_IFDIR | 0555,                               \
			 .ino = 1,                                             \
			 .parent = &tree_name.root,                            \
			 .refs = REFCOUNT_INIT(1),                             \
			 .children = LIST_HEAD_INIT(tree_name.root.children),  \
			 .sibling = LIST_HEAD_INIT(tree_name.root.sibling)},   \
	}

PSEUDO_TREE(proc_tree, "proc");
PSEUDO_TREE(sysfs_tree, "sysfs");

/*
 * PSEUDO_ENTRY - the node an inode shows; NULL for one that is not of such a
 * tree (proc's process directories).
 */
struct pseudo_entry *PSEUDO_ENTRY(const struct inode *inode)
{
	return inode->i_private;
}

static void put_entry(struct pseudo_entry *entry)
{
	if (!refcount_dec_and_test(&entry->refs))
		return;
	kfree(entry->target);
	kfree((void *)entry->name);
	kfree(entry);
}

static struct pseudo_entry *find_child(struct pseudo_entry *dir,
				       const char *name, size_t len)
{
	struct pseudo_entry *entry;

	list_for_each_entry (entry, &dir->children, sibling)
		if (strlen(entry->name) == len &&
		    memcmp(entry->name, name, len) == 0)
			return entry;
	return NULL;
}

static struct pseudo_entry *new_entry(const char *name, size_t len,
				      umode_t mode)
{
	struct pseudo_entry *entry = kzalloc(sizeof(*entry));
	char *copy = kmalloc(len + 1);

	if (!entry || !copy) {
		kfree(entry);
		kfree(copy);
		return NULL;
	}
	memcpy(copy, name, len);
	copy[len] = '\0';
	entry->name = copy;
	entry->mode = mode;
	entry->ino = atomic64_add_return(1, &last_ino);
	refcount_set(&entry->refs, 1);
	INIT_LIST_HEAD(&entry->children);
	return entry;
}

static void link_entry(struct pseudo_entry *parent, struct pseudo_entry *entry)
{
	entry->parent = parent;
	list_add_tail(&entry->sibling, &parent->children);
}

/*
 * Add @name below @parent, making directories on the way.  An existing
 * directory is returned when a directory is asked for.  Caller holds
 * pseudo_mutex.
 */
static struct pseudo_entry *add_locked(struct pseudo_entry *parent,
				       const char *name, umode_t mode)
{
	struct pseudo_entry *entry;
	const char *end;
	bool last;

	for (;;) {
		end = strchr(name, '/');
		last = !end;
		if (last)
			end = name + strlen(name);
		entry = find_child(parent, name, end - name);
		if (entry &&
		    (!S_ISDIR(entry->mode) || (last && !S_ISDIR(mode))))
			return NULL;
		if (!entry) {
			entry = new_entry(name, end - name,
					  last ? mode : S_IFDIR | 0555);
			if (!entry)
				return NULL;
			link_entry(parent, entry);
		}
		if (last)
			return entry;
		parent = entry;
		name = end + 1;
	}
}

static struct pseudo_entry *add(struct pseudo_entry *parent, const char *name,
				umode_t mode)
{
	struct pseudo_entry *entry;

	mutex_lock(&pseudo_mutex);
	entry = add_locked(parent ? parent : &proc_tree.root, name, mode);
	mutex_unlock(&pseudo_mutex);
	return entry;
}

/*
 * pseudo_mkdir - see pseudo.h; an existing directory is returned.
 */
struct pseudo_entry *pseudo_mkdir(struct pseudo_entry *parent, const char *name)
{
	return add(parent, name, S_IFDIR | 0555);
}

/*
 * pseudo_create - a file whose text @show makes; @store takes what is
 * written, NULL for a file that can only be read.
 */
struct pseudo_entry *pseudo_create(
	struct pseudo_entry *parent, const char *name, umode_t mode,
	int (*show)(struct seq_file *, void *),
	ssize_t (*store)(void *, const char *, size_t), void *data)
{
	struct pseudo_entry *entry = add(parent, name, S_IFREG | mode);

	if (entry) {
		entry->show = show;
		entry->store = store;
		entry->data = data;
	}
	return entry;
}

/*
 * pseudo_create_fops - a file with operations of its own; they find @data
 * through PSEUDO_ENTRY(file_inode(file))->data.
 */
struct pseudo_entry *pseudo_create_fops(struct pseudo_entry *parent,
					const char *name, umode_t mode,
					const struct file_operations *fops,
					void *data)
{
	struct pseudo_entry *entry = add(parent, name, S_IFREG | mode);

	if (entry) {
		entry->fops = fops;
		entry->data = data;
	}
	return entry;
}

/*
 * pseudo_symlink - a symbolic link with a fixed text.
 */
struct pseudo_entry *pseudo_symlink(struct pseudo_entry *parent,
				    const char *name, const char *target)
{
	char *copy = kstrdup(target);
	struct pseudo_entry *entry;

	if (!copy)
		return NULL;
	entry = add(parent, name, S_IFLNK | 0777);
	if (!entry) {
		kfree(copy);
		return NULL;
	}
	entry->target = copy;
	return entry;
}

static void remove_locked(struct pseudo_entry *entry)
{
	struct pseudo_entry *child, *next;

	list_for_each_entry_safe (child, next, &entry->children, sibling)
		remove_locked(child);
	list_del_init(&entry->sibling);
	entry->removed = true;
	put_entry(entry);
}

/*
 * pseudo_remove - see pseudo.h.
 */
void pseudo_remove(struct pseudo_entry *entry)
{
	mutex_lock(&pseudo_mutex);
	remove_locked(entry);
	mutex_unlock(&pseudo_mutex);
}

static int entry_show(struct seq_file *m, void *v)
{
	struct pseudo_entry *entry = m->private;

	return entry->show ? entry->show(m, entry->data) : -EIO;
}

static int show_open(struct inode *inode, struct file *file)
{
	struct pseudo_entry *entry = PSEUDO_ENTRY(inode);
	int err;

	if ((file->f_mode & FMODE_WRITE) && !entry->store)
		return -EIO;
	err = single_open(file, entry_show, entry);
	if (!err && file->f_mode & FMODE_WRITE)
		file->f_mode |= FMODE_PWRITE; /* settings heed the place */
	return err;
}

/* One write is one value. */
static ssize_t store_write(struct file *file, struct iov_iter *iter,
			   loff_t *pos)
{
	struct pseudo_entry *entry = PSEUDO_ENTRY(file_inode(file));
	size_t len = min(iov_iter_count(iter), (size_t)STORE_MAX);
	char *text = kmalloc(len + 1);
	ssize_t ret;

	if (!text)
		return -ENOMEM;
	if (copy_from_iter(text, len, iter) != len) {
		kfree(text);
		return -EFAULT;
	}
	text[len] = '\0';
	if (len == 0)
		ret = 0;
	else if (entry->store_at)
		ret = entry->store_at(entry, text, len, *pos);
	else
		ret = entry->store(entry->data, text, len);
	kfree(text);
	if (ret > 0)
		*pos += ret;
	return ret;
}

static const struct file_operations pseudo_file_fops = {
	.open = show_open,
	.read_iter = seq_read_iter,
	.write_iter = store_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static const char *pseudo_get_link(struct dentry *dentry, struct inode *inode,
				   struct path *jump, void **cookie)
{
	return PSEUDO_ENTRY(inode)->target;
}

/* Owner and mode may be changed in memory; a size may not. */
static int pseudo_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	struct pseudo_entry *entry = PSEUDO_ENTRY(inode);
	int err = setattr_prepare(dentry, attr);

	if (err)
		return err;
	setattr_copy(inode, attr);
	entry->mode = inode->i_mode;
	entry->uid = inode->i_uid;
	entry->gid = inode->i_gid;
	return 0;
}

static const struct inode_operations pseudo_file_iops = {
	.setattr = pseudo_setattr,
};

static const struct inode_operations pseudo_link_iops = {
	.get_link = pseudo_get_link,
	.setattr = pseudo_setattr,
};

const struct inode_operations pseudo_dir_iops = {
	.lookup = pseudo_lookup,
	.setattr = pseudo_setattr,
};

const struct file_operations pseudo_dir_fops = {
	.iterate = pseudo_iterate,
	.llseek = generic_file_llseek,
};

static void init_pseudo_inode(struct inode *inode, struct pseudo_entry *entry)
{
	inode->i_mode = entry->mode;
	inode->i_uid = entry->uid;
	inode->i_gid = entry->gid;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	refcount_inc(&entry->refs);
	inode->i_private = entry;
	if (S_ISDIR(entry->mode)) {
		set_nlink(inode, 2);
		inode->i_op = &pseudo_dir_iops;
		inode->i_fop = &pseudo_dir_fops;
	} else if (S_ISLNK(entry->mode)) {
		inode->i_op = &pseudo_link_iops;
		i_size_write(inode, strlen(entry->target));
	} else {
		inode->i_op = &pseudo_file_iops;
		inode->i_fop = entry->fops ? entry->fops : &pseudo_file_fops;
	}
	if (entry->iops)
		inode->i_op = entry->iops;
}

/*
 * pseudo_get_inode - see pseudo.h.  NULL when memory is short.
 */
struct inode *pseudo_get_inode(struct super_block *sb,
			       struct pseudo_entry *entry)
{
	struct inode *inode = iget_locked(sb, entry->ino);

	if (!inode)
		return NULL;
	if (inode->i_state & I_NEW) {
		init_pseudo_inode(inode, entry);
		unlock_new_inode(inode);
	}
	return inode;
}

/*
 * pseudo_lookup - lookup of a tree's directories.
 */
struct dentry *pseudo_lookup(struct inode *dir, struct dentry *dentry,
			     unsigned int flags)
{
	struct pseudo_entry *entry;
	struct inode *inode = NULL;

	mutex_lock(&pseudo_mutex);
	entry = find_child(PSEUDO_ENTRY(dir), dentry->d_name.name,
			   dentry->d_name.len);
	if (entry)
		refcount_inc(&entry->refs);
	mutex_unlock(&pseudo_mutex);
	if (!entry)
		return ERR_PTR(-ENOENT);
	inode = pseudo_get_inode(dir->i_sb, entry);
	put_entry(entry);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	d_add(dentry, inode);
	return NULL;
}

static unsigned int entry_type(const struct pseudo_entry *entry)
{
	return (entry->mode & S_IFMT) >> 12;
}

/*
 * pseudo_iterate - see pseudo.h; position n + 2 is the n-th child.
 */
int pseudo_iterate(struct file *file, struct dir_context *ctx)
{
	struct pseudo_entry *dir = PSEUDO_ENTRY(file_inode(file));
	struct pseudo_entry *entry;
	loff_t pos = 2;

	if (!dir_emit_dots(file, ctx))
		return 0;
	mutex_lock(&pseudo_mutex);
	list_for_each_entry (entry, &dir->children, sibling) {
		if (pos++ < ctx->pos)
			continue;
		if (!dir_emit(ctx, entry->name, strlen(entry->name), entry->ino,
			      entry_type(entry)))
			break;
		ctx->pos++;
	}
	mutex_unlock(&pseudo_mutex);
	return 0;
}

static void pseudo_evict_inode(struct inode *inode)
{
	struct pseudo_entry *entry = inode->i_private;

	clear_inode(inode);
	if (entry && entry->ino == inode->i_ino)
		put_entry(entry);
}

const struct super_operations pseudo_super_ops = {
	.statfs = simple_statfs,
	.evict_inode = pseudo_evict_inode,
};

/* Names come and go without the dcache hearing of it: believe no answer. */
static int pseudo_revalidate(struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);

	if (!inode)
		return 0;
	return !PSEUDO_ENTRY(inode)->removed;
}

static const struct dentry_operations pseudo_dentry_ops = {
	.d_revalidate = pseudo_revalidate,
};

/*
 * pseudo_fill_super - a super block that shows @tree.  0 or -ENOMEM.
 */
int pseudo_fill_super(struct super_block *sb, struct pseudo_tree *tree,
		      unsigned long magic)
{
	struct inode *inode;

	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = magic;
	sb->s_maxbytes = INT64_MAX;
	if (!sb->s_op)
		sb->s_op = &pseudo_super_ops;
	if (!sb->s_d_op)
		sb->s_d_op = &pseudo_dentry_ops;
	sb->s_time_gran_ns = 1;
	inode = pseudo_get_inode(sb, &tree->root);
	if (!inode)
		return -ENOMEM;
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}
