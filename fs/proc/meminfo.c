/*
 * meminfo.c - where memory is: /proc/meminfo, vmstat, buddyinfo, slabinfo.
 *
 * Lines of Linux whose number is not kept here are left out.  Anonymous pages
 * are on no reclaim list (there is no swap), so Active and Inactive are those
 * of files.
 *
 * Entry points: proc_meminfo_init.
 */
#include <fs/proc/internal.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/pseudo.h>
#include <kernel/alloc/kernel_stack.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/alloc/vmalloc.h>
#include <kernel/lib/string.h>
#include <kernel/mm/mmap.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/page_table.h>
#include <kernel/mm/shmem.h>

#define KIB(pages) ((pages) << (PAGE_SHIFT - 10))

static void show_kib(struct seq_file *m, const char *name, unsigned long kib)
{
	seq_printf(m, "%s:%*s%8lu kB\n", name, (int)(15 - strlen(name)), "",
		   kib);
}

static void show_pages(struct seq_file *m, const char *name,
		       unsigned long pages)
{
	show_kib(m, name, KIB(pages));
}

/* Half of a cache's @pages are there to be had, and all beyond the reserve. */
static unsigned long available_of(unsigned long pages)
{
	return pages - min(pages / 2, reserve_pages());
}

/* What a new program could get without anybody noticing. */
static unsigned long available_pages(void)
{
	return nr_available_pages() +
	       available_of(nr_lru_active() + nr_lru_inactive()) +
	       available_of(nr_slab_reclaimable_pages());
}

static void show_cache(struct seq_file *m)
{
	unsigned long buffers = nr_blockdev_pages();
	unsigned long cached = nr_page_cache_pages();

	show_pages(m, "Buffers", buffers);
	show_pages(m, "Cached", cached > buffers ? cached - buffers : 0);
	show_pages(m, "SwapCached", 0);
	show_pages(m, "Active", nr_lru_active());
	show_pages(m, "Inactive", nr_lru_inactive());
	show_pages(m, "Active(file)", nr_lru_active());
	show_pages(m, "Inactive(file)", nr_lru_inactive());
	show_pages(m, "SwapTotal", 0);
	show_pages(m, "SwapFree", 0);
	show_pages(m, "Dirty", nr_dirty_pages());
	show_pages(m, "Writeback", nr_writeback_pages());
	show_pages(m, "AnonPages", nr_anon_pages());
	show_pages(m, "Mapped", nr_mapped_pages());
	show_pages(m, "Shmem", nr_shmem_pages());
}

static unsigned long all_slab_pages(void)
{
	return nr_slab_pages() + nr_kmalloc_large_pages();
}

static int meminfo_show(struct seq_file *m, void *data)
{
	show_pages(m, "MemTotal", totalram_pages());
	show_pages(m, "MemFree", nr_free_pages());
	show_pages(m, "MemAvailable", available_pages());
	show_cache(m);
	show_pages(m, "KReclaimable", nr_slab_reclaimable_pages());
	show_pages(m, "Slab", all_slab_pages());
	show_pages(m, "SReclaimable", nr_slab_reclaimable_pages());
	show_pages(m, "SUnreclaim",
		   all_slab_pages() - nr_slab_reclaimable_pages());
	show_kib(m, "KernelStack", nr_kernel_stacks() * THREAD_SIZE / 1024);
	show_pages(m, "PageTables", nr_page_table_pages());
	show_pages(m, "CommitLimit", vm_commit_limit());
	show_pages(m, "Committed_AS", vm_committed_as());
	show_kib(m, "VmallocTotal", (VMALLOC_END - VMALLOC_START) / 1024);
	show_pages(m, "VmallocUsed", nr_vmalloc_pages());
	show_kib(m, "VmallocChunk", 0); /* as Linux since 4.4 */
	return 0;
}

/* --- vmstat --- */

