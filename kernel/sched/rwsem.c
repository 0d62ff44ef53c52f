/*
 * rwsem.c - sleeping locks for many readers or one writer.
 *
 * count says who holds it and whether somebody waits.  While nobody waits it
 * is taken and left with one compare-and-exchange.  Who cannot have it looks
 * on for a moment (lock_spin.h), then queues in order of arrival.
 *
 * Readers in the queue are given the semaphore, all that stand before the next
 * writer, by whoever lets go of it.  A writer in the queue is only woken and
 * tries again: meanwhile a writer that runs may come first, so that short
 * writes cost no switch each.  A first waiter that has waited LOCK_STARVED_NS
 * sets RWSEM_HANDOFF, and from then on only it may take it.
 *
 * Locks: wait_lock guards the list and the flags of waiters.  With waiters,
 * holders let go under it, so that the object may be freed by whoever left it
 * last.
 *
 * Entry points: down_read, down_write, up_read, up_write and kin.
 */
#include <kernel/sched/rwsem.h>

#include <abi/errno.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/lock_spin.h>
#include <kernel/sched/sleep_order.h>
#include <kernel/sched/wait.h>

struct rwsem_waiter {
	struct list_head link;
	struct task_struct *task; /* NULL once a reader has been let in */
	u64 since_ns;
	bool write;
	bool woken; /* [wait_lock] a writer that will look again */
};

/* init_rwsem - unlocked. */
void init_rwsem(struct rw_semaphore *sem, enum lock_rank rank)
{
	spin_lock_init(&sem->wait_lock, LOCK_MUTEX_WAIT);
	sem->rank = (u8)rank;
	sem->count = 0;
	sem->owner = NULL;
	INIT_LIST_HEAD(&sem->waiters);
}

/* A reader goes in only where nobody waits. */
static bool try_read(struct rw_semaphore *sem)
{
	unsigned long count = READ_ONCE(sem->count);

	while (!(count & (RWSEM_WRITER | RWSEM_WAITERS))) {
		if (try_cmpxchg(&sem->count, &count, count + RWSEM_READER))
			return true;
	}
	return false;
}

static bool is_held(unsigned long count)
{
	return count & ~(RWSEM_WAITERS | RWSEM_HANDOFF);
}

/* A writer, where nobody is inside and, unless it is the @first in the queue,
 * nobody starves. */
static bool try_write(struct rw_semaphore *sem, bool first)
{
	unsigned long count = READ_ONCE(sem->count);
	unsigned long mine;

	while (!is_held(count) && (first || !(count & RWSEM_HANDOFF))) {
		mine = (count & RWSEM_WAITERS) | RWSEM_WRITER;
		if (try_cmpxchg(&sem->count, &count, mine)) {
			WRITE_ONCE(sem->owner, current);
			return true;
		}
	}
	return false;
}

/* Look on while the writer runs, or for a moment where readers are; true if
 * we got it. */
static bool spin_for(struct rw_semaphore *sem, bool write, bool first)
{
	struct task_struct *owner;
	struct lock_spin spin;
	unsigned long count;
	u64 limit_ns;

	if (!lock_spin_begin(&spin))
		return false;
	do {
		if (write ? try_write(sem, first) : try_read(sem))
			return true;
		count = READ_ONCE(sem->count);
		if (!write && (count & RWSEM_WAITERS))
			return false;
		owner = READ_ONCE(sem->owner);
		limit_ns = count & RWSEM_WRITER ? LOCK_SPIN_NS
						: LOCK_SPIN_READER_NS;
	} while (lock_spin_goes_on(&spin, owner, limit_ns));
	return false;
}

static struct rwsem_waiter *first_waiter(struct rw_semaphore *sem)
{
	return list_first_entry_or_null(&sem->waiters, struct rwsem_waiter,
					link);
}

static void leave_queue(struct rw_semaphore *sem, struct rwsem_waiter *waiter)
{
	if (first_waiter(sem) == waiter)
		__atomic_fetch_and(&sem->count, ~RWSEM_HANDOFF,
				   __ATOMIC_RELAXED);
	list_del(&waiter->link);
	if (list_empty(&sem->waiters))
		__atomic_fetch_and(&sem->count,
				   ~(RWSEM_WAITERS | RWSEM_HANDOFF),
				   __ATOMIC_RELAXED);
}

/* A reader that has been counted returns from its loop. */
static void let_in(struct rw_semaphore *sem, struct rwsem_waiter *waiter)
{
	struct task_struct *task = waiter->task;

	leave_queue(sem, waiter);
	__atomic_store_n(&waiter->task, NULL, __ATOMIC_RELEASE);
	/* The waiter's stack is gone from here on; the task is not, because
	 * it needs wait_lock before it can end. */
	wake_up_state(task, TASK_NORMAL);
}

