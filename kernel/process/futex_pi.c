/*
 * futex_pi.c - locks with priority inheritance: FUTEX_LOCK_PI and kin.
 *
 * The word holds the owner's thread id, and FUTEX_WAITERS once somebody waits
 * in the kernel: then the owner cannot let go without us.  Unlocking hands the
 * lock to the best waiter and writes its id into the word.  Of an owner that
 * dies, exit_pi_state_list() hands the locks over, and the next one marks the
 * word FUTEX_OWNER_DIED.
 *
 * Locks: the futex's bucket, then pi_lock (pi_state.c).
 *
 * Entry points: futex_lock_pi, futex_unlock_pi, pi_lock_atomic,
 * pi_wait_finish.
 */
#include <kernel/process/futex_internal.h>

#include <abi/errno.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/process/pid.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

static struct futex_q *first_waiter(struct futex_bucket *bucket,
				    const struct futex_key *key)
{
	struct futex_q *q;

	list_for_each_entry (q, &bucket->waiters, link) {
		if (futex_match(&q->key, key))
			return q;
	}
	return NULL;
}

/* The owner is not there (any more): has it changed the word meanwhile? */
static int owner_is_gone(u32 __user *uaddr, u32 uval)
{
	u32 now;

	if (get_user_nofault(&now, uaddr))
		return -EFAULT;
	return now != uval ? -EAGAIN : -ESRCH;
}

/* Somebody must be waited for: a state for the owner that @uval names. */
static int state_of_owner(u32 __user *uaddr, u32 uval, struct pi_state **state)
{
	struct pid *pid = find_get_pid((pid_t)(uval & FUTEX_TID_MASK));
	struct task_struct *owner = get_pid_task(pid, PIDTYPE_PID);
	bool gone;
	int err = 0;

	put_pid(pid);
	if (!owner)
		return owner_is_gone(uaddr, uval);
	if (owner->flags & PF_KTHREAD) {
		err = -EPERM;
	} else {
		*state = pi_state_new(owner, &gone);
		if (!*state)
			err = gone ? owner_is_gone(uaddr, uval) : -ENOMEM;
	}
	put_task_struct(owner);
	return err;
}

/* pi_lock_atomic - see futex_internal.h. */
int pi_lock_atomic(u32 __user *uaddr, struct futex_bucket *bucket,
		   const struct futex_key *key, struct task_struct *task,
		   bool set_waiters, struct pi_state **state)
{
	struct futex_q *first;
	u32 tid = (u32)task->pid;
	u32 uval;
	int err;

	if (get_user_nofault(&uval, uaddr))
		return -EFAULT;
	if ((uval & FUTEX_TID_MASK) == tid)
		return -EDEADLK;
	first = first_waiter(bucket, key);
	if (first) {
		if (!first->pi_state || !pi_state_fits(first->pi_state, uval))
			return -EINVAL;
		*state = first->pi_state;
		return 0;
	}
	if (!(uval & FUTEX_TID_MASK)) {
		if (set_waiters)
			tid |= FUTEX_WAITERS;
		err = cmpxchg_nofault(uaddr, uval,
				      (uval & FUTEX_OWNER_DIED) | tid);
		return err ? err : 1;
	}
	if (!(uval & FUTEX_WAITERS)) {
		err = cmpxchg_nofault(uaddr, uval, uval | FUTEX_WAITERS);
		if (err)
			return err;
	}
	return state_of_owner(uaddr, uval | FUTEX_WAITERS, state);
}

/* A dying owner gave us the lock: our id into the word.  0 or -EFAULT. */
static int write_own_id(u32 __user *uaddr)
{
	u32 uval;
	int err;

	do {
		if (get_user_nofault(&uval, uaddr))
			return -EFAULT;
		err = cmpxchg_nofault(uaddr, uval,
				      FUTEX_OWNER_DIED | FUTEX_WAITERS |
					      (u32)current->pid);
	} while (err == -EAGAIN);
	return err;
}

/* pi_wait_finish - see futex_internal.h. */
int pi_wait_finish(u32 __user *uaddr, struct futex_q *q, int err)
{
	struct futex_bucket *bucket;
	int fault = 0;
	bool take;

retry:
	bucket = futex_lock_q(q);
	if (pi_granted(q, &take) && take) {
		fault = write_own_id(uaddr);
		if (fault) {
			spin_unlock(&bucket->lock);
			if (!fault_in_writable(uaddr))
				goto retry;
			bucket = futex_lock_q(q);
		}
		pi_take(q);
		/* The word is gone: the lock goes on to the next. */
		if (fault)
			pi_grant_next(q->pi_state);
	}
	list_del(&q->link);
	if (pi_leave(q))
		err = fault;
	spin_unlock(&bucket->lock);
	return err;
}

