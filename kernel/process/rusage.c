/*
 * rusage.c - what threads, processes and their dead children used.
 *
 * A thread counts for itself; when it dies, account_group_exit() adds it to
 * its process, and when a process is reaped, wait_account_child() adds that
 * to its parent's children.
 *
 * Locks: the totals in signal_struct under siglock.
 *
 * Entry points: see rusage.h.
 */
#include <kernel/process/rusage.h>

#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <kernel/sched/stats.h>
#include <kernel/time/clock.h>

/* One set of totals, in ns and counts. */
struct usage {
	u64 utime, stime;
	u64 nvcsw, nivcsw;
	u64 min_flt, maj_flt;
	u64 inblock, oublock;
};

static void usage_add_thread(struct usage *use, struct task_struct *task)
{
	u64 utime;
	u64 stime;

	task_cputime(task, &utime, &stime);
	use->utime += utime;
	use->stime += stime;
	use->nvcsw += task->nvcsw;
	use->nivcsw += task->nivcsw;
	use->min_flt += task->min_flt;
	use->maj_flt += task->maj_flt;
	use->inblock += task->inblock;
	use->oublock += task->oublock;
}

static void usage_add_dead(struct usage *use, const struct signal_struct *sig)
{
	use->utime += sig->utime;
	use->stime += sig->stime;
	use->nvcsw += sig->nvcsw;
	use->nivcsw += sig->nivcsw;
	use->min_flt += sig->min_flt;
	use->maj_flt += sig->maj_flt;
	use->inblock += sig->inblock;
	use->oublock += sig->oublock;
}

static void usage_add_children(struct usage *use,
			       const struct signal_struct *sig)
{
	use->utime += sig->cutime;
	use->stime += sig->cstime;
	use->nvcsw += sig->cnvcsw;
	use->nivcsw += sig->cnivcsw;
	use->min_flt += sig->cmin_flt;
	use->maj_flt += sig->cmaj_flt;
	use->inblock += sig->cinblock;
	use->oublock += sig->coublock;
}

/* What all threads of @task's process used; siglock held. */
static void usage_add_group(struct usage *use, struct task_struct *task)
{
	struct task_struct *thread;

	usage_add_dead(use, task->signal);
	for_each_thread (task, thread)
		usage_add_thread(use, thread);
}

/* account_group_exit - see rusage.h. */
void account_group_exit(struct task_struct *task)
{
	struct signal_struct *sig = task->signal;
	struct usage use = {0};

	assert_held(&task->sighand->siglock);
	usage_add_thread(&use, task);
	sig->utime += use.utime;
	sig->stime += use.stime;
	sig->nvcsw += use.nvcsw;
	sig->nivcsw += use.nivcsw;
	sig->min_flt += use.min_flt;
	sig->maj_flt += use.maj_flt;
	sig->inblock += use.inblock;
	sig->oublock += use.oublock;
	sig->sum_sched_runtime += task->se.sum_exec_runtime_ns;
	sig->rchar += task->rchar;
	sig->wchar += task->wchar;
	sig->syscr += task->syscr;
	sig->syscw += task->syscw;
	sig->read_bytes += task->read_bytes;
	sig->write_bytes += task->write_bytes;
}

/* wait_account_child - see rusage.h. */
void wait_account_child(struct task_struct *child)
{
	struct signal_struct *psig = current->signal;
	struct signal_struct *sig = child->signal;
	struct usage use = {0};
	unsigned long flags;

	if (!lock_task_sighand(child, &flags))
		return;
	usage_add_group(&use, child);
	usage_add_children(&use, sig);
	unlock_task_sighand(child, &flags);

	spin_lock_irqsave(&current->sighand->siglock, flags);
	psig->cutime += use.utime;
	psig->cstime += use.stime;
	psig->cnvcsw += use.nvcsw;
	psig->cnivcsw += use.nivcsw;
	psig->cmin_flt += use.min_flt;
	psig->cmaj_flt += use.maj_flt;
	psig->cinblock += use.inblock;
	psig->coublock += use.oublock;
	psig->cmaxrss = max3(psig->cmaxrss, sig->maxrss, sig->cmaxrss);
	spin_unlock_irqrestore(&current->sighand->siglock, flags);
}

