/*
 * exit.c - the end of a task.
 *
 * do_exit() gives back memory, files and terminal, hands the children to a new
 * parent, tells its own parent, and leaves the CPU for good.  What stays is a
 * zombie: the task_struct with its id and totals, until release_task() - called
 * by the parent's wait, or at once for threads and for children nobody wants
 * to wait for.
 *
 * Locks: tasklist_lock for the family; siglock for the process's totals.
 *
 * Entry points: do_exit, do_group_exit, make_task_dead, release_task.
 */
#include <kernel/process/exit.h>

#include <fs/vfs/file_table.h>
#include <fs/vfs/fs_struct.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/process/cpu_timer.h>
#include <kernel/process/fork.h>
#include <kernel/process/internal.h>
#include <kernel/process/itimer.h>
#include <kernel/process/rusage.h>
#include <kernel/process/session.h>
#include <kernel/process/syscall_user_dispatch.h>
#include <kernel/sched/core.h>
#include <kernel/sched/task_work.h>
#include <kernel/time/timer.h>

/* @task leaves the tables of ids and tasks; tasklist_lock held. */
static void unhash_process(struct task_struct *task, bool leader)
{
	int type;

	nr_threads--;
	detach_pid(task, PIDTYPE_PID);
	if (leader) {
		detach_pid(task, PIDTYPE_TGID);
		detach_pid(task, PIDTYPE_PGID);
		detach_pid(task, PIDTYPE_SID);
		list_del_init(&task->tasks);
		list_del_init(&task->sibling);
	}
	for (type = 0; type < PIDTYPE_MAX; type++)
		task->pids[type] = NULL;
	list_del_init(&task->thread_node);
}

/* @task takes no signals any more, its totals go to the process; returns the
 * terminal to put. */
static struct tty_struct *exit_signal_struct(struct task_struct *task)
{
	struct signal_struct *sig = task->signal;
	bool leader = thread_group_leader(task);
	struct tty_struct *tty = NULL;

	spin_lock(&task->sighand->siglock);
	if (!leader && sig->notify_count > 0 && --sig->notify_count == 0)
		/* exec waits for the other threads to be gone. */
		wake_up_process(sig->group_exec_task);
	if (sig->curr_target == task)
		sig->curr_target = NULL;
	account_group_exit(task);
	sig->nr_threads--;
	unhash_process(task, leader);
	flush_sigqueue(&task->pending);
	cpu_timers_exit(&task->cpu_timers);
	if (leader) {
		cpu_timers_exit(&sig->cpu_timers);
		flush_sigqueue(&sig->shared_pending);
		tty = sig->tty;
		sig->tty = NULL;
	}
	spin_unlock(&task->sighand->siglock);
	return tty;
}

/* One task; returns a leader that is to be released with it, or NULL. */
static struct task_struct *release_one(struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	struct tty_struct *tty;
	bool zap_leader = false;

	spin_lock_irq(&tasklist_lock);
	tty = exit_signal_struct(task);
	/* The last thread of a leader that died before: tell its parent now. */
	if (leader != task && thread_group_empty(leader) &&
	    leader->exit_state == EXIT_ZOMBIE) {
		zap_leader = do_notify_parent(leader, leader->exit_signal);
		if (zap_leader)
			leader->exit_state = EXIT_DEAD;
	}
	spin_unlock_irq(&tasklist_lock);

	if (tty && tty_kref_put_hook)
		tty_kref_put_hook(tty);
	atomic_dec(&task->real_cred->user->processes);
	put_task_struct(task);
	return zap_leader ? leader : NULL;
}

/* release_task - see exit.h. */
__landmark void release_task(struct task_struct *task)
{
	while (task)
		task = release_one(task);
}

/* A thread of @task's process that is not dying, or NULL. */
static struct task_struct *find_alive_thread(struct task_struct *task)
{
	struct task_struct *thread;

	for_each_thread (task, thread) {
		if (!(thread->flags & PF_EXITING))
			return thread;
	}
	return NULL;
}

/* Who takes @father's children: a thread of his, a subreaper, or init. */
static struct task_struct *find_new_reaper(struct task_struct *father)
{
	struct task_struct *init = find_task_by_vpid(1);
	struct task_struct *reaper = find_alive_thread(father);
	struct task_struct *thread;

	if (reaper)
		return reaper;
	if (father->signal->has_child_subreaper) {
		/* prctl(2): the nearest living ancestor that asked for it. */
		for (reaper = father->real_parent;
		     reaper != &init_task && !same_thread_group(reaper, init);
		     reaper = reaper->real_parent) {
			if (!reaper->signal->is_child_subreaper)
				continue;
			thread = find_alive_thread(reaper);
			if (thread)
				return thread;
		}
	}
	/* Init in exec may have no thread but a dying one: its leader does. */
	thread = find_alive_thread(init);
	return thread ? thread : init;
}

/* @child, a leader, has a parent in another process: @father was it before. */
static void reparent_leader(struct task_struct *father,
			    struct task_struct *child, struct list_head *dead)
{
	if (child->exit_state == EXIT_DEAD)
		return;
	/* Whatever clone asked for: a stranger only knows SIGCHLD. */
	child->exit_signal = SIGCHLD;
	if (!child->ptrace && child->exit_state == EXIT_ZOMBIE &&
	    thread_group_empty(child) &&
	    do_notify_parent(child, child->exit_signal)) {
		child->exit_state = EXIT_DEAD;
		list_add(&child->ptrace_entry, dead);
	}
	kill_orphaned_pgrp(child, father);
}

/* @father's children get a new parent; those nobody waits for go to @dead. */
static void forget_original_parent(struct task_struct *father,
				   struct list_head *dead)
{
	struct task_struct *reaper;
	struct task_struct *child;
	struct task_struct *thread;

