/*
 * sysinfo.c - load, memory and number of tasks in one struct, sysinfo(2).
 *
 * Entry points: do_sysinfo.
 */
#include <kernel/process/sysinfo.h>

#include <kernel/alloc/page_alloc.h>
#include <kernel/lib/string.h>
#include <kernel/mm/shmem.h>
#include <kernel/process/task.h>
#include <kernel/sched/stats.h>
#include <kernel/time/clock.h>

/* No swap and no high memory: their fields are 0. */
void do_sysinfo(struct sysinfo *info)
{
	u64 uptime_ns = ktime_get_boottime_ns();

	memset(info, 0, sizeof(*info));
	info->uptime = (long)((uptime_ns + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
	get_avenrun(info->loads, 0, SI_LOAD_SHIFT - FSHIFT);
	info->procs = (u16)nr_threads;
	info->totalram = totalram_pages() << PAGE_SHIFT;
	info->freeram = nr_free_pages() << PAGE_SHIFT;
	info->sharedram = nr_shmem_pages() << PAGE_SHIFT;
	info->mem_unit = 1;
}
