/*
 * capability.c - how capabilities change, capabilities(7).
 *
 * By call (capset), by a change of uids (cap_task_fix_setuid) and by prctl;
 * what exec does is in exec_caps.c.
 *
 * Entry points: see capability.h.
 */
#include <kernel/process/capability.h>

#include <abi/errno.h>
#include <abi/prctl.h>
#include <kernel/process/pid.h>

#define issecure(cred, bit) (((cred)->securebits & (bit)) != 0)

#define SECURE_ALL_BITS                                                        \
	(SECBIT_NOROOT | SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS |           \
	 SECBIT_NO_CAP_AMBIENT_RAISE)
#define SECURE_ALL_LOCKS (SECURE_ALL_BITS << 1)

/* What fsuid 0 gives for files. */
#define CAP_FS_SET                                                             \
	(CAP_MASK(CAP_CHOWN) | CAP_MASK(CAP_MKNOD) |                           \
	 CAP_MASK(CAP_DAC_OVERRIDE) | CAP_MASK(CAP_DAC_READ_SEARCH) |          \
	 CAP_MASK(CAP_FOWNER) | CAP_MASK(CAP_FSETID) |                         \
	 CAP_MASK(CAP_LINUX_IMMUTABLE) | CAP_MASK(CAP_MAC_OVERRIDE))

/* ksys_capget - see capability.h. */
int ksys_capget(pid_t pid, struct kernel_cap_sets *sets)
{
	struct task_struct *task;
	const struct cred *cred;

	if (pid < 0)
		return -EINVAL;
	if (pid == 0 || pid == current->pid) {
		cred = get_current_cred();
	} else {
		task = find_get_task_by_vpid(pid);
		if (!task)
			return -ESRCH;
		cred = get_task_cred(task);
		put_task_struct(task);
	}
	sets->effective = cred->cap_effective;
	sets->permitted = cred->cap_permitted;
	sets->inheritable = cred->cap_inheritable;
	put_cred(cred);
	return 0;
}

static int cap_capset_check(const struct cred *old,
			    const struct kernel_cap_sets *sets)
{
	u64 inheritable = old->cap_inheritable;

	/* Inheritable: from permitted, and (SETPCAP) the bounding set. */
	if (!capable(CAP_SETPCAP) &&
	    (sets->inheritable & ~(inheritable | old->cap_permitted)) != 0)
		return -EPERM;
	if ((sets->inheritable & ~(inheritable | old->cap_bset)) != 0)
		return -EPERM;
	if ((sets->permitted & ~old->cap_permitted) != 0)
		return -EPERM;
	if ((sets->effective & ~sets->permitted) != 0)
		return -EPERM;
	return 0;
}

/* ksys_capset - see capability.h. */
int ksys_capset(pid_t pid, const struct kernel_cap_sets *sets)
{
	struct kernel_cap_sets valid;
	struct cred *new;
	int err;

	if (pid != 0 && pid != current->pid)
		return -EPERM;
	valid.effective = sets->effective & CAP_FULL_SET;
	valid.permitted = sets->permitted & CAP_FULL_SET;
	valid.inheritable = sets->inheritable & CAP_FULL_SET;
	err = cap_capset_check(current_cred(), &valid);
	if (err)
		return err;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->cap_effective = valid.effective;
	new->cap_permitted = valid.permitted;
	new->cap_inheritable = valid.inheritable;
	new->cap_ambient &= new->cap_permitted &new->cap_inheritable;
	return commit_creds(new);
}

/* All of a process's uids leave 0: what root had goes. */
static void cap_emulate_setxuid(struct cred *new, const struct cred *old)
{
	bool was_root = old->uid == 0 || old->euid == 0 || old->suid == 0;
	bool is_root = new->uid == 0 || new->euid == 0 || new->suid == 0;

	if (was_root && !is_root) {
		if (!issecure(old, SECBIT_KEEP_CAPS)) {
			new->cap_permitted = 0;
			new->cap_effective = 0;
		}
		new->cap_ambient = 0;
	}
	if (old->euid == 0 && new->euid != 0)
		new->cap_effective = 0;
	if (old->euid != 0 && new->euid == 0)
		new->cap_effective = new->cap_permitted;
}

