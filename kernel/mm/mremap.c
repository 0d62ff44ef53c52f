/*
 * mremap.c - grow, shrink or move a mapping.
 *
 * Shrinking is an munmap of the tail.  Growing in place needs room behind the
 * mapping.  Otherwise, with MREMAP_MAYMOVE, a copy of the mapping is made
 * elsewhere, the entries are moved over without touching the pages, and the
 * old range is unmapped.
 *
 * Locks: mmap_lock for writing; page_table_lock for entries.
 *
 * Entry points: vm_mremap, move_page_tables.
 */
#include <kernel/mm/mremap.h>

#include <abi/errno.h>
#include <kernel/arch/context.h>
#include <kernel/arch/tlb.h>
#include <kernel/base/errptr.h>
#include <kernel/base/spinlock.h>
#include <kernel/mm/mlock.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/page_table.h>
#include <kernel/mm/vma.h>
#include <kernel/types/task.h>

/* One call's arguments on their way. */
struct remap {
	struct mm_struct *mm;
	unsigned long addr, old_len, new_len, flags, new_addr;
	unsigned long populate_from, populate_len;
};

/*
 * Entries of a part of the range that lies in one last-level table on either
 * side.  Flushed before the lock goes: whoever zaps the new place (a file's
 * truncation) frees pages that other CPUs could still reach by the old one.
 */
static void move_ptes(struct mm_struct *mm, pte_t *from, pte_t *to,
		      unsigned long old_addr, unsigned long len)
{
	bool moved = false;
	unsigned long done;

	spin_lock(&mm->page_table_lock);
	for (done = 0; done < len; done += PAGE_SIZE, from++, to++) {
		if (pte_none(*from))
			continue;
		set_pte(to, ptep_get_and_clear(from));
		moved = true;
	}
	if (moved)
		flush_tlb_range(mm, old_addr, old_addr + len);
	spin_unlock(&mm->page_table_lock);
}

/* move_page_tables - entries of a range go elsewhere. */
unsigned long move_page_tables(struct vm_area_struct *vma,
			       unsigned long old_addr,
			       struct vm_area_struct *new_vma,
			       unsigned long new_addr, unsigned long len)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long end = old_addr + len;
	unsigned long addr = old_addr;
	unsigned long part;
	pte_t *from;
	pte_t *to;

	(void)new_vma;
	for (; addr < end; addr += part, new_addr += part) {
		part = min(pmd_addr_end(addr, end) - addr,
			   pmd_addr_end(new_addr, new_addr + end - addr) -
				   new_addr);
		from = pte_walk(mm, addr);
		if (!from)
			continue;
		to = pte_alloc(mm, new_addr);
		if (!to)
			break;
		move_ptes(mm, from, to, addr, part);
	}
	return addr - old_addr;
}

/* A mapping of @new_len at @new_addr that goes on where @vma's part begins. */
static struct vm_area_struct *copy_vma(struct vm_area_struct *vma,
				       const struct remap *r,
				       unsigned long new_addr)
{
	struct vm_area_struct *new = vm_area_dup(vma);

	if (!new)
		return NULL;
	new->vm_start = new_addr;
	new->vm_end = new_addr + r->new_len;
	if (vma_is_anonymous(vma) && !vma->vm_file)
		new->vm_pgoff = new_addr >> PAGE_SHIFT;
	else
		new->vm_pgoff = linear_page_index(vma, r->addr);
	vma_get_refs(new);
	vma_link(r->mm, new);
	return new;
}

/* MREMAP_DONTUNMAP: the old range stays, empty. */
static void keep_old_range(struct remap *r, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_LOCKED)
		r->mm->locked_vm -= vma_pages(vma);
	vma->vm_flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
}

/* Move [addr, addr+old_len) of @vma to the free range at @new_addr. */
static unsigned long move_vma(struct remap *r, struct vm_area_struct *vma,
			      unsigned long new_addr)
{
	unsigned long new_pages = r->new_len >> PAGE_SHIFT;
	unsigned long flags = vma->vm_flags;
	unsigned long moved;
	struct vm_area_struct *new;
	int err;

	if (r->mm->map_count >= sysctl_max_map_count - 3)
		return -ENOMEM;
	if (flags & VM_ACCOUNT) {
		err = vm_enough_memory(r->mm, (long)new_pages);
		if (err)
			return err;
	}
	new = copy_vma(vma, r, new_addr);
	if (!new) {
		if (flags & VM_ACCOUNT)
			vm_unacct_memory((long)new_pages);
		return -ENOMEM;
	}
	vm_stat_account(r->mm, flags, (long)new_pages);
	if (flags & VM_LOCKED)
		r->mm->locked_vm += new_pages;
	moved = move_page_tables(vma, r->addr, new, new_addr, r->old_len);
	if (moved < r->old_len) {
		/* No memory for tables: put back what went, drop the copy. */
		(void)move_page_tables(new, new_addr, vma, r->addr, moved);
		(void)do_munmap(r->mm, new_addr, r->new_len);
		return -ENOMEM;
	}
	if (r->flags & MREMAP_DONTUNMAP)
		keep_old_range(r, vma);
	else
		(void)do_munmap(r->mm, r->addr, r->old_len);
	if (flags & VM_LOCKED) {
		r->populate_from = new_addr + r->old_len;
		r->populate_len = r->new_len - r->old_len;
	}
	return new_addr;
}

/* May the mapping at @addr be resized or moved so? */
static struct vm_area_struct *vma_to_resize(struct remap *r)
{
	struct vm_area_struct *vma = vma_lookup(r->mm, r->addr);
	unsigned long grow;
	u64 pgoff;

