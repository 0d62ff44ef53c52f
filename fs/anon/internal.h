/*
 * internal.h - the insides of pipes, shared by the files on them.
 */
#pragma once

#include <fs/anon/pipe.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/wait.h>

/* A stretch of bytes in one page. */
struct pipe_buffer {
	struct page *page;
	unsigned int offset;
	unsigned int len;
	bool can_merge; /* a later write may add to this page */
	bool packet;	/* O_DIRECT: one read, one packet */
};

/*
 * Locks:  P mutex.  head and tail run freely; bufs has a power of two slots.
 */
struct pipe_inode_info {
	struct mutex mutex;
	struct wait_queue
		rd_wait; /* readers, and openers that wait for writers */
	struct wait_queue wr_wait;
	unsigned int head, tail; /* [P] next to fill, next to empty */
	unsigned int ring_size;	 /* [P] slots */
	unsigned int readers, writers, files; /* [P] */
	unsigned int r_counter, w_counter;    /* [P] count opens, for FIFOs */
	struct page *spare;	  /* [P] a page kept for the next write */
	struct pipe_buffer *bufs; /* [P] */
	struct user_struct *user; /* [I] who counts for the slots */
	struct list_head fasync_readers, fasync_writers; /* [fasync_lock] */
};

struct user_struct;

/* --- pipe_limits.c --- */
#define PIPE_MIN_DEF_BUFFERS 2 /* of a pipe over the soft limit */
/* pipe_account - @user has @slots more: is that over the soft limit, over the
 * hard one? */
bool pipe_account(struct user_struct *user, long slots, bool *over_hard);
void pipe_unaccount(struct user_struct *user, long slots);
/* pipe_limits_bind - do they bind current? */
bool pipe_limits_bind(void);
void pipe_limits_init(void);

static inline bool pipe_empty(const struct pipe_inode_info *pipe)
{
	return READ_ONCE(pipe->head) == READ_ONCE(pipe->tail);
}

static inline bool pipe_full(const struct pipe_inode_info *pipe)
{
	return READ_ONCE(pipe->head) - READ_ONCE(pipe->tail) >=
	       READ_ONCE(pipe->ring_size);
}

static inline struct pipe_buffer *pipe_slot(struct pipe_inode_info *pipe,
					    unsigned int n)
{
	return &pipe->bufs[n & (pipe->ring_size - 1)];
}

static inline struct pipe_inode_info *file_pipe(const struct file *file)
{
	return file_inode(file)->i_pipe;
}

/* --- pipe.c --- */
extern const struct file_operations pipe_fops;
/* alloc_pipe - an empty ring, accounted to current's user; NULL. */
struct pipe_inode_info *alloc_pipe(void);
/* free_pipe - and what is still in it; nobody has it open. */
void free_pipe(struct pipe_inode_info *pipe);
/* pipe_read_iter, pipe_write_iter - what read(2) and write(2) do; not to @block
 * is -EAGAIN instead.  May sleep. */
ssize_t pipe_read_iter(struct file *file, struct iov_iter *iter, bool block);
ssize_t pipe_write_iter(struct file *file, struct iov_iter *iter, bool block);
/* put_pipe - one open file less; the last frees the ring. */
void put_pipe(struct inode *inode, struct pipe_inode_info *pipe);
/* pipe_release - the last close(2) of a file; wakes the other side. */
int pipe_release(struct inode *inode, struct file *file);

/* --- fifo.c --- */
/* fifo_open - open(2) of a FIFO: a reader waits for a writer and the other way
 * round; O_NONBLOCK does not, and fails with -ENXIO for a writer without a
 * reader.  -ENOMEM, -ERESTARTSYS. */
int fifo_open(struct inode *inode, struct file *file);

/* --- pipefs.c --- */
/* pipe_init_file - a fresh file is a stream: no offsets. */
void pipe_init_file(struct file *file);

/* Give a consumed buffer's page back; keeps one for the next write. */
void pipe_release_buffer(struct pipe_inode_info *pipe, struct pipe_buffer *buf);
