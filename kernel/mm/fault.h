/*
 * fault.h - page faults: from "not there" or "not writable" to a page.
 *
 * handle_mm_fault() runs with mmap_lock held for reading (or writing) and
 * never drops it.  It returns VM_FAULT_* bits and never panics: OOM and bus
 * errors become codes, the caller sends the signal.
 *
 * Entry points: handle_mm_fault, expand_stack, find_extend_vma.
 */
#pragma once

#include <kernel/mm/vma.h>
#include <kernel/types/mm.h>

/* Why we are here. */
#define FAULT_FLAG_WRITE       0x01 /* a store */
#define FAULT_FLAG_MKWRITE     0x02 /* an existing page is to be written */
#define FAULT_FLAG_USER	       0x40 /* from user mode: OOM may kill */
#define FAULT_FLAG_REMOTE      0x80 /* for another task (ptrace) */
#define FAULT_FLAG_INSTRUCTION 0x100
#define FAULT_FLAG_UNSHARE     0x400 /* get_user_pages: write past rights */

/* What came of it. */
#define VM_FAULT_OOM	 0x0001
#define VM_FAULT_SIGBUS	 0x0002
#define VM_FAULT_MAJOR	 0x0004 /* had to read a disk */
#define VM_FAULT_SIGSEGV 0x0040
#define VM_FAULT_NOPAGE	 0x0100 /* the handler has installed the entry */
#define VM_FAULT_LOCKED	 0x0200 /* vmf->page comes back locked */
#define VM_FAULT_ERROR	 (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)

struct vm_fault {
	struct vm_area_struct *vma;
	unsigned int flags;    /* FAULT_FLAG_* */
	u64 pgoff;	       /* file page wanted */
	unsigned long address; /* page aligned */
	unsigned long real_address;
	pmd_t *pmd;	       /* its table is present, or NULL */
	pte_t orig_pte;	       /* what stood there */
	struct page *page;     /* out: a referenced page */
	struct page *cow_page; /* the copy being made */
};

/*
 * handle_mm_fault - make @address of @vma usable.
 *
 * The caller has checked that vm_flags allow the access and holds mmap_lock.
 * Counts min_flt and maj_flt of current.  May sleep.
 */
vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int flags);

/*
 * find_extend_vma - as vma_lookup, growing a stack down to @addr.
 *
 * mmap_lock held; for growing it must be held for WRITING.  With it held for
 * reading use lock_mm_and_find_vma.  NULL: no mapping.
 */
struct vm_area_struct *find_extend_vma(struct mm_struct *mm,
				       unsigned long addr);

/*
 * lock_mm_and_find_vma - for exc_page_fault: take mmap_lock and find the
 * mapping of @addr, growing a stack if that is what it takes.
 *
 * Returns it with mmap_lock held for reading, or NULL with no lock held.
 */
struct vm_area_struct *lock_mm_and_find_vma(struct mm_struct *mm,
					    unsigned long addr);

/* expand_stack - let the growing mapping @vma begin at @addr's page.  0,
 * -ENOMEM (limits, guard gap) or -EFAULT.  mmap_lock held for writing. */
int expand_stack(struct vm_area_struct *vma, unsigned long addr);

/* vm_insert_page - from vm_ops->fault or mmap: map @page (gets a reference)
 * at @addr with the mapping's rights.  0, -EBUSY or -ENOMEM. */
int vm_insert_page(struct vm_area_struct *vma, unsigned long addr,
		   struct page *page);

/* remap_pfn_range - map physical pages that have no struct page or are not
 * counted (device memory).  Sets VM_PFNMAP and kin.  0 or -ENOMEM. */
int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
		    unsigned long pfn, unsigned long size, pgprot_t prot);

/* zero_page - the one page of zeros that reads of untouched memory see. */
extern struct page *zero_page;

static inline bool is_zero_page(const struct page *page)
{
	return page == zero_page;
}

/* map_file_page - for vm_ops->map_pages: map the uptodate, locked @page at
 * @addr if nothing is there yet.  Returns true and keeps a new reference if
 * it did.  vmf->pmd is valid; page_table_lock is held. */
bool map_file_page(struct vm_fault *vmf, struct page *page, unsigned long addr);
