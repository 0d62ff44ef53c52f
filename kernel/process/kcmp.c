/*
 * kcmp.c - kcmp(2): do two processes share an object of the kernel?
 *
 * Addresses are compared, but only after a one-to-one scrambling of its own
 * for each type, so that the order tells nothing of where things are.
 *
 * Entry points: ksys_kcmp, kcmp_init.
 */
#include <kernel/process/kcmp.h>

#include <abi/errno.h>
#include <abi/kcmp.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_table.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/base/random.h>
#include <kernel/process/pid.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/task.h>

/* x -> (x ^ [0]) * [1], where [1] is odd: no two become one. */
static unsigned long cookies[KCMP_TYPES][2];

const void *(*kcmp_epoll_target)(struct file *epoll, int tfd,
				 unsigned int toff);

/* kcmp_init - see kcmp.h. */
void __init kcmp_init(void)
{
	int i;

	get_random_bytes(cookies, sizeof(cookies));
	for (i = 0; i < KCMP_TYPES; i++)
		cookies[i][1] |= 1;
}

static unsigned long scramble(const void *object, int type)
{
	return ((unsigned long)object ^ cookies[type][0]) * cookies[type][1];
}

static int compare(const void *one, const void *two, int type)
{
	unsigned long a = scramble(one, type);
	unsigned long b = scramble(two, type);

	return (a < b) | (a > b) << 1;
}

static int compare_files(struct task_struct *one, struct task_struct *two,
			 unsigned long idx1, unsigned long idx2)
{
	struct file *a = fget_task(one, (unsigned int)idx1);
	struct file *b = fget_task(two, (unsigned int)idx2);
	int ret = a && b ? compare(a, b, KCMP_FILE) : -EBADF;

	if (a)
		fput(a);
	if (b)
		fput(b);
	return ret;
}

/* Is descriptor @idx1 of @one what an epoll of @two watches? */
static int compare_epoll_target(struct task_struct *one,
				struct task_struct *two, unsigned long idx1,
				struct kcmp_epoll_slot __user *user)
{
	struct kcmp_epoll_slot slot;
	struct file *file, *epoll;
	const void *target = ERR_PTR(-EBADF);
	int ret;

	if (copy_from_user(&slot, user, sizeof(slot)))
		return -EFAULT;
	file = fget_task(one, (unsigned int)idx1);
	if (!file)
		return -EBADF;
	epoll = fget_task(two, slot.efd);
	if (epoll)
		target = kcmp_epoll_target(epoll, (int)slot.tfd, slot.toff);
	ret = IS_ERR(target) ? (int)PTR_ERR(target)
			     : compare(file, target, KCMP_FILE);
	if (epoll)
		fput(epoll);
	fput(file);
	return ret;
}

static int compare_tasks(struct task_struct *one, struct task_struct *two,
			 int type, unsigned long idx1, unsigned long idx2)
{
	switch (type) {
	case KCMP_FILE:
		return compare_files(one, two, idx1, idx2);
	case KCMP_VM:
		return compare(one->mm, two->mm, type);
	case KCMP_FILES:
		return compare(one->files, two->files, type);
	case KCMP_FS:
		return compare(one->fs, two->fs, type);
	case KCMP_SIGHAND:
		return compare(one->sighand, two->sighand, type);
	case KCMP_IO:
		return 0; /* no task has an I/O context of its own */
	case KCMP_EPOLL_TFD:
		return compare_epoll_target(
			one, two, idx1, (struct kcmp_epoll_slot __user *)idx2);
	case KCMP_SYSVSEM:
		return -EOPNOTSUPP;
	}
	return -EINVAL;
}

/* ksys_kcmp - see kcmp.h. */
int ksys_kcmp(pid_t pid1, pid_t pid2, int type, unsigned long idx1,
	      unsigned long idx2)
{
	struct task_struct *one = find_get_task_by_vpid(pid1);
	struct task_struct *two = find_get_task_by_vpid(pid2);
	int ret = -ESRCH;

	if (!one || !two)
		goto put;
	ret = -EPERM;
	if (ptrace_may_access(one, PTRACE_MODE_READ_REALCREDS) &&
	    ptrace_may_access(two, PTRACE_MODE_READ_REALCREDS))
		ret = compare_tasks(one, two, type, idx1, idx2);
put:
	if (one)
		put_task_struct(one);
	if (two)
		put_task_struct(two);
	return ret;
}
