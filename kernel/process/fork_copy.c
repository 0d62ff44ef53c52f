/*
 * fork_copy.c - the steps of copy_process(): each makes one part of a child
 * from the parent's, shared or copied as the clone flags say.
 *
 * Every step has the form int copy_x(args, child) and, where it leaves
 * something to undo, void undo_x(args, child).  copy_task() runs the list and,
 * when one fails, undoes what was done in reverse.  Credentials, signal_struct
 * and sighand are undone by free_task().
 *
 * Entry points: copy_task, undo_copy_task.
 */
#include <kernel/process/fork_copy.h>

#include <abi/errno.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/fs_struct.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/base/refcount.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/process/cred.h>
#include <kernel/process/exec.h>
#include <kernel/process/fork.h>
#include <kernel/process/internal.h>
#include <kernel/process/itimer.h>
#include <kernel/process/restart.h>
#include <kernel/process/rseq.h>
#include <kernel/sched/core.h>
#include <kernel/sched/dumpable.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/rlimit.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>

const struct pidfd_ops *pidfd_ops;

/* What a child never has from its parent. */
static int copy_fields(struct kernel_clone_args *args,
		       struct task_struct *child)
{
	child->flags &= ~(PF_SUPERPRIV | PF_WQ_WORKER | PF_IDLE | PF_EXITING |
			  PF_SIGNALED | PF_NPROC_EXCEEDED | PF_MEMALLOC |
			  PF_MEMALLOC_NOFS);
	child->flags |= PF_FORKNOEXEC;
	if (args->kthread || args->idle)
		child->flags |= PF_KTHREAD;
	else if (args->fn)
		child->flags &= ~PF_KTHREAD;
	if (args->idle)
		child->flags |= PF_IDLE;
	child->thread_flags = 0;
	child->fail_nth = 0;
	child->fault_injected = false;
	child->pi_prio = MAX_PRIO;
	INIT_LIST_HEAD(&child->pi_states);
	child->pi_blocked_on = NULL;
	child->pi_exited = false;
	child->exit_state = 0;
	child->exit_code = 0;
	child->pdeath_signal = 0;
	child->did_exec = false;
	child->in_execve = false;
	spin_lock_init(&child->alloc_lock, LOCK_TASK);

	INIT_LIST_HEAD(&child->children);
	INIT_LIST_HEAD(&child->sibling);
	INIT_LIST_HEAD(&child->thread_node);
	INIT_LIST_HEAD(&child->tasks);
	INIT_LIST_HEAD(&child->ptraced);
	INIT_LIST_HEAD(&child->ptrace_entry);
	memset(child->pids, 0, sizeof(child->pids));
	memset(child->pid_links, 0, sizeof(child->pid_links));
	child->ptrace = 0;
	child->ptrace_message = 0;
	child->last_siginfo = NULL;
	child->jobctl = 0;
	child->real_blocked = 0;
	init_sigpending(&child->pending);
	child->restart_block.fn = do_no_restart_syscall;
	return 0;
}

/* Clocks and counters start at zero. */
static int copy_counters(struct kernel_clone_args *args,
			 struct task_struct *child)
{
	(void)args;
	child->utime = 0;
	child->stime = 0;
	child->nvcsw = 0;
	child->nivcsw = 0;
	child->min_flt = 0;
	child->maj_flt = 0;
	child->rchar = 0;
	child->wchar = 0;
	child->syscr = 0;
	child->syscw = 0;
	child->read_bytes = 0;
	child->write_bytes = 0;
	child->inblock = 0;
	child->oublock = 0;
	child->wchan = 0;
	memset(&child->cpu_timers, 0, sizeof(child->cpu_timers));
	child->default_timer_slack_ns = current->timer_slack_ns;
	child->start_time_ns = ktime_get_ns();
	child->start_boottime_ns = ktime_get_boottime_ns();
	return 0;
}

/* Addresses in the child's memory that fork and exit write to. */
static int copy_user_pointers(struct kernel_clone_args *args,
			      struct task_struct *child)
{
	child->robust_list = NULL;
	child->set_child_tid =
		args->flags & CLONE_CHILD_SETTID ? args->child_tid : NULL;
	child->clear_child_tid =
		args->flags & CLONE_CHILD_CLEARTID ? args->child_tid : NULL;
	rseq_fork(child, args->flags);
	if (child->set_child_tid)
		set_tsk_thread_flag(child, TIF_NOTIFY_RESUME);
	/* sigaltstack(2): kept, unless the memory is shared (not vfork). */
	if ((args->flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM)
		sas_ss_reset(child);
	return 0;
}

/* Is the user allowed another process?  RLIMIT_NPROC, threads-max. */
static int copy_check_limits(struct kernel_clone_args *args,
			     struct task_struct *child)
{
	const struct cred *cred = child->real_cred;

