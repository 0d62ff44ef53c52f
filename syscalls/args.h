/*
 * args.h - readers of arguments that many doors share.
 *
 * Each copies once, checks the copy and hands on the copy.
 */
#pragma once

#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/signal.h>
#include <abi/time.h>
#include <abi/types.h>
#include <kernel/types/time.h>

/*
 * getname - a path from the program, as a kernel string.
 *
 * Returns it, to be given back with putname(), or ERR_PTR: -EFAULT,
 * -ENAMETOOLONG (PATH_MAX with the zero), -ENOENT if empty, -ENOMEM.
 * getname_flags with AT_EMPTY_PATH in @flags lets an empty one through.
 * putname of an ERR_PTR does nothing.
 */
char *getname(const char __user *path);
char *getname_flags(const char __user *path, unsigned int flags);
void putname(char *name);

/* args_init - the cache of names; boot, before the first program. */
void args_init(void);

/*
 * copy_string_arg - a string of at most @max bytes, its zero included.
 * Returns it (kfree) or ERR_PTR: -EFAULT, -EINVAL if longer, -ENOMEM.
 */
char *copy_string_arg(const char __user *string, size_t max);

/* get_timespec - 0, -EFAULT, or -EINVAL for what is no time. */
int get_timespec(struct timespec *ts, const struct timespec __user *from);
/* put_timespec - 0 or -EFAULT. */
int put_timespec(u64 ns, struct timespec __user *to);
/* get_timeval - 0, -EFAULT, -EINVAL; the microseconds become nanoseconds. */
int get_timeval(struct timespec *ts, const struct timeval __user *from);

static inline bool timespec_valid(const struct timespec *ts)
{
	return ts->tv_sec >= 0 && ts->tv_nsec >= 0 &&
	       ts->tv_nsec < (long)NSEC_PER_SEC;
}

/* args_timespec_ns - a valid time in ns; MAX_TIMEOUT_NS if it is longer. */
u64 args_timespec_ns(const struct timespec *ts);

/* args_deadline_ns - monotonic now + @timeout_ns, without overflow. */
u64 args_deadline_ns(u64 timeout_ns);

/* get_sigset - a signal mask; -EINVAL unless @size is 8, -EFAULT. */
int get_sigset(sigset_t *set, const sigset_t __user *from, size_t size);

/*
 * copy_struct_from_user - an extensible struct: @usize bytes of it, the rest
 * zero.  -E2BIG if the program's is longer and not zero there, -EFAULT.
 */
int copy_struct_from_user(void *dst, size_t ksize, const void __user *src,
			  size_t usize);
