/*
 * Kernel threads.  kthreadd (PID 2) makes them, so that they inherit nothing
 * from who asks.
 *
 * Entry points: kthread_create, kthread_run, kthread_stop,
 * kthread_should_stop, kthread_bind, kthreadd.
 */
#pragma once

#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/core.h>
#include <kernel/types/task.h>

/*
 * kthread_create - a thread named by @fmt that will run @fn(@arg) once it is
 * first woken.  Returns it (valid until it exits; keep a reference for longer)
 * or ERR_PTR.  May sleep.
 */
struct task_struct *kthread_create(int (*fn)(void *), void *arg,
				   const char *fmt, ...) __printf(3, 4);

/* kthread_run - the same, and wake it. */
#define kthread_run(fn, arg, ...)                                              \
	({                                                                     \
		struct task_struct *kt__ =                                     \
			kthread_create(fn, arg, __VA_ARGS__);                  \
		if (!IS_ERR(kt__))                                             \
			wake_up_process(kt__);                                 \
		kt__;                                                          \
	})

/* kthread_stop - ask @task to return and wait; its result. */
int kthread_stop(struct task_struct *task);

/* kthread_should_stop - was current asked? */
bool kthread_should_stop(void);

/* kthreadd - PID 2's loop; started by the boot code with kernel_thread. */
int kthreadd(void *unused);

/* PID 2, once it runs. */
extern struct task_struct *kthreadd_task;
