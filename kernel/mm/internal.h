/*
 * internal.h - what the files of kernel/mm share among themselves.
 */
#pragma once

#include <kernel/mm/fault.h>
#include <kernel/types/mm.h>

/* fault.c: landmarks. */
vm_fault_t do_anonymous_page(struct vm_fault *vmf);
vm_fault_t do_fault(struct vm_fault *vmf);
vm_fault_t do_wp_page(struct vm_fault *vmf);

/* shmem.c: vm_ops of shared anonymous memory. */
extern const struct vm_operations shmem_anon_vm_ops;

/* mmap.c: the operations of install_special_mapping. */
extern const struct vm_operations special_mapping_vm_ops;

/* page_cache.c: take the locked @page out of @mapping's tree if nobody but the
 * cache and the caller has a reference and it is clean.  The tree's reference
 * goes.  True if it did. */
bool remove_mapping(struct address_space *mapping, struct page *page);

/* page_fill.c: fill a locked page through a_ops->read_page; it is unlocked
 * when that is done.  @file may be NULL. */
int page_cache_read_page(struct address_space *mapping, struct file *file,
			 struct page *page);

/* reclaim.c: a page enters or leaves the reclaim list. */
void lru_add(struct page *page);
void lru_del(struct page *page);
void reclaim_init(void);

/* reclaim_thread.c: the allocator may ask for help; a page was written. */
void reclaim_thread_init(void);
void reclaim_page_written(void);

/* rmap.c, for reclaim: as page_referenced and try_to_unmap, but give up (1 and
 * false) when i_mmap_rwsem cannot be had at once. */
int page_referenced_try(struct page *page);
bool try_to_unmap_try(struct page *page);
