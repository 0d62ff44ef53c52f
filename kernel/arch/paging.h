/*
 * Page tables and the layout of the address space.
 *
 * Four levels: pgd, pud, pmd, pte, 512 entries of 8 bytes each.  Entries are
 * one-member structs, so that levels cannot be mixed up.  A page that only
 * PROT_NONE forbids has _PAGE_PROTNONE instead of _PAGE_PRESENT, and still
 * counts as pte_present().  User half: entries 0..255 of the pgd; the kernel
 * half is shared by all: its pud pages are allocated once, so nothing has to
 * be copied when the kernel maps something.
 *
 *   ffff888000000000  all RAM, physical 0 upward           __va, __pa
 *   ffffc90000000000  vmalloc, kernel stacks               kernel/alloc
 *   ffffd00000000000  ioremap
 *   ffffea0000000000  struct page of every page            vmemmap
 *   ffffffff80000000  physical 0 upward: the kernel image
 *
 * Locks: entries of a user table are guarded by the mm's page_table_lock;
 * kernel tables by their own lock inside x86_64/mm/page_table.c.
 */
#pragma once

#include <abi/types.h>

struct mm_struct;

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define PMD_SHIFT   21
#define PMD_SIZE    (1UL << PMD_SHIFT)
#define PMD_MASK    (~(PMD_SIZE - 1))
#define PUD_SHIFT   30
#define PUD_SIZE    (1UL << PUD_SHIFT)
#define PUD_MASK    (~(PUD_SIZE - 1))
#define PGDIR_SHIFT 39
#define PGDIR_SIZE  (1UL << PGDIR_SHIFT)
#define PGDIR_MASK  (~(PGDIR_SIZE - 1))

#define PTRS_PER_PTE	  512
#define PTRS_PER_PMD	  512
#define PTRS_PER_PUD	  512
#define PTRS_PER_PGD	  512
#define USER_PTRS_PER_PGD 256

#define PAGE_ALIGN(x)	   (((x) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGN_DOWN(x) ((x)&PAGE_MASK)
#define offset_in_page(x)  ((unsigned long)(x) & ~PAGE_MASK)
#define PFN_UP(x)	   (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x)	   ((x) >> PAGE_SHIFT)
#define PFN_PHYS(pfn)	   ((u64)(pfn) << PAGE_SHIFT)

/* The end of the next table's reach, or @end if that comes first. */
#define addr_end__(addr, end, size)                                            \
	({                                                                     \
		unsigned long next__ = ((addr) + (size)) & ~((size)-1);        \
		next__ - 1 < (end)-1 ? next__ : (end);                         \
	})
#define pgd_addr_end(addr, end) addr_end__(addr, end, PGDIR_SIZE)
#define pud_addr_end(addr, end) addr_end__(addr, end, PUD_SIZE)
#define pmd_addr_end(addr, end) addr_end__(addr, end, PMD_SIZE)

#define TASK_SIZE_MAX 0x00007ffffffff000UL
#define TASK_SIZE     TASK_SIZE_MAX
#define STACK_TOP     TASK_SIZE_MAX
#define STACK_TOP_MAX TASK_SIZE_MAX

#define PAGE_OFFSET   0xffff888000000000UL
#define VMALLOC_START 0xffffc90000000000UL
#define VMALLOC_END   0xffffc98000000000UL
#define IOREMAP_START 0xffffd00000000000UL
#define IOREMAP_END   0xffffd08000000000UL
#define VMEMMAP_START 0xffffea0000000000UL
#define VMEMMAP_END   0xffffea8000000000UL
#define KERNEL_BASE   0xffffffff80000000UL

#define THREAD_SHIFT 13
#define THREAD_SIZE  (1UL << THREAD_SHIFT)

/* Physical to kernel virtual and back; __pa takes image addresses as well. */
static inline unsigned long phys_addr__(unsigned long va)
{
	return va >= KERNEL_BASE ? va - KERNEL_BASE : va - PAGE_OFFSET;
}
#define __pa(va) phys_addr__((unsigned long)(va))
#define __va(pa) ((void *)((unsigned long)(pa) + PAGE_OFFSET))

