/*
 * The end of the system: reboot(2).
 *
 * Entry points: ksys_reboot, kernel_restart, kernel_power_off, kernel_halt,
 * register_reboot_notifier, ctrl_alt_del.
 */
#pragma once

#include <abi/reboot.h>
#include <kernel/lib/list.h>
#include <kernel/lib/macros.h>

/*
 * Called in order of falling priority before the machine stops: sync and
 * unmount (vfs), stop devices (drivers).  May sleep.
 */
struct reboot_notifier {
	void (*func)(void);
	int priority;
	struct list_head link;
};

void register_reboot_notifier(struct reboot_notifier *notifier);

/* Sync, call the notifiers, print Linux's line, stop the machine. */
__noreturn void kernel_restart(const char *command);
__noreturn void kernel_power_off(void);
__noreturn void kernel_halt(void);

/*
 * ksys_reboot - reboot(2): -EPERM, -EINVAL; @command is a kernel string for
 * RESTART2 or NULL.
 */
long ksys_reboot(u32 magic1, u32 magic2, u32 cmd, const char *command);

/* C_A_D - what the key does: 0 SIGINT to init, else restart. */
extern int C_A_D;

/* ctrl_alt_del - the key: restart, or SIGINT to init (CAD_OFF). */
void ctrl_alt_del(void);
