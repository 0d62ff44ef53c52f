/*
 * futex_requeue.c - operations on two futexes: waiters moved from one to the
 * other, and one word changed while waiters of both are woken.
 *
 * FUTEX_WAIT_REQUEUE_PI waits on a plain futex, a condition variable's, to be
 * moved to a PI futex, the mutex: it returns with the mutex.  Whoever moves it
 * takes the mutex for it if that is free.
 *
 * Locks: both buckets, by address; then pi_lock.
 *
 * Entry points: futex_requeue, futex_requeue_pi, futex_wait_requeue_pi,
 * futex_wake_op.
 */
#include <kernel/process/futex_internal.h>

#include <abi/errno.h>
#include <kernel/lib/macros.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

/* futex_double_lock, futex_double_unlock - two buckets, by address. */
void futex_double_lock(struct futex_bucket *a, struct futex_bucket *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock, 1);
}

void futex_double_unlock(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* Move up to @nr waiters of @from to @to, both locked: how many, -EINVAL. */
static int requeue_matching(struct futex_bucket *from,
			    const struct futex_key *from_key,
			    struct futex_bucket *to,
			    const struct futex_key *to_key, int nr)
{
	struct futex_q *q;
	struct futex_q *next;
	int moved = 0;

	list_for_each_entry_safe (q, next, &from->waiters, link) {
		if (moved >= nr)
			break;
		if (!futex_match(&q->key, from_key))
			continue;
		if (q->pi_state || q->requeue_key)
			return -EINVAL;
		if (from != to) {
			list_move_tail(&q->link, &to->waiters);
			__atomic_store_n(&q->bucket, to, __ATOMIC_RELEASE);
		}
		q->key = *to_key;
		moved++;
	}
	return moved;
}

/* futex_requeue - FUTEX_REQUEUE and (@cmpval) FUTEX_CMP_REQUEUE: how many were
 * woken and moved, or -errno. */
int futex_requeue(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2,
		  int nr_wake, int nr_requeue, const u32 *cmpval)
{
	struct futex_bucket *from;
	struct futex_bucket *to;
	struct futex_key key1;
	struct futex_key key2;
	u32 now;
	int moved;
	int ret;

	if (nr_wake < 0 || nr_requeue < 0)
		return -EINVAL;
retry:
	ret = get_futex_key(uaddr1, flags, &key1);
	if (ret)
		return ret;
	ret = get_futex_key(uaddr2, flags, &key2);
	if (ret)
		return ret;
	from = futex_hash(&key1);
	to = futex_hash(&key2);
	futex_double_lock(from, to);
	if (cmpval && get_user_nofault(&now, uaddr1)) {
		futex_double_unlock(from, to);
		if (fault_in(uaddr1))
			return -EFAULT;
		goto retry;
	}
	if (cmpval && now != *cmpval) {
		ret = -EAGAIN;
	} else {
		ret = wake_matching(from, &key1, nr_wake,
				    FUTEX_BITSET_MATCH_ANY);
		moved = ret < 0 ? 0
				: requeue_matching(from, &key1, to, &key2,
						   nr_requeue);
		ret = moved < 0 ? moved : ret + moved;
	}
	futex_double_unlock(from, to);
	return ret;
}

/* FUTEX_WAKE_OP's new value; false: no such operation. */
static bool futex_op_apply(unsigned int op, u32 old, u32 arg, u32 *new)
{
	switch (op) {
	case FUTEX_OP_SET:
		*new = arg;
		return true;
	case FUTEX_OP_ADD:
		*new = old + arg;
		return true;
	case FUTEX_OP_OR:
		*new = old | arg;
		return true;
	case FUTEX_OP_ANDN:
		*new = old & ~arg;
		return true;
	case FUTEX_OP_XOR:
		*new = old ^ arg;
		return true;
	}
	return false;
}

static int futex_op_compare(unsigned int cmp, int old, int arg)
{
	switch (cmp) {
	case FUTEX_OP_CMP_EQ:
		return old == arg;
	case FUTEX_OP_CMP_NE:
		return old != arg;
	case FUTEX_OP_CMP_LT:
		return old < arg;
	case FUTEX_OP_CMP_GE:
		return old >= arg;
	case FUTEX_OP_CMP_LE:
		return old <= arg;
	case FUTEX_OP_CMP_GT:
		return old > arg;
	}
	return -ENOSYS;
}

static int sign_extend_12(u32 value)
{
	return (int)(value << 20) >> 20;
}

/*
 * Do @encoded to *@uaddr atomically; returns the comparison's result, -EFAULT
 * if the page is not there (locks are held), or -ENOSYS.
 */
static int futex_atomic_op(u32 encoded, u32 __user *uaddr)
{
	unsigned int op = encoded >> 28 & 7;
	unsigned int cmp = encoded >> 24 & 15;
	int oparg = sign_extend_12(encoded >> 12 & 0xfff);
	int cmparg = sign_extend_12(encoded & 0xfff);
	u32 old;
	u32 new;
	u32 found;
	int err;

	if (encoded & (8U << 28)) /* FUTEX_OP_OPARG_SHIFT */
		oparg = 1 << (oparg & 31);
	pagefault_disable();
	err = get_user(old, uaddr);
	while (!err) {
		if (!futex_op_apply(op, old, (u32)oparg, &new)) {
			err = -ENOSYS;
			break;
		}
		err = user_cmpxchg_u32(&found, uaddr, old, new);
		if (err || found == old)
			break;
		old = found;
	}
	pagefault_enable();
	return err ? err : futex_op_compare(cmp, (int)old, cmparg);
}

/* futex_wake_op - FUTEX_WAKE_OP: change the second word, wake both as it
 * compares. */
int futex_wake_op(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2,
		  int nr_wake, int nr_wake2, u32 op)
{
	struct futex_bucket *b1;
	struct futex_bucket *b2;
	struct futex_key key1;
	struct futex_key key2;
	int cond;
	int more;
	int ret;

retry:
	ret = get_futex_key(uaddr1, flags, &key1);
	if (ret)
		return ret;
	ret = get_futex_key(uaddr2, flags, &key2);
	if (ret)
		return ret;
	b1 = futex_hash(&key1);
	b2 = futex_hash(&key2);
	futex_double_lock(b1, b2);
	cond = futex_atomic_op(op, uaddr2);
	if (cond < 0) {
		futex_double_unlock(b1, b2);
		if (cond != -EFAULT)
			return cond;
		if (fault_in_writable(uaddr2))
			return -EFAULT;
		goto retry;
	}
	ret = wake_matching(b1, &key1, max(nr_wake, 1), FUTEX_BITSET_MATCH_ANY);
	if (cond && ret >= 0) {
		more = wake_matching(b2, &key2, max(nr_wake2, 1),
				     FUTEX_BITSET_MATCH_ANY);
		ret = more < 0 ? more : ret + more;
	}
	futex_double_unlock(b1, b2);
	return ret;
}

/* --- to a PI futex --- */

/* A waiter of the first futex is to have the second: it stands in the second
 * one's bucket from now on.  0 or -EDEADLK. */
static int move_to_pi(struct futex_q *q, struct futex_bucket *to,
		      const struct futex_key *to_key, struct pi_state *state)
{
	int err = pi_wait(q, state);

	if (err)
		return err;
	list_move_tail(&q->link, &to->waiters);
	q->key = *to_key;
	__atomic_store_n(&q->bucket, to, __ATOMIC_RELEASE);
	return 0;
}

/* The two futexes of one call. */
struct requeue {
	struct futex_bucket *from;
	struct futex_bucket *to;
	struct futex_key key1;
	struct futex_key key2;
	u32 __user *uaddr2;
	int nr; /* at most so many get or await the lock */
	int done;
};

/* Both buckets are locked.  0 or -errno; -EAGAIN and -EFAULT as
 * pi_lock_atomic: those that are not done yet are to be tried again. */
static int requeue_pi_locked(struct requeue *r)
{
	struct pi_state *state = NULL;
	struct futex_q *q;
	struct futex_q *next;
	int ret;

	list_for_each_entry_safe (q, next, &r->from->waiters, link) {
		if (r->done >= r->nr)
			break;
		if (!futex_match(&q->key, &r->key1))
			continue;
		if (q->pi_state || !q->requeue_key ||
		    !futex_match(q->requeue_key, &r->key2))
			return -EINVAL;
		ret = pi_lock_atomic(r->uaddr2, r->to, &r->key2, q->task,
				     r->nr > 1, &state);
		if (!ret)
			ret = move_to_pi(q, r->to, &r->key2, state);
		else if (ret > 0)
			futex_wake_one(q);
		if (ret < 0)
			return ret;
		r->done++;
	}
	return 0;
}

/*
 * futex_requeue_pi - FUTEX_CMP_REQUEUE_PI: how many were given the lock or
 * moved to wait for it, or -errno of the first that could not be, whatever came
 * of those before it.
 */
int futex_requeue_pi(u32 __user *uaddr1, unsigned int flags, u32 __user *uaddr2,
		     int nr_wake, int nr_requeue, u32 cmpval)
{
	struct requeue r = {.uaddr2 = uaddr2};
	u32 now;
	int ret;

	if (nr_wake < 0 || nr_requeue < 0)
		return -EINVAL;
	if (uaddr1 == uaddr2 || nr_wake != 1)
		return -EINVAL;
	r.nr = nr_requeue < INT32_MAX ? nr_requeue + 1 : nr_requeue;
	for (;;) {
		ret = get_futex_key(uaddr1, flags, &r.key1);
		if (!ret)
			ret = get_futex_key(uaddr2, flags, &r.key2);
		if (ret)
			return ret;
		if (futex_match(&r.key1, &r.key2))
			return -EINVAL;
		if (fault_in(uaddr1))
			return -EFAULT;
		r.from = futex_hash(&r.key1);
		r.to = futex_hash(&r.key2);
		futex_double_lock(r.from, r.to);
		ret = get_user_nofault(&now, uaddr1);
		/* The value counts when the first of them is taken. */
		if (!ret && now != cmpval && !r.done) {
			futex_double_unlock(r.from, r.to);
			return -EAGAIN;
		}
		/* The second word must be there though nobody waits. */
		if (!ret)
			ret = get_user_nofault(&now, uaddr2);
		if (!ret)
			ret = requeue_pi_locked(&r);
		futex_double_unlock(r.from, r.to);
		if (ret == -EFAULT && fault_in_writable(uaddr2))
			break;
		if (ret != -EFAULT && ret != -EAGAIN)
			break;
		cond_resched();
	}
	return ret ? ret : r.done;
}

/* Sleep until we have the lock.  0, -ETIMEDOUT, -ERESTARTNOINTR. */
static int requeue_sleep(struct futex_q *q, const u64 *abs_ns,
			 unsigned int flags)
{
	int err = 0;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!__atomic_load_n(&q->bucket, __ATOMIC_ACQUIRE) ||
		    __atomic_load_n(&q->pi.granted, __ATOMIC_ACQUIRE))
			break;
		if (futex_timed_out(abs_ns, flags))
			err = -ETIMEDOUT;
		else if (signal_pending(current))
			err = -ERESTARTNOINTR;
		if (err)
			break;
		futex_sleep(abs_ns, flags, current->timer_slack_ns);
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

/*
 * futex_wait_requeue_pi - FUTEX_WAIT_REQUEUE_PI: 0 with the lock at @uaddr2,
 * or -errno without.  Sleeps.
 */
int futex_wait_requeue_pi(u32 __user *uaddr, unsigned int flags, u32 val,
			  const u64 *abs_ns, u32 __user *uaddr2)
{
	struct futex_q q = {.task = current, .bitset = FUTEX_BITSET_MATCH_ANY};
	struct futex_bucket *bucket;
	struct futex_key key2;
	int err;

	if (uaddr == uaddr2)
		return -EINVAL;
	err = get_futex_key(uaddr2, flags, &key2);
	if (err)
		return err;
	err = get_futex_key(uaddr, flags, &q.key);
	if (err)
		return err;
	/* Once it stands in a queue, it may be moved, and its key is key2. */
	if (futex_match(&q.key, &key2))
		return -EINVAL;
	q.requeue_key = &key2;
	err = futex_wait_setup(uaddr, flags, val, &q);
	if (err)
		return err;
	err = requeue_sleep(&q, abs_ns, flags);
	__set_current_state(TASK_RUNNING);
	bucket = futex_lock_q(&q);
	if (!bucket)
		return 0; /* whoever woke us took the lock for us */
	if (!q.pi_state) {
		list_del(&q.link);
		spin_unlock(&bucket->lock);
		return err;
	}
	spin_unlock(&bucket->lock);
	/* The first word has changed: starting over would end at once. */
	if (err == -ERESTARTNOINTR)
		err = -EWOULDBLOCK;
	return pi_wait_finish(uaddr2, &q, err);
}
