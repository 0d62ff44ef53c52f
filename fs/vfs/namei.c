/*
 * namei.c - from a path name to a file.
 *
 * A walk (struct nameidata) stands at a directory, nd->path, and takes one
 * component of the name after the other: hash it, look it up in the dentry
 * cache, ask the file system when it is not there, cross what is mounted on
 * it, follow it when it is a symbolic link.  The text of a link is walked by
 * the same loop; where its own name goes on is kept on a stack, nd->stack.
 * The stack's entry of a link at the very end of the path has no rest.
 *
 * Most walks find all in the cache.  They begin without references, which all
 * CPUs would have to write to "/" and the like (LOOKUP_RCU, namei_lazy.c), and
 * take them where they cannot go on so, or at the end: a step that returns
 * with them leaves the rest to namei_step.c.  -ECHILD means that the tree
 * changed under such a walk: it is done again, with references.
 *
 * path_resolution(7) is the specification, openat2(2) for RESOLVE_*.
 *
 * Locks: none between components; a directory's i_rwsem is held to ask its
 * file system.
 *
 * Entry points: user_path_at, kern_path, vfs_path_lookup, path_parent_lookup.
 * open(2): namei_open.c; one name in a directory: lookup_one.c; changes of the
 * tree: namei_modify.c, rename.c.
 */
#include <fs/vfs/namei.h>

#include <abi/errno.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei_internal.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>

/*
 * nd_init, terminate_walk, restart_walk - see namei_internal.h.
 */
void nd_init(struct nameidata *nd, int dfd, const struct path *root)
{
	nd->flags = 0;
	nd->path.mnt = NULL;
	nd->root.mnt = NULL;
	nd->base.file = NULL;
	nd->depth = 0;
	nd->total_links = 0;
	nd->root_seen = false;
	nd->dfd = dfd;
	nd->stack = nd->embedded;
	if (root) {
		nd->root = *root;
		path_get(root);
	}
}

void terminate_walk(struct nameidata *nd)
{
	if (nd->flags & LOOKUP_RCU)
		lazy_end(nd);
	while (nd->depth > 0)
		put_link(nd);
	if (unlikely(nd->stack != nd->embedded))
		kfree(nd->stack);
	if (nd->path.mnt)
		path_put(&nd->path);
	if (nd->root.mnt)
		path_put(&nd->root);
	if (nd->base.file)
		fdput(nd->base);
}

void restart_walk(struct nameidata *nd)
{
	terminate_walk(nd);
	nd_init(nd, nd->dfd, NULL);
}

/* Stand, with references, where a relative path begins. */
static int start_at_dfd(struct nameidata *nd, const char *name)
{
	struct path path;
	struct fd f;
	int err = 0;

	if (nd->dfd == AT_FDCWD) {
		get_fs_pwd(current->fs, &path);
		set_path(nd, path.mnt, path.dentry);
		return 0;
	}
	f = fdget_raw(nd->dfd);
	if (!f.file)
		return -EBADF;
	if (*name && !f.file->f_inode->i_op->lookup) {
		err = -ENOTDIR;
	} else {
		path_get(&f.file->f_path);
		set_path(nd, f.file->f_path.mnt, f.file->f_path.dentry);
	}
	fdput(f);
	return err;
}

/*
 * path_init - see namei_internal.h.
 */
const char *path_init(struct nameidata *nd, const char *name,
		      unsigned int flags)
{
	bool rooted = nd->root.mnt != NULL;
	bool lazy = flags & LOOKUP_RCU;
	int err;

	nd->flags = flags & ~LOOKUP_RCU;
	if (!*name && !(flags & LOOKUP_EMPTY))
		return ERR_PTR(-ENOENT);
	if (likely(lazy)) {
		err = lazy_begin(nd, name);
		return err ? ERR_PTR(err) : name;
	}
	if (rooted || (*name == '/' && !(flags & LOOKUP_IN_ROOT))) {
		err = nd_jump_root(nd);
		return err ? ERR_PTR(err) : name;
	}
	err = start_at_dfd(nd, *name == '/' ? "/" : name);
	if (err)
		return ERR_PTR(err);
	if (flags & LOOKUP_IS_SCOPED) {
		nd->root = nd->path;
		path_get(&nd->root);
	}
	return name;
}

