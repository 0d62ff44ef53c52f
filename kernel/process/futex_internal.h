/*
 * futex_internal.h - what the files of futexes share: keys, buckets, waiters,
 * and the state behind a lock with priority inheritance.
 *
 * Locks: a bucket's (two by address), then pi_lock.
 */
#pragma once

#include <kernel/arch/uaccess.h>
#include <kernel/base/spinlock.h>
#include <kernel/process/futex.h>

struct futex_key {
	const void *object;   /* mm_struct or address_space; never followed */
	unsigned long offset; /* address, or byte in the file */
};

struct futex_bucket {
	struct spinlock lock;
	struct list_head waiters; /* [lock] struct futex_q */
};

/*
 * A PI futex with waiters: who has it.  Locks:  P pi_lock
 */
struct pi_state {
	struct task_struct *owner; /* [P] NULL: the next is on its way */
	struct list_head owned;	   /* [P] in owner->pi_states */
	struct list_head waiters;  /* [P] struct pi_waiter, best first */
	unsigned int users;	   /* [P] futex_q that point here */
};

/* A task that waits for one.  Locks:  P pi_lock */
struct pi_waiter {
	struct list_head link;	/* [P] */
	struct pi_state *state; /* [P] */
	struct task_struct *task;
	int prio;     /* [P] */
	bool granted; /* [P] the futex is ours */
};

/* A waiter, on its own stack.  Locks:  B the bucket's lock   P pi_lock */
struct futex_q {
	struct list_head link;	     /* [B] */
	struct futex_bucket *bucket; /* [B] NULL: woken */
	struct futex_key key;	     /* [B] */
	struct task_struct *task;
	u32 bitset;
	const struct futex_key *requeue_key; /* WAIT_REQUEUE_PI: where to */
	struct pi_state *pi_state; /* [B] NULL: waits for a plain futex */
	struct pi_waiter pi;
};

/* --- futex.c --- */
struct futex_bucket *futex_hash(const struct futex_key *key);
bool futex_match(const struct futex_key *a, const struct futex_key *b);

/* get_futex_key - what @uaddr is: 0, -EINVAL (not aligned) or -EFAULT. */
int get_futex_key(u32 __user *uaddr, unsigned int flags, struct futex_key *key);

/* get_user_nofault - read under a spin lock: -EFAULT if the page is away. */
int get_user_nofault(u32 *value, u32 __user *uaddr);

/* cmpxchg_nofault - change under a spin lock if it is @old: 0, -EAGAIN (it is
 * not), -EFAULT (the page is away or not ours to write). */
int cmpxchg_nofault(u32 __user *uaddr, u32 old, u32 new);

/* fault_in, fault_in_writable - bring the page in.  0 or -EFAULT. */
int fault_in(u32 __user *uaddr);
int fault_in_writable(u32 __user *uaddr);

/* futex_wait_setup - queue current if *@uaddr is @val; see futex.c. */
int futex_wait_setup(u32 __user *uaddr, unsigned int flags, u32 val,
		     struct futex_q *q);

/* futex_unqueue - leave; true: somebody had woken us. */
bool futex_unqueue(struct futex_q *q);

/* futex_lock_q - the bucket @q stands in, locked; NULL: it was woken. */
struct futex_bucket *futex_lock_q(struct futex_q *q);

/* futex_wake_one - take off and wake; the bucket is locked. */
void futex_wake_one(struct futex_q *q);

/* futex_timed_out - is it past @abs_ns on @flags' clock?  NULL: never. */
bool futex_timed_out(const u64 *abs_ns, unsigned int flags);

/* futex_sleep - sleep in the state set, at most until @abs_ns (NULL: for ever)
 * on @flags' clock, which may be set meanwhile, or @slack_ns later. */
void futex_sleep(const u64 *abs_ns, unsigned int flags, u64 slack_ns);

/* wake_matching - wake up to @nr of @key in a locked bucket; how many, or
 * -EINVAL: one waits for a PI futex. */
int wake_matching(struct futex_bucket *bucket, const struct futex_key *key,
		  int nr, u32 bitset);

/* --- futex_requeue.c --- */
int futex_requeue(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2,
		  int nr_wake, int nr_requeue, const u32 *cmpval);
int futex_requeue_pi(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2,
		     int nr_wake, int nr_requeue, u32 cmpval);
int futex_wake_op(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2,
		  int nr_wake, int nr_wake2, u32 op);
int futex_wait_requeue_pi(u32 __user *uaddr, unsigned int flags, u32 val,
			  const u64 *abs_ns, u32 __user *uaddr2);

void futex_double_lock(struct futex_bucket *a, struct futex_bucket *b);
void futex_double_unlock(struct futex_bucket *a, struct futex_bucket *b);

/* --- futex_pi.c --- */
int futex_lock_pi(u32 __user *uaddr, unsigned int flags, const u64 *abs_ns,
		  bool trylock);
int futex_unlock_pi(u32 __user *uaddr, unsigned int flags);

/*
 * pi_lock_atomic - take the lock at @uaddr for @task if it is free: 1.  Else
 * 0, and *@state is what to wait for, made at need.  -EAGAIN: look again;
 * -EFAULT: bring the page in; -EDEADLK, -EINVAL, -ESRCH, -EPERM, -ENOMEM.
 * @key's @bucket is locked.
 */
int pi_lock_atomic(u32 __user *uaddr, struct futex_bucket *bucket,
		   const struct futex_key *key, struct task_struct *task,
		   bool set_waiters, struct pi_state **state);

/* pi_wait_finish - after the sleep: have we got @uaddr?  0, or @err, and @q
 * is in no queue any more.  May sleep. */
int pi_wait_finish(u32 __user *uaddr, struct futex_q *q, int err);

/* --- pi_state.c; the bucket of the futex is locked --- */

/* pi_state_new - for a lock that @owner has; NULL: no memory, or (*@gone) the
 * owner has left all its locks. */
struct pi_state *pi_state_new(struct task_struct *owner, bool *gone);

/* pi_state_put_unused - free @state if no waiter uses it. */
void pi_state_put_unused(struct pi_state *state);

/* pi_state_fits - may a lock whose word is @uval be @state's?  */
bool pi_state_fits(const struct pi_state *state, u32 uval);

/* pi_wait - @q->pi waits for @state.  0, -EDEADLK: a ring, or -EAGAIN: its
 * owner has died; a state that nobody waits for is freed then. */
int pi_wait(struct futex_q *q, struct pi_state *state);

/* pi_leave - @q waits no more, and lets go of its state.  True: it had been
 * given the lock. */
bool pi_leave(struct futex_q *q);

/* pi_granted - has @q been given the lock?  *@take: the one before died; the
 * word, and the ownership, are ours to set. */
bool pi_granted(struct futex_q *q, bool *take);

/* pi_take - current, which was given @q's lock by a dying owner, has it. */
void pi_take(struct futex_q *q);

/* pi_next - the task that unlocking gives the lock to, if current is the
 * owner; NULL: nobody waits.  ERR_PTR(-EINVAL): it is another's. */
struct task_struct *pi_next(struct pi_state *state);

/* pi_grant_next - the lock goes to pi_next(). */
void pi_grant_next(struct pi_state *state);
