/*
 * cred.c - the calls that change ids: setuid(2) and kin, credentials(7).
 *
 * Each one checks against the old credentials, edits a copy and commits it.
 * What a change of uids does to capabilities is cap_task_fix_setuid()'s
 * (capability.c).  PF_NPROC_EXCEEDED lets the exec after a setuid fail, as a
 * setuid itself must not, setrlimit(2) RLIMIT_NPROC.
 *
 * Entry points: ksys_setuid ... ksys_setgroups, copy_creds, exit_creds,
 * prepare_exec_creds.
 */
#include <kernel/process/cred.h>

#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/prctl.h>
#include <kernel/lib/string.h>
#include <kernel/process/capability.h>
#include <kernel/process/task.h>
#include <kernel/sched/rlimit.h>

#define NO_ID ((uid_t)-1)

/* cred_set_user - @new's real uid has changed: count in that user's. */
static int cred_set_user(struct cred *new)
{
	struct user_struct *user = alloc_uid(new->uid);

	if (!user)
		return -EAGAIN;
	free_uid(new->user);
	new->user = user;

	if ((unsigned int)atomic_read(&user->processes) >
		    rlimit(RLIMIT_NPROC) &&
	    user != &root_user)
		current->flags |= PF_NPROC_EXCEEDED;
	else
		current->flags &= ~PF_NPROC_EXCEEDED;
	return 0;
}

/* cred_commit_uids - finish a change of uids: user, capabilities, publish. */
static long cred_commit_uids(struct cred *new, int lsm_flags)
{
	const struct cred *old = current_cred();

	if (new->uid != old->uid) {
		int err = cred_set_user(new);

		if (err) {
			abort_creds(new);
			return err;
		}
	}
	cap_task_fix_setuid(new, old, lsm_flags);
	return commit_creds(new);
}

/* ksys_setuid - setuid(2). */
long ksys_setuid(uid_t uid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (uid == NO_ID)
		return -EINVAL;
	if (!capable(CAP_SETUID) && uid != old->uid && uid != old->suid)
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (cred_capable(old, CAP_SETUID)) {
		new->suid = uid;
		new->uid = uid;
	}
	new->euid = uid;
	new->fsuid = uid;
	return cred_commit_uids(new, LSM_SETID_ID);
}

/* ksys_setgid - setgid(2). */
long ksys_setgid(gid_t gid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (gid == NO_ID)
		return -EINVAL;
	if (!capable(CAP_SETGID) && gid != old->gid && gid != old->sgid)
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (cred_capable(old, CAP_SETGID)) {
		new->gid = gid;
		new->sgid = gid;
	}
	new->egid = gid;
	new->fsgid = gid;
	return commit_creds(new);
}

/* ksys_setreuid - setreuid(2). */
long ksys_setreuid(uid_t ruid, uid_t euid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (ruid != NO_ID && ruid != old->uid && ruid != old->euid &&
	    !capable(CAP_SETUID))
		return -EPERM;
	if (euid != NO_ID && euid != old->uid && euid != old->euid &&
	    euid != old->suid && !capable(CAP_SETUID))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (ruid != NO_ID)
		new->uid = ruid;
	if (euid != NO_ID)
		new->euid = euid;
	if (ruid != NO_ID || (euid != NO_ID && euid != old->uid))
		new->suid = new->euid;
	new->fsuid = new->euid;
	return cred_commit_uids(new, LSM_SETID_RE);
}

/* ksys_setregid - setregid(2). */
long ksys_setregid(gid_t rgid, gid_t egid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (rgid != NO_ID && rgid != old->gid && rgid != old->egid &&
	    !capable(CAP_SETGID))
		return -EPERM;
	if (egid != NO_ID && egid != old->gid && egid != old->egid &&
	    egid != old->sgid && !capable(CAP_SETGID))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (rgid != NO_ID)
		new->gid = rgid;
	if (egid != NO_ID)
		new->egid = egid;
	if (rgid != NO_ID || (egid != NO_ID && egid != old->gid))
		new->sgid = new->egid;
	new->fsgid = new->egid;
	return commit_creds(new);
}

static bool uid_is_own(const struct cred *cred, uid_t uid)
{
	return uid == NO_ID || uid == cred->uid || uid == cred->euid ||
	       uid == cred->suid;
}

static bool gid_is_own(const struct cred *cred, gid_t gid)
{
	return gid == NO_ID || gid == cred->gid || gid == cred->egid ||
	       gid == cred->sgid;
}

