/*
 * fifo.c - opening FIFOs, fifo(7).
 *
 * The first to open one makes its ring, the last to close it frees it.  Who
 * waits for the other side looks at a count of opens: a partner who has come
 * and gone again counts.
 *
 * Locks: i_lock for inode->i_pipe and the count of files; pipe->mutex.
 *
 * Entry points: fifo_open.
 */
#include <fs/anon/internal.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <kernel/base/spinlock.h>

/* The FIFO's ring, made by whoever opens it first. */
static struct pipe_inode_info *get_fifo(struct inode *inode)
{
	struct pipe_inode_info *pipe, *fresh = NULL;

	for (;;) {
		spin_lock(&inode->i_lock);
		if (!inode->i_pipe && fresh) {
			inode->i_pipe = fresh;
			fresh = NULL;
		}
		pipe = inode->i_pipe;
		if (pipe)
			pipe->files++;
		spin_unlock(&inode->i_lock);
		if (pipe || fresh)
			break;
		fresh = alloc_pipe();
		if (!fresh)
			return NULL;
	}
	if (fresh)
		free_pipe(fresh);
	return pipe;
}

/* Sleep until the other side has been opened more often than @seen. */
static int wait_for_partner(struct wait_queue *wq, const unsigned int *counter,
			    unsigned int seen)
{
	return wait_event_interruptible(wq, READ_ONCE(*counter) != seen);
}

/* The counting half of fifo_open; sets *@wait_counter when it must wait. */
static int fifo_count_open(struct pipe_inode_info *pipe, struct file *file,
			   unsigned int **wait_counter)
{
	bool nonblock = file->f_flags & O_NONBLOCK;

	switch (file->f_mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		pipe->r_counter++;
		if (pipe->readers++ == 0)
			wake_up_all(&pipe->wr_wait);
		if (!pipe->writers && nonblock)
			file->private_data =
				(void *)(unsigned long)pipe->w_counter;
		else if (!pipe->writers)
			*wait_counter = &pipe->w_counter;
		return 0;
	case FMODE_WRITE:
		if (nonblock && !pipe->readers)
			return -ENXIO;
		pipe->w_counter++;
		if (!pipe->writers++)
			wake_up_all(&pipe->rd_wait);
		if (!pipe->readers)
			*wait_counter = &pipe->r_counter;
		return 0;
	case FMODE_READ | FMODE_WRITE:
		pipe->readers++;
		pipe->writers++;
		pipe->r_counter++;
		pipe->w_counter++;
		if (pipe->readers == 1 || pipe->writers == 1) {
			wake_up_all(&pipe->rd_wait);
			wake_up_all(&pipe->wr_wait);
		}
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * fifo_open - see internal.h.
 */
int fifo_open(struct inode *inode, struct file *file)
{
	struct pipe_inode_info *pipe = get_fifo(inode);
	unsigned int *wait_counter = NULL;
	unsigned int seen = 0;
	int err;

	if (!pipe)
		return -ENOMEM;
	file->f_op = &pipe_fops;
	pipe_init_file(file);
	file->private_data = NULL;
	mutex_lock(&pipe->mutex);
	err = fifo_count_open(pipe, file, &wait_counter);
	/* Before the other side can come: it might not wait for us. */
	if (!err && wait_counter)
		seen = *wait_counter;
	mutex_unlock(&pipe->mutex);
	if (err) {
		put_pipe(inode, pipe);
		return err;
	}
	if (!wait_counter)
		return 0;
	if (wait_counter == &pipe->w_counter)
		err = wait_for_partner(&pipe->rd_wait, wait_counter, seen);
	else
		err = wait_for_partner(&pipe->wr_wait, wait_counter, seen);
	if (err)
		(void)pipe_release(inode, file);
	return err;
}
