/*
 * namei_lazy.c - a path walk that references nothing on its way.
 *
 * With references, each directory on the way to a file is written to twice, by
 * every walk on every CPU.  So a walk begins without (nd->flags has
 * LOOKUP_RCU): interrupts are off from the first component to the last, and
 * what it stands on - nd->path, nd->root - may be renamed, removed, unmounted
 * and freed under it.  What is read is relied upon only after a look at what
 * would have changed:
 *
 * A dentry: d_seq, kept in nd->seq, is odd or another once its name, parent or
 * inode is not what it was, or it is found no more, or dead.  The memory stays
 * a dentry's (slab.h, type-stable).
 *
 * An inode: the d_seq of the dentry that it was read from.  While that is the
 * same, the dentry holds the inode.  The table of its operations (nd->op) is
 * read before that look, and no table ever goes away.  Mode and owner are read
 * later; the next component's look at the parent's d_seq says that they were
 * the directory's.
 *
 * A mount: mount_sequence, kept in nd->mount_seq, is another once anything was
 * mounted, moved, unmounted or has lost a last reference.  One that was met is
 * not freed before interrupts are on again (wait_for_lookups()), nor are its
 * root and super block.
 *
 * fs->root and fs->pwd: fs->seq, while both halves, d_seq and the inode are
 * read.  A directory given by number is held by its file, nd->base.
 *
 * So each component is looked up in a directory that was there, and searchable,
 * when the child was found in it, as with references.
 *
 * At the end complete_walk() raises the counts of the last mount and dentry,
 * and then looks at both sequences once more: who removes a name or a mount
 * makes the sequence another before he reads the count, so he sees ours, or we
 * see his.
 *
 * What needs more than that - a name that is not cached, d_revalidate, a
 * permission() of its own, any denied permission, a symbolic link, ".." across
 * mounts - has try_to_unlazy() take the references where we stand, and goes on
 * in namei.c.  When that fails, or a sequence has changed, the answer is
 * -ECHILD, and the whole walk is done again, with references from its start.
 *
 * Locks: none; interrupts are off.
 *
 * Entry points: see namei_internal.h.
 */
#include <abi/errno.h>
#include <fs/vfs/dcache_hash.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/mount_internal.h>
#include <fs/vfs/namei_internal.h>
#include <kernel/arch/context.h>
#include <kernel/arch/irqflags.h>
#include <kernel/base/assert.h>
#include <kernel/lib/macros.h>

/* What a dentry said; true if d_seq is @seq still. */
struct lazy_view {
	struct inode *inode;
	const struct inode_operations *op;
	umode_t mode;
	unsigned int d_flags;
	u32 seq;
};

/* Read what @dentry says; v->seq was read before. */
static inline void view_dentry(struct lazy_view *v, const struct dentry *dentry)
{
	v->inode = READ_ONCE(dentry->d_inode);
	v->d_flags = READ_ONCE(dentry->d_flags);
	if (likely(v->inode)) {
		v->mode = READ_ONCE(v->inode->i_mode);
		v->op = READ_ONCE(v->inode->i_op);
	}
}

static inline void stand_at(struct nameidata *nd, struct dentry *dentry,
			    const struct lazy_view *v)
{
	nd->path.dentry = dentry;
	nd->inode = v->inode;
	nd->op = v->op;
	nd->seq = v->seq;
}

/* Stand at @place, which does not change under us.  False: it does. */
static inline bool stand_at_path(struct nameidata *nd, const struct path *place)
{
	struct lazy_view v;

	nd->path = *place;
	v.seq = d_seq_begin(nd->path.dentry);
	view_dentry(&v, nd->path.dentry);
	if (unlikely(!v.inode))
		return false;
	stand_at(nd, nd->path.dentry, &v);
	return !d_seq_retry(nd->path.dentry, v.seq);
}

/* Stand at @place of current's fs_struct. */
static inline bool stand_at_fs(struct nameidata *nd, const struct path *place)
{
	const struct fs_struct *fs = current->fs;

	nd->fs_seq = fs_read_begin(fs);
	return stand_at_path(nd, place) && !fs_read_retry(fs, nd->fs_seq);
}

/* Know "/". */
static bool lazy_set_root(struct nameidata *nd)
{
	const struct fs_struct *fs = current->fs;

	nd->fs_seq = fs_read_begin(fs);
	nd->root = fs->root;
	nd->root_seen = true;
	return !fs_read_retry(fs, nd->fs_seq);
}

/* Without references again: nothing is held, nothing known. */
static int lazy_fail(struct nameidata *nd)
{
	lazy_end(nd);
	return -ECHILD;
}

/*
 * lazy_begin - see namei_internal.h.
 */
int lazy_begin(struct nameidata *nd, const char *name)
{
	bool rooted = *name == '/';
	bool sure;

	if (!rooted && nd->dfd != AT_FDCWD) {
		nd->base = fdget_raw(nd->dfd);
		if (!nd->base.file)
			return -EBADF;
		if (*name && !file_inode(nd->base.file)->i_op->lookup)
			return -ENOTDIR;
	}
	local_irq_disable();
	nd->flags |= LOOKUP_RCU;
	nd->mount_seq = mount_read_begin();
	if (rooted) {
		sure = stand_at_fs(nd, &current->fs->root);
		nd->root = nd->path;
		nd->root_seen = true;
	} else if (nd->dfd == AT_FDCWD) {
		sure = stand_at_fs(nd, &current->fs->pwd);
	} else {
		sure = stand_at_path(nd, &nd->base.file->f_path);
	}
	return likely(sure) ? 0 : lazy_fail(nd);
}

