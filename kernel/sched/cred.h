/*
 * Credentials: who the current task is and what it may do.
 *
 * A struct cred that a task points to never changes: prepare_creds() copies
 * it, the caller edits the copy, commit_creds() publishes it.  It stands below
 * the file system so that permission checks can use it; the calls that change
 * ids (setuid and kin) are in <kernel/process/cred.h>.
 *
 * Locks: task->real_cred is replaced by the task itself under its siglock and
 * alloc_lock; others read it under either (get_task_cred).  The table of users
 * has a lock of its own.
 *
 * Entry points: current_cred and kin, capable, in_group_p, prepare_creds,
 * commit_creds, abort_creds, override_creds, get_task_cred, alloc_uid.
 */
#pragma once

#include <abi/capability.h>
#include <kernel/base/refcount.h>
#include <kernel/types/cred.h>
#include <kernel/types/task.h>

/* What is counted per real user id. */
struct user_struct {
	refcount_t count;
	uid_t uid;
	atomic_t processes;   /* RLIMIT_NPROC: tasks of this user */
	atomic_t sigpending;  /* RLIMIT_SIGPENDING: queued signals */
	atomic64_t pipe_bufs; /* pages that may be held in pipes */
	atomic64_t locked_vm; /* pages locked by shared memory */
	atomic_t epoll_watches;
	atomic_t inotify_watches;
	struct hlist_node hash; /* [users lock] */
};

extern struct user_struct root_user;
extern struct cred init_cred;
extern struct group_info init_groups;

/* The current task's credentials; valid while it does not commit others. */
#define current_cred()	    (current->cred)
#define current_real_cred() (current->real_cred)
#define current_uid()	    (current_cred()->uid)
#define current_euid()	    (current_cred()->euid)
#define current_suid()	    (current_cred()->suid)
#define current_fsuid()	    (current_cred()->fsuid)
#define current_gid()	    (current_cred()->gid)
#define current_egid()	    (current_cred()->egid)
#define current_sgid()	    (current_cred()->sgid)
#define current_fsgid()	    (current_cred()->fsgid)
#define current_user()	    (current_real_cred()->user)

static inline void current_fsuid_fsgid(uid_t *uid, gid_t *gid)
{
	*uid = current_fsuid();
	*gid = current_fsgid();
}

/* get_cred - one more reference to @cred, which is returned. */
static inline const struct cred *get_cred(const struct cred *cred)
{
	refcount_inc((refcount_t *)&cred->usage);
	return cred;
}

#define get_current_cred() get_cred(current_cred())

void free_cred(struct cred *cred);

/* put_cred - drop a reference; the last one frees.  NULL is fine. */
static inline void put_cred(const struct cred *cred)
{
	if (cred && refcount_dec_and_test((refcount_t *)&cred->usage))
		free_cred((struct cred *)cred);
}

/*
 * get_cred_stocked, put_cred_stocked - the same for references that come and go
 * often, as those of open files: a task takes many to its own credentials at
 * once and spends them, so that tasks that share credentials do not all write
 * to the one count.  A reference taken either way may be put either way.
 * Not from interrupts.
 */
#define CRED_STOCK 64
static inline const struct cred *get_cred_stocked(const struct cred *cred)
{
	struct task_struct *task = current;

	if (unlikely(cred != task->real_cred))
		return get_cred(cred);
	if (unlikely(task->cred_stock == 0)) {
		refcount_add(CRED_STOCK, (refcount_t *)&cred->usage);
		task->cred_stock = CRED_STOCK;
	}
	task->cred_stock--;
	return cred;
}

static inline void put_cred_stocked(const struct cred *cred)
{
	struct task_struct *task = current;

	if (likely(cred == task->real_cred &&
		   task->cred_stock < 2 * CRED_STOCK))
		task->cred_stock++;
	else
		put_cred(cred);
}

/* drop_cred_stock - give back what @task has in stock: current, or dead. */
void drop_cred_stock(struct task_struct *task);

/* prepare_creds - a private copy of current's credentials, or NULL. */
struct cred *prepare_creds(void);

/* prepare_kernel_cred - a private copy of init's: all capabilities, or NULL. */
struct cred *prepare_kernel_cred(void);

/*
 * commit_creds - make @new (from prepare_creds; eaten) current's credentials.
 * Clears pdeath_signal and the dumpable flag where the ids changed.  Returns 0.
 */
int commit_creds(struct cred *new);

/* abort_creds - throw away what prepare_creds returned. */
void abort_creds(struct cred *new);

/*
 * override_creds - act as @new until revert_creds(@return).  Only ->cred, so
 * others still see who the task is.  References are the caller's.
 */
const struct cred *override_creds(const struct cred *new);
void revert_creds(const struct cred *old);

/* get_task_cred - a reference to what others see of @task. */
const struct cred *get_task_cred(struct task_struct *task);

/* task_uid, task_euid - one id of another task. */
uid_t task_uid(struct task_struct *task);
uid_t task_euid(struct task_struct *task);

/* capable - has current @cap in effect?  Marks that it used privilege. */
bool capable(int cap);

/* cred_capable - the same for any credentials, unmarked. */
static inline bool cred_capable(const struct cred *cred, int cap)
{
	return cred->cap_effective >> cap & 1;
}

/* has_capability - the same for another task. */
bool has_capability(struct task_struct *task, int cap);

/* file_ns_capable's role: did the opener of a file have @cap, unmarked. */
#define ns_capable(cap)	     capable(cap)
#define capable_noaudit(cap) cred_capable(current_cred(), cap)

/* in_group_p - is @gid the fsgid or a supplementary group of current? */
bool in_group_p(gid_t gid);

/* in_egroup_p - is @gid the egid or a supplementary group of current? */
bool in_egroup_p(gid_t gid);

/* groups_search - is @gid in the sorted @group_info? */
bool groups_search(const struct group_info *group_info, gid_t gid);

/* groups_alloc - room for @n groups (unset), one reference, or NULL. */
struct group_info *groups_alloc(int n);

/* groups_sort - what every group_info must go through before it is used. */
void groups_sort(struct group_info *group_info);

/* set_groups - @new keeps a reference of its own to @group_info. */
void set_groups(struct cred *new, struct group_info *group_info);

void put_group_info(struct group_info *group_info);

/* alloc_uid - the counters of @uid, with a reference, made at need; NULL. */
struct user_struct *alloc_uid(uid_t uid);
void free_uid(struct user_struct *user);

static inline struct user_struct *get_uid(struct user_struct *user)
{
	refcount_inc(&user->count);
	return user;
}
