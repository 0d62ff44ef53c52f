/*
 * ptrace.c - doors: looking into other processes.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <abi/uio.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/process/kcmp.h>
#include <kernel/process/process_vm.h>

#define FAST_IOV 8

/* Both sides' pieces; those of the other process are checked there. */
static long do_process_vm(pid_t pid, const struct iovec __user *lvec,
			  unsigned long liovcnt,
			  const struct iovec __user *rvec,
			  unsigned long riovcnt, unsigned long flags,
			  bool write)
{
	struct iovec fast[FAST_IOV];
	struct iovec *local_vec, *remote;
	struct iov_iter local;
	ssize_t ret;

	if (flags != 0)
		return -EINVAL;
	ret = import_iovec(lvec, liovcnt, FAST_IOV, fast, &local_vec, &local);
	if (ret <= 0)
		goto free_local;
	ret = -EINVAL;
	if (riovcnt > UIO_MAXIOV)
		goto free_local;
	ret = -ENOMEM;
	remote = kmalloc_array(riovcnt + 1, sizeof(*remote));
	if (!remote)
		goto free_local;
	ret = -EFAULT;
	if (!copy_from_user(remote, rvec, riovcnt * sizeof(*remote)))
		ret = process_vm_rw(pid, &local, remote, riovcnt, write);
	kfree(remote);
free_local:
	kfree(local_vec);
	return ret;
}

long sys_process_vm_readv(pid_t pid, const struct iovec __user *lvec,
			  unsigned long liovcnt,
			  const struct iovec __user *rvec,
			  unsigned long riovcnt, unsigned long flags)
{
	return do_process_vm(pid, lvec, liovcnt, rvec, riovcnt, flags, false);
}

long sys_process_vm_writev(pid_t pid, const struct iovec __user *lvec,
			   unsigned long liovcnt,
			   const struct iovec __user *rvec,
			   unsigned long riovcnt, unsigned long flags)
{
	return do_process_vm(pid, lvec, liovcnt, rvec, riovcnt, flags, true);
}

long sys_kcmp(pid_t pid1, pid_t pid2, int type, unsigned long idx1,
	      unsigned long idx2)
{
	return ksys_kcmp(pid1, pid2, type, idx1, idx2);
}
