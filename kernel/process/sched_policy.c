/*
 * sched_policy.c - who may change how a task is scheduled.
 *
 * The rules of sched(7): the owner may make things worse for a task, and
 * better within RLIMIT_NICE and RLIMIT_RTPRIO; CAP_SYS_NICE may do all.
 * A task is found under tasklist_lock and held by a reference.
 *
 * Entry points: ksys_setpriority, ksys_getpriority, ksys_sched_*.
 */
#include <kernel/process/sched_policy.h>

#include <abi/errno.h>
#include <kernel/lib/macros.h>
#include <kernel/process/futex.h>
#include <kernel/process/pid.h>
#include <kernel/process/task.h>
#include <kernel/sched/affinity.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/priority.h>
#include <kernel/sched/rlimit.h>

#define RESET_ON_FORK 0x40000000

/* The task numbered @pid (0: current) with a reference, or NULL. */
static struct task_struct *get_task(pid_t pid)
{
	return pid ? find_get_task_by_vpid(pid) : get_task_struct(current);
}

/* Is @task current's by its effective user? */
static bool same_owner(struct task_struct *task)
{
	const struct cred *theirs = get_task_cred(task);
	uid_t euid = current_euid();
	bool same = euid == theirs->euid || euid == theirs->uid;

	put_cred(theirs);
	return same;
}

/* May @task have nice level @nice?  RLIMIT_NICE counts 1 (19) to 40 (-20). */
static bool can_nice(struct task_struct *task, int nice)
{
	unsigned long wanted = (unsigned long)(20 - nice);

	return wanted <= task_rlimit(task, RLIMIT_NICE) ||
	       capable(CAP_SYS_NICE);
}

/* capabilities(7): who may more than current is not for it to schedule. */
static bool cap_safe_nice(struct task_struct *task)
{
	const struct cred *theirs = get_task_cred(task);
	bool subset = !(theirs->cap_permitted & ~current_cred()->cap_permitted);

	put_cred(theirs);
	return subset || capable(CAP_SYS_NICE);
}

/* ---- nice levels of one or many ---- */

/* Called for each task meant; folds its result into @sum. */
typedef int (*prio_fn)(struct task_struct *task, int nice, int sum);

static int set_one(struct task_struct *task, int nice, int sum)
{
	if (!same_owner(task) && !capable(CAP_SYS_NICE))
		return -EPERM;
	if (nice < task_nice(task) && !can_nice(task, nice))
		return -EACCES;
	if (!cap_safe_nice(task))
		return -EPERM;
	set_user_nice(task, nice);
	return sum == -ESRCH ? 0 : sum;
}

static int get_one(struct task_struct *task, int unused, int sum)
{
	(void)unused;
	return max(sum, 20 - task_nice(task));
}

/* Every thread of user @uid; tasklist_lock held. */
static int each_of_user(uid_t uid, prio_fn fn, int nice, int sum)
{
	struct task_struct *leader;
	struct task_struct *task;

	for_each_process (leader) {
		for_each_thread (leader, task) {
			if (task_uid(task) == uid && task->pid)
				sum = fn(task, nice, sum);
		}
	}
	return sum;
}

/* Every thread of the processes in group @pgid; tasklist_lock held. */
static int each_of_group(pid_t pgid, prio_fn fn, int nice, int sum)
{
	struct pid *pgrp = pgid ? find_vpid(pgid) : task_pgrp(current);
	struct task_struct *leader;
	struct task_struct *task;

	if (!pgrp)
		return sum;
	do_each_pid_task (pgrp, PIDTYPE_PGID, leader) {
		for_each_thread (leader, task)
			sum = fn(task, nice, sum);
	}
	return sum;
}

/* getpriority(2): one thread, a group, or all of a user. */
static int each_meant(int which, int who, prio_fn fn, int nice)
{
	struct task_struct *task;
	int sum = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	spin_lock_irq(&tasklist_lock);
	switch (which) {
	case PRIO_PROCESS:
		task = who ? find_task_by_vpid(who) : current;
		if (task)
			sum = fn(task, nice, sum);
		break;
	case PRIO_PGRP:
		sum = each_of_group(who, fn, nice, sum);
		break;
	default:
		sum = each_of_user(who ? (uid_t)who : current_uid(), fn, nice,
				   sum);
		break;
	}
	spin_unlock_irq(&tasklist_lock);
	return sum;
}

int ksys_setpriority(int which, int who, int nice)
{
	return each_meant(which, who, set_one, clamp(nice, MIN_NICE, MAX_NICE));
}

int ksys_getpriority(int which, int who)
{
	return each_meant(which, who, get_one, 0);
}

/* ---- policies ---- */

/* Is there such a policy, and does the priority fit it? */
static bool attr_valid(const struct sched_attr *attr)
{
	int policy = (int)attr->sched_policy;

	if (rt_policy((unsigned int)policy))
		return attr->sched_priority >= 1 && attr->sched_priority <= 99;
	return fair_policy((unsigned int)policy) && !attr->sched_priority;
}

