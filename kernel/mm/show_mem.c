/*
 * show_mem.c - where memory is, in the log.
 *
 * Entry points: show_mem.
 */
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/base/printk.h>
#include <kernel/mm/oom.h>
#include <kernel/mm/page_cache.h>
#include <kernel/mm/page_table.h>
#include <kernel/mm/shmem.h>

/* show_mem - see oom.h. */
void show_mem(void)
{
	pr_info("Mem-Info:\n");
	pr_info("active_file:%lu inactive_file:%lu dirty:%lu shmem:%lu\n",
		nr_lru_active(), nr_lru_inactive(), nr_dirty_pages(),
		nr_shmem_pages());
	pr_info("slab_reclaimable:%lu slab_unreclaimable:%lu pagetables:%lu\n",
		nr_slab_reclaimable_pages(),
		nr_slab_pages() - nr_slab_reclaimable_pages(),
		nr_page_table_pages());
	pr_info("free:%lu available:%lu reserve:%lu\n", nr_free_pages(),
		nr_available_pages(), reserve_pages());
	pr_info("%lu total pagecache pages\n", nr_page_cache_pages());
	pr_info("%lu pages RAM\n", totalram_pages());
}
