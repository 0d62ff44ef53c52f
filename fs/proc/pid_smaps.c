/*
 * pid_smaps.c - the numbers of /proc/PID/smaps: which pages of a mapping are
 * there, and whose they are, proc(5).
 *
 * Pss shares a page among those that map it; it is summed with 12 bits of
 * fraction.
 *
 * Entry points: proc_smap_gather, proc_smap_show, proc_smap_rollup.
 */
#include <fs/proc/internal.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/arch/paging.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/page_table.h>

#define PSS_SHIFT 12

static void count_pte(pte_t *ptep, unsigned long addr, void *arg)
{
	struct mem_usage *use = arg;
	pte_t pte = ptep_get(ptep);
	struct page *page;
	bool dirty;
	int mapcount;
	u64 pss;

	if (!pte_present(pte) || !pfn_valid(pte_pfn(pte)))
		return;
	page = pfn_to_page(pte_pfn(pte));
	if (is_zero_page(page) || test_bit(PG_reserved, &page->flags))
		return;
	mapcount = max(page_mapcount(page), 1);
	dirty = pte_dirty(pte) || PageDirty(page);
	pss = (PAGE_SIZE << PSS_SHIFT) / (u64)mapcount;

	use->resident += PAGE_SIZE;
	use->pss += pss;
	if (dirty)
		use->pss_dirty += pss;
	if (PageAnon(page)) {
		use->anonymous += PAGE_SIZE;
		use->pss_anon += pss;
	} else if (test_bit(PG_swapbacked, &page->flags)) {
		use->pss_shmem += pss;
	} else {
		use->pss_file += pss;
	}
	if (pte_young(pte) || PageReferenced(page))
		use->referenced += PAGE_SIZE;
	if (mapcount > 1 && dirty)
		use->shared_dirty += PAGE_SIZE;
	else if (mapcount > 1)
		use->shared_clean += PAGE_SIZE;
	else if (dirty)
		use->private_dirty += PAGE_SIZE;
	else
		use->private_clean += PAGE_SIZE;
}

/* proc_smap_gather - add @vma's pages to *@use; mmap_lock is held. */
void proc_smap_gather(struct vm_area_struct *vma, struct mem_usage *use)
{
	u64 before = use->pss;

	if (vma->vm_flags & VM_PFNMAP)
		return;
	walk_page_range(vma->vm_mm, vma->vm_start, vma->vm_end, count_pte, use);
	if (vma->vm_flags & VM_LOCKED)
		use->locked += use->pss - before;
}

static void show_kib(struct seq_file *m, const char *name, u64 bytes)
{
	seq_printf(m, "%s:%*s%8llu kB\n", name,
		   (int)(15 - __builtin_strlen(name)), "", bytes >> 10);
}

static void show_usage(struct seq_file *m, const struct mem_usage *use)
{
	show_kib(m, "Rss", use->resident);
	show_kib(m, "Pss", use->pss >> PSS_SHIFT);
	show_kib(m, "Pss_Dirty", use->pss_dirty >> PSS_SHIFT);
}

/* Huge, swapped and lazily freed pages do not exist here. */
static void show_details(struct seq_file *m, const struct mem_usage *use)
{
	show_kib(m, "Shared_Clean", use->shared_clean);
	show_kib(m, "Shared_Dirty", use->shared_dirty);
	show_kib(m, "Private_Clean", use->private_clean);
	show_kib(m, "Private_Dirty", use->private_dirty);
	show_kib(m, "Referenced", use->referenced);
	show_kib(m, "Anonymous", use->anonymous);
	show_kib(m, "LazyFree", 0);
	show_kib(m, "AnonHugePages", 0);
	show_kib(m, "ShmemPmdMapped", 0);
	show_kib(m, "FilePmdMapped", 0);
	seq_puts(m, "Shared_Hugetlb:        0 kB\n"
		    "Private_Hugetlb:       0 kB\n");
	show_kib(m, "Swap", 0);
	show_kib(m, "SwapPss", 0);
	show_kib(m, "Locked", use->locked >> PSS_SHIFT);
}

static const struct {
	unsigned long flag;
	const char *name;
} flag_names[] = {
	{VM_READ, "rd"},       {VM_WRITE, "wr"},       {VM_EXEC, "ex"},
	{VM_SHARED, "sh"},     {VM_MAYREAD, "mr"},     {VM_MAYWRITE, "mw"},
	{VM_MAYEXEC, "me"},    {VM_MAYSHARE, "ms"},    {VM_GROWSDOWN, "gd"},
	{VM_PFNMAP, "pf"},     {VM_LOCKED, "lo"},      {VM_IO, "io"},
	{VM_SEQ_READ, "sr"},   {VM_RAND_READ, "rr"},   {VM_DONTCOPY, "dc"},
	{VM_DONTEXPAND, "de"}, {VM_LOCKONFAULT, "lf"}, {VM_ACCOUNT, "ac"},
	{VM_NORESERVE, "nr"},  {VM_WIPEONFORK, "wf"},  {VM_DONTDUMP, "dd"},
};

/* proc_smap_show - the lines below one mapping's line. */
void proc_smap_show(struct seq_file *m, struct vm_area_struct *vma,
		    const struct mem_usage *use)
{
	unsigned int i;

	show_kib(m, "Size", vma->vm_end - vma->vm_start);
	show_kib(m, "KernelPageSize", PAGE_SIZE);
	show_kib(m, "MMUPageSize", PAGE_SIZE);
	show_usage(m, use);
	show_details(m, use);
	seq_puts(m, "THPeligible:    0\nVmFlags:");
	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (vma->vm_flags & flag_names[i].flag)
			seq_printf(m, " %s", flag_names[i].name);
	seq_puts(m, " \n");
}

/* proc_smap_rollup - the lines of smaps_rollup. */
void proc_smap_rollup(struct seq_file *m, const struct mem_usage *use)
{
	show_usage(m, use);
	show_kib(m, "Pss_Anon", use->pss_anon >> PSS_SHIFT);
	show_kib(m, "Pss_File", use->pss_file >> PSS_SHIFT);
	show_kib(m, "Pss_Shmem", use->pss_shmem >> PSS_SHIFT);
	show_details(m, use);
}
