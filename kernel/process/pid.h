/*
 * Process ids.
 *
 * A struct pid stands for one number while any task uses it as thread id,
 * process, process group or session; pid->tasks[type] lists them.  Numbers are
 * handed out upwards and, after pid_max, again from RESERVED_PIDS; looking one
 * up walks a three-level table.  fork costs the same with ten or ten thousand.
 *
 * Locks: the table has pidmap_lock; the lists of tasks, tasklist_lock and
 * pid->lock (see pid.c).
 *
 * Entry points: alloc_pid, free_pid, find_get_pid, find_task_by_vpid,
 * find_get_task_by_vpid, attach_pid, detach_pid, change_pid.
 */
#pragma once

#include <kernel/base/spinlock.h>
#include <kernel/process/task.h>
#include <kernel/types/task.h>

struct file;

#define PID_MAX_DEFAULT 32768
#define PID_MAX_LIMIT	(4 * 1024 * 1024)
#define RESERVED_PIDS	300

extern int pid_max;    /* /proc/sys/kernel/pid_max */
extern pid_t last_pid; /* the last number handed out */
/* set_last_pid - the search for a free number goes on after @nr. */
void set_last_pid(pid_t nr);

/*
 * alloc_pid - a new id with one reference: @want, or the next free one if 0.
 * It can be found at once but lists no task.  Returns ERR_PTR(-EAGAIN) when all
 * are taken, -EEXIST (@want is), -ENOMEM.
 */
struct pid *alloc_pid(pid_t want);

/* free_pid - take an id that no task uses out of the table; puts it. */
void free_pid(struct pid *pid);

static inline struct pid *get_pid(struct pid *pid)
{
	if (pid)
		refcount_inc(&pid->count);
	return pid;
}

/* put_pid - drop a reference; NULL is fine. */
void put_pid(struct pid *pid);

/* fs/proc's: the id of the process whose directory /proc/PID @file is, with a
 * reference; NULL for any other file. */
extern struct pid *(*proc_tgid_pid_hook)(const struct file *file);

/* find_get_pid - the id numbered @nr with a reference, or NULL. */
struct pid *find_get_pid(pid_t nr);

/* find_vpid - the same without; under tasklist_lock. */
struct pid *find_vpid(pid_t nr);

/* pid_task - first task that uses @pid as @type, or NULL; tasklist_lock. */
struct task_struct *pid_task(struct pid *pid, enum pid_type type);

/* get_pid_task - the same with a reference, in any context; takes pid->lock,
 * not tasklist_lock. */
struct task_struct *get_pid_task(struct pid *pid, enum pid_type type);

/* find_task_by_vpid - the thread numbered @nr or NULL; tasklist_lock held. */
struct task_struct *find_task_by_vpid(pid_t nr);

/* find_get_task_by_vpid - the same with a reference; any context. */
struct task_struct *find_get_task_by_vpid(pid_t nr);

/*
 * next_tgid - the process with the lowest id >= @nr, with a reference, or
 * NULL: how /proc is listed.
 */
struct task_struct *next_tgid(pid_t nr);

/* next_tid - the same of all tasks, threads too. */
struct task_struct *next_tid(pid_t nr);

/* A list entry per kind of id; tasklist_lock, with siglock where it matters. */
void init_task_pid(struct task_struct *task, enum pid_type type,
		   struct pid *pid);
void attach_pid(struct task_struct *task, enum pid_type type);
void detach_pid(struct task_struct *task, enum pid_type type);
void change_pid(struct task_struct *task, enum pid_type type, struct pid *pid);

/* exchange_tids - exec: @left and @right swap their thread ids. */
void exchange_tids(struct task_struct *left, struct task_struct *right);

/* transfer_pid - @to takes @from's place in its list of kind @type. */
void transfer_pid(struct task_struct *from, struct task_struct *to,
		  enum pid_type type);

static inline struct pid *task_pid(struct task_struct *task)
{
	return task->pids[PIDTYPE_PID];
}

static inline struct pid *task_tgid(struct task_struct *task)
{
	return task->pids[PIDTYPE_TGID];
}

/* These two are stable only under tasklist_lock (a session leader's always):
 * setpgid(2) of a parent changes the group of a running child. */
static inline struct pid *task_pgrp(struct task_struct *task)
{
	return task->pids[PIDTYPE_PGID];
}

static inline struct pid *task_session(struct task_struct *task)
{
	return task->pids[PIDTYPE_SID];
}

/* pid_nr, pid_vnr - its number, 0 for NULL. */
static inline pid_t pid_nr(const struct pid *pid)
{
	return pid ? pid->nr : 0;
}
#define pid_vnr(pid) pid_nr(pid)

/* The numbers of @task's group and session, 0 once it is reaped. */
pid_t task_pgrp_nr(struct task_struct *task);
pid_t task_session_nr(struct task_struct *task);
#define task_pgrp_vnr(task)    task_pgrp_nr(task)
#define task_session_vnr(task) task_session_nr(task)

/* get_task_pid - a reference to @task's id of kind @type, or NULL. */
struct pid *get_task_pid(struct task_struct *task, enum pid_type type);

/* Loop over the tasks that use @pid as @type; tasklist_lock held. */
#define do_each_pid_task(pid, type, task)                                      \
	hlist_for_each_entry(task, &(pid)->tasks[type], pid_links[type])
