/*
 * fault.c - page faults: what a program touches appears.
 *
 *	nothing there yet	private memory: do_anonymous_page - reads share
 *				one page of zeros, a write gets its own;
 *				a file: do_fault - vm_ops->fault finds the page,
 *				a private write copies it, a shared one asks
 *				vm_ops->page_mkwrite
 *	there, not writable	do_wp_page: the last user of a copy just takes
 *				it, others get a copy of their own; a page of
 *				a shared mapping is marked dirty
 *
 * The entry is looked at without the lock, the work is done, and the entry is
 * installed under page_table_lock only if it has not changed meanwhile; if it
 * has, the program simply faults again.
 *
 * Shared file pages are mapped writable only by a store, so that the first
 * store after each write-back is seen.
 *
 * Locks: mmap_lock held by the caller; page_table_lock for entries; a page's
 * lock from vm_ops->fault until its entry stands.
 *
 * Entry points: handle_mm_fault, find_extend_vma, lock_mm_and_find_vma,
 * vm_insert_page, remap_pfn_range, map_file_page.
 */
#include <kernel/mm/fault.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/context.h>
#include <kernel/arch/tlb.h>
#include <kernel/base/assert.h>
#include <kernel/base/spinlock.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/page_table.h>
#include <kernel/types/task.h>

#define FAULT_AROUND_PAGES 16 /* mapped together when they are cached */

struct page *zero_page;

static bool is_write(const struct vm_fault *vmf)
{
	return vmf->flags & FAULT_FLAG_WRITE;
}

/* Lock the tables and look whether our entry is as we found it. */
static pte_t *lock_entry(struct vm_fault *vmf)
{
	pte_t *ptep = pte_offset(vmf->pmd, vmf->address);

	spin_lock(&vmf->vma->vm_mm->page_table_lock);
	if (pte_same(ptep_get(ptep), vmf->orig_pte))
		return ptep;
	spin_unlock(&vmf->vma->vm_mm->page_table_lock);
	return NULL;
}

static void unlock_entry(struct vm_fault *vmf)
{
	spin_unlock(&vmf->vma->vm_mm->page_table_lock);
}

/* The entry for @page; writable only if asked and the mapping allows. */
static pte_t make_pte(const struct vm_area_struct *vma, struct page *page,
		      bool write)
{
	pte_t pte = pfn_pte(page_to_pfn(page), vma->vm_page_prot);

	pte = pte_mkyoung(pte_wrprotect(pte));
	if (write) {
		pte = pte_mkdirty(pte);
		if (vma->vm_flags & VM_WRITE)
			pte = pte_mkwrite(pte);
	}
	return pte;
}

/* A fresh private page; zeroed unless it will be overwritten. */
static struct page *alloc_anon_page(bool zeroed)
{
	struct page *page;

	page = zeroed ? alloc_zeroed_page_user() : alloc_page_user();
	if (!page)
		return NULL;
	SetPageAnon(page);
	return page;
}

static vm_fault_t map_zero_page(struct vm_fault *vmf)
{
	pte_t *ptep = lock_entry(vmf);

	if (!ptep)
		return 0;
	set_pte(ptep, pte_mkspecial(make_pte(vmf->vma, zero_page, false)));
	unlock_entry(vmf);
	return 0;
}

/* do_anonymous_page - first touch of private memory. */
__landmark vm_fault_t do_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page;
	pte_t *ptep;

	if (!is_write(vmf))
		return map_zero_page(vmf);
	page = alloc_anon_page(true);
	if (!page)
		return VM_FAULT_OOM;
	ptep = lock_entry(vmf);
	if (!ptep) {
		put_page(page);
		return 0;
	}
	page_add_rmap(vma->vm_mm, page);
	set_pte(ptep, make_pte(vma, page, true));
	unlock_entry(vmf);
	return 0;
}

