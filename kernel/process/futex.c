/*
 * futex.c - waiting on a word of user memory, futex(2).
 *
 * A waiter stands in the hash bucket of its word's key: (address space,
 * address) for private memory, (file's page cache, offset) for shared.  It
 * compares the word under the bucket's lock before it sleeps, and a waker
 * takes that lock after the word was changed, so no wake-up is lost.  The word
 * is read with page faults disabled; if it is not there, the lock is dropped,
 * the page brought in, and all is tried again.
 *
 * Locks: the bucket's; two of them by address.
 *
 * Entry points: do_futex, futex_wait, futex_wake, futex_init.
 */
#include <kernel/process/futex.h>

#include <abi/errno.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/hash.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/vma.h>
#include <kernel/process/futex_internal.h>
#include <kernel/process/restart.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

#define FUTEX_HASH_BITS 8

static struct futex_bucket buckets[1 << FUTEX_HASH_BITS];

/* futex_init - empty buckets; once, at boot. */
void __init futex_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(buckets); i++) {
		spin_lock_init(&buckets[i].lock, LOCK_FUTEX);
		INIT_LIST_HEAD(&buckets[i].waiters);
	}
}

/* futex_hash - where waiters of @key stand. */
struct futex_bucket *futex_hash(const struct futex_key *key)
{
	u64 hash = hash_mix((u64)(uintptr_t)key->object, key->offset);

	return &buckets[hash_64(hash, FUTEX_HASH_BITS)];
}

/* futex_match - the same word? */
bool futex_match(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* get_futex_key - see futex_internal.h. */
int get_futex_key(u32 __user *uaddr, unsigned int flags, struct futex_key *key)
{
	unsigned long addr = (unsigned long)uaddr;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;

	if (addr % sizeof(u32))
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	key->object = mm;
	key->offset = addr;
	if (!(flags & FLAGS_SHARED))
		return 0;
	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma && (vma->vm_flags & VM_SHARED) && vma->vm_mapping) {
		key->object = vma->vm_mapping;
		key->offset =
			(vma->vm_pgoff << PAGE_SHIFT) + addr - vma->vm_start;
	}
	mmap_read_unlock(mm);
	return vma ? 0 : -EFAULT;
}

/* get_user_nofault - see futex_internal.h. */
int get_user_nofault(u32 *value, u32 __user *uaddr)
{
	int err;

	pagefault_disable();
	err = get_user(*value, uaddr);
	pagefault_enable();
	return err;
}

/* cmpxchg_nofault - see futex_internal.h. */
int cmpxchg_nofault(u32 __user *uaddr, u32 old, u32 new)
{
	u32 found;
	int err;

	pagefault_disable();
	err = user_cmpxchg_u32(&found, uaddr, old, new);
	pagefault_enable();
	if (err)
		return err;
	return found == old ? 0 : -EAGAIN;
}

/* fault_in - bring the word's page in.  0 or -EFAULT. */
int fault_in(u32 __user *uaddr)
{
	u32 value;
	int err = get_user(value, uaddr);

	(void)value;
	return err;
}

/* fault_in_writable - the page is brought in and is ours.  0 or -EFAULT. */
int fault_in_writable(u32 __user *uaddr)
{
	u32 value;
	u32 found;

	if (get_user(value, uaddr))
		return -EFAULT;
	return user_cmpxchg_u32(&found, uaddr, value, value);
}

/*
 * futex_wait_setup - queue current on @uaddr if it still holds @val.  0,
 * -EWOULDBLOCK, -EFAULT, -EINVAL.  State is TASK_INTERRUPTIBLE on success.
 */
int futex_wait_setup(u32 __user *uaddr, unsigned int flags, u32 val,
		     struct futex_q *q)
{
	struct futex_bucket *bucket;
	u32 now;
	int err;

retry:
	err = get_futex_key(uaddr, flags, &q->key);
	if (err)
		return err;
	bucket = futex_hash(&q->key);
	spin_lock(&bucket->lock);
	err = get_user_nofault(&now, uaddr);
	if (err) {
		spin_unlock(&bucket->lock);
		err = fault_in(uaddr);
		if (err)
			return err;
		goto retry;
	}
	if (now != val) {
		spin_unlock(&bucket->lock);
		return -EWOULDBLOCK;
	}
	q->bucket = bucket;
	list_add_tail(&q->link, &bucket->waiters);
	set_current_state(TASK_INTERRUPTIBLE);
	spin_unlock(&bucket->lock);
	return 0;
}

