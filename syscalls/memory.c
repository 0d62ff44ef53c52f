/*
 * memory.c - doors: mappings, the heap, and advice about them.
 *
 * Every function of kernel/mm called here takes mmap_lock itself.
 */
#include <syscalls/syscalls.h>

#include <abi/errno.h>
#include <abi/mman.h>
#include <fs/vfs/file_table.h>
#include <kernel/mm/brk.h>
#include <kernel/mm/madvise.h>
#include <kernel/mm/mlock.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/mprotect.h>
#include <kernel/mm/mremap.h>
#include <kernel/sched/cred.h>

long sys_brk(unsigned long brk)
{
	return (long)mm_brk(brk);
}

long sys_mmap(unsigned long addr, unsigned long len, unsigned long prot,
	      unsigned long flags, unsigned long fd, unsigned long off)
{
	struct file *file = NULL;
	unsigned long ret;

	if (off & (PAGE_SIZE - 1))
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		file = fget((unsigned int)fd);
		if (!file)
			return -EBADF;
	}
	/* There are no huge pages: no size of them is a valid one. */
	ret = (unsigned long)-EINVAL;
	if (!(flags & MAP_HUGETLB))
		ret = vm_mmap_pgoff(file, addr, len, prot, flags,
				    off >> PAGE_SHIFT);
	if (file)
		fput(file);
	return (long)ret;
}

long sys_munmap(unsigned long addr, size_t len)
{
	return vm_munmap(addr, len);
}

long sys_mprotect(unsigned long start, size_t len, unsigned long prot)
{
	return vm_mprotect(start, len, prot);
}

long sys_mremap(unsigned long addr, unsigned long old_len,
		unsigned long new_len, unsigned long flags,
		unsigned long new_addr)
{
	return (long)vm_mremap(addr, old_len, new_len, flags, new_addr);
}

long sys_msync(unsigned long start, size_t len, int flags)
{
	return vm_msync(start, len, flags);
}

long sys_mincore(unsigned long start, size_t len, unsigned char __user *vec)
{
	return vm_mincore(start, len, vec);
}

long sys_madvise(unsigned long start, size_t len, int behavior)
{
	return vm_madvise(start, len, behavior);
}

long sys_mlock(unsigned long start, size_t len)
{
	return vm_mlock(start, len, false, capable(CAP_IPC_LOCK));
}

long sys_mlock2(unsigned long start, size_t len, int flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return vm_mlock(start, len, flags & MLOCK_ONFAULT,
			capable(CAP_IPC_LOCK));
}

long sys_munlock(unsigned long start, size_t len)
{
	return vm_munlock(start, len);
}

long sys_mlockall(int flags)
{
	return vm_mlockall(flags, capable(CAP_IPC_LOCK));
}

long sys_munlockall(void)
{
	return vm_munlockall();
}
