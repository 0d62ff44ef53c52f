/*
 * mmap.c - make and remove mappings.
 *
 * do_mmap checks the arguments in Linux's order, so that each bad call gets
 * the errno it gets there; get_unmapped_area finds a place; mmap_region
 * removes what stood there and makes the mapping, joined with a neighbour
 * where that is possible.
 *
 * do_munmap cuts the mappings at both ends, takes those between out of the
 * tree, zaps their pages behind one TLB flush, and frees tables that only they
 * used.
 *
 * Locks: mm->mmap_lock for writing.
 *
 * Entry points: do_mmap, vm_mmap_pgoff, mmap_region, do_munmap, vm_munmap,
 * exit_mmap, install_special_mapping.
 */
#include <kernel/mm/mmap.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/context.h>
#include <kernel/base/assert.h>
#include <kernel/base/errptr.h>
#include <kernel/base/refcount.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/mlock.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/page_table.h>
#include <kernel/mm/shmem.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/cred.h>
#include <kernel/types/task.h>

/* Where no mapping can be above the user half. */
#define USER_CEILING (1UL << 47)

/* mmap flags that MAP_SHARED_VALIDATE knows. */
#define VALID_MAP_FLAGS                                                        \
	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS |                \
	 MAP_DENYWRITE | MAP_EXECUTABLE | MAP_UNINITIALIZED | MAP_GROWSDOWN |  \
	 MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK |            \
	 MAP_STACK | MAP_HUGETLB | MAP_32BIT)

const struct mmap_file_ops *mmap_file_ops;

/* mmap_set_file_ops - fs/vfs says how files are mapped. */
void mmap_set_file_ops(const struct mmap_file_ops *ops)
{
	mmap_file_ops = ops;
}

/* vm_get_page_prot - rights of entries; writing is granted fault by fault. */
pgprot_t vm_get_page_prot(unsigned long vm_flags)
{
	bool exec = vm_flags & VM_EXEC;

	if (!(vm_flags & (VM_READ | VM_WRITE | VM_EXEC)))
		return PAGE_NONE;
	if ((vm_flags & (VM_SHARED | VM_WRITE)) == (VM_SHARED | VM_WRITE))
		return exec ? PAGE_SHARED_EXEC : PAGE_SHARED;
	return exec ? PAGE_READONLY_EXEC : PAGE_READONLY;
}

static unsigned long calc_vm_flags(unsigned long prot, unsigned long flags)
{
	unsigned long vm_flags = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;

	if (prot & PROT_READ)
		vm_flags |= VM_READ;
	if (prot & PROT_WRITE)
		vm_flags |= VM_WRITE;
	if (prot & PROT_EXEC)
		vm_flags |= VM_EXEC;
	if (flags & MAP_GROWSDOWN)
		vm_flags |= VM_GROWSDOWN;
	if (flags & MAP_LOCKED)
		vm_flags |= VM_LOCKED;
	return vm_flags;
}

/* The kind of mapping, and what a file allows. */
static int check_file_mapping(struct file *file, unsigned long prot,
			      unsigned long flags, unsigned long len, u64 pgoff,
			      unsigned long *vm_flags)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (flags & ~(unsigned long)VALID_MAP_FLAGS)
			return -EOPNOTSUPP;
		fallthrough;
	case MAP_SHARED:
		*vm_flags |= VM_SHARED | VM_MAYSHARE;
		break;
	case MAP_PRIVATE:
		break;
	default:
		/* A wrong offset is told first. */
		return mmap_file_ops->check(file, prot, flags, len, pgoff,
					    vm_flags) == -EOVERFLOW
			       ? -EOVERFLOW
			       : -EINVAL;
	}
	return mmap_file_ops->check(file, prot, flags, len, pgoff, vm_flags);
}

static int check_anon_mapping(unsigned long addr, unsigned long flags,
			      unsigned long *vm_flags, u64 *pgoff)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		if (*vm_flags & VM_GROWSDOWN)
			return -EINVAL;
		*pgoff = 0;
		*vm_flags |= VM_SHARED | VM_MAYSHARE;
		return 0;
	case MAP_PRIVATE:
		*pgoff = addr >> PAGE_SHIFT;
		return 0;
	default:
		return -EINVAL;
	}
}