#define _PAGE_PRESENT  (1UL << 0)
#define _PAGE_RW       (1UL << 1)
#define _PAGE_USER     (1UL << 2)
#define _PAGE_PWT      (1UL << 3)
#define _PAGE_PCD      (1UL << 4)
#define _PAGE_ACCESSED (1UL << 5)
#define _PAGE_DIRTY    (1UL << 6)
#define _PAGE_PSE      (1UL << 7) /* a large page, in a pmd or pud */
#define _PAGE_GLOBAL   (1UL << 8)
#define _PAGE_PROTNONE (1UL << 8)  /* only where _PAGE_PRESENT is clear */
#define _PAGE_SPECIAL  (1UL << 9)  /* software: no struct page to count */
#define _PAGE_SOFT2    (1UL << 10) /* software: free for mm */
#define _PAGE_NX       (1UL << 63)

#define PTE_PFN_MASK  0x000ffffffffff000UL
#define _PAGE_TABLE   (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED)
#define _KERNPG_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED)
/* What pte_modify keeps: the page and what happened to it. */
#define _PAGE_CHG_MASK                                                         \
	(PTE_PFN_MASK | _PAGE_PCD | _PAGE_PWT | _PAGE_SPECIAL | _PAGE_SOFT2 |  \
	 _PAGE_ACCESSED | _PAGE_DIRTY)

typedef struct {
	u64 pte;
} pte_t;
typedef struct {
	u64 pmd;
} pmd_t;
typedef struct {
	u64 pud;
} pud_t;
typedef struct {
	u64 pgd;
} pgd_t;
typedef struct {
	u64 pgprot;
} pgprot_t;

#define __pte(x)    ((pte_t){(x)})
#define __pmd(x)    ((pmd_t){(x)})
#define __pud(x)    ((pud_t){(x)})
#define __pgd(x)    ((pgd_t){(x)})
#define __pgprot(x) ((pgprot_t){(x)})

#define pte_val(x)    ((x).pte)
#define pmd_val(x)    ((x).pmd)
#define pud_val(x)    ((x).pud)
#define pgd_val(x)    ((x).pgd)
#define pgprot_val(x) ((x).pgprot)

#define _PAGE_UBASE (_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
#define _PAGE_KBASE                                                            \
	(_PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_GLOBAL)

/* User pages.  A private writable mapping starts without _PAGE_RW (COPY). */
#define PAGE_NONE	   __pgprot(_PAGE_PROTNONE | _PAGE_ACCESSED | _PAGE_NX)
#define PAGE_READONLY	   __pgprot(_PAGE_UBASE | _PAGE_NX)
#define PAGE_READONLY_EXEC __pgprot(_PAGE_UBASE)
#define PAGE_COPY	   PAGE_READONLY
#define PAGE_COPY_EXEC	   PAGE_READONLY_EXEC
#define PAGE_SHARED	   __pgprot(_PAGE_UBASE | _PAGE_RW | _PAGE_NX)
#define PAGE_SHARED_EXEC   __pgprot(_PAGE_UBASE | _PAGE_RW)

/* Kernel pages. */
#define PAGE_KERNEL	 __pgprot(_PAGE_KBASE | _PAGE_RW | _PAGE_NX)
#define PAGE_KERNEL_RO	 __pgprot(_PAGE_KBASE | _PAGE_NX)
#define PAGE_KERNEL_ROX	 __pgprot(_PAGE_KBASE)
#define PAGE_KERNEL_EXEC __pgprot(_PAGE_KBASE | _PAGE_RW)
#define PAGE_KERNEL_IO                                                         \
	__pgprot(_PAGE_KBASE | _PAGE_RW | _PAGE_NX | _PAGE_PCD | _PAGE_PWT)

/* The last level. */

static inline bool pte_none(pte_t pte)
{
	return pte.pte == 0;
}

static inline bool pte_present(pte_t pte)
{
	return pte.pte & (_PAGE_PRESENT | _PAGE_PROTNONE);
}

static inline bool pte_protnone(pte_t pte)
{
	return (pte.pte & (_PAGE_PRESENT | _PAGE_PROTNONE)) == _PAGE_PROTNONE;
}

#define PTE_FLAG_TEST(name, bit)                                               \
	static inline bool pte_##name(pte_t pte)                               \
	{                                                                      \
		return pte.pte & (bit);                                        \
	}
