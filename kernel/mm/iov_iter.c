/*
 * iov_iter.c - move bytes to or from the buffers of a read or write.
 *
 * Every copy goes piece by piece over the iovecs; a user address that faults
 * for good ends it early, and the count says how far it came.
 *
 * Locks: none; user copies may sleep in a page fault, except in
 * copy_from_iter_atomic.
 *
 * Entry points: copy_to_iter, copy_from_iter, import_iovec.
 */
#include <kernel/mm/iov_iter.h>

#include <abi/errno.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/uaccess.h>
#include <kernel/lib/string.h>

/* iov_iter_user - one piece of user memory. */
void iov_iter_user(struct iov_iter *iter, void __user *buf, size_t count)
{
	iter->kind = ITER_USER;
	iter->iov_offset = 0;
	iter->count = count;
	iter->single.iov_base = buf;
	iter->single.iov_len = count;
	iter->iov = &iter->single;
	iter->nr_segs = 1;
}

/* iov_iter_kernel - one piece of kernel memory. */
void iov_iter_kernel(struct iov_iter *iter, void *buf, size_t count)
{
	iov_iter_user(iter, (void __force __user *)buf, count);
	iter->kind = ITER_KERNEL;
}

/* iov_iter_init - many pieces. */
void iov_iter_init(struct iov_iter *iter, enum iter_kind kind,
		   const struct iovec *iov, unsigned long nr_segs, size_t count)
{
	iter->kind = kind;
	iter->iov_offset = 0;
	iter->count = count;
	iter->iov = iov;
	iter->nr_segs = nr_segs;
}

/* Check the pieces' lengths and places; cut at MAX_RW_COUNT. */
static ssize_t check_iovecs(struct iovec *iov, unsigned long nr_segs)
{
	size_t total = 0;
	unsigned long i;

	for (i = 0; i < nr_segs; i++) {
		if ((ssize_t)iov[i].iov_len < 0)
			return -EINVAL;
		if (!access_ok(iov[i].iov_base, iov[i].iov_len))
			return -EFAULT;
		if (iov[i].iov_len > MAX_RW_COUNT - total)
			iov[i].iov_len = MAX_RW_COUNT - total;
		total += iov[i].iov_len;
	}
	return (ssize_t)total;
}

/* import_iovec - see iov_iter.h. */
ssize_t import_iovec(const struct iovec __user *uvec, unsigned int nr_segs,
		     unsigned long nr_fast, struct iovec *fast,
		     struct iovec **iov, struct iov_iter *iter)
{
	struct iovec *vec = fast;
	ssize_t total;

	*iov = NULL;
	if (nr_segs > UIO_MAXIOV)
		return -EINVAL;
	if (nr_segs > nr_fast) {
		vec = kmalloc_array(nr_segs, sizeof(*vec));
		if (!vec)
			return -ENOMEM;
	}
	total = -EFAULT;
	if (!copy_from_user(vec, uvec, nr_segs * sizeof(*vec)))
		total = check_iovecs(vec, nr_segs);
	if (total < 0) {
		if (vec != fast)
			kfree(vec);
		return total;
	}
	if (vec != fast)
		*iov = vec;
	iov_iter_init(iter, ITER_USER, vec, nr_segs, (size_t)total);
	return total;
}

/* import_single_range - one user buffer. */
int import_single_range(void __user *buf, size_t len, struct iov_iter *iter)
{
	if (len > MAX_RW_COUNT)
		len = MAX_RW_COUNT;
	if (!access_ok(buf, len))
		return -EFAULT;
	iov_iter_user(iter, buf, len);
	return 0;
}

/* iov_iter_single_seg_count - bytes left in this piece. */
size_t iov_iter_single_seg_count(const struct iov_iter *iter)
{
	if (!iter->nr_segs)
		return 0;
	return min(iter->count, iter->iov->iov_len - iter->iov_offset);
}

/* iov_iter_advance - @n bytes further, past empty pieces. */
void iov_iter_advance(struct iov_iter *iter, size_t n)
{
	size_t left;

	n = min(n, iter->count);
	iter->count -= n;
	while (iter->nr_segs) {
		left = iter->iov->iov_len - iter->iov_offset;
		if (n < left) {
			iter->iov_offset += n;
			return;
		}
		n -= left;
		/* Stay in the last piece: revert must find its way back. */
		if (iter->nr_segs == 1) {
			iter->iov_offset = iter->iov->iov_len;
			return;
		}
		iter->iov++;
		iter->nr_segs--;
		iter->iov_offset = 0;
	}
}

/* iov_iter_revert - @n bytes back; no more than it has advanced. */
void iov_iter_revert(struct iov_iter *iter, size_t n)
{
	iter->count += n;
	while (n > iter->iov_offset) {
		n -= iter->iov_offset;
		iter->iov--;
		iter->nr_segs++;
		iter->iov_offset = iter->iov->iov_len;
	}
	iter->iov_offset -= n;
}

/* Address and length of what comes next, at most @n bytes. */
static void __user *next_piece(const struct iov_iter *iter, size_t n,
			       size_t *len)
{
	*len = min(n, iov_iter_single_seg_count(iter));
	return (char __user *)iter->iov->iov_base + iter->iov_offset;
}

