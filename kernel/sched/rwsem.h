/*
 * rwsem.h - a sleeping lock for many readers or one writer.
 *
 * Who cannot have it looks for a moment, then queues.  A reader queues behind
 * whoever waits already; a writer that runs may take a free semaphore before
 * those that wait, but not before one that has waited for long.  A task must
 * not take it for reading twice.
 */
#pragma once

#include <kernel/lib/macros.h>
#include <kernel/types/lock.h>

/* rw_semaphore.count.  The flags of waiters change under wait_lock. */
#define RWSEM_WRITER  1UL
#define RWSEM_WAITERS 2UL /* the list is not empty */
#define RWSEM_HANDOFF 4UL /* only the first waiter may take it */
#define RWSEM_READER  8UL /* one of them; the rest of the word counts */

#define RWSEM_INIT(name, lock_rank)                                            \
	{                                                                      \
		.wait_lock = {.rank = LOCK_MUTEX_WAIT}, .rank = (lock_rank),   \
		.waiters = LIST_HEAD_INIT((name).waiters)                      \
	}
#define DECLARE_RWSEM(name, lock_rank)                                         \
	struct rw_semaphore name = RWSEM_INIT(name, lock_rank)

/* init_rwsem - unlocked, of rank @rank. */
void init_rwsem(struct rw_semaphore *sem, enum lock_rank rank);

/* down_read, down_write - sleep until it is ours. */
void down_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);

/* A second lock of the same rank; the caller states the order. */
void down_read_nested(struct rw_semaphore *sem, unsigned int subclass);
void down_write_nested(struct rw_semaphore *sem, unsigned int subclass);

/* 0, or -EINTR when the task is dying. */
int __must_check down_read_killable(struct rw_semaphore *sem);
int __must_check down_write_killable(struct rw_semaphore *sem);

/* 0, or -EINTR for any signal. */
int __must_check down_read_interruptible(struct rw_semaphore *sem);

/* true if it is ours now; never sleep. */
bool down_read_trylock(struct rw_semaphore *sem);
bool down_write_trylock(struct rw_semaphore *sem);

void up_read(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);

/* downgrade_write - the writer goes on as a reader; lets readers in. */
void downgrade_write(struct rw_semaphore *sem);

static inline bool rwsem_is_locked(const struct rw_semaphore *sem)
{
	return (READ_ONCE(sem->count) & ~(RWSEM_WAITERS | RWSEM_HANDOFF)) != 0;
}

static inline bool rwsem_is_write_locked(const struct rw_semaphore *sem)
{
	return READ_ONCE(sem->count) & RWSEM_WRITER;
}

/* assert_rwsem_held, assert_rwsem_held_write - somebody holds it; we write. */
void assert_rwsem_held(const struct rw_semaphore *sem);
void assert_rwsem_held_write(const struct rw_semaphore *sem);
