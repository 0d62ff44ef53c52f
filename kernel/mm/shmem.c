/*
 * shmem.c - memory with no file behind it that several can share.
 *
 * Pages stand in an address_space as a file's do, but memory is their only
 * home: they are not on the reclaim lists and never count as dirty.  A shared
 * anonymous mapping owns one, counted by its vmas; tmpfs uses its inodes'.
 *
 * Locks: those of the page cache.
 *
 * Entry points: shmem_get_page, shmem_fault_page, shmem_zero_setup.
 */
#include <kernel/mm/shmem.h>

#include <abi/errno.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/errptr.h>
#include <kernel/base/refcount.h>
#include <kernel/mm/internal.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/oom.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/truncate.h>
#include <kernel/mm/vma.h>

/* The pages of one MAP_SHARED | MAP_ANONYMOUS mapping. */
struct shmem_area {
	struct address_space mapping;
	refcount_t users;    /* vmas */
	unsigned long pages; /* its size */
	long committed;	     /* pages promised, 0 with MAP_NORESERVE */
};

/* shmem_mapping_init - pages of @mapping stay in memory. */
void shmem_mapping_init(struct address_space *mapping)
{
	set_bit(AS_UNEVICTABLE, &mapping->flags);
	set_bit(AS_NO_WRITEBACK, &mapping->flags);
}

/* A fresh page of zeros in the cache, referenced and locked. */
static struct page *make_page(struct address_space *mapping, u64 index)
{
	struct page *page = alloc_page_or_kill();
	int err;

	if (!page)
		return ERR_PTR(-ENOMEM);
	clear_page(page_address(page));
	SetPageSwapBacked(page);
	SetPageUptodate(page);
	err = add_to_page_cache_lru(page, mapping, index);
	if (err) {
		put_page(page);
		return ERR_PTR(err);
	}
	return page;
}

/* The page at @index, locked. */
static struct page *get_locked(struct address_space *mapping, u64 index,
			       bool create)
{
	struct page *page;

	for (;;) {
		page = find_lock_page(mapping, index);
		if (page || !create)
			return page;
		page = make_page(mapping, index);
		if (!IS_ERR(page) || PTR_ERR(page) != -EEXIST)
			return page;
	}
}

/* shmem_get_page - see shmem.h. */
struct page *shmem_get_page(struct address_space *mapping, u64 index,
			    bool create)
{
	struct page *page = find_get_page(mapping, index);

	if (page || !create)
		return page;
	page = get_locked(mapping, index, true);
	if (!IS_ERR(page))
		unlock_page(page);
	return page;
}

/* shmem_fault_page - for vm_ops->fault. */
vm_fault_t shmem_fault_page(struct vm_fault *vmf, struct address_space *mapping,
			    u64 nr_pages)
{
	struct page *page;

	if (vmf->pgoff >= nr_pages)
		return VM_FAULT_SIGBUS;
	page = get_locked(mapping, vmf->pgoff, true);
	if (IS_ERR(page))
		return VM_FAULT_OOM;
	vmf->page = page;
	return VM_FAULT_LOCKED;
}

static struct shmem_area *area_of(const struct vm_area_struct *vma)
{
	return vma->vm_private;
}

static void shmem_anon_open(struct vm_area_struct *vma)
{
	refcount_inc(&area_of(vma)->users);
}

static void shmem_anon_close(struct vm_area_struct *vma)
{
	struct shmem_area *area = area_of(vma);

	if (!refcount_dec_and_test(&area->users))
		return;
	truncate_inode_pages_final(&area->mapping);
	vm_unacct_memory(area->committed);
	kfree(area);
}

static vm_fault_t shmem_anon_fault(struct vm_fault *vmf)
{
	struct shmem_area *area = area_of(vmf->vma);

	/* mremap may have made the mapping longer than its memory. */
	return shmem_fault_page(vmf, &area->mapping, area->pages);
}

static vm_fault_t shmem_anon_map_pages(struct vm_fault *vmf, u64 start_pgoff,
				       u64 end_pgoff)
{
	struct shmem_area *area = area_of(vmf->vma);

	return filemap_map_range(vmf, &area->mapping, start_pgoff, end_pgoff,
				 area->pages);
}

static const char *shmem_anon_name(struct vm_area_struct *vma)
{
	(void)vma;
	return "/dev/zero (deleted)";
}

const struct vm_operations shmem_anon_vm_ops = {
	.open = shmem_anon_open,
	.close = shmem_anon_close,
	.fault = shmem_anon_fault,
	.map_pages = shmem_anon_map_pages,
	.name = shmem_anon_name,
};

/* shmem_zero_setup - memory for a shared anonymous mapping. */
int shmem_zero_setup(struct vm_area_struct *vma)
{
	unsigned long pages = vma_pages(vma);
	struct shmem_area *area = kzalloc(sizeof(*area));
	int err;

	if (!area)
		return -ENOMEM;
	if (!(vma->vm_flags & VM_NORESERVE)) {
		err = vm_enough_memory(vma->vm_mm, (long)pages);
		if (err) {
			kfree(area);
			return err;
		}
		area->committed = (long)pages;
	}
	address_space_init(&area->mapping, NULL, NULL);
	shmem_mapping_init(&area->mapping);
	refcount_set(&area->users, 1);
	area->pages = pages;
	vma->vm_ops = &shmem_anon_vm_ops;
	vma->vm_private = area;
	vma->vm_mapping = &area->mapping;
	return 0;
}

/* vma_is_shmem_anon - was it made by shmem_zero_setup? */
bool vma_is_shmem_anon(const struct vm_area_struct *vma)
{
	return vma->vm_ops == &shmem_anon_vm_ops;
}
