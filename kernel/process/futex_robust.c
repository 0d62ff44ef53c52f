/*
 * futex_robust.c - locks of threads that died: the robust list, get_robust_list
 * (2).
 *
 * A thread chains the futexes it holds in its own memory.  When it leaves that
 * memory, each of them that still names it as owner is marked
 * FUTEX_OWNER_DIED and a waiter is woken.
 *
 * Entry points: exit_robust_list, ksys_set_robust_list, ksys_get_robust_list.
 */
#include <kernel/process/futex.h>

#include <abi/errno.h>
#include <kernel/arch/uaccess.h>
#include <kernel/process/pid.h>
#include <kernel/process/ptrace.h>
#include <kernel/sched/core.h>

/* ksys_set_robust_list - see futex.h. */
int ksys_set_robust_list(struct robust_list_head __user *head, size_t len)
{
	if (len != sizeof(*head))
		return -EINVAL;
	current->robust_list = head;
	return 0;
}

/* ksys_get_robust_list - see futex.h. */
int ksys_get_robust_list(pid_t pid, struct robust_list_head __user **head)
{
	struct task_struct *task;
	int err = -EPERM;

	if (!pid) {
		*head = current->robust_list;
		return 0;
	}
	task = find_get_task_by_vpid(pid);
	if (!task)
		return -ESRCH;
	if (ptrace_may_access(task, PTRACE_MODE_READ_REALCREDS)) {
		*head = task->robust_list;
		err = 0;
	}
	put_task_struct(task);
	return err;
}

/* Mark one lock if current owns it.  @pending: it was being taken or left. */
static int handle_futex_death(u32 __user *uaddr, bool pi, bool pending)
{
	u32 owner_died;
	u32 value;
	u32 found;

	if ((unsigned long)uaddr % sizeof(u32))
		return -1;
	if (get_user(value, uaddr))
		return -1;
	for (;;) {
		/* Died between unlocking and waking: wake in its place. */
		if (pending && !pi && !value) {
			(void)futex_wake(uaddr, FLAGS_SHARED, 1,
					 FUTEX_BITSET_MATCH_ANY);
			return 0;
		}
		if ((value & FUTEX_TID_MASK) != (u32)current->pid)
			return 0;
		owner_died = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		if (user_cmpxchg_u32(&found, uaddr, value, owner_died))
			return -1;
		if (found == value)
			break;
		value = found;
	}
	if (!pi && (value & FUTEX_WAITERS))
		(void)futex_wake(uaddr, FLAGS_SHARED, 1,
				 FUTEX_BITSET_MATCH_ANY);
	return 0;
}

/* A link; its lowest bit says that the lock inherits priority. */
static int fetch_robust_entry(struct robust_list __user **entry,
			      struct robust_list __user *__user *from, bool *pi)
{
	unsigned long link;

	if (get_user(link, (unsigned long __user *)from))
		return -EFAULT;
	*entry = (struct robust_list __user *)(link & ~1UL);
	*pi = link & 1;
	return 0;
}

static u32 __user *robust_futex(struct robust_list __user *entry, long offset)
{
	return (u32 __user *)((unsigned long)entry + (unsigned long)offset);
}

/* exit_robust_list - see futex.h.  @task is current.  May sleep. */
void exit_robust_list(struct task_struct *task)
{
	struct robust_list_head __user *head = task->robust_list;
	struct robust_list __user *entry;
	struct robust_list __user *next;
	struct robust_list __user *pending;
	int limit = ROBUST_LIST_LIMIT;
	bool pi;
	bool next_pi;
	bool pending_pi;
	long offset;

	if (fetch_robust_entry(&entry, &head->list.next, &pi) ||
	    get_user(offset, &head->futex_offset) ||
	    fetch_robust_entry(&pending, &head->list_op_pending, &pending_pi))
		return;
	/* The program may have made a ring: count. */
	while (entry != &head->list && limit-- > 0) {
		int err = fetch_robust_entry(&next, &entry->next, &next_pi);

		if (entry != pending &&
		    handle_futex_death(robust_futex(entry, offset), pi, false))
			return;
		if (err)
			return;
		entry = next;
		pi = next_pi;
		cond_resched();
	}
	if (pending)
		(void)handle_futex_death(robust_futex(pending, offset),
					 pending_pi, true);
}
