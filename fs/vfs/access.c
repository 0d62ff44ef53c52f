/*
 * access.c - access(2) and its kin: would opening be allowed?
 *
 * They ask for the real user, who started a set-user-ID program, so a path is
 * walked and judged with credentials made for that, unless the task's own say
 * the same.
 *
 * Entry points: do_faccessat.
 */
#include <abi/capability.h>
#include <abi/errno.h>
#include <abi/prctl.h>
#include <fs/vfs/attr.h>
#include <fs/vfs/mount.h>
#include <fs/vfs/namei.h>
#include <fs/vfs/permission.h>
#include <kernel/arch/context.h>
#include <kernel/sched/cred.h>

/* access(2) asks for the real user: *@tmp is what to act as, or NULL where
 * the task's own credentials already say the same. */
static int access_creds(struct cred **tmp)
{
	const struct cred *own = current_cred();
	u64 caps = own->uid == 0 ? own->cap_permitted : 0;
	struct cred *cred;

	*tmp = NULL;
	if (own->securebits & SECBIT_NO_SETUID_FIXUP)
		caps = own->cap_effective;
	if (own->fsuid == own->uid && own->fsgid == own->gid &&
	    own->cap_effective == caps)
		return 0;
	cred = prepare_creds();
	if (!cred)
		return -ENOMEM;
	cred->fsuid = cred->uid;
	cred->fsgid = cred->gid;
	cred->cap_effective = caps;
	*tmp = cred;
	return 0;
}

static int access_path(const struct path *path, int mode)
{
	umode_t type = path->dentry->d_inode->i_mode & S_IFMT;
	int err = path_permission(path, mode | MAY_ACCESS);

	if (err || !(mode & MAY_WRITE))
		return err;
	if (type != S_IFREG && type != S_IFDIR && type != S_IFLNK)
		return 0;
	return mnt_is_readonly(path->mnt) ? -EROFS : 0;
}

/*
 * do_faccessat - see attr.h.
 */
int do_faccessat(int dfd, const char *name, int mode, int flags)
{
	unsigned int lookup = LOOKUP_FOLLOW;
	const struct cred *old = NULL;
	struct cred *tmp = NULL;
	struct path path;
	int err;

	if (mode & ~S_IRWXO)
		return -EINVAL;
	if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_SYMLINK_NOFOLLOW)
		lookup &= ~LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	if (!(flags & AT_EACCESS)) {
		err = access_creds(&tmp);
		if (err)
			return err;
	}
	if (tmp)
		old = override_creds(tmp);
	err = user_path_at(dfd, name, lookup, &path);
	if (!err) {
		err = access_path(&path, mode);
		path_put(&path);
	}
	if (tmp) {
		revert_creds(old);
		abort_creds(tmp);
	}
	return err;
}
