/*
 * shmem.h - memory with no file behind it that several can share.
 *
 * Pages live in an address_space like a file's, but their only home is
 * memory: never written out, never dropped (AS_UNEVICTABLE).  mmap(MAP_SHARED |
 * MAP_ANONYMOUS) uses a mapping of its own; tmpfs and memfd use the inode's,
 * through shmem_get_page().
 */
#pragma once

#include <kernel/mm/fault.h>
#include <kernel/types/mm.h>

/* shmem_mapping_init - flags of a mapping whose pages stay in memory. */
void shmem_mapping_init(struct address_space *mapping);

/*
 * shmem_get_page - the page at @index: referenced, uptodate, not locked.
 *
 * @create: make a zeroed one if there is none.  NULL: a hole (without
 * @create).  ERR_PTR(-ENOMEM).  May sleep.
 */
struct page *shmem_get_page(struct address_space *mapping, u64 index,
			    bool create);

/* shmem_fault_page - the work of a vm_ops->fault: a page within @nr_pages of
 * the file, made if needed; VM_FAULT_LOCKED. */
vm_fault_t shmem_fault_page(struct vm_fault *vmf, struct address_space *mapping,
			    u64 nr_pages);

/* shmem_zero_setup - give a shared anonymous mapping its pages: 0, -ENOMEM. */
int shmem_zero_setup(struct vm_area_struct *vma);

/* vma_is_shmem_anon - was it made by shmem_zero_setup? */
bool vma_is_shmem_anon(const struct vm_area_struct *vma);

/* nr_shmem_pages - Shmem of meminfo. */
unsigned long nr_shmem_pages(void);