/* Length of the component at @name: up to '/' or the end, in words. */
static inline u32 component_len(const char *name)
{
	const unsigned long ones = 0x0101010101010101UL;
	const unsigned long highs = 0x8080808080808080UL;
	const char *p = name;
	unsigned long word, slashes, zeros;

	for (;;) {
		/* Never read into a page that holds none of the name. */
		if (unlikely(((uintptr_t)p & (PAGE_SIZE - 1)) >
			     PAGE_SIZE - sizeof(word))) {
			if (!*p || *p == '/')
				return p - name;
			p++;
			continue;
		}
		memcpy(&word, p, sizeof(word));
		slashes = word ^ (ones * '/');
		zeros = ((word - ones) & ~word) | ((slashes - ones) & ~slashes);
		zeros &= highs;
		if (zeros)
			return p - name + (__ffs(zeros) >> 3);
		p += sizeof(word);
	}
}

/* May we look things up in the directory we stand in? */
static inline int may_lookup(struct nameidata *nd)
{
	struct inode *inode = nd->inode;

	if (likely((inode->i_mode & S_IXUGO) == S_IXUGO && !nd->op->permission))
		return 0;
	if (nd->flags & LOOKUP_RCU)
		return lazy_may_lookup(nd);
	return inode_permission(inode, MAY_EXEC);
}

/*
 * lookup_fast - see namei_internal.h.
 */
struct dentry *lookup_fast(struct nameidata *nd)
{
	struct dentry *dentry = d_lookup(nd->path.dentry, &nd->last);
	int valid;

	if (unlikely(!dentry))
		return NULL;
	valid = d_revalidate(dentry);
	if (likely(valid > 0))
		return dentry;
	if (valid == 0)
		d_invalidate(dentry);
	dput(dentry);
	return ERR_PTR(valid);
}

static struct dentry *lookup_slow(struct nameidata *nd)
{
	struct dentry *dentry;

	if (nd->flags & LOOKUP_CACHED)
		return ERR_PTR(-EAGAIN);
	inode_lock(nd->inode);
	dentry = lookup_one_qstr(&nd->last, nd->path.dentry, nd->flags);
	inode_unlock(nd->inode);
	return dentry;
}

static struct dentry *lookup_last_name(struct nameidata *nd)
{
	struct dentry *dentry = lookup_fast(nd);

	return likely(dentry) ? dentry : lookup_slow(nd);
}

/*
 * walk_component - see namei_internal.h.
 */
const char *walk_component(struct nameidata *nd, int flags, const char *rest)
{
	struct dentry *dentry;
	int err;

	if (nd->flags & LOOKUP_RCU) {
		err = lazy_component(nd, flags);
		if (likely(err <= 0))
			return ERR_PTR(err);
	}
	if (unlikely(nd->last_type != LAST_NORM)) {
		err = nd->last_type == LAST_DOTDOT ? follow_dotdot(nd) : 0;
		if (flags & WALK_POP)
			put_link(nd);
		return ERR_PTR(err);
	}
	dentry = lookup_last_name(nd);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (flags & WALK_POP)
		put_link(nd);
	return step_into(nd, dentry, flags, rest);
}

/* Make the component at @name nd->last.  Returns its end, or ERR_PTR. */
static inline const char *take_component(struct nameidata *nd, const char *name)
{
	u32 len = component_len(name);

	nd->last.name = name;
	nd->last.len = len;
	nd->last_type = LAST_NORM;
	if (unlikely(name[0] == '.')) {
		if (len == 1)
			nd->last_type = LAST_DOT;
		else if (len == 2 && name[1] == '.')
			nd->last_type = LAST_DOTDOT;
	}
	if (unlikely(len > NAME_MAX))
		return ERR_PTR(-ENAMETOOLONG);
	nd->last.hash = full_name_hash(name, len);
	return name + len;
}

/* -ENOTDIR for where we stand, unless that may have changed. */
static int not_a_directory(struct nameidata *nd)
{
	if ((nd->flags & LOOKUP_RCU) && !try_to_unlazy(nd))
		return -ECHILD;
	return -ENOTDIR;
}

/*
 * link_path_walk - see namei_internal.h.
 */
