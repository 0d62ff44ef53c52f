/*
 * iov_iter.h - move bytes to or from where a read or write wants them.
 *
 * An iterator stands on one or many pieces of user or kernel memory and
 * advances with each copy.  A copy that meets a bad user address is short.
 */
#pragma once

#include <kernel/types/iov_iter.h>

#define MAX_RW_COUNT 0x7ffff000UL /* the most one read or write moves */

static inline size_t iov_iter_count(const struct iov_iter *iter)
{
	return iter->count;
}

/* iov_iter_truncate - at most @count bytes from here on. */
static inline void iov_iter_truncate(struct iov_iter *iter, size_t count)
{
	if (iter->count > count)
		iter->count = count;
}

/* iov_iter_reexpand - undo a truncate: @count bytes are left. */
static inline void iov_iter_reexpand(struct iov_iter *iter, size_t count)
{
	iter->count = count;
}

/* iov_iter_user - one piece of user memory.  iov_iter_kernel - of kernel. */
void iov_iter_user(struct iov_iter *iter, void __user *buf, size_t count);
void iov_iter_kernel(struct iov_iter *iter, void *buf, size_t count);

/* iov_iter_init - pieces of kind @kind; @iov must stay. */
void iov_iter_init(struct iov_iter *iter, enum iter_kind kind,
		   const struct iovec *iov, unsigned long nr_segs,
		   size_t count);

/*
 * import_iovec - copy and check the iovecs of readv(2) and kin.
 *
 * @fast has room for @nr_fast; more are kmalloc'ed: *@iov is what the caller
 * kfree()s (NULL if @fast was enough).  Returns the bytes in all (cut to
 * what one call may move), or -EINVAL, -EFAULT, -ENOMEM.
 */
ssize_t import_iovec(const struct iovec __user *uvec, unsigned int nr_segs,
		     unsigned long nr_fast, struct iovec *fast,
		     struct iovec **iov, struct iov_iter *iter);

/* import_single_range - one user buffer: 0 or -EFAULT; cut likewise. */
int import_single_range(void __user *buf, size_t len, struct iov_iter *iter);

/* copy_to_iter, copy_from_iter - bytes really copied. */
size_t copy_to_iter(const void *from, size_t n, struct iov_iter *iter);
size_t copy_from_iter(void *to, size_t n, struct iov_iter *iter);

/* copy_from_iter_full - all or nothing: true if all @n came. */
bool copy_from_iter_full(void *to, size_t n, struct iov_iter *iter);

/* copy_from_iter_atomic - does not serve page faults and does not advance:
 * for use under a page lock, after fault_in_iov_iter_readable. */
size_t copy_from_iter_atomic(void *to, size_t n, const struct iov_iter *iter);

/* iov_iter_zero - @n zero bytes to the iterator; bytes really written. */
size_t iov_iter_zero(size_t n, struct iov_iter *iter);

void iov_iter_advance(struct iov_iter *iter, size_t n);

/* iov_iter_revert - go back @n bytes. */
void iov_iter_revert(struct iov_iter *iter, size_t n);

/* fault_in_iov_iter_readable, _writeable - touch the next @n bytes; how many
 * of them can NOT be had (0: all fine). */
size_t fault_in_iov_iter_readable(const struct iov_iter *iter, size_t n);
size_t fault_in_iov_iter_writeable(const struct iov_iter *iter, size_t n);

/* iov_iter_single_seg_count - bytes left in the piece we stand in. */
size_t iov_iter_single_seg_count(const struct iov_iter *iter);