/* futex_lock_q - see futex_internal.h. */
struct futex_bucket *futex_lock_q(struct futex_q *q)
{
	struct futex_bucket *bucket;

	for (;;) {
		bucket = __atomic_load_n(&q->bucket, __ATOMIC_ACQUIRE);
		if (!bucket)
			return NULL;
		spin_lock(&bucket->lock);
		/* A requeue may have moved us. */
		if (bucket == q->bucket)
			return bucket;
		spin_unlock(&bucket->lock);
	}
}

/* futex_unqueue - see futex_internal.h. */
bool futex_unqueue(struct futex_q *q)
{
	struct futex_bucket *bucket = futex_lock_q(q);

	if (!bucket)
		return true;
	list_del(&q->link);
	spin_unlock(&bucket->lock);
	return false;
}

/* futex_wake_one - see futex_internal.h. */
void futex_wake_one(struct futex_q *q)
{
	struct task_struct *task = get_task_struct(q->task);

	list_del(&q->link);
	/* From here on @q may be gone. */
	__atomic_store_n(&q->bucket, NULL, __ATOMIC_RELEASE);
	wake_up_process(task);
	put_task_struct(task);
}

/* The clock of a wait with an end. */
static enum timer_clock futex_clock(unsigned int flags)
{
	return flags & FLAGS_CLOCKRT ? TIMER_REAL : TIMER_MONO;
}

/* futex_timed_out - see futex_internal.h. */
bool futex_timed_out(const u64 *abs_ns, unsigned int flags)
{
	return abs_ns && ktime_get_clock_ns(futex_clock(flags)) >= *abs_ns;
}

/* futex_sleep - see futex_internal.h. */
void futex_sleep(const u64 *abs_ns, unsigned int flags, u64 slack_ns)
{
	if (!abs_ns)
		schedule();
	else if (!futex_timed_out(abs_ns, flags))
		(void)schedule_until_ns(futex_clock(flags), *abs_ns, slack_ns);
}

/* One queueing: 0 woken, -ETIMEDOUT, -ERESTARTSYS, -EAGAIN by chance, ... */
static int futex_wait_once(u32 __user *uaddr, unsigned int flags, u32 val,
			   const u64 *abs_ns, struct futex_q *q, bool *retry)
{
	int err;

	*retry = false;
	err = futex_wait_setup(uaddr, flags, val, q);
	if (err)
		return err;
	if (__atomic_load_n(&q->bucket, __ATOMIC_ACQUIRE))
		futex_sleep(abs_ns, flags, current->timer_slack_ns);
	__set_current_state(TASK_RUNNING);
	if (futex_unqueue(q))
		return 0;
	if (futex_timed_out(abs_ns, flags))
		return -ETIMEDOUT;
	if (signal_pending(current))
		return -ERESTARTSYS;
	*retry = true;
	return 0;
}

static long futex_wait_restart(struct restart_block *block)
{
	const u64 *abs_ns = block->has_timeout ? &block->expires_ns : NULL;

	block->fn = do_no_restart_syscall;
	return futex_wait(block->uaddr, block->flags, block->val, abs_ns,
			  block->bitset);
}

/* futex_wait - sleep while *@uaddr is @val, until woken by one of @bitset. */
__landmark int futex_wait(u32 __user *uaddr, unsigned int flags, u32 val,
			  const u64 *abs_time_ns, u32 bitset)
{
	struct restart_block *block = &current->restart_block;
	struct futex_q q = {.task = current, .bitset = bitset};
	bool retry;
	int err;

	if (!bitset)
		return -EINVAL;
	do {
		err = futex_wait_once(uaddr, flags, val, abs_time_ns, &q,
				      &retry);
	} while (retry);
	if (err != -ERESTARTSYS || !abs_time_ns)
		return err;
	block->uaddr = uaddr;
	block->flags = flags;
	block->val = val;
	block->bitset = bitset;
	block->has_timeout = true;
	block->expires_ns = *abs_time_ns;
	return (int)set_restart_fn(block, futex_wait_restart);
}

