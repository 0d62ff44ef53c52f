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
 * path_resolution(7) is the specification, openat2(2) for RESOLVE_*.
 *
 * Locks: none between components; a directory's i_rwsem is held to ask its
 * file system.  nd->path, nd->root and the links on the stack are
 * referenced.
 *
 * Entry points: user_path_at, kern_path, path_parent_lookup, do_filp_open.
 * One name in a directory: lookup_one.c; changes of the tree:
 * namei_modify.c, rename.c.
 */
#include <fs/vfs/namei.h>

#include <abi/errno.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/open.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/assert.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/rwsem.h>

#define EMBEDDED_LINKS 2

/* walk_component's flags */
#define WALK_FOLLOW 1 /* a link here is followed */
#define WALK_POP    2 /* nd->last is the end of the topmost link's text */

struct saved_link {
	struct path link;
	void *cookie;	  /* put_link's */
	const char *rest; /* where to go on; NULL: the path ends here */
};

struct nameidata {
	struct path path;    /* where we stand; mnt NULL: nowhere */
	struct inode *inode; /* of path.dentry */
	struct path root;    /* "/"; mnt NULL: not needed so far */
	struct qstr last;    /* the component in hand */
	enum last_type last_type;
	unsigned int flags; /* LOOKUP_* */
	int depth;	    /* links on the stack */
	int total_links;
	int dfd;
	struct saved_link *stack;
	struct saved_link embedded[EMBEDDED_LINKS];
};

static void nd_init(struct nameidata *nd, int dfd, const struct path *root)
{
	nd->path.mnt = NULL;
	nd->path.dentry = NULL;
	nd->inode = NULL;
	nd->root.mnt = NULL;
	nd->root.dentry = NULL;
	nd->depth = 0;
	nd->total_links = 0;
	nd->dfd = dfd;
	nd->stack = nd->embedded;
	if (root) {
		nd->root = *root;
		path_get(root);
	}
}

static void put_link(struct nameidata *nd)
{
	struct saved_link *top = &nd->stack[--nd->depth];
	struct inode *inode = top->link.dentry->d_inode;

	if (top->cookie && inode->i_op->put_link)
		inode->i_op->put_link(inode, top->cookie);
	path_put(&top->link);
}

/* Drop all that a walk holds. */
static void terminate_walk(struct nameidata *nd)
{
	while (nd->depth > 0)
		put_link(nd);
	if (nd->stack != nd->embedded)
		kfree(nd->stack);
	if (nd->path.mnt)
		path_put(&nd->path);
	if (nd->root.mnt)
		path_put(&nd->root);
}

static void set_root(struct nameidata *nd)
{
	if (!nd->root.mnt)
		get_fs_root(current->fs, &nd->root);
}

/* Stand at @dentry of @mnt, both referenced for us. */
static void set_path(struct nameidata *nd, struct vfsmount *mnt,
		     struct dentry *dentry)
{
	if (nd->path.mnt)
		path_put(&nd->path);
	nd->path.mnt = mnt;
	nd->path.dentry = dentry;
	nd->inode = dentry->d_inode;
}

/* Go to "/". */
static int nd_jump_root(struct nameidata *nd)
{
	if (nd->flags & LOOKUP_BENEATH)
		return -EXDEV;
	/* To begin there needs no second reference: all CPUs share its count.
	 */
	if (!nd->root.mnt && !nd->path.mnt) {
		get_fs_root(current->fs, &nd->path);
		nd->inode = nd->path.dentry->d_inode;
		return 0;
	}
	set_root(nd);
	if ((nd->flags & LOOKUP_NO_XDEV) && nd->path.mnt &&
	    nd->path.mnt != nd->root.mnt)
		return -EXDEV;
	path_get(&nd->root);
	set_path(nd, nd->root.mnt, nd->root.dentry);
	return 0;
}

