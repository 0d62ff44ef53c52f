/*
 * futex.c - doors: memory barriers, restartable sequences, futexes, robust
 * lists, and the word that an ending thread clears.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/process/fork.h>
#include <kernel/process/futex.h>
#include <kernel/process/membarrier.h>
#include <kernel/process/rseq.h>
#include <kernel/time/clock.h>
#include <syscalls/args.h>

/* Does the fourth argument point to a time? */
static bool has_timeout(int cmd)
{
	return cmd == FUTEX_WAIT || cmd == FUTEX_WAIT_BITSET ||
	       cmd == FUTEX_LOCK_PI || cmd == FUTEX_LOCK_PI2 ||
	       cmd == FUTEX_WAIT_REQUEUE_PI;
}

/*
 * futex(2): FUTEX_WAIT's time is relative; all others' are absolute, on the
 * clock that the operation names.
 */
static int get_timeout(u64 *ns, int op, const struct timespec __user *utime)
{
	struct timespec ts;
	int err = get_timespec(&ts, utime);

	if (err)
		return err;
	*ns = args_timespec_ns(&ts);
	if ((op & FUTEX_CMD_MASK) != FUTEX_WAIT)
		return 0;
	if (op & FUTEX_CLOCK_REALTIME)
		*ns = ktime_get_real_ns() + *ns;
	else
		*ns = args_deadline_ns(*ns);
	return 0;
}

static __noinline long futex_until(u32 __user *uaddr, int op, u32 val,
				   const struct timespec __user *utime,
				   u32 __user *uaddr2, u32 val3)
{
	u64 timeout_ns;
	int err = get_timeout(&timeout_ns, op, utime);

	return err ? err
		   : do_futex(uaddr, op, val, &timeout_ns, uaddr2, 0, val3);
}

long sys_futex(u32 __user *uaddr, int op, u32 val,
	       const struct timespec __user *utime, u32 __user *uaddr2,
	       u32 val3)
{
	if (utime && has_timeout(op & FUTEX_CMD_MASK))
		return futex_until(uaddr, op, val, utime, uaddr2, val3);
	return do_futex(uaddr, op, val, NULL, uaddr2, (u32)(unsigned long)utime,
			val3);
}

/* futex_waitv(2): the time is absolute, on the clock named. */
static int get_waitv_timeout(u64 *ns, const struct timespec __user *utime,
			     int clockid, unsigned int *clock)
{
	struct timespec ts;
	int err;

	if (clockid != CLOCK_REALTIME && clockid != CLOCK_MONOTONIC)
		return -EINVAL;
	*clock = clockid == CLOCK_REALTIME ? FLAGS_CLOCKRT : 0;
	err = get_timespec(&ts, utime);
	if (!err)
		*ns = args_timespec_ns(&ts);
	return err;
}

long sys_futex_waitv(struct futex_waitv __user *waiters,
		     unsigned int nr_futexes, unsigned int flags,
		     struct timespec __user *timeout, int clockid)
{
	struct futex_waitv *copy;
	unsigned int clock = 0;
	size_t size;
	long ret;
	u64 ns;

	if (flags || !nr_futexes || nr_futexes > FUTEX_WAITV_MAX || !waiters)
		return -EINVAL;
	if (timeout) {
		ret = get_waitv_timeout(&ns, timeout, clockid, &clock);
		if (ret)
			return ret;
	}
	size = nr_futexes * sizeof(*copy);
	copy = kmalloc(size);
	if (!copy)
		return -ENOMEM;
	ret = -EFAULT;
	if (!copy_from_user(copy, waiters, size))
		ret = do_futex_waitv(copy, nr_futexes, clock,
				     timeout ? &ns : NULL);
	kfree(copy);
	return ret;
}

long sys_set_tid_address(int __user *tidptr)
{
	return ksys_set_tid_address(tidptr);
}

long sys_set_robust_list(struct robust_list_head __user *head, size_t len)
{
	return ksys_set_robust_list(head, len);
}

long sys_get_robust_list(int pid,
			 struct robust_list_head __user *__user *head_ptr,
			 size_t __user *len_ptr)
{
	struct robust_list_head __user *head;
	int err = ksys_get_robust_list(pid, &head);

	if (err)
		return err;
	if (put_user(sizeof(*head), len_ptr) ||
	    put_user((u64)head, (u64 __user *)head_ptr))
		return -EFAULT;
	return 0;
}

long sys_membarrier(int cmd, unsigned int flags, int cpu_id)
{
	return ksys_membarrier(cmd, flags, cpu_id);
}

long sys_rseq(struct rseq __user *rseq, u32 rseq_len, int flags, u32 sig)
{
	return ksys_rseq(rseq, rseq_len, flags, sig);
}
