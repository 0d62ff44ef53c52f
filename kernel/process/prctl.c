/*
 * prctl.c - prctl(2), personality(2).
 *
 * Options of features that are not there answer as a Linux built without them:
 * -EINVAL.
 *
 * Entry points: ksys_prctl, ksys_personality.
 */
#include <kernel/process/prctl.h>

#include <abi/errno.h>
#include <abi/prctl.h>
#include <kernel/arch/context.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/uaccess.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/process/capability.h>
#include <kernel/process/internal.h>
#include <kernel/process/syscall_user_dispatch.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/dumpable.h>
#include <kernel/sched/priority.h>

static long prctl_set_name(const char __user *user)
{
	char name[TASK_COMM_LEN];

	name[sizeof(name) - 1] = '\0';
	if (strncpy_from_user(name, user, sizeof(name) - 1) < 0)
		return -EFAULT;
	set_task_comm(current, name);
	return 0;
}

static long prctl_get_name(char __user *user)
{
	char name[TASK_COMM_LEN];

	get_task_comm(name, current);
	return copy_to_user(user, name, sizeof(name)) ? -EFAULT : 0;
}

static bool is_descendant(const struct task_struct *task,
			  const struct task_struct *ancestor)
{
	for (; task != &init_task; task = task->real_parent) {
		if (same_thread_group(task, ancestor))
			return true;
	}
	return false;
}

/* Every living descendant will look for a subreaper when it is orphaned. */
static long prctl_set_subreaper(bool on)
{
	struct task_struct *task;

	spin_lock_irq(&tasklist_lock);
	current->signal->is_child_subreaper = on;
	if (on) {
		for_each_process (task) {
			if (!same_thread_group(task, current) &&
			    is_descendant(task->real_parent, current))
				task->signal->has_child_subreaper = true;
		}
	}
	spin_unlock_irq(&tasklist_lock);
	return 0;
}

static long prctl_set_dumpable(unsigned long value)
{
	if (value != SUID_DUMP_DISABLE && value != SUID_DUMP_USER)
		return -EINVAL;
	set_dumpable(current->mm, value);
	return 0;
}

static long prctl_set_timerslack(unsigned long ns)
{
	set_timer_slack(current, ns);
	return 0;
}

/* What is done to the process when a page of its memory goes bad. */
static long prctl_mce_kill(unsigned long what, unsigned long policy)
{
	if (what == PR_MCE_KILL_CLEAR) {
		if (policy != 0)
			return -EINVAL;
		current->flags &= ~PF_MCE_PROCESS;
		return 0;
	}
	if (what != PR_MCE_KILL_SET || policy > PR_MCE_KILL_DEFAULT)
		return -EINVAL;
	current->flags |= PF_MCE_PROCESS;
	if (policy == PR_MCE_KILL_EARLY)
		current->flags |= PF_MCE_EARLY;
	else if (policy == PR_MCE_KILL_LATE)
		current->flags &= ~PF_MCE_EARLY;
	else
		current->flags &= ~(PF_MCE_EARLY | PF_MCE_PROCESS);
	return 0;
}

static long prctl_mce_kill_get(void)
{
	if (!(current->flags & PF_MCE_PROCESS))
		return PR_MCE_KILL_DEFAULT;
	return current->flags & PF_MCE_EARLY ? PR_MCE_KILL_EARLY
					     : PR_MCE_KILL_LATE;
}

/* Huge pages are not made for anybody; the wish is kept for children. */
static long prctl_set_thp_disable(bool disable)
{
	struct mm_struct *mm = current->mm;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if (disable)
		set_bit(MMF_DISABLE_THP, &mm->flags);
	else
		clear_bit(MMF_DISABLE_THP, &mm->flags);
	mmap_write_unlock(mm);
	return 0;
}

/*
 * PR_SET_IO_FLUSHER: writes for others (a file system, a disk) and must not
 * wait for them when it wants memory.
 */
static long prctl_io_flusher(int option, unsigned long arg2, unsigned long arg3,
			     unsigned long arg4, unsigned long arg5)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (arg3 || arg4 || arg5)
		return -EINVAL;
	if (option == PR_GET_IO_FLUSHER) {
		if (arg2)
			return -EINVAL;
		return (current->flags & PF_IO_FLUSHER) == PF_IO_FLUSHER;
	}
	if (arg2 > 1)
		return -EINVAL;
	if (arg2)
		current->flags |= PF_IO_FLUSHER;
	else
		current->flags &= ~PF_IO_FLUSHER;
	return 0;
}

static long prctl_no_new_privs(int option, unsigned long arg2,
			       unsigned long arg3, unsigned long arg4,
			       unsigned long arg5)
{
	if (option == PR_GET_NO_NEW_PRIVS) {
		if (arg2 || arg3 || arg4 || arg5)
			return -EINVAL;
		return current->no_new_privs;
	}
	if (arg2 != 1 || arg3 || arg4 || arg5)
		return -EINVAL;
	current->no_new_privs = true;
	return 0;
}