/* Stand where a relative path begins. */
static int start_at_dfd(struct nameidata *nd, const char *name)
{
	struct fd f;
	int err = 0;

	if (nd->dfd == AT_FDCWD) {
		get_fs_pwd(current->fs, &nd->path);
		nd->inode = nd->path.dentry->d_inode;
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

/* Begin: returns @name, or ERR_PTR. */
static const char *path_init(struct nameidata *nd, const char *name,
			     unsigned int flags)
{
	bool rooted = nd->root.mnt != NULL;
	int err;

	nd->flags = flags;
	if (!*name && !(flags & LOOKUP_EMPTY))
		return ERR_PTR(-ENOENT);
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
static inline int may_lookup(const struct nameidata *nd)
{
	struct inode *inode = nd->inode;

	if (likely((inode->i_mode & S_IXUGO) == S_IXUGO &&
		   !inode->i_op->permission))
		return 0;
	return inode_permission(inode, MAY_EXEC);
}

/* From the cache: referenced; NULL: not there; ERR_PTR. */
static struct dentry *lookup_fast(struct nameidata *nd)
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

/* Room for one more link. */
static int reserve_stack(struct nameidata *nd)
{
	struct saved_link *stack;

	if (nd->depth < EMBEDDED_LINKS || nd->stack != nd->embedded)
		return 0;
	stack = kmalloc(MAX_SYMLINKS * sizeof(*stack));
	if (!stack)
		return -ENOMEM;
	memcpy(stack, nd->embedded, sizeof(nd->embedded));
	nd->stack = stack;
	return 0;
}

/* A magic link of proc has told where to go. */
static int jump_to(struct nameidata *nd, const struct path *jump)
{
	int err = 0;

	if (nd->flags & LOOKUP_NO_MAGICLINKS)
		err = -ELOOP;
	else if ((nd->flags & LOOKUP_NO_XDEV) && nd->path.mnt != jump->mnt)
		err = -EXDEV;
	else if (nd->flags & LOOKUP_IS_SCOPED)
		err = -EXDEV;
	if (err)
		path_put(jump);
	else
		set_path(nd, jump->mnt, jump->dentry);
	return err;
}

/*
 * Follow the symbolic link @link, whose references are ours.  Returns the
 * text to walk (the link is on the stack then), NULL when we are where it
 * points to, or ERR_PTR.
 */
static const char *pick_link(struct nameidata *nd, const struct path *link,
			     const char *rest)
{
	struct inode *inode = link->dentry->d_inode;
	struct path jump = {NULL, NULL};
	struct saved_link *top;
	const char *text;
	int err;

	err = reserve_stack(nd);
	if (!err && nd->total_links++ >= MAX_SYMLINKS)
		err = -ELOOP;
	if (!err && (nd->flags & LOOKUP_NO_SYMLINKS))
		err = -ELOOP;
	if (err) {
		path_put(link);
		return ERR_PTR(err);
	}
	top = &nd->stack[nd->depth++];
	top->link = *link;
	top->cookie = NULL;
	top->rest = rest;
	touch_atime(link);
	text = inode->i_op->get_link(link->dentry, inode, &jump, &top->cookie);
	if (IS_ERR(text))
		return text;
	if (!text) {
		err = jump.mnt ? jump_to(nd, &jump) : -ENOENT;
	} else if (*text == '/') {
		err = nd_jump_root(nd);
		while (*text == '/')
			text++;
	}
	if (err)
		return ERR_PTR(err);
	if (text && *text)
		return text;
	put_link(nd);
	return NULL;
}

/*
 * Step to @dentry, the child called nd->last (referenced for us): across
 * mounts, through a link if @flags say so.  As pick_link.
 */
static const char *step_into(struct nameidata *nd, struct dentry *dentry,
			     int flags, const char *rest)
{
	struct path path = {nd->path.mnt, dentry};
	struct inode *inode;

	inode = dentry->d_inode;
	if (likely(inode && !S_ISLNK(inode->i_mode) && !d_mountpoint(dentry))) {
		dput(nd->path.dentry);
		nd->path.dentry = dentry;
		nd->inode = inode;
		return NULL;
	}
	(void)mntget(path.mnt);
	if (unlikely(d_mountpoint(dentry)) && follow_down_mounts(&path) &&
	    (nd->flags & LOOKUP_NO_XDEV)) {
		path_put(&path);
		return ERR_PTR(-EXDEV);
	}
	inode = path.dentry->d_inode;
	if (unlikely(!inode)) {
		path_put(&path);
		return ERR_PTR(-ENOENT);
	}
	if (unlikely(S_ISLNK(inode->i_mode)) && (flags & WALK_FOLLOW))
		return pick_link(nd, &path, rest);
	set_path(nd, path.mnt, path.dentry);
	return NULL;
}

/* After "..": a directory that was moved out of a bind mount's tree while we
 * stood in it has no path to the mount's root. */
static bool path_connected(const struct path *path)
{
	if (path->mnt->mnt_root == path->mnt->mnt_sb->s_root)
		return true;
	return is_subdir(path->dentry, path->mnt->mnt_root);
}

static int follow_dotdot(struct nameidata *nd)
{
	struct path path;
	int err = 0;

	set_root(nd);
	path = nd->path;
	path_get(&path);
	for (;;) {
		if (path_equal(&path, &nd->root)) {
			if (nd->flags & LOOKUP_BENEATH)
				err = -EXDEV;
			break;
		}
		if (path.dentry != path.mnt->mnt_root) {
			struct dentry *child = path.dentry;

			path.dentry = dget_parent(child);
			dput(child);
			if (!path_connected(&path))
				err = -ENOENT;
			break;
		}
		if (!follow_up(&path))
			break;
		if (nd->flags & LOOKUP_NO_XDEV)
			err = -EXDEV;
	}
	if (!err && follow_down_mounts(&path) && (nd->flags & LOOKUP_NO_XDEV))
		err = -EXDEV;
	if (err)
		path_put(&path);
	else
		set_path(nd, path.mnt, path.dentry);
	return err;
}

static int handle_dots(struct nameidata *nd)
{
	return nd->last_type == LAST_DOTDOT ? follow_dotdot(nd) : 0;
}

/* Take the component nd->last.  As pick_link. */
static const char *walk_component(struct nameidata *nd, int flags,
				  const char *rest)
{
	struct dentry *dentry;
	int err;

	if (unlikely(nd->last_type != LAST_NORM)) {
		err = handle_dots(nd);
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

/*
 * Walk all of @name but its last component, which is left in nd->last.
 * (@name may be an ERR_PTR.)  "/" leaves LAST_ROOT.
 */
static __landmark int link_path_walk(const char *name, struct nameidata *nd)
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
		if (unlikely(!nd->inode->i_op->lookup))
			return -ENOTDIR;
	}
}

static bool has_trailing_slash(const struct nameidata *nd)
{
	return nd->last_type == LAST_NORM && nd->last.name[nd->last.len];
}

/* The last component: text of a link to go on with, NULL at the end. */
static const char *lookup_last(struct nameidata *nd)
{
	int flags = nd->depth ? WALK_POP : 0;

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
	if (!err && (nd->flags & LOOKUP_DIRECTORY) && !nd->inode->i_op->lookup)
		err = -ENOTDIR;
	if (!err) {
		*out = nd->path;
		nd->path.mnt = NULL;
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

	nd_init(&nd, dfd, NULL);
	err = path_lookupat(&nd, name, lookup_flags, out);
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

/*
 * path_parent_lookup - see namei.h.
 */
int path_parent_lookup(int dfd, const char *name, unsigned int lookup_flags,
		       struct path *parent, struct qstr *last,
		       enum last_type *type)
{
	struct nameidata nd;
	const char *s;
	int err;

	nd_init(&nd, dfd, NULL);
	s = path_init(&nd, name, lookup_flags | LOOKUP_PARENT);
	err = link_path_walk(s, &nd);
	if (!err) {
		*parent = nd.path;
		*last = nd.last;
		*type = nd.last_type;
		nd.path.mnt = NULL;
	}
	terminate_walk(&nd);
	return err;
}

/* Create nd->last in the directory we stand in, which is locked. */
static int create_locked(struct nameidata *nd, struct dentry *dentry,
			 const struct open_flags *op, int write_err)
{
	struct inode *dir = nd->inode;
	umode_t mode = op->mode & ~current_umask();
	int err;

	if (write_err)
		return write_err;
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (!dir->i_op->create)
		return -EACCES;
	return dir->i_op->create(dir, dentry, mode, op->open_flag & O_EXCL);
}

/* Look up or create nd->last for O_CREAT.  Referenced, or ERR_PTR. */
static struct dentry *lookup_open(struct nameidata *nd,
				  const struct open_flags *op, bool *created)
{
	struct dentry *dentry;
	int write_err = mnt_want_write(nd->path.mnt);
	int err;

	inode_lock(nd->inode);
	dentry = lookup_one_qstr(&nd->last, nd->path.dentry, nd->flags);
	if (!IS_ERR(dentry) && !dentry->d_inode) {
		err = nd->inode->i_flags & S_DEAD ? -ENOENT : 0;
		if (!err)
			err = create_locked(nd, dentry, op, write_err);
		if (err) {
			dput(dentry);
			dentry = ERR_PTR(err);
		} else {
			*created = true;
		}
	}
	inode_unlock(nd->inode);
	if (!write_err)
		mnt_drop_write(nd->path.mnt);
	return dentry;
}

/* As lookup_last, creating the file when @op says so. */
static const char *open_last_lookups(struct nameidata *nd,
				     const struct open_flags *op, bool *created)
{
	bool pop = nd->depth > 0;
	struct dentry *dentry;

	nd->flags |= op->intent;
	if (!(op->open_flag & O_CREAT) || nd->last_type != LAST_NORM)
		return lookup_last(nd);
	/* open(2), EISDIR: a name that says directory. */
	if (has_trailing_slash(nd))
		return ERR_PTR(-EISDIR);
	dentry = lookup_fast(nd);
	if (!IS_ERR_OR_NULL(dentry) && !dentry->d_inode) {
		dput(dentry);
		dentry = NULL;
	}
	if (!dentry)
		dentry = lookup_open(nd, op, created);
	if (IS_ERR(dentry))
		return ERR_CAST(dentry);
	if (pop)
		put_link(nd);
	return step_into(nd, dentry,
			 nd->flags & LOOKUP_FOLLOW ? WALK_FOLLOW : 0, NULL);
}

static int handle_truncate(struct file *file)
{
	struct inode *inode = file_inode(file);
	int err = get_write_access(inode);

	if (err)
		return err;
	err = do_truncate(file->f_path.dentry, 0,
			  ATTR_MTIME | ATTR_CTIME | ATTR_OPEN, file);
	put_write_access(inode);
	return err;
}

/* Checks of an existing file for O_CREAT and O_DIRECTORY. */
static int do_open_checks(const struct nameidata *nd,
			  const struct open_flags *op, bool created)
{
	if (op->open_flag & O_CREAT) {
		if ((op->open_flag & O_EXCL) && !created)
			return -EEXIST;
		if (S_ISDIR(nd->inode->i_mode))
			return -EISDIR;
	}
	if ((nd->flags & LOOKUP_DIRECTORY) && !nd->inode->i_op->lookup)
		return -ENOTDIR;
	return 0;
}

/* Open the file we stand at. */
static int do_open(struct nameidata *nd, struct file *file,
		   const struct open_flags *op, bool created)
{
	int acc_mode = created ? 0 : op->acc_mode;
	bool truncate = !created && (op->open_flag & O_TRUNC) &&
			S_ISREG(nd->inode->i_mode);
	int err = do_open_checks(nd, op, created);

	if (err)
		return err;
	if (truncate) {
		err = mnt_want_write(nd->path.mnt);
		if (err)
			return err;
	}
	err = may_open(&nd->path, acc_mode, op->open_flag);
	if (!err)
		err = vfs_open(&nd->path, file);
	if (!err && truncate)
		err = handle_truncate(file);
	if (truncate)
		mnt_drop_write(nd->path.mnt);
	return err;
}

/* A file in directory @dir that has no name, open(2), O_TMPFILE. */
static int make_tmpfile(struct path *dir, struct file *file,
			const struct open_flags *op)
{
	static const struct qstr slash = {.len = 1, .name = "/"};
	struct inode *inode = dir->dentry->d_inode;
	umode_t mode = op->mode & ~current_umask();
	struct path child = {dir->mnt, NULL};
	int err = inode_permission(inode, MAY_WRITE | MAY_EXEC);

	if (err)
		return err;
	if (!inode->i_op->tmpfile)
		return -EOPNOTSUPP;
	child.dentry = d_alloc(dir->dentry, &slash);
	if (!child.dentry)
		return -ENOMEM;
	err = inode->i_op->tmpfile(inode, child.dentry, mode);
	if (!err)
		err = may_open(&child, 0, op->open_flag);
	if (!err)
		err = vfs_open(&child, file);
	if (!err && !(op->open_flag & O_EXCL)) {
		spin_lock(&file->f_inode->i_lock);
		file->f_inode->i_state |= I_LINKABLE;
		spin_unlock(&file->f_inode->i_lock);
	}
	dput(child.dentry);
	return err;
}

static int do_tmpfile(struct nameidata *nd, const char *name, struct file *file,
		      const struct open_flags *op)
{
	struct path dir;
	int err = path_lookupat(nd, name, op->lookup_flags | LOOKUP_DIRECTORY,
				&dir);

	if (err)
		return err;
	err = mnt_want_write(dir.mnt);
	if (!err) {
		err = make_tmpfile(&dir, file, op);
		mnt_drop_write(dir.mnt);
	}
	path_put(&dir);
	return err;
}

static int do_o_path(struct nameidata *nd, const char *name, struct file *file,
		     const struct open_flags *op)
{
	struct path path;
	int err = path_lookupat(nd, name, op->lookup_flags, &path);

	if (err)
		return err;
	err = vfs_open(&path, file);
	path_put(&path);
	return err;
}

static int open_by_name(struct nameidata *nd, const char *name,
			struct file *file, const struct open_flags *op)
{
	const char *s = path_init(nd, name, op->lookup_flags);
	bool created = false;
	int err;

	while (!(err = link_path_walk(s, nd)) &&
	       (s = open_last_lookups(nd, op, &created)) != NULL)
		;
	return err ? err : do_open(nd, file, op, created);
}

/* open(2): walk, create, check, open.  ERR_PTR on failure. */
static __landmark struct file *path_openat(struct nameidata *nd,
					   const char *name,
					   const struct open_flags *op)
{
	struct file *file = alloc_empty_file(op->open_flag, current_cred());
	int err;

	if (IS_ERR(file)) {
		terminate_walk(nd);
		return file;
	}
	if (unlikely(op->open_flag & __O_TMPFILE))
		err = do_tmpfile(nd, name, file, op);
	else if (unlikely(op->open_flag & O_PATH))
		err = do_o_path(nd, name, file, op);
	else
		err = open_by_name(nd, name, file, op);
	terminate_walk(nd);
	if (likely(!err))
		return file;
	fput(file);
	return ERR_PTR(err);
}

/*
 * do_filp_open, do_file_open_root - see namei.h.
 */
struct file *do_filp_open(int dfd, const char *name,
			  const struct open_flags *op)
{
	struct nameidata nd;

	nd_init(&nd, dfd, NULL);
	return path_openat(&nd, name, op);
}

struct file *do_file_open_root(const struct path *root, const char *name,
			       const struct open_flags *op)
{
	struct nameidata nd;

	nd_init(&nd, AT_FDCWD, root);
	return path_openat(&nd, name, op);
}