/* Ask the mapping's owner for the page; comes back locked. */
static vm_fault_t call_fault(struct vm_fault *vmf)
{
	vm_fault_t ret;

	if (!vmf->vma->vm_ops->fault)
		return VM_FAULT_SIGBUS;
	ret = vmf->vma->vm_ops->fault(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	assert(vmf->page);
	if (!(ret & VM_FAULT_LOCKED)) {
		lock_page(vmf->page);
		ret |= VM_FAULT_LOCKED;
	}
	return ret;
}

/* Put vmf->page, locked and referenced, into the entry.  True if it stands. */
static bool install_file_page(struct vm_fault *vmf, bool write)
{
	pte_t *ptep = lock_entry(vmf);

	if (!ptep)
		return false;
	page_add_rmap(vmf->vma->vm_mm, vmf->page);
	set_pte(ptep, make_pte(vmf->vma, vmf->page, write));
	unlock_entry(vmf);
	return true;
}

/* Cached neighbours first; VM_FAULT_NOPAGE if that was enough. */
static vm_fault_t do_fault_around(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long window = FAULT_AROUND_PAGES * PAGE_SIZE;
	unsigned long start = max(vmf->address & ~(window - 1), vma->vm_start);
	unsigned long end =
		min((vmf->address & ~(window - 1)) + window, vma->vm_end);
	u64 first = linear_page_index(vma, start);

	if (!vma->vm_ops->map_pages)
		return 0;
	return vma->vm_ops->map_pages(
		vmf, first, first + ((end - start) >> PAGE_SHIFT) - 1);
}

static vm_fault_t do_read_fault(struct vm_fault *vmf)
{
	vm_fault_t ret;

	ret = do_fault_around(vmf);
	if (ret)
		return ret & VM_FAULT_ERROR;
	ret = call_fault(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	if (install_file_page(vmf, false)) {
		unlock_page(vmf->page);
	} else {
		unlock_page(vmf->page);
		put_page(vmf->page);
	}
	return ret & ~VM_FAULT_LOCKED;
}

/* A store into a private mapping of a file: copy before it is ever mapped. */
static vm_fault_t do_cow_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *copy;
	vm_fault_t ret;
	pte_t *ptep;

	copy = alloc_anon_page(false);
	if (!copy)
		return VM_FAULT_OOM;
	ret = call_fault(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE)) {
		put_page(copy);
		return ret;
	}
	copy_page(page_address(copy), page_address(vmf->page));
	vma->vm_has_anon = true;
	ptep = lock_entry(vmf);
	if (ptep) {
		page_add_rmap(vma->vm_mm, copy);
		set_pte(ptep, make_pte(vma, copy, true));
		unlock_entry(vmf);
	} else {
		put_page(copy);
	}
	/* Locked until here: a truncation finds the copy, or we its absence. */
	unlock_page(vmf->page);
	put_page(vmf->page);
	return ret & VM_FAULT_MAJOR;
}

/* Tell the file system that @vmf->page, locked, will be written.  On failure
 * the page is unlocked. */
static vm_fault_t call_page_mkwrite(struct vm_fault *vmf)
{
	const struct vm_operations *ops = vmf->vma->vm_ops;
	struct address_space *mapping = vmf->page->mapping;
	unsigned int flags = vmf->flags;
	vm_fault_t ret;

	if (!ops || !ops->page_mkwrite)
		return 0;
	/* The handler takes the inode's locks and the page lock itself. */
	unlock_page(vmf->page);
	vmf->flags = FAULT_FLAG_WRITE | FAULT_FLAG_MKWRITE;
	ret = ops->page_mkwrite(vmf);
	vmf->flags = flags;
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	if (!(ret & VM_FAULT_LOCKED))
		lock_page(vmf->page);
	if (vmf->page->mapping != mapping) {
		/* Truncated while unlocked: the program faults again. */
		unlock_page(vmf->page);
		return VM_FAULT_NOPAGE;
	}
	return 0;
}

