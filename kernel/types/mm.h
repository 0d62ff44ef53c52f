/*
 * mm.h - pages, mappings and address spaces.
 *
 * Types only.  struct page belongs to kernel/alloc, the rest to kernel/mm.
 */
#pragma once

#include <abi/types.h>
#include <kernel/arch/atomic.h>
#include <kernel/arch/paging.h>
#include <kernel/lib/list.h>
#include <kernel/lib/radix_tree.h>
#include <kernel/lib/rbtree.h>
#include <kernel/types/lock.h>

struct file;
struct inode;
struct kmem_cache;
struct buffer_head;
struct vm_fault;
struct vm_area_struct;

/* Bits of page->flags; changed with set_bit and kin. */
enum page_flag {
	PG_locked,     /* I/O or a change of state; wait on the page's queue */
	PG_uptodate,   /* holds what the disk holds, or newer */
	PG_dirty,      /* newer than the disk */
	PG_writeback,  /* being written */
	PG_referenced, /* used since reclaim last looked */
	PG_lru,	       /* on the reclaim list */
	PG_error,      /* the last I/O failed */
	PG_slab,       /* belongs to a slab cache */
	PG_buddy,      /* free, head of a block of 2^order pages */
	PG_reserved,   /* never freed: kernel image, holes */
	PG_readahead,  /* reading this one starts the next read-ahead */
	PG_swapbacked, /* shmem: has no file to be dropped to */
	PG_anon,       /* private memory of processes */
	PG_active,     /* on the active half of the reclaim list */
	PG_private,    /* page->buffers (or private) is in use by its owner */
};

/*
 * One per page frame, at VMEMMAP_START + pfn.  64 bytes.
 *
 * Locks:  A atomic   P page lock (PG_locked)   T mapping->tree_lock
 *         Z zone lock   S slab lock   L lru lock
 */
struct page {
	unsigned long flags; /* [A] enum page_flag */
	atomic_t _refcount;  /* [A] 0: free */
	atomic_t _mapcount;  /* [A] page-table entries that map it */
	union {
		struct list_head
			lru; /* [Z] free list, [L] reclaim list, [S] slabs */
	};
	union {
		struct address_space *mapping; /* [P+T] whose cache it is in */
		struct kmem_cache *slab_cache; /* [S] */
	};
	union {
		u64 index;	/* [P+T] page offset in the file */
		void *freelist; /* [S] free objects */
	};
	union {
		struct buffer_head *buffers; /* [P] blocks of a bdev page */
		unsigned long private;	     /* [Z] order; else the owner's */
		struct {
			u16 inuse;   /* [S] */
			u16 objects; /* [S] */
		};
	};
};
static_assert(sizeof(struct page) <= 64, "struct page: 64 bytes at most");

struct writeback_control {
	bool sync;	  /* wait for pages under write-back, and for the I/O */
	long nr_to_write; /* pages still to write; goes down */
	u64 range_start;  /* bytes, inclusive */
	u64 range_end;	  /* bytes, inclusive */
};

/* Read-ahead state of one open file. */
struct file_ra_state {
	u64 start;		 /* page where the current window begins */
	unsigned int size;	 /* pages in the window */
	unsigned int async_size; /* start the next one this far from its end */
	unsigned int ra_pages;	 /* most */
	loff_t prev_pos;
};

/* What a file system does for the pages of its files. May all sleep. */
struct address_space_operations {
	/* Fill a locked page and unlock it (perhaps later, at I/O end). */
	int (*read_page)(struct file *file, struct page *page);
	/* Fill @nr locked, consecutive pages in as few requests as can be;
	 * each is unlocked at its I/O end.  Optional. */
	int (*read_pages)(struct file *file, struct address_space *mapping,
			  struct page **pages, unsigned int nr);
	/* Write a locked dirty page (already clear_page_dirty_for_io'd), set
	 * and later end its write-back; unlocks it. */
	int (*write_page)(struct page *page, struct writeback_control *wbc);
	/* Make @page ready for a write of [from, to) bytes in it: allocate
	 * blocks, read what is not overwritten.  Page is locked. */
	int (*write_begin)(struct file *file, struct address_space *mapping,
			   struct page *page, unsigned int from,
			   unsigned int to);
	/* Bytes are in: mark dirty and uptodate, grow i_size. */
	int (*write_end)(struct file *file, struct address_space *mapping,
			 struct page *page, unsigned int from, unsigned int to);
	/* Called when a page leaves the cache; drop private data. Optional */
	void (*invalidate_page)(struct page *page);
	/* May the page be dropped now?  Optional. */
	bool (*release_page)(struct page *page);
};

#define PAGECACHE_TAG_DIRTY	0
#define PAGECACHE_TAG_WRITEBACK 1

/* The cached pages of one file. */
struct address_space {
	struct inode *host;
	struct spinlock tree_lock;
	struct radix_tree_root pages; /* [tree_lock] index -> page */
	unsigned long nrpages;	      /* [tree_lock] */
	const struct address_space_operations *a_ops;
	struct rw_semaphore i_mmap_rwsem;
	struct list_head i_mmap; /* [i_mmap_rwsem] vmas, by shared_link */
	int wb_err;		 /* last write-back error, -errno */
	u32 wb_err_seq;		 /* counts them, for fsync */
	unsigned long flags;
};

