/*
 * commit.c - how much memory may be promised: limits and overcommit.
 *
 * Private writable mappings are promises (VM_ACCOUNT): Committed_AS counts
 * them.  Mode 0 refuses only what could never fit, mode 1 refuses nothing, mode
 * 2 keeps the sum below the commit limit.
 *
 * Locks: each CPU counts for itself; an mm's own counts are under its
 * mmap_lock.
 *
 * Entry points: vm_enough_memory, vm_unacct_memory, may_expand_vm,
 * vm_committed_as, vm_commit_limit, commit_reserve_init.
 */
#include <abi/errno.h>
#include <abi/mman.h>
#include <abi/resource.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/percpu.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/page_cache.h>
#include <kernel/sched/cred.h>
#include <kernel/sched/rlimit.h>

int sysctl_overcommit_memory = OVERCOMMIT_GUESS;
int sysctl_overcommit_ratio = 50;
unsigned long sysctl_overcommit_kbytes;
unsigned long sysctl_mmap_min_addr = 65536;

/* What root and the program itself keep under mode 2. */
#define ADMIN_RESERVE_KBYTES (8UL << 10)
#define USER_RESERVE_KBYTES  (128UL << 10)
unsigned long sysctl_admin_reserve_kbytes;
unsigned long sysctl_user_reserve_kbytes;

/* commit_reserve_init - see mmap.h. */
void __init commit_reserve_init(void)
{
	unsigned long free_kbytes = nr_free_pages() << (PAGE_SHIFT - 10);

	sysctl_admin_reserve_kbytes =
		min(free_kbytes / 32, ADMIN_RESERVE_KBYTES);
	sysctl_user_reserve_kbytes = min(free_kbytes / 32, USER_RESERVE_KBYTES);
}

static DEFINE_PER_CPU(long, committed);

/* vm_committed_as - promised pages. */
unsigned long vm_committed_as(void)
{
	return (unsigned long)per_cpu_sum(committed);
}

/* vm_commit_limit - the most that mode 2 promises. */
unsigned long vm_commit_limit(void)
{
	if (sysctl_overcommit_kbytes)
		return sysctl_overcommit_kbytes >> (PAGE_SHIFT - 10);
	return totalram_pages() * (unsigned long)sysctl_overcommit_ratio / 100;
}

static bool enough_strict(struct mm_struct *mm)
{
	long allowed = (long)vm_commit_limit();

	if (!capable_noaudit(CAP_SYS_ADMIN))
		allowed -= (long)(sysctl_admin_reserve_kbytes >>
				  (PAGE_SHIFT - 10));
	if (mm)
		allowed -= (long)min(mm->total_vm / 32,
				     sysctl_user_reserve_kbytes >>
					     (PAGE_SHIFT - 10));
	return per_cpu_sum(committed) < allowed;
}

/* vm_enough_memory - promise @pages more. */
int vm_enough_memory(struct mm_struct *mm, long pages)
{
	bool ok;

	this_cpu_add(committed, pages);
	if (sysctl_overcommit_memory == OVERCOMMIT_ALWAYS)
		return 0;
	if (sysctl_overcommit_memory == OVERCOMMIT_GUESS)
		ok = pages <= (long)totalram_pages();
	else
		ok = enough_strict(mm);
	if (ok)
		return 0;
	vm_unacct_memory(pages);
	return -ENOMEM;
}

/* vm_unacct_memory - a promise less. */
void vm_unacct_memory(long pages)
{
	this_cpu_sub(committed, pages);
}

static bool is_data_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_WRITE | VM_SHARED | VM_STACK)) == VM_WRITE;
}

/* may_expand_vm - RLIMIT_AS and RLIMIT_DATA. */
bool may_expand_vm(struct mm_struct *mm, unsigned long vm_flags,
		   unsigned long pages)
{
	if (mm->total_vm + pages > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	if (is_data_mapping(vm_flags) &&
	    mm->data_vm + pages > rlimit(RLIMIT_DATA) >> PAGE_SHIFT)
		return false;
	return true;
}

/* vm_stat_account - an mm's sizes by kind. */
void vm_stat_account(struct mm_struct *mm, unsigned long vm_flags, long pages)
{
	mm->total_vm += (unsigned long)pages;
	if (mm->hiwater_vm < mm->total_vm)
		mm->hiwater_vm = mm->total_vm;
	if ((vm_flags & (VM_EXEC | VM_WRITE | VM_STACK)) == VM_EXEC)
		mm->exec_vm += (unsigned long)pages;
	else if (vm_flags & VM_STACK)
		mm->stack_vm += (unsigned long)pages;
	else if (is_data_mapping(vm_flags))
		mm->data_vm += (unsigned long)pages;
}
