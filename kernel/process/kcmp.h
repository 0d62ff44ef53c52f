/*
 * kcmp.h - kcmp(2): do two processes share something of the kernel's?
 */
#pragma once

#include <abi/types.h>

struct file;

/*
 * ksys_kcmp - compare @type (KCMP_*) of @pid1 and @pid2; descriptors @idx1 and
 * @idx2 for KCMP_FILE; for KCMP_EPOLL_TFD @idx2 is a user pointer to a struct
 * kcmp_epoll_slot.
 *
 * Returns 0 for the same, 1 or 2 for an order that holds until reboot, -ESRCH,
 * -EPERM, -EBADF, -EINVAL, or -EOPNOTSUPP for what is not there.
 */
int ksys_kcmp(pid_t pid1, pid_t pid2, int type, unsigned long idx1,
	      unsigned long idx2);

/* The file that epoll @epoll watches as @tfd, the one after @toff others; only
 * its address means something.  ERR_PTR(-EINVAL): no epoll, (-ENOENT).  Set by
 * epoll. */
extern const void *(*kcmp_epoll_target)(struct file *epoll, int tfd,
					unsigned int toff);

/* kcmp_init - the secrets of the order; boot. */
void kcmp_init(void);
