/*
 * The calls that change who a process is: setuid(2) and kin, setgroups(2).
 * Reading credentials: <kernel/sched/cred.h>.
 *
 * All return 0 or -errno as their man pages; (id)-1 means "leave it" where the
 * call has that.  setfsuid and setfsgid return the old id.
 *
 * Entry points: ksys_setuid ... ksys_setgroups, copy_creds, exit_creds.
 */
#pragma once

#include <kernel/sched/cred.h>

long ksys_setuid(uid_t uid);
long ksys_setgid(gid_t gid);
long ksys_setreuid(uid_t ruid, uid_t euid);
long ksys_setregid(gid_t rgid, gid_t egid);
long ksys_setresuid(uid_t ruid, uid_t euid, uid_t suid);
long ksys_setresgid(gid_t rgid, gid_t egid, gid_t sgid);
long ksys_setfsuid(uid_t uid);
long ksys_setfsgid(gid_t gid);

/* setgroups(2): @groups is a kernel array. */
long ksys_setgroups(int n, const gid_t *groups);

/*
 * getgroups(2): @n 0 counts, else up to @n go to @groups (kernel).  Returns how
 * many there are, or -EINVAL if @n is too small.
 */
long ksys_getgroups(int n, gid_t *groups);

/* Steps of fork and of the last put. */
int copy_creds(u64 clone_flags, struct task_struct *child);
void exit_creds(struct task_struct *task);

/* prepare_exec_creds - a copy of current's for a new program, or NULL. */
struct cred *prepare_exec_creds(void);
