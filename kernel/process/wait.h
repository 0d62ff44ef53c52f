/*
 * Waiting for children: wait4(2), waitid(2).
 *
 * Entry points: kernel_wait4, kernel_waitid, do_wait, __wake_up_parent.
 */
#pragma once

#include <abi/resource.h>
#include <abi/wait.h>
#include <kernel/types/lock.h>
#include <kernel/types/task.h>

struct pid;

/* What waitid(2) reports of a child. */
struct waitid_info {
	pid_t pid;
	uid_t uid;
	int status;
	int cause; /* CLD_* */
};

struct wait_opts {
	enum pid_type wo_type; /* PIDTYPE_MAX: any child */
	unsigned int wo_flags; /* W* */
	struct pid *wo_pid;
	struct waitid_info *wo_info; /* waitid's, or NULL */
	int wo_stat;		     /* out: status */
	struct rusage *wo_rusage;    /* out, or NULL */
	int notask_error;	     /* -ECHILD until a child fits */
};

/* do_wait - the pid that changed, 0 (WNOHANG), -ECHILD or -ERESTARTSYS. */
long do_wait(struct wait_opts *wo);

/*
 * kernel_wait4 - wait4(2) with kernel pointers for status and usage (each may
 * be NULL).  Returns a pid, 0, -EINVAL, -ECHILD, -ESRCH or -ERESTARTSYS.
 */
long kernel_wait4(pid_t upid, int *status, int options, struct rusage *ru);

/*
 * kernel_waitid - waitid(2): 0 with @info->pid 0 (nothing yet) or the child's
 * pid as result (> 0), else -errno.  P_PIDFD is fs/anon/pidfd.c's, with
 * kernel_waitid_pid.
 */
long kernel_waitid(int which, pid_t upid, struct waitid_info *info, int options,
		   struct rusage *ru);
long kernel_waitid_pid(enum pid_type type, struct pid *pid,
		       struct waitid_info *info, int options,
		       struct rusage *ru);

/* waitid_check_options - 0, or -EINVAL for what waitid(2) does not know. */
int waitid_check_options(int options);

/* __wake_up_parent - @parent's waiters look again.  tasklist_lock held. */
void __wake_up_parent(struct task_struct *child, struct task_struct *parent);