/* Skip to a piece that has bytes; false at the end. */
static bool skip_empty(struct iov_iter *iter)
{
	if (!iter->count)
		return false;
	while (iter->nr_segs > 1 && iter->iov_offset == iter->iov->iov_len) {
		iter->iov++;
		iter->nr_segs--;
		iter->iov_offset = 0;
	}
	return iter->nr_segs && iter->iov_offset < iter->iov->iov_len;
}

/*
 * The usual case: one piece of user memory with room for @n bytes, which the
 * address of is returned; NULL otherwise.
 */
static inline void __user *one_piece(const struct iov_iter *iter, size_t n)
{
	if (iter->kind != ITER_USER || iter->nr_segs != 1 || n > iter->count ||
	    n > iter->iov->iov_len - iter->iov_offset)
		return NULL;
	return (char __user *)iter->iov->iov_base + iter->iov_offset;
}

/* @n bytes of a single piece are done, @left of them were not. */
static inline size_t one_piece_done(struct iov_iter *iter, size_t n,
				    size_t left)
{
	iter->iov_offset += n - left;
	iter->count -= n - left;
	return n - left;
}

/* copy_to_iter - bytes really copied. */
size_t copy_to_iter(const void *from, size_t n, struct iov_iter *iter)
{
	size_t done = 0;
	size_t left;
	size_t len;
	void __user *to = one_piece(iter, n);

	if (to)
		return one_piece_done(iter, n, copy_to_user(to, from, n));
	while (done < n && skip_empty(iter)) {
		to = next_piece(iter, n - done, &len);
		left = 0;
		if (iter->kind == ITER_USER)
			left = copy_to_user(to, (const char *)from + done, len);
		else
			memcpy((void __force *)to, (const char *)from + done,
			       len);
		iov_iter_advance(iter, len - left);
		done += len - left;
		if (left)
			break;
	}
	return done;
}

/* copy_from_iter - bytes really copied. */
size_t copy_from_iter(void *to, size_t n, struct iov_iter *iter)
{
	size_t done = 0;
	size_t left;
	size_t len;
	void __user *from = one_piece(iter, n);

	if (from)
		return one_piece_done(iter, n, copy_from_user(to, from, n));
	while (done < n && skip_empty(iter)) {
		from = next_piece(iter, n - done, &len);
		left = 0;
		if (iter->kind == ITER_USER)
			left = copy_from_user((char *)to + done, from, len);
		else
			memcpy((char *)to + done, (void __force *)from, len);
		iov_iter_advance(iter, len - left);
		done += len - left;
		if (left)
			break;
	}
	return done;
}

/* copy_from_iter_full - all or nothing. */
bool copy_from_iter_full(void *to, size_t n, struct iov_iter *iter)
{
	size_t done = copy_from_iter(to, n, iter);

	if (done == n)
		return true;
	iov_iter_revert(iter, done);
	return false;
}

/* copy_from_iter_atomic - no page faults, no advance. */
size_t copy_from_iter_atomic(void *to, size_t n, const struct iov_iter *iter)
{
	struct iov_iter copy = *iter;
	size_t done;

	if (copy.iov == &iter->single)
		copy.iov = &copy.single;
	pagefault_disable();
	done = copy_from_iter(to, n, &copy);
	pagefault_enable();
	return done;
}

/* iov_iter_zero - @n bytes of zeros. */
size_t iov_iter_zero(size_t n, struct iov_iter *iter)
{
	size_t done = 0;
	size_t left;
	size_t len;
	void __user *to = one_piece(iter, n);

	if (to)
		return one_piece_done(iter, n, clear_user(to, n));
	while (done < n && skip_empty(iter)) {
		to = next_piece(iter, n - done, &len);
		left = 0;
		if (iter->kind == ITER_USER)
			left = clear_user(to, len);
		else
			memset((void __force *)to, 0, len);
		iov_iter_advance(iter, len - left);
		done += len - left;
		if (left)
			break;
	}
	return done;
}

/* Touch one byte per page of a user range; how many bytes are out of reach. */
static size_t fault_in(char __user *addr, size_t len, bool write)
{
	size_t done = 0;
	char byte;

	while (done < len) {
		if (get_user(byte, addr + done))
			return len - done;
		if (write && put_user(byte, addr + done))
			return len - done;
		done += PAGE_SIZE - offset_in_page(addr + done);
	}
	return 0;
}

static size_t fault_in_iter(const struct iov_iter *iter, size_t n, bool write)
{
	const struct iovec *iov = iter->iov;
	size_t offset = iter->iov_offset;
	unsigned long segs = iter->nr_segs;
	size_t left;
	size_t len;

	if (iter->kind == ITER_KERNEL)
		return 0;
	n = min(n, iter->count);
	for (; n && segs; segs--, iov++, offset = 0) {
		len = min(n, iov->iov_len - offset);
		left = fault_in((char __user *)iov->iov_base + offset, len,
				write);
		n -= len - left;
		if (left)
			break;
	}
	return n;
}

/* fault_in_iov_iter_readable - what of the next @n bytes cannot be read. */
size_t fault_in_iov_iter_readable(const struct iov_iter *iter, size_t n)
{
	return fault_in_iter(iter, n, false);
}

/* fault_in_iov_iter_writeable - what of them cannot be written. */
size_t fault_in_iov_iter_writeable(const struct iov_iter *iter, size_t n)
{
	return fault_in_iter(iter, n, true);
}
