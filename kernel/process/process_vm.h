/*
 * process_vm.h - process_vm_readv(2), process_vm_writev(2).
 */
#pragma once

#include <abi/types.h>
#include <abi/uio.h>

struct iov_iter;

/*
 * process_vm_rw - move bytes between @local and the @nr pieces @remote
 * (a kernel copy) of the memory of @pid; @write: from here to there.
 *
 * Returns the bytes moved, fewer when it meets an address that cannot be
 * used; if none, -EFAULT, -ESRCH, -EPERM, -ENOMEM.  May sleep.
 */
ssize_t process_vm_rw(pid_t pid, struct iov_iter *local,
		      const struct iovec *remote, unsigned long nr, bool write);
