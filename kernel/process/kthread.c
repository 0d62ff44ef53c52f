/*
 * kthread.c - kernel threads, all children of kthreadd.
 *
 * kthread_create() leaves a request in a list and waits; kthreadd, which has
 * nothing of any program's, forks the thread.  The new thread sleeps until it
 * is woken the first time, so its maker can still name and place it.
 *
 * Locks: create_lock for the requests.
 *
 * Entry points: see kthread.h.
 */
#include <kernel/process/kthread.h>

#include <abi/errno.h>
#include <abi/sched.h>
#include <abi/signal.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/format.h>
#include <kernel/process/exit.h>
#include <kernel/process/fork.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <kernel/sched/completion.h>
#include <kernel/sched/wait.h>

#define KTHREAD_STOP 0 /* bit of kthread.flags */

/* Lives as long as its task_struct. */
struct kthread {
	unsigned long flags; /* [A] */
	int result;	     /* valid once exited is complete */
	struct completion exited;
};

struct kthread_request {
	struct list_head link; /* [create_lock] */
	int (*fn)(void *);
	void *arg;
	struct kthread *kthread;
	struct task_struct *task; /* or ERR_PTR */
	struct completion done;
};

struct task_struct *kthreadd_task;

static DEFINE_SPINLOCK(create_lock, LOCK_LEAF);
static LIST_HEAD(requests);

/* kthread_should_stop - see kthread.h. */
bool kthread_should_stop(void)
{
	return test_bit(KTHREAD_STOP, &current->kthread->flags);
}

/* The first thing a kernel thread runs; never returns. */
static int kthread_main(void *arg)
{
	struct kthread_request *request = arg;
	struct kthread *self = request->kthread;
	int (*fn)(void *) = request->fn;
	void *fn_arg = request->arg;
	int result = -EINTR;

	current->kthread = self;
	request->task = current;
	set_current_state(TASK_UNINTERRUPTIBLE);
	/* After this @request is gone. */
	complete(&request->done);
	schedule();

	if (!test_bit(KTHREAD_STOP, &self->flags))
		result = fn(fn_arg);
	self->result = result;
	complete_all(&self->exited);
	do_exit(0);
}

static void kthreadd_serve(struct kthread_request *request)
{
	pid_t pid = kernel_thread(kthread_main, request,
				  CLONE_FS | CLONE_FILES | SIGCHLD);

	if (pid < 0) {
		request->task = ERR_PTR(pid);
		complete(&request->done);
	}
}

static struct kthread_request *kthreadd_next(void)
{
	struct kthread_request *request = NULL;

	spin_lock(&create_lock);
	if (!list_empty(&requests)) {
		request = list_first_entry(&requests, struct kthread_request,
					   link);
		list_del(&request->link);
	}
	spin_unlock(&create_lock);
	return request;
}

/* kthreadd - see kthread.h. */
int kthreadd(void *unused)
{
	struct kthread_request *request;

	(void)unused;
	set_task_comm(current, "kthreadd");
	WRITE_ONCE(kthreadd_task, current);
	/* Ignored SIGCHLD: dead kernel threads leave no zombies. */
	ignore_signals(current);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		request = kthreadd_next();
		if (!request) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		kthreadd_serve(request);
	}
	return 0;
}

static struct task_struct *kthread_request(struct kthread *kthread,
					   int (*fn)(void *), void *arg)
{
	struct kthread_request request = {
		.fn = fn,
		.arg = arg,
		.kthread = kthread,
	};

	init_completion(&request.done);
	spin_lock(&create_lock);
	list_add_tail(&request.link, &requests);
	spin_unlock(&create_lock);
	/* At boot it may not be there yet: it looks before it sleeps. */
	if (READ_ONCE(kthreadd_task))
		wake_up_process(kthreadd_task);
	wait_for_completion(&request.done);
	return request.task;
}

/* kthread_create - see kthread.h. */
struct task_struct *kthread_create(int (*fn)(void *), void *arg,
				   const char *fmt, ...)
{
	struct kthread *kthread = kzalloc(sizeof(*kthread));
	char name[TASK_COMM_LEN];
	struct task_struct *task;
	va_list args;

	if (!kthread)
		return ERR_PTR(-ENOMEM);
	init_completion(&kthread->exited);
	task = kthread_request(kthread, fn, arg);
	if (IS_ERR(task)) {
		kfree(kthread);
		return task;
	}
	va_start(args, fmt);
	(void)vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	set_task_comm(task, name);
	return task;
}

/* kthread_stop - see kthread.h.  @task must not exit by itself before. */
int kthread_stop(struct task_struct *task)
{
	struct kthread *kthread;
	int result;

	get_task_struct(task);
	kthread = task->kthread;
	set_bit(KTHREAD_STOP, &kthread->flags);
	wake_up_process(task);
	wait_for_completion(&kthread->exited);
	result = kthread->result;
	put_task_struct(task);
	return result;
}