	if (list_empty(&father->children))
		return;
	reaper = find_new_reaper(father);
	list_for_each_entry (child, &father->children, sibling) {
		for_each_thread (child, thread) {
			thread->real_parent = reaper;
			if (!thread->ptrace)
				thread->parent = reaper;
			if (thread->pdeath_signal)
				(void)group_send_sig_info(thread->pdeath_signal,
							  SEND_SIG_NOINFO,
							  thread, PIDTYPE_TGID);
		}
		if (!same_thread_group(reaper, father))
			reparent_leader(father, child, dead);
	}
	list_splice_tail_init(&father->children, &reaper->children);
}

/* Tell the family; true if nobody will wait for @task.  tasklist_lock held. */
static bool exit_notify_parent(struct task_struct *task)
{
	if (!thread_group_leader(task))
		return true;
	/* With other threads alive the parent hears of it when they are gone.
	 */
	return thread_group_empty(task) &&
	       do_notify_parent(task, task->exit_signal);
}

/* exit_notify - the task becomes a zombie, or goes at once. */
static __landmark void exit_notify(struct task_struct *task, bool group_dead)
{
	struct task_struct *next;
	struct task_struct *p;
	LIST_HEAD(dead);

	spin_lock_irq(&tasklist_lock);
	forget_original_parent(task, &dead);
	if (group_dead)
		kill_orphaned_pgrp(task->group_leader, NULL);
	task->exit_state = EXIT_ZOMBIE;
	if (exit_notify_parent(task)) {
		task->exit_state = EXIT_DEAD;
		list_add(&task->ptrace_entry, &dead);
	}
	/* exec waits for this leader to become a zombie. */
	if (task->signal->notify_count < 0)
		wake_up_process(task->signal->group_exec_task);
	spin_unlock_irq(&tasklist_lock);

	list_for_each_entry_safe (p, next, &dead, ptrace_entry) {
		list_del_init(&p->ptrace_entry);
		release_task(p);
	}
}

/* exit_mm - leave the address space; its last user tears it down. */
static void exit_mm(void)
{
	struct mm_struct *mm = current->mm;

	if (!mm)
		return;
	exit_mm_release(current, mm);
	mm_detach_current();
	mmput(mm);
}

/* The last thread ends and nobody has said how all do: its code counts, and
 * from now on every signal is dropped (prepare_signal()). */
static void synchronize_group_exit(struct task_struct *task, long code)
{
	struct signal_struct *sig = task->signal;

	spin_lock_irq(&task->sighand->siglock);
	if (!(sig->flags & SIGNAL_GROUP_EXIT)) {
		sig->flags = SIGNAL_GROUP_EXIT;
		sig->group_exit_code = (int)code;
		sig->group_stop_count = 0;
	}
	spin_unlock_irq(&task->sighand->siglock);
}

/* The last thread of a process: what belongs to all of them. */
static void exit_group_dead(struct task_struct *task, long code)
{
	struct signal_struct *sig = task->signal;

	synchronize_group_exit(task, code);
	if (is_global_init(task))
		panic("Attempted to kill init! exitcode=0x%08x\n",
		      sig->group_exit_code ? sig->group_exit_code : (int)code);
	(void)timer_cancel(&sig->real_timer);
	exit_itimers(task);
	if (task->mm)
		sig->maxrss =
			max(sig->maxrss, (long)get_mm_hiwater_rss(task->mm));
}

/* do_exit - see exit.h. */
__landmark __noreturn void do_exit(long code)
{
	struct task_struct *task = current;
	bool group_dead;

	if (task->pid == 0)
		panic("Attempted to kill the idle task!");
	if (task->flags & PF_EXITING) {
		/* A fault in what follows: keep what is left, but stop. */
		pr_err("Fixing recursive fault but reboot is needed!\n");
		set_current_state(TASK_UNINTERRUPTIBLE);
		for (;;)
			schedule();
	}
	exit_signals(task);
	clear_syscall_user_dispatch();
	group_dead = atomic_dec_and_test(&task->signal->live);
	if (group_dead)
		exit_group_dead(task, code);
	task->exit_code = (int)code;

	exit_mm();
	exit_files(task);
	exit_fs(task);
	if (group_dead && task->signal->leader && session_leader_exit_hook)
		session_leader_exit_hook(true);
	exit_task_work(task);
	exit_notify(task, group_dead);
	sched_exit(task);
	do_task_dead();
}

/* The code the whole group ends with: the first one counts. */
static int group_exit_begin(int code)
{
	struct signal_struct *sig = current->signal;

	if (sig->flags & SIGNAL_GROUP_EXIT)
		return sig->group_exit_code;
	if (sig->group_exec_task)
		return 0;
	sig->group_exit_code = code;
	sig->flags = SIGNAL_GROUP_EXIT;
	(void)zap_other_threads(current);
	return code;
}

/* do_group_exit - see exit.h. */
__landmark __noreturn void do_group_exit(int code)
{
	struct signal_struct *sig = current->signal;

	if (sig->flags & SIGNAL_GROUP_EXIT) {
		code = sig->group_exit_code;
	} else if (sig->group_exec_task) {
		code = 0;
	} else if (!thread_group_empty(current)) {
		spin_lock_irq(&current->sighand->siglock);
		code = group_exit_begin(code);
		spin_unlock_irq(&current->sighand->siglock);
	}
	do_exit(code);
}

/* make_task_dead - see exit.h. */
__noreturn void make_task_dead(int sig)
{
	if (current->pid == 0)
		panic("Attempted to kill the idle task!");
	do_exit(sig);
}