/* cap_task_fix_setuid - see capability.h. */
void cap_task_fix_setuid(struct cred *new, const struct cred *old, int flags)
{
	if (issecure(old, SECBIT_NO_SETUID_FIXUP))
		return;
	if (flags != LSM_SETID_FS) {
		cap_emulate_setxuid(new, old);
		return;
	}
	if (old->fsuid == 0 && new->fsuid != 0)
		new->cap_effective &= ~CAP_FS_SET;
	if (old->fsuid != 0 && new->fsuid == 0)
		new->cap_effective |= new->cap_permitted &CAP_FS_SET;
}

static long cap_prctl_drop(unsigned long cap)
{
	struct cred *new;

	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->cap_bset &= ~CAP_MASK(cap);
	return commit_creds(new);
}

static long cap_prctl_set_securebits(unsigned long bits)
{
	const struct cred *old = current_cred();
	unsigned int locks = old->securebits & SECURE_ALL_LOCKS;
	struct cred *new;

	/* A locked bit stays, a lock stays, and only known bits. */
	if (((locks >> 1) & (old->securebits ^ bits)) != 0 ||
	    (locks & ~bits) != 0 ||
	    (bits & ~(unsigned long)(SECURE_ALL_LOCKS | SECURE_ALL_BITS)) !=
		    0 ||
	    !capable(CAP_SETPCAP))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->securebits = bits;
	return commit_creds(new);
}

static long cap_prctl_set_keepcaps(unsigned long on)
{
	struct cred *new;

	if (on > 1)
		return -EINVAL;
	if (issecure(current_cred(), SECBIT_KEEP_CAPS_LOCKED))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (on)
		new->securebits |= SECBIT_KEEP_CAPS;
	else
		new->securebits &= ~SECBIT_KEEP_CAPS;
	return commit_creds(new);
}

static long cap_prctl_ambient(unsigned long what, unsigned long cap,
			      unsigned long arg4, unsigned long arg5)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (what == PR_CAP_AMBIENT_CLEAR_ALL ? cap || arg4 || arg5
					     : arg4 || arg5)
		return -EINVAL;
	if (what != PR_CAP_AMBIENT_CLEAR_ALL && cap > CAP_LAST_CAP)
		return -EINVAL;
	if (what == PR_CAP_AMBIENT_IS_SET)
		return old->cap_ambient >> cap & 1;
	if (what != PR_CAP_AMBIENT_RAISE && what != PR_CAP_AMBIENT_LOWER &&
	    what != PR_CAP_AMBIENT_CLEAR_ALL)
		return -EINVAL;
	if (what == PR_CAP_AMBIENT_RAISE &&
	    ((old->cap_permitted & old->cap_inheritable & CAP_MASK(cap)) == 0 ||
	     issecure(old, SECBIT_NO_CAP_AMBIENT_RAISE)))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (what == PR_CAP_AMBIENT_CLEAR_ALL)
		new->cap_ambient = 0;
	else if (what == PR_CAP_AMBIENT_RAISE)
		new->cap_ambient |= CAP_MASK(cap);
	else
		new->cap_ambient &= ~CAP_MASK(cap);
	return commit_creds(new);
}

/* cap_task_prctl - see capability.h. */
long cap_task_prctl(int option, unsigned long arg2, unsigned long arg3,
		    unsigned long arg4, unsigned long arg5)
{
	switch (option) {
	case PR_CAPBSET_READ:
		if (arg2 > CAP_LAST_CAP)
			return -EINVAL;
		return current_cred()->cap_bset >> arg2 & 1;
	case PR_CAPBSET_DROP:
		return cap_prctl_drop(arg2);
	case PR_GET_SECUREBITS:
		return current_cred()->securebits;
	case PR_SET_SECUREBITS:
		return cap_prctl_set_securebits(arg2);
	case PR_GET_KEEPCAPS:
		return issecure(current_cred(), SECBIT_KEEP_CAPS);
	case PR_SET_KEEPCAPS:
		return cap_prctl_set_keepcaps(arg2);
	case PR_CAP_AMBIENT:
		return cap_prctl_ambient(arg2, arg3, arg4, arg5);
	}
	return -ENOSYS;
}