/* Sleep until the lock is ours.  0, -ETIMEDOUT or -ERESTARTNOINTR. */
static int pi_sleep(struct futex_q *q, const u64 *abs_ns, unsigned int flags)
{
	int err = 0;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (__atomic_load_n(&q->pi.granted, __ATOMIC_ACQUIRE))
			break;
		if (futex_timed_out(abs_ns, flags)) {
			err = -ETIMEDOUT;
			break;
		}
		if (signal_pending(current)) {
			err = -ERESTARTNOINTR;
			break;
		}
		futex_sleep(abs_ns, flags, 0);
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

/* What FUTEX_TRYLOCK_PI finds beside pi_lock_atomic's results. */
#define TRY_TAKEN 2

/* One try: 1 ours, 0 we wait in @q, TRY_TAKEN, or -errno. */
static int try_or_queue(u32 __user *uaddr, unsigned int flags,
			struct futex_q *q, bool trylock)
{
	struct futex_bucket *bucket;
	struct pi_state *state;
	int ret = get_futex_key(uaddr, flags, &q->key);

	if (ret)
		return ret;
	bucket = futex_hash(&q->key);
	spin_lock(&bucket->lock);
	ret = pi_lock_atomic(uaddr, bucket, &q->key, current, false, &state);
	if (ret)
		goto unlock;
	if (trylock) {
		pi_state_put_unused(state);
		ret = TRY_TAKEN;
		goto unlock;
	}
	ret = pi_wait(q, state);
	if (!ret) {
		q->bucket = bucket;
		list_add_tail(&q->link, &bucket->waiters);
	}
unlock:
	spin_unlock(&bucket->lock);
	return ret;
}

/*
 * futex_lock_pi - FUTEX_LOCK_PI, FUTEX_LOCK_PI2 and (@trylock)
 * FUTEX_TRYLOCK_PI.  0 or -errno as futex(2).  Sleeps.
 */
__landmark int futex_lock_pi(u32 __user *uaddr, unsigned int flags,
			     const u64 *abs_ns, bool trylock)
{
	struct futex_q q = {.task = current};
	int ret;

	for (;;) {
		ret = try_or_queue(uaddr, flags, &q, trylock);
		if (ret == -EFAULT && !fault_in_writable(uaddr))
			continue;
		if (ret != -EAGAIN)
			break;
		if (fatal_signal_pending(current))
			return -ERESTARTNOINTR;
		cond_resched();
	}
	if (ret == TRY_TAKEN)
		return -EWOULDBLOCK;
	if (ret)
		return ret > 0 ? 0 : ret;
	return pi_wait_finish(uaddr, &q, pi_sleep(&q, abs_ns, flags));
}

/* Under the bucket's lock: -EAGAIN and -EFAULT as pi_lock_atomic. */
static int unlock_locked(u32 __user *uaddr, u32 uval,
			 struct futex_bucket *bucket,
			 const struct futex_key *key)
{
	struct futex_q *first = first_waiter(bucket, key);
	struct task_struct *next;
	u32 now;
	int err;

	if (!first)
		return cmpxchg_nofault(uaddr, uval, 0);
	if (!first->pi_state)
		return -EINVAL;
	next = pi_next(first->pi_state);
	if (IS_ERR(next))
		return (int)PTR_ERR(next);
	err = cmpxchg_nofault(uaddr, uval,
			      next ? FUTEX_WAITERS | (u32)next->pid : 0);
	/* futex(2): only a waiter that just came may have changed it. */
	if (err == -EAGAIN && !get_user_nofault(&now, uaddr) &&
	    (now & FUTEX_TID_MASK) != (uval & FUTEX_TID_MASK))
		return -EINVAL;
	if (!err)
		pi_grant_next(first->pi_state);
	return err;
}

/* futex_unlock_pi - FUTEX_UNLOCK_PI: 0, -EPERM (not ours), -EINVAL, -EFAULT. */
int futex_unlock_pi(u32 __user *uaddr, unsigned int flags)
{
	struct futex_bucket *bucket;
	struct futex_key key;
	u32 uval;
	int err;

	for (;;) {
		if (get_user(uval, uaddr))
			return -EFAULT;
		if ((uval & FUTEX_TID_MASK) != (u32)current->pid)
			return -EPERM;
		err = get_futex_key(uaddr, flags, &key);
		if (err)
			return err;
		bucket = futex_hash(&key);
		spin_lock(&bucket->lock);
		err = unlock_locked(uaddr, uval, bucket, &key);
		spin_unlock(&bucket->lock);
		if (err == -EFAULT && fault_in_writable(uaddr))
			return -EFAULT;
		if (err != -EFAULT && err != -EAGAIN)
			return err;
		cond_resched();
	}
}
