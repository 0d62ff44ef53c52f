/*
 * The end of a task: exit(2), exit_group(2), and giving back what is left.
 *
 * Entry points: do_exit, do_group_exit, release_task, exit_signals,
 * make_task_dead.
 */
#pragma once

#include <kernel/lib/macros.h>
#include <kernel/types/task.h>

/*
 * do_exit - current ends; @code is in wait4(2)'s form (status << 8 | signal).
 * Does not return.  Process context, no locks held.
 */
__noreturn void do_exit(long code);

/* do_group_exit - the whole process ends, with the first such @code. */
__noreturn void do_group_exit(int code);

/* make_task_dead - do_exit after an oops in kernel code. */
__noreturn void make_task_dead(int sig);

/*
 * release_task - the last trace of a dead @task leaves the tables; if it was
 * the last thread of a dead leader nobody waits for, that one as well.
 * No locks held.
 */
void release_task(struct task_struct *task);