/*
 * lazy_end - see namei_internal.h.
 */
void lazy_end(struct nameidata *nd)
{
	nd->flags &= ~LOOKUP_RCU;
	nd->path.mnt = NULL;
	nd->path.dentry = NULL;
	nd->root.mnt = NULL;
	local_irq_enable();
}

/* References to both parts of nd->path.  False: it is not what it was; it now
 * has what references there are. */
static bool legitimize_path(struct nameidata *nd)
{
	struct path *path = &nd->path;
	struct dentry *dentry = path->dentry;
	int failed = mnt_legitimize(path->mnt, nd->mount_seq);

	if (unlikely(failed)) {
		if (failed > 0)
			path->mnt = NULL;
		path->dentry = NULL;
		return false;
	}
	if (unlikely(!d_count_try(dentry))) {
		path->dentry = NULL;
		return false;
	}
	if (unlikely(d_seq_retry(dentry, nd->seq)))
		return false;
	d_mark_referenced(dentry);
	return true;
}

/*
 * try_to_unlazy - see namei_internal.h.
 */
bool try_to_unlazy(struct nameidata *nd)
{
	bool sure = legitimize_path(nd);

	nd->root.mnt = NULL;
	nd->flags &= ~LOOKUP_RCU;
	local_irq_enable();
	return sure;
}

/*
 * complete_walk - see namei_internal.h.
 */
int complete_walk(struct nameidata *nd)
{
	if (!(nd->flags & LOOKUP_RCU))
		return 0;
	return likely(try_to_unlazy(nd)) ? 0 : -ECHILD;
}

/*
 * lazy_may_lookup - see namei_internal.h.
 */
int lazy_may_lookup(struct nameidata *nd)
{
	if (!nd->op->permission && !generic_permission(nd->inode, MAY_EXEC))
		return 0;
	/* Whom we asked may be another inode by now: ask again. */
	if (!try_to_unlazy(nd))
		return -ECHILD;
	return inode_permission(nd->inode, MAY_EXEC);
}

/* Go to what is mounted on @mnt's *@dentry, if anything is.  False: that is
 * changing. */
static bool lazy_follow_mounts(struct nameidata *nd, struct vfsmount **mnt,
			       struct dentry **dentry, struct lazy_view *v)
{
	struct vfsmount *mounted;

	while (v->d_flags & DCACHE_MOUNTED) {
		mounted = __lookup_mnt(*mnt, *dentry);
		if (!mounted)
			break;
		*mnt = mounted;
		*dentry = mounted->mnt_root;
		v->seq = d_seq_begin(*dentry);
		view_dentry(v, *dentry);
		if (!v->inode || d_seq_retry(*dentry, v->seq))
			return false;
	}
	return !mount_read_retry(nd->mount_seq);
}

/* "..", within one file system that is mounted as a whole. */
static int lazy_dotdot(struct nameidata *nd)
{
	const struct vfsmount *mnt = nd->path.mnt;
	struct dentry *here = nd->path.dentry;
	struct dentry *parent;
	struct lazy_view v;

	if (!nd->root.mnt && !lazy_set_root(nd))
		return -ECHILD;
	if (path_equal(&nd->path, &nd->root)) {
		/* "/.." is what covers "/". */
		if (unlikely(d_mountpoint(here)))
			goto unlazy;
		return 0;
	}
	if (here == mnt->mnt_root || mnt->mnt_root != mnt->mnt_sb->s_root)
		goto unlazy;
	parent = READ_ONCE(here->d_parent);
	v.seq = d_seq_begin(parent);
	view_dentry(&v, parent);
	if (!v.inode || d_seq_retry(parent, v.seq) ||
	    d_seq_retry(here, nd->seq))
		return -ECHILD;
	/* What covers it, we were below all the same. */
	if (v.d_flags & DCACHE_MOUNTED)
		goto unlazy;
	stand_at(nd, parent, &v);
	return 0;
unlazy:
	return try_to_unlazy(nd) ? 1 : -ECHILD;
}

static int lazy_dots(struct nameidata *nd)
{
	return nd->last_type == LAST_DOTDOT ? lazy_dotdot(nd) : 0;
}

/*
 * lazy_component - see namei_internal.h.
 */
int lazy_component(struct nameidata *nd, int flags)
{
	struct vfsmount *mnt = nd->path.mnt;
	struct dentry *dentry;
	struct lazy_view v;

	if (unlikely(nd->last_type != LAST_NORM))
		return lazy_dots(nd);
	dentry = d_lookup_rcu(nd->path.dentry, &nd->last, &v.seq);
	if (unlikely(!dentry))
		goto unlazy;
	view_dentry(&v, dentry);
	if (unlikely(d_seq_retry(dentry, v.seq) ||
		     d_seq_retry(nd->path.dentry, nd->seq)))
		return -ECHILD;
	if (unlikely(v.d_flags & DCACHE_OP_REVALIDATE))
		goto unlazy;
	if (unlikely(!v.inode)) {
		if (flags & WALK_CREATE)
			goto unlazy;
		return -ENOENT;
	}
	if (unlikely(v.d_flags & DCACHE_MOUNTED) &&
	    !lazy_follow_mounts(nd, &mnt, &dentry, &v))
		return -ECHILD;
	if (unlikely(S_ISLNK(v.mode)) && (flags & WALK_FOLLOW))
		goto unlazy;
	nd->path.mnt = mnt;
	stand_at(nd, dentry, &v);
	return 0;
unlazy:
	return try_to_unlazy(nd) ? 1 : -ECHILD;
}
