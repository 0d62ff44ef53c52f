/*
 * anon_inode.h - open files that stand for an object of the kernel and have
 * no file: eventfd, epoll, timerfd, signalfd, pidfd.
 */
#pragma once

#include <fs/vfs/types.h>

/* anon_inode_init - the file system behind them; once, at boot. */
void anon_inode_init(void);

/*
 * anon_inode_getfile - a file with @fops and private_data @priv.
 * @name: what readlink of /proc/PID/fd/N shows after "anon_inode:", a string
 * that stays, as "[eventfd]".  @flags: O_ACCMODE and O_NONBLOCK, the rest is
 * not looked at.  On success the file owns @priv (fops->release gives it
 * back); else it stays the caller's: ERR_PTR(-ENFILE), (-ENOMEM).  May sleep.
 */
struct file *anon_inode_getfile(const char *name,
				const struct file_operations *fops, void *priv,
				int flags);

/*
 * anon_inode_getfd - the same with a descriptor of current's; O_CLOEXEC in
 * @flags is obeyed.  The number, or -errno (-EMFILE too).  May sleep.
 */
int anon_inode_getfd(const char *name, const struct file_operations *fops,
		     void *priv, int flags);