	if (!vma)
		return ERR_PTR(-EFAULT);
	/* Old length 0 means a second view of shared pages. */
	if (!r->old_len && !(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return ERR_PTR(-EINVAL);
	if ((r->flags & MREMAP_DONTUNMAP) &&
	    (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP)))
		return ERR_PTR(-EINVAL);
	if (r->old_len > vma->vm_end - r->addr)
		return ERR_PTR(-EFAULT);
	if (r->new_len == r->old_len)
		return vma;
	pgoff = linear_page_index(vma, r->addr);
	if (pgoff + (r->new_len >> PAGE_SHIFT) < pgoff)
		return ERR_PTR(-EINVAL);
	if (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return ERR_PTR(-EFAULT);
	if (r->new_len <= r->old_len)
		return vma;
	grow = r->new_len - r->old_len;
	if (mlock_future_check(r->mm, vma->vm_flags, grow))
		return ERR_PTR(-EAGAIN);
	if (!may_expand_vm(r->mm, vma->vm_flags, grow >> PAGE_SHIFT))
		return ERR_PTR(-ENOMEM);
	return vma;
}

/* MREMAP_FIXED and MREMAP_DONTUNMAP: the target is given or must be new. */
static unsigned long mremap_to(struct remap *r)
{
	struct vm_area_struct *vma;
	unsigned long target;
	int err;

	if (r->flags & MREMAP_FIXED) {
		if (offset_in_page(r->new_addr))
			return -EINVAL;
		if (r->new_len > TASK_SIZE ||
		    r->new_addr > TASK_SIZE - r->new_len)
			return -EINVAL;
		if (r->addr + r->old_len > r->new_addr &&
		    r->new_addr + r->new_len > r->addr)
			return -EINVAL;
		err = do_munmap(r->mm, r->new_addr, r->new_len);
		if (err)
			return err;
	}
	if (r->old_len > r->new_len) {
		err = do_munmap(r->mm, r->addr + r->new_len,
				r->old_len - r->new_len);
		if (err)
			return err;
		r->old_len = r->new_len;
	}
	vma = vma_to_resize(r);
	if (IS_ERR(vma))
		return (unsigned long)PTR_ERR(vma);
	target = get_unmapped_area(r->mm, r->new_addr, r->new_len,
				   r->flags & MREMAP_FIXED ? MAP_FIXED : 0);
	if (IS_ERR_VALUE(target))
		return target;
	return move_vma(r, vma, target);
}

/* Room right behind: just let the mapping end later. */
static bool grow_in_place(struct remap *r, struct vm_area_struct *vma)
{
	unsigned long grow = r->new_len - r->old_len;
	unsigned long end = vma->vm_end + grow;
	struct vm_area_struct *next = vma_next(vma);

	if (r->old_len != vma->vm_end - r->addr)
		return false;
	if (end < vma->vm_end || end > TASK_SIZE ||
	    (next && next->vm_start < end))
		return false;
	if ((vma->vm_flags & VM_ACCOUNT) &&
	    vm_enough_memory(r->mm, (long)(grow >> PAGE_SHIFT)))
		return false;
	vma_adjust(vma, vma->vm_start, end, vma->vm_pgoff);
	vm_stat_account(r->mm, vma->vm_flags, (long)(grow >> PAGE_SHIFT));
	if (vma->vm_flags & VM_LOCKED) {
		r->mm->locked_vm += grow >> PAGE_SHIFT;
		r->populate_from = r->addr + r->old_len;
		r->populate_len = grow;
	}
	(void)vma_merge_neighbours(r->mm, vma);
	return true;
}

static unsigned long mremap_locked(struct remap *r)
{
	struct vm_area_struct *vma = vma_lookup(r->mm, r->addr);
	unsigned long target;
	int err;

	if (!vma)
		return -EFAULT;
	if (r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return mremap_to(r);
	if (r->old_len >= r->new_len) {
		err = r->old_len == r->new_len
			      ? 0
			      : do_munmap(r->mm, r->addr + r->new_len,
					  r->old_len - r->new_len);
		return err ? (unsigned long)err : r->addr;
	}
	vma = vma_to_resize(r);
	if (IS_ERR(vma))
		return (unsigned long)PTR_ERR(vma);
	if (r->old_len && grow_in_place(r, vma))
		return r->addr;
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	target = get_unmapped_area(r->mm, 0, r->new_len, 0);
	if (IS_ERR_VALUE(target))
		return target;
	return move_vma(r, vma, target);
}

/* vm_mremap - mremap(2). */
unsigned long vm_mremap(unsigned long addr, unsigned long old_len,
			unsigned long new_len, unsigned long flags,
			unsigned long new_addr)
{
	struct remap r = {
		.mm = current->mm,
		.addr = addr,
		.old_len = PAGE_ALIGN(old_len),
		.new_len = PAGE_ALIGN(new_len),
		.flags = flags,
		.new_addr = flags & MREMAP_FIXED ? new_addr : 0,
	};
	unsigned long ret;

	if (flags &
	    ~(unsigned long)(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP))
		return -EINVAL;
	if ((flags & MREMAP_FIXED) && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if ((flags & MREMAP_DONTUNMAP) &&
	    (!(flags & MREMAP_MAYMOVE) || old_len != new_len))
		return -EINVAL;
	if (offset_in_page(addr) || !r.new_len)
		return -EINVAL;
	if (mmap_write_lock_killable(r.mm))
		return -EINTR;
	ret = mremap_locked(&r);
	mmap_write_unlock(r.mm);
	if (!IS_ERR_VALUE(ret) && r.populate_len)
		mm_populate(r.populate_from, r.populate_len);
	return ret;
}
