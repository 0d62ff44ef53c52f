/*
 * prctl(2), personality(2) and other attributes of a process.
 *
 * Entry points: ksys_prctl, prctl_set_mm, ksys_personality.
 */
#pragma once

#include <abi/types.h>

/* prctl(2) whole; arguments as the program gave them. */
long ksys_prctl(int option, unsigned long arg2, unsigned long arg3,
		unsigned long arg4, unsigned long arg5);

/*
 * prctl_set_mm - PR_SET_MM, @option and what follows it as given.  0, -EINVAL,
 * -EPERM, -EFAULT; for the program's file also -EBADF, -EACCES, -EBUSY.  May
 * sleep.
 */
int prctl_set_mm(int option, unsigned long addr, unsigned long size,
		 unsigned long arg5);

/* personality(2): the old one. */
long ksys_personality(unsigned int personality);
