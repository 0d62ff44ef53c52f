/*
 * pseudo.h - trees of small generated files: proc's fixed part and sysfs.
 *
 * A tree is made of struct pseudo_entry nodes in memory, filled by whoever
 * has something to tell (drivers, net, mm); fs/proc and fs/sysfs mount the
 * two trees, proc_tree and sysfs_tree.  A node is a directory, a symbolic
 * link or a file with its own file_operations; the usual file has just a
 * show function, and perhaps a store function.
 *
 * Locks: pseudo_lock (a mutex) guards the links between nodes.
 */
#pragma once

#include <fs/vfs/seq_file.h>
#include <fs/vfs/types.h>

struct pseudo_entry {
	const char *name; /* [I] owned */
	umode_t mode;	  /* type and permissions */
	u64 ino;
	uid_t uid;
	gid_t gid;
	struct pseudo_entry *parent; /* [pseudo_lock] */
	struct list_head children;   /* [pseudo_lock] by sibling */
	struct list_head sibling;
	const struct file_operations *fops;
	int (*show)(struct seq_file *m, void *data);
	/* Take @len bytes of text (zero-terminated); bytes used or -errno */
	ssize_t (*store)(void *data, const char *text, size_t len);
	/* Instead of store, where the place in the file means something. */
	ssize_t (*store_at)(const struct pseudo_entry *entry, const char *text,
			    size_t len, loff_t pos);
	char *target;			     /* symlink's text */
	const struct inode_operations *iops; /* NULL: the usual ones */
	void *data;
	refcount_t refs;
	bool removed;
};

/* A tree and the file system that shows it. */
struct pseudo_tree {
	struct pseudo_entry root;
	const char *name;
};

extern struct pseudo_tree proc_tree;
extern struct pseudo_tree sysfs_tree;

/*
 * Make a node under @parent (NULL: proc_tree's root).  @name may contain
 * slashes; directories on the way are made.  Return NULL when memory is short
 * or the name is taken by another kind of node.  May sleep.
 */
struct pseudo_entry *pseudo_mkdir(struct pseudo_entry *parent,
				  const char *name);
struct pseudo_entry *pseudo_create(
	struct pseudo_entry *parent, const char *name, umode_t mode,
	int (*show)(struct seq_file *, void *),
	ssize_t (*store)(void *, const char *, size_t), void *data);
struct pseudo_entry *pseudo_create_fops(struct pseudo_entry *parent,
					const char *name, umode_t mode,
					const struct file_operations *fops,
					void *data);
struct pseudo_entry *pseudo_symlink(struct pseudo_entry *parent,
				    const char *name, const char *target);
/* Remove a node and all below it; open files stay readable. */
void pseudo_remove(struct pseudo_entry *entry);

/* The node's data for an inode of such a tree. */
struct pseudo_entry *PSEUDO_ENTRY(const struct inode *inode);

/*
 * pseudo_get_inode - the inode of @entry in @sb, new or cached.
 * pseudo_lookup, pseudo_iterate - inode and file operations of a directory;
 * proc's root calls them beside its own.  pseudo_iterate starts at position
 * 2 after the dots.
 */
struct inode *pseudo_get_inode(struct super_block *sb,
			       struct pseudo_entry *entry);
struct dentry *pseudo_lookup(struct inode *dir, struct dentry *dentry,
			     unsigned int flags);
int pseudo_iterate(struct file *file, struct dir_context *ctx);
/* Super block with @tree's root; @magic as statfs(2) shows it. */
int pseudo_fill_super(struct super_block *sb, struct pseudo_tree *tree,
		      unsigned long magic);
/* Super operations for such a super block (proc adds to them). */
extern const struct super_operations pseudo_super_ops;
extern const struct inode_operations pseudo_dir_iops;
extern const struct file_operations pseudo_dir_fops;
