/*
 * fork.c - making tasks: fork(2), vfork(2), clone(2), clone3(2).
 *
 * copy_process() checks the flags, builds a child step by step (fork_copy.c),
 * and publishes it under tasklist_lock: from then on it can be found,
 * signalled and waited for, but it runs only when kernel_clone() wakes it.
 * Nothing after publishing can fail.
 *
 * exec and exit give back here what a task shares with its memory: the
 * futex at clear_child_tid and a parent that waits in vfork.
 *
 * Locks: tasklist_lock and siglock to publish; alloc_lock for vfork_done.
 *
 * Entry points: kernel_clone, copy_process, kernel_thread, user_mode_thread,
 * fork_idle, ksys_unshare, ksys_set_tid_address, exec_mm_release,
 * exit_mm_release.
 */
#include <kernel/process/fork.h>

#include <abi/errno.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/fs_struct.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/base/refcount.h>
#include <kernel/lib/format.h>
#include <kernel/process/fork_copy.h>
#include <kernel/process/futex.h>
#include <kernel/process/internal.h>
#include <kernel/process/session.h>
#include <kernel/sched/completion.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

#define CLONE_NAMESPACES                                                       \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME)

/* Combinations that clone(2) refuses. */
static int check_clone_flags(const struct kernel_clone_args *args)
{
	u64 flags = args->flags;

	if (flags & CLONE_NAMESPACES)
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return -EINVAL;
	/* Init's siblings would have nobody to reap them. */
	if ((flags & CLONE_PARENT) &&
	    (current->signal->flags & SIGNAL_UNKILLABLE))
		return -EINVAL;
	if ((flags & CLONE_PIDFD) &&
	    (!pidfd_ops || (flags & (CLONE_DETACHED | CLONE_THREAD))))
		return -EINVAL;
	if (args->set_tid_size > 1)
		return -EINVAL;
	if (args->set_tid_size &&
	    (args->set_tid[0] < 1 || args->set_tid[0] >= pid_max))
		return -EINVAL;
	if (args->set_tid_size && !capable(CAP_SYS_ADMIN) &&
	    !capable(CAP_CHECKPOINT_RESTORE))
		return -EPERM;
	return 0;
}

/* Must a signal be taken before this fork?  A child must not miss one that
 * was sent to its group.  siglock held. */
static int fork_signals_pending(void)
{
	recalc_sigpending();
	return signal_pending(current) ? -ERESTARTNOINTR : 0;
}

/* Who gets the child's SIGCHLD. */
static void publish_parent(struct kernel_clone_args *args,
			   struct task_struct *child)
{
	if (args->flags & (CLONE_PARENT | CLONE_THREAD)) {
		child->real_parent = current->real_parent;
		child->parent_exec_id = current->parent_exec_id;
	} else {
		child->real_parent = current;
		child->parent_exec_id = current->self_exec_id;
	}
	child->parent = child->real_parent;
}

/* A new process: its group, session, terminal, its place in the lists. */
static void publish_leader(struct task_struct *child)
{
	struct signal_struct *sig = child->signal;

	init_task_pid(child, PIDTYPE_TGID, child->pids[PIDTYPE_PID]);
	init_task_pid(child, PIDTYPE_PGID, task_pgrp(current));
	init_task_pid(child, PIDTYPE_SID, task_session(current));
	/* Init: nothing kills it but its own faults. */
	if (child->pid == 1)
		sig->flags |= SIGNAL_UNKILLABLE;
	sig->tty = current->signal->tty;
	if (sig->tty && tty_kref_get_hook)
		sig->tty = tty_kref_get_hook(sig->tty);
	list_add_tail(&child->thread_node, &sig->thread_head);
	list_add_tail(&child->sibling, &child->real_parent->children);
	list_add_tail(&child->tasks, &init_task.tasks);
	attach_pid(child, PIDTYPE_TGID);
	attach_pid(child, PIDTYPE_PGID);
	attach_pid(child, PIDTYPE_SID);
}

