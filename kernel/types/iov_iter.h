/*
 * iov_iter.h - where the bytes of a read or write come from or go to.
 *
 * User or kernel memory, one or many pieces.  The functions that move bytes
 * (copy_to_iter and kin) are in <kernel/mm/iov_iter.h>.
 */
#pragma once

#include <abi/types.h>
#include <abi/uio.h>

enum iter_kind {
	ITER_USER,   /* iovecs hold user addresses */
	ITER_KERNEL, /* iovecs hold kernel addresses */
};

struct iov_iter {
	enum iter_kind kind;
	size_t iov_offset;	 /* bytes of *iov already done */
	size_t count;		 /* bytes left in all */
	const struct iovec *iov; /* piece we stand in; a kernel copy */
	unsigned long nr_segs;	 /* pieces left, *iov included */
	struct iovec single;	 /* backing for the one-piece case */
};