/* Count a reader of the queue, unless a writer is inside. */
static bool count_reader(struct rw_semaphore *sem)
{
	unsigned long count = READ_ONCE(sem->count);

	while (!(count & RWSEM_WRITER)) {
		if (try_cmpxchg(&sem->count, &count, count + RWSEM_READER))
			return true;
	}
	return false;
}

/* It may have become free: serve those who stand first.  Under wait_lock. */
static void serve_locked(struct rw_semaphore *sem)
{
	struct rwsem_waiter *first;

	while ((first = first_waiter(sem)) && !first->write) {
		if (!count_reader(sem))
			return;
		let_in(sem, first);
	}
	if (!first || first->woken || is_held(READ_ONCE(sem->count)))
		return;
	first->woken = true;
	wake_up_state(first->task, TASK_NORMAL);
}

/* A signal ended a reader's wait: leave the queue, unless it was let in just
 * now. */
static bool give_up(struct rw_semaphore *sem, struct rwsem_waiter *waiter)
{
	bool gave_up;

	spin_lock(&sem->wait_lock);
	gave_up = waiter->task != NULL;
	if (gave_up) {
		leave_queue(sem, waiter);
		serve_locked(sem);
	}
	spin_unlock(&sem->wait_lock);
	return gave_up;
}

/* A reader's turn comes when somebody lets it in. */
static int wait_to_read(struct rw_semaphore *sem, struct rwsem_waiter *waiter,
			unsigned int state)
{
	int err = 0;

	spin_lock(&sem->wait_lock);
	list_add_tail(&waiter->link, &sem->waiters);
	__atomic_fetch_or(&sem->count, RWSEM_WAITERS, __ATOMIC_RELAXED);
	serve_locked(sem);
	spin_unlock(&sem->wait_lock);
	for (;;) {
		set_current_state(state);
		if (!__atomic_load_n(&waiter->task, __ATOMIC_ACQUIRE))
			break;
		if (signal_pending_state(state, current) &&
		    give_up(sem, waiter)) {
			err = -EINTR;
			break;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	/* Whoever let us in is through with us when the lock is free. */
	spin_lock(&sem->wait_lock);
	spin_unlock(&sem->wait_lock);
	return err;
}

/* In the queue: sleep until it may be free, then try to be quick.  True if we
 * own it now.  wait_lock is held at both ends. */
static bool sleep_once(struct rw_semaphore *sem, struct rwsem_waiter *waiter,
		       unsigned int state)
{
	bool taken = false;

	if (first_waiter(sem) == waiter &&
	    ktime_get_ns() - waiter->since_ns > LOCK_STARVED_NS)
		__atomic_fetch_or(&sem->count, RWSEM_HANDOFF, __ATOMIC_RELAXED);
	waiter->woken = false;
	set_current_state(state);
	spin_unlock(&sem->wait_lock);
	schedule();
	__set_current_state(TASK_RUNNING);
	/* Who is the first stays the first. */
	if (READ_ONCE(sem->waiters.next) == &waiter->link)
		taken = spin_for(sem, true, true);
	spin_lock(&sem->wait_lock);
	return taken;
}

static int wait_to_write(struct rw_semaphore *sem, struct rwsem_waiter *waiter,
			 unsigned int state)
{
	int err = 0;

	spin_lock(&sem->wait_lock);
	list_add_tail(&waiter->link, &sem->waiters);
	__atomic_fetch_or(&sem->count, RWSEM_WAITERS, __ATOMIC_RELAXED);
	while (!(first_waiter(sem) == waiter && try_write(sem, true))) {
		if (signal_pending_state(state, current)) {
			err = -EINTR;
			break;
		}
		if (sleep_once(sem, waiter, state))
			break;
	}
	leave_queue(sem, waiter);
	if (err)
		serve_locked(sem);
	spin_unlock(&sem->wait_lock);
	return err;
}

static int down_slow(struct rw_semaphore *sem, bool write, unsigned int state)
{
	struct rwsem_waiter waiter = {
		.task = current, .write = write, .woken = true};

	if (spin_for(sem, write, false))
		return 0;
	waiter.since_ns = ktime_get_ns();
	return write ? wait_to_write(sem, &waiter, state)
		     : wait_to_read(sem, &waiter, state);
}

static int down_common(struct rw_semaphore *sem, bool write, unsigned int state,
		       bool nested)
{
	int err;

	assert_can_sleep();
	sleep_order_acquire(sem, sem->rank, nested);
	if (likely(write ? try_write(sem, false) : try_read(sem)))
		return 0;
	err = down_slow(sem, write, state);
	if (err)
		sleep_order_release(sem);
	return err;
}

/* down_read, down_write - sleep until it is ours. */
void down_read(struct rw_semaphore *sem)
{
	(void)down_common(sem, false, TASK_UNINTERRUPTIBLE, false);
}

void down_write(struct rw_semaphore *sem)
{
	(void)down_common(sem, true, TASK_UNINTERRUPTIBLE, false);
}

/* The second of a rank. */
void down_read_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	(void)subclass;
	(void)down_common(sem, false, TASK_UNINTERRUPTIBLE, true);
}

void down_write_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	(void)subclass;
	(void)down_common(sem, true, TASK_UNINTERRUPTIBLE, true);
}

