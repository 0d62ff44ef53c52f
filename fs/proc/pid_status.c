/*
 * pid_status.c - /proc/PID/status: a task for people to read, proc(5).
 *
 * Entry points: proc_status_show, proc_show_cpu_list.
 */
#include <fs/proc/internal.h>
#include <fs/vfs/file_table.h>
#include <fs/vfs/fs_struct.h>
#include <kernel/arch/percpu.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/process/pid.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/stats.h>

#define KIB(pages) ((pages) << (PAGE_SHIFT - 10))

static int task_umask(struct task_struct *task)
{
	int mask = -1;

	task_lock(task);
	if (task->fs)
		mask = READ_ONCE(task->fs->umask);
	task_unlock(task);
	return mask;
}

static pid_t tracer_pid(struct task_struct *task)
{
	pid_t nr = 0;

	spin_lock_irq(&tasklist_lock);
	if (pid_alive(task) && task->ptrace)
		nr = task->parent->pid;
	spin_unlock_irq(&tasklist_lock);
	return nr;
}

static void show_name(struct seq_file *m, struct task_struct *task)
{
	char comm[TASK_COMM_LEN];
	const char *s;

	seq_puts(m, "Name:\t");
	for (s = get_task_comm(comm, task); *s; s++) {
		if (*s == '\n')
			seq_puts(m, "\\n");
		else if (*s == '\\')
			seq_puts(m, "\\\\");
		else
			seq_putc(m, *s);
	}
	seq_putc(m, '\n');
}

static void show_ids(struct seq_file *m, struct task_struct *task,
		     const struct cred *cred)
{
	const struct group_info *groups = cred->group_info;
	int i;

	seq_printf(m, "Uid:\t%u\t%u\t%u\t%u\n", cred->uid, cred->euid,
		   cred->suid, cred->fsuid);
	seq_printf(m, "Gid:\t%u\t%u\t%u\t%u\n", cred->gid, cred->egid,
		   cred->sgid, cred->fsgid);
	seq_printf(m, "FDSize:\t%u\nGroups:\t", files_fdsize(task));
	for (i = 0; i < groups->ngroups; i++)
		seq_printf(m, i ? " %u" : "%u", groups->gid[i]);
	seq_putc(m, ' ');
}

static void show_task(struct seq_file *m, struct task_struct *task,
		      const struct cred *cred)
{
	int mask = task_umask(task);
	pid_t pgid = task_pgrp_nr(task);
	pid_t sid = task_session_nr(task);

	show_name(m, task);
	if (mask >= 0)
		seq_printf(m, "Umask:\t%#04o\n", mask);
	seq_printf(m, "State:\t%s\n", task_state_name(task));
	seq_printf(m, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\n", task->tgid,
		   task->pid, task_ppid_nr(task));
	seq_printf(m, "TracerPid:\t%d\n", tracer_pid(task));
	show_ids(m, task, cred);
	seq_printf(m, "\nNStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n",
		   task->tgid, task->pid, pgid, sid);
}

static void show_kib(struct seq_file *m, const char *name, unsigned long pages)
{
	seq_printf(m, "%s:\t%8lu kB\n", name, KIB(pages));
}

static void show_mm(struct seq_file *m, struct mm_struct *mm)
{
	unsigned long anon = get_mm_counter(mm, MM_ANONPAGES);
	unsigned long file = get_mm_counter(mm, MM_FILEPAGES);
	unsigned long shmem = get_mm_counter(mm, MM_SHMEMPAGES);
	unsigned long rss = anon + file + shmem;
	unsigned long text = min(proc_text_pages(mm), mm->exec_vm);

	show_kib(m, "VmPeak", max(mm->hiwater_vm, mm->total_vm));
	show_kib(m, "VmSize", mm->total_vm);
	show_kib(m, "VmLck", mm->locked_vm);
	show_kib(m, "VmPin", 0); /* nothing pins pages for long */
	show_kib(m, "VmHWM", max(get_mm_hiwater_rss(mm), rss));
	show_kib(m, "VmRSS", rss);
	show_kib(m, "RssAnon", anon);
	show_kib(m, "RssFile", file);
	show_kib(m, "RssShmem", shmem);
	show_kib(m, "VmData", mm->data_vm);
	show_kib(m, "VmStk", mm->stack_vm);
	show_kib(m, "VmExe", text);
	show_kib(m, "VmLib", mm->exec_vm - text);
	seq_printf(m, "VmPTE:\t%8lu kB\n",
		   (unsigned long)atomic64_read(&mm->pgtables_bytes) >> 10);
	show_kib(m, "VmSwap", 0); /* there is no swap */
}

