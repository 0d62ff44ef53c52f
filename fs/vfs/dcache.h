/*
 * dcache.h - names the kernel remembers, and the tree they form.
 *
 * A dentry with references stays; one without is kept for the next lookup
 * until memory is short (its super block's LRU).  A dentry holds a reference
 * to its parent and, when positive, to its inode.  Negative dentries
 * remember that a name does not exist.
 */
#pragma once

#include <fs/vfs/types.h>
#include <kernel/lib/hash.h>
#include <kernel/lib/string.h>

/* full_name_hash - the hash of a name, as stored in qstr.hash. */
static inline u32 full_name_hash(const char *name, u32 len)
{
	return hash_bytes(name, len, 0);
}

#define QSTR_INIT(n, l)                                                        \
	{                                                                      \
		.hash = full_name_hash((n), (l)), .len = (l), .name = (n)      \
	}

static inline struct qstr qstr_make(const char *name)
{
	struct qstr q = QSTR_INIT(name, (u32)strlen(name));

	return q;
}

static inline bool d_is_negative(const struct dentry *d)
{
	return !READ_ONCE(d->d_inode);
}

static inline bool d_is_positive(const struct dentry *d)
{
	return !d_is_negative(d);
}

static inline bool d_is_dir(const struct dentry *d)
{
	return d->d_inode && S_ISDIR(d->d_inode->i_mode);
}

static inline bool d_is_symlink(const struct dentry *d)
{
	return d->d_inode && S_ISLNK(d->d_inode->i_mode);
}

static inline bool d_is_reg(const struct dentry *d)
{
	return d->d_inode && S_ISREG(d->d_inode->i_mode);
}

#define IS_ROOT(d) ((d) == (d)->d_parent)

static inline bool d_unhashed(const struct dentry *d)
{
	return READ_ONCE(d->d_flags) & DCACHE_UNHASHED;
}

static inline bool d_mountpoint(const struct dentry *d)
{
	return READ_ONCE(d->d_flags) & DCACHE_MOUNTED;
}

/* d_unlinked - its name was removed while it was in use. */
static inline bool d_unlinked(const struct dentry *d)
{
	return d_unhashed(d) && !IS_ROOT(d);
}

/* d_revalidate - still true?  1 yes, 0 no: drop it, or -errno. */
static inline int d_revalidate(struct dentry *dentry)
{
	if (!(READ_ONCE(dentry->d_flags) & DCACHE_OP_REVALIDATE))
		return 1;
	return dentry->d_op->d_revalidate(dentry);
}

/* dcache_init - tables and caches; once, at boot. */
void dcache_init(void);

/* d_alloc - a new, unhashed, negative child of @parent; NULL: no memory.
 * Takes a reference to @parent. */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name);
struct dentry *d_alloc_name(struct dentry *parent, const char *name);

/* d_alloc_pseudo - a dentry with a name but no place (pipes, sockets). */
struct dentry *d_alloc_pseudo(struct super_block *sb, const struct qstr *name);

/* d_make_root - the root dentry of @inode's super block.  Consumes the
 * inode's reference, also on failure (NULL). */
struct dentry *d_make_root(struct inode *inode);

/* dget - one more reference (the caller has one); NULL is allowed. */
static inline struct dentry *dget(struct dentry *dentry)
{
	if (dentry)
		(void)__atomic_fetch_add(&dentry->d_count, 1, __ATOMIC_RELAXED);
	return dentry;
}

/* dput - drop a reference; the last may free the inode: may sleep. */
void dput(struct dentry *dentry);

/* dget_parent - the parent, referenced. */
struct dentry *dget_parent(struct dentry *dentry);

/* d_instantiate - make a negative dentry positive; consumes the reference
 * to @inode.  Does not hash. */
void d_instantiate(struct dentry *dentry, struct inode *inode);

/* d_add - d_instantiate (@inode may be NULL: negative) and hash. */
void d_add(struct dentry *dentry, struct inode *inode);

