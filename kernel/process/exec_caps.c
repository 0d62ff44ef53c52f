/*
 * exec_caps.c - the ids and capabilities that a program starts with: set-id
 * bits, file capabilities, root's special place, capabilities(7).
 *
 * The formulas, where P is the task before, P' after, F the file:
 *
 *	P'(ambient)     = the file is privileged ? 0 : P(ambient)
 *	P'(permitted)   = (P(inheritable) & F(inheritable)) |
 *			  (F(permitted) & P(bounding)) | P'(ambient)
 *	P'(effective)   = F(effective) ? P'(permitted) : P'(ambient)
 *	P'(inheritable) = P(inheritable)
 *
 * For user 0 both sets of the file are taken as full, and the effective bit
 * as set for effective user 0, unless SECBIT_NOROOT is set.  A task that may
 * not gain anything (no_new_privs, or fs shared with others: bprm->unsafe)
 * keeps to what it had.
 *
 * Entry points: cap_bprm_creds_from_file.
 */
#include <kernel/process/capability.h>

#include <abi/errno.h>
#include <abi/prctl.h>
#include <abi/stat.h>
#include <fs/vfs/file_caps.h>
#include <kernel/base/printk.h>
#include <kernel/process/binfmts.h>

#define PER_CLEAR_ON_SETID                                                     \
	(READ_IMPLIES_EXEC | ADDR_NO_RANDOMIZE | ADDR_COMPAT_LAYOUT |          \
	 MMAP_PAGE_ZERO)

/* What the file brought. */
struct file_grant {
	bool has_caps;	/* it has the attribute */
	bool effective; /* P'(effective) = P'(permitted) */
};

static bool mnt_may_suid(const struct file *file)
{
	return !(file->f_path.mnt->mnt_flags & MNT_NOSUID);
}

/* Set-user-ID and set-group-ID bits, unless the mount or prctl forbids. */
static void bprm_fill_uid(struct linux_binprm *bprm)
{
	struct inode *inode = file_inode(bprm->file);
	umode_t mode = READ_ONCE(inode->i_mode);

	if (!(mode & (S_ISUID | S_ISGID)) || current->no_new_privs ||
	    !mnt_may_suid(bprm->file))
		return;
	if (mode & S_ISUID) {
		bprm->per_clear |= PER_CLEAR_ON_SETID;
		bprm->cred->euid = inode->i_uid;
	}
	/* Without group execute, setgid once meant mandatory locks. */
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)) {
		bprm->per_clear |= PER_CLEAR_ON_SETID;
		bprm->cred->egid = inode->i_gid;
	}
}

/*
 * P'(permitted) as the file's capabilities make it; 0 without any.
 * -EPERM: the program counts on a permitted capability that it cannot have.
 */
static int get_file_caps(struct linux_binprm *bprm, struct file_grant *grant)
{
	struct cred *new = bprm->cred;
	struct cpu_vfs_cap_data caps;
	int err;

	new->cap_permitted = 0;
	if (!mnt_may_suid(bprm->file))
		return 0;
	err = get_vfs_caps_from_disk(bprm->file->f_path.dentry, &caps);
	if (err == -ENODATA)
		return 0;
	if (err == -EINVAL)
		pr_notice("exec: %s: invalid file capabilities\n",
			  bprm->filename);
	if (err)
		return err;
	grant->has_caps = true;
	grant->effective = caps.magic_etc & VFS_CAP_FLAGS_EFFECTIVE;
	new->cap_permitted = (new->cap_bset &caps.permitted) |
			     (new->cap_inheritable &caps.inheritable);
	if (grant->effective && (caps.permitted & ~new->cap_permitted))
		return -EPERM;
	return 0;
}

/* User 0's programs have all file capabilities, securebits permitting. */
static void handle_privileged_root(struct cred *new, const struct cred *old,
				   struct file_grant *grant)
{
	if (old->securebits & SECBIT_NOROOT)
		return;
	/* A set-user-ID-root program with capabilities: those are meant. */
	if (grant->has_caps && new->uid != 0 && new->euid == 0)
		return;
	if (new->euid == 0 || new->uid == 0)
		new->cap_permitted = old->cap_bset | old->cap_inheritable;
	if (new->euid == 0)
		grant->effective = true;
}

/* Nothing is gained: permitted stays inside what was there. */
static void downgrade(struct cred *new, const struct cred *old)
{
	if (!capable(CAP_SETUID) || current->no_new_privs) {
		new->euid = new->uid;
		new->egid = new->gid;
	}
	new->cap_permitted &= old->cap_permitted;
}

static bool is_setid(const struct cred *new, const struct cred *old)
{
	return new->euid != old->uid || new->egid != old->gid;
}

/* cap_bprm_creds_from_file - see capability.h. */
int cap_bprm_creds_from_file(struct linux_binprm *bprm)
{
	const struct cred *old = current_cred();
	struct cred *new = bprm->cred;
	struct file_grant grant = {0};
	bool setid;
	int err;

	bprm_fill_uid(bprm);
	err = get_file_caps(bprm, &grant);
	if (err)
		return err;
	handle_privileged_root(new, old, &grant);
	if (new->cap_permitted & ~old->cap_permitted)
		bprm->per_clear |= PER_CLEAR_ON_SETID;

	setid = is_setid(new, old);
	if (bprm->unsafe &&
	    (setid || (new->cap_permitted & ~old->cap_permitted)))
		downgrade(new, old);
	new->suid = new->euid;
	new->fsuid = new->euid;
	new->sgid = new->egid;
	new->fsgid = new->egid;

	if (grant.has_caps || setid)
		new->cap_ambient = 0;
	new->cap_permitted |= new->cap_ambient;
	new->cap_effective =
		grant.effective ? new->cap_permitted : new->cap_ambient;
	new->securebits &= ~SECBIT_KEEP_CAPS;

	if (setid ||
	    (new->uid != 0 && (grant.effective ||
			       (new->cap_permitted & ~new->cap_ambient) != 0)))
		bprm->secureexec = true;
	return 0;
}
