/*
 * The kernel's log for programs: syslog(2), and waiting for new records.
 *
 * Entry points: do_syslog, syslog_init, log_wait.
 */
#pragma once

#include <kernel/types/lock.h>

/* Woken after new records; /dev/kmsg's readers wait here as well. */
extern struct wait_queue log_wait;

extern int dmesg_restrict; /* /proc/sys/kernel/dmesg_restrict */

/* syslog_init - printk wakes log_wait from now on.  Once, at boot. */
void syslog_init(void);

/* check_syslog_permissions - may current do that action?  0 or -EPERM. */
int check_syslog_permissions(int type);

/*
 * do_syslog - the action @type of syslog(2) on the kernel buffer @buf of @len
 * bytes.  What the action returns, -EINVAL, -EPERM, -ERESTARTSYS.  READ
 * sleeps until there is something.
 */
long do_syslog(int type, char *buf, int len);
