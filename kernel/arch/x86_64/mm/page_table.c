/*
 * The kernel half of the page tables.
 *
 * swapper_pg_dir is the kernel's own table.  Every top-level entry the kernel
 * will ever use is filled at boot (direct_map.c), so a pgd copied from it stays
 * right for good: later mappings change only shared lower tables.
 *
 * Locks: kernel_pt_lock (LOCK_KERNEL_PT) for the kernel half's lower tables.
 *
 * Entry points: pgd_alloc, pgd_free, map_kernel_page, unmap_kernel_range,
 * kernel_virt_to_phys, vmemmap_populate, ioremap, iounmap, text_poke.
 */
#include <kernel/arch/paging.h>

#include <abi/errno.h>
#include <kernel/alloc/boot_alloc.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/io.h>
#include <kernel/arch/setup.h>
#include <kernel/arch/text_patch.h>
#include <kernel/arch/tlb.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/assert.h>
#include <kernel/base/panic.h>
#include <kernel/base/spinlock.h>
#include <kernel/lib/string.h>

pgd_t swapper_pg_dir[PTRS_PER_PGD] __section(".bss.page_aligned")
	__aligned(4096);

static DEFINE_SPINLOCK(kernel_pt_lock, LOCK_KERNEL_PT);
static unsigned long ioremap_next = IOREMAP_START; /* [kernel_pt_lock] */

/*
 * pgtable_alloc - a zeroed page for a kernel table: from boot_alloc until the
 * page allocator has memory.  NULL: none.
 */
void *pgtable_alloc(void)
{
	struct page *page;

	if (totalram_pages() == 0)
		return boot_alloc_page();
	page = alloc_zeroed_page();
	return page ? page_address(page) : NULL;
}

pgd_t *pgd_alloc(void)
{
	struct page *page = alloc_page();
	pgd_t *pgd;

	if (!page)
		return NULL;
	pgd = page_address(page);
	memset(pgd, 0, USER_PTRS_PER_PGD * sizeof(*pgd));
	memcpy(pgd + USER_PTRS_PER_PGD, swapper_pg_dir + USER_PTRS_PER_PGD,
	       (PTRS_PER_PGD - USER_PTRS_PER_PGD) * sizeof(*pgd));
	return pgd;
}

void pgd_free(pgd_t *pgd)
{
	free_page(virt_to_page(pgd));
}

/* The table below *@entry, made if it is missing; NULL without memory. */
static void *next_table(u64 *entry)
{
	void *table;

	if (!(*entry & _PAGE_PRESENT)) {
		table = pgtable_alloc();
		if (!table)
			return NULL;
		__atomic_store_n(entry, __pa(table) | _KERNPG_TABLE,
				 __ATOMIC_RELEASE);
	}
	assert(!(*entry & _PAGE_PSE));
	return __va(*entry & PTE_PFN_MASK);
}

/* The last-level entry of kernel address @va, with its tables, or NULL. */
static pte_t *kernel_pte_alloc(unsigned long va)
{
	pgd_t *pgd = pgd_offset_pgd(swapper_pg_dir, va);
	pud_t *pud;
	pmd_t *pmd;
	pte_t *pte;

	assert(pgd_present(*pgd));
	pud = pud_offset(pgd, va);
	pmd = next_table(&pud->pud);
	if (!pmd)
		return NULL;
	pmd += pmd_index(va);
	pte = next_table(&pmd->pmd);
	return pte ? pte + pte_index(va) : NULL;
}

/* Likewise for a page that is mapped; NULL: it is not, or by a large page. */
static pte_t *kernel_pte(unsigned long va)
{
	pgd_t *pgd = pgd_offset_pgd(swapper_pg_dir, va);
	pud_t *pud;
	pmd_t *pmd;

	if (!pgd_present(*pgd))
		return NULL;
	pud = pud_offset(pgd, va);
	if (!pud_present(*pud) || pud_leaf(*pud))
		return NULL;
	pmd = pmd_offset(pud, va);
	if (!pmd_present(*pmd) || pmd_leaf(*pmd))
		return NULL;
	return pte_offset(pmd, va);
}

int map_kernel_page(unsigned long va, u64 pa, pgprot_t prot)
{
	unsigned long flags;
	int err = -ENOMEM;
	pte_t *pte;

	spin_lock_irqsave(&kernel_pt_lock, flags);
	pte = kernel_pte_alloc(va);
	if (pte) {
		assert(pte_none(*pte));
		set_pte(pte, pfn_pte(pa >> PAGE_SHIFT, prot));
		err = 0;
	}
	spin_unlock_irqrestore(&kernel_pt_lock, flags);
	return err;
}

