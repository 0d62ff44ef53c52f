/*
 * namei_internal.h - a walk in progress; shared by namei.c, namei_lazy.c,
 * namei_step.c and namei_open.c.  Private to fs/vfs.
 */
#pragma once

#include <fs/vfs/dcache.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/namei.h>

#define EMBEDDED_LINKS 2

/* nd->flags: interrupts are off and nothing is referenced, namei_lazy.c. */
#define LOOKUP_RCU 0x400000

/* Those that go with references from the start. */
#define LOOKUP_NOT_LAZY (LOOKUP_IS_SCOPED | LOOKUP_NO_XDEV | LOOKUP_DOWN)

/* walk_component's flags */
#define WALK_FOLLOW   1 /* a link here is followed */
#define WALK_POP      2 /* nd->last is the end of the topmost link's text */
#define WALK_TRAILING 4 /* ... and of the whole path */
#define WALK_CREATE   8 /* what is not there is made */

struct saved_link {
	struct path link;
	void *cookie;	  /* put_link's */
	const char *rest; /* where to go on; NULL: the path ends here */
};

struct nameidata {
	struct path path;    /* where we stand; mnt NULL: nowhere */
	struct inode *inode; /* of path.dentry */
	const struct inode_operations *op; /* of that */
	struct qstr last;		   /* the component in hand */
	enum last_type last_type;
	unsigned int flags; /* LOOKUP_* */
	u32 seq;	    /* d_seq of path.dentry, with LOOKUP_RCU */
	u32 mount_seq;	    /* mount_sequence at the start */
	u32 fs_seq;	    /* fs->seq when root was read, if root_seen */
	bool root_seen;
	struct path root; /* "/"; mnt NULL: not needed so far */
	struct fd base;	  /* dfd's file, while nothing is referenced */
	int dfd;
	int depth; /* links on the stack */
	int total_links;
	umode_t dir_mode; /* of where the file to be opened is */
	uid_t dir_uid;
	struct saved_link *stack;
	struct saved_link embedded[EMBEDDED_LINKS];
};

/* --- namei.c ---------------------------------------------------------- */

/* nd_init - a walk from @dfd, or (@root, not NULL) with @root as "/" and as
 * start.  terminate_walk - let all go.  restart_walk - and begin once more. */
void nd_init(struct nameidata *nd, int dfd, const struct path *root);
void terminate_walk(struct nameidata *nd);
void restart_walk(struct nameidata *nd);

/* path_init - begin to walk @name; returns it, or ERR_PTR.  LOOKUP_RCU in
 * @flags: without references if that can be. */
const char *path_init(struct nameidata *nd, const char *name,
		      unsigned int flags);

/* link_path_walk - walk all of @name but its last component, which is left in
 * nd->last; "/" leaves LAST_ROOT.  @name may be an ERR_PTR.  0 or -errno;
 * -ECHILD: it has to be walked with references. */
int link_path_walk(const char *name, struct nameidata *nd);

/* walk_component - take the component nd->last.  Returns the text of a link to
 * go on with (@rest comes behind it), NULL when we are there, or ERR_PTR. */
const char *walk_component(struct nameidata *nd, int flags, const char *rest);

/* lookup_last - the last component, as walk_component. */
const char *lookup_last(struct nameidata *nd);

/* lookup_fast - nd->last from the cache: referenced; NULL: not there; or
 * ERR_PTR.  References are held. */
struct dentry *lookup_fast(struct nameidata *nd);

/* path_lookup_retry - walk all of @name, at first without references; on 0
 * *@out is the caller's.  terminate_walk must follow. */
int path_lookup_retry(struct nameidata *nd, const char *name,
		      unsigned int flags, struct path *out);

static inline bool has_trailing_slash(const struct nameidata *nd)
{
	return nd->last_type == LAST_NORM && nd->last.name[nd->last.len];
}

/* --- namei_lazy.c: nothing is referenced -------------------------------- */

/* lazy_begin - stand where @name begins.  0, or -errno; -ECHILD: not so. */
int lazy_begin(struct nameidata *nd, const char *name);

/* lazy_end - nothing of it is needed any more. */
void lazy_end(struct nameidata *nd);

/* lazy_component - take the component nd->last.  0: we stand there; 1: it has
 * to be taken with references, which we now have; -ENOENT; or -ECHILD. */
int lazy_component(struct nameidata *nd, int flags);

/* lazy_may_lookup - may_lookup where more than a look at the mode is needed;
 * may take references. */
int lazy_may_lookup(struct nameidata *nd);

/* try_to_unlazy - take references to where we stand; what "/" is has to be
 * asked again.  False: too much has changed; terminate_walk and begin again. */
bool try_to_unlazy(struct nameidata *nd);

/* complete_walk - have a reference to where we stand.  0 or -ECHILD. */
int complete_walk(struct nameidata *nd);

/* --- namei_step.c: everything is referenced ------------------------------ */

/* set_path - stand at @dentry of @mnt, both referenced for us. */
void set_path(struct nameidata *nd, struct vfsmount *mnt,
	      struct dentry *dentry);

/* nd_jump_root - go to "/".  0, or -EXDEV by RESOLVE_x; -ECHILD: it has changed
 * since the walk saw it without a reference. */
int nd_jump_root(struct nameidata *nd);

/* step_into - step to @dentry, the child called nd->last (referenced for us):
 * across mounts, through a link if @flags say so.  As walk_component. */
const char *step_into(struct nameidata *nd, struct dentry *dentry, int flags,
		      const char *rest);

/* put_link - the topmost link's text is walked. */
void put_link(struct nameidata *nd);

/* follow_dotdot - "..".  0 or -errno; -ECHILD as nd_jump_root. */
int follow_dotdot(struct nameidata *nd);
