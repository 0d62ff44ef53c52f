/*
 * task_work.h - a piece of work that a task does itself before it returns to
 * user mode.  Functions: <kernel/sched/task_work.h>.
 */
#pragma once

struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *head);
};