void unmap_kernel_range(unsigned long va, size_t size)
{
	unsigned long end = va + size;
	unsigned long addr;
	unsigned long flags;
	pte_t *pte;

	spin_lock_irqsave(&kernel_pt_lock, flags);
	for (addr = va; addr < end; addr += PAGE_SIZE) {
		pte = kernel_pte(addr);
		if (pte)
			pte_clear(pte);
	}
	spin_unlock_irqrestore(&kernel_pt_lock, flags);
	flush_tlb_kernel_range(va, end);
}

u64 kernel_virt_to_phys(unsigned long va)
{
	pte_t *pte;

	if (va >= PAGE_OFFSET && va < VMALLOC_START)
		return __pa(va);
	pte = kernel_pte(va);
	if (!pte || !pte_present(*pte))
		return ~0ULL;
	return PFN_PHYS(pte_pfn(*pte)) + offset_in_page(va);
}

void vmemmap_populate(unsigned long start_pfn, unsigned long end_pfn)
{
	unsigned long addr = (unsigned long)pfn_to_page(start_pfn) & PAGE_MASK;
	unsigned long end = PAGE_ALIGN((unsigned long)pfn_to_page(end_pfn));
	pgprot_t large = __pgprot(pgprot_val(PAGE_KERNEL) | _PAGE_PSE);
	pte_t *pte;
	pud_t *pud;
	pmd_t *pmd;

	while (addr < end) {
		pud = pud_offset(pgd_offset_pgd(swapper_pg_dir, addr), addr);
		pmd = next_table(&pud->pud);
		if (!pmd)
			panic("vmemmap: no memory");
		pmd += pmd_index(addr);
		if (pmd_none(*pmd) && !(addr & ~PMD_MASK) &&
		    end - addr >= PMD_SIZE) {
			set_pmd(pmd,
				__pmd(__pa(boot_alloc(PMD_SIZE, PMD_SIZE)) |
				      pgprot_val(large)));
			addr += PMD_SIZE;
			continue;
		}
		/* A large page made for the range before may reach here. */
		if (!pmd_leaf(*pmd)) {
			pte = kernel_pte_alloc(addr);
			if (!pte)
				panic("vmemmap: no memory");
			if (pte_none(*pte))
				set_pte(pte, pfn_pte(__pa(boot_alloc_page()) >>
							     PAGE_SHIFT,
						     PAGE_KERNEL));
		}
		addr += PAGE_SIZE;
	}
}

/* Room in the ioremap area; it is never reused (devices stay). */
static unsigned long ioremap_room(size_t size)
{
	unsigned long flags;
	unsigned long va = 0;

	spin_lock_irqsave(&kernel_pt_lock, flags);
	if (size < IOREMAP_END - ioremap_next) {
		va = ioremap_next;
		ioremap_next += size + PAGE_SIZE;
	}
	spin_unlock_irqrestore(&kernel_pt_lock, flags);
	return va;
}

void *ioremap(u64 pa, size_t size)
{
	size_t offset = offset_in_page(pa);
	size_t length = PAGE_ALIGN(size + offset);
	unsigned long va;
	size_t done;

	if (size == 0 || pa + size < pa)
		return NULL;
	va = ioremap_room(length);
	if (!va)
		return NULL;
	for (done = 0; done < length; done += PAGE_SIZE) {
		if (map_kernel_page(va + done, pa - offset + done,
				    PAGE_KERNEL_IO)) {
			unmap_kernel_range(va, done);
			return NULL;
		}
	}
	return (void *)(va + offset);
}

void iounmap(void *va)
{
	unsigned long start = (unsigned long)va & PAGE_MASK;
	unsigned long end = start;
	pte_t *pte;

	/* The guard page behind each mapping ends it. */
	while ((pte = kernel_pte(end)) != NULL && pte_present(*pte))
		end += PAGE_SIZE;
	unmap_kernel_range(start, end - start);
}

int text_poke(void *addr, const void *code, size_t len)
{
	unsigned long start = (unsigned long)addr;
	u32 r[4];

	if (len > 16 || start < (unsigned long)__text_start ||
	    start + len > (unsigned long)__text_end)
		return -EINVAL;
	/* The direct map's alias of the image is writable. */
	memcpy(__va(__pa(addr)), code, len);
	/* A serialising instruction: the new bytes are fetched. */
	cpuid(0, 0, &r[0], &r[1], &r[2], &r[3]);
	return 0;
}