/*
 * d_splice_alias - what lookup returns: gives @dentry the @inode and hashes
 * it.  @inode may be NULL or ERR_PTR.  Returns NULL when @dentry was used,
 * else the dentry to use instead, or ERR_PTR (the inode is then put).
 */
struct dentry *d_splice_alias(struct inode *inode, struct dentry *dentry);

/* d_lookup - the cached child of @parent, referenced; NULL: not cached. */
struct dentry *d_lookup(struct dentry *parent, const struct qstr *name);

/* d_rehash, d_drop - make it findable; make it not. */
void d_rehash(struct dentry *dentry);
void d_drop(struct dentry *dentry);

/* d_delete - the file's name is gone: turn the dentry negative, or drop it
 * when others use it. */
void d_delete(struct dentry *dentry);

/* d_invalidate - drop it and, where possible, all below it. */
void d_invalidate(struct dentry *dentry);

/* d_move - @dentry takes @target's place and name; @target is dropped.
 * Caller holds lock_rename(). */
void d_move(struct dentry *dentry, struct dentry *target);

/* d_exchange - the two swap places. */
void d_exchange(struct dentry *a, struct dentry *b);

/* d_tmpfile - instantiate a nameless dentry (O_TMPFILE). */
void d_tmpfile(struct dentry *dentry, struct inode *inode);

/* d_find_alias - some dentry of @inode, referenced, or NULL. */
struct dentry *d_find_alias(struct inode *inode);

/* is_subdir - is @dir @ancestor, or below it? */
bool is_subdir(struct dentry *dir, struct dentry *ancestor);

/* d_ancestor - the child of @p1 that is @p2 or above it, or NULL. */
struct dentry *d_ancestor(struct dentry *p1, struct dentry *p2);

/* d_genocide - drop the pin of every positive dentry below @root, for file
 * systems whose names live only in the cache (tmpfs). */
void d_genocide(struct dentry *root);

/* shrink_dcache_sb - drop all unused names of @sb. */
void shrink_dcache_sb(struct super_block *sb);

/* shrink_dcache_parent - drop the unused names below @parent. */
void shrink_dcache_parent(struct dentry *parent);

/* shrink_dcache_for_umount - drop them all, s_root included. */
void shrink_dcache_for_umount(struct super_block *sb);

/* dentry_nr_total, dentry_nr_unused, dentry_nr_negative - how many names there
 * are, those that nobody uses, and of these the ones of nothing. */
unsigned long dentry_nr_total(void);
unsigned long dentry_nr_unused(void);
unsigned long dentry_nr_negative(void);

/* prune_dcache - drop up to @nr unused names of any file system; how many. */
unsigned long prune_dcache(unsigned long nr);

/* d_mount_set, d_mount_clear - DCACHE_MOUNTED; for mount.c. */
int d_mount_set(struct dentry *dentry);
void d_mount_clear(struct dentry *dentry);

/*
 * d_path - the path name of @path as the current task's root sees it, put
 * at the end of @buf; " (deleted)" behind a removed one.  Returns where it
 * begins, or ERR_PTR(-ENAMETOOLONG).
 */
char *d_path(const struct path *path, char *buf, int buflen);

/* d_absolute_path - from the root of the mount tree; ERR_PTR(-EINVAL) when
 * @path is not in it. */
char *d_absolute_path(const struct path *path, char *buf, int buflen);

/* dentry_path - from the root of its file system. */
char *dentry_path(struct dentry *dentry, char *buf, int buflen);

/* d_path_from - relative to @root; *@reached tells whether it is below. */
char *d_path_from(const struct path *path, const struct path *root, char *buf,
		  int buflen, bool *reached);

/*
 * getcwd_path - what getcwd(2) answers: "(unreachable)" in front where the
 * directory is outside the root, -ENOENT when it was removed, -ENAMETOOLONG
 * when the path does not fit into @buf.
 */
char *getcwd_path(char *buf, int buflen);
