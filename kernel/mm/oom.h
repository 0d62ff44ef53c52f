/*
 * oom.h - out of memory: kill one process, never panic.
 */
#pragma once

#include <kernel/types/task.h>

#define OOM_SCORE_ADJ_MIN (-1000)
#define OOM_SCORE_ADJ_MAX 1000

/* What mm asks of kernel/process. */
struct oom_ops {
	/*
	 * The process whose @badness(task) is highest, referenced; NULL if
	 * all are LONG_MIN (unkillable).  Walks the task list.
	 */
	struct task_struct *(*select)(long (*badness)(struct task_struct *),
				      long *points);
	/* SIGKILL to the whole process; drops the reference. */
	void (*kill)(struct task_struct *victim);
	/* Lines "oom-kill: ..." may want the uid: real uid of @task. */
	uid_t (*uid)(struct task_struct *task);
	/* The task's process is already on its way out after a SIGKILL. */
	bool (*is_dying)(struct task_struct *task);
	/* @fn for each process of a program. */
	void (*for_each)(void (*fn)(struct task_struct *task));
};
void oom_set_ops(const struct oom_ops *ops);

/* Kill who asked for the memory, not who has most. */
extern int sysctl_oom_kill_allocating_task;
extern int sysctl_panic_on_oom;	  /* 0 kill, else panic */
extern int sysctl_oom_dump_tasks; /* list all processes first */

/* oom_badness - pages that killing it would give back, adjusted by
 * oom_score_adj; LONG_MIN: not to be killed.  For /proc/PID/oom_score too. */
long oom_badness(struct task_struct *task);

/* oom_score - 0..2000 as /proc/PID/oom_score shows it. */
unsigned long oom_score(struct task_struct *task);

/*
 * out_of_memory - memory is gone: choose a process and kill it.
 *
 * Returns true if something was killed or is dying, so that trying again
 * makes sense.  May sleep.
 */
bool out_of_memory(void);

/* show_mem - lines that say where memory is. */
void show_mem(void);

/* oom_kill_now - kill one, whatever memory there is; false: nobody may be. */
bool oom_kill_now(void);

/*
 * alloc_page_or_kill - a page with one reference; kills for it if need be.
 *
 * NULL: current is being killed itself, nobody may be killed, or the victims
 * were not gone after seconds (they may wait for what current holds).  May
 * sleep.
 */
struct page *alloc_page_or_kill(void) __must_check;

/* pagefault_out_of_memory - exc_page_fault got VM_FAULT_OOM: kill one, then
 * let the program try again. */
void pagefault_out_of_memory(void);
