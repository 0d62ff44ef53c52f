/*
 * exec_args.c - argument and environment strings of execve(2): counted, and
 * copied from the old program's memory onto the new one's stack.
 *
 * The strings are pushed downward from the stack's top, each before the one
 * pushed last, so the pages are filled one after the other; the page in work
 * is kept (bprm->arg_page) until another is needed.
 *
 * Entry points: count_strings, bprm_stack_limits, copy_strings,
 * copy_string_kernel, remove_arg_zero, bprm_put_arg_page.
 */
#include <kernel/process/binfmts.h>

#include <abi/errno.h>
#include <abi/resource.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/uaccess.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/user_pages.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

/* The @nr-th string: NULL at the end, ERR_PTR(-EFAULT). */
static const char *get_user_arg_ptr(struct user_arg_ptr argv, int nr)
{
	const char __user *string;

	if (argv.is_kernel)
		return argv.ptr.kernel[nr];
	if (get_user(string, argv.ptr.native + nr))
		return ERR_PTR(-EFAULT);
	return (__force const char *)string;
}

/* count_strings - see binfmts.h. */
int count_strings(struct user_arg_ptr argv)
{
	const char *string;
	int n = 0;

	/* Both members of the union are one pointer. */
	if (!argv.ptr.kernel)
		return 0;
	for (;;) {
		string = get_user_arg_ptr(argv, n);
		if (!string)
			return n;
		if (IS_ERR(string))
			return -EFAULT;
		if (n >= MAX_ARG_STRINGS)
			return -E2BIG;
		n++;
		if (fatal_signal_pending(current))
			return -ERESTARTNOHAND;
		cond_resched();
	}
}

/*
 * bprm_stack_limits - see binfmts.h.  execve(2): a quarter of the stack limit,
 * at most 6 MiB, at least 128 KiB, for strings and pointers together.
 */
int bprm_stack_limits(struct linux_binprm *bprm)
{
	unsigned long limit =
		min_t(unsigned long, _STK_LIM / 4 * 3, bprm->rlim_stack / 4);
	unsigned long ptr_size;

	limit = max_t(unsigned long, limit, ARG_MAX);
	/* An empty argv becomes one empty string. */
	ptr_size = ((unsigned long)max(bprm->argc, 1) + bprm->envc) *
		   sizeof(void *);
	if (limit <= ptr_size)
		return -E2BIG;
	bprm->argmin = bprm->p - (limit - ptr_size);
	return 0;
}

/* bprm_put_arg_page - see binfmts.h. */
void bprm_put_arg_page(struct linux_binprm *bprm)
{
	if (bprm->arg_page)
		put_page(bprm->arg_page);
	bprm->arg_page = NULL;
}

/* bprm_arg_page - kernel address of new-stack address @pos, or NULL. */
static char *bprm_arg_addr(struct linux_binprm *bprm, unsigned long pos)
{
	unsigned long addr = pos & PAGE_MASK;
	struct page *page;
	long got;

	if (!bprm->arg_page || bprm->arg_page_addr != addr) {
		bprm_put_arg_page(bprm);
		/* For writing, as the stack has to grow. */
		mmap_write_lock(bprm->mm);
		got = get_user_pages_remote(bprm->mm, addr, 1, FOLL_WRITE,
					    &page);
		mmap_write_unlock(bprm->mm);
		if (got != 1)
			return NULL;
		bprm->arg_page = page;
		bprm->arg_page_addr = addr;
	}
	return (char *)page_address(bprm->arg_page) + offset_in_page(pos);
}

/* Copy @len bytes, the zero included, below bprm->p.  @src: user or kernel. */
static int copy_one_string(struct linux_binprm *bprm, const char *src,
			   unsigned long len, bool is_kernel)
{
	unsigned long pos = bprm->p;

	bprm->p -= len;
	if (bprm->p < bprm->argmin)
		return -E2BIG;
	while (len > 0) {
		/* The last piece first: it lies in the page we have. */
		unsigned long piece = offset_in_page(pos);
		char *dst;

		if (piece == 0)
			piece = PAGE_SIZE;
		piece = min(piece, len);
		pos -= piece;
		len -= piece;
		dst = bprm_arg_addr(bprm, pos);
		if (!dst)
			return -E2BIG;
		if (is_kernel)
			memcpy(dst, src + len, piece);
		else if (copy_from_user(dst, (const char __user *)src + len,
					piece))
			return -EFAULT;
	}
	return 0;
}

/* copy_strings - see binfmts.h. */
int copy_strings(int argc, struct user_arg_ptr argv, struct linux_binprm *bprm)
{
	const char *string;
	unsigned long len;
	int err;

	while (argc-- > 0) {
		string = get_user_arg_ptr(argv, argc);
		if (IS_ERR_OR_NULL(string))
			return -EFAULT;
		if (argv.is_kernel)
			len = strnlen(string, MAX_ARG_STRLEN) + 1;
		else
			len = strnlen_user((const char __user *)string,
					   MAX_ARG_STRLEN);
		if (!len)
			return -EFAULT;
		if (len > MAX_ARG_STRLEN)
			return -E2BIG;
		err = copy_one_string(bprm, string, len, argv.is_kernel);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -ERESTARTNOHAND;
		cond_resched();
	}
	return 0;
}

/* copy_string_kernel - see binfmts.h. */
int copy_string_kernel(const char *arg, struct linux_binprm *bprm)
{
	unsigned long len = strnlen(arg, MAX_ARG_STRLEN) + 1;

	if (len > MAX_ARG_STRLEN)
		return -E2BIG;
	return copy_one_string(bprm, arg, len, true);
}

/* remove_arg_zero - see binfmts.h. */
int remove_arg_zero(struct linux_binprm *bprm)
{
	char *addr;
	char *end;
	size_t room;

	if (!bprm->argc)
		return 0;
	for (;;) {
		addr = bprm_arg_addr(bprm, bprm->p);
		if (!addr)
			return -EFAULT;
		room = PAGE_SIZE - offset_in_page(bprm->p);
		end = memchr(addr, '\0', room);
		if (end)
			break;
		bprm->p += room;
	}
	bprm->p += (unsigned long)(end - addr) + 1;
	bprm->argc--;
	return 0;
}
