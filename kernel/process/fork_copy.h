/*
 * The steps of copy_process(), used by fork.c only.
 *
 * Entry points: copy_task, undo_copy_task.
 */
#pragma once

struct kernel_clone_args;
struct task_struct;

/* copy_task - fill @child, a raw copy of current.  0 or -errno (undone). */
int copy_task(struct kernel_clone_args *args, struct task_struct *child);

/* undo_copy_task - take it all back; @child is in no table. */
void undo_copy_task(struct kernel_clone_args *args, struct task_struct *child);
