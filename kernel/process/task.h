/*
 * Tasks: the table of all of them, references, and their small attributes.
 *
 * Every process is in the list init_task.tasks (through its leader), every
 * thread in its process's signal->thread_head.  Both change only under
 * tasklist_lock.  Interrupts never take it, but siglock, which they do take, is
 * taken under it: so it is held with interrupts off.  A task found under it
 * stays valid after it with get_task_struct().
 *
 * Entry points: tasklist_lock, for_each_process, for_each_thread,
 * get_task_struct, put_task_struct, dup_task_struct, set_task_comm.
 * task_state_char is in <kernel/sched/stats.h>, get_task_mm in
 * <kernel/mm/mm_struct.h>.
 */
#pragma once

#include <kernel/base/spinlock.h>
#include <kernel/sched/cred.h>
#include <kernel/types/signal.h>
#include <kernel/types/task.h>

extern struct spinlock tasklist_lock;

/* How many threads there are and may be. */
extern int nr_threads;		  /* [T] idle tasks not counted */
extern int max_threads;		  /* /proc/sys/kernel/threads-max */
extern unsigned long total_forks; /* [T] since boot */

/* Under tasklist_lock.  init_task itself (pid 0) is never visited. */
#define next_task(p) list_entry((p)->tasks.next, struct task_struct, tasks)
#define for_each_process(p)                                                    \
	for (p = &init_task; (p = next_task(p)) != &init_task;)

/* All threads of @p's process; under tasklist_lock or siglock. */
#define for_each_thread(p, t)                                                  \
	list_for_each_entry (t, &(p)->signal->thread_head, thread_node)
/* next_thread - the one after @p in that list, round and round. */
static inline struct task_struct *next_thread(const struct task_struct *p)
{
	const struct list_head *next = p->thread_node.next;

	if (next == &p->signal->thread_head)
		next = next->next;
	return list_entry(next, struct task_struct, thread_node);
}

#define __for_each_thread(sig, t)                                              \
	list_for_each_entry (t, &(sig)->thread_head, thread_node)
#define for_each_process_thread(p, t)                                          \
	for_each_process (p)                                                   \
		for_each_thread (p, t)

static inline struct task_struct *get_task_struct(struct task_struct *task)
{
	refcount_inc(&task->usage);
	return task;
}

/* Frees what the last reference held; see put_task_struct. */
void __put_task_struct(struct task_struct *task);

/* put_task_struct - drop a reference.  Any context. */
static inline void put_task_struct(struct task_struct *task)
{
	if (refcount_dec_and_test(&task->usage))
		__put_task_struct(task);
}

static inline void task_lock(struct task_struct *task)
{
	spin_lock(&task->alloc_lock);
}

static inline void task_unlock(struct task_struct *task)
{
	spin_unlock(&task->alloc_lock);
}

/* Is it still in the table (not yet reaped)? */
static inline bool pid_alive(const struct task_struct *task)
{
	return READ_ONCE(task->pids[PIDTYPE_PID]) != NULL;
}

static inline bool thread_group_leader(const struct task_struct *task)
{
	return task->exit_signal >= 0;
}

static inline bool same_thread_group(const struct task_struct *a,
				     const struct task_struct *b)
{
	return a->signal == b->signal;
}

static inline bool thread_group_empty(struct task_struct *task)
{
	return task->signal->thread_head.next == task->signal->thread_head.prev;
}

static inline int get_nr_threads(const struct task_struct *task)
{
	return READ_ONCE(task->signal->nr_threads);
}

static inline bool is_global_init(const struct task_struct *task)
{
	return task->tgid == 1;
}

static inline pid_t task_pid_nr(const struct task_struct *task)
{
	return task->pid;
}

static inline pid_t task_tgid_nr(const struct task_struct *task)
{
	return task->tgid;
}

/*
 * dup_task_struct - a raw copy of @orig with a kernel stack of its own, two
 * references (one for the table, one for the scheduler), nothing shared yet.
 * Returns NULL without memory.
 */
struct task_struct *dup_task_struct(struct task_struct *orig);

/* free_task - undo dup_task_struct for a task that never ran. */
void free_task(struct task_struct *task);

/* task_free_stack - give back the stack of a task that is off its CPU. */
void task_free_stack(struct task_struct *task);

/* get_task_exe_file - what it runs, with a reference, or NULL. */
struct file *get_task_exe_file(struct task_struct *task);

/* set_task_comm - name @task; cut to 15 bytes. */
void set_task_comm(struct task_struct *task, const char *name);

/* get_task_comm - copy @task's name to @buf of TASK_COMM_LEN bytes. */
char *get_task_comm(char *buf, struct task_struct *task);

/* task_ppid_nr - the tgid of the real parent, 0 for none. */
pid_t task_ppid_nr(struct task_struct *task);

/* fork_init - caches, limits, hooks; once, after the allocators and mm_init.
 * signals_init() is called beside it. */
void fork_init(void);
