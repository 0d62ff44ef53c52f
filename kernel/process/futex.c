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
#include <kernel/process/restart.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>
#include <kernel/time/clock.h>

#define FUTEX_HASH_BITS 8

struct futex_key {
	const void *object;   /* mm_struct or address_space; never followed */
	unsigned long offset; /* address, or byte in the file */
};

struct futex_bucket {
	struct spinlock lock;
	struct list_head waiters; /* [lock] struct futex_q */
};

/* A waiter, on its own stack.  Locks:  B the bucket's lock */
struct futex_q {
	struct list_head link;	     /* [B] */
	struct futex_bucket *bucket; /* [B] NULL: woken */
	struct futex_key key;	     /* [B] */
	struct task_struct *task;
	u32 bitset;
};

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

static struct futex_bucket *futex_hash(const struct futex_key *key)
{
	u64 hash = hash_mix((u64)(uintptr_t)key->object, key->offset);

	return &buckets[hash_64(hash, FUTEX_HASH_BITS)];
}

static bool futex_match(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* What @uaddr is: 0, -EINVAL (not aligned) or -EFAULT. */
static int get_futex_key(u32 __user *uaddr, unsigned int flags,
			 struct futex_key *key)
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

/* Read the word under a spin lock: -EFAULT if its page is not there. */
static int get_user_nofault(u32 *value, u32 __user *uaddr)
{
	int err;

	pagefault_disable();
	err = get_user(*value, uaddr);
	pagefault_enable();
	return err;
}

/* Bring the word's page in.  0 or -EFAULT. */
static int fault_in(u32 __user *uaddr)
{
	u32 value;
	int err = get_user(value, uaddr);

	(void)value;
	return err;
}

/*
 * Queue current on @uaddr if it still holds @val.  0, -EWOULDBLOCK, -EFAULT,
 * -EINVAL.  State is TASK_INTERRUPTIBLE on success.
 */
static int futex_wait_setup(u32 __user *uaddr, unsigned int flags, u32 val,
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

/* Leave the queue; true: somebody had woken us. */
static bool futex_unqueue(struct futex_q *q)
{
	struct futex_bucket *bucket;

	for (;;) {
		bucket = __atomic_load_n(&q->bucket, __ATOMIC_ACQUIRE);
		if (!bucket)
			return true;
		spin_lock(&bucket->lock);
		/* A requeue may have moved us. */
		if (bucket == q->bucket)
			break;
		spin_unlock(&bucket->lock);
	}
	list_del(&q->link);
	spin_unlock(&bucket->lock);
	return false;
}

/* Take a waiter off and wake it; bucket lock held. */
static void futex_wake_one(struct futex_q *q)
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

/* Sleep in the state set; with @abs_ns not longer than until then. */
static void futex_sleep(const u64 *abs_ns, unsigned int flags)
{
	if (!abs_ns)
		schedule();
	else if (ktime_get_clock_ns(futex_clock(flags)) < *abs_ns)
		(void)schedule_until_ns(futex_clock(flags), *abs_ns);
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
		futex_sleep(abs_ns, flags);
	__set_current_state(TASK_RUNNING);
	if (futex_unqueue(q))
		return 0;
	if (abs_ns && ktime_get_clock_ns(futex_clock(flags)) >= *abs_ns)
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

/* Wake up to @nr waiters of @key in a locked bucket; how many. */
static int wake_matching(struct futex_bucket *bucket,
			 const struct futex_key *key, int nr, u32 bitset)
{
	struct futex_q *q;
	struct futex_q *next;
	int woken = 0;

	if (nr <= 0)
		return 0;
	list_for_each_entry_safe (q, next, &bucket->waiters, link) {
		if (!futex_match(&q->key, key) || !(q->bitset & bitset))
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

static void double_lock(struct futex_bucket *a, struct futex_bucket *b)
{
	if (a > b)
		swap(a, b);
	spin_lock(&a->lock);
	if (a != b)
		spin_lock_nested(&b->lock, 1);
}

static void double_unlock(struct futex_bucket *a, struct futex_bucket *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}

/* Move up to @nr waiters of @from to @to; both buckets locked. */
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
		if (from != to) {
			list_move_tail(&q->link, &to->waiters);
			__atomic_store_n(&q->bucket, to, __ATOMIC_RELEASE);
		}
		q->key = *to_key;
		moved++;
	}
	return moved;
}

/* FUTEX_REQUEUE and (@cmpval) FUTEX_CMP_REQUEUE: woken and moved. */
static int futex_requeue(u32 __user *uaddr1, unsigned int flags,
			 u32 __user *uaddr2, int nr_wake, int nr_requeue,
			 const u32 *cmpval)
{
	struct futex_bucket *from;
	struct futex_bucket *to;
	struct futex_key key1;
	struct futex_key key2;
	u32 now;
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
	double_lock(from, to);
	if (cmpval && get_user_nofault(&now, uaddr1)) {
		double_unlock(from, to);
		if (fault_in(uaddr1))
			return -EFAULT;
		goto retry;
	}
	if (cmpval && now != *cmpval) {
		ret = -EAGAIN;
	} else {
		ret = wake_matching(from, &key1, nr_wake,
				    FUTEX_BITSET_MATCH_ANY);
		ret += requeue_matching(from, &key1, to, &key2, nr_requeue);
	}
	double_unlock(from, to);
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

/* For writing: the page is brought in and is ours.  0 or -EFAULT. */
static int fault_in_writable(u32 __user *uaddr)
{
	u32 value;
	u32 found;

	if (get_user(value, uaddr))
		return -EFAULT;
	return user_cmpxchg_u32(&found, uaddr, value, value);
}

/* FUTEX_WAKE_OP: change the second word, wake both as it compares. */
static int futex_wake_op(u32 __user *uaddr1, unsigned int flags,
			 u32 __user *uaddr2, int nr_wake, int nr_wake2, u32 op)
{
	struct futex_bucket *b1;
	struct futex_bucket *b2;
	struct futex_key key1;
	struct futex_key key2;
	int cond;
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
	double_lock(b1, b2);
	cond = futex_atomic_op(op, uaddr2);
	if (cond < 0) {
		double_unlock(b1, b2);
		if (cond != -EFAULT)
			return cond;
		if (fault_in_writable(uaddr2))
			return -EFAULT;
		goto retry;
	}
	ret = wake_matching(b1, &key1, max(nr_wake, 1), FUTEX_BITSET_MATCH_ANY);
	if (cond)
		ret += wake_matching(b2, &key2, max(nr_wake2, 1),
				     FUTEX_BITSET_MATCH_ANY);
	double_unlock(b1, b2);
	return ret;
}

/* do_futex - see futex.h.  The PI operations are not there: -ENOSYS. */
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
	}
	return -ENOSYS;
}
