/*
 * task_work.c - a stack of callbacks per task, pushed without a lock.
 *
 * Entry points: task_work_add, task_work_add_current, task_work_run,
 * exit_task_work.
 */
#include <kernel/sched/task_work.h>

#include <abi/errno.h>
#include <kernel/arch/uaccess.h>
#include <kernel/sched/core.h>

/* Marks a list that takes no more. */
static struct callback_head work_exited;

/* task_work_add - see task_work.h. */
int task_work_add(struct task_struct *task, struct callback_head *work)
{
	struct callback_head *head = READ_ONCE(task->task_works);

	do {
		if (head == &work_exited)
			return -ESRCH;
		work->next = head;
	} while (!try_cmpxchg(&task->task_works, &head, work));
	set_tsk_thread_flag(task, TIF_NOTIFY_RESUME);
	kick_process(task);
	return 0;
}

/* task_work_add_current - see task_work.h. */
bool task_work_add_current(struct callback_head *work,
			   void (*func)(struct callback_head *work))
{
	if (current->flags & PF_KTHREAD)
		return false;
	work->func = func;
	return task_work_add(current, work) == 0;
}

/* Take the whole list, leaving @replacement; oldest first. */
static struct callback_head *task_work_take(struct task_struct *task,
					    struct callback_head *replacement)
{
	struct callback_head *head = xchg(&task->task_works, replacement);
	struct callback_head *oldest = NULL;

	while (head && head != &work_exited) {
		struct callback_head *next = head->next;

		head->next = oldest;
		oldest = head;
		head = next;
	}
	return oldest;
}

static void task_work_call(struct callback_head *work)
{
	while (work) {
		struct callback_head *next = work->next;

		work->func(work);
		work = next;
	}
}

/* task_work_run - see task_work.h.  A new task comes here before anything. */
void task_work_run(void)
{
	struct task_struct *task = current;

	clear_thread_flag(TIF_NOTIFY_RESUME);
	if (task->set_child_tid) {
		/* clone(2) CLONE_CHILD_SETTID: in the child's memory. */
		(void)put_user(task->pid, task->set_child_tid);
		task->set_child_tid = NULL;
	}
	while (READ_ONCE(task->task_works) &&
	       READ_ONCE(task->task_works) != &work_exited)
		task_work_call(task_work_take(task, NULL));
}

/* exit_task_work - see task_work.h. */
void exit_task_work(struct task_struct *task)
{
	task_work_run();
	/* What came in between; after this, -ESRCH. */
	task_work_call(task_work_take(task, &work_exited));
}
