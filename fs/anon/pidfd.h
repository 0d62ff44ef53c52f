/*
 * pidfd.h - pidfd_open(2) and kin: a process as a file.
 */
#pragma once

#include <abi/resource.h>
#include <abi/signal.h>
#include <kernel/process/wait.h>

/* pidfd_init - offer CLONE_PIDFD to clone; once, at boot. */
void pidfd_init(void);

/* do_pidfd_open - pidfd_open(2): the descriptor; -EINVAL (a thread that leads
 * no process too), -ESRCH, -EMFILE, -ENFILE, -ENOMEM. */
int do_pidfd_open(pid_t pid, unsigned int flags);

/*
 * do_pidfd_send_signal - pidfd_send_signal(2); @info: a copy of the program's,
 * or NULL.  @pidfd may be a directory /proc/PID too.  0 or -errno.
 */
int do_pidfd_send_signal(int pidfd, int sig, kernel_siginfo_t *info);

/* do_pidfd_getfd - pidfd_getfd(2): a descriptor of ours for the file that is
 * @fd there; -EBADF, -ESRCH, -EPERM, -EMFILE. */
int do_pidfd_getfd(int pidfd, int fd);

/* pidfd_waitid - waitid(2) with P_PIDFD: as kernel_waitid, and -EBADF; -EAGAIN
 * for a descriptor with PIDFD_NONBLOCK. */
long pidfd_waitid(int pidfd, struct waitid_info *info, int options,
		  struct rusage *ru);