	(void)args;
	if ((unsigned int)atomic_read(&cred->user->processes) >
		    rlimit(RLIMIT_NPROC) &&
	    cred->user != &root_user && !capable(CAP_SYS_RESOURCE) &&
	    !capable(CAP_SYS_ADMIN))
		return -EAGAIN;
	current->flags &= ~PF_NPROC_EXCEEDED;
	return READ_ONCE(nr_threads) >= max_threads ? -EAGAIN : 0;
}

static int step_creds(struct kernel_clone_args *args, struct task_struct *child)
{
	return copy_creds(args->flags, child);
}

static void undo_creds(struct kernel_clone_args *args,
		       struct task_struct *child)
{
	(void)args;
	atomic_dec(&child->real_cred->user->processes);
}

static int step_sched(struct kernel_clone_args *args, struct task_struct *child)
{
	(void)args;
	return sched_fork(child);
}

static int step_files(struct kernel_clone_args *args, struct task_struct *child)
{
	return copy_files(args->flags, child);
}

static void undo_files(struct kernel_clone_args *args,
		       struct task_struct *child)
{
	(void)args;
	exit_files(child);
}

static int step_fs(struct kernel_clone_args *args, struct task_struct *child)
{
	return copy_fs(args->flags, child);
}

static void undo_fs(struct kernel_clone_args *args, struct task_struct *child)
{
	(void)args;
	exit_fs(child);
}

/* Dispositions: shared or copied; CLONE_CLEAR_SIGHAND resets handlers. */
static int copy_sighand(struct kernel_clone_args *args,
			struct task_struct *child)
{
	struct sighand_struct *sighand;

	if (args->flags & CLONE_SIGHAND) {
		refcount_inc(&current->sighand->count);
		child->sighand = current->sighand;
		return 0;
	}
	sighand = sighand_alloc();
	if (!sighand)
		return -ENOMEM;
	spin_lock_irq(&current->sighand->siglock);
	memcpy(sighand->action, current->sighand->action,
	       sizeof(sighand->action));
	spin_unlock_irq(&current->sighand->siglock);
	child->sighand = sighand;
	if (args->flags & CLONE_CLEAR_SIGHAND)
		flush_signal_handlers(child, false);
	return 0;
}

/* A new process's part of what threads share. */
static void signal_inherit(struct signal_struct *sig)
{
	struct signal_struct *old = current->signal;

	atomic_set(&sig->live, 1);
	sig->nr_threads = 1;
	INIT_LIST_HEAD(&sig->thread_head);
	init_waitqueue_head(&sig->wait_chldexit);
	init_sigpending(&sig->shared_pending);
	INIT_LIST_HEAD(&sig->posix_timers);
	timer_init(&sig->real_timer, it_real_fn, sig);
	mutex_init(&sig->cred_guard_mutex, LOCK_CRED_GUARD);
	sig->oom_score_adj = old->oom_score_adj;
	sig->oom_score_adj_min = old->oom_score_adj_min;
	sig->has_child_subreaper =
		old->has_child_subreaper || old->is_child_subreaper;

	task_lock(current->group_leader);
	memcpy(sig->rlim, old->rlim, sizeof(sig->rlim));
	task_unlock(current->group_leader);
}

static int copy_signal(struct kernel_clone_args *args,
		       struct task_struct *child)
{
	struct signal_struct *sig;

	if (args->flags & CLONE_THREAD) {
		refcount_inc(&current->signal->count);
		child->signal = current->signal;
		return 0;
	}
	sig = signal_alloc();
	if (!sig)
		return -ENOMEM;
	signal_inherit(sig);
	child->signal = sig;
	return 0;
}

/* dup_mm - a copy-on-write copy of @oldmm, or NULL. */
static __landmark struct mm_struct *dup_mm(struct mm_struct *oldmm, int *err)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm) {
		*err = -ENOMEM;
		return NULL;
	}
	mm->flags = oldmm->flags & MMF_FORK_MASK;
	mm->release_exe = exe_file_release;
	mmap_read_lock(oldmm);
	if (oldmm->exe_file)
		mm->exe_file = exe_file_dup(oldmm->exe_file);
	mmap_read_unlock(oldmm);
	*err = dup_mmap(mm, oldmm);
	if (*err) {
		mmput(mm);
		return NULL;
	}
	return mm;
}

static __landmark int copy_mm(struct kernel_clone_args *args,
			      struct task_struct *child)
{
	struct mm_struct *oldmm = current->mm;
	int err = 0;

