/*
 * The final page tables.
 *
 * All memory the loader told of is mapped at PAGE_OFFSET with 2 MiB pages, or
 * 1 GiB ones where the CPU has them; the image page by page at KERNEL_BASE with
 * the rights of each part: text and .init.text executable and read-only, rodata
 * read-only, the rest writable, never both.  The top-level entries of the
 * vmalloc, ioremap and vmemmap areas are filled here for good.
 *
 * Entry points: direct_map_init, free_initmem.
 */
#include <kernel/alloc/boot_alloc.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/cpu_features.h>
#include <kernel/arch/setup.h>
#include <kernel/arch/x86_64/cpu/cpu.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/lib/string.h>

#define INT3 0xcc

extern char __inittext_end[];

/* The table below a top-level or upper entry of the kernel's, made if needed.
 */
static void *__init boot_table(u64 *entry)
{
	if (!(*entry & _PAGE_PRESENT))
		*entry = __pa(pgtable_alloc()) | _KERNPG_TABLE;
	return __va(*entry & PTE_PFN_MASK);
}

static void __init map_direct(u64 start, u64 end)
{
	u64 flags = pgprot_val(PAGE_KERNEL) | _PAGE_PSE;
	unsigned long va;
	pud_t *pud;
	pmd_t *pmd;
	u64 pa;

	pa = start & PMD_MASK;
	end = (end + PMD_SIZE - 1) & PMD_MASK;
	while (pa < end) {
		va = (unsigned long)__va(pa);
		pud = boot_table(&pgd_offset_pgd(swapper_pg_dir, va)->pgd);
		pud += pud_index(va);
		if (cpu_has(X86_FEATURE_GBPAGES) && !(pa & ~PUD_MASK) &&
		    end - pa >= PUD_SIZE && pud_none(*pud)) {
			set_pud(pud, __pud(pa | flags));
			pa += PUD_SIZE;
			continue;
		}
		if (!pud_leaf(*pud)) {
			pmd = boot_table(&pud->pud);
			set_pmd(pmd + pmd_index(va), __pmd(pa | flags));
		}
		pa += PMD_SIZE;
	}
}

static void __init map_all_memory(const struct boot_info *bi)
{
	const struct boot_mem *mem = bi->mem;
	const struct boot_mem *last = bi->mem + bi->nr_mem;
	u64 start;
	u64 end;

	while (mem < last) {
		if (mem->type == BOOT_MEM_RESERVED) {
			mem++;
			continue;
		}
		/* One run of RAM, whatever it holds, in pages as large as can
		 * be. */
		start = mem->base;
		do {
			end = mem->base + mem->size;
			mem++;
		} while (mem < last && mem->base == end &&
			 mem->type != BOOT_MEM_RESERVED);
		map_direct(start, end);
	}
}

static void __init map_image(const char *start, const char *end, pgprot_t prot)
{
	unsigned long va;

	for (va = (unsigned long)start; va < (unsigned long)end;
	     va += PAGE_SIZE) {
		if (map_kernel_page(va, __pa(va), prot))
			panic("no memory for the kernel's page tables");
	}
}

/*
 * direct_map_init - build swapper_pg_dir and switch to it.  After boot_alloc
 * knows the memory map; everything it gives out lies in the first page tables.
 */
void __init direct_map_init(const struct boot_info *bi)
{
	static const unsigned long areas[] __section(".init.rodata") = {
		PAGE_OFFSET,   VMALLOC_START, IOREMAP_START,
		VMEMMAP_START, KERNEL_BASE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(areas); i++)
		(void)boot_table(
			&pgd_offset_pgd(swapper_pg_dir, areas[i])->pgd);

	map_all_memory(bi);
	map_image(__text_start, __rodata_start, PAGE_KERNEL_ROX);
	map_image(__rodata_start, __rodata_end, PAGE_KERNEL_RO);
	map_image(__rodata_end, __init_begin, PAGE_KERNEL);
	map_image(__init_begin, __inittext_end, PAGE_KERNEL_ROX);
	map_image(__inittext_end, __kernel_end, PAGE_KERNEL);

	write_cr3(__pa(swapper_pg_dir));
	write_cr4(read_cr4() | CR4_PGE);
	boot_alloc_limit(~0ULL);
}

void free_initmem(void)
{
	unsigned long start = (unsigned long)__init_begin;
	size_t size = __init_end - __init_begin;

	unmap_kernel_range(start, size);
	/* A jump there through the direct map traps.  And an emulator forgets
	 * that these pages were code: else it looks at each write to them. */
	memset(__va(__pa(start)), INT3, size);
	free_reserved_range(__pa(start), __pa(start) + size);
	pr_info("Freeing unused kernel image (initmem) memory: %zuK\n",
		size / 1024);
}