/* Kilobytes that went in and out of all disks. */
struct disk_traffic {
	u64 in, out;
};

static int add_traffic(struct block_device *bdev, void *cookie)
{
	struct disk_traffic *sum = cookie;
	struct disk_stats *stats = &bdev->bd_stats;

	if (bdev->bd_partno)
		return 0;
	sum->in += (u64)atomic64_read(&stats->sectors[STAT_READ]) / 2;
	sum->out += (u64)atomic64_read(&stats->sectors[STAT_WRITE]) / 2;
	return 0;
}

static int vmstat_show(struct seq_file *m, void *data)
{
	struct disk_traffic traffic = {0};

	(void)disk_for_each_bdev(add_traffic, &traffic);
	seq_printf(m, "nr_free_pages %lu\n", nr_free_pages());
	seq_printf(m, "nr_inactive_file %lu\n", nr_lru_inactive());
	seq_printf(m, "nr_active_file %lu\n", nr_lru_active());
	seq_printf(m, "nr_anon_pages %lu\n", nr_anon_pages());
	seq_printf(m, "nr_mapped %lu\n", nr_mapped_pages());
	seq_printf(m, "nr_file_pages %lu\n", nr_page_cache_pages());
	seq_printf(m, "nr_dirty %lu\n", nr_dirty_pages());
	seq_printf(m, "nr_writeback %lu\n", nr_writeback_pages());
	seq_printf(m, "nr_shmem %lu\n", nr_shmem_pages());
	seq_printf(m, "nr_slab_reclaimable %lu\n", nr_slab_reclaimable_pages());
	seq_printf(m, "nr_slab_unreclaimable %lu\n",
		   all_slab_pages() - nr_slab_reclaimable_pages());
	seq_printf(m, "nr_page_table_pages %lu\n", nr_page_table_pages());
	seq_printf(m, "nr_kernel_stack %lu\n",
		   nr_kernel_stacks() * THREAD_SIZE / 1024);
	seq_printf(m, "pgpgin %llu\npgpgout %llu\n", traffic.in, traffic.out);
	return 0;
}

/* --- the allocators --- */

static int buddyinfo_show(struct seq_file *m, void *data)
{
	unsigned int order;

	seq_printf(m, "Node 0, zone %8s ", "Normal");
	for (order = 0; order < MAX_ORDER; order++)
		seq_printf(m, "%6lu ", nr_free_blocks(order));
	seq_putc(m, '\n');
	return 0;
}

static int slabinfo_show(struct seq_file *m, void *data)
{
	struct slab_info info;
	unsigned int n;

	seq_puts(m, "slabinfo - version: 2.1\n"
		    "# name            <active_objs> <num_objs> <objsize> "
		    "<objperslab> <pagesperslab> : tunables <limit> "
		    "<batchcount> <sharedfactor> : slabdata <active_slabs> "
		    "<num_slabs> <sharedavail>\n");
	for (n = 0; slab_info_nth(n, &info); n++)
		seq_printf(m,
			   "%-17s %6lu %6lu %6zu %4u %4u : tunables %4u %4u "
			   "%4u : slabdata %6lu %6lu %6u\n",
			   info.name, info.active_objects, info.nr_objects,
			   info.size, info.objects_per_slab,
			   info.pages_per_slab, 0, 0, 0, info.nr_slabs,
			   info.nr_slabs, 0);
	return 0;
}

/* proc_meminfo_init - make the nodes. */
void __init proc_meminfo_init(void)
{
	(void)pseudo_create(NULL, "meminfo", 0444, meminfo_show, NULL, NULL);
	(void)pseudo_create(NULL, "vmstat", 0444, vmstat_show, NULL, NULL);
	(void)pseudo_create(NULL, "buddyinfo", 0444, buddyinfo_show, NULL,
			    NULL);
	(void)pseudo_create(NULL, "slabinfo", 0400, slabinfo_show, NULL, NULL);
}
