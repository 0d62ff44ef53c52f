/*
 * signalfd.h - signalfd(2): signals read as records.
 */
#pragma once

#include <abi/signal.h>
#include <fs/vfs/types.h>

/*
 * do_signalfd - a new descriptor for @mask, or, with @fd not -1, that one's
 * mask changed to it.  @flags: SFD_*.  The descriptor; -EINVAL, -EBADF,
 * -EMFILE, -ENFILE, -ENOMEM.
 */
int do_signalfd(int fd, sigset_t mask, int flags);

/* file_is_signalfd - its wait queue is a process's, see pollfree_lock. */
bool file_is_signalfd(const struct file *file);
