/*
 * A task's registers in the form of user_regs_struct, and back.
 *
 * Entry points: task_get_user_regs, task_set_user_regs.
 */
#include <kernel/arch/ptrace_regs.h>

#include <abi/errno.h>
#include <kernel/arch/context.h>
#include <kernel/lib/string.h>
#include <kernel/types/task.h>

/* Flags that a debugger may set in its tracee. */
#define SETTABLE_FLAGS                                                         \
	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF |       \
	 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF |       \
	 X86_EFLAGS_RF | X86_EFLAGS_NT | X86_EFLAGS_AC)

static_assert(offsetof(struct user_regs_struct, ss) ==
		      offsetof(struct pt_regs, ss),
	      "user_regs_struct begins with pt_regs");

void task_get_user_regs(struct task_struct *task, struct user_regs_struct *out)
{
	const struct thread_struct *thread = &task->thread;

	memcpy(out, task_pt_regs(task), sizeof(struct pt_regs));
	out->fs_base = thread->fsbase;
	out->gs_base = thread->gsbase;
	out->ds = thread->ds;
	out->es = thread->es;
	out->fs = thread->fsindex;
	out->gs = thread->gsindex;
}

int task_set_user_regs(struct task_struct *task,
		       const struct user_regs_struct *in)
{
	struct pt_regs *regs = task_pt_regs(task);
	unsigned long flags = regs->flags;

	/* ptrace(2): a null or kernel selector is EIO. */
	if (in->fs_base >= TASK_SIZE_MAX || in->gs_base >= TASK_SIZE_MAX ||
	    (in->cs & 3) != 3 || (in->ss & 3) != 3)
		return -EIO;
	memcpy(regs, in, sizeof(*regs));
	regs->flags = (flags & ~SETTABLE_FLAGS) | (in->flags & SETTABLE_FLAGS);
	task->thread.fsbase = in->fs_base;
	task->thread.gsbase = in->gs_base;
	return 0;
}
