/*
 * main.c - the boot, in order, on one screen.
 *
 * start_kernel() runs on CPU 0 with interrupts off, as the task that will be
 * the idle one, and brings each layer up from the bottom; rest_init() makes
 * PID 1 and PID 2 and goes idle.  What needs a task to sleep in - drivers,
 * the root, PID 1's program - is in root.c, kernel_init().
 * docs/path_boot.md walks through it.
 *
 * Entry points: start_kernel.
 */
#include <abi/sched.h>
#include <fs/anon/anon_inode.h>
#include <fs/anon/epoll.h>
#include <fs/anon/memfd.h>
#include <fs/anon/pidfd.h>
#include <fs/anon/pipe.h>
#include <fs/anon/timerfd.h>
#include <fs/devpts/devpts.h>
#include <fs/devtmpfs/devtmpfs.h>
#include <fs/ext2/ext2.h>
#include <fs/proc/proc.h>
#include <fs/sysfs/sysfs.h>
#include <fs/tmpfs/tmpfs.h>
#include <fs/vfs/block_dev.h>
#include <fs/vfs/dcache.h>
#include <fs/vfs/file.h>
#include <fs/vfs/file_mmap.h>
#include <fs/vfs/inode.h>
#include <fs/vfs/mount.h>
#include <kernel/alloc/boot_alloc.h>
#include <kernel/alloc/kernel_stack.h>
#include <kernel/alloc/page_alloc.h>
#include <kernel/alloc/slab.h>
#include <kernel/arch/irqflags.h>
#include <kernel/arch/setup.h>
#include <kernel/arch/vdso.h>
#include <kernel/base/cmdline.h>
#include <kernel/base/console.h>
#include <kernel/base/kallsyms.h>
#include <kernel/base/panic.h>
#include <kernel/base/printk.h>
#include <kernel/base/random.h>
#include <kernel/init/init.h>
#include <kernel/irq/irq.h>
#include <kernel/irq/softirq.h>
#include <kernel/lib/macros.h>
#include <kernel/mm/mm_struct.h>
#include <kernel/mm/page_cache.h>
#include <kernel/process/binfmts.h>
#include <kernel/process/fork.h>
#include <kernel/process/futex.h>
#include <kernel/process/kcmp.h>
#include <kernel/process/kthread.h>
#include <kernel/process/pid.h>
#include <kernel/process/signal.h>
#include <kernel/process/syslog.h>
#include <kernel/process/task.h>
#include <kernel/sched/core.h>
#include <kernel/time/clock.h>
#include <kernel/time/timer.h>
#include <syscalls/syscalls.h>

/* What can say something, and what to believe of the command line. */
static void __init early_setup(struct boot_info *bi)
{
	setup_arch_early(bi);
	cmdline_init(bi->cmdline);
	printk_init();
	panic_init();
	console_init();
	kallsyms_init();
	version_init();
	pr_notice("Command line: %s\n", cmdline_raw());
	initramfs_reserve(bi);
}

static void __init memory_setup(struct boot_info *bi)
{
	boot_alloc_init(bi);
	setup_arch_memory(bi);
	page_alloc_init();
	slab_init();
	kmalloc_init();
	kernel_stack_init();
}

/* Interrupts, time, the scheduler: after this, sleeping is possible. */
static void __init machine_setup(struct boot_info *bi)
{
	irq_init();
	softirq_init();
	sched_init();
	setup_arch_late(bi);
	clock_init();
	timer_subsystem_init();
	random_init(bi, sizeof(*bi));
	local_irq_enable();
}

/* Memory of processes, files, processes: tables only, nothing runs yet. */
static void __init tables_setup(void)
{
	mm_init();
	vdso_init();
	page_cache_init();
	fork_init();
	signals_init();
	futex_init();
	kcmp_init();
	binfmt_init();
	syslog_init();
	syscalls_init();
}

/* File systems, and the first root: a tmpfs. */
static void __init vfs_setup(void)
{
	dcache_init();
	inode_init();
	file_init();
	mount_init();
	bdev_cache_init();
	file_mmap_init();
	tmpfs_init();
	devtmpfs_init();
	proc_init();
	sysfs_init();
	devpts_init();
	ext2_init();
	init_mount_tree();
	pipe_init();
	anon_inode_init();
	timerfd_init();
	epoll_init();
	pidfd_init();
	memfd_init();
}

/* PID 1 first, so that it gets the number; it waits for kthreadd's. */
static __noreturn void rest_init(void)
{
	pid_t pid;

	pid = user_mode_thread(kernel_init, NULL, CLONE_FS);
	if (pid != 1)
		panic("init: no task for PID 1 (%d)", pid);
	pid = kernel_thread(kthreadd, NULL, CLONE_FS | CLONE_FILES);
	if (pid < 0)
		panic("init: no task for kthreadd (%d)", pid);
	kthreadd_task = find_get_task_by_vpid(pid);
	cpu_startup_entry();
}

/*
 * start_kernel - called by long_mode.S on init_stack; does not return.
 */
__landmark void start_kernel(struct boot_info *bi)
{
	early_setup(bi);
	memory_setup(bi);
	machine_setup(bi);
	tables_setup();
	vfs_setup();
	rest_init();
}
