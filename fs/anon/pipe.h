/*
 * pipe.h - pipes and FIFOs, and splice(2), tee(2), vmsplice(2) on them.
 */
#pragma once

#include <fs/vfs/types.h>

#define PIPE_DEF_BUFFERS 16
#define PIPE_BUF_SIZE	 4096 /* PIPE_BUF: writes up to here are atomic */

/* pipe_init - register pipefs and FIFOs; once, at boot. */
void pipe_init(void);

/*
 * do_pipe_files - pipe2(2) without the descriptors: files[0] reads.
 * @flags: O_CLOEXEC (ignored here) O_NONBLOCK O_DIRECT.  0, -EINVAL,
 * -ENFILE or -ENOMEM.
 */
int do_pipe_files(struct file *files[2], int flags);

/* do_pipe2 - with descriptors, fds[0] reads.  0 or -errno. */
int do_pipe2(int fds[2], int flags);

/* F_SETPIPE_SZ, F_GETPIPE_SZ: bytes, or -EBADF (not a pipe), -EBUSY,
 * -EPERM, -EINVAL. */
long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg);

bool file_is_pipe(const struct file *file);

/* splice(2): at least one of the two is a pipe; offsets NULL: f_pos. */
ssize_t do_splice(struct file *in, loff_t *off_in, struct file *out,
		  loff_t *off_out, size_t count, unsigned int flags);
/* tee(2): copy from pipe to pipe without consuming. */
ssize_t do_tee(struct file *in, struct file *out, size_t count,
	       unsigned int flags);
/* vmsplice(2): user memory into a pipe (copied), or out of one. */
ssize_t do_vmsplice(struct file *file, struct iov_iter *iter,
		    unsigned int flags);

extern unsigned int pipe_max_size; /* /proc/sys/fs/pipe-max-size */
