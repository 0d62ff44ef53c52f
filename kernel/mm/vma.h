/*
 * vma.h - the set of mappings of an address space: find, add, split, merge.
 *
 * Mappings never overlap; they stand in a tree and in a list, both by
 * address.  Callers hold mm->mmap_lock, for writing to change anything.
 * vma.c knows nothing of page tables or files but the hooks below, so it
 * runs on the host.
 *
 * Entry points: find_vma, vma_lookup, vma_merge, split_vma, insert_vm_struct.
 */
#pragma once

#include <kernel/lib/macros.h>
#include <kernel/types/mm.h>

/* vma_init_caches - boot: the object cache. */
void vma_init_caches(void);

/* vm_area_alloc - an empty mapping of @mm, linked nowhere; NULL: no memory. */
struct vm_area_struct *vm_area_alloc(struct mm_struct *mm);

/* vm_area_dup - a copy, linked nowhere; takes no references. */
struct vm_area_struct *vm_area_dup(const struct vm_area_struct *vma);

/* vm_area_free - the memory only. */
void vm_area_free(struct vm_area_struct *vma);

/* find_vma - the first mapping with @addr < vm_end, or NULL.  It may begin
 * above @addr. */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);

/* find_vma_prev - as find_vma; *@prev is the one below it. */
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **prev);

/* find_vma_intersection - first mapping with a byte in [start, end). */
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
					     unsigned long start,
					     unsigned long end);

/* vma_lookup - the mapping that holds @addr, or NULL. */
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);

/* vma_next, vma_prev - neighbours by address, or NULL. */
struct vm_area_struct *vma_next(const struct vm_area_struct *vma);
struct vm_area_struct *vma_prev(const struct vm_area_struct *vma);

#define for_each_vma(mm, vma) list_for_each_entry (vma, &(mm)->mmap, vm_link)

/* vm_start_gap - lowest address that belongs to @vma, with what a growing
 * stack keeps free below it. */
unsigned long vm_start_gap(const struct vm_area_struct *vma);

/* vma_lower_gap, vma_higher_gap - from @vma on down or up, the first mapping
 * with @len free bytes below it (@vma too); NULL if there is none.  O(log n).
 */
struct vm_area_struct *vma_lower_gap(struct vm_area_struct *vma,
				     unsigned long len);
struct vm_area_struct *vma_higher_gap(struct vm_area_struct *vma,
				      unsigned long len);

/* vma_link - put @vma, which overlaps nothing, into its mm and its mapping's
 * i_mmap. */
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma);

/* vma_unlink - take it out of its mm; the object stays.  vma_unlink_file -
 * out of its mapping's i_mmap. */
void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma);
void vma_unlink_file(struct vm_area_struct *vma);

/* remove_vma - vm_ops->close, drop the file, free.  Already unlinked from its
 * mm; leaves i_mmap here if it is still there. */
void remove_vma(struct vm_area_struct *vma);

/* vma_get_refs - a new object shares file and vm_ops: vm_ops->open, get. */
void vma_get_refs(struct vm_area_struct *vma);

/* vma_adjust - move the ends of a linked mapping; @pgoff its new offset. */
void vma_adjust(struct vm_area_struct *vma, unsigned long start,
		unsigned long end, u64 pgoff);

/*
 * split_vma - cut @vma at @addr (page aligned, inside); @new_below: the new
 * object is the lower part, else the upper.  0, -ENOMEM (also at the limit
 * of mappings).
 */
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
	      unsigned long addr, bool new_below);

/*
 * vma_merge - let a neighbour of the free range [like->vm_start, vm_end) grow
 * over it, if attributes and offsets fit.
 *
 * @like is a description, not linked.  Returns the mapping that covers the
 * range now, or NULL: nothing fits.
 */
struct vm_area_struct *vma_merge(struct mm_struct *mm,
				 const struct vm_area_struct *like);

/*
 * vma_merge_neighbours - join the linked @vma, whose attributes changed, with
 * those beside it that fit.  Returns what covers its range now; @vma may be
 * freed.
 */
struct vm_area_struct *vma_merge_neighbours(struct mm_struct *mm,
					    struct vm_area_struct *vma);

/* insert_vm_struct - vma_link after checks: -ENOMEM if it overlaps. */
int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma);

/* sysctl_max_map_count - /proc/sys/vm/max_map_count. */
extern int sysctl_max_map_count;

static inline unsigned long vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

/* vma_is_anonymous - private memory without a file. */
static inline bool vma_is_anonymous(const struct vm_area_struct *vma)
{
	return !vma->vm_ops;
}

/* vma_set_anonymous - a file's mmap gives private memory: /dev/zero. */
static inline void vma_set_anonymous(struct vm_area_struct *vma)
{
	vma->vm_ops = NULL;
}

/* is_cow_mapping - writes make private copies. */
static inline bool is_cow_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}

/* linear_page_index - file page shown at @addr. */
static inline u64 linear_page_index(const struct vm_area_struct *vma,
				    unsigned long addr)
{
	return ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
}