PTE_FLAG_TEST(write, _PAGE_RW)
PTE_FLAG_TEST(dirty, _PAGE_DIRTY)
PTE_FLAG_TEST(young, _PAGE_ACCESSED)
PTE_FLAG_TEST(special, _PAGE_SPECIAL)
#undef PTE_FLAG_TEST

#define PTE_FLAG_SET(name, bit)                                                \
	static inline pte_t pte_##name(pte_t pte)                              \
	{                                                                      \
		return __pte(pte.pte | (bit));                                 \
	}
PTE_FLAG_SET(mkwrite, _PAGE_RW)
PTE_FLAG_SET(mkdirty, _PAGE_DIRTY)
PTE_FLAG_SET(mkyoung, _PAGE_ACCESSED)
PTE_FLAG_SET(mkspecial, _PAGE_SPECIAL)
#undef PTE_FLAG_SET

#define PTE_FLAG_CLEAR(name, bit)                                              \
	static inline pte_t pte_##name(pte_t pte)                              \
	{                                                                      \
		return __pte(pte.pte & ~(bit));                                \
	}
PTE_FLAG_CLEAR(wrprotect, _PAGE_RW)
PTE_FLAG_CLEAR(mkclean, _PAGE_DIRTY)
PTE_FLAG_CLEAR(mkold, _PAGE_ACCESSED)
#undef PTE_FLAG_CLEAR

static inline bool pte_exec(pte_t pte)
{
	return !(pte.pte & _PAGE_NX);
}

static inline unsigned long pte_pfn(pte_t pte)
{
	return (pte.pte & PTE_PFN_MASK) >> PAGE_SHIFT;
}

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte((u64)pfn << PAGE_SHIFT | prot.pgprot);
}

/* The same page, dirty and accessed bits under other permissions. */
static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	return __pte((pte.pte & _PAGE_CHG_MASK) |
		     (prot.pgprot & ~_PAGE_CHG_MASK));
}

static inline pgprot_t pte_pgprot(pte_t pte)
{
	return __pgprot(pte.pte & ~PTE_PFN_MASK);
}

static inline bool pte_same(pte_t a, pte_t b)
{
	return a.pte == b.pte;
}

static inline pte_t ptep_get(const pte_t *ptep)
{
	return __pte(__atomic_load_n(&ptep->pte, __ATOMIC_RELAXED));
}

static inline void set_pte(pte_t *ptep, pte_t pte)
{
	__atomic_store_n(&ptep->pte, pte.pte, __ATOMIC_RELAXED);
}

static inline void pte_clear(pte_t *ptep)
{
	set_pte(ptep, __pte(0));
}

/* Empties an entry; the CPU may set dirty until the exchange, so atomic. */
static inline pte_t ptep_get_and_clear(pte_t *ptep)
{
	return __pte(__atomic_exchange_n(&ptep->pte, 0, __ATOMIC_SEQ_CST));
}

static inline void ptep_set_wrprotect(pte_t *ptep)
{
	(void)__atomic_fetch_and(&ptep->pte, ~_PAGE_RW, __ATOMIC_SEQ_CST);
}

/* Clears the accessed bit; true if it was set. */
static inline bool ptep_test_and_clear_young(pte_t *ptep)
{
	return __atomic_fetch_and(&ptep->pte, ~_PAGE_ACCESSED,
				  __ATOMIC_SEQ_CST) &
	       _PAGE_ACCESSED;
}

/* The upper levels: X_none, X_present, X_bad, X_leaf, X_populate, set_X. */