static long prctl_set_tsc(unsigned long mode)
{
	if (mode != PR_TSC_ENABLE && mode != PR_TSC_SIGSEGV)
		return -EINVAL;
	set_tsc_allowed(mode == PR_TSC_ENABLE);
	return 0;
}

/* What may be done about speculation: nothing is mitigated here, as on a Linux
 * told so. */
static long prctl_get_speculation(unsigned long which)
{
	switch (which) {
	case PR_SPEC_STORE_BYPASS:
		return cpu_bypasses_stores() ? (long)PR_SPEC_ENABLE
					     : PR_SPEC_NOT_AFFECTED;
	case PR_SPEC_INDIRECT_BRANCH:
		return (long)PR_SPEC_ENABLE;
	case PR_SPEC_L1D_FLUSH:
		return (long)PR_SPEC_FORCE_DISABLE;
	default:
		return -ENODEV;
	}
}

static long prctl_set_speculation(unsigned long which, unsigned long how)
{
	switch (which) {
	case PR_SPEC_STORE_BYPASS:
		return -ENXIO;
	case PR_SPEC_INDIRECT_BRANCH:
		if (how == PR_SPEC_ENABLE)
			return 0;
		return how == PR_SPEC_DISABLE || how == PR_SPEC_FORCE_DISABLE
			       ? -EPERM
			       : -ERANGE;
	case PR_SPEC_L1D_FLUSH:
		return -EPERM;
	default:
		return -ENODEV;
	}
}

/* ksys_prctl - see prctl.h. */
long ksys_prctl(int option, unsigned long arg2, unsigned long arg3,
		unsigned long arg4, unsigned long arg5)
{
	long ret = cap_task_prctl(option, arg2, arg3, arg4, arg5);

	if (ret != -ENOSYS)
		return ret;
	switch (option) {
	case PR_SET_PDEATHSIG:
		if (!valid_signal(arg2))
			return -EINVAL;
		current->pdeath_signal = (int)arg2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(current->pdeath_signal, (int __user *)arg2);
	case PR_GET_DUMPABLE:
		return (long)get_dumpable(current->mm);
	case PR_SET_DUMPABLE:
		return prctl_set_dumpable(arg2);
	case PR_GET_TIMING:
		return PR_TIMING_STATISTICAL;
	case PR_SET_TIMING:
		return arg2 == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
	case PR_SET_TSC:
		return prctl_set_tsc(arg2);
	case PR_GET_TSC:
		return put_user(tsc_allowed() ? PR_TSC_ENABLE : PR_TSC_SIGSEGV,
				(int __user *)arg2);
	case PR_SET_MM:
		return prctl_set_mm((int)arg2, arg3, arg4, arg5);
	case PR_GET_SPECULATION_CTRL:
		return arg3 || arg4 || arg5 ? -EINVAL
					    : prctl_get_speculation(arg2);
	case PR_SET_SPECULATION_CTRL:
		return arg4 || arg5 ? -EINVAL
				    : prctl_set_speculation(arg2, arg3);
	case PR_SET_NAME:
		return prctl_set_name((const char __user *)arg2);
	case PR_GET_NAME:
		return prctl_get_name((char __user *)arg2);
	case PR_SET_TIMERSLACK:
		return prctl_set_timerslack(arg2);
	case PR_GET_TIMERSLACK:
		return (long)current->timer_slack_ns;
	case PR_GET_TID_ADDRESS:
		return put_user(current->clear_child_tid,
				(int __user *__user *)arg2);
	case PR_SET_CHILD_SUBREAPER:
		return prctl_set_subreaper(arg2 != 0);
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)current->signal->is_child_subreaper,
				(int __user *)arg2);
	case PR_MCE_KILL:
		return arg4 || arg5 ? -EINVAL : prctl_mce_kill(arg2, arg3);
	case PR_MCE_KILL_GET:
		return arg2 || arg3 || arg4 || arg5 ? -EINVAL
						    : prctl_mce_kill_get();
	case PR_SET_THP_DISABLE:
		return arg3 || arg4 || arg5 ? -EINVAL
					    : prctl_set_thp_disable(arg2 != 0);
	case PR_GET_THP_DISABLE:
		return arg2 || arg3 || arg4 || arg5
			       ? -EINVAL
			       : test_bit(MMF_DISABLE_THP, &current->mm->flags);
	case PR_SET_IO_FLUSHER:
	case PR_GET_IO_FLUSHER:
		return prctl_io_flusher(option, arg2, arg3, arg4, arg5);
	case PR_SET_SYSCALL_USER_DISPATCH:
		return set_syscall_user_dispatch(arg2, arg3, arg4,
						 (u8 __user *)arg5);
	case PR_SET_NO_NEW_PRIVS:
	case PR_GET_NO_NEW_PRIVS:
		return prctl_no_new_privs(option, arg2, arg3, arg4, arg5);
	}
	return -EINVAL;
}

/* ksys_personality - see prctl.h. */
long ksys_personality(unsigned int personality)
{
	unsigned int old = current->personality;

	if (personality != 0xffffffff)
		current->personality = personality;
	return old;
}
