/*
 * lock_check.c - debug builds only: break one rule of locking on purpose.
 *
 * lock_check=NAME on the command line names the rule; what watches over it is
 * expected to stop the machine (tests/boot/test_boot.py looks at the words).
 * A check that lets a breach pass is no check.
 *
 * Locks: its own, of ranks low and high.
 *
 * Entry points: lock_check_run.
 */
#include <kernel/init/init.h>

#ifdef TINE_DEBUG

#include <kernel/arch/irqflags.h>
#include <kernel/arch/smp.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/panic.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/macros.h>
#include <kernel/lib/string.h>
#include <kernel/process/kthread.h>
#include <kernel/sched/core.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/task_work.h>

static DEFINE_SPINLOCK(unranked, LOCK_NONE);
static DEFINE_SPINLOCK(outer, LOCK_TASK);
static DEFINE_SPINLOCK(inner, LOCK_LEAF);
static DEFINE_SPINLOCK(inner_too, LOCK_LEAF);
static DEFINE_SPINLOCK(irq_lock, LOCK_LEAF_IRQ);
static DEFINE_MUTEX(outer_mutex, LOCK_PSEUDO);
static DEFINE_MUTEX(inner_mutex, LOCK_LEAF_SLEEPING);
static DEFINE_MUTEX(inner_mutex_too, LOCK_LEAF_SLEEPING);

static void spin_order(void)
{
	spin_lock(&inner);
	spin_lock(&outer);
}

static void spin_order_nested(void)
{
	spin_lock(&inner);
	spin_lock_nested(&outer, 1);
}

static void spin_same_rank(void)
{
	spin_lock(&inner);
	spin_lock(&inner_too);
}

static void spin_twice(void)
{
	spin_lock(&inner);
	spin_lock(&inner);
}

static void spin_irqs_on(void)
{
	spin_lock(&irq_lock);
}

static void take_inner(void *unused)
{
	(void)unused;
	spin_lock(&inner);
}

/* A call from another CPU comes as an interrupt. */
static void spin_in_interrupt(void)
{
	(void)smp_call_function_single(smp_processor_id() ^ 1, take_inner, NULL,
				       true);
}

static void release_unranked(void *unused)
{
	(void)unused;
	spin_unlock(&unranked);
}

static void nothing(void *unused)
{
	(void)unused;
}

static void spin_other_cpu(void)
{
	spin_lock(&unranked);
	(void)smp_call_function_single(smp_processor_id() ^ 1, release_unranked,
				       NULL, true);
}

static void call_under_spin(void)
{
	spin_lock(&inner);
	(void)smp_call_function_single(smp_processor_id() ^ 1, nothing, NULL,
				       true);
}

static void spin_not_held(void)
{
	spin_unlock(&inner);
}

static void sleep_under_spin(void)
{
	spin_lock(&inner);
	schedule();
}

static void mutex_under_spin(void)
{
	spin_lock(&inner);
	mutex_lock(&inner_mutex);
}

static void mutex_irqs_off(void)
{
	local_irq_disable();
	mutex_lock(&inner_mutex);
}

static void take_mutex(void *unused)
{
	(void)unused;
	mutex_lock(&inner_mutex);
}

static void mutex_in_interrupt(void)
{
	(void)smp_call_function_single(smp_processor_id() ^ 1, take_mutex, NULL,
				       true);
}

static void mutex_order(void)
{
	mutex_lock(&inner_mutex);
	mutex_lock(&outer_mutex);
}

/* _nested excuses the same rank, not a lower one. */
static void mutex_order_nested(void)
{
	mutex_lock(&inner_mutex);
	mutex_lock_nested(&outer_mutex, 1);
}

static void mutex_same_rank(void)
{
	mutex_lock(&inner_mutex);
	mutex_lock(&inner_mutex_too);
}

static int release_mutex(void *unused)
{
	(void)unused;
	mutex_unlock(&inner_mutex);
	return 0;
}

static void mutex_other_task(void)
{
	mutex_lock(&inner_mutex);
	(void)kthread_run(release_mutex, NULL, "lock_check");
	for (;;)
		schedule();
}

static void keep_spin(struct callback_head *unused)
{
	(void)unused;
	spin_lock(&inner);
}

static void keep_mutex(struct callback_head *unused)
{
	(void)unused;
	mutex_lock(&inner_mutex);
}

/* The last thing before PID 1's program takes a lock and keeps it. */
static void user_spin(void)
{
	static struct callback_head work;

	(void)task_work_add_current(&work, keep_spin);
}

static void user_mutex(void)
{
	static struct callback_head work;

	(void)task_work_add_current(&work, keep_mutex);
}

static const struct {
	const char *name;
	void (*breach)(void);
	bool later; /* it is seen only after we returned */
} breaches[] = {
	{"spin_order", spin_order},
	{"spin_order_nested", spin_order_nested},
	{"spin_same_rank", spin_same_rank},
	{"spin_twice", spin_twice},
	{"spin_irqs_on", spin_irqs_on},
	{"spin_in_interrupt", spin_in_interrupt},
	{"spin_other_cpu", spin_other_cpu},
	{"spin_not_held", spin_not_held},
	{"call_under_spin", call_under_spin},
	{"sleep_under_spin", sleep_under_spin},
	{"mutex_under_spin", mutex_under_spin},
	{"mutex_irqs_off", mutex_irqs_off},
	{"mutex_in_interrupt", mutex_in_interrupt},
	{"mutex_order", mutex_order},
	{"mutex_order_nested", mutex_order_nested},
	{"mutex_same_rank", mutex_same_rank},
	{"mutex_other_task", mutex_other_task},
	{"user_spin", user_spin, true},
	{"user_mutex", user_mutex, true},
};

/* lock_check_run - see init.h. */
void lock_check_run(void)
{
	const char *name = cmdline_get("lock_check");
	unsigned int i;

	if (!name)
		return;
	for (i = 0; i < ARRAY_SIZE(breaches); i++) {
		if (strcmp(breaches[i].name, name))
			continue;
		breaches[i].breach();
		if (breaches[i].later)
			return;
		break;
	}
	panic("lock_check=%s: nobody noticed", name);
}

#endif
