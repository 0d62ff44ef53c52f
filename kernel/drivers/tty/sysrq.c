/*
 * sysrq.c - keys for an administrator in need: /proc/sysrq-trigger, proc(5),
 * and a break followed by a key on the console's serial line.
 *
 * kernel.sysrq says which keys the line has: 0 none, 1 all, else a set of
 * kinds.  The file has all of them.  What comes from the line is done by a
 * work item, but for restart and crash, which must work when nothing else does.
 *
 * Entry points: handle_sysrq, sysrq_on, sysrq_init.
 */
#include <kernel/drivers/tty/sysrq.h>

#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/sched.h>
#include <abi/signal.h>
#include <fs/vfs/pseudo.h>
#include <fs/vfs/super.h>
#include <fs/vfs/sync.h>
#include <fs/vfs/sysctl.h>
#include <kernel/arch/power.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/format.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/oom.h>
#include <kernel/process/pid.h>
#include <kernel/process/reboot.h>
#include <kernel/process/show_task.h>
#include <kernel/process/signal.h>
#include <kernel/process/task.h>
#include <kernel/process/workqueue.h>
#include <kernel/sched/core.h>
#include <kernel/sched/priority.h>

/* Kinds of keys. */
#define SYSRQ_ALL     1
#define SYSRQ_LOG     2
#define SYSRQ_DUMP    8
#define SYSRQ_SYNC    16
#define SYSRQ_REMOUNT 32
#define SYSRQ_SIGNAL  64
#define SYSRQ_BOOT    128
#define SYSRQ_RTNICE  256

#define LOGLEVEL_SHOW_HEADER 7

static int sysrq_enabled = SYSRQ_LOG | 4 | SYSRQ_SYNC | SYSRQ_REMOUNT |
			   SYSRQ_BOOT | SYSRQ_RTNICE; /* Debian's choice */

static void set_loglevel(u8 key)
{
	console_printk[CONSOLE_LOGLEVEL] = LOGLEVEL_SHOW_HEADER;
	pr_info("sysrq: Loglevel set to %d\n", key - '0');
	console_printk[CONSOLE_LOGLEVEL] = key - '0';
}

static void reboot(u8 key)
{
	machine_restart();
}

static void crash(u8 key)
{
	panic("sysrq triggered crash");
}

/* To every program but init. */
static void signal_all(int sig)
{
	struct task_struct *task;

	spin_lock_irq(&tasklist_lock);
	for_each_process (task) {
		if (!(task->flags & PF_KTHREAD) && task->tgid != 1)
			(void)do_send_sig_info(sig, SEND_SIG_PRIV, task,
					       PIDTYPE_TGID);
	}
	spin_unlock_irq(&tasklist_lock);
}

static void terminate_all(u8 key)
{
	console_printk[CONSOLE_LOGLEVEL] = 10;
	signal_all(SIGTERM);
}

static void kill_all(u8 key)
{
	console_printk[CONSOLE_LOGLEVEL] = 10;
	signal_all(SIGKILL);
}

static void kill_fullest(u8 key)
{
	if (!oom_kill_now())
		pr_info("sysrq: OOM request ignored. No task eligible\n");
}

static void show_memory(u8 key)
{
	show_mem();
}

/* Realtime tasks of programs become ordinary ones, lower nice values 0. */
static void nice_all(u8 key)
{
	static const struct sched_param ordinary;
	struct task_struct *task;
	unsigned int policy;
	pid_t nr;

	for (nr = 1; (task = next_tid(nr)); nr++) {
		nr = task->pid;
		if (!(task->flags & PF_KTHREAD)) {
			policy = READ_ONCE(task->policy);
			if (policy == SCHED_FIFO || policy == SCHED_RR)
				(void)sched_setscheduler(task, SCHED_NORMAL,
							 &ordinary);
			else if (task_nice(task) < 0)
				set_user_nice(task, 0);
		}
		put_task_struct(task);
		(void)cond_resched();
	}
}

static void power_off(u8 key)
{
	kernel_power_off();
}

static void sync_now(struct work_struct *work)
{
	ksys_sync();
	pr_info("Emergency Sync complete\n");
}

static void remount_now(struct work_struct *work)
{
	emergency_remount();
	pr_info("Emergency Remount complete\n");
}

static void sync_all(u8 key)
{
	static DECLARE_WORK(work, sync_now);

	schedule_work(&work);
}

static void remount_all(u8 key)
{
	static DECLARE_WORK(work, remount_now);

	schedule_work(&work);
}

