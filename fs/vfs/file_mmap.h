/*
 * file_mmap.h - mapped files: the vm_operations over the page cache.
 */
#pragma once

#include <fs/vfs/types.h>
#include <kernel/mm/fault.h>

/* file_mmap_init - tell mm how to ask about files.  Once, at boot. */
void file_mmap_init(void);

/*
 * generic_file_mmap - f_op->mmap of files in the page cache.
 *
 * Sets vm_ops and vm_mapping.  -ENOEXEC without a read_page.  The readonly
 * form is for file systems that can't write: -EINVAL for a shared mapping
 * that may be written.
 */
int generic_file_mmap(struct file *file, struct vm_area_struct *vma);
int generic_file_readonly_mmap(struct file *file, struct vm_area_struct *vma);

/* The operations, for file systems that wrap them. */
vm_fault_t filemap_fault(struct vm_fault *vmf);
vm_fault_t filemap_map_pages(struct vm_fault *vmf, u64 start_pgoff,
			     u64 end_pgoff);
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf);
extern const struct vm_operations generic_file_vm_ops;
