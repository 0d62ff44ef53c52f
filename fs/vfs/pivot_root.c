/*
 * pivot_root.c - pivot_root(2): another mount becomes the root, and the root is
 * mounted below it.
 *
 * Locks: namespace_sem, from the checks to the move.
 *
 * Entry points: do_pivot_root.
 */
#include <abi/capability.h>
#include <abi/errno.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/fs_struct.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/mount_internal.h>
#include <fs/vfs/namei.h>
#include <kernel/arch/context.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/rwsem.h>

static int pivot_check_locked(const struct path *new, const struct path *old,
			      const struct path *root)
{
	if (!mnt_in_tree(root->mnt) || !mnt_in_tree(new->mnt) ||
	    !mnt_in_tree(old->mnt))
		return -EINVAL;
	if (d_unlinked(new->dentry) || d_unlinked(old->dentry))
		return -ENOENT;
	if (new->mnt == root->mnt || old->mnt == root->mnt)
		return -EBUSY;
	if (root->mnt->mnt_root != root->dentry || !mnt_has_parent(root->mnt))
		return -EINVAL;
	if (new->mnt->mnt_root != new->dentry || !mnt_has_parent(new->mnt))
		return -EINVAL;
	if (!is_path_reachable(old, new) || !is_path_reachable(new, root))
		return -EINVAL;
	return 0;
}

/*
 * Put the root mount on @old and @new where the root was.  On 0, @moves has the
 * two places that they left, whose references are the caller's to put.
 */
static int pivot_locked(const struct path *new, struct path *old,
			const struct path *root, struct mnt_move *moves)
{
	int err;

	(void)follow_down_mounts(old);
	err = pivot_check_locked(new, old, root);
	if (err)
		return err;
	moves[0].mnt = root->mnt;
	moves[0].where = *old;
	moves[1].mnt = new->mnt;
	moves[1].where.mnt = root->mnt->mnt_parent;
	moves[1].where.dentry = root->mnt->mnt_mountpoint;
	return move_mnts(moves, 2);
}

/*
 * do_pivot_root - see mount.h.
 */
int do_pivot_root(const char *new_root, const char *put_old)
{
	struct mnt_move moves[2];
	struct path new, old, root;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = kern_path(new_root, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &new);
	if (err)
		return err;
	err = kern_path(put_old, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &old);
	if (err)
		goto put_new;
	get_fs_root(current->fs, &root);
	down_write(&namespace_sem);
	err = pivot_locked(&new, &old, &root, moves);
	if (!err)
		mounts_changed();
	up_write(&namespace_sem);
	if (!err) {
		chroot_fs_refs(&root, &new);
		path_put(&moves[0].where);
		path_put(&moves[1].where);
	}
	path_put(&root);
	path_put(&old);
put_new:
	path_put(&new);
	return err;
}