/* sched(7): what CAP_SYS_NICE is not needed for. */
static bool may_set(struct task_struct *task, const struct sched_attr *attr,
		    bool reset_on_fork)
{
	unsigned int policy = attr->sched_policy;
	unsigned long rtprio = task_rlimit(task, RLIMIT_RTPRIO);

	if (nice_policy(policy) && attr->sched_nice < task_nice(task) &&
	    !can_nice(task, attr->sched_nice))
		return false;
	if (rt_policy(policy)) {
		if (policy != task->policy && !rtprio)
			return false;
		if (attr->sched_priority > task->rt_priority &&
		    attr->sched_priority > rtprio)
			return false;
	}
	if (task->policy == SCHED_IDLE && policy != SCHED_IDLE &&
	    !can_nice(task, task_nice(task)))
		return false;
	if (!same_owner(task))
		return false;
	return !task->sched_reset_on_fork || reset_on_fork;
}

/* Check and set; @attr->sched_policy is a real one by now. */
static int set_attr(struct task_struct *task, struct sched_attr *attr)
{
	bool reset = attr->sched_flags & SCHED_FLAG_RESET_ON_FORK;
	int err;

	if (!attr_valid(attr) ||
	    (attr->sched_flags &
	     ~(u64)(SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_KEEP_ALL)))
		return -EINVAL;
	if (!may_set(task, attr, reset) && !capable(CAP_SYS_NICE))
		return -EPERM;
	if (!cap_safe_nice(task))
		return -EPERM;
	err = sched_setattr(task, attr);
	pi_priority_changed(task);
	return err;
}

int ksys_sched_setscheduler(pid_t pid, int policy,
			    const struct sched_param *param)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_priority = (u32)param->sched_priority,
	};
	struct task_struct *task = get_task(pid);
	int err;

	if (!task)
		return -ESRCH;
	if (policy == SETPARAM_POLICY) {
		policy = (int)task->policy;
		if (task->sched_reset_on_fork)
			policy |= RESET_ON_FORK;
	}
	if (policy & RESET_ON_FORK)
		attr.sched_flags |= SCHED_FLAG_RESET_ON_FORK;
	attr.sched_policy = (u32)(policy & ~RESET_ON_FORK);
	attr.sched_nice = task_nice(task);
	err = set_attr(task, &attr);
	put_task_struct(task);
	return err;
}

int ksys_sched_getscheduler(pid_t pid)
{
	struct task_struct *task = get_task(pid);
	int policy;

	if (!task)
		return -ESRCH;
	policy = (int)task->policy;
	if (task->sched_reset_on_fork)
		policy |= RESET_ON_FORK;
	put_task_struct(task);
	return policy;
}

int ksys_sched_getparam(pid_t pid, struct sched_param *param)
{
	struct task_struct *task = get_task(pid);

	if (!task)
		return -ESRCH;
	param->sched_priority = (int)task->rt_priority;
	put_task_struct(task);
	return 0;
}

int ksys_sched_setattr(pid_t pid, struct sched_attr *attr)
{
	struct task_struct *task = get_task(pid);
	struct sched_attr now;
	int err;

	if (!task)
		return -ESRCH;
	sched_getattr(task, &now);
	if (attr->sched_flags & SCHED_FLAG_KEEP_POLICY)
		attr->sched_policy = now.sched_policy;
	/* What its policy has no use for stays as given, and may be wrong. */
	if (attr->sched_flags & SCHED_FLAG_KEEP_PARAMS) {
		if (now.sched_priority)
			attr->sched_priority = now.sched_priority;
		else
			attr->sched_nice = now.sched_nice;
	}
	err = set_attr(task, attr);
	put_task_struct(task);
	return err;
}

int ksys_sched_getattr(pid_t pid, struct sched_attr *attr)
{
	struct task_struct *task = get_task(pid);

	if (!task)
		return -ESRCH;
	sched_getattr(task, attr);
	put_task_struct(task);
	return 0;
}

int ksys_sched_rr_get_interval(pid_t pid, u64 *ns)
{
	struct task_struct *task = get_task(pid);

	if (!task)
		return -ESRCH;
	*ns = sched_rr_get_interval_ns(task);
	put_task_struct(task);
	return 0;
}

/* ---- affinity ---- */

int ksys_sched_setaffinity(pid_t pid, u64 mask)
{
	struct task_struct *task = get_task(pid);
	int err = -EPERM;

	if (!task)
		return -ESRCH;
	if ((same_owner(task) || capable(CAP_SYS_NICE)) && cap_safe_nice(task))
		err = sched_setaffinity(task, mask);
	put_task_struct(task);
	return err;
}

int ksys_sched_getaffinity(pid_t pid, u64 *mask)
{
	struct task_struct *task = get_task(pid);

	if (!task)
		return -ESRCH;
	*mask = sched_getaffinity(task);
	put_task_struct(task);
	return 0;
}