/* A hint below the lowest allowed address means that address. */
static unsigned long round_hint(unsigned long hint)
{
	hint &= PAGE_MASK;
	if (hint && hint < sysctl_mmap_min_addr)
		return PAGE_ALIGN(sysctl_mmap_min_addr);
	return hint;
}

/* do_mmap - see mmap.h. */
__landmark unsigned long do_mmap(struct file *file, unsigned long addr,
				 unsigned long len, unsigned long prot,
				 unsigned long flags, unsigned long vm_flags,
				 u64 pgoff, unsigned long *populate)
{
	struct mm_struct *mm = current->mm;
	int err;

	if (populate)
		*populate = 0;
	if (!len)
		return -EINVAL;
	if (flags & MAP_FIXED_NOREPLACE)
		flags |= MAP_FIXED;
	if (!(flags & MAP_FIXED))
		addr = round_hint(addr);
	len = PAGE_ALIGN(len);
	if (!len)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	if (mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	addr = get_unmapped_area(mm, addr, len, flags);
	if (IS_ERR_VALUE(addr))
		return addr;

	if (!file && read_implies_exec(prot))
		prot |= PROT_EXEC;
	vm_flags |= calc_vm_flags(prot, flags) | mm->def_flags;
	if ((flags & MAP_LOCKED) && !can_do_mlock())
		return -EPERM;
	err = mlock_future_check(mm, vm_flags, len);
	if (err)
		return err;
	if (flags & MAP_HUGETLB)
		return -EINVAL;
	if (file)
		err = check_file_mapping(file, prot, flags, len, pgoff,
					 &vm_flags);
	else
		err = check_anon_mapping(addr, flags, &vm_flags, &pgoff);
	if (err)
		return err;
	if ((flags & MAP_NORESERVE) &&
	    sysctl_overcommit_memory != OVERCOMMIT_NEVER)
		vm_flags |= VM_NORESERVE;

	addr = mmap_region(mm, file, addr, len, vm_flags, pgoff);
	if (!IS_ERR_VALUE(addr) && populate &&
	    ((vm_flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED ||
	     (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE))
		*populate = len;
	return addr;
}

/* vm_mmap_pgoff - mmap(2). */
unsigned long vm_mmap_pgoff(struct file *file, unsigned long addr,
			    unsigned long len, unsigned long prot,
			    unsigned long flags, u64 pgoff)
{
	struct mm_struct *mm = current->mm;
	unsigned long populate;
	unsigned long ret;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_mmap(file, addr, len, prot, flags, 0, pgoff, &populate);
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(ret, populate);
	return ret;
}

/* vm_mmap - the same, offset in bytes. */
unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags, u64 offset)
{
	if (offset + PAGE_ALIGN(len) < offset)
		return -EINVAL;
	if (offset_in_page(offset))
		return -EINVAL;
	return vm_mmap_pgoff(file, addr, len, prot, flags,
			     offset >> PAGE_SHIFT);
}

/* Private, writable, and not told otherwise: a promise of memory. */
static bool is_accountable(unsigned long vm_flags)
{
	return (vm_flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

/* Fill @vma from its file or as shared memory. */
static int attach_backing(struct vm_area_struct *vma, struct file *file)
{
	int err;

	if (!file)
		return vma->vm_flags & VM_SHARED ? shmem_zero_setup(vma) : 0;
	mmap_file_ops->get(file);
	vma->vm_file = file;
	err = mmap_file_ops->mmap(file, vma);
	if (err) {
		vma->vm_file = NULL;
		mmap_file_ops->put(file);
	}
	return err;
}

/* Make the mapping; the range is free and paid for. */
static int make_mapping(struct mm_struct *mm, struct file *file,
			unsigned long addr, unsigned long len,
			unsigned long *vm_flags, u64 pgoff)
{
	struct vm_area_struct *vma;
	int err;

	vma = vm_area_alloc(mm);
	if (!vma)
		return -ENOMEM;
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_flags = *vm_flags;
	vma->vm_pgoff = pgoff;
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	err = attach_backing(vma, file);
	if (err) {
		vm_area_free(vma);
		return err;
	}
	/* The driver may have changed its rights. */
	*vm_flags = vma->vm_flags;
	vma_link(mm, vma);
	(void)vma_merge_neighbours(mm, vma);
	return 0;
}

/* Private memory without a file often just makes a neighbour longer. */
static bool merge_anon(struct mm_struct *mm, unsigned long addr,
		       unsigned long len, unsigned long vm_flags, u64 pgoff)
{
	struct vm_area_struct like = {
		.vm_start = addr,
		.vm_end = addr + len,
		.vm_flags = vm_flags,
		.vm_pgoff = pgoff,
		.vm_mm = mm,
	};

	return vma_merge(mm, &like) != NULL;
}

/* mmap_region - the place is chosen: make it. */
__landmark unsigned long mmap_region(struct mm_struct *mm, struct file *file,
				     unsigned long addr, unsigned long len,
				     unsigned long vm_flags, u64 pgoff)
{
	unsigned long pages = len >> PAGE_SHIFT;
	unsigned long taken = 0;
	struct vm_area_struct *vma;
	int err;

	/* What MAP_FIXED replaces does not count twice against RLIMIT_AS. */
	for (vma = find_vma(mm, addr); vma && vma->vm_start < addr + len;
	     vma = vma_next(vma))
		taken += (min(vma->vm_end, addr + len) -
			  max(vma->vm_start, addr)) >>
			 PAGE_SHIFT;
	if (!may_expand_vm(mm, vm_flags, pages - taken))
		return -ENOMEM;
	if (taken) {
		err = do_munmap(mm, addr, len);
		if (err)
			return err;
	}
	if (is_accountable(vm_flags)) {
		err = vm_enough_memory(mm, (long)pages);
		if (err)
			return err;
		vm_flags |= VM_ACCOUNT;
	}
	if (file || (vm_flags & VM_SHARED) ||
	    !merge_anon(mm, addr, len, vm_flags, pgoff)) {
		err = make_mapping(mm, file, addr, len, &vm_flags, pgoff);
		if (err) {
			if (vm_flags & VM_ACCOUNT)
				vm_unacct_memory((long)pages);
			return err;
		}
	}
	vm_stat_account(mm, vm_flags, (long)pages);
	if (vm_flags & VM_LOCKED)
		mm->locked_vm += pages;
	return addr;
}

/* Take the mappings of [start, end), already cut, out of the tree. */
static void detach_range(struct mm_struct *mm, unsigned long start,
			 unsigned long end, struct list_head *gone)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	struct vm_area_struct *next;

	for (; vma && vma->vm_start < end; vma = next) {
		next = vma_next(vma);
		vma_unlink(mm, vma);
		list_add_tail(&vma->vm_link, gone);
	}
}

/* Give back what a mapping that goes was counted for. */
static void unaccount_vma(struct mm_struct *mm, struct vm_area_struct *vma)
{
	unsigned long pages = vma_pages(vma);

	vm_stat_account(mm, vma->vm_flags, -(long)pages);
	if (vma->vm_flags & VM_LOCKED)
		mm->locked_vm -= pages;
	if (vma->vm_flags & VM_ACCOUNT)
		vm_unacct_memory((long)pages);
}

/* Pages, tables and objects of detached mappings of [start, end). */
static void unmap_region(struct mm_struct *mm, struct list_head *gone,
			 unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;
	struct vm_area_struct *prev;
	struct vm_area_struct *next;
	struct mmu_gather tlb;

	update_hiwater_rss(mm);
	tlb_gather_mmu(&tlb, mm, false);
	list_for_each_entry (vma, gone, vm_link)
		unmap_page_range(&tlb, vma, vma->vm_start, vma->vm_end);
	/* Nobody may find the tables through a file once they are freed. */
	list_for_each_entry (vma, gone, vm_link)
		vma_unlink_file(vma);
	next = find_vma_prev(mm, start, &prev);
	free_pgtables(&tlb, start, end, prev ? prev->vm_end : 0,
		      next ? next->vm_start : USER_CEILING);
	tlb_finish_mmu(&tlb);
	list_for_each_entry_safe (vma, next, gone, vm_link) {
		list_del_init(&vma->vm_link);
		unaccount_vma(mm, vma);
		remove_vma(vma);
	}
}

/* Cut the mappings at @start and @end, so that whole ones lie between. */
static int split_ends(struct mm_struct *mm, struct vm_area_struct *vma,
		      unsigned long start, unsigned long end)
{
	int err;

	if (vma->vm_start < start) {
		if (end < vma->vm_end && mm->map_count >= sysctl_max_map_count)
			return -ENOMEM;
		err = split_vma(mm, vma, start, true);
		if (err)
			return err;
	}
	vma = find_vma(mm, end - 1);
	if (vma && vma->vm_start < end && end < vma->vm_end)
		return split_vma(mm, vma, end, false);
	return 0;
}

/* do_munmap - remove a range. */
int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	struct vm_area_struct *vma;
	LIST_HEAD(gone);
	int err;

	if (offset_in_page(start) || start > TASK_SIZE ||
	    len > TASK_SIZE - start)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	if (!len)
		return -EINVAL;
	vma = find_vma_intersection(mm, start, start + len);
	if (!vma)
		return 0;
	err = split_ends(mm, vma, start, start + len);
	if (err)
		return err;
	detach_range(mm, start, start + len, &gone);
	unmap_region(mm, &gone, start, start + len);
	return 0;
}

/* vm_munmap - munmap(2). */
int vm_munmap(unsigned long addr, unsigned long len)
{
	struct mm_struct *mm = current->mm;
	int err;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = do_munmap(mm, addr, len);
	mmap_write_unlock(mm);
	return err;
}

/* exit_mmap - the last user is gone: everything goes. */
void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct vm_area_struct *next;
	struct mmu_gather tlb;

	update_hiwater_rss(mm);
	/* No CPU has it loaded after this, so nothing needs a flush. */
	leave_mm(mm);
	mmap_write_lock(mm);
	tlb_gather_mmu(&tlb, mm, true);
	for_each_vma (mm, vma)
		unmap_page_range(&tlb, vma, vma->vm_start, vma->vm_end);
	for_each_vma (mm, vma)
		vma_unlink_file(vma);
	/* Tables lie only under mappings; the last one over a table frees it.
	 */
	for_each_vma (mm, vma) {
		next = vma_next(vma);
		free_pgtables(&tlb, vma->vm_start, vma->vm_end, 0,
			      next ? next->vm_start : USER_CEILING);
	}
	tlb_finish_mmu(&tlb);
	assert(atomic64_read(&mm->pgtables_bytes) == 0);
	/* All at once: nobody looks for one any more. */
	mm->mm_rb = RB_ROOT;
	mm->mmap_cache = NULL;
	list_for_each_entry_safe (vma, next, &mm->mmap, vm_link) {
		unaccount_vma(mm, vma);
		remove_vma(vma);
	}
	INIT_LIST_HEAD(&mm->mmap);
	mm->map_count = 0;
	mmap_write_unlock(mm);
}

static vm_fault_t special_fault(struct vm_fault *vmf)
{
	const struct vm_special_mapping *special = vmf->vma->vm_private;
	struct page **page = special->pages;
	u64 n;

	for (n = vmf->pgoff; n && *page; n--)
		page++;
	if (!*page)
		return VM_FAULT_SIGBUS;
	get_page(*page);
	vmf->page = *page;
	return 0;
}

static const char *special_name(struct vm_area_struct *vma)
{
	return ((const struct vm_special_mapping *)vma->vm_private)->name;
}

const struct vm_operations special_mapping_vm_ops = {
	.fault = special_fault,
	.name = special_name,
};

/* install_special_mapping - see mmap.h. */
struct vm_area_struct *install_special_mapping(
	struct mm_struct *mm, unsigned long addr, unsigned long len,
	unsigned long vm_flags, const struct vm_special_mapping *special)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);

	if (!vma)
		return ERR_PTR(-ENOMEM);
	vma->vm_start = addr;
	vma->vm_end = addr + PAGE_ALIGN(len);
	vma->vm_flags = vm_flags | mm->def_flags | VM_DONTEXPAND;
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	vma->vm_ops = &special_mapping_vm_ops;
	vma->vm_private = (void *)special;
	if (insert_vm_struct(mm, vma)) {
		vm_area_free(vma);
		return ERR_PTR(-ENOMEM);
	}
	vm_stat_account(mm, vma->vm_flags, (long)vma_pages(vma));
	return vma;
}

/* vma_special_name - what maps shows for a mapping without a file. */
const char *vma_special_name(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;

	if (vma->vm_ops && vma->vm_ops->name)
		return vma->vm_ops->name(vma);
	if (vma->vm_file)
		return NULL;
	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk &&
	    mm->brk > mm->start_brk)
		return "[heap]";
	if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack)
		return "[stack]";
	return NULL;
}
