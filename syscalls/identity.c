/*
 * identity.c - doors: who a process is: ids, groups, sessions, capabilities.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/arch/uaccess.h>
#include <kernel/process/capability.h>
#include <kernel/process/cred.h>
#include <kernel/process/session.h>
#include <kernel/process/task.h>

long sys_getpid(void)
{
	return current->tgid;
}

long sys_gettid(void)
{
	return current->pid;
}

long sys_getppid(void)
{
	return task_ppid_nr(current);
}

long sys_getuid(void)
{
	return current_uid();
}

long sys_geteuid(void)
{
	return current_euid();
}

long sys_getgid(void)
{
	return current_gid();
}

long sys_getegid(void)
{
	return current_egid();
}

long sys_setuid(uid_t uid)
{
	return ksys_setuid(uid);
}

long sys_setgid(gid_t gid)
{
	return ksys_setgid(gid);
}

long sys_setreuid(uid_t ruid, uid_t euid)
{
	return ksys_setreuid(ruid, euid);
}

long sys_setregid(gid_t rgid, gid_t egid)
{
	return ksys_setregid(rgid, egid);
}

long sys_setresuid(uid_t ruid, uid_t euid, uid_t suid)
{
	return ksys_setresuid(ruid, euid, suid);
}

long sys_setresgid(gid_t rgid, gid_t egid, gid_t sgid)
{
	return ksys_setresgid(rgid, egid, sgid);
}

long sys_setfsuid(uid_t uid)
{
	return ksys_setfsuid(uid);
}

long sys_setfsgid(gid_t gid)
{
	return ksys_setfsgid(gid);
}

/* Three ids to three places; the first that cannot be written ends it. */
static long put_ids(u32 __user *r, u32 r_id, u32 __user *e, u32 e_id,
		    u32 __user *s, u32 s_id)
{
	if (put_user(r_id, r) || put_user(e_id, e) || put_user(s_id, s))
		return -EFAULT;
	return 0;
}

long sys_getresuid(uid_t __user *ruid, uid_t __user *euid, uid_t __user *suid)
{
	const struct cred *cred = current_cred();

	return put_ids(ruid, cred->uid, euid, cred->euid, suid, cred->suid);
}

long sys_getresgid(gid_t __user *rgid, gid_t __user *egid, gid_t __user *sgid)
{
	const struct cred *cred = current_cred();

	return put_ids(rgid, cred->gid, egid, cred->egid, sgid, cred->sgid);
}

long sys_getgroups(int gidsetsize, gid_t __user *grouplist)
{
	gid_t *groups;
	long n;

	if (gidsetsize < 0)
		return -EINVAL;
	n = ksys_getgroups(0, NULL);
	if (!gidsetsize || n <= 0)
		return n;
	if (n > gidsetsize)
		return -EINVAL;
	groups = vmalloc((size_t)n * sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	n = ksys_getgroups((int)n, groups);
	if (n > 0 &&
	    copy_to_user(grouplist, groups, (size_t)n * sizeof(*groups)))
		n = -EFAULT;
	vfree(groups);
	return n;
}

long sys_setgroups(int gidsetsize, gid_t __user *grouplist)
{
	gid_t *groups;
	long ret;

	/* setgroups(2): permission is looked at before the number */
	if (!capable(CAP_SETGID))
		return -EPERM;
	if ((unsigned int)gidsetsize > NGROUPS_MAX)
		return -EINVAL;
	if (!gidsetsize)
		return ksys_setgroups(0, NULL);
	groups = vmalloc((size_t)gidsetsize * sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	ret = -EFAULT;
	if (!copy_from_user(groups, grouplist,
			    (size_t)gidsetsize * sizeof(*groups)))
		ret = ksys_setgroups(gidsetsize, groups);
	vfree(groups);
	return ret;
}

long sys_setpgid(pid_t pid, pid_t pgid)
{
	return ksys_setpgid(pid, pgid);
}

long sys_getpgid(pid_t pid)
{
	return ksys_getpgid(pid);
}

long sys_getpgrp(void)
{
	return ksys_getpgid(0);
}

long sys_setsid(void)
{
	return ksys_setsid();
}

long sys_getsid(pid_t pid)
{
	return ksys_getsid(pid);
}

/*
 * Read the header of capget and capset.  For a version we do not know, ours
 * is written back and the call fails; returns the number of 32-bit halves.
 */
static int get_cap_header(struct __user_cap_header_struct __user *uheader,
			  pid_t *pid)
{
	u32 version;

	if (get_user(version, &uheader->version))
		return -EFAULT;
	if (version != _LINUX_CAPABILITY_VERSION_1 &&
	    version != _LINUX_CAPABILITY_VERSION_2 &&
	    version != _LINUX_CAPABILITY_VERSION_3) {
		if (put_user((u32)_LINUX_CAPABILITY_VERSION_3,
			     &uheader->version))
			return -EFAULT;
		return -EINVAL;
	}
	if (get_user(*pid, &uheader->pid))
		return -EFAULT;
	return version == _LINUX_CAPABILITY_VERSION_1 ? 1 : 2;
}

long sys_capget(struct __user_cap_header_struct __user *header,
		struct __user_cap_data_struct __user *dataptr)
{
	struct __user_cap_data_struct data[2];
	struct kernel_cap_sets sets;
	pid_t pid;
	int halves;
	int err;
	int i;

	halves = get_cap_header(header, &pid);
	/* capget(2): NULL data only asks for the version */
	if (!dataptr && (halves > 0 || halves == -EINVAL))
		return 0;
	if (halves < 0)
		return halves;
	if (pid < 0)
		return -EINVAL;
	err = ksys_capget(pid, &sets);
	if (err)
		return err;
	for (i = 0; i < 2; i++) {
		data[i].effective = (u32)(sets.effective >> (32 * i));
		data[i].permitted = (u32)(sets.permitted >> (32 * i));
		data[i].inheritable = (u32)(sets.inheritable >> (32 * i));
	}
	return copy_to_user(dataptr, data, (size_t)halves * sizeof(data[0]))
		       ? -EFAULT
		       : 0;
}

long sys_capset(struct __user_cap_header_struct __user *header,
		const struct __user_cap_data_struct __user *data)
{
	struct __user_cap_data_struct copy[2] = {{0, 0, 0}, {0, 0, 0}};
	struct kernel_cap_sets sets;
	pid_t pid;
	int halves;

	halves = get_cap_header(header, &pid);
	if (halves < 0)
		return halves;
	if (copy_from_user(copy, data, (size_t)halves * sizeof(copy[0])))
		return -EFAULT;
	sets.effective = (u64)copy[1].effective << 32 | copy[0].effective;
	sets.permitted = (u64)copy[1].permitted << 32 | copy[0].permitted;
	sets.inheritable = (u64)copy[1].inheritable << 32 | copy[0].inheritable;
	sets.effective &= CAP_FULL_SET;
	sets.permitted &= CAP_FULL_SET;
	sets.inheritable &= CAP_FULL_SET;
	return ksys_capset(pid, &sets);
}