static void show_tasks(u8 key)
{
	show_state_filter(0);
}

static void show_blocked(u8 key)
{
	show_state_filter('D');
}

static const struct sysrq_key {
	u8 first, last;
	int kind;
	const char *help, *action;
	void (*run)(u8 key);
} keys[] = {
	{'0', '9', SYSRQ_LOG, "loglevel(0-9)", "Changing Loglevel",
	 set_loglevel},
	{'b', 'b', SYSRQ_BOOT, "reboot(b)", "Resetting", reboot},
	{'c', 'c', SYSRQ_DUMP, "crash(c)", "Trigger a crash", crash},
	{'e', 'e', SYSRQ_SIGNAL, "terminate-all-tasks(e)",
	 "Terminate All Tasks", terminate_all},
	{'f', 'f', SYSRQ_SIGNAL, "memory-full-oom-kill(f)",
	 "Manual OOM execution", kill_fullest},
	{'i', 'i', SYSRQ_SIGNAL, "kill-all-tasks(i)", "Kill All Tasks",
	 kill_all},
	{'m', 'm', SYSRQ_DUMP, "show-memory-usage(m)", "Show Memory",
	 show_memory},
	{'n', 'n', SYSRQ_RTNICE, "nice-all-RT-tasks(n)", "Nice All RT Tasks",
	 nice_all},
	{'o', 'o', SYSRQ_BOOT, "poweroff(o)", "Power Off", power_off},
	{'s', 's', SYSRQ_SYNC, "sync(s)", "Emergency Sync", sync_all},
	{'t', 't', SYSRQ_DUMP, "show-task-states(t)", "Show State", show_tasks},
	{'u', 'u', SYSRQ_REMOUNT, "unmount(u)", "Emergency Remount R/O",
	 remount_all},
	{'w', 'w', SYSRQ_DUMP, "show-blocked-tasks(w)", "Show Blocked State",
	 show_blocked},
};

static const struct sysrq_key *find_key(u8 key)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (key >= keys[i].first && key <= keys[i].last)
			return &keys[i];
	}
	return NULL;
}

static void show_help(void)
{
	char line[400];
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		len += scnprintf(line + len, sizeof(line) - len, "%s ",
				 keys[i].help);
	pr_info("sysrq: HELP : %s\n", line);
}

static bool is_allowed(int kind)
{
	return sysrq_enabled == SYSRQ_ALL || (sysrq_enabled & kind);
}

/* The header is shown whatever the console's level is. */
static void do_sysrq(u8 key, bool check)
{
	const struct sysrq_key *found = find_key(key);
	int level = console_printk[CONSOLE_LOGLEVEL];
	bool run = found && (!check || is_allowed(found->kind));

	console_printk[CONSOLE_LOGLEVEL] = LOGLEVEL_SHOW_HEADER;
	if (!found)
		show_help();
	else if (run)
		pr_info("sysrq: %s\n", found->action);
	else
		pr_info("sysrq: This sysrq operation is disabled.\n");
	console_printk[CONSOLE_LOGLEVEL] = level;
	if (run)
		found->run(key);
}

/* sysrq_on - see sysrq.h. */
bool sysrq_on(void)
{
	return READ_ONCE(sysrq_enabled);
}

/* The last key that was pressed and is not done. */
static u8 pressed;

static void do_pressed(struct work_struct *work)
{
	u8 key = __atomic_exchange_n(&pressed, 0, __ATOMIC_RELAXED);

	if (key)
		do_sysrq(key, true);
}

/* handle_sysrq - see sysrq.h. */
void handle_sysrq(u8 key)
{
	static DECLARE_WORK(work, do_pressed);

	if ((key == 'b' || key == 'c') && is_allowed(find_key(key)->kind)) {
		do_sysrq(key, true);
		return;
	}
	WRITE_ONCE(pressed, key);
	schedule_work(&work);
}

/* proc(5): the first character of each write is a key. */
static ssize_t trigger_store(void *data, const char *text, size_t len)
{
	do_sysrq((u8)text[0], false);
	return (ssize_t)len;
}

/* sysrq_init - see sysrq.h. */
void __init sysrq_init(void)
{
	static const struct sysctl_int numbers[] = {
		{"kernel/sysrq", 0644, &sysrq_enabled, INT_MIN, INT_MAX},
	};

	sysctl_register_ints(numbers, ARRAY_SIZE(numbers));
	(void)pseudo_create(NULL, "sysrq-trigger", 0200, NULL, trigger_store,
			    NULL);
}
