/*
 * ptrace.c - who may look into another process, ptrace(2), proc(5).
 *
 * Entry points: ptrace_may_access.
 */
#include <kernel/process/ptrace.h>

#include <kernel/process/task.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/dumpable.h>

/* All of the target's ids are the caller's, and so are its capabilities. */
static bool ptrace_creds_match(const struct cred *target, unsigned int mode)
{
	const struct cred *cred = current_cred();
	bool fs = mode & PTRACE_MODE_FSCREDS;
	uid_t uid = fs ? cred->fsuid : cred->uid;
	gid_t gid = fs ? cred->fsgid : cred->gid;
	u64 caps = fs ? cred->cap_effective : cred->cap_permitted;

	return uid == target->euid && uid == target->suid &&
	       uid == target->uid && gid == target->egid &&
	       gid == target->sgid && gid == target->gid &&
	       (target->cap_permitted & ~caps) == 0;
}

/* ptrace_may_access - see ptrace.h. */
bool ptrace_may_access(struct task_struct *task, unsigned int mode)
{
	const struct cred *cred;
	bool match;
	bool dumpable = true;

	if (same_thread_group(task, current))
		return true;
	cred = get_task_cred(task);
	match = ptrace_creds_match(cred, mode);
	put_cred(cred);
	task_lock(task);
	if (task->mm)
		dumpable = get_dumpable(task->mm) == SUID_DUMP_USER;
	task_unlock(task);
	return (match && dumpable) || capable(CAP_SYS_PTRACE);
}
