/*
 * oom.c - out of memory: one process pays.
 *
 * The one that would give back most pages, shifted by its oom_score_adj, gets
 * SIGKILL, with lines in the log that say why.  kernel/process knows the
 * processes and sends the signal (struct oom_ops).  While a victim is on its
 * way out nobody else is killed: waiting a little gives it time.
 *
 * Locks: none held over the hooks.
 *
 * Entry points: out_of_memory, oom_kill_now, alloc_page_or_kill,
 * pagefault_out_of_memory, oom_badness.
 */
#include <kernel/mm/oom.h>

#include <abi/errno.h>
#include <kernel/alloc/fault_inject.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/context.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/base/refcount.h>
#include <kernel/base/spinlock.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>
#include <kernel/types/signal.h>

#define OOM_WAIT_NS  (20 * NSEC_PER_MSEC)
#define OOM_TRIES    100 /* of that long each */
#define NOT_KILLABLE ((long)INT64_MIN)

static const struct oom_ops *oom_ops;

int sysctl_oom_kill_allocating_task;
int sysctl_panic_on_oom;
int sysctl_oom_dump_tasks = 1;

/* oom_set_ops - kernel/process fills them at boot. */
void oom_set_ops(const struct oom_ops *ops)
{
	oom_ops = ops;
}

/* Pages that @mm would give back. */
static long mm_pages(struct mm_struct *mm)
{
	return (long)get_mm_rss(mm) +
	       (long)(atomic64_read(&mm->pgtables_bytes) >> PAGE_SHIFT);
}

static short score_adj(const struct task_struct *task)
{
	return task->signal ? READ_ONCE(task->signal->oom_score_adj) : 0;
}

/* oom_badness - see oom.h. */
long oom_badness(struct task_struct *task)
{
	struct mm_struct *mm;
	long points;

	if ((task->flags & PF_KTHREAD) || task->tgid == 1 ||
	    score_adj(task) == OOM_SCORE_ADJ_MIN)
		return NOT_KILLABLE;
	spin_lock(&task->alloc_lock);
	mm = task->mm;
	points = mm ? mm_pages(mm) : 0;
	spin_unlock(&task->alloc_lock);
	if (!mm)
		return NOT_KILLABLE;
	return points + score_adj(task) * ((long)totalram_pages() / 1000);
}

/* oom_score - 0 to 2000 for /proc. */
unsigned long oom_score(struct task_struct *task)
{
	long total = (long)totalram_pages();
	long badness = oom_badness(task);

	if (badness == NOT_KILLABLE)
		return 0;
	/* As Linux: 0 used memory and adjustment 0 is two thirds of 1000. */
	return (unsigned long)max((1000 + badness * 1000 / total) * 2 / 3, 0L);
}

static unsigned long kib(unsigned long pages)
{
	return pages << (PAGE_SHIFT - 10);
}

/* What is reported of a victim. */
struct victim_size {
	unsigned long total, anon, file, shmem, tables; /* KiB */
};

/* Only under the lock, without a user more: the last one would have to unmap
 * everything, and who runs out of memory may hold any lock.  False: it is gone.
 */
static bool measure_victim(struct task_struct *victim, struct victim_size *size)
{
	struct mm_struct *mm;

	spin_lock(&victim->alloc_lock);
	mm = victim->mm;
	if (mm) {
		size->total = kib(mm->total_vm);
		size->anon = kib(get_mm_counter(mm, MM_ANONPAGES));
		size->file = kib(get_mm_counter(mm, MM_FILEPAGES));
		size->shmem = kib(get_mm_counter(mm, MM_SHMEMPAGES));
		size->tables =
			(unsigned long)atomic64_read(&mm->pgtables_bytes) >> 10;
	}
	spin_unlock(&victim->alloc_lock);
	return mm;
}