__landmark int link_path_walk(const char *name, struct nameidata *nd)
{
	const char *text, *end;
	int flags, err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	while (*name == '/')
		name++;
	if (!*name) {
		nd->last_type = LAST_ROOT;
		nd->last.name = name;
		nd->last.len = 0;
		return 0;
	}
	for (;;) {
		err = may_lookup(nd);
		if (unlikely(err))
			return err;
		end = take_component(nd, name);
		if (IS_ERR(end))
			return PTR_ERR(end);
		name = end;
		while (*name == '/')
			name++;
		flags = WALK_FOLLOW;
		if (!*name) {
			/* The end of the path, or of a link's text. */
			if (!nd->depth || !nd->stack[nd->depth - 1].rest)
				return 0;
			name = nd->stack[nd->depth - 1].rest;
			flags |= WALK_POP;
		}
		text = walk_component(nd, flags, name);
		if (unlikely(text)) {
			if (IS_ERR(text))
				return PTR_ERR(text);
			name = text;
		}
		if (unlikely(!nd->op->lookup))
			return not_a_directory(nd);
	}
}

/*
 * lookup_last - see namei_internal.h.
 */
const char *lookup_last(struct nameidata *nd)
{
	int flags = WALK_TRAILING | (nd->depth ? WALK_POP : 0);

	if (has_trailing_slash(nd))
		nd->flags |= LOOKUP_FOLLOW | LOOKUP_DIRECTORY;
	if (nd->flags & LOOKUP_FOLLOW)
		flags |= WALK_FOLLOW;
	return walk_component(nd, flags, NULL);
}

/* Walk all of @name; on 0 the caller owns *@out. */
static int path_lookupat(struct nameidata *nd, const char *name,
			 unsigned int flags, struct path *out)
{
	const char *s = path_init(nd, name, flags);
	int err;

	if (!IS_ERR(s) && (flags & LOOKUP_DOWN))
		(void)follow_down_mounts(&nd->path);
	while (!(err = link_path_walk(s, nd)) && (s = lookup_last(nd)) != NULL)
		;
	if (!err)
		err = complete_walk(nd);
	if (!err && (nd->flags & LOOKUP_DIRECTORY) && !nd->op->lookup)
		err = -ENOTDIR;
	if (!err) {
		*out = nd->path;
		nd->path.mnt = NULL;
	}
	return err;
}

/*
 * path_lookup_retry - see namei_internal.h.
 */
int path_lookup_retry(struct nameidata *nd, const char *name,
		      unsigned int flags, struct path *out)
{
	int err = -ECHILD;

	if (likely(!(flags & LOOKUP_NOT_LAZY)))
		err = path_lookupat(nd, name, flags | LOOKUP_RCU, out);
	if (unlikely(err == -ECHILD)) {
		restart_walk(nd);
		err = path_lookupat(nd, name, flags, out);
	}
	return err;
}

/*
 * user_path_at, kern_path, vfs_path_lookup - see namei.h.
 */
int user_path_at(int dfd, const char *name, unsigned int lookup_flags,
		 struct path *out)
{
	struct nameidata nd;
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	nd_init(&nd, dfd, NULL);
	err = path_lookup_retry(&nd, name, lookup_flags, out);
	terminate_walk(&nd);
	return err;
}

int kern_path(const char *name, unsigned int lookup_flags, struct path *out)
{
	return user_path_at(AT_FDCWD, name, lookup_flags, out);
}

int vfs_path_lookup(const struct path *root, const char *name,
		    unsigned int lookup_flags, struct path *out)
{
	struct nameidata nd;
	int err;

	nd_init(&nd, AT_FDCWD, root);
	err = path_lookupat(&nd, name, lookup_flags, out);
	terminate_walk(&nd);
	return err;
}

static int parent_lookupat(struct nameidata *nd, const char *name,
			   unsigned int flags)
{
	const char *s = path_init(nd, name, flags | LOOKUP_PARENT);
	int err = link_path_walk(s, nd);

	return err ? err : complete_walk(nd);
}

/*
 * path_parent_lookup - see namei.h.
 */
int path_parent_lookup(int dfd, const char *name, unsigned int lookup_flags,
		       struct path *parent, struct qstr *last,
		       enum last_type *type)
{
	struct nameidata nd;
	int err = -ECHILD;

	if (IS_ERR(name))
		return PTR_ERR(name);
	nd_init(&nd, dfd, NULL);
	if (likely(!(lookup_flags & LOOKUP_NOT_LAZY)))
		err = parent_lookupat(&nd, name, lookup_flags | LOOKUP_RCU);
	if (unlikely(err == -ECHILD)) {
		restart_walk(&nd);
		err = parent_lookupat(&nd, name, lookup_flags);
	}
	if (!err) {
		*parent = nd.path;
		*last = nd.last;
		*type = nd.last_type;
		nd.path.mnt = NULL;
	}
	terminate_walk(&nd);
	return err;
}
