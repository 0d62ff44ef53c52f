/*
 * Work that a task does itself before it returns to user mode or exits: there
 * it holds no lock, whatever was held where the work was asked for.
 *
 * Entry points: task_work_add, task_work_add_current, task_work_run.
 */
#pragma once

#include <kernel/types/task.h>

/*
 * task_work_add - @task will call @work->func(@work).  0, or -ESRCH if it is
 * past its exit.  Any context.
 */
int task_work_add(struct task_struct *task, struct callback_head *work);

/*
 * task_work_add_current - @func(@work) before current goes back to its program.
 * False, and nothing is done: current is a kernel thread, or too far gone.
 */
bool task_work_add_current(struct callback_head *work,
			   void (*func)(struct callback_head *work));

/* task_work_run - do what is queued for current.  May sleep. */
void task_work_run(void);

/* exit_task_work - the same, and nothing more is accepted. */
void exit_task_work(struct task_struct *task);