/* vm_fault results; kernel/mm/fault.h explains them. */
typedef unsigned int vm_fault_t;

struct vm_operations {
	void (*open)(struct vm_area_struct *vma);  /* copied or split */
	void (*close)(struct vm_area_struct *vma); /* going away */
	vm_fault_t (*fault)(struct vm_fault *vmf); /* find vmf->page */
	/* Map cached pages around the fault; optional. */
	vm_fault_t (*map_pages)(struct vm_fault *vmf, u64 start_pgoff,
				u64 end_pgoff);
	/* A shared page is about to become writable; optional. */
	vm_fault_t (*page_mkwrite)(struct vm_fault *vmf);
	const char *(*name)(struct vm_area_struct *vma); /* for maps */
};

#define VM_READ	       0x00000001UL
#define VM_WRITE       0x00000002UL
#define VM_EXEC	       0x00000004UL
#define VM_SHARED      0x00000008UL
#define VM_MAYREAD     0x00000010UL
#define VM_MAYWRITE    0x00000020UL
#define VM_MAYEXEC     0x00000040UL
#define VM_MAYSHARE    0x00000080UL
#define VM_GROWSDOWN   0x00000100UL
#define VM_PFNMAP      0x00000400UL
#define VM_LOCKED      0x00002000UL
#define VM_IO	       0x00004000UL
#define VM_SEQ_READ    0x00008000UL
#define VM_RAND_READ   0x00010000UL
#define VM_DONTCOPY    0x00020000UL
#define VM_DONTEXPAND  0x00040000UL
#define VM_LOCKONFAULT 0x00080000UL
#define VM_ACCOUNT     0x00100000UL
#define VM_NORESERVE   0x00200000UL
#define VM_WIPEONFORK  0x02000000UL
#define VM_DONTDUMP    0x04000000UL
#define VM_STACK       VM_GROWSDOWN

/*
 * One mapping: [vm_start, vm_end) with one set of rights.
 *
 * Locks:  M mm->mmap_lock   I mapping->i_mmap_rwsem
 */
struct vm_area_struct {
	unsigned long vm_start;	      /* [M] */
	unsigned long vm_end;	      /* [M] */
	unsigned long vm_flags;	      /* [M] */
	pgprot_t vm_page_prot;	      /* [M] */
	struct rb_node vm_rb;	      /* [M] in mm->mm_rb */
	unsigned long rb_subtree_gap; /* [M] the widest below any under it */
	struct list_head vm_link;     /* [M] in mm->mmap, by address */
	struct mm_struct *vm_mm;
	u64 vm_pgoff;	      /* [M] in pages; for anonymous, vm_start's page */
	struct file *vm_file; /* opaque here; vm_ops hold it */
	struct address_space *vm_mapping; /* of vm_file, or NULL */
	struct list_head shared_link;	  /* [I] in vm_mapping->i_mmap */
	const struct vm_operations *vm_ops;
	void *vm_private;
	bool vm_has_anon; /* [A] may hold pages that no file has */
};

enum mm_counter {
	MM_FILEPAGES,
	MM_ANONPAGES,
	MM_SHMEMPAGES,
	NR_MM_COUNTERS,
};

#define AT_VECTOR_SIZE 48

/*
 * An address space.
 *
 * Locks:  M mmap_lock   P page_table_lock   A atomic   E set at exec only
 * X set at exec, and under mmap_lock by PR_SET_MM
 */
struct mm_struct {
	struct rw_semaphore mmap_lock;
	struct spinlock page_table_lock;
	struct rb_root mm_rb;		   /* [M] vmas by address */
	struct list_head mmap;		   /* [M] the same as a list */
	struct vm_area_struct *mmap_cache; /* [A] last one found */
	int map_count;			   /* [M] */
	pgd_t *pgd;
	atomic_t mm_users; /* [A] tasks that use it */
	atomic_t mm_count; /* [A] 1 for all users + lazy CPUs */
	u64 cpu_bitmap;	   /* [A] CPUs whose TLB may hold it */
	u64 context_id;
	unsigned long mmap_base; /* [E] top of the mmap area */
	unsigned long task_size; /* [E] */
	bool mmap_bottom_up;	 /* [E] mmap_base is the lowest address */
	unsigned long start_code, end_code, start_data, end_data; /* [X] */
	unsigned long start_brk, start_stack;			  /* [X] */
	unsigned long brk;					  /* [M] */
	unsigned long arg_start, arg_end, env_start, env_end;	  /* [X] */
	unsigned long total_vm, data_vm, exec_vm, stack_vm,
		locked_vm;		/* [M] pages */
	unsigned long hiwater_vm;	/* [M] */
	atomic64_t rss[NR_MM_COUNTERS]; /* [A] pages */
	long hiwater_rss;
	atomic64_t pgtables_bytes;	/* [A] */
	unsigned long def_flags;	/* [M] mlockall's */
	u64 saved_auxv[AT_VECTOR_SIZE]; /* [X] */
	struct file *exe_file; /* [M] opaque; kernel/process holds it */
	unsigned long flags;   /* dumpable and kin, kernel/process */
	unsigned long membarrier_state;
	void (*release_exe)(struct file *file); /* drops exe_file's reference */
};