/* ksys_setresuid - setresuid(2). */
long ksys_setresuid(uid_t ruid, uid_t euid, uid_t suid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	/* What changes nothing leaves fsuid alone too. */
	if ((ruid == NO_ID || ruid == old->uid) &&
	    (euid == NO_ID || (euid == old->euid && euid == old->fsuid)) &&
	    (suid == NO_ID || suid == old->suid))
		return 0;
	if ((!uid_is_own(old, ruid) || !uid_is_own(old, euid) ||
	     !uid_is_own(old, suid)) &&
	    !capable(CAP_SETUID))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (ruid != NO_ID)
		new->uid = ruid;
	if (euid != NO_ID)
		new->euid = euid;
	if (suid != NO_ID)
		new->suid = suid;
	new->fsuid = new->euid;
	return cred_commit_uids(new, LSM_SETID_RES);
}

/* ksys_setresgid - setresgid(2). */
long ksys_setresgid(gid_t rgid, gid_t egid, gid_t sgid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if ((rgid == NO_ID || rgid == old->gid) &&
	    (egid == NO_ID || (egid == old->egid && egid == old->fsgid)) &&
	    (sgid == NO_ID || sgid == old->sgid))
		return 0;
	if ((!gid_is_own(old, rgid) || !gid_is_own(old, egid) ||
	     !gid_is_own(old, sgid)) &&
	    !capable(CAP_SETGID))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (rgid != NO_ID)
		new->gid = rgid;
	if (egid != NO_ID)
		new->egid = egid;
	if (sgid != NO_ID)
		new->sgid = sgid;
	new->fsgid = new->egid;
	return commit_creds(new);
}

/* ksys_setfsuid - setfsuid(2): the old fsuid, whatever happens. */
long ksys_setfsuid(uid_t uid)
{
	const struct cred *old = current_cred();
	uid_t old_fsuid = old->fsuid;
	struct cred *new;

	if (uid == NO_ID || uid == old_fsuid)
		return old_fsuid;
	if (!uid_is_own(old, uid) && !capable(CAP_SETUID))
		return old_fsuid;
	new = prepare_creds();
	if (!new)
		return old_fsuid;
	new->fsuid = uid;
	cap_task_fix_setuid(new, old, LSM_SETID_FS);
	(void)commit_creds(new);
	return old_fsuid;
}

/* ksys_setfsgid - setfsgid(2): the old fsgid, whatever happens. */
long ksys_setfsgid(gid_t gid)
{
	const struct cred *old = current_cred();
	gid_t old_fsgid = old->fsgid;
	struct cred *new;

	if (gid == NO_ID || gid == old_fsgid)
		return old_fsgid;
	if (!gid_is_own(old, gid) && !capable(CAP_SETGID))
		return old_fsgid;
	new = prepare_creds();
	if (!new)
		return old_fsgid;
	new->fsgid = gid;
	(void)commit_creds(new);
	return old_fsgid;
}

/* ksys_setgroups - setgroups(2); @groups is in the kernel. */
long ksys_setgroups(int n, const gid_t *groups)
{
	struct group_info *group_info;
	struct cred *new;
	int i;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if ((unsigned int)n > NGROUPS_MAX)
		return -EINVAL;
	for (i = 0; i < n; i++)
		if (groups[i] == (gid_t)NO_ID)
			return -EINVAL;
	group_info = groups_alloc(n);
	if (!group_info)
		return -ENOMEM;
	memcpy(group_info->gid, groups, n * sizeof(gid_t));
	groups_sort(group_info);
	new = prepare_creds();
	if (!new) {
		put_group_info(group_info);
		return -ENOMEM;
	}
	set_groups(new, group_info);
	put_group_info(group_info);
	return commit_creds(new);
}

/* ksys_getgroups - getgroups(2); @groups is in the kernel. */
long ksys_getgroups(int n, gid_t *groups)
{
	const struct group_info *group_info = current_cred()->group_info;

	if (n < 0)
		return -EINVAL;
	if (n == 0)
		return group_info->ngroups;
	if (group_info->ngroups > n)
		return -EINVAL;
	memcpy(groups, group_info->gid, group_info->ngroups * sizeof(gid_t));
	return group_info->ngroups;
}

/*
 * copy_creds - fork: the child shares the parent's credentials and counts for
 * its user.  Returns 0.
 */
int copy_creds(u64 clone_flags, struct task_struct *child)
{
	(void)clone_flags;
	/* An override (faccessat) is the caller's own affair. */
	child->real_cred = get_cred(current->real_cred);
	child->cred = get_cred(child->real_cred);
	atomic_inc(&child->real_cred->user->processes);
	return 0;
}

/* exit_creds - the last reference to @task is gone; it holds none any more. */
void exit_creds(struct task_struct *task)
{
	drop_cred_stock(task);
	put_cred(task->cred);
	put_cred(task->real_cred);
	task->cred = NULL;
	task->real_cred = NULL;
}

/* prepare_exec_creds - suid and fsuid follow euid in a new program. */
struct cred *prepare_exec_creds(void)
{
	struct cred *new = prepare_creds();

	if (!new)
		return NULL;
	new->suid = new->euid;
	new->fsuid = new->euid;
	new->sgid = new->egid;
	new->fsgid = new->egid;
	return new;
}
