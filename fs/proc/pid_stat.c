/*
 * pid_stat.c - /proc/PID/stat and statm: a task in one line of numbers.
 *
 * The fields and their order are proc(5)'s.  For a process (whole) times,
 * faults and times of children are those of all its threads; for a thread
 * they are its own.
 *
 * Locks: siglock for signals, totals and the terminal; the rest is read by
 * itself.
 *
 * Entry points: proc_tgid_stat, proc_tid_stat, proc_statm_show.
 */
#include <fs/proc/internal.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/process/pid.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/rusage.h>
#include <kernel/process/session.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <kernel/sched/priority.h>
#include <kernel/sched/stats.h>

/* What stat tells that has to be collected under locks. */
struct task_numbers {
	char state;
	pid_t ppid, pgid, sid, tpgid;
	dev_t tty;
	int nr_threads;
	u64 min_flt, maj_flt, cmin_flt, cmaj_flt;
	u64 utime, stime, cutime, cstime;
	u64 rss_limit;
	sigset_t pending, blocked, ignored, caught;
	bool wants; /* is the wchan field to be told? */
};

/* proc_collect_sigs - see internal.h. */
void proc_collect_sigs(struct task_struct *task, sigset_t *ignored,
		       sigset_t *caught)
{
	__sighandler_t handler;
	int sig;

	*ignored = 0;
	*caught = 0;
	for (sig = 1; sig <= _NSIG; sig++) {
		handler = task->sighand->action[sig - 1].sa_handler;
		if (handler == SIG_IGN)
			sigaddset(ignored, sig);
		else if (handler != SIG_DFL)
			sigaddset(caught, sig);
	}
}

/* proc_text_pages - see internal.h. */
unsigned long proc_text_pages(const struct mm_struct *mm)
{
	return (PAGE_ALIGN(mm->end_code) - (mm->start_code & PAGE_MASK)) >>
	       PAGE_SHIFT;
}

/* Totals of the whole process; siglock held. */
static void collect_group(struct task_struct *task, struct task_numbers *n)
{
	struct signal_struct *sig = task->signal;
	struct task_struct *thread;

	n->min_flt = sig->min_flt;
	n->maj_flt = sig->maj_flt;
	for_each_thread (task, thread) {
		n->min_flt += thread->min_flt;
		n->maj_flt += thread->maj_flt;
	}
}

static void collect_locked(struct task_struct *task, bool whole,
			   struct task_numbers *n)
{
	struct signal_struct *sig = task->signal;

	n->nr_threads = sig->nr_threads;
	n->cmin_flt = sig->cmin_flt;
	n->cmaj_flt = sig->cmaj_flt;
	n->cutime = sig->cutime;
	n->cstime = sig->cstime;
	n->pending = task->pending.signal;
	n->blocked = task->blocked;
	proc_collect_sigs(task, &n->ignored, &n->caught);
	if (sig->tty && tty_info_hook)
		tty_info_hook(sig->tty, &n->tty, &n->tpgid);
	if (whole)
		collect_group(task, n);
}

static void collect(struct task_struct *task, bool whole,
		    struct task_numbers *n)
{
	unsigned long flags;

	memset(n, 0, sizeof(*n));
	n->tpgid = -1;
	n->state = task_state_char(task);
	n->ppid = task_ppid_nr(task);
	n->pgid = task_pgrp_nr(task);
	n->sid = task_session_nr(task);
	n->rss_limit = READ_ONCE(task->signal->rlim[RLIMIT_RSS].rlim_cur);
	if (lock_task_sighand(task, &flags)) {
		collect_locked(task, whole, n);
		unlock_task_sighand(task, &flags);
	}
	if (whole) {
		thread_group_cputime(task, &n->utime, &n->stime);
	} else {
		n->min_flt = task->min_flt;
		n->maj_flt = task->maj_flt;
		task_cputime(task, &n->utime, &n->stime);
	}
}

/* tty_nr as programs know it: minor bits 20 to 31 stand above the major. */
static int tty_nr(dev_t dev)
{
	return (int)((MINOR(dev) & 0xff) | (MAJOR(dev) << 8) |
		     ((MINOR(dev) & ~0xffU) << 12));
}

