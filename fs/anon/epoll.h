/*
 * epoll.h - epoll(7): many files watched by one.
 */
#pragma once

#include <abi/epoll.h>
#include <fs/vfs/types.h>

/* epoll_init - its cache, limit and hook; once, at boot. */
void epoll_init(void);

/* do_epoll_create - epoll_create1(2): a descriptor, -EINVAL, -EMFILE,
 * -ENFILE or -ENOMEM. */
int do_epoll_create(int flags);

extern const struct file_operations eventpoll_fops;

/* is_file_epoll - was @file made by epoll_create(2)? */
static inline bool is_file_epoll(const struct file *file)
{
	return file->f_op == &eventpoll_fops;
}

/*
 * do_epoll_ctl - epoll_ctl(2) on @file (epoll or not) and @target, which is
 * descriptor @fd.  @event: a copy; not looked at by EPOLL_CTL_DEL.  0 or
 * -errno.  May sleep.
 */
int do_epoll_ctl(struct file *file, int op, struct file *target, int fd,
		 struct epoll_event *event);

/*
 * do_epoll_wait - epoll_wait(2) on @file, an epoll: up to @max events to
 * @events.  @deadline_ns as do_poll's.  How many, -EINTR or -EFAULT.
 */
int do_epoll_wait(struct file *file, struct epoll_event __user *events, int max,
		  u64 deadline_ns);
