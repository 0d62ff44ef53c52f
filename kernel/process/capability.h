/*
 * Capabilities as calls see them: capget(2), capset(2), prctl's part.
 * The check itself, capable(), is in <kernel/sched/cred.h>.
 *
 * Entry points: ksys_capget, ksys_capset, cap_task_prctl, cap_task_fix_setuid,
 * cap_bprm_creds_from_file (exec_caps.c).
 */
#pragma once

#include <abi/capability.h>
#include <kernel/sched/cred.h>

struct linux_binprm;

struct kernel_cap_sets {
	u64 effective;
	u64 permitted;
	u64 inheritable;
};

/* The sets of thread @pid (0: current).  0 or -ESRCH, -EINVAL. */
int ksys_capget(pid_t pid, struct kernel_cap_sets *sets);

/* Set current's.  @pid must be 0 or current's: -EPERM. */
int ksys_capset(pid_t pid, const struct kernel_cap_sets *sets);

/* PR_CAPBSET_*, PR_*SECUREBITS, PR_*KEEPCAPS, PR_CAP_AMBIENT; -ENOSYS: none. */
long cap_task_prctl(int option, unsigned long arg2, unsigned long arg3,
		    unsigned long arg4, unsigned long arg5);

/* What set*uid does to capabilities: LSM_SETID_* say which call. */
#define LSM_SETID_ID  1
#define LSM_SETID_RE  2
#define LSM_SETID_RES 4
#define LSM_SETID_FS  8
void cap_task_fix_setuid(struct cred *new, const struct cred *old, int flags);

/* exec: the new program's capabilities and bprm->secureexec.  0 or -errno. */
int cap_bprm_creds_from_file(struct linux_binprm *bprm);
