/*
 * rwsem.c - sleeping locks for many readers or one writer.
 *
 * count says who holds it, the list who waits, in order of arrival.  Who
 * releases hands it over: to a writer alone, or to all readers that stand
 * before the next writer.  A woken waiter therefore owns it already.
 *
 * Locks: wait_lock, for lines only.
 *
 * Entry points: down_read, down_write, up_read, up_write and kin.
 */
#include <kernel/sched/rwsem.h>

#include <abi/errno.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/sched/internal.h>
#include <kernel/sched/sleep_order.h>
#include <kernel/sched/wait.h>

struct rwsem_waiter {
	struct list_head link;
	struct task_struct *task; /* NULL once it has been given the lock */
	bool write;
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

static bool take_locked(struct rw_semaphore *sem, bool write)
{
	if (!list_empty(&sem->waiters))
		return false;
	if (write) {
		if (sem->count != 0)
			return false;
		sem->count = -1;
		sem->owner = current;
		return true;
	}
	if (sem->count < 0)
		return false;
	sem->count++;
	return true;
}

/* Give the lock to one waiter; it returns from its loop. */
static void grant_locked(struct rw_semaphore *sem, struct rwsem_waiter *waiter)
{
	struct task_struct *task = waiter->task;

	if (waiter->write) {
		sem->count = -1;
		sem->owner = task;
	} else {
		sem->count++;
	}
	list_del(&waiter->link);
	__atomic_store_n(&waiter->task, NULL, __ATOMIC_RELEASE);
	/* The waiter's stack is gone from here on; the task is not, because
	 * it needs wait_lock before it can end. */
	wake_up_state(task, TASK_NORMAL);
}

/* The lock may have become available: serve those who stand first. */
static void hand_over_locked(struct rw_semaphore *sem)
{
	struct rwsem_waiter *first;

	while (!list_empty(&sem->waiters)) {
		first = list_first_entry(&sem->waiters, struct rwsem_waiter,
					 link);
		if (first->write ? sem->count != 0 : sem->count < 0)
			return;
		grant_locked(sem, first);
	}
}

/* A signal ended the wait: leave the queue, unless the lock came just now. */
static bool give_up(struct rw_semaphore *sem, struct rwsem_waiter *waiter)
{
	bool gave_up;

	spin_lock(&sem->wait_lock);
	gave_up = waiter->task != NULL;
	if (gave_up) {
		list_del(&waiter->link);
		/* Readers behind a writer that leaves can go in. */
		hand_over_locked(sem);
	}
	spin_unlock(&sem->wait_lock);
	return gave_up;
}

static int wait_turn(struct rw_semaphore *sem, struct rwsem_waiter *waiter,
		     unsigned int state)
{
	int err = 0;

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
	/* Whoever granted it is through with us when the lock is free. */
	spin_lock(&sem->wait_lock);
	spin_unlock(&sem->wait_lock);
	return err;
}

static int down_common(struct rw_semaphore *sem, bool write, unsigned int state,
		       bool nested)
{
	struct rwsem_waiter waiter = {.task = current, .write = write};
	int err = 0;
	bool taken;

	assert_can_sleep();
	sleep_order_acquire(sem, sem->rank, nested);
	spin_lock(&sem->wait_lock);
	taken = take_locked(sem, write);
	if (!taken)
		list_add_tail(&waiter.link, &sem->waiters);
	spin_unlock(&sem->wait_lock);
	if (!taken)
		err = wait_turn(sem, &waiter, state);
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
	bool taken;

	spin_lock(&sem->wait_lock);
	taken = take_locked(sem, write);
	spin_unlock(&sem->wait_lock);
	if (taken)
		sleep_order_acquire(sem, sem->rank, true);
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

/* up_read - a reader leaves. */
void up_read(struct rw_semaphore *sem)
{
	sleep_order_release(sem);
	spin_lock(&sem->wait_lock);
	assert(sem->count > 0);
	sem->count--;
	if (unlikely(!list_empty(&sem->waiters)))
		hand_over_locked(sem);
	spin_unlock(&sem->wait_lock);
}

/* up_write - the writer leaves. */
void up_write(struct rw_semaphore *sem)
{
	assert(sem->owner == current);
	sleep_order_release(sem);
	spin_lock(&sem->wait_lock);
	assert(sem->count == -1);
	sem->count = 0;
	sem->owner = NULL;
	if (unlikely(!list_empty(&sem->waiters)))
		hand_over_locked(sem);
	spin_unlock(&sem->wait_lock);
}

/* downgrade_write - the writer stays as a reader. */
void downgrade_write(struct rw_semaphore *sem)
{
	spin_lock(&sem->wait_lock);
	assert(sem->count == -1);
	sem->count = 1;
	sem->owner = NULL;
	hand_over_locked(sem);
	spin_unlock(&sem->wait_lock);
}

/* assert_rwsem_held - somebody holds it. */
void assert_rwsem_held(const struct rw_semaphore *sem)
{
	assert(READ_ONCE(sem->count) != 0);
}

/* assert_rwsem_held_write - current is the writer. */
void assert_rwsem_held_write(const struct rw_semaphore *sem)
{
	assert(sem->owner == current);
}