/* A line of the table of those who might be killed. */
static void dump_one(struct task_struct *task)
{
	unsigned long rss, total;
	s64 tables;

	spin_lock(&task->alloc_lock);
	if (!task->mm) {
		spin_unlock(&task->alloc_lock);
		return;
	}
	rss = get_mm_rss(task->mm);
	total = task->mm->total_vm;
	tables = atomic64_read(&task->mm->pgtables_bytes);
	spin_unlock(&task->alloc_lock);
	pr_info("[%7d] %5u %5d %8lu %8lu %8lld %8d         %5d %s\n", task->pid,
		oom_ops->uid ? oom_ops->uid(task) : 0, task->tgid, total, rss,
		tables, 0, score_adj(task), task->comm);
}

/* proc(5), oom_dump_tasks. */
static void dump_tasks(void)
{
	pr_info("Tasks state (memory values in pages):\n");
	pr_info("[  pid  ]   uid  tgid total_vm      rss pgtables_bytes "
		"swapents oom_score_adj name\n");
	if (oom_ops->for_each)
		oom_ops->for_each(dump_one);
}

static void report_victim(struct task_struct *victim)
{
	struct victim_size size;

	pr_warn("%s invoked oom-killer: order=0, oom_score_adj=%d\n",
		current->comm, score_adj(current));
	if (sysctl_oom_dump_tasks)
		dump_tasks();
	if (!measure_victim(victim, &size))
		return;
	pr_err("Out of memory: Killed process %d (%s) total-vm:%lukB, "
	       "anon-rss:%lukB, file-rss:%lukB, shmem-rss:%lukB, UID:%u "
	       "pgtables:%lukB oom_score_adj:%d\n",
	       victim->pid, victim->comm, size.total, size.anon, size.file,
	       size.shmem, oom_ops->uid ? oom_ops->uid(victim) : 0, size.tables,
	       score_adj(victim));
}

/* Give a victim time to go. */
static void wait_for_memory(void)
{
	set_current_state(TASK_KILLABLE);
	(void)schedule_timeout_ns(OOM_WAIT_NS);
}

/* Who is to be killed, referenced; NULL if nobody may be. */
static struct task_struct *choose_victim(bool allocating)
{
	long points = 0;

	if (allocating && sysctl_oom_kill_allocating_task &&
	    oom_badness(current) != NOT_KILLABLE) {
		refcount_inc(&current->usage);
		return current;
	}
	return oom_ops->select(oom_badness, &points);
}

/* Choose one and kill it; false: there is none.  @allocating: current is who
 * asks for memory. */
static bool kill_one(bool allocating)
{
	struct task_struct *victim = choose_victim(allocating);

	if (!victim) {
		pr_err("Out of memory and no killable processes...\n");
		return false;
	}
	/* Chosen before: only the reference is ours to drop. */
	if (!oom_ops->is_dying || !oom_ops->is_dying(victim))
		report_victim(victim);
	oom_ops->kill(victim);
	return true;
}

/* out_of_memory - choose one and kill it. */
bool out_of_memory(void)
{
	static bool busy; /* [A] somebody chooses */
	bool killed;

	if (!oom_ops || !oom_ops->select)
		return false;
	/* Whoever is dying frees memory soon by itself. */
	if (fatal_signal_pending(current) || (current->flags & PF_EXITING))
		return false;
	if (fault_was_injected())
		return false;
	if (sysctl_panic_on_oom)
		panic("Out of memory: %s panic_on_oom is enabled",
		      sysctl_panic_on_oom == 2 ? "compulsory" : "system-wide");
	if (!__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE)) {
		killed = kill_one(true);
		__atomic_clear(&busy, __ATOMIC_RELEASE);
		if (!killed)
			return false;
	}
	wait_for_memory();
	return true;
}

/* oom_kill_now - see oom.h. */
bool oom_kill_now(void)
{
	return oom_ops && oom_ops->select && kill_one(false);
}

/* alloc_page_or_kill - see oom.h. */
struct page *alloc_page_or_kill(void)
{
	struct page *page;
	int tries;

	for (tries = 0; tries < OOM_TRIES; tries++) {
		page = alloc_page_user();
		if (page)
			return page;
		if (fatal_signal_pending(current) || !out_of_memory())
			return NULL;
	}
	return NULL;
}

/* pagefault_out_of_memory - then the program tries its access again. */
void pagefault_out_of_memory(void)
{
	if (fatal_signal_pending(current))
		return;
	if (!out_of_memory())
		wait_for_memory();
}