static void show_set(struct seq_file *m, const char *name, u64 set)
{
	seq_printf(m, "%s:\t%016llx\n", name, set);
}

static void show_signals(struct seq_file *m, struct task_struct *task,
			 const struct cred *cred)
{
	sigset_t own = 0, shared = 0, blocked = 0, ignored = 0, caught = 0;
	u64 limit = 0;
	int nr_threads = 0;
	unsigned long flags;

	if (lock_task_sighand(task, &flags)) {
		own = task->pending.signal;
		shared = task->signal->shared_pending.signal;
		blocked = task->blocked;
		proc_collect_sigs(task, &ignored, &caught);
		nr_threads = task->signal->nr_threads;
		limit = task->signal->rlim[RLIMIT_SIGPENDING].rlim_cur;
		unlock_task_sighand(task, &flags);
	}
	seq_printf(m, "Threads:\t%d\nSigQ:\t%d/%llu\n", nr_threads,
		   atomic_read(&cred->user->sigpending), limit);
	show_set(m, "SigPnd", own);
	show_set(m, "ShdPnd", shared);
	show_set(m, "SigBlk", blocked);
	show_set(m, "SigIgn", ignored);
	show_set(m, "SigCgt", caught);
}

static void show_capabilities(struct seq_file *m, const struct cred *cred)
{
	show_set(m, "CapInh", cred->cap_inheritable);
	show_set(m, "CapPrm", cred->cap_permitted);
	show_set(m, "CapEff", cred->cap_effective);
	show_set(m, "CapBnd", cred->cap_bset);
	show_set(m, "CapAmb", cred->cap_ambient);
}

/* proc_show_cpu_list - see internal.h. */
void proc_show_cpu_list(struct seq_file *m, u64 mask)
{
	unsigned int cpu, last;
	const char *sep = "";

	for (cpu = 0; cpu < 64; cpu = last + 1) {
		last = cpu;
		if (!(mask >> cpu & 1))
			continue;
		while (last < 63 && (mask >> (last + 1) & 1))
			last++;
		seq_printf(m, last > cpu ? "%s%u-%u" : "%s%u", sep, cpu, last);
		sep = ",";
	}
}

static void show_cpus(struct seq_file *m, struct task_struct *task)
{
	u64 mask = READ_ONCE(task->cpus_mask) & (BIT_ULL(nr_cpu_ids) - 1);

	seq_printf(m, "Cpus_allowed:\t%0*llx\nCpus_allowed_list:\t",
		   (int)DIV_ROUND_UP(nr_cpu_ids, 4), mask);
	proc_show_cpu_list(m, mask);
	seq_putc(m, '\n');
}

/* proc_status_show - see internal.h. */
int proc_status_show(struct seq_file *m, struct task_struct *task)
{
	const struct cred *cred = get_task_cred(task);
	struct mm_struct *mm = get_task_mm(task);

	show_task(m, task, cred);
	if (mm) {
		show_mm(m, mm);
		seq_printf(m, "CoreDumping:\t%d\nTHP_enabled:\t0\n",
			   !!(READ_ONCE(task->flags) & PF_DUMPCORE));
		mmput(mm);
	}
	show_signals(m, task, cred);
	show_capabilities(m, cred);
	seq_printf(m, "NoNewPrivs:\t%d\n", task->no_new_privs);
	/* What Linux says where it cannot tell. */
	seq_puts(m, "Speculation_Store_Bypass:\tunknown\n"
		    "SpeculationIndirectBranch:\tunsupported\n");
	show_cpus(m, task);
	seq_printf(m,
		   "voluntary_ctxt_switches:\t%llu\n"
		   "nonvoluntary_ctxt_switches:\t%llu\n",
		   task->nvcsw, task->nivcsw);
	put_cred(cred);
	return 0;
}