/* wake_matching - see futex_internal.h. */
int wake_matching(struct futex_bucket *bucket, const struct futex_key *key,
		  int nr, u32 bitset)
{
	struct futex_q *q;
	struct futex_q *next;
	int woken = 0;

	if (nr <= 0)
		return 0;
	list_for_each_entry_safe (q, next, &bucket->waiters, link) {
		if (!futex_match(&q->key, key))
			continue;
		if (q->pi_state || q->requeue_key)
			return -EINVAL;
		if (!(q->bitset & bitset))
			continue;
		futex_wake_one(q);
		if (++woken >= nr)
			break;
	}
	return woken;
}

/* futex_wake - wake up to @nr_wake waiters (at least one); how many. */
int futex_wake(u32 __user *uaddr, unsigned int flags, int nr_wake, u32 bitset)
{
	struct futex_bucket *bucket;
	struct futex_key key;
	int ret;

	if (!bitset)
		return -EINVAL;
	ret = get_futex_key(uaddr, flags, &key);
	if (ret)
		return ret;
	bucket = futex_hash(&key);
	spin_lock(&bucket->lock);
	/* futex(2): "0" has always woken one. */
	ret = wake_matching(bucket, &key, max(nr_wake, 1), bitset);
	spin_unlock(&bucket->lock);
	return ret;
}

/* The operations with priority inheritance.  FUTEX_LOCK_PI's time has always
 * been one of the wall clock. */
static long do_futex_pi(u32 __user *uaddr, int cmd, unsigned int flags, u32 val,
			const u64 *timeout_ns, u32 __user *uaddr2, u32 val2,
			u32 val3)
{
	switch (cmd) {
	case FUTEX_LOCK_PI:
		return futex_lock_pi(uaddr, flags | FLAGS_CLOCKRT, timeout_ns,
				     false);
	case FUTEX_LOCK_PI2:
		return futex_lock_pi(uaddr, flags, timeout_ns, false);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(uaddr, flags, NULL, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(uaddr, flags);
	case FUTEX_WAIT_REQUEUE_PI:
		return futex_wait_requeue_pi(uaddr, flags, val, timeout_ns,
					     uaddr2);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_requeue_pi(uaddr, flags, uaddr2, (int)val,
					(int)val2, val3);
	}
	return -ENOSYS;
}

/* do_futex - see futex.h.   */
__landmark long do_futex(u32 __user *uaddr, int op, u32 val,
			 const u64 *timeout_ns, u32 __user *uaddr2, u32 val2,
			 u32 val3)
{
	int cmd = op & FUTEX_CMD_MASK;
	unsigned int flags = 0;

	if (!(op & FUTEX_PRIVATE_FLAG))
		flags |= FLAGS_SHARED;
	if (op & FUTEX_CLOCK_REALTIME) {
		flags |= FLAGS_CLOCKRT;
		if (cmd != FUTEX_WAIT_BITSET && cmd != FUTEX_WAIT_REQUEUE_PI &&
		    cmd != FUTEX_LOCK_PI2)
			return -ENOSYS;
	}
	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait(uaddr, flags, val, timeout_ns,
				  FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return futex_wait(uaddr, flags, val, timeout_ns, val3);
	case FUTEX_WAKE:
		return futex_wake(uaddr, flags, (int)val,
				  FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(uaddr, flags, (int)val, val3);
	case FUTEX_REQUEUE:
		return futex_requeue(uaddr, flags, uaddr2, (int)val, (int)val2,
				     NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(uaddr, flags, uaddr2, (int)val, (int)val2,
				     &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, flags, uaddr2, (int)val, (int)val2,
				     val3);
	default:
		return do_futex_pi(uaddr, cmd, flags, val, timeout_ns, uaddr2,
				   val2, val3);
	}
}