/* Fields 1 to 22. */
static void show_times(struct seq_file *m, struct task_struct *task,
		       const struct task_numbers *n)
{
	char comm[TASK_COMM_LEN];

	seq_printf(m, "%d (%s) %c %d %d %d %d %d %u ", task->pid,
		   get_task_comm(comm, task), n->state, n->ppid, n->pgid,
		   n->sid, tty_nr(n->tty), n->tpgid, task->flags);
	seq_printf(m, "%llu %llu %llu %llu ", n->min_flt, n->cmin_flt,
		   n->maj_flt, n->cmaj_flt);
	seq_printf(m, "%llu %llu %llu %llu ", nsec_to_clock_t(n->utime),
		   nsec_to_clock_t(n->stime), nsec_to_clock_t(n->cutime),
		   nsec_to_clock_t(n->cstime));
	seq_printf(m, "%d %d %d 0 %llu ", task_prio(task), task_nice(task),
		   n->nr_threads, nsec_to_clock_t(task->start_boottime_ns));
}

/* Fields 23 to 30: memory; addresses only for those who may look. */
static void show_memory(struct seq_file *m, struct mm_struct *mm,
			bool permitted, u64 rss_limit)
{
	unsigned long vsize = 0, rss = 0;

	if (mm) {
		vsize = mm->total_vm << PAGE_SHIFT;
		rss = get_mm_rss(mm);
	}
	seq_printf(m, "%lu %lu %llu ", vsize, rss, rss_limit);
	if (mm && permitted)
		seq_printf(m, "%lu %lu %lu 0 0 ", mm->start_code, mm->end_code,
			   mm->start_stack);
	else
		seq_printf(m, "%d %d 0 0 0 ", mm ? 1 : 0, mm ? 1 : 0);
}

/* Fields 31 to 44. */
static void show_rest(struct seq_file *m, struct task_struct *task,
		      const struct task_numbers *n)
{
	const u64 low = 0x7fffffff;

	seq_printf(m, "%llu %llu %llu %llu %d 0 0 %d %d %u %u 0 0 0 ",
		   n->pending & low, n->blocked & low, n->ignored & low,
		   n->caught & low,
		   n->wants && READ_ONCE(task->__state) != TASK_RUNNING,
		   task->exit_signal, task->cpu, task->rt_priority,
		   task->policy);
}

static int show_stat(struct seq_file *m, struct task_struct *task, bool whole)
{
	bool permitted = ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS);
	struct mm_struct *mm = get_task_mm(task);
	struct task_numbers n;

	collect(task, whole, &n);
	n.wants = permitted && (!whole || n.nr_threads < 2);
	show_times(m, task, &n);
	show_memory(m, mm, permitted, n.rss_limit);
	show_rest(m, task, &n);
	if (mm && permitted)
		seq_printf(m, "%lu %lu %lu %lu %lu %lu %lu ", mm->start_data,
			   mm->end_data, mm->start_brk, mm->arg_start,
			   mm->arg_end, mm->env_start, mm->env_end);
	else
		seq_puts(m, "0 0 0 0 0 0 0 ");
	seq_printf(m, "%d\n", permitted ? task->exit_code : 0);
	if (mm)
		mmput(mm);
	return 0;
}

/* proc_tgid_stat, proc_tid_stat - the line of a process, of a thread. */
int proc_tgid_stat(struct seq_file *m, struct task_struct *task)
{
	return show_stat(m, task, true);
}

int proc_tid_stat(struct seq_file *m, struct task_struct *task)
{
	return show_stat(m, task, false);
}

/* proc_statm_show - sizes in pages. */
int proc_statm_show(struct seq_file *m, struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	unsigned long shared;

	if (!mm) {
		seq_puts(m, "0 0 0 0 0 0 0\n");
		return 0;
	}
	shared = get_mm_counter(mm, MM_FILEPAGES) +
		 get_mm_counter(mm, MM_SHMEMPAGES);
	seq_printf(m, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_vm,
		   shared + get_mm_counter(mm, MM_ANONPAGES), shared,
		   proc_text_pages(mm), mm->data_vm + mm->stack_vm);
	mmput(mm);
	return 0;
}