/* A new thread of current's process. */
static void publish_thread(struct task_struct *child)
{
	init_task_pid(child, PIDTYPE_TGID, current->pids[PIDTYPE_TGID]);
	init_task_pid(child, PIDTYPE_PGID, task_pgrp(current));
	init_task_pid(child, PIDTYPE_SID, task_session(current));
	child->signal->nr_threads++;
	atomic_inc(&child->signal->live);
	list_add_tail(&child->thread_node, &child->signal->thread_head);
	task_join_group_stop(child);
}

/* The child becomes known; tasklist_lock and current's siglock held. */
static int publish_task_locked(struct kernel_clone_args *args,
			       struct task_struct *child)
{
	int err = fork_signals_pending();

	if (err)
		return err;
	publish_parent(args, child);
	if (thread_group_leader(child))
		publish_leader(child);
	else
		publish_thread(child);
	attach_pid(child, PIDTYPE_PID);
	nr_threads++;
	total_forks++;
	(void)recalc_sigpending_tsk(child);
	return 0;
}

static int publish_task(struct kernel_clone_args *args,
			struct task_struct *child)
{
	int err;

	spin_lock_irq(&tasklist_lock);
	spin_lock(&current->sighand->siglock);
	err = publish_task_locked(args, child);
	spin_unlock(&current->sighand->siglock);
	spin_unlock_irq(&tasklist_lock);
	return err;
}

/* copy_process - see fork.h. */
__landmark struct task_struct *copy_process(struct kernel_clone_args *args)
{
	struct task_struct *child;
	int err;

	/* Check. */
	err = check_clone_flags(args);
	if (err)
		return ERR_PTR(err);
	if (signal_pending(current)) {
		spin_lock_irq(&current->sighand->siglock);
		err = fork_signals_pending();
		spin_unlock_irq(&current->sighand->siglock);
		if (err)
			return ERR_PTR(err);
	}

	/* Build. */
	child = dup_task_struct(current);
	if (!child)
		return ERR_PTR(-ENOMEM);
	err = copy_task(args, child);
	if (err)
		goto free_child;
	if (args->idle)
		return child;

	/* Publish; cannot fail from here. */
	err = publish_task(args, child);
	if (err)
		goto undo_copy;
	if (args->flags & CLONE_PIDFD)
		pidfd_ops->install(args->pidfd_nr, args->pidfd_file);
	return child;

undo_copy:
	undo_copy_task(args, child);
free_child:
	free_task(child);
	return ERR_PTR(err);
}

/* The child has its own memory, or none: a parent in vfork goes on. */
static void complete_vfork_done(struct task_struct *task)
{
	struct completion *vfork;

	task_lock(task);
	vfork = task->vfork_done;
	if (vfork) {
		task->vfork_done = NULL;
		complete(vfork);
	}
	task_unlock(task);
}

/* vfork(2): only a fatal signal ends the wait early. */
static void wait_for_vfork_done(struct task_struct *child,
				struct completion *vfork)
{
	if (wait_for_completion_killable(vfork)) {
		task_lock(child);
		child->vfork_done = NULL;
		task_unlock(child);
	}
	put_task_struct(child);
}

/* kernel_clone - see fork.h. */
__landmark pid_t kernel_clone(struct kernel_clone_args *args)
{
	struct completion vfork;
	struct task_struct *child;
	pid_t nr;

	/* clone(2) has one argument for both. */
	if ((args->flags & CLONE_PIDFD) &&
	    (args->flags & CLONE_PARENT_SETTID) &&
	    args->pidfd == args->parent_tid)
		return -EINVAL;
	child = copy_process(args);
	if (IS_ERR(child))
		return (pid_t)PTR_ERR(child);
	nr = child->pid;
	if (args->flags & CLONE_PARENT_SETTID)
		(void)put_user(nr, args->parent_tid);
	if (args->flags & CLONE_VFORK) {
		init_completion(&vfork);
		child->vfork_done = &vfork;
		get_task_struct(child);
	}
	wake_up_new_task(child);
	if (args->flags & CLONE_VFORK)
		wait_for_vfork_done(child, &vfork);
	return nr;
}