static vm_fault_t do_shared_fault(struct vm_fault *vmf)
{
	struct page *page;
	vm_fault_t major;
	vm_fault_t ret;
	bool stands;

	ret = call_fault(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	major = ret & VM_FAULT_MAJOR;
	page = vmf->page;
	ret = call_page_mkwrite(vmf);
	if (ret) {
		put_page(page);
		return (ret & VM_FAULT_ERROR) | major;
	}
	stands = install_file_page(vmf, true);
	if (stands)
		(void)set_page_dirty(page);
	unlock_page(page);
	if (!stands)
		put_page(page);
	return major;
}

/* do_fault - first touch of a page that vm_ops knows. */
__landmark vm_fault_t do_fault(struct vm_fault *vmf)
{
	if (!is_write(vmf))
		return do_read_fault(vmf);
	if (vmf->vma->vm_flags & VM_SHARED)
		return do_shared_fault(vmf);
	return do_cow_fault(vmf);
}

/* The entry gains rights: no other CPU has to hear of it. */
static void upgrade_entry(struct vm_fault *vmf, pte_t *ptep, pte_t pte)
{
	set_pte(ptep, pte);
	flush_tlb_one_local(vmf->address);
}

/* A store to a shared page that was mapped read-only. */
static vm_fault_t wp_page_shared(struct vm_fault *vmf)
{
	struct page *page = vmf->page;
	vm_fault_t ret;
	pte_t *ptep;

	lock_page(page);
	ret = call_page_mkwrite(vmf);
	if (ret) {
		put_page(page);
		return ret & VM_FAULT_ERROR;
	}
	ptep = lock_entry(vmf);
	if (ptep) {
		upgrade_entry(vmf, ptep, make_pte(vmf->vma, page, true));
		unlock_entry(vmf);
		(void)set_page_dirty(page);
	}
	unlock_page(page);
	put_page(page);
	return 0;
}

/* The only user of a private copy may simply write to it. */
static bool wp_page_reuse(struct vm_fault *vmf)
{
	pte_t *ptep = lock_entry(vmf);
	bool reused = false;

	if (!ptep)
		return true;
	if (PageAnon(vmf->page) && page_count(vmf->page) == 1) {
		upgrade_entry(vmf, ptep, make_pte(vmf->vma, vmf->page, true));
		reused = true;
	} else {
		/* Ours while we copy. */
		get_page(vmf->page);
	}
	unlock_entry(vmf);
	return reused;
}

/* Replace the entry by a copy.  vmf->page: the old page with a reference of
 * ours, or NULL for the page of zeros. */
static vm_fault_t wp_page_copy(struct vm_fault *vmf)
{
	struct mm_struct *mm = vmf->vma->vm_mm;
	struct page *old = vmf->page;
	struct page *copy;
	pte_t *ptep;

	copy = alloc_anon_page(!old);
	if (!copy) {
		if (old)
			put_page(old);
		return VM_FAULT_OOM;
	}
	if (old)
		copy_page(page_address(copy), page_address(old));
	vmf->vma->vm_has_anon = true;
	ptep = lock_entry(vmf);
	if (ptep) {
		/* No CPU may see both pages: out, flush, in. */
		pte_clear(ptep);
		flush_tlb_page(mm, vmf->address);
		page_add_rmap(mm, copy);
		set_pte(ptep, make_pte(vmf->vma, copy, true));
		if (old)
			page_remove_rmap(mm, old);
		unlock_entry(vmf);
		copy = old; /* the entry's reference to it */
	}
	if (copy)
		put_page(copy);
	if (old)
		put_page(old);
	return 0;
}

/* Device memory has no page to copy or count. */
static vm_fault_t wp_pfn(struct vm_fault *vmf)
{
	pte_t *ptep;

	if (!(vmf->vma->vm_flags & VM_SHARED))
		return VM_FAULT_SIGBUS;
	ptep = lock_entry(vmf);
	if (ptep) {
		upgrade_entry(vmf, ptep,
			      pte_mkwrite(pte_mkdirty(vmf->orig_pte)));
		unlock_entry(vmf);
	}
	return 0;
}

/* do_wp_page - a store to a page that is mapped read-only. */
__landmark vm_fault_t do_wp_page(struct vm_fault *vmf)
{
	struct page *page = pfn_to_page(pte_pfn(vmf->orig_pte));

	if (pte_special(vmf->orig_pte)) {
		if (page != zero_page)
			return wp_pfn(vmf);
		vmf->page = NULL;
		return wp_page_copy(vmf);
	}
	vmf->page = page;
	if (vmf->vma->vm_flags & VM_SHARED) {
		/* Keep the page: the entry may be zapped under us. */
		if (!lock_entry(vmf))
			return 0;
		get_page(page);
		unlock_entry(vmf);
		return wp_page_shared(vmf);
	}
	if (wp_page_reuse(vmf))
		return 0;
	return wp_page_copy(vmf);
}

/* The entry is there: a store to a read-only page, or only old news. */
static vm_fault_t handle_present(struct vm_fault *vmf)
{
	pte_t *ptep;
	pte_t pte;

	if (is_write(vmf) && !pte_write(vmf->orig_pte))
		return do_wp_page(vmf);
	ptep = lock_entry(vmf);
	if (!ptep)
		return 0;
	pte = pte_mkyoung(vmf->orig_pte);
	if (is_write(vmf))
		pte = pte_mkdirty(pte);
	upgrade_entry(vmf, ptep, pte);
	unlock_entry(vmf);
	return 0;
}

static void count_fault(vm_fault_t ret)
{
	if (ret & VM_FAULT_ERROR)
		return;
	if (ret & VM_FAULT_MAJOR)
		current->maj_flt++;
	else
		current->min_flt++;
}

/* handle_mm_fault - see fault.h. */
__landmark vm_fault_t handle_mm_fault(struct vm_area_struct *vma,
				      unsigned long address, unsigned int flags)
{
	struct vm_fault vmf = {
		.vma = vma,
		.flags = flags,
		.address = address & PAGE_MASK,
		.real_address = address,
		.pgoff = linear_page_index(vma, address & PAGE_MASK),
	};
	vm_fault_t ret;

	vmf.pmd = pmd_alloc_table(vma->vm_mm, address);
	if (!vmf.pmd)
		return VM_FAULT_OOM;
	vmf.orig_pte = ptep_get(pte_offset(vmf.pmd, vmf.address));
	if (!pte_none(vmf.orig_pte))
		ret = handle_present(&vmf);
	else if (vma_is_anonymous(vma))
		ret = do_anonymous_page(&vmf);
	else
		ret = do_fault(&vmf);
	count_fault(ret);
	return ret & (VM_FAULT_ERROR | VM_FAULT_MAJOR);
}

/* map_file_page - one page of a fault-around. */
bool map_file_page(struct vm_fault *vmf, struct page *page, unsigned long addr)
{
	pte_t *ptep = pte_offset(vmf->pmd, addr);

	if (!pte_none(*ptep))
		return false;
	get_page(page);
	page_add_rmap(vmf->vma->vm_mm, page);
	set_pte(ptep, make_pte(vmf->vma, page, false));
	return true;
}

/* vm_insert_page - map one page now. */
int vm_insert_page(struct vm_area_struct *vma, unsigned long addr,
		   struct page *page)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t *ptep = pte_alloc(mm, addr);
	int err = 0;

	if (!ptep)
		return -ENOMEM;
	spin_lock(&mm->page_table_lock);
	if (!pte_none(*ptep)) {
		err = -EBUSY;
	} else {
		get_page(page);
		page_add_rmap(mm, page);
		set_pte(ptep, make_pte(vma, page, vma->vm_flags & VM_WRITE));
	}
	spin_unlock(&mm->page_table_lock);
	return err;
}

/* remap_pfn_range - map physical memory that nobody counts. */
int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
		    unsigned long pfn, unsigned long size, pgprot_t prot)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long end = addr + PAGE_ALIGN(size);
	pte_t *ptep;

	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP;
	for (; addr < end; addr += PAGE_SIZE, pfn++) {
		ptep = pte_alloc(mm, addr);
		if (!ptep)
			return -ENOMEM;
		spin_lock(&mm->page_table_lock);
		set_pte(ptep, pte_mkspecial(pfn_pte(pfn, prot)));
		spin_unlock(&mm->page_table_lock);
	}
	return 0;
}
