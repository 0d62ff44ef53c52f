/*
 * mmap.h - make and remove mappings.
 *
 * Functions that begin with vm_ take mmap_lock themselves; those that begin
 * with do_ want it held for writing.  Addresses are of the current program.
 *
 * Files are opaque here: fs/vfs fills a struct mmap_file_ops.
 */
#pragma once

#include <abi/mman.h>
#include <abi/prctl.h>
#include <kernel/arch/context.h>
#include <kernel/base/errptr.h> /* IS_ERR_VALUE */
#include <kernel/types/mm.h>
#include <kernel/types/task.h>

/* What mm asks of files; filled by fs/vfs/file_mmap.c with mmap_set_file_ops
 * at boot.  mm itself holds one reference per mapping (get, put): vm_ops'
 * open and close need not. */
struct mmap_file_ops {
	/*
	 * May @file be mapped so?  Clears VM_MAYWRITE, VM_MAYEXEC, VM_SHARED
	 * from *@vm_flags as the open mode and the mount say.  0, -EACCES,
	 * -EPERM (noexec), -ENODEV (cannot be mapped), -EOVERFLOW.
	 */
	int (*check)(struct file *file, unsigned long prot, unsigned long flags,
		     unsigned long len, u64 pgoff, unsigned long *vm_flags);
	/*
	 * Set vma->vm_ops and, for a page cache mapping, vma->vm_mapping
	 * (f_op->mmap).  0 or -errno.  May change vm_flags (VM_IO, ...).
	 */
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	void (*get)(struct file *file);
	void (*put)(struct file *file);
	/* msync(2): write [start, end) bytes of the file out and wait. */
	int (*fsync)(struct file *file, loff_t start, loff_t end);
	/* madvise(MADV_WILLNEED): begin to read. */
	void (*readahead)(struct file *file, u64 start_pgoff, unsigned long nr);
	/* madvise(MADV_REMOVE): punch a hole.  Optional. */
	long (*punch_hole)(struct file *file, loff_t start, loff_t len);
};
void mmap_set_file_ops(const struct mmap_file_ops *ops);
extern const struct mmap_file_ops *mmap_file_ops;

/* VM_DATA_DEFAULT etc: default flags of data and stack mappings. */
#define VM_DATA_FLAGS                                                          \
	(VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
#define VM_STACK_FLAGS (VM_GROWSDOWN | VM_DATA_FLAGS | VM_ACCOUNT)

/* read_implies_exec - personality(2): what current may read it may run. */
static inline bool read_implies_exec(unsigned long prot)
{
	return (prot & PROT_READ) && (current->personality & READ_IMPLIES_EXEC);
}

/*
 * do_mmap - mmap(2) with mmap_lock held for writing, in current->mm.
 *
 * @file: borrowed, or NULL for anonymous memory.  @pgoff in pages.  @vm_flags:
 * extra flags.  Returns the address or -errno.  *@populate is how many bytes
 * the caller must mm_populate() after unlocking (may be NULL).
 */
unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags,
		      unsigned long vm_flags, u64 pgoff,
		      unsigned long *populate);

/*
 * vm_mmap_pgoff - mmap(2): locks, maps, populates.  vm_mmap - the same with
 * an offset in bytes, for exec.  The address or -errno (IS_ERR_VALUE).
 */
unsigned long vm_mmap_pgoff(struct file *file, unsigned long addr,
			    unsigned long len, unsigned long prot,
			    unsigned long flags, u64 pgoff);
unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags, u64 offset);

/* mmap_region - the second half of do_mmap: the place is chosen and checked. */
unsigned long mmap_region(struct mm_struct *mm, struct file *file,
			  unsigned long addr, unsigned long len,
			  unsigned long vm_flags, u64 pgoff);

/* do_munmap - remove [addr, addr+len); 0, -EINVAL or -ENOMEM. */
int do_munmap(struct mm_struct *mm, unsigned long addr, unsigned long len);

/* vm_munmap - munmap(2) in current->mm. */
int vm_munmap(unsigned long addr, unsigned long len);

/* Pages of the kernel that programs see, for as long as it runs. */
struct vm_special_mapping {
	const char *name;    /* as maps shows it, "[vdso]" */
	struct page **pages; /* NULL-terminated; each entry has a reference */
};

/*
 * install_special_mapping - show @special to a program (vDSO).  mmap_lock held
 * for writing.  The mapping or ERR_PTR(-ENOMEM).
 */
struct vm_area_struct *install_special_mapping(
	struct mm_struct *mm, unsigned long addr, unsigned long len,
	unsigned long vm_flags, const struct vm_special_mapping *special);

/*
 * get_unmapped_area - a free range: top down from mmap_base, then bottom up.
 * Honours @addr if it is free, or MAP_FIXED.  The address or -ENOMEM,
 * -EINVAL, -EEXIST (MAP_FIXED_NOREPLACE).
 */
unsigned long get_unmapped_area(struct mm_struct *mm, unsigned long addr,
				unsigned long len, unsigned long flags);

/* mm_populate - fault in [start, start+len) now; errors are ignored. */
void mm_populate(unsigned long start, unsigned long len);

/* may_expand_vm - do RLIMIT_AS and RLIMIT_DATA allow @pages more? */
bool may_expand_vm(struct mm_struct *mm, unsigned long vm_flags,
		   unsigned long pages);

/* vm_stat_account - count @pages (may be negative) of such a mapping. */
void vm_stat_account(struct mm_struct *mm, unsigned long vm_flags, long pages);

/* exit_mmap - remove every mapping; the last user is gone. */
void exit_mmap(struct mm_struct *mm);

/* vm_get_page_prot - page-table rights for VM_READ, WRITE, EXEC, SHARED. */
pgprot_t vm_get_page_prot(unsigned long vm_flags);

/* setup_stack_vma - exec: an empty stack mapping of one page that ends at
 * @top, in @mm (mmap_lock held).  0 or -ENOMEM. */
int setup_stack_vma(struct mm_struct *mm, unsigned long top,
		    struct vm_area_struct **vmap);

/*
 * setup_arg_pages - exec: the finished stack at its final place and rights.
 *
 * Moves the stack mapping of setup_stack_vma so that it ends at @stack_top,
 * sets @executable, and makes room for 128 KiB of growth (within
 * RLIMIT_STACK).  Returns 0 and the distance moved down in *@shift.
 */
int setup_arg_pages(struct mm_struct *mm, struct vm_area_struct *vma,
		    unsigned long stack_top, bool executable,
		    unsigned long *shift);

/* vma_special_name - "[vdso]", "[heap]", "[stack]" or NULL, for maps. */
const char *vma_special_name(struct vm_area_struct *vma);

/* Overcommit: what may be promised.  Counts are pages. */
extern int sysctl_overcommit_memory; /* OVERCOMMIT_* */
extern int sysctl_overcommit_ratio;
extern unsigned long sysctl_overcommit_kbytes;
extern unsigned long sysctl_mmap_min_addr;
extern unsigned long sysctl_admin_reserve_kbytes;
extern unsigned long sysctl_user_reserve_kbytes;

/* commit_reserve_init - the two from the memory that is free; at boot. */
void commit_reserve_init(void);

extern int sysctl_stack_guard_gap; /* pages */

/* vm_enough_memory - promise @pages more; 0 or -ENOMEM. */
int vm_enough_memory(struct mm_struct *mm, long pages);

/* vm_unacct_memory - take a promise back. */
void vm_unacct_memory(long pages);

unsigned long vm_committed_as(void); /* Committed_AS, pages */
unsigned long vm_commit_limit(void); /* CommitLimit, pages */