static struct timeval ns_to_timeval(u64 ns)
{
	struct timeval tv;

	tv.tv_sec = (long)(ns / NSEC_PER_SEC);
	tv.tv_usec = (long)(ns % NSEC_PER_SEC / NSEC_PER_USEC);
	return tv;
}

static void usage_to_rusage(const struct usage *use, struct rusage *ru)
{
	memset(ru, 0, sizeof(*ru));
	ru->ru_utime = ns_to_timeval(use->utime);
	ru->ru_stime = ns_to_timeval(use->stime);
	ru->ru_nvcsw = (long)use->nvcsw;
	ru->ru_nivcsw = (long)use->nivcsw;
	ru->ru_minflt = (long)use->min_flt;
	ru->ru_majflt = (long)use->maj_flt;
	ru->ru_inblock = (long)use->inblock;
	ru->ru_oublock = (long)use->oublock;
}

/* Collect what @who asks for; returns the dead and children's largest rss. */
static long usage_collect(struct usage *use, struct task_struct *task, int who)
{
	struct signal_struct *sig = task->signal;
	unsigned long flags;
	long maxrss = 0;

	if (!lock_task_sighand(task, &flags))
		return 0;
	if (who == RUSAGE_THREAD) {
		usage_add_thread(use, task);
		maxrss = sig->maxrss;
	}
	if (who == RUSAGE_CHILDREN || who == RUSAGE_BOTH) {
		usage_add_children(use, sig);
		maxrss = sig->cmaxrss;
	}
	if (who == RUSAGE_SELF || who == RUSAGE_BOTH) {
		usage_add_group(use, task);
		maxrss = max(maxrss, sig->maxrss);
	}
	unlock_task_sighand(task, &flags);
	return maxrss;
}

/* getrusage - see rusage.h.  May sleep. */
void getrusage(struct task_struct *task, int who, struct rusage *ru)
{
	struct usage use = {0};
	struct mm_struct *mm;
	long maxrss = usage_collect(&use, task, who);

	usage_to_rusage(&use, ru);
	if (who != RUSAGE_CHILDREN) {
		mm = get_task_mm(task);
		if (mm) {
			maxrss = max(maxrss, (long)get_mm_hiwater_rss(mm));
			mmput(mm);
		}
	}
	ru->ru_maxrss = maxrss * (long)(PAGE_SIZE / 1024);
}

/* thread_group_cputime - see rusage.h. */
void thread_group_cputime(struct task_struct *task, u64 *utime, u64 *stime)
{
	struct usage use = {0};
	unsigned long flags;

	if (lock_task_sighand(task, &flags)) {
		usage_add_group(&use, task);
		unlock_task_sighand(task, &flags);
	}
	*utime = use.utime;
	*stime = use.stime;
}

/* thread_group_sched_runtime_ns - see rusage.h. */
u64 thread_group_sched_runtime_ns(struct task_struct *task)
{
	struct task_struct *thread;
	unsigned long flags;
	u64 sum = 0;

	if (!lock_task_sighand(task, &flags))
		return 0;
	sum = task->signal->sum_sched_runtime;
	for_each_thread (task, thread)
		sum += task_sched_runtime(thread);
	unlock_task_sighand(task, &flags);
	return sum;
}

/* do_sys_times - see rusage.h. */
clock_t do_sys_times(struct tms *tms)
{
	struct usage self = {0};
	struct usage children = {0};
	const u64 tick = NSEC_PER_SEC / USER_HZ;

	spin_lock_irq(&current->sighand->siglock);
	usage_add_group(&self, current);
	usage_add_children(&children, current->signal);
	spin_unlock_irq(&current->sighand->siglock);
	tms->tms_utime = (clock_t)(self.utime / tick);
	tms->tms_stime = (clock_t)(self.stime / tick);
	tms->tms_cutime = (clock_t)(children.utime / tick);
	tms->tms_cstime = (clock_t)(children.stime / tick);
	return (clock_t)(ktime_get_ns() / tick);
}