/* clone3_args_valid - see fork.h. */
bool clone3_args_valid(struct kernel_clone_args *args)
{
	const u64 known = 0xffffffffULL | CLONE_CLEAR_SIGHAND;

	if (args->flags & ~known)
		return false;
	if (args->flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
		return false;
	if ((args->flags & (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND)) ==
	    (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND))
		return false;
	if ((args->flags & (CLONE_THREAD | CLONE_PARENT)) && args->exit_signal)
		return false;
	if (!args->stack)
		return args->stack_size == 0;
	if (!args->stack_size || !access_ok(args->stack, args->stack_size))
		return false;
	args->stack += args->stack_size;
	return true;
}

/* kernel_thread - see fork.h. */
pid_t kernel_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	struct kernel_clone_args args = {
		.flags = (flags | CLONE_VM | CLONE_UNTRACED) & ~CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.kthread = true,
		.fn = fn,
		.fn_arg = arg,
	};

	return kernel_clone(&args);
}

/* user_mode_thread - see fork.h. */
pid_t user_mode_thread(int (*fn)(void *), void *arg, unsigned long flags)
{
	struct kernel_clone_args args = {
		.flags = (flags | CLONE_VM | CLONE_UNTRACED) & ~CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.fn = fn,
		.fn_arg = arg,
	};

	return kernel_clone(&args);
}

static int idle_never_called(void *unused)
{
	(void)unused;
	unreachable_code();
}

/* fork_idle - see fork.h. */
struct task_struct *fork_idle(int cpu)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VM,
		.fn = idle_never_called,
		.idle = true,
	};
	struct task_struct *task = copy_process(&args);

	if (IS_ERR(task))
		return task;
	task->parent = &init_task;
	task->real_parent = &init_task;
	init_task_pid(task, PIDTYPE_PGID, &init_struct_pid);
	init_task_pid(task, PIDTYPE_SID, &init_struct_pid);
	list_add_tail(&task->thread_node, &task->signal->thread_head);
	(void)snprintf(task->comm, sizeof(task->comm), "swapper/%d", cpu);
	init_idle(task, cpu);
	return task;
}

/* Current leaves @mm: zero the tid word its joiner waits for. */
static void mm_release(struct task_struct *task, struct mm_struct *mm)
{
	int __user *tid = task->clear_child_tid;

	if (tid) {
		/* With no other user of the memory nobody could see it. */
		if (atomic_read(&mm->mm_users) > 1) {
			(void)put_user(0, tid);
			(void)do_futex((u32 __user *)tid, FUTEX_WAKE, 1, NULL,
				       NULL, 0, 0);
		}
		task->clear_child_tid = NULL;
	}
	if (task->vfork_done)
		complete_vfork_done(task);
}

/* exec_mm_release - see fork.h. */
void exec_mm_release(struct task_struct *task, struct mm_struct *mm)
{
	exit_mm_release(task, mm);
	pi_exec_done(task);
}

/* exit_mm_release - see fork.h. */
void exit_mm_release(struct task_struct *task, struct mm_struct *mm)
{
	if (task->robust_list) {
		exit_robust_list(task);
		task->robust_list = NULL;
	}
	exit_pi_state_list(task);
	mm_release(task, mm);
}

/* ksys_set_tid_address - see fork.h. */
pid_t ksys_set_tid_address(int __user *tidptr)
{
	current->clear_child_tid = tidptr;
	return current->pid;
}

/* ksys_unshare - see fork.h. */
int ksys_unshare(unsigned long flags)
{
	const unsigned long known = CLONE_THREAD | CLONE_FS | CLONE_SIGHAND |
				    CLONE_VM | CLONE_FILES | CLONE_SYSVSEM;
	int err;

	if (flags & ~known)
		return -EINVAL;
	/* These can only be found unshared already. */
	if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) &&
	    !thread_group_empty(current))
		return -EINVAL;
	if ((flags & (CLONE_SIGHAND | CLONE_VM)) &&
	    refcount_read(&current->sighand->count) > 1)
		return -EINVAL;
	if ((flags & CLONE_VM) && atomic_read(&current->mm->mm_users) > 1)
		return -EINVAL;
	if (flags & CLONE_FS) {
		err = unshare_fs();
		if (err)
			return err;
	}
	return flags & CLONE_FILES ? unshare_files() : 0;
}