/* 0, or -EINTR when dying. */
int down_read_killable(struct rw_semaphore *sem)
{
	return down_common(sem, false, TASK_KILLABLE, false);
}

int down_write_killable(struct rw_semaphore *sem)
{
	return down_common(sem, true, TASK_KILLABLE, false);
}

/* 0, or -EINTR for a signal. */
int down_read_interruptible(struct rw_semaphore *sem)
{
	return down_common(sem, false, TASK_INTERRUPTIBLE, false);
}

static bool down_trylock(struct rw_semaphore *sem, bool write)
{
	bool taken = write ? try_write(sem, false) : try_read(sem);

	if (taken)
		sleep_order_tried(sem, sem->rank);
	return taken;
}

/* true if it is ours. */
bool down_read_trylock(struct rw_semaphore *sem)
{
	return down_trylock(sem, false);
}

bool down_write_trylock(struct rw_semaphore *sem)
{
	return down_trylock(sem, true);
}

/* Leave while somebody waits; false if nobody does.  What waits, or comes in
 * meanwhile, passes through wait_lock before it is done with it. */
static bool leave_read(struct rw_semaphore *sem)
{
	bool wanted;

	spin_lock(&sem->wait_lock);
	wanted = !list_empty(&sem->waiters);
	if (wanted) {
		__atomic_fetch_sub(&sem->count, RWSEM_READER, __ATOMIC_RELEASE);
		serve_locked(sem);
	}
	spin_unlock(&sem->wait_lock);
	return wanted;
}

/* up_read - a reader leaves. */
void up_read(struct rw_semaphore *sem)
{
	unsigned long count = READ_ONCE(sem->count);

	assert(count >= RWSEM_READER);
	sleep_order_release(sem);
	for (;;) {
		if (likely(!(count & RWSEM_WAITERS))) {
			if (try_cmpxchg(&sem->count, &count,
					count - RWSEM_READER))
				return;
		} else {
			if (leave_read(sem))
				return;
			count = READ_ONCE(sem->count);
		}
	}
}

/* The same for the writer.  A reader that stands first takes its place at
 * once, so that no other writer comes between. */
static bool leave_write(struct rw_semaphore *sem)
{
	struct rwsem_waiter *first;

	spin_lock(&sem->wait_lock);
	first = first_waiter(sem);
	if (first && !first->write) {
		__atomic_fetch_add(&sem->count, RWSEM_READER - RWSEM_WRITER,
				   __ATOMIC_RELEASE);
		let_in(sem, first);
		serve_locked(sem);
	} else if (first) {
		__atomic_fetch_and(&sem->count, ~RWSEM_WRITER,
				   __ATOMIC_RELEASE);
		serve_locked(sem);
	}
	spin_unlock(&sem->wait_lock);
	return first != NULL;
}

/* up_write - the writer leaves. */
void up_write(struct rw_semaphore *sem)
{
	unsigned long count = RWSEM_WRITER;

	assert(sem->owner == current);
	sleep_order_release(sem);
	WRITE_ONCE(sem->owner, NULL);
	while (unlikely(!try_cmpxchg(&sem->count, &count, 0))) {
		if (leave_write(sem))
			return;
		count = RWSEM_WRITER;
	}
}

/* downgrade_write - the writer stays as a reader. */
void downgrade_write(struct rw_semaphore *sem)
{
	unsigned long count;

	assert(sem->owner == current);
	WRITE_ONCE(sem->owner, NULL);
	count = __atomic_fetch_add(&sem->count, RWSEM_READER - RWSEM_WRITER,
				   __ATOMIC_RELEASE);
	if (!(count & RWSEM_WAITERS))
		return;
	spin_lock(&sem->wait_lock);
	serve_locked(sem);
	spin_unlock(&sem->wait_lock);
}

/* assert_rwsem_held - somebody holds it. */
void assert_rwsem_held(const struct rw_semaphore *sem)
{
	assert(rwsem_is_locked(sem));
}

/* assert_rwsem_held_write - current is the writer. */
void assert_rwsem_held_write(const struct rw_semaphore *sem)
{
	assert(sem->owner == current);
}
