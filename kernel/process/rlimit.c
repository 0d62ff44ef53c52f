/*
 * rlimit.c - prlimit(2).
 *
 * Entry points: do_prlimit, ksys_prlimit64.
 */
#include <kernel/process/rlimit.h>

#include <abi/errno.h>
#include <fs/vfs/file_table.h>
#include <kernel/process/cpu_timer.h>
#include <kernel/process/internal.h>
#include <kernel/sched/cred.h>

static int do_prlimit_locked(struct task_struct *task, unsigned int resource,
			     const struct rlimit64 *new, struct rlimit64 *old)
{
	struct rlimit64 *rlim = &task->signal->rlim[resource];

	if (new &&new->rlim_max > rlim->rlim_max && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (old)
		*old = *rlim;
	if (new) {
		WRITE_ONCE(rlim->rlim_cur, new->rlim_cur);
		WRITE_ONCE(rlim->rlim_max, new->rlim_max);
	}
	return 0;
}

/* do_prlimit - see rlimit.h.  Takes @task's alloc_lock. */
int do_prlimit(struct task_struct *task, unsigned int resource,
	       const struct rlimit64 *new, struct rlimit64 *old)
{
	int err;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (new &&new->rlim_cur > new->rlim_max)
		return -EINVAL;
	if (new &&resource == RLIMIT_NOFILE &&new->rlim_max > NR_OPEN_MAX)
		return -EPERM;
	task_lock(task->group_leader);
	err = do_prlimit_locked(task, resource, new, old);
	task_unlock(task->group_leader);
	if (!err && new &&resource == RLIMIT_CPU)
		cpu_timers_recheck(task->signal);
	return err;
}

/* prlimit(2): same ids all round, or CAP_SYS_RESOURCE. */
static bool may_prlimit(struct task_struct *task)
{
	const struct cred *cred = current_cred();
	const struct cred *tcred;
	bool same;

	if (task == current)
		return true;
	tcred = get_task_cred(task);
	same = cred->uid == tcred->euid && cred->uid == tcred->suid &&
	       cred->uid == tcred->uid && cred->gid == tcred->egid &&
	       cred->gid == tcred->sgid && cred->gid == tcred->gid;
	put_cred(tcred);
	return same || capable(CAP_SYS_RESOURCE);
}

/* ksys_prlimit64 - see rlimit.h. */
int ksys_prlimit64(pid_t pid, unsigned int resource, const struct rlimit64 *new,
		   struct rlimit64 *old)
{
	struct task_struct *task = current;
	int err = -EPERM;

	if (pid == 0)
		return do_prlimit(current, resource, new, old);
	task = find_get_task_by_vpid(pid);
	if (!task)
		return -ESRCH;
	if (may_prlimit(task))
		err = do_prlimit(task, resource, new, old);
	put_task_struct(task);
	return err;
}
