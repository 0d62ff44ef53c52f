/*
 * reboot.c - stop the system in order: reboot(2).
 *
 * All file systems are synced, then the notifiers run (unmount, stop devices),
 * then the machine is told.
 *
 * Locks: the list of notifiers is filled at boot; reboot_mutex lets one task
 * at a time go down.
 *
 * Entry points: see reboot.h.
 */
#include <kernel/process/reboot.h>

#include <abi/errno.h>
#include <fs/vfs/sync.h>
#include <kernel/alloc/kernel_stack.h>
#include <kernel/arch/power.h>
#include <kernel/base/printk.h>
#include <kernel/process/exit.h>
#include <kernel/process/pid.h>
#include <kernel/process/signal.h>
#include <kernel/process/workqueue.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/mutex.h>

static LIST_HEAD(notifiers); /* by falling priority */
static DEFINE_MUTEX(reboot_mutex, LOCK_REBOOT);
int C_A_D = 1;

/* register_reboot_notifier - see reboot.h.  Boot only. */
void register_reboot_notifier(struct reboot_notifier *notifier)
{
	struct reboot_notifier *other;

	list_for_each_entry (other, &notifiers, link) {
		if (other->priority < notifier->priority)
			break;
	}
	list_add_tail(&notifier->link, &other->link);
}

static void shutdown_prepare(void)
{
	struct reboot_notifier *notifier;

	ksys_sync();
	list_for_each_entry (notifier, &notifiers, link)
		notifier->func();
	report_kernel_stacks();
}

/* kernel_restart - see reboot.h. */
__noreturn void kernel_restart(const char *command)
{
	shutdown_prepare();
	if (command)
		pr_emerg("reboot: Restarting system with command '%s'\n",
			 command);
	else
		pr_emerg("reboot: Restarting system\n");
	machine_restart();
}

/* kernel_power_off - see reboot.h. */
__noreturn void kernel_power_off(void)
{
	shutdown_prepare();
	pr_emerg("reboot: Power down\n");
	machine_power_off();
}

/* kernel_halt - see reboot.h. */
__noreturn void kernel_halt(void)
{
	shutdown_prepare();
	pr_emerg("reboot: System halted\n");
	machine_halt();
}

static bool reboot_magic_ok(u32 magic1, u32 magic2)
{
	return magic1 == LINUX_REBOOT_MAGIC1 &&
	       (magic2 == LINUX_REBOOT_MAGIC2 ||
		magic2 == LINUX_REBOOT_MAGIC2A ||
		magic2 == LINUX_REBOOT_MAGIC2B ||
		magic2 == LINUX_REBOOT_MAGIC2C);
}

/* ksys_reboot - see reboot.h. */
long ksys_reboot(u32 magic1, u32 magic2, u32 cmd, const char *command)
{
	long err = 0;

	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if (!reboot_magic_ok(magic1, magic2))
		return -EINVAL;
	mutex_lock(&reboot_mutex);
	switch (cmd) {
	case LINUX_REBOOT_CMD_RESTART:
		kernel_restart(NULL);
	case LINUX_REBOOT_CMD_RESTART2:
		kernel_restart(command);
	case LINUX_REBOOT_CMD_POWER_OFF:
		kernel_power_off();
	case LINUX_REBOOT_CMD_HALT:
		kernel_halt();
	case LINUX_REBOOT_CMD_CAD_ON:
		C_A_D = 1;
		break;
	case LINUX_REBOOT_CMD_CAD_OFF:
		C_A_D = 0;
		break;
	default:
		err = -EINVAL;
	}
	mutex_unlock(&reboot_mutex);
	return err;
}

static void restart_work_fn(struct work_struct *work)
{
	(void)work;
	kernel_restart(NULL);
}

static DECLARE_WORK(restart_work, restart_work_fn);

/* ctrl_alt_del - see reboot.h.  Any context. */
void ctrl_alt_del(void)
{
	struct pid *init;

	if (C_A_D) {
		(void)schedule_work(&restart_work);
		return;
	}
	init = find_get_pid(1);
	if (init)
		(void)kill_pid(init, SIGINT, 1);
	put_pid(init);
}
