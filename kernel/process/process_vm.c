/*
 * process_vm.c - copy between the memory of two processes without a stop,
 * process_vm_readv(2).
 *
 * The other side's pages are referenced a few at a time, and copied to or
 * from with nothing held, since our own side may fault.
 *
 * Locks: the other's mmap_lock while pages are looked up.
 *
 * Entry points: process_vm_rw.
 */
#include <kernel/process/process_vm.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/base/errptr.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/iov_iter.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/user_pages.h>
#include <kernel/process/pid.h>
#include <kernel/process/ptrace.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>
#include <kernel/sched/wait.h>

#define BATCH 16 /* pages referenced at once */

/* Copy @len bytes between @local and @pages, from byte @offset of the first.
 * 0, or -EFAULT when our own side cannot be used. */
static int copy_pages(struct page **pages, size_t offset, size_t len,
		      struct iov_iter *local, bool write)
{
	size_t piece, copied;
	char *at;

	for (; len && iov_iter_count(local); pages++, offset = 0) {
		piece = min(len, PAGE_SIZE - offset);
		at = (char *)page_address(*pages) + offset;
		if (write) {
			copied = copy_from_iter(at, piece, local);
			(void)set_page_dirty(*pages);
		} else {
			copied = copy_to_iter(at, piece, local);
		}
		if (copied < piece && iov_iter_count(local))
			return -EFAULT;
		len -= piece;
	}
	return 0;
}

/* As many of the pages at @addr as @len needs and a batch has. */
static long get_pages(struct mm_struct *mm, unsigned long addr, size_t len,
		      struct page **pages, bool write)
{
	unsigned long nr =
		(offset_in_page(addr) + len + PAGE_SIZE - 1) >> PAGE_SHIFT;
	long got;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	got = get_user_pages_remote(mm, addr & PAGE_MASK, min(nr, (u64)BATCH),
				    write ? FOLL_WRITE : 0, pages);
	mmap_read_unlock(mm);
	return got > 0 ? got : -EFAULT;
}

/* One remote piece, or as much of it as @local has room for. */
static int rw_single_vec(struct mm_struct *mm, unsigned long addr, size_t len,
			 struct iov_iter *local, bool write)
{
	struct page *pages[BATCH];
	size_t bytes;
	long i, got;
	int err = 0;

	while (!err && len && iov_iter_count(local)) {
		got = get_pages(mm, addr, min(len, iov_iter_count(local)),
				pages, write);
		if (got < 0)
			return (int)got;
		bytes = min(len,
			    (size_t)got * PAGE_SIZE - offset_in_page(addr));
		err = copy_pages(pages, offset_in_page(addr), bytes, local,
				 write);
		for (i = 0; i < got; i++)
			put_page(pages[i]);
		len -= bytes;
		addr += bytes;
		cond_resched();
	}
	return err;
}

/* The address space of @pid, if current might trace it: mmput() it. */
static struct mm_struct *mm_of_pid(pid_t pid)
{
	struct task_struct *task = find_get_task_by_vpid(pid);
	struct mm_struct *mm;

	if (!task)
		return ERR_PTR(-ESRCH);
	mm = get_task_mm(task);
	if (mm && mm != current->mm &&
	    !ptrace_may_access(task, PTRACE_MODE_ATTACH_REALCREDS)) {
		mmput(mm);
		mm = ERR_PTR(-EPERM);
	}
	put_task_struct(task);
	return mm ? mm : ERR_PTR(-ESRCH);
}

/* process_vm_rw - see process_vm.h. */
ssize_t process_vm_rw(pid_t pid, struct iov_iter *local,
		      const struct iovec *remote, unsigned long nr, bool write)
{
	size_t total = iov_iter_count(local);
	bool wants = false;
	struct mm_struct *mm;
	unsigned long i;
	int err = 0;

	for (i = 0; i < nr; i++) {
		if ((ssize_t)remote[i].iov_len < 0)
			return -EINVAL;
		wants |= remote[i].iov_len > 0;
	}
	if (!wants)
		return 0;
	mm = mm_of_pid(pid);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	for (i = 0; i < nr && !err && iov_iter_count(local); i++)
		err = rw_single_vec(mm, (unsigned long)remote[i].iov_base,
				    remote[i].iov_len, local, write);
	mmput(mm);
	total -= iov_iter_count(local);
	return total ? (ssize_t)total : err;
}