	child->mm = NULL;
	child->active_mm = NULL;
	if (!oldmm)
		return 0;
	if (args->flags & CLONE_VM) {
		mmget(oldmm);
		child->mm = oldmm;
	} else {
		child->mm = dup_mm(oldmm, &err);
	}
	child->active_mm = child->mm;
	return err;
}

static void undo_mm(struct kernel_clone_args *args, struct task_struct *child)
{
	(void)args;
	if (child->mm)
		mmput(child->mm);
	child->mm = NULL;
}

static int step_thread(struct kernel_clone_args *args,
		       struct task_struct *child)
{
	return copy_thread(child, current_pt_regs(), args->stack, args->tls,
			   args->flags, args->fn, args->fn_arg);
}

static void undo_thread(struct kernel_clone_args *args,
			struct task_struct *child)
{
	(void)args;
	exit_thread(child);
}

/* The new id; whose process it is in. */
static int copy_pid(struct kernel_clone_args *args, struct task_struct *child)
{
	struct pid *pid;

	if (args->idle) {
		child->pids[PIDTYPE_PID] = &init_struct_pid;
		child->pids[PIDTYPE_TGID] = &init_struct_pid;
		child->pid = 0;
		child->tgid = 0;
		child->group_leader = child;
		child->exit_signal = 0;
		return 0;
	}
	pid = alloc_pid(args->set_tid_size ? args->set_tid[0] : 0);
	if (IS_ERR(pid))
		return (int)PTR_ERR(pid);
	child->pids[PIDTYPE_PID] = pid;
	child->pid = pid->nr;
	if (args->flags & CLONE_THREAD) {
		child->group_leader = current->group_leader;
		child->tgid = current->tgid;
		child->exit_signal = -1;
		return 0;
	}
	child->group_leader = child;
	child->tgid = child->pid;
	child->exit_signal = args->flags & CLONE_PARENT
				     ? current->group_leader->exit_signal
				     : args->exit_signal;
	child->signal->tgid_pid = pid;
	return 0;
}

static void undo_pid(struct kernel_clone_args *args, struct task_struct *child)
{
	if (!args->idle)
		free_pid(child->pids[PIDTYPE_PID]);
}

/* CLONE_PIDFD: a descriptor, shown to the parent only once all is well. */
static int copy_pidfd(struct kernel_clone_args *args, struct task_struct *child)
{
	int fd;

	if (!(args->flags & CLONE_PIDFD))
		return 0;
	fd = pidfd_ops->prepare(child->pids[PIDTYPE_PID], 0, &args->pidfd_file);
	if (fd < 0)
		return fd;
	if (put_user(fd, args->pidfd)) {
		pidfd_ops->cancel(fd, args->pidfd_file);
		return -EFAULT;
	}
	args->pidfd_nr = fd;
	return 0;
}

static void undo_pidfd(struct kernel_clone_args *args,
		       struct task_struct *child)
{
	(void)child;
	if (args->flags & CLONE_PIDFD)
		pidfd_ops->cancel(args->pidfd_nr, args->pidfd_file);
}

struct copy_step {
	int (*copy)(struct kernel_clone_args *args, struct task_struct *child);
	void (*undo)(struct kernel_clone_args *args, struct task_struct *child);
};

static const struct copy_step copy_steps[] = {
	{copy_fields, NULL},	    {copy_counters, NULL},
	{copy_user_pointers, NULL}, {step_creds, undo_creds},
	{copy_check_limits, NULL},  {step_sched, NULL},
	{step_files, undo_files},   {step_fs, undo_fs},
	{copy_sighand, NULL},	    {copy_signal, NULL},
	{copy_mm, undo_mm},	    {step_thread, undo_thread},
	{copy_pid, undo_pid},	    {copy_pidfd, undo_pidfd},
};

static void undo_steps(struct kernel_clone_args *args,
		       struct task_struct *child, size_t done)
{
	while (done-- > 0) {
		if (copy_steps[done].undo)
			copy_steps[done].undo(args, child);
	}
}

/* copy_task - all steps; on failure (-errno) none is left done. */
int copy_task(struct kernel_clone_args *args, struct task_struct *child)
{
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(copy_steps); i++) {
		err = copy_steps[i].copy(args, child);
		if (err) {
			undo_steps(args, child, i);
			return err;
		}
	}
	return 0;
}

/* undo_copy_task - what copy_task did, for a child never published. */
void undo_copy_task(struct kernel_clone_args *args, struct task_struct *child)
{
	undo_steps(args, child, ARRAY_SIZE(copy_steps));
}
