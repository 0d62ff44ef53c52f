/*
 * kcmp.h - kcmp(2): do two processes share something of the kernel's?
 */
#pragma once

#include <abi/types.h>

/*
 * ksys_kcmp - compare @type (KCMP_*) of @pid1 and @pid2; descriptors @idx1 and
 * @idx2 for KCMP_FILE.
 *
 * Returns 0 for the same, 1 or 2 for an order that holds until reboot, -ESRCH,
 * -EPERM, -EBADF, -EINVAL, or -EOPNOTSUPP for what is not there.
 */
int ksys_kcmp(pid_t pid1, pid_t pid2, int type, unsigned long idx1,
	      unsigned long idx2);

/* kcmp_init - the secrets of the order; boot. */
void kcmp_init(void);
