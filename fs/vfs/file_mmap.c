/*
 * file_mmap.c - the vm_ops of mapped files, and what mm asks of a file.
 *
 * A fault finds or reads the page in the cache; the first store through a
 * shared mapping asks the file system for room (write_begin over the page's
 * part of the file), so that a full disk is a SIGBUS at the store and not a
 * loss at write-back.  mm holds the file for the mapping (get, put).
 *
 * Locks: called with mmap_lock held; the page lock nests inside.
 *
 * Entry points: file_mmap_init, generic_file_mmap, filemap_fault,
 * filemap_map_pages, filemap_page_mkwrite.
 */
#include <fs/vfs/file_mmap.h>

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/mman.h>
#include <fs/vfs/file.h>
#include <fs/vfs/filemap.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/sync.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/readahead.h>

__landmark vm_fault_t filemap_fault(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	struct address_space *mapping = file->f_mapping;
	vm_fault_t ret;

	if (vmf->pgoff >= file_size_pages(mapping))
		return VM_FAULT_SIGBUS;
	ret = filemap_fault_page(vmf, file, mapping, &file->f_ra,
				 file_size_pages(mapping));
	if (!(ret & VM_FAULT_LOCKED))
		return ret;

	/* Truncated while we read: the page must not come back. */
	if (vmf->pgoff >= file_size_pages(mapping)) {
		unlock_page(vmf->page);
		put_page(vmf->page);
		vmf->page = NULL;
		return VM_FAULT_SIGBUS;
	}
	return ret;
}

vm_fault_t filemap_map_pages(struct vm_fault *vmf, u64 start_pgoff,
			     u64 end_pgoff)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;

	return filemap_map_range(vmf, mapping, start_pgoff, end_pgoff,
				 file_size_pages(mapping));
}

/* Make the locked page, of which @bytes are in the file, writable. */
static vm_fault_t page_make_writable(struct file *file, struct page *page,
				     unsigned int bytes)
{
	struct address_space *mapping = file->f_mapping;
	const struct address_space_operations *ops = mapping->a_ops;
	int err;

	if (!ops->write_begin) {
		set_page_dirty(page);
		return VM_FAULT_LOCKED;
	}
	err = ops->write_begin(file, mapping, page, 0, bytes);
	if (!err)
		err = ops->write_end(file, mapping, page, 0, bytes);
	if (!err)
		return VM_FAULT_LOCKED;
	unlock_page(page);
	return err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

/*
 * filemap_page_mkwrite - a shared page is about to be written.
 *
 * vmf->page is referenced and not locked; it comes back locked
 * (VM_FAULT_LOCKED).  VM_FAULT_NOPAGE: it left the file, fault again.
 */
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	struct page *page = vmf->page;
	loff_t size;
	loff_t left;

	(void)file_update_time(file);
	lock_page(page);
	if (page->mapping != file->f_mapping) {
		unlock_page(page);
		return VM_FAULT_NOPAGE;
	}
	size = i_size_read(file->f_mapping->host);
	left = size - (loff_t)page_offset(page);
	if (left <= 0) {
		unlock_page(page);
		return VM_FAULT_SIGBUS;
	}
	return page_make_writable(file, page,
				  (unsigned int)min(left, (loff_t)PAGE_SIZE));
}

const struct vm_operations generic_file_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
	.page_mkwrite = filemap_page_mkwrite,
};

int generic_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!file->f_mapping->a_ops || !file->f_mapping->a_ops->read_page)
		return -ENOEXEC;
	file_accessed(file);
	vma->vm_ops = &generic_file_vm_ops;
	vma->vm_mapping = file->f_mapping;
	return 0;
}

int generic_file_readonly_mmap(struct file *file, struct vm_area_struct *vma)
{
	if ((vma->vm_flags & VM_SHARED) && (vma->vm_flags & VM_MAYWRITE))
		return -EINVAL;
	return generic_file_mmap(file, vma);
}

/* What a shared mapping asks of the open mode. */
static int check_shared(struct file *file, unsigned long prot,
			unsigned long *vm_flags)
{
	bool writer = file->f_mode & FMODE_WRITE;

	if ((prot & PROT_WRITE) && !writer)
		return -EACCES;
	/* mmap(2): EACCES for an append-only file. */
	if (writer && (file_inode(file)->i_flags & S_APPEND))
		return -EACCES;
	if (!writer)
		*vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
	return 0;
}

static int mmap_check(struct file *file, unsigned long prot,
		      unsigned long flags, unsigned long len, u64 pgoff,
		      unsigned long *vm_flags)
{
	struct inode *inode = file_inode(file);
	u64 max = S_ISREG(inode->i_mode) ? inode->i_sb->s_maxbytes : INT64_MAX;
	int err;

	if (len > max || pgoff > (max - len) >> PAGE_SHIFT)
		return -EOVERFLOW;
	if (flags & MAP_SHARED) { /* MAP_SHARED_VALIDATE has its bit as well */
		err = check_shared(file, prot, vm_flags);
		if (err)
			return err;
	}
	if (!(file->f_mode & FMODE_READ))
		return -EACCES;
	if (file->f_path.mnt && (file->f_path.mnt->mnt_flags & MNT_NOEXEC)) {
		if (*vm_flags & VM_EXEC)
			return -EPERM;
		*vm_flags &= ~VM_MAYEXEC;
	} else if (read_implies_exec(prot)) {
		*vm_flags |= VM_EXEC;
	}
	if (!file->f_op->mmap)
		return -ENODEV;
	return *vm_flags & VM_GROWSDOWN ? -EINVAL : 0;
}

static int mmap_file(struct file *file, struct vm_area_struct *vma)
{
	return file->f_op->mmap(file, vma);
}

static void mmap_get(struct file *file)
{
	(void)get_file(file);
}

static int mmap_fsync(struct file *file, loff_t start, loff_t end)
{
	return vfs_fsync_range(file, start, end - 1, true);
}

static void mmap_readahead(struct file *file, u64 start_pgoff, unsigned long nr)
{
	u64 have = file_size_pages(file->f_mapping);

	if (start_pgoff >= have)
		return;
	nr = (unsigned long)min((u64)nr, have - start_pgoff);
	(void)force_page_cache_readahead(file->f_mapping, file, start_pgoff,
					 nr);
}

static long mmap_punch_hole(struct file *file, loff_t start, loff_t len)
{
	return vfs_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			     start, len);
}

static const struct mmap_file_ops vfs_mmap_ops = {
	.check = mmap_check,
	.mmap = mmap_file,
	.get = mmap_get,
	.put = fput,
	.fsync = mmap_fsync,
	.readahead = mmap_readahead,
	.punch_hole = mmap_punch_hole,
};

void file_mmap_init(void)
{
	mmap_set_file_ops(&vfs_mmap_ops);
}
