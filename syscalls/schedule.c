/*
 * schedule.c - doors: nice levels, policies, affinity.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <kernel/arch/paging.h>
#include <kernel/arch/smp.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/macros.h>
#include <kernel/process/sched_policy.h>
#include <kernel/sched/core.h>
#include <kernel/sched/priority.h>
#include <syscalls/args.h>

long sys_sched_yield(void)
{
	yield();
	return 0;
}

long sys_getpriority(int which, int who)
{
	return ksys_getpriority(which, who);
}

long sys_setpriority(int which, int who, int niceval)
{
	return ksys_setpriority(which, who, niceval);
}

long sys_sched_setscheduler(pid_t pid, int policy,
			    struct sched_param __user *param)
{
	struct sched_param copy;

	if (policy < 0 || !param || pid < 0)
		return -EINVAL;
	if (copy_from_user(&copy, param, sizeof(copy)))
		return -EFAULT;
	return ksys_sched_setscheduler(pid, policy, &copy);
}

long sys_sched_setparam(pid_t pid, struct sched_param __user *param)
{
	struct sched_param copy;

	if (!param || pid < 0)
		return -EINVAL;
	if (copy_from_user(&copy, param, sizeof(copy)))
		return -EFAULT;
	return ksys_sched_setscheduler(pid, SETPARAM_POLICY, &copy);
}

long sys_sched_getscheduler(pid_t pid)
{
	return pid < 0 ? -EINVAL : ksys_sched_getscheduler(pid);
}

long sys_sched_getparam(pid_t pid, struct sched_param __user *param)
{
	struct sched_param copy;
	int err;

	if (!param || pid < 0)
		return -EINVAL;
	err = ksys_sched_getparam(pid, &copy);
	if (err)
		return err;
	return copy_to_user(param, &copy, sizeof(copy)) ? -EFAULT : 0;
}

long sys_sched_get_priority_max(int policy)
{
	return sched_get_priority_max(policy);
}

long sys_sched_get_priority_min(int policy)
{
	return sched_get_priority_min(policy);
}

long sys_sched_rr_get_interval(pid_t pid, struct timespec __user *interval)
{
	u64 ns;
	int err;

	if (pid < 0)
		return -EINVAL;
	err = ksys_sched_rr_get_interval(pid, &ns);
	return err ? err : put_timespec(ns, interval);
}

/* The struct is extensible; a size that we do not know gets ours back. */
static int get_sched_attr(struct sched_attr *attr,
			  struct sched_attr __user *uattr)
{
	u32 size;
	int err = -E2BIG;

	if (get_user(size, &uattr->size))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size >= SCHED_ATTR_SIZE_VER0 && size <= PAGE_SIZE)
		err = copy_struct_from_user(attr, sizeof(*attr), uattr, size);
	if (err == -E2BIG)
		(void)put_user((u32)sizeof(*attr), &uattr->size);
	if (err)
		return err;
	if ((attr->sched_flags & SCHED_FLAG_UTIL_CLAMP) &&
	    size < SCHED_ATTR_SIZE_VER1)
		return -EINVAL;
	attr->sched_nice = clamp(attr->sched_nice, MIN_NICE, MAX_NICE);
	return 0;
}

long sys_sched_setattr(pid_t pid, struct sched_attr __user *uattr,
		       unsigned int flags)
{
	struct sched_attr attr;
	int err;

	if (!uattr || pid < 0 || flags)
		return -EINVAL;
	err = get_sched_attr(&attr, uattr);
	if (err)
		return err;
	if ((int)attr.sched_policy < 0)
		return -EINVAL;
	return ksys_sched_setattr(pid, &attr);
}

long sys_sched_getattr(pid_t pid, struct sched_attr __user *uattr,
		       unsigned int usize, unsigned int flags)
{
	struct sched_attr attr;
	size_t size;
	int err;

	if (!uattr || pid < 0 || usize > PAGE_SIZE ||
	    usize < SCHED_ATTR_SIZE_VER0 || flags)
		return -EINVAL;
	__builtin_memset(&attr, 0, sizeof(attr));
	err = ksys_sched_getattr(pid, &attr);
	if (err)
		return err;
	size = min((size_t)usize, sizeof(attr));
	attr.size = (u32)size;
	return copy_to_user(uattr, &attr, size) ? -EFAULT : 0;
}

long sys_sched_setaffinity(pid_t pid, unsigned int len,
			   unsigned long __user *user_mask_ptr)
{
	u64 mask = 0;

	if (copy_from_user(&mask, user_mask_ptr,
			   min((size_t)len, sizeof(mask))))
		return -EFAULT;
	return ksys_sched_setaffinity(pid, mask);
}

/* sched_getaffinity(2): the kernel's call returns the bytes it wrote */
long sys_sched_getaffinity(pid_t pid, unsigned int len,
			   unsigned long __user *user_mask_ptr)
{
	size_t size;
	u64 mask;
	int err;

	/* One long holds all CPUs there can be. */
	if (!len || (len & (sizeof(unsigned long) - 1)))
		return -EINVAL;
	err = ksys_sched_getaffinity(pid, &mask);
	if (err)
		return err;
	size = min((size_t)len, sizeof(mask));
	if (copy_to_user(user_mask_ptr, &mask, size))
		return -EFAULT;
	return (long)size;
}

long sys_getcpu(unsigned int __user *cpup, unsigned int __user *nodep,
		void __user *unused)
{
	unsigned int cpu = (unsigned int)smp_processor_id();

	(void)unused;
	if (cpup && put_user(cpu, cpup))
		return -EFAULT;
	if (nodep && put_user(0u, nodep))
		return -EFAULT;
	return 0;
}