#define DEFINE_TABLE_LEVEL(name, type, child_type, child)                      \
	static inline bool name##_none(type e)                                 \
	{                                                                      \
		return e.name == 0;                                            \
	}                                                                      \
	static inline bool name##_present(type e)                              \
	{                                                                      \
		return e.name & _PAGE_PRESENT;                                 \
	}                                                                      \
	static inline bool name##_leaf(type e)                                 \
	{                                                                      \
		return (e.name & (_PAGE_PRESENT | _PAGE_PSE)) ==               \
		       (_PAGE_PRESENT | _PAGE_PSE);                            \
	}                                                                      \
	static inline bool name##_bad(type e)                                  \
	{                                                                      \
		return (e.name & (_PAGE_PRESENT | _PAGE_PSE | _PAGE_RW)) !=    \
		       (_PAGE_PRESENT | _PAGE_RW);                             \
	}                                                                      \
	static inline unsigned long name##_pfn(type e)                         \
	{                                                                      \
		return (e.name & PTE_PFN_MASK) >> PAGE_SHIFT;                  \
	}                                                                      \
	static inline child_type *name##_page_vaddr(type e)                    \
	{                                                                      \
		return (child_type *)__va(e.name & PTE_PFN_MASK);              \
	}                                                                      \
	static inline void set_##name(type *p, type e)                         \
	{                                                                      \
		__atomic_store_n(&p->name, e.name, __ATOMIC_RELEASE);          \
	}                                                                      \
	static inline void name##_clear(type *p)                               \
	{                                                                      \
		set_##name(p, (type){0});                                      \
	}                                                                      \
	/* Hang a zeroed page of the next level into *@p (user half). */       \
	static inline void name##_populate(struct mm_struct *mm, type *p,      \
					   child_type *table)                  \
	{                                                                      \
		(void)mm;                                                      \
		set_##name(p, (type){__pa(table) | _PAGE_TABLE});              \
	}

DEFINE_TABLE_LEVEL(pgd, pgd_t, pud_t, pud)
DEFINE_TABLE_LEVEL(pud, pud_t, pmd_t, pmd)
DEFINE_TABLE_LEVEL(pmd, pmd_t, pte_t, pte)
#undef DEFINE_TABLE_LEVEL

#define pgd_index(addr) (((addr) >> PGDIR_SHIFT) & (PTRS_PER_PGD - 1))
#define pud_index(addr) (((addr) >> PUD_SHIFT) & (PTRS_PER_PUD - 1))
#define pmd_index(addr) (((addr) >> PMD_SHIFT) & (PTRS_PER_PMD - 1))
#define pte_index(addr) (((addr) >> PAGE_SHIFT) & (PTRS_PER_PTE - 1))

static inline pgd_t *pgd_offset_pgd(pgd_t *pgd, unsigned long addr)
{
	return pgd + pgd_index(addr);
}
#define pgd_offset(mm, addr) pgd_offset_pgd((mm)->pgd, (addr))

static inline pud_t *pud_offset(pgd_t *pgd, unsigned long addr)
{
	return pgd_page_vaddr(*pgd) + pud_index(addr);
}

static inline pmd_t *pmd_offset(pud_t *pud, unsigned long addr)
{
	return pud_page_vaddr(*pud) + pmd_index(addr);
}

static inline pte_t *pte_offset(pmd_t *pmd, unsigned long addr)
{
	return pmd_page_vaddr(*pmd) + pte_index(addr);
}
#define pte_offset_kernel(pmd, addr) pte_offset(pmd, addr)

/* The kernel's own table, for kernel threads. */
extern pgd_t swapper_pg_dir[PTRS_PER_PGD];

/*
 * pgd_alloc - a pgd with an empty user half and the shared kernel half.
 * Returns NULL without memory.
 */
pgd_t *pgd_alloc(void);

/* pgd_free - the user half's tables have been freed by the caller. */
void pgd_free(pgd_t *pgd);

/*
 * vmemmap_populate - back the struct pages of [@start_pfn, @end_pfn) with
 * zeroed memory at VMEMMAP_START.  Boot only (boot_alloc); panics without.
 */
void vmemmap_populate(unsigned long start_pfn, unsigned long end_pfn);

/*
 * map_kernel_page - map one page in the kernel half; @va must be unmapped.
 * Returns 0 or -ENOMEM (no page for a table).  Any context.
 */
int map_kernel_page(unsigned long va, u64 pa, pgprot_t prot);

/*
 * unmap_kernel_range - undo map_kernel_page for every page in the range and
 * flush it from all TLBs.  The pages themselves are the caller's.
 */
void unmap_kernel_range(unsigned long va, size_t size);

/* Physical address @va is mapped to in the kernel half, or ~0 if it is not. */
u64 kernel_virt_to_phys(unsigned long va);

/*
 * ioremap - map device memory uncached.  @pa need not be page aligned.
 * Returns NULL without room.  May not be called with interrupts off.
 */
void *ioremap(u64 pa, size_t size);
void iounmap(void *va);
