/*
 * internal.h - the pipe's insides, shared by pipe.c and splice.c.
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

/* Give a consumed buffer's page back; keeps one for the next write. */
void pipe_release_buffer(struct pipe_inode_info *pipe, struct pipe_buffer *buf);
