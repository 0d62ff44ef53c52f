/*
 * args.c - shared readers: paths, times, signal masks, extensible structs.
 *
 * Names come from a cache of PATH_MAX-sized objects, as nearly every call on
 * files needs one.  No locks.
 *
 * Entry points: getname, putname, get_timespec, get_sigset,
 * copy_struct_from_user.  Vectors: import_iovec of <kernel/mm/iov_iter.h>.
 */
#include <syscalls/args.h>

#include <abi/fcntl.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/base/panic.h>
#include <kernel/lib/macros.h>
#include <kernel/time/clock.h>

static struct kmem_cache *names_cache __read_mostly;

void args_init(void)
{
	names_cache = kmem_cache_create("names_cache", PATH_MAX, 0, NULL);
	if (!names_cache)
		panic("syscalls: no memory for names");
}

char *getname_flags(const char __user *path, unsigned int flags)
{
	char *name = kmem_cache_alloc(names_cache);
	long len;
	int err;

	if (!name)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(name, path, PATH_MAX);
	if (len > 0 && len < PATH_MAX)
		return name;
	if (len == 0 && (flags & AT_EMPTY_PATH))
		return name;

	err = len < 0 ? (int)len : -ENAMETOOLONG;
	if (len == 0)
		err = -ENOENT;
	kmem_cache_free(names_cache, name);
	return ERR_PTR(err);
}

char *getname(const char __user *path)
{
	return getname_flags(path, 0);
}

void putname(char *name)
{
	if (IS_ERR(name))
		return;
	kmem_cache_free(names_cache, name);
}

char *copy_string_arg(const char __user *string, size_t max)
{
	char *copy = kmalloc(max);
	long len;
	int err;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(copy, string, (long)max);
	if (len >= 0 && (size_t)len < max)
		return copy;
	err = len < 0 ? (int)len : -EINVAL;
	kfree(copy);
	return ERR_PTR(err);
}

int get_timespec(struct timespec *ts, const struct timespec __user *from)
{
	if (copy_from_user(ts, from, sizeof(*ts)))
		return -EFAULT;
	return timespec_valid(ts) ? 0 : -EINVAL;
}

int put_timespec(u64 ns, struct timespec __user *to)
{
	struct timespec ts = {
		.tv_sec = (long)(ns / NSEC_PER_SEC),
		.tv_nsec = (long)(ns % NSEC_PER_SEC),
	};

	return copy_to_user(to, &ts, sizeof(ts)) ? -EFAULT : 0;
}

int get_timeval(struct timespec *ts, const struct timeval __user *from)
{
	struct timeval tv;

	if (copy_from_user(&tv, from, sizeof(tv)))
		return -EFAULT;
	if (tv.tv_usec < 0 || tv.tv_usec >= (long)USEC_PER_SEC)
		return -EINVAL;
	ts->tv_sec = tv.tv_sec;
	ts->tv_nsec = tv.tv_usec * (long)NSEC_PER_USEC;
	return ts->tv_sec < 0 ? -EINVAL : 0;
}

u64 args_timespec_ns(const struct timespec *ts)
{
	if ((u64)ts->tv_sec >= MAX_TIMEOUT_NS / NSEC_PER_SEC)
		return MAX_TIMEOUT_NS;
	return (u64)ts->tv_sec * NSEC_PER_SEC + (u64)ts->tv_nsec;
}

u64 args_deadline_ns(u64 timeout_ns)
{
	u64 now = ktime_get_ns();

	if (timeout_ns >= MAX_TIMEOUT_NS - now)
		return MAX_TIMEOUT_NS;
	return now + timeout_ns;
}

int get_sigset(sigset_t *set, const sigset_t __user *from, size_t size)
{
	if (size != sizeof(*set))
		return -EINVAL;
	return copy_from_user(set, from, sizeof(*set)) ? -EFAULT : 0;
}

/* Are the @n bytes at @src all zero?  1, 0 or -EFAULT. */
static int user_is_zero(const u8 __user *src, size_t n)
{
	u8 byte;
	size_t i;

	for (i = 0; i < n; i++) {
		if (get_user(byte, src + i))
			return -EFAULT;
		if (byte)
			return 0;
	}
	return 1;
}

int copy_struct_from_user(void *dst, size_t ksize, const void __user *src,
			  size_t usize)
{
	size_t size = min(ksize, usize);
	int zero;

	if (usize > ksize) {
		zero = user_is_zero((const u8 __user *)src + ksize,
				    usize - ksize);
		if (zero <= 0)
			return zero ? zero : -E2BIG;
	}
	__builtin_memset(dst, 0, ksize);
	return copy_from_user(dst, src, size) ? -EFAULT : 0;
}
