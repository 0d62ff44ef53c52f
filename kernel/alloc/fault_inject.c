/*
 * fault_inject.c - debug builds only: the n-th allocation of a task fails.
 *
 * A program writes n to /proc/thread-self/fail-nth, makes a call, and reads
 * what is left of n: 0, it has failed.  What counts: objects of caches,
 * kmalloc, and the kernel's own pages; not the pages of programs and of files,
 * whose lack is the OOM killer's business.
 *
 * Entry points: should_fail_alloc, fault_was_injected.
 */
#include <kernel/alloc/fault_inject.h>

#ifdef TINE_DEBUG

#include <kernel/arch/context.h>
#include <kernel/base/lock_order.h>
#include <kernel/base/printk.h>
#include <kernel/types/task.h>

/* should_fail_alloc - see fault_inject.h. */
bool should_fail_alloc(void)
{
	struct task_struct *task = current;

	if (likely(!task->fail_nth) || lock_order_in_interrupt())
		return false;
	if (--task->fail_nth)
		return false;
	task->fault_injected = true;
	pr_debug("alloc: injected a failure into %s, at %pS\n", task->comm,
		 __builtin_return_address(0));
	return true;
}

/* fault_was_injected - see fault_inject.h. */
bool fault_was_injected(void)
{
	bool was = current->fault_injected;

	current->fault_injected = false;
	return was;
}

#endif
